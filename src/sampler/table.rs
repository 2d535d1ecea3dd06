//! The processes that are followed: each in its slot, ordered by pid.

use super::last::{Last, GONE};
use super::pss_estimate::Due;
use super::sharing::{Program, Sharing};
use super::task::Task;
use super::track::Track;
use crate::log::fields::process::{self, flag};
use crate::log::model::{Comm, Process};
use std::os::fd::OwnedFd;

/// A pid and the slot where its process lies.
type Place = (u32, u16);

/// Processes that are tried for a descriptor to close, where all are in use.
const STEPS: usize = 16;

/// Follows up to a fixed number of processes.
pub(super) struct Table {
    slots: Vec<Option<Process>>,
    tracks: Vec<Track>,
    /// A slot that is free; its track tells of the next.
    free: Option<u16>,
    /// By pid.
    order: Vec<Place>,
    capacity: usize,
    pub(crate) sharing: Box<Sharing>,
    /// Descriptors that are kept open, and where one to close was found last.
    kept: usize,
    hand: usize,
    left_out: u64,
    unreadable: u64,
    failed: u64,
    /// Those that this sample no longer found; with room only where they are remembered.
    gone: Vec<Last>,
}

impl Table {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            slots: Vec::with_capacity(capacity),
            tracks: Vec::with_capacity(capacity),
            free: None,
            order: Vec::with_capacity(capacity),
            capacity,
            sharing: Box::new(Sharing::new()),
            kept: 0,
            hand: 0,
            left_out: 0,
            unreadable: 0,
            failed: 0,
            gone: Vec::new(),
        }
    }

    /// From now on the processes that are gone are remembered for a sample, if that is
    /// `wanted`.
    pub(super) fn remember_gone(&mut self, wanted: bool) {
        let room = if wanted { GONE } else { 0 };
        self.gone.reserve_exact(room);
    }

    /// Those of the sample before are forgotten.
    pub(super) fn forget_gone(&mut self) {
        self.gone.clear();
    }

    fn process_of(&self, pid: u32) -> Option<&Process> {
        let index = self.order.binary_search_by_key(&pid, |place| place.0);
        let (_, slot) = self.place(index.ok()?);
        self.slots.get(slot)?.as_ref()
    }

    /// The last sample of the process that had this pid and began at `began` at the latest,
    /// USER_HZ after boot, whether it is there or gone since the sample before.
    pub(super) fn last_of(&self, pid: u32, began: u64) -> Option<Last> {
        let mut gone = self.gone.iter().copied();
        let gone = gone.find(|last| last.pid == pid);
        let last = gone.or_else(|| self.process_of(pid).map(Last::of));
        last.filter(|last| last.starttime != 0 && last.starttime <= began)
    }

    /// The name of a process that is followed; else nothing.
    pub(super) fn name_of(&self, pid: u32) -> &[u8] {
        self.process_of(pid).map_or(&[], |process| &process.comm)
    }

    pub(crate) fn slots(&self) -> &[Option<Process>] {
        &self.slots
    }

    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn place(&self, index: usize) -> (u32, usize) {
        // Of a slice: to index a Vec is a call, where the program is made for its size.
        let (pid, slot) = self.order.as_slice()[index];
        (pid, slot.into())
    }

    /// The next process from `index` on that is `wanted`.
    pub(crate) fn next_where(
        &mut self,
        index: usize,
        mut wanted: impl FnMut(&mut Track) -> bool,
    ) -> Option<usize> {
        let order = self.order.get(index..)?;
        let tracks = self.tracks.as_mut_slice();
        let behind = order
            .iter()
            .position(|place| wanted(&mut tracks[usize::from(place.1)]))?;
        Some(index + behind)
    }

    /// How urgent it is to read the memory of the process at `index`.
    pub(crate) fn due(&self, index: usize) -> Due {
        let (_, slot) = self.place(index);
        self.tracks.as_slice()[slot].due
    }

    /// Where the files of the process at `index` lie that tell of its memory.
    pub(crate) fn task(&self, index: usize) -> Task {
        let (pid, slot) = self.place(index);
        let tid = self.tracks.as_slice()[slot].tid;
        Task { pid, tid }
    }

    /// The program that `pid` runs, where it is followed.
    pub(crate) fn program_of(&self, pid: u32) -> Option<Program> {
        let index = self.order.binary_search_by_key(&pid, |place| place.0);
        let (_, slot) = self.place(index.ok()?);
        Some(self.tracks[slot].program)
    }

    pub(crate) fn kept_descriptors(&self) -> u64 {
        self.kept as u64
    }

    pub(crate) fn unreadable(&self) -> u64 {
        self.unreadable
    }

    pub(crate) fn failed(&self) -> u64 {
        self.failed
    }

    pub(crate) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Counts the processes whose memory may not be read, and those that could not be
    /// read in this sample; beside them some were `denied` wholly, and `failed`.
    pub(crate) fn count_unreadable(&mut self, denied: u64, failed: u64) {
        let (mut unreadable, mut unread) = (denied, failed);
        self.for_each(|process, track| {
            unreadable += u64::from(process.has(flag::UNREADABLE));
            unread += u64::from(track.failed);
            track.failed = false;
        });
        self.unreadable = unreadable;
        self.failed = unread;
    }

    /// The process in `slot`, and what is kept of it.
    pub(crate) fn get(&mut self, slot: usize) -> Option<(&mut Process, &mut Track)> {
        let process = self.slots.get_mut(slot)?.as_mut()?;
        Some((process, self.tracks.get_mut(slot)?))
    }

    /// Every process, with what is kept of it.
    pub(crate) fn for_each(&mut self, mut each: impl FnMut(&mut Process, &mut Track)) {
        for (process, track) in self.slots.iter_mut().zip(&mut self.tracks) {
            if let Some(process) = process {
                each(process, track);
            }
        }
    }

    /// Hands `sink` each slot whose process has another name than it had the last time.
    pub(crate) fn renames(&mut self, mut sink: impl FnMut(usize)) {
        for (slot, track) in self.tracks.iter_mut().enumerate() {
            if std::mem::take(&mut track.renamed) {
                sink(slot);
            }
        }
    }

    /// Whether the gate of one more process may be kept open. A quarter of all
    /// descriptors is for the stat of those that run.
    pub(crate) fn may_keep_gate(&self, budget: usize) -> bool {
        self.kept < budget / 4 * 3
    }

    /// Counts a gate that was kept open.
    pub(crate) fn kept_gate(&mut self) {
        self.kept += 1;
    }

    /// Gives up the gate of `slot` where it said that the process was idle, and stat shows
    /// more `cpu_time` than before, by more than a tick.
    pub(crate) fn check_gate(&mut self, slot: usize, cpu_time: u64) {
        if let Some((process, track)) = self.get(slot) {
            let ran = cpu_time > process.cpu_time().saturating_add(1);
            if track.gate.told_quiet && ran {
                track.quiet = false;
                let kept = track.gate.give_up();
                self.kept -= usize::from(kept);
            }
        }
    }

    /// Keeps the stat of `slot` open, in the place of one that does not run where
    /// the budget is used up.
    pub(crate) fn keep_stat(&mut self, slot: usize, stat: OwnedFd, budget: usize) {
        self.drop_stat(slot);
        if self.kept >= budget {
            self.drop_a_quiet_stat();
        }
        if let Some(track) = self.tracks.get_mut(slot) {
            if self.kept < budget {
                track.stat = Some(stat);
                self.kept += 1;
            }
        }
    }

    /// Closes the stat of `slot`.
    pub(crate) fn drop_stat(&mut self, slot: usize) {
        if let Some(track) = self.tracks.get_mut(slot) {
            self.kept -= usize::from(track.stat.take().is_some());
        }
    }

    fn drop_a_quiet_stat(&mut self) {
        for _ in 0..self.tracks.len().min(STEPS) {
            self.hand = (self.hand + 1) % self.tracks.len();
            let track = &mut self.tracks[self.hand];
            if track.quiet && track.stat.take().is_some() {
                self.kept -= 1;
                return;
            }
        }
    }

    /// Takes over the pids that are there now, in ascending order: a process whose
    /// pid is gone is forgotten, a new one gets a slot while there is one. Where
    /// they are not the `whole` listing, a pid that is not among them may be there.
    /// Leaves in `pids` those without a slot.
    pub(crate) fn update(&mut self, pids: &mut Vec<u32>, whole: bool) {
        let mut order = std::mem::take(&mut self.order);
        let mut listed = pids.iter().copied().peekable();
        order.retain(|&(pid, slot)| {
            while listed.next_if(|listed| *listed < pid).is_some() {}
            let stays = listed.next_if_eq(&pid).is_some() || !whole;
            if !stays {
                self.empty(slot.into());
            }
            stays
        });
        // Only now are all slots free that will be.
        let known = order.len();
        let mut at = 0;
        pids.retain(|&pid| {
            while at < known && order[at].0 < pid {
                at += 1;
            }
            if at < known && order[at].0 == pid {
                return false;
            }
            let slot = self.take_slot(pid);
            order.extend(slot.map(|slot| (pid, slot as u16)));
            slot.is_none()
        });
        self.left_out = pids.len() as u64;
        if order.len() > known {
            order.sort_unstable();
        }
        self.order = order;
    }

    /// The smallest process by resident set: place in the order, and pages.
    pub(crate) fn smallest(&self) -> Option<(usize, u64)> {
        let rss = |place: &Place| match &self.slots[usize::from(place.1)] {
            Some(process) => process.values[process::RSS],
            None => 0,
        };
        (0..self.order.len())
            .map(|index| (index, rss(&self.order[index])))
            .min_by_key(|(_, rss)| *rss)
    }

    /// Gives the slot at `index` of the order to `newcomer`, which is larger; returns the
    /// pid that had it, and the newcomer's place in the order.
    pub(crate) fn replace(&mut self, index: usize, newcomer: u32) -> (u32, Option<usize>) {
        let (pid, slot) = self.place(index);
        self.clear(slot);
        self.slots[slot] = Some(newborn(newcomer));
        self.order[index] = (newcomer, slot as u16);
        self.order.sort_unstable();
        let place = self.order.iter().position(|place| place.0 == newcomer);
        (pid, place)
    }

    /// Fewer processes are followed than can be.
    pub(crate) fn has_room(&self) -> bool {
        self.order.len() < self.capacity
    }

    /// Gives a pid that was left out a slot, where there is one; returns its place in the
    /// order.
    pub(crate) fn admit(&mut self, pid: u32) -> Option<usize> {
        let slot = self.take_slot(pid)?;
        self.left_out -= 1;
        let index = self.order.partition_point(|place| place.0 < pid);
        self.order.insert(index, (pid, slot as u16));
        Some(index)
    }

    /// The process at `index` of the order is gone.
    pub(crate) fn remove(&mut self, index: usize) {
        let (_, slot) = self.order.remove(index);
        self.empty(slot.into());
    }

    /// Another process has the pid of the one in `slot`.
    pub(crate) fn renew(&mut self, slot: usize) {
        if let Some(pid) = self.slots[slot].as_ref().map(|process| process.pid) {
            self.clear(slot);
            self.slots[slot] = Some(newborn(pid));
        }
    }

    fn take_slot(&mut self, pid: u32) -> Option<usize> {
        let slot = match self.free {
            Some(slot) => {
                self.free = self.tracks[usize::from(slot)].next_free.take();
                slot.into()
            }
            None if self.slots.len() < self.capacity => {
                self.slots.push(None);
                self.tracks.push(Track::default());
                self.slots.len() - 1
            }
            None => return None,
        };
        self.slots[slot] = Some(newborn(pid));
        Some(slot)
    }

    fn empty(&mut self, slot: usize) {
        self.clear(slot);
        self.tracks[slot].next_free = self.free.replace(slot as u16);
    }

    fn clear(&mut self, slot: usize) {
        let track = std::mem::take(&mut self.tracks[slot]);
        self.kept -= usize::from(track.stat.is_some()) + usize::from(track.gate.file.is_some());
        if let Some(gone) = self.slots[slot].take() {
            if self.gone.len() < self.gone.capacity() {
                self.gone.push(Last::of(&gone));
            }
            let parent = gone.values[process::PPID];
            self.sharing.note(track.program, parent as u32);
        }
    }
}

/// A process of which only the pid is known yet.
fn newborn(pid: u32) -> Process {
    Process {
        pid,
        starttime: 0,
        comm: Comm::new(),
        values: [0; process::COUNT],
    }
}
