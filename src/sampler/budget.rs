//! Time: how many ticks it has, and how much of it may be spent on walking pages.

/// How many ticks a time has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticks {
    pub interval_ns: u64,
}

impl Ticks {
    /// At least 1.
    pub fn of(self, nanoseconds: u64) -> u64 {
        (nanoseconds / self.interval_ns.max(1)).max(1)
    }
}

/// CPU time that may be spent on walking pages: so much a second, saved up for
/// two seconds at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    per_second_ns: u64,
    left_ns: i64,
}

impl Budget {
    pub fn new(per_second_ns: u64) -> Self {
        Self {
            per_second_ns,
            left_ns: 0,
        }
    }

    /// Time went by.
    pub fn earn(&mut self, elapsed_ns: u64) {
        let seconds = elapsed_ns as f64 / 1e9;
        let earned = (self.per_second_ns as f64 * seconds).min(1e15) as i64;
        let most = (self.per_second_ns.min(1 << 40) as i64) * 2;
        self.left_ns = self.left_ns.saturating_add(earned).min(most);
    }

    /// A reading took this long. One that was begun is ended: the debt is worked
    /// off before the next.
    pub fn spend(&mut self, ns: u64) {
        self.left_ns = self.left_ns.saturating_sub(ns.min(1 << 60) as i64);
    }

    pub fn is_used_up(&self) -> bool {
        self.left_ns <= 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_saved_for_two_seconds_and_debts_are_worked_off() {
        let mut budget = Budget::new(10_000_000);
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
