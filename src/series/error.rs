//! Why a log has no summary.

use crate::log::limits::SAMPLED;
use crate::log::record::VERSION;
use crate::system::errno::why;
use std::fmt;
use std::io;

/// Why a log has no summary.
#[derive(Debug)]
pub enum Error {
    Io(io::Error),
    Empty,
    NotALog,
    /// It is in this later version of the format.
    Newer(u16),
    NoSample,
    /// It holds footprints or results only.
    OnlyStandalone,
    TooManyRuns,
    /// A later pass did not read the same as the first.
    Changed,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "cannot be read: {}", why(error)),
            Self::Empty => f.write_str("is empty: no sample was written"),
            Self::NotALog => f.write_str("is not an edgebench-lite log"),
            Self::Newer(version) => write!(
                f,
                "was written in version {version} of the log format; this edgebench-lite \
                 reads versions up to {VERSION}"
            ),
            Self::NoSample => f.write_str("holds no sample that can be read"),
            Self::OnlyStandalone => {
                f.write_str("holds footprints and no samples: edgebench-lite footprint shows them")
            }
            Self::TooManyRuns => write!(f, "holds more than {SAMPLED} runs"),
            Self::Changed => f.write_str("was changed while it was read"),
        }
    }
}

impl std::error::Error for Error {}
