//! What there is of a run: how it was recorded, CPU and memory of the machine, its
//! product and its processes.

use super::family::{bytes, family, ratio, Family, Labels};
use crate::log::record::PssMode;
use crate::series::finding::Grade;
use crate::series::{By, Memory, Row, Run};

pub const RUN: &[Family] = &[
    family(
        "run_info",
        "",
        "How the run was recorded. Always 1.",
        |told, samples| {
            let header = &told.run.header;
            let id = format!("{:08x}", header.run);
            let pss = match header.pss {
                PssMode::Off => "off",
                PssMode::Exact => "exact",
                PssMode::Auto => "auto",
            };
            let labels: &Labels<'_> = &[
                ("run_id", id.as_bytes()),
                ("tool", header.tool.as_bytes()),
                ("release", header.release.as_bytes()),
                ("machine", header.machine.as_bytes()),
                ("os", header.os.as_bytes()),
                ("pss", pss.as_bytes()),
            ];
            samples.add(labels, 1.0);
        },
    ),
    family(
        "run_start_time_seconds",
        "seconds",
        "When the run began, in seconds since 1970, by the clock of the board.",
        |told, samples| samples.add(&[], told.run.header.start_realtime_ns as f64 / 1e9),
    ),
    family(
        "run_duration_seconds",
        "seconds",
        "From the first sample to the last.",
        |told, samples| samples.add(&[], seconds(told.run.duration_us)),
    ),
    family(
        "run_interval_seconds",
        "seconds",
        "From one sample to the next, as it was asked for.",
        |told, samples| samples.add(&[], seconds(told.run.header.interval_us)),
    ),
    family(
        "run_samples",
        "",
        "Samples that could be read.",
        |told, samples| samples.add(&[], told.run.samples as f64),
    ),
    family(
        "run_missed_deadlines",
        "",
        "Deadlines that passed without a sample.",
        |told, samples| samples.add(&[], told.run.quality.missed as f64),
    ),
    family(
        "run_lost_samples",
        "",
        "Samples that were taken and cannot be read.",
        |told, samples| samples.add(&[], told.run.quality.losses.lost as f64),
    ),
    family(
        "run_unwritten_samples",
        "",
        "Those of the lost samples that the recorder could not write.",
        |told, samples| samples.add(&[], told.run.quality.losses.unwritten as f64),
    ),
    family(
        "run_warnings",
        "",
        "Findings that put the run in doubt: those of grade invalid and caution.",
        |told, samples| {
            let findings = told.run.findings.iter();
            let doubts = findings.filter(|finding| finding.grade() > Grade::Note);
            samples.add(&[], doubts.count() as f64);
        },
    ),
    family(
        "run_finding",
        "",
        "1 for each finding about the run, by name and grade: invalid, caution or note.",
        |told, samples| {
            for finding in &told.run.findings {
                let labels = [
                    ("finding", finding.name().as_bytes()),
                    ("grade", finding.grade().name().as_bytes()),
                ];
                samples.add(&labels, 1.0);
            }
        },
    ),
    family(
        "cores",
        "",
        "Cores that were online at the start.",
        |told, samples| samples.add(&[], f64::from(told.run.header.cores)),
    ),
    family(
        "memory_total_bytes",
        "bytes",
        "MemTotal.",
        |told, samples| samples.add(&[], bytes(told.run.header.mem_total_kib as f64)),
    ),
    family(
        "swap_total_bytes",
        "bytes",
        "Swap there was at the start.",
        |told, samples| samples.add(&[], bytes(told.run.header.swap_total_kib as f64)),
    ),
    family(
        "cpu_ratio",
        "ratio",
        "CPU time that was not idle or iowait, of that of all cores together.",
        |told, samples| samples.statistics(&[], told.run.cpu.as_ref(), ratio),
    ),
    family(
        "cpu_less_recorder_ratio",
        "ratio",
        "The same as edgebench_cpu_ratio, without what the recorder took.",
        |told, samples| samples.statistics(&[], told.run.cpu_less.as_ref(), ratio),
    ),
    family(
        "memory_used_bytes",
        "bytes",
        "MemTotal less MemAvailable.",
        |told, samples| samples.statistics(&[], told.run.memory_kib.as_ref(), bytes),
    ),
    family(
        "memory_used_less_recorder_bytes",
        "bytes",
        "The same as edgebench_memory_used_bytes, without what the recorder took.",
        |told, samples| samples.statistics(&[], told.run.memory_kib_less.as_ref(), bytes),
    ),
    family(
        "memory_used_ratio",
        "ratio",
        "MemTotal less MemAvailable, of MemTotal.",
        |told, samples| samples.statistics(&[], told.run.memory_share.as_ref(), ratio),
    ),
    family(
        "process_memory_bytes",
        "bytes",
        "PSS, or RSS by the label memory, of the processes with most of it: those of one \
         name, unit and so on together, or each by its pid.",
        |told, samples| {
            let memory = match told.run.memory {
                Memory::Pss => "pss",
                Memory::Rss => "rss",
            };
            for row in others(&told.run.by_memory) {
                of_row(row, told.by, |labels| {
                    let labels = [labels, &[("memory", memory.as_bytes())]].concat();
                    samples.statistics(&labels, Some(&row.figures), bytes);
                });
            }
        },
    ),
    family(
        "process_cpu_ratio",
        "ratio",
        "CPU time of the processes with most of it, of that of one core: above 1, they \
         used several.",
        |told, samples| {
            for row in others(&told.run.by_cpu) {
                of_row(row, told.by, |labels| {
                    samples.statistics(labels, Some(&row.figures), ratio);
                });
            }
        },
    ),
    family(
        "process_instances",
        "",
        "The most of these processes at one time.",
        |told, samples| {
            for row in rows(told.run) {
                of_row(row, told.by, |labels| {
                    samples.add(labels, row.processes as f64)
                });
            }
        },
    ),
    family(
        "process_seen_ratio",
        "ratio",
        "The part of the run in which there was one.",
        |told, samples| {
            for row in rows(told.run) {
                let seen = row.seen as f64 / told.run.ticks as f64;
                of_row(row, told.by, |labels| samples.add(labels, seen));
            }
        },
    ),
    family(
        "recorder_cpu_seconds",
        "seconds",
        "CPU time that the recorder itself used, from the first sample on.",
        |told, samples| {
            if let Some(cpu) = told.run.quality.cost.cpu {
                samples.add(&[], seconds(cpu.used_us));
            }
        },
    ),
    family(
        "recorder_cpu_ratio",
        "ratio",
        "The same, of that of one core.",
        |told, samples| {
            if let Some(cpu) = told.run.quality.cost.cpu {
                samples.add(&[], ratio(cpu.of_one_core()));
            }
        },
    ),
    family(
        "recorder_pss_bytes",
        "bytes",
        "The most PSS of the recorder itself, from the second sample on.",
        |told, samples| {
            if let Some(kib) = told.run.quality.cost.pss_kib {
                samples.add(&[], bytes(kib as f64));
            }
        },
    ),
    family(
        "recorder_written_bytes",
        "bytes",
        "What the recorder wrote to its log.",
        |told, samples| {
            if let Some(written) = told.run.quality.cost.written_bytes {
                samples.add(&[], written as f64);
            }
        },
    ),
];

