//! A run made up so that every figure can be worked out by hand: 80 s at a sample a
//! second, of which the board sleeps 5 s (ticks 40 to 44): 76 samples, 75 intervals,
//! 75 s awake.

#[path = "../support/ended.rs"]
pub mod ended;
#[path = "../support/header.rs"]
mod header;

use edgebench_lite::log::fields::device::{disk, kind, net, PRESENT};
use edgebench_lite::log::fields::{
    board, clock, core, cpu, memory, pressure, process, recorder, storage, vmstat, NOT_OBSERVABLE,
};
use edgebench_lite::log::model::{comm, Machine, Process};
use edgebench_lite::log::record::{Device, End, Footer, Header, PssMode, Record, Synchronised};
use edgebench_lite::log::{Encoder, Instant};

pub const MMC: &[u8] = b"mmcblk0";
/// What a device that acts on a terminal would be called.
pub const HOSTILE: &[u8] = b"\x1b[2Jsda\xff\nname: all is well";

pub fn header() -> Header<&'static str> {
    Header {
        tool: "0.1.0",
        product: "k3s",
        stage: "edge",
        host: "pi",
        release: "6.6.20+rpt-rpi-v8",
        machine: "aarch64",
        cores: 4,
        mem_total_kib: 1_024_000,
        swap_total_kib: 102_400,
        synchronised: Synchronised::No,
        ..header::header(1, PssMode::Auto)
    }
}

/// The run; `alter` has the last word on the machine at each tick.
pub fn log(header: &Header<&str>, alter: impl Fn(u64, &mut Machine)) -> Vec<u8> {
    named(header, &[b"k3s-server", b"sh"], alter)
}

/// The same with processes of these names, two at least; those beyond do nothing.
pub fn named(header: &Header<&str>, names: &[&[u8]], alter: impl Fn(u64, &mut Machine)) -> Vec<u8> {
    ending(header, names, &[], alter)
}

/// The same with processes that end in each interval.
pub fn ending(
    header: &Header<&str>,
    names: &[&[u8]],
    ends: &[ended::Line],
    alter: impl Fn(u64, &mut Machine),
) -> Vec<u8> {
    let mut log = Vec::new();
    let mut encoder = Encoder::new(1, 4096, names.len());
    let record = |encoder: &mut Encoder, log: &mut Vec<u8>, record: &Record<'_>| {
        log.extend_from_slice(encoder.record(record).unwrap());
    };
    record(&mut encoder, &mut log, &Record::Header(header.clone()));
    let devices: [(u8, &[u8]); 3] = [
        (kind::DISK, MMC),
        (kind::NET, b"eth0"),
        (kind::DISK, HOSTILE),
    ];
    for (id, (kind, name)) in devices.into_iter().enumerate() {
        let device = Device {
            id: id as u8,
            kind,
            name,
        };
        record(&mut encoder, &mut log, &Record::Device(1, device));
    }
    let mut machine = first();
    let pids = names.iter().zip(20..);
    let mut slots: Vec<_> = pids.map(|(name, pid)| process(pid, name)).collect();
    for tick in (0..=80).filter(|tick| !(40..45).contains(tick)) {
        if tick > 0 {
            step(tick, &mut machine);
        }
        let mut altered = machine.clone();
        alter(tick, &mut altered);
        let mut set = |slot: usize, field, value| {
            let slot: &mut Option<Process> = &mut slots[slot];
            slot.as_mut().unwrap().values[field] = value;
        };
        // 8 % of a core; and from tick 60 on a shell with all of one.
        set(0, process::UTIME, 8 * tick);
        set(1, process::UTIME, 100 * tick.saturating_sub(60));
        set(1, process::PSS, 100 + 50 * tick);
        set(0, process::PSS_AT, tick);
        set(1, process::PSS_AT, tick);
        let stale = if (10..13).contains(&tick) {
            process::flag::STALE
        } else {
            0
        };
        set(0, process::FLAGS, process::flag::HAS_PSS | stale);
        let at = Instant {
            tick,
            late_us: 0,
            all_read: true,
        };
        if tick > 0 {
            log.extend(ended::record(&mut encoder, 1, tick, ends));
        }
        encoder.sample(at, &altered, &slots, |frame| log.extend_from_slice(frame));
    }
    let footer = Footer {
        end: End::Duration,
        samples: 76,
        missed: 5,
        latest_us: 0,
        unreadable: 0,
        left_out: 0,
        cpu_us: 80_000,
        written_bytes: 7 << 20,
    };
    record(&mut encoder, &mut log, &Record::Footer(1, footer));
    log
}

fn process(pid: u32, name: &[u8]) -> Option<Process> {
    let mut values = [0; process::COUNT];
    values[process::FLAGS] = process::flag::HAS_PSS;
    values[process::PSS] = 50 << 10;
    Some(Process {
        pid,
        starttime: 1,
        comm: comm(name),
        values,
    })
}

