//! The last sample that a reader has, and how the next is applied to it.

pub(super) use super::entries::Malformed;
use super::entries::{apply_machine, apply_processes, Kind};
use super::fields::process::{self, When};
use super::limits::CHANGES;
use super::model::{device_name, Device, Machine, Process};
use super::places::Places;
use super::record::{self, flag, Delta, Key, More};

/// What happened to the process in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Born,
    /// Some of its values may have changed.
    Changed,
    /// It is gone.
    Died,
}

/// How far a sample is after a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// More of the sample follows.
    Open,
    /// The sample is complete, but not later than one that was shown.
    Again,
    Complete,
}

/// A sample; complete when the reader shows it.
#[derive(Debug, Default)]
pub struct Sample {
    /// Intervals since the start of the run.
    pub tick: u64,
    /// How long after its deadline it was taken, microseconds.
    pub late_us: u64,
    /// Frames were lost between the sample before, or the header, and this one.
    pub after_loss: bool,
    /// The memory of every process was read, also of those without an entry.
    pub(crate) all_read: bool,
    pub machine: Machine,
    /// The processes. Each keeps its place as long as it lives.
    pub slots: Vec<Option<Process>>,
    /// What happened in the places since the sample before; where a process took over the
    /// place of another, a death and a birth.
    pub changes: Vec<(usize, Fate)>,
    places: Places,
    /// The names and kinds of the run's devices, by their numbers.
    devices: Vec<Option<Device>>,
    /// The processes of the sample that was shown last, while another Key is applied and
    /// while samples are repeated.
    shown: Vec<Option<Process>>,
    shown_tick: Option<u64>,
    /// The samples since the one that was shown last are repetitions.
    repeats: bool,
    key: bool,
    /// A sample was begun, and is not complete.
    when: Option<When>,
    whole: bool,
}

impl Sample {
    /// The processes that live.
    pub fn processes(&self) -> impl Iterator<Item = &Process> {
        self.slots.iter().flatten()
    }

    /// Name and kind of device `id` of [`Machine::devices`]; `None` where its record was
    /// lost.
    pub fn device(&self, id: usize) -> Option<&Device> {
        self.devices.get(id)?.as_ref()
    }

    /// The slot of a place of [`Sample::slots`] in the log.
    pub fn slot(&self, place: usize) -> Option<usize> {
        self.places.slot(place)
    }

    // An id is a byte, and the list is longer than that.
    #[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
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

    /// Forgets everything: another run begins, whose samples up to tick `shown` were shown
    /// before. The memory is kept, because there may be many short runs.
    pub(super) fn reset(&mut self, shown: Option<u64>) {
        self.places.sweep(|_| false);
        self.slots.clear();
        self.changes.clear();
        self.shown.clear();
        self.devices.clear();
        self.machine.clear();
        self.shown_tick = shown;
        (self.repeats, self.key, self.whole) = (false, false, false);
        (self.after_loss, self.all_read) = (false, false);
        self.when = None;
    }

    /// The tick of the last sample that was shown.
    pub(super) fn shown_tick(&self) -> Option<u64> {
        self.shown_tick
    }

    /// Whether `More` may follow.
    pub(super) fn is_open(&self) -> bool {
        self.when.is_some()
    }

    /// Whether a difference may follow.
    pub(super) fn is_whole(&self) -> bool {
        self.whole && !self.is_open()
    }

