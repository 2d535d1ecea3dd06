//! A log -> its runs in figures.
//!
//! A log is read as a stream and never held in memory: [`walk`] finds its runs, [`tracker`]
//! turns the samples of a run into the series of the [`machine`] and of the groups of
//! processes, each of which is a [`distribution`]. The first pass keeps the values of a
//! series while they are few, else a [`histogram`] of them, and chooses the rows that will
//! be shown ([`draft`]). Where one of these, or the machine, has only a histogram, a second
//! pass counts exactly inside the buckets in which the median and the p95 lie. So these are
//! exact, whatever the length of the run. [`health`], [`quality`] and [`account`] gather
//! the rest in the first pass.
//!
//! # What the figures are
//! - Machine CPU: 100 x (1 - d(idle + iowait) / d(total)) from each sample to the
//!   next, of all cores together. A core whose times fell, or grew by more than the
//!   time that passed, is left out of the interval.
//! - Memory: MemTotal less MemAvailable, and that as a share of MemTotal.
//! - CPU of a process: 100 x d(utime + stime) / elapsed, of one core. A process
//!   born in the interval has used all of its time in it.
//! - A group at a sample is the sum of its processes, and 0 where it has none:
//!   its figures are over all samples of the run, and of CPU over all intervals.
//!   Samples at which the memory of none of its processes is known do not count
//!   for its memory.
//! - An interval in which samples were lost gives no CPU figure, nor does one in
//!   which no time passed.
//!
//! # Weights
//! Values are weighted by time, in ticks: a tick is the time from one deadline of the
//! recorder to the next. A sample stands for the ticks since the sample before it, a rate
//! and a level alike: load that makes the recorder miss nine deadlines weighs as much as
//! ten samples of it would, in averages, medians, the p95, curves, sums of processes, and
//! the presence of a process. So median and p95 are those of the series in which each tick
//! is a value; without missed deadlines that is the series of the samples.
//! - The first sample stands for its own tick only, and for no CPU.
//! - A sample after lost samples stands for its own tick only, and for no CPU. The ticks of
//!   the lost samples are in no figure.
//! - The time that the board slept belongs to no tick, whatever deadlines passed in it.
//! - A reading that is taken every 10 s (the board) stands for all ticks since the reading
//!   before it. Ticks that no reading follows, at the end of the run or before a gap, are
//!   those of the last reading.
//!
//! Counts of the recorder's own work (samples, readings, estimates) and counts of the
//! kernel (CPU time, waiting, pages) have no weight.
//!
//! CPU is in milli-percent, to the nearest; memory in KiB.

mod account;
pub(crate) mod board;
mod cgroups;
pub(crate) mod cost;
pub(crate) mod counter;
pub(crate) mod cpu;
pub(crate) mod curve;
mod devices;
pub(crate) mod diagnosis;
mod distribution;
mod draft;
pub(crate) mod ended;
mod error;
mod estimates;
pub(crate) mod finding;
mod group;
mod group_table;
pub(crate) mod health;
mod heirs;
mod histogram;
pub(crate) mod interval;
mod machine;
mod members;
mod memory_sum;
mod own;
mod pass;
mod product;
mod quality;
pub(crate) mod ramp;
mod rank_search;
mod run;
mod sampled;
pub(crate) mod slots;
pub(crate) mod stage;
pub(crate) mod strain;
mod tracker;
mod trend;
mod walk;

#[cfg(test)]
mod tests;

pub(crate) use devices::Traffic;
pub(crate) use distribution::Spread;
pub use error::Error;
pub use group::By;
pub(crate) use health::Health;
pub(crate) use own::commands;
pub(crate) use pass::Question;
pub(crate) use product::{DefinitionOf, KeySighting, Product};
pub use run::{GroupSummary, Memory, Options, Run};
pub(crate) use walk::{walk, LogItem, Standalone, TakeStandalone};

use crate::products::Definition;
use draft::Draft;
use std::io::{self, Read};

/// Summarises the runs of a log. `open` gives the same bytes each time it is called, from
/// their beginning. `drawn`: with what pictures need.
///
/// # Errors
/// Those of the input, and what makes a log no log. Damage is no error: it is
/// told with the run.
pub fn summarise<R: Read>(
    open: &mut dyn FnMut() -> io::Result<R>,
    options: &Options,
    drawn: bool,
) -> Result<Vec<Run>, Error> {
    let question = Question {
        options,
        definition_of: &|_| Definition::default(),
        compared: false,
        drawn,
    };
    answer(open, &question, &mut |_, _| {})
}

/// The runs of a log, as they are asked for. `standalone` takes the footprints and the
/// results, also those of a log that has nothing else.
///
/// # Errors
/// As [`summarise`].
pub(crate) fn answer<R: Read>(
    open: &mut dyn FnMut() -> io::Result<R>,
    question: &Question<'_>,
    standalone: &mut TakeStandalone<'_>,
) -> Result<Vec<Run>, Error> {
    let mut open = || open().map_err(Error::Io);
    let mut drafts = pass::first(open()?, question, &[], standalone)?;
    // At most two retries: one to fall back to RSS, one to read groups again that were
    // dropped and came back.
    while !drafts.iter().all(Draft::is_final) {
        let plans: Vec<_> = drafts.iter().map(Draft::plan).collect();
        drafts = pass::first(open()?, question, &plans, &mut |_, _| {})?;
        if drafts.len() != plans.len() {
            return Err(Error::Changed);
        }
    }
    drafts.iter_mut().for_each(Draft::search);
    // A drawn one takes a pass more at least.
    let mut more = question.drawn;
    while more || !drafts.iter_mut().all(Draft::is_done) {
        pass::later(open()?, question, &mut drafts)?;
        more = false;
    }
    let mut runs: Vec<Run> = Vec::new();
    for draft in drafts {
        match runs.iter_mut().find(|run| draft.is_copy_of(run)) {
            Some(run) => run.quality.losses.add(&draft.run.quality.losses),
            None => runs.push(draft.complete()),
        }
    }
    // A copy's losses are the run's, too.
    for run in &mut runs {
        run.findings = diagnosis::diagnose(run, question.options);
    }
    Ok(runs)
}
