//! The distribution of a series of weighted values, which come one after another, in
//! little room. Its median and p95 are exact, though that may take several passes.

use super::histogram::{Histogram, Range};
use super::rank_search::RankSearch;
use crate::stats::{self, Summary};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A value that held for `k` ticks comes with the weight `k`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Distribution {
    total: u64,
    sum: u128,
    min: u64,
    max: u64,
    values: Values,
}

/// How often each value occurred.
type Counts = HashMap<u32, u32, BuildHasherDefault<Scatter>>;

/// Scatters values over a table: the standard library's hash, which withstands keys
/// chosen to collide, would be a tenth of all work here. Keys that collide cost time
/// only, and `EXACT_VALUES` bounds that.
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
    /// In a later pass: only those at the ranks.
    Search(RankSearch),
}

impl Default for Values {
    fn default() -> Self {
        Self::Exact(Counts::default())
    }
}

/// The most different values that are kept of one series: 0.5 MB.
const EXACT_VALUES: usize = 28_000;

impl Values {
    fn blur(&mut self) {
        if let Self::Exact(counts) = self {
            let mut histogram = Histogram::default();
            for (value, count) in counts.drain() {
                histogram.add(value.into(), count.into());
            }
            *self = Self::Rough(histogram);
        }
    }

    /// The ranges in which the values at these ranks lie, which ascend.
    fn ranges(&self, ranks: [u64; 3]) -> [Option<Range>; 3] {
        let counts = match self {
            Self::Rough(histogram) => return ranks.map(|rank| histogram.range_of(rank)),
            Self::Exact(counts) => counts,
            Self::Search(_) => return [None; 3],
        };
        let mut sorted: Vec<(u32, u32)> = counts.iter().map(|(&v, &count)| (v, count)).collect();
        sorted.sort_unstable();
        let mut below = 0u64;
        let mut found = [None; 3];
        for (value, count) in sorted {
            let end = below.saturating_add(count.into());
            for (rank, range) in ranks.into_iter().zip(&mut found) {
                if rank > below && rank <= end {
                    *range = Some(Range {
                        first: value.into(),
                        last: value.into(),
                        below,
                    });
                }
            }
            below = end;
        }
        found
    }
}

/// `None`, and nothing is added, where the counts have no room.
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

impl Distribution {
    pub(crate) fn add(&mut self, value: u64, weight: u64) {
        if weight == 0 {
            return;
        }
        if let Values::Search(search) = &mut self.values {
            search.add(value, weight);
            return;
        }
        let first = self.total == 0;
        self.min = if first { value } else { self.min.min(value) };
        self.max = self.max.max(value);
        self.total = self.total.saturating_add(weight);
        let area = u128::from(value) * u128::from(weight);
        self.sum = self.sum.saturating_add(area);
        if let Values::Exact(counts) = &mut self.values {
            if add_exactly(counts, value, weight).is_some() {
                return;
            }
            self.values.blur();
        }
        if let Values::Rough(histogram) = &mut self.values {
            histogram.add(value, weight);
        }
    }

    /// Adds what this pass lacks of so much weight as zeros.
    pub(crate) fn fill(&mut self, weight: u64) {
        let total = match &self.values {
            Values::Search(search) => search.total,
            _ => self.total,
        };
        self.add(0, weight.saturating_sub(total));
    }

    /// The sum of all values.
    pub(crate) fn sum(&self) -> u128 {
        self.sum
    }

    /// How many exact values it holds.
    pub(crate) fn exact_values(&self) -> usize {
        match &self.values {
            Values::Exact(counts) => counts.len(),
            Values::Rough(_) | Values::Search(_) => 0,
        }
    }

    /// Drops the exact values, where they are more than a `few`.
    pub(crate) fn blur(&mut self, few: usize) {
        if self.exact_values() > few {
            self.values.blur();
        }
    }

