//! Logs of a few samples, with figures worked out by hand.

mod account;
mod cgroups;
pub(crate) mod chance;
mod cost;
mod figures;
mod findings;
mod logs;
#[path = "../../tests/support/header.rs"]
mod made;
mod products;
mod weights;

use super::*;
use crate::log::fields::{clock, core, cpu, memory, process, recorder};
use crate::log::model::{comm, Machine, Process};
use crate::log::record::{End, Footer, Header, PssMode, Record, Synchronised};
use crate::log::{Encoder, Instant};
use crate::stats::Summary;

const RUN: u32 = 9;
/// Sample 0 is at 1000 s after boot: USER_HZ 100,000.
const BOOT_NS: u64 = 1_000_000_000_000;

fn header(pss: PssMode) -> Header<&'static str> {
    Header {
        start_realtime_ns: 0,
        start_boottime_ns: BOOT_NS,
        ..made::header(RUN, pss)
    }
}

/// A log in the making: what is set stays so until it is set otherwise.
struct Script {
    encoder: Encoder,
    log: Vec<u8>,
    machine: Machine,
    slots: Vec<Option<Process>>,
    late_us: u64,
}

impl Script {
    fn new(pss: PssMode) -> Self {
        Self::with(header(pss))
    }

    fn with(header: Header<&str>) -> Self {
        let mut script = Self {
            encoder: Encoder::new(RUN, 4096, 8),
            log: Vec::new(),
            machine: Machine::default(),
            slots: vec![None; 8],
            late_us: 0,
        };
        script.record(&Record::Header(header));
        script.available(1000);
        script.machine.group_mut(cpu::ID);
        script
    }

    fn record(&mut self, record: &Record<'_>) {
        self.log
            .extend_from_slice(self.encoder.record(record).unwrap());
    }

    fn available(&mut self, kib: u64) {
        let group = self.machine.group_mut(memory::ID);
        group[memory::MEM_TOTAL] = 1000;
        group[memory::MEM_AVAILABLE] = kib;
    }

    fn machine(&mut self, group: usize, field: usize, value: u64) {
        self.machine.group_mut(group)[field] = value;
    }

    /// Adds to the machine's user and idle time.
    fn spend(&mut self, user: u64, idle: u64) {
        let group = self.machine.group_mut(cpu::ID);
        group[cpu::USER] += user;
        group[cpu::IDLE] += idle;
    }

    fn born(&mut self, slot: usize, pid: u32, starttime: u64, name: &[u8]) {
        self.slots[slot] = Some(Process {
            pid,
            starttime,
            comm: comm(name),
            values: [0; process::COUNT],
        });
    }

    fn set(&mut self, slot: usize, field: usize, value: u64) {
        self.slots[slot].as_mut().unwrap().values[field] = value;
    }

    fn pss(&mut self, slot: usize, kib: u64) {
        self.set(slot, process::FLAGS, process::flag::HAS_PSS);
        self.set(slot, process::PSS, kib);
    }

    /// The sample of this tick; returns where it lies.
    fn sample(&mut self, tick: u64) -> std::ops::Range<usize> {
        let begin = self.log.len();
        let at = Instant {
            tick,
            late_us: self.late_us,
            all_read: false,
        };
        let log = &mut self.log;
        let sink = |frame: &[u8]| log.extend_from_slice(frame);
        self.encoder.sample(at, &self.machine, &self.slots, sink);
        begin..self.log.len()
    }

    fn damage(&mut self, range: std::ops::Range<usize>) {
        self.log[range.start + 3] ^= 0x10;
    }

    fn runs(&self, by: By, memory: Memory) -> Vec<Run> {
        let options = Options { top: 5, by, memory };
        summarise(&mut || Ok(&self.log[..]), &options, false).unwrap()
    }

    fn run(&self) -> Run {
        self.runs(By::Name, Memory::Pss).remove(0)
    }
}

fn row<'a>(rows: &'a [GroupSummary], name: &[u8]) -> &'a GroupSummary {
    rows.iter().find(|row| row.name == name).unwrap()
}

fn figures<'a>(rows: &'a [GroupSummary], name: &[u8]) -> &'a Summary {
    &row(rows, name).figures
}

/// max, min, mean, median, p95
fn five(s: &Summary) -> [f64; 5] {
    [s.max, s.min, s.mean, s.median, s.p95]
}
