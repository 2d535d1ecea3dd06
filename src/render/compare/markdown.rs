//! A comparison as markdown, as the write-up has it: one table, then what must be
//! known to read it.

use super::super::markdown::{plain, remarks};
use super::{Sheet, Words};
use crate::series::finding::Grade;
use std::io::{self, Write};

/// Writes the tables, the footnotes and what must be known.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, sheet: &Sheet) -> io::Result<()> {
    row(
        out,
        std::iter::once("Description".to_owned())
            .chain(sheet.products.iter().map(|name| plain(name))),
    )?;
    rule(out, sheet.products.len())?;
    for line in sheet.sections.iter().flat_map(|section| &section.lines) {
        let cells = line.cells.iter().map(cell);
        row(out, std::iter::once(plain(&line.whole_label)).chain(cells))?;
    }
    for versus in &sheet.versus {
        let name = |at: usize| sheet.products.get(at).map_or("", String::as_str);
        let title = format!("{} against {}", name(versus.product), name(0));
        writeln!(out, "\n{}\n", plain(&title))?;
        row(
            out,
            ["", "difference", "ratio", "range", "n", "p"]
                .map(str::to_owned)
                .into_iter(),
        )?;
        rule(out, 5)?;
        for line in &versus.lines {
            let cells = [
                &line.whole_label,
                &line.difference,
                &line.ratio,
                &line.ends,
                &line.n,
                &line.p,
            ];
            row(out, cells.into_iter().map(|cell| plain(cell.trim())))?;
        }
        if let Some(too_few) = &versus.too_few {
            writeln!(out, "\n{}", plain(too_few))?;
        }
    }
    if !sheet.notes.is_empty() {
        writeln!(out)?;
    }
    for (note, number) in sheet.notes.iter().zip(1..) {
        writeln!(out, "{number}. {}", plain(note))?;
    }
    for (title, lines) in [("Logs", &sheet.sources), ("How to read it", &sheet.legend)] {
        if !lines.is_empty() {
            writeln!(out, "\n{title}:\n")?;
        }
        for line in lines {
            writeln!(out, "- {}", plain(line))?;
        }
    }
    let mut grades = Grade::ALL.into_iter();
    grades.try_for_each(|grade| remarks(out, grade, &sheet.remarks))
}

fn row(out: &mut dyn Write, cells: impl Iterator<Item = String>) -> io::Result<()> {
    write!(out, "|")?;
    for cell in cells {
        write!(out, " {cell} |")?;
    }
    writeln!(out)
}

/// The first column to the left, the others in the middle.
fn rule(out: &mut dyn Write, others: usize) -> io::Result<()> {
    writeln!(out, "| :-- |{}", " :-: |".repeat(others))
}

fn cell(cell: &Words) -> String {
    let mut text = match cell.verdict {
        Some(true) => ":white_check_mark:".to_owned(),
        Some(false) => ":x:".to_owned(),
        None => plain(&cell.value),
    };
    if let Some(spread) = &cell.spread {
        text += &format!(" ({})", plain(spread));
    }
    let numbers: Vec<String> = cell.notes.iter().map(usize::to_string).collect();
    match numbers.is_empty() {
        true => text,
        false => format!("{text} <sup>{}</sup>", numbers.join(", ")),
    }
}
