//! A finding: a question, and its answer with the evidence.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Yes,
    No,
    Not,
}

impl Known {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Not => "not known",
        }
    }

    pub(super) fn of(is_so: bool) -> Self {
        match is_so {
            true => Self::Yes,
            false => Self::No,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    Translated,
    InboundKeptOut,
    PortsLimited,
    UdpBlocked,
    MappedByDestination,
    ContentFiltered,
    CarrierNat,
    ShortIdle,
}

impl Question {
    /// As a line of the result calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Translated => "addresses translated (NAT)",
            Self::InboundKeptOut => "inbound kept out",
            Self::PortsLimited => "outbound ports limited",
            Self::UdpBlocked => "UDP blocked",
            Self::MappedByDestination => "mapping by destination",
            Self::ContentFiltered => "content filtered on 443",
            Self::CarrierNat => "carrier NAT",
            Self::ShortIdle => "short idle time-out",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) question: Question,
    pub(crate) known: Known,
    pub(crate) evidence: String,
}

/// And its evidence.
pub(super) type Answer = (Known, String);
