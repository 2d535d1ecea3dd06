//! The samples of one run, one after another, into series. The work for a sample
//! is in proportion to what changed in it.

use super::cgroups::ProcessCgroups;
use super::counter::TaskTime;
use super::ended::EndedReader;
use super::group::{By, Group, SampleStart};
use super::group_table::{Dropped, GroupTable};
use super::machine::{MachineSeries, MachineTracker, Step};
use super::members::Members;
use super::ramp::{Level, RampSeries};
use super::run::Memory;
use super::slots::{id_of, ProcessId, Slots};
use super::stage::Stage;
use crate::log::fields::process;
use crate::log::limits::IDENTITIES;
use crate::log::model::{Comm, Process};
use crate::log::reader::{Identity, ProductKey};
use crate::log::record::{Header, PssMode};
use crate::log::result::ResultPart;
use crate::log::sample::Sample;
use crate::products::Definition;

/// Reads one run.
#[derive(Debug)]
pub(super) struct Tracker {
    pub(super) groups: GroupTable,
    machine: MachineTracker,
    samples: u64,
    /// Where the sample after the last one would begin.
    end: SampleStart,
    /// The weight of all intervals.
    intervals: u64,
    memory: Memory,
    page_size: u64,
    pss: PssMode,
    /// Intervals in which some CPU time cannot be right.
    implausible: u64,
    slots: Slots<TrackedProcess>,
    /// Where it is asked which processes are a product's.
    members: Option<Members>,
    /// Where groups are cgroups.
    cgroups: Option<ProcessCgroups>,
    /// Where the stage is one.
    ramp: Option<Box<RampSeries>>,
    /// Where groups are names.
    ended: Option<EndedReader>,
    /// Since the last sample.
    identities: usize,
}

/// A process at its last sample.
#[derive(Debug)]
struct TrackedProcess {
    id: ProcessId,
    comm: Comm,
    /// Its group, and the product where it belongs to that; `None` where that was not
    /// chosen.
    groups: [Option<u32>; 2],
    /// It belongs to the product.
    member: bool,
    time: TaskTime,
    memory: Option<u64>,
}

/// The series of a run, complete.
#[derive(Debug)]
pub(super) struct RunSeries {
    /// In the order in which they were given, where they were.
    pub(super) groups: Vec<Group>,
    pub(super) dropped: Option<Dropped>,
    pub(super) machine: MachineSeries,
    pub(super) samples: u64,
    /// The weight of all samples.
    pub(super) ticks: u64,
    pub(super) duration_us: u64,
    /// Intervals of which some CPU time cannot be right.
    pub(super) implausible_cpu: u64,
    pub(super) members: Option<Members>,
    /// What was taken with each number of containers.
    pub(super) levels: Vec<Level>,
}

impl Tracker {
    pub(super) fn new(
        header: &Header<String>,
        memory: Memory,
        groups: GroupTable,
        machine: MachineSeries,
        members: Option<Members>,
    ) -> Self {
        Self {
            cgroups: match groups.by {
                By::Cgroup(kind) => Some(ProcessCgroups::new(kind)),
                By::Name | By::Process => None,
            },
            ended: (groups.by == By::Name).then(EndedReader::default),
            ramp: (Stage::of(&header.stage) == Stage::Ramp)
                .then(|| Box::new(RampSeries::new(header))),
            groups,
            machine: MachineTracker::new(header, machine),
            samples: 0,
            end: SampleStart::default(),
            intervals: 0,
            memory,
            page_size: header.page_size,
            pss: header.pss,
            implausible: 0,
            slots: Slots::default(),
            members,
            identities: 0,
        }
    }

