//! Lines and words of the kernel's `seq_file` texts, and the error that all parsers share.

use super::number::{decimal, Reason};
use std::fmt;

/// A field that could not be read, and where. `Display` gives
/// ``1: field `steal` is missing``: put the path and a colon before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseError {
    /// Counted from 1. For a line that never came, the one after the last.
    pub(crate) line: u32,
    /// The kernel's name of the field.
    pub(crate) field: &'static str,
    pub(crate) reason: Reason,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            Reason::Missing => "is missing",
            Reason::NotANumber => "is not a number",
            Reason::TooLarge => "is too large",
        };
        write!(f, "{}: field `{}` {}", self.line, self.field, reason)
    }
}

impl std::error::Error for ParseError {}

/// The position of the first `byte`. Eight bytes a step: the `intr` line of
/// `/proc/stat` is tens of kB on machines with many interrupts.
#[inline]
fn find(byte: u8, text: &[u8]) -> Option<usize> {
    const STEP: usize = 8;
    const ONES: u64 = u64::from_le_bytes([0x01; STEP]);
    const HIGHS: u64 = u64::from_le_bytes([0x80; STEP]);
    let wanted = u64::from_le_bytes([byte; STEP]);
    let mut passed = 0_usize;
    for chunk in text.chunks_exact(STEP) {
        let Ok(chunk) = <[u8; STEP]>::try_from(chunk) else {
            break;
        };
        // Zero where `byte` is. The borrow of a zero sets its high bit, and may set wrong
        // ones above the first.
        let differs = u64::from_le_bytes(chunk) ^ wanted;
        let hit = differs.wrapping_sub(ONES) & !differs & HIGHS;
        if hit != 0 {
            return passed.checked_add(usize::try_from(hit.trailing_zeros() / 8).ok()?);
        }
        passed = passed.checked_add(STEP)?;
    }
    let at = text.get(passed..)?.iter().position(|&b| b == byte)?;
    passed.checked_add(at)
}

/// The text before and after the first `byte`.
#[inline]
pub(crate) fn split_once(byte: u8, text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = find(byte, text)?;
    Some((text.get(..at)?, text.get(at..)?.get(1..)?))
}

/// The lines of `text` as slices; a cut line is skipped.
pub(crate) fn whole_lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (line, tail) = split_once(b'\n', rest)?;
        rest = tail;
        Some(line)
    })
}

/// The lines of `text`.
pub(crate) fn lines(text: &[u8]) -> Lines<'_> {
    Lines {
        rest: text,
        line: 0,
        cut: false,
    }
}

pub(crate) struct Lines<'a> {
    pub(super) rest: &'a [u8],
    line: u32,
    cut: bool,
}

impl Lines<'_> {
    /// The error for a line that never came.
    pub(crate) fn missing(&self, field: &'static str) -> ParseError {
        ParseError {
            line: self.line.saturating_add(1),
            field,
            reason: Reason::Missing,
        }
    }

    /// After the last line: whether the text ended as the kernel ends it. For files in which
    /// a line may be absent: there a cut would look like absence.
    pub(crate) fn ended(&self) -> Result<(), ParseError> {
        if self.cut {
            return Err(ParseError {
                line: self.line,
                field: "end of line",
                reason: Reason::Missing,
            });
        }
        Ok(())
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let (text, rest) = match split_once(b'\n', self.rest) {
            Some(split) => split,
            None => {
                self.cut = true;
                (self.rest, &[][..])
            }
        };
        self.rest = rest;
        self.line = self.line.saturating_add(1);
        Some(Line::new(text, self.line, self.cut))
    }
}

/// One line, or what is left of it.
pub(crate) struct Line<'a> {
    pub(super) rest: &'a [u8],
    line: u32,
    cut: bool,
}

impl<'a> Line<'a> {
    /// `cut`: more may have followed `text`, so a word that reaches its end
    /// counts as missing.
    pub(crate) fn new(text: &'a [u8], line: u32, cut: bool) -> Self {
        Line {
            rest: text,
            line,
            cut,
        }
    }

    pub(crate) fn error(&self, field: &'static str, reason: Reason) -> ParseError {
        ParseError {
            line: self.line,
            field,
            reason,
        }
    }

