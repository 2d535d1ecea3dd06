//! The parts of the board over time: load of each core, temperature, throttling.

use super::super::chart::{range, LEAST_TICKS};
use super::picture::{Pen, Picture, WIDTH};
use super::scale::Scale;
use super::series::over_time;
use crate::series::board::{Board, Curves};
use crate::series::{Run, Spread};
use crate::stats::Summary;
use crate::words::figures::named_bits;

/// Of more cores each has a narrow lane without figures.
const CORES_WITH_FIGURES: usize = 16;
/// Lanes of the narrow ones that are named: each of so many.
const NAMED: usize = 8;
/// The least range of temperatures that fills a picture, tenths of a degree.
const LEAST_WARMER: f64 = 50.0;
/// From where to where the lanes of throttling go.
const LANES: [usize; 2] = [190, WIDTH - 8];

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
    let right = if wide { 500 } else { WIDTH - 8 };
    let mut scale = Scale::new([110, right], [0, 8], (0.0, 1000.0));
    let mut pen = Pen::default();
    let mut description = String::new();
    for (nth, (core, busy, curve)) in all.into_iter().enumerate() {
        (scale.top, scale.bottom) = (scale.bottom + gap, scale.bottom + gap + lane);
        let (most, mean) = scale.areas(&curve.scaled(last, scale.columns(last)));
        pen.path("b p0", &most);
        pen.path("a p0", &mean);
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
        description += &format!("Core {number}: median {median:.1}, highest {max:.1} %. ");
    }
    scale.time(&mut pen, run);
    Some(Picture {
        title: "Load of each core over time, % (0 to 100)".to_owned(),
        description: description.trim_end().to_owned(),
        height: scale.bottom + 40,
        drawing: pen.0,
        ..Picture::default()
    })
}

/// Temperature, and below it when the firmware held the board back.
pub(crate) fn board(run: &Run) -> Option<Picture> {
    let (board, curves) = drawn(run)?;
    let known = board.throttled.is_some() || board.undervoltage.is_some();
    let picture = board
        .temperature
        .map(|spread| temperature(run, curves, spread));
    if picture.is_none() && !known {
        return None;
    }
    let mut picture = picture.unwrap_or_default();
    let mut pen = Pen(std::mem::take(&mut picture.drawing));
    let happened = throttling(run, board, curves, &mut pen, &mut picture.height);
    let throttling = match (known, happened.is_empty()) {
        (false, _) => "Throttling: not observable here".to_owned(),
        (true, true) => "Throttling: none".to_owned(),
        (true, false) => format!("Throttling: {}", happened.join(", ")),
    };
    if happened.is_empty() {
        pen.text(LANES[0], picture.height + 24, "w", &throttling);
        picture.height += 40;
    }
    if picture.description.is_empty() {
        picture.description = "Temperature: not observable here.".to_owned();
    }
    Some(Picture {
        title: "Temperature over time, degrees Celsius (not from 0), and throttling".to_owned(),
        description: format!("{} {throttling}.", picture.description),
        drawing: pen.0,
        ..picture
    })
}

fn temperature(run: &Run, curves: &Curves, Spread { min, median, max }: Spread) -> Picture {
    // As the curve has it.
    let [min, median, max] = [min, median, max].map(|celsius| (celsius + 100.0) * 10.0);
    let summary = Summary {
        count: 0,
        min,
        max,
        mean: median,
        median,
        p95: max,
    };
    let form = |tenths: f64| format!("{:.1}", tenths / 10.0 - 100.0);
    let range = range(min, max, LEAST_WARMER);
    over_time(run, &curves.temperature, &summary, range, form)
}

/// A lane for each kind of throttling that happened; returns their names.
fn throttling(
    run: &Run,
    board: &Board,
    curves: &Curves,
    pen: &mut Pen,
    height: &mut usize,
) -> Vec<String> {
    let last = run.health.last_tick;
    let lanes = Scale::new(LANES, [0, 8], (0.0, 1.0));
    let mut happened = Vec::new();
    for (bit, spark) in curves.throttled.iter().enumerate() {
        let columns = spark.scaled(last, lanes.columns(last), &run.health.sampled.curve());
        let bars = bars(&lanes, &columns, *height + 30);
        let when = match bars.is_empty() {
            true if !board.throttled.is_some_and(|t| t.happened(bit as u32)) => continue,
            true => ", between samples",
            false => "",
        };
        let name = named_bits(1 << bit);
        pen.text(lanes.left, *height + 24, "", &format!("{name}{when}"));
        pen.path("a t", &bars);
        pen.across("x", lanes.left, lanes.right, *height + 46);
        happened.push(name);
        *height += 60;
    }
    happened
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
