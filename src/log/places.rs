//! The places of a sample's processes. Each slot of a log that holds a process has a place,
//! as long as the process lives. A writer may use any slots, so a few bytes can name the
//! last of 65,536; there are no more places than processes since the last Key.

/// The number of slots; a slot is less.
pub(crate) const MAX_SLOTS: usize = 1 << 16;

/// The place of each slot.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// By slot: its place plus 1; 0: it has none. As long as the highest slot that was
    /// named in any run.
    of_slots: Vec<u32>,
    /// By place: its slot; `None`: it is free.
    slots: Vec<Option<u16>>,
    free: Vec<u32>,
}

impl Places {
    /// The place of a slot; `None` where it held no process since the last Key.
    pub(crate) fn get(&self, slot: usize) -> Option<usize> {
        let place = *self.of_slots.get(slot)?;
        (place as usize).checked_sub(1)
    }

    /// The place of a slot, which gets one where it has none; `None` past the last slot.
    // There are `MAX_SLOTS` places at most.
    #[allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::indexing_slicing
    )]
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

    /// Frees the places that are not `taken`.
    // As above; a slot that has a place is one of them.
    #[allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::indexing_slicing
    )]
    pub(crate) fn sweep(&mut self, taken: impl Fn(usize) -> bool) {
        self.free.clear();
        // From the last one down, so that the first is given first.
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
