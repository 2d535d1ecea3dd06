//! What there is of the parts of the machine in a run.

use super::family::{bytes, family, Family, Samples};
use super::Told;
use crate::log::fields::device::{disk, kind, net};
use crate::log::fields::{pressure, storage, vmstat};
use crate::series::strain::Waited;
use crate::series::Spread;

pub const MACHINE: &[Family] = &[
    family(
        "core_busy_ratio",
        "ratio",
        "CPU time of a core that was not idle or iowait.",
        |told, samples| {
            for core in &told.run.health.board.cores {
                let number = core.number.to_string();
                spread(samples, &number, core.busy, |percent| percent / 100.0);
            }
        },
    ),
    family(
        "load1",
        "",
        "Load average over 1 minute.",
        |told, samples| {
            if let Some(load) = told.run.health.strain.load {
                samples.statistic(&[], "mean", load.mean);
                samples.statistic(&[], "max", load.max);
            }
        },
    ),
    family(
        "pressure_waiting_ratio",
        "ratio",
        "Part of the run in which some task, or all tasks that had work (full), waited \
         for the resource: PSI.",
        |told, samples| waiting(told, samples, |waited| waited.over_run),
    ),
    family(
        "pressure_waiting_worst_ratio",
        "ratio",
        "Part of the worst 10 s in which some task, or all tasks that had work (full), \
         waited for the resource: PSI.",
        |told, samples| waiting(told, samples, |waited| waited.worst),
    ),
    family(
        "temperature_celsius",
        "celsius",
        "Temperature of the processor.",
        |told, samples| {
            spread(samples, "", told.run.health.board.temperature, |degrees| {
                degrees
            })
        },
    ),
    family(
        "requested_frequency_hertz",
        "hertz",
        "The clock that the kernel asked for, over all cores: firmware that throttles \
         gives less, which does not show here.",
        |told, samples| {
            spread(samples, "", told.run.health.board.requested_mhz, |mhz| {
                mhz * 1e6
            })
        },
    ),
    family(
        "throttled",
        "",
        "1 if it happened in the run by what the firmware of a Raspberry Pi says.",
        |told, samples| {
            let Some(throttled) = &told.run.health.board.throttled else {
                return;
            };
            for (bit, reason) in (0..).zip(REASONS) {
                let happened = f64::from(u8::from(throttled.happened(bit)));
                samples.add(&[("reason", reason.as_bytes())], happened);
            }
        },
    ),
    family(
        "undervoltage_alarm_ratio",
        "ratio",
        "Readings in which the supply was too low by its alarm (in0_lcrit_alarm), of \
         those that say it.",
        |told, samples| {
            if let Some((low, known)) = told.run.health.board.undervoltage {
                samples.add(&[], low as f64 / known as f64);
            }
        },
    ),
    family(
        "swap_used_max_bytes",
        "bytes",
        "The most memory in swap.",
        |told, samples| {
            let swap = told.run.health.strain.swap;
            samples.add(&[], swap.map(|swap| bytes(swap.at_most as f64)));
        },
    ),
    family(
        "swapped_bytes",
        "bytes",
        "Memory that was swapped in or out in the run.",
        |told, samples| {
            for (way, field) in [("in", vmstat::PSWPIN), ("out", vmstat::PSWPOUT)] {
                let page = told.run.header.page_size as f64;
                let swapped = gained(told, field).map(|pages| pages * page);
                samples.add(&[("direction", way.as_bytes())], swapped);
            }
        },
    ),
    family(
        "major_faults",
        "",
        "Page faults in the run that had to wait for a disk.",
        |told, samples| samples.add(&[], gained(told, vmstat::PGMAJFAULT)),
    ),
    family(
        "oom_kills",
        "",
        "Processes that the kernel killed in the run for want of memory.",
        |told, samples| samples.add(&[], gained(told, vmstat::OOM_KILL)),
    ),
    family(
        "disk_bytes",
        "bytes",
        "What a whole disk read and wrote in the run.",
        |told, samples| {
            let sector = 512.0;
            let ways = [
                ("read", disk::SECTORS_READ),
                ("written", disk::SECTORS_WRITTEN),
            ];
            carried(told, samples, kind::DISK, ways, sector);
        },
    ),
    family(
        "network_bytes",
        "bytes",
        "What a network interface received and sent in the run.",
        |told, samples| {
            let ways = [("received", net::RX_BYTES), ("sent", net::TX_BYTES)];
            carried(told, samples, kind::NET, ways, 1.0);
        },
    ),
    family(
        "filesystem_size_bytes",
        "bytes",
        "Size of the file system of / or of the log.",
        |told, samples| {
            stored(
                told,
                samples,
                storage::ROOT_TOTAL_KIB,
                storage::LOG_TOTAL_KIB,
            )
        },
    ),
    family(
        "filesystem_used_bytes",
        "bytes",
        "Space in use on the file system of / or of the log, at the end of the run.",
        |told, samples| stored(told, samples, storage::ROOT_USED_KIB, storage::LOG_USED_KIB),
    ),
    family(
        "cpu_time_seconds",
        "seconds",
        "Where the CPU time of the run went. All together it is the time in which the \
         machine was busy.",
        |told, samples| {
            let (account, clk_tck) = (&told.run.account, told.run.header.clk_tck as f64);
            let unattributed = account.busy as f64 - account.accounted() as f64;
            for (used_by, ticks) in [
                ("processes", account.sampled as f64),
                ("children", account.reaped as f64),
                ("orphans", account.orphans as f64),
                ("irq", account.irq as f64),
                ("softirq", account.softirq as f64),
                ("steal", account.steal as f64),
                ("unattributed", unattributed),
            ] {
                samples.add(&[("used_by", used_by.as_bytes())], ticks / clk_tck);
            }
        },
    ),
    family(
        "tasks_never_sampled",
        "",
        "Processes and threads that came and went between two samples.",
        |told, samples| samples.add(&[], told.run.account.never_sampled() as f64),
    ),
];

