//! A group of processes, which is a row of a table, and its series.

use super::cgroups::NamedCgroup;
use super::curve::{Curve, Spark};
use super::distribution::Distribution;
use super::interval::Interval;
use super::memory_sum::{KnownMemory, MemorySum};
use crate::attribution::CgroupKind;
use crate::log::fields::process::flag;
use crate::log::model::{Comm, Process};

/// What makes processes one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Their name; kernel threads by the part of it before the first `/`.
    Name,
    /// Nothing: each process is a group.
    Process,
    /// Their unit, slice, container or pod; kernel threads are one group.
    Cgroup(CgroupKind),
}

/// Tells a group from others.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum GroupKey {
    Name {
        kernel: bool,
        name: Comm,
    },
    Process {
        pid: u32,
        starttime: u64,
    },
    Cgroup(NamedCgroup),
    /// The run's product: its processes are in other groups too.
    Product,
}

impl GroupKey {
    pub(super) fn of(process: &Process, by: By, cgroup: Option<&NamedCgroup>) -> Self {
        match by {
            By::Cgroup(_) => Self::Cgroup(cgroup.cloned().unwrap_or_default()),
            By::Process => Self::Process {
                pid: process.pid,
                starttime: process.starttime,
            },
            By::Name => Self::of_name(process.comm.clone(), process.has(flag::KERNEL_THREAD)),
        }
    }

    /// That of the processes of a name, or threads of the kernel.
    pub(super) fn of_name(mut name: Comm, kernel: bool) -> Self {
        if kernel {
            let end = name.iter().position(|&byte| byte == b'/');
            name.truncate(end.unwrap_or(name.len()));
        }
        Self::Name { kernel, name }
    }

    /// The name of the group, to which this process belongs.
    pub(super) fn name(self, process: &Process) -> Comm {
        match self {
            Self::Name { name, .. } => name,
            Self::Cgroup(cgroup) => cgroup.name,
            Self::Process { .. } | Self::Product => process.comm.clone(),
        }
    }
}

/// Where a sample begins: the weight of all before it, and the first tick of its
/// [`Span`](super::interval::Span).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SampleStart {
    pub(super) weight: u64,
    pub(super) tick: u64,
}

/// A group and its series: of memory in KiB, a value for each sample, and of CPU in
/// milli-percent of a core, a value for each interval, by their weights. Zeros may be
/// missing at the end of them until [`Group::finish`].
#[derive(Debug)]
pub(super) struct Group {
    pub(super) key: GroupKey,
    /// The last one that was seen.
    pub(super) name: Comm,
    pub(super) kernel: bool,
    pub(super) memory: Distribution,
    pub(super) cpu: Distribution,
    pub(super) memory_spark: Spark,
    pub(super) cpu_spark: Spark,
    /// The same with means, if they are to be drawn.
    pub(super) curves: Option<Box<[Curve; 2]>>,
    /// The most processes at one time.
    pub(super) most_processes: u64,
    /// Ticks in which it had a process, and those of them in which the memory of none
    /// was known.
    pub(super) seen: u64,
    unknown: u64,
    /// It may have been dropped before: its series may lack their beginning.
    pub(super) cut: bool,
    now: MemorySum,
    /// CPU time since the last sample, USER_HZ.
    ticks: u64,
    /// The same of processes that ended, microseconds.
    ended_us: u64,
    /// What these used, milli-percent of a core: its sum by the weight of the intervals,
    /// and at last its mean.
    pub(super) ended: u128,
    /// It has changed since the last sample.
    dirty: bool,
    level: KnownMemory,
    since: SampleStart,
}

impl Group {
    pub(super) fn new(key: GroupKey, spark: Spark) -> Self {
        Self {
            key,
            name: Comm::new(),
            kernel: false,
            memory: Distribution::default(),
            cpu: Distribution::default(),
            memory_spark: spark.clone(),
            cpu_spark: spark,
            curves: None,
            most_processes: 0,
            seen: 0,
            unknown: 0,
            cut: false,
            now: MemorySum::default(),
            ticks: 0,
            ended_us: 0,
            ended: 0,
            dirty: false,
            level: KnownMemory::Absent,
            since: SampleStart::default(),
        }
    }

