//! `survive firewall`: what network this machine is behind, and whether the product works
//! there.

mod role;
mod verdict;

use super::asked::Asked;
use crate::commands::name::Name;
use crate::commands::options::options;
use crate::commands::outcome::{printable, shown, Error, Status};
use crate::commands::peer::{key, listed};
use crate::commands::units::Span;
use crate::commands::unsampled_run::UnsampledRun;
use crate::firewall::class::Class;
use crate::firewall::findings::{findings, peer_can_dial};
use crate::firewall::{look, ports, Failure, Target, Wish};
use crate::peer::message::{Refusal, VERSION};
use crate::proc::root::Root;
use crate::resolver::{address, Host};
use crate::survive::checks::{Checks, Spec, Timing};
use crate::system::errno::{reason, why};
use crate::system::signals::EndSignals;
use crate::system::socket::{Family, Setting, Socket, Transport};
use nix::errno::Errno;
use role::Role;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use verdict::Product;

options! {
    /// Find out what network this machine is behind, by asking a `peer`, and whether the
    /// product works there. Nothing is changed.
    ///
    /// Exit status: 0 it works behind this firewall; 1 it does not; 2 not measured, or the
    /// network is open: no test of a firewall.
    #[argh(
        subcommand,
        name = "firewall",
        example = "edgebench-lite survive firewall --peer 203.0.113.7 --role agent --product k3s"
    )]
    pub(crate) struct Firewall {
        /// host that runs `peer`, such as 203.0.113.7 or peer.example:9000; a second one, at
        /// another address, shows mapping by address
        #[argh(option, long = "peer", arg_name = "host")]
        peers: Vec<Host>,

        /// what this machine is to the product: agent (dials out), or server (is dialled)
        #[argh(option)]
        role: Option<Role>,

        /// with --role server: port that the peer must reach (default: 6443)
        #[argh(option, arg_name = "port")]
        server_port: u16 = 6443,

        /// file with the key of the peer, 1 to 4096 bytes
        #[argh(option)]
        key_file: Option<PathBuf>,

        /// also measure how long TCP and UDP may be silent, up to this time; takes twice as long
        #[argh(option, arg_name = "time")]
        idle_up_to: Option<Span>,

        /// what must hold, may be repeated: as for ip-change (default: those known of the
        /// product)
        #[argh(option, long = "check", arg_name = "check")]
        checks: Vec<Spec>,

        /// how long to wait for an answer (default: 10s)
        #[argh(option, arg_name = "time")]
        check_timeout: Span = Span(Duration::from_secs(10)),

        /// how long it may take until the product is healthy (default: 180s)
        #[argh(option, arg_name = "time")]
        within: Span = Span(Duration::from_secs(180)),

        /// how long it must stay healthy (default: 10s)
        #[argh(option, arg_name = "time")]
        stable: Span = Span(Duration::from_secs(10)),

        /// what is being measured, such as k3s or izuma (default: the one that runs)
        #[argh(option)]
        product: Option<Name>,

        /// log to append the result to, for compare; created if absent
        #[argh(option, short = 'o')]
        output: Option<PathBuf>,
    }
}

impl Firewall {
    pub(super) fn understood(&self, root: &Root) -> Result<(), Error> {
        self.asked(root).map(|_| ())
    }

    /// The role, and what is checked.
    fn asked(&self, root: &Root) -> Result<(Role, Asked), Error> {
        let usage = |why: &str| Error::usage(format!("survive firewall: {why}"));
        let role = self.role.ok_or_else(|| usage("--role is missing"))?;
        if !(1..=2).contains(&self.peers.len()) {
            return Err(usage("one --peer is needed, or two"));
        }
        let asked = Asked::of(&self.checks, None, self.product.as_ref(), role.part(), root)?;
        Ok((role, asked))
    }

