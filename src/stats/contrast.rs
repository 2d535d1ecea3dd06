//! By how much, or by which factor, two groups of runs differ.
//!
//! The figure is that of the medians. Its spread is read off the n x m figures of
//! all pairs of runs, one of each group, in ascending order: the r-th from the
//! bottom and the r-th from the top. If the groups differ by an amount (or by a
//! factor) and else are alike, then these two hold it with a probability that the
//! distribution of the Mann-Whitney statistic gives: 1 - 2 P(U < r). (L. E. Moses,
//! in Walker and Lev, Statistical Inference, 1953, chapter 18; Hollander, Wolfe and
//! Chicken, Nonparametric Statistical Methods, 3rd edition, 4.3. A factor is an
//! amount of the logarithms.)
//!
//! - r is the greatest for which that is at least 95 %. Such an interval leaves out
//!   0 (or the factor 1) just where the test tells the groups apart, ties aside.
//! - Where there is none (3 runs against 3, or fewer), r is 1: the range from the
//!   least to the greatest figure that any two runs give, such as min a / max b to
//!   max a / min b. Its probability is reported; for 1 run against 1 it is 0.
//! - Where the groups are too large to count, r is the normal approximation's.
//! - Where the figure of the medians lies outside, the interval is widened to it.

use super::median_interval::SIGNIFICANCE;
use super::order::{median, sorted};
use super::{normal, pairs, rank_sums};

/// The probability with which an interval is to hold its figure, and how many standard
/// deviations of a normal variable that is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    pub(crate) coverage: f64,
    deviations: f64,
}

impl Level {
    const ONE: Self = Self {
        coverage: 1.0 - SIGNIFICANCE,
        deviations: 1.959_963_984_540_055,
    };
    /// For two intervals that are both to hold: the square root of 0.95.
    pub(super) const EACH_OF_TWO: Self = Self {
        coverage: 0.974_679_434_480_896_3,
        deviations: 2.236_476_644_557_789_5,
    };
    /// More than any interval has: ends are the least and the greatest.
    pub(super) const WIDEST: Self = Self {
        coverage: 1.0,
        deviations: f64::INFINITY,
    };
}

/// A figure of two groups of runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contrast {
    /// Of the medians.
    pub value: f64,
    pub low: f64,
    /// Infinite for a ratio to runs of which one is 0.
    pub high: f64,
    /// The probability that what lies between `low` and `high` holds the figure.
    pub coverage: f64,
}

impl Contrast {
    /// Whether it is a 95 % interval; else it is the range of what any two runs give.
    pub(crate) fn is_interval(&self) -> bool {
        self.coverage >= 1.0 - SIGNIFICANCE
    }
}

/// The median of `a` less that of `b`. `None` where a group has no values, or one
/// that is no number or infinite.
pub fn difference(a: &[f64], b: &[f64]) -> Option<Contrast> {
    difference_at(a, b, Level::ONE)
}

/// The same with another level than 95 %.
pub(super) fn difference_at(a: &[f64], b: &[f64], level: Level) -> Option<Contrast> {
    let less = |a, b| a - b;
    contrast(a, b, level, less, less)
}

/// The median of `a` as a multiple of that of `b`. `None` where a group has no
/// values, or one that is negative, no number or infinite, and where the median of
/// `b` is 0. A run of 0 to a run of 0 may be any multiple: 0 at the lower end,
/// infinity at the upper.
pub fn ratio(a: &[f64], b: &[f64]) -> Option<Contrast> {
    if a.iter().chain(b).any(|value| *value < 0.0) || median(b)? <= 0.0 {
        return None;
    }
    let quotient = |a: f64, b: f64, open: f64| if b > 0.0 || a > 0.0 { a / b } else { open };
    contrast(
        a,
        b,
        Level::ONE,
        |a, b| quotient(a, b, 0.0),
        |a, b| quotient(a, b, f64::INFINITY),
    )
}

/// `lower` gives the figure of a pair, and `upper` the same for the upper end.
fn contrast(
    a: &[f64],
    b: &[f64],
    level: Level,
    lower: impl Fn(f64, f64) -> f64,
    upper: impl Fn(f64, f64) -> f64,
) -> Option<Contrast> {
    let value = lower(median(a)?, median(b)?);
    let (a, b) = (finite(a)?, finite(b)?);
    let (rank, coverage) = innermost(a.len(), b.len(), level);
    let opposite = (a.len() as u128 * b.len() as u128) + 1 - rank;
    Some(Contrast {
        value,
        low: pairs::at(&a, &b, lower, rank).min(value),
        high: pairs::at(&a, &b, upper, opposite).max(value),
        coverage,
    })
}

