//! From one sample to the next: how long it was. And the memory in use at a sample.

use crate::log::fields::{clock, core, memory};
use crate::log::model::Machine;
use crate::log::record::Header;
use crate::log::sample::Sample;

/// How long after the clock a sample may read the counts, microseconds: the recorder may
/// have to wait for a CPU in between.
pub(crate) const LATE_US: u64 = 1_000_000;

/// The time between two samples that follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval {
    /// Without the time that the board slept, microseconds; never 0.
    pub(crate) elapsed_us: u64,
    /// Its weight: the ticks of its [`Span`].
    pub(crate) ticks: u64,
    /// When it began, USER_HZ after boot.
    pub(crate) began: u64,
    clk_tck: u64,
}

impl Interval {
    /// Between two looks at the same clock, nanoseconds; `clk_tck`: USER_HZ.
    pub(crate) fn between(before_ns: u64, now_ns: u64, clk_tck: u64) -> Self {
        Self {
            elapsed_us: (now_ns.saturating_sub(before_ns) / 1000).max(1),
            ticks: 1,
            began: 0,
            clk_tck,
        }
    }

    /// CPU time in USER_HZ as milli-percent of one core, to the nearest.
    pub(crate) fn rate(&self, ticks: u64) -> u64 {
        // 100,000 milli-percent, and 1,000,000 microseconds to the second.
        let share = u128::from(ticks) * 100_000_000_000;
        let whole = u128::from(self.clk_tck) * u128::from(self.elapsed_us);
        rounded(share, whole)
    }

    /// The same of microseconds.
    pub(crate) fn rate_of_us(&self, cpu_us: u64) -> u64 {
        rounded(u128::from(cpu_us) * 100_000, self.elapsed_us.into())
    }

    /// The most that one core can have counted between two readings, USER_HZ.
    pub(crate) fn most_ticks(&self) -> u64 {
        let slack = (self.elapsed_us / 4).max(LATE_US);
        let most = u128::from(self.elapsed_us.saturating_add(slack)) * u128::from(self.clk_tck);
        u64::try_from(most / 1_000_000).unwrap_or(u64::MAX)
    }
}

/// The ticks that a sample stands for, counted from the run's first sample: those of
/// the interval that it ends, or its own alone where it ends none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: u64,
    pub(crate) last: u64,
}

impl Span {
    /// How many they are, which is the sample's weight; never 0.
    pub(crate) fn ticks(self) -> u64 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }
}

/// The most that a process can have used in an interval, USER_HZ: the time of all cores,
/// of which the header has `cores`. There is no limit without an interval.
pub(crate) fn most_ticks(machine: &Machine, cores: u64, interval: Option<&Interval>) -> u64 {
    let online = machine.cores().iter();
    let online = online.filter(|core| core[core::ONLINE] == 1).count() as u64;
    match (interval, cores.max(online)) {
        (Some(interval), cores @ 1..) => interval.most_ticks().saturating_mul(cores),
        _ => u64::MAX,
    }
}

/// The quotient, rounded to the nearest whole number; 0 for a divisor of 0.
pub(crate) fn rounded(share: u128, whole: u128) -> u64 {
    // Division of 128 bits is slow and hardly ever needed.
    if let (Ok(share), Ok(whole)) = (u64::try_from(share), u64::try_from(whole)) {
        let half = share.checked_add(whole / 2);
        if let Some(quotient) = half.and_then(|sum| sum.checked_div(whole)) {
            return quotient;
        }
    }
    let quotient = share.saturating_add(whole / 2).checked_div(whole);
    quotient.map_or(0, |value| u64::try_from(value).unwrap_or(u64::MAX))
}

/// The time of the samples of a run.
#[derive(Debug)]
pub(crate) struct Clock {
    start_us: u64,
    interval_us: u64,
    clk_tck: u64,
    last: Option<Then>,
    /// The first sample's time, in microseconds, and its tick.
    first: Option<(u64, u64)>,
}

