//! A series over time for a picture, in a bounded number of columns. A column covers 2^n
//! ticks; when there are too many columns, pairs of them are merged.

/// Most columns of a [`Curve`]: more than a terminal is wide, with two to a
/// character.
const COLUMNS: usize = 512;
/// Most columns of a [`Spark`], and of a fine one.
const SPARKS: u32 = 32;
const FINE: u32 = 256;

/// A series in the ticks of one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) min: u64,
    pub(crate) max: u64,
    sum: u64,
    /// How many ticks are known; none: the column is a gap.
    ticks: u64,
}

impl Column {
    pub(crate) const GAP: Self = Self {
        min: u64::MAX,
        max: 0,
        sum: 0,
        ticks: 0,
    };

    /// Of one tick, with a value in the middle.
    pub(crate) fn of(min: u64, middle: u64, max: u64) -> Self {
        Self {
            min,
            max,
            sum: middle,
            ticks: 1,
        }
    }

    pub(crate) fn is_gap(&self) -> bool {
        self.ticks == 0
    }

    /// `None` in a gap.
    pub(crate) fn mean(&self) -> Option<f64> {
        (self.ticks > 0).then(|| self.sum as f64 / self.ticks as f64)
    }

    /// The mean over all ticks of another series: 0 in those in which this one has none.
    pub(crate) fn mean_over(&self, whole: &Self) -> u64 {
        self.sum / whole.ticks.max(1)
    }

    /// The two merged.
    fn with(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            sum: self.sum.saturating_add(other.sum),
            ticks: self.ticks.saturating_add(other.ticks),
        }
    }
}

/// A series over time: the lowest, the highest and the mean value of each column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Curve {
    shift: u32,
    columns: Vec<Column>,
}

impl Curve {
    /// The series had `value` at the ticks from `first` to `last`.
    pub(crate) fn add(&mut self, first: u64, last: u64, value: u64) {
        self.reach(last);
        let (from, to) = (first >> self.shift, last >> self.shift);
        if self.columns.len() as u64 <= to {
            self.columns.resize(to as usize + 1, Column::GAP);
        }
        for at in from..=to {
            let begin = (at << self.shift).max(first);
            let end = ((at << self.shift) + ((1 << self.shift) - 1)).min(last);
            let ticks = (end - begin).saturating_add(1);
            if let Some(column) = self.columns.get_mut(at as usize) {
                *column = column.with(Column {
                    min: value,
                    max: value,
                    sum: value.saturating_mul(ticks),
                    ticks,
                });
            }
        }
    }

    /// The same up to the tick `end`, which is not part of it.
    pub(crate) fn add_up_to(&mut self, first: u64, end: u64, value: u64) {
        if first < end {
            self.add(first, end - 1, value);
        }
    }

    /// The ticks up to `last` in as many columns of equal length as a picture has. Columns
    /// of the curve are merged, or repeated where the picture has more.
    pub(crate) fn scaled(&self, last: u64, columns: usize) -> Vec<Column> {
        let mut whole = self.clone();
        whole.reach(last);
        let have = (last >> whole.shift) as usize + 1;
        let column = |at| {
            let (from, end) = place_of(have, columns, at);
            let part = whole.columns.iter().take(end).skip(from);
            part.fold(Column::GAP, |all, column| all.with(*column))
        };
        (0..columns).map(column).collect()
    }

    /// Columns become wider until one can hold this tick.
    fn reach(&mut self, last: u64) {
        while last >> self.shift >= COLUMNS as u64 {
            halve(&mut self.columns, Column::with);
            self.shift += 1;
        }
    }

    /// Something is known of a tick from `first` to `last`.
    fn knows(&self, first: u64, last: u64) -> bool {
        let column = |tick: u64| usize::try_from(tick >> self.shift).unwrap_or(usize::MAX);
        let end = column(last).saturating_add(1).min(self.columns.len());
        let part = self.columns.get(column(first)..end);
        part.unwrap_or_default()
            .iter()
            .any(|column| !column.is_gap())
    }

    /// The means of all columns that are no gap.
    pub(crate) fn means(&self) -> impl Iterator<Item = f64> + '_ {
        self.columns.iter().filter_map(Column::mean)
    }
}