fn finite(values: &[f64]) -> Option<Vec<f64>> {
    let finite = values.iter().all(|value| value.is_finite());
    sorted(values).filter(|_| finite)
}

/// The greatest rank whose pair covers enough, else 1, and what it covers.
fn innermost(n: usize, m: usize, level: Level) -> (u128, f64) {
    let k = n.min(m);
    if !rank_sums::countable(k, n + m) {
        return approximate(n as f64, m as f64, level);
    }
    let ranks: Vec<usize> = (1..=n + m).collect();
    // U is what the rank sum is above the least one.
    let least = k * (k + 1) / 2;
    let counts = rank_sums::counts(&ranks, k, least + n * m / 2);
    let all = rank_sums::choices(n + m, k);
    let mut outside = 0;
    let mut innermost = (1, 1.0 - 2.0 / all as f64);
    for (count, rank) in counts.iter().skip(least).zip(1..) {
        outside += count;
        if 2.0 * outside as f64 > (1.0 - level.coverage) * all as f64 {
            break;
        }
        innermost = (rank, 1.0 - 2.0 * outside as f64 / all as f64);
    }
    innermost
}

/// Half a step nearer to the mean, as in the test.
fn approximate(n: f64, m: f64, level: Level) -> (u128, f64) {
    let (mean, deviation) = (n * m / 2.0, (n * m * (n + m + 1.0) / 12.0).sqrt());
    let steps = level.deviations * deviation;
    let rank = (mean + 0.5 - steps).floor().max(1.0);
    let coverage = 1.0 - normal::both_tails((mean + 0.5 - rank) / deviation);
    (rank as u128, coverage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(ours: f64, theirs: f64) -> bool {
        (ours - theirs).abs() < 1e-12
    }

    /// Permeability of human chorioamnion at term and at 12 to 26 weeks, table 4.1 of
    /// Hollander and Wolfe; their section 4.3 has the interval -0.15 to 0.76 of the
    /// difference, at 96 %. Those of the factor: all quotients sorted, the 9th from
    /// either end, by Python.
    #[test]
    fn published_example() {
        let term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
        let earlier = [1.15, 0.88, 0.90, 0.74, 1.21];
        let amount = difference(&term, &earlier).unwrap();
        assert!(close(amount.value, 0.515) && close(amount.coverage, 0.960_039_960_039_960_1));
        assert!(close(amount.low, -0.15) && close(amount.high, 0.76));
        let factor = ratio(&term, &earlier).unwrap();
        assert!(close(factor.value, 1.572_222_222_222_222_2));
        assert!(close(factor.low, 0.859_504_132_231_405));
        assert!(close(factor.high, 1.959_459_459_459_459_4));
        assert!(factor.is_interval());
    }

    /// From scipy 1.17.1: groups were made for U = 0, 1, ..., and the rank is how many
    /// of them `scipy.stats.mannwhitneyu(method="exact")` gives a p of at most 0.05; the
    /// coverage is 1 less the last of these.
    #[test]
    fn ranks_of_the_interval() {
        for (n, m, rank, coverage) in [
            (3, 5, 1, 0.964_285_714_285_714_3),
            (4, 4, 1, 0.971_428_571_428_571_4),
            (5, 5, 3, 0.968_253_968_253_968_3),
            (5, 10, 9, 0.960_039_960_039_960_1),
            (8, 12, 23, 0.952_655_394_141_462_3),
            (20, 20, 128, 0.950_909_674_810_627_6),
            (30, 30, 318, 0.950_380_000_035_344_6),
        ] {
            let (ours, theirs) = (innermost(n, m, Level::ONE), innermost(m, n, Level::ONE));
            assert_eq!((ours, ours.0), (theirs, rank));
            assert!(close(ours.1, coverage), "{n}, {m}: {}", ours.1);
        }
    }

    #[test]
    fn too_large_to_count_is_near_the_counted() {
        // 1681 at 0.950130 by scipy, in the way described above.
        let (rank, coverage) = innermost(60, 70, Level::ONE);
        assert!((1680..=1682).contains(&rank), "{rank}");
        assert!((coverage - 0.950_13).abs() < 0.000_5, "{coverage}");
        // And where both are known.
        for (n, m) in [(30, 30), (45, 45), (20, 60)] {
            let (rank, coverage) = approximate(n as f64, m as f64, Level::ONE);
            let (counted, counts) = innermost(n, m, Level::ONE);
            assert!(rank.abs_diff(counted) <= 1, "{n}, {m}: {rank}");
            assert!((coverage - counts).abs() < 0.002, "{n}, {m}: {coverage}");
        }
    }

    #[test]
    fn few_runs_have_a_range() {
        // All of 2 4 6 and 1 2 4: 2/4 to 6/1, 1 - 2/20.
        let factor = ratio(&[4.0, 2.0, 6.0], &[2.0, 4.0, 1.0]).unwrap();
        let range = Contrast {
            value: 2.0,
            low: 0.5,
            high: 6.0,
            coverage: 0.9,
        };
        assert_eq!(factor, range);
        assert!(!factor.is_interval());
        let amount = difference(&[4.0], &[1.5]).unwrap();
        assert_eq!((amount.value, amount.low, amount.high), (2.5, 2.5, 2.5));
        assert_eq!(amount.coverage, 0.0);
    }

    #[test]
    fn zeros_leave_the_ratio_open() {
        let factor = ratio(&[0.0, 4.0, 6.0], &[0.0, 2.0, 4.0]).unwrap();
        assert_eq!(
            (factor.value, factor.low, factor.high),
            (2.0, 0.0, f64::INFINITY)
        );
        let none = ratio(&[0.0, 0.0], &[1.0, 2.0]).unwrap();
        assert_eq!((none.value, none.low, none.high), (0.0, 0.0, 0.0));
        assert_eq!(ratio(&[1.0, 2.0], &[0.0, 0.0]), None);
    }

    #[test]
    fn what_has_no_contrast() {
        for bad in [&[][..], &[f64::NAN], &[1.0, f64::INFINITY]] {
            for (a, b) in [(bad, &[1.0][..]), (&[1.0], bad)] {
                assert_eq!(ratio(a, b), None);
                assert_eq!(difference(a, b), None);
            }
        }
        assert_eq!(ratio(&[-1.0], &[1.0]), None);
        assert_eq!(difference(&[-1.0], &[1.0]).unwrap().value, -2.0);
    }

    #[test]
    fn the_medians_are_never_outside() {
        // 20 and 20 whose middles lie far from where most pairs do.
        let half = |from: f64, then: f64| {
            let least = (0..9).map(move |i| from + f64::from(i));
            let most = (0..11).map(move |i| then + f64::from(i));
            least.chain(most).collect::<Vec<_>>()
        };
        let (a, b) = (half(0.0, 1000.0), half(-1000.0, 0.0));
        let amount = difference(&a, &b).unwrap();
        assert!(amount.low <= amount.value && amount.value <= amount.high);
    }

    proptest! {
        #[test]
        fn the_ends_hold_the_figure_and_swap(
            a in prop::collection::vec(0.0f64..1e6, 1..14),
            b in prop::collection::vec(0.0f64..1e6, 1..14),
        ) {
            let (there, back) = (difference(&a, &b).unwrap(), difference(&b, &a).unwrap());
            prop_assert_eq!(
                (there.value, there.low, there.high, there.coverage),
                (-back.value, -back.high, -back.low, back.coverage)
            );
            if let Some(factor) = ratio(&a, &b) {
                prop_assert!(factor.low <= factor.value && factor.value <= factor.high);
                prop_assert_eq!(factor.coverage, there.coverage);
            }
        }

        /// Where no value occurs twice, the interval leaves out what the test refuses.
        #[test]
        fn interval_and_test_agree(
            a in prop::collection::btree_set(0i32..500, 1..12),
            b in prop::collection::btree_set(500i32..1000, 1..12),
            shift in 0i32..1000,
        ) {
            let a: Vec<f64> = a.iter().map(|a| f64::from(a + shift) + 0.5).collect();
            let b: Vec<f64> = b.into_iter().map(f64::from).collect();
            let test = super::super::mann_whitney(&a, &b).unwrap();
            let amount = difference(&a, &b).unwrap();
            // Widened to the medians, it may hold what it else would not.
            prop_assume!(amount.low < amount.value && amount.value < amount.high);
            prop_assert_eq!(amount.is_interval(), test.decidable);
            if test.decidable {
                prop_assert_eq!(amount.low > 0.0 || amount.high < 0.0, test.decidable && test.p <= SIGNIFICANCE);
            }
        }

        #[test]
        fn no_input_panics(
            a in prop::collection::vec(prop::num::f64::ANY, 0..9),
            b in prop::collection::vec(prop::num::f64::ANY, 0..9),
        ) {
            for found in [ratio(&a, &b), difference(&a, &b)].into_iter().flatten() {
                prop_assert!(found.low <= found.value && found.value <= found.high);
            }
        }
    }
}
