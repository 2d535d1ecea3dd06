//! Waiting until each getty that systemd holds back runs, and has written its prompt.

use super::prompt::{GETTIES, HELD_BACK};
use crate::proc::number::decimal;
use crate::proc::pid_stat;
use crate::proc::root::Root;
use crate::system::directory::Directory;

/// What a process is called that may become something else soon: systemd's children
/// are called as it until they are set up.
const UNSETTLED: [&[u8]; 4] = [b"systemd", b"init", b"(sd-executor)", b"sd-executor"];

/// A getty that is quiet for so long, and then goes on, has been asleep for the second
/// that agetty waits before it writes to a serial line.
const ASLEEP_US: u64 = 900_000;
/// One that is quiet for longer has written its prompt, and waits for a name.
const QUIET_US: u64 = 1_500_000;

/// A getty that did something between two looks, CLOCK_BOOTTIME: the prompt, if that was
/// the last thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Begun {
    pub(crate) from_us: u64,
    pub(crate) to_us: u64,
    /// How often it had gone to sleep then.
    sleeps: u64,
    /// Since when it has been asleep without a break.
    asleep_us: u64,
    is_over: bool,
}

/// A process's sleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sleep {
    /// How often it has gone to sleep by itself.
    pub(crate) times: u64,
    /// It is asleep, and neither runs nor waits for a CPU or a disk.
    pub(crate) is_now: bool,
}

/// The gettys, look after look.
#[derive(Debug, Default)]
pub(crate) struct Wait {
    /// Processes, and whether they are to be looked at again.
    known: Vec<(u32, Kind)>,
    begun: Vec<(u32, Begun)>,
    before_us: Option<u64>,
}

/// What is to be seen of a process.
pub(crate) trait Processes {
    fn comm(&mut self, pid: u32) -> Option<Vec<u8>>;
    /// `None`: it is gone.
    fn sleep(&mut self, pid: u32) -> Option<Sleep>;
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

impl Begun {
    fn look(&mut self, before_us: u64, now_us: u64, sleep: Option<Sleep>) {
        let Some(sleep) = sleep.filter(|_| !self.is_over) else {
            self.is_over = true;
            return;
        };
        if sleep.times != self.sleeps {
            let slept_us = before_us.saturating_sub(self.asleep_us);
            *self = Self {
                from_us: before_us,
                to_us: now_us,
                sleeps: sleep.times,
                asleep_us: now_us,
                is_over: slept_us >= ASLEEP_US,
            };
        } else if !sleep.is_now {
            self.asleep_us = now_us;
        } else {
            self.is_over = now_us.saturating_sub(self.asleep_us) >= QUIET_US;
        }
    }
}

impl Wait {
    /// Takes a look. Says whether there is a getty, none is held back, and all that began
    /// meanwhile have written their prompt.
    pub(crate) fn look(
        &mut self,
        now_us: u64,
        pids: &[u32],
        processes: &mut impl Processes,
    ) -> bool {
        for (pid, begun) in &mut self.begun {
            let before_us = self.before_us.unwrap_or(now_us);
            begun.look(before_us, now_us, processes.sleep(*pid));
        }
        let mut known = Vec::with_capacity(pids.len());
        for &pid in pids {
            let before = self.known.iter().find(|(known, _)| *known == pid);
            let mut kind = before.map_or(Kind::Unsettled, |(_, kind)| *kind);
            if matches!(kind, Kind::Unsettled | Kind::HeldBack) {
                kind = processes
                    .comm(pid)
                    .map_or(Kind::Other, |comm| Kind::of(&comm));
                // One that was there at the first look may be old.
                if let (Kind::Getty, Some(from_us)) = (kind, self.before_us) {
                    let begun = Begun {
                        from_us,
                        to_us: now_us,
                        sleeps: processes.sleep(pid).map_or(0, |sleep| sleep.times),
                        asleep_us: now_us,
                        is_over: false,
                    };
                    self.begun.push((pid, begun));
                }
            }
            known.push((pid, kind));
        }
        self.known = known;
        self.before_us = Some(now_us);
        let has = |kind: Kind| self.known.iter().any(|(_, known)| *known == kind);
        let are_over = self.begun.iter().all(|(_, begun)| begun.is_over);
        has(Kind::Getty) && !has(Kind::HeldBack) && are_over
    }

