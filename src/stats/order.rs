//! Order statistics.
//!
//! Ranks are 1-based positions in the sorted series of `n` values:
//! - the median is the middle value, and for an even `n` the mean of the two
//!   middle values;
//! - every other quantile is the value of the nearest rank, `ceil(q n)`: the
//!   smallest value that at least the share `q` of the series does not exceed. It
//!   is a value of the series, nothing is interpolated. (Definition 1 of Hyndman
//!   and Fan, Sample Quantiles in Statistical Packages, The American Statistician
//!   50 (1996), 361-365.)

/// A series in figures, in the unit of its values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// How many values there are.
    pub count: u64,
    pub min: f64,
    pub max: f64,
    pub mean: f64,
    pub median: f64,
    pub p95: f64,
}

/// The ranks of the one or two middle values; `None` for an empty series.
pub(crate) fn median_ranks(n: u64) -> Option<(u64, u64)> {
    let upper = (n / 2).checked_add(1)?;
    match n {
        0 => None,
        _ if n % 2 == 1 => Some((upper, upper)),
        _ => Some((n / 2, upper)),
    }
}

/// The rank of the quantile of so many thousandths, ceil(n x permille / 1000), and
/// at least 1; `None` for an empty series, and above 1000.
pub(crate) fn quantile_rank(n: u64, permille: u16) -> Option<u64> {
    if n == 0 || permille > 1000 {
        return None;
    }
    let permille = u64::from(permille);
    // By thousands, so that no product overflows.
    let rank = n / 1000 * permille + (n % 1000 * permille).div_ceil(1000);
    Some(rank.max(1))
}

/// The rank of the p95; `None` for an empty series.
pub(crate) fn p95_rank(n: u64) -> Option<u64> {
    quantile_rank(n, 950)
}

/// The values in ascending order; `None` where one of them is no number.
pub(super) fn sorted(values: &[f64]) -> Option<Vec<f64>> {
    // -0 would stand before 0 in the total order.
    let mut sorted: Vec<f64> = values.iter().map(|value| value + 0.0).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    (!values.iter().any(|value| value.is_nan())).then_some(sorted)
}

/// The value at a 1-based rank.
fn at(sorted: &[f64], rank: u64) -> Option<f64> {
    let index = usize::try_from(rank).ok()?.checked_sub(1)?;
    sorted.get(index).copied()
}

/// The quantile of so many thousandths, by nearest rank: 0 is the least value, 1000
/// the greatest. `None` where there is no value, or one that is no number, and above
/// 1000.
pub fn quantile(values: &[f64], permille: u16) -> Option<f64> {
    let sorted = sorted(values)?;
    at(&sorted, quantile_rank(sorted.len() as u64, permille)?)
}

/// The median; `None` where there is no value, or one that is no number. It is no
/// number where it would lie halfway between the two infinities.
pub fn median(values: &[f64]) -> Option<f64> {
    let sorted = sorted(values)?;
    let (lower, upper) = median_ranks(sorted.len() as u64)?;
    Some(middle(at(&sorted, lower)?, at(&sorted, upper)?))
}

/// The mean of two values, which may be so large that their sum is not a number any
/// more, or so small that their halves are none.
fn middle(lower: f64, upper: f64) -> f64 {
    if lower == upper {
        lower
    } else {
        lower / 2.0 + upper / 2.0
    }
}

/// Sorts `values` and sums them up; `None` where there are none. NaNs go to the ends, by
/// their sign, and make the mean NaN.
pub fn summary(values: &mut [f64]) -> Option<Summary> {
    values.sort_unstable_by(f64::total_cmp);
    let count = values.len() as u64;
    let (lower, upper) = median_ranks(count)?;
    Some(Summary {
        count,
        min: at(values, 1)?,
        max: at(values, count)?,
        mean: values.iter().sum::<f64>() / count as f64,
        median: middle(at(values, lower)?, at(values, upper)?),
        p95: at(values, p95_rank(count)?)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_no_summary() {
        assert_eq!(summary(&mut []), None);
        assert_eq!(median_ranks(0), None);
        assert_eq!(p95_rank(0), None);
    }

    #[test]
    fn one_value_is_all_of_it() {
        let only = summary(&mut [7.5]).unwrap();
        assert_eq!((only.count, only.min, only.max), (1, 7.5, 7.5));
        assert_eq!((only.mean, only.median, only.p95), (7.5, 7.5, 7.5));
    }

    #[test]
    fn an_even_count_has_two_middle_values() {
        // Sorted: 1 2 4 10; the middle is (2 + 4) / 2, the mean 17 / 4.
        let four = summary(&mut [10.0, 1.0, 4.0, 2.0]).unwrap();
        assert_eq!((four.min, four.max), (1.0, 10.0));
        assert_eq!((four.mean, four.median, four.p95), (4.25, 3.0, 10.0));
    }

    #[test]
    fn the_p95_is_the_nearest_rank() {
        // ceil(0.95 n) by hand: 19 -> 18.05, 20 -> 19, 21 -> 19.95, 100 -> 95.
        let ranks = [1, 2, 19, 20, 21, 39, 40, 41, 100, 300].map(p95_rank);
        let by_hand = [1, 2, 19, 19, 20, 38, 38, 39, 95, 285].map(Some);
        assert_eq!(ranks, by_hand);
    }

    #[test]
    fn quantiles_are_values_of_the_series() {
        // Ranks of 5 by hand: ceil(1.25) = 2, ceil(2.5) = 3, ceil(3.75) = 4.
        let values = [50.0, 10.0, 40.0, 20.0, 30.0];
        let found = [0, 1, 250, 500, 750, 1000].map(|q| quantile(&values, q).unwrap());
        assert_eq!(found, [10.0, 10.0, 20.0, 30.0, 40.0, 50.0]);
        assert_eq!(quantile(&values, 1001), None);
        assert_eq!(quantile(&[], 500), None);
        assert_eq!(quantile(&[1.0, f64::NAN], 500), None);
    }

    #[test]
    fn medians_of_extremes() {
        assert_eq!(median(&[f64::MAX, f64::MAX]), Some(f64::MAX));
        assert_eq!(median(&[f64::MAX, f64::MIN]), Some(0.0));
        assert_eq!(median(&[5e-324]), Some(5e-324));
        assert_eq!(median(&[3.0, f64::INFINITY]), Some(f64::INFINITY));
        assert!(median(&[f64::NEG_INFINITY, f64::INFINITY])
            .unwrap()
            .is_nan());
        assert_eq!(median(&[f64::NAN, 1.0, 2.0]), None);
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn ranks_do_not_overflow() {
        let end = u64::MAX;
        assert_eq!(median_ranks(end), Some((1 << 63, 1 << 63)));
        assert_eq!(p95_rank(end), Some(end - end / 20));
        assert_eq!(quantile_rank(end, 1000), Some(end));
    }
}
