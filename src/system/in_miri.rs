//! What the C library and the kernel do in calls that Miri does not know, for tests in Miri
//! alone: each follows the pointers that it is given as far as the kernel does, so that Miri
//! sees whether it may. What takes any number of arguments (ioctl(2), prctl(2), syscall(2))
//! cannot be told to it, nor what it knows in part: signals, mapped files, sockets that are not
//! of TCP.

use super::clock::is_synchronised;
use super::detach::socket_pair;
use super::fault::put_number;
use super::process::reap_orphans;
use super::socket::{poll, polled, random, Batch, Family, Setting, Socket, Transport};
use super::terminal::{hidden_line, stdin};
use libc::{c_char, c_int, c_void, mmsghdr, msghdr, pollfd, sigset_t, ssize_t};
use nix::errno::Errno;
use std::mem::{size_of, zeroed};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ptr::addr_of_mut;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};

const TEXT: &[u8] = b"hello";
const FROM: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7);
const TO: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 9);

fn sender() -> libc::sockaddr_in6 {
    // SAFETY: all zeros are valid.
    let mut from: libc::sockaddr_in6 = unsafe { zeroed() };
    from.sin6_family = libc::AF_INET6 as libc::sa_family_t;
    from.sin6_port = 53_u16.to_be();
    from.sin6_addr.s6_addr = FROM.octets();
    from
}

unsafe fn put<T>(message: *mut msghdr, kind: c_int, value: T) {
    let at = libc::CMSG_FIRSTHDR(message);
    let len = size_of::<T>() as u32;
    (*at).cmsg_level = libc::IPPROTO_IPV6;
    (*at).cmsg_type = kind;
    (*at).cmsg_len = libc::CMSG_LEN(len) as _;
    libc::CMSG_DATA(at).cast::<T>().write_unaligned(value);
    (*message).msg_controllen = libc::CMSG_SPACE(len) as _;
}

#[no_mangle]
unsafe extern "C" fn recvmsg(_: c_int, message: *mut msghdr, flags: c_int) -> ssize_t {
    let piece = (*message).msg_iov;
    let len = TEXT.len().min((*piece).iov_len);
    (*piece).iov_base.cast::<u8>().copy_from(TEXT.as_ptr(), len);
    (*message)
        .msg_name
        .cast::<libc::sockaddr_in6>()
        .write(sender());
    (*message).msg_namelen = size_of::<libc::sockaddr_in6>() as _;
    // All of the room is the kernel's.
    let control = (*message).msg_control.cast::<u8>();
    control.write_bytes(0, (*message).msg_controllen as usize);
    if flags & libc::MSG_ERRQUEUE == 0 {
        let mut info: libc::in6_pktinfo = zeroed();
        info.ipi6_addr.s6_addr = TO.octets();
        put(message, libc::IPV6_PKTINFO, info);
    } else {
        let mut error: libc::sock_extended_err = zeroed();
        error.ee_errno = libc::EHOSTUNREACH as u32;
        error.ee_origin = 3;
        put(message, libc::IPV6_RECVERR, (error, sender()));
    }
    len as ssize_t
}

#[no_mangle]
unsafe extern "C" fn recvmmsg(
    fd: c_int,
    headers: *mut mmsghdr,
    count: libc::c_uint,
    flags: c_int,
    _: *mut libc::timespec,
) -> c_int {
    for at in 0..count as usize {
        let header = headers.add(at);
        (*header).msg_len = recvmsg(fd, addr_of_mut!((*header).msg_hdr), flags) as _;
    }
    count as c_int
}

/// Of what is sent every byte is read.
#[no_mangle]
unsafe extern "C" fn sendmsg(_: c_int, message: *const msghdr, _: c_int) -> ssize_t {
    let read = |pointer: *mut c_void, len: usize| {
        let bytes = std::slice::from_raw_parts(pointer.cast::<u8>(), len);
        bytes.iter().map(|byte| usize::from(*byte)).sum::<usize>()
    };
    let piece = (*message).msg_iov;
    read((*message).msg_name, (*message).msg_namelen as usize);
    read((*message).msg_control, (*message).msg_controllen as usize);
    assert_eq!(read((*piece).iov_base, (*piece).iov_len), 532);
    (*piece).iov_len as ssize_t
}

