//! The board over a run: its cores, their clock, its temperature, its supply.

use super::busy::Spent;
use super::curve::{Curve, Spark};
use super::interval::{Interval, Span};
use super::levels::{Spread, Steps};
use crate::log::fields::board::throttled::PAST;
use crate::log::fields::{board, core, NOT_OBSERVABLE};
use crate::log::model::Machine;

/// A core: how busy it was, percent, and whether it was offline at times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Core {
    pub number: usize,
    /// `None`: it was never seen online from one sample to the next.
    pub busy: Option<Spread>,
    pub was_offline: bool,
}

/// What a Raspberry Pi's firmware says of the run, and in how many readings;
/// the bits are those of [`board::throttled`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Throttled {
    /// Readings that say it.
    pub known: u64,
    /// Readings in which each bit of now was set.
    pub now: [u64; 4],
    /// Bits of the past that were set before the run, and those that came to be set
    /// in it.
    pub before: u64,
    pub during: u64,
}

impl Throttled {
    /// It happened in the run, as far as is known: seen in a reading, or remembered
    /// by the firmware since.
    pub fn happened(&self, bit: u32) -> bool {
        self.now.get(bit as usize).is_some_and(|seen| *seen > 0) || self.during >> bit & 1 == 1
    }
}

/// The board over time, by ticks from the first sample on; where that was asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curves {
    /// How busy each core was, tenths of a percent.
    pub cores: Vec<Curve>,
    /// Tenths of a degree above -100 degrees Celsius.
    pub temperature: Curve,
    /// 1 while a bit of now was set, of those of [`board::throttled`]; where they are
    /// not observable, the alarm of under-voltage is the first.
    pub throttled: [Spark; 4],
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Board {
    pub curves: Option<Curves>,
    pub cores: Vec<Core>,
    /// The most cores that were online at one time.
    pub most_online: u64,
    /// Of all cores, MHz.
    pub requested_mhz: Option<Spread>,
    /// The board's group is in the log: what is `None` was not observable.
    pub looked_at: bool,
    /// Degrees Celsius.
    pub temperature: Option<Spread>,
    pub throttled: Option<Throttled>,
    /// Readings in which the supply was too low, of how many.
    pub undervoltage: Option<(u64, u64)>,
    /// Of [`board::feature`].
    pub psi: Option<u64>,
    pub memory_cgroup: Option<u64>,
}

/// Temperatures are counted from here, thousandths of a degree.
const COLDEST_MC: i64 = -100_000;

#[derive(Debug, Default)]
struct Seen {
    busy: Steps,
    last: [u64; core::COUNT],
    was_offline: bool,
}

/// Gathers it, sample by sample.
#[derive(Debug, Default)]
pub struct Observer {
    curves: Option<Curves>,
    cores: Vec<Seen>,
    most_online: u64,
    requested_mhz: Steps,
    temperature: Steps,
    throttled: Option<Throttled>,
    past: Option<u64>,
    undervoltage: Option<(u64, u64)>,
    last: Option<[u64; board::COUNT]>,
    /// The ticks after the last reading.
    since: Option<Span>,
}

impl Observer {
    /// `drawn`: the curves are wanted too.
    pub fn new(drawn: bool) -> Self {
        let curves = Curves {
            throttled: std::array::from_fn(|_| Spark::fine()),
            ..Curves::default()
        };
        Self {
            curves: drawn.then_some(curves),
            ..Self::default()
        }
    }

    /// Takes the next sample, the interval that it ends, and what it stands for; `read`:
    /// the board was looked at.
    pub fn sample(
        &mut self,
        machine: &Machine,
        interval: Option<&Interval>,
        span: Span,
        read: bool,
    ) {
        let since = match self.since.take() {
            Some(since) if since.last.saturating_add(1) == span.first => since,
            // No reading will tell of what lies before a gap: that is the last one's.
            gap => {
                gap.into_iter().for_each(|since| self.hold(since));
                span
            }
        };
        let since = Span {
            last: span.last,
            ..since
        };
        self.cores(machine, interval, span);
        let group = machine.group(board::ID);
        let now = group.and_then(|group| group.get(..board::COUNT)?.try_into().ok());
        if read || self.last != now {
            self.last = now;
            self.hold(since);
            self.count();
        } else {
            self.since = Some(since);
        }
    }

