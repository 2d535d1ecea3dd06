//! A document as text, as wide as a terminal: made for 80 columns and more.

mod cells;
mod table;

use super::document::{Document, List, Part, Properties};
use super::style::{wrapped, Style};
use std::io::{self, Write};
use table::write_table;

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
            Part::Remarks(remarks) => {
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
            Part::Validity(_) | Part::Pictures(_) | Part::Folded(..) => {}
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::document::{Cell, Layout, Row, Table};
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
        let wide = "                      a             日本  a-product-w..ame-is-long\n\
                    Memory\n\
                    \x20 used  9 MiB (8 to 10)  9 MiB (8 to 10)           9 MiB (8 to 10)\n";
        assert_eq!(written(66, vec![Part::Table(table())]), wide);
        let apart = "                a       日本\n\
                     Memory\n\
                     \x20 used      9 MiB      9 MiB\n\
                     \x20       (8 to 10)  (8 to 10)\n\
                     \n\
                     \x20               a  a-product-w..ame-is-long\n\
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
