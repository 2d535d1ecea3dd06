//! The first pass over a log: it chooses the rows, and digests their series.

use super::accounting::{Account, Accountant};
use super::bounds::Dropped;
use super::digest::Digest;
use super::error::{Error, MAX_RUNS};
use super::groups::{By, Group, Groups, Key};
use super::health::{self, Health};
use super::members::Members;
use super::product::{self, Asked, Moments, TakeFootprint};
use super::quality::{Observer, Quality};
use super::run::{Memory, Options};
use super::tracker::{Finished, Machine, Tracker};
use super::walk::{walk, Moment};
use crate::log::record::{Header, PssMode};
use std::cmp::Reverse;
use std::io::Read;

/// How a run is to be digested, where that was tried before.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    memory: Memory,
    /// The groups that were chosen; `None`: all are looked at.
    chosen: Option<Vec<Key>>,
    uncertain: bool,
}

/// A run after its first pass.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) header: Header<String>,
    pub(crate) quality: Quality,
    pub(crate) account: Account,
    pub(crate) health: Health,
    pub(crate) memory: Memory,
    /// Its groups are those that are shown.
    pub(crate) series: Finished<Digest>,
    /// The tables: indices of groups.
    pub(crate) by_memory: Vec<usize>,
    pub(crate) by_cpu: Vec<usize>,
    pub(crate) uncertain: bool,
    pub(crate) moments: Moments,
    /// What has to be done otherwise in another first pass.
    again: Option<Plan>,
}

impl Draft {
    /// All that it holds came before, in the run `of`.
    pub(crate) fn is_copy_of(&self, of: &Self) -> bool {
        let (own, header) = (&self.header, &of.header);
        self.series.samples == 0
            && self.quality.losses.repeated > 0
            && (own.run, own.start_boottime_ns) == (header.run, header.start_boottime_ns)
    }

    pub(crate) fn is_final(&self) -> bool {
        self.again.is_none()
    }

    /// How the run is to be digested, if that must be done again.
    pub(crate) fn plan(&self) -> Plan {
        self.again.clone().unwrap_or_else(|| self.same_groups())
    }

    fn same_groups(&self) -> Plan {
        let keys = self.series.groups.iter().map(|group| group.key.clone());
        Plan {
            memory: self.memory,
            chosen: Some(keys.collect()),
            uncertain: self.uncertain,
        }
    }
}

/// A run that is being read.
struct Current {
    header: Header<String>,
    plan: Plan,
    tracker: Tracker<Digest>,
    observer: Observer,
    accountant: Accountant,
    health: health::Observer,
    product: product::Observer,
}

impl Current {
    fn begin(
        header: &Header<String>,
        options: &Options,
        plan: Option<&Plan>,
        members: Option<Members>,
        drawn: bool,
    ) -> Self {
        let plan = plan.cloned().unwrap_or(Plan {
            memory: match header.pss {
                PssMode::Off => Memory::Rss,
                PssMode::Exact | PssMode::Auto => options.memory,
            },
            chosen: None,
            uncertain: false,
        });
        let digested = |key: &Key| Group::new(key.clone(), Digest::default(), Digest::default());
        let groups = match &plan.chosen {
            None => Groups::open(options.by),
            Some(keys) => Groups::closed(options.by, keys.iter().map(digested).collect()),
        };
        Self {
            tracker: Tracker::new(header, plan.memory, groups, Machine::default(), members),
            header: header.clone(),
            plan,
            observer: Observer::default(),
            accountant: Accountant::default(),
            health: health::Observer::new(header, drawn),
            product: product::Observer::default(),
        }
    }

