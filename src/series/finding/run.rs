//! Findings about the run as a whole: its length, its stage, whether it had settled.

use super::weight::{Grade, Weight};
use crate::log::record::UNNAMED;
use crate::series::settling::Trend;
use crate::series::stage::{self, Stage};

/// Fewer samples give no figures that repeat.
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
    /// The kernel does not say what is available.
    NoMemory,
    /// More memory is available than there is, in samples of how many.
    TooMuchAvailable {
        samples: u64,
        of: u64,
    },
    /// The median CPU of a baseline, milli-percent of all cores.
    BusyBaseline(f64),
    /// The stage is none of the protocol's; and the one that was probably meant.
    UnknownStage {
        stage: String,
        meant: Option<&'static str>,
    },
}

impl RunFinding {
    pub(super) fn weight(&self) -> Weight {
        use Grade::{Caution, Invalid, Note};
        let far = |trend: &Trend| (trend.last - trend.first).abs();
        match self {
            Self::NoSample => Weight::new("no-sample", Invalid),
            Self::Short { samples, .. } => Weight::new("short", Caution).extent(-(*samples as f64)),
            Self::CpuUnsettled(trend) => Weight::new("cpu-unsettled", Caution).extent(far(trend)),
            Self::MemoryUnsettled(trend) => {
                Weight::new("memory-unsettled", Caution).extent(far(trend))
            }
            // The cells of a comparison say what has no figure.
            Self::OneSample => Weight::new("one-sample", Note).only_for_its_report(),
            Self::NoCpu => Weight::new("no-cpu", Note).only_for_its_report(),
            Self::NoMemory => Weight::new("no-memory", Note).only_for_its_report(),
            Self::TooMuchAvailable { samples, .. } => {
                Weight::new("too-much-available", Caution).count(*samples)
            }
            Self::BusyBaseline(median) => Weight::new("busy-baseline", Invalid).extent(*median),
            Self::UnknownStage { meant: Some(_), .. } => Weight::new("unknown-stage", Caution),
            // A comparison's rows name the stage.
            Self::UnknownStage { meant: None, .. } => {
                Weight::new("unknown-stage", Note).only_for_its_report()
            }
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
