//! The processes that are there, and their CPU time.

use super::error::Error;
use super::gate::GateAnswer;
use super::sharing::Program;
use super::state::Sampler;
use super::task::{has_ended, is_denied, is_gone, living_thread, Task};
use super::track::Track;
use crate::log::fields::process::{self, flag};
use crate::log::model::{comm, Process};
use crate::log::record::PssMode;
use crate::proc::pid_stat::{self, PidStat};
use crate::proc::root::{read_once, reread, Root};
use crate::system::clock::boottime_ns;
use std::os::fd::OwnedFd;

/// An idle process is read again after this time: its memory may have been reclaimed.
const LOOK_EVERY_NS: u64 = 10_000_000_000;
/// Samples from one listing to the next, though nothing was forked.
pub const LIST_EVERY: u64 = 60;

/// Whether a process is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    There,
    Gone,
    /// It is there, and this user may not look at it.
    Denied,
    /// It appeared, and could not be looked at now.
    Failed,
}

impl Sampler {
    /// Finds the processes that are there, and reads the CPU time of those that ran.
    /// `list`: there may be new ones. `reclaimed`: idle ones may have lost memory.
    ///
    /// # Errors
    /// In the first sample, where `/proc` cannot be listed, and where no file of a
    /// process could be opened.
    pub(super) fn scan(&mut self, tick: u64, list: bool, reclaimed: bool) -> Result<(), Error> {
        if self.samples == 0 {
            let spare = self.root.open_proc("stat");
            spare.map_err(|errno| Error::Read(self.root.proc_path("stat"), errno))?;
        }
        let round = self.samples % LIST_EVERY == 0;
        self.table.forget_gone();
        // No fork since the last listing: no new pid. A dead process shows when its stat
        // cannot be read.
        if list || round {
            let whole = self.listing.read(&mut self.buffer);
            let pids = &mut self.listing.pids;
            if let (0, Err(errno)) = (self.samples, whole) {
                return Err(Error::Read(self.root.proc_path(""), errno));
            }
            self.forks.listed(pids, whole.is_ok());
            self.table.update(pids, whole == Ok(true));
            (self.denied, self.failed) = (0, 0);
        }
        // In exact mode the resident set must be of the same moment as PSS.
        let gated = !reclaimed && self.options.pss != PssMode::Exact;
        let from = boottime_ns();
        self.look_at_all(tick, gated, true);
        // The CPU times are of this moment, give or take half of the time that reading
        // took, in which the recorder may have been preempted.
        self.read_at_ns = from + boottime_ns().saturating_sub(from) / 2;
        self.look_at_all(tick, gated, false);
        if round && self.table.left_out() > 0 {
            self.admit_largest(tick);
        }
        Ok(())
    }

    /// Reads the processes that ran in the last interval, one right after another, or
    /// all the others, most of which are idle again.
    fn look_at_all(&mut self, tick: u64, gated: bool, first: bool) {
        let mut index = 0;
        let is_wanted = |track: &mut Track| {
            if first {
                track.first = !track.quiet;
            }
            track.first == first
        };
        while let Some(next) = self.table.next_where(index, is_wanted) {
            index = next;
            match self.look_at(tick, index, gated) {
                Presence::There => index += 1,
                gone => self.bury(index, gone),
            }
        }
    }

    fn bury(&mut self, index: usize, why: Presence) {
        self.table.remove(index);
        self.denied += u64::from(why == Presence::Denied);
        if why == Presence::Failed {
            self.failed += 1;
            self.forks.list_again();
        }
    }

    /// A file of the process in `slot` could not be read. A known process keeps its last
    /// figures.
    fn failed(&mut self, slot: usize) -> Presence {
        match self.table.get(slot) {
            Some((process, track)) if process.starttime != 0 => {
                track.failed = true;
                Presence::There
            }
            _ => Presence::Failed,
        }
    }

