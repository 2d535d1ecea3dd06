//! Requests that come as datagrams, and are answered many at a time.

use super::super::connection::after_ms;
use super::super::counts::count;
use super::{Origin, Reply, Server};
use crate::peer::message::{Answer, Nonce, Refusal, Refused, Request, ANSWER, VERSION};
use crate::system::socket::{Datagram, TOGETHER};
use std::net::SocketAddr;

/// Taken of one socket before the others are looked at.
const BATCHES: usize = 4;

impl Server {
    // The socket is one of those that are looped over; the lengths are those of arrays that
    // were filled so far.
    #[allow(clippy::indexing_slicing)]
    pub(super) fn datagrams(&mut self, socket: usize, now_ns: u64) {
        for _ in 0..BATCHES {
            let came = self.bound.udp[socket].receive_batch(&mut self.batch);
            for at in 0..came {
                let (Datagram { len, from, to }, buffer) = self.batch.datagram(at);
                let origin = Origin::Datagram { socket, from, to };
                let answered = self.datagram(&buffer[..len], from, origin, now_ns);
                if let Some((nonce, answer)) = answered {
                    let mut bytes = [0; ANSWER];
                    let len = answer.encode(nonce, &mut bytes);
                    self.batch.answer(at, &bytes[..len]);
                }
            }
            self.bound.udp[socket].send_batch(&mut self.batch);
            if came < TOGETHER {
                return;
            }
        }
    }

    /// The answer to a datagram, if there is one now.
    fn datagram(
        &mut self,
        bytes: &[u8],
        from: SocketAddr,
        origin: Origin,
        now_ns: u64,
    ) -> Option<(Nonce, Answer)> {
        let request = Request::decode(bytes);
        if request == Err(Refused::Garbage) || from.port() == 0 {
            count(&mut self.counts.garbage);
            return None;
        }
        let bucket = self.buckets.of(from.ip());
        let (nonce, reply) = match (request, bytes.try_into()) {
            (Ok(request), Ok(bytes)) => {
                let reply = self.reply(bytes, &request, from, bucket, origin, now_ns);
                (request.nonce, reply)
            }
            (Err(Refused::Version(nonce)), _) if self.buckets.take(bucket, now_ns) => {
                count(&mut self.counts.refused);
                let version = Refusal::Version(VERSION);
                (nonce, Reply::Answer(Answer::Refused(version)))
            }
            _ => return None,
        };
        let answer = match reply {
            Reply::Nothing => return None,
            Reply::Answer(answer) => answer,
            Reply::Hold { ms, asker_speaks } => {
                let due_ns = after_ms(ms, now_ns);
                match asker_speaks || self.holds.begin(origin, bucket, nonce, due_ns) {
                    true => Answer::Held { is_over: false },
                    false => Answer::Refused(Refusal::Busy),
                }
            }
        };
        Some((nonce, answer))
    }
}
