//! The groups of processes that a table is about, and their series.

use super::bounds::{Dropped, MORE_GROUPS};
use super::curve::Spark;
use super::digest::Accumulate;
use super::interval::Interval;
use super::places::Place;
use crate::attribution;
use crate::log::fields::process::flag;
use crate::log::model::{comm, Comm, Process};
use std::collections::HashMap;

/// What the row of the product's processes is called.
const PRODUCT: &[u8] = b"this product";

/// What makes processes one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Their name; kernel threads by what stands before the first `/` of it.
    Name,
    /// Nothing: each stands alone.
    Process,
    /// Their unit, slice, container or pod; kernel threads are one row.
    Place(attribution::By),
}

/// A group, as told from others.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Key {
    Name {
        kernel: bool,
        name: Comm,
    },
    Process {
        pid: u32,
        starttime: u64,
    },
    Place(Place),
    /// What the run is of, whatever else its processes are in.
    Product,
}

impl Key {
    fn of(process: &Process, by: By, place: Option<&Place>) -> Self {
        match by {
            By::Place(_) => Self::Place(place.cloned().unwrap_or_default()),
            By::Process => Self::Process {
                pid: process.pid,
                starttime: process.starttime,
            },
            By::Name => Self::Name {
                kernel: process.has(flag::KERNEL_THREAD),
                name: name_of(process),
            },
        }
    }

    /// The name of the group that a process belongs to.
    fn name(self, process: &Process) -> Comm {
        match self {
            Self::Name { name, .. } => name,
            Self::Place(place) => place.name,
            Self::Process { .. } | Self::Product => process.comm.clone(),
        }
    }
}

fn name_of(process: &Process) -> Comm {
    let mut name = process.comm.clone();
    if process.has(flag::KERNEL_THREAD) {
        let end = name.iter().position(|&byte| byte == b'/');
        name.truncate(end.unwrap_or(name.len()));
    }
    name
}

/// Where a sample begins: the weight of all before it, and the first tick of its
/// [`Span`](super::interval::Span).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct At {
    pub(crate) weight: u64,
    pub(crate) tick: u64,
}

/// The memory of a group at a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Level {
    /// It has no process.
    #[default]
    Absent,
    /// It has processes, and the memory of none of them is known.
    Unknown,
    /// KiB.
    Known(u64),
}

/// A group and its series: of memory in KiB, a value for each sample, and of
/// CPU in milli-percent of a core, a value for each interval, by their weights. Zeros
/// may be missing at the end of them until [`Groups::finish`].
#[derive(Debug, Clone)]
pub(crate) struct Group<A> {
    pub(crate) key: Key,
    /// The last one that was seen.
    pub(crate) name: Comm,
    pub(crate) kernel: bool,
    pub(crate) memory: A,
    pub(crate) cpu: A,
    /// The same over time, roughly.
    pub(crate) memory_spark: Spark,
    pub(crate) cpu_spark: Spark,
    /// The most processes at one time.
    pub(crate) at_most: u64,
    /// Ticks in which it had a process, and those of them in which the memory of none
    /// was known.
    pub(crate) seen: u64,
    pub(crate) unknown: u64,
    /// It may have been dropped before: its series may lack their beginning.
    pub(crate) cut: bool,
    processes: u64,
    known: u64,
    memory_now: u64,
    ticks: u64,
    dirty: bool,
    level: Level,
    since: At,
}

impl<A: Accumulate> Group<A> {
    pub(crate) fn new(key: Key, memory: A, cpu: A) -> Self {
        Self {
            key,
            name: Comm::new(),
            kernel: false,
            memory,
            cpu,
            memory_spark: Spark::default(),
            cpu_spark: Spark::default(),
            at_most: 0,
            seen: 0,
            unknown: 0,
            cut: false,
            processes: 0,
            known: 0,
            memory_now: 0,
            ticks: 0,
            dirty: false,
            level: Level::Absent,
            since: At::default(),
        }
    }

