//! What a page adds to a row of the table: every run drawn on one scale, and each product
//! against the reference.

use super::super::document::Cell;
use super::super::svg::{self, Lane};
use super::words;
use crate::compare::pair_comparison::Test;
use crate::compare::rows::{Kind, Unit};
use crate::compare::{Comparison, Figure, PairComparison, Point, Source, TableRow};
use crate::words::escape::escaped;
use crate::words::figures::span;
use std::os::unix::ffi::OsStrExt;

/// The cells of a row: a drawing before those of the products, differences behind them.
pub(super) fn extended(
    comparison: &Comparison,
    row: &TableRow,
    products: impl Iterator<Item = Cell>,
) -> Vec<Cell> {
    let drawing = Cell {
        drawing: drawn(comparison, row),
        ..Cell::default()
    };
    let others = (1..comparison.products.len()).map(|product| {
        let pair = row.pairs.get(product).copied().flatten();
        let pair = pair.filter(|_| compares(row, product));
        pair.map_or_else(Cell::default, |pair| change(row.spec.kind.unit(), &pair))
    });
    let mut cells = vec![drawing];
    cells.extend(products.chain(others));
    cells
}

/// Whether the figures of two products can be compared: not those of two processes, nor
/// two answers.
pub(super) fn compares(row: &TableRow, product: usize) -> bool {
    let kind = row.spec.kind;
    product > 0 && !kind.is_answer() && kind != Kind::TopCpu
}

/// The runs of all products on one scale.
pub(super) fn drawn(comparison: &Comparison, row: &TableRow) -> Option<(String, usize)> {
    let unit = row.spec.kind.unit();
    let lane = |product: usize, figure: &Figure| {
        let run = |point: &Point| (point.value, told(comparison, unit, figure, point));
        Lane {
            product,
            // A difference of stages is no run's own.
            runs: match figure.less.is_empty() {
                true => figure.points.iter().map(run).collect(),
                false => Vec::new(),
            },
            median: figure.value,
            ends: figure.spread.ends(),
        }
    };
    let lanes = row.cells.iter().enumerate();
    let lanes = lanes.map(|(product, cell)| cell.figure().map(|of| lane(product, of)));
    let lanes: Vec<_> = lanes.filter(|_| unit != Unit::Verdict).collect();
    svg::plot(&lanes, least(unit), &|value| round(unit, value))
}

/// A run's value, and its log or where it was typed.
fn told(comparison: &Comparison, unit: Unit, figure: &Figure, point: &Point) -> String {
    let value = words::value(unit, point.value, figure.notation);
    let source = match point.source {
        Source::Run { run, .. } | Source::Result { run, .. } => {
            let log = comparison.runs.get(run).and_then(|run| run.log.file_name());
            log.map(|log| escaped(log.as_bytes()))
        }
        Source::Fact(fact) => comparison.facts.get(fact).map(words::place),
    };
    format!("{value}: {}", source.unwrap_or_default())
}

/// What the end of a scale is a multiple of.
pub(crate) fn least(unit: Unit) -> f64 {
    match unit {
        Unit::Kib => 1024.0,
        Unit::Seconds => 0.01,
        Unit::Percent | Unit::PercentOfCore | Unit::PerSecond => 0.1,
        Unit::Count | Unit::Verdict => 1.0,
    }
}

/// The end of a scale.
pub(crate) fn round(unit: Unit, value: f64) -> String {
    let tenths = (value * 10.0).round() as u64;
    match unit {
        Unit::Kib => format!("{} MiB", (value / 1024.0) as u64),
        Unit::Seconds => {
            let text = span((value * 1e6).round() as u64);
            text.trim_end_matches(" 0 s")
                .trim_end_matches(" 0 min")
                .to_owned()
        }
        Unit::Percent | Unit::PercentOfCore | Unit::PerSecond => {
            let sign = if unit == Unit::PerSecond { "" } else { " %" };
            match tenths % 10 {
                0 => format!("{}{sign}", tenths / 10),
                tenth => format!("{}.{tenth}{sign}", tenths / 10),
            }
        }
        Unit::Count | Unit::Verdict => (value as u64).to_string(),
    }
}

/// The difference, and below it the ratio, its spread and p.
fn change(unit: Unit, pair: &PairComparison) -> Cell {
    let mut all = Vec::new();
    if let Some(ratio) = pair.ratio {
        let ends = words::ends(ratio.spread).unwrap_or_default();
        all.push(format!("{} x", words::ratio(ratio.value)));
        all.push(ends.trim_end().to_owned());
    }
    all.extend(match pair.test {
        Test::Not => None,
        Test::TooFew { .. } => Some("too few runs".to_owned()),
        Test::P { corrected, .. } if pair.test.tells_apart() => {
            Some(format!("p {}", words::p(corrected)))
        }
        Test::P { corrected, .. } => Some(format!("p {} ~", words::p(corrected))),
    });
    Cell {
        spread: (!all.is_empty()).then(|| all.join(", ")),
        is_strong: pair.test.tells_apart(),
        ..Cell::from(words::difference(unit, pair.difference.value))
    }
}
