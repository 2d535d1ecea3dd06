//! How many figures of PSS a run has, and which of them were not read: counted from
//! sample to sample, by what changed.

use crate::log::fields::process::{flag, PSS_AT};
use crate::log::model::Process;
use crate::log::sample::Sample;

/// Figures of PSS; those of them that are estimates; and estimates whose reading was
/// put off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub figures: u64,
    pub estimates: u64,
    pub stale: u64,
}

/// What is known of a slot.
#[derive(Debug, Clone, Copy, Default)]
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
pub struct Counter {
    slots: Vec<Held>,
    figures: u64,
    stale: u64,
    /// Slots that were read at the last sample.
    fresh: Vec<usize>,
    begun: bool,
}

impl Counter {
    /// Of the next sample.
    pub fn sample(&mut self, sample: &Sample) -> Counts {
        for slot in self.fresh.drain(..) {
            if let Some(held) = self.slots.get_mut(slot) {
                held.fresh = false;
            }
        }
        if !self.begun || sample.after_loss {
            self.begun = true;
            for slot in 0..self.slots.len().max(sample.slots.len()) {
                self.look_at(slot, sample);
            }
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
