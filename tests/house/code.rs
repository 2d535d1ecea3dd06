//! As much of Rust as the rules need: words and signs, without what stands in
//! comments and literals.

#[derive(Debug, PartialEq)]
pub struct Token<'a> {
    pub line: usize,
    pub text: &'a str,
}

/// The source with comments, strings and character literals blanked out; lines
/// stay where they are.
pub fn code_of(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut code = String::with_capacity(source.len());
    let mut at = 0;
    while at < chars.len() {
        let end = match chars[at] {
            '/' if chars.get(at + 1) == Some(&'/') => line_end(&chars, at),
            '/' if chars.get(at + 1) == Some(&'*') => comment_end(&chars, at),
            '"' => string_end(&chars, at),
            'r' if !follows_word(&chars, at) || prefixed(&chars, at) => {
                raw_string_end(&chars, at).unwrap_or(at)
            }
            '\'' => char_end(&chars, at).unwrap_or(at),
            _ => at,
        };
        if end == at {
            code.push(chars[at]);
            at += 1;
        } else {
            code.extend(
                chars[at..end]
                    .iter()
                    .map(|c| if *c == '\n' { '\n' } else { ' ' }),
            );
            at = end;
        }
    }
    code
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn follows_word(chars: &[char], at: usize) -> bool {
    at > 0 && is_word(chars[at - 1])
}

/// `br"` and `cr"`: the r of a raw string may follow these letters.
fn prefixed(chars: &[char], at: usize) -> bool {
    at > 0 && matches!(chars[at - 1], 'b' | 'c') && !follows_word(chars, at - 1)
}

fn line_end(chars: &[char], at: usize) -> usize {
    let rest = chars[at..].iter().position(|c| *c == '\n');
    rest.map_or(chars.len(), |n| at + n)
}

/// Block comments nest.
fn comment_end(chars: &[char], mut at: usize) -> usize {
    let mut depth = 0;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                at += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    at
}

fn string_end(chars: &[char], at: usize) -> usize {
    let mut at = at + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

/// `None` where `r` is not the start of a raw string: `r#type` is a name.
fn raw_string_end(chars: &[char], at: usize) -> Option<usize> {
    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
    let open = at + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let close = (open + 1..chars.len()).find(|&i| {
        chars[i] == '"'
            && chars[i + 1..]
                .iter()
                .take(hashes)
                .filter(|c| **c == '#')
                .count()
                == hashes
    });
    Some(close.map_or(chars.len(), |i| i + 1 + hashes))
}

/// `None` for a lifetime, which has no closing quote.
fn char_end(chars: &[char], at: usize) -> Option<usize> {
    if chars.get(at + 1) == Some(&'\\') {
        let close = (at + 3..chars.len()).find(|&i| chars[i] == '\'')?;
        return Some(close + 1);
    }
    (chars.get(at + 2) == Some(&'\'')).then_some(at + 3)
}

/// Words, `::` and single signs of source that went through [`code_of`].
pub fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if is_word(first) {
                rest.find(|c| !is_word(c)).unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            found.push(Token {
                line: number + 1,
                text: &rest[..length],
            });
            rest = rest[length..].trim_start();
        }
    }
    found
}

fn words(source: &str) -> Vec<String> {
    let code = code_of(source);
    tokens(&code).iter().map(|t| t.text.to_string()).collect()
}

#[test]
fn comments_and_literals_are_no_code() {
    for (source, left) in [
        ("a // b\nc", "a c"),
        ("a /* b /* c */ d */ e", "a e"),
        (r#"a "b \" c" d"#, "a d"),
        (r###"a r#"b " c"# d"###, "a d"),
        (r###"a br##"b "# c"## d"###, "a b d"),
        ("a r#type b", "a r # type b"),
        ("a '\"' b '\\'' c '\\u{7d}' d", "a b c d"),
        ("for<'a> &'a b", "for < ' a > & ' a b"),
        ("a \"b", "a"),
        ("a /* b", "a"),
    ] {
        assert_eq!(words(source).join(" "), left, "{source}");
    }
}

#[test]
fn lines_are_kept() {
    let code = code_of("/* 1\n2 */ a\n\"3\n4\" b");
    let lines: Vec<usize> = tokens(&code).iter().map(|t| t.line).collect();
    assert_eq!(lines, [2, 4]);
}