    /// The same group before a later pass; `drawn`: with curves. Raising a spark once more by
    /// the same values does not change it.
    pub(super) fn rewound(self, drawn: bool) -> Self {
        Self {
            memory: self.memory,
            cpu: self.cpu,
            memory_spark: self.memory_spark,
            cpu_spark: self.cpu_spark,
            curves: drawn.then(Box::default),
            ..Self::new(self.key, Spark::none())
        }
    }

    /// At some sample the memory of one of its processes was known.
    pub(super) fn is_known(&self) -> bool {
        self.seen > self.unknown
    }

    /// It has no process.
    pub(super) fn is_gone(&self) -> bool {
        self.level == KnownMemory::Absent
    }

    /// The sum of its memory over the run, where that is known.
    pub(super) fn memory_sum(&self) -> u128 {
        match self.is_known() {
            true => self.memory.sum(),
            false => 0,
        }
    }

    /// Marks it as changed; whether it was not before.
    #[inline(always)]
    pub(super) fn touch(&mut self) -> bool {
        !std::mem::replace(&mut self.dirty, true)
    }

    pub(super) fn join(&mut self, name: Comm, kernel: bool, memory: Option<u64>) {
        self.name = name;
        self.kernel = kernel;
        self.now.join(memory);
    }

    pub(super) fn leave(&mut self, memory: Option<u64>) {
        self.now.leave(memory);
    }

    /// The memory of one of its processes changed, or it used CPU time, USER_HZ.
    #[inline(always)]
    pub(super) fn change(&mut self, before: Option<u64>, after: Option<u64>, ticks: u64) {
        self.ticks = self.ticks.saturating_add(ticks);
        self.now.change(before, after);
    }

    /// Processes of this name ended, that used CPU time after their last sample.
    pub(super) fn end(&mut self, name: &Comm, kernel: bool, cpu_us: u64) {
        self.name.clone_from(name);
        self.kernel = kernel;
        self.ended_us = self.ended_us.saturating_add(cpu_us);
    }

    /// Adds its memory up to sample `now`, which is not part of it.
    fn flush(&mut self, now: SampleStart) {
        let since = std::mem::replace(&mut self.since, now);
        let ticks = now.weight.saturating_sub(since.weight);
        if self.level != KnownMemory::Absent {
            self.seen = self.seen.saturating_add(ticks);
        }
        match self.level {
            KnownMemory::Absent => {}
            KnownMemory::Unknown => self.unknown = self.unknown.saturating_add(ticks),
            KnownMemory::Known(kib) => {
                self.memory.add(kib, ticks);
                self.memory_spark.raise(since.tick, now.tick, kib);
                if let Some([memory, _]) = self.curves.as_deref_mut() {
                    memory.add_up_to(since.tick, now.tick, kib);
                }
            }
        }
    }

    /// Nothing is known from `end` up to `now`.
    pub(super) fn skip(&mut self, end: SampleStart, now: SampleStart) {
        self.flush(end);
        self.since = now;
    }

    /// Ends sample `now`.
    pub(super) fn settle(&mut self, now: SampleStart, interval: Option<&Interval>) {
        self.dirty = false;
        let level = self.now.level();
        if level != self.level {
            self.flush(now);
            self.level = level;
        }
        self.most_processes = self.most_processes.max(self.now.processes);
        let ticks = std::mem::take(&mut self.ticks);
        let ended_us = std::mem::take(&mut self.ended_us);
        if let Some(interval) = interval.filter(|_| ticks > 0 || ended_us > 0) {
            let ended = interval.rate_of_us(ended_us);
            let weighed = u128::from(ended) * u128::from(interval.ticks);
            self.ended = self.ended.saturating_add(weighed);
            let rate = interval.rate(ticks).saturating_add(ended);
            self.cpu.add(rate, interval.ticks);
            let end = now.tick.saturating_add(interval.ticks);
            self.cpu_spark.raise(now.tick, end, rate);
            if let Some([_, cpu]) = self.curves.as_deref_mut() {
                cpu.add_up_to(now.tick, end, rate);
            }
        }
    }

    /// Ends the run before the sample `end`; all its intervals had this weight.
    pub(super) fn finish(&mut self, end: SampleStart, intervals: u64) {
        self.flush(end);
        self.memory.fill(end.weight.saturating_sub(self.unknown));
        self.cpu.fill(intervals);
        self.ended = self.ended.checked_div(intervals.into()).unwrap_or(0);
    }
}