    /// What the log has more of than can be kept.
    pub(super) fn excess(&self) -> Option<&'static str> {
        let of_identities = (self.identities > IDENTITIES).then_some("131072 identities a sample");
        let of_members = self.members.as_ref().and_then(|of| of.excess);
        let of_ramp = self.ramp.as_ref().and_then(|of| of.excess());
        of_identities.or(of_members).or(of_ramp)
    }

    /// Takes what the log says of which processes the product is.
    pub(super) fn define(&mut self, key: &ProductKey) {
        let none = || Members::new(self.pss, Definition::default(), false);
        self.members.get_or_insert_with(none).define(key);
    }

    /// Takes the command line and cgroup of a process, where they matter.
    pub(super) fn identity(&mut self, identity: &Identity) {
        self.identities += 1;
        if let Some(members) = &mut self.members {
            members.identity(identity);
        }
        if let Some(cgroups) = &mut self.cgroups {
            cgroups.identity(identity);
        }
        if let Some(ramp) = &mut self.ramp {
            ramp.identity(identity);
        }
    }

    /// Takes a result, or a part of one.
    pub(super) fn result(&mut self, part: &ResultPart<Vec<u8>>) {
        if let Some(ramp) = &mut self.ramp {
            ramp.result(part, self.machine.own_mut());
        }
        if let Some(ended) = &mut self.ended {
            ended.result(part);
        }
    }

    /// Takes the next sample.
    pub(super) fn sample(&mut self, sample: &Sample) -> Step {
        self.identities = 0;
        let step = self.machine.sample(sample);
        if let Some(members) = &mut self.members {
            members.sample(sample, self.machine.own().pids());
            if members.is_compared() {
                self.machine.compare(sample, step.span, members.pss_kib());
            }
        }
        if let Some(ramp) = &mut self.ramp {
            let members = self.members.as_ref();
            ramp.sample(sample, members, self.machine.own(), step.cpu);
        }
        let implausible = step.is_implausible | self.processes(sample, &step);
        self.implausible += u64::from(implausible);
        let (weight, interval) = (step.span.ticks(), step.interval.as_ref());
        if let Some(ended) = &mut self.ended {
            let groups = &mut self.groups;
            ended.sample(&mut |pair, of| {
                if let Some((_, pair)) = pair.filter(|_| interval.is_some() && of.cpu_us > 0) {
                    groups.end(pair, of.cpu_us);
                }
            });
        }
        let now = SampleStart {
            tick: step.span.first,
            ..self.end
        };
        if now.tick > self.end.tick {
            self.groups.skip(self.end, now);
        }
        self.groups.settle(now, interval);
        self.end = SampleStart {
            weight: now.weight.saturating_add(weight),
            tick: step.span.last.saturating_add(1),
        };
        if interval.is_some() {
            self.intervals = self.intervals.saturating_add(weight);
        }
        self.samples += 1;
        step
    }

    /// Compares the slots with what they were; says whether the CPU time of a process
    /// cannot be right.
    fn processes(&mut self, sample: &Sample, step: &Step) -> bool {
        let members = self.members.as_ref();
        let moved = self.cgroups.as_ref().is_some_and(ProcessCgroups::any_moved)
            || members.is_some_and(Members::has_switched);
        let mut comparison = Comparison {
            groups: &mut self.groups,
            step,
            memory: self.memory,
            page_size: self.page_size,
            members: members.filter(|members| members.have_row()),
            cgroups: self.cgroups.as_ref(),
            implausible: false,
        };
        match moved {
            true => (self.slots).update_all(sample, |at, slot, now| comparison.slot(at, slot, now)),
            false => (self.slots).update(sample, |at, slot, now| comparison.slot(at, slot, now)),
        }
        let implausible = comparison.implausible;
        if let Some(cgroups) = &mut self.cgroups {
            cgroups.settle(sample);
        }
        implausible
    }

    /// Ends the run.
    pub(super) fn finish(self) -> RunSeries {
        let (groups, dropped) = self.groups.finish(self.end, self.intervals);
        RunSeries {
            groups,
            dropped,
            samples: self.samples,
            ticks: self.end.weight,
            duration_us: self.machine.clock.duration_us(),
            implausible_cpu: self.implausible,
            machine: self.machine.series,
            members: self.members,
            levels: self.ramp.map_or_else(Vec::new, |ramp| ramp.finish()),
        }
    }
}

