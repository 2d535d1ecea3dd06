//! A report as markdown: tables and sentences, as GitHub and CommonMark's readers with
//! tables show them.

use super::outline::{section, Line, Told};
use super::table::Table;
use super::Report;
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
        writeln!(out, "# {}", escaped(&section.title))?;
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
    remarks(out, "warning", &told.remarks.warnings)?;
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
    remarks(out, "note", &told.remarks.notes)
}

fn remarks(out: &mut dyn Write, kind: &str, sentences: &[String]) -> io::Result<()> {
    if !sentences.is_empty() {
        writeln!(out)?;
    }
    for sentence in sentences {
        writeln!(out, "- **{kind}:** {}", escaped(sentence))?;
    }
    Ok(())
}

fn lines(out: &mut dyn Write, lines: &[Line]) -> io::Result<()> {
    if !lines.is_empty() {
        out.write_all(b"| | |\n|:--|:--|\n")?;
    }
    for (label, text) in lines {
        writeln!(out, "| {label} | {} |", escaped(text))?;
    }
    Ok(())
}

/// Writes a table under its title.
///
/// # Errors
/// Those of `out`.
pub fn table(out: &mut dyn Write, table: &Table) -> io::Result<()> {
    writeln!(out, "\n### {}\n", escaped(&table.title))?;
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
        writeln!(out, "\n{}", escaped(note))?;
    }
    Ok(())
}

fn row(out: &mut dyn Write, cells: &[String]) -> io::Result<()> {
    for cell in cells {
        write!(out, "| {} ", escaped(cell))?;
    }
    out.write_all(b"|\n")
}

/// Text in which nothing is markup: what could be stands behind a backslash, which
/// shows it as it is (CommonMark 2.4; GitHub's tables take `\|` likewise).
pub fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_[]<>|~&$#".contains(c) {
            shown.push('\\');
        }
        shown.push(c);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn names_are_not_markup() {
        assert_eq!(escaped("a|b"), "a\\|b");
        assert_eq!(escaped("<script>"), "\\<script\\>");
        assert_eq!(escaped("\\x00*_`"), "\\\\x00\\*\\_\\`");
        assert_eq!(escaped("k3s-server 7.5 %"), "k3s-server 7.5 %");
    }
}
