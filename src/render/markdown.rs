//! A document as markdown: tables and sentences, as GitHub and CommonMark's readers with
//! tables show them.

use super::document::{Cell, Document, Layout, List, Part, Properties, Table};
use super::findings::Remarks;
use std::io::{self, Write};

/// Writes the document.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write(out: &mut dyn Write, document: &Document<'_>) -> io::Result<()> {
    for (nth, part) in document.parts.iter().enumerate() {
        if nth > 0 && !matches!(part, Part::Tables(_)) {
            writeln!(out)?;
        }
        match part {
            Part::Heading(level, title) => {
                let level = usize::from(*level);
                writeln!(out, "{} {}", "#".repeat(level), plain(title))?;
            }
            Part::Properties(properties) => write_properties(out, properties)?,
            Part::Remarks(remarks) => write_remarks(out, remarks)?,
            Part::Table(table) => write_table(out, table)?,
            Part::Tables(tables) => {
                for (more, table) in tables.iter().enumerate() {
                    if nth + more > 0 {
                        writeln!(out)?;
                    }
                    write_table(out, table)?;
                }
            }
            Part::Sentences(all) => {
                for sentence in all {
                    let [before, core] = [&sentence.before, &sentence.core].map(|text| plain(text));
                    let rest = sentence.rest();
                    writeln!(out, "- {before}**{core}**{}", plain(&rest))?;
                }
            }
            Part::List(list, lines) => {
                if let List::Titled(title) | List::Legend(title) = list {
                    writeln!(out, "{title}:\n")?;
                }
                for (line, number) in lines.iter().zip(1..) {
                    match list {
                        List::Numbered => writeln!(out, "{number}. {}", plain(line))?,
                        List::Titled(_) | List::Legend(_) => writeln!(out, "- {}", plain(line))?,
                        List::Paragraphs => writeln!(out, "{}\n", plain(line))?,
                    }
                }
            }
            Part::Validity(_) | Part::Chart(_) | Part::Pictures(_) | Part::Folded(..) => {}
        }
    }
    Ok(())
}

/// A list for each grade.
fn write_remarks(out: &mut dyn Write, remarks: &Remarks) -> io::Result<()> {
    let mut before = None;
    for (grade, sentence) in remarks.all() {
        if before.is_some_and(|before| before != grade) {
            writeln!(out)?;
        }
        before = Some(grade);
        writeln!(out, "- **{}:** {}", grade.name(), plain(sentence))?;
    }
    Ok(())
}

fn write_properties(out: &mut dyn Write, properties: &Properties) -> io::Result<()> {
    out.write_all(b"| | |\n|:--|:--|\n")?;
    let mut lines = properties.lines.iter();
    lines.try_for_each(|(label, text)| writeln!(out, "| {} | {} |", plain(label), plain(text)))
}

fn write_table(out: &mut dyn Write, table: &Table<'_>) -> io::Result<()> {
    let title = plain(&table.title);
    let (before, first, other) = match table.layout {
        Layout::Results | Layout::Pair => ("", "| :-- |", " :-: |"),
        Layout::Numbers | Layout::Fixed(..) => ("### ", "|:--|", "--:|"),
    };
    if !title.is_empty() {
        writeln!(out, "{before}{title}\n")?;
    }
    row(out, table.head.iter().map(|head| plain(head.trim())))?;
    let others = table.head.len().saturating_sub(1);
    writeln!(out, "{first}{}", other.repeat(others))?;
    for line in &table.rows {
        let label = std::iter::once(plain(line.whole_label()));
        row(out, label.chain(line.cells.iter().map(cell)))?;
    }
    if table.rows.is_empty() {
        writeln!(out, "| none {}|", "| ".repeat(others))?;
    }
    let mut notes = table.notes.iter();
    notes.try_for_each(|note| writeln!(out, "\n{}", plain(note)))
}

fn row(out: &mut dyn Write, cells: impl Iterator<Item = String>) -> io::Result<()> {
    for cell in cells {
        write!(out, "| {cell} ")?;
    }
    out.write_all(b"|\n")
}

fn cell(cell: &Cell) -> String {
    let mut text = match cell.verdict {
        Some(true) => ":white_check_mark:".to_owned(),
        Some(false) => ":x:".to_owned(),
        None => plain(cell.value.trim()),
    };
    if let Some(spread) = &cell.spread {
        text += &format!(" ({})", plain(spread));
    }
    text + &cell.references(usize::to_string, [" <sup>", ", ", "</sup>"])
}

/// Text in which nothing acts as markdown or HTML, nor as what GitHub makes of plain
/// text: links of addresses (`getty@tty1.service` is one of mail), people after `@`,
/// issues after `#`, and pictures of `:words:`. A backslash is gone when it looks for
/// these, an empty comment is not.
pub(crate) fn plain(text: &str) -> String {
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

/// Separates two parts of a word invisibly.
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
    use super::{plain, write_table, Table};

    #[test]
    fn a_table_of_nothing_has_all_its_columns() {
        let mut out = Vec::new();
        let nothing = Table::new("", &["name", "median", "max"], []);
        write_table(&mut out, &nothing).unwrap();
        let expected = "| name | median | max |\n|:--|--:|--:|\n| none | | |\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

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
