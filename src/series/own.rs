//! The recorder among the processes, and the commands that it runs beside the sampling, such
//! as a probe, with all that descends from them; but for what the steps of a ramp start:
//! that is the ramp's workload.

use super::counter::TaskTime;
use super::slots::{id_of, ProcessId};
use crate::log::fields::{process, recorder};
use crate::log::model::Process;
use crate::log::sample::{Fate, Sample};

/// So many descendants are followed, and generations that appear in one sample.
const FOLLOWED: usize = 4096;
const GENERATIONS: usize = 8;

/// CPU time, USER_HZ, in an interval, and PSS at its end, KiB.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) ticks: u64,
    pub(super) pss_kib: u64,
}

/// A process that descends from the recorder.
#[derive(Debug)]
struct Descendant {
    slot: usize,
    id: ProcessId,
    /// A step of a ramp has started it, or an ancestor of it.
    is_workload: bool,
}

/// The pids of the commands that the recorder runs in a sample, and of their descendants.
pub(crate) fn commands(sample: &Sample) -> Vec<u32> {
    let mut own = OwnProcesses::default();
    own.find(sample);
    own.pids.into_iter().skip(1).collect()
}

#[derive(Debug, Default)]
pub(super) struct OwnProcesses {
    /// pids: the recorder's, then those of its descendants; and of the workload's.
    pids: Vec<u32>,
    workload: Vec<u32>,
    /// Where it is, and where they are.
    slot: usize,
    descendants: Vec<Descendant>,
    /// When the steps of a ramp ran, USER_HZ after boot.
    steps: Vec<(u64, u64)>,
    /// CPU time of all that descends from it, dead or alive.
    time: TaskTime,
    /// There was one.
    any: bool,
    begun: bool,
}

impl OwnProcesses {
    /// The pids of the recorder and of its descendants, without those of a ramp's workload.
    pub(super) fn pids(&self) -> &[u32] {
        &self.pids
    }

    /// Whether a step of a ramp has started the process in a slot, or an ancestor of it.
    pub(super) fn is_workload(&self, process: &Process) -> bool {
        self.workload.contains(&process.pid)
    }

    /// A step of a ramp begins.
    pub(super) fn step_begins(&mut self, at: u64) {
        self.steps.push((at, u64::MAX));
    }

    /// It has ended, if one ran.
    pub(super) fn step_ends(&mut self, at: u64) {
        if let Some((_, end)) = self.steps.last_mut().filter(|(_, end)| *end == u64::MAX) {
            *end = at;
        }
    }

