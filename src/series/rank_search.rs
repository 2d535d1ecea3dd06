//! The exact values at a few ranks of a series, where the range in which each lies is
//! known: another pass over the series counts the values of the range one by one.

use super::histogram::Range;

/// Most counters for one rank. A wider range is counted in parts, and takes
/// another pass.
const CELLS: u64 = 1 << 14;

/// Counts the values of one range.
#[derive(Debug, Clone)]
struct RangeCount {
    rank: u64,
    range: Range,
    /// A cell is 2^`shift` values wide.
    shift: u32,
    cells: Vec<u64>,
}

impl RangeCount {
    fn new(rank: u64, range: Range) -> Self {
        let width = range.last - range.first;
        let mut shift = 0;
        while width >> shift >= CELLS {
            shift += 1;
        }
        // One value need not be counted.
        let cells = if width == 0 { 0 } else { (width >> shift) + 1 };
        Self {
            rank,
            range,
            shift,
            cells: vec![0; cells as usize],
        }
    }

    fn add(&mut self, value: u64, weight: u64) {
        if value < self.range.first || value > self.range.last {
            return;
        }
        let cell = (value - self.range.first) >> self.shift;
        if let Some(count) = self.cells.get_mut(cell as usize) {
            *count = count.saturating_add(weight);
        }
    }

    /// The cell in which the rank lies, as a range. `None` where this was not the series
    /// from which the range was taken.
    fn narrowed(&self) -> Option<Range> {
        if self.cells.is_empty() {
            return Some(self.range);
        }
        let mut below = self.range.below;
        for (cell, &count) in self.cells.iter().enumerate() {
            let end = below.saturating_add(count);
            if self.rank > below && self.rank <= end {
                let first = self.range.first + ((cell as u64) << self.shift);
                let last = first.saturating_add((1 << self.shift) - 1);
                return Some(Range {
                    first,
                    last: last.min(self.range.last),
                    below,
                });
            }
            below = end;
        }
        None
    }
}

/// Finds the values at up to three ranks.
#[derive(Debug, Clone, Default)]
pub(super) struct RankSearch {
    counts: Vec<RangeCount>,
    /// The weight of the values of this pass.
    pub(super) total: u64,
}

impl RankSearch {
    /// Looks for these ranks in these ranges.
    pub(super) fn new(ranges: impl IntoIterator<Item = (u64, Range)>) -> Self {
        let ranges = ranges.into_iter();
        Self {
            counts: ranges
                .map(|(rank, range)| RangeCount::new(rank, range))
                .collect(),
            total: 0,
        }
    }

    pub(super) fn add(&mut self, value: u64, weight: u64) {
        self.total = self.total.saturating_add(weight);
        for count in &mut self.counts {
            count.add(value, weight);
        }
    }

    /// Every value is known: no further pass is needed.
    pub(super) fn is_done(&self) -> bool {
        self.counts.iter().all(|count| count.cells.is_empty())
    }

    /// The search for the next pass, after the whole series was added. `None` where it
    /// was another series.
    pub(super) fn narrowed(&self) -> Option<Self> {
        let narrowed = |count: &RangeCount| Some((count.rank, count.narrowed()?));
        let ranges: Option<Vec<_>> = self.counts.iter().map(narrowed).collect();
        Some(Self::new(ranges?))
    }

    /// The values at the ranks, in their order, once it [`is_done`](Self::is_done).
    pub(super) fn values(&self) -> impl Iterator<Item = u64> + '_ {
        self.counts.iter().map(|count| count.range.first)
    }
}