    fn leave_sparks_out(&mut self) {
        (self.memory_spark, self.cpu_spark) = (Spark::none(), Spark::none());
    }

    /// Adds how it was up to sample `now`, which is not part of it.
    fn flush(&mut self, now: At) {
        let since = std::mem::replace(&mut self.since, now);
        let ticks = now.weight.saturating_sub(since.weight);
        if self.level != Level::Absent {
            self.seen = self.seen.saturating_add(ticks);
        }
        match self.level {
            Level::Absent => {}
            Level::Unknown => self.unknown = self.unknown.saturating_add(ticks),
            Level::Known(kib) => {
                self.memory.add(kib, ticks);
                self.memory_spark.raise(since.tick, now.tick, kib);
            }
        }
    }

    fn settle(&mut self, now: At, interval: Option<&Interval>) {
        self.dirty = false;
        let level = match (self.processes, self.known) {
            (0, _) => Level::Absent,
            (_, 0) => Level::Unknown,
            _ => Level::Known(self.memory_now),
        };
        if level != self.level {
            self.flush(now);
            self.level = level;
        }
        self.at_most = self.at_most.max(self.processes);
        let ticks = std::mem::take(&mut self.ticks);
        if let Some(interval) = interval.filter(|_| ticks > 0) {
            let rate = interval.rate(ticks);
            self.cpu.add(rate, interval.ticks);
            let end = now.tick.saturating_add(interval.ticks);
            self.cpu_spark.raise(now.tick, end, rate);
        }
    }
}

/// All groups of a run, or only those that are wanted.
#[derive(Debug)]
pub(crate) struct Groups<A> {
    by: By,
    /// Groups are made as processes turn up.
    open: bool,
    sparks: bool,
    pub(super) table: Vec<Option<Group<A>>>,
    pub(super) free: Vec<u32>,
    pub(super) index: HashMap<Key, u32>,
    dirty: Vec<u32>,
    pub(super) full_at: usize,
    pub(super) dropped: Option<Dropped>,
    /// Values that were added since the room they take was looked at.
    pub(super) added: usize,
}

impl<A: Accumulate> Groups<A> {
    /// Those that turn up.
    pub(crate) fn open(by: By) -> Self {
        Self {
            open: true,
            ..Self::closed(by, Vec::new())
        }
    }

    /// These, in this order, and no others.
    pub(crate) fn closed(by: By, groups: Vec<Group<A>>) -> Self {
        let keys = groups.iter().zip(0..).map(|(g, id)| (g.key.clone(), id));
        Self {
            by,
            open: false,
            sparks: true,
            index: keys.collect(),
            table: groups.into_iter().map(Some).collect(),
            free: Vec::new(),
            dirty: Vec::new(),
            full_at: MORE_GROUPS,
            dropped: None,
            added: 0,
        }
    }

    /// The same, where nobody asks how they were over time.
    pub(crate) fn without_sparks(mut self) -> Self {
        self.sparks = false;
        for group in self.table.iter_mut().flatten() {
            group.leave_sparks_out();
        }
        self
    }

    pub(crate) fn by(&self) -> By {
        self.by
    }

    fn get(&mut self, id: u32) -> Option<&mut Group<A>> {
        let group = self.table.get_mut(id as usize)?.as_mut()?;
        if !group.dirty {
            group.dirty = true;
            self.dirty.push(id);
        }
        Some(group)
    }

    /// A process joins its group; `None` where that is not wanted.
    pub(crate) fn join(
        &mut self,
        process: &Process,
        place: Option<&Place>,
        memory: Option<u64>,
    ) -> Option<u32>
    where
        A: Default,
    {
        let key = Key::of(process, self.by, place);
        let id = match self.index.get(&key) {
            Some(id) => *id,
            None if self.open => self.insert(key.clone())?,
            None => return None,
        };
        let name = key.name(process);
        // The row of all kernel threads is no name of a thread.
        let kernel = process.has(flag::KERNEL_THREAD) && !matches!(self.by, By::Place(_));
        self.add(id, name, kernel, memory);
        Some(id)
    }

