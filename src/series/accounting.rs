//! Where every tick of CPU time went: the machine's busy time, divided among
//! those who used it. All in USER_HZ.
//!
//! A process that ends takes the time since its last sample with it; whoever
//! reaps it gets all of its time added to cutime and cstime (times(2)). So what a
//! parent gained there, less what its vanished children had at their last
//! samples, was used by children between samples, or never sampled at all.

use super::busy::Spent;
use super::counter::{Counter, TaskTime};
use super::heirs::heirs;
use crate::log::fields::{cpu, kernel, process};
use crate::log::model::Process;
use crate::log::sample::{Fate, Sample};

/// Where the CPU time of a run went. What is left of `busy` is unattributed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Account {
    /// All time but idle and iowait; `steal` is in it.
    pub(crate) busy: u64,
    /// By processes, from sample to sample.
    pub(crate) sampled: u64,
    /// By children that ended between samples, charged to who reaped them.
    pub(crate) reaped: u64,
    /// By those whose parent was gone, reaped by PID 1 or a subreaper.
    pub(crate) orphans: u64,
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
    /// Time that somebody is known to have used.
    pub(crate) fn accounted(&self) -> u64 {
        [
            self.reaped,
            self.orphans,
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

/// Samples after which a parent that has not gained its children's time is taken
/// never to gain it: it ignores SIGCHLD.
const PATIENCE: u32 = 2;
/// Programs that reap what is not theirs, beside PID 1: those that ask for it, prctl(2)
/// PR_SET_CHILD_SUBREAPER, and those made to be PID 1 of a container. The kernel does not
/// show who does. These are whole names, but for what the kernel cuts off behind 15
/// bytes (containerd-shim-runc-v2): `systemd` is a user's, systemd-udevd no reaper.
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

/// A process as it was at its last sample.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    pid: u32,
    parent: u32,
    own: u64,
    children: u64,
    /// What of the two was counted.
    own_time: TaskTime,
    children_time: TaskTime,
    threads: u64,
    /// Time of vanished children that it has yet to gain; and for how long.
    owed: u64,
    waited: u32,
}

impl Seen {
    fn of(process: &Process) -> Self {
        let mut seen = Self::default();
        seen.take(process);
        seen.own_time = TaskTime::from(seen.own);
        seen.children_time = TaskTime::from(seen.children);
        seen
    }

    /// Takes what is not counted from sample to sample.
    fn take(&mut self, process: &Process) {
        let values = &process.values;
        self.pid = process.pid;
        self.parent = u32::try_from(values[process::PPID]).unwrap_or(0);
        self.own = process.cpu_time();
        self.children = values[process::CUTIME].saturating_add(values[process::CSTIME]);
        self.threads = values[process::NUM_THREADS];
    }
}

/// Nearly every name is none of them by its first letter.
const FIRST_LETTERS: [bool; 256] = {
    let mut letters = [false; 256];
    let mut nth = 0;
    while nth < SUBREAPERS.len() {
        letters[SUBREAPERS[nth][0] as usize] = true;
        nth += 1;
    }
    letters
};

fn is_subreaper(comm: &[u8]) -> bool {
    let may_be = comm
        .first()
        .is_some_and(|letter| FIRST_LETTERS[usize::from(*letter)]);
    may_be && SUBREAPERS.contains(&comm)
}

/// Keeps the account of one run.
#[derive(Debug, Default)]
pub(crate) struct Accountant {
    account: Account,
    slots: Vec<Option<Seen>>,
    /// Forks since boot.
    forks: Counter,
    /// Who gained time of children, how much, and whether it reaps what is not its own.
    gained: Vec<(usize, u64, bool)>,
    vanished: Vec<Seen>,
    /// Slots of those that are owed; few ever are.
    creditors: Vec<usize>,
}

impl Accountant {
    /// Takes the next sample; where it ends an interval, that began at `began`,
    /// USER_HZ after boot, and the machine `spent` this in it.
    /// A process can have used the `most` in it.
    pub(crate) fn sample(
        &mut self,
        sample: &Sample,
        began: Option<u64>,
        spent: Option<Spent>,
        most: u64,
    ) {
        let forks = sample.machine.value(kernel::ID, kernel::PROCESSES);
        let created = forks.map_or(0, |forks| self.forks.read(forks, true));
        let Some(began) = began else {
            self.start_over(sample);
            return;
        };
        add(&mut self.account.created, created);
        if let Some(spent) = spent {
            self.machine_time(&spent);
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
                self.process(slot, process, began, most);
            }
        }
        self.settle();
    }

    /// After samples were lost, who is there now is all that is known.
    fn start_over(&mut self, sample: &Sample) {
        self.slots.clear();
        self.creditors.clear();
        let processes = sample.slots.iter();
        self.slots
            .extend(processes.map(|process| process.as_ref().map(Seen::of)));
    }

    pub(crate) fn finish(self) -> Account {
        self.account
    }

    fn machine_time(&mut self, spent: &Spent) {
        let account = &mut self.account;
        add(&mut account.busy, spent.busy());
        add(&mut account.irq, spent.of(cpu::IRQ));
        add(&mut account.softirq, spent.of(cpu::SOFTIRQ));
        add(&mut account.steal, spent.of(cpu::STEAL));
    }

    fn process(&mut self, slot: usize, process: &Process, began: u64, most: u64) {
        // In its place, not copied out and in again: most entries of a log come here.
        let Some(place) = self.slots.get_mut(slot) else {
            return;
        };
        let seen = place.get_or_insert_with(|| {
            match process.starttime.saturating_add(1) >= began {
                true => Seen {
                    own_time: TaskTime::from(0),
                    children_time: TaskTime::from(0),
                    ..Seen::default()
                },
                // It was there before, and left out: of what it used then is no account.
                false => Seen::of(process),
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
            let reaper = process.pid == 1 || is_subreaper(&process.comm);
            self.gained.push((slot, gained, reaper));
        }
    }

    /// Charges what was gained, less what is known already, to the parents.
    fn settle(&mut self) {
        let gone: Vec<_> = self.vanished.iter().map(|s| (s.pid, s.parent)).collect();
        let slots = self.slots.iter().enumerate();
        let there = slots.filter_map(|(slot, seen)| Some((seen.as_ref()?.pid, slot)));
        for (gone, heir) in self.vanished.iter().zip(heirs(&gone, there)) {
            let known = gone.own.saturating_add(gone.children);
            // What the vanished one itself was owed goes the same way.
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
