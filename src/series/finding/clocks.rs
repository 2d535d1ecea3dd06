//! Findings about the clocks of a run.

use super::Grade;
use crate::log::record::Synchronised;
use crate::series::Run;

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
    pub(crate) fn grade(&self) -> Grade {
        match self {
            Self::Slept { .. } => Grade::Caution,
            Self::Unsynchronised | Self::Set { .. } => Grade::Note,
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Unsynchronised => "clock-unsynchronised",
            Self::Set { .. } => "clock-set",
            Self::Slept { .. } => "board-slept",
        }
    }

    pub(crate) fn extent(&self) -> f64 {
        match self {
            Self::Unsynchronised => 0.0,
            Self::Set { farthest_ms, .. } => farthest_ms.unsigned_abs() as f64,
            Self::Slept { ms, .. } => *ms as f64,
        }
    }
}

pub(crate) fn find(run: &Run, found: &mut dyn FnMut(ClockFinding)) {
    let quality = &run.quality;
    if run.header.synchronised == Synchronised::No {
        found(ClockFinding::Unsynchronised);
    }
    if quality.clock_set > 0 {
        found(ClockFinding::Set {
            times: quality.clock_set,
            by_ms: quality.stepped_ms,
            farthest_ms: quality.farthest_ms,
        });
    }
    if quality.suspends > 0 {
        found(ClockFinding::Slept {
            times: quality.suspends,
            ms: quality.suspended_ms,
        });
    }
}
