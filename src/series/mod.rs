//! A log -> what its runs were like.
//!
//! A log is read as a stream, and never held. The first pass keeps of each series
//! its sum, its ends and its values, as long as these are few, else a [`histogram`]
//! of them, and chooses the rows that will be shown. Where one of these, or the
//! machine, has but a histogram, a second pass counts exactly inside the buckets in
//! which the median and the p95 lie. So these are exact, whatever the length of the
//! run.
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
//! # What they are weighted by
//! Time, in ticks: a tick is the time from one deadline of the recorder to the next.
//! A sample tells of the ticks since the sample before it, a rate and a level alike:
//! load that makes the recorder miss nine deadlines weighs as much as ten samples of
//! it would, in averages, medians, the p95, curves, sums of processes, and as the
//! presence of a process. So median and p95 are those of the series in which each
//! tick is a value, and a run that missed no deadline has just its samples.
//! - The first sample tells of its own tick only: CPU, of no interval.
//! - After samples were lost, a sample tells of its own tick only, and of no CPU.
//!   What the ticks of the lost ones were is not known, and they are in no figure.
//! - The time that the board slept belongs to no tick, whatever deadlines passed in it.
//! - What is read every 10 s (the board) is one reading, which tells of all ticks since
//!   the reading before it. Those that no reading follows, at the end of the run or
//!   before a gap, are the last reading's.
//!
//! Counts of the recorder's own work (samples, readings, estimates) are just counts,
//! and what the kernel counts (CPU time, waiting, pages) needs no weight.
//!
//! CPU is in milli-percent, to the nearest; memory in KiB.

mod accounting;
pub(crate) mod board;
mod bounds;
pub(crate) mod busy;
pub(crate) mod cost;
pub(crate) mod counter;
pub(crate) mod curve;
mod devices;
mod diagnosis;
mod digest;
mod error;
mod estimates;
pub(crate) mod finding;
mod groups;
pub(crate) mod health;
mod heirs;
mod histogram;
pub(crate) mod interval;
mod later;
mod levels;
mod members;
mod own;
mod pass;
mod places;
mod product;
mod quality;
mod ranks;
mod run;
mod settling;
pub(crate) mod stage;
pub(crate) mod strain;
mod tracker;
mod walk;

#[cfg(test)]
mod tests;

pub(crate) use devices::Carried;
pub use error::Error;
pub use groups::By;
pub(crate) use health::Health;
pub(crate) use levels::Spread;
pub(crate) use members::Ran;
pub(crate) use product::{DefinitionOf, Product, TakeFootprint};
pub use run::{Memory, Options, Row, Run};
pub(crate) use settling::Trend;

use crate::products::Definition;
use crate::stats::Summary;
use curve::Spark;
use digest::Digest;
use groups::{Group, Key};
use later::Wanted;
use pass::Draft;
use product::Asked;
use std::io::{self, Read};

/// Summarises the runs of a log. `open` gives the same bytes each time it is
/// called, from their beginning.
///
/// # Errors
/// Those of the input, and what makes a log no log. Damage is no error: it is
/// told with the run.
pub fn summarise<R: Read>(
    open: &mut dyn FnMut() -> io::Result<R>,
    options: &Options,
) -> Result<Vec<Run>, Error> {
    let asked = Asked {
        definition_of: &|_| Definition::default(),
        compared: false,
    };
    passes(open, options, &asked, false, &mut |_, _| {})
}

/// The same, and what each run says of its product. `footprint` takes the footprints,
/// those of a log that has nothing else too.
///
/// # Errors
/// As [`summarise`].
pub(crate) fn summarise_product<R: Read>(
    open: &mut dyn FnMut() -> io::Result<R>,
    options: &Options,
    definition_of: &DefinitionOf<'_>,
    footprint: &mut TakeFootprint<'_>,
) -> Result<Vec<Run>, Error> {
    let asked = Asked {
        definition_of,
        compared: true,
    };
    passes(open, options, &asked, false, footprint)
}

