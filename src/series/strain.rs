//! The strain on the machine over a run: pressure, reclaim, swap, load.
//!
//! The kernel counts since boot, so lost samples do not hide what a run adds.

use super::counter::Counter;
use super::interval::LATE_US;
use crate::log::fields::{kernel, memory, pressure, vmstat};
use crate::log::model::Machine;
use std::collections::VecDeque;

/// The length of the worst part of a run.
const WINDOW_US: u64 = 10_000_000;
/// The least distance of the samples at which such a part may begin.
const STEP_US: u64 = 1_000_000;

/// Time in which tasks waited for something, as parts of the run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Waited {
    pub(crate) over_run: f64,
    /// Over the worst 10 s, or the worst interval where that is longer.
    pub(crate) worst: f64,
}

/// PSI: the fields of [`pressure`], by their numbers.
pub(crate) type Pressure = [Option<Waited>; pressure::COUNT];

/// Load averages.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Load {
    /// Over 1 min: mean and maximum over the run.
    pub(crate) mean: f64,
    pub(crate) max: f64,
    /// Over 1, 5 and 15 min, at the end.
    pub(crate) end: [f64; 3],
}

/// Memory in swap, KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Swap {
    pub(crate) total: u64,
    pub(crate) at_most: u64,
}

/// The strain over a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Strain {
    /// `None`: nothing of the kind is in the log.
    pub(crate) pressure: Option<Pressure>,
    /// The fields of [`vmstat`], by their numbers: what the run added to each.
    pub(crate) vmstat: Option<[Option<u64>; vmstat::COUNT]>,
    pub(crate) load: Option<Load>,
    pub(crate) swap: Option<Swap>,
}

/// Pressure at a sample.
#[derive(Debug, Clone, Copy)]
struct PressureReading {
    at_us: u64,
    values: [u64; pressure::COUNT],
}

/// Gathers it, sample by sample.
#[derive(Debug, Default)]
pub(crate) struct StrainTally {
    seen: (bool, bool),
    pressure: [Counter; pressure::COUNT],
    /// The time that tasks waited for each, microseconds.
    waited_us: [Option<u64>; pressure::COUNT],
    /// Where a span of 10 s may begin.
    window: VecDeque<PressureReading>,
    worst: [f64; pressure::COUNT],
    /// Time awake at the first and at the last sample.
    awake: Option<(u64, u64)>,
    vmstat: [Counter; vmstat::COUNT],
    /// Of the load over 1 min: weight, weighted sum and maximum; and all at the end.
    load: Option<(u64, u64, u64, [u64; 3])>,
    swap: Option<Swap>,
}

impl StrainTally {
    /// Takes the next sample: `awake_us` is its time without sleep, `ticks` its weight;
    /// `follows`: no sample is missing before it.
    pub(crate) fn sample(&mut self, machine: &Machine, awake_us: u64, ticks: u64, follows: bool) {
        let before = self.awake.map_or(awake_us, |(_, last)| last);
        self.awake.get_or_insert((awake_us, awake_us)).1 = awake_us;
        if machine.group(pressure::ID).is_some() {
            self.seen.0 = true;
            self.pressure(machine, (before, awake_us), follows);
        }
        if machine.group(vmstat::ID).is_some() {
            self.seen.1 = true;
            for (field, count) in self.vmstat.iter_mut().enumerate() {
                if let Some(value) = machine.value(vmstat::ID, field) {
                    count.read(value, true);
                }
            }
        }
        let load = |field| machine.value(kernel::ID, field);
        if let Some(load1) = load(kernel::LOAD1_CENTI) {
            let (count, sum, max, end) = self.load.get_or_insert((0, 0, 0, [0; 3]));
            *count = count.saturating_add(ticks);
            *sum = sum.saturating_add(load1.saturating_mul(ticks));
            *max = (*max).max(load1);
            let others = [kernel::LOAD5_CENTI, kernel::LOAD15_CENTI];
            let [load5, load15] = others.map(|field| load(field).unwrap_or(0));
            *end = [load1, load5, load15];
        }
        let memory = |field| machine.value(memory::ID, field);
        if let (Some(total), Some(free)) = (memory(memory::SWAP_TOTAL), memory(memory::SWAP_FREE)) {
            self.swap(total, free);
        }
    }

    /// A container may show more free swap than there is: then the use is not known.
    fn swap(&mut self, total: u64, free: u64) {
        let Some(used) = total.checked_sub(free) else {
            return;
        };
        let swap = self.swap.get_or_insert(Swap { total, at_most: 0 });
        swap.total = swap.total.max(total);
        swap.at_most = swap.at_most.max(used);
    }

    /// Tasks cannot have waited longer than the time between two samples.
    fn pressure(&mut self, machine: &Machine, (before_us, at_us): (u64, u64), follows: bool) {
        let elapsed = at_us.saturating_sub(before_us);
        let most = elapsed.saturating_add((elapsed / 4).max(LATE_US));
        for (field, count) in self.pressure.iter_mut().enumerate() {
            if let Some(now) = machine.value(pressure::ID, field) {
                let gained = count.read(now, false);
                let waited = self.waited_us[field].get_or_insert(0);
                if gained <= most {
                    *waited = waited.saturating_add(gained);
                }
            }
        }
        let values = self.waited_us.map(|waited| waited.unwrap_or(0));
        if !follows {
            self.window.clear();
        }
        let age = |point: &PressureReading| at_us.saturating_sub(point.at_us);
        // The youngest that is old enough.
        while self.window.get(1).is_some_and(|p| age(p) >= WINDOW_US) {
            self.window.pop_front();
        }
        if let Some(begin) = self.window.front().filter(|p| age(p) >= WINDOW_US) {
            let whole = age(begin) as f64;
            let before = begin.values.iter().zip(values);
            for (worst, (before, now)) in self.worst.iter_mut().zip(before) {
                *worst = worst.max(now.saturating_sub(*before) as f64 / whole);
            }
        }
        if self.window.back().map_or(true, |p| age(p) >= STEP_US) {
            self.window.push_back(PressureReading { at_us, values });
        }
    }

