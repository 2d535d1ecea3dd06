//! From one sample to the next: how long it was, and what the machine did.

use crate::log::fields::{clock, core, cpu, memory, NOT_OBSERVABLE};
use crate::log::model::Machine;
use crate::log::record::Header;
use crate::log::sample::Sample;

/// The time between two samples that follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// Without the time that the board slept, microseconds; never 0.
    pub elapsed_us: u64,
    /// When it began, USER_HZ after boot.
    pub began: u64,
    clk_tck: u64,
}

impl Interval {
    /// CPU time in USER_HZ as milli-percent of one core, to the nearest.
    pub fn rate(&self, ticks: u64) -> u64 {
        // 100,000 milli-percent, and 1,000,000 microseconds to the second.
        let share = u128::from(ticks) * 100_000_000_000;
        let whole = u128::from(self.clk_tck) * u128::from(self.elapsed_us);
        rounded(share, whole)
    }
}

/// The nearest whole number of a quotient; 0 where there is none.
fn rounded(share: u128, whole: u128) -> u64 {
    // Division of 128 bits is slow, and hardly ever needed.
    if let (Ok(share), Ok(whole)) = (u64::try_from(share), u64::try_from(whole)) {
        let half = share.checked_add(whole / 2);
        if let Some(quotient) = half.and_then(|sum| sum.checked_div(whole)) {
            return quotient;
        }
    }
    let quotient = share.saturating_add(whole / 2).checked_div(whole);
    quotient.map_or(0, |value| u64::try_from(value).unwrap_or(u64::MAX))
}

/// Knows when the last sample was.
#[derive(Debug)]
pub struct Clock {
    start_us: u64,
    interval_us: u64,
    clk_tck: u64,
    /// CLOCK_BOOTTIME at the last sample, and how much of it was sleep, in
    /// microseconds.
    last: Option<(u64, u64)>,
    first_us: Option<u64>,
}

impl Clock {
    pub fn new<Text>(header: &Header<Text>) -> Self {
        Self {
            start_us: header.start_boottime_ns / 1000,
            interval_us: header.interval_us,
            clk_tck: header.clk_tck,
            last: None,
            first_us: None,
        }
    }

    /// The interval that this sample ends; none where it is the first, where
    /// samples between them were lost, and where no time passed.
    pub fn advance(&mut self, sample: &Sample) -> Option<Interval> {
        let since_start = sample.tick.saturating_mul(self.interval_us);
        let now = self.start_us.saturating_add(since_start);
        let now = now.saturating_add(sample.late_us);
        let slept = sample.machine.value(clock::ID, clock::SUSPENDED_MS);
        let slept = slept.unwrap_or(0).saturating_mul(1000);
        self.first_us.get_or_insert(now);
        let (then, slept_then) = self.last.replace((now, slept))?;
        let slept = slept.saturating_sub(slept_then);
        let elapsed_us = now.saturating_sub(then).saturating_sub(slept);
        if sample.after_loss || elapsed_us == 0 || self.clk_tck == 0 {
            return None;
        }
        let began = u128::from(then) * u128::from(self.clk_tck) / 1_000_000;
        Some(Interval {
            elapsed_us,
            began: u64::try_from(began).unwrap_or(u64::MAX),
            clk_tck: self.clk_tck,
        })
    }

    /// From the first sample to the last, sleep included, microseconds.
    pub fn duration_us(&self) -> u64 {
        let last = self.last.map_or(0, |(now, _)| now);
        last.saturating_sub(self.first_us.unwrap_or(last))
    }
}

/// All CPU time of an interval, and the idle part of it, USER_HZ.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    total: u64,
    idle: u64,
}

impl Spent {
    /// How busy all cores together were, milli-percent, less some ticks of that.
    pub fn busy_less(&self, ticks: u64) -> u64 {
        let busy = self.total.saturating_sub(self.idle).saturating_sub(ticks);
        rounded(u128::from(busy) * 100_000, u128::from(self.total))
    }