/// The highest values of a series over time; 0 where nothing was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spark {
    most: u32,
    shift: u32,
    /// Columns of 0 before the first other one are not stored: in a long run most
    /// processes come late and end soon.
    skipped: usize,
    columns: Vec<u32>,
}

impl Default for Spark {
    fn default() -> Self {
        Self {
            most: SPARKS,
            shift: 0,
            skipped: 0,
            columns: Vec::new(),
        }
    }
}

impl Spark {
    /// A spark with more columns, to be drawn instead of written in a line.
    pub(crate) fn fine() -> Self {
        Self {
            most: FINE,
            ..Self::default()
        }
    }

    /// A spark without columns, which nobody will see.
    pub(crate) fn none() -> Self {
        Self {
            most: 0,
            ..Self::default()
        }
    }

    /// The series had `value` at the ticks from `first` up to `end`, which is not
    /// part of it.
    pub(crate) fn raise(&mut self, first: u64, end: u64, value: u64) {
        if value == 0 || first >= end || self.most == 0 {
            return;
        }
        let last = end - 1;
        self.reach(last);
        let value = u32::try_from(value).unwrap_or(u32::MAX);
        let place = |tick: u64| (tick >> self.shift) as usize;
        let (from, to) = (place(first), place(last));
        // Nearly all values lie in one column, which exists.
        match self.columns.get_mut(from.wrapping_sub(self.skipped)) {
            Some(column) if from == to => *column = value.max(*column),
            _ => self.raise_all(from, to, value),
        }
    }

    fn raise_all(&mut self, from: usize, to: usize, value: u32) {
        if self.columns.is_empty() {
            self.skipped = from;
        }
        while from < self.skipped {
            self.columns.insert(0, 0);
            self.skipped -= 1;
        }
        let (from, end) = (from - self.skipped, to + 1 - self.skipped);
        if self.columns.len() < end {
            // A short spark takes no more room than it needs; a long one is not moved for
            // each column.
            let room = end.next_power_of_two();
            self.columns.reserve_exact(room - self.columns.len());
            self.columns.resize(end, 0);
        }
        for column in &mut self.columns[from..end] {
            *column = value.max(*column);
        }
    }

    /// As [`Curve::scaled`]: the highest of each column; `None` where `sampled` knows
    /// nothing.
    pub(crate) fn scaled(&self, last: u64, columns: usize, sampled: &Curve) -> Vec<Option<u32>> {
        let mut whole = self.clone();
        whole.reach(last);
        let have = (last >> whole.shift) as usize + 1;
        let column = |at: usize| {
            let (from, end) = place_of(have, columns, at);
            let (first, after) = ((from as u64) << whole.shift, (end as u64) << whole.shift);
            let value = |at: usize| whole.columns.get(at.checked_sub(whole.skipped)?);
            let most = (from..end).filter_map(value).copied().max().unwrap_or(0);
            sampled.knows(first, after.wrapping_sub(1)).then_some(most)
        };
        (0..columns).map(column).collect()
    }

    #[inline(always)]
    fn reach(&mut self, last: u64) {
        while self.most > 0 && last >> self.shift >= self.most.into() {
            if self.skipped % 2 == 1 {
                self.columns.insert(0, 0);
            }
            self.skipped /= 2;
            halve(&mut self.columns, u32::max);
            self.shift += 1;
        }
    }

    /// How many columns a run up to tick `last` is worth.
    pub(crate) fn most(last: u64) -> usize {
        (last.min(u64::from(SPARKS) - 1) + 1) as usize
    }
}

/// The columns, of `have`, under the column `at` of a picture with so many `columns`: from
/// the first to before the second.
fn place_of(have: usize, columns: usize, at: usize) -> (usize, usize) {
    let place = |at: usize| at * have / columns.max(1);
    (place(at), place(at + 1).max(place(at) + 1))
}

/// Merges pairs of columns.
fn halve<T: Copy>(columns: &mut Vec<T>, with: impl Fn(T, T) -> T) {
    let half = columns.len().div_ceil(2);
    for at in 0..half {
        let Some(&first) = columns.get(2 * at) else {
            break;
        };
        columns[at] = match columns.get(2 * at + 1) {
            Some(&second) => with(first, second),
            None => first,
        };
    }
    columns.truncate(half);
}

#[cfg(test)]
#[path = "curve/tests.rs"]
mod tests;
