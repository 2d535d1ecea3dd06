//! The ends of a ramp that show in samples and in the probe.

use crate::results::{Cause, Outcome};

/// Samples in a row in which memory is below the reserve.
const LOW_SAMPLES: u32 = 2;
/// Runs of the probe in a row that are too slow, or fail.
const SLOW_RUNS: u32 = 2;
/// Over so long a time all tasks waited for memory.
const PRESSURE_NS: u64 = 10_000_000_000;
/// Samples in that time, at the shortest interval.
const PRESSURE_SAMPLES: usize = 128;
/// A probe may take so many times the median of those without any container, and so long
/// at least.
const SLOWER: u64 = 10;
const LEAST_SLOW_US: u64 = 5_000_000;
/// So many of them at most.
const PROBES: usize = 16;

/// Where the ends lie; each but the reserve may be `None`: it is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) reserve_kib: u64,
    pub(crate) oom_kills: Option<u64>,
    /// `None`: to be found without any container.
    pub(crate) slow_us: Option<u64>,
    pub(crate) full_percent: Option<u64>,
    pub(crate) missed: Option<u64>,
}

/// The default of the reserve: the larger of 32 MiB and 4 % of all memory.
pub(crate) fn reserve_kib(total_kib: u64) -> u64 {
    (total_kib / 25).max(32 << 10)
}

/// What a sample says; `None` where the kernel does not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) at_ns: u64,
    pub(crate) available_kib: Option<u64>,
    /// Since boot, as the next two.
    pub(crate) oom_kills: Option<u64>,
    pub(crate) full_us: Option<u64>,
    /// Deadlines, since the start.
    pub(crate) missed: u64,
}

#[derive(Debug)]
pub(crate) struct Ends {
    pub(crate) limits: Limits,
    low: u32,
    slow: u32,
    oom_kills: Option<u64>,
    missed: u64,
    /// When tasks had waited so long; the last that is old enough, and all after it.
    full: Vec<(u64, u64)>,
    /// What runs of the probe took without any container.
    took_us: Vec<u64>,
}

