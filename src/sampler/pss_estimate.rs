//! When a process's memory is read, and how it is estimated in between.
//!
//! To read it, the kernel walks all its pages: some 70 ns each. So it is read when the
//! resident set has moved, when more or fewer processes share its pages, and when the
//! last reading is old; in between, the change of the resident set is added. That is
//! exact where only the process's own pages came or went: statm, which needs no walk,
//! tells these from pages of files.

use super::budget::TickLength;
use super::task::scattered;
use crate::log::fields::process::{self, flag};
use crate::proc::smaps_rollup::Rollup;
use crate::proc::statm::Statm;

/// The age at which a reading of a small, running process is repeated.
const OLD_NS: u64 = 10_000_000_000;
/// For an idle process that age is this many times higher.
const QUIET_FACTOR: u64 = 6;
/// For each part of this size, KiB, it is as much higher.
const BIG_KIB: u64 = 64 << 10;
/// The resident set has moved when it moved by more than this many pages and than 1 %.
const MOVED_PAGES: u64 = 16;
const MOVED_PART: u64 = 100;
/// At this many times its age a reading is as urgent as after a move: else processes
/// that keep moving would use up the budget for ever.
const OVERDUE: u64 = 3;

/// The last reading of a process's memory, and what changed since.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PssEstimate {
    /// Resident pages, PSS and private KiB at the last reading.
    rss: u64,
    pss_kib: u64,
    private_kib: u64,
    shared_kib: u64,
    /// The age counts from this tick, or from before the first.
    since: i64,
    /// How much PSS may have changed because others came to share, or ceased to,
    /// KiB.
    drift_kib: u64,
    /// What statm said at the last reading: unlike stat, whose resident set may be
    /// off by some pages for each core, it sums the kernel's counters. Nothing where
    /// pages of its own were shared then, as they are after a fork.
    statm: Option<StatmPages>,
    known: bool,
    /// The process has no memory, or none that may be read.
    absent: bool,
}

/// Pages by statm: all, and those of files and shared memory.
#[derive(Debug, Clone, Copy)]
struct StatmPages {
    resident: u32,
    shared: u32,
}

impl StatmPages {
    fn of(statm: &Statm) -> Self {
        let pages = |pages: u64| u32::try_from(pages).unwrap_or(u32::MAX);
        Self {
            resident: pages(statm.resident),
            shared: pages(statm.shared),
        }
    }
}

/// How urgent a reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Due {
    #[default]
    No,
    /// The last one is old.
    Old,
    /// The resident set has moved: statm tells whether that can be estimated.
    CheckStatm,
    /// PSS is known to have changed by more than can be estimated, or was never
    /// read.
    Moved,
}

impl PssEstimate {
    /// Whether it is due to be read at `tick`.
    pub(crate) fn due(
        &self,
        values: &[u64; process::COUNT],
        quiet: bool,
        tick: u64,
        tick_length: TickLength,
    ) -> Due {
        if self.is_new() {
            return Due::Moved;
        }
        let age = (tick as i64).saturating_sub(self.since);
        let patience = self.patience(quiet, tick_length) as i64;
        let drift_kib = if self.known { self.drift_kib } else { 0 };
        if drift_kib > (4 * MOVED_PAGES).max(self.pss_kib / MOVED_PART)
            || age >= patience.saturating_mul(OVERDUE as i64)
        {
            return Due::Moved;
        }
        if self.has_moved(values[process::RSS], self.rss) {
            return match self.statm.is_some() && age < patience {
                true => Due::CheckStatm,
                false => Due::Moved,
            };
        }
        match age >= patience {
            true => Due::Old,
            false => Due::No,
        }
    }

    /// Whether a number of pages has moved by more than can be let pass.
    fn has_moved(&self, now: u64, then: u64) -> bool {
        now.abs_diff(then) > MOVED_PAGES.max(self.rss / MOVED_PART)
    }

    /// Updates the last reading where only own pages moved; else a new one is due.
    pub(crate) fn check_statm(
        &mut self,
        values: &[u64; process::COUNT],
        now: &Statm,
        page_kib: u64,
    ) -> Due {
        let Some(then) = self.statm else {
            return Due::Moved;
        };
        let now = StatmPages::of(now);
        if self.has_moved(now.shared.into(), then.shared.into()) {
            return Due::Moved;
        }
        for kib in [&mut self.pss_kib, &mut self.private_kib] {
            *kib = moved(*kib, then.resident.into(), now.resident.into(), page_kib);
        }
        self.statm = Some(StatmPages {
            resident: now.resident,
            ..then
        });
        self.rss = values[process::RSS];
        Due::No
    }

    fn patience(&self, quiet: bool, tick_length: TickLength) -> u64 {
        let rss_kib = self.private_kib.saturating_add(self.shared_kib);
        let size = 1 + rss_kib / BIG_KIB;
        let quiet = if quiet { QUIET_FACTOR } else { 1 };
        tick_length.ticks_in(OLD_NS.saturating_mul(size).saturating_mul(quiet))
    }