    pub(super) fn key(&mut self, key: &Key<'_>, page_kib: u64) -> Result<Progress, Malformed> {
        // An unfinished Key leaves the last whole state behind.
        if !(self.key && self.is_open() || self.repeats) {
            self.take_back_identities();
            std::mem::swap(&mut self.slots, &mut self.shown);
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

    pub(super) fn delta(
        &mut self,
        delta: &Delta<'_>,
        page_kib: u64,
    ) -> Result<Progress, Malformed> {
        if delta.ticks == 0 && !self.repeats {
            self.shown.clone_from(&self.slots);
            self.repeats = true;
        }
        self.changes.clear();
        self.key = false;
        self.tick = self.tick.checked_add(delta.ticks).ok_or(Malformed)?;
        self.late_us = delta.late_us;
        let when = self.begin(delta.flags, page_kib);
        // Not in every sample, to keep the work in proportion to the changes.
        if when.all_read {
            for process in self.slots.iter_mut().flatten() {
                process::begin_sample(&mut process.values, &when);
            }
        }
        self.entries(delta.flags, delta.machine, delta.processes)
    }

    pub(super) fn more(&mut self, more: &More<'_>) -> Result<Progress, Malformed> {
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

    fn entries(
        &mut self,
        flags: u8,
        machine: &[u8],
        processes: &[u8],
    ) -> Result<Progress, Malformed> {
        let when = self.when.ok_or(Malformed)?;
        apply_machine(machine, &mut self.machine)?;
        let changes = &mut self.changes;
        // More than CHANGES are an error: no room that is doubled is for them.
        if changes.len().saturating_add(processes.len()) > CHANGES {
            changes.reserve_exact(processes.len());
        }
        // The changes since the sample that was shown last are found at the end.
        let compare = self.key || self.repeats;
        let (places, slots) = (&mut self.places, &mut self.slots);
        apply_processes(processes, places, slots, &when, |place, kind, taken| {
            if compare {
                return;
            }
            if kind == Kind::Death || (kind == Kind::Birth && taken) {
                changes.push((place, Fate::Died));
            }
            match kind {
                Kind::Birth => changes.push((place, Fate::Born)),
                Kind::Change | Kind::Rename => changes.push((place, Fate::Changed)),
                Kind::Death => {}
            }
        })?;
        if changes.len() > CHANGES {
            return Err(Malformed);
        }
        if flags & flag::MORE != 0 {
            return Ok(Progress::Open);
        }
        self.when = None;
        self.whole = true;
        let again = self.shown_tick.is_some_and(|shown| self.tick <= shown);
        if again {
            self.repeats = true;
        } else {
            self.shown_tick = Some(self.tick);
        }
        if self.key {
            let is_there = |all: &[Option<Process>], at| all.get(at).is_some_and(Option::is_some);
            let (now, shown) = (&self.slots, &self.shown);
            self.places
                .sweep(|place| is_there(now, place) || (again && is_there(shown, place)));
        }
        if again {
            return Ok(Progress::Again);
        }
        if compare {
            self.repeats = false;
            self.compare_with_shown();
        }
        Ok(Progress::Complete)
    }

    /// An unfinished Delta, which was never shown, leaves a state between two samples: a
    /// process that it brought is removed again, and one that it changed or removed is
    /// replaced by one that is equal to no other.
    // A change is of a place, which is not taken away before this.
    #[allow(clippy::indexing_slicing)]
    fn take_back_identities(&mut self) {
        if !self.is_open() {
            return;
        }
        // In reverse: the first entry of a place shows what was there before.
        for (at, fate) in self.changes.drain(..).rev() {
            let place = &mut self.slots[at];
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

    fn compare_with_shown(&mut self) {
        for place in 0..self.slots.len().max(self.shown.len()) {
            let before = self.shown.get(place).and_then(Option::as_ref);
            let after = self.slots.get(place).and_then(Option::as_ref);
            match (before, after) {
                (Some(a), Some(b)) if (a.pid, a.starttime) == (b.pid, b.starttime) => {
                    if a != b {
                        self.changes.push((place, Fate::Changed));
                    }
                }
                (a, b) => {
                    if a.is_some() {
                        self.changes.push((place, Fate::Died));
                    }
                    if b.is_some() {
                        self.changes.push((place, Fate::Born));
                    }
                }
            }
        }
        self.shown.clear();
    }
}
