//! The kinds of results, and their verdicts.

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

    /// The kind of this number; `None`: one of a later version.
    pub(crate) fn of_number(number: u32) -> Option<Self> {
        Self::ALL.get(number as usize).copied()
    }

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
    pub(super) const ALL: [Self; 4] = [Self::None, Self::Yes, Self::No, Self::NotMeasured];
}
