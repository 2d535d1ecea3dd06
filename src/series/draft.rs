//! A run between the passes over its log: the first pass gathers all but the exact
//! figures, and chooses the rows.

use super::account::Accountant;
use super::curve::Curve;
use super::distribution::Distribution;
use super::group::{By, Group, GroupKey};
use super::health::HealthTally;
use super::machine::Step;
use super::product::Moments;
use super::quality::QualityTally;
use super::run::{GroupSummary, Memory, Options, Run};
use super::tracker::RunSeries;
use crate::log::record::{Header, PssMode};
use crate::log::result::ResultPart;
use crate::log::sample::Sample;
use crate::stats::Summary;
use std::cmp::Reverse;

/// How the first pass reads a run.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) memory: Memory,
    /// The groups that another first pass chose; `None`: all are looked at.
    pub(super) chosen: Option<Vec<GroupKey>>,
    uncertain: bool,
}

impl Plan {
    /// The plan for a run that was not read yet.
    pub(super) fn new(header: &Header<String>, options: &Options) -> Self {
        Self {
            memory: match header.pss {
                PssMode::Off => Memory::Rss,
                PssMode::Exact | PssMode::Auto => options.memory,
            },
            chosen: None,
            uncertain: false,
        }
    }

    /// The same without PSS.
    fn of_resident_sets(self) -> Self {
        Self {
            memory: Memory::Rss,
            ..self
        }
    }
}

/// What only the first pass gathers.
#[derive(Debug)]
pub(super) struct FirstPass {
    header: Header<String>,
    plan: Plan,
    pub(super) quality: QualityTally,
    accountant: Accountant,
    health: HealthTally,
    moments: Moments,
}

impl FirstPass {
    /// `drawn`: with the curves of the board.
    pub(super) fn new(header: &Header<String>, plan: Plan, drawn: bool) -> Self {
        Self {
            header: header.clone(),
            plan,
            quality: QualityTally::default(),
            accountant: Accountant::new(header.clk_tck),
            health: HealthTally::new(header, drawn),
            moments: Moments::default(),
        }
    }

    /// Takes a result, or a part of one.
    pub(super) fn result(&mut self, part: &ResultPart<Vec<u8>>) {
        self.accountant.result(part);
    }

    pub(super) fn sample(&mut self, sample: &Sample, step: &Step) {
        self.quality.sample(sample, &self.header);
        self.health.sample(sample, step);
        self.moments.sample(sample, step);
        self.accountant.sample(sample, step);
    }
}

/// A run after its first pass.
#[derive(Debug)]
pub(super) struct Draft {
    /// Without its figures, rows, product and findings.
    pub(super) run: Run,
    /// Its groups are those that are shown.
    pub(super) series: RunSeries,
    /// The tables: indices of groups.
    by_memory: Vec<usize>,
    by_cpu: Vec<usize>,
    moments: Moments,
    /// Another first pass is needed, by this plan.
    again: Option<Plan>,
}

impl Draft {
    pub(super) fn new(first: FirstPass, mut series: RunSeries, options: &Options) -> Self {
        let FirstPass { plan, moments, .. } = first;
        let mut quality = first.quality.finish();
        quality.implausible_cpu = series.implausible_cpu;
        let mut dropped = series.dropped.unwrap_or_default();
        if options.by == By::Process && quality.left_out == 0 {
            // A process that was dropped is gone for good: only one that was left out for
            // others comes again. So none of them had more than those that were kept.
            (dropped.memory, dropped.cpu) = (0, 0);
            series.groups.iter_mut().for_each(|group| group.cut = false);
        }
        let groups = &series.groups;
        let no_pss = plan.memory == Memory::Pss
            && !groups.is_empty()
            && !dropped.known
            && !groups.iter().any(Group::is_known);
        let (by_memory, uncertain_memory) =
            best(groups, options.top, dropped.memory, Group::memory_sum);
        let (by_cpu, uncertain_cpu) = best(groups, options.top, dropped.cpu, |of| of.cpu.sum());
        let (account, ended) = first.accountant.finish_both();
        let mut draft = Self {
            run: Run {
                header: first.header,
                samples: series.samples,
                ticks: series.ticks,
                duration_us: series.duration_us,
                cpu: None,
                memory_kib: None,
                memory_share: None,
                cpu_less: None,
                memory_kib_less: None,
                probe_cpu: None,
                probe_kib: None,
                memory: plan.memory,
                by_memory: Vec::new(),
                by_cpu: Vec::new(),
                uncertain: plan.uncertain || uncertain_memory || uncertain_cpu,
                quality,
                account,
                ended,
                health: first.health.finish(),
                product: None,
                levels: Vec::new(),
                findings: Vec::new(),
            },
            series,
            by_memory,
            by_cpu,
            moments,
            again: None,
        };
        draft.drop_others();
        if no_pss {
            let plan = Plan::new(&draft.run.header, options);
            draft.again = Some(plan.of_resident_sets());
        } else if draft.series.groups.iter().any(|group| group.cut) {
            draft.again = Some(draft.plan());
        }
        draft
    }