/// The same as [`summarise`], with a row for the product where `definition_of` or the
/// log says which processes it is. `drawn`: with what pictures need, the board's curves
/// and finer sparks of the rows; that takes a pass more.
///
/// # Errors
/// As [`summarise`].
pub(crate) fn summarise_defined<R: Read>(
    open: &mut dyn FnMut() -> io::Result<R>,
    options: &Options,
    definition_of: &DefinitionOf<'_>,
    drawn: bool,
) -> Result<Vec<Run>, Error> {
    let asked = Asked {
        definition_of,
        compared: false,
    };
    passes(open, options, &asked, drawn, &mut |_, _| {})
}

/// The same of what no option and no profile defines.
///
/// # Errors
/// As [`summarise`].
pub fn summarise_drawn<R: Read>(
    open: &mut dyn FnMut() -> io::Result<R>,
    options: &Options,
) -> Result<Vec<Run>, Error> {
    summarise_defined(open, options, &|_| Definition::default(), true)
}

fn passes<R: Read>(
    open: &mut dyn FnMut() -> io::Result<R>,
    options: &Options,
    asked: &Asked<'_>,
    drawn: bool,
    footprint: &mut TakeFootprint<'_>,
) -> Result<Vec<Run>, Error> {
    let mut open = || open().map_err(Error::Io);
    let mut drafts = pass::first(open()?, options, asked, &[], drawn, footprint)?;
    // Twice at most: PSS turns out to be nowhere, then a chosen group to be cut.
    while !drafts.iter().all(Draft::is_final) {
        let plans: Vec<_> = drafts.iter().map(Draft::plan).collect();
        drafts = pass::first(open()?, options, asked, &plans, drawn, &mut |_, _| {})?;
        if drafts.len() != plans.len() {
            return Err(Error::Changed);
        }
    }
    let mut wanted: Vec<_> = drafts.iter().map(Wanted::of).collect();
    let mut fine = drawn;
    while fine || !wanted.iter().all(Wanted::is_done) {
        wanted = later::later(open()?, options, asked, &mut drafts, wanted, fine)?;
        fine = false;
    }
    let mut runs: Vec<(Draft, &Wanted)> = Vec::new();
    for (draft, wanted) in drafts.into_iter().zip(&wanted) {
        let mut copied = runs.iter_mut().filter(|(of, _)| draft.is_copy_of(of));
        match copied.next() {
            Some((of, _)) => of.quality.losses.add(&draft.quality.losses),
            None => runs.push((draft, wanted)),
        }
    }
    Ok(runs.into_iter().map(|of| run(of, options)).collect())
}

fn run((draft, wanted): (Draft, &Wanted), options: &Options) -> Run {
    let series = &draft.series;
    let group = |at: &usize| series.groups.get(*at).zip(wanted.groups.get(*at));
    let memory = |at| {
        let (group, (ranks, _)) = group(at)?;
        let figures = group.memory.summary(ranks)?;
        Some(row(group, figures, &group.memory_spark))
    };
    let cpu = |at| {
        let (group, (_, ranks)) = group(at)?;
        let figures = group.cpu.summary(ranks)?;
        Some(row(group, figures, &group.cpu_spark))
    };
    let machine = series.machine.with(&wanted.machine, Digest::summary);
    let members = series.members.as_ref();
    let mut run = Run {
        findings: Vec::new(),
        samples: series.samples,
        ticks: series.ticks,
        duration_us: series.duration_us,
        cpu: machine.cpu,
        memory_kib: machine.memory_kib,
        memory_share: machine.memory_share,
        cpu_less: machine.cpu_less,
        memory_kib_less: machine.memory_kib_less,
        memory: draft.memory,
        by_memory: draft.by_memory.iter().filter_map(memory).collect(),
        by_cpu: draft.by_cpu.iter().filter_map(cpu).collect(),
        uncertain: draft.uncertain,
        product: members.map(|members| Product::new(members, draft.moments, &machine)),
        quality: draft.quality,
        account: draft.account,
        health: draft.health,
        header: draft.header,
    };
    run.findings = diagnosis::diagnose(&run, options);
    run
}

fn row(group: &Group<Digest>, figures: Summary, spark: &Spark) -> Row {
    Row {
        name: group.name.clone(),
        is_product: group.key == Key::Product,
        kernel_thread: group.kernel,
        process: match group.key {
            Key::Process { pid, starttime } => Some((pid, starttime)),
            Key::Name { .. } | Key::Place(_) | Key::Product => None,
        },
        processes: group.at_most,
        seen: group.seen,
        figures,
        spark: spark.clone(),
    }
}
