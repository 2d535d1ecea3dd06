//! `peer`: the responder on the management side.

use super::outcome::{complain, shown, Error, Status};
use crate::commands::options::options;
use crate::firewall::findings;
use crate::peer::hmac::Key;
use crate::peer::message::{Ports, PORTS};
use crate::peer::ports::{Bound, Missed};
use crate::peer::server::{Server, CONNECTIONS};
use crate::proc::root::read_file;
use crate::system::errno::reason;
use crate::system::signals::EndSignals;
use crate::system::socket::Transport;
use nix::errno::Errno;
use nix::sys::resource::{getrlimit, rlim_t, setrlimit, Resource};
use nix::unistd::{geteuid, setgid, setgroups, setuid, Gid, Uid};
use std::io::Write;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Who it is once it has its ports, if it was root: nobody, by its number on Linux.
const NOBODY: u32 = 65534;
/// Descriptors beside those of connections.
const DESCRIPTORS: rlim_t = 40;

/// Ports, in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PortList(pub(crate) Vec<u16>);

impl FromStr for PortList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut ports = Vec::new();
        for word in text.split(',') {
            match word.parse() {
                Ok(port @ 1..) if ports.len() < PORTS && !ports.contains(&port) => ports.push(port),
                _ => {
                    return Err(format!(
                        "`{text}` is not 1 to {PORTS} ports, such as 80,443"
                    ))
                }
            }
        }
        Ok(Self(ports))
    }
}

options! {
    /// Answer the boards that run `survive firewall`, on the management side: a machine that
    /// they can reach. It is safe on the open internet: no answer is longer than its request,
    /// and it dials only those who ask.
    ///
    /// It runs until SIGINT or SIGTERM, and prints a line of counts each minute.
    #[argh(
        subcommand,
        name = "peer",
        example = "sudo edgebench-lite peer --tcp 80,443 --udp 53,3478"
    )]
    pub(crate) struct Peer {
        /// TCP ports, 8 at most (default: 80,443,6443,8080)
        #[argh(option)]
        tcp: PortList = PortList(vec![80, 443, 6443, 8080]),

        /// UDP ports, 8 at most (default: 53,443,3478,3479)
        #[argh(option)]
        udp: PortList = PortList(vec![53, 443, 3478, 3479]),

        /// file with the key, 1 to 4096 bytes: only boards that have it are answered
        #[argh(option)]
        key_file: Option<PathBuf>,
    }
}

impl Peer {
    pub(crate) fn run(&self, out: &mut dyn Write) -> Result<Status, Error> {
        let key = self.key_file.as_deref().map(key).transpose()?;
        let mut missed_any = false;
        let mut missed = |missed: Missed| {
            missed_any = true;
            complain(&about(&missed));
        };
        let bound = Bound::bind(&self.tcp.0, &self.udp.0, &mut missed);
        let ports = *bound.ports();
        if ports == Ports::default() {
            return Err(Error::new("no port is left to listen on"));
        }
        let most = allowed_connections();
        drop_root()?;
        let failed = |errno: Errno| Error::cannot("start", errno);
        let ending = EndSignals::block().map_err(failed)?;
        let end = ending.descriptor().map_err(failed)?;
        let mut server = Server::new(bound, key, most, end.as_fd()).map_err(failed)?;
        let [tcp, udp] = [ports.tcp, ports.udp].map(listed);
        writeln!(out, "listening on TCP {tcp} and UDP {udp}")
            .and_then(|()| out.flush())
            .map_err(Error::output)?;
        server.run(&ending, &mut |counts| {
            // Nobody may read them.
            let _ = writeln!(out, "{counts}").and_then(|()| out.flush());
        });
        Ok(Status::Yes)
    }
}

/// The key in a file, without the end of its last line.
pub(crate) fn key(path: &Path) -> Result<Key, Error> {
    let mut buffer = [0; 4097];
    let failed = |why: &str| Error::new(format!("cannot use the key {}: {why}", shown(path)));
    let text = read_file(path, &mut buffer).map_err(|errno| failed(reason(errno)))?;
    let end = |byte: &u8| !matches!(byte, b'\n' | b'\r');
    let len = text.iter().rposition(end).map_or(0, |last| last + 1);
    match len {
        0 => Err(failed("it is empty")),
        4097.. => Err(failed("it has more than 4096 bytes")),
        len => Ok(Key::new(&text[..len])),
    }
}

/// `80, 443`.
pub(crate) fn listed(ports: [u16; PORTS]) -> String {
    let used = ports.iter().position(|&port| port == 0);
    match used.map_or(&ports[..], |used| &ports[..used]) {
        [] => "none".to_owned(),
        used => findings::listed(used),
    }
}

fn about(missed: &Missed) -> String {
    let transport = match missed.transport {
        Transport::Tcp => "TCP",
        Transport::Udp => "UDP",
    };
    let why = match missed.errno {
        Errno::EADDRINUSE => "another program has it",
        Errno::EACCES => "it takes root, or CAP_NET_BIND_SERVICE",
        errno => reason(errno),
    };
    format!("{transport} port {} is left out: {why}", missed.port)
}

/// As many connections as descriptors allow, after raising that limit as far as it goes.
fn allowed_connections() -> usize {
    let wanted = CONNECTIONS as rlim_t + DESCRIPTORS;
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((wanted, wanted));
    let raised = soft.max(wanted.min(hard));
    let limit = match setrlimit(Resource::RLIMIT_NOFILE, raised, hard) {
        Ok(()) => raised,
        Err(_) => soft,
    };
    CONNECTIONS.min(limit.saturating_sub(DESCRIPTORS) as usize)
}

fn drop_root() -> Result<(), Error> {
    if !geteuid().is_root() {
        return Ok(());
    }
    let dropped = setgroups(&[])
        .and_then(|()| setgid(Gid::from_raw(NOBODY)))
        .and_then(|()| setuid(Uid::from_raw(NOBODY)));
    dropped.map_err(|errno| Error::cannot("drop root", errno))
}