/// All can be done at once.
#[export_name = "poll"]
unsafe extern "C" fn poll_of_all(fds: *mut pollfd, count: libc::nfds_t, _: c_int) -> c_int {
    for at in 0..count as usize {
        let fd = fds.add(at);
        (*fd).revents = (*fd).events;
    }
    count as c_int
}

#[no_mangle]
unsafe extern "C" fn adjtimex(timex: *mut libc::timex) -> c_int {
    assert_eq!((*timex).modes, 0);
    let mut now: libc::timex = zeroed();
    now.status = libc::STA_UNSYNC;
    timex.write(now);
    5
}

#[no_mangle]
extern "C" fn strerror(errno: c_int) -> *mut c_char {
    let text: &[u8] = match errno {
        libc::ENOENT => b"No such file or directory\0",
        _ => b"Read-only file system\0",
    };
    text.as_ptr().cast_mut().cast()
}

static ENDED: AtomicI32 = AtomicI32::new(7);

#[no_mangle]
unsafe extern "C" fn waitid(
    _: libc::idtype_t,
    _: libc::id_t,
    info: *mut libc::siginfo_t,
    _: c_int,
) -> c_int {
    info.write(zeroed());
    // Behind three numbers and what aligns the next.
    info.cast::<c_int>().add(4).write(ENDED.load(Relaxed));
    0
}

#[no_mangle]
extern "C" fn waitpid(pid: libc::pid_t, status: *mut c_int, _: c_int) -> libc::pid_t {
    assert!(status.is_null());
    ENDED.store(0, Relaxed);
    pid
}

#[no_mangle]
extern "C" fn raise(_: c_int) -> c_int {
    0
}

#[no_mangle]
unsafe extern "C" fn sigemptyset(set: *mut sigset_t) -> c_int {
    set.write(zeroed());
    0
}

#[no_mangle]
unsafe extern "C" fn sigfillset(set: *mut sigset_t) -> c_int {
    set.write_bytes(0xff, 1);
    0
}

#[no_mangle]
unsafe extern "C" fn tcgetattr(_: c_int, termios: *mut libc::termios) -> c_int {
    termios.write(zeroed());
    0
}

#[no_mangle]
unsafe extern "C" fn tcsetattr(_: c_int, _: c_int, termios: *const libc::termios) -> c_int {
    termios.read();
    0
}

/// What begins with all that a C library keeps there.
macro_rules! begun {
    ($($name:ident $type:ident)*) => {$(
        #[no_mangle]
        unsafe extern "C" fn $name(raw: *mut libc::$type) -> c_int {
            raw.write(zeroed());
            0
        }
    )*};
}

begun! {
    posix_spawn_file_actions_init posix_spawn_file_actions_t
    posix_spawn_file_actions_destroy posix_spawn_file_actions_t
    posix_spawnattr_init posix_spawnattr_t
    posix_spawnattr_destroy posix_spawnattr_t
}

#[no_mangle]
unsafe extern "C" fn posix_spawn_file_actions_addopen(
    actions: *mut libc::posix_spawn_file_actions_t,
    _: c_int,
    path: *const c_char,
    _: c_int,
    _: libc::mode_t,
) -> c_int {
    assert!(libc::strlen(path) > 0);
    actions.write(actions.read());
    0
}

#[no_mangle]
unsafe extern "C" fn posix_spawn_file_actions_adddup2(
    actions: *mut libc::posix_spawn_file_actions_t,
    _: c_int,
    _: c_int,
) -> c_int {
    actions.write(actions.read());
    0
}

macro_rules! set {
    ($($name:ident $type:ty)*) => {$(
        #[no_mangle]
        unsafe extern "C" fn $name(raw: *mut libc::posix_spawnattr_t, _: $type) -> c_int {
            raw.write(raw.read());
            0
        }
    )*};
}

