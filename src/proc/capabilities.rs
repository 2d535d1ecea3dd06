//! The capabilities in `/proc/PID/status`, proc_pid_status(5), capabilities(7).

use super::number::hexadecimal;
use super::root::Root;
use super::text::{lines, ParseError};

/// Numbers of capabilities, from the kernel's `linux/capability.h`.
pub(crate) const DAC_READ_SEARCH: u32 = 2;
pub(crate) const NET_ADMIN: u32 = 12;
pub(crate) const NET_RAW: u32 = 13;
pub(crate) const IPC_LOCK: u32 = 14;
pub(crate) const SYS_PTRACE: u32 = 19;
pub(crate) const SYS_ADMIN: u32 = 21;
pub(crate) const SYS_BOOT: u32 = 22;
pub(crate) const SYS_RESOURCE: u32 = 24;

/// The rights of a process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Privilege {
    /// Its effective user id.
    pub(crate) euid: u32,
    /// Its effective capabilities: bit n is capability n; 0 where they are not known.
    pub(crate) cap_eff: u64,
}

impl Privilege {
    /// Those of this process, where `root` is the machine itself.
    pub(crate) fn own(root: &Root) -> Self {
        let mut buffer = [0; 4096];
        let text = match root.is_live() {
            true => root.read_proc("self/status", &mut buffer).ok(),
            false => None,
        };
        Self {
            euid: nix::unistd::geteuid().as_raw(),
            cap_eff: text.and_then(|text| effective(text).ok()).unwrap_or(0),
        }
    }

    pub(crate) fn has(&self, capability: u32) -> bool {
        self.cap_eff >> capability & 1 == 1
    }
}

/// The effective set: bit n is capability n.
pub(crate) fn effective(text: &[u8]) -> Result<u64, ParseError> {
    let mut lines = lines(text);
    for mut line in lines.by_ref() {
        if line.key() == Some(b"CapEff") {
            return line.value("CapEff", hexadecimal);
        }
    }
    Err(lines.missing("CapEff"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, names_a_line, prefixes};
    use crate::proc::number::Reason;
    use proptest::prelude::*;

    const TEXT: &[u8] = b"Name:\tCapEff: 1\nCapPrm:\t0000000000000000\n\
        CapEff:\t000001ffffffffff\nCapBnd:\t0000000000000001\n";

    #[test]
    fn the_effective_set() {
        assert_eq!(effective(TEXT), Ok(0x1ff_ffff_ffff));
        assert_eq!(
            effective(b"CapEff:\t0000000000080000\n"),
            Ok(1 << SYS_PTRACE)
        );
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &[u8]| {
            let error = effective(text).unwrap_err();
            (error.line, error.field, error.reason)
        };
        assert_eq!(fault(b"Name:\tx\n"), (2, "CapEff", Reason::Missing));
        assert_eq!(fault(b"CapEff:\n"), (1, "CapEff", Reason::Missing));
        assert_eq!(fault(b"CapEff:\t+1\n"), (1, "CapEff", Reason::NotANumber));
        assert_eq!(
            fault(b"CapEff:\t11111111111111111\n"),
            (1, "CapEff", Reason::TooLarge)
        );
    }

    #[test]
    fn cut_text_is_refused() {
        for cut in prefixes(b"CapEff:\t000001ffffffffff\n") {
            assert!(effective(cut).is_err());
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(TEXT)) {
            prop_assert!(names_a_line(&text, effective(&text)));
        }
    }
}
