//! Connections that come to a port that never sent anything.

use super::sockets::bound;
use crate::peer::message::{Answer, Nonce, HEAD};
use crate::system::socket::{polled, Family, Socket, Transport};
use nix::errno::Errno;

/// Connections that wait to be taken; the kernel has a limit of its own, too.
const BACKLOG: i32 = 4096;
/// Callers that have said nothing yet: anybody may connect, and say nothing. The peer says
/// what it is at once, so the oldest are no loss.
const MOST: usize = 64;
/// Calls that are taken at a time: those from before have been heard in between.
const AT_ONCE: usize = MOST / 2;

#[derive(Default)]
pub(super) struct Calls {
    listening: Option<Socket>,
    /// They came, and are yet to say what they are.
    callers: Vec<Socket>,
}

impl Calls {
    /// Listens; the port.
    ///
    /// # Errors
    /// Those of bind(2) and listen(2).
    pub(super) fn listen(&mut self, family: Family) -> nix::Result<u16> {
        let (socket, port) = bound(Transport::Tcp, family)?;
        socket.listen(BACKLOG)?;
        self.listening = Some(socket);
        Ok(port)
    }

    /// Adds what is to be waited for.
    pub(super) fn put(&self, fds: &mut Vec<libc::pollfd>) {
        for socket in self.listening.iter().chain(&self.callers) {
            fds.push(polled(socket, libc::POLLIN));
        }
    }

    /// Takes what came to the descriptors that were put in; `call` gets the number that a
    /// peer's call has.
    pub(super) fn take(&mut self, fds: &[libc::pollfd], mut call: impl FnMut(Nonce)) {
        let mut ready = fds.iter().map(|fd| fd.revents != 0);
        let listening = self.listening.as_ref();
        let listening = listening.filter(|_| ready.next() == Some(true));
        self.callers.retain(|caller| {
            if ready.next() != Some(true) {
                return true;
            }
            let mut said = [0; HEAD];
            let len = match caller.receive(&mut said) {
                Err(Errno::EAGAIN | Errno::EINTR) => return true,
                len => len.unwrap_or(0),
            };
            if let Some((nonce, Answer::Call)) = said.get(..len).and_then(Answer::decode) {
                call(nonce);
            }
            false
        });
        for _ in 0..AT_ONCE {
            let Some(Ok((caller, _))) = listening.map(Socket::accept) else {
                break;
            };
            if self.callers.len() == MOST {
                self.callers.remove(0);
            }
            self.callers.push(caller);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::message::ANSWER;
    use crate::system::clock::monotonic_ns;
    use crate::system::socket::poll;
    use std::io::Write;
    use std::net::{Ipv4Addr, TcpStream};

    fn look(calls: &mut Calls) -> Vec<Nonce> {
        let mut fds = Vec::new();
        calls.put(&mut fds);
        poll(&mut fds, monotonic_ns() + 1_000_000_000);
        let mut heard = Vec::new();
        calls.take(&fds, |nonce| heard.push(nonce));
        heard
    }

    fn said(nonce: Nonce) -> Vec<u8> {
        let mut bytes = [0; ANSWER];
        let len = Answer::Call.encode(nonce, &mut bytes);
        bytes[..len].to_vec()
    }

    /// Of strangers there may be more than there are descriptors.
    #[test]
    fn a_call_is_heard_among_strangers_who_say_nothing() {
        let mut calls = Calls::default();
        let port = calls.listen(Family::V4).unwrap();
        let connect = || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        let strangers: Vec<_> = (0..2 * MOST).map(|_| connect()).collect();
        let mut caller = connect();
        caller.write_all(&said([7; 8])).unwrap();
        let heard = (0..1000).find_map(|_| {
            let heard = look(&mut calls);
            assert!(calls.callers.len() <= MOST);
            heard.first().copied()
        });
        assert_eq!(heard, Some([7; 8]));
        assert_eq!(calls.callers.len(), MOST - 1);
        drop(strangers);
    }

    #[test]
    fn what_is_no_call_is_none() {
        let mut calls = Calls::default();
        let port = calls.listen(Family::V4).unwrap();
        let mut stranger = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stranger.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        while calls.callers.is_empty() {
            assert_eq!(look(&mut calls), [[0; 8]; 0]);
        }
        while !calls.callers.is_empty() {
            assert_eq!(look(&mut calls), [[0; 8]; 0]);
        }
    }
}
