//! From one state of the network to another.

use super::plan::Change;
use super::state::State;

pub(crate) fn steps(change: &Change, before: &State, now: &State) {
    let target = change.target(before);
    change.steps(&target, now, false);
    change.steps(before, now, true);
}
