//! Foreign names, made fit for a terminal.

use super::columns::shortened;
use std::fmt::Write;

/// Longer names of devices end in `..` in text.
pub(crate) const DEVICE_WIDTH: usize = 22;

/// `bytes` as text in which nothing acts on a terminal: control characters,
/// characters that are not visible, and bytes that are not UTF-8 are shown as
/// Rust writes them (`\n`, `\x1b`, `\u{202e}`, `\xff`), and so is `\` itself.
pub fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while !rest.is_empty() {
        let valid = match std::str::from_utf8(rest) {
            Ok(_) => rest.len(),
            Err(error) => error.valid_up_to(),
        };
        let (good, others) = rest.split_at(valid);
        for character in std::str::from_utf8(good).unwrap_or_default().chars() {
            push(&mut text, character);
        }
        rest = others;
        if let Some((byte, others)) = rest.split_first() {
            push_byte(&mut text, *byte);
            rest = others;
        }
    }
    text
}

fn push(text: &mut String, character: char) {
    match character {
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        '\'' | '"' => text.push(character),
        '\0'..='\x1f' | '\x7f' => push_byte(text, character as u8),
        _ => text.extend(character.escape_debug()),
    }
}

fn push_byte(text: &mut String, byte: u8) {
    // Writing to a String cannot fail.
    let _ = write!(text, "\\x{byte:02x}");
}

/// The same in at most `width` columns.
pub(crate) fn cut(bytes: &[u8], width: usize) -> String {
    shortened(&escaped(bytes), width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_stay() {
        assert_eq!(escaped(b"k3s-server \"a\" 'b'"), "k3s-server \"a\" 'b'");
        assert_eq!(escaped("Küche".as_bytes()), "Küche");
        assert_eq!(escaped(b""), "");
    }

    #[test]
    fn nothing_acts_on_a_terminal() {
        assert_eq!(escaped(b"a\nb\r\t"), "a\\nb\\r\\t");
        assert_eq!(escaped(b"\x1b[2J\x07\x7f"), "\\x1b[2J\\x07\\x7f");
        assert_eq!(escaped(b"\xffab\xc3"), "\\xffab\\xc3");
        // C1's CSI, a right-to-left override, a zero-width space.
        assert_eq!(
            escaped("\u{9b}\u{202e}\u{200b}".as_bytes()),
            "\\u{9b}\\u{202e}\\u{200b}"
        );
        assert_eq!(escaped(b"\\n"), "\\\\n");
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(cut(b"abcdef", 6), "abcdef");
        assert_eq!(cut(b"abcdefg", 6), "abcd..");
        assert_eq!(cut("üüüüüüü".as_bytes(), 6), "üüüü..");
        assert_eq!(cut(b"ab", 1), "..");
    }
}
