//! The parts of the board over time: load of each core, temperature, throttling.

use super::super::chart::LEAST_TICKS;
use super::super::names::named_bits;
use super::picture::{Pen, Picture, WIDTH};
use super::scale::Scale;
use super::series::over_time;
use crate::series::board::{Board, Curves};
use crate::series::{Run, Spread};
use crate::stats::Summary;

/// Of more cores each has a narrow lane without figures.
const CORES_WITH_FIGURES: usize = 16;
/// Lanes of the narrow ones that are named: each of so many.
const NAMED: usize = 8;
/// The least range of temperatures that fills a picture, tenths of a degree.
const LEAST_WARMER: f64 = 50.0;

fn drawn(run: &Run) -> Option<(&Board, &Curves)> {
    let board = &run.health.board;
    let curves = board.curves.as_ref()?;
    (run.health.last_tick >= LEAST_TICKS).then_some((board, curves))
}

/// A lane for each core: how busy it was, and at most within each column.
pub(crate) fn cores(run: &Run) -> Option<Picture> {
    let (board, curves) = drawn(run)?;
    let last = run.health.last_tick;
    let all = board.cores.iter().zip(&curves.cores);
    let all: Vec<_> = all
        .filter_map(|(c, curve)| Some((c, c.busy?, curve)))
        .collect();
    if all.is_empty() {
        return None;
    }
    let wide = all.len() <= CORES_WITH_FIGURES;
    let (lane, gap) = if wide { (46, 8) } else { (10, 2) };
    let mut scale = Scale {
        left: 110,
        right: if wide { 500 } else { WIDTH - 8 },
        top: 0,
        bottom: 8,
        low: 0.0,
        high: 1000.0,
    };
    let mut pen = Pen::default();
    let mut told = String::new();
    for (nth, (core, busy, curve)) in all.into_iter().enumerate() {
        (scale.top, scale.bottom) = (scale.bottom + gap, scale.bottom + gap + lane);
        let (most, mean) = scale.traced_down(&curve.scaled(last, scale.columns(last)));
        pen.path("b f0", &most);
        pen.path("a f0", &mean);
        pen.across("x", scale.left, scale.right, scale.bottom);
        let number = core.number.to_string();
        let Spread { median, max, .. } = busy;
        if wide {
            let figures = format!("median {median:.1}, max {max:.1}");
            pen.text(scale.right + 12, scale.bottom - 6, "", &figures);
        }
        if wide || nth % NAMED == 0 {
            let label = format!("core {number}");
            pen.text(scale.left - 10, scale.bottom - lane.min(6) + 2, "e", &label);
        }
        told += &format!("Core {number}: median {median:.1}, highest {max:.1} %. ");
    }
    scale.time(&mut pen, run);
    Some(Picture {
        title: "Load of each core over time, % (0 to 100)".to_owned(),
        told: told.trim_end().to_owned(),
        height: scale.bottom + 40,
        drawing: pen.0,
    })
}

/// Temperature, and below it when the firmware held the board back.
pub(crate) fn board(run: &Run) -> Option<Picture> {
    let (board, curves) = drawn(run)?;
    let last = run.health.last_tick;
    let mut picture = match board.temperature {
        Some(Spread { min, median, max }) => {
            // As the curve has it.
            let tenths = |celsius: f64| (celsius + 100.0) * 10.0;
            let summary = Summary {
                count: 0,
                min: tenths(min),
                max: tenths(max),
                mean: tenths(median),
                median: tenths(median),
                p95: tenths(max),
            };
            let more = (LEAST_WARMER - (summary.max - summary.min)).max(0.0) / 2.0;
            let range = (summary.min - more, summary.max + more);
            let form = |tenths: f64| format!("{:.1}", tenths / 10.0 - 100.0);
            over_time(run, "", &curves.temperature, &summary, range, form)
        }
        None => Picture {
            title: String::new(),
            told: String::new(),
            height: 0,
            drawing: String::new(),
        },
    };
    let mut pen = Pen(picture.drawing);
    let mut y = picture.height;
    let (left, right) = (190, WIDTH - 8);
    let lanes = Scale {
        left,
        right,
        top: 0,
        bottom: 8,
        low: 0.0,
        high: 1.0,
    };
    let known = board.throttled.is_some() || board.undervoltage.is_some();
    let mut happened = Vec::new();
    for (bit, spark) in curves.throttled.iter().enumerate() {
        let name = named_bits(1 << bit);
        let columns = spark.scaled(last, lanes.columns(last), &run.health.memory_kib);
        let bars = bars(&lanes, &columns, y + 30);
        let remembered = board.throttled.is_some_and(|t| t.happened(bit as u32));
        if bars.is_empty() && !remembered {
            continue;
        }
        let when = if bars.is_empty() {
            ", between samples"
        } else {
            ""
        };
        pen.text(left, y + 24, "", &format!("{name}{when}"));
        pen.path("f1", &bars);
        pen.across("x", left, right, y + 46);
        happened.push(name);
        y += 60;
    }
    let said = match (known, happened.is_empty()) {
        (false, _) => "Throttling: not observable here".to_owned(),
        (true, true) => "Throttling: none".to_owned(),
        (true, false) => format!("Throttling: {}", happened.join(", ")),
    };
    if happened.is_empty() {
        pen.text(left, y + 24, "w", &said);
        y += 40;
    }
    if picture.height == 0 && !known {
        return None;
    }
    picture.told = match picture.told.is_empty() {
        true => format!("Temperature: not observable here. {said}."),
        false => format!("{} {said}.", picture.told),
    };
    Some(Picture {
        title: "Temperature over time, degrees Celsius, and throttling".to_owned(),
        height: y,
        drawing: pen.0,
        ..picture
    })
}

/// A bar over the columns in which it was so.
fn bars(scale: &Scale, columns: &[Option<u32>], y: usize) -> String {
    let mut line = String::new();
    for (at, value) in columns.iter().enumerate() {
        if value.is_some_and(|value| value > 0) {
            let (x, next) = (scale.x(at, columns.len()), scale.x(at + 1, columns.len()));
            line += &format!("M{x} {y}H{next}v16H{x}z");
        }
    }
    line
}