/// By the numbers of the firmware's bits.
const REASONS: [&str; 4] = [
    "under_voltage",
    "frequency_capped",
    "throttled",
    "soft_temperature_limit",
];

fn spread(samples: &mut Samples, core: &str, spread: Option<Spread>, unit: fn(f64) -> f64) {
    let Some(Spread { min, median, max }) = spread else {
        return;
    };
    for (name, value) in [("min", min), ("median", median), ("max", max)] {
        samples.statistic(&[("core", core.as_bytes())], name, unit(value));
    }
}

fn waiting(told: &Told<'_>, samples: &mut Samples, part: fn(Waited) -> f64) {
    let Some(pressure) = &told.run.health.strain.pressure else {
        return;
    };
    for (resource, tasks, field) in [
        ("cpu", "some", pressure::CPU_SOME_US),
        ("memory", "some", pressure::MEMORY_SOME_US),
        ("memory", "full", pressure::MEMORY_FULL_US),
        ("io", "some", pressure::IO_SOME_US),
        ("io", "full", pressure::IO_FULL_US),
    ] {
        let labels = [
            ("resource", resource.as_bytes()),
            ("tasks", tasks.as_bytes()),
        ];
        samples.add(&labels, pressure[field].map(part));
    }
}

/// What the run added to a count of /proc/vmstat.
fn gained(told: &Told<'_>, field: usize) -> Option<f64> {
    let counts = told.run.health.strain.vmstat?;
    Some(counts[field]? as f64)
}

/// What each device of a kind carried.
fn carried(
    told: &Told<'_>,
    samples: &mut Samples,
    kind: u8,
    ways: [(&str, usize); 2],
    unit_bytes: f64,
) {
    let all = told.run.health.devices.carried.iter();
    for carried in all.filter(|carried| carried.device.kind == kind) {
        for (way, field) in ways {
            let labels = [
                ("device", &carried.device.name[..]),
                ("direction", way.as_bytes()),
            ];
            samples.add(&labels, carried.counts[field] as f64 * unit_bytes);
        }
    }
}

fn stored(told: &Told<'_>, samples: &mut Samples, root: usize, log: usize) {
    let Some(found) = &told.run.health.storage else {
        return;
    };
    for (of, field) in [("root", root), ("log", log)] {
        let used = found.last(field).map(|kib| bytes(kib as f64));
        samples.add(&[("of", of.as_bytes())], used);
    }
}