    fn finish(self, options: &Options) -> Draft {
        let mut series = self.tracker.finish();
        let mut groups = std::mem::take(&mut series.groups);
        let mut quality = self.observer.finish();
        quality.implausible_cpu = series.implausible_cpu;
        if options.by == By::Process && quality.left_out == 0 {
            // A process that was dropped is gone for good: only one that was left out
            // for others comes again. So those that were dropped cannot be missing.
            series.dropped = series.dropped.map(Dropped::of_no_return);
            groups.iter_mut().for_each(|group| group.cut = false);
        }
        let no_pss = self.plan.memory == Memory::Pss
            && !groups.is_empty()
            && !series.dropped.is_some_and(|dropped| dropped.known)
            && !groups.iter().any(Group::is_known);
        let (mut by_memory, uncertain_memory) = best(
            &groups,
            options.top,
            series.dropped.map_or(0, |dropped| dropped.memory),
            |group| {
                if group.is_known() {
                    group.memory.sum()
                } else {
                    0
                }
            },
        );
        let (mut by_cpu, uncertain_cpu) = best(
            &groups,
            options.top,
            series.dropped.map_or(0, |dropped| dropped.cpu),
            |group| group.cpu.sum(),
        );
        // The product's row stands on top, whatever it took.
        let product = groups.iter().position(|group| group.key == Key::Product);
        if let Some(product) = product.filter(|_| options.top > 0) {
            by_memory.insert(0, Place::Found(product));
            by_cpu.insert(0, Place::Found(product));
        }
        for (index, group) in groups.into_iter().enumerate() {
            let places = by_memory.iter_mut().chain(&mut by_cpu);
            let mut shown = false;
            for place in places.filter(|place| **place == Place::Found(index)) {
                *place = Place::Kept(series.groups.len());
                shown = true;
            }
            if shown {
                series.groups.push(group);
            }
        }
        let cut = series.groups.iter().any(|group| group.cut);
        let mut draft = Draft {
            header: self.header,
            quality,
            account: self.accountant.finish(),
            health: self.health.finish(),
            memory: self.plan.memory,
            series,
            by_memory: kept(by_memory),
            by_cpu: kept(by_cpu),
            uncertain: self.plan.uncertain || uncertain_memory || uncertain_cpu,
            moments: self.product.finish(),
            again: None,
        };
        if no_pss {
            draft.again = Some(Plan {
                memory: Memory::Rss,
                chosen: None,
                uncertain: false,
            });
        } else if cut {
            draft.again = Some(draft.same_groups());
        }
        draft
    }
}

/// Where a row of a table is: among all groups, then among those that are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Found(usize),
    Kept(usize),
}

fn kept(places: Vec<Place>) -> Vec<usize> {
    let index = |place| match place {
        Place::Found(_) => None,
        Place::Kept(index) => Some(index),
    };
    places.into_iter().filter_map(index).collect()
}

/// The `top` groups by a sum over the run, those with none of it left out; and
/// whether one that was dropped, with at most `dropped`, may belong among them.
fn best(
    groups: &[Group<Digest>],
    top: usize,
    dropped: u128,
    sum: impl Fn(&Group<Digest>) -> u128,
) -> (Vec<Place>, bool) {
    let stands = |group: &Group<Digest>| group.key != Key::Product && sum(group) > 0;
    let mut order: Vec<usize> = (0..groups.len()).filter(|&g| stands(&groups[g])).collect();
    order.sort_by_key(|&g| (Reverse(sum(&groups[g])), &groups[g].name, &groups[g].key));
    let rest = order.split_off(order.len().min(top));
    let least = match order.last() {
        Some(&last) if order.len() == top => sum(&groups[last]),
        _ => 0,
    };
    let may_have = |&group: &usize| match groups[group].cut {
        true => sum(&groups[group]).saturating_add(dropped),
        false => 0,
    };
    let uncertain = top > 0 && rest.iter().map(may_have).max().unwrap_or(0).max(dropped) > least;
    (order.into_iter().map(Place::Found).collect(), uncertain)
}

/// The first pass: every run of the log. `drawn`: it will be. `footprint` takes what
/// else there is.
///
/// # Errors
/// Those of the input, and what makes a log no log.
pub(crate) fn first<R: Read>(
    input: R,
    options: &Options,
    asked: &Asked<'_>,
    plans: &[Plan],
    drawn: bool,
    footprint: &mut TakeFootprint<'_>,
) -> Result<Vec<Draft>, Error> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut current: Option<Current> = None;
    walk(input, &mut |moment| {
        if let Moment::Begin(header) = moment {
            drafts.extend(current.take().map(|run| run.finish(options)));
            if drafts.len() >= MAX_RUNS {
                return Err(Error::TooManyRuns);
            }
            let plan = plans.get(drafts.len());
            current = Some(Current::begin(
                header,
                options,
                plan,
                asked.members(header),
                drawn,
            ));
            return Ok(());
        }
        if let Moment::Footprint(header, part) = moment {
            footprint(header, part);
            return Ok(());
        }
        if let Some(run) = &mut current {
            match moment {
                Moment::Begin(_) | Moment::Footprint(..) => {}
                Moment::Identity(identity) => run.tracker.identity(identity),
                Moment::Product(key) => run.tracker.define(&run.header, key),
                Moment::Footer(footer) => run.observer.footer(footer),
                Moment::End(losses) => run.observer.losses(losses),
                Moment::Sample(sample) => {
                    run.observer.sample(sample, &run.header);
                    let interval = run.tracker.sample(sample);
                    let point = run.tracker.point;
                    run.health.sample(sample, interval.as_ref(), point);
                    run.product.sample(sample, point);
                    let began = interval.map(|interval| interval.began);
                    let most = run.tracker.most;
                    run.accountant.sample(sample, began, point.spent, most);
                    run.tracker.groups.bound(options.top);
                }
            }
        }
        Ok(())
    })?;
    drafts.extend(current.map(|run| run.finish(options)));
    Ok(drafts)
}