    /// Takes the next sample; returns the recorder. `None` where the log does not tell.
    pub(super) fn find<'s>(&mut self, sample: &'s Sample) -> Option<&'s Process> {
        self.pids.clear();
        self.workload.clear();
        let recorder = sample.machine.value(recorder::ID, recorder::PID);
        let recorder = recorder.and_then(|pid| self.recorder(sample, pid));
        let Some(recorder) = recorder else {
            self.descendants.clear();
            self.begun = false;
            return None;
        };
        self.pids.push(recorder.pid);
        let place = |slot: usize| sample.slots.get(slot)?.as_ref();
        self.descendants
            .retain(|of| place(of.slot).is_some_and(|now| id_of(now) == of.id));
        for of in &self.descendants {
            let pids = [&mut self.pids, &mut self.workload];
            pids[usize::from(of.is_workload)].push(of.id.0);
        }
        let is_whole = std::mem::replace(&mut self.begun, true) && !sample.after_loss;
        for _ in 0..GENERATIONS {
            let before = self.descendants.len();
            match is_whole {
                true => {
                    for &(slot, fate) in &sample.changes {
                        if fate == Fate::Born {
                            self.look(slot, place(slot));
                        }
                    }
                }
                false => {
                    for (slot, now) in sample.slots.iter().enumerate() {
                        self.look(slot, now.as_ref());
                    }
                }
            }
            if self.descendants.len() == before {
                break;
            }
        }
        Some(recorder)
    }

    /// Follows the process in a slot if it descends from the recorder.
    fn look(&mut self, slot: usize, now: Option<&Process>) {
        let Some(now) = now else {
            return;
        };
        let parent = u32::try_from(now.values[process::PPID]).unwrap_or(0);
        let is_known = |pid: &u32| self.pids.contains(pid) || self.workload.contains(pid);
        if !is_known(&parent) || is_known(&now.pid) || self.descendants.len() >= FOLLOWED {
            return;
        }
        let mut steps = self.steps.iter();
        let is_workload = self.workload.contains(&parent)
            || steps.any(|(from, to)| (*from..=*to).contains(&now.starttime));
        self.descendants.push(Descendant {
            slot,
            id: id_of(now),
            is_workload,
        });
        let pids = [&mut self.pids, &mut self.workload];
        pids[usize::from(is_workload)].push(now.pid);
    }

    /// What the commands took until this sample, of which `recorder` was found; `None` where
    /// there never was one. `most`: the most that can have been used, USER_HZ.
    pub(super) fn taken(
        &mut self,
        sample: &Sample,
        recorder: &Process,
        most: u64,
    ) -> Option<Taken> {
        let reaped =
            |of: &Process| of.values[process::CUTIME].saturating_add(of.values[process::CSTIME]);
        // The time of a process goes over to the parent that waits for its end.
        let mut time = reaped(recorder);
        let mut pss_kib: u64 = 0;
        for of in self.descendants.iter().filter(|of| !of.is_workload) {
            if let Some(Some(of)) = sample.slots.get(of.slot) {
                time = time
                    .saturating_add(of.cpu_time())
                    .saturating_add(reaped(of));
                pss_kib = pss_kib.saturating_add(of.pss_kib().unwrap_or(0));
            }
        }
        let ticks = self.time.read(time, most).unwrap_or(0);
        self.any |= ticks > 0 || self.pids.len() > 1;
        self.any.then_some(Taken { ticks, pss_kib })
    }

    fn recorder<'s>(&mut self, sample: &'s Sample, pid: u64) -> Option<&'s Process> {
        let is_own = |slot: &Option<Process>| {
            let process = slot.as_ref();
            process.is_some_and(|process| u64::from(process.pid) == pid)
        };
        if !sample.slots.get(self.slot).is_some_and(is_own) {
            self.slot = sample.slots.iter().position(is_own)?;
        }
        sample.slots.get(self.slot)?.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::model::comm;

    fn process(pid: u32, ppid: u32, starttime: u64, kib: u64) -> Process {
        let mut values = [0; process::COUNT];
        values[process::PPID] = ppid.into();
        values[process::PSS] = kib;
        values[process::FLAGS] = process::flag::HAS_PSS;
        Process {
            pid,
            starttime,
            comm: comm(b"x"),
            values,
        }
    }

    /// The recorder is 7. A ramp's step ran from 100 to 120: of its children 11 was started
    /// then, and 12 is its child; 20 is a probe, with a child; 9 is nobody's.
    fn sample() -> Sample {
        let mut sample = Sample::default();
        sample.machine.group_mut(recorder::ID)[recorder::PID] = 7;
        let processes = [
            process(7, 1, 5, 700),
            process(9, 1, 110, 1),
            process(12, 11, 300, 40),
            process(11, 7, 110, 30),
            process(20, 7, 310, 2),
            process(21, 20, 311, 5),
        ];
        sample.slots = processes.map(Some).to_vec();
        sample
    }

    #[test]
    fn what_a_step_started_is_the_workload() {
        let mut own = OwnProcesses::default();
        own.step_begins(100);
        own.step_ends(120);
        let sample = sample();
        let recorder = own.find(&sample).expect("it is there").clone();
        assert_eq!(own.pids(), [7, 20, 21]);
        let workload = sample.processes().filter(|of| own.is_workload(of));
        assert_eq!(workload.map(|of| of.pid).collect::<Vec<_>>(), [12, 11]);
        let taken = own
            .taken(&sample, &recorder, 100)
            .expect("there are commands");
        assert_eq!(taken.pss_kib, 7);
    }

    #[test]
    fn without_steps_all_are_commands() {
        let mut pids = commands(&sample());
        pids.sort_unstable();
        assert_eq!(pids, [11, 12, 20, 21]);
        assert_eq!(commands(&Sample::default()), []);
    }
}
