//! Levels that are told in steps, and of which the median is wanted in one pass:
//! a part of a whole in tenths of a percent, a temperature in tenths of a degree.

/// The weight of each step.
#[derive(Debug, Clone, Default)]
pub(crate) struct Steps {
    counts: Vec<u32>,
    total: u64,
}

/// The highest step that is told from those above it.
const LAST: usize = 1 << 14;

/// Lowest, middle and highest step; of two in the middle, their mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// The same in another unit.
    pub(crate) fn map(self, each: impl Fn(f64) -> f64) -> Self {
        Self {
            min: each(self.min),
            median: each(self.median),
            max: each(self.max),
        }
    }
}

impl Steps {
    pub(crate) fn add(&mut self, step: u64, weight: u64) {
        let step = usize::try_from(step).unwrap_or(LAST).min(LAST);
        if self.counts.len() <= step {
            self.counts.resize(step + 1, 0);
        }
        let before = self.counts[step];
        let weight = u32::try_from(weight).unwrap_or(u32::MAX);
        self.counts[step] = before.saturating_add(weight);
        self.total = self
            .total
            .saturating_add((self.counts[step] - before).into());
    }

    /// `None` where nothing was added.
    pub(crate) fn spread(&self) -> Option<Spread> {
        let (lower, upper) = crate::stats::median_ranks(self.total)?;
        let at = |rank: u64| {
            let mut below = 0u64;
            let step = self.counts.iter().position(|count| {
                below = below.saturating_add((*count).into());
                below >= rank
            });
            step.map(|step| step as f64)
        };
        Some(Spread {
            min: at(1)?,
            median: (at(lower)? + at(upper)?) / 2.0,
            max: self.counts.len() as f64 - 1.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_steps() {
        let mut steps = Steps::default();
        assert_eq!(steps.spread(), None);
        for step in [30, 10, 20, 1000] {
            steps.add(step, 1);
        }
        let spread = steps.spread().unwrap();
        assert_eq!(
            (spread.min, spread.median, spread.max),
            (10.0, 25.0, 1000.0)
        );
        steps.add(u64::MAX, 1);
        assert_eq!(steps.spread().unwrap().median, 30.0);
        assert_eq!(steps.spread().unwrap().max, 16_384.0);
    }

    /// 10, 20 twice, 30 three times, 1000: the middle ones of seven, then of eight.
    #[test]
    fn a_weight_is_so_many_of_the_same() {
        let mut steps = Steps::default();
        for (step, weight) in [(30, 3), (10, 1), (20, 2), (1000, 1)] {
            steps.add(step, weight);
        }
        assert_eq!(steps.spread().unwrap().median, 30.0);
        steps.add(10, 1);
        assert_eq!(steps.spread().unwrap().median, 25.0);
        // As many as are counted, and no more.
        steps.add(20, u64::MAX);
        steps.add(20, u64::MAX);
        assert_eq!(steps.spread().unwrap().median, 20.0);
    }
}
