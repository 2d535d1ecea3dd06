//! A log of a day on a busy board, made up: seeded, so that it is the same
//! everywhere.

#[path = "../support/header.rs"]
pub mod header;

use edgebench_lite::log::fields::{clock, cpu, memory, process, recorder};
use edgebench_lite::log::model::{comm, Machine, Process};
use edgebench_lite::log::record::{End, Footer, Header, PssMode, Record};
use edgebench_lite::log::{Encoder, Instant, HEADER_EVERY};

/// What kind of day it is.
pub struct Day {
    pub header: Header<&'static str>,
    pub seed: u64,
    pub samples: u64,
    pub processes: usize,
    /// How many processes in a hundred change from one sample to the next.
    pub changing: u64,
    /// Each process that is born has a name that no other has.
    pub names_of_their_own: bool,
}

/// xorshift64*; Vigna, ACM Transactions on Mathematical Software 42(4), 2016.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % end.max(1)
    }
}

const BOOT_NS: u64 = 100_000_000_000;
const MEM_TOTAL_KIB: u64 = 948_304;
/// The slot of the recorder, where there are so many processes.
const RECORDER: usize = 50;
/// Slots that only short-lived processes use, one after another.
const SHORT_LIVED: usize = 5;

pub const fn header(run: u32) -> Header<&'static str> {
    Header {
        tool: "0.1.0",
        product: "k3s",
        stage: "edge",
        host: "board",
        release: "6.1.21-v8+",
        machine: "aarch64",
        os: "Debian GNU/Linux 12 (bookworm)",
        board: "Raspberry Pi 3 Model B Plus Rev 1.3",
        boot_id: "5a7e2a52-6a3a-4c0c-9d5e-0d8a1f0c9b11",
        cmdline: "root=/dev/mmcblk0p2",
        cores: 4,
        mem_total_kib: MEM_TOTAL_KIB,
        start_boottime_ns: BOOT_NS,
        ..header::header(run, PssMode::Auto)
    }
}

/// Writes the day, frame by frame.
pub fn write(day: &Day, mut sink: impl FnMut(&[u8])) {
    let mut random = Random(day.seed | 1);
    let mut encoder = Encoder::new(day.header.run, 4096, day.processes);
    let mut machine = first_machine();
    let mut births = 0;
    let mut slots: Vec<Option<Process>> = Vec::new();
    for index in 0..day.processes {
        let name = match index {
            0..=29 => format!("kworker/{}:{index}-events", index % 4),
            30..=49 => "containerd-shim".to_owned(),
            RECORDER => "edgebench-lite".to_owned(),
            _ => format!("daemon-{index}"),
        };
        let process = newborn(index as u32 + 1, 0, &name, index >= 30, 0, &mut random);
        slots.push(Some(process));
    }
    for tick in 0..day.samples {
        if tick % HEADER_EVERY == 0 {
            if let Ok(frame) = encoder.record(&Record::Header(day.header.clone())) {
                sink(frame);
            }
        }
        if tick > 0 {
            step(&mut machine, &mut random);
            births += 1;
            let slot = day.processes - 1 - (births as usize % SHORT_LIVED);
            let name = match day.names_of_their_own {
                true => format!("job-{births}"),
                false => ["sh", "sleep", "iptables", "runc"][births as usize % 4].to_owned(),
            };
            let started = (BOOT_NS / 10_000_000) + tick * 100 - 50;
            let pid = 1000 + births as u32;
            let process = newborn(pid, started, &name, true, tick, &mut random);
            slots[slot] = Some(process);
            let changing = (day.processes - SHORT_LIVED) as u64 * day.changing / 100;
            for nth in 0..changing {
                let index = match day.changing {
                    100 => nth,
                    _ => random.below((day.processes - SHORT_LIVED) as u64),
                };
                if let Some(slot) = &mut slots[index as usize] {
                    change(slot, tick, &mut random);
                }
            }
        }
        let at = Instant {
            tick,
            late_us: 40 + random.below(400),
            all_read: false,
        };
        encoder.sample(at, &machine, &slots, &mut sink);
    }
    let footer = Record::Footer(
        day.header.run,
        Footer {
            end: End::Duration,
            samples: day.samples,
            missed: 0,
            latest_us: 440,
            unreadable: 0,
            left_out: 0,
            cpu_us: 0,
            written_bytes: 0,
        },
    );
    if let Ok(frame) = encoder.record(&footer) {
        sink(frame);
    }
}