/// Compares the slots of a sample with the sample before.
struct Comparison<'t> {
    groups: &'t mut GroupTable,
    step: &'t Step,
    memory: Memory,
    page_size: u64,
    /// Where the product has a row.
    members: Option<&'t Members>,
    cgroups: Option<&'t ProcessCgroups>,
    /// The CPU time of a process cannot be right.
    implausible: bool,
}

impl Comparison<'_> {
    #[inline(always)]
    fn slot(&mut self, at: usize, slot: &mut Option<TrackedProcess>, now: Option<&Process>) {
        let member = self.members.is_some_and(|members| members.has(at));
        if let (Some(last), Some(now)) = (slot.as_mut(), now) {
            let moved = self.cgroups.is_some_and(|cgroups| cgroups.has_moved(now));
            let same = last.id == id_of(now)
                && last.comm.as_slice() == now.comm.as_slice()
                && last.member == member
                && !moved;
            if same {
                self.same_process(last, now);
                return;
            }
        }
        self.other_process(slot, now, member);
    }

    #[inline(always)]
    fn same_process(&mut self, last: &mut TrackedProcess, now: &Process) {
        let memory = self.memory_of(now);
        let spent = self.spent(&mut last.time, now);
        let before = std::mem::replace(&mut last.memory, memory);
        if before == memory && spent == 0 {
            return;
        }
        // Most processes are in one group, if any.
        let [group, product] = last.groups;
        if let Some(group) = group {
            self.groups
                .change(group, |group| group.change(before, memory, spent));
        }
        if let Some(product) = product {
            self.groups
                .change(product, |group| group.change(before, memory, spent));
        }
    }

    /// A process came, went or changed its name or group.
    fn other_process(
        &mut self,
        slot: &mut Option<TrackedProcess>,
        now: Option<&Process>,
        member: bool,
    ) {
        let last = slot.take();
        if let Some(last) = &last {
            for group in last.groups.into_iter().flatten() {
                self.groups.change(group, |group| group.leave(last.memory));
            }
        }
        let Some(now) = now else {
            return;
        };
        let memory = self.memory_of(now);
        let cgroup = self.cgroups.and_then(|cgroups| cgroups.of(now));
        let of_product = match member {
            true => self.groups.join_product(memory),
            false => None,
        };
        let groups = [self.groups.join(now, cgroup, memory), of_product];
        let mut time = match (
            last.filter(|last| last.id == id_of(now)),
            self.step.interval,
        ) {
            (Some(last), _) => last.time,
            // A process that is new here, but older than the interval, was hidden: when it
            // used its time is not known. One USER_HZ, as both are cut off.
            (None, Some(interval)) if now.starttime >= interval.began.saturating_sub(1) => {
                TaskTime::from(0)
            }
            (None, _) => TaskTime::default(),
        };
        let spent = self.spent(&mut time, now);
        for group in groups.into_iter().flatten().filter(|_| spent > 0) {
            self.groups
                .change(group, |group| group.change(None, None, spent));
        }
        *slot = Some(TrackedProcess {
            id: id_of(now),
            comm: now.comm.clone(),
            groups,
            member,
            time,
            memory,
        });
    }

    /// The CPU time that a process used in the interval, USER_HZ.
    #[inline(always)]
    fn spent(&mut self, time: &mut TaskTime, now: &Process) -> u64 {
        let spent = time.read(now.cpu_time(), self.step.most);
        self.implausible |= spent.is_none();
        spent.filter(|_| self.step.interval.is_some()).unwrap_or(0)
    }

    /// The memory of a process, KiB.
    #[inline(always)]
    fn memory_of(&self, process: &Process) -> Option<u64> {
        match self.memory {
            Memory::Pss => process.pss_kib(),
            Memory::Rss => Some(process.values[process::RSS].saturating_mul(self.page_size) / 1024),
        }
    }
}
