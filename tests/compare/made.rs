//! Logs of runs made up so that every figure can be worked out by hand.

#[path = "../support/ended.rs"]
pub mod ended;
#[path = "../support/header.rs"]
mod header;

use edgebench_lite::log::fields::{board, clock, cpu, memory, process, recorder, storage};
use edgebench_lite::log::fields::{vmstat, NOT_OBSERVABLE};
use edgebench_lite::log::model::{comm, Machine, Process};
use edgebench_lite::log::record::{End, Footer, Header, Identity, Product, PssMode, Record};
use edgebench_lite::log::{Encoder, Instant};

const MIB: u64 = 1024;
/// The recorder's pid.
const OWN: u32 = 100;

/// A process of a run, from its first sample to its last.
#[derive(Debug, Clone)]
pub struct Runs {
    pub comm: &'static [u8],
    pub cmdline: &'static [u8],
    pub pss_mib: u64,
    /// USER_HZ in each interval: as many percent of a core.
    pub ticks: u64,
}

pub fn runs(comm: &'static str, pss_mib: u64, ticks: u64) -> Runs {
    Runs {
        comm: comm.as_bytes(),
        cmdline: comm.as_bytes(),
        pss_mib,
        ticks,
    }
}

/// A run of 61 samples, one a second, on a machine of 4 cores and 1000 MiB.
///
/// - In each of the 60 intervals the machine is busy for `busy` of 400 ticks, but in
///   the tenth for half of that, and in the twentieth for four times: the median is
///   `busy` / 4 %, the average 62.5 / 60 of that.
/// - `used` MiB are not available, `free_used` are what free calls used.
/// - The recorder uses `own_ticks` in each interval, and 1 MiB.
#[derive(Debug, Clone)]
pub struct Made {
    pub header: Header<&'static str>,
    pub samples: u64,
    pub busy: u64,
    pub used: u64,
    /// MiB that are used more from sample to sample.
    pub growth: u64,
    pub free_used: u64,
    pub disk_used: u64,
    pub own_ticks: u64,
    pub processes: Vec<Runs>,
    /// Which processes the product is, by the log: programs.
    pub keys: Vec<&'static str>,
    /// Bits of get_throttled at the fifth sample.
    pub throttled: u64,
    pub unreadable: bool,
    /// Threads of the kernel are seen, as on every machine from outside a container.
    pub kernel_threads: bool,
    /// Processes that end in each interval.
    pub ends: Vec<ended::Line>,
    pub end: End,
    /// The log has its end.
    pub footer: bool,
    /// Puts into the machine of each sample, by its tick, what else happened.
    pub also: fn(u64, &mut Machine),
}

pub fn made(run: u32, product: &'static str, stage: &'static str) -> Made {
    Made {
        header: Header {
            tool: "0.1.0",
            product,
            stage,
            host: "pi",
            release: "6.12.25",
            machine: "aarch64",
            board: "Raspberry Pi 3 Model B Plus Rev 1.3",
            cmdline: "root=/dev/mmcblk0p2 rootwait",
            cores: 4,
            mem_total_kib: 1000 * MIB,
            // 2026-11-22 11:37:11 UTC, and an hour more for each run.
            start_realtime_ns: (1_795_347_431 + 3600 * u64::from(run)) * 1_000_000_000,
            ..header::header(run, PssMode::Exact)
        },
        samples: 61,
        busy: 8,
        used: 200,
        growth: 0,
        free_used: 90,
        disk_used: 2000,
        own_ticks: 0,
        processes: vec![runs("systemd", 5, 0)],
        keys: Vec::new(),
        throttled: 0,
        unreadable: false,
        kernel_threads: true,
        ends: Vec::new(),
        end: End::Duration,
        footer: true,
        also: |_, _| {},
    }
}

fn kernel_thread() -> Process {
    let mut values = [0; process::COUNT];
    values[process::FLAGS] = process::flag::KERNEL_THREAD;
    Process {
        pid: 2,
        starttime: 1,
        comm: comm(b"kthreadd"),
        values,
    }
}

