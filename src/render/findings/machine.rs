//! In words: what the machine did besides.

use super::super::escape::cut;
use super::super::figures::{amount, bytes, counted, mib, share};
use super::super::names::{named_bits, DEVICE_WIDTH};
use crate::series::finding::MachineFinding;

/// The board is not read at every sample.
fn of_board(readings: u64) -> String {
    counted(readings, "reading", "readings")
}

pub(crate) fn words(finding: &MachineFinding) -> String {
    match finding {
        MachineFinding::HeldBack {
            bits,
            readings,
            known,
        } => {
            let seen = match readings {
                0 => "between readings".to_owned(),
                _ => format!("in {readings} of {}", of_board(*known)),
            };
            format!(
                "The firmware held the board back {seen}: {}. The run is not valid as a \
                 measurement of speed: mend supply or cooling.",
                named_bits(*bits)
            )
        }
        MachineFinding::HeldBackBefore { bits } => format!(
            "Since boot, but not in this run, the firmware has held the board back: {}.",
            named_bits(*bits)
        ),
        MachineFinding::Undervoltage { readings, known } => format!(
            "The supply voltage was too low in {readings} of {}: the firmware throttles then. Use \
             a better supply.",
            of_board(*known)
        ),
        MachineFinding::SwapUsed {
            used_kib,
            total_kib,
            in_bytes,
            out_bytes,
        } => format!(
            "Swap was in use: {} of {} MiB at most; {} in and {} out during the run. Memory in use \
             is less than what the software takes: compare with runs that swapped as much.",
            mib(*used_kib as f64),
            mib(*total_kib as f64),
            moved(*in_bytes),
            moved(*out_bytes)
        ),
        MachineFinding::OomKills(kills) => format!(
            "Out of memory: the kernel killed {}.",
            counted(*kills, "process", "processes")
        ),
        MachineFinding::ImplausibleCpu { intervals, of } => format!(
            "The kernel's CPU times fell, or grew faster than the clock, in {intervals} of {}: the \
             cores and processes concerned are left out of these.",
            counted(*of, "interval", "intervals")
        ),
        MachineFinding::SensorsImplausible {
            temperatures,
            clocks,
            throttled,
        } => format!(
            "Readings that cannot be were dropped: {temperatures} of the temperature (below -60 or \
             above 150 C), {clocks} of the requested clocks, {throttled} of get_throttled."
        ),
        MachineFinding::HugePages(kib) => format!(
            "{} MiB of memory are huge pages (hugetlb): in use, and in no process's PSS or RSS.",
            mib(*kib as f64)
        ),
        MachineFinding::LogOnCard {
            card,
            log_bytes,
            written_bytes,
        } => format!(
            "The log lies on the SD card or eMMC that is measured ({}): {} of {} written to it are \
             the log ({} %). Record to tmpfs (--output /run/...) or to a USB stick.",
            cut(card, DEVICE_WIDTH),
            bytes(*log_bytes),
            bytes(*written_bytes),
            share((*log_bytes).min(*written_bytes), *written_bytes)
        ),
        MachineFinding::OthersUnseen { unattributed, busy } => format!(
            "Others use the machine: {} % of the busy CPU time belongs to no process in the log. \
             It was recorded in a container or a PID namespace: record outside of it.",
            share(*unattributed, *busy)
        ),
        MachineFinding::NoPressure => {
            "Pressure (PSI) is off: whether tasks waited for CPU, memory \
                                       or I/O is not known. Boot with psi=1 on the kernel command \
                                       line."
                .to_owned()
        }
        MachineFinding::MemoryCgroupsOff => {
            "Memory cgroups are off, and k3s does not run without them: boot with cgroup_memory=1 \
             cgroup_enable=memory on the kernel command line."
                .to_owned()
        }
        MachineFinding::NoMemoryCgroups => {
            "The kernel has no memory cgroups, which k3s needs.".to_owned()
        }
    }
}

fn moved(bytes: Option<u64>) -> String {
    bytes.map_or("an unknown amount".to_owned(), amount)
}
