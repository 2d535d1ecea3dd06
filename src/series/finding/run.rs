//! Findings about the run as a whole: its length, its stage, whether it had settled.

use super::Grade;
use crate::log::record::UNNAMED;
use crate::series::settling::Trend;
use crate::series::stage::{self, Stage};
use crate::series::Run;

/// Fewer samples give no figures that repeat.
pub(crate) const LEAST_SAMPLES: u64 = 60;
/// From this median CPU on, milli-percent of all cores, a baseline leaves no room in
/// which the CPU of the edge software could show.
const BUSY_BASELINE: f64 = 90_000.0;

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
    pub(crate) fn grade(&self) -> Grade {
        match self {
            Self::NoSample | Self::BusyBaseline(_) => Grade::Invalid,
            Self::Short { .. } | Self::CpuUnsettled(_) | Self::MemoryUnsettled(_) => Grade::Caution,
            Self::UnknownStage { meant: Some(_), .. } => Grade::Caution,
            Self::UnknownStage { meant: None, .. } => Grade::Note,
            Self::TooMuchAvailable { .. } => Grade::Caution,
            Self::OneSample | Self::NoCpu | Self::NoMemory => Grade::Note,
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::NoSample => "no-sample",
            Self::Short { .. } => "short",
            Self::CpuUnsettled(_) => "cpu-unsettled",
            Self::MemoryUnsettled(_) => "memory-unsettled",
            Self::OneSample => "one-sample",
            Self::NoCpu => "no-cpu",
            Self::NoMemory => "no-memory",
            Self::TooMuchAvailable { .. } => "too-much-available",
            Self::BusyBaseline(_) => "busy-baseline",
            Self::UnknownStage { .. } => "unknown-stage",
        }
    }

    pub(crate) fn extent(&self) -> f64 {
        match self {
            Self::Short { samples, .. } => -(*samples as f64),
            Self::CpuUnsettled(trend) | Self::MemoryUnsettled(trend) => {
                (trend.last - trend.first).abs()
            }
            Self::BusyBaseline(median) => *median,
            Self::TooMuchAvailable { samples, .. } => *samples as f64,
            _ => 0.0,
        }
    }

    /// The cells of a comparison say what has no figure, and its rows name the stage.
    pub(crate) fn is_for_comparison(&self) -> bool {
        match self {
            Self::OneSample | Self::NoCpu | Self::NoMemory => false,
            Self::UnknownStage { meant, .. } => meant.is_some(),
            _ => true,
        }
    }
}

pub(crate) fn find(run: &Run, found: &mut dyn FnMut(RunFinding)) {
    if run.samples < LEAST_SAMPLES {
        found(RunFinding::Short {
            samples: run.samples,
            duration_us: run.duration_us,
        });
    }
    let stage = Stage::of(&run.header.stage);
    // In a ramp more and more is started: that is what it is for.
    if stage != Stage::Ramp {
        let health = &run.health;
        if let Some(trend) = health.cpu_trend {
            found(RunFinding::CpuUnsettled(trend));
        }
        if let Some(trend) = health.memory_trend {
            found(RunFinding::MemoryUnsettled(trend));
        }
    }
    match &run.cpu {
        None if run.samples == 1 => found(RunFinding::OneSample),
        None => found(RunFinding::NoCpu),
        Some(cpu) if stage == Stage::Baseline && cpu.median >= BUSY_BASELINE => {
            found(RunFinding::BusyBaseline(cpu.median));
        }
        Some(_) => {}
    }
    match run.quality.too_much_available {
        0 if run.memory_kib.is_none() => found(RunFinding::NoMemory),
        0 => {}
        samples => found(RunFinding::TooMuchAvailable {
            samples,
            of: run.samples,
        }),
    }
    if let Some(unknown) = unknown_stage(&run.header.stage) {
        found(unknown);
    }
}

/// A stage that the protocol does not have, where there is a name at all.
pub(crate) fn unknown_stage(name: &str) -> Option<RunFinding> {
    match Stage::of(name) {
        Stage::Other(stage) if !matches!(&stage[..], "" | UNNAMED) => {
            Some(RunFinding::UnknownStage {
                meant: stage::meant_by(&stage),
                stage,
            })
        }
        _ => None,
    }
}
