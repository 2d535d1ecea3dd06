//! The last line that a command wrote.

use crate::results::LINE_BYTES;

/// The last line of what a command writes that is not blank; its beginning, if it is long.
#[derive(Default)]
pub(crate) struct LastLine {
    /// The last whole line, and the one that is being written.
    whole: heapless::Vec<u8, LINE_BYTES>,
    open: heapless::Vec<u8, LINE_BYTES>,
}

impl LastLine {
    pub(crate) fn clear(&mut self) {
        self.whole.clear();
        self.open.clear();
    }

    pub(crate) fn take(&mut self, piece: &[u8]) {
        for &byte in piece {
            match byte {
                b'\n' => self.end(),
                b'\r' => {}
                // What has no room is cut off.
                byte => drop(self.open.push(byte)),
            }
        }
    }

    pub(crate) fn end(&mut self) {
        if !self.open.iter().all(u8::is_ascii_whitespace) {
            std::mem::swap(&mut self.whole, &mut self.open);
        }
        self.open.clear();
        // What is not UTF-8 becomes `?`.
        while let Err(error) = std::str::from_utf8(&self.whole) {
            self.whole[error.valid_up_to()] = b'?';
        }
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.whole).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(pieces: &[&[u8]]) -> String {
        let mut line = LastLine::default();
        pieces.iter().for_each(|piece| line.take(piece));
        line.end();
        line.text().to_owned()
    }

    #[test]
    fn the_last_line_that_is_not_blank() {
        assert_eq!(last(&[]), "");
        assert_eq!(last(&[b"one\ntw", b"o\r\n", b" \n\n"]), "two");
        assert_eq!(last(&[b"one\ntwo"]), "two");
        assert_eq!(last(&[b"a\xffb \xc3\xa9\xc3"]), "a?b \u{e9}?");
        assert_eq!(last(&[&[b'x'; 5000]]), "x".repeat(200));
    }
}