fn newborn(
    pid: u32,
    starttime: u64,
    name: &str,
    has_memory: bool,
    tick: u64,
    random: &mut Random,
) -> Process {
    let mut values = [0; process::COUNT];
    values[process::NUM_THREADS] = 1;
    values[process::PPID] = 1;
    if has_memory {
        // Daemons are of all sizes; a tool that runs now and then is itself each time.
        let rss = match tick {
            0 => 300 + random.below(random.0 % 8000 + 500),
            _ => 200 + 100 * u64::from(pid % 4) + random.below(40),
        };
        values[process::FLAGS] = process::flag::HAS_PSS;
        values[process::RSS] = rss;
        values[process::PSS] = rss * 3;
        values[process::PRIVATE] = rss * 2;
        values[process::PSS_AT] = tick;
        values[process::VSIZE] = rss * 40;
        values[process::UTIME] = random.below(3);
    } else {
        values[process::FLAGS] = process::flag::KERNEL_THREAD;
    }
    Process {
        pid,
        starttime,
        comm: comm(name.as_bytes()),
        values,
    }
}

fn change(process: &mut Process, tick: u64, random: &mut Random) {
    let values = &mut process.values;
    values[process::UTIME] += random.below(4);
    values[process::STIME] += random.below(3);
    if values[process::FLAGS] & process::flag::HAS_PSS == 0 {
        return;
    }
    let pages = random.below(9);
    match random.below(2) {
        0 => values[process::RSS] += pages,
        _ => values[process::RSS] = values[process::RSS].saturating_sub(pages).max(100),
    }
    values[process::PSS] = values[process::RSS] * 3 + random.below(7);
    values[process::PRIVATE] = values[process::RSS] * 2;
    if random.below(4) == 0 {
        values[process::PSS_AT] = tick;
    }
}

fn first_machine() -> Machine {
    let mut machine = Machine::default();
    let group = machine.group_mut(memory::ID);
    group[memory::MEM_TOTAL] = MEM_TOTAL_KIB;
    group[memory::MEM_AVAILABLE] = 700_000;
    group[memory::MEM_FREE] = 300_000;
    group[memory::CACHED] = 350_000;
    machine.group_mut(clock::ID);
    let group = machine.group_mut(recorder::ID);
    group[recorder::PSS_KIB] = 812;
    group[recorder::PID] = RECORDER as u64 + 1;
    machine
}

fn step(machine: &mut Machine, random: &mut Random) {
    let mut all = [0; cpu::COUNT];
    for core in 0..4 {
        let (user, system) = (random.below(9), random.below(4));
        if let Some(values) = machine.core_mut(core) {
            values[cpu::USER] += user;
            values[cpu::SYSTEM] += system;
            values[cpu::IDLE] += 100 - user - system;
            values[edgebench_lite::log::fields::core::ONLINE] = 1;
            for (sum, value) in all.iter_mut().zip(values.iter()) {
                *sum += value;
            }
        }
    }
    machine.group_mut(cpu::ID)[..cpu::COUNT].copy_from_slice(&all);
    let group = machine.group_mut(memory::ID);
    group[memory::MEM_AVAILABLE] = 690_000 + random.below(20_000);
    group[memory::MEM_FREE] = 290_000 + random.below(20_000);
    group[memory::ANON_PAGES] = 90_000 + random.below(2_000);
    let group = machine.group_mut(recorder::ID);
    group[recorder::CPU_US] += 2_000 + random.below(500);
    group[recorder::WRITTEN_BYTES] += 300;
}