set! {
    posix_spawnattr_setpgroup libc::pid_t
    posix_spawnattr_setflags libc::c_short
    posix_spawnattr_setsigdefault *const sigset_t
    posix_spawnattr_setsigmask *const sigset_t
}

#[test]
fn datagrams_and_what_comes_beside_them() {
    let from = SocketAddr::from((FROM, 53));
    let socket = Socket::new(Transport::Tcp, Family::V6).unwrap();
    let mut buffer = [0; 3];
    let came = socket.receive_from(&mut buffer).unwrap();
    assert_eq!((came.len, came.from, came.to), (3, from, Some(TO.into())));
    assert_eq!(&buffer, b"hel");
    for source in [None, Some(TO.into()), Some(Ipv4Addr::LOCALHOST.into())] {
        socket.send_to(TEXT, from, source).unwrap();
        let v4 = Socket::new(Transport::Tcp, Family::V4).unwrap();
        let to = (Ipv4Addr::LOCALHOST, 9).into();
        v4.send_to(TEXT, to, source.filter(IpAddr::is_ipv4))
            .unwrap();
    }
    let error = socket.network_error().unwrap();
    let sender = Some(IpAddr::V6(FROM));
    assert_eq!((error.errno, error.from), (Errno::EHOSTUNREACH, sender));
    let mut batch = Batch::<8>::new();
    assert_eq!(socket.receive_batch(&mut batch), 16);
    let moved = batch;
    let (came, bytes) = moved.datagram(15);
    assert_eq!((came.len, came.from, came.to), (5, from, Some(TO.into())));
    assert_eq!(&bytes, b"hello\0\0\0");
}

#[test]
fn a_connection() {
    for ip in [
        IpAddr::from(Ipv4Addr::LOCALHOST),
        Ipv6Addr::LOCALHOST.into(),
    ] {
        let family = Family::of(ip);
        let listening = Socket::new(Transport::Tcp, family).unwrap();
        listening.set(Setting::ReuseAddress, 1).unwrap();
        listening.bind((ip, 0).into()).unwrap();
        listening.listen(4).unwrap();
        assert_eq!(listening.accept().err(), Some(Errno::EAGAIN));
        let near = Socket::new(Transport::Tcp, family).unwrap();
        near.connect(listening.local().unwrap()).unwrap();
        let (far, from) = loop {
            match listening.accept() {
                Err(Errno::EAGAIN) => std::thread::yield_now(),
                accepted => break accepted.unwrap(),
            }
        };
        assert_eq!(near.error(), Ok(()));
        let mut both = [polled(&near, libc::POLLOUT), polled(&far, libc::POLLIN)];
        poll(&mut both, 0);
        assert_eq!(both.map(|fd| fd.revents), [libc::POLLOUT, libc::POLLIN]);
        assert_eq!(from, near.local().unwrap());
        assert_eq!(near.send(TEXT), Ok(5));
        let mut buffer = [0; 9];
        while far.receive(&mut buffer) == Err(Errno::EAGAIN) {}
        assert_eq!(&buffer[..5], TEXT);
    }
    let [mut one, mut other] = [[0; 16]; 2];
    random(&mut one).unwrap();
    random(&mut other).unwrap();
    assert_ne!(one, other);
}

#[test]
fn what_is_written_to_one_end_is_read_at_the_other() {
    let (near, far) = socket_pair().unwrap();
    nix::unistd::write(&near, TEXT).unwrap();
    let mut buffer = [0; 9];
    assert_eq!(nix::unistd::read(&far, &mut buffer), Ok(5));
}

#[test]
fn what_is_asked_of_the_system() {
    put_number(u64::MAX, 10);
    assert_eq!(is_synchronised(), Some(false));
    assert!(reap_orphans(&[]));
    assert_eq!(ENDED.load(Relaxed), 0);
    assert_eq!(hidden_line(stdin()), Err(Errno::EINTR));
}