    /// Reads stat into the buffer; returns its length.
    fn read_stat(&mut self, pid: u32, slot: usize) -> Result<usize, Presence> {
        let buffer = &mut self.buffer[..];
        let Some((process, track)) = self.table.get(slot) else {
            return Err(Presence::Gone);
        };
        // Keep a stat descriptor only for a process that is seen running twice; idle ones
        // have the gate's.
        let newborn = self.options.pss != PssMode::Exact && process.starttime == 0;
        let keep = !track.quiet && !newborn;
        let kept = match &track.stat {
            Some(file) => reread(file, buffer).map(<[u8]>::len).ok(),
            None => None,
        };
        if let Some(len) = kept {
            return Ok(len);
        }
        // The process is reaped, and its pid may be another's by now.
        match open_stat(&self.root, pid, buffer) {
            Ok((file, len)) => {
                if keep {
                    let budget = self.options.kept_descriptors;
                    self.table.keep_stat(slot, file, budget);
                }
                Ok(len)
            }
            Err(errno) if is_denied(errno) => Err(Presence::Denied),
            Err(errno) if is_gone(errno) => Err(Presence::Gone),
            Err(_) => Err(self.failed(slot)),
        }
    }

    fn look_at(&mut self, tick: u64, index: usize, gated: bool) -> Presence {
        let (pid, slot) = self.table.place(index);
        // A gate that was never asked lets nobody pass. It is asked all the same: else every
        // stat would be kept open, and no descriptor be left for the gates.
        let asks = gated || self.has_unasked_gate(slot);
        if asks && self.is_quiet(tick, pid, slot) {
            return Presence::There;
        }
        let len = match self.read_stat(pid, slot) {
            Ok(len) => len,
            Err(life) => return life,
        };
        let Ok(stat) = pid_stat::parse(&self.buffer[..len]) else {
            return self.failed(slot);
        };
        let known = self
            .table
            .get(slot)
            .map_or(0, |(process, _)| process.starttime);
        if known != 0 && known != stat.starttime {
            self.table.renew(slot);
        } else if gated && known != 0 {
            let cpu_time = stat.utime.saturating_add(stat.stime);
            self.table.check_gate(slot, cpu_time);
        }
        // More than there is may be mapped more than once, but not in less address space.
        let rss_kib = stat.rss.saturating_mul(self.page_kib);
        let is_absurd = rss_kib > stat.vsize / 1024
            && self.mem_total_kib().is_some_and(|total| rss_kib > total);
        let Some((process, track)) = self.table.get(slot) else {
            return Presence::There;
        };
        track.stat_at = tick;
        track.tid = 0;
        if put_stat(&stat, process, track, is_absurd) {
            let program = program(&self.root, pid);
            let before = std::mem::replace(&mut track.program, program);
            self.table.sharing.note(before, stat.ppid);
            self.table.sharing.note(program, stat.ppid);
        }
        if has_ended(stat.state) && stat.num_threads > 1 {
            self.look_at_thread(pid, slot);
        }
        Presence::There
    }

    /// The leader of `pid` has ended, so that its stat shows no memory: another thread's
    /// does.
    fn look_at_thread(&mut self, pid: u32, slot: usize) {
        let thread = living_thread(&self.root, pid, &mut self.buffer);
        if let (Some(thread), Some((process, track))) = (thread, self.table.get(slot)) {
            track.tid = thread.tid;
            process.values[process::RSS] = thread.rss;
            process.values[process::VSIZE] = thread.vsize / 1024;
        }
    }

    fn has_unasked_gate(&mut self, slot: usize) -> bool {
        let has = |track: &mut Track| !track.gate.was_asked();
        self.options.pss != PssMode::Exact
            && self.table.get(slot).is_some_and(|(_, track)| has(track))
    }

