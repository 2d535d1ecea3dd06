//! Time: how many ticks it has, and how much of it may be spent on walking pages.

/// How many ticks a time has.
#[derive(Debug, Clone, Copy)]
pub(super) struct TickLength {
    pub(crate) interval_ns: u64,
}

impl TickLength {
    /// At least 1.
    pub(crate) fn ticks_in(self, nanoseconds: u64) -> u64 {
        (nanoseconds / self.interval_ns.max(1)).max(1)
    }
}

/// The budget is saved up for this time, or for one interval where that is longer.
const SAVED_NS: u64 = 2_000_000_000;

/// CPU time that may be spent on walking pages: a fixed amount a second, saved up
/// for an interval, or for two seconds where the interval is shorter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    per_second_ns: u64,
    left_ns: i64,
    most_ns: i64,
}

impl Budget {
    pub(crate) fn new(per_second_ns: u64, interval_ns: u64) -> Self {
        Self {
            per_second_ns,
            left_ns: 0,
            most_ns: earned(per_second_ns, interval_ns.max(SAVED_NS)),
        }
    }

    /// Time went by.
    pub(crate) fn earn(&mut self, elapsed_ns: u64) {
        let earned = earned(self.per_second_ns, elapsed_ns);
        self.left_ns = self.left_ns.saturating_add(earned).min(self.most_ns);
    }

    /// A reading took this long. One that was begun is ended: the debt is worked
    /// off before the next.
    pub(crate) fn spend(&mut self, ns: u64) {
        self.left_ns = self.left_ns.saturating_sub(ns.min(1 << 60) as i64);
    }

    pub(crate) fn is_used_up(&self) -> bool {
        self.left_ns <= 0
    }
}

/// What a time is worth.
fn earned(per_second_ns: u64, elapsed_ns: u64) -> i64 {
    let seconds = elapsed_ns as f64 / 1e9;
    (per_second_ns as f64 * seconds).min(1e15) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_interval_spends_all_that_it_earned() {
        // 10 ms a second: 100 ms in 10 s, however many intervals were not used.
        let mut budget = Budget::new(10_000_000, 10_000_000_000);
        budget.earn(10_000_000_000);
        budget.spend(99_999_999);
        assert!(!budget.is_used_up());
        budget.spend(1);
        assert!(budget.is_used_up());
        budget.earn(60_000_000_000);
        budget.spend(100_000_000);
        assert!(budget.is_used_up());
    }

    #[test]
    fn the_budget_is_saved_for_two_seconds_and_debts_are_worked_off() {
        let mut budget = Budget::new(10_000_000, 100_000_000);
        assert!(budget.is_used_up());
        budget.earn(60_000_000_000);
        budget.spend(19_999_999);
        assert!(!budget.is_used_up());
        budget.spend(15_000_001);
        assert!(budget.is_used_up());
        budget.earn(1_000_000_000);
        assert!(budget.is_used_up());
        budget.earn(1_000_000_000);
        assert!(!budget.is_used_up());
    }
}
