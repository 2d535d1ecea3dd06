//! What the recorder itself took at each sample, so that a run can be read without
//! its observer.

use super::counter::TaskTime;
use crate::log::fields::{page_kib, recorder};
use crate::log::model::Process;
use crate::log::sample::Sample;

/// Knows how much the recorder had used at the last sample.
#[derive(Debug, Default)]
pub(crate) struct Own {
    slot: usize,
    time: Option<TaskTime>,
}

/// CPU time since the sample before, USER_HZ, where it was sampled then, and memory,
/// KiB: PSS, and a page of the kernel's for each descriptor that is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) ticks: Option<u64>,
    pub(crate) kib: u64,
}

impl Own {
    /// `None` where the log does not say which process the recorder is, which can have
    /// used the `most` since the last sample.
    pub(crate) fn advance(&mut self, sample: &Sample, page_size: u64, most: u64) -> Option<Taken> {
        let value = |field| sample.machine.value(recorder::ID, field);
        let process = value(recorder::PID).and_then(|pid| self.find(sample, pid));
        let Some(process) = process else {
            self.time = None;
            return None;
        };
        let now = process.cpu_time();
        let ticks = match &mut self.time {
            Some(time) => time.read(now, most),
            none => {
                *none = Some(TaskTime::from(now));
                None
            }
        };
        let kept = value(recorder::KEPT_DESCRIPTORS).unwrap_or(0);
        let pages = kept.saturating_mul(page_kib(page_size));
        let pss = match process.pss_kib() {
            Some(pss) => pss,
            None => value(recorder::PSS_KIB)?,
        };
        Some(Taken {
            ticks,
            kib: pss.saturating_add(pages),
        })
    }

    fn find<'s>(&mut self, sample: &'s Sample, pid: u64) -> Option<&'s Process> {
        let is_own = |slot: &Option<Process>| {
            slot.as_ref()
                .is_some_and(|process| u64::from(process.pid) == pid)
        };
        if !sample.slots.get(self.slot).is_some_and(is_own) {
            self.slot = sample.slots.iter().position(is_own)?;
        }
        sample.slots.get(self.slot)?.as_ref()
    }
}
