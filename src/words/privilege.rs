//! Words for memory and processes that the kernel did not let the reader see.

use super::escape::cut;
use super::figures::counted;
use crate::proc::capabilities::{Privilege, SYS_PTRACE};

/// The longest name of a process here.
const NAME_WIDTH: usize = 24;

/// How to get permission, or what forbids it in spite of it.
pub(crate) fn remedy(privilege: Privilege) -> &'static str {
    if privilege.has(SYS_PTRACE) {
        return "CAP_SYS_PTRACE was in effect, so a security module or a user namespace forbids it";
    }
    match privilege.euid {
        // A log that is older has no capabilities.
        0 if privilege.cap_eff == 0 => "run with CAP_SYS_PTRACE",
        0 => "this root lacks CAP_SYS_PTRACE, as in a container: add it",
        _ => "run as root, or with CAP_SYS_PTRACE",
    }
}

/// The end of a sentence that begins with "the" or "The": so many processes had
/// memory that could not be read, and one of them by pid and name.
pub(crate) fn unread(processes: u64, one: Option<(u32, &[u8])>, privilege: Privilege) -> String {
    let name = |(pid, comm): (u32, &[u8])| format!("`{}` ({pid})", cut(comm, NAME_WIDTH));
    let whose = match (processes, one.map(name)) {
        (1, Some(one)) => one,
        (many, None) => counted(many, "process"),
        (many, Some(one)) => format!("{many} processes, such as {one},"),
    };
    format!("memory of {whose} could not be read: {}", remedy(privilege))
}

/// The end of a sentence that begins with "other" or "Other".
pub(crate) fn hidden(privilege: Privilege) -> String {
    format!(
        "users' processes are hidden (/proc is mounted with hidepid) and not included: {}",
        remedy(privilege)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As CapEff has them: all, all but CAP_SYS_PTRACE (19), and that one alone.
    const ALL: u64 = 0x1ff_ffff_ffff;
    const OTHERS: u64 = 0x1ff_fff7_ffff;
    const PTRACE: u64 = 0x8_0000;

    fn of(euid: u32, cap_eff: u64) -> &'static str {
        remedy(Privilege { euid, cap_eff })
    }

    #[test]
    fn nobody_is_told_to_be_what_they_are() {
        let forbidden = of(0, ALL);
        assert!(forbidden.contains("security module"), "{forbidden}");
        assert_eq!(of(65534, PTRACE), forbidden);
        let root = "this root lacks CAP_SYS_PTRACE, as in a container: add it";
        assert_eq!(of(0, OTHERS), root);
        assert_eq!(of(0, 0), "run with CAP_SYS_PTRACE");
        let user = "run as root, or with CAP_SYS_PTRACE";
        assert_eq!((of(1000, OTHERS), of(1000, 0)), (user, user));
    }

    #[test]
    fn the_process_is_named() {
        let privilege = Privilege {
            euid: 1000,
            cap_eff: 0,
        };
        let said = |processes, one| {
            let said = unread(processes, one, privilege);
            said.strip_suffix(" could not be read: run as root, or with CAP_SYS_PTRACE")
                .map(str::to_owned)
        };
        let one: Option<(u32, &[u8])> = Some((7, b"dbus\x1b"));
        assert_eq!(said(1, one).unwrap(), "memory of `dbus\\x1b` (7)");
        assert_eq!(
            said(3, one).unwrap(),
            "memory of 3 processes, such as `dbus\\x1b` (7),"
        );
        assert_eq!(said(1, None).unwrap(), "memory of 1 process");
        assert_eq!(said(2, None).unwrap(), "memory of 2 processes");
    }
}