    /// What one core did from one sample to another.
    pub fn of_core(before: &[u64; core::COUNT], after: &[u64; core::COUNT]) -> Self {
        let mut spent = Self::default();
        spent.add(&before[..cpu::COUNT], &after[..cpu::COUNT]);
        spent
    }

    /// How busy it was, in tenths of a percent, to the nearest; `None` where no time
    /// was counted.
    pub fn busy_permille(&self) -> Option<u64> {
        let busy = self.total.saturating_sub(self.idle);
        let share = rounded(u128::from(busy) * 1000, u128::from(self.total));
        (self.total > 0).then_some(share)
    }

    /// A field that went backwards did not change: iowait may do so at any time,
    /// proc_stat(5).
    fn add(&mut self, before: &[u64], after: &[u64]) {
        for (field, (&before, &after)) in before.iter().zip(after).enumerate() {
            if before == NOT_OBSERVABLE || after == NOT_OBSERVABLE {
                continue;
            }
            let spent = after.saturating_sub(before);
            self.total = self.total.saturating_add(spent);
            if field == cpu::IDLE || field == cpu::IOWAIT {
                self.idle = self.idle.saturating_add(spent);
            }
        }
    }
}

/// Knows what the machine's counters were at the last sample.
#[derive(Debug, Default)]
pub struct Busy {
    all: Option<[u64; cpu::COUNT]>,
    cores: Vec<[u64; core::COUNT]>,
}

impl Busy {
    /// What all cores together did since the sample before; `None` where the kernel
    /// does not say.
    pub fn advance(&mut self, machine: &Machine) -> Option<Spent> {
        let group = machine.group(cpu::ID).and_then(|g| g.get(..cpu::COUNT));
        let now: Option<[u64; cpu::COUNT]> = group.and_then(|g| g.try_into().ok());
        let before = std::mem::replace(&mut self.all, now);
        let mut spent = Spent::default();
        if self.cores_switched(machine.cores()) {
            // The kernel takes the idle time of a core that is offline from another
            // clock, so that the sum over all cores jumps there and back.
            for (before, after) in self.cores.iter().zip(machine.cores()) {
                if before[core::ONLINE] == 1 && after[core::ONLINE] == 1 {
                    spent.add(&before[..cpu::COUNT], &after[..cpu::COUNT]);
                }
            }
        } else if let (Some(before), Some(now)) = (before, now) {
            spent.add(&before, &now);
        }
        self.cores.clear();
        self.cores.extend_from_slice(machine.cores());
        if before.is_none() || spent.total == 0 {
            return None;
        }
        Some(spent)
    }

    fn cores_switched(&self, now: &[[u64; core::COUNT]]) -> bool {
        let online = |cores: &[[u64; core::COUNT]], at: usize| {
            cores.get(at).map_or(0, |core| core[core::ONLINE])
        };
        let most = self.cores.len().max(now.len());
        // Before the first sample that names cores, none is known to have been off.
        !self.cores.is_empty() && (0..most).any(|at| online(&self.cores, at) != online(now, at))
    }
}

/// Memory in use: MemTotal less MemAvailable in KiB, and that in milli-percent of
/// MemTotal; `None` where the kernel does not say.
pub fn memory_used(machine: &Machine) -> Option<(u64, u64)> {
    let total = machine.value(memory::ID, memory::MEM_TOTAL)?;
    let available = machine.value(memory::ID, memory::MEM_AVAILABLE)?;
    let used = total.saturating_sub(available);
    let share = rounded(u128::from(used) * 100_000, u128::from(total));
    (total > 0).then_some((used, share))
}

/// What free(1) of procps 3.3 calls used, KiB: MemTotal less MemFree, Buffers,
/// Cached and SReclaimable; `None` where the kernel does not say.
pub fn free_used(machine: &Machine) -> Option<u64> {
    let value = |field| machine.value(memory::ID, field);
    let mut used = value(memory::MEM_TOTAL)?;
    for field in [
        memory::MEM_FREE,
        memory::BUFFERS,
        memory::CACHED,
        memory::S_RECLAIMABLE,
    ] {
        used = used.saturating_sub(value(field)?);
    }
    Some(used)
}
