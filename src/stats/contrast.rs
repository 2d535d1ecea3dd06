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
//!   max a / min b. Its probability is told; of 1 run against 1 it is 0.
//! - Where the groups are too large to count, r is the normal approximation's.
//! - Where the figure of the medians lies outside, the interval is widened to it.

use super::order::median;
use super::{normal, pairs, rank_sums, sorted, SIGNIFICANCE};

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
    pub fn is_interval(&self) -> bool {
        self.coverage >= 1.0 - SIGNIFICANCE
    }
}

/// The median of `a` less that of `b`. `None` where a group has no values, or one
/// that is no number or infinite.
pub fn difference(a: &[f64], b: &[f64]) -> Option<Contrast> {
    let less = |a, b| a - b;
    contrast(a, b, less, less)
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
        |a, b| quotient(a, b, 0.0),
        |a, b| quotient(a, b, f64::INFINITY),
    )
}

/// `lower` gives the figure of a pair, and `upper` the same for the upper end.
fn contrast(
    a: &[f64],
    b: &[f64],
    lower: impl Fn(f64, f64) -> f64,
    upper: impl Fn(f64, f64) -> f64,
) -> Option<Contrast> {
    let value = lower(median(a)?, median(b)?);
    let (a, b) = (finite(a)?, finite(b)?);
    let (rank, coverage) = innermost(a.len(), b.len());
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
fn innermost(n: usize, m: usize) -> (u128, f64) {
    let k = n.min(m);
    if !rank_sums::countable(k, n + m) {
        return approximate(n as f64, m as f64);
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
        // Twice of it is more than 0.05 of all.
        if outside > all / 40 {
            break;
        }
        innermost = (rank, 1.0 - 2.0 * outside as f64 / all as f64);
    }
    innermost
}

/// Half a step nearer to the mean, as in the test.
fn approximate(n: f64, m: f64) -> (u128, f64) {
    let (mean, deviation) = (n * m / 2.0, (n * m * (n + m + 1.0) / 12.0).sqrt());
    // 0.975 of a normal variable lie below so many standard deviations.
    let steps = 1.959_963_984_540_055 * deviation;
    let rank = (mean + 0.5 - steps).floor().max(1.0);
    let coverage = 1.0 - normal::both_tails((mean + 0.5 - rank) / deviation);
    (rank as u128, coverage)
}
