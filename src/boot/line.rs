//! The serial line's bytes as lines: what begins one, and what of it is text. Terminal
//! control sequences are none: ECMA-48.

/// As much of a line is kept, with the time of each byte.
pub(crate) const KEPT: usize = 256;

/// What a byte is to the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The line before is over.
    End,
    Text(u8),
    /// It moves the cursor or sets a colour.
    Control,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Inside {
    #[default]
    Text,
    /// Behind ESC.
    Escape,
    /// Behind ESC and `[`.
    Sequence,
    /// Behind ESC and `]`: until BEL or ESC and `\`.
    Command,
    CommandEscape,
}

/// Tells text from control sequences, over a stream that is cut anywhere.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Splitter(Inside);

impl Splitter {
    pub(crate) fn part(&mut self, byte: u8) -> Part {
        // A line that ends ends whatever was begun in it, as a broken sequence.
        if matches!(byte, b'\n' | b'\r') {
            self.0 = Inside::Text;
            return Part::End;
        }
        let (next, part) = match (self.0, byte) {
            (_, 0x1b) if self.0 != Inside::Command => (Inside::Escape, Part::Control),
            (Inside::Text, 0..=0x1f | 0x7f) => (Inside::Text, Part::Control),
            (Inside::Text, _) => (Inside::Text, Part::Text(byte)),
            (Inside::Escape, b'[') => (Inside::Sequence, Part::Control),
            (Inside::Escape, b']') => (Inside::Command, Part::Control),
            (Inside::Escape, 0x20..=0x2f) => (Inside::Escape, Part::Control),
            (Inside::Escape, _) => (Inside::Text, Part::Control),
            // Parameters; what ends the sequence is its name. A cursor that is set
            // elsewhere begins a line.
            (Inside::Sequence, 0x20..=0x3f) => (Inside::Sequence, Part::Control),
            (Inside::Sequence, b'H' | b'f' | b'J') => (Inside::Text, Part::End),
            (Inside::Sequence, _) => (Inside::Text, Part::Control),
            (Inside::Command, 0x07) => (Inside::Text, Part::Control),
            (Inside::Command, 0x1b) => (Inside::CommandEscape, Part::Control),
            (Inside::Command, _) => (Inside::Command, Part::Control),
            (Inside::CommandEscape, _) => (Inside::Text, Part::Control),
        };
        self.0 = next;
        part
    }
}

/// The beginning of a line, and when each of its bytes came.
#[derive(Debug)]
pub(crate) struct Line {
    text: [u8; KEPT],
    times_ns: [u64; KEPT],
    len: usize,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            text: [0; KEPT],
            times_ns: [0; KEPT],
            len: 0,
        }
    }
}

impl Line {
    // It is counted where there was a place for it.
    #[allow(clippy::arithmetic_side_effects)]
    pub(crate) fn push(&mut self, byte: u8, time_ns: u64) {
        let places = self
            .text
            .get_mut(self.len)
            .zip(self.times_ns.get_mut(self.len));
        if let Some((text, time)) = places {
            (*text, *time) = (byte, time_ns);
            self.len += 1;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    pub(crate) fn text(&self) -> &[u8] {
        self.text.get(..self.len).unwrap_or_default()
    }

    /// When the byte came that stands there.
    pub(crate) fn time_ns(&self, at: usize) -> Option<u64> {
        self.times_ns.get(..self.len)?.get(at).copied()
    }

    /// Where `wanted` first stands.
    pub(crate) fn find(&self, wanted: &[u8]) -> Option<usize> {
        let mut places = self.text().windows(wanted.len().max(1));
        places.position(|place| place == wanted)
    }

    /// What stands behind the first `wanted`.
    // It was found there, and ends within the line.
    #[allow(clippy::arithmetic_side_effects)]
    pub(crate) fn behind(&self, wanted: &[u8]) -> Option<&[u8]> {
        let at = self.find(wanted)?;
        self.text().get(at + wanted.len()..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The lines of text; an unfinished one is the last.
    fn lines(bytes: &[u8]) -> Vec<String> {
        let mut splitter = Splitter::default();
        let mut lines = vec![Vec::new()];
        for &byte in bytes {
            match splitter.part(byte) {
                Part::End => lines.push(Vec::new()),
                Part::Text(byte) => lines.last_mut().unwrap().push(byte),
                Part::Control => {}
            }
        }
        lines.retain(|line| !line.is_empty());
        let lines = lines
            .into_iter()
            .map(|line| String::from_utf8_lossy(&line).into_owned());
        lines.collect()
    }

    #[test]
    fn text_between_controls() {
        let systemd =
            b"[\x1b[0;32m  OK  \x1b[0m] Started \x1b[0;1;39mgetty\x1b[0m.\r\n\0pi login: ";
        assert_eq!(lines(systemd), ["[  OK  ] Started getty.", "pi login: "]);
        assert_eq!(
            lines(b"a\x1b[2Jb\x1b[1;1Hc\x1b(Bd\x1b]0;title\x07e\x1b]2;x\x1b\\f"),
            ["a", "b", "cdef"]
        );
        assert_eq!(
            lines(b"50%\r100%\n\x1b[31\nred\x1b"),
            ["50%", "100%", "red"]
        );
        assert_eq!(lines(b"\xc3\xa9\xff"), ["\u{e9}\u{fffd}"]);
    }

    #[test]
    fn only_the_beginning_is_kept() {
        let mut line = Line::default();
        for at in 0..1_000_000_u64 {
            line.push(b'a' + (at % 26) as u8, at);
        }
        assert_eq!((line.text().len(), line.time_ns(255)), (KEPT, Some(255)));
        assert_eq!((line.find(b"cde"), line.time_ns(256)), (Some(2), None));
        assert_eq!(line.behind(b"xyzab").unwrap().len(), KEPT - 28);
        assert_eq!((line.find(b"ba"), line.behind(b"ba")), (None, None));
        line.clear();
        assert_eq!((line.text(), line.time_ns(0)), (&b""[..], None));
    }

    proptest! {
        #[test]
        fn no_byte_is_lost_where_nothing_is_controlled(text in "[ -~]{0,300}") {
            prop_assert_eq!(lines(text.as_bytes()).concat(), text);
        }

        #[test]
        fn hostile_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = lines(&bytes);
        }
    }
}
