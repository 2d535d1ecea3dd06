//! The samples of one run, one after another, into series. The work for a sample
//! is in proportion to what changed in it.

use super::bounds::Dropped;
use super::busy::{Busy, Spent};
use super::counter::TaskTime;
use super::digest::Accumulate;
use super::groups::{At, By, Group, Groups};
use super::interval::{free_used, memory_used, most_ticks, Clock, Interval, Span};
use super::members::Members;
use super::own::Own;
use super::places::Places;
use super::run::Memory;
use crate::log::fields::process;
use crate::log::model::{Comm, Process};
use crate::log::reader::{Identity, ProductKey};
use crate::log::record::Header;
use crate::log::sample::Sample;
use crate::products::Definition;

/// A process as it was when it was last looked at.
#[derive(Debug)]
struct Last {
    pid: u32,
    starttime: u64,
    comm: Comm,
    /// Its group, and the product where it belongs to that; `None` where that is not
    /// wanted.
    groups: [Option<u32>; 2],
    /// It belongs to the product.
    member: bool,
    time: TaskTime,
    memory: Option<u64>,
}

/// The series of the machine: CPU and memory in milli-percent, memory in KiB.
#[derive(Debug, Clone, Default)]
pub(crate) struct Machine<A> {
    pub(crate) cpu: A,
    pub(crate) memory_kib: A,
    pub(crate) memory_share: A,
    /// Without what the recorder took: CPU, and memory in KiB.
    pub(crate) cpu_less: A,
    pub(crate) memory_kib_less: A,
    /// KiB: see [`super::product::Product`]; nothing where that is not wanted.
    pub(crate) available_kib: A,
    pub(crate) free_used_kib: A,
    pub(crate) product_pss_kib: A,
}

impl<A> Machine<A> {
    /// The same of what is made of each series.
    pub(crate) fn map<B>(&self, mut each: impl FnMut(&A) -> B) -> Machine<B> {
        Machine {
            cpu: each(&self.cpu),
            memory_kib: each(&self.memory_kib),
            memory_share: each(&self.memory_share),
            cpu_less: each(&self.cpu_less),
            memory_kib_less: each(&self.memory_kib_less),
            available_kib: each(&self.available_kib),
            free_used_kib: each(&self.free_used_kib),
            product_pss_kib: each(&self.product_pss_kib),
        }
    }

    /// The same of what is made of each series and another of its kind.
    pub(crate) fn with<B, C>(&self, other: &Machine<B>, both: impl Fn(&A, &B) -> C) -> Machine<C> {
        Machine {
            cpu: both(&self.cpu, &other.cpu),
            memory_kib: both(&self.memory_kib, &other.memory_kib),
            memory_share: both(&self.memory_share, &other.memory_share),
            cpu_less: both(&self.cpu_less, &other.cpu_less),
            memory_kib_less: both(&self.memory_kib_less, &other.memory_kib_less),
            available_kib: both(&self.available_kib, &other.available_kib),
            free_used_kib: both(&self.free_used_kib, &other.free_used_kib),
            product_pss_kib: both(&self.product_pss_kib, &other.product_pss_kib),
        }
    }

    /// All of them.
    pub(crate) fn each(&self) -> [&A; 8] {
        [
            &self.cpu,
            &self.memory_kib,
            &self.memory_share,
            &self.cpu_less,
            &self.memory_kib_less,
            &self.available_kib,
            &self.free_used_kib,
            &self.product_pss_kib,
        ]
    }
}

/// What the machine was at a sample, in the units of its series.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Point {
    pub(crate) span: Span,
    /// In the interval that the sample ends.
    pub(crate) cpu: Option<u64>,
    pub(crate) spent: Option<Spent>,
    pub(crate) memory_kib: Option<u64>,
}

/// Reads one run.
#[derive(Debug)]
pub(crate) struct Tracker<A> {
    /// The machine at the last sample.
    pub(crate) point: Point,
    pub(crate) groups: Groups<A>,
    machine: Machine<A>,
    samples: u64,
    /// Where the sample after the last one would begin.
    end: At,
    /// The weight of all intervals.
    intervals: u64,
    clock: Clock,
    memory: Memory,
    page_size: u64,
    busy: Busy,
    /// Intervals in which the CPU time of processes alone cannot be.
    implausible: u64,
    /// That of a process cannot be in the interval that the last sample ends.
    is_implausible: bool,
    cores: u64,
    /// The most that a process can have used in that interval, USER_HZ.
    pub(crate) most: u64,
    own: Own,
    slots: Vec<Option<Last>>,
    /// Where the run is to be compared with others.
    members: Option<Members>,
    /// Where rows are places.
    places: Option<Places>,
}

