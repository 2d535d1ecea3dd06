//! By how much, or by which factor, two figures differ that are themselves differences of
//! groups of runs, such as the memory that each of two products adds.
//!
//! Runs cannot be paired over four groups. But the figures are independent: the
//! probability that both intervals hold their figures is the product of the two. Where
//! both hold, the difference lies between `low - high` and `high - low`, and the ratio
//! between `low / high` and `high / low`.
//!
//! - Each interval is taken at the square root of 95 %, so that both hold with at least
//!   95 %. The reported probability is the product; the difference and the ratio lie in
//!   their interval more often, also where one of the two fails.
//! - Where the runs are too few for that, the interval is the range from the least to the
//!   greatest figure that any four runs give, one of each group.

use super::contrast::{difference_at, Contrast, Level};
use super::median_interval::median_interval_at;
use super::order::{median, quantile};

/// A figure of groups of runs: the median of the one, less that of the other; `less`
/// may be empty, then it is the median alone.
#[derive(Debug, Clone, Copy)]
pub struct Figure<'v> {
    pub of: &'v [f64],
    pub less: &'v [f64],
}

impl Figure<'_> {
    fn at(self, level: Level) -> Option<Contrast> {
        if !self.less.is_empty() {
            return difference_at(self.of, self.less, level);
        }
        let value = median(self.of).filter(|value| value.is_finite())?;
        let (low, high, coverage) = match median_interval_at(self.of, level.coverage) {
            Some(interval) => (interval.low, interval.high, interval.coverage),
            // All runs are on the same side of it, one time in 2^(n - 1).
            None => (
                quantile(self.of, 0)?,
                quantile(self.of, 1000)?,
                1.0 - 2.0 * 0.5_f64.powi(i32::try_from(self.of.len()).unwrap_or(i32::MAX)),
            ),
        };
        Some(Contrast {
            value,
            low,
            high,
            coverage,
        })
    }
}

