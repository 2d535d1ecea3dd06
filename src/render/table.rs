//! Tables: the first column to the left, the others to the right.

use super::columns::{columns, shortened, Padded};
use super::style::{wrapped, Style};
use std::borrow::Cow;
use std::io::{self, Write};

/// Behind the name of what is no longer there.
pub const GONE: &str = " (gone)";

/// A table, in words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    pub title: String,
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// What is to be said below it, a sentence each.
    pub notes: Vec<String>,
    /// The first column holds names that others chose: text, which has to fit into a
    /// line, has at most so many columns of them.
    pub names: Option<usize>,
}

impl Table {
    pub fn new(title: impl Into<String>, head: &[&str], rows: Vec<Vec<String>>) -> Self {
        Self {
            title: title.into(),
            head: head.iter().map(|&cell| cell.to_owned()).collect(),
            rows,
            notes: Vec::new(),
            names: None,
        }
    }

    /// The same, with names in its first column.
    pub fn of_names(self, width: usize) -> Self {
        Self {
            names: Some(width),
            ..self
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
                let cell = self.shown(column, cell);
                line += &match column {
                    0 => format!("  {:<width$}", Padded(&cell)),
                    _ => format!("  {:>width$}", Padded(&cell)),
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

    /// A cell as text has it: what is around a name stays.
    fn shown<'c>(&self, column: usize, cell: &'c str) -> Cow<'c, str> {
        let Some(width) = self.names.filter(|_| column == 0) else {
            return Cow::Borrowed(cell);
        };
        if columns(cell) <= width {
            return Cow::Borrowed(cell);
        }
        let around = [("[", "]"), ("", GONE), ("", "")];
        let cut = around.iter().find_map(|(before, behind)| {
            let inner = cell.strip_prefix(before)?.strip_suffix(behind)?;
            let room = width.saturating_sub(before.len() + behind.len());
            Some(format!("{before}{}{behind}", shortened(inner, room)))
        });
        cut.map_or(Cow::Borrowed(cell), Cow::Owned)
    }

    /// How wide it is as text.
    pub fn width(&self) -> usize {
        self.widths().iter().map(|width| width + 2).sum()
    }

    fn widths(&self) -> Vec<usize> {
        let width = |column: usize| {
            let cells = self.rows.iter().chain([&self.head]);
            let cells = cells.filter_map(|row| row.get(column));
            let widths = cells.map(|cell| columns(&self.shown(column, cell)));
            widths.max().unwrap_or(0)
        };
        (0..self.head.len()).map(width).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text has room for so many columns; other forms have the whole name.
    #[test]
    fn a_name_is_cut_where_there_is_no_room_and_columns_stay_in_line() {
        let rows = [
            ("日本語デー", "1"),
            ("[kworker/u8:3-events_unbound]", "22"),
            ("a-disk-with-a-long-name (gone)", "3"),
            ("a-process-with-a-long-name", "4"),
        ];
        let rows = rows.map(|(name, number)| vec![name.to_owned(), number.to_owned()]);
        let table = Table::new("Names", &["name", "n"], rows.to_vec()).of_names(16);
        let mut out = Vec::new();
        table.write(&mut out, &Style::PLAIN).unwrap();
        let expected = "\nNames\n\
                        \x20 name               n\n\
                        \x20 日本語デー         1\n\
                        \x20 [kworker/u8:3..]  22\n\
                        \x20 a-disk-.. (gone)   3\n\
                        \x20 a-process-with..   4\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        assert_eq!(table.width(), 2 + 16 + 2 + 2);
    }
}
