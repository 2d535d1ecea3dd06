//! The passes over a log. The first chooses the rows and digests the series; later ones
//! find the exact values at the ranks that the figures need.

use super::curve::Spark;
use super::draft::{Draft, FirstPass, Plan};
use super::error::Error;
use super::group::{Group, GroupKey};
use super::group_table::GroupTable;
use super::machine::MachineSeries;
use super::members::Members;
use super::product::DefinitionOf;
use super::run::Options;
use super::tracker::{RunSeries, Tracker};
use super::walk::{walk, LogItem, Standalone, TakeStandalone};
use crate::log::limits::{exceeded, SAMPLED};
use crate::log::record::Header;
use crate::log::sample::Sample;
use std::io::Read;

/// What is asked of a log.
#[derive(Clone, Copy)]
pub(crate) struct Question<'q> {
    pub(crate) options: &'q Options,
    /// Which processes the product is; it has a row where that or the log says so.
    pub(crate) definition_of: &'q DefinitionOf<'q>,
    /// The figures of a comparison, instead of a row of the product's.
    pub(crate) compared: bool,
    /// The curves of the board and of the processes: that takes a pass more.
    pub(crate) drawn: bool,
}

impl Question<'_> {
    /// Which processes are the product's, where that matters.
    fn members(&self, header: &Header<String>) -> Option<Members> {
        let definition = (self.definition_of)(header);
        let matters = self.compared || definition.is_known();
        matters.then(|| Members::new(header.pss, definition, self.compared))
    }
}

/// Reads one run in one pass.
struct RunReader {
    tracker: Tracker,
    first: Option<FirstPass>,
}

impl RunReader {
    fn first(header: &Header<String>, question: &Question<'_>, plan: Option<&Plan>) -> Self {
        let by = question.options.by;
        let first = || Plan::new(header, question.options);
        let plan = plan.cloned().unwrap_or_else(first);
        let spark = match question.compared {
            true => Spark::none(),
            false => Spark::default(),
        };
        let groups = match &plan.chosen {
            None => GroupTable::open(by, spark),
            Some(keys) => {
                let group = |key: &GroupKey| Group::new(key.clone(), spark.clone());
                GroupTable::closed(by, keys.iter().map(group).collect())
            }
        };
        let (series, members) = (MachineSeries::default(), question.members(header));
        Self {
            tracker: Tracker::new(header, plan.memory, groups, series, members),
            first: Some(FirstPass::new(header, plan, question.drawn)),
        }
    }

    fn later(header: &Header<String>, question: &Question<'_>, draft: &mut Draft) -> Self {
        let groups = std::mem::take(&mut draft.series.groups).into_iter();
        let groups = groups.map(|group| group.rewound(question.drawn)).collect();
        let groups = GroupTable::closed(question.options.by, groups);
        let series = std::mem::take(&mut draft.series.machine);
        let members = question.members(header);
        Self {
            tracker: Tracker::new(header, draft.run.memory, groups, series, members),
            first: None,
        }
    }

    fn sample(&mut self, sample: &Sample, top: usize) {
        let step = self.tracker.sample(sample);
        if let Some(first) = &mut self.first {
            first.sample(sample, &step);
            self.tracker.groups.bound(top);
        }
    }
}

/// Reads every run of a log; `begin` makes the reader of a run, `finish` takes it.
fn read<R: Read, T>(
    input: R,
    top: usize,
    begin: &mut dyn FnMut(&Header<String>) -> Result<RunReader, Error>,
    finish: &dyn Fn(RunReader) -> Option<T>,
    standalone: &mut TakeStandalone<'_>,
) -> Result<Vec<T>, Error> {
    let mut finished = Vec::new();
    let mut current: Option<RunReader> = None;
    walk(input, &mut |item| {
        match (item, &mut current) {
            (LogItem::Begin(header), current) => {
                finished.extend(current.take().and_then(finish));
                if finished.len() >= SAMPLED {
                    return Err(Error::TooManyRuns);
                }
                *current = Some(begin(header)?);
            }
            (LogItem::Standalone(header, of), current) => {
                if let (Standalone::Result(part), Some(run)) = (&of, current) {
                    run.tracker.result(part);
                    if let Some(first) = &mut run.first {
                        first.result(part);
                    }
                }
                standalone(header, of);
            }
            (LogItem::Sample(sample), Some(run)) => run.sample(sample, top),
            (LogItem::Identity(identity), Some(run)) => run.tracker.identity(identity),
            (LogItem::Product(key), Some(run)) => run.tracker.define(key),
            (LogItem::Footer(footer), Some(run)) => {
                if let Some(first) = &mut run.first {
                    first.quality.footer(footer);
                }
            }
            (LogItem::End(losses), Some(run)) => {
                if let Some(first) = &mut run.first {
                    first.quality.losses(losses);
                }
            }
            (LogItem::Damage, _) | (_, None) => {}
        }
        match current.as_ref().and_then(|run| run.tracker.excess()) {
            Some(limit) => Err(Error::Io(exceeded(limit))),
            None => Ok(()),
        }
    })?;
    finished.extend(current.and_then(finish));
    Ok(finished)
}

/// The first pass, by the `plans` of another one before. `standalone` takes the
/// footprints and the results.
///
/// # Errors
/// Those of the input, and what makes a log no log.
pub(super) fn first<R: Read>(
    input: R,
    question: &Question<'_>,
    plans: &[Plan],
    standalone: &mut TakeStandalone<'_>,
) -> Result<Vec<Draft>, Error> {
    let mut plans = plans.iter();
    let top = question.options.top;
    let mut begin = |header: &_| Ok(RunReader::first(header, question, plans.next()));
    let finish = |run: RunReader| {
        let series = run.tracker.finish();
        run.first
            .map(|first| Draft::new(first, series, question.options))
    };
    read(input, top, &mut begin, &finish, standalone)
}

/// A later pass.
///
/// # Errors
/// Those of the input, and [`Error::Changed`] where this is not the log that the first
/// pass has read.
pub(super) fn later<R: Read>(
    input: R,
    question: &Question<'_>,
    drafts: &mut [Draft],
) -> Result<(), Error> {
    let mut runs = drafts.iter_mut();
    let mut begin = |header: &_| {
        let draft = runs.next().ok_or(Error::Changed)?;
        Ok(RunReader::later(header, question, draft))
    };
    let finish = |run: RunReader| Some(run.tracker.finish());
    let all: Vec<RunSeries> = read(input, 0, &mut begin, &finish, &mut |_, _| {})?;
    if all.len() != drafts.len() {
        return Err(Error::Changed);
    }
    for (draft, series) in drafts.iter_mut().zip(all) {
        draft.narrow(series).ok_or(Error::Changed)?;
    }
    Ok(())
}
