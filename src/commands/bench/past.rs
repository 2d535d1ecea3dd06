//! How long the steps of a benchmark took before: those of its own journal, and those of an
//! earlier benchmark of the product, in a directory beside.

use super::directory::Directory;
use super::plan;
use crate::bench::estimate::Past;
use crate::bench::journal::State;
use crate::bench::plan::Plan;
use std::fs;
use std::path::PathBuf;

/// What is known of a benchmark whose own journal says `state`.
pub(super) fn past(plan: &Plan, state: &State) -> Past {
    let own = Past::of(plan, state);
    match earlier(plan) {
        Some((_, past)) => own.or(past),
        None => own,
    }
}

/// The last benchmark of the product in the folder that the directory is in, by its journal.
pub(super) fn earlier(plan: &Plan) -> Option<(PathBuf, Past)> {
    let (product, own) = (plan.text("product"), PathBuf::from(plan.text("directory")));
    let beside = fs::read_dir(own.parent()?).ok()?.flatten();
    let journals = beside.filter_map(|entry| {
        let directory = Directory::new(entry.path().to_str()?, product);
        let written = fs::metadata(directory.journal()).ok()?.modified().ok()?;
        let of = plan::read(&directory.plan()).ok()?;
        let past = Past::of(&of, &directory.state().ok()?);
        let is_one = of.text("product") == product && past != Past::default();
        is_one.then(|| (written, entry.path(), past))
    });
    let (_, path, past) = journals.max_by_key(|(written, ..)| *written)?;
    Some((path, past))
}
