//! How many containers a ramp came to.

use super::measurement::Measurement;
use super::ramp::{Cause, Ender, Phase};

/// What a ramp came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count<'m> {
    /// The last number at which all containers were ready and nothing had ended the ramp.
    pub(crate) containers: Option<u64>,
    /// What ended it; `None`: the log has no end of it.
    pub(crate) cause: Option<Cause>,
    /// The result that tells so, and its place.
    pub(crate) told: (usize, &'m Measurement),
}

impl Count<'_> {
    /// The board or the product might have had more.
    pub(crate) fn is_at_least(&self) -> bool {
        let ender = self.cause.map(Cause::ender);
        !matches!(ender, Some(Ender::Board | Ender::Product))
    }
}

/// The last ramp among the results of a run; `None` where none tells its phase.
pub(crate) fn count(results: &[Measurement]) -> Option<Count<'_>> {
    let all = results.iter().enumerate();
    let mut steps = all.filter_map(|(at, of)| Some((at, of, of.ramp?)));
    let mut last: Option<Count<'_>> = None;
    for (at, of, ramp) in steps.by_ref() {
        let (containers, cause) = match ramp.phase {
            Phase::Begun => (None, None),
            Phase::Held => (of.value, None),
            Phase::Ended => (of.value, ramp.cause),
            _ if last.is_none() => (None, None),
            _ => continue,
        };
        last = Some(Count {
            containers,
            cause,
            told: (at, of),
        });
    }
    last
}
