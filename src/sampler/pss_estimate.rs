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

    /// The next reading is due, however little others may have changed.
    pub(crate) fn read_if_drifted(&mut self) {
        if self.drift_kib > 0 {
            self.drift_kib = u64::MAX;
        }
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
#[path = "pss_estimate/tests.rs"]
mod tests;
