//! A series over time: in each column of the picture a bar from the lowest to the
//! highest value there, so that no spike is lost; where nothing was sampled there is
//! a gap.

pub(crate) mod containers;
pub(crate) mod probe;

use super::style::Style;
use crate::series::curve::{Column, Curve};
use crate::series::Run;
use crate::stats::Summary;
use crate::words::figures::{counted, mib, percent, span};
use std::borrow::Cow;
use std::io::{self, Write};

/// Lines of a picture.
const ROWS: usize = 6;
/// The labels on the left: `  max 100.00 |`.
const GUTTER: usize = 14;
/// A picture of fewer samples shows nothing that figures do not.
pub(crate) const LEAST_TICKS: u64 = 9;
/// The widest picture: each column of it is still one of the curve's.
const MOST_COLUMNS: usize = 240;

/// Least differences that fill the height of a picture: of CPU, milli-percent, and of
/// memory, as a share of all memory.
const LEAST_CPU: f64 = 1000.0;
const LEAST_MEMORY: f64 = 0.005;

/// A series of the machine over time.
pub(crate) struct Series<'a> {
    pub(crate) title: &'static str,
    pub(crate) curve: Cow<'a, Curve>,
    pub(crate) summary: Summary,
    pub(crate) form: fn(f64) -> String,
    /// The least difference that fills a chart: less of it is flat.
    pub(crate) least: f64,
}

/// What the ticks of a picture are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Axis {
    /// So many microseconds each.
    Time(u64),
    /// A number of containers.
    Containers,
}

impl Axis {
    /// The labels of the first tick, of the middle and of the last, on an axis with room for
    /// so many letters.
    pub(crate) fn labels(self, last: u64, room: usize) -> [String; 3] {
        let [begin, mut half, end] = match self {
            Self::Time(us) => {
                let whole = last.saturating_mul(us);
                ["0 s".to_owned(), span(whole / 2), span(whole)]
            }
            Self::Containers => {
                let half = if last % 2 == 0 { last / 2 } else { 0 };
                let half = Some(half).filter(|half| *half > 0);
                let half = half.map_or_else(String::new, |half| half.to_string());
                ["0".to_owned(), half, counted(last, "container")]
            }
        };
        // The middle's stands where the end's leaves room for it.
        if half.len().div_ceil(2) + end.len() + 1 > room / 2 {
            half.clear();
        }
        [begin, half, end]
    }
}

/// A chart, for text or for a page.
pub(crate) struct Chart<'a> {
    pub(crate) series: Series<'a>,
    pub(crate) last_tick: u64,
    pub(crate) axis: Axis,
}

/// Dots of one character: across and down, and what sets them.
struct Grid {
    across: usize,
    down: usize,
}

/// Braille patterns: U+2800 and a bit for each dot, by column and by row from above.
const BRAILLE: Grid = Grid { across: 2, down: 4 };
const DOTS: [[u32; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
const PLAIN: Grid = Grid { across: 1, down: 1 };

/// CPU and memory in use of a run, if it is long enough for a picture.
pub(crate) fn series(run: &Run) -> Vec<Series<'_>> {
    let health = &run.health;
    if health.last_tick < LEAST_TICKS {
        return Vec::new();
    }
    let cpu = run.cpu.map(|summary| Series {
        title: "CPU over time, % of all cores",
        curve: Cow::Borrowed(&health.cpu),
        summary,
        form: percent,
        least: LEAST_CPU,
    });
    let memory = run.memory_kib.map(|summary| Series {
        title: "Memory in use over time, MiB",
        curve: Cow::Borrowed(&health.memory_kib),
        summary,
        form: mib,
        least: LEAST_MEMORY * run.header.mem_total_kib as f64,
    });
    cpu.into_iter().chain(memory).collect()
}

/// The charts of a run, if text has charts.
pub(crate) fn charts<'r>(run: &'r Run, style: &Style) -> Vec<Chart<'r>> {
    let all = series(run).into_iter().filter(|_| style.charts);
    let chart = |series| Chart {
        series,
        last_tick: run.health.last_tick,
        axis: Axis::Time(run.header.interval_us),
    };
    all.map(chart).collect()
}

