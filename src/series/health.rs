//! The whole machine over a run, beside its CPU and memory: how each of its parts
//! fared, and how CPU and memory went over time.

use super::board::{self, Board};
use super::curve::Curve;
use super::devices::{self, Carried};
use super::interval::{Interval, Span};
use super::settling::{trend, Least, Trend};
use super::strain::{self, Strain};
use super::tracker::Point;
use crate::log::fields::{clock, recorder, slow_ticks, storage, NOT_OBSERVABLE};
use crate::log::record::Header;
use crate::log::sample::Sample;

/// The file systems of `/` and of the log: the fields of [`storage`], by their
/// numbers, at the first and at the last sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Storage {
    first: [u64; storage::COUNT],
    last: [u64; storage::COUNT],
}

impl Storage {
    /// A number at the end; `None` where it was not observable.
    pub(crate) fn last(&self, field: usize) -> Option<u64> {
        known(self.last.get(field))
    }

    /// A number at the beginning.
    pub(crate) fn first(&self, field: usize) -> Option<u64> {
        known(self.first.get(field))
    }
}

fn known(value: Option<&u64>) -> Option<u64> {
    value.copied().filter(|value| *value != NOT_OBSERVABLE)
}

/// What the devices carried.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Devices {
    pub(crate) carried: Vec<Carried>,
    /// The most that were in use and had no number.
    pub(crate) left_out: u64,
    /// From the first reading to the last, microseconds, and what the recorder wrote
    /// to its log between.
    pub(crate) read_us: u64,
    pub(crate) own_written_bytes: u64,
}

/// The whole machine over a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Health {
    pub(crate) board: Board,
    pub(crate) strain: Strain,
    pub(crate) devices: Devices,
    pub(crate) storage: Option<Storage>,
    /// CPU in milli-percent of all cores, and memory in use in KiB, by ticks from the
    /// first sample on; `last_tick` is the last sample's.
    pub(crate) cpu: Curve,
    pub(crate) memory_kib: Curve,
    pub(crate) last_tick: u64,
    /// What has not settled, in the curves' units.
    pub(crate) cpu_trend: Option<Trend>,
    pub(crate) memory_trend: Option<Trend>,
}

/// Differences that are worth calling a trend: half a percentage point of all cores;
/// and a hundredth of the memory in use, whatever the board has.
const LEAST_CPU: Least = Least::Amount(500.0);
const LEAST_MEMORY: Least = Least::Part(0.01);

/// Gathers it, sample by sample.
#[derive(Debug, Default)]
pub(crate) struct Observer {
    start_us: u64,
    interval_us: u64,
    board: board::Observer,
    strain: strain::Observer,
    devices: devices::Observer,
    storage: Option<Storage>,
    cpu: Curve,
    memory_kib: Curve,
    last_tick: u64,
    /// The last turn in which the recorder looked at what changes slowly.
    slow: Option<u64>,
    readings: Option<(Reading, Reading)>,
}

/// When the devices were read, and what the recorder had written then.
#[derive(Debug, Clone, Copy)]
struct Reading {
    at_us: u64,
    own_written_bytes: u64,
}

impl Devices {
    /// The disk or interface with this number.
    pub(crate) fn numbered(&self, id: u64) -> Option<&Carried> {
        let mut carried = self.carried.iter();
        carried.find(|carried| carried.id as u64 == id)
    }
}

impl Observer {
    /// `drawn`: the board's curves are wanted too.
    pub(crate) fn new<T>(header: &Header<T>, drawn: bool) -> Self {
        Self {
            board: board::Observer::new(drawn),
            start_us: header.start_boottime_ns / 1000,
            interval_us: header.interval_us,
            ..Self::default()
        }
    }

    /// Takes the next sample, the interval that it ends, and what CPU and memory
    /// were.
    pub(crate) fn sample(&mut self, sample: &Sample, interval: Option<&Interval>, point: Point) {
        let machine = &sample.machine;
        let since_start = sample.tick.saturating_mul(self.interval_us);
        let now_us = self.start_us.saturating_add(since_start);
        let now_us = now_us.saturating_add(sample.late_us);
        let slept_ms = machine.value(clock::ID, clock::SUSPENDED_MS).unwrap_or(0);
        let awake_us = now_us.saturating_sub(slept_ms.saturating_mul(1000));

        let span = point.span;
        self.last_tick = span.last;
        self.curves(point);
        let read = self.is_slow(sample.tick);
        self.board.sample(machine, interval, span, read);
        let follows = interval.is_some();
        self.strain.sample(machine, awake_us, span.ticks(), follows);
        if let Some(group) = machine.group(storage::ID) {
            let mut values = [0; storage::COUNT];
            values.copy_from_slice(&group[..storage::COUNT]);
            let first = self.storage.map_or(values, |storage| storage.first);
            self.storage = Some(Storage {
                first,
                last: values,
            });
        }
        if self.devices.sample(sample) || read {
            let written = machine.value(recorder::ID, recorder::WRITTEN_BYTES);
            let reading = Reading {
                at_us: now_us,
                own_written_bytes: written.unwrap_or(0),
            };
            self.readings.get_or_insert((reading, reading)).1 = reading;
        }
    }

    /// Whether the recorder looked at what changes slowly at this tick.
    fn is_slow(&mut self, tick: u64) -> bool {
        let turn = Some(tick / slow_ticks(self.interval_us));
        std::mem::replace(&mut self.slow, turn) != turn
    }

    fn curves(&mut self, point: Point) {
        let Span { first, last } = point.span;
        if let Some(cpu) = point.cpu {
            self.cpu.add(first, last, cpu);
        }
        if let Some(kib) = point.memory_kib {
            self.memory_kib.add(first, last, kib);
        }
    }

    pub(crate) fn finish(self) -> Health {
        let (read_us, own_written_bytes) = self.readings.map_or((0, 0), |(first, last)| {
            (
                last.at_us.saturating_sub(first.at_us),
                last.own_written_bytes
                    .saturating_sub(first.own_written_bytes),
            )
        });
        Health {
            board: self.board.finish(),
            strain: self.strain.finish(),
            devices: Devices {
                left_out: self.devices.most_left_out,
                carried: self.devices.finish(),
                read_us,
                own_written_bytes,
            },
            storage: self.storage,
            cpu_trend: trend(&self.cpu, LEAST_CPU),
            memory_trend: trend(&self.memory_kib, LEAST_MEMORY),
            cpu: self.cpu,
            memory_kib: self.memory_kib,
            last_tick: self.last_tick,
        }
    }
}
