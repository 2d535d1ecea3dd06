//! The board over a run: its cores, their clock, its temperature, its supply.

use super::cpu::CpuUse;
use super::curve::{Curve, Spark};
use super::distribution::{Distribution, Spread};
use super::interval::{Interval, Span};
use crate::log::fields::board::throttled::PAST;
use crate::log::fields::{board, core, NOT_OBSERVABLE};
use crate::log::model::Machine;

#[cfg(test)]
mod tests;

/// A core: how busy it was, percent, and whether it was offline at times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Core {
    pub(crate) number: usize,
    /// `None`: it was never seen online from one sample to the next.
    pub(crate) busy: Option<Spread>,
    pub(crate) was_offline: bool,
}

/// What a Raspberry Pi's firmware says of the run, in the bits of [`board::throttled`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Throttled {
    /// Readings that have it.
    pub(crate) known: u64,
    /// Readings in which each bit of now was set.
    pub(crate) now: [u64; 4],
    /// Bits of the past that were set before the run, and those that were set during it.
    pub(crate) before: u64,
    pub(crate) during: u64,
}

impl Throttled {
    /// It happened in the run, as far as is known: seen in a reading, or remembered
    /// by the firmware since.
    pub(crate) fn happened(&self, bit: u32) -> bool {
        self.now.get(bit as usize).is_some_and(|seen| *seen > 0) || self.during >> bit & 1 == 1
    }
}

/// The board over time, by ticks from the first sample on, for pictures.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Curves {
    /// How busy each core was, tenths of a percent.
    pub(crate) cores: Vec<Curve>,
    /// Tenths of a degree above -100 degrees Celsius.
    pub(crate) temperature: Curve,
    /// 1 while a bit of now was set, of those of [`board::throttled`]; where they are
    /// not observable, the alarm of under-voltage is the first.
    pub(crate) throttled: [Spark; 4],
}

/// The board over a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Board {
    pub(crate) curves: Option<Curves>,
    pub(crate) cores: Vec<Core>,
    /// The most cores that were online at one time.
    pub(crate) most_online: u64,
    /// Of all cores, MHz.
    pub(crate) requested_mhz: Option<Spread>,
    /// The board's group is in the log: what is `None` was not observable.
    pub(crate) looked_at: bool,
    /// Degrees Celsius.
    pub(crate) temperature: Option<Spread>,
    pub(crate) throttled: Option<Throttled>,
    /// Readings in which the supply was too low, of how many.
    pub(crate) undervoltage: Option<(u64, u64)>,
    /// Of [`board::feature`].
    pub(crate) psi: Option<u64>,
    pub(crate) memory_cgroup: Option<u64>,
    /// Impossible readings of the temperature and of the clocks.
    pub(crate) temp_dropped: u64,
    pub(crate) khz_dropped: u64,
    /// Readings of the firmware with bits that it does not have.
    pub(crate) throttled_dropped: u64,
}

/// Temperatures are counted from here, thousandths of a degree.
const COLDEST_MC: i64 = -100_000;

/// A core from sample to sample.
#[derive(Debug, Default)]
struct CoreTally {
    busy: Distribution,
    last: [u64; core::COUNT],
    /// It was not online at some sample.
    missed: bool,
    /// It exists: it was online, or the kernel has it present.
    present: bool,
}

/// Gathers it, sample by sample.
#[derive(Debug, Default)]
pub(super) struct BoardTally {
    /// Without what is known at the end only.
    board: Board,
    cores: Vec<CoreTally>,
    requested_mhz: Distribution,
    temperature: Distribution,
    /// The firmware's bits of the past at the last reading.
    past: Option<u64>,
    last: Option<[u64; board::COUNT]>,
    /// Impossible temperatures that are in the log nevertheless.
    temp_kept: u64,
    /// The ticks after the last reading.
    since: Option<Span>,
}

impl BoardTally {
    /// `drawn`: with the curves.
    pub(super) fn new(drawn: bool) -> Self {
        let curves = || Curves {
            throttled: std::array::from_fn(|_| Spark::fine()),
            ..Curves::default()
        };
        Self {
            board: Board {
                curves: drawn.then(curves),
                ..Board::default()
            },
            ..Self::default()
        }
    }

