//! How text is to look: how wide, in which characters, with pictures or without.

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
    /// What every terminal shows, and what is not written to one.
    pub const PLAIN: Self = Self {
        width: 80,
        unicode: false,
        charts: true,
    };
}

/// What is not parted from the figure before it.
const UNITS: [&str; 9] = ["%", "KiB", "MiB", "GB", "MHz", "°C", "C", "s", "min"];

/// Writes `text` behind `first`, and in lines of its own indented by `indent` where
/// it does not fit; a word is never broken, nor a figure parted from its unit.
///
/// # Errors
/// Those of `out`.
pub fn wrapped(
    out: &mut dyn Write,
    style: &Style,
    first: &str,
    indent: usize,
    text: &str,
) -> io::Result<()> {
    let mut line = first.to_owned();
    let mut used = first.chars().count();
    let mut begun = false;
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let unit = UNITS.contains(&word.trim_end_matches([',', '.', ';', ':', ')']));
        match words.last_mut() {
            Some(figure) if unit => *figure += &format!(" {word}"),
            _ => words.push(word.to_owned()),
        }
    }
    for word in &words {
        let length = word.chars().count();
        if begun && used + 1 + length > style.width {
            writeln!(out, "{}", line.trim_end())?;
            line = " ".repeat(indent);
            used = indent;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(width: usize, text: &str) -> String {
        let mut out = Vec::new();
        let style = Style {
            width,
            ..Style::PLAIN
        };
        wrapped(&mut out, &style, "ab: ", 2, text).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_end_between_words() {
        assert_eq!(shown(11, "one two three"), "ab: one two\n  three\n");
        assert_eq!(shown(10, "one two three"), "ab: one\n  two\n  three\n");
        assert_eq!(shown(4, "endless words"), "ab: endless\n  words\n");
        assert_eq!(shown(80, ""), "ab:\n");
        assert_eq!(
            shown(13, "CPU 17.2 %, no more"),
            "ab: CPU\n  17.2 %, no\n  more\n"
        );
    }
}
