//! Findings about the log: what of the run is not in it.

use super::{by_share, Grade};
use crate::log::record::End;
use crate::series::Run;

#[derive(Debug, Clone, PartialEq)]
pub enum LogFinding {
    /// The run's end is not in the log.
    CutOff,
    EndedBySignal,
    RecorderFailed,
    /// Deadlines that passed without a sample, of all.
    Missed {
        deadlines: u64,
        of: u64,
    },
    /// `torn`: it ends in the middle of a record.
    Damaged {
        places: u64,
        bytes: u64,
        lost: u64,
        torn: bool,
    },
    /// Samples that were lost, and left no damage.
    Gap {
        lost: u64,
    },
    /// A part is in this later version of the format.
    NewerPart(u16),
    /// Intervals at the beginning, in a segment that was dropped.
    Overwritten(u64),
}

impl LogFinding {
    pub fn grade(&self) -> Grade {
        match self {
            Self::RecorderFailed | Self::Damaged { .. } | Self::Gap { .. } | Self::NewerPart(_) => {
                Grade::Caution
            }
            Self::Missed { deadlines, of } => by_share(*deadlines, *of),
            Self::CutOff | Self::EndedBySignal | Self::Overwritten(_) => Grade::Note,
        }
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::CutOff => "cut-off",
            Self::EndedBySignal => "ended-by-signal",
            Self::RecorderFailed => "recorder-failed",
            Self::Missed { .. } => "missed-deadlines",
            Self::Damaged { .. } => "log-damaged",
            Self::Gap { .. } => "log-gap",
            Self::NewerPart(_) => "log-newer",
            Self::Overwritten(_) => "log-overwritten",
        }
    }

    pub fn extent(&self) -> f64 {
        match self {
            Self::Missed { deadlines, of } => *deadlines as f64 / (*of).max(1) as f64,
            Self::Damaged { places, lost, .. } => (*lost).max(*places) as f64,
            Self::Gap { lost: count } | Self::Overwritten(count) => *count as f64,
            _ => 0.0,
        }
    }

    /// A run that its user ended is as good as any.
    pub fn is_for_comparison(&self) -> bool {
        *self != Self::EndedBySignal
    }
}

pub fn find(run: &Run, found: &mut dyn FnMut(LogFinding)) {
    let quality = &run.quality;
    match quality.footer.as_ref().map(|footer| footer.end) {
        None => found(LogFinding::CutOff),
        Some(End::Signal) => found(LogFinding::EndedBySignal),
        Some(End::Failure) => found(LogFinding::RecorderFailed),
        Some(End::Duration) => {}
    }
    if quality.missed > 0 {
        found(LogFinding::Missed {
            deadlines: quality.missed,
            of: run.samples.saturating_add(quality.missed),
        });
    }
    if quality.damaged > 0 {
        found(LogFinding::Damaged {
            places: quality.damaged,
            bytes: quality.damaged_bytes,
            lost: quality.lost,
            torn: quality.torn,
        });
    } else if quality.lost > 0 {
        found(LogFinding::Gap { lost: quality.lost });
    }
    if let Some(version) = quality.newer {
        found(LogFinding::NewerPart(version));
    }
    if quality.overwritten > 0 {
        found(LogFinding::Overwritten(quality.overwritten));
    }
}
