//! Connections that come to a port that never sent anything.

use super::sockets::bound;
use crate::peer::message::{Answer, Nonce, HEAD};
use crate::system::socket::{polled, Family, Socket, Transport};
use nix::errno::Errno;

/// Connections that wait to be taken.
const BACKLOG: i32 = 16;

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
        let mut came = None;
        if let Some(listening) = &self.listening {
            if ready.next() == Some(true) {
                came = listening.accept().ok();
            }
        }
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
        self.callers.extend(came.map(|(socket, _)| socket));
    }
}
