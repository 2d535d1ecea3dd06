//! Where every tick of CPU time went: the machine's busy time, divided among its users.
//! All in USER_HZ.
//!
//! The time that a process used between its last sample and its end is in no sample of
//! its own; the kernel adds all of its time to cutime and cstime of the process that reaps
//! it (times(2)). So a parent's gain there, less the time that its vanished children had at
//! their last samples, was used after these samples, or by children that were never
//! sampled. Where the kernel tells of each process that ends, what such a process used after
//! its last sample is told by its name; but the kernel tells before it frees the memory, and
//! what that took is the gain of the parents less what was told.

use super::counter::{Counter, TaskTime};
use super::cpu::CpuUse;
use super::ended::{EndedSummary, EndedTally};
use super::heirs::heirs;
use super::machine::Step;
use crate::log::fields::{cpu, kernel, process};
use crate::log::model::Process;
use crate::log::result::ResultPart;
use crate::log::sample::{Fate, Sample};

/// Where the CPU time of a run went. What is left of `busy` is unattributed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Account {
    /// All time but idle and iowait; `steal` is in it.
    pub(crate) busy: u64,
    /// By processes, from sample to sample.
    pub(crate) sampled: u64,
    /// By children that ended between samples, charged to the process that reaped them.
    pub(crate) reaped: u64,
    /// By processes whose parent was gone, reaped by PID 1 or a subreaper.
    pub(crate) orphans: u64,
    /// By processes that ended between samples, as the kernel told; the two before are
    /// then 0.
    pub(crate) ended: u64,
    /// By these after the kernel told of them, as their memory was freed; 0 where it could not
    /// tell of all.
    pub(crate) ending: u64,
    pub(crate) irq: u64,
    pub(crate) softirq: u64,
    /// Taken by the host of a virtual machine.
    pub(crate) steal: u64,
    /// Processes and threads that were created.
    pub(crate) created: u64,
    /// Of these, processes that were sampled, and growth of the number of threads
    /// in sampled processes.
    pub(crate) seen: u64,
}

impl Account {
    /// Time whose user is known.
    pub(crate) fn accounted(&self) -> u64 {
        [
            self.reaped,
            self.orphans,
            self.ended,
            self.ending,
            self.irq,
            self.softirq,
            self.steal,
        ]
        .iter()
        .fold(self.sampled, |sum, part| sum.saturating_add(*part))
    }

    /// Tasks that came and went between samples, threads included.
    pub(crate) fn never_sampled(&self) -> u64 {
        self.created.saturating_sub(self.seen)
    }
}

/// A parent that has not gained its children's time after so many samples never will: it
/// ignores SIGCHLD.
const PATIENCE: u32 = 2;
/// Programs that, like PID 1, reap other processes' children: they ask for it, prctl(2)
/// PR_SET_CHILD_SUBREAPER, or are made to be PID 1 of a container. The kernel does not
/// show it. The names are compared as a whole, up to the 15 bytes that the kernel keeps
/// (containerd-shim-runc-v2): `systemd` is a user's, systemd-udevd is no reaper.
const SUBREAPERS: [&[u8]; 8] = [
    b"systemd",
    b"containerd-shim",
    b"conmon",
    b"tini",
    b"docker-init",
    b"dumb-init",
    b"catatonit",
    b"s6-svscan",
];

/// The times of a process at its last sample.
#[derive(Debug, Clone, Copy, Default)]
struct ProcessTimes {
    pid: u32,
    parent: u32,
    own: u64,
    children: u64,
    /// The same, as far as they were counted.
    own_time: TaskTime,
    children_time: TaskTime,
    threads: u64,
    /// Time of vanished children that it has yet to gain, and since how many samples.
    owed: u64,
    waited: u32,
}

impl ProcessTimes {
    fn of(process: &Process) -> Self {
        let mut seen = Self::default();
        seen.take(process);
        seen.own_time = TaskTime::from(seen.own);
        seen.children_time = TaskTime::from(seen.children);
        seen
    }

    /// Takes the values that need no counting.
    fn take(&mut self, process: &Process) {
        let values = &process.values;
        self.pid = process.pid;
        self.parent = u32::try_from(values[process::PPID]).unwrap_or(0);
        self.own = process.cpu_time();
        self.children = values[process::CUTIME].saturating_add(values[process::CSTIME]);
        self.threads = values[process::NUM_THREADS];
    }
}

/// Keeps the account of one run.
#[derive(Debug, Default)]
pub(crate) struct Accountant {
    account: Account,
    slots: Vec<Option<ProcessTimes>>,
    /// Forks since boot.
    forks: Counter,
    /// Slots that gained time of children, how much, and whether the process is a reaper of
    /// orphans.
    gained: Vec<(usize, u64, bool)>,
    vanished: Vec<ProcessTimes>,
    /// Slots of processes that are owed time; there are few.
    creditors: Vec<usize>,
    ended: EndedTally,
    clk_tck: u64,
}

impl Accountant {
    pub(super) fn new(clk_tck: u64) -> Self {
        Self {
            clk_tck,
            ..Self::default()
        }
    }

    /// Takes a result, or a part of one, before the sample that it belongs to.
    pub(super) fn result(&mut self, part: &ResultPart<Vec<u8>>) {
        self.ended.result(part);
    }

