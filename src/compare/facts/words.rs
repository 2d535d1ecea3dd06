//! Splits a line of facts into words.

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

/// The words of a line, without its comment; `None` if a quotation mark is not closed.
pub(crate) fn split(line: &str) -> Option<Vec<Word>> {
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
}