/// `a` less `b`, and `a` as a multiple of `b`; of the latter `None` where a run may make
/// it negative or divide it by 0. `None` where a figure is none.
pub fn of_figures(a: Figure<'_>, b: Figure<'_>) -> Option<(Contrast, Option<Contrast>)> {
    let at = |level| Some((a.at(level)?, b.at(level)?));
    let is_enough = |of: &Contrast| of.coverage >= Level::EACH_OF_TWO.coverage;
    let (a, b) = match at(Level::EACH_OF_TWO)? {
        (a, b) if is_enough(&a) && is_enough(&b) => (a, b),
        _ => at(Level::WIDEST)?,
    };
    let coverage = a.coverage * b.coverage;
    let difference = Contrast {
        value: a.value - b.value,
        low: a.low - b.high,
        high: a.high - b.low,
        coverage,
    };
    let ratio = (a.low >= 0.0 && b.low > 0.0).then(|| Contrast {
        value: a.value / b.value,
        low: a.low / b.high,
        high: a.high / b.low,
        coverage,
    });
    Some((difference, ratio))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn from(least: u32) -> Vec<f64> {
        (least..least + 6).map(f64::from).collect()
    }

    fn close(ours: f64, theirs: f64) -> bool {
        (ours - theirs).abs() < 1e-12
    }

    /// 300 to 305 less 200 to 205, against 600 to 605 less 100 to 105. Of the 36
    /// differences of 6 and 6 runs one is 5 below the median's, two are 4, three are 3:
    /// the fourth from either end is 3 away. P(U < 4) is 7 of 924: 1, 1, 2 and 3 ways.
    #[test]
    fn two_figures_of_six_and_six() {
        let (with, before, more, less) = (from(300), from(200), from(600), from(100));
        let a = Figure {
            of: &with,
            less: &before,
        };
        let b = Figure {
            of: &more,
            less: &less,
        };
        let (difference, ratio) = of_figures(a, b).unwrap();
        let ratio = ratio.unwrap();
        assert_eq!(
            (difference.value, difference.low, difference.high),
            (-400.0, -406.0, -394.0)
        );
        assert_eq!(
            (ratio.value, ratio.low, ratio.high),
            (0.2, 97.0 / 503.0, 103.0 / 497.0)
        );
        let each = 1.0 - 14.0 / 924.0;
        assert!(ratio.is_interval() && close(ratio.coverage, each * each));
    }

    /// All ways in which 4 runs and 5 may fall, of either figure: 126 x 126. The figures
    /// differ by nothing, so both intervals and what is made of them should hold that.
    #[test]
    fn it_holds_as_often_as_it_says() {
        let falls = (0u32..1 << 9).filter(|chosen| chosen.count_ones() == 4);
        let falls: Vec<_> = falls
            .map(|chosen| {
                let is = |rank: &u32| chosen >> rank & 1 == 1;
                let (of, less): (Vec<u32>, Vec<u32>) = (0..9).partition(is);
                // 1000 more, so that a ratio is one.
                let of: Vec<f64> = of
                    .into_iter()
                    .map(|rank| f64::from(rank) + 1000.0)
                    .collect();
                (of, less.into_iter().map(f64::from).collect::<Vec<_>>())
            })
            .collect();
        let (mut both, mut of_difference, mut of_ratio) = (0, 0, 0);
        let mut told = 0.0;
        for (of, less) in &falls {
            let a = Figure { of, less };
            let holds = |of: &Contrast, it: f64| of.low <= it && it <= of.high;
            let hold_a = holds(&a.at(Level::EACH_OF_TWO).unwrap(), 1000.0);
            for (of, less) in &falls {
                let b = Figure { of, less };
                let (difference, ratio) = of_figures(a, b).unwrap();
                told = ratio.unwrap().coverage;
                let hold_b = holds(&b.at(Level::EACH_OF_TWO).unwrap(), 1000.0);
                both += usize::from(hold_a && hold_b);
                of_difference += usize::from(holds(&difference, 0.0));
                of_ratio += usize::from(holds(&ratio.unwrap(), 1.0));
            }
        }
        // All but the two in which the four are above or below all.
        assert_eq!(both, 124 * 124);
        assert!(close(told, 124.0 * 124.0 / (126.0 * 126.0)) && told >= 0.95);
        assert!(of_difference >= both && of_ratio >= both);
    }

    #[test]
    fn a_median_alone_has_its_own_interval() {
        let (of, less) = (from(300), from(600));
        let alone = |of| Figure { of, less: &[] };
        // 2 of 64: less than the square root asks for, so the range.
        let (difference, ratio) = of_figures(alone(&of), alone(&less)).unwrap();
        assert_eq!((difference.low, difference.high), (-305.0, -295.0));
        let ratio = ratio.unwrap();
        assert!(!ratio.is_interval() && close(ratio.coverage, (31.0 / 32.0_f64).powi(2)));
        assert_eq!(of_figures(alone(&[]), alone(&of)).map(|_| ()), None);
        assert_eq!(of_figures(alone(&[f64::NAN]), alone(&of)).map(|_| ()), None);
    }

    proptest! {
        /// Of few runs the ends are those of all choices of four, written down.
        #[test]
        fn few_runs_give_the_range_of_any_four(
            a in prop::collection::vec(500.0f64..900.0, 1..4),
            b in prop::collection::vec(0.0f64..499.0, 1..4),
            c in prop::collection::vec(500.0f64..900.0, 1..4),
            d in prop::collection::vec(0.0f64..499.0, 1..4),
        ) {
            let (difference, ratio) =
                of_figures(Figure { of: &a, less: &b }, Figure { of: &c, less: &d }).unwrap();
            let ratio = ratio.unwrap();
            let (mut differences, mut ratios) = (Vec::new(), Vec::new());
            for (a, b) in a.iter().flat_map(|a| b.iter().map(move |b| (a, b))) {
                for (c, d) in c.iter().flat_map(|c| d.iter().map(move |d| (c, d))) {
                    differences.push((a - b) - (c - d));
                    ratios.push((a - b) / (c - d));
                }
            }
            for (found, all) in [(difference, differences), (ratio, ratios)] {
                let ends = [f64::min, f64::max].map(|end| all.iter().copied().reduce(end).unwrap());
                prop_assert!((found.low - ends[0]).abs() < 1e-9 && (found.high - ends[1]).abs() < 1e-9);
                prop_assert!(!found.is_interval());
            }
        }
    }
}
