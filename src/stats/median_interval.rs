//! A confidence interval of the median of all possible runs, from a few of them.
//!
//! Each run is above that median or below it with probability 1/2, so the number of
//! runs below is binomial, whatever the distribution. The r-th value from the bottom
//! and the r-th from the top hold the median between them with the probability that
//! at least r runs are on either side. (H. A. David and H. N. Nagaraja, Order
//! Statistics, 3rd edition, 7.1.) Where values are equal it is at least that.

use super::order::sorted;

/// A difference is significant where p is at most this: 0.05. Intervals hold their figure
/// with at least the rest, 95 %.
pub(crate) const SIGNIFICANCE: f64 = 0.05;

/// Two values of the series, and the probability that the median lies between them or is
/// one of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
    /// Of the lower value from the bottom, and of the upper one from the top.
    pub rank: usize,
    /// At least the probability that was asked for.
    pub coverage: f64,
}

/// The innermost symmetric pair of values that holds the median with at least 95 %.
/// `None` for fewer than 6 values, which hold none, and where one is no number.
pub fn median_interval(values: &[f64]) -> Option<Interval> {
    median_interval_at(values, 1.0 - SIGNIFICANCE)
}

/// The same with another probability than 95 %.
pub(super) fn median_interval_at(values: &[f64], enough: f64) -> Option<Interval> {
    let sorted = sorted(values)?;
    let (rank, coverage) = innermost(sorted.len(), enough)?;
    Some(Interval {
        low: *sorted.get(rank - 1)?,
        high: *sorted.get(sorted.len() - rank)?,
        rank,
        coverage,
    })
}

/// The greatest rank whose pair covers enough, and what it covers.
fn innermost(n: usize, enough: f64) -> Option<(usize, f64)> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// "Confidence Intervals for the Population Median", the table that textbooks
    /// print (K. R. Nair, Sankhya 4 (1940), 551-558, has the ranks): n, the rank
    /// from either end, and the level in per mille.
    #[test]
    fn as_the_published_table() {
        let table = [
            (6, 1, 969),
            (7, 1, 984),
            (8, 1, 992),
            (9, 2, 961),
            (10, 2, 979),
            (11, 2, 988),
            (12, 3, 961),
            (13, 3, 978),
            (14, 3, 987),
            (15, 4, 965),
            (16, 4, 979),
            (17, 5, 951),
            (18, 5, 969),
            (19, 5, 981),
            (20, 6, 959),
        ];
        for (n, rank, level) in table {
            let (ours, coverage) = innermost(n, 0.95).unwrap();
            assert_eq!(
                (ours, (coverage * 1000.0).round()),
                (rank, f64::from(level))
            );
        }
    }

    /// From scipy 1.17.1: `1 - 2 * scipy.stats.binom.cdf(rank - 1, n, 0.5)`, for the
    /// greatest rank for which that is at least 0.95.
    #[test]
    fn large_numbers() {
        for (n, rank, theirs) in [
            (30, 10, 0.957_226_054_742_932_3),
            (50, 18, 0.967_160_862_435_731_5),
            (127, 52, 0.967_210_438_306_966_5),
            (1000, 469, 0.953_708_802_639_501_9),
            (1_000_000, 499_020, 0.950_121_031_347_631_4),
        ] {
            let (ours, coverage) = innermost(n, 0.95).unwrap();
            assert_eq!(ours, rank);
            assert!((coverage - theirs).abs() < 1e-9, "{n}: {coverage}");
        }
    }

    #[test]
    fn fewer_than_six_hold_none() {
        assert!((0..6).all(|n| median_interval(&[1.0, 2.0, 3.0, 4.0, 5.0][..n]).is_none()));
        let six = median_interval(&[3.0, 1.0, 2.0, 6.0, 5.0, 4.0]).unwrap();
        assert_eq!((six.low, six.high, six.rank), (1.0, 6.0, 1));
        // 1 - 2 / 2^6.
        assert_eq!(six.coverage, 0.96875);
    }

    #[test]
    fn no_number_and_infinity() {
        let mut values = [1.0, 2.0, 3.0, 4.0, 5.0, f64::NEG_INFINITY];
        let low = median_interval(&values).unwrap().low;
        assert_eq!(low, f64::NEG_INFINITY);
        values[2] = f64::NAN;
        assert_eq!(median_interval(&values), None);
    }

    proptest! {
        /// Every way in which the runs of a few fall on either side of the median.
        #[test]
        fn coverage_is_that_of_all_outcomes(n in 6usize..=16) {
            let (rank, coverage) = innermost(n, 0.95).unwrap();
            let held = |rank: usize| (0..1u32 << n)
                .map(|outcome| outcome.count_ones() as usize)
                .filter(|below| (rank..=n - rank).contains(below))
                .count() as f64 / f64::from(1u32 << n);
            prop_assert!((coverage - held(rank)).abs() < 1e-12);
            prop_assert!(held(rank) >= 0.95 && held(rank + 1) < 0.95);
        }
    }
}
