//! When `/proc` has to be listed: `processes` of /proc/stat counts forks, and where
//! it stands still no process can have appeared. gVisor and some containers show a
//! constant there, which says nothing. On a quiet board it stands still as well, so
//! that it has to be tried: with a fork of one's own.

use super::machine::read_stat;
use crate::log::fields::kernel;
use crate::proc::root::Root;
use crate::system::process::fork_once;

/// The count of forks, and whether it is believed.
#[derive(Debug, Default)]
pub(super) struct ForkCount {
    last: Option<u64>,
    /// It moved since the sample before, and at all.
    moved: bool,
    moves: bool,
    /// The last listing could not be read to its end.
    partial: bool,
    /// How many pids the last listing had, and the highest.
    pids: usize,
    highest: u32,
    /// The last listing held a process that the count does not know of yet: it was
    /// forked after the count was read, or is not counted.
    unannounced: bool,
    /// A process appeared that was never counted.
    wrong: bool,
}

/// Whether the count of forks moves with a fork. A captured tree is not asked.
pub(crate) fn are_counted(root: &Root) -> bool {
    let count = || {
        let mut buffer = [0; 4096];
        let file = root.open_proc("stat").ok()?;
        let stat = read_stat(&file, &mut buffer, |_, _| {}).ok()?.ok()?;
        Some(stat.counts[kernel::PROCESSES])
    };
    root.is_live() && {
        let before = count();
        // Where no process can be forked off now, the count may move later.
        before.is_some() && fork_once().is_ok() && count() > before
    }
}

impl ForkCount {
    /// The count is known to move.
    pub(crate) fn believe(&mut self) {
        self.moves = true;
    }

    /// Takes the count of the next sample; whether `/proc` has to be listed.
    pub(crate) fn advance(&mut self, count: u64) -> bool {
        let last = self.last.replace(count);
        self.moved = last != Some(count);
        self.moves |= self.moved && last.is_some();
        self.wrong |= self.unannounced && !self.moved;
        self.unannounced = false;
        self.moved || self.partial || !self.moves || self.wrong
    }

    /// Takes the pids of a listing, in ascending order.
    pub(crate) fn listed(&mut self, pids: &[u32], whole: bool) {
        self.partial = !whole;
        if !whole {
            return;
        }
        // Pids are given out in ascending order, until they begin anew.
        let highest = pids.last().copied().unwrap_or(0);
        let appeared = pids.len() > self.pids || highest > self.highest;
        self.unannounced = appeared && !self.moved;
        (self.pids, self.highest) = (pids.len(), highest);
    }

    /// A process of the listing could not be looked at: the next sample lists again.
    pub(crate) fn list_again(&mut self) {
        self.partial = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_moved_once_is_believed() {
        let mut forks = ForkCount::default();
        assert!(forks.advance(70));
        forks.listed(&[1, 2], true);
        assert!(forks.advance(70), "it may stand still for ever");
        forks.listed(&[1, 2], true);
        assert!(forks.advance(71));
        forks.listed(&[1, 2], true);
        assert!(!forks.advance(71));
        assert!(forks.advance(72));
    }

    #[test]
    fn a_count_that_is_known_to_move_is_believed_from_the_first_listing_on() {
        let mut forks = ForkCount::default();
        forks.believe();
        assert!(forks.advance(70));
        forks.listed(&[1, 2], true);
        assert!(!forks.advance(70));
        assert!(forks.advance(71));
        // And no longer than it is right.
        forks.listed(&[1, 2], true);
        assert!(!forks.advance(71));
        forks.listed(&[1, 2, 3], true);
        assert!(forks.advance(71));
        forks.listed(&[1, 2, 3], true);
        assert!(forks.advance(71));
    }

    #[test]
    fn a_constant_is_never_believed() {
        let mut forks = ForkCount::default();
        for _ in 0..1000 {
            assert!(forks.advance(0));
            forks.listed(&[1, 2], true);
        }
    }

    #[test]
    fn this_machine_counts_forks_and_a_capture_none() {
        let capture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures/x86_64-6.18");
        let open = |path: &str| Root::open(path.as_ref()).unwrap();
        assert!(!are_counted(&open(capture)));
        // Linux itself counts them; gVisor and others that take its place may not.
        if std::path::Path::new("/proc/kallsyms").exists() {
            assert!(are_counted(&open("/")));
        }
    }

    #[test]
    fn a_count_that_misses_a_process_is_never_believed_again() {
        // The process replaces another of a lower pid, or is one more.
        for appeared in [&[1, 9][..], &[1, 2, 3]] {
            let mut forks = ForkCount::default();
            forks.advance(70);
            forks.listed(&[1, 3], true);
            forks.advance(71);
            forks.listed(&[1, 3], true);
            assert!(!forks.advance(71));
            forks.listed(appeared, true);
            assert!(forks.advance(71));
            forks.listed(appeared, true);
            forks.advance(72);
            forks.listed(appeared, true);
            assert!(forks.advance(72));
        }
    }

    #[test]
    fn a_fork_between_count_and_listing_is_counted_in_the_next_sample() {
        let mut forks = ForkCount::default();
        forks.advance(70);
        forks.listed(&[1], true);
        forks.advance(71);
        forks.listed(&[1], true);
        forks.advance(71);
        forks.listed(&[1, 2], true);
        assert!(forks.advance(72));
        forks.listed(&[1, 2], true);
        assert!(!forks.advance(72));
    }

    #[test]
    fn a_partial_listing_is_followed_by_another() {
        let mut forks = ForkCount::default();
        forks.advance(70);
        forks.listed(&[1, 2], true);
        forks.advance(71);
        forks.listed(&[1], false);
        assert!(forks.advance(71));
        forks.listed(&[1, 2], true);
        assert!(!forks.advance(71));
    }
}
