//! Values of one kind, one after another, to the end of some bytes.

use serde::Deserialize;

/// The values; an error at a malformed one, which ends them.
pub(super) fn values<'b, T: Deserialize<'b> + 'b>(
    mut rest: &'b [u8],
) -> impl Iterator<Item = postcard::Result<T>> + 'b {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let taken = postcard::take_from_bytes(rest);
        rest = taken.as_ref().map_or(&[], |(_, after)| after);
        Some(taken.map(|(value, _)| value))
    })
}