impl Made {
    pub fn log(&self) -> Vec<u8> {
        let mut log = Vec::new();
        let mut encoder = Encoder::new(self.header.run, 4096, self.processes.len() + 2);
        log.extend_from_slice(
            encoder
                .record(&Record::Header(self.header.clone()))
                .unwrap(),
        );
        for pattern in &self.keys {
            let key = Product {
                kind: 0,
                label: "its",
                pattern,
            };
            let record = Record::Product(self.header.run, key);
            log.extend_from_slice(encoder.record(&record).unwrap());
        }
        let own = Runs {
            cmdline: b"./edgebench-lite\0record\0--stage\0maestro-config.yaml\0",
            ..runs("edgebench-lite", 1, self.own_ticks)
        };
        let all: Vec<&Runs> = std::iter::once(&own).chain(&self.processes).collect();
        let mut slots = Vec::new();
        for (at, runs) in all.iter().enumerate() {
            let pid = OWN + at as u32;
            let identity: Identity<&[u8]> = Identity {
                pid,
                starttime: 1,
                cut: false,
                cmdline: runs.cmdline,
                cgroup: b"/",
            };
            let identity = Record::Identity(self.header.run, identity);
            log.extend_from_slice(encoder.record(&identity).unwrap());
            let mut values = [0; process::COUNT];
            values[process::FLAGS] = match self.unreadable && at > 0 {
                true => process::flag::UNREADABLE,
                false => process::flag::HAS_PSS,
            };
            values[process::PSS] = runs.pss_mib * MIB;
            slots.push(Some(Process {
                pid,
                starttime: 1,
                comm: comm(runs.comm),
                values,
            }));
        }
        if self.kernel_threads {
            slots.push(Some(kernel_thread()));
        }
        let mut machine = self.machine();
        for tick in 0..self.samples {
            let busy = match tick {
                0 => 0,
                10 => self.busy / 2,
                20 => self.busy * 4,
                _ => self.busy,
            };
            machine.group_mut(cpu::ID)[cpu::USER] += busy;
            machine.group_mut(cpu::ID)[cpu::IDLE] += 400 - busy;
            let now = if tick == 5 { self.throttled } else { 0 };
            machine.group_mut(board::ID)[board::THROTTLED] = now;
            let available = self.header.mem_total_kib - (self.used + self.growth * tick) * MIB;
            machine.group_mut(memory::ID)[memory::MEM_AVAILABLE] = available;
            (self.also)(tick, &mut machine);
            for (slot, runs) in slots.iter_mut().zip(&all) {
                let values = &mut slot.as_mut().unwrap().values;
                values[process::UTIME] += if tick > 0 { runs.ticks } else { 0 };
            }
            let at = Instant {
                tick,
                late_us: 0,
                all_read: true,
            };
            if tick > 0 {
                let ends = ended::record(&mut encoder, self.header.run, tick, &self.ends);
                log.extend(ends);
            }
            encoder.sample(at, &machine, &slots, |frame| log.extend_from_slice(frame));
        }
        let footer = Footer {
            end: self.end,
            samples: self.samples,
            missed: 0,
            latest_us: 0,
            unreadable: 0,
            left_out: 0,
            cpu_us: 10_000,
            written_bytes: 1 << 16,
        };
        let footer = Record::Footer(self.header.run, footer);
        if self.footer {
            log.extend_from_slice(encoder.record(&footer).unwrap());
        }
        log
    }

    fn machine(&self) -> Machine {
        let mut machine = Machine::default();
        let group = machine.group_mut(memory::ID);
        group[memory::MEM_TOTAL] = self.header.mem_total_kib;
        group[memory::BUFFERS] = 10 * MIB;
        group[memory::CACHED] = 100 * MIB;
        group[memory::S_RECLAIMABLE] = 20 * MIB;
        group[memory::MEM_FREE] = self.header.mem_total_kib - (130 + self.free_used) * MIB;
        group[memory::SWAP_TOTAL] = self.header.swap_total_kib;
        group[memory::SWAP_FREE] = self.header.swap_total_kib;
        machine.group_mut(clock::ID);
        machine.group_mut(vmstat::ID)[..vmstat::COUNT].fill(NOT_OBSERVABLE);
        let group = machine.group_mut(board::ID);
        group[..board::COUNT].fill(NOT_OBSERVABLE);
        let group = machine.group_mut(storage::ID);
        group[..storage::COUNT].fill(NOT_OBSERVABLE);
        group[storage::ROOT_USED_KIB] = self.disk_used * MIB;
        let group = machine.group_mut(recorder::ID);
        group[recorder::PID] = OWN.into();
        group[recorder::PSS_KIB] = MIB;
        machine
    }
}
