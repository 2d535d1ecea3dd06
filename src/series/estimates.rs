//! How many figures of PSS a run has, and which of them were not read: counted from
//! sample to sample, by what changed.

use crate::log::fields::process::{flag, PSS_AT};
use crate::log::model::Process;
use crate::log::sample::Sample;

/// Figures of PSS; those of them that are estimates; and estimates whose reading was
/// put off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) figures: u64,
    pub(crate) estimates: u64,
    pub(crate) stale: u64,
}

/// What is known of a slot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Held {
    has: bool,
    stale: bool,
    /// It was read at the last sample that was looked at.
    fresh: bool,
}

impl Held {
    fn of(process: Option<&Process>, tick: u64) -> Self {
        let known = process.filter(|process| process.has(flag::HAS_PSS));
        Self {
            has: known.is_some(),
            stale: known.is_some_and(|process| process.has(flag::STALE)),
            fresh: known.is_some_and(|process| process.values[PSS_AT] >= tick),
        }
    }
}

/// Counts in one run.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    slots: Vec<Held>,
    figures: u64,
    stale: u64,
    /// Slots that were read at the last sample.
    fresh: Vec<usize>,
    begun: bool,
}

impl Counter {
    /// Of the next sample.
    pub(crate) fn sample(&mut self, sample: &Sample) -> Counts {
        for slot in self.fresh.drain(..) {
            if let Some(held) = self.slots.get_mut(slot) {
                held.fresh = false;
            }
        }
        if !self.begun || sample.after_loss || sample.all_read {
            self.begun = true;
            for slot in 0..self.slots.len().max(sample.slots.len()) {
                self.look_at(slot, sample);
            }
            self.slots.truncate(sample.slots.len());
        } else {
            for &(slot, _) in &sample.changes {
                self.look_at(slot, sample);
            }
        }
        Counts {
            figures: self.figures,
            estimates: self.figures.saturating_sub(self.fresh.len() as u64),
            stale: self.stale,
        }
    }

    /// It does not matter how often that is done in a sample.
    fn look_at(&mut self, slot: usize, sample: &Sample) {
        if self.slots.len() <= slot {
            self.slots.resize(slot + 1, Held::default());
        }
        let process = sample.slots.get(slot).and_then(Option::as_ref);
        let now = Held::of(process, sample.tick);
        let Some(place) = self.slots.get_mut(slot) else {
            return;
        };
        if *place == now {
            return;
        }
        let before = std::mem::replace(place, now);
        let change = |count: &mut u64, before: bool, now: bool| {
            *count = (*count + u64::from(now)).saturating_sub(u64::from(before));
        };
        change(&mut self.figures, before.has, now.has);
        change(&mut self.stale, before.stale, now.stale);
        if now.fresh && !before.fresh {
            self.fresh.push(slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::fields::process::{COUNT, FLAGS};
    use crate::log::model::comm;
    use crate::log::sample::Fate;

    /// Two processes, read at the ticks that are given; the second changed.
    fn counted(counter: &mut Counter, tick: u64, all_read: bool, read: [u64; 2]) -> [u64; 3] {
        let mut sample = Sample::default();
        sample.tick = tick;
        sample.all_read = all_read;
        sample.changes.push((1, Fate::Changed));
        for at in read {
            let mut values = [0; COUNT];
            values[FLAGS] = flag::HAS_PSS;
            values[PSS_AT] = at;
            sample.slots.push(Some(Process {
                pid: 1,
                starttime: 1,
                comm: comm(b"it"),
                values,
            }));
        }
        let Counts {
            figures,
            estimates,
            stale,
        } = counter.sample(&sample);
        [figures, estimates, stale]
    }

    #[test]
    fn what_no_entry_is_about_was_read_too() {
        let mut counter = Counter::default();
        assert_eq!(counted(&mut counter, 1, false, [1, 0]), [2, 1, 0]);
        assert_eq!(counted(&mut counter, 2, false, [1, 2]), [2, 1, 0]);
        assert_eq!(counted(&mut counter, 3, true, [3, 3]), [2, 0, 0]);
        assert_eq!(counted(&mut counter, 4, false, [3, 3]), [2, 2, 0]);
    }
}