    pub(crate) fn finish(self) -> Strain {
        let awake = (self.awake).map_or(0, |(first, last)| last.saturating_sub(first));
        let mut waited = [None; pressure::COUNT];
        for (field, place) in waited.iter_mut().enumerate() {
            let Some(gained) = self.waited_us[field].filter(|_| awake > 0) else {
                continue;
            };
            let over_run = gained as f64 / awake as f64;
            *place = Some(Waited {
                over_run,
                // A run that is shorter than the span is its own worst part.
                worst: self.worst[field].max(over_run),
            });
        }
        let centi = |value: u64| value as f64 / 100.0;
        Strain {
            pressure: self.seen.0.then_some(waited),
            vmstat: (self.seen.1).then(|| self.vmstat.map(|count| count.gained())),
            load: self.load.map(|(count, sum, max, end)| Load {
                mean: centi(sum) / count as f64,
                max: centi(max),
                end: end.map(centi),
            }),
            swap: self.swap,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::fields::NOT_OBSERVABLE;

    /// A second apart; what waits for I/O, microseconds in each.
    fn waits(seconds: &[u64], lost_before: Option<usize>) -> Strain {
        let mut observer = StrainTally::default();
        let mut machine = Machine::default();
        machine.group_mut(pressure::ID)[..pressure::COUNT].fill(NOT_OBSERVABLE);
        machine.group_mut(pressure::ID)[pressure::IO_SOME_US] = 77_000_000;
        observer.sample(&machine, 5_000_000, 1, false);
        for (at, wait) in seconds.iter().enumerate() {
            machine.group_mut(pressure::ID)[pressure::IO_SOME_US] += wait;
            let now = (6 + at as u64) * 1_000_000;
            observer.sample(&machine, now, 1, lost_before != Some(at));
        }
        observer.finish()
    }

    /// 20 s, of which 4 s wait wholly and the 10 s around them for nothing else.
    #[test]
    fn the_worst_ten_seconds() {
        let mut seconds = [0; 20];
        seconds[7..11].fill(1_000_000);
        let strain = waits(&seconds, None);
        let pressure = strain.pressure.unwrap();
        let io = pressure[pressure::IO_SOME_US].unwrap();
        assert_eq!((io.over_run, io.worst), (0.2, 0.4));
        assert_eq!(pressure[pressure::IO_FULL_US], None);
        assert_eq!(strain.vmstat, None);
        // A loss after the second of them: no span of 10 s has all four.
        let lost = waits(&seconds, Some(9)).pressure.unwrap();
        let io = lost[pressure::IO_SOME_US].unwrap();
        assert_eq!((io.over_run, io.worst), (0.2, 0.2));
    }

    #[test]
    fn a_run_that_is_shorter_is_its_own_worst() {
        let io = waits(&[500_000, 0], None).pressure.unwrap()[pressure::IO_SOME_US].unwrap();
        assert_eq!((io.over_run, io.worst), (0.25, 0.25));
    }

    /// A second of which 10 s were waited; and one that is taken back.
    #[test]
    fn no_more_is_waited_than_passed() {
        let waits = waits(&[500_000, 10_000_000, 0, 500_000], None);
        let io = waits.pressure.unwrap()[pressure::IO_SOME_US].unwrap();
        assert_eq!((io.over_run, io.worst), (0.25, 0.25));
        let mut observer = StrainTally::default();
        let mut machine = Machine::default();
        for (at, total) in [(0, 9_000_000), (1, 9_400_000), (2, 0), (3, 9_800_000)] {
            machine.group_mut(pressure::ID)[pressure::IO_SOME_US] = total;
            observer.sample(&machine, at * 1_000_000, 1, true);
        }
        let io = observer.finish().pressure.unwrap()[pressure::IO_SOME_US].unwrap();
        assert_eq!(io.over_run, 0.8 / 3.0);
    }

    #[test]
    fn counts_are_what_the_run_added() {
        let mut observer = StrainTally::default();
        let mut machine = Machine::default();
        machine.group_mut(vmstat::ID)[vmstat::OOM_KILL] = NOT_OBSERVABLE;
        for (majfault, swap_free, load) in [(100, 900, 20), (130, 700, 120), (125, 1001, 40)] {
            machine.group_mut(vmstat::ID)[vmstat::PGMAJFAULT] = majfault;
            machine.group_mut(memory::ID)[memory::SWAP_TOTAL] = 1000;
            machine.group_mut(memory::ID)[memory::SWAP_FREE] = swap_free;
            machine.group_mut(kernel::ID)[kernel::LOAD1_CENTI] = load;
            machine.group_mut(kernel::ID)[kernel::LOAD5_CENTI] = 7;
            observer.sample(&machine, 0, 1, true);
        }
        let strain = observer.finish();
        let vmstat = strain.vmstat.unwrap();
        assert_eq!(vmstat[vmstat::PGMAJFAULT], Some(30));
        assert_eq!(vmstat[vmstat::PSWPIN], Some(0));
        assert_eq!(vmstat[vmstat::OOM_KILL], None);
        let (total, at_most) = (1000, 300);
        assert_eq!(strain.swap, Some(Swap { total, at_most }));
        let load = strain.load.unwrap();
        assert_eq!(
            (load.mean, load.max, load.end),
            (0.6, 1.2, [0.4, 0.07, 0.0])
        );
        assert_eq!(strain.pressure, None);
    }
}
