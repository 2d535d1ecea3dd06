//! What the machine's CPUs did from one sample to the next.

use super::interval::{rounded, Interval};
use crate::log::fields::{core, cpu, MAX_CORES, NOT_OBSERVABLE};
use crate::log::model::Machine;

/// CPU time of an interval by the fields of [`cpu`], USER_HZ. `iowait` is in `idle`:
/// the kernel takes time back from either and gives it to the other, proc_stat(5), so
/// only their sum is known to grow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CpuUse {
    times: [u64; cpu::COUNT],
    total: u64,
}

/// A core's count may fall by this much, USER_HZ, without meaning: the kernel reads idle
/// time while it runs, and rounds each field down to whole ticks.
const JITTER: u64 = 10;
impl CpuUse {
    /// What `cores` cores together did from one sample to another. `None` where it is
    /// implausible: a count fell, as when a core comes back from offline, or counted more
    /// time than passed, as when a hypervisor's steal overflows.
    fn between(before: &[u64], after: &[u64], cores: u64, interval: &Interval) -> Option<Self> {
        let (before, after) = (before.get(..cpu::COUNT)?, after.get(..cpu::COUNT)?);
        let jitter = JITTER.saturating_mul(cores);
        let mut spent = Self::default();
        let (mut idle_before, mut idle_after) = (0_u64, 0_u64);
        let mut fell = 0;
        for field in 0..cpu::COUNT {
            let (from, to) = (before[field], after[field]);
            // Most fields do not change in most intervals.
            if from == to || from == NOT_OBSERVABLE || to == NOT_OBSERVABLE {
                continue;
            }
            if field == cpu::IDLE || field == cpu::IOWAIT {
                // Only the difference counts.
                let least = from.min(to);
                idle_before = idle_before.saturating_add(from - least);
                idle_after = idle_after.saturating_add(to - least);
            } else if to >= from {
                spent.times[field] = to - from;
                spent.total = spent.total.saturating_add(to - from);
            } else {
                fell = fell.max(from - to);
            }
        }
        let idle = idle_after.saturating_sub(idle_before);
        fell = fell.max(idle_before.saturating_sub(idle_after));
        spent.times[cpu::IDLE] = idle;
        spent.total = spent.total.saturating_add(idle);
        let most = interval.most_ticks().saturating_mul(cores);
        (fell <= jitter && spent.total <= most).then_some(spent)
    }

    /// What one core did from one sample to another; `None` where it was not online at
    /// both, and where it is implausible.
    pub(crate) fn of_core(
        before: &[u64; core::COUNT],
        after: &[u64; core::COUNT],
        interval: &Interval,
    ) -> Option<Self> {
        let online = before[core::ONLINE] == 1 && after[core::ONLINE] == 1;
        online.then(|| Self::between(before, after, 1, interval))?
    }

    fn total(&self) -> u64 {
        self.total
    }

    /// All of it but `idle`.
    pub(crate) fn busy(&self) -> u64 {
        self.total().saturating_sub(self.of(cpu::IDLE))
    }

    /// The time of a field of [`cpu`].
    pub(crate) fn of(&self, field: usize) -> u64 {
        self.times.get(field).copied().unwrap_or(0)
    }

    /// How busy all cores together were, milli-percent, without some of the ticks.
    pub(crate) fn busy_less(&self, ticks: u64) -> u64 {
        let busy = self.busy().saturating_sub(ticks);
        rounded(u128::from(busy) * 100_000, u128::from(self.total()))
    }

    /// How busy it was, in tenths of a percent, to the nearest; `None` where no time
    /// was counted.
    pub(crate) fn busy_permille(&self) -> Option<u64> {
        let total = self.total();
        let share = rounded(u128::from(self.busy()) * 1000, u128::from(total));
        (total > 0).then_some(share)
    }

    fn add(&mut self, other: &Self) {
        for (time, more) in self.times.iter_mut().zip(other.times) {
            *time = time.saturating_add(more);
        }
        self.total = self.total.saturating_add(other.total);
    }
}

