//! The families of metrics, and the figures of which they are made.

use super::family::{family, pick, Family, Unit};
use crate::series::Run;

const AS_IS: Unit = |_, value| value;
const KIB: Unit = |_, kib| kib * 1024.0;
const US: Unit = |_, us| us / 1e6;
const PERCENT: Unit = |_, percent| percent / 100.0;
const SECTORS: Unit = |_, sectors| sectors * 512.0;
const PAGES: Unit = |run, pages| pages * run.header.page_size as f64;

pub(crate) const FAMILIES: &[Family] = &[
    family(
        "run_duration_seconds",
        "From the first sample to the last.",
        &[pick("run/duration_us/", "", US)],
    ),
    family(
        "run_interval_seconds",
        "From one sample to the next, as it was asked for.",
        &[pick("run/interval_us/", "", US)],
    ),
    family(
        "run_samples",
        "Samples that could be read.",
        &[pick("run/samples/", "", AS_IS)],
    ),
    family(
        "run_missed_deadlines",
        "Deadlines that passed without a sample.",
        &[pick("machine/quality/missed_deadlines", "", AS_IS)],
    ),
    family(
        "run_lost_samples",
        "Samples that were taken and cannot be read.",
        &[pick("machine/quality/lost_samples", "", AS_IS)],
    ),
    family(
        "run_unwritten_samples",
        "Those of the lost samples that the recorder could not write.",
        &[pick("machine/quality/unwritten_samples", "", AS_IS)],
    ),
    family(
        "run_warnings",
        "Findings that put the run in doubt: those of grade invalid and caution.",
        &[pick("machine/remarks/warnings", "", AS_IS)],
    ),
    family(
        "run_finding",
        "1 for each finding about the run, by name and grade: invalid, caution or note.",
        &[
            pick("findings/invalid/count", "grade=invalid", AS_IS),
            pick("findings/caution/count", "grade=caution", AS_IS),
            pick("findings/note/count", "grade=note", AS_IS),
        ],
    ),
    family(
        "cores",
        "Cores that were online at the start.",
        &[pick("run/cores_online/", "", AS_IS)],
    ),
    family(
        "memory_total_bytes",
        "MemTotal.",
        &[pick("run/mem_total_kib/", "", KIB)],
    ),
    family(
        "swap_total_bytes",
        "Swap there was at the start.",
        &[pick("run/swap_total_kib/", "", KIB)],
    ),
    family(
        "cpu_ratio",
        "CPU time that was not idle or iowait, of that of all cores together.",
        &[pick("machine/cpu_percent/*", "", PERCENT)],
    ),
    family(
        "cpu_less_recorder_ratio",
        "The same as edgebench_cpu_ratio, without what the recorder took.",
        &[pick("machine/cpu_less_recorder_percent/*", "", PERCENT)],
    ),
    family(
        "memory_used_bytes",
        "MemTotal less MemAvailable.",
        &[pick("machine/memory_kib/*", "", KIB)],
    ),
    family(
        "memory_used_less_recorder_bytes",
        "The same as edgebench_memory_used_bytes, without what the recorder took.",
        &[pick("machine/memory_less_recorder_kib/*", "", KIB)],
    ),
    family(
        "memory_used_ratio",
        "MemTotal less MemAvailable, of MemTotal.",
        &[pick("machine/memory_percent/*", "", PERCENT)],
    ),
    family(
        "process_memory_bytes",
        "PSS, or RSS by the label memory, of the processes with most of it: those of one \
         name, unit and so on together, or each by its pid.",
        &[
            pick("by_memory/pss_kib/*", "memory=pss", KIB),
            pick("by_memory/rss_kib/*", "memory=rss", KIB),
        ],
    ),
    family(
        "process_cpu_ratio",
        "CPU time of the processes with most of it, of that of one core: above 1, they \
         used several.",
        &[pick("by_cpu/cpu_percent/*", "", PERCENT)],
    ),
    family(
        "process_instances",
        "The most of these processes at one time.",
        &[
            pick("by_memory/presence/processes_at_most", "", AS_IS),
            pick("by_cpu/presence/processes_at_most", "", AS_IS),
        ],
    ),
    family(
        "process_seen_ratio",
        "The part of the run in which there was one.",
        &[
            pick("by_memory/presence/seen_ticks", "", |run, ticks| {
                ticks / run.ticks as f64
            }),
            pick("by_cpu/presence/seen_ticks", "", |run, ticks| {
                ticks / run.ticks as f64
            }),
        ],
    ),
    family(
        "recorder_cpu_seconds",
        "CPU time that the recorder itself used, from the first sample on.",
        &[pick("machine/recorder/cpu_us", "", US)],
    ),
    family(
        "recorder_cpu_ratio",
        "The same, of that of one core.",
        &[pick("machine/recorder/cpu_us", "", |run, _| {
            of_one_core(run)
        })],
    ),
    family(
        "recorder_pss_bytes",
        "The most PSS of the recorder itself, from the second sample on.",
        &[pick("machine/recorder/pss_kib", "", KIB)],
    ),
    family(
        "recorder_written_bytes",
        "What the recorder wrote to its log.",
        &[pick("machine/recorder/written_bytes", "", AS_IS)],
    ),
    family(
        "core_busy_ratio",
        "CPU time of a core that was not idle or iowait.",
        &[pick("cores/busy_percent/*", "", PERCENT)],
    ),
    family(
        "load1",
        "Load average over 1 minute.",
        &[
            pick("machine/load/mean", "statistic=mean", AS_IS),
            pick("machine/load/max", "statistic=max", AS_IS),
        ],
    ),
    family(
        "pressure_waiting_ratio",
        "Part of the run in which some task, or all tasks that had work (full), waited \
         for the resource: PSI.",
        &[pick("pressure/waited_percent/run", "", PERCENT)],
    ),
    family(
        "pressure_waiting_worst_ratio",
        "Part of the worst 10 s in which some task, or all tasks that had work (full), \
         waited for the resource: PSI.",
        &[pick("pressure/waited_percent/worst_10_s", "", PERCENT)],
    ),
    family(
        "temperature_celsius",
        "Temperature of the processor.",
        &[pick("machine/temperature_celsius/*", "", AS_IS)],
    ),
    family(
        "requested_frequency_hertz",
        "The clock that the kernel asked for, over all cores: firmware that throttles \
         gives less, which does not show here.",
        &[pick("machine/requested_mhz/*", "", |_, mhz| mhz * 1e6)],
    ),
    family(
        "throttled",
        "1 if it happened in the run by what the firmware of a Raspberry Pi says.",
        &[
            pick(
                "machine/throttled_readings/under_voltage",
                "reason=under_voltage",
                |run, _| happened(run, 0),
            ),
            pick(
                "machine/throttled_readings/frequency_capped",
                "reason=frequency_capped",
                |run, _| happened(run, 1),
            ),
            pick(
                "machine/throttled_readings/throttled",
                "reason=throttled",
                |run, _| happened(run, 2),
            ),
            pick(
                "machine/throttled_readings/soft_temperature_limit",
                "reason=soft_temperature_limit",
                |run, _| happened(run, 3),
            ),
        ],
    ),
    family(
        "undervoltage_alarm_ratio",
        "Readings in which the supply was too low by its alarm (in0_lcrit_alarm), of \
         those that say it.",
        &[pick("machine/supply_alarm_readings/low", "", |run, low| {
            low / readings(run)
        })],
    ),
    family(
        "swap_used_max_bytes",
        "The most memory in swap.",
        &[pick("machine/swap_kib/used_at_most", "", KIB)],
    ),
    family(
        "swapped_bytes",
        "Memory that was swapped in or out in the run.",
        &[
            pick("machine/vmstat_gained/pswpin", "direction=in", PAGES),
            pick("machine/vmstat_gained/pswpout", "direction=out", PAGES),
        ],
    ),
    family(
        "major_faults",
        "Page faults in the run that had to wait for a disk.",
        &[pick("machine/vmstat_gained/pgmajfault", "", AS_IS)],
    ),
    family(
        "oom_kills",
        "Processes that the kernel killed in the run for want of memory.",
        &[pick("machine/vmstat_gained/oom_kill", "", AS_IS)],
    ),
    family(
        "disk_bytes",
        "What a whole disk read and wrote in the run.",
        &[
            pick("disks/counts/sectors_read", "direction=read", SECTORS),
            pick("disks/counts/sectors_written", "direction=written", SECTORS),
        ],
    ),
    family(
        "network_bytes",
        "What a network interface received and sent in the run.",
        &[
            pick("interfaces/counts/rx_bytes", "direction=received", AS_IS),
            pick("interfaces/counts/tx_bytes", "direction=sent", AS_IS),
        ],
    ),
    family(
        "filesystem_size_bytes",
        "Size of the file system of / or of the log.",
        &[
            pick("machine/storage_end/root_total_kib", "of=root", KIB),
            pick("machine/storage_end/log_total_kib", "of=log", KIB),
        ],
    ),
    family(
        "filesystem_used_bytes",
        "Space in use on the file system of / or of the log, at the end of the run.",
        &[
            pick("machine/storage_end/root_used_kib", "of=root", KIB),
            pick("machine/storage_end/log_used_kib", "of=log", KIB),
        ],
    ),
    family(
        "cpu_time_seconds",
        "Where the CPU time of the run went. All together it is the time in which the \
         machine was busy.",
        &[
            pick("machine/cpu_time_s/sampled", "used_by=processes", AS_IS),
            pick("machine/cpu_time_s/reaped", "used_by=children", AS_IS),
            pick("machine/cpu_time_s/orphans", "used_by=orphans", AS_IS),
            pick("machine/cpu_time_s/irq", "used_by=irq", AS_IS),
            pick("machine/cpu_time_s/softirq", "used_by=softirq", AS_IS),
            pick("machine/cpu_time_s/steal", "used_by=steal", AS_IS),
            pick(
                "machine/cpu_time_s/unattributed",
                "used_by=unattributed",
                AS_IS,
            ),
        ],
    ),
    family(
        "tasks_never_sampled",
        "Processes and threads that came and went between two samples.",
        &[pick("machine/quality/never_sampled_tasks", "", AS_IS)],
    ),
];

fn happened(run: &Run, bit: u32) -> f64 {
    let throttled = &run.health.board.throttled;
    let happened = throttled.as_ref().is_some_and(|told| told.happened(bit));
    f64::from(u8::from(happened))
}

fn of_one_core(run: &Run) -> f64 {
    let cpu = run.quality.cost.cpu;
    cpu.map_or(f64::NAN, |cpu| cpu.of_one_core() / 100_000.0)
}

/// Those that say whether the supply was too low.
fn readings(run: &Run) -> f64 {
    let alarm = run.health.board.undervoltage;
    alarm.map_or(f64::NAN, |(_, known)| known as f64)
}
