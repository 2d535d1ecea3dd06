//! A report as markdown: tables and sentences, as GitHub and CommonMark's readers with
//! tables show them.

use super::findings::Remarks;
use super::outline::{section, Line, Told};
use super::table::Table;
use super::Report;
use crate::series::finding::Grade;
use std::io::{self, Write};

/// Writes the report.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    for (index, block) in report.blocks.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let section = section(block, &report.options, true);
        writeln!(out, "# {}", plain(&section.title))?;
        for of_all in &section.over_runs {
            table(out, of_all)?;
        }
        for told in &section.runs {
            if let Some(title) = &told.title {
                writeln!(out, "\n## {title}")?;
            }
            run(out, told)?;
        }
    }
    Ok(())
}

fn run(out: &mut dyn Write, told: &Told<'_>) -> io::Result<()> {
    for grade in [Grade::Invalid, Grade::Caution] {
        remarks(out, grade, &told.remarks)?;
    }
    writeln!(out)?;
    lines(out, &told.facts)?;
    if let Some(figures) = &told.figures {
        table(out, figures)?;
    }
    for (processes, _) in &told.processes {
        table(out, processes)?;
    }
    if !told.parts.is_empty() {
        writeln!(out, "\n### Parts of the machine\n")?;
        lines(out, &told.parts)?;
    }
    for more in &told.tables {
        table(out, more)?;
    }
    remarks(out, Grade::Note, &told.remarks)
}

/// Writes the sentences of a grade.
///
/// # Errors
/// Those of `out`.
pub fn remarks(out: &mut dyn Write, grade: Grade, remarks: &Remarks) -> io::Result<()> {
    if remarks.graded(grade).next().is_some() {
        writeln!(out)?;
    }
    for sentence in remarks.graded(grade) {
        writeln!(out, "- **{}:** {}", grade.name(), plain(sentence))?;
    }
    Ok(())
}

fn lines(out: &mut dyn Write, lines: &[Line]) -> io::Result<()> {
    if !lines.is_empty() {
        out.write_all(b"| | |\n|:--|:--|\n")?;
    }
    for (label, text) in lines {
        writeln!(out, "| {label} | {} |", plain(text))?;
    }
    Ok(())
}

/// Writes a table under its title.
///
/// # Errors
/// Those of `out`.
pub fn table(out: &mut dyn Write, table: &Table) -> io::Result<()> {
    writeln!(out, "\n### {}\n", plain(&table.title))?;
    row(out, &table.head)?;
    out.write_all(b"|:--")?;
    out.write_all("|--:".repeat(table.head.len().saturating_sub(1)).as_bytes())?;
    out.write_all(b"|\n")?;
    for cells in &table.rows {
        row(out, cells)?;
    }
    if table.rows.is_empty() {
        row(out, &["none".to_owned()])?;
    }
    for note in &table.notes {
        writeln!(out, "\n{}", plain(note))?;
    }
    Ok(())
}

fn row(out: &mut dyn Write, cells: &[String]) -> io::Result<()> {
    for cell in cells {
        write!(out, "| {} ", plain(cell))?;
    }
    out.write_all(b"|\n")
}

/// Text in which nothing acts as markdown or HTML.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => plain.push_str("&amp;"),
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '~' | '#' | '$' => {
                plain.extend(['\\', character]);
            }
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn names_are_not_markup() {
        assert_eq!(plain("a|b"), "a\\|b");
        assert_eq!(plain("<script>"), "&lt;script&gt;");
        assert_eq!(plain("\\x00*_`"), "\\\\x00\\*\\_\\`");
        assert_eq!(plain("k3s-server 7.5 %"), "k3s-server 7.5 %");
    }
}
