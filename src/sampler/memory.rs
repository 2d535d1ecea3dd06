//! Memory: which processes are read in this sample, and which are estimated.

use super::memory_source::MemoryReading;
use super::owner::Owner;
use super::pss_estimate::Due;
use super::sharing::SharerChange;
use super::state::Sampler;
use super::task::{has_ended, Task};
use super::track::Track;
use crate::log::fields::process::{self, flag};
use crate::log::record::PssMode;
use crate::proc::root::Root;
use crate::proc::statm::{self, Statm};
use crate::system::clock::boottime_ns;
use nix::time::{clock_gettime, ClockId};

/// Ticks after which memory that was denied is tried again.
const RETRY_EVERY: u64 = 60;

impl Sampler {
    /// Brings every process's memory figures up to date.
    pub(super) fn update_memory(&mut self, tick: u64, elapsed_ns: u64) {
        self.apply_sharing();
        match self.options.pss {
            PssMode::Off => {
                let mut index = 0;
                let may_be = |track: &mut Track| track.may_be_borrowed();
                while let Some(next) = self.table.next_where(index, may_be) {
                    self.leave_to_parent(next);
                    index = next + 1;
                }
            }
            PssMode::Exact => {
                for index in 0..self.table.len() {
                    match self.is_over() {
                        true => self.postpone(index),
                        false => self.read_memory(tick, index),
                    }
                }
            }
            PssMode::Auto => self.adapt(tick, elapsed_ns),
        }
        self.table.count_unreadable(self.denied, self.failed);
    }

    /// Has all be read in the next sample, whatever the budget, that were never read, have
    /// moved, or whose pages others came to share, or ceased to, since they were read. What
    /// each of many is off by without it, always to the same side, would be taken for the
    /// cost of the last that came.
    pub fn read_all_moved(&mut self) {
        self.spares_nothing = true;
        self.table
            .for_each(|_, track| track.memory.read_if_drifted());
    }

    /// Processes that share pages with one that came or went are due to be read.
    fn apply_sharing(&mut self) {
        let sharing = &self.table.sharing;
        let (count, overflown) = (sharing.changes.len(), sharing.overflown);
        if self.options.pss == PssMode::Auto && self.samples > 0 {
            if overflown {
                self.table.for_each(|_, track| track.memory.shared_by(1));
            }
            for index in 0..count {
                self.apply_change(self.table.sharing.changes[index]);
            }
        }
        self.table.sharing.clear();
    }

    fn apply_change(&mut self, change: SharerChange) {
        let SharerChange { program, parent } = change;
        let mut sharers = 0;
        let is_sharer = |track: &Track| track.program == program;
        self.table
            .for_each(|_, track| sharers += u64::from(is_sharer(track)));
        self.table.for_each(|process, track| {
            if is_sharer(track) {
                track.memory.shared_by(sharers);
                if process.pid == parent {
                    track.memory.shared_with_child();
                }
            }
        });
    }

    /// Reads what has moved, then what is old, within the budget; estimates the rest.
    fn adapt(&mut self, tick: u64, elapsed_ns: u64) {
        let first = self.samples == 0;
        let spares_nothing = std::mem::take(&mut self.spares_nothing);
        self.budget.earn(elapsed_ns);
        let mut clock = thread_cpu_ns();
        let processes = self.table.len();
        let page_kib = self.page_kib;
        self.table.for_each(|process, track| {
            track.memory.estimate(&mut process.values, page_kib);
        });
        // Where the budget ended last time is where it begins now.
        let from = self.resume;
        let mut old = 0;
        for due in [Due::Moved, Due::Old] {
            // The first round finds what is due in the second.
            if due == Due::Old && old == 0 {
                break;
            }
            let is_free = first || spares_nothing && due == Due::Moved;
            for step in 0..processes {
                let index = (from + step) % processes;
                if due == Due::Moved {
                    old += u32::from(self.find_due(tick, index) == Due::Old);
                }
                if self.table.due(index) != due {
                    continue;
                }
                if self.budget.is_used_up() && !is_free || self.is_over() {
                    self.postpone(index);
                    continue;
                }
                self.read_memory(tick, index);
                let now = thread_cpu_ns();
                if !is_free {
                    self.budget.spend(now.saturating_sub(clock));
                }
                clock = now;
                if self.budget.is_used_up() {
                    self.resume = index;
                }
            }
        }
        let tick_length = self.tick_length;
        self.table.for_each(|process, track| {
            if first {
                track.memory.stagger(process.pid, tick_length);
            }
            let values = &mut process.values;
            if values[process::FLAGS] & flag::STALE == 0 {
                return;
            }
            let due = track.memory.due(values, track.quiet, tick, tick_length);
            if matches!(due, Due::No | Due::CheckStatm) {
                values[process::FLAGS] &= !flag::STALE;
            }
        });
    }

