//! How many figures of PSS a run has, and how many of them were not read: counted from
//! sample to sample, by what changed.

use super::slots::Slots;
use crate::log::fields::process::{flag, PSS_AT};
use crate::log::model::Process;
use crate::log::sample::Sample;

/// Figures of PSS; those of them that are estimates; and estimates whose reading was
/// put off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct EstimateCounts {
    pub(super) figures: u64,
    pub(super) estimates: u64,
    pub(super) stale: u64,
}

/// A process whose PSS is known.
#[derive(Debug, Clone, Copy, Default)]
struct PssFigure {
    stale: bool,
    /// The last sample that counted it as read.
    read_tick: Option<u64>,
}

/// Counts in one run.
#[derive(Debug, Default)]
pub(super) struct EstimateTally {
    slots: Slots<PssFigure>,
    figures: u64,
    stale: u64,
}

impl EstimateTally {
    /// Counts at the next sample.
    pub(super) fn sample(&mut self, sample: &Sample) -> EstimateCounts {
        let mut read = 0;
        let (figures, stale) = (&mut self.figures, &mut self.stale);
        let count = |_, slot: &mut Option<PssFigure>, now: Option<&Process>| {
            let now = now.filter(|process| process.has(flag::HAS_PSS));
            let is_stale = now.is_some_and(|process| process.has(flag::STALE));
            let before = (slot.is_some(), slot.is_some_and(|figure| figure.stale));
            if before != (now.is_some(), is_stale) {
                *figures = *figures + u64::from(now.is_some()) - u64::from(before.0);
                *stale = *stale + u64::from(is_stale) - u64::from(before.1);
            }
            let Some(now) = now else {
                *slot = None;
                return;
            };
            let figure = slot.get_or_insert_with(PssFigure::default);
            figure.stale = is_stale;
            if now.values[PSS_AT] >= sample.tick && figure.read_tick != Some(sample.tick) {
                figure.read_tick = Some(sample.tick);
                read += 1;
            }
        };
        match sample.all_read {
            true => self.slots.update_all(sample, count),
            false => self.slots.update(sample, count),
        }
        EstimateCounts {
            figures: self.figures,
            estimates: self.figures.saturating_sub(read),
            stale: self.stale,
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
    fn counted(tally: &mut EstimateTally, tick: u64, all_read: bool, read: [u64; 2]) -> [u64; 3] {
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
        let EstimateCounts {
            figures,
            estimates,
            stale,
        } = tally.sample(&sample);
        [figures, estimates, stale]
    }

    #[test]
    fn what_no_entry_is_about_was_read_too() {
        let mut tally = EstimateTally::default();
        assert_eq!(counted(&mut tally, 1, false, [1, 0]), [2, 1, 0]);
        assert_eq!(counted(&mut tally, 2, false, [1, 2]), [2, 1, 0]);
        assert_eq!(counted(&mut tally, 3, true, [3, 3]), [2, 0, 0]);
        assert_eq!(counted(&mut tally, 4, false, [3, 3]), [2, 2, 0]);
    }
}