/// The machine's CPU counters from sample to sample.
#[derive(Debug)]
pub(crate) struct CpuTracker {
    all: Option<[u64; cpu::COUNT]>,
    cores: Vec<[u64; core::COUNT]>,
    /// Cores of the machine, for samples that have only their sum.
    cores_online: u64,
    implausible: u64,
}

impl CpuTracker {
    /// For a machine with so many cores online, by its header.
    pub(crate) fn new(cores_online: u64) -> Self {
        Self {
            all: None,
            cores: Vec::new(),
            cores_online,
            implausible: 0,
        }
    }

    /// Intervals with implausible CPU time of some core, or of all together.
    pub(crate) fn implausible(&self) -> u64 {
        self.implausible
    }

    /// What all cores together did in the interval that this sample ends; `None` where
    /// the kernel does not say.
    pub(crate) fn advance(
        &mut self,
        machine: &Machine,
        interval: Option<&Interval>,
    ) -> Option<CpuUse> {
        let group = machine.group(cpu::ID).and_then(|g| g.get(..cpu::COUNT));
        let now: Option<[u64; cpu::COUNT]> = group.and_then(|g| g.try_into().ok());
        let before = std::mem::replace(&mut self.all, now);
        let spent = match (before, now, interval) {
            (Some(before), Some(now), Some(interval)) => {
                Some(self.spent(&before, &now, machine.cores(), interval))
            }
            _ => None,
        };
        self.cores.clear();
        self.cores.extend_from_slice(machine.cores());
        spent.filter(|spent| spent.total() > 0)
    }

