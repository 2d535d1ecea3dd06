//! Where the median of all possible runs lies, by a few of them.
//!
//! Each run is above that median or below it with probability 1/2, so the number of
//! runs below is binomial, whatever the distribution. The r-th value from the bottom
//! and the r-th from the top hold the median between them with the probability that
//! at least r runs are on either side. (H. A. David and H. N. Nagaraja, Order
//! Statistics, 3rd edition, 7.1.) Where values are equal it is at least that.

use super::{sorted, SIGNIFICANCE};

/// Two values of the series, and with which probability the median lies between
/// them or is one of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
    /// Of the lower value from the bottom, and of the upper one from the top.
    pub rank: usize,
    /// At least 0.95.
    pub coverage: f64,
}

/// The innermost symmetric pair of values that holds the median with at least 95 %.
/// `None` for fewer than 6 values, which hold none, and where one is no number.
pub fn median_interval(values: &[f64]) -> Option<Interval> {
    let sorted = sorted(values)?;
    let (rank, coverage) = innermost(sorted.len())?;
    Some(Interval {
        low: *sorted.get(rank - 1)?,
        high: *sorted.get(sorted.len() - rank)?,
        rank,
        coverage,
    })
}

/// The greatest rank whose pair covers enough, and what it covers.
fn innermost(n: usize) -> Option<(usize, f64)> {
    let enough = 1.0 - SIGNIFICANCE;
    let all: f64 = weights(n).map(|(_, weight)| weight).sum();
    let mut inside = 0.0;
    weights(n).find_map(|(rank, weight)| {
        inside += weight;
        (rank > 0 && inside / all >= enough).then_some((rank, inside / all))
    })
}

/// From the middle outwards, how likely it is that so many of n values or so many
/// less than n lie below the median, as a multiple of the likeliest number. 2^-n
/// itself is no number where n is large.
fn weights(n: usize) -> impl Iterator<Item = (usize, f64)> {
    let middle = n / 2;
    let mut weight = 1.0;
    (0..=middle).rev().map_while(move |below| {
        if below < middle {
            weight *= (below + 1) as f64 / (n - below) as f64;
        }
        let alone = below * 2 == n;
        let both = if alone { weight } else { 2.0 * weight };
        (weight > 0.0).then_some((below, both))
    })
}
