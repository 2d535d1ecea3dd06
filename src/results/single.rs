//! The record of a result that needs one only, and what records of results share.

use super::kind::{Kind, Verdict};
use crate::log::fields::NOT_OBSERVABLE;
use crate::log::result::{self, tag, Entry, ResultPart};

/// Of a text, a command among them, and of the last line of one, so many bytes are kept.
pub(crate) const TEXT_BYTES: usize = 1000;
pub(crate) const LINE_BYTES: usize = 200;

/// Takes the tag and the bytes of an entry.
pub(super) type Put<'p> = dyn FnMut(u32, &[u8]) + 'p;

/// A record whose entries lie in room that is there. Asks for no memory.
pub(super) struct Single<'r> {
    room: &'r mut [u8],
    len: usize,
}

impl<'r> Single<'r> {
    pub(super) fn new(room: &'r mut [u8]) -> Self {
        Self { room, len: 0 }
    }

    /// An entry that has no room is left out.
    // The entry lies in the room.
    #[allow(clippy::arithmetic_side_effects)]
    pub(super) fn put(&mut self, tag: u32, bytes: &[u8]) {
        let room = self.room.get_mut(self.len..).unwrap_or_default();
        if let Ok(entry) = postcard::to_slice(&Entry { tag, bytes }, room) {
            self.len += entry.len();
        }
    }

    /// The record, of a kind without verdicts.
    pub(super) fn part(self, kind: Kind, at_us: u64, value: Option<u64>) -> ResultPart<&'r [u8]> {
        ResultPart {
            at_us,
            kind: kind as u32,
            part: 0,
            parts: 1,
            verdict: Verdict::None as u32,
            value: value.unwrap_or(NOT_OBSERVABLE),
            entries: self.room.get(..self.len).unwrap_or_default(),
        }
    }
}

/// The text, or as much of its beginning as fits into so many bytes.
pub(super) fn beginning(text: &str, most: usize) -> &str {
    let fits = |at: &usize| text.is_char_boundary(*at);
    let end = (0..=most.min(text.len())).rev().find(fits);
    &text[..end.unwrap_or(0)]
}

/// Puts a text, unless it is empty.
pub(super) fn put_text(put: &mut Put<'_>, tag: u32, text: &str, most: usize) {
    if !text.is_empty() {
        put(tag, beginning(text, most).as_bytes());
    }
}

pub(super) fn put_mark(put: &mut Put<'_>, label: &str, value: Option<u64>, note: &str) {
    let mut buffer = [0; 2 * TEXT_BYTES + 20];
    let mark = result::Mark {
        label: beginning(label, TEXT_BYTES).as_bytes(),
        value: value.unwrap_or(NOT_OBSERVABLE),
        note: beginning(note, TEXT_BYTES).as_bytes(),
    };
    if let Ok(bytes) = postcard::to_slice(&mark, &mut buffer) {
        put(tag::MARK, bytes);
    }
}
