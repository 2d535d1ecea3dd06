//! A serial port: termios(3), tty_ioctl(4), flock(2), poll(2).

use super::clock::monotonic_ns;
use nix::errno::Errno;
use nix::fcntl::{open, OFlag};
use nix::sys::stat::{fstat, major, Mode};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

/// Rates that termios has a name for.
const RATES: [(u32, libc::speed_t); 12] = [
    (9600, libc::B9600),
    (19_200, libc::B19200),
    (38_400, libc::B38400),
    (57_600, libc::B57600),
    (115_200, libc::B115200),
    (230_400, libc::B230400),
    (460_800, libc::B460800),
    (500_000, libc::B500000),
    (921_600, libc::B921600),
    (1_000_000, libc::B1000000),
    (1_500_000, libc::B1500000),
    (3_000_000, libc::B3000000),
];

/// The major numbers of pseudo-terminals: Documentation/admin-guide/devices.txt.
const PTYS: std::ops::RangeInclusive<u64> = 136..=143;

/// Why a port cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Os(Errno),
    NotATerminal,
    /// Another process has it for itself.
    Busy,
}

/// A port that nobody else is to have, and that is put back when this is dropped.
#[derive(Debug)]
pub(crate) struct Port {
    fd: OwnedFd,
    before: libc::termios,
    is_pty: bool,
}

/// Whether termios has the rate.
pub(crate) fn has_rate(baud: u32) -> bool {
    speed(baud).is_some()
}

fn speed(baud: u32) -> Option<libc::speed_t> {
    let mut rates = RATES.iter();
    rates
        .find(|(rate, _)| *rate == baud)
        .map(|(_, speed)| *speed)
}

/// Whether another has it with TIOCEXCL: root may open it even so.
fn is_exclusive(number: libc::c_int) -> bool {
    let mut is_exclusive: libc::c_int = 0;
    // SAFETY: the pointer is to a number that lives through the call.
    unsafe { libc::ioctl(number, libc::TIOCGEXCL, &mut is_exclusive) };
    is_exclusive != 0
}

impl Port {
    /// Opens it, raw, at a rate that it is to have.
    pub(crate) fn open(path: &Path, baud: u32) -> Result<Self, Refusal> {
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let fd = open(path, flags, Mode::empty()).map_err(|errno| match errno {
            Errno::EBUSY => Refusal::Busy,
            errno => Refusal::Os(errno),
        })?;
        let number = fd.as_raw_fd();
        let about = fstat(&fd).map_err(Refusal::Os)?;
        // SAFETY: an all-zero termios is valid, and is only written to.
        let mut before: libc::termios = unsafe { std::mem::zeroed() };
        // SAFETY: the pointer is to a termios that lives through the call.
        if unsafe { libc::tcgetattr(number, &mut before) } != 0 {
            return Err(Refusal::NotATerminal);
        }
        // The board's reset may hang on DTR: closing is not to lower it.
        before.c_cflag &= !libc::HUPCL;
        // A pseudo-terminal outlives one who was killed, and left it so.
        let is_pty = PTYS.contains(&major(about.st_rdev));
        if !is_pty && is_exclusive(number) {
            return Err(Refusal::Busy);
        }
        // SAFETY: flock takes numbers only.
        if unsafe { libc::flock(number, libc::LOCK_EX | libc::LOCK_NB) } != 0 {
            return Err(Refusal::Busy);
        }
        // SAFETY: this request takes no argument.
        unsafe { libc::ioctl(number, libc::TIOCEXCL) };
        let port = Self { fd, before, is_pty };
        port.set(&port.raw(baud)).map_err(Refusal::Os)?;
        Ok(port)
    }

    fn raw(&self, baud: u32) -> libc::termios {
        let mut raw = self.before;
        let speed = speed(baud).unwrap_or(libc::B115200);
        // SAFETY: the pointer is to a termios that lives through the calls.
        unsafe {
            libc::cfmakeraw(&mut raw);
            libc::cfsetspeed(&mut raw, speed);
        }
        raw.c_cflag |= libc::CLOCAL | libc::CREAD;
        raw.c_cflag &= !(libc::CRTSCTS | libc::CSTOPB);
        raw.c_cc[libc::VMIN] = 1;
        raw.c_cc[libc::VTIME] = 0;
        raw
    }

    fn set(&self, termios: &libc::termios) -> nix::Result<()> {
        let number = self.fd.as_raw_fd();
        // SAFETY: the pointer is to a termios that lives through the call.
        Errno::result(unsafe { libc::tcsetattr(number, libc::TCSANOW, termios) }).map(drop)
    }

    pub(crate) fn is_pty(&self) -> bool {
        self.is_pty
    }

    /// Reads what is there, and says when that was, on CLOCK_MONOTONIC. Nothing is an
    /// end: the port is gone.
    ///
    /// # Errors
    /// read(2)'s, of which EAGAIN says that nothing is there now.
    pub(crate) fn read(&self, buffer: &mut [u8]) -> nix::Result<(usize, u64)> {
        loop {
            match nix::unistd::read(&self.fd, buffer) {
                Err(Errno::EINTR) => {}
                len => return len.map(|len| (len, monotonic_ns())),
            }
        }
    }

    /// Writes as much as it takes at once.
    ///
    /// # Errors
    /// write(2)'s.
    pub(crate) fn write(&self, bytes: &[u8]) -> nix::Result<usize> {
        nix::unistd::write(&self.fd, bytes)
    }
}

