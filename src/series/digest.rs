//! A series of weighted values, one after another, in little room.

use super::histogram::{Histogram, Range};
use super::ranks::Ranks;
use crate::stats::{self, Summary};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// What takes in a series. A value that held for `k` samples comes with the
/// weight `k`.
pub(crate) trait Accumulate {
    fn add(&mut self, value: u64, weight: u64);

    /// How many values there were.
    fn total(&self) -> u64;

    /// Adds what is missing of `count` values as zeros.
    fn fill(&mut self, count: u64) {
        let missing = count.saturating_sub(self.total());
        if missing > 0 {
            self.add(0, missing);
        }
    }
}

/// Everything of a series but the exact values in its middle.
#[derive(Debug, Clone, Default)]
pub(crate) struct Digest {
    total: u64,
    sum: u128,
    min: u64,
    max: u64,
    values: Values,
}

/// How often each value occurred.
type Counts = HashMap<u32, u32, BuildHasherDefault<Scatter>>;

/// Scatters values over a table: the standard library's hash, which withstands keys
/// chosen to collide, would be a tenth of all work here, and keys that collide cost
/// time only, of which the most values that are kept bound how much.
#[derive(Debug, Clone, Copy, Default)]
struct Scatter(u64);

impl Hasher for Scatter {
    fn finish(&self) -> u64 {
        // The table takes the lowest and the highest bits.
        self.0 ^ self.0 >> 32
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32((*byte).into());
        }
    }

    fn write_u32(&mut self, value: u32) {
        // 2^64 divided by the golden ratio: Knuth, The Art of Computer Programming 3, 6.4.
        self.0 = (self.0 ^ u64::from(value)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// The values of a series, and how often each occurred.
#[derive(Debug, Clone)]
enum Values {
    /// While they are few and not too large.
    Exact(Counts),
    Rough(Histogram),
}

impl Default for Values {
    fn default() -> Self {
        Self::Exact(Counts::default())
    }
}

/// The most different values that are kept of one series: 0.5 MB.
const EXACT_VALUES: usize = 28_000;

impl Values {
    fn add(&mut self, value: u64, weight: u64) {
        if let Self::Exact(counts) = self {
            if add_exactly(counts, value, weight).is_some() {
                return;
            }
            self.blur();
        }
        if let Self::Rough(histogram) = self {
            histogram.add(value, weight);
        }
    }

    fn blur(&mut self) {
        if let Self::Exact(counts) = self {
            let mut histogram = Histogram::default();
            for (value, count) in counts.drain() {
                histogram.add(value.into(), count.into());
            }
            *self = Self::Rough(histogram);
        }
    }

    fn ranges(&self, ranks: [u64; 3]) -> Vec<Option<Range>> {
        let counts = match self {
            Self::Rough(histogram) => {
                return ranks.map(|rank| histogram.range_of(rank)).to_vec();
            }
            Self::Exact(counts) => counts,
        };
        let mut sorted: Vec<(u32, u32)> = counts.iter().map(|(&v, &count)| (v, count)).collect();
        sorted.sort_unstable();
        let mut below = 0u64;
        let mut found = [None; 3];
        for (value, count) in sorted {
            let end = below.saturating_add(count.into());
            for (rank, place) in ranks.into_iter().zip(&mut found) {
                if rank > below && rank <= end {
                    *place = Some(Range {
                        first: value.into(),
                        last: value.into(),
                        below,
                    });
                }
            }
            below = end;
        }
        found.to_vec()
    }
}

/// `None`, and nothing added, where that is too much.
fn add_exactly(counts: &mut Counts, value: u64, weight: u64) -> Option<()> {
    let value = u32::try_from(value).ok()?;
    let weight = u32::try_from(weight).ok()?;
    let room = counts.len() < EXACT_VALUES;
    match counts.get_mut(&value) {
        Some(count) => *count = count.checked_add(weight)?,
        None if room => {
            counts.insert(value, weight);
        }
        None => return None,
    }
    Some(())
}

impl Digest {
    /// The sum of all values.
    pub(crate) fn sum(&self) -> u128 {
        self.sum
    }

    /// Where to look for the median and the p95.
    pub(crate) fn ranks(&self) -> Ranks {
        let ranks = stats::median_ranks(self.total)
            .zip(stats::p95_rank(self.total))
            .map(|((lower, upper), p95)| [lower, upper, p95]);
        let Some(ranks) = ranks else {
            return Ranks::default();
        };
        let ranges = self.values.ranges(ranks);
        let wanted = ranks.into_iter().zip(ranges);
        Ranks::new(wanted.filter_map(|(rank, range)| Some((rank, range?))))
    }

    /// How many exact values it holds.
    pub(crate) fn exact_values(&self) -> usize {
        match &self.values {
            Values::Exact(counts) => counts.len(),
            Values::Rough(_) => 0,
        }
    }

    /// Gives the exact values up, where they are more than a `few`.
    pub(crate) fn blur(&mut self, few: usize) {
        if self.exact_values() > few {
            self.values.blur();
        }
    }

    /// What is said of the series; `ranks` has found what [`Digest::ranks`] looks
    /// for. `None` where there are no values.
    pub(crate) fn summary(&self, ranks: &Ranks) -> Option<Summary> {
        let mut values = ranks.values().map(|value| value as f64);
        let (lower, upper, p95) = (values.next()?, values.next()?, values.next()?);
        Some(Summary {
            count: self.total,
            min: self.min as f64,
            max: self.max as f64,
            mean: self.sum as f64 / self.total as f64,
            median: (lower + upper) / 2.0,
            p95,
        })
    }
}

impl Accumulate for Digest {
    fn add(&mut self, value: u64, weight: u64) {
        if weight == 0 {
            return;
        }
        let first = self.total == 0;
        self.min = if first { value } else { self.min.min(value) };
        self.max = self.max.max(value);
        self.total = self.total.saturating_add(weight);
        let area = u128::from(value) * u128::from(weight);
        self.sum = self.sum.saturating_add(area);
        self.values.add(value, weight);
    }

    fn total(&self) -> u64 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The series as the two passes see it.
    fn in_passes(series: &[(u64, u64)], blurred: bool) -> Option<Summary> {
        let mut digest = Digest::default();
        if blurred {
            digest.values.blur();
        }
        let feed = |to: &mut dyn Accumulate| {
            for &(value, weight) in series {
                to.add(value, weight);
            }
        };
        feed(&mut digest);
        let mut ranks = digest.ranks();
        while !ranks.is_done() {
            feed(&mut ranks);
            ranks = ranks.narrowed()?;
        }
        digest.summary(&ranks)
    }

    fn sorted(series: &[(u64, u64)]) -> Option<Summary> {
        let each = |&(value, weight): &(u64, u64)| (0..weight).map(move |_| value as f64);
        stats::summary(&mut series.iter().flat_map(each).collect::<Vec<_>>())
    }

    #[test]
    fn no_values_have_no_summary() {
        assert_eq!(in_passes(&[], true), None);
        assert_eq!(in_passes(&[(7, 0)], false), None);
    }

    #[test]
    fn weights_count_as_repetitions() {
        // 3 3 3 900 1000: median 3, p95 = value of rank 5, mean 1909 / 5.
        let five = in_passes(&[(1000, 1), (3, 3), (900, 1)], true).unwrap();
        assert_eq!((five.count, five.min, five.max), (5, 3.0, 1000.0));
        assert_eq!((five.median, five.p95, five.mean), (3.0, 1000.0, 381.8));
    }

    #[test]
    fn what_is_missing_is_zero() {
        let mut digest = Digest::default();
        digest.add(8, 2);
        digest.fill(6);
        // 0 0 0 0 8 8
        assert_eq!(
            (digest.min, digest.max, digest.total, digest.sum),
            (0, 8, 6, 16)
        );
    }

    #[test]
    fn another_series_is_noticed() {
        let mut digest = Digest::default();
        digest.values.blur();
        digest.add(100_000, 5);
        digest.add(100_001, 5);
        let mut ranks = digest.ranks();
        assert!(!ranks.is_done());
        ranks.add(7, 10);
        assert!(ranks.narrowed().is_none());
    }

    #[test]
    fn the_ends_of_the_numbers() {
        let top = u64::MAX;
        let wide = in_passes(&[(top, 1), (top - (1 << 53), 1), (0, 1)], false).unwrap();
        assert_eq!(wide.median, (top - (1 << 53)) as f64);
        assert_eq!((wide.min, wide.max), (0.0, top as f64));
        assert_eq!(in_passes(&[(top, top)], false).unwrap().mean, top as f64);
    }

    proptest! {
        #[test]
        fn two_passes_say_what_a_sort_says(
            shift in 11u32..64,
            blurred: bool,
            series in proptest::collection::vec((any::<u64>(), 0u64..5), 0..200),
        ) {
            // Up to 2^53, where f64 is exact, so that the comparison can be too.
            let series: Vec<_> = series.iter().map(|(value, k)| (value >> shift, *k)).collect();
            let (ours, theirs) = (in_passes(&series, blurred), sorted(&series));
            prop_assert_eq!(ours.is_some(), theirs.is_some());
            if let (Some(ours), Some(theirs)) = (ours, theirs) {
                let mean = (ours.mean - theirs.mean).abs() <= theirs.mean * 1e-12;
                prop_assert!(mean, "{} {}", ours.mean, theirs.mean);
                prop_assert_eq!(Summary { mean: 0.0, ..ours }, Summary { mean: 0.0, ..theirs });
            }
        }
    }
}
