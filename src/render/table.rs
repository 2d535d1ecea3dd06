//! Tables: the first column to the left, the others to the right.

use super::style::{wrapped, Style};
use std::io::{self, Write};

/// A table, in words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    pub title: String,
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// What is to be said below it, a sentence each.
    pub notes: Vec<String>,
}

impl Table {
    pub fn new(title: impl Into<String>, head: &[&str], rows: Vec<Vec<String>>) -> Self {
        Self {
            title: title.into(),
            head: head.iter().map(|&cell| cell.to_owned()).collect(),
            rows,
            notes: Vec::new(),
        }
    }

    /// Writes it as text.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        writeln!(out, "\n{}", self.title)?;
        let widths = self.widths();
        for row in std::iter::once(&self.head).chain(&self.rows) {
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                line += &match column {
                    0 => format!("  {cell:<width$}"),
                    _ => format!("  {cell:>width$}"),
                };
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        if self.rows.is_empty() {
            writeln!(out, "  none")?;
        }
        for note in &self.notes {
            wrapped(out, style.width, "  ", 2, note)?;
        }
        Ok(())
    }

    /// How wide it is as text.
    pub fn width(&self) -> usize {
        self.widths().iter().map(|width| width + 2).sum()
    }

    fn widths(&self) -> Vec<usize> {
        let width = |column: usize| {
            let cells = self.rows.iter().chain([&self.head]);
            let cells = cells.filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        (0..self.head.len()).map(width).collect()
    }
}
