//! The state of a reader: the last sample, and how the next is applied to it.

use super::entries::{apply_machine, apply_processes, Kind, Malformed};
use super::fields::process::{self, When};
use super::model::{device_name, Device, Machine, Process};
use super::record::{self, flag, Delta, Key, More};

/// What a sample says of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Born,
    /// Something of it may be other than it was.
    Changed,
    /// Who was in the slot is gone.
    Died,
}

/// A sample, complete.
#[derive(Debug, Default)]
pub struct Sample {
    /// Intervals since the start of the run.
    pub tick: u64,
    /// How long after its deadline it was taken, microseconds.
    pub late_us: u64,
    /// Frames between the sample before, or the header, and this one were lost.
    pub after_loss: bool,
    /// The memory of every process was read, also of those that no entry is about.
    pub all_read: bool,
    pub machine: Machine,
    /// The processes; the index is the slot.
    pub slots: Vec<Option<Process>>,
    /// What happened to the slots since the sample before, in the order of the
    /// slots; a slot that was taken over has died and was born.
    pub changes: Vec<(usize, Fate)>,
    /// What the devices of the run are called, by their numbers.
    devices: Vec<Option<Device>>,
    before_key: Vec<Option<Process>>,
    key: bool,
    /// A sample was begun, and is not complete.
    when: Option<When>,
    whole: bool,
}

impl Sample {
    /// The processes that are there.
    pub fn processes(&self) -> impl Iterator<Item = &Process> {
        self.slots.iter().flatten()
    }

    /// What device `id` of [`Machine::devices`] is called; `None` where the record
    /// that says it was lost.
    pub fn device(&self, id: usize) -> Option<&Device> {
        self.devices.get(id)?.as_ref()
    }

    pub(super) fn name_device(&mut self, device: &record::Device<'_>) {
        let id = usize::from(device.id);
        if self.devices.len() <= id {
            self.devices.resize(id + 1, None);
        }
        self.devices[id] = Some(Device {
            kind: device.kind,
            name: device_name(device.name),
        });
    }

    /// Everything that was known belongs to another run.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Whether `More` may follow.
    pub(super) fn is_open(&self) -> bool {
        self.when.is_some()
    }

    /// Whether a difference may follow.
    pub(super) fn is_whole(&self) -> bool {
        self.whole && !self.is_open()
    }

    pub(super) fn key(&mut self, key: &Key<'_>, page_kib: u64) -> Result<bool, Malformed> {
        // A keyframe that was not finished leaves the last whole state behind.
        if !(self.key && self.is_open()) {
            self.take_back_identities();
            std::mem::swap(&mut self.slots, &mut self.before_key);
        }
        self.slots.clear();
        self.changes.clear();
        self.machine.clear();
        self.key = true;
        self.tick = key.tick;
        self.late_us = key.late_us;
        self.begin(key.flags, page_kib);
        self.entries(key.flags, key.machine, key.processes)
    }

    pub(super) fn delta(&mut self, delta: &Delta<'_>, page_kib: u64) -> Result<bool, Malformed> {
        self.changes.clear();
        self.key = false;
        self.tick = self.tick.checked_add(delta.ticks).ok_or(Malformed)?;
        self.late_us = delta.late_us;
        let when = self.begin(delta.flags, page_kib);
        // So that the work is in proportion to what changed.
        if when.all_read {
            for process in self.slots.iter_mut().flatten() {
                process::begin_sample(&mut process.values, &when);
            }
        }
        self.entries(delta.flags, delta.machine, delta.processes)
    }

    pub(super) fn more(&mut self, more: &More<'_>) -> Result<bool, Malformed> {
        self.entries(more.flags, more.machine, more.processes)
    }

    fn begin(&mut self, flags: u8, page_kib: u64) -> When {
        let when = When {
            tick: self.tick,
            all_read: flags & flag::ALL_READ != 0,
            page_kib,
        };
        self.all_read = when.all_read;
        self.when = Some(when);
        when
    }

    /// Whether the sample is complete.
    fn entries(&mut self, flags: u8, machine: &[u8], processes: &[u8]) -> Result<bool, Malformed> {
        let when = self.when.ok_or(Malformed)?;
        apply_machine(machine, &mut self.machine)?;
        let changes = &mut self.changes;
        let key = self.key;
        apply_processes(processes, &mut self.slots, &when, |slot, kind, taken| {
            if key {
                return;
            }
            if kind == Kind::Death || (kind == Kind::Birth && taken) {
                changes.push((slot, Fate::Died));
            }
            match kind {
                Kind::Birth => changes.push((slot, Fate::Born)),
                Kind::Change | Kind::Rename => changes.push((slot, Fate::Changed)),
                Kind::Death => {}
            }
        })?;
        if flags & flag::MORE != 0 {
            return Ok(false);
        }
        self.when = None;
        self.whole = true;
        if key {
            self.compare_with_before_key();
        }
        Ok(true)
    }

    /// A difference that was not finished, and so never shown, leaves behind a
    /// state between two samples: whoever it brought is taken out again, and
    /// whoever it changed or removed is replaced by nobody, who is like no one.
    fn take_back_identities(&mut self) {
        if !self.is_open() {
            return;
        }
        // The first that it said of a slot tells what was there before.
        for (slot, fate) in self.changes.drain(..).rev() {
            let place = &mut self.slots[slot];
            match fate {
                Fate::Born => *place = None,
                Fate::Died => *place = Some(Process::nobody()),
                Fate::Changed => {
                    if let Some(process) = place {
                        process.values = [u64::MAX; process::COUNT];
                    }
                }
            }
        }
    }

    fn compare_with_before_key(&mut self) {
        let slots = self.slots.len().max(self.before_key.len());
        for slot in 0..slots {
            let before = self.before_key.get(slot).and_then(Option::as_ref);
            let after = self.slots.get(slot).and_then(Option::as_ref);
            match (before, after) {
                (Some(a), Some(b)) if (a.pid, a.starttime) == (b.pid, b.starttime) => {
                    if a != b {
                        self.changes.push((slot, Fate::Changed));
                    }
                }
                (a, b) => {
                    if a.is_some() {
                        self.changes.push((slot, Fate::Died));
                    }
                    if b.is_some() {
                        self.changes.push((slot, Fate::Born));
                    }
                }
            }
        }
        self.before_key.clear();
    }
}
