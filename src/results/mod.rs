//! Results: what is measured once, beside the samples or without any. What each kind
//! is, here; as records of a log, in [`record`].

mod command;
mod record;
mod runs;

pub(crate) use command::{part, Ended, LINE_BYTES, ROOM};
pub use command::{CommandRun, Outcome};
pub use record::parts;
pub(crate) use runs::{Collector, RunResults};

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    BootCold,
    BootRestart,
    IpChange,
    SimpleFirewall,
    ComplexFirewall,
    Probe,
    Ramp,
}

/// What the value of a result counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Microseconds,
    Containers,
    /// It has a verdict and no value.
    None,
}

impl Kind {
    /// All kinds; the place of each is its number in a log.
    pub(crate) const ALL: [Self; 7] = [
        Self::BootCold,
        Self::BootRestart,
        Self::IpChange,
        Self::SimpleFirewall,
        Self::ComplexFirewall,
        Self::Probe,
        Self::Ramp,
    ];

    /// As the formats for machines call it; also the key of its fact, where it has one.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BootCold => "boot-cold",
            Self::BootRestart => "boot-restart",
            Self::IpChange => "survive-ip-change",
            Self::SimpleFirewall => "simple-firewall",
            Self::ComplexFirewall => "complex-firewall",
            Self::Probe => "probe",
            Self::Ramp => "ramp",
        }
    }

    pub(crate) fn unit(self) -> Unit {
        match self {
            Self::BootCold | Self::BootRestart | Self::IpChange | Self::Probe => Unit::Microseconds,
            Self::Ramp => Unit::Containers,
            Self::SimpleFirewall | Self::ComplexFirewall => Unit::None,
        }
    }
}

/// The answer, where the result is a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is no question.
    None,
    Yes,
    No,
    NotMeasured,
}

impl Verdict {
    /// All verdicts; the place of each is its number in a log.
    const ALL: [Self; 4] = [Self::None, Self::Yes, Self::No, Self::NotMeasured];
}

/// A part of a result's value, in the same unit, such as the firmware's share of a boot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub label: String,
    pub value: Option<u64>,
    /// Where it comes from, or why there is none.
    pub note: String,
}

/// A result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measurement {
    pub kind: Kind,
    /// After the start of the run, microseconds.
    pub at_us: u64,
    pub verdict: Verdict,
    pub value: Option<u64>,
    /// Where the value comes from.
    pub source: String,
    /// Why there is no value, or no verdict; empty where there is.
    pub reason: String,
    pub evidence: Vec<String>,
    pub marks: Vec<Mark>,
    /// Of a command that was run.
    pub command: Option<CommandRun>,
    /// A part of it is missing in the log.
    pub cut: bool,
}

impl Measurement {
    /// One of which nothing is known yet.
    pub(crate) fn of(kind: Kind) -> Self {
        Self {
            kind,
            at_us: 0,
            verdict: Verdict::None,
            value: None,
            source: String::new(),
            reason: String::new(),
            evidence: Vec::new(),
            marks: Vec::new(),
            command: None,
            cut: false,
        }
    }

    pub(crate) fn mark(&mut self, label: &str, value: Option<u64>, note: impl Into<String>) {
        self.marks.push(Mark {
            label: label.to_owned(),
            value,
            note: note.into(),
        });
    }
}
