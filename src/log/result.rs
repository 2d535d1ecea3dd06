//! The Result record: a measurement that is no sample: a time, a count, a verdict with its
//! evidence. It stands alone, and no other record depends on it. The order of fields is the
//! format.

use super::sequence::values;
use serde::{Deserialize, Serialize};

/// A result, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultPart<Bytes> {
    /// After the run's start, microseconds.
    pub at_us: u64,
    /// The kind of measurement; others belong to a later version.
    pub kind: u32,
    /// The number of this record, from 0, and how many there are.
    pub part: u32,
    pub parts: u32,
    /// 0: none, 1: yes, 2: no, 3: not measured; others belong to a later version.
    pub verdict: u32,
    /// In the unit of its kind;
    /// [`NOT_OBSERVABLE`](super::fields::NOT_OBSERVABLE) where there is none.
    pub value: u64,
    /// [`Entry`] after [`Entry`], to the end.
    pub entries: Bytes,
}

/// A detail of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry<'a> {
    /// 0: source, 1: reason, 2: evidence, 3: mark; others belong to a later version.
    pub tag: u32,
    pub bytes: &'a [u8],
}

/// The tag of a [`Mark`].
pub const MARK: u32 = 3;

/// A part of a result's value, in the same unit, such as the firmware's share of a boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark<'a> {
    pub label: &'a [u8],
    /// [`NOT_OBSERVABLE`](super::fields::NOT_OBSERVABLE) where there is none.
    pub value: u64,
    /// Its source, or the reason why there is none.
    pub note: &'a [u8],
}

/// The entries of a result, or of a part of one; an error where one is malformed.
pub fn entries(bytes: &[u8]) -> impl Iterator<Item = postcard::Result<Entry<'_>>> {
    values(bytes)
}

impl<Bytes> ResultPart<Bytes> {
    /// The same with another type of bytes.
    pub fn map<'s, Other>(&'s self, bytes: impl Fn(&'s Bytes) -> Other) -> ResultPart<Other> {
        ResultPart {
            at_us: self.at_us,
            kind: self.kind,
            part: self.part,
            parts: self.parts,
            verdict: self.verdict,
            value: self.value,
            entries: bytes(&self.entries),
        }
    }
}

impl ResultPart<&[u8]> {
    /// Whether the number of the part and the entries are well-formed.
    pub(crate) fn makes_sense(&self) -> bool {
        let whole = |entry: postcard::Result<Entry<'_>>| match entry {
            Ok(entry) if entry.tag == MARK => {
                matches!(
                    postcard::take_from_bytes::<Mark<'_>>(entry.bytes),
                    Ok((_, []))
                )
            }
            entry => entry.is_ok(),
        };
        self.part < self.parts && entries(self.entries).all(whole)
    }
}
