//! Where the processes of a sample lie: each slot of a log in which there is a process
//! has a place, and keeps it as long as the process is there. Slots are as a writer
//! likes them, so that a few bytes may name the last of 65,536; there are no more
//! places than there were processes since the last Key.

/// More slots than any writer has.
pub(crate) const MAX_SLOTS: usize = 1 << 16;

/// Which place each slot has.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// By slot: its place, and 1; 0: it has none. As long as the highest slot that
    /// was ever named, in whatever run.
    of_slots: Vec<u32>,
    /// By place: its slot; `None`: it is free.
    slots: Vec<Option<u16>>,
    free: Vec<u32>,
}

impl Places {
    /// The place of a slot; `None` where nobody lived in it since the last Key.
    pub(crate) fn get(&self, slot: usize) -> Option<usize> {
        let place = *self.of_slots.get(slot)?;
        (place as usize).checked_sub(1)
    }

    /// The place of a slot, which gets one where it has none; `None` for one beyond
    /// the last slot that there can be.
    pub(crate) fn get_or_give(&mut self, slot: usize) -> Option<usize> {
        if let Some(place) = self.get(slot) {
            return Some(place);
        }
        let number = u16::try_from(slot).ok()?;
        let place = self.free.pop().unwrap_or(self.slots.len() as u32);
        if self.of_slots.len() <= slot {
            self.of_slots.resize(slot + 1, 0);
        }
        *self.of_slots.get_mut(slot)? = place + 1;
        let place = place as usize;
        if self.slots.len() <= place {
            self.slots.resize(place + 1, None);
        }
        self.slots[place] = Some(number);
        Some(place)
    }

    /// The slot that has a place.
    pub(crate) fn slot(&self, place: usize) -> Option<usize> {
        self.slots.get(place).copied().flatten().map(usize::from)
    }

    /// Takes the places of which nobody says that they are `taken`.
    pub(crate) fn sweep(&mut self, taken: impl Fn(usize) -> bool) {
        self.free.clear();
        // From the last on, so that the first is given first.
        for place in (0..self.slots.len()).rev() {
            if taken(place) {
                continue;
            }
            if let Some(slot) = self.slots[place].take() {
                self.of_slots[usize::from(slot)] = 0;
            }
            if place + 1 == self.slots.len() {
                self.slots.pop();
            } else {
                self.free.push(place as u32);
            }
        }
    }
}