    /// Drops the groups that are in neither table.
    fn drop_others(&mut self) {
        let mut shown = [&self.by_memory[..], &self.by_cpu].concat();
        shown.sort_unstable();
        shown.dedup();
        for at in self.by_memory.iter_mut().chain(&mut self.by_cpu) {
            *at = shown.partition_point(|other| other < at);
        }
        let mut index = 0..;
        let is_shown = |_: &Group| {
            index
                .next()
                .is_some_and(|at| shown.binary_search(&at).is_ok())
        };
        self.series.groups.retain(is_shown);
        self.series.groups.shrink_to_fit();
    }

    /// No other first pass is needed.
    pub(super) fn is_final(&self) -> bool {
        self.again.is_none()
    }

    /// The plan of another first pass.
    pub(super) fn plan(&self) -> Plan {
        let keys = self.series.groups.iter().map(|group| group.key.clone());
        self.again.clone().unwrap_or(Plan {
            memory: self.run.memory,
            chosen: Some(keys.collect()),
            uncertain: self.run.uncertain,
        })
    }

    /// Ends the first pass.
    pub(super) fn search(&mut self) {
        for distribution in self.series.machine.all() {
            distribution.search();
        }
        for (at, group) in self.series.groups.iter_mut().enumerate() {
            group.memory.search_if(self.by_memory.contains(&at));
            group.cpu.search_if(self.by_cpu.contains(&at));
        }
    }

    fn distributions(&mut self) -> impl Iterator<Item = &mut Distribution> {
        let groups = self.series.groups.iter_mut();
        let groups = groups.flat_map(|group| [&mut group.memory, &mut group.cpu]);
        self.series.machine.all().into_iter().chain(groups)
    }

    /// Takes the series of a later pass; `None` where they are not those of the first.
    pub(super) fn narrow(&mut self, series: RunSeries) -> Option<()> {
        self.series = series;
        let mut all = self.distributions();
        all.try_for_each(Distribution::narrow)
    }

    /// No later pass is needed.
    pub(super) fn is_done(&mut self) -> bool {
        self.distributions()
            .all(|distribution| distribution.is_done())
    }

    /// All that it holds came before, in the run `of`.
    pub(super) fn is_copy_of(&self, of: &Run) -> bool {
        let id = |run: &Run| (run.header.run, run.header.start_boottime_ns);
        self.run.samples == 0 && self.run.quality.losses.repeated > 0 && id(&self.run) == id(of)
    }

    /// The run after the last pass, without findings.
    pub(super) fn complete(self) -> Run {
        let (machine, groups) = (&self.series.machine, &self.series.groups);
        let rows = |table: &[usize], row: fn(&Group) -> Option<GroupSummary>| {
            let groups = table.iter().filter_map(|at| groups.get(*at));
            groups.filter_map(row).collect()
        };
        let members = self.series.members.as_ref();
        Run {
            cpu: machine.cpu.summary(),
            memory_kib: machine.memory_kib.summary(),
            memory_share: machine.memory_share.summary(),
            cpu_less: machine.cpu_less.summary(),
            memory_kib_less: machine.memory_kib_less.summary(),
            probe_cpu: machine.probe_cpu.summary(),
            probe_kib: machine.probe_kib.summary(),
            by_memory: rows(&self.by_memory, |group| {
                Some(summary(group, group.memory.summary()?, 0))
            }),
            by_cpu: rows(&self.by_cpu, |group| {
                Some(summary(group, group.cpu.summary()?, 1))
            }),
            levels: self.series.levels.clone(),
            product: members.map(|members| members.product(self.moments, machine)),
            ..self.run
        }
    }
}

/// The product's group and the `top` others by a sum over the run, those with none of it
/// left out; and whether a group that was dropped, with at most `dropped`, may belong
/// among them.
fn best(
    groups: &[Group],
    top: usize,
    dropped: u128,
    sum: fn(&Group) -> u128,
) -> (Vec<usize>, bool) {
    let is_product = |group: &Group| group.key == GroupKey::Product;
    let stands = |group: &Group| !is_product(group) && sum(group) > 0;
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
    // The product's row stands on top, whatever it took.
    let product = groups.iter().position(is_product).filter(|_| top > 0);
    (product.into_iter().chain(order).collect(), uncertain)
}

/// A row of memory, with the series of place 0, or of CPU, with those of place 1.
fn summary(group: &Group, figures: Summary, place: usize) -> GroupSummary {
    let curves = group.curves.as_ref();
    GroupSummary {
        name: group.name.clone(),
        is_product: group.key == GroupKey::Product,
        kernel_thread: group.kernel,
        process: match group.key {
            GroupKey::Process { pid, starttime } => Some((pid, starttime)),
            GroupKey::Name { .. } | GroupKey::Cgroup(_) | GroupKey::Product => None,
        },
        processes: group.most_processes,
        seen: group.seen,
        ended: matches!(group.key, GroupKey::Name { .. }).then_some(group.ended as f64),
        figures,
        spark: [&group.memory_spark, &group.cpu_spark][place].clone(),
        curve: curves.map_or_else(Curve::default, |all| all[place].clone()),
    }
}