/// The series of a run, complete.
#[derive(Debug)]
pub(crate) struct Finished<A> {
    pub(crate) groups: Vec<Group<A>>,
    pub(crate) dropped: Option<Dropped>,
    pub(crate) machine: Machine<A>,
    pub(crate) samples: u64,
    /// The weight of all samples.
    pub(crate) ticks: u64,
    pub(crate) duration_us: u64,
    /// Intervals of which some CPU time cannot be.
    pub(crate) implausible_cpu: u64,
    pub(crate) members: Option<Members>,
}

impl<A: Accumulate + Default> Tracker<A> {
    pub(crate) fn new<T>(
        header: &Header<T>,
        memory: Memory,
        groups: Groups<A>,
        machine: Machine<A>,
        members: Option<Members>,
    ) -> Self {
        Self {
            places: match groups.by() {
                By::Place(by) => Some(Places::new(by)),
                By::Name | By::Process => None,
            },
            point: Point::default(),
            end: At::default(),
            groups: match &members {
                // A comparison shows none.
                Some(members) if !members.have_row() => groups.without_sparks(),
                _ => groups,
            },
            members,
            machine,
            samples: 0,
            intervals: 0,
            clock: Clock::new(header),
            memory,
            page_size: header.page_size,
            busy: Busy::new(header.cores.into()),
            implausible: 0,
            is_implausible: false,
            cores: header.cores.into(),
            most: 0,
            own: Own::default(),
            slots: Vec::new(),
        }
    }

    /// Takes in what the log says of which processes the product is.
    pub(crate) fn define(&mut self, header: &Header<String>, key: &ProductKey) {
        let none = || Members::new(header, Definition::default(), false);
        self.members.get_or_insert_with(none).define(key);
    }

    /// Takes in what a process is, where that matters.
    pub(crate) fn identity(&mut self, identity: &Identity) {
        if let Some(members) = &mut self.members {
            members.identity(identity);
        }
        if let Some(places) = &mut self.places {
            places.identity(identity);
        }
    }

    /// Takes in the next sample, and says which interval it ends.
    pub(crate) fn sample(&mut self, sample: &Sample) -> Option<Interval> {
        let (span, interval) = self.clock.advance(sample);
        let known = self.busy.implausible();
        let busy = self.busy.advance(&sample.machine, interval.as_ref());
        self.is_implausible = false;
        self.most = most_ticks(&sample.machine, self.cores, interval.as_ref());
        let own = self.own.advance(sample, self.page_size, self.most);
        self.point = Point {
            span,
            ..Point::default()
        };
        let weight = span.ticks();
        if let Some(busy) = busy {
            self.point.spent = Some(busy);
            let share = busy.busy_less(0);
            self.point.cpu = Some(share);
            self.machine.cpu.add(share, weight);
            if let Some(ticks) = own.and_then(|own| own.ticks) {
                self.machine.cpu_less.add(busy.busy_less(ticks), weight);
            }
        }
        if let Some((kib, share)) = memory_used(&sample.machine) {
            self.point.memory_kib = Some(kib);
            self.machine.memory_kib.add(kib, weight);
            self.machine.memory_share.add(share, weight);
            if let Some(own) = own {
                let less = kib.saturating_sub(own.kib);
                self.machine.memory_kib_less.add(less, weight);
            }
        }
        if let Some(members) = &mut self.members {
            members.sample(sample, self.samples == 0);
        }
        if let Some(members) = self
            .members
            .as_ref()
            .filter(|members| members.is_compared())
        {
            let machine = &mut self.machine;
            let put = |to: &mut A, kib: Option<u64>| {
                kib.into_iter().for_each(|kib| to.add(kib, weight));
            };
            let used = sample.machine.memory_used();
            let available = used.map(|(used, total)| total - used);
            put(&mut machine.available_kib, available);
            put(&mut machine.free_used_kib, free_used(&sample.machine));
            put(&mut machine.product_pss_kib, members.pss_kib());
        }
        let moved = self.places.as_ref().is_some_and(Places::anybody_moved)
            || self.members.as_ref().is_some_and(Members::has_switched);
        if self.samples == 0 || sample.after_loss || moved {
            // What changed is known from the last whole sample on, which a damaged one
            // may have come after.
            for slot in 0..self.slots.len().max(sample.slots.len()) {
                self.look_at(slot, sample, interval.as_ref());
            }
            self.slots.truncate(sample.slots.len());
        } else {
            for &(slot, _) in &sample.changes {
                self.look_at(slot, sample, interval.as_ref());
            }
        }
        if let Some(places) = &mut self.places {
            places.settle(sample);
        }
        self.implausible += u64::from(self.is_implausible && self.busy.implausible() == known);
        let at = At {
            weight: self.end.weight,
            tick: span.first,
        };
        self.groups.settle(at, interval.as_ref());
        self.end = At {
            weight: at.weight.saturating_add(weight),
            tick: span.last.saturating_add(1),
        };
        if interval.is_some() {
            self.intervals = self.intervals.saturating_add(weight);
        }
        self.samples += 1;
        interval
    }

