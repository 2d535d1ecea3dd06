//! The samples that a log lacks of its runs. They are counted only here, so that all
//! commands say the same.
//!
//! Samples are numbered by their ticks, frames by their sequence numbers, and a footer
//! holds the number of samples. After a gap in the frames, each tick up to the next sample
//! counts as a sample, except for the deadlines that the recorder missed or slept through.
//! The footer decides where it and the beginning of the run can be read; where the end of
//! the run is missing, the frames that could not be applied are counted.
//!
//! Damage belongs to the run that it lies in, which the next frame shows: it is a frame of
//! the same run, or the first frame of another. Where it is a later frame of another run,
//! the damage took the beginning of that run.

use super::fields::{clock, recorder};
use super::frame::Fault;
use super::record::{End, Footer, Header};
use super::sample::Sample;

/// The damage in a run, and the samples that it lacks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Losses {
    /// Damaged places, and the bytes that were skipped there. A frame that is cut off by
    /// the end of the log counts.
    pub damaged: u64,
    pub damaged_bytes: u64,
    /// The log ends in the middle of a frame.
    pub torn: bool,
    /// A part was written in this later version of the format.
    pub newer: Option<u16>,
    /// Samples that were taken but cannot be read.
    pub lost: u64,
    /// The lost samples that the recorder could not write, and the errno of its last
    /// failure; 0: it is not known.
    pub unwritten: u64,
    pub write_errno: u64,
    /// Deadlines before the first sample: that part of the log was overwritten.
    pub overwritten: u64,
    /// Samples that can be read twice, and footprints; they count once.
    pub repeated: u64,
    /// Samples of another run, of which no header can be read.
    pub headless: u64,
}

impl Losses {
    /// No sample is missing, and none is repeated.
    pub fn none(&self) -> bool {
        let Self {
            damaged,
            lost,
            repeated,
            headless,
            ..
        } = *self;
        [damaged, lost, repeated, headless] == [0; 4]
    }

    /// Samples that were lost after they were written.
    pub fn lost_in_the_log(&self) -> u64 {
        self.lost.saturating_sub(self.unwritten)
    }

    /// Adds those of another run.
    pub fn add(&mut self, of: &Self) {
        self.add_damage(of);
        for (sum, part) in [
            (&mut self.lost, of.lost),
            (&mut self.unwritten, of.unwritten),
            (&mut self.overwritten, of.overwritten),
            (&mut self.repeated, of.repeated),
            (&mut self.headless, of.headless),
        ] {
            add(sum, part);
        }
        if of.unwritten > 0 {
            self.write_errno = of.write_errno;
        }
    }

    fn add_damage(&mut self, of: &Self) {
        add(&mut self.damaged, of.damaged);
        add(&mut self.damaged_bytes, of.damaged_bytes);
        self.torn |= of.torn;
        self.newer = of.newer.or(self.newer);
    }
}

/// Bytes of the shortest frame: checksum, sequence number, record, COBS and 0x00.
const SHORTEST_FRAME: u64 = 9;
/// The most frames that can be missing between two of one run without a trace. Between
/// frames of two runs the gap is nearly always wider.
const MISSING_FRAMES: u64 = 64;

/// The damage and the frames since the last frame that is known to belong to the run.
#[derive(Debug, Default)]
struct Undecided {
    damage: Losses,
    /// Frames that are whole.
    frames: u64,
    /// Samples that could not be applied.
    samples: u64,
    /// One of the frames names another run.
    of_another: bool,
}

impl Undecided {
    fn is_nothing(&self) -> bool {
        self.damage.damaged == 0 && self.frames == 0
    }
}

/// The tick of a sample and the recorder's own counts at it.
#[derive(Debug, Clone, Copy, Default)]
struct Moment {
    tick: u64,
    /// Deadlines up to here at which no sample was taken.
    not_taken: u64,
    unwritten: u64,
}

/// The state of a run that is over: it may come again.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Part {
    samples: u64,
    last: Option<Moment>,
}

/// Counts the losses of one run after another.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    losses: Losses,
    undecided: Undecided,
    /// Frames of the run before the header that was read first, and the whole frames that
    /// may be among them.
    frames_before: u64,
    seen_before: u64,
    begun: bool,
    interval_us: u64,
    samples: u64,
    last: Option<Moment>,
    /// Samples since the last one that could not be applied.
    unread: u64,
    ended: bool,
}

impl Counter {
    pub(crate) fn damage(&mut self, fault: Fault, len: u64) {
        let damage = &mut self.undecided.damage;
        add(&mut damage.damaged, 1);
        add(&mut damage.damaged_bytes, len);
        match fault {
            Fault::Torn => damage.torn = true,
            Fault::Newer(version) => damage.newer = Some(version),
            _ => {}
        }
    }

    /// A frame is whole but cannot be used.
    // Frames are counted one by one.
    #[allow(clippy::arithmetic_side_effects)]
    pub(crate) fn unused(&mut self, of_another: bool) {
        self.undecided.frames += 1;
        self.undecided.of_another |= of_another;
    }

    /// A sample that cannot be applied begins; `missing` frames before it are missing.
    pub(crate) fn unread(&mut self, missing: Option<u64>) {
        let missing = missing.filter(|missing| *missing <= MISSING_FRAMES);
        let samples = missing.unwrap_or(0).saturating_add(1);
        add(&mut self.undecided.samples, samples);
    }

