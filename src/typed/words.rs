//! The form of the files that people write: a line has words separated by blanks. A word
//! that contains blanks is put in quotation marks, in which `\"` is a quotation mark and
//! `\\` a backslash. `#` at the start of a word begins a comment.

use std::fmt;

/// A word, without its quotation marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) quoted: bool,
}

impl Word {
    /// Whether it is this word, unquoted.
    pub(crate) fn is(&self, text: &str) -> bool {
        !self.quoted && self.text == text
    }
}

/// Why a line has no words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    NotUtf8,
    Unclosed,
    /// Other than a tab: no program could be given it, and a screen would obey it.
    Control,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotUtf8 => "not UTF-8",
            Self::Unclosed => "unclosed quotation mark",
            Self::Control => "control character",
        })
    }
}

/// Some editors begin a UTF-8 file with it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The words of each line of a file, by its number, from 1.
pub(crate) fn lines(text: &[u8]) -> impl Iterator<Item = (usize, Result<Vec<Word>, Fault>)> + '_ {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let lines = text.split(|byte| *byte == b'\n');
    (1..).zip(lines.map(|line| {
        let line = std::str::from_utf8(line).map_err(|_| Fault::NotUtf8)?;
        let words = split(line).ok_or(Fault::Unclosed)?;
        match words.iter().any(|word| word.text.contains(is_unfit)) {
            true => Err(Fault::Control),
            false => Ok(words),
        }
    }))
}

/// What no word holds.
fn is_unfit(character: char) -> bool {
    character.is_control() && character != '\t'
}

/// The words of a line, without its comment; `None` if a quotation mark is not closed.
fn split(line: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() && !rest.starts_with('#') {
        let (word, after) = match rest.strip_prefix('"') {
            Some(inside) => quoted(inside)?,
            None => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                let (text, after) = rest.split_at(end);
                let word = Word {
                    text: text.to_owned(),
                    quoted: false,
                };
                (word, after)
            }
        };
        words.push(word);
        rest = after.trim_start();
    }
    Some(words)
}

// A quotation mark is one byte.
#[allow(clippy::arithmetic_side_effects)]
fn quoted(inside: &str) -> Option<(Word, &str)> {
    let mut text = String::new();
    let mut chars = inside.char_indices();
    while let Some((at, character)) = chars.next() {
        match character {
            '"' => {
                let word = Word { text, quoted: true };
                return Some((word, inside.get(at + 1..).unwrap_or_default()));
            }
            '\\' => match chars.next()?.1 {
                escaped @ ('"' | '\\') => text.push(escaped),
                other => text.extend(['\\', other]),
            },
            other => text.push(other),
        }
    }
    None
}

/// A word as a line has it, in quotation marks unless it needs none. What no word holds
/// becomes a blank.
pub(crate) fn quote(text: &str) -> String {
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '"' && c != '#';
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            other if is_unfit(other) => quoted.push(' '),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Option<Vec<(String, bool)>> {
        let words = split(line)?.into_iter();
        Some(words.map(|word| (word.text, word.quoted)).collect())
    }

    #[test]
    fn words_and_quotations() {
        let plain = |text: &str| (text.to_owned(), false);
        let quoted = |text: &str| (text.to_owned(), true);
        assert_eq!(
            words("  a\tb#c \"d e\"\"\" # f \"").unwrap(),
            [plain("a"), plain("b#c"), quoted("d e"), quoted("")]
        );
        assert_eq!(
            words(r#""a \"b\" \\ \n""#).unwrap(),
            [quoted(r#"a "b" \ \n"#)]
        );
        assert_eq!(words("# nothing"), Some(vec![]));
        assert_eq!(words("\r"), Some(vec![]));
        for open in ["\"", "a \"b", r#""a\"#, r#""a\""#] {
            assert_eq!(words(open), None, "{open}");
        }
    }
    #[test]
    fn lines_have_numbers_and_faults() {
        let text = b"\xef\xbb\xbfa\r\n\n\xff\n\"b\na\0\n\"\x1b[2J\"\n\"a\tb\" # \x07";
        let found: Vec<_> = lines(text).collect();
        let a = Word {
            text: "a".to_owned(),
            quoted: false,
        };
        let tab = Word {
            text: "a\tb".to_owned(),
            quoted: true,
        };
        let expected = [
            (1, Ok(vec![a])),
            (2, Ok(vec![])),
            (3, Err(Fault::NotUtf8)),
            (4, Err(Fault::Unclosed)),
            (5, Err(Fault::Control)),
            (6, Err(Fault::Control)),
            (7, Ok(vec![tab])),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_quoted_is_one_word() {
        assert_eq!(quote("k3s-edge"), "k3s-edge");
        assert_eq!(quote(""), "\"\"");
        assert_eq!(quote("a \"b\" \\ \n#"), r#""a \"b\" \\  #""#);
        for text in ["", "a", "#", "a b", "\\", "\"", "a\u{a0}b", "a\tb"] {
            assert_eq!(
                words(&quote(text)),
                Some(vec![(text.to_owned(), quote(text) != text)])
            );
        }
    }
}
