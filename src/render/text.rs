//! A document as text, as wide as a terminal: made for 80 columns and more.

mod cells;

use super::document::{Document, Layout, List, Part, Properties, Table};
use super::spark;
use super::style::{wrapped, Style};
use crate::words::columns::{columns, shortened};
use cells::{head, lines_of, shortened_label};
use std::io::{self, Write};

/// The least columns for labels that are beside their cells.
const LEAST_LABEL: usize = 6;

/// Writes the document.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write(out: &mut dyn Write, document: &Document<'_>, style: &Style) -> io::Result<()> {
    let width = style.width;
    for (nth, part) in document.parts.iter().enumerate() {
        // Properties belong to what stands above them; each table has its own blank line.
        let follows = nth
            .checked_sub(1)
            .and_then(|before| document.parts.get(before));
        let apart = match part {
            Part::Properties(_) => matches!(follows, Some(Part::Sentences(_) | Part::Tables(_))),
            Part::Tables(_) => false,
            _ => true,
        };
        if nth > 0 && apart {
            writeln!(out)?;
        }
        match part {
            Part::Heading(_, title) => wrapped(out, width, "", 2, title)?,
            Part::Properties(properties) => write_properties(out, width, properties)?,
            Part::Remarks(remarks) | Part::Cautions(remarks) => {
                for (grade, said) in remarks.all() {
                    wrapped(out, width, &format!("{}: ", grade.name()), 2, said)?;
                }
            }
            Part::Table(table) => write_table(out, style, table)?,
            Part::Tables(tables) => {
                for table in tables {
                    writeln!(out)?;
                    write_table(out, style, table)?;
                }
            }
            Part::Sentences(all) => {
                for sentence in all {
                    wrapped(out, width, "  ", 4, &sentence.text())?;
                }
            }
            Part::List(list, lines) => {
                if let List::Titled(title) = list {
                    writeln!(out, "{title}")?;
                }
                for (line, number) in lines.iter().zip(1..) {
                    match list {
                        List::Numbered => wrapped(out, width, &format!("[{number}] "), 4, line)?,
                        List::Titled(_) => wrapped(out, width, "  ", 4, line)?,
                        List::Legend(_) => wrapped(out, width, "", 2, line)?,
                        List::Paragraphs => wrapped(out, width, "", 0, line)?,
                    }
                }
            }
            Part::Chart(chart) => chart.write(out, style)?,
            Part::Below(_) | Part::Pictures(_) | Part::Folded(..) => {}
        }
    }
    Ok(())
}

fn write_properties(
    out: &mut dyn Write,
    terminal: usize,
    properties: &Properties,
) -> io::Result<()> {
    for (label, text) in &properties.lines {
        let (first, indent) = match properties.width {
            Some(width) => (format!("  {label:<width$}"), width + 2),
            None => (format!("  {label}: "), 4),
        };
        wrapped(out, terminal, &first, indent, text)?;
    }
    Ok(())
}

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

