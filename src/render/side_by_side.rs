//! Runs of several products and stages beside each other, with the median of each.

use super::compare::lanes::{least, round};
use super::document::{Cell, Layout, Row, Table};
use super::svg::{self, Lane};
use super::Block;
use crate::compare::rows::Unit;
use crate::series::Run;
use crate::stats;
use crate::words::escape::escaped;
use crate::words::figures::{counted, mib, percent};

/// A figure of each run: its name, its unit, its value in what that counts, and how it is
/// written.
type Figure = (
    &'static str,
    Unit,
    fn(&Run) -> Option<f64>,
    fn(f64) -> String,
);

const FIGURES: [Figure; 2] = [
    (
        "CPU, % of all cores",
        Unit::Percent,
        |run| Some(run.cpu?.median / 1000.0),
        |value| percent(value * 1000.0),
    ),
    (
        "memory in use, MiB",
        Unit::Kib,
        |run| Some(run.memory_kib?.median),
        mib,
    ),
];

/// A column for each block that has runs; `None` of fewer than two.
pub(crate) fn table(blocks: &[Block]) -> Option<Table<'static>> {
    let blocks = blocks.iter().filter(|block| !block.runs.is_empty());
    let blocks: Vec<&Block> = blocks.collect();
    if blocks.len() < 2 {
        return None;
    }
    let mut names: Vec<&str> = Vec::new();
    let products = blocks.iter().map(|block| {
        let known = names.iter().position(|name| *name == block.product);
        known.unwrap_or_else(|| {
            names.push(&block.product);
            names.len() - 1
        })
    });
    let products: Vec<usize> = products.collect();
    let rows = FIGURES.iter().map(|figure| row(&blocks, &products, figure));
    let names = blocks.iter().map(|block| {
        let name = format!("{} {}", block.product, block.stage);
        escaped(name.trim().as_bytes())
    });
    let head = ["".to_owned(), "each run".to_owned()].into_iter();
    Some(Table {
        head: head.chain(names).collect(),
        rows: rows.collect(),
        layout: Layout::Results,
        products,
        ..Table::default()
    })
}

fn row(blocks: &[&Block], products: &[usize], (label, unit, value, form): &Figure) -> Row<'static> {
    let (mut cells, mut lanes) = (vec![Cell::default()], Vec::new());
    for (block, product) in blocks.iter().zip(products) {
        let runs = block.runs.iter().enumerate();
        let runs = runs.filter_map(|(nth, run)| {
            let value = value(run)?;
            Some((value, format!("{}: run {}", form(value), nth + 1)))
        });
        let runs: Vec<_> = runs.collect();
        let mut values: Vec<f64> = runs.iter().map(|run| run.0).collect();
        let summary = stats::summary(&mut values);
        cells.push(summary.map_or_else(Cell::default, |all| Cell {
            spread: (all.count > 1).then(|| {
                let runs = counted(all.count, "run");
                format!("{} to {}, {runs}", form(all.min), form(all.max))
            }),
            ..Cell::from(form(all.median))
        }));
        lanes.push(summary.map(|all| Lane {
            product: *product,
            runs,
            median: all.median,
            ends: (all.count > 1).then_some((all.min, all.max)),
        }));
    }
    cells[0].drawing = svg::plot(&lanes, least(*unit), &|end| round(*unit, end));
    Row {
        section: "Median of the runs".to_owned(),
        label: (*label).to_owned(),
        cells,
        ..Row::default()
    }
}
