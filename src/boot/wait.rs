//! Waiting until each getty that systemd holds back runs, and so writes its prompt.

use super::prompt::{GETTIES, HELD_BACK};
use crate::proc::pid_stat;
use crate::proc::root::Root;
use crate::system::directory::Directory;

/// What a process is called that may become something else soon: systemd's children
/// are called as it until they are set up.
const UNSETTLED: [&[u8]; 4] = [b"systemd", b"init", b"(sd-executor)", b"sd-executor"];

/// A getty that began to run between two looks, CLOCK_BOOTTIME.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Begun {
    pub(crate) from_us: u64,
    pub(crate) to_us: u64,
}

/// The gettys, look after look.
#[derive(Debug, Default)]
pub(crate) struct Wait {
    /// Processes, and whether they are to be looked at again.
    known: Vec<(u32, Kind)>,
    begun: Vec<(u32, Begun)>,
    before_us: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unsettled,
    HeldBack,
    Getty,
    Other,
}

impl Kind {
    fn of(comm: &[u8]) -> Self {
        match comm {
            _ if comm == HELD_BACK => Self::HeldBack,
            _ if GETTIES.contains(&comm) => Self::Getty,
            _ if UNSETTLED.contains(&comm) || comm.starts_with(b"(") => Self::Unsettled,
            _ => Self::Other,
        }
    }
}

impl Wait {
    /// Takes a look, in which `comm` gives the name of a process. Says whether there is
    /// a getty, and none is held back.
    pub(crate) fn look(
        &mut self,
        now_us: u64,
        pids: &[u32],
        mut comm: impl FnMut(u32) -> Option<Vec<u8>>,
    ) -> bool {
        let mut known = Vec::with_capacity(pids.len());
        for &pid in pids {
            let before = self.known.iter().find(|(known, _)| *known == pid);
            let mut kind = before.map_or(Kind::Unsettled, |(_, kind)| *kind);
            if matches!(kind, Kind::Unsettled | Kind::HeldBack) {
                kind = comm(pid).map_or(Kind::Other, |comm| Kind::of(&comm));
                // One that was there at the first look may be old.
                if let (Kind::Getty, Some(from_us)) = (kind, self.before_us) {
                    let to_us = now_us;
                    self.begun.push((pid, Begun { from_us, to_us }));
                }
            }
            known.push((pid, kind));
        }
        self.known = known;
        self.before_us = Some(now_us);
        let has = |kind: Kind| self.known.iter().any(|(_, known)| *known == kind);
        has(Kind::Getty) && !has(Kind::HeldBack)
    }

    /// When a getty began, if that was seen.
    pub(crate) fn begun(&self, pid: u32) -> Option<Begun> {
        let begun = self.begun.iter().rev().find(|(known, _)| *known == pid);
        begun.map(|(_, begun)| *begun)
    }
}

/// The processes that there are now.
pub(crate) fn pids(dir: &mut Directory) -> Vec<u32> {
    let mut pids = Vec::new();
    // A directory that cannot be read shows none, and the next look may.
    let _ = dir.names(|name| pids.extend(pid_stat::pid(name)));
    pids
}

/// A process's name.
pub(crate) fn comm(root: &Root, pid: u32) -> Option<Vec<u8>> {
    let mut buffer = [0; 64];
    let text = root.read_proc(&format!("{pid}/comm"), &mut buffer).ok()?;
    Some(text.strip_suffix(b"\n").unwrap_or(text).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(wait: &mut Wait, now_us: u64, names: &[(u32, &str)]) -> (bool, usize) {
        let pids: Vec<u32> = names.iter().map(|(pid, _)| *pid).collect();
        let mut reads = 0;
        let is_over = wait.look(now_us, &pids, |pid| {
            reads += 1;
            let name = names.iter().find(|(known, _)| *known == pid)?;
            Some(name.1.into())
        });
        (is_over, reads)
    }

    #[test]
    fn until_none_is_held_back() {
        let mut wait = Wait::default();
        assert_eq!(
            look(&mut wait, 0, &[(1, "systemd"), (80, "udevd")]),
            (false, 2)
        );
        assert_eq!(
            look(
                &mut wait,
                20_000,
                &[
                    (1, "systemd"),
                    (80, "udevd"),
                    (90, "(agetty)"),
                    (91, "systemd")
                ]
            ),
            (false, 3)
        );
        assert_eq!(
            look(
                &mut wait,
                40_000,
                &[
                    (1, "systemd"),
                    (80, "udevd"),
                    (90, "agetty"),
                    (91, "(agetty)")
                ]
            ),
            (false, 3)
        );
        assert_eq!(
            look(
                &mut wait,
                60_000,
                &[
                    (1, "systemd"),
                    (80, "udevd"),
                    (90, "agetty"),
                    (91, "agetty")
                ]
            ),
            (true, 2)
        );
        let begun = |pid| wait.begun(pid).map(|begun| (begun.from_us, begun.to_us));
        assert_eq!(begun(90), Some((20_000, 40_000)));
        assert_eq!(begun(91), Some((40_000, 60_000)));
        assert_eq!(begun(80), None);
    }

    #[test]
    fn a_getty_that_was_there_first_may_be_old() {
        let mut wait = Wait::default();
        assert_eq!(look(&mut wait, 0, &[(90, "getty")]), (true, 1));
        assert_eq!(wait.begun(90), None);
    }

    #[test]
    fn a_getty_that_is_gone_is_waited_for_no_more() {
        let mut wait = Wait::default();
        assert!(!look(&mut wait, 0, &[(90, "(agetty)"), (91, "(agetty)")]).0);
        assert!(look(&mut wait, 9, &[(91, "agetty")]).0);
    }
}
