//! The stages of all products over time: a small picture for each stage, all of CPU on one
//! scale, and all of memory on another.

use super::super::svg::{self, Picture};
use super::{lanes, words};
use crate::compare::measured::{Measured, COURSE};
use crate::compare::rows::Unit;
use crate::compare::Comparison;
use crate::series::curve::Column;
use crate::series::stage::Stage;
use crate::stats;
use crate::words::escape::cut;
use crate::words::figures::counted;

/// A series of the machine: its place in [`Measured::courses`], its title, its unit, and
/// what a unit of its values is one of.
type Series = (usize, &'static str, Unit, f64);

const SERIES: [Series; 2] = [
    (0, "CPU over time, % of all cores", Unit::Percent, 1000.0),
    (1, "Memory in use over time, MiB", Unit::Kib, 1.0),
];

/// The pictures of each series, below its title; none of what was not recorded.
pub(super) fn pictures(comparison: &Comparison) -> Vec<(&'static str, Vec<Picture>)> {
    let all = SERIES
        .into_iter()
        .map(|of| (of.1, of_series(comparison, of)));
    all.filter(|(_, pictures)| !pictures.is_empty()).collect()
}

fn of_series(comparison: &Comparison, (place, _, unit, parts): Series) -> Vec<Picture> {
    let stages = comparison.stages().into_iter().filter_map(|stage| {
        let products = comparison.products.iter().map(|product| {
            let runs = comparison.runs_of(&product.name, stage);
            let runs = runs.map(|(_, run)| run);
            runs.filter(|run| !run.courses[place].is_empty()).collect()
        });
        let products: Vec<Vec<&Measured>> = products.collect();
        let longest = products.iter().flatten().map(|run| run.duration_us).max();
        // A single sample is at no time.
        let longest = longest.filter(|us| *us > 0)?;
        let pooled = products.iter().map(|runs| pooled(runs, place, longest));
        Some((
            stage,
            longest,
            pooled.collect::<Vec<_>>(),
            numbers(comparison, &products),
        ))
    });
    let stages: Vec<_> = stages.collect();
    let columns = stages
        .iter()
        .flat_map(|(_, _, products, _)| products.iter().flatten());
    let known = columns.filter(|column| !column.is_gap());
    let highest = known.map(|column| column.max).max().unwrap_or(0) as f64;
    let top = svg::end(highest / parts, lanes::least(unit));
    let label = lanes::round(unit, top);
    // The title has the unit, for which there is no room beside the picture.
    let label = label.split(' ').next().unwrap_or_default();
    let picture = |(stage, longest, products, numbers): &(&Stage, u64, Vec<_>, String)| {
        let title = cut(stage.name().as_bytes(), words::NAME_WIDTH);
        svg::overlay(&title, numbers, products, *longest, (top * parts, label))
    };
    stages.iter().map(picture).collect()
}

/// The numbers of runs.
fn numbers(comparison: &Comparison, products: &[Vec<&Measured>]) -> String {
    let products = products.iter().enumerate().map(|(product, runs)| {
        let runs = counted(runs.len() as u64, "run");
        format!("{}: {runs}", words::name(comparison, product))
    });
    products.collect::<Vec<_>>().join(", ")
}

/// At each moment the lowest, the middle and the highest of those runs that last so long.
fn pooled(runs: &[&Measured], place: usize, longest: u64) -> Vec<Column> {
    let moment = |at: usize| {
        let at_us = longest as f64 * (at as f64 + 0.5) / COURSE as f64;
        let values = runs.iter().filter_map(|run| {
            let course = run.courses[place].as_slice();
            let part = at_us / run.duration_us.max(1) as f64;
            *course.get((part * course.len() as f64) as usize)?
        });
        let mut values: Vec<f64> = values.map(f64::from).collect();
        let all = stats::summary(&mut values);
        all.map_or(Column::GAP, |of| {
            Column::of(of.min as u64, of.median as u64, of.max as u64)
        })
    };
    (0..COURSE).map(moment).collect()
}