    /// Takes over a reading.
    pub(crate) fn take_reading(
        &mut self,
        values: &mut [u64; process::COUNT],
        rollup: &Rollup,
        statm: Option<Statm>,
        tick: u64,
    ) {
        values[process::FLAGS] &= !(flag::UNREADABLE | flag::STALE);
        values[process::FLAGS] |= flag::HAS_PSS;
        values[process::PSS] = rollup.pss;
        values[process::PRIVATE] = rollup.private();
        values[process::SHARED] = rollup.shared();
        values[process::SWAP] = rollup.swap;
        values[process::SWAP_PSS] = rollup.swap_pss;
        values[process::PSS_AT] = tick;
        *self = Self {
            rss: values[process::RSS],
            pss_kib: rollup.pss,
            private_kib: rollup.private(),
            shared_kib: rollup.shared(),
            since: tick as i64,
            drift_kib: 0,
            statm: statm
                .filter(|_| owns_its_pages(rollup))
                .map(|statm| StatmPages::of(&statm)),
            known: true,
            absent: false,
        };
    }

    /// The process has no memory, or reading it was `denied`.
    pub(crate) fn set_absent(
        &mut self,
        values: &mut [u64; process::COUNT],
        denied: bool,
        tick: u64,
    ) {
        values[process::FLAGS] &= flag::KERNEL_THREAD;
        if denied {
            values[process::FLAGS] |= flag::UNREADABLE;
        }
        for field in [
            process::PSS,
            process::PRIVATE,
            process::SHARED,
            process::SWAP,
            process::SWAP_PSS,
        ] {
            values[field] = 0;
        }
        *self = Self {
            rss: values[process::RSS],
            since: tick as i64,
            absent: true,
            ..Self::default()
        };
    }

    /// Whether it was neither read nor found to be absent.
    pub(crate) fn is_new(&self) -> bool {
        !self.known && !self.absent
    }

    /// The process runs in its parent's memory, and has none of its own until the next
    /// sample.
    pub(crate) fn set_borrowed(&mut self, values: &mut [u64; process::COUNT], tick: u64) {
        values[process::RSS] = 0;
        self.set_absent(values, false, tick);
        self.absent = false;
    }

    /// Puts the estimate in the place of a reading.
    pub(crate) fn estimate(&self, values: &mut [u64; process::COUNT], page_kib: u64) {
        if !self.known {
            return;
        }
        let now = values[process::RSS];
        values[process::PSS] = moved(self.pss_kib, self.rss, now, page_kib);
        values[process::PRIVATE] = moved(self.private_kib, self.rss, now, page_kib);
    }

    /// One of some `sharers` processes that run the same program came or went: each
    /// of the others then bears another part of what they share.
    pub(crate) fn shared_by(&mut self, sharers: u64) {
        let part = sharers.saturating_mul(sharers.saturating_sub(1)).max(2);
        self.drift_kib = self.drift_kib.saturating_add(self.shared_kib / part);
    }

    /// A child was forked off, and shares all pages until one of the two writes
    /// to them; or it ended, or executes something else.
    pub(crate) fn shared_with_child(&mut self) {
        self.drift_kib = self.drift_kib.saturating_add(self.private_kib / 2);
    }

    /// Spreads the next readings over time, for those that were read at once.
    pub(crate) fn stagger(&mut self, pid: u32, tick_length: TickLength) {
        let spread = u64::from(scattered(pid)) % self.patience(true, tick_length).max(1);
        self.since = self.since.saturating_sub(spread as i64);
    }
}

/// So many KiB, and what pages came or went since; nothing less than 0.
fn moved(kib: u64, then: u64, now: u64, page_kib: u64) -> u64 {
    kib.saturating_add(now.saturating_mul(page_kib))
        .saturating_sub(then.saturating_mul(page_kib))
}