    /// Compares a slot with what it was. It does not matter how often that is done
    /// in a sample.
    fn look_at(&mut self, slot: usize, sample: &Sample, interval: Option<&Interval>) {
        if self.slots.len() <= slot {
            self.slots.resize_with(slot + 1, || None);
        }
        let Some(place) = self.slots.get_mut(slot) else {
            return;
        };
        let now = sample.slots.get(slot).and_then(Option::as_ref);
        let moved = match (&self.places, now) {
            (Some(places), Some(now)) => places.has_moved(now),
            _ => false,
        };
        let members = self.members.as_ref().filter(|members| members.have_row());
        let member = members.is_some_and(|members| members.has(slot));
        let same = |last: &Last, now: &Process| {
            (last.pid, last.starttime) == (now.pid, now.starttime)
                && last.comm.as_slice() == now.comm.as_slice()
                && last.member == member
                && !moved
        };
        let memory = now.and_then(|process| memory_of(process, self.memory, self.page_size));
        match (place.as_mut(), now) {
            (Some(last), Some(now)) if same(last, now) => {
                let spent = last.time.read(now.cpu_time(), self.most);
                self.is_implausible |= spent.is_none();
                let before = std::mem::replace(&mut last.memory, memory);
                let spent = spent.filter(|_| interval.is_some()).unwrap_or(0);
                if before == memory && spent == 0 {
                    return;
                }
                let [group, product] = last.groups;
                if let Some(group) = group {
                    self.groups.change(group, before, memory, spent);
                }
                if let Some(product) = product {
                    self.groups.change(product, before, memory, spent);
                }
            }
            (_, now) => {
                let last = place.take();
                if let Some(last) = &last {
                    for group in last.groups.into_iter().flatten() {
                        self.groups.leave(group, last.memory);
                    }
                }
                let Some(now) = now else {
                    return;
                };
                let at = self.places.as_ref().and_then(|places| places.of(now));
                let of_product = match member {
                    true => self.groups.join_product(memory),
                    false => None,
                };
                let groups = [self.groups.join(now, at, memory), of_product];
                let renamed =
                    last.filter(|last| (last.pid, last.starttime) == (now.pid, now.starttime));
                let mut time = match (renamed, interval) {
                    (Some(last), _) => last.time,
                    // One that is new here, but older than the interval, was hidden: from
                    // when its time is, cannot be said. One USER_HZ, as both are cut off.
                    (None, Some(interval)) if now.starttime >= interval.began.saturating_sub(1) => {
                        TaskTime::from(0)
                    }
                    (None, _) => TaskTime::default(),
                };
                let spent = time.read(now.cpu_time(), self.most);
                self.is_implausible |= spent.is_none();
                for group in groups.into_iter().flatten() {
                    if let Some(spent) = spent.filter(|&spent| interval.is_some() && spent > 0) {
                        self.groups.spend(group, spent);
                    }
                }
                *place = Some(Last {
                    pid: now.pid,
                    starttime: now.starttime,
                    comm: now.comm.clone(),
                    groups,
                    member,
                    time,
                    memory,
                });
            }
        }
    }

    /// Ends the run. Its groups are in the order in which they were given, where
    /// they were.
    pub(crate) fn finish(self) -> Finished<A> {
        let (groups, dropped) = self.groups.finish(self.end, self.intervals);
        Finished {
            groups,
            dropped,
            machine: self.machine,
            samples: self.samples,
            ticks: self.end.weight,
            duration_us: self.clock.duration_us(),
            implausible_cpu: self.busy.implausible().saturating_add(self.implausible),
            members: self.members,
        }
    }
}

/// The memory of a process, KiB.
fn memory_of(process: &Process, memory: Memory, page_size: u64) -> Option<u64> {
    match memory {
        Memory::Pss => process.pss_kib(),
        Memory::Rss => Some(process.values[process::RSS].saturating_mul(page_size) / 1024),
    }
}
