//! How good the estimates are: each is compared with a reading of the same
//! moment. This costs what the estimates save, so it is for proving them only.

use super::memory::Reading;
use super::pss::Due;
use super::walk::read_statm;
use super::Sampler;
use crate::log::fields::process::{self, flag};

/// Relative errors are counted in steps of 0.01 %, up to 20 %.
const STEPS: usize = 2000;
/// Of smaller processes a page or two are several percent. KiB.
const FROM_KIB: u64 = 4 << 10;

/// The errors so far.
#[derive(Debug)]
pub(crate) struct Errors {
    steps: Box<[u32; STEPS + 1]>,
    count: u64,
    sum: f64,
    max: f64,
    totals: u64,
    totals_sum: f64,
    totals_max: f64,
}

/// What the errors come to, each as a part of the true value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Verdict {
    /// Estimates of processes above 4 MiB that were compared.
    pub(crate) estimates: u64,
    pub(crate) mean: f64,
    /// Above 20 %, the maximum.
    pub(crate) p99: f64,
    pub(crate) max: f64,
    /// Samples, and how far the sum over all processes was off in them.
    pub(crate) samples: u64,
    pub(crate) sum_mean: f64,
    pub(crate) sum_max: f64,
}

impl Errors {
    pub(crate) fn new() -> Self {
        Self {
            steps: Box::new([0; STEPS + 1]),
            count: 0,
            sum: 0.0,
            max: 0.0,
            totals: 0,
            totals_sum: 0.0,
            totals_max: 0.0,
        }
    }

    fn note(&mut self, estimate_kib: u64, true_kib: u64) {
        let error = relative(estimate_kib, true_kib);
        let step = (error * 10_000.0) as usize;
        self.steps[step.min(STEPS)] += 1;
        self.count += 1;
        self.sum += error;
        self.max = self.max.max(error);
    }

    fn note_total(&mut self, estimate_kib: u64, true_kib: u64) {
        let error = relative(estimate_kib, true_kib);
        self.totals += 1;
        self.totals_sum += error;
        self.totals_max = self.totals_max.max(error);
    }

    pub(crate) fn verdict(&self) -> Verdict {
        let rank = self.count - self.count / 100;
        let mut below = 0;
        let step = self.steps.iter().position(|&count| {
            below += u64::from(count);
            below >= rank
        });
        let p99 = match step.unwrap_or(0) {
            STEPS => self.max,
            step => step as f64 / 10_000.0,
        };
        Verdict {
            estimates: self.count,
            mean: self.sum / self.count.max(1) as f64,
            p99,
            max: self.max,
            samples: self.totals,
            sum_mean: self.totals_sum / self.totals.max(1) as f64,
            sum_max: self.totals_max,
        }
    }
}

fn relative(estimate: u64, truth: u64) -> f64 {
    estimate.abs_diff(truth) as f64 / truth.max(1) as f64
}

impl Sampler {
    /// Compares what is made of each process's memory with the truth. For that the
    /// resident set is read again: between the sample and this it may have moved,
    /// which is no fault of the estimate.
    pub(crate) fn verify(&mut self, errors: &mut Errors) {
        let (mut estimated, mut real) = (0, 0);
        for index in 0..self.table.len() {
            let (pid, slot) = self.table.place(index);
            let rss = self.read_rss(pid);
            let task = self.table.task(index);
            let Reading::Known(truth) = self.source.read(&self.root, task, &mut self.buffer) else {
                continue;
            };
            let Some((process, track)) = self.table.get(slot) else {
                continue;
            };
            let mut values = process.values;
            let was_read = values[process::PSS_AT] == self.tick;
            let Some(rss) = rss.filter(|_| process.pss_kib().is_some()) else {
                continue;
            };
            values[process::RSS] = rss;
            let mut memory = track.memory;
            let mut due = memory.due(&values, track.quiet, self.tick, self.second);
            if due == Due::Ask {
                let statm = read_statm(&self.root, task, &mut self.buffer);
                due = statm.map_or(Due::Moved, |statm| {
                    memory.answer(&values, &statm, self.page_kib)
                });
            }
            // What became due since the sample would have been read; what the budget
            // postponed was not.
            let postponed = process.has(flag::STALE);
            let is_estimate = !was_read && (due == Due::No || postponed);
            if is_estimate {
                memory.estimate(&mut values, self.page_kib);
            } else {
                values[process::PSS] = truth.pss;
            }
            let estimate = values[process::PSS];
            estimated += estimate;
            real += truth.pss;
            if is_estimate && truth.pss > FROM_KIB {
                errors.note(estimate, truth.pss);
            }
        }
        errors.note_total(estimated, real);
    }
}

impl Default for Errors {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_percentile_and_maximum() {
        let mut errors = Errors::new();
        for _ in 0..98 {
            errors.note(10_000, 10_000);
        }
        errors.note(10_100, 10_000);
        errors.note(9_500, 10_000);
        errors.note_total(99_000, 100_000);
        errors.note_total(100_000, 100_000);
        let verdict = errors.verdict();
        assert_eq!(verdict.estimates, 100);
        assert!((verdict.mean - 0.0006).abs() < 1e-12);
        assert!((verdict.p99 - 0.01).abs() < 1e-12);
        assert!((verdict.max - 0.05).abs() < 1e-12);
        assert_eq!(verdict.samples, 2);
        assert!((verdict.sum_mean - 0.005).abs() < 1e-12);
        assert!((verdict.sum_max - 0.01).abs() < 1e-12);
    }

    #[test]
    fn a_percentile_beyond_the_steps() {
        let mut errors = Errors::new();
        errors.note(20_000, 10_000);
        let verdict = errors.verdict();
        assert!((verdict.p99 - 1.0).abs() < 1e-12);
        assert!((verdict.max - 1.0).abs() < 1e-12);
    }
}