    /// How urgent it is to read the process at `index`.
    fn find_due(&mut self, tick: u64, index: usize) -> Due {
        let (pid, slot) = self.table.place(index);
        let Some((process, track)) = self.table.get(slot) else {
            return Due::No;
        };
        let values = &mut process.values;
        track.due = track
            .memory
            .due(values, track.quiet, tick, self.tick_length);
        if track.due == Due::CheckStatm {
            let tid = track.tid;
            track.due = match read_statm(&self.root, Task { pid, tid }, &mut self.buffer) {
                Some(statm) => {
                    let due = track.memory.check_statm(values, &statm, self.page_kib);
                    track.memory.estimate(values, self.page_kib);
                    due
                }
                None => Due::Moved,
            };
        }
        track.due
    }

    fn is_over(&self) -> bool {
        self.over_ns.is_some_and(|over_ns| boottime_ns() > over_ns)
    }

    fn postpone(&mut self, index: usize) {
        let (_, slot) = self.table.place(index);
        if let Some((process, _)) = self.table.get(slot) {
            process.values[process::FLAGS] |= flag::STALE;
        }
    }

    fn read_memory(&mut self, tick: u64, index: usize) {
        let (_, slot) = self.table.place(index);
        let task = self.table.task(index);
        let reading = self.reading(tick, slot, task);
        let Some((process, track)) = self.table.get(slot) else {
            return;
        };
        let values = &mut process.values;
        match reading {
            Some(MemoryReading::Known(rollup)) => {
                track.retry_at = 0;
                // Keep statm: the next move can then be split into own and file pages.
                let statm = match track.quiet || self.options.pss != PssMode::Auto {
                    true => None,
                    false => read_statm(&self.root, task, &mut self.buffer),
                };
                track.memory.take_reading(values, &rollup, statm, tick);
            }
            Some(MemoryReading::None) => track.memory.set_absent(values, false, tick),
            Some(MemoryReading::Denied) => {
                if track.retry_at <= tick {
                    track.retry_at = tick + RETRY_EVERY;
                }
                track.memory.set_absent(values, true, tick);
            }
            // The last figures stand.
            Some(MemoryReading::Failed) => {
                values[process::FLAGS] |= flag::STALE;
                track.failed = true;
            }
            None => track.memory.set_borrowed(values, tick),
        }
    }

    /// Reads the memory of a process; `None` where it runs in its parent's.
    fn reading(&mut self, tick: u64, slot: usize, task: Task) -> Option<MemoryReading> {
        let (process, track) = self.table.get(slot)?;
        let has_ended = has_ended(track.state) && task.tid == 0;
        if process.has(flag::KERNEL_THREAD) || has_ended {
            return Some(MemoryReading::None);
        }
        if track.retry_at > tick {
            return Some(MemoryReading::Denied);
        }
        let owner = match track.may_be_borrowed() {
            true => self.owner(task.pid, slot),
            false => Owner::Itself,
        };
        if owner == Owner::Parent {
            return None;
        }
        let reading = self.memory_source.read(&self.root, task, &mut self.buffer);
        let reading = reading.within(self.mem_total_kib());
        match (owner, &reading) {
            (Owner::Unknown, MemoryReading::Known(own)) if self.looks_borrowed(slot, own) => {
                Some(MemoryReading::Failed)
            }
            _ => Some(reading),
        }
    }
}

/// statm of a process; `None` where it is gone.
pub(super) fn read_statm(root: &Root, task: Task, buffer: &mut [u8]) -> Option<Statm> {
    let text = root.read_proc(&task.file("statm"), buffer).ok()?;
    statm::parse(text).ok()
}

/// CPU time of this thread, so that preemption is not charged to the budget.
fn thread_cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
    time.map_or(0, |time| {
        (time.tv_sec() as u64)
            .wrapping_mul(1_000_000_000)
            .wrapping_add(time.tv_nsec() as u64)
    })
}
