//! A table on a terminal: its columns beside each other, or in several groups.

use super::super::document::{Layout, Table};
use super::super::spark;
use super::super::style::{hanging, wrapped, Style};
use super::cells::{head, lines_of, shortened_label};
use crate::words::columns::{columns, shortened};
use std::io::{self, Write};

/// The least columns for labels that are beside their cells.
const LEAST_LABEL: usize = 6;

/// The layout of a table on a terminal.
struct Columns {
    /// The columns shown, by index, without the labels.
    shown: Vec<usize>,
    /// The spread follows the value, instead of standing below it.
    wide: bool,
    indent: usize,
    gap: usize,
    /// The widths of the labels and of each column shown; 0: aligned left.
    label: usize,
    widths: Vec<usize>,
    /// The width of the sparks.
    spark: Option<usize>,
}

pub(super) fn write_table(out: &mut dyn Write, style: &Style, table: &Table<'_>) -> io::Result<()> {
    for (nth, columns) in Columns::all(table, style).iter().enumerate() {
        if nth > 0 {
            writeln!(out)?;
        }
        columns.write(out, style, table)?;
    }
    if table.rows.is_empty() {
        writeln!(out, "  none")?;
    }
    let mut notes = table.notes.iter();
    notes.try_for_each(|note| wrapped(out, style.width, "  ", 2, note))
}

impl Columns {
    /// The layouts needed to show all columns: one, if they fit side by side.
    fn all(table: &Table<'_>, style: &Style) -> Vec<Self> {
        let all: Vec<usize> = (0..table.head.len().saturating_sub(1)).collect();
        match table.layout {
            Layout::Results => {}
            Layout::Fixed(label, widths) => {
                let fixed = Self {
                    shown: all.clone(),
                    wide: true,
                    indent: 0,
                    gap: 1,
                    label,
                    widths: widths.to_vec(),
                    spark: None,
                };
                if fixed.width() <= style.width {
                    return vec![fixed];
                }
                // Labels have lines of their own before figures are apart.
                let mut narrow = Self::of(table, all.clone(), true);
                narrow.cut_label(style.width);
                if narrow.width() <= style.width {
                    return vec![narrow];
                }
            }
            Layout::Numbers | Layout::Pair => {
                let mut only = Self::of(table, all.clone(), true);
                if only.width() <= style.width {
                    let room = style.width.saturating_sub(only.width() + 2);
                    only.spark =
                        (table.health).and_then(|health| spark::width(room, health, style));
                    return vec![only];
                }
            }
        }
        let fits = |columns: &Self| columns.width() <= style.width;
        let whole = [true, false].map(|wide| Self::of(table, all.clone(), wide));
        if let Some(whole) = whole.into_iter().find(fits) {
            return vec![whole];
        }
        let repeats = table.layout == Layout::Results;
        let mut groups: Vec<Self> = Vec::new();
        for column in all {
            let of = |shown: Vec<usize>| Self::of(table, shown, false);
            let more = groups.last().map(|last| {
                let shown = last.shown.iter().copied().chain([column]);
                of(shown.collect())
            });
            if let Some(more) = more.filter(fits) {
                groups.pop();
                groups.push(more);
                continue;
            }
            let beside = (repeats && column > 0).then(|| of(vec![0, column]));
            groups.push(beside.filter(fits).unwrap_or_else(|| of(vec![column])));
        }
        for group in &mut groups {
            group.cut_label(style.width);
        }
        groups
    }

    fn of(table: &Table<'_>, shown: Vec<usize>, wide: bool) -> Self {
        let rows = || table.rows.iter();
        let fixed = match table.layout {
            Layout::Fixed(_, widths) => widths,
            _ => &[],
        };
        let label = rows().map(|row| columns(&shortened_label(table, row)));
        let label = label.chain(table.head.first().map(|head| columns(head)));
        let width = |column: &usize| {
            if fixed.get(*column) == Some(&0) {
                return 0;
            }
            let cells = rows().filter_map(|row| row.cells.get(*column));
            let cells = cells.map(|cell| {
                let (first, below) = lines_of(cell, wide);
                columns(&first).max(columns(&below))
            });
            cells.max().unwrap_or(0).max(columns(&head(table, *column)))
        };
        Self {
            widths: shown.iter().map(width).collect(),
            label: label.max().unwrap_or(0),
            shown,
            wide,
            indent: if fixed.is_empty() { 2 } else { 0 },
            gap: 2,
            spark: None,
        }
    }