impl Series<'_> {
    /// The values at the bottom and at the top of a chart.
    pub(crate) fn range(&self) -> (f64, f64) {
        range(self.summary.min, self.summary.max, self.least)
    }
}

/// From the lowest to the highest value, widened around them to a least difference.
pub(crate) fn range(min: f64, max: f64, least: f64) -> (f64, f64) {
    let more = (least - (max - min)).max(0.0) / 2.0;
    (min - more, max + more)
}

impl Chart<'_> {
    /// Writes the picture.
    ///
    /// # Errors
    /// Those of `out`.
    pub(crate) fn write(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let width = style.width.saturating_sub(GUTTER).clamp(20, MOST_COLUMNS);
        let grid = if style.unicode { BRAILLE } else { PLAIN };
        let Series { title, summary, .. } = &self.series;
        let columns = (self.series.curve).scaled(self.last_tick, width * grid.across);
        writeln!(out, "{title}")?;
        let (low, high) = self.series.range();
        let scale = Scale {
            low,
            span: high - low,
            dots: ROWS * grid.down,
        };
        let bars = scale.bars(&columns);
        let marks = marks(summary);
        let rows = marks.map(|(_, value)| ROWS - 1 - scale.dot(value) / grid.down);
        let places = apart(&rows, 1, 0, ROWS - 1);
        let mut labels: [Option<(&str, f64)>; ROWS] = [None; ROWS];
        for (place, mark) in places.iter().zip(marks) {
            labels[*place] = Some(mark);
        }
        // Where its label had to move, the line would be misleading.
        let median_row = (places[1] == rows[1]).then_some(rows[1]);
        for (row, label) in labels.iter().enumerate() {
            let text = label.map(|(name, value)| {
                let number = (self.series.form)(value);
                match name {
                    // The gutter has no room for more; which it is, the order tells.
                    _ if number.len() > 8 => number,
                    "median" if number.len() > 5 => format!("med {number}"),
                    _ => format!("{name} {number}"),
                }
            });
            let axis = match (label.is_some(), style.unicode) {
                (true, true) => '┤',
                (false, true) => '│',
                (_, false) => '|',
            };
            let mut line = format!("{:>12} {axis}", text.unwrap_or_default());
            for at in 0..width {
                line.push(cell(&bars, &grid, at, row, median_row == Some(row)));
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        self.time_axis(out, style, width)
    }

    fn time_axis(&self, out: &mut dyn Write, style: &Style, width: usize) -> io::Result<()> {
        let (corner, dash) = if style.unicode {
            ('└', "─")
        } else {
            ('+', "-")
        };
        writeln!(out, "{:13}{corner}{}", "", dash.repeat(width))?;
        let [begin, half, end] = self.axis.labels(self.last_tick, width);
        let middle = width / 2;
        let mut line = format!("{:14}{begin}", "");
        let at = 14 + middle.saturating_sub(half.len() / 2);
        line = format!("{line:<at$}{half}");
        let at = (14 + width).saturating_sub(end.len());
        writeln!(out, "{line:<at$}{end}")
    }
}

/// The values of a series that are labelled.
pub(crate) fn marks(summary: &Summary) -> [(&'static str, f64); 3] {
    [
        ("max", summary.max),
        ("median", summary.median),
        ("min", summary.min),
    ]
}

/// Places for labels that should stand at these: in their order, so far apart, and
/// within bounds. They are sorted.
pub(crate) fn apart(targets: &[usize], distance: usize, top: usize, bottom: usize) -> Vec<usize> {
    let mut places: Vec<usize> = Vec::new();
    for target in targets {
        let least = places.last().map_or(top, |before| before + distance);
        places.push((*target).max(least));
    }
    let mut most = bottom;
    for place in places.iter_mut().rev() {
        *place = (*place).min(most);
        most = place.saturating_sub(distance);
    }
    places
}

/// From values to dots.
struct Scale {
    low: f64,
    span: f64,
    dots: usize,
}

impl Scale {
    /// How high a value stands, from 0 at the bottom.
    fn dot(&self, value: f64) -> usize {
        let top = self.dots.saturating_sub(1);
        if self.span <= 0.0 {
            return 0;
        }
        let part = ((value - self.low) / self.span).clamp(0.0, 1.0);
        (part * top as f64).round() as usize
    }

    /// From which dot to which each column reaches. A bar goes on to the one before
    /// it, so that the line is not broken where the series moves fast.
    fn bars(&self, columns: &[Column]) -> Vec<Option<(usize, usize)>> {
        let mut before: Option<(usize, usize)> = None;
        let bar = |column: &Column| {
            let own = (!column.is_gap())
                .then(|| (self.dot(column.min as f64), self.dot(column.max as f64)));
            let joined = own.map(|(low, high)| match before {
                Some((_, top)) if top + 1 < low => (top + 1, high),
                Some((bottom, _)) if high + 1 < bottom => (low, bottom - 1),
                _ => (low, high),
            });
            before = own;
            joined
        };
        columns.iter().map(bar).collect()
    }
}

/// The character at a place; `line`: the median goes through it.
fn cell(bars: &[Option<(usize, usize)>], grid: &Grid, at: usize, row: usize, line: bool) -> char {
    let bars = bars.get(at * grid.across..(at + 1) * grid.across);
    let bars = bars.unwrap_or_default();
    // Dots from the bottom of the picture to the top of this row.
    let top = (ROWS - row) * grid.down - 1;
    let mut pattern = 0;
    for (bar, dots) in bars.iter().zip(DOTS) {
        let Some((low, high)) = bar else { continue };
        for (down, dot) in dots.iter().enumerate().take(grid.down) {
            let height = top - down;
            if (*low..=*high).contains(&height) {
                pattern |= dot;
            }
        }
    }
    let gap = bars.iter().all(Option::is_none);
    match (pattern, grid.across) {
        (0, _) if !line || gap => ' ',
        (0, 1) => '.',
        (0, _) => '┄',
        (_, 1) => '#',
        (_, _) => char::from_u32(0x2800 + pattern).unwrap_or(' '),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats;

    /// Beside a petabyte's numbers, too.
    #[test]
    fn no_number_moves_the_axis() {
        for mib_in_use in [1u64, 99_999, 999_999, 1_000_000, 1 << 30] {
            let kib = mib_in_use << 10;
            let mut curve = Curve::default();
            curve.add(0, 9, kib);
            let chart = Chart {
                series: Series {
                    title: "",
                    curve: Cow::Owned(curve),
                    summary: stats::summary(&mut [kib as f64]).unwrap(),
                    form: mib,
                    least: 0.0,
                },
                last_tick: 9,
                axis: Axis::Time(1_000_000),
            };
            let mut out = Vec::new();
            chart.write(&mut out, &Style::PLAIN).unwrap();
            let text = String::from_utf8(out).unwrap();
            let axes: Vec<_> = text.lines().filter_map(|line| line.find('|')).collect();
            assert_eq!(axes, [13; ROWS], "{text}");
            let number = format!("{mib_in_use}.0 |");
            assert_eq!(text.matches(&number).count(), 3, "{text}");
        }
    }

    /// On 26 columns, as a terminal of 40 has them.
    #[test]
    fn the_middle_of_an_axis_gives_way() {
        let labels = |seconds, room| Axis::Time(1_000_000).labels(seconds, room);
        assert_eq!(labels(300, 26), ["0 s", "", "5 min 0 s"]);
        assert_eq!(labels(90, 26), ["0 s", "45 s", "1 min 30 s"]);
        assert_eq!(labels(300, 30), ["0 s", "2 min 30 s", "5 min 0 s"]);
        assert_eq!(labels(300, 29), ["0 s", "", "5 min 0 s"]);
        assert_eq!(Axis::Containers.labels(9, 66), ["0", "", "9 containers"]);
    }

    #[test]
    fn labels_do_not_touch() {
        assert_eq!(apart(&[10, 100], 24, 10, 200), [10, 100]);
        assert_eq!(apart(&[10, 12, 13], 24, 10, 200), [10, 34, 58]);
        assert_eq!(apart(&[190, 195, 200], 24, 10, 200), [152, 176, 200]);
        assert_eq!(apart(&[], 24, 10, 200), [0; 0]);
    }
}
