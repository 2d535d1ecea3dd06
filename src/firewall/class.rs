//! The class of a network, by its findings. Pure.

use super::finding::{Finding, Known, Question};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Inbound gets in, whatever is translated.
    Open,
    /// Inbound alone is kept out.
    Simple,
    /// Something else is limited, also or instead.
    Complex,
}

impl Class {
    /// `None`: it is not known whether inbound gets in, and nothing else is limited.
    pub(crate) fn of(findings: &[Finding]) -> Option<Self> {
        let is = |question: Question, known: Known| {
            let mut all = findings.iter();
            all.any(|finding| finding.question == question && finding.known == known)
        };
        let limits = [
            Question::PortsLimited,
            Question::UdpBlocked,
            Question::MappedByDestination,
            Question::ContentFiltered,
            Question::CarrierNat,
            Question::ShortIdle,
        ];
        if limits.iter().any(|&limit| is(limit, Known::Yes)) {
            return Some(Self::Complex);
        }
        match Question::InboundKeptOut {
            kept_out if is(kept_out, Known::Yes) => Some(Self::Simple),
            kept_out if is(kept_out, Known::No) => Some(Self::Open),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Simple => "simple",
            Self::Complex => "complex",
        }
    }
}