    /// When a getty wrote its prompt, if that was seen.
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

/// How a process sleeps: `/proc/PID/status`, proc(5).
pub(crate) fn sleep(root: &Root, pid: u32) -> Option<Sleep> {
    let mut buffer = [0; 4096];
    let text = root.read_proc(&format!("{pid}/status"), &mut buffer).ok()?;
    sleep_of(text)
}

fn sleep_of(status: &[u8]) -> Option<Sleep> {
    let value = |key: &[u8]| {
        let mut lines = status.split(|&byte| byte == b'\n');
        lines.find_map(|line| line.strip_prefix(key))
    };
    Some(Sleep {
        times: decimal(value(b"voluntary_ctxt_switches:\t")?).ok()?,
        is_now: value(b"State:\t")?.starts_with(b"S"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Added to how often it has slept of one that is awake.
    const AWAKE: u64 = 1000;

    /// Names, reads of names, and how often each has gone to sleep.
    struct Seen<'s>(&'s [(u32, &'s str)], usize, u64);

    impl Processes for Seen<'_> {
        fn comm(&mut self, pid: u32) -> Option<Vec<u8>> {
            self.1 += 1;
            let name = self.0.iter().find(|(known, _)| *known == pid)?;
            Some(name.1.into())
        }

        fn sleep(&mut self, pid: u32) -> Option<Sleep> {
            let is_there = self.0.iter().any(|(known, _)| *known == pid);
            is_there.then_some(Sleep {
                times: self.2 % AWAKE,
                is_now: self.2 < AWAKE,
            })
        }
    }

    fn look(wait: &mut Wait, now_us: u64, names: &[(u32, &str)]) -> (bool, usize) {
        let pids: Vec<u32> = names.iter().map(|(pid, _)| *pid).collect();
        let mut seen = Seen(names, 0, 7);
        let is_over = wait.look(now_us, &pids, &mut seen);
        (is_over, seen.1)
    }

    /// The bracket of a getty that has slept as often at each look, 20 ms apart, from
    /// 1 s on; at the first it is held back.
    fn prompt(sleeps: impl IntoIterator<Item = u64>) -> (u64, u64) {
        let mut wait = Wait::default();
        assert!(!wait.look(980_000, &[90], &mut Seen(&[(90, "(agetty)")], 0, 1)));
        let looks = (1_000_000..).step_by(20_000).zip(sleeps);
        let names = [(90, "agetty")];
        let over = looks.map(|(now, sleeps)| wait.look(now, &[90], &mut Seen(&names, 0, sleeps)));
        assert!(over.into_iter().any(|is_over| is_over));
        let begun = wait.begun(90).unwrap();
        (begun.from_us, begun.to_us)
    }

    #[test]
    fn the_prompt_is_the_last_that_it_does() {
        use std::iter::repeat;
        // On a screen: it runs from 0.98 to 1.08 s.
        let screen = [1, 2, 2, 3, 4].into_iter().chain(repeat(5));
        assert_eq!(prompt(screen), (1_080_000, 1_100_000));
        // On a serial line agetty sleeps for a second, and is typed to at once.
        let serial = [1, 2].into_iter().chain(repeat(3).take(50)).chain(4..);
        assert_eq!(prompt(serial), (2_020_000, 2_040_000));
        // On a busy machine it waits for a CPU meanwhile, which is no sleep.
        let busy = [2, 3]
            .into_iter()
            .chain(repeat(AWAKE + 3).take(100))
            .chain(repeat(4).take(50))
            .chain(repeat(5));
        assert_eq!(prompt(busy), (4_020_000, 4_040_000));
        // It was there at the first look behind it.
        assert_eq!(prompt(repeat(1)), (980_000, 1_000_000));
    }

    #[test]
    fn how_it_sleeps() {
        let status = b"Name:\tagetty\nState:\tS (sleeping)\nvoluntary_ctxt_switches:\t12\n\
            nonvoluntary_ctxt_switches:\t3\n";
        let expected = Sleep {
            times: 12,
            is_now: true,
        };
        assert_eq!(sleep_of(status), Some(expected));
        let runs = b"State:\tR (running)\nvoluntary_ctxt_switches:\t7\n";
        let expected = Sleep {
            times: 7,
            is_now: false,
        };
        assert_eq!(sleep_of(runs), Some(expected));
        assert_eq!(
            sleep_of(b"nonvoluntary_ctxt_switches:\t3\nState:\tS\n"),
            None
        );
    }

    #[test]
    fn one_that_ends_is_waited_for_no_more() {
        let mut wait = Wait::default();
        look(&mut wait, 0, &[(90, "(agetty)")]);
        assert!(!look(&mut wait, 20_000, &[(90, "agetty"), (91, "(agetty)")]).0);
        assert!(!look(&mut wait, 40_000, &[(91, "agetty")]).0);
        assert!(look(&mut wait, 1_540_000, &[(91, "agetty")]).0);
        assert_eq!(wait.begun(91).map(|begun| begun.to_us), Some(40_000));
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
            (false, 2)
        );
        // Neither does more.
        let gettys = [(90, "agetty"), (91, "agetty")];
        assert_eq!(look(&mut wait, 1_540_000, &gettys), (false, 0));
        assert_eq!(look(&mut wait, 1_560_000, &gettys), (true, 0));
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
        assert!(!look(&mut wait, 9, &[(91, "agetty")]).0);
        assert!(look(&mut wait, 1_500_009, &[(91, "agetty")]).0);
    }
}
