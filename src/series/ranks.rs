//! The exact values at a few ranks of a series, where it is known in which
//! range each lies: the values of the range are counted one by one.

use super::digest::Accumulate;
use super::histogram::Range;

/// Most counters for one rank. A wider range is counted in parts, and takes
/// another pass.
const CELLS: u64 = 1 << 14;

/// Counts the values of one range.
#[derive(Debug, Clone)]
struct Count {
    rank: u64,
    range: Range,
    /// A cell is 2^`shift` values wide.
    shift: u32,
    cells: Vec<u64>,
}

impl Count {
    fn new(rank: u64, range: Range) -> Self {
        let width = range.last - range.first;
        let mut shift = 0;
        while width >> shift >= CELLS {
            shift += 1;
        }
        // Nothing has to be counted where there is one value.
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

    /// The cell in which the rank lies, as a range. `None` where what was counted
    /// is not what the range was taken from.
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
pub(crate) struct Ranks {
    counts: Vec<Count>,
    total: u64,
}

impl Ranks {
    /// Looks for these ranks in these ranges.
    pub(crate) fn new(wanted: impl IntoIterator<Item = (u64, Range)>) -> Self {
        Self {
            counts: wanted
                .into_iter()
                .map(|(rank, range)| Count::new(rank, range))
                .collect(),
            total: 0,
        }
    }

    /// Whether every value is known, so that nothing has to be counted.
    pub(crate) fn is_done(&self) -> bool {
        self.counts.iter().all(|count| count.cells.is_empty())
    }

    /// What to look for next, after the whole series was added. `None` where
    /// the series was another one.
    pub(crate) fn narrowed(&self) -> Option<Self> {
        let narrowed = |count: &Count| Some((count.rank, count.narrowed()?));
        let wanted: Option<Vec<_>> = self.counts.iter().map(narrowed).collect();
        Some(Self::new(wanted?))
    }

    /// The values at the wanted ranks, in their order, once that
    /// [`is_done`](Self::is_done).
    pub(crate) fn values(&self) -> impl Iterator<Item = u64> + '_ {
        self.counts.iter().map(|count| count.range.first)
    }
}

impl Accumulate for Ranks {
    fn add(&mut self, value: u64, weight: u64) {
        self.total = self.total.saturating_add(weight);
        for count in &mut self.counts {
            count.add(value, weight);
        }
    }

    fn total(&self) -> u64 {
        self.total
    }
}
