//! What a reader must know to take a run's figures for what they are: each finding
//! with its figures, and with a grade. They are looked for once for each run; whoever
//! shows a run reads them from there, and puts them into words.

mod clocks;
mod log;
mod machine;
mod processes;
mod run;

pub(crate) use clocks::ClockFinding;
pub(crate) use log::{find_losses, LogFinding};
pub(crate) use machine::MachineFinding;
pub(crate) use processes::ProcessFinding;
pub(crate) use run::{unknown_stage, RunFinding, LEAST_SAMPLES};

use super::{Options, Run};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grade {
    /// Every figure is right; this is good to know.
    Note,
    /// Some figures may not mean what they seem to mean.
    Caution,
    /// The run is no measurement of what it was recorded for.
    Invalid,
}

impl Grade {
    /// The gravest first.
    pub(crate) const ALL: [Self; 3] = [Self::Invalid, Self::Caution, Self::Note];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Caution => "caution",
            Self::Note => "note",
        }
    }
}

/// A finding about one run, by what it is about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Finding {
    Run(RunFinding),
    Machine(MachineFinding),
    Processes(ProcessFinding),
    Log(LogFinding),
    Clocks(ClockFinding),
}

impl Finding {
    pub(crate) fn grade(&self) -> Grade {
        match self {
            Self::Run(finding) => finding.grade(),
            Self::Machine(finding) => finding.grade(),
            Self::Processes(finding) => finding.grade(),
            Self::Log(finding) => finding.grade(),
            Self::Clocks(finding) => finding.grade(),
        }
    }

    /// What kind of finding it is, for programs: this never changes.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Run(finding) => finding.name(),
            Self::Machine(finding) => finding.name(),
            Self::Processes(finding) => finding.name(),
            Self::Log(finding) => finding.name(),
            Self::Clocks(finding) => finding.name(),
        }
    }

    /// How much of it there is, to tell the worst of several runs.
    pub(crate) fn extent(&self) -> f64 {
        match self {
            Self::Run(finding) => finding.extent(),
            Self::Machine(finding) => finding.extent(),
            Self::Processes(finding) => finding.extent(),
            Self::Log(finding) => finding.extent(),
            Self::Clocks(finding) => finding.extent(),
        }
    }

    /// Whether it matters where the run is compared with others, and not only to who
    /// reads this run's own report.
    pub(crate) fn is_for_comparison(&self) -> bool {
        match self {
            Self::Run(finding) => finding.is_for_comparison(),
            Self::Machine(finding) => finding.is_for_comparison(),
            Self::Processes(finding) => finding.is_for_comparison(),
            Self::Log(finding) => finding.is_for_comparison(),
            Self::Clocks(_) => true,
        }
    }
}

/// All findings about a run, in the order in which they are told within a grade.
pub(crate) fn find(run: &Run, options: &Options) -> Vec<Finding> {
    let mut found = Vec::new();
    if run.samples > 0 {
        run::find(run, &mut |finding| found.push(Finding::Run(finding)));
        machine::find(run, &mut |finding| found.push(Finding::Machine(finding)));
        processes::find(run, options, &mut |finding| {
            found.push(Finding::Processes(finding));
        });
    } else {
        found.push(Finding::Run(RunFinding::NoSample));
    }
    log::find(run, &mut |finding| found.push(Finding::Log(finding)));
    clocks::find(run, &mut |finding| found.push(Finding::Clocks(finding)));
    found
}

/// Whether a part is this many percent of the whole, or more.
fn is_percent(part: u64, whole: u64, percent: u64) -> bool {
    whole > 0 && u128::from(part) * 100 >= u128::from(percent) * u128::from(whole)
}

/// A part of the deadlines, or of the PSS figures, percent, from which on it matters
/// that they were missed, or are stale.
const MANY: u64 = 1;

/// A caution where there are many, else a note.
fn by_share(part: u64, whole: u64) -> Grade {
    match is_percent(part, whole, MANY) {
        true => Grade::Caution,
        false => Grade::Note,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_one_percent_is_many() {
        assert_eq!(by_share(1, 100), Grade::Caution);
        assert_eq!(by_share(1, 101), Grade::Note);
        assert_eq!(by_share(0, 0), Grade::Note);
        assert_eq!(by_share(u64::MAX, u64::MAX), Grade::Caution);
    }

    #[test]
    fn the_gravest_grade_is_the_greatest() {
        let mut sorted = Grade::ALL;
        sorted.sort();
        sorted.reverse();
        assert_eq!(sorted, Grade::ALL);
    }
}