fn first() -> Machine {
    let mut machine = Machine::default();
    machine.group_mut(cpu::ID);
    let group = machine.group_mut(memory::ID);
    group[memory::MEM_TOTAL] = 1_024_000;
    group[memory::MEM_AVAILABLE] = 700 << 10;
    group[memory::SWAP_TOTAL] = 102_400;
    group[memory::SWAP_FREE] = 102_400;
    machine.group_mut(clock::ID);
    machine.group_mut(recorder::ID)[recorder::PSS_KIB] = 819;
    machine.group_mut(vmstat::ID)[vmstat::PGMAJFAULT] = 1000;
    machine.group_mut(pressure::ID)[pressure::IO_SOME_US] = 123_456_789;
    let group = machine.group_mut(board::ID);
    group[board::TEMP_MC] = 48_312;
    group[board::UNDERVOLTAGE] = NOT_OBSERVABLE;
    group[board::PSI] = board::feature::ON;
    group[board::MEMORY_CGROUP] = board::feature::OFF;
    let group = machine.group_mut(storage::ID);
    group[storage::ROOT_USED_KIB] = 2_048_000;
    group[storage::ROOT_TOTAL_KIB] = 30_000_000;
    group[storage::LOG_ON_ROOT] = 1;
    for core in 0..4 {
        let values = machine.core_mut(core).unwrap();
        values[core::ONLINE] = 1;
        values[core::REQUESTED_KHZ] = 600_000;
    }
    // What they had carried before the run.
    let card = machine.device_mut(0).unwrap();
    card[PRESENT] = 1;
    card[disk::SECTORS_WRITTEN] = 999_999;
    let eth0 = machine.device_mut(1).unwrap();
    eth0[PRESENT] = 1;
    eth0[net::RX_BYTES] = 5 << 20;
    eth0[net::RX_DROP] = 17;
    machine
}

/// Cores 0 to 2 are busy for 20, 10 and 10 of 100, core 0 for all of it at tick 30;
/// memory grows by a MiB in each tick, those that the board sleeps through among
/// them.
fn step(tick: u64, machine: &mut Machine) {
    let busy = [if tick == 30 { 100 } else { 20 }, 10, 10, 0];
    let mut all = [0; cpu::COUNT];
    for (core, busy) in busy.into_iter().enumerate() {
        let values = machine.core_mut(core).unwrap();
        values[cpu::USER] += busy;
        values[cpu::IDLE] += 100 - busy;
        if tick >= 45 {
            values[core::REQUESTED_KHZ] = 1_400_000;
        }
        for (sum, value) in all.iter_mut().zip(values.iter()) {
            *sum += value;
        }
    }
    machine.group_mut(cpu::ID)[..cpu::COUNT].copy_from_slice(&all);
    let group = machine.group_mut(memory::ID);
    group[memory::MEM_AVAILABLE] = (700 - tick) << 10;
    let group = machine.group_mut(pressure::ID);
    group[pressure::CPU_SOME_US] += 100_000;
    group[pressure::IO_SOME_US] += if (21..25).contains(&tick) {
        1_000_000
    } else {
        0
    };
    group[pressure::IO_FULL_US] += if (21..23).contains(&tick) {
        1_000_000
    } else {
        0
    };
    match tick {
        // Since the sample at tick 39.
        45 => {
            machine.group_mut(clock::ID)[clock::SUSPENDED_MS] = 5000;
            machine.group_mut(recorder::ID)[recorder::MISSED] = 5;
            machine.group_mut(board::ID)[board::TEMP_MC] = 55_000;
        }
        50 => {
            let group = machine.group_mut(vmstat::ID);
            group[vmstat::PGSTEAL] = 256;
            group[vmstat::PGSTEAL_LRU] = 512;
            group[vmstat::PSWPOUT] = 1024;
            group[vmstat::PGMAJFAULT] += 7;
            group[vmstat::OOM_KILL] = 1;
            machine.group_mut(memory::ID)[memory::SWAP_FREE] -= 4096;
        }
        70 => machine.group_mut(board::ID)[board::THROTTLED] = 0x5_0005,
        75 => machine.group_mut(board::ID)[board::THROTTLED] = 0x5_0000,
        _ => {}
    }
    if tick % 10 == 0 {
        devices(tick, machine);
    }
}

/// Read at ticks 10, 20, 30, 50, 60, 70 and 80: 10 MiB are written each time, one of
/// them by the recorder.
fn devices(tick: u64, machine: &mut Machine) {
    let group = machine.group_mut(recorder::ID);
    group[recorder::CPU_US] += 10_000;
    group[recorder::WRITTEN_BYTES] += 1 << 20;
    machine.group_mut(storage::ID)[storage::ROOT_USED_KIB] += 1024;
    let card = machine.device_mut(0).unwrap();
    card[disk::SECTORS_WRITTEN] += 20_480;
    card[disk::SECTORS_READ] = 2048;
    // One MiB; at tick 60 the interface has begun anew, and had two.
    let eth0 = machine.device_mut(1).unwrap();
    match tick {
        10 => (eth0[net::RX_BYTES], eth0[net::RX_DROP]) = (6 << 20, 18),
        60 => (eth0[net::RX_BYTES], eth0[net::RX_DROP]) = (2 << 20, 0),
        _ => {}
    }
    eth0[net::TX_PACKETS] = tick;
    eth0[net::TX_ERRS] = tick / 40;
    // A stick that comes with a MiB written, and goes.
    let stick = machine.device_mut(2).unwrap();
    match tick {
        50 => (stick[PRESENT], stick[disk::SECTORS_WRITTEN]) = (1, 2048),
        70 => (stick[PRESENT], stick[disk::SECTORS_WRITTEN]) = (0, 0),
        _ => {}
    }
}