    /// A process joins the product, beside its group; `None` where that is not wanted.
    pub(crate) fn join_product(&mut self, memory: Option<u64>) -> Option<u32>
    where
        A: Default,
    {
        let id = match self.index.get(&Key::Product) {
            Some(id) => *id,
            None if self.open => self.insert(Key::Product)?,
            None => return None,
        };
        self.add(id, comm(PRODUCT), false, memory);
        Some(id)
    }

    fn add(&mut self, id: u32, name: Comm, kernel: bool, memory: Option<u64>) {
        if let Some(group) = self.get(id) {
            group.name = name;
            group.kernel = kernel;
            group.processes += 1;
            group.learn(memory);
        }
    }

    fn insert(&mut self, key: Key) -> Option<u32>
    where
        A: Default,
    {
        let mut group = Group::new(key.clone(), A::default(), A::default());
        group.cut = self.dropped.is_some();
        if !self.sparks {
            group.leave_sparks_out();
        }
        let id = match self.free.pop() {
            Some(id) => id,
            None => {
                self.table.push(None);
                u32::try_from(self.table.len() - 1).ok()?
            }
        };
        *self.table.get_mut(id as usize)? = Some(group);
        self.index.insert(key, id);
        Some(id)
    }

    /// A process leaves a group that it joined, with the memory it last had.
    pub(crate) fn leave(&mut self, id: u32, memory: Option<u64>) {
        if let Some(group) = self.get(id) {
            group.processes = group.processes.saturating_sub(1);
            group.forget(memory);
        }
    }

    /// The memory of a process of the group changed, or it used CPU time, USER_HZ.
    pub(crate) fn change(&mut self, id: u32, before: Option<u64>, after: Option<u64>, ticks: u64) {
        if let Some(group) = self.get(id) {
            group.ticks = group.ticks.saturating_add(ticks);
            if before != after {
                group.forget(before);
                group.learn(after);
            }
        }
    }

    /// A process of the group used CPU time, USER_HZ.
    pub(crate) fn spend(&mut self, id: u32, ticks: u64) {
        if let Some(group) = self.get(id) {
            group.ticks = group.ticks.saturating_add(ticks);
        }
    }

    /// Ends sample `now`.
    pub(crate) fn settle(&mut self, now: At, interval: Option<&Interval>) {
        self.added = self.added.saturating_add(self.dirty.len());
        while let Some(id) = self.dirty.pop() {
            if let Some(Some(group)) = self.table.get_mut(id as usize) {
                group.settle(now, interval);
            }
        }
    }

    /// Ends the run before the sample `end`; all its intervals had this weight.
    pub(crate) fn finish(self, end: At, intervals: u64) -> (Vec<Group<A>>, Option<Dropped>) {
        let mut groups: Vec<_> = self.table.into_iter().flatten().collect();
        for group in &mut groups {
            group.flush(end);
            group.memory.fill(end.weight.saturating_sub(group.unknown));
            group.cpu.fill(intervals);
        }
        (groups, self.dropped)
    }
}

impl<A> Group<A> {
    /// At some sample the memory of one of its processes was known.
    pub(crate) fn is_known(&self) -> bool {
        self.seen > self.unknown
    }

    /// It has no process.
    pub(crate) fn is_gone(&self) -> bool {
        self.level == Level::Absent
    }

    fn learn(&mut self, memory: Option<u64>) {
        if let Some(kib) = memory {
            self.known += 1;
            self.memory_now = self.memory_now.saturating_add(kib);
        }
    }

    fn forget(&mut self, memory: Option<u64>) {
        if let Some(kib) = memory {
            self.known = self.known.saturating_sub(1);
            self.memory_now = self.memory_now.saturating_sub(kib);
        }
    }
}
