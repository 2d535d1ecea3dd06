//! The events of a log, as a reader gives them.

use super::footprint::Footprint;
use super::frame::Fault;
use super::losses::Losses;
use super::record::{self, Footer, Header};
use super::result::{ResultPart, EXITS_KIND};

/// The long text of a process.
pub type Identity = record::Identity<Vec<u8>>;
/// A key of the product's processes.
pub type ProductKey = record::Product<String>;

/// A part of the file that was skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    pub fault: Fault,
    /// Where it begins, and how long it is, bytes.
    pub offset: u64,
    pub len: u64,
}

/// The next piece of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A run begins, or goes on (it is the same `run` then).
    Header(Box<Header<String>>),
    /// A sample is complete: see [`Reader::sample`](super::reader::Reader::sample).
    Sample,
    Identity(Identity),
    Footer(Footer),
    /// A footprint, or a part of one.
    Footprint(Box<Footprint<String, Vec<u8>>>),
    /// A key of the product's processes; it is repeated.
    Product(ProductKey),
    /// A result, or a part of one.
    Result(Box<ResultPart<Vec<u8>>>),
    Damage(Damage),
    /// The run is over, with these losses: the header of another run follows, or the log
    /// ends.
    End(Box<Losses>),
}

impl Event {
    /// Whether it is a part of a footprint or of a result, which depends on no sample. The
    /// processes that ended do.
    pub(crate) fn stands_alone(&self) -> bool {
        match self {
            Self::Footprint(_) => true,
            Self::Result(part) => part.kind != EXITS_KIND,
            _ => false,
        }
    }
}
