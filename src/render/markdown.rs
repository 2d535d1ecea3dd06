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

/// Text in which nothing acts as markdown or HTML, nor as what GitHub makes of plain
/// text: links of addresses (`getty@tty1.service` is one of mail), people after `@`,
/// issues after `#`, and pictures of `:words:`. A backslash is gone when it looks for
/// these, an empty comment is not.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        match character {
            '@' if follows(rest, |c| c.is_ascii_alphanumeric()) => {
                plain.push('@');
                plain.push_str(APART);
            }
            '#' if follows(rest, |c| c.is_ascii_digit()) => {
                plain.push_str("\\#");
                plain.push_str(APART);
            }
            ':' if rest.starts_with("://") || is_picture(rest) => {
                plain.push(':');
                plain.push_str(APART);
            }
            '.' if text.get(..at).is_some_and(is_www) => {
                plain.push_str(APART);
                plain.push('.');
            }
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

/// What stands between two parts of a word and is not seen.
const APART: &str = "<!-- -->";

fn follows(text: &str, is_it: impl Fn(char) -> bool) -> bool {
    text.chars().nth(1).is_some_and(is_it)
}

/// `:word:`, which is a picture's name; a time of day has nothing but digits.
fn is_picture(text: &str) -> bool {
    let rest = text.get(1..).unwrap_or_default();
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-');
    let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    let word = rest.get(..end).unwrap_or_default();
    let is_name = matches!(word, "100" | "1234") || word.contains(|c: char| !c.is_ascii_digit());
    is_name && rest.get(end..).is_some_and(|rest| rest.starts_with(':'))
}

/// Whether text ends in the word `www`.
fn is_www(text: &str) -> bool {
    let before = text.get(..text.len().saturating_sub(3)).unwrap_or_default();
    let ends = text.get(before.len()..);
    ends.is_some_and(|end| end.eq_ignore_ascii_case("www"))
        && !before.ends_with(|c: char| c.is_ascii_alphanumeric())
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

    #[test]
    fn names_are_no_links_and_no_pictures() {
        for (text, expected) in [
            ("getty@tty1.service", "getty@<!-- -->tty1.service"),
            ("a @ b # c", "a @ b \\# c"),
            ("#12", "\\#<!-- -->12"),
            ("http://x.y", "http:<!-- -->//x.y"),
            ("www.x.y", "www<!-- -->.x.y"),
            ("a WWW.x", "a WWW<!-- -->.x"),
            ("awww.x", "awww.x"),
            (":tada:", ":<!-- -->tada:"),
            ("a:+1:b", "a:<!-- -->+1:b"),
            (":100:", ":<!-- -->100:"),
            ("2026-11-22 12:37:11 UTC", "2026-11-22 12:37:11 UTC"),
            ("CPU: 3, RAM: 4", "CPU: 3, RAM: 4"),
            ("::", "::"),
            ("kworker/0:1H-kblockd", "kworker/0:1H-kblockd"),
        ] {
            assert_eq!(plain(text), expected, "{text}");
        }
    }
}
