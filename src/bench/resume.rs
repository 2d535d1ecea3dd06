//! What comes next, by the journal and by the logs that are there.

use super::journal::State;
use super::steps::{Kind, Step};

/// So many boots in a row may pass without the end of an attempt.
pub(crate) const MOST_IDLE_BOOTS: u64 = 5;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// An attempt that has no end: it was cut off, unless its log is in its place.
    Close(Step, u64),
    /// This attempt at a step.
    Begin(Step, u64),
    Finished,
    /// Nothing comes to an end any more.
    Stuck,
}

/// `again`: how many attempts at a step may be in vain after the first.
pub(crate) fn next(steps: &[Step], state: &State, again: u64) -> Next {
    let tries = |step: &Step| state.tries(&step.to_string());
    let open = steps
        .iter()
        .find_map(|step| Some((step, tries(step).filter(|tries| tries.is_open)?)));
    if let Some((step, tries)) = open {
        return Next::Close(*step, tries.last);
    }
    if state.idle_boots > MOST_IDLE_BOOTS {
        return Next::Stuck;
    }
    let is_left = |step: &&Step| {
        let tries = tries(step);
        tries.map_or(true, |tries| !tries.is_counted && tries.bad <= again)
    };
    match steps.iter().find(is_left) {
        Some(step) => {
            let last = tries(step).map_or(0, |tries| tries.last);
            Next::Begin(*step, last.saturating_add(1))
        }
        None => Next::Finished,
    }
}

/// Whether the workload may be deployed still, by whoever was cut off: it was, and no step
/// after it has counted.
pub(crate) fn leaves_workload(steps: &[Step], state: &State) -> bool {
    let mut begun = steps
        .iter()
        .filter_map(|step| Some((step.kind, state.tries(&step.to_string())?)));
    let is_past = begun
        .clone()
        .any(|(kind, tries)| kind > Kind::Workload && tries.is_counted);
    !is_past && begun.any(|(kind, _)| kind == Kind::Workload)
}

/// The steps that no attempt has counted for.
pub(crate) fn missing<'s>(steps: &'s [Step], state: &'s State) -> impl Iterator<Item = &'s Step> {
    steps.iter().filter(|step| {
        let tries = state.tries(&step.to_string());
        !tries.is_some_and(|tries| tries.is_counted)
    })
}

#[cfg(test)]
#[path = "resume/tests.rs"]
mod tests;
