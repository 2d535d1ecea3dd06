//! Every run's value in each row of a comparison: as pictures, and with its source.

use super::super::document::{self, Table};
use super::super::svg::{self, Picture};
use super::words::{self, name};
use crate::compare::rows::Unit;
use crate::compare::{Comparison, Point, Source, TableRow};
use crate::words::escape::escaped;
use crate::words::figures::span;

/// The most values in the table; json has all.
const TRACED: usize = 1000;

/// A picture for each row with at least two values, not all of them 0. A difference is no
/// run's own value, and has none.
pub(crate) fn pictures(comparison: &Comparison) -> Vec<Picture> {
    let picture = |row: &TableRow| {
        let unit = row.spec.kind.unit();
        let figures = || row.cells.iter().filter_map(|cell| cell.figure());
        let values = || figures().flat_map(|figure| &figure.points);
        let is_nothing = values().all(|point| point.value == 0.0);
        let is_own = figures().all(|figure| figure.less.is_empty());
        if unit == Unit::Verdict || values().count() < 2 || is_nothing || !is_own {
            return None;
        }
        let cells = row.cells.iter().enumerate();
        let lanes = cells.map(|(product, cell)| {
            let values = cell
                .figure()
                .map_or_else(Vec::new, |figure| figure.values());
            (name(comparison, product), values)
        });
        let lanes: Vec<_> = lanes.collect();
        svg::points(&words::whole_label(&row.spec), &lanes, &|value| {
            words::value(unit, value, None)
        })
    };
    comparison.rows.iter().filter_map(picture).collect()
}

/// Each value of each cell with its log and time, or the line in which it was typed.
pub(crate) fn table(comparison: &Comparison) -> Table<'static> {
    let mut rows = Vec::new();
    let mut left_out = 0;
    for row in &comparison.rows {
        for (product, cell) in comparison.products.iter().zip(&row.cells) {
            let Some(figure) = cell.figure() else {
                continue;
            };
            for (sign, points) in [("", &figure.points), ("minus ", &figure.less)] {
                for point in points {
                    if rows.len() >= TRACED {
                        left_out += 1;
                        continue;
                    }
                    rows.push(trace(comparison, row, &product.name, sign, point));
                }
            }
        }
    }
    let head = ["row", "product", "value", "source"];
    let mut table = Table::new("Values", &head, rows);
    if left_out > 0 {
        (table.notes).push(format!("and {left_out} more (--format json lists all)"));
    }
    table
}

fn trace(
    comparison: &Comparison,
    row: &TableRow,
    product: &str,
    sign: &str,
    point: &Point,
) -> document::Row<'static> {
    let value = words::value(row.spec.kind.unit(), point.value, None);
    let at = match point.source {
        Source::Run {
            at_us: Some(at), ..
        } => format!(", after {}", span(at)),
        _ => String::new(),
    };
    let source = words::source(comparison, point.source).unwrap_or_default();
    let cells = vec![
        escaped(product.as_bytes()),
        format!("{sign}{value}"),
        source + &at,
    ];
    document::Row::new(words::whole_label(&row.spec), cells)
}
