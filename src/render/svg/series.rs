//! CPU and memory of the machine over time, and memory of its largest processes.

use super::super::chart::{LEAST_CPU, LEAST_MEMORY, LEAST_TICKS};
use super::super::columns::shortened;
use super::super::figures::{mib, percent, span};
use super::super::names::name;
use super::picture::{Pen, Picture, WIDTH};
use super::scale::{apart, Scale};
use crate::series::curve::Curve;
use crate::series::{Memory, Run};
use crate::stats::Summary;

/// Columns that a name beside its line has.
const LEGEND: usize = 17;
/// As many processes as are told apart: by colour, by dashes and by name.
const LINES: usize = 6;

/// CPU, and memory in use.
pub(crate) fn machine(run: &Run) -> Vec<Picture> {
    let health = &run.health;
    let mut pictures = Vec::new();
    if health.last_tick < LEAST_TICKS {
        return pictures;
    }
    if let Some(cpu) = &run.cpu {
        let high = cpu.max.max(LEAST_CPU);
        let title = "CPU over time, % of all cores";
        pictures.push(over_time(
            run,
            title,
            &health.cpu,
            cpu,
            (0.0, high),
            percent,
        ));
    }
    if let Some(memory) = &run.memory_kib {
        let least = LEAST_MEMORY * run.header.mem_total_kib as f64;
        let more = (least - (memory.max - memory.min)).max(0.0) / 2.0;
        let range = (memory.min - more, memory.max + more);
        let title = "Memory in use over time, MiB";
        pictures.push(over_time(
            run,
            title,
            &health.memory_kib,
            memory,
            range,
            mib,
        ));
    }
    pictures
}

/// A series with its lowest, middle and highest value marked.
pub(crate) fn over_time(
    run: &Run,
    title: &str,
    curve: &Curve,
    summary: &Summary,
    (low, high): (f64, f64),
    form: fn(f64) -> String,
) -> Picture {
    let scale = Scale {
        left: 190,
        right: WIDTH - 8,
        top: 16,
        bottom: 216,
        low,
        high,
    };
    let mut pen = Pen::default();
    let last = run.health.last_tick;
    let columns = curve.scaled(last, scale.columns(last));
    let (area, line) = scale.traced(&columns);
    pen.path("b f0", &area);
    pen.path("c0", &line);
    let marks = [
        ("max", summary.max),
        ("median", summary.median),
        ("min", summary.min),
    ];
    let wanted = marks.map(|(_, value)| scale.y(value));
    let places = apart(&wanted, 24, scale.top, scale.bottom);
    for (((name, value), y), place) in marks.into_iter().zip(wanted).zip(places) {
        pen.across("d", scale.left, scale.right, y);
        let label = format!("{name} {}", form(value));
        pen.text(scale.left - 10, place + 8, "e", &label);
    }
    scale.time(&mut pen, run);
    Picture {
        title: title.to_owned(),
        told: format!(
            "Lowest {}, median {}, highest {}, over {}.",
            form(summary.min),
            form(summary.median),
            form(summary.max),
            span(run.duration_us)
        ),
        height: scale.bottom + 40,
        drawing: pen.0,
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
    let scale = Scale {
        left: 100,
        right: 540,
        top: 16,
        bottom: 286,
        low: 0.0,
        high: highest,
    };
    let mut pen = Pen::default();
    let count = scale.columns(health.last_tick);
    let mut ends = Vec::new();
    let mut told = String::new();
    for (nth, row) in rows.iter().enumerate() {
        let columns = row
            .spark
            .scaled(health.last_tick, count, &health.memory_kib);
        let mut line = String::new();
        let mut begun = false;
        let mut end = scale.bottom;
        for (at, value) in columns.into_iter().enumerate() {
            let Some(value) = value else {
                begun = false;
                continue;
            };
            end = scale.y(value.into());
            let (x, next) = (scale.x(at, count), scale.x(at + 1, count));
            line += &match begun {
                false => format!("M{x} {end}H{next}"),
                true => format!("V{end}H{next}"),
            };
            begun = true;
        }
        pen.path(&format!("c{nth}"), &line);
        ends.push((end, nth));
        let (name, figures) = (name(row), &row.figures);
        told += &format!(
            "{name}: median {}, highest {} MiB. ",
            mib(figures.median),
            mib(figures.max)
        );
    }
    ends.sort_unstable();
    let wanted: Vec<usize> = ends.iter().map(|(end, _)| *end).collect();
    let places = apart(&wanted, 28, scale.top, scale.bottom);
    for ((end, nth), place) in ends.into_iter().zip(places) {
        pen.path(
            &format!("c{nth}"),
            &format!("M{} {end}L570 {place}h26", scale.right),
        );
        let name = shortened(&name(&rows[nth]), LEGEND);
        pen.text(604, place + 8, "", &name);
    }
    pen.text(scale.left - 10, scale.top + 8, "e", &mib(highest));
    pen.text(scale.left - 10, scale.bottom, "e", "0");
    scale.time(&mut pen, run);
    let memory = match run.memory {
        Memory::Pss => "PSS",
        Memory::Rss => "RSS",
    };
    Some(Picture {
        title: format!("{memory} of the largest processes over time, MiB"),
        told: told.trim_end().to_owned(),
        height: scale.bottom + 40,
        drawing: pen.0,
    })
}
