//! Findings about the machine in words.

use super::super::escape::cut;
use super::super::figures::{amount, bytes, counted, mib, share};
use super::super::names::{named_bits, DEVICE_WIDTH};
use crate::series::finding::MachineFinding;

const NO_PRESSURE: &str =
    "Pressure (PSI) is off: waiting for CPU, memory and I/O is not recorded. \
     Boot with psi=1 on the kernel command line.";
const MEMORY_CGROUPS_OFF: &str = "Memory cgroups are off, but k3s needs them: boot with \
     cgroup_memory=1 cgroup_enable=memory on the kernel command line.";
const NO_MEMORY_CGROUPS: &str = "The kernel has no memory cgroups, which k3s needs.";

pub(crate) fn words(finding: &MachineFinding) -> String {
    match finding {
        MachineFinding::HeldBack {
            bits,
            readings,
            known,
        } => held_back(*bits, *readings, *known),
        MachineFinding::HeldBackBefore { bits } => format!(
            "Before this run, but since boot, the firmware slowed the board down: {}.",
            named_bits(*bits)
        ),
        MachineFinding::Undervoltage { readings, known } => format!(
            "The supply voltage was too low in {readings} of {}, so the firmware may slow the board \
             down. Use a better power supply.",
            counted(*known, "reading")
        ),
        MachineFinding::SwapUsed {
            used_kib,
            total_kib,
            in_bytes,
            out_bytes,
        } => swap_used([*used_kib, *total_kib], [*in_bytes, *out_bytes]),
        MachineFinding::OomKills(kills) => {
            let killed = counted(*kills, "process");
            format!("Out of memory: the kernel killed {killed}.")
        }
        MachineFinding::ImplausibleCpu { intervals, of } => format!(
            "Implausible CPU times in {intervals} of {}: they fell, or grew faster than the clock. \
             The cores and processes concerned are left out there.",
            counted(*of, "interval")
        ),
        MachineFinding::SensorsImplausible {
            temperatures,
            clocks,
            throttled,
        } => format!(
            "Implausible readings were dropped: {temperatures} of the temperature (below -60 or \
             above 150 C), {clocks} of the requested clocks, {throttled} of get_throttled."
        ),
        MachineFinding::HugePages(kib) => {
            let huge = mib(*kib as f64);
            format!("{huge} MiB of memory are huge pages (hugetlb): in use, but not in PSS or RSS.")
        }
        MachineFinding::LogOnCard {
            card,
            log_bytes,
            written_bytes,
        } => log_on_card(&cut(card, DEVICE_WIDTH), *log_bytes, *written_bytes),
        MachineFinding::OthersUnseen { unattributed, busy } => format!(
            "Other software uses the machine: {} % of the busy CPU time belongs to no process in the \
             log. The run was recorded in a container or a PID namespace: record outside of it.",
            share(*unattributed, *busy)
        ),
        MachineFinding::NoPressure => NO_PRESSURE.to_owned(),
        MachineFinding::MemoryCgroupsOff => MEMORY_CGROUPS_OFF.to_owned(),
        MachineFinding::NoMemoryCgroups => NO_MEMORY_CGROUPS.to_owned(),
    }
}

/// The board is not read at every sample.
fn held_back(bits: u64, readings: u64, known: u64) -> String {
    let seen = match readings {
        0 => "between readings".to_owned(),
        _ => format!("in {readings} of {}", counted(known, "reading")),
    };
    format!(
        "The firmware slowed the board down {seen}: {}. The run is no valid measurement of speed: \
         improve the power supply or the cooling.",
        named_bits(bits)
    )
}

fn swap_used(kib: [u64; 2], moved: [Option<u64>; 2]) -> String {
    let [used, total] = kib.map(|kib| mib(kib as f64));
    let moved = moved.map(|bytes| bytes.map_or("an unknown amount".to_owned(), amount));
    let [swapped_in, out] = moved;
    format!(
        "Swap was in use: up to {used} of {total} MiB; {swapped_in} in and {out} out during the run. \
         Memory in use is therefore less than the software needs: compare with runs that swapped as \
         much."
    )
}

fn log_on_card(card: &str, log_bytes: u64, written_bytes: u64) -> String {
    format!(
        "The log is on the SD card or eMMC under test ({card}): {} of {} written to it are the log \
         ({} %). Record to tmpfs (--output /run/...) or to a USB stick.",
        bytes(log_bytes),
        bytes(written_bytes),
        share(log_bytes.min(written_bytes), written_bytes)
    )
}
