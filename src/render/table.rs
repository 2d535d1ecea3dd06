//! Tables of text: the first column to the left, the others to the right.

use std::io::{self, Write};

/// Writes a table.
///
/// # Errors
/// Those of `out`.
pub fn columns(out: &mut dyn Write, head: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let widths = widths(head, rows);
    let head: Vec<_> = head.iter().map(|&cell| cell.to_owned()).collect();
    for row in std::iter::once(&head).chain(rows) {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            line += &match column {
                0 => format!("  {cell:<width$}"),
                _ => format!("  {cell:>width$}"),
            };
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    if rows.is_empty() {
        writeln!(out, "  none")?;
    }
    Ok(())
}

/// How wide such a table is.
pub fn width(head: &[&str], rows: &[Vec<String>]) -> usize {
    widths(head, rows).iter().map(|width| width + 2).sum()
}

fn widths(head: &[&str], rows: &[Vec<String>]) -> Vec<usize> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let cells = cells.map(|cell| cell.chars().count());
        let own = head.get(column).map_or(0, |cell| cell.chars().count());
        cells.max().unwrap_or(0).max(own)
    };
    (0..head.len()).map(width).collect()
}
