//! The style of text: its width, its characters, and whether it has charts.

use crate::words::columns::columns;
use std::io::{self, Write};

/// What the reader's terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Characters to a line; tables may need 80.
    pub width: usize,
    /// Blocks, lines and braille may be used, not only ASCII.
    pub unicode: bool,
    pub charts: bool,
}

impl Style {
    /// For any terminal, and for files.
    pub const PLAIN: Self = Self {
        width: 80,
        unicode: false,
        charts: true,
    };
}

/// The form of a document: some parts are for one form only, and the order differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    Text(Style),
    Markdown,
    Html,
}

/// Units stay on the line of their figure.
const UNITS: [&str; 9] = ["%", "KiB", "MiB", "GB", "MHz", "°C", "C", "s", "min"];

/// A width at which no line is broken: for output that is not a terminal's.
pub(crate) const ENDLESS: usize = usize::MAX;
/// The least width of text beside a label.
const NARROWEST: usize = 24;

/// Writes `text` behind `first`, wrapped at `width` and indented by `indent`. A word is
/// never broken, nor a figure separated from its unit, or an option from its value.
///
/// # Errors
/// Those of `out`.
pub(crate) fn wrapped(
    out: &mut dyn Write,
    width: usize,
    first: &str,
    indent: usize,
    text: &str,
) -> io::Result<()> {
    let mut line = first.to_owned();
    let mut used = columns(first);
    let mut begun = false;
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let unit = UNITS.contains(&word.trim_end_matches([',', '.', ';', ':', ')']));
        match words.last_mut() {
            Some(before) if unit || word.starts_with('<') => *before += &format!(" {word}"),
            _ => words.push(word.to_owned()),
        }
    }
    for word in &words {
        let length = columns(word);
        let fits = used + usize::from(begun) + length <= width;
        // What is longer than the rest of a line may still fit a whole one.
        if !fits && (begun || (used > 0 && !line.trim().is_empty())) {
            writeln!(out, "{}", line.trim_end())?;
            used = indent.min(width.saturating_sub(length));
            line = " ".repeat(used);
            begun = false;
        }
        if begun {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += length;
        begun = true;
    }
    writeln!(out, "{}", line.trim_end())
}

/// The same, indented to where `text` began if there is room.
///
/// # Errors
/// Those of `out`.
pub(crate) fn hanging(
    out: &mut dyn Write,
    width: usize,
    first: &str,
    text: &str,
) -> io::Result<()> {
    let beside = columns(first);
    let indent = match beside + NARROWEST <= width {
        true => beside,
        false => 4,
    };
    wrapped(out, width, first, indent, text)
}

/// Wraps each line that is written to it and is longer than `width`: for sentences, and for
/// small tables, whose notes go on below.
pub(crate) struct Wrapping<'o> {
    pub(crate) out: &'o mut dyn Write,
    pub(crate) width: usize,
    line: Vec<u8>,
}

impl<'o> Wrapping<'o> {
    pub(crate) fn new(out: &'o mut dyn Write, width: usize) -> Self {
        Self {
            out,
            width,
            line: Vec::new(),
        }
    }

    fn end_line(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        let words = text.trim_start();
        // An object of JSON is for programs.
        if columns(&text) <= self.width || words.starts_with('{') {
            return writeln!(self.out, "{text}");
        }
        let indent = text.len() - words.len();
        wrapped(self.out, self.width, &" ".repeat(indent), indent + 2, words)
    }
}

impl Write for Wrapping<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (text, taken) = match end {
            Some(end) => (&bytes[..end], end + 1),
            None => (bytes, bytes.len()),
        };
        self.line.extend_from_slice(text);
        if end.is_some() {
            self.end_line()?;
        }
        Ok(taken)
    }

    /// A line that has not ended is written as far as it goes.
    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&std::mem::take(&mut self.line))?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_as_they_come() {
        let mut out = Vec::new();
        let mut lines = Wrapping::new(&mut out, 10);
        lines.write_all(b"ab cd\n  1  23 45").unwrap();
        lines
            .write_all(b"6 7\n{\"a b c\":\"d e f\"}\n\nhalf of")
            .unwrap();
        lines.flush().unwrap();
        let expected = "ab cd\n  1  23\n    456 7\n{\"a b c\":\"d e f\"}\n\nhalf of";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    fn shown(width: usize, text: &str) -> String {
        let mut out = Vec::new();
        wrapped(&mut out, width, "ab: ", 2, text).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_end_between_words() {
        assert_eq!(shown(11, "one two three"), "ab: one two\n  three\n");
        assert_eq!(shown(10, "one two three"), "ab: one\n  two\n  three\n");
        // A word that is longer than a line is at least not indented.
        assert_eq!(shown(4, "endless words"), "ab:\nendless\nwords\n");
        assert_eq!(shown(6, "endless words"), "ab:\nendless\n words\n");
        assert_eq!(shown(80, ""), "ab:\n");
        assert_eq!(
            shown(13, "CPU 17.2 %, no more"),
            "ab: CPU\n  17.2 %, no\n  more\n"
        );
    }
    #[test]
    fn what_does_not_fit_goes_on_below_its_beginning() {
        let shown = |width, first: &str, text: &str| {
            let mut out = Vec::new();
            hanging(&mut out, width, first, text).unwrap();
            String::from_utf8(out).unwrap()
        };
        let text = "absent: boot with psi=1, or mend it";
        assert_eq!(
            shown(ENDLESS, "no  PSI ", text),
            format!("no  PSI {text}\n")
        );
        assert_eq!(
            shown(32, "no  PSI ", text),
            "no  PSI absent: boot with psi=1,\n        or mend it\n"
        );
        assert_eq!(
            shown(31, "no  PSI ", text),
            "no  PSI absent: boot with\n    psi=1, or mend it\n"
        );
        assert_eq!(shown(4, "a ", "1234567890"), "a\n1234567890\n");
        assert_eq!(
            shown(24, "Usage: ", "tool [-d <duration>] [-q]"),
            "Usage: tool\n    [-d <duration>] [-q]\n"
        );
    }
}
