//! CPU and memory of the machine over time, and memory of its largest processes.

use super::super::chart::{self, apart, marks, Axis, Chart, Series, LEAST_TICKS};
use super::super::names::{memory_name, name};
use super::picture::{Pen, Picture, WIDTH};
use super::scale::Scale;
use crate::series::curve::Curve;
use crate::series::Run;
use crate::stats::Summary;
use crate::words::columns::shortened;
use crate::words::figures::{mib, span};
use std::borrow::Cow;

/// Columns that a name beside its line has.
const LEGEND: usize = 17;
/// As many processes as are told apart: by colour, by dashes and by name.
const LINES: usize = 6;

/// CPU, and memory in use.
pub(crate) fn machine(run: &Run) -> Vec<Picture> {
    let all = chart::series(run).into_iter();
    let chart = |series| Chart {
        series,
        last_tick: run.health.last_tick,
        axis: Axis::Time(run.header.interval_us),
    };
    let over = span(run.duration_us);
    all.map(|series| of_chart(&chart(series), &over)).collect()
}

/// A chart as a picture, which tells what its last tick is.
pub(crate) fn of_whole(chart: &Chart<'_>) -> Picture {
    let [.., over] = chart.axis.labels(chart.last_tick);
    of_chart(chart, &over)
}

/// A chart as a picture; `over`: what its ticks are, all of them.
fn of_chart(chart: &Chart<'_>, over: &str) -> Picture {
    let series = &chart.series;
    let (low, high) = series.range();
    let range = match series.from_zero {
        true => (0.0, series.summary.max.max(high - low)),
        false => (low, high),
    };
    Picture {
        title: series.title.to_owned(),
        ..drawn(chart, range, over)
    }
}

/// A series with its lowest, middle and highest value marked; without a title.
pub(crate) fn over_time(
    run: &Run,
    curve: &Curve,
    summary: &Summary,
    range: (f64, f64),
    form: fn(f64) -> String,
) -> Picture {
    let chart = Chart {
        series: Series {
            title: "",
            curve: Cow::Borrowed(curve),
            summary: *summary,
            form,
            least: 0.0,
            from_zero: false,
        },
        last_tick: run.health.last_tick,
        axis: Axis::Time(run.header.interval_us),
    };
    drawn(&chart, range, &span(run.duration_us))
}

fn drawn(chart: &Chart<'_>, range: (f64, f64), over: &str) -> Picture {
    let Series {
        curve,
        summary,
        form,
        ..
    } = &chart.series;
    let scale = Scale::new([190, WIDTH - 8], [16, 216], range);
    let mut pen = Pen::default();
    let last = chart.last_tick;
    let (area, line) = scale.band(&curve.scaled(last, scale.columns(last)));
    pen.path("b f0", &area);
    pen.path("c0", &line);
    let marks = marks(summary);
    let heights = marks.map(|(_, value)| scale.y(value));
    let places = apart(&heights, 24, scale.top, scale.bottom);
    for (((name, value), y), place) in marks.into_iter().zip(heights).zip(places) {
        pen.across("d", scale.left, scale.right, y);
        let label = format!("{name} {}", form(value));
        pen.text(scale.left - 10, place + 8, "e", &label);
    }
    scale.axis(&mut pen, chart.axis, last);
    Picture {
        description: format!(
            "Lowest {}, median {}, highest {}, over {over}.",
            form(summary.min),
            form(summary.median),
            form(summary.max)
        ),
        height: scale.bottom + 40,
        drawing: pen.0,
        ..Picture::default()
    }
}

/// Memory of the processes that have most of it.
pub(crate) fn processes(run: &Run) -> Option<Picture> {
    let rows = run.by_memory.get(..LINES.min(run.by_memory.len()))?;
    let health = &run.health;
    if rows.is_empty() || health.last_tick < LEAST_TICKS {
        return None;
    }
    let highest = rows.iter().map(|row| row.figures.max).fold(1.0, f64::max);
    let scale = Scale::new([100, 540], [16, 286], (0.0, highest));
    let mut pen = Pen::default();
    let count = scale.columns(health.last_tick);
    let mut ends = Vec::new();
    let mut description = String::new();
    for (nth, row) in rows.iter().enumerate() {
        let columns = (row.spark).scaled(health.last_tick, count, &health.memory_kib);
        let (line, end) = steps(&scale, &columns);
        pen.path(&format!("c{nth}"), &line);
        ends.push((end, nth));
        let [median, max] = [row.figures.median, row.figures.max].map(mib);
        description += &format!("{}: median {median}, highest {max} MiB. ", name(row));
    }
    ends.sort_unstable();
    let heights: Vec<usize> = ends.iter().map(|(end, _)| *end).collect();
    let places = apart(&heights, 28, scale.top, scale.bottom);
    for ((end, nth), place) in ends.into_iter().zip(places) {
        let line = format!("M{} {end}L570 {place}h26", scale.right);
        pen.path(&format!("c{nth}"), &line);
        let name = shortened(&name(&rows[nth]), LEGEND);
        pen.text(604, place + 8, "", &name);
    }
    pen.text(scale.left - 10, scale.top + 8, "e", &mib(highest));
    pen.text(scale.left - 10, scale.bottom, "e", "0");
    scale.time(&mut pen, run);
    let memory = memory_name(run.memory);
    Some(Picture {
        title: format!("{memory} of the largest processes over time, MiB"),
        description: description.trim_end().to_owned(),
        height: scale.bottom + 40,
        drawing: pen.0,
    })
}

/// A line from column to column, and the height at which it ends; with gaps where
/// nothing is known.
fn steps(scale: &Scale, columns: &[Option<u32>]) -> (String, usize) {
    let (mut line, mut end) = (String::new(), scale.bottom);
    let mut is_begun = false;
    for (at, value) in columns.iter().enumerate() {
        if let Some(value) = value {
            end = scale.y((*value).into());
            line += &match is_begun {
                false => format!("M{} {end}", scale.x(at, columns.len())),
                true => format!("V{end}"),
            };
            line += &format!("H{}", scale.x(at + 1, columns.len()));
        }
        is_begun = value.is_some();
    }
    (line, end)
}
