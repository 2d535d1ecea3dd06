//! Findings about the run as a whole: its length, its stage, whether it had settled.

use super::weight::{caution, invalid, note, Weight};
use crate::log::record::UNNAMED;
use crate::series::stage::{self, Stage};
use crate::series::trend::Trend;

/// Figures of fewer samples do not repeat.
pub(crate) const LEAST_SAMPLES: u64 = 60;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RunFinding {
    /// No sample can be read.
    NoSample,
    Short {
        samples: u64,
        duration_us: u64,
    },
    /// Milli-percent of all cores.
    CpuUnsettled(Trend),
    /// KiB.
    MemoryUnsettled(Trend),
    /// There is one sample, and so no interval.
    OneSample,
    /// No interval has a CPU figure.
    NoCpu,
    /// The kernel has no MemAvailable.
    NoMemory,
    /// More memory is available than there is, in samples of how many.
    TooMuchAvailable {
        samples: u64,
        of: u64,
    },
    /// The median CPU of a baseline, milli-percent of all cores.
    BusyBaseline(f64),
    /// The stage is none of the protocol's; and the stage that was probably meant.
    UnknownStage {
        stage: String,
        meant: Option<&'static str>,
    },
}

impl RunFinding {
    pub(super) fn weight(&self) -> Weight {
        let far = |trend: &Trend| (trend.last - trend.first).abs();
        match self {
            Self::NoSample => invalid("no-sample"),
            Self::Short { samples, .. } => caution("short").extent(-(*samples as f64)),
            Self::CpuUnsettled(trend) => caution("cpu-unsettled").extent(far(trend)),
            Self::MemoryUnsettled(trend) => caution("memory-unsettled").extent(far(trend)),
            // The cells of a comparison show which figures are missing.
            Self::OneSample => note("one-sample").only_for_its_report(),
            Self::NoCpu => note("no-cpu").only_for_its_report(),
            Self::NoMemory => note("no-memory").only_for_its_report(),
            Self::TooMuchAvailable { samples, .. } => caution("too-much-available").count(*samples),
            Self::BusyBaseline(median) => invalid("busy-baseline").extent(*median),
            Self::UnknownStage { meant: Some(_), .. } => caution("unknown-stage"),
            // A comparison's rows name the stage.
            Self::UnknownStage { meant: None, .. } => note("unknown-stage").only_for_its_report(),
        }
    }

    /// A stage that the protocol does not have; `None` where it has it, and where none
    /// is named.
    pub(crate) fn of_stage(name: &str) -> Option<Self> {
        match Stage::of(name) {
            Stage::Other(stage) if !matches!(&stage[..], "" | UNNAMED) => {
                Some(Self::UnknownStage {
                    meant: stage::meant_by(&stage),
                    stage,
                })
            }
            _ => None,
        }
    }
}