    /// The `name` of `name: value`.
    pub(crate) fn key(&mut self) -> Option<&'a [u8]> {
        let at = self.rest.iter().position(|&b| b == b':')?;
        let key = self.rest.get(..at)?;
        self.rest = self.rest.get(at..)?.get(1..)?;
        Some(key)
    }

    /// The next word; words are separated by runs of blanks.
    pub(crate) fn word(&mut self) -> Option<&'a [u8]> {
        let start = self.rest.iter().position(|&b| !is_blank(b))?;
        let text = self.rest.get(start..)?;
        match text.iter().position(|&b| is_blank(b)) {
            Some(end) => {
                self.rest = text.get(end..)?;
                text.get(..end)
            }
            None => {
                self.rest = &[];
                (!self.cut).then_some(text)
            }
        }
    }

    /// Skips `count` words.
    pub(crate) fn skip(&mut self, count: usize) {
        let mut bytes = self.rest.iter();
        for _ in 0..count {
            while bytes.as_slice().first().is_some_and(|&b| is_blank(b)) {
                bytes.next();
            }
            while bytes.as_slice().first().is_some_and(|&b| !is_blank(b)) {
                bytes.next();
            }
        }
        self.rest = bytes.as_slice();
    }

    /// The next word, read with `read`.
    pub(crate) fn value(
        &mut self,
        field: &'static str,
        read: fn(&[u8]) -> Result<u64, Reason>,
    ) -> Result<u64, ParseError> {
        match self.word() {
            Some(word) => read(word).map_err(|reason| self.error(field, reason)),
            None => Err(self.error(field, Reason::Missing)),
        }
    }

    /// As `value` with [`decimal`], in one pass: a recorder reads thousands of
    /// numbers a second.
    pub(crate) fn number(&mut self, field: &'static str) -> Result<u64, ParseError> {
        let mut bytes = self.rest.iter();
        while bytes.as_slice().first().is_some_and(|&b| is_blank(b)) {
            bytes.next();
        }
        let mut value = 0_u64;
        let mut digits = false;
        for &byte in bytes.by_ref() {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                if digits && is_blank(byte) {
                    self.rest = bytes.as_slice();
                    return Ok(value);
                }
                return Err(self.error(field, Reason::NotANumber));
            }
            digits = true;
            value = value
                .checked_mul(10)
                .and_then(|tens| tens.checked_add(u64::from(digit)))
                .ok_or(self.error(field, Reason::TooLarge))?;
        }
        self.rest = &[];
        if digits && !self.cut {
            Ok(value)
        } else {
            Err(self.error(field, Reason::Missing))
        }
    }

    pub(crate) fn number_u32(&mut self, field: &'static str) -> Result<u32, ParseError> {
        u32::try_from(self.number(field)?).map_err(|_| self.error(field, Reason::TooLarge))
    }

    /// For fields that the kernel prints signed though they cannot be negative: a value below
    /// zero is a race or a fault, and reads as 0.
    pub(crate) fn clamped(&mut self, field: &'static str) -> Result<u64, ParseError> {
        let mut ahead = self.rest.iter();
        while ahead.as_slice().first().is_some_and(|&b| is_blank(b)) {
            ahead.next();
        }
        match ahead.as_slice().split_first() {
            Some((b'-', digits)) if digits.first().is_some_and(|&b| !is_blank(b)) => {
                self.rest = digits;
                self.value(field, decimal).map(|_| 0)
            }
            _ => self.number(field),
        }
    }
}

#[inline]
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    #[test]
    fn error_is_line_field_reason() {
        for (reason, words) in [
            (Reason::Missing, "1: field `steal` is missing"),
            (Reason::NotANumber, "1: field `steal` is not a number"),
            (Reason::TooLarge, "1: field `steal` is too large"),
        ] {
            let line = Line::new(b"", 1, false);
            assert_eq!(line.error("steal", reason).to_string(), words);
        }
    }

    #[test]
    fn line_without_its_end_has_no_last_word() {
        let mut all = lines(b"a 1\nb 23");
        let mut first = all.next().unwrap();
        assert_eq!(first.word(), Some(&b"a"[..]));
        assert_eq!(first.number("x"), Ok(1));
        let mut second = all.next().unwrap();
        assert_eq!(second.word(), Some(&b"b"[..]));
        assert_eq!(
            second.number("x"),
            Err(ParseError {
                line: 2,
                field: "x",
                reason: Reason::Missing
            })
        );
        assert!(all.next().is_none());
        assert_eq!(
            all.ended(),
            Err(ParseError {
                line: 2,
                field: "end of line",
                reason: Reason::Missing
            })
        );
    }

    #[test]
    fn signed_fields_are_clamped() {
        let mut line = Line::new(b"-5 5 - -x", 1, false);
        assert_eq!(line.clamped("a"), Ok(0));
        assert_eq!(line.clamped("b"), Ok(5));
        let not_a_number = |field| Line::new(b"", 1, false).error(field, Reason::NotANumber);
        assert_eq!(line.clamped("c"), Err(not_a_number("c")));
        assert_eq!(line.clamped("d"), Err(not_a_number("d")));
    }

    proptest! {
        #[test]
        fn find_agrees_with_position(text in vec(prop_oneof![2..5_u8, 0x7e..0x86_u8, 0xff..=0xff_u8], 0..100)) {
            for byte in [3, 0x80, 0x82, 0xff] {
                prop_assert_eq!(find(byte, &text), text.iter().position(|&b| b == byte));
            }
        }

        #[test]
        fn number_agrees_with_decimal(text in "[ \\t]{0,2}[0-9x]{0,21}[ \\n]{0,2}[0-9]{0,2}", cut: bool) {
            let mut slow = Line::new(text.as_bytes(), 1, cut);
            let mut fast = Line::new(text.as_bytes(), 1, cut);
            match (slow.value("a", decimal), fast.number("a")) {
                (Ok(expected), found) => {
                    prop_assert_eq!(found, Ok(expected));
                    prop_assert_eq!(slow.word(), fast.word());
                }
                // Only what is wrong may be told differently, where it is twofold.
                (Err(_), found) => prop_assert!(found.is_err()),
            }
        }
    }
}