impl Ends {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            low: 0,
            slow: 0,
            oom_kills: None,
            missed: 0,
            full: Vec::with_capacity(PRESSURE_SAMPLES),
            took_us: Vec::with_capacity(PROBES),
        }
    }

    /// Takes a sample; says whether it ends the ramp.
    pub(crate) fn sample(&mut self, of: &Reading) -> Option<Cause> {
        let limits = self.limits;
        let killed = of.oom_kills.map_or(0, |now| {
            now.saturating_sub(*self.oom_kills.get_or_insert(now))
        });
        let is_low = |kib: u64| kib < limits.reserve_kib;
        self.low = match of.available_kib.is_some_and(is_low) {
            true => self.low + 1,
            false => 0,
        };
        let missed = of.missed.saturating_sub(self.missed);
        self.missed = of.missed;
        let is_full = self.is_full(of);
        let reaches = |number: u64, limit: Option<u64>| limit.is_some_and(|most| number >= most);
        if reaches(killed, limits.oom_kills) {
            Some(Cause::OutOfMemory)
        } else if self.low >= LOW_SAMPLES {
            Some(Cause::Memory)
        } else if is_full {
            Some(Cause::Pressure)
        } else if reaches(missed, limits.missed) {
            Some(Cause::Deadlines)
        } else {
            None
        }
    }

    fn is_full(&mut self, of: &Reading) -> bool {
        let (Some(limit), Some(full_us)) = (self.limits.full_percent, of.full_us) else {
            return false;
        };
        let age = |at: u64| of.at_ns.saturating_sub(at);
        while self
            .full
            .get(1)
            .is_some_and(|(at, _)| age(*at) >= PRESSURE_NS)
        {
            self.full.remove(0);
        }
        if self.full.len() < PRESSURE_SAMPLES {
            self.full.push((of.at_ns, full_us));
        }
        let Some(&(at, before)) = self.full.first().filter(|(at, _)| age(*at) >= PRESSURE_NS)
        else {
            return false;
        };
        let over_us = age(at) / 1000;
        full_us.saturating_sub(before).saturating_mul(100) > over_us.saturating_mul(limit)
    }

    /// Takes a run of the probe; says whether it ends the ramp.
    pub(crate) fn probe(&mut self, outcome: Outcome, took_us: Option<u64>) -> Option<Cause> {
        let is_slow = |us: u64| self.limits.slow_us.is_some_and(|limit| us > limit);
        let fails = outcome != Outcome::Status(0);
        self.slow = match fails || took_us.map_or(true, is_slow) {
            true => self.slow + 1,
            false => 0,
        };
        let ends = outcome == Outcome::TimedOut || self.slow >= SLOW_RUNS;
        ends.then_some(Cause::Probe)
    }

    /// Takes a run of the probe without any container; one that failed says nothing of the
    /// time.
    pub(crate) fn learn(&mut self, outcome: Outcome, took_us: Option<u64>) {
        if outcome == Outcome::Status(0) && self.took_us.len() < self.took_us.capacity() {
            self.took_us.extend(took_us);
        }
    }

    /// From now on it is known how long they took.
    pub(crate) fn has_learnt(&mut self) {
        self.took_us.sort_unstable();
        if let Some(median_us) = self.took_us.get(self.took_us.len() / 2) {
            let slow = median_us.saturating_mul(SLOWER).max(LEAST_SLOW_US);
            self.limits.slow_us.get_or_insert(slow);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        reserve_kib: 100,
        oom_kills: Some(1),
        slow_us: None,
        full_percent: Some(40),
        missed: Some(3),
    };

    /// What the samples, one a second, come to.
    fn after(limits: Limits, samples: &[(u64, u64, u64, u64)]) -> Vec<Option<Cause>> {
        let mut ends = Ends::new(limits);
        let samples = samples.iter().enumerate();
        let sample = |(at, &(available, oom, full_ms, missed)): (usize, &_)| {
            ends.sample(&Reading {
                at_ns: at as u64 * 1_000_000_000,
                available_kib: Some(available),
                oom_kills: Some(oom),
                full_us: Some(full_ms * 1000),
                missed,
            })
        };
        samples.map(sample).collect()
    }

    #[test]
    fn memory_is_low_in_two_samples() {
        let at = |kib| (kib, 7, 0, 0);
        assert_eq!(after(LIMITS, &[at(99), at(100), at(99)]), [None; 3]);
        let low = after(LIMITS, &[at(99), at(0)]);
        assert_eq!(low, [None, Some(Cause::Memory)]);
        let none = Limits {
            reserve_kib: 0,
            ..LIMITS
        };
        assert_eq!(after(none, &[at(0), at(0), at(0)]), [None; 3]);
    }

    #[test]
    fn a_kill_counts_from_the_first_sample_and_goes_before_the_rest() {
        let at = |oom| (0, oom, 0, 0);
        let killed = after(LIMITS, &[at(7), at(8)]);
        assert_eq!(killed, [None, Some(Cause::OutOfMemory)]);
        let two = Limits {
            oom_kills: Some(2),
            reserve_kib: 0,
            ..LIMITS
        };
        let killed = after(two, &[at(7), at(8), at(9)]);
        assert_eq!(killed, [None, None, Some(Cause::OutOfMemory)]);
        let none = Limits {
            oom_kills: None,
            ..two
        };
        assert_eq!(after(none, &[at(7), at(80)]), [None; 2]);
    }

    /// 0.5 s in each of 10 s are 50 % over 10 s; the first sample that has 10 s before it is
    /// the eleventh. 0.4 s are 40 %, which is not above it.
    #[test]
    fn pressure_is_over_ten_seconds() {
        let of = |each_ms: u64| -> Vec<_> { (0..13).map(|s| (900, 0, s * each_ms, 0)).collect() };
        let ends = after(LIMITS, &of(500));
        assert_eq!(ends.iter().position(Option::is_some), Some(10));
        assert_eq!(ends[10], Some(Cause::Pressure));
        assert_eq!(after(LIMITS, &of(400)), [None; 13]);
        // A burst of 4.2 s that is over after ten more.
        let burst: Vec<_> = (0..25)
            .map(|s| (900, 0, if s < 5 { 0 } else { 4200 }, 0))
            .collect();
        let ends = after(LIMITS, &burst);
        let hits: Vec<usize> = (0..25).filter(|at| ends[*at].is_some()).collect();
        assert_eq!(hits, [10, 11, 12, 13, 14]);
    }

    #[test]
    fn three_deadlines_in_a_row() {
        let at = |missed| (900, 0, 0, missed);
        let ends = after(LIMITS, &[at(0), at(2), at(4), at(7), at(7)]);
        assert_eq!(ends, [None, None, None, Some(Cause::Deadlines), None]);
    }

    #[test]
    fn a_kernel_that_says_nothing_ends_nothing() {
        let mut ends = Ends::new(LIMITS);
        let of = Reading::default();
        assert_eq!([ends.sample(&of), ends.sample(&of)], [None, None]);
    }

    fn learns(ends: &mut Ends, took_us: &[u64]) {
        for us in took_us {
            ends.learn(Outcome::Status(0), Some(*us));
        }
        ends.has_learnt();
    }

    /// Of a probe that takes 73 s and fails twice at once.
    #[test]
    fn a_probe_that_fails_says_nothing_of_the_time() {
        let mut ends = Ends::new(LIMITS);
        ends.learn(Outcome::Status(1), Some(100_000));
        ends.learn(Outcome::NotStarted(11), None);
        ends.has_learnt();
        assert_eq!(ends.limits.slow_us, None);
        ends.learn(Outcome::Status(1), Some(100_000));
        learns(&mut ends, &[73_000_000]);
        assert_eq!(ends.limits.slow_us, Some(730_000_000));
    }

    /// A kernel that did not tell of kills at first has not killed since.
    #[test]
    fn kills_count_from_the_first_sample_that_tells_of_them() {
        let mut ends = Ends::new(LIMITS);
        let of = |oom_kills| Reading {
            oom_kills,
            available_kib: Some(900),
            ..Reading::default()
        };
        let told = [None, Some(7), Some(7), Some(8)].map(|kills| ends.sample(&of(kills)));
        assert_eq!(told, [None, None, None, Some(Cause::OutOfMemory)]);
    }

    #[test]
    fn a_probe_that_is_slow_twice_or_timed_out() {
        let done = Outcome::Status(0);
        let mut ends = Ends::new(LIMITS);
        assert_eq!(ends.probe(done, Some(u64::MAX)), None, "no limit yet");
        learns(&mut ends, &[400_000]);
        assert_eq!(ends.limits.slow_us, Some(5_000_000));
        for (us, slow) in [(5_000_001, false), (5_000_000, false), (6_000_000, false)] {
            assert_eq!(ends.probe(done, Some(us)).is_some(), slow, "{us}");
        }
        assert_eq!(ends.probe(done, Some(6_000_000)), Some(Cause::Probe));
        let mut ends = Ends::new(LIMITS);
        learns(&mut ends, &[700_000, 500_000, 600_000]);
        assert_eq!(ends.limits.slow_us, Some(6_000_000));
        assert_eq!(ends.probe(Outcome::Status(1), Some(5)), None);
        assert_eq!(
            ends.probe(Outcome::NotStarted(11), None),
            Some(Cause::Probe)
        );
        let mut ends = Ends::new(LIMITS);
        assert_eq!(ends.probe(Outcome::TimedOut, Some(5)), Some(Cause::Probe));
    }

    #[test]
    fn the_larger_of_32_mib_and_4_percent() {
        assert_eq!(reserve_kib(1_000_000), 40_000);
        assert_eq!(reserve_kib(512 << 10), 32 << 10);
    }
}
