//! What happened since the last line of counts.

use std::fmt;

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Requests that were answered; cookies among them, and connections dialled for them.
    pub(super) answered: u64,
    pub(super) cookies: u64,
    pub(super) dialled: u64,
    /// Connections that were taken.
    pub(super) connections: u64,
    /// Unanswered, or not taken: no request, too many of a network, no room.
    pub(super) garbage: u64,
    pub(super) rate: u64,
    pub(super) full: u64,
    /// Refused: of another version or key.
    pub(super) refused: u64,
}

/// One more.
pub(super) fn count(of: &mut u64) {
    *of = of.wrapping_add(1);
}

impl fmt::Display for Counts {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, count)) in [
            ("answered", self.answered),
            ("cookies", self.cookies),
            ("dialled", self.dialled),
            ("connections", self.connections),
            ("garbage", self.garbage),
            ("over-rate", self.rate),
            ("no-room", self.full),
            ("refused", self.refused),
        ]
        .iter()
        .enumerate()
        {
            let gap = if at > 0 { " " } else { "" };
            write!(to, "{gap}{name}={count}")?;
        }
        Ok(())
    }
}
