//! The Result record: a measurement that is no sample: a time, a count, a verdict with its
//! evidence. It stands alone, and no other record depends on it. The order of fields is the
//! format.

use super::exits;
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
    /// One of [`tag`], or one of a later version.
    pub tag: u32,
    pub bytes: &'a [u8],
}

/// What an entry is.
pub mod tag {
    /// Text.
    pub(crate) const SOURCE: u32 = 0;
    pub(crate) const REASON: u32 = 1;
    /// Text, a line of it.
    pub(crate) const EVIDENCE: u32 = 2;
    /// A [`Mark`](super::Mark).
    pub const MARK: u32 = 3;
    /// How a command ended: an [`ExitCode`](super::ExitCode).
    pub const EXIT: u32 = 4;
    /// CPU time of the command and of the children that it waited for, microseconds: u64.
    pub const CPU_US: u32 = 5;
    /// The command ran for the first time: no bytes.
    pub const FIRST: u32 = 6;
    /// How often it was due again while it still ran: u64.
    pub const MISSED: u32 = 7;
    /// How far a ramp is: a [`RampStep`](super::RampStep).
    pub const RAMP: u32 = 8;
    /// Processes that ended: see [`exits`](crate::log::exits).
    pub const EXITS: u32 = super::exits::TAG;
}

/// The kind of the records of processes that ended. They belong to the samples, and are no
/// result of anything.
pub(crate) const EXITS_KIND: u32 = 7;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExitCode {
    /// 0: with a status, 1: by a signal, 2: at its time-out, 3: with the recording, 4: it
    /// could not be started; others belong to a later version.
    pub how: u32,
    /// The status, the signal, or the error; otherwise 0.
    pub number: u32,
}

/// How far a ramp is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RampStep {
    /// What begins, or has ended: see `crate::results::Phase`.
    pub phase: u32,
    /// How many containers are known to be ready.
    pub ready: u64,
    /// What ended the ramp, see `crate::results::Cause`; 0: nothing did.
    pub cause: u32,
}

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
            Ok(Entry { tag, bytes }) => match tag {
                tag::MARK => is_one::<Mark<'_>>(bytes),
                tag::EXIT => is_one::<ExitCode>(bytes),
                tag::CPU_US | tag::MISSED => is_one::<u64>(bytes),
                tag::FIRST => bytes.is_empty(),
                tag::RAMP => is_one::<RampStep>(bytes),
                tag::EXITS => exits::make_sense(bytes),
                _ => true,
            },
            Err(_) => false,
        };
        self.part < self.parts && entries(self.entries).all(whole)
    }
}

/// Whether the bytes are one value, and nothing else.
fn is_one<'b, T: Deserialize<'b>>(bytes: &'b [u8]) -> bool {
    matches!(postcard::take_from_bytes::<T>(bytes), Ok((_, [])))
}
