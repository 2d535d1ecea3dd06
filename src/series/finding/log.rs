//! Findings about the log: what of the run is not in it.

use super::weight::{by_share, caution, note, Weight};
use crate::log::losses::Losses;

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
    pub(super) fn weight(&self) -> Weight {
        match self {
            Self::CutOff => note("cut-off"),
            // A run that its user ended is as good as any.
            Self::EndedBySignal => note("ended-by-signal").only_for_its_report(),
            Self::RecorderFailed => caution("recorder-failed"),
            Self::Missed { deadlines, of, .. } => by_share("missed-deadlines", *deadlines, *of),
            Self::Unwritten { samples, .. } => caution("log-unwritten").count(*samples),
            Self::Damaged { places, lost, .. } => caution("log-damaged").count(*lost.max(places)),
            Self::Gap { lost } => caution("log-gap").count(*lost),
            Self::Headless(samples) => caution("log-headless").count(*samples),
            Self::Repeated(samples) => caution("log-repeated").count(*samples),
            Self::NewerPart(_) => caution("log-newer"),
            Self::Overwritten(intervals) => note("log-overwritten").count(*intervals),
        }
    }

    /// What a log lacks that was recorded, or holds twice.
    pub(crate) fn of_losses(losses: &Losses) -> Vec<Self> {
        let mut found = Vec::new();
        if losses.unwritten > 0 {
            found.push(Self::Unwritten {
                samples: losses.unwritten,
                errno: losses.write_errno,
            });
        }
        let lost = losses.lost_in_the_log();
        if losses.damaged > 0 {
            found.push(Self::Damaged {
                places: losses.damaged,
                bytes: losses.damaged_bytes,
                lost,
                torn: losses.torn,
            });
        } else if lost > 0 {
            found.push(Self::Gap { lost });
        }
        if losses.headless > 0 {
            found.push(Self::Headless(losses.headless));
        }
        if losses.repeated > 0 {
            found.push(Self::Repeated(losses.repeated));
        }
        found.extend(losses.newer.map(Self::NewerPart));
        found
    }
}
