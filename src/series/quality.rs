//! The quality of a run's data: what was lost, what could not be read, and what the
//! recorder itself took.

use super::cost::{Cost, CostTally};
use super::estimates::EstimateTally;
use crate::log::fields::process::flag;
use crate::log::fields::{clock, memory, recorder};
use crate::log::losses::Losses;
use crate::log::model::{largest_unreadable, Comm, Process};
use crate::log::record::{Footer, Header, PssMode};
use crate::log::sample::Sample;

/// The quality of a run's data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quality {
    /// What the log lacks of it.
    pub(crate) losses: Losses,
    /// `None`: the run was cut off.
    pub footer: Option<Footer>,
    /// The most processes at one time whose memory may not be read, and the most that were
    /// left out.
    pub(crate) unreadable: u64,
    pub(crate) left_out: u64,
    /// The most processes at one time that could not be read, though they may be.
    pub(crate) not_read: u64,
    /// Threads of the kernel were seen: processes are not hidden from the recorder.
    pub(crate) kernel_threads: bool,
    /// The largest of them when they were most: pid and name.
    pub(crate) unreadable_process: Option<(u32, Comm)>,
    /// Other users' processes were hidden from the recorder.
    pub(crate) hidden: bool,
    /// The recorder's effective capabilities, where the log has them.
    pub(crate) cap_eff: u64,
    /// Deadlines that passed without a sample.
    pub(crate) missed: u64,
    /// Those of them in which the recorder was stopped, as by Ctrl-Z.
    pub(crate) stopped: u64,
    /// The most memory that was huge pages of hugetlb, KiB.
    pub(crate) hugetlb_kib: u64,
    /// Samples in which more memory is available than there is.
    pub(crate) too_much_available: u64,
    /// Intervals in which the kernel's CPU time of some core or process, or of the machine, is
    /// implausible.
    pub(crate) implausible_cpu: u64,
    /// How often the clock was set, how far in all, and the farthest that it was from
    /// the unset clock, milliseconds.
    pub(crate) clock_set: u64,
    pub(crate) stepped_ms: i64,
    pub(crate) farthest_ms: i64,
    /// How often the board slept, and how long in all, milliseconds.
    pub(crate) suspends: u64,
    pub(crate) suspended_ms: u64,
    /// With `--pss auto`: figures of PSS, and those of them that are estimates.
    pub pss_figures: u64,
    pub pss_estimates: u64,
    /// Estimates that were due to be read, when the budget was used up.
    pub pss_stale: u64,
    /// What the recorder itself took.
    pub(crate) cost: Cost,
}

/// Gathers it, sample by sample.
#[derive(Debug, Default)]
pub(crate) struct QualityTally {
    quality: Quality,
    begun: bool,
    estimates: EstimateTally,
    cost: CostTally,
}

impl QualityTally {
    pub(crate) fn losses(&mut self, losses: &Losses) {
        self.quality.losses = losses.clone();
    }

    pub(crate) fn footer(&mut self, footer: &Footer) {
        let quality = &mut self.quality;
        quality.missed = quality.missed.max(footer.missed);
        quality.unreadable = quality.unreadable.max(footer.unreadable);
        quality.left_out = quality.left_out.max(footer.left_out);
        quality.footer = Some(footer.clone());
        self.cost.footer(footer);
    }

    pub(crate) fn sample<T>(&mut self, sample: &Sample, header: &Header<T>) {
        let value = |group, field| sample.machine.value(group, field).unwrap_or(0);
        let quality = &mut self.quality;
        let is_kernel = |process: &Process| process.has(flag::KERNEL_THREAD);
        let anew = !std::mem::replace(&mut self.begun, true) || sample.after_loss;
        quality.kernel_threads = quality.kernel_threads
            || match anew {
                true => sample.processes().any(is_kernel),
                // New processes are among the changes.
                false => sample.changes.iter().any(|(slot, _)| {
                    let process = sample.slots.get(*slot).and_then(Option::as_ref);
                    process.is_some_and(is_kernel)
                }),
            };
        let memory = |field| sample.machine.value(memory::ID, field);
        let (total, available) = (memory(memory::MEM_TOTAL), memory(memory::MEM_AVAILABLE));
        quality.hugetlb_kib = (quality.hugetlb_kib).max(memory(memory::HUGETLB).unwrap_or(0));
        quality.too_much_available += u64::from(total.is_some() && available > total);
        let unreadable = value(recorder::ID, recorder::UNREADABLE);
        if unreadable > quality.unreadable {
            quality.unreadable = unreadable;
            let one = largest_unreadable(sample.processes());
            quality.unreadable_process = one.map(|one| (one.pid, one.comm.clone()));
        }
        quality.hidden |= value(recorder::ID, recorder::HIDDEN) == 1;
        quality.cap_eff |= value(recorder::ID, recorder::CAP_EFF);
        for (most, field) in [
            (&mut quality.missed, recorder::MISSED),
            (&mut quality.not_read, recorder::NOT_READ),
            (&mut quality.stopped, recorder::STOPPED),
            (&mut quality.left_out, recorder::LEFT_OUT),
        ] {
            *most = (*most).max(value(recorder::ID, field));
        }
        self.cost.sample(sample, header);

        let stepped = value(clock::ID, clock::STEPPED_MS) as i64;
        quality.clock_set += u64::from(stepped != quality.stepped_ms);
        quality.stepped_ms = stepped;
        if stepped.unsigned_abs() > quality.farthest_ms.unsigned_abs() {
            quality.farthest_ms = stepped;
        }
        let suspended = value(clock::ID, clock::SUSPENDED_MS);
        quality.suspends += u64::from(suspended > quality.suspended_ms);
        quality.suspended_ms = quality.suspended_ms.max(suspended);
        if header.pss == PssMode::Auto {
            let counts = self.estimates.sample(sample);
            for (sum, count) in [
                (&mut quality.pss_figures, counts.figures),
                (&mut quality.pss_estimates, counts.estimates),
                (&mut quality.pss_stale, counts.stale),
            ] {
                *sum = sum.saturating_add(count);
            }
        }
    }

    pub(crate) fn finish(self) -> Quality {
        let mut quality = self.quality;
        quality.cost = self.cost.finish();
        quality
    }
}