/// When a sample was taken.
#[derive(Debug, Clone, Copy)]
struct Then {
    /// CLOCK_BOOTTIME, and how much of it was sleep, microseconds.
    now_us: u64,
    slept_us: u64,
    tick: u64,
}

impl Clock {
    pub(crate) fn new<Text>(header: &Header<Text>) -> Self {
        Self {
            start_us: header.start_boottime_ns / 1000,
            interval_us: header.interval_us,
            clk_tck: header.clk_tck,
            last: None,
            first: None,
        }
    }

    /// The ticks that this sample stands for, and the interval that it ends: none for the
    /// first sample, after lost samples, and where no time passed.
    pub(crate) fn advance(&mut self, sample: &Sample) -> (Span, Option<Interval>) {
        let since_start = sample.tick.saturating_mul(self.interval_us);
        let now = self.start_us.saturating_add(since_start);
        let slept = sample.machine.value(clock::ID, clock::SUSPENDED_MS);
        let now = Then {
            now_us: now.saturating_add(sample.late_us),
            slept_us: slept.unwrap_or(0).saturating_mul(1000),
            tick: sample.tick,
        };
        let (_, origin) = *self.first.get_or_insert((now.now_us, now.tick));
        let last = now.tick.saturating_sub(origin);
        let before = self.last.replace(now);
        let interval = before
            .filter(|_| !sample.after_loss)
            .and_then(|then| self.between(then, now));
        let ticks = interval.map_or(1, |interval| interval.ticks);
        let first = last.saturating_sub(ticks - 1);
        (Span { first, last }, interval)
    }

    fn between(&self, then: Then, now: Then) -> Option<Interval> {
        let slept = now.slept_us.saturating_sub(then.slept_us);
        let elapsed_us = now.now_us.saturating_sub(then.now_us).saturating_sub(slept);
        if elapsed_us == 0 || self.clk_tck == 0 {
            return None;
        }
        let began = u128::from(then.now_us) * u128::from(self.clk_tck) / 1_000_000;
        // Deadlines pass while the board sleeps, too.
        let slept = rounded(slept.into(), self.interval_us.into());
        let ticks = now.tick.saturating_sub(then.tick).saturating_sub(slept);
        Some(Interval {
            elapsed_us,
            ticks: ticks.max(1),
            began: u64::try_from(began).unwrap_or(u64::MAX),
            clk_tck: self.clk_tck,
        })
    }

    /// From the first sample to the last, sleep included, microseconds.
    pub(crate) fn duration_us(&self) -> u64 {
        let last = self.last.map_or(0, |then| then.now_us);
        last.saturating_sub(self.first.map_or(last, |(first, _)| first))
    }
}

/// Memory in use: MemTotal less MemAvailable in KiB, and that in milli-percent of
/// MemTotal; `None` where the kernel does not say.
pub(crate) fn memory_used(machine: &Machine) -> Option<(u64, u64)> {
    let (used, total) = machine.memory_used()?;
    let share = rounded(u128::from(used) * 100_000, u128::from(total));
    (total > 0).then_some((used, share))
}

/// What free(1) of procps 3.3 calls used, KiB: MemTotal less MemFree, Buffers,
/// Cached and SReclaimable; `None` where the kernel does not say.
pub(crate) fn free_used(machine: &Machine) -> Option<u64> {
    let value = |field| machine.value(memory::ID, field);
    let mut used = value(memory::MEM_TOTAL)?;
    for field in [
        memory::MEM_FREE,
        memory::BUFFERS,
        memory::CACHED,
        memory::S_RECLAIMABLE,
    ] {
        used = used.checked_sub(value(field)?)?;
    }
    Some(used)
}

#[cfg(test)]
impl Interval {
    /// One with 100 USER_HZ to the second.
    pub(crate) fn seconds(seconds: u64) -> Self {
        Self {
            elapsed_us: seconds * 1_000_000,
            ticks: seconds,
            began: 0,
            clk_tck: 100,
        }
    }
}
