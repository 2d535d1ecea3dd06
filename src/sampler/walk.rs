//! Memory: who is read in this sample, and who is estimated.

use super::memory::Reading;
use super::pss::Due;
use super::Sampler;
use crate::log::fields::process::{self, flag};
use crate::log::record::PssMode;
use crate::log::KEY_EVERY;
use crate::proc::root::Root;
use crate::proc::statm::{self, Statm};
use nix::time::{clock_gettime, ClockId};
use std::fmt::Write;

impl Sampler {
    /// Brings every process's memory figures up to date.
    pub(super) fn memory(&mut self, tick: u64, elapsed_ns: u64) {
        self.sharing_settles();
        match self.options.pss {
            PssMode::Off => {}
            PssMode::Exact => {
                for index in 0..self.table.len() {
                    self.read_memory(tick, index);
                }
            }
            PssMode::Auto => self.adapt(tick, elapsed_ns),
        }
        self.table.count_unreadable(self.denied);
    }

    fn sharing_settles(&mut self) {
        if self.options.pss == PssMode::Auto && self.ticks > 0 {
            self.sharing.settle(&mut self.table);
        } else {
            self.sharing.forget();
        }
    }

    /// Reads what has moved, then what is old, as far as the budget goes; the rest
    /// is estimated.
    fn adapt(&mut self, tick: u64, elapsed_ns: u64) {
        let first = self.ticks == 0;
        self.budget.earn(elapsed_ns);
        let mut clock = thread_cpu_ns();
        let processes = self.table.len();
        let page_kib = self.page_kib;
        self.table.for_each(|slot, track| {
            track.memory.estimate(&mut slot.process.values, page_kib);
        });
        for due in [Due::Moved, Due::Old] {
            for step in 0..processes {
                // Where the budget ended last time is where it begins now.
                let index = (self.resume + step) % processes;
                // Who is asked in the first round has been read by the second, or is no
                // longer due.
                let asked = due == Due::Moved;
                if self.is_due(tick, index, asked) != due {
                    continue;
                }
                if self.budget.is_used_up() && !first {
                    self.postpone(index);
                    continue;
                }
                self.read_memory(tick, index);
                let now = thread_cpu_ns();
                if !first {
                    self.budget.spend(now.saturating_sub(clock));
                }
                clock = now;
                if self.budget.is_used_up() {
                    self.resume = index;
                }
            }
        }
        let second = self.second;
        self.table.for_each(|slot, track| {
            if first {
                track.memory.stagger(slot.process.pid, second);
            }
            let values = &mut slot.process.values;
            let due = track.memory.due(values, track.quiet, tick, second);
            if matches!(due, Due::No | Due::Ask) {
                values[process::FLAGS] &= !flag::STALE;
            }
        });
    }

    fn is_due(&mut self, tick: u64, index: usize, ask: bool) -> Due {
        let (pid, slot) = self.table.place(index);
        let Some((slot, track)) = self.table.get(slot) else {
            return Due::No;
        };
        let due = track
            .memory
            .due(&slot.process.values, track.quiet, tick, self.second);
        match due {
            Due::Ask if !ask => Due::No,
            Due::Ask => match read_statm(&self.root, pid, &mut self.buffer) {
                Some(statm) => {
                    let values = &mut slot.process.values;
                    let due = track.memory.answer(values, &statm, self.page_kib);
                    track.memory.estimate(values, self.page_kib);
                    due
                }
                None => Due::Moved,
            },
            due => due,
        }
    }

    fn postpone(&mut self, index: usize) {
        let (_, slot) = self.table.place(index);
        if let Some((slot, _)) = self.table.get(slot) {
            slot.process.values[process::FLAGS] |= flag::STALE;
        }
    }

    fn read_memory(&mut self, tick: u64, index: usize) {
        let (pid, slot) = self.table.place(index);
        let Some((slot, track)) = self.table.get(slot) else {
            return;
        };
        // A zombie has no memory, nor has a kernel thread: ESRCH, for the asking.
        let without = slot.process.has(flag::KERNEL_THREAD) || matches!(track.state, b'Z' | b'X');
        let reading = if without {
            Reading::None
        } else if track.retry_at > tick {
            Reading::Denied
        } else {
            self.source.read(&self.root, pid, &mut self.buffer)
        };
        let values = &mut slot.process.values;
        match reading {
            Reading::Known(rollup) => {
                track.retry_at = 0;
                // Who runs will want to be told from what it was now.
                let statm = match track.quiet || self.options.pss != PssMode::Auto {
                    true => None,
                    false => read_statm(&self.root, pid, &mut self.buffer),
                };
                track.memory.read(values, &rollup, statm, tick);
            }
            Reading::None => track.memory.none(values, false, tick),
            Reading::Denied => {
                if track.retry_at <= tick {
                    track.retry_at = tick + KEY_EVERY;
                }
                track.memory.none(values, true, tick);
            }
        }
    }
}

/// statm of `pid`, where it is still there.
pub(super) fn read_statm(root: &Root, pid: u32, buffer: &mut [u8]) -> Option<Statm> {
    let mut name = heapless::String::<24>::new();
    // "4294967295/statm" has 16 bytes.
    let _ = write!(name, "{pid}/statm");
    let text = root.read_proc(&name, buffer).ok()?;
    statm::parse(text).ok()
}

/// CPU time of this thread: what it was put aside for is nobody's page walk.
fn thread_cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
    time.map_or(0, |time| {
        (time.tv_sec() as u64)
            .wrapping_mul(1_000_000_000)
            .wrapping_add(time.tv_nsec() as u64)
    })
}