    /// The kernel's sum, where it is plausible and covers the same cores; else the sum of
    /// the cores that were online throughout and are plausible themselves. The kernel takes
    /// the idle time of an offline core from another clock, so that its sum jumps there
    /// and back.
    fn spent(
        &mut self,
        before: &[u64; cpu::COUNT],
        now: &[u64; cpu::COUNT],
        cores: &[[u64; core::COUNT]],
        interval: &Interval,
    ) -> CpuUse {
        let mut sum = CpuUse::default();
        let (mut switched, mut wrong, mut online) = (false, false, 0);
        for at in 0..self.cores.len().max(cores.len()) {
            let online_at = |cores: &[[u64; core::COUNT]]| {
                let core = cores.get(at);
                core.is_some_and(|core| core[core::ONLINE] == 1)
            };
            match (online_at(&self.cores), online_at(cores)) {
                (true, true) => {
                    online += 1;
                    match CpuUse::between(&self.cores[at], &cores[at], 1, interval) {
                        Some(part) => sum.add(&part),
                        None => wrong = true,
                    }
                }
                (false, false) => {}
                // Before the first sample with cores, none is known to have been offline.
                _ => switched |= !self.cores.is_empty(),
            }
        }
        let known = match (online, self.cores_online) {
            // There are more than the log lists, or none is listed.
            (0, 0) => u64::MAX,
            (online, _) if online == MAX_CORES as u64 => u64::MAX,
            (online, header) => online.max(header),
        };
        let whole = CpuUse::between(before, now, known, interval);
        match whole.filter(|_| !switched && !wrong) {
            Some(whole) => whole,
            None => {
                self.implausible += u64::from(wrong || !switched);
                sum
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [u64; cpu::COUNT] = [1000, 0, 500, 9000, 400, 0, 10, 20];

    fn moved(by: [i64; cpu::COUNT]) -> [u64; cpu::COUNT] {
        std::array::from_fn(|field| ALL[field].wrapping_add(by[field] as u64))
    }

    /// CpuTracker and total of a second of one core; `None`: it cannot be.
    fn second(by: [i64; cpu::COUNT]) -> Option<(u64, u64)> {
        let spent = CpuUse::between(&ALL, &moved(by), 1, &Interval::seconds(1))?;
        Some((spent.busy(), spent.total()))
    }

    #[test]
    fn idle_and_iowait_are_one() {
        assert_eq!(second([50, 0, 0, 100, -50, 0, 0, 0]), Some((50, 100)));
        assert_eq!(second([50, 0, 0, -30, 80, 0, 0, 0]), Some((50, 100)));
        // Cut off to whole ticks, their sum may fall a little.
        assert_eq!(second([98, 0, 2, 4, -5, 0, 0, 0]), Some((100, 100)));
    }

    #[test]
    fn what_cannot_be() {
        // Idle time begins anew when a core comes back; all of it in a new container.
        assert_eq!(second([10, 0, 0, -8990, -400, 0, 0, 0]), None);
        assert_eq!(second([-990, 0, -490, -8990, -390, 0, -10, -20]), None);
        // Steal that overflows, and steal that is taken back.
        assert_eq!(second([10, 0, 0, 90, 0, 0, 0, 800_000_000]), None);
        assert_eq!(second([10, 0, 0, 90, 0, 0, 0, -11]), None);
        assert_eq!(second([10, 0, 0, 90, 0, 0, 0, i64::MIN]), None);
        // Two seconds in one may be: the counts were read late. Not more.
        assert_eq!(second([100, 0, 0, 100, 0, 0, 0, 0]), Some((100, 200)));
        assert_eq!(second([101, 0, 0, 100, 0, 0, 0, 0]), None);
    }

    fn machine(all: [u64; cpu::COUNT], cores: &[[u64; cpu::COUNT]]) -> Machine {
        let mut machine = Machine::default();
        machine.group_mut(cpu::ID)[..cpu::COUNT].copy_from_slice(&all);
        for (number, times) in cores.iter().enumerate() {
            let values = machine.core_mut(number).unwrap();
            values[..cpu::COUNT].copy_from_slice(times);
            values[core::ONLINE] = 1;
        }
        machine
    }

    /// Of two cores the second came back: its idle time is that of another clock. The
    /// first was busy for a quarter of the second.
    #[test]
    fn a_core_that_came_back_is_left_out() {
        let steady = moved([25, 0, 0, 75, 0, 0, 0, 0]);
        for idle in [-8000, 6000] {
            let mut busy = CpuTracker::new(1);
            let sum = moved([35, 0, 0, 75 + idle, 0, 0, 0, 0]);
            let back = moved([10, 0, 0, idle, 0, 0, 0, 0]);
            let interval = Interval::seconds(1);
            assert_eq!(busy.advance(&machine(ALL, &[ALL, ALL]), None), None);
            let spent = busy.advance(&machine(sum, &[steady, back]), Some(&interval));
            assert_eq!(spent.map(|spent| spent.busy_less(0)), Some(25_000));
            assert_eq!(busy.implausible(), 1);
            // From there on it counts again.
            let sum = sum.map(|time| time + 20);
            let cores = [steady, back].map(|core| core.map(|time| time + 10));
            let spent = busy
                .advance(&machine(sum, &cores), Some(&interval))
                .unwrap();
            assert_eq!((spent.busy(), spent.total()), (120, 160));
            assert_eq!(busy.implausible(), 1);
        }
    }

    /// A sample without cores, as older logs and some containers have: the interval has
    /// no figure.
    #[test]
    fn a_sum_alone_that_cannot_be() {
        let mut busy = CpuTracker::new(1);
        let interval = Interval::seconds(1);
        let jumped = moved([10, 0, 0, 90, 0, 0, 0, 1_600_000_000]);
        for (all, spent, implausible) in [
            (ALL, None, 0),
            (moved([10, 0, 0, 90, 0, 0, 0, 0]), Some((10, 100)), 0),
            (jumped, None, 1),
            (jumped.map(|time| time + 5), Some((30, 40)), 1),
        ] {
            let found = busy.advance(&machine(all, &[]), Some(&interval));
            let found = found.map(|spent| (spent.busy(), spent.total()));
            assert_eq!((found, busy.implausible()), (spent, implausible));
        }
    }
}