    /// A frame names the run that is read, so everything before it belongs to that run.
    pub(crate) fn own(&mut self) {
        if !self.undecided.is_nothing() {
            let undecided = std::mem::take(&mut self.undecided);
            self.losses.add_damage(&undecided.damage);
            add(&mut self.unread, undecided.samples);
        }
    }

    pub(crate) fn repeated(&mut self) {
        add(&mut self.losses.repeated, 1);
    }

    // Samples are counted one by one; bytes and frames are those of a file.
    #[allow(clippy::arithmetic_side_effects)]
    pub(crate) fn sample(&mut self, sample: &Sample) {
        let value = |group, field| sample.machine.value(group, field).unwrap_or(0);
        let slept_us = value(clock::ID, clock::SUSPENDED_MS).saturating_mul(1000);
        let slept = slept_us.checked_div(self.interval_us).unwrap_or(0);
        let now = Moment {
            tick: sample.tick,
            not_taken: value(recorder::ID, recorder::MISSED).saturating_add(slept),
            unwritten: value(recorder::ID, recorder::UNWRITTEN),
        };
        let last = self.last.replace(now);
        self.samples += 1;
        let unread = std::mem::take(&mut self.unread);
        let (skipped, before) = match last {
            Some(last) => (now.tick.saturating_sub(last.tick).saturating_sub(1), last),
            None => (now.tick, Moment::default()),
        };
        if skipped == 0 {
            return;
        }
        let losses = &mut self.losses;
        let begins_later = last.is_none() && self.frames_before > 0;
        let in_damage = losses.damaged_bytes / SHORTEST_FRAME + self.seen_before;
        if begins_later && self.frames_before > in_damage {
            losses.overwritten = skipped.saturating_sub(unread);
            add(&mut losses.lost, unread);
            return;
        }
        let taken = skipped.saturating_sub(now.not_taken.saturating_sub(before.not_taken));
        // A sample that the recorder took for lost may be on the disk all the same.
        let unwritten = now.unwritten.saturating_sub(before.unwritten).min(taken);
        let are_missing = sample.after_loss || begins_later;
        add(
            &mut losses.lost,
            if are_missing { taken } else { unwritten },
        );
        if unwritten > 0 {
            add(&mut losses.unwritten, unwritten);
            losses.write_errno = value(recorder::ID, recorder::WRITE_ERRNO);
        }
    }

    /// The run's footer; `follows`: no frame is missing before it.
    pub(crate) fn footer(&mut self, footer: &Footer, follows: bool) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let losses = &mut self.losses;
        let unread = std::mem::take(&mut self.unread);
        let gaps = losses.lost;
        let mut since = 0;
        if let End::Unwritten {
            unwritten,
            write_errno,
        } = footer.end
        {
            since = unwritten.saturating_sub(self.last.map_or(0, |last| last.unwritten));
            losses.write_errno = write_errno;
        }
        match footer.samples.checked_sub(self.samples) {
            Some(absent) if self.frames_before == 0 => losses.lost = absent,
            _ if follows => {}
            _ => add(&mut losses.lost, unread.saturating_add(since)),
        }
        if footer.end == End::Failure {
            since = losses.lost.saturating_sub(gaps);
        }
        add(&mut losses.unwritten, since);
        losses.unwritten = losses.unwritten.min(losses.lost);
    }

    /// The state of this run.
    pub(crate) fn part(&self) -> Part {
        Part {
            samples: self.samples,
            last: self.last,
        }
    }

    /// The run that has just begun was read before, up to there.
    pub(crate) fn resume(&mut self, Part { samples, last }: Part) {
        (self.samples, self.last) = (samples, last);
    }

    /// The next run begins, with its header in frame `seq`; returns the losses of the run
    /// before.
    pub(crate) fn next<T>(&mut self, header: &Header<T>, seq: u64) -> Losses {
        let frames_before = seq.saturating_sub(first_seq(header.run));
        let ends_before = frames_before == 0 || (!self.ended && self.undecided.frames == 0);
        let losses = self.end(ends_before && self.begun);
        let undecided = std::mem::take(&mut self.undecided);
        *self = Self {
            frames_before,
            seen_before: undecided.frames,
            begun: true,
            interval_us: header.interval_us,
            losses: undecided.damage,
            unread: undecided.samples,
            ..Self::default()
        };
        losses
    }

    /// The log ends; returns `None` where no run began in it and nothing was lost.
    pub(crate) fn finish(&mut self) -> Option<Losses> {
        let begun = self.begun;
        let nothing = self.undecided.is_nothing();
        let losses = self.end(true);
        *self = Self::default();
        (begun || !nothing).then_some(losses)
    }

    /// Ends a run; `all`: the undecided damage lies in it or after it.
    fn end(&mut self, all: bool) -> Losses {
        let mut losses = std::mem::take(&mut self.losses);
        if all {
            let undecided = std::mem::take(&mut self.undecided);
            losses.add_damage(&undecided.damage);
            match undecided.of_another || self.ended {
                true => losses.headless = undecided.samples,
                false => add(&mut self.unread, undecided.samples),
            }
        }
        if !self.ended {
            add(&mut losses.lost, self.unread);
        }
        losses
    }
}

/// The number of the first frame of a run.
pub(crate) fn first_seq(run: u32) -> u64 {
    u64::from(run & 0xF_FFFF)
}

fn add(sum: &mut u64, part: u64) {
    *sum = sum.saturating_add(part);
}