fn write_table(out: &mut dyn Write, style: &Style, table: &Table<'_>) -> io::Result<()> {
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
                return vec![Self {
                    shown: all,
                    wide: true,
                    indent: 0,
                    gap: 1,
                    label,
                    widths: widths.to_vec(),
                    spark: None,
                }];
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
            let excess = group.width().saturating_sub(style.width);
            if excess > 0 {
                group.label = group.label.saturating_sub(excess).max(LEAST_LABEL);
            }
        }
        groups
    }

    fn of(table: &Table<'_>, shown: Vec<usize>, wide: bool) -> Self {
        let rows = || table.rows.iter();
        let label = rows().map(|row| columns(&shortened_label(table, row)));
        let label = label.chain(table.head.first().map(|head| columns(head)));
        let width = |column: &usize| {
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
            indent: 2,
            gap: 2,
            spark: None,
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
        self.line(out, label, &heads, series)?;
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
            self.line(out, &shortened_label(table, row), &first, series)?;
            if below.iter().any(|below| !below.is_empty()) {
                self.line(out, "", &below, None)?;
            }
        }
        Ok(())
    }

    /// Cells are aligned right; a longer one extends into free columns on its left. A label
    /// that has no room beside them has a line of its own.
    fn line(
        &self,
        out: &mut dyn Write,
        label: &str,
        cells: &[String],
        series: Option<String>,
    ) -> io::Result<()> {
        let mut end = self.indent + self.label;
        if self.gap > 1 && columns(label) > self.label {
            writeln!(out, "{}{label}", " ".repeat(self.indent))?;
            return self.line(out, "", cells, series);
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
        for (cell, width) in cells.iter().zip(&self.widths) {
            end += self.gap + width;
            let begin = match width {
                0 => end + 1,
                _ => end.saturating_sub(columns(cell)),
            };
            put(cell, begin);
        }
        put(&series.unwrap_or_default(), end + self.gap);
        writeln!(out, "{}", line.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::document::{Cell, Row};
    use crate::render::findings::Remarks;
    use crate::series::finding::Grade;

    fn written(width: usize, parts: Vec<Part<'_>>) -> String {
        let mut out = Vec::new();
        let style = Style {
            width,
            ..Style::PLAIN
        };
        write(&mut out, &Document::of(parts), &style).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// Text has room for so many columns; other forms have the whole name.
    #[test]
    fn a_name_is_cut_where_there_is_no_room_and_columns_stay_in_line() {
        let rows = [
            ("日本語デー", "1"),
            ("[kworker/u8:3-events_unbound]", "22"),
            ("a-disk-with-a-long-name (gone)", "3"),
            ("a-process-with-a-long-name", "4"),
        ];
        let rows = rows.map(|(name, number)| Row::new(name.to_owned(), vec![number.to_owned()]));
        let table = Table::new("Names", &["name", "n"], rows).of_names(16);
        assert_eq!(Columns::of(&table, vec![0], true).width(), 2 + 16 + 2 + 2);
        let expected = "Names\n\
                        \x20 name               n\n\
                        \x20 日本語デー         1\n\
                        \x20 [kworker/u8:3..]  22\n\
                        \x20 a-disk-.. (gone)   3\n\
                        \x20 a-process-with..   4\n";
        assert_eq!(written(80, vec![Part::Table(table)]), expected);
    }

    /// `  used  9 MiB` takes 13 columns, a spread behind the value 10 more.
    #[test]
    fn results_stand_beside_each_other_where_there_is_room() {
        let cell = |value: &str| Cell {
            spread: Some("8 to 10".to_owned()),
            ..Cell::from(value.to_owned())
        };
        let table = || Table {
            head: ["", "a", "日本", "a-product-whose-name-is-long"]
                .map(str::to_owned)
                .into(),
            rows: vec![Row {
                section: "Memory".to_owned(),
                label: "used".to_owned(),
                cells: vec![cell("9 MiB"), cell("9 MiB"), cell("9 MiB")],
                ..Row::default()
            }],
            layout: Layout::Results,
            ..Table::default()
        };
        let wide = "                      a             日本  a-product-whose-name-i..\n\
                    Memory\n\
                    \x20 used  9 MiB (8 to 10)  9 MiB (8 to 10)           9 MiB (8 to 10)\n";
        assert_eq!(written(66, vec![Part::Table(table())]), wide);
        let apart = "                a       日本\n\
                     Memory\n\
                     \x20 used      9 MiB      9 MiB\n\
                     \x20       (8 to 10)  (8 to 10)\n\
                     \n\
                     \x20               a  a-product-whose-name-i..\n\
                     Memory\n\
                     \x20 used      9 MiB                     9 MiB\n\
                     \x20       (8 to 10)                 (8 to 10)\n";
        assert_eq!(written(43, vec![Part::Table(table())]), apart);
    }

    /// As footprint has them: what is longer than its column begins before it.
    #[test]
    fn fixed_columns_have_their_place() {
        let row = Row::new(
            "  zram".to_owned(),
            ["12.0", "1.50", "holds 30.0"].map(str::to_owned).into(),
        );
        let table = Table {
            layout: Layout::Fixed(10, &[8, 4, 0]),
            ..Table::new("System", &["", "", "% of total", ""], vec![row])
        };
        let expected = "System        % of total\n\
                        \x20 zram         12.0 1.50  holds 30.0\n";
        assert_eq!(written(80, vec![Part::Table(table)]), expected);
    }

    #[test]
    fn the_gravest_come_first() {
        use Grade::{Caution, Invalid, Note};
        let all = [Note, Caution, Invalid].map(|grade| (grade, grade.name().to_owned()));
        let all = Remarks::from_iter(all);
        assert!(all.doubts().eq(["invalid", "caution"]));
        let text = written(80, vec![Part::Remarks(all)]);
        assert_eq!(text, "invalid: invalid\ncaution: caution\nnote: note\n");
    }
}
