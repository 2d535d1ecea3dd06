//! What the recording itself cost from its first sample on: not what the process used
//! before, in part as another program.

use crate::log::fields::{clock, recorder};
use crate::log::record::{Footer, Header};
use crate::log::sample::Sample;

/// What the recorder took; `None` where it is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) cpu: Option<CpuCost>,
    /// The most PSS, KiB, and the most descriptors that were kept open. The first sample
    /// does not count: the recorder is still starting.
    pub(crate) pss_kib: Option<u64>,
    pub(crate) descriptors: Option<u64>,
    /// The most kernel memory in which ends of processes waited to be read, KiB.
    pub(crate) exits_kib: Option<u64>,
    /// By the whole run, with its overwritten part.
    pub(crate) written_bytes: Option<u64>,
}

/// CPU time, and the time in which it was used, microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CpuCost {
    pub(crate) used_us: u64,
    pub(crate) over_us: u64,
}

impl CpuCost {
    /// Milli-percent of one core.
    pub(crate) fn of_one_core(&self) -> f64 {
        self.used_us as f64 / self.over_us as f64 * 100_000.0
    }
}

/// The recorder's account of its CPU time, when it was written.
#[derive(Debug, Clone, Copy)]
struct OwnCpu {
    at_us: u64,
    cpu_us: u64,
}

/// Gathers it, sample by sample.
#[derive(Debug, Default)]
pub(crate) struct CostTally {
    cost: Cost,
    /// CPU time in the last sample: it may be older than that.
    cpu_us: Option<u64>,
    first: Option<OwnCpu>,
    last: Option<OwnCpu>,
    /// The last sample: its tick and time.
    tick: u64,
    now_us: u64,
}

impl CostTally {
    pub(crate) fn sample<T>(&mut self, sample: &Sample, header: &Header<T>) {
        let value = |field| sample.machine.value(recorder::ID, field);
        let slept_ms = sample.machine.value(clock::ID, clock::SUSPENDED_MS);
        let since_start = sample.tick.saturating_mul(header.interval_us);
        self.tick = sample.tick;
        self.now_us = since_start
            .saturating_add(sample.late_us)
            .saturating_sub(slept_ms.unwrap_or(0).saturating_mul(1000));
        let Some(cpu_us) = value(recorder::CPU_US) else {
            return;
        };
        let before = self.cpu_us.replace(cpu_us);
        // Where samples are missing, the account may have been written in one of them.
        let is_new = before.is_some_and(|before| before < cpu_us) && !sample.after_loss;
        if sample.tick == 0 || is_new {
            let own = OwnCpu {
                at_us: self.now_us,
                cpu_us,
            };
            self.first.get_or_insert(own);
            self.last = Some(own);
        }
        let most = |known: &mut Option<u64>, value| *known = (*known).max(value);
        most(&mut self.cost.written_bytes, value(recorder::WRITTEN_BYTES));
        if sample.tick > 0 && self.first.map_or(true, |first| first.cpu_us < cpu_us) {
            let kept = value(recorder::KEPT_DESCRIPTORS);
            most(&mut self.cost.pss_kib, value(recorder::PSS_KIB));
            most(&mut self.cost.descriptors, kept);
            most(&mut self.cost.exits_kib, value(recorder::EXITS_KIB));
        }
    }

    pub(crate) fn footer(&mut self, footer: &Footer) {
        // A run of footprints alone has no sample: this is all that it tells.
        self.cost.written_bytes = self.cost.written_bytes.max(Some(footer.written_bytes));
        // Where the last samples are lost, the time of the footer is not known.
        let deadlines = footer.samples.saturating_add(footer.missed);
        if deadlines <= self.tick.saturating_add(1) {
            self.last = Some(OwnCpu {
                at_us: self.now_us,
                cpu_us: footer.cpu_us,
            });
        }
    }

    pub(crate) fn finish(self) -> Cost {
        let cpu = self.first.zip(self.last).map(|(first, last)| CpuCost {
            used_us: last.cpu_us.saturating_sub(first.cpu_us),
            over_us: last.at_us.saturating_sub(first.at_us),
        });
        Cost {
            cpu: cpu.filter(|cpu| cpu.over_us > 0),
            ..self.cost
        }
    }
}