    /// The cores' own time, which is in every sample.
    fn cores(&mut self, machine: &Machine, interval: Option<&Interval>, span: Span) {
        // The kernel lists those that are online: one that is new was offline till now.
        let is_first = self.cores.is_empty();
        while self.cores.len() < machine.cores().len() {
            self.cores.push(Seen {
                was_offline: !is_first,
                ..Seen::default()
            });
            if let Some(curves) = &mut self.curves {
                curves.cores.push(Curve::default());
            }
        }
        let online = machine.cores().iter();
        let online = online.filter(|values| values[core::ONLINE] == 1).count();
        self.most_online = self.most_online.max(online as u64);
        let cores = self.cores.iter_mut().zip(machine.cores());
        for (number, (seen, values)) in cores.enumerate() {
            let online = values[core::ONLINE] == 1;
            seen.was_offline |= !online;
            let spent = interval.and_then(|i| Spent::of_core(&seen.last, values, i));
            if let Some(busy) = spent.and_then(|spent| spent.busy_permille()) {
                seen.busy.add(busy, span.ticks());
                if let Some(curves) = &mut self.curves {
                    curves.cores[number].add(span.first, span.last, busy);
                }
            }
            seen.last = *values;
        }
    }

    /// The last reading stands for these ticks.
    fn hold(&mut self, Span { first, last }: Span) {
        let ticks = Span { first, last }.ticks();
        for Seen { last: values, .. } in &self.cores {
            // 0: the core was never there.
            let known = !matches!(values[core::REQUESTED_KHZ], 0 | NOT_OBSERVABLE);
            if values[core::ONLINE] == 1 && known {
                self.requested_mhz
                    .add(values[core::REQUESTED_KHZ] / 1000, ticks);
            }
        }
        if let Some(milli) = self.value(board::TEMP_MC) {
            let above = (milli as i64).saturating_sub(COLDEST_MC);
            let tenths = u64::try_from(above).unwrap_or(0).saturating_add(50) / 100;
            self.temperature.add(tenths, ticks);
            if let Some(curves) = &mut self.curves {
                curves.temperature.add(first, last, tenths);
            }
        }
        let alarm = self.value(board::UNDERVOLTAGE);
        let alarm = alarm.map(|alarm| u64::from(alarm > 0));
        let bits = self.value(board::THROTTLED).or(alarm).unwrap_or(0);
        if let Some(curves) = &mut self.curves {
            for (bit, spark) in curves.throttled.iter_mut().enumerate() {
                spark.raise(first, last.saturating_add(1), bits >> bit & 1);
            }
        }
    }

    /// Counts a reading.
    fn count(&mut self) {
        if let Some(bits) = self.value(board::THROTTLED) {
            let past = bits >> PAST & 0xf;
            let before = self.past.replace(past);
            let first = Throttled {
                before: past,
                ..Throttled::default()
            };
            let throttled = self.throttled.get_or_insert(first);
            throttled.known += 1;
            throttled.during |= past & !before.unwrap_or(past);
            for (bit, seen) in throttled.now.iter_mut().enumerate() {
                *seen += bits >> bit & 1;
            }
        }
        if let Some(alarm) = self.value(board::UNDERVOLTAGE) {
            let (low, known) = self.undervoltage.get_or_insert((0, 0));
            *low += u64::from(alarm > 0);
            *known += 1;
        }
    }

    /// What the last reading says, if that was observable.
    fn value(&self, field: usize) -> Option<u64> {
        let value = self.last.map(|values| values[field]);
        value.filter(|value| *value != NOT_OBSERVABLE)
    }