/// Whether hardly any anonymous page is another's as well. Pss_Anon is there since
/// 5.4; before, it cannot be told.
fn owns_its_pages(rollup: &Rollup) -> bool {
    let others = rollup.anonymous.saturating_sub(rollup.pss_anon);
    rollup.pss_anon > 0 && others <= rollup.anonymous / MOVED_PART
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: TickLength = TickLength {
        interval_ns: 1_000_000_000,
    };

    fn values(rss: u64) -> [u64; process::COUNT] {
        let mut values = [0; process::COUNT];
        values[process::RSS] = rss;
        values
    }

    /// Read at `tick`: resident pages, PSS, private and shared KiB.
    fn read(tick: u64, rss: u64, pss: u64, private_dirty: u64, shared_clean: u64) -> PssEstimate {
        let mut memory = PssEstimate::default();
        let rollup = Rollup {
            pss,
            private_dirty,
            shared_clean,
            ..Rollup::default()
        };
        memory.take_reading(&mut values(rss), &rollup, None, tick);
        memory
    }

    #[test]
    fn a_process_that_was_never_read_is_due() {
        let memory = PssEstimate::default();
        assert_eq!(memory.due(&values(1), true, 0, SECOND), Due::Moved);
    }

    #[test]
    fn sixteen_pages_or_one_percent_are_not_moved_and_more_is() {
        let small = read(0, 1000, 4000, 4000, 0);
        assert_eq!(small.due(&values(1016), false, 1, SECOND), Due::No);
        assert_eq!(small.due(&values(1017), false, 1, SECOND), Due::Moved);
        assert_eq!(small.due(&values(983), false, 1, SECOND), Due::Moved);
        let large = read(0, 10_000, 40_000, 40_000, 0);
        assert_eq!(large.due(&values(10_100), false, 1, SECOND), Due::No);
        assert_eq!(large.due(&values(10_101), false, 1, SECOND), Due::Moved);
    }

    #[test]
    fn readings_grow_old_after_10_s_and_6_times_later_where_nothing_runs() {
        let memory = read(100, 1000, 4000, 4000, 0);
        assert_eq!(memory.due(&values(1000), false, 109, SECOND), Due::No);
        assert_eq!(memory.due(&values(1000), false, 110, SECOND), Due::Old);
        assert_eq!(memory.due(&values(1000), true, 159, SECOND), Due::No);
        assert_eq!(memory.due(&values(1000), true, 160, SECOND), Due::Old);
        // 128 MiB: three times as long.
        let large = read(100, 32_768, 131_072, 131_072, 0);
        assert_eq!(large.due(&values(32_768), false, 129, SECOND), Due::No);
        assert_eq!(large.due(&values(32_768), false, 130, SECOND), Due::Old);
    }

    #[test]
    fn estimates_follow_the_resident_set_and_end_at_zero() {
        let memory = read(0, 1000, 3000, 2000, 2000);
        let mut now = values(1010);
        memory.estimate(&mut now, 4);
        assert_eq!((now[process::PSS], now[process::PRIVATE]), (3040, 2040));
        let mut now = values(400);
        memory.estimate(&mut now, 4);
        assert_eq!((now[process::PSS], now[process::PRIVATE]), (600, 0));
        let mut now = values(1010);
        memory.estimate(&mut now, 16);
        assert_eq!(now[process::PSS], 3160);
    }

    #[test]
    fn a_fork_makes_the_parent_due_and_the_siblings_by_their_part() {
        // 32 MiB of its own: a child that shares it halves that.
        let mut parent = read(0, 8192, 32_768, 32_768, 0);
        parent.shared_with_child();
        assert_eq!(parent.due(&values(8192), true, 1, SECOND), Due::Moved);
        // 32 MiB shared by 9: one more takes 32 MiB / 72 = 455 KiB off each, above
        // 1 % of 3640 and above 64.
        let mut worker = read(0, 8192, 3640, 0, 32_768);
        worker.shared_by(9);
        assert_eq!(worker.due(&values(8192), true, 1, SECOND), Due::Moved);
        // 1 MiB of libraries shared by 130: 1024 / (130 x 129) is nothing.
        let mut sleeper = read(0, 400, 200, 100, 1024);
        for _ in 0..50 {
            sleeper.shared_by(130);
        }
        assert_eq!(sleeper.due(&values(400), true, 1, SECOND), Due::No);
    }

    #[test]
    fn pages_of_its_own_are_no_reason_to_read_and_pages_of_files_are() {
        let mut memory = PssEstimate::default();
        let rollup = Rollup {
            rss: 40_000,
            pss: 33_000,
            anonymous: 32_000,
            pss_anon: 32_000,
            ..Rollup::default()
        };
        let statm = |resident, shared| Statm {
            size: 50_000,
            resident,
            shared,
        };
        memory.take_reading(&mut values(10_000), &rollup, Some(statm(10_010, 2_000)), 0);
        let now = values(15_000);
        assert_eq!(memory.due(&now, false, 1, SECOND), Due::CheckStatm);
        assert_eq!(
            memory.check_statm(&now, &statm(15_000, 2_101), 4),
            Due::Moved
        );
        // 5050 pages more by the better count: 20,200 KiB.
        assert_eq!(memory.check_statm(&now, &statm(15_060, 2_100), 4), Due::No);
        assert_eq!(memory.due(&now, false, 1, SECOND), Due::No);
        let mut estimate = values(15_003);
        memory.estimate(&mut estimate, 4);
        assert_eq!(estimate[process::PSS], 33_000 + 20_200 + 12);
        // When it is old, it is read.
        assert_eq!(memory.due(&values(20_000), false, 10, SECOND), Due::Moved);
        // Pages of its own that a child shares: half of each is its.
        let shared = Rollup {
            pss_anon: 31_600,
            ..rollup
        };
        memory.take_reading(&mut values(10_000), &shared, Some(statm(10_010, 2_000)), 0);
        assert_eq!(memory.due(&now, false, 1, SECOND), Due::Moved);
    }

    #[test]
    fn being_overdue_is_as_urgent_as_having_moved() {
        let memory = read(100, 1000, 4000, 4000, 0);
        assert_eq!(memory.due(&values(1000), false, 129, SECOND), Due::Old);
        assert_eq!(memory.due(&values(1000), false, 130, SECOND), Due::Moved);
    }
}
