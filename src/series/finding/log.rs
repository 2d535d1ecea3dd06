//! Findings about the log: what of the run is not in it.

use super::{by_share, Grade};
use crate::log::losses::Losses;
use crate::log::record::End;
use crate::series::Run;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum LogFinding {
    /// The run's end is not in the log.
    CutOff,
    EndedBySignal,
    RecorderFailed,
    /// Deadlines that passed without a sample, of all; in so many of them the recorder
    /// was stopped.
    Missed {
        deadlines: u64,
        stopped: u64,
        of: u64,
    },
    /// Samples that the recorder could not write; the errno, 0 where it is not known.
    Unwritten {
        samples: u64,
        errno: u64,
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
    /// Samples of another run, of which no header can be read.
    Headless(u64),
    /// Samples and footprints that come twice.
    Repeated(u64),
    /// A part is in this later version of the format.
    NewerPart(u16),
    /// Intervals at the beginning, in a segment that was dropped.
    Overwritten(u64),
}

impl LogFinding {
    pub(crate) fn grade(&self) -> Grade {
        match self {
            Self::RecorderFailed
            | Self::Unwritten { .. }
            | Self::Damaged { .. }
            | Self::Gap { .. }
            | Self::Headless(_)
            | Self::Repeated(_)
            | Self::NewerPart(_) => Grade::Caution,
            Self::Missed { deadlines, of, .. } => by_share(*deadlines, *of),
            Self::CutOff | Self::EndedBySignal | Self::Overwritten(_) => Grade::Note,
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::CutOff => "cut-off",
            Self::EndedBySignal => "ended-by-signal",
            Self::RecorderFailed => "recorder-failed",
            Self::Missed { .. } => "missed-deadlines",
            Self::Unwritten { .. } => "log-unwritten",
            Self::Damaged { .. } => "log-damaged",
            Self::Gap { .. } => "log-gap",
            Self::Headless(_) => "log-headless",
            Self::Repeated(_) => "log-repeated",
            Self::NewerPart(_) => "log-newer",
            Self::Overwritten(_) => "log-overwritten",
        }
    }

    pub(crate) fn extent(&self) -> f64 {
        match self {
            Self::Missed { deadlines, of, .. } => *deadlines as f64 / (*of).max(1) as f64,
            Self::Damaged { places, lost, .. } => (*lost).max(*places) as f64,
            Self::Unwritten { samples: count, .. }
            | Self::Gap { lost: count }
            | Self::Headless(count)
            | Self::Repeated(count)
            | Self::Overwritten(count) => *count as f64,
            _ => 0.0,
        }
    }

    /// A run that its user ended is as good as any.
    pub(crate) fn is_for_comparison(&self) -> bool {
        *self != Self::EndedBySignal
    }
}

pub(crate) fn find(run: &Run, found: &mut dyn FnMut(LogFinding)) {
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
            stopped: quality.stopped.min(quality.missed),
            of: run.samples.saturating_add(quality.missed),
        });
    }
    find_losses(&quality.losses, found);
    if quality.losses.overwritten > 0 {
        found(LogFinding::Overwritten(quality.losses.overwritten));
    }
}

/// What a log lacks that was recorded, or has twice.
pub(crate) fn find_losses(losses: &Losses, found: &mut dyn FnMut(LogFinding)) {
    if losses.unwritten > 0 {
        found(LogFinding::Unwritten {
            samples: losses.unwritten,
            errno: losses.write_errno,
        });
    }
    let lost = losses.lost_in_the_log();
    if losses.damaged > 0 {
        found(LogFinding::Damaged {
            places: losses.damaged,
            bytes: losses.damaged_bytes,
            lost,
            torn: losses.torn,
        });
    } else if lost > 0 {
        found(LogFinding::Gap { lost });
    }
    if losses.headless > 0 {
        found(LogFinding::Headless(losses.headless));
    }
    if losses.repeated > 0 {
        found(LogFinding::Repeated(losses.repeated));
    }
    if let Some(version) = losses.newer {
        found(LogFinding::NewerPart(version));
    }
}
