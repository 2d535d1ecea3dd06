//! What is kept of the process in each slot of the log, from sample to sample.

use crate::log::model::Process;
use crate::log::sample::Sample;
use std::collections::{HashMap, HashSet};

/// Identifies a process: pid and starttime.
pub(crate) type ProcessId = (u32, u64);

pub(crate) fn id_of(process: &Process) -> ProcessId {
    (process.pid, process.starttime)
}

/// What is kept of each slot.
#[derive(Debug)]
pub(super) struct Slots<T> {
    slots: Vec<Option<T>>,
    begun: bool,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            begun: false,
        }
    }
}

impl<T> Slots<T> {
    pub(super) fn get(&self, slot: usize) -> Option<&T> {
        self.slots.get(slot)?.as_ref()
    }

    /// Calls `each` with every slot that may have changed since the last sample and the
    /// process that is in it now; a slot may come more than once.
    #[inline(always)]
    pub(super) fn update(
        &mut self,
        sample: &Sample,
        mut each: impl FnMut(usize, &mut Option<T>, Option<&Process>),
    ) {
        // The changes are since the last whole sample, and a damaged one may have come
        // in between.
        if !self.begun || sample.after_loss {
            self.update_all(sample, each);
            return;
        }
        for &(slot, _) in &sample.changes {
            if self.slots.len() <= slot {
                self.slots.resize_with(slot + 1, || None);
            }
            let now = sample.slots.get(slot).and_then(Option::as_ref);
            each(slot, &mut self.slots[slot], now);
        }
    }

    /// The same with every slot.
    pub(super) fn update_all(
        &mut self,
        sample: &Sample,
        mut each: impl FnMut(usize, &mut Option<T>, Option<&Process>),
    ) {
        self.begun = true;
        let all = self.slots.len().max(sample.slots.len());
        self.slots.resize_with(all, || None);
        for (slot, kept) in self.slots.iter_mut().enumerate() {
            each(slot, kept, sample.slots.get(slot).and_then(Option::as_ref));
        }
        self.slots.truncate(sample.slots.len());
    }
}

/// So many ended processes may be remembered.
const SPARE: usize = 1024;

/// Forgets ended processes, where there are many.
pub(crate) fn forget_ended<T>(known: &mut HashMap<ProcessId, T>, sample: &Sample) {
    if known.len() > 2 * sample.slots.len() + SPARE {
        let living: HashSet<ProcessId> = sample.processes().map(id_of).collect();
        known.retain(|id, _| living.contains(id));
    }
}