impl AsFd for Port {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        // Of a port that is gone neither can be done, nor need it be.
        let _ = self.set(&self.before);
        // SAFETY: this request takes no argument.
        unsafe { libc::ioctl(self.fd.as_raw_fd(), libc::TIOCNXCL) };
    }
}

/// Waits until one of the descriptors has something to read, or is gone, `time` at most.
/// Says of each whether it has.
pub(crate) fn readable<const N: usize>(fds: [BorrowedFd<'_>; N], time: Duration) -> [bool; N] {
    let mut polled = fds.map(|fd| libc::pollfd {
        fd: fd.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    });
    // Rounded up: a wait that ends before its time would be begun over and over.
    let time = time
        .as_millis()
        .saturating_add(u128::from(time.subsec_nanos() % 1_000_000 > 0));
    let time = libc::c_int::try_from(time).unwrap_or(libc::c_int::MAX);
    // SAFETY: the pointer is to as many pollfds as it says, which live through the call.
    unsafe { libc::poll(polled.as_mut_ptr(), N as libc::nfds_t, time) };
    polled.map(|polled| polled.revents != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::FromRawFd;
    use std::path::PathBuf;

    /// A pseudo-terminal: the host's side, and the name of the other.
    fn pty() -> (OwnedFd, PathBuf) {
        // SAFETY: these take numbers only, and the descriptor is nobody else's.
        let master = unsafe {
            let master = libc::posix_openpt(libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC);
            assert!(master >= 0);
            assert_eq!(libc::grantpt(master), 0);
            assert_eq!(libc::unlockpt(master), 0);
            OwnedFd::from_raw_fd(master)
        };
        let mut number: libc::c_uint = 0;
        // SAFETY: the pointer is to a number that lives through the call.
        let done = unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCGPTN, &mut number) };
        assert_eq!(done, 0);
        (master, PathBuf::from(format!("/dev/pts/{number}")))
    }

    fn termios(fd: &OwnedFd) -> libc::termios {
        // SAFETY: an all-zero termios is valid, and lives through the call.
        unsafe {
            let mut now: libc::termios = std::mem::zeroed();
            assert_eq!(libc::tcgetattr(fd.as_raw_fd(), &mut now), 0);
            now
        }
    }

    #[test]
    fn what_another_has_for_itself() {
        let (_master, path) = pty();
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY;
        let other = open(&path, flags, Mode::empty()).unwrap();
        assert!(!is_exclusive(other.as_raw_fd()));
        let mut unused: libc::c_int = 0;
        // qemu-user does not pass the question on.
        // SAFETY: the pointer is to a number that lives through the call.
        let is_told = unsafe { libc::ioctl(other.as_raw_fd(), libc::TIOCGEXCL, &mut unused) } == 0;
        let port = Port::open(&path, 9600).unwrap();
        assert_eq!(is_exclusive(other.as_raw_fd()), is_told);
        drop(port);
        assert!(!is_exclusive(other.as_raw_fd()));
    }

    #[test]
    fn what_comes_is_read_raw_and_the_port_is_put_back() {
        let (master, path) = pty();
        let other = open(&path, OFlag::O_RDWR | OFlag::O_NOCTTY, Mode::empty()).unwrap();
        let mut before = termios(&other);
        before.c_cflag |= libc::HUPCL;
        // SAFETY: the pointer is to a termios that lives through the call.
        let done = unsafe { libc::tcsetattr(other.as_raw_fd(), libc::TCSANOW, &before) };
        assert_eq!(done, 0);
        let port = Port::open(&path, 9600).unwrap();
        assert!(port.is_pty());
        let mut buffer = [0; 64];
        assert_eq!(port.read(&mut buffer).err(), Some(Errno::EAGAIN));
        assert_eq!(readable([port.as_fd()], Duration::ZERO), [false]);
        let start = monotonic_ns();
        nix::unistd::write(&master, b"\x03login:\r\n\xff").unwrap();
        assert_eq!(readable([port.as_fd()], Duration::from_secs(60)), [true]);
        let (len, at) = port.read(&mut buffer).unwrap();
        assert_eq!(&buffer[..len], b"\x03login:\r\n\xff");
        assert!(at >= start);
        assert_eq!(port.write(b"\r\n"), Ok(2));
        let len = nix::unistd::read(&master, &mut buffer).unwrap();
        assert_eq!(&buffer[..len], b"\r\n");
        drop(port);
        // Closing is not to lower DTR, before or after that.
        before.c_cflag &= !libc::HUPCL;
        assert_eq!(termios(&other), before);
    }

    #[test]
    fn two_do_not_have_it() {
        let (_master, path) = pty();
        let first = Port::open(&path, 115_200).unwrap();
        assert_eq!(Port::open(&path, 115_200).err(), Some(Refusal::Busy));
        drop(first);
        assert!(Port::open(&path, 115_200).is_ok());
    }

    #[test]
    fn what_is_no_port() {
        let refused = |path: &str| Port::open(Path::new(path), 115_200).err();
        assert_eq!(refused("/dev/null"), Some(Refusal::NotATerminal));
        assert_eq!(
            refused("/dev/no-such-tty"),
            Some(Refusal::Os(Errno::ENOENT))
        );
        assert!(has_rate(115_200) && !has_rate(115_201));
    }

    #[test]
    fn a_port_that_is_gone() {
        let (master, path) = pty();
        let port = Port::open(&path, 115_200).unwrap();
        drop(master);
        assert_eq!(readable([port.as_fd()], Duration::from_secs(60)), [true]);
        let end = port.read(&mut [0; 9]);
        assert!(matches!(end, Ok((0, _)) | Err(Errno::EIO)), "{end:?}");
    }
}
