//! The ports that a peer listens on.

use super::message::{Ports, PORTS};
use crate::system::socket::{Family, Setting, Socket, Transport};
use nix::errno::Errno;

/// Bytes that a socket holds back, so that an honest datagram finds room in a flood.
const BACKLOG_BYTES: i32 = 1 << 23;
/// Connections that wait to be taken.
const BACKLOG: i32 = 512;

/// The sockets, in the order of [`Ports`].
pub(crate) struct Bound {
    pub(super) tcp: Vec<Socket>,
    pub(super) udp: Vec<Socket>,
    pub(super) ports: Ports,
}

/// A port that could not be had.
pub(crate) struct Missed {
    pub(crate) transport: Transport,
    pub(crate) port: u16,
    pub(crate) errno: Errno,
}

impl Bound {
    /// Binds what can be had of these ports, and says which cannot.
    pub(crate) fn bind(tcp: &[u16], udp: &[u16], missed: &mut dyn FnMut(Missed)) -> Self {
        let mut bound = Self {
            tcp: Vec::with_capacity(PORTS),
            udp: Vec::with_capacity(PORTS),
            ports: Ports::default(),
        };
        for (transport, asked) in [(Transport::Tcp, tcp), (Transport::Udp, udp)] {
            for &port in asked.iter().take(PORTS) {
                let (sockets, ports) = match transport {
                    Transport::Tcp => (&mut bound.tcp, &mut bound.ports.tcp),
                    Transport::Udp => (&mut bound.udp, &mut bound.ports.udp),
                };
                match open(transport, port) {
                    Ok(socket) => {
                        if let Some(told) = ports.get_mut(sockets.len()) {
                            *told = port;
                            sockets.push(socket);
                        }
                    }
                    Err(errno) => missed(Missed {
                        transport,
                        port,
                        errno,
                    }),
                }
            }
        }
        bound
    }

    pub(crate) fn ports(&self) -> &Ports {
        &self.ports
    }
}

/// A socket of both families, or of IPv4 where the kernel has no other.
fn open(transport: Transport, port: u16) -> nix::Result<Socket> {
    let both = Socket::new(transport, Family::V6);
    let socket = both.or_else(|_| Socket::new(transport, Family::V4))?;
    let family = socket.family();
    if family == Family::V6 {
        socket.set(Setting::OnlyV6, 0)?;
    }
    if transport == Transport::Tcp {
        socket.set(Setting::ReuseAddress, 1)?;
    }
    match socket.bind((family.any(), port).into()) {
        // IPv6 is turned off: there is no such address.
        Err(Errno::EADDRNOTAVAIL) if family == Family::V6 => {
            let socket = Socket::new(transport, Family::V4)?;
            socket.bind((Family::V4.any(), port).into())?;
            begun(socket, transport)
        }
        bound => bound.and_then(|()| begun(socket, transport)),
    }
}

fn begun(socket: Socket, transport: Transport) -> nix::Result<Socket> {
    match transport {
        Transport::Tcp => socket.listen(BACKLOG)?,
        Transport::Udp => {
            socket.set(Setting::TellDestination, 1)?;
            // Only root may have more than the system's limit.
            let _ = socket.set(Setting::ReceiveBuffer, BACKLOG_BYTES);
        }
    }
    Ok(socket)
}