    /// Ends the first pass: later passes search for the median and the p95.
    pub(crate) fn search(&mut self) {
        let ranks = stats::median_ranks(self.total).zip(stats::p95_rank(self.total));
        self.values = Values::Search(match ranks {
            None => RankSearch::default(),
            Some(((lower, upper), p95)) => {
                let ranks = [lower, upper, p95];
                let ranges = ranks.into_iter().zip(self.values.ranges(ranks));
                RankSearch::new(ranges.filter_map(|(rank, range)| Some((rank, range?))))
            }
        });
    }

    /// The same; not `wanted`: nobody asks for them.
    pub(crate) fn search_if(&mut self, wanted: bool) {
        match wanted {
            true => self.search(),
            false => self.values = Values::Search(RankSearch::default()),
        }
    }

    /// Ends a later pass; `None` where that saw another series than the first.
    pub(crate) fn narrow(&mut self) -> Option<()> {
        if let Values::Search(search) = &mut self.values {
            *search = search.narrowed()?;
        }
        Some(())
    }

    /// No later pass is needed.
    pub(crate) fn is_done(&self) -> bool {
        matches!(&self.values, Values::Search(search) if search.is_done())
    }

    /// Once it [`is_done`](Self::is_done); `None` where there are no values.
    pub(crate) fn summary(&self) -> Option<Summary> {
        let Values::Search(search) = &self.values else {
            return None;
        };
        let mut values = search.values().map(|value| value as f64);
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

    /// The ends and the middle after one pass: exact for up to 28,000 different values,
    /// as all values of a percentage, a temperature or a clock in MHz are.
    pub(crate) fn spread(mut self) -> Option<Spread> {
        self.search();
        let Summary {
            min, median, max, ..
        } = self.summary()?;
        Some(Spread { min, median, max })
    }
}

/// Lowest, middle and highest value; of two in the middle, their mean.
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The series as the passes see it.
    fn in_passes(series: &[(u64, u64)], blurred: bool) -> Option<Summary> {
        let mut distribution = Distribution::default();
        if blurred {
            distribution.values.blur();
        }
        let feed = |to: &mut Distribution| {
            for &(value, weight) in series {
                to.add(value, weight);
            }
        };
        feed(&mut distribution);
        distribution.search();
        while !distribution.is_done() {
            feed(&mut distribution);
            distribution.narrow()?;
        }
        distribution.summary()
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
        let mut eight = Distribution::default();
        eight.add(8, 2);
        eight.fill(6);
        // 0 0 0 0 8 8
        assert_eq!(
            (eight.min, eight.max, eight.total, eight.sum),
            (0, 8, 6, 16)
        );
        eight.fill(5);
        assert_eq!(eight.total, 6);
    }

    #[test]
    fn another_series_is_noticed() {
        let mut distribution = Distribution::default();
        distribution.values.blur();
        distribution.add(100_000, 5);
        distribution.add(100_001, 5);
        distribution.search();
        assert!(!distribution.is_done());
        distribution.add(7, 10);
        assert!(distribution.narrow().is_none());
    }

    #[test]
    fn the_ends_of_the_numbers() {
        let top = u64::MAX;
        let wide = in_passes(&[(top, 1), (top - (1 << 53), 1), (0, 1)], false).unwrap();
        assert_eq!(wide.median, (top - (1 << 53)) as f64);
        assert_eq!((wide.min, wide.max), (0.0, top as f64));
        assert_eq!(in_passes(&[(top, top)], false).unwrap().mean, top as f64);
    }

    /// 10, 20, 30 and 1000, then 30 twice more: the middle ones of four, then of six; at
    /// last one that occurs more often than all others.
    #[test]
    fn the_middle_after_one_pass() {
        let mut distribution = Distribution::default();
        assert_eq!(distribution.clone().spread(), None);
        for value in [30, 10, 20, 1000] {
            distribution.add(value, 1);
        }
        let spread = |min, median, max| Some(Spread { min, median, max });
        assert_eq!(distribution.clone().spread(), spread(10.0, 25.0, 1000.0));
        distribution.add(30, 2);
        assert_eq!(distribution.clone().spread(), spread(10.0, 30.0, 1000.0));
        distribution.add(20, u64::MAX);
        assert_eq!(distribution.spread(), spread(10.0, 20.0, 1000.0));
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
