//! From values and ticks to places in a picture.

use super::super::chart::Axis;
use super::picture::Pen;
use crate::series::curve::Column;
use crate::series::Run;

/// Units to a letter, on the average.
const LETTER: usize = 13;

/// A part of a picture that a series is drawn in: from left to right, and from its top
/// to its bottom, which stand for values.
pub(crate) struct Scale {
    pub(crate) left: usize,
    pub(crate) right: usize,
    pub(crate) top: usize,
    pub(crate) bottom: usize,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Scale {
    pub(crate) fn new(
        [left, right]: [usize; 2],
        [top, bottom]: [usize; 2],
        (low, high): (f64, f64),
    ) -> Self {
        Self {
            left,
            right,
            top,
            bottom,
            low,
            high,
        }
    }

    /// Units across to a column of a curve.
    const COLUMN: usize = 2;

    /// As many columns as are drawn of a run up to this tick.
    pub(crate) fn columns(&self, last_tick: u64) -> usize {
        let room = (self.right - self.left) / Self::COLUMN;
        usize::try_from(last_tick).map_or(room, |last| room.min(last + 1))
    }

    /// Where a value stands.
    pub(crate) fn y(&self, value: f64) -> usize {
        let span = (self.high - self.low).max(f64::MIN_POSITIVE);
        let part = ((value - self.low) / span).clamp(0.0, 1.0);
        self.bottom - (part * (self.bottom - self.top) as f64).round() as usize
    }

    /// Where column `at` of so many begins.
    pub(crate) fn x(&self, at: usize, columns: usize) -> usize {
        self.left + (self.right - self.left) * at / columns.max(1)
    }

    /// The areas from the lowest to the highest value of each column, and the line of
    /// their means. Where nothing is known there is nothing.
    pub(crate) fn band(&self, columns: &[Column]) -> (String, String) {
        self.trace(columns, false)
    }

    /// The areas below the highest value of each column, and those below their means.
    pub(crate) fn areas(&self, columns: &[Column]) -> (String, String) {
        self.trace(columns, true)
    }

    fn trace(&self, columns: &[Column], down: bool) -> (String, String) {
        let (mut area, mut line) = (String::new(), String::new());
        let mut at = 0;
        while at < columns.len() {
            let rest = columns[at..].iter();
            let known: Vec<_> = rest.take_while(|column| !column.is_gap()).collect();
            if known.is_empty() {
                at += 1;
                continue;
            }
            let x = |nth: usize| self.x(at + nth, columns.len());
            let end = x(known.len());
            let begin = format!("M{} ", x(0));
            let levels = known.iter().enumerate();
            let upper = |(nth, of): (usize, &&Column)| (x(nth), self.y(of.max as f64));
            steps(&mut area, &begin, &mut levels.clone().map(upper), end);
            let mean = |(nth, of): (usize, &&Column)| (x(nth), self.y(of.mean().unwrap_or(0.0)));
            steps(&mut line, &begin, &mut levels.clone().map(mean), end);
            if down {
                let close = format!("V{}H{}z", self.bottom, x(0));
                area += &close;
                line += &close;
            } else {
                let lower = |(nth, of): (usize, &&Column)| (x(nth + 1), self.y(of.min as f64));
                steps(&mut area, "V", &mut levels.rev().map(lower), x(0));
                area.push('z');
            }
            at += known.len();
        }
        (area, line)
    }

    /// The axis of time below, with the run's beginning, middle and end.
    pub(crate) fn time(&self, pen: &mut Pen, run: &Run) {
        self.axis(
            pen,
            Axis::Time(run.header.interval_us),
            run.health.last_tick,
        );
    }

    /// An axis below, up to a last tick.
    pub(crate) fn axis(&self, pen: &mut Pen, axis: Axis, last: u64) {
        pen.across("x", self.left, self.right, self.bottom);
        let room = (self.right - self.left) / LETTER;
        let [begin, half, end] = axis.labels(last, room);
        let y = self.bottom + 28;
        pen.text(self.left, y, "w", &begin);
        pen.text((self.left + self.right) / 2, y, "w m", &half);
        pen.text(self.right, y, "w e", &end);
    }
}

/// A line of levels, each from its `x` on, up to `end`; `begin` stands before the first.
fn steps(
    line: &mut String,
    begin: &str,
    levels: &mut dyn Iterator<Item = (usize, usize)>,
    end: usize,
) {
    let mut level = None;
    for (x, y) in levels {
        match level.replace(y) {
            None => *line += &format!("{begin}{y}"),
            Some(before) if before != y => *line += &format!("H{x}V{y}"),
            Some(_) => {}
        }
    }
    *line += &format!("H{end}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::curve::Curve;

    fn scale() -> Scale {
        Scale::new([100, 140], [10, 110], (0.0, 50.0))
    }

    /// 50 a unit of height 2: 0 at 110, 25 at 60, 50 at 10. Four columns of 10 units; the
    /// third is a gap.
    #[test]
    fn a_series_with_a_gap() {
        let mut curve = Curve::default();
        for (tick, value) in [(0, 0), (1, 20), (2, 50), (3, 50), (6, 25), (7, 25)] {
            curve.add(tick, tick, value);
        }
        let scale = scale();
        assert_eq!(scale.columns(1000), 20);
        assert_eq!(scale.columns(7), 8);
        let (area, line) = scale.band(&curve.scaled(7, 4));
        assert_eq!(
            area,
            "M100 70H110V10H120V10H110V110H100zM130 60H140V60H130z"
        );
        assert_eq!(line, "M100 90H110V10H120M130 60H140");
        let (most, mean) = scale.areas(&curve.scaled(7, 4));
        assert_eq!(most, "M100 70H110V10H120V110H100zM130 60H140V110H130z");
        assert_eq!(mean, "M100 90H110V10H120V110H100zM130 60H140V110H130z");
    }
}