    pub(crate) fn run(&self, proc_root: &Path, out: &mut dyn Write) -> Result<Status, Error> {
        let root = Root::open(proc_root).map_err(|error| {
            Error::new(format!("cannot open {}: {}", shown(proc_root), why(&error)))
        })?;
        let (role, asked) = self.asked(&root)?;
        let product = self.product.as_ref();
        let key = self.key_file.as_deref().map(key).transpose()?;
        let targets = self.targets(&root)?;
        let checks = Checks::new(asked.specs, &root).map_err(Error::new)?;
        let mut log = UnsampledRun::of_results(self.output.as_deref(), product, &root)?;
        if role == Role::Server {
            self.is_served()?;
        }
        let failed = |errno: Errno| Error::cannot("test the network", errno);
        let ending = EndSignals::block().map_err(failed)?;
        let wish = Wish {
            service: (role == Role::Server).then_some(self.server_port),
            idle_up_to_ms: self.idle_up_to.map(|Span(time)| milliseconds(time)),
        };
        let seen = look(&targets, key, wish, &ending);
        let seen = seen.map_err(|failure| self.failed(failure))?;
        let findings = findings(&seen);
        let class = Class::of(&findings);
        verdict::print_findings(out, &findings, class).map_err(Error::output)?;
        let product = Product {
            role,
            checks: &checks,
            timing: Timing {
                time_out: self.check_timeout.0,
                within: self.within.0,
                stable: self.stable.0,
                ..Timing::default()
            },
            service: seen.service.map(|reached| (self.server_port, reached)),
            peer_can_dial: peer_can_dial(&seen),
            is_cut: seen.is_cut,
        };
        let peers: Vec<String> = targets.iter().map(|peer| peer.ip.to_string()).collect();
        let told = product.judge(class, &root, &ending)?;
        let result = told.result(&peers, &findings);
        verdict::print(out, &result).map_err(Error::output)?;
        let status = told.status();
        log.add_result(result)?;
        log.end()?;
        Ok(status)
    }

    fn targets(&self, root: &Root) -> Result<Vec<Target>, Error> {
        let mut targets: Vec<Target> = Vec::new();
        for Host { name, port } in &self.peers {
            let of = |why: &str| Error::new(format!("--peer {}: {why}", printable(name)));
            let ip = address(root, name).map_err(of)?;
            if targets.iter().any(|other| other.ip == ip) {
                return Err(of("the second is to have another address than the first"));
            }
            targets.push(Target { ip, port: *port });
        }
        Ok(targets)
    }

    /// A port that nothing listens on says nothing of the network.
    fn is_served(&self) -> Result<(), Error> {
        let port = self.server_port;
        let is_taken = |family: Family| {
            let to = SocketAddr::new(family.any(), port);
            let bound = Socket::new(Transport::Tcp, family).and_then(|socket| {
                // Connections that are over leave the port taken for a minute.
                socket.set(Setting::ReuseAddress, 1)?;
                socket.bind(to)
            });
            // Who may not have the port at all is not told.
            matches!(bound, Err(Errno::EADDRINUSE | Errno::EACCES))
        };
        match port > 0 && [Family::V4, Family::V6].into_iter().any(is_taken) {
            true => Ok(()),
            false => Err(Error::new(format!(
                "nothing listens on TCP port {port} here: start the server, or name its port with \
                 --server-port"
            ))),
        }
    }

    fn failed(&self, failure: Failure) -> Error {
        let name = |at: usize| {
            let name = self.peers.get(at).map_or("", |peer| &peer.name);
            printable(name)
        };
        Error::new(match failure {
            Failure::System(errno) => return Error::cannot("test the network", errno),
            Failure::NoWay(at, errno) => format!("--peer {}: {}", name(at), reason(errno)),
            Failure::Silent(at) => {
                let more = self.peers.get(at).and_then(|peer| peer.port);
                let asked = |transport| listed(ports(transport, more));
                format!(
                    "--peer {}: no answer on any port, TCP {}, UDP {}; does `peer` run there?",
                    name(at),
                    asked(Transport::Tcp),
                    asked(Transport::Udp)
                )
            }
            Failure::Refused(at, Refusal::Version(theirs)) => format!(
                "--peer {}: it speaks version {theirs} of the protocol, this program {VERSION}",
                name(at)
            ),
            Failure::Refused(at, _) => match self.key_file {
                Some(_) => format!("--peer {}: it has another key", name(at)),
                None => format!("--peer {}: it has a key: give it with --key-file", name(at)),
            },
            Failure::Ended => "ended by a signal".to_owned(),
        })
    }
}

fn milliseconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}
