//! Hostile variants of a good text, for the tests of all parsers.

use super::text::ParseError;
use proptest::collection::vec;
use proptest::prelude::*;

/// The parts of `text` that smaller buffers would have held.
pub(crate) fn prefixes(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    (0..text.len()).map(move |end| &text[..end])
}

/// Arbitrary bytes, or `text` with a few bytes overwritten.
pub(crate) fn mangled(text: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    let damage = vec((0..text.len().max(1), any::<u8>()), 1..8);
    let damaged = damage.prop_map(move |damage| {
        let mut text = text.to_vec();
        for (at, byte) in damage {
            if let Some(target) = text.get_mut(at) {
                *target = byte;
            }
        }
        text
    });
    prop_oneof![vec(any::<u8>(), 0..600), damaged]
}

/// Whether a text was parsed, or the error names one of its lines, or the one that is
/// missing after its last.
pub(crate) fn names_a_line<T>(text: &[u8], result: Result<T, ParseError>) -> bool {
    let lines = text.split_inclusive(|byte| *byte == b'\n').count() as u32;
    result.map_or_else(|error| (1..=lines + 1).contains(&error.line), |_| true)
}
