//! The whole machine over a run: board, strain, devices, storage, and CPU and memory over
//! time.

use super::board::{Board, BoardTally};
use super::curve::Curve;
use super::devices::{DeviceTally, Traffic};
use super::machine::Step;
use super::sampled::Sampled;
use super::strain::{Strain, StrainTally};
use super::trend::{trend, Least, Trend};
use crate::log::fields::{clock, recorder, slow_ticks, storage, NOT_OBSERVABLE};
use crate::log::record::Header;
use crate::log::sample::Sample;

/// The file systems of `/` and of the log: the fields of [`storage`], by their
/// numbers, at the first and at the last sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StorageEnds {
    first: [u64; storage::COUNT],
    last: [u64; storage::COUNT],
}

impl StorageEnds {
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

/// The traffic of all devices.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Devices {
    pub(crate) traffic: Vec<Traffic>,
    /// The most devices in use that the log has no room for.
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
    pub(crate) storage: Option<StorageEnds>,
    /// CPU in milli-percent of all cores, and memory in use in KiB, by ticks from the
    /// first sample on; `last_tick` is the last sample's.
    pub(crate) cpu: Curve,
    pub(crate) memory_kib: Curve,
    pub(crate) last_tick: u64,
    pub(crate) sampled: Sampled,
    /// A trend where they had not settled, in the curves' units.
    pub(crate) cpu_trend: Option<Trend>,
    pub(crate) memory_trend: Option<Trend>,
}

/// Differences worth calling a trend: half a percentage point of all cores, and a
/// hundredth of the memory in use.
const CPU_TREND: Least = Least::Amount(500.0);
const MEMORY_TREND: Least = Least::Part(0.01);

/// Gathers it, sample by sample.
#[derive(Debug, Default)]
pub(super) struct HealthTally {
    start_us: u64,
    interval_us: u64,
    /// Without what is known at the end only.
    health: Health,
    board: BoardTally,
    strain: StrainTally,
    devices: DeviceTally,
    /// The last round in which the recorder read what changes slowly.
    slow_round: Option<u64>,
    /// The first and the last.
    readings: Option<(Reading, Reading)>,
}

/// When the devices were read, and how much the recorder had written by then.
#[derive(Debug, Clone, Copy, Default)]
struct Reading {
    at_us: u64,
    own_written_bytes: u64,
}

impl Devices {
    /// The disk or interface with this number.
    pub(crate) fn numbered(&self, id: u64) -> Option<&Traffic> {
        let mut all = self.traffic.iter();
        all.find(|traffic| traffic.id as u64 == id)
    }
}

impl HealthTally {
    /// `drawn`: with the board's curves.
    pub(crate) fn new<T>(header: &Header<T>, drawn: bool) -> Self {
        Self {
            board: BoardTally::new(drawn),
            start_us: header.start_boottime_ns / 1000,
            interval_us: header.interval_us,
            ..Self::default()
        }
    }

    /// Takes the next sample.
    pub(super) fn sample(&mut self, sample: &Sample, step: &Step) {
        let machine = &sample.machine;
        let since_start = sample.tick.saturating_mul(self.interval_us);
        let now_us = self.start_us.saturating_add(since_start);
        let now_us = now_us.saturating_add(sample.late_us);
        let slept_ms = machine.value(clock::ID, clock::SUSPENDED_MS).unwrap_or(0);
        let awake_us = now_us.saturating_sub(slept_ms.saturating_mul(1000));

        let (span, interval) = (step.span, step.interval.as_ref());
        self.health.last_tick = span.last;
        self.health.sampled.add(span.first, span.last);
        if let Some(cpu) = step.cpu {
            self.health.cpu.add(span.first, span.last, cpu);
        }
        if let Some(kib) = step.memory_kib {
            self.health.memory_kib.add(span.first, span.last, kib);
        }
        let read = self.is_slow(sample.tick);
        self.board.sample(machine, interval, span, read);
        let follows = interval.is_some();
        self.strain.sample(machine, awake_us, span.ticks(), follows);
        if let Some(group) = machine.group(storage::ID) {
            let mut values = [0; storage::COUNT];
            values.copy_from_slice(&group[..storage::COUNT]);
            let first = self.health.storage.map_or(values, |storage| storage.first);
            self.health.storage = Some(StorageEnds {
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

    /// Whether the recorder read what changes slowly at this tick.
    fn is_slow(&mut self, tick: u64) -> bool {
        let round = Some(tick / slow_ticks(self.interval_us));
        std::mem::replace(&mut self.slow_round, round) != round
    }

    pub(super) fn finish(self) -> Health {
        let (first, last) = self.readings.unwrap_or_default();
        let own_written_bytes = last.own_written_bytes;
        Health {
            board: self.board.finish(),
            strain: self.strain.finish(),
            devices: Devices {
                left_out: self.devices.most_left_out,
                traffic: self.devices.finish(),
                read_us: last.at_us.saturating_sub(first.at_us),
                own_written_bytes: own_written_bytes.saturating_sub(first.own_written_bytes),
            },
            cpu_trend: trend(&self.health.cpu, CPU_TREND),
            memory_trend: trend(&self.health.memory_kib, MEMORY_TREND),
            ..self.health
        }
    }
}