    /// Takes what is too much for the terminal from the labels.
    fn cut_label(&mut self, terminal: usize) {
        let excess = self.width().saturating_sub(terminal);
        if excess > 0 {
            self.label = self.label.saturating_sub(excess).max(LEAST_LABEL);
        }
    }

    fn width(&self) -> usize {
        let widths = self.widths.iter().map(|width| width + self.gap);
        self.indent + self.label + widths.sum::<usize>()
    }

    fn write(&self, out: &mut dyn Write, style: &Style, table: &Table<'_>) -> io::Result<()> {
        let label = match table.layout {
            Layout::Fixed(..) => &table.title,
            _ => {
                if !table.title.is_empty() {
                    wrapped(out, style.width, "", 2, &table.title)?;
                }
                table.head.first().unwrap_or(&table.title)
            }
        };
        let heads: Vec<String> = self.shown.iter().map(|at| head(table, *at)).collect();
        let series = self.spark.map(|width| match width {
            0..=8 => "in time".to_owned(),
            _ => "over time".to_owned(),
        });
        let width = style.width;
        self.line(out, width, label, &heads, series)?;
        let mut section = "";
        for row in &table.rows {
            if row.section != section {
                section = &row.section;
                wrapped(out, style.width, "", 2, section)?;
            }
            let cells = self.shown.iter().filter_map(|at| row.cells.get(*at));
            let cells = cells.map(|cell| lines_of(cell, self.wide));
            let (first, below): (Vec<_>, Vec<_>) = cells.unzip();
            let parts = (self.spark, row.spark, table.health);
            let series = match parts {
                (Some(width), Some(of), Some(health)) => {
                    Some(spark::line(of, health, width, style))
                }
                _ => None,
            };
            self.line(out, width, &shortened_label(table, row), &first, series)?;
            if below.iter().any(|below| !below.is_empty()) {
                self.line(out, width, "", &below, None)?;
            }
        }
        Ok(())
    }

    /// Cells are aligned right; a longer one extends into free columns on its left. A label
    /// that has no room beside them has a line of its own, and text of no width goes on below
    /// its beginning.
    fn line(
        &self,
        out: &mut dyn Write,
        terminal: usize,
        label: &str,
        cells: &[String],
        series: Option<String>,
    ) -> io::Result<()> {
        let mut end = self.indent + self.label;
        if self.gap > 1 && columns(label) > self.label {
            wrapped(out, terminal, &" ".repeat(self.indent), 4, label)?;
            return match cells.iter().all(String::is_empty) {
                true => Ok(()),
                false => self.line(out, terminal, "", cells, series),
            };
        }
        let room = if self.gap > 1 { usize::MAX } else { end };
        let mut line = " ".repeat(self.indent) + &shortened(label, room);
        let mut used = columns(&line);
        let mut put = |cell: &str, begin: usize| {
            if !cell.is_empty() {
                let begin = begin.max(used + self.gap);
                line.extend(std::iter::repeat(' ').take(begin - used));
                line.push_str(cell);
                used = begin + columns(cell);
            }
        };
        let mut text = "";
        for (cell, width) in cells.iter().zip(&self.widths) {
            end += self.gap + width;
            match width {
                0 => text = cell,
                _ => put(cell, end.saturating_sub(columns(cell))),
            }
        }
        put(&series.unwrap_or_default(), end + self.gap);
        match text {
            "" => writeln!(out, "{}", line.trim_end()),
            text => {
                let begin = (end + 1).max(used + self.gap);
                line.extend(std::iter::repeat(' ').take(begin - used));
                hanging(out, terminal, &line, text)
            }
        }
    }
}
