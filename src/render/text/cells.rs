//! The texts of a table's cells, labels and heads on a terminal.

use super::super::document::{Cell, Row, Table};
use super::super::names::GONE;
use crate::words::columns::{columns, shortened, shortened_name};
use std::borrow::Cow;

/// Longer heads of columns have `..` in their middle.
const HEAD_WIDTH: usize = 24;

/// The head of a column of cells.
pub(super) fn head(table: &Table<'_>, column: usize) -> String {
    let head = table.head.get(column + 1);
    shortened_name(head.map_or("", String::as_str), HEAD_WIDTH)
}

/// A row's label, its name shortened; brackets and suffixes stay.
pub(super) fn shortened_label<'l>(table: &Table<'_>, row: &'l Row<'_>) -> Cow<'l, str> {
    let label = &row.label;
    let width = table.names.unwrap_or(usize::MAX);
    if columns(label) <= width {
        return Cow::Borrowed(label);
    }
    let around = [("[", "]"), ("", GONE), ("", "")];
    let cut = around.iter().find_map(|(before, behind)| {
        let inner = label.strip_prefix(before)?.strip_suffix(behind)?;
        let room = width.saturating_sub(before.len() + behind.len());
        Some(format!("{before}{}{behind}", shortened(inner, room)))
    });
    cut.map_or(Cow::Borrowed(label), Cow::Owned)
}

/// A cell's first line and its second, which may be empty.
pub(super) fn lines_of(cell: &Cell, wide: bool) -> (String, String) {
    let mut first = cell.narrow.as_ref().unwrap_or(&cell.value).clone();
    let mut below = String::new();
    match &cell.spread {
        Some(spread) if wide => first += &format!(" ({spread})"),
        Some(spread) => below = format!("({spread})"),
        None => {}
    }
    let notes = cell.references(usize::to_string, [" [", ",", "]"]);
    (first + &notes, below)
}