    /// Takes the next sample.
    pub(super) fn sample(&mut self, sample: &Sample, step: &Step) {
        let is_told = self.ended.sample(sample, step.interval.as_ref());
        let forks = sample.machine.value(kernel::ID, kernel::PROCESSES);
        let created = forks.map_or(0, |forks| self.forks.read(forks, true));
        let Some(began) = step.interval.map(|interval| interval.began) else {
            self.start_over(sample);
            return;
        };
        add(&mut self.account.created, created);
        if let Some(spent) = &step.spent {
            self.machine_time(spent);
        }
        self.gained.clear();
        self.vanished.clear();
        for &(slot, fate) in &sample.changes {
            if self.slots.len() <= slot {
                self.slots.resize(slot + 1, None);
            }
            if fate == Fate::Died {
                self.vanished.extend(self.slots[slot].take());
            } else if let Some(Some(process)) = sample.slots.get(slot) {
                self.process(slot, process, began, step.most);
            }
        }
        self.settle(is_told);
    }

    /// After samples were lost, only the processes of this sample are known.
    fn start_over(&mut self, sample: &Sample) {
        self.slots.clear();
        self.creditors.clear();
        let processes = sample.slots.iter();
        self.slots
            .extend(processes.map(|process| process.as_ref().map(ProcessTimes::of)));
    }

    #[cfg(test)]
    pub(crate) fn finish(self) -> Account {
        self.finish_both().0
    }

    /// The account, and the processes that ended.
    pub(super) fn finish_both(self) -> (Account, EndedSummary) {
        let ticks = u128::from(self.ended.cpu_us()) * u128::from(self.clk_tck) / 1_000_000;
        let (ticks, names) = (ticks as u64, self.ended.finish());
        // Of processes that were lost all their time would be in it.
        let gained = self.account.ending * u64::from(names.lost == 0);
        let account = Account {
            ended: ticks,
            ending: gained.saturating_sub(ticks),
            ..self.account
        };
        (account, names)
    }

    fn machine_time(&mut self, spent: &CpuUse) {
        let account = &mut self.account;
        add(&mut account.busy, spent.busy());
        add(&mut account.irq, spent.of(cpu::IRQ));
        add(&mut account.softirq, spent.of(cpu::SOFTIRQ));
        add(&mut account.steal, spent.of(cpu::STEAL));
    }

    fn process(&mut self, slot: usize, process: &Process, began: u64, most: u64) {
        // Changed in place, without a copy: most entries of a log come here.
        let Some(place) = self.slots.get_mut(slot) else {
            return;
        };
        let seen = place.get_or_insert_with(|| {
            match process.starttime.saturating_add(1) >= began {
                true => ProcessTimes {
                    own_time: TaskTime::from(0),
                    children_time: TaskTime::from(0),
                    ..ProcessTimes::default()
                },
                // It ran before and was left out: the time it used then is not accounted for.
                false => ProcessTimes::of(process),
            }
        });
        let threads_before = seen.threads;
        seen.take(process);
        let account = &mut self.account;
        let own = seen.own_time.read(seen.own, most);
        add(&mut account.sampled, own.unwrap_or(0));
        let threads = seen.threads.saturating_sub(threads_before);
        add(&mut account.seen, threads);
        // Children may be reaped long after they ran.
        let gained = seen.children_time.read(seen.children, u64::MAX);
        let gained = gained.unwrap_or(0);
        if gained > 0 {
            let reaper = process.pid == 1 || SUBREAPERS.contains(&process.comm.as_slice());
            self.gained.push((slot, gained, reaper));
        }
    }

    /// Charges to the parents the gain that was not known yet; where it `is_told` whose it
    /// is, it is added up, until what was told is taken off.
    fn settle(&mut self, is_told: bool) {
        let gone: Vec<_> = self.vanished.iter().map(|s| (s.pid, s.parent)).collect();
        let slots = self.slots.iter().enumerate();
        let there = slots.filter_map(|(slot, seen)| Some((seen.as_ref()?.pid, slot)));
        for (gone, heir) in self.vanished.iter().zip(heirs(&gone, there)) {
            let known = gone.own.saturating_add(gone.children);
            // The heir inherits the time that the vanished process was owed.
            let known = known.saturating_add(gone.owed);
            let heir = heir.and_then(|slot| Some((slot, self.slots.get_mut(slot)?.as_mut()?)));
            if let Some((slot, heir)) = heir {
                add(&mut heir.owed, known);
                heir.waited = 0;
                self.creditors.push(slot);
            }
        }
        self.creditors.sort_unstable();
        self.creditors.dedup();
        for index in 0..self.gained.len() {
            let (slot, gained, reaper) = self.gained[index];
            let Some(Some(parent)) = self.slots.get_mut(slot) else {
                continue;
            };
            let unknown = gained.saturating_sub(parent.owed);
            parent.owed = parent.owed.saturating_sub(gained);
            match reaper {
                _ if is_told => add(&mut self.account.ending, unknown),
                true => add(&mut self.account.orphans, unknown),
                false => add(&mut self.account.reaped, unknown),
            }
        }
        let slots = &mut self.slots;
        self.creditors.retain(|slot| {
            let seen = slots.get_mut(*slot).and_then(Option::as_mut);
            let Some(seen) = seen.filter(|seen| seen.owed > 0) else {
                return false;
            };
            seen.waited += 1;
            if seen.waited > PATIENCE {
                seen.owed = 0;
            }
            seen.owed > 0
        });
    }
}

fn add(sum: &mut u64, part: u64) {
    *sum = sum.saturating_add(part);
}