    pub fn finish(mut self) -> Board {
        self.since
            .take()
            .into_iter()
            .for_each(|since| self.hold(since));
        let core = |(number, seen): (usize, Seen)| Core {
            number,
            busy: seen
                .busy
                .spread()
                .map(|s| s.map(|permille| permille / 10.0)),
            was_offline: seen.was_offline,
        };
        let celsius = |tenths: f64| tenths / 10.0 + COLDEST_MC as f64 / 1000.0;
        let (psi, memory_cgroup) = (self.value(board::PSI), self.value(board::MEMORY_CGROUP));
        Board {
            curves: self.curves,
            cores: self.cores.into_iter().enumerate().map(core).collect(),
            most_online: self.most_online,
            requested_mhz: self.requested_mhz.spread(),
            looked_at: self.last.is_some(),
            temperature: self.temperature.spread().map(|s| s.map(celsius)),
            throttled: self.throttled,
            undervoltage: self.undervoltage,
            psi,
            memory_cgroup,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::fields::cpu;

    fn span(first: u64, last: u64) -> Span {
        Span { first, last }
    }

    fn spread(min: f64, median: f64, max: f64) -> Option<Spread> {
        Some(Spread { min, median, max })
    }

    /// Booted with maxcpus=1: the others come on after the first sample.
    #[test]
    fn cores_that_come_on_later_were_offline() {
        let mut observer = Observer::new(false);
        let mut machine = Machine::default();
        for (at, cores) in [1, 1, 4, 3].into_iter().enumerate() {
            for core in 0..4 {
                if core < cores || at == 3 {
                    let values = machine.core_mut(core).unwrap();
                    values[core::ONLINE] = u64::from(core < cores);
                    values[cpu::IDLE] += 100;
                }
            }
            let (at, interval) = (at as u64, Interval::seconds(1));
            let interval = (at > 0).then_some(&interval);
            observer.sample(&machine, interval, span(at, at), false);
        }
        let board = observer.finish();
        let offline: Vec<_> = board.cores.iter().map(|core| core.was_offline).collect();
        assert_eq!(offline, [false, true, true, true]);
        assert_eq!(board.most_online, 4);
    }

    /// Core 0: 25, 50 and 100 of 100; core 1 is away at the third sample, so its only
    /// interval is the first, of which nothing was busy; core 2 comes last.
    #[test]
    fn cores_by_themselves() {
        let mut observer = Observer::new(true);
        let mut machine = Machine::default();
        for (at, busy) in [0, 25, 50, 100].into_iter().enumerate() {
            let cores = [(true, busy), (at != 2, 0), (at == 3, 7)];
            for (core, (online, busy)) in cores.into_iter().enumerate() {
                let values = machine.core_mut(core).unwrap();
                values[core::ONLINE] = u64::from(online);
                values[core::REQUESTED_KHZ] = [600_000, 1_400_000, 0][core];
                values[cpu::USER] += busy;
                values[cpu::IDLE] += 100 - busy;
            }
            let (at, interval) = (at as u64, Interval::seconds(1));
            let interval = (at > 0).then_some(&interval);
            observer.sample(&machine, interval, span(at, at), true);
        }
        let board = observer.finish();
        let busy: Vec<_> = board.cores.iter().map(|core| core.busy).collect();
        assert_eq!(
            busy,
            [spread(25.0, 50.0, 100.0), spread(0.0, 0.0, 0.0), None]
        );
        let offline: Vec<_> = board.cores.iter().map(|core| core.was_offline).collect();
        assert_eq!(offline, [false, true, true]);
        // Four times 600 and three times 1400; what is offline asks for nothing.
        assert_eq!(board.requested_mhz, spread(600.0, 600.0, 1400.0));
        assert!(!board.looked_at);
        // The first sample ends no interval; core 1 ends one at the second only.
        let curves = board.curves.unwrap();
        let busy = |core: usize| -> Vec<_> {
            let columns = curves.cores[core].scaled(3, 4).into_iter();
            columns.map(|column| column.mean()).collect()
        };
        assert_eq!(busy(0), [None, Some(250.0), Some(500.0), Some(1000.0)]);
        assert_eq!(busy(1), [None, Some(0.0), None, None]);
    }

    #[test]
    fn the_board_over_time() {
        let mut observer = Observer::new(true);
        let mut machine = Machine::default();
        for (tick, bits) in [(0, 0), (1, 5), (4, 1), (5, 0)] {
            let group = machine.group_mut(board::ID);
            group[board::TEMP_MC] = 40_000 + 1000 * tick;
            group[board::THROTTLED] = bits;
            // Two deadlines were missed before tick 4.
            let first = if tick == 4 { 2 } else { tick };
            observer.sample(&machine, None, span(first, tick), false);
        }
        let curves = observer.finish().curves.unwrap();
        let warm: Vec<_> = (curves.temperature.scaled(5, 6).iter())
            .map(|column| column.max)
            .collect();
        assert_eq!(warm, [1400, 1410, 1440, 1440, 1440, 1450]);
        let set = |bit: usize| curves.throttled[bit].scaled(5, 6, &curves.temperature);
        assert_eq!(set(0), [0, 1, 1, 1, 1, 0].map(Some));
        assert_eq!(set(2), [0, 1, 0, 0, 0, 0].map(Some));
    }

    #[test]
    fn a_cold_board_under_low_voltage() {
        let mut observer = Observer::default();
        let mut machine = Machine::default();
        let frequency_capped_before = 1 << 17;
        for (at, milli, bits) in [
            (0, -1500i64, frequency_capped_before),
            (1, -1500, frequency_capped_before | 1),
            (2, 2000, frequency_capped_before | 1 << 16 | 1 << 18),
        ] {
            let group = machine.group_mut(board::ID);
            group[..board::COUNT].fill(NOT_OBSERVABLE);
            group[board::TEMP_MC] = milli as u64;
            group[board::THROTTLED] = bits;
            group[board::PSI] = board::feature::OFF;
            observer.sample(&machine, None, span(at, at), false);
        }
        let board = observer.finish();
        assert_eq!(board.temperature, spread(-1.5, -1.5, 2.0));
        let throttled = board.throttled.unwrap();
        assert_eq!((throttled.known, throttled.now), (3, [1, 0, 0, 0]));
        assert_eq!((throttled.before, throttled.during), (0b10, 0b101));
        let happened = [0, 1, 2, 3].map(|bit| throttled.happened(bit));
        assert_eq!(happened, [true, false, true, false]);
        assert_eq!((board.psi, board.memory_cgroup), (Some(2), None));
        assert_eq!(board.undervoltage, None);
    }
}
