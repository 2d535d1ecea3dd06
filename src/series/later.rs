//! The later passes over a log: they find the exact values at the ranks that are
//! told, and draw the rows that are shown.

use super::curve::Spark;
use super::digest::Digest;
use super::error::Error;
use super::groups::{Group, Groups};
use super::pass::Draft;
use super::product::Asked;
use super::ranks::Ranks;
use super::run::Options;
use super::tracker::{Finished, Machine, Tracker};
use super::walk::{walk, Moment};
use std::io::Read;

/// What is looked for in the series of a run.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) machine: Machine<Ranks>,
    /// Of each group that is shown: in its memory, and in its CPU; nothing where it
    /// is not in that table.
    pub(crate) groups: Vec<(Ranks, Ranks)>,
}

impl Wanted {
    pub(crate) fn of(draft: &Draft) -> Self {
        let groups = draft.series.groups.iter().enumerate();
        let ranks = |shown: bool, of: &Digest| match shown {
            true => of.ranks(),
            false => Ranks::default(),
        };
        let ranks = |(index, group): (usize, &Group<Digest>)| {
            (
                ranks(draft.by_memory.contains(&index), &group.memory),
                ranks(draft.by_cpu.contains(&index), &group.cpu),
            )
        };
        Self {
            machine: draft.series.machine.map(Digest::ranks),
            groups: groups.map(ranks).collect(),
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        let machine = self.machine.each().into_iter();
        machine
            .chain(self.groups.iter().flat_map(|(memory, cpu)| [memory, cpu]))
            .all(Ranks::is_done)
    }

    fn narrowed(series: &Finished<Ranks>) -> Option<Self> {
        let groups = series.groups.iter();
        let narrowed =
            |group: &Group<Ranks>| Some((group.memory.narrowed()?, group.cpu.narrowed()?));
        Some(Self {
            machine: Machine {
                cpu: series.machine.cpu.narrowed()?,
                memory_kib: series.machine.memory_kib.narrowed()?,
                memory_share: series.machine.memory_share.narrowed()?,
                cpu_less: series.machine.cpu_less.narrowed()?,
                memory_kib_less: series.machine.memory_kib_less.narrowed()?,
                available_kib: series.machine.available_kib.narrowed()?,
                free_used_kib: series.machine.free_used_kib.narrowed()?,
                product_pss_kib: series.machine.product_pss_kib.narrowed()?,
            },
            groups: groups.map(narrowed).collect::<Option<_>>()?,
        })
    }
}

/// A later pass: what is looked for next, by what was wanted. `fine`: the groups that
/// are shown get sparks to be drawn.
///
/// # Errors
/// Those of the input, and [`Error::Changed`] where it is not what the first pass
/// has seen.
pub(crate) fn later<R: Read>(
    input: R,
    options: &Options,
    asked: &Asked<'_>,
    drafts: &mut [Draft],
    wanted: Vec<Wanted>,
    fine: bool,
) -> Result<Vec<Wanted>, Error> {
    let mut trackers: Vec<Tracker<Ranks>> = Vec::with_capacity(wanted.len());
    let mut runs = drafts.iter().zip(wanted);
    walk(input, &mut |moment| {
        match moment {
            Moment::Begin(header) => {
                let (draft, wanted) = runs.next().ok_or(Error::Changed)?;
                let keys = draft.series.groups.iter().map(|group| group.key.clone());
                let groups = keys.zip(wanted.groups);
                let group = |(key, (memory, cpu))| {
                    let mut group = Group::new(key, memory, cpu);
                    if fine {
                        (group.memory_spark, group.cpu_spark) = (Spark::fine(), Spark::fine());
                    }
                    group
                };
                let groups = groups.map(group);
                let groups = Groups::closed(options.by, groups.collect());
                let tracker = Tracker::new(
                    header,
                    draft.memory,
                    groups,
                    wanted.machine,
                    asked.members(header),
                );
                trackers.push(tracker);
            }
            Moment::Sample(sample) => {
                if let Some(tracker) = trackers.last_mut() {
                    tracker.sample(sample);
                }
            }
            Moment::Identity(identity) => {
                if let Some(tracker) = trackers.last_mut() {
                    tracker.identity(identity);
                }
            }
            Moment::Product(key) => {
                let header = drafts
                    .get(trackers.len().saturating_sub(1))
                    .map(|d| &d.header);
                if let Some((tracker, header)) = trackers.last_mut().zip(header) {
                    tracker.define(header, key);
                }
            }
            Moment::Footer(_) | Moment::Footprint(..) | Moment::End(_) => {}
        }
        Ok(())
    })?;
    if trackers.len() != drafts.len() {
        return Err(Error::Changed);
    }
    let narrowed = |(tracker, draft): (Tracker<Ranks>, &mut Draft)| {
        let mut finished = tracker.finish();
        if fine {
            let drawn = finished.groups.iter_mut();
            for (group, drawn) in draft.series.groups.iter_mut().zip(drawn) {
                std::mem::swap(&mut group.memory_spark, &mut drawn.memory_spark);
                std::mem::swap(&mut group.cpu_spark, &mut drawn.cpu_spark);
            }
        }
        Wanted::narrowed(&finished)
    };
    let narrowed: Option<Vec<_>> = trackers.into_iter().zip(drafts).map(narrowed).collect();
    narrowed.ok_or(Error::Changed)
}
