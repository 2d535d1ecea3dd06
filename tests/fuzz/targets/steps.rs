//! From one state of the network to another.

use super::plan::{Change, STAGES};
use super::state::State;

pub(crate) fn steps(change: &Change, before: &State, now: &State) {
    let target = change.target(before);
    for stage in STAGES {
        change.steps(&target, now, false, stage);
        change.steps(before, now, true, stage);
    }
}
