//! The machine from sample to sample: its CPU and memory, with and without what the
//! recorder took of them.

use super::counter::TaskTime;
use super::cpu::{CpuTracker, CpuUse};
use super::distribution::Distribution;
use super::interval::{free_used, memory_used, most_ticks, Clock, Interval, Span};
use super::own::OwnProcesses;
use crate::log::fields::{page_kib, recorder};
use crate::log::record::Header;
use crate::log::sample::Sample;

/// The series of the machine: CPU and memory in milli-percent, memory in KiB.
#[derive(Debug, Default)]
pub(super) struct MachineSeries {
    pub(super) cpu: Distribution,
    pub(super) memory_kib: Distribution,
    pub(super) memory_share: Distribution,
    /// Without what the recorder and the commands that it ran took: CPU, and memory in KiB.
    pub(super) cpu_less: Distribution,
    pub(super) memory_kib_less: Distribution,
    /// Of that, what the commands took which it ran beside the sampling; empty where it ran
    /// none.
    pub(super) probe_cpu: Distribution,
    pub(super) probe_kib: Distribution,
    /// KiB: see [`super::product::Product`]; empty where no comparison is made.
    pub(super) available_kib: Distribution,
    pub(super) free_used_kib: Distribution,
    pub(super) product_pss_kib: Distribution,
}

impl MachineSeries {
    pub(super) fn all(&mut self) -> [&mut Distribution; 10] {
        [
            &mut self.cpu,
            &mut self.memory_kib,
            &mut self.memory_share,
            &mut self.cpu_less,
            &mut self.memory_kib_less,
            &mut self.probe_cpu,
            &mut self.probe_kib,
            &mut self.available_kib,
            &mut self.free_used_kib,
            &mut self.product_pss_kib,
        ]
    }
}

/// The machine at a sample, in the units of its series.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Step {
    pub(super) span: Span,
    /// The interval that the sample ends.
    pub(super) interval: Option<Interval>,
    /// In that interval.
    pub(super) spent: Option<CpuUse>,
    pub(super) cpu: Option<u64>,
    /// The most that a process can have used in it, USER_HZ.
    pub(super) most: u64,
    /// The kernel's CPU times cannot be right.
    pub(super) is_implausible: bool,
    pub(super) memory_kib: Option<u64>,
}

/// Reads the machine of one run.
#[derive(Debug)]
pub(super) struct MachineTracker {
    pub(super) series: MachineSeries,
    pub(super) clock: Clock,
    busy: CpuTracker,
    cores: u64,
    page_size: u64,
    own: OwnProcesses,
    /// The recorder's CPU time at the last sample.
    own_time: Option<TaskTime>,
}

impl MachineTracker {
    pub(super) fn new<T>(header: &Header<T>, series: MachineSeries) -> Self {
        Self {
            series,
            clock: Clock::new(header),
            busy: CpuTracker::new(header.cores.into()),
            cores: header.cores.into(),
            page_size: header.page_size,
            own: OwnProcesses::default(),
            own_time: None,
        }
    }

    /// Takes the next sample.
    pub(super) fn sample(&mut self, sample: &Sample) -> Step {
        let (span, interval) = self.clock.advance(sample);
        let implausible = self.busy.implausible();
        let spent = self.busy.advance(&sample.machine, interval.as_ref());
        let memory = memory_used(&sample.machine);
        let step = Step {
            span,
            interval,
            spent,
            cpu: spent.map(|spent| spent.busy_less(0)),
            most: most_ticks(&sample.machine, self.cores, interval.as_ref()),
            is_implausible: self.busy.implausible() > implausible,
            memory_kib: memory.map(|(kib, _)| kib),
        };
        let weight = span.ticks();
        let (own_ticks, own_kib) = self.own_share(sample, &step, weight);
        let series = &mut self.series;
        if let Some((spent, cpu)) = spent.zip(step.cpu) {
            series.cpu.add(cpu, weight);
            if let Some(ticks) = own_ticks {
                series.cpu_less.add(spent.busy_less(ticks), weight);
            }
        }
        if let Some((kib, share)) = memory {
            series.memory_kib.add(kib, weight);
            series.memory_share.add(share, weight);
            if let Some(own_kib) = own_kib {
                series
                    .memory_kib_less
                    .add(kib.saturating_sub(own_kib), weight);
            }
        }
        step
    }

    /// Adds what only a comparison needs; `product_kib`: PSS of the product's processes.
    pub(super) fn compare(&mut self, sample: &Sample, span: Span, product_kib: Option<u64>) {
        let used = sample.machine.memory_used();
        let available = used.map(|(used, total)| total - used);
        let series = &mut self.series;
        for (series, kib) in [
            (&mut series.available_kib, available),
            (&mut series.free_used_kib, free_used(&sample.machine)),
            (&mut series.product_pss_kib, product_kib),
        ] {
            if let Some(kib) = kib {
                series.add(kib, span.ticks());
            }
        }
    }

    /// The recorder and the commands that it runs.
    pub(super) fn own(&self) -> &OwnProcesses {
        &self.own
    }

    pub(super) fn own_mut(&mut self) -> &mut OwnProcesses {
        &mut self.own
    }

    /// What the recorder took, and the commands that it ran: CPU time since the sample
    /// before, USER_HZ, where it was sampled then; and memory, KiB: PSS, a page of the
    /// kernel's for each descriptor that it keeps, and the ends of processes that waited to
    /// be read. `None` where the log does not tell.
    fn own_share(
        &mut self,
        sample: &Sample,
        step: &Step,
        weight: u64,
    ) -> (Option<u64>, Option<u64>) {
        let value = |field| sample.machine.value(recorder::ID, field);
        let Some(process) = self.own.find(sample) else {
            self.own_time = None;
            return (None, None);
        };
        let now = process.cpu_time();
        let ticks = match &mut self.own_time {
            Some(time) => time.read(now, step.most),
            none => {
                *none = Some(TaskTime::from(now));
                None
            }
        };
        let probe = self.own.taken(sample, process, step.most);
        if let Some(probe) = probe {
            if let Some((spent, cpu)) = step.spent.zip(step.cpu) {
                let used = cpu.saturating_sub(spent.busy_less(probe.ticks));
                self.series.probe_cpu.add(used, weight);
            }
            self.series.probe_kib.add(probe.pss_kib, weight);
        }
        let probe = probe.unwrap_or_default();
        let ticks = ticks.map(|ticks| ticks.saturating_add(probe.ticks));
        let Some(pss) = process.pss_kib().or_else(|| value(recorder::PSS_KIB)) else {
            return (None, None);
        };
        let kept = value(recorder::KEPT_DESCRIPTORS).unwrap_or(0);
        let pages = kept.saturating_mul(page_kib(self.page_size));
        let ends = value(recorder::EXITS_KIB).unwrap_or(0);
        let parts = [pages, ends, probe.pss_kib].into_iter();
        let kib = parts.fold(pss, u64::saturating_add);
        (ticks, Some(kib))
    }
}
