use super::*;
use std::net::{Ipv4Addr, Ipv6Addr};

const SOON_NS: u64 = 20_000_000_000;

fn local(family: Family) -> SocketAddr {
    match family {
        Family::V4 => (Ipv4Addr::LOCALHOST, 0).into(),
        Family::V6 => (Ipv6Addr::LOCALHOST, 0).into(),
    }
}

/// Not every kernel has IPv6.
fn families() -> Vec<Family> {
    let has = |family: &Family| {
        let socket = Socket::new(Transport::Udp, *family);
        socket
            .and_then(|socket| socket.bind(local(*family)))
            .is_ok()
    };
    [Family::V4, Family::V6].into_iter().filter(has).collect()
}

fn wait(socket: &Socket, events: libc::c_short) {
    let mut fds = [polled(socket, events)];
    poll(&mut fds, monotonic_ns() + SOON_NS);
    assert_ne!(fds[0].revents, 0);
}

#[test]
fn a_connection_and_its_end() {
    for family in families() {
        let listening = Socket::new(Transport::Tcp, family).unwrap();
        listening.set(Setting::ReuseAddress, 1).unwrap();
        listening.bind(local(family)).unwrap();
        listening.listen(4).unwrap();
        let to = listening.local().unwrap();
        assert_eq!(listening.accept().err(), Some(Errno::EAGAIN));
        let near = Socket::new(Transport::Tcp, family).unwrap();
        near.connect(to).unwrap();
        wait(&near, libc::POLLOUT);
        assert_eq!(near.error(), Ok(()));
        wait(&listening, libc::POLLIN);
        let (far, from) = listening.accept().unwrap();
        assert_eq!(from, near.local().unwrap());
        assert_eq!(near.receive(&mut [0; 9]).err(), Some(Errno::EAGAIN));
        assert_eq!(far.send(b"hello"), Ok(5));
        wait(&near, libc::POLLIN);
        let mut buffer = [0; 9];
        assert_eq!(near.receive(&mut buffer), Ok(5));
        assert_eq!(&buffer[..5], b"hello");
        drop(far);
        wait(&near, libc::POLLIN);
        assert_eq!(near.receive(&mut buffer), Ok(0));
        // No SIGPIPE.
        near.send(b"1").unwrap();
        wait(&near, libc::POLLIN);
        assert_eq!(near.send(b"2").err(), Some(Errno::EPIPE));
    }
}

#[test]
fn a_connection_that_is_refused() {
    for family in families() {
        let listening = Socket::new(Transport::Tcp, family).unwrap();
        listening.bind(local(family)).unwrap();
        let socket = Socket::new(Transport::Tcp, family).unwrap();
        // Some kernels say so at once.
        let begun = socket.connect(listening.local().unwrap());
        let refused = begun.and_then(|()| {
            wait(&socket, libc::POLLOUT);
            socket.error()
        });
        assert_eq!(refused, Err(Errno::ECONNREFUSED));
    }
}

/// Asked on one of several addresses, a machine answers from that one.
#[test]
fn datagrams_know_where_they_were_sent() {
    for family in families() {
        let far = Socket::new(Transport::Udp, family).unwrap();
        far.set(Setting::TellDestination, 1).unwrap();
        far.bind((family.any(), 0).into()).unwrap();
        let port = far.local().unwrap().port();
        // A socket of IPv6 gets datagrams of IPv4, too.
        let mut asked = vec![IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2))];
        if family == Family::V6 {
            asked.push(IpAddr::V6(Ipv6Addr::LOCALHOST));
        }
        for ip in asked {
            let near = Socket::new(Transport::Udp, Family::of(ip)).unwrap();
            near.send_to(b"?", (ip, port).into(), None).unwrap();
            wait(&far, libc::POLLIN);
            let mut buffer = [0; 9];
            let asked = far.receive_from(&mut buffer).unwrap();
            assert_eq!((asked.len, asked.to), (1, Some(ip)));
            assert_eq!(asked.from.port(), near.local().unwrap().port());
            far.send_to(b"answer", asked.from, asked.to).unwrap();
            wait(&near, libc::POLLIN);
            let answer = near.receive_from(&mut buffer).unwrap();
            assert_eq!(&buffer[..answer.len], b"answer");
            assert_eq!((answer.from, answer.to), ((ip, port).into(), None));
        }
    }
}

/// More than one call takes; of each address, and every second one is answered.
#[test]
fn datagrams_that_are_answered_together() {
    let mut batch = Batch::<8>::new();
    for family in families() {
        let far = Socket::new(Transport::Udp, family).unwrap();
        far.set(Setting::TellDestination, 1).unwrap();
        far.bind((family.any(), 0).into()).unwrap();
        let port = far.local().unwrap().port();
        assert_eq!(far.receive_batch(&mut batch), 0);
        let askers: Vec<(IpAddr, Socket)> = (0..20)
            .map(|number| {
                let ip = match (family, number % 3) {
                    (Family::V6, 2) => Ipv6Addr::LOCALHOST.into(),
                    _ => Ipv4Addr::new(127, 0, 0, number + 2).into(),
                };
                let near = Socket::new(Transport::Udp, Family::of(ip)).unwrap();
                near.connect((ip, port).into()).unwrap();
                near.send(&[number; 9][..usize::from(number % 10)]).unwrap();
                (ip, near)
            })
            .collect();
        let mut left = 0..20_u8;
        for expected in [16, 4] {
            wait(&far, libc::POLLIN);
            assert_eq!(far.receive_batch(&mut batch), expected);
            for at in 0..expected {
                let number = left.next().unwrap();
                let (ip, near) = &askers[usize::from(number)];
                let (asked, bytes) = batch.datagram(at);
                // What is longer is cut.
                let len = usize::from(number % 10).min(8);
                assert_eq!((asked.len, asked.to), (len, Some(*ip)));
                assert_eq!(asked.from.port(), near.local().unwrap().port());
                assert_eq!(&bytes[..len], &[number; 8][..len]);
                if number % 2 == 0 {
                    batch.answer(at, &[number, 1, 2]);
                }
            }
            far.send_batch(&mut batch);
        }
        for (number, (_, near)) in (0..).zip(&askers) {
            let mut buffer = [0; 9];
            if number % 2 == 0 {
                wait(near, libc::POLLIN);
                // Connected, it takes answers of the address that it asked alone.
                assert_eq!(near.receive(&mut buffer), Ok(3));
                assert_eq!(&buffer[..3], &[number, 1, 2]);
            }
            assert_eq!(near.receive(&mut buffer).err(), Some(Errno::EAGAIN));
        }
    }
}

#[test]
fn an_error_of_the_network_tells_its_sender() {
    for family in families() {
        let nobody = Socket::new(Transport::Udp, family).unwrap();
        nobody.bind(local(family)).unwrap();
        let to = nobody.local().unwrap();
        drop(nobody);
        let socket = Socket::new(Transport::Udp, family).unwrap();
        socket.set(Setting::KeepErrors, 1).unwrap();
        socket.set(Setting::Ttl, 3).unwrap();
        assert_eq!(socket.network_error(), None);
        socket.connect(to).unwrap();
        socket.send(b"?").unwrap();
        wait(&socket, libc::POLLIN);
        let error = socket.network_error().unwrap();
        assert_eq!(
            (error.errno, error.from),
            (Errno::ECONNREFUSED, Some(to.ip()))
        );
    }
}

#[test]
fn random_bytes_differ() {
    let [mut one, mut other] = [[0; 16]; 2];
    random(&mut one).unwrap();
    random(&mut other).unwrap();
    assert_ne!(one, other);
}
