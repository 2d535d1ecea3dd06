//! The options of `survive ip-change`.

use crate::commands::name::Name;
use crate::commands::options::options;
use crate::commands::outcome::Error;
use crate::commands::units::Span;
use crate::survive::checks::Spec;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

options! {
    /// Give this machine another IP address, see whether the product stays up, or comes back
    /// after a restart, and put the old address back.
    ///
    /// A second process, whose oom_score_adj is -900, puts it back even if this one is killed,
    /// from /run/edgebench-lite/ip-change. Exit status: 0 it stays up or comes back; 1 it does
    /// not; 2 not measured, or the product is unhealthy afterwards.
    #[argh(
        subcommand,
        name = "ip-change",
        example = "sudo edgebench-lite survive ip-change --iface eth0 --to 192.168.1.77/24 --product k3s"
    )]
    pub(crate) struct IpChange {
        /// network interface, such as eth0
        #[argh(option, arg_name = "interface")]
        pub(super) iface: Option<String>,

        /// new address and length of its prefix, such as 192.168.1.77/24
        #[argh(option, arg_name = "address")]
        pub(super) to: Option<Subnet>,

        /// address that it replaces (default: the interface's only one)
        #[argh(option, arg_name = "address")]
        pub(super) from: Option<Own>,

        /// what must hold, may be repeated: tcp://HOST:PORT, tls://HOST:PORT,
        /// http://HOST:PORT/PATH#TEXT, unit:NAME, proc:PATTERN, cmd:COMMAND (default: those
        /// known of the product); checks of the old address then go to the new one
        #[argh(option, long = "check", arg_name = "check")]
        pub(super) checks: Vec<Spec>,

        /// how long after an answer to ask again (default: 1s)
        #[argh(option, arg_name = "time")]
        pub(super) every: Span = Span(Duration::from_secs(1)),

        /// how long to wait for an answer (default: 10s)
        #[argh(option, arg_name = "time")]
        pub(super) check_timeout: Span = Span(Duration::from_secs(10)),

        /// how long it may take until the product is healthy again (default: 180s)
        #[argh(option, arg_name = "time")]
        pub(super) within: Span = Span(Duration::from_secs(180)),

        /// how long it must stay healthy (default: 10s)
        #[argh(option, arg_name = "time")]
        pub(super) stable: Span = Span(Duration::from_secs(10)),

        /// systemd unit to restart, or shell command that restarts the product, if it does
        /// not stay up (default: known of the product)
        #[argh(option, arg_name = "unit")]
        pub(super) restart: Option<String>,

        /// what is being measured, such as k3s or izuma (default: the one that runs)
        #[argh(option)]
        pub(super) product: Option<Name>,

        /// log to append the result to, for compare; created if absent
        #[argh(option, short = 'o')]
        pub(super) output: Option<PathBuf>,

        /// change nothing: wait until the address changes, by DHCP for example, or the cable is
        /// pulled
        #[argh(switch)]
        pub(super) observe: bool,

        /// put back what an earlier run has left changed
        #[argh(switch)]
        pub(super) undo: bool,

        /// go on even if the process that rolls back would be killed with this one's unit; with
        /// --undo, forget what cannot be put back
        #[argh(switch)]
        pub(super) force: bool,
    }
}

/// An address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Own(pub(super) IpAddr);

impl FromStr for Own {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let address = text.parse().map(Self);
        address.map_err(|_| format!("`{text}` is not an address, such as 192.168.1.5"))
    }
}

/// `ADDRESS/LENGTH`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subnet {
    pub(super) address: IpAddr,
    pub(super) prefix_len: u8,
}

impl FromStr for Subnet {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}` is not an address and its length, such as 192.168.1.77/24");
        let (address, len) = text.split_once('/').ok_or_else(wrong)?;
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let prefix_len = len.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let is_single =
            !address.is_unspecified() && !address.is_multicast() && !address.is_loopback();
        if !is_single || !(1..=most).contains(&prefix_len) {
            return Err(wrong());
        }
        // RFC 3021: a subnet of two has no such addresses.
        if let (IpAddr::V4(v4), ..=30) = (address, prefix_len) {
            let hosts = u32::MAX >> prefix_len;
            if [0, hosts].contains(&(u32::from(v4) & hosts)) {
                return Err(format!(
                    "`{text}` is a whole subnet's address, no machine's"
                ));
            }
        }
        Ok(Self {
            address,
            prefix_len,
        })
    }
}

impl IpChange {
    /// The interface, and the new address where there is one.
    pub(super) fn checked(&self) -> Result<(&str, Option<Subnet>), Error> {
        let usage = |why: &str| Err(Error::usage(format!("survive ip-change: {why}")));
        let families = (self.from.as_ref(), self.to);
        if let (Some(Own(from)), Some(to)) = families {
            if from.is_ipv4() != to.address.is_ipv4() {
                return usage("--from and --to are of two families");
            }
        }
        let iface = self.iface.as_ref().filter(|iface| !iface.is_empty());
        match (iface, self.to, self.observe) {
            (None, ..) => usage("--iface is missing"),
            (Some(_), None, false) => usage("--to is missing, or --observe"),
            (Some(_), Some(_), true) => usage("--observe changes nothing: it takes no --to"),
            (Some(iface), to, _) => Ok((iface, to)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Subnet;

    #[test]
    fn addresses_that_a_board_can_have() {
        let of = |text: &str| {
            text.parse::<Subnet>()
                .map(|of| (of.address.to_string(), of.prefix_len))
        };
        assert_eq!(of("10.0.0.2/24"), Ok(("10.0.0.2".to_owned(), 24)));
        assert_eq!(of("10.0.2.255/22"), Ok(("10.0.2.255".to_owned(), 22)));
        assert_eq!(of("10.0.0.2/31"), Ok(("10.0.0.2".to_owned(), 31)));
        assert_eq!(of("fd00::2/64"), Ok(("fd00::2".to_owned(), 64)));
        for wrong in [
            "",
            "10.0.0.2",
            "10.0.0.2/33",
            "10.0.0.2/0",
            "10.0.0.256/24",
            "fd00::2/129",
            "0.0.0.0/8",
            "224.0.0.1/4",
            "127.0.0.2/8",
            "board/24",
            "10.0.0.0/24",
            "10.0.0.255/24",
            "10.0.3.255/22",
        ] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
