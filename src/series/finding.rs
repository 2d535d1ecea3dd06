//! What a reader must know to interpret a run's figures: each finding with its figures and
//! its weight. [`diagnose`](super::diagnosis::diagnose) finds them,
//! once for each run; render puts them into words.

mod clocks;
mod log;
mod machine;
mod processes;
mod run;
mod weight;

pub(crate) use clocks::ClockFinding;
pub(crate) use log::LogFinding;
pub(crate) use machine::MachineFinding;
pub(crate) use processes::ProcessFinding;
pub(crate) use run::{RunFinding, LEAST_SAMPLES};
pub(crate) use weight::Grade;

pub(super) use weight::is_percent;
use weight::Weight;

/// A finding about one run, by its subject.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Finding {
    Run(RunFinding),
    Machine(MachineFinding),
    Processes(ProcessFinding),
    Log(LogFinding),
    Clocks(ClockFinding),
}

impl Finding {
    fn weight(&self) -> Weight {
        match self {
            Self::Run(finding) => finding.weight(),
            Self::Machine(finding) => finding.weight(),
            Self::Processes(finding) => finding.weight(),
            Self::Log(finding) => finding.weight(),
            Self::Clocks(finding) => finding.weight(),
        }
    }

    pub(crate) fn grade(&self) -> Grade {
        self.weight().grade
    }

    /// The kind of finding, for programs: this never changes.
    pub(crate) fn name(&self) -> &'static str {
        self.weight().name
    }

    /// How much of it there is, to tell the worst of several runs.
    pub(crate) fn extent(&self) -> f64 {
        self.weight().extent
    }

    /// Whether it matters in a comparison of runs, and not only in the run's own report.
    pub(crate) fn is_for_comparison(&self) -> bool {
        self.weight().is_for_comparison
    }
}