    /// Takes the next sample, the interval that it ends, and the ticks that it stands for;
    /// `read`: the recorder read the board.
    pub(super) fn sample(
        &mut self,
        machine: &Machine,
        interval: Option<&Interval>,
        span: Span,
        read: bool,
    ) {
        let since = match self.since.take() {
            Some(since) if since.last.saturating_add(1) == span.first => since,
            // No reading follows before the gap: these ticks are the last one's.
            Some(since) => {
                self.hold(since);
                span
            }
            None => span,
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
        // The kernel lists online cores only: a new one was offline until now.
        let is_first = self.cores.is_empty();
        while self.cores.len() < machine.cores().len() {
            self.cores.push(CoreTally {
                missed: !is_first,
                ..CoreTally::default()
            });
            if let Some(curves) = &mut self.board.curves {
                curves.cores.push(Curve::default());
            }
        }
        let online = machine.cores().iter();
        let online = online.filter(|values| values[core::ONLINE] == 1).count();
        self.board.most_online = self.board.most_online.max(online as u64);
        let cores = self.cores.iter_mut().zip(machine.cores());
        for (number, (seen, values)) in cores.enumerate() {
            let online = values[core::ONLINE] == 1;
            seen.missed |= !online;
            seen.present |= *values != [0; core::COUNT];
            let spent = interval.and_then(|i| CpuUse::of_core(&seen.last, values, i));
            if let Some(busy) = spent.and_then(|spent| spent.busy_permille()) {
                seen.busy.add(busy, span.ticks());
                if let Some(curves) = &mut self.board.curves {
                    curves.cores[number].add(span.first, span.last, busy);
                }
            }
            seen.last = *values;
        }
    }

    /// The last reading stands for these ticks.
    fn hold(&mut self, Span { first, last }: Span) {
        let ticks = Span { first, last }.ticks();
        for CoreTally { last: values, .. } in &self.cores {
            let khz = values[core::REQUESTED_KHZ];
            if values[core::ONLINE] == 1 && core::CLOCKS_KHZ.contains(&khz) {
                self.requested_mhz.add(khz / 1000, ticks);
            }
        }
        if let Some(milli) = self
            .temperature()
            .filter(|t| board::TEMPERATURES_MC.contains(t))
        {
            let above = milli.saturating_sub(COLDEST_MC);
            let tenths = u64::try_from(above).unwrap_or(0).saturating_add(50) / 100;
            self.temperature.add(tenths, ticks);
            if let Some(curves) = &mut self.board.curves {
                curves.temperature.add(first, last, tenths);
            }
        }
        let alarm = self.value(board::UNDERVOLTAGE);
        let alarm = alarm.map(|alarm| u64::from(alarm > 0));
        let bits = self.throttled_bits().or(alarm).unwrap_or(0);
        if let Some(curves) = &mut self.board.curves {
            for (bit, spark) in curves.throttled.iter_mut().enumerate() {
                spark.raise(first, last.saturating_add(1), bits >> bit & 1);
            }
        }
    }

    /// Counts a reading.
    fn count(&mut self) {
        let dropped = self.value(board::TEMP_DROPPED).unwrap_or(0);
        let cannot_be = |milli: i64| !board::TEMPERATURES_MC.contains(&milli);
        // The recorder drops them now, but older logs have them.
        self.temp_kept += u64::from(self.temperature().is_some_and(cannot_be));
        self.board.temp_dropped = dropped.saturating_add(self.temp_kept);
        self.board.khz_dropped = self.value(board::KHZ_DROPPED).unwrap_or(0);
        let read = self.value(board::THROTTLED);
        let cannot_be = read.is_some() && self.throttled_bits().is_none();
        self.board.throttled_dropped += u64::from(cannot_be);
        if let Some(bits) = self.throttled_bits() {
            let past = bits >> PAST & 0xf;
            let before = self.past.replace(past);
            let first = Throttled {
                before: past,
                ..Throttled::default()
            };
            let throttled = self.board.throttled.get_or_insert(first);
            throttled.known += 1;
            throttled.during |= past & !before.unwrap_or(past);
            for (bit, seen) in throttled.now.iter_mut().enumerate() {
                *seen += bits >> bit & 1;
            }
        }
        if let Some(alarm) = self.value(board::UNDERVOLTAGE) {
            let (low, known) = self.board.undervoltage.get_or_insert((0, 0));
            *low += u64::from(alarm > 0);
            *known += 1;
        }
    }

    fn temperature(&self) -> Option<i64> {
        self.value(board::TEMP_MC).map(|milli| milli as i64)
    }

    /// `None` also for a reading with bits that do not exist.
    fn throttled_bits(&self) -> Option<u64> {
        let bits = self.value(board::THROTTLED);
        bits.filter(|bits| bits & !board::throttled::ALL == 0)
    }

    /// A value of the last reading, if it was observable.
    fn value(&self, field: usize) -> Option<u64> {
        let value = self.last.map(|values| values[field]);
        value.filter(|value| *value != NOT_OBSERVABLE)
    }

    pub(super) fn finish(mut self) -> Board {
        if let Some(since) = self.since.take() {
            self.hold(since);
        }
        let (psi, memory_cgroup) = (self.value(board::PSI), self.value(board::MEMORY_CGROUP));
        let core = |(number, seen): (usize, CoreTally)| Core {
            number,
            busy: (seen.busy.spread()).map(|busy| busy.map(|permille| permille / 10.0)),
            was_offline: seen.missed && seen.present,
        };
        let celsius = |tenths: f64| tenths / 10.0 + COLDEST_MC as f64 / 1000.0;
        Board {
            cores: self.cores.into_iter().enumerate().map(core).collect(),
            requested_mhz: self.requested_mhz.spread(),
            looked_at: self.last.is_some(),
            temperature: self.temperature.spread().map(|all| all.map(celsius)),
            psi,
            memory_cgroup,
            ..self.board
        }
    }
}