fn seconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1e6
}

/// The rows but that of the product, whose processes are in them.
fn others(rows: &[Row]) -> impl Iterator<Item = &Row> {
    rows.iter().filter(|row| !row.is_product)
}

/// The rows of both tables, those of either once.
fn rows(run: &Run) -> impl Iterator<Item = &Row> {
    let who = |row: &'_ Row| (row.name.clone(), row.kernel_thread, row.process);
    let only_cpu = move |row: &&Row| !run.by_memory.iter().any(|other| who(other) == who(row));
    others(&run.by_memory).chain(others(&run.by_cpu).filter(only_cpu))
}

/// The labels that tell a row from every other.
fn of_row(row: &Row, by: By, add: impl FnOnce(&Labels<'_>)) {
    let kind = match by {
        By::Name | By::Process => "process",
        By::Place(place) => place.name(),
    };
    let kernel_thread: &[u8] = if row.kernel_thread { b"true" } else { b"" };
    let (pid, starttime) = row.process.unzip();
    let [pid, starttime] = [pid.map(u64::from), starttime]
        .map(|number| number.map_or_else(String::new, |number| number.to_string()));
    add(&[
        (kind, &row.name),
        ("kernel_thread", kernel_thread),
        ("pid", pid.as_bytes()),
        ("starttime", starttime.as_bytes()),
    ]);
}
