//! Findings about the clocks of a run.

use super::weight::{caution, note, Weight};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ClockFinding {
    /// The kernel said so at the start.
    Unsynchronised,
    /// How often, how far in all, and the farthest that it was in between.
    Set {
        times: u64,
        by_ms: i64,
        farthest_ms: i64,
    },
    /// How often, and how long in all.
    Slept { times: u64, ms: u64 },
}

impl ClockFinding {
    pub(super) fn weight(&self) -> Weight {
        match self {
            Self::Unsynchronised => note("clock-unsynchronised"),
            Self::Set { farthest_ms, .. } => note("clock-set").count(farthest_ms.unsigned_abs()),
            Self::Slept { ms, .. } => caution("board-slept").count(*ms),
        }
    }
}