    /// Whether the process can be skipped: it is idle, has a single thread, and was read
    /// not long ago.
    fn is_quiet(&mut self, tick: u64, pid: u32, slot: usize) -> bool {
        let look_every = self.tick_length.ticks_in(LOOK_EVERY_NS);
        let may_keep = self.table.may_keep_gate(self.options.kept_descriptors);
        let Some((process, track)) = self.table.get(slot) else {
            return false;
        };
        let values = &process.values;
        if process.starttime == 0 || values[process::NUM_THREADS] != 1 {
            track.quiet = false;
            track.identified.ran = true;
            return false;
        }
        let kept = track.gate.file.is_some();
        let told = track.gate.ask(&self.root, pid, may_keep, &mut self.buffer);
        let keeps = !kept && track.gate.file.is_some();
        // Spread over time by the pid.
        let age = tick.saturating_sub(track.stat_at);
        let due = age >= look_every || (age > 0 && (tick + u64::from(pid)) % look_every == 0);
        track.quiet = told != GateAnswer::Open;
        track.identified.ran |= !track.quiet;
        let pass = told == GateAnswer::Quiet && !due;
        if keeps {
            self.table.kept_gate();
        }
        pass
    }

    /// The resident set of `pid` now, pages.
    pub(super) fn read_rss(&mut self, pid: u32) -> Option<u64> {
        let (_, len) = open_stat(&self.root, pid, &mut self.buffer).ok()?;
        Some(pid_stat::parse(&self.buffer[..len]).ok()?.rss)
    }

    /// Puts the largest processes that are left out in the place of the smallest.
    fn admit_largest(&mut self, tick: u64) {
        let mut outsider = 0;
        while let Some(&pid) = self.listing.pids.get(outsider) {
            let rss = self.read_rss(pid);
            let place = match (rss, self.table.smallest()) {
                (None, _) => None,
                // A process that was listed and could not be read left room.
                _ if self.table.has_room() => self.table.admit(pid),
                (Some(rss), Some((index, smallest))) if rss > smallest => {
                    let (smaller, place) = self.table.replace(index, pid);
                    self.listing.pids[outsider] = smaller;
                    place
                }
                _ => None,
            };
            if let Some(index) = place {
                match self.look_at(tick, index, false) {
                    Presence::There => {}
                    gone => self.bury(index, gone),
                }
            }
            outsider += 1;
        }
    }
}

fn open_stat(root: &Root, pid: u32, buffer: &mut [u8]) -> nix::Result<(OwnedFd, usize)> {
    let file = root.open_proc(&Task::of(pid).file("stat"))?;
    let len = read_once(&file, buffer)?.len();
    Ok((file, len))
}

/// The program of `pid`; the default where it may not be read.
fn program(root: &Root, pid: u32) -> Program {
    let name = Task::of(pid).file("exe");
    let (device, inode) = root.identify_proc(&name).unwrap_or_default();
    Program::of(device, inode)
}

/// Takes over stat, but for a resident set that `is_absurd`. Returns whether the process
/// executes another program than before.
fn put_stat(stat: &PidStat<'_>, process: &mut Process, track: &mut Track, is_absurd: bool) -> bool {
    track.failed |= is_absurd;
    let rss = match is_absurd {
        true => process.values[process::RSS],
        false => stat.rss,
    };
    process.starttime = stat.starttime;
    let renamed = process.comm != stat.comm;
    if renamed {
        process.comm = comm(stat.comm);
        track.renamed = true;
    }
    // A zombie has no text, nor any arguments left.
    let moved = stat.startcode != 0 && track.startcode != stat.startcode;
    track.startcode = stat.startcode;
    track.state = stat.state;
    if renamed || moved {
        track.identified.executes();
    }
    let kernel_thread = match stat.is_kernel_thread() {
        true => flag::KERNEL_THREAD,
        false => 0,
    };
    let values = &mut process.values;
    values[process::FLAGS] = values[process::FLAGS] & !flag::KERNEL_THREAD | kernel_thread;
    for (field, value) in [
        (process::UTIME, stat.utime),
        (process::STIME, stat.stime),
        (process::RSS, rss),
        (process::NUM_THREADS, stat.num_threads),
        (process::VSIZE, stat.vsize / 1024),
        (process::CUTIME, stat.cutime),
        (process::CSTIME, stat.cstime),
        (process::MAJFLT, stat.majflt),
        (process::PPID, u64::from(stat.ppid)),
    ] {
        values[field] = value;
    }
    (renamed || moved) && !stat.is_kernel_thread()
}
