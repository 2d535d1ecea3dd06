//! Findings about the machine, beside the software that was to be measured.

use super::super::board::Board;
use super::super::finding::{by_share, caution, invalid, is_percent, note, Finding};
use super::super::run::Run;
use crate::log::fields::board::{feature, throttled};
use crate::log::fields::device::disk::{SECTORS_WRITTEN, SECTOR_BYTES};
use crate::log::fields::{storage, vmstat};
use crate::words::escape::DEVICE_WIDTH;
use crate::words::figures::{amount, bytes, mib, named_bits, share};
use crate::words::{counted, cut};

/// From this mean CPU on, milli-percent of all cores, it matters which processes use it.
const BUSY: f64 = 5_000.0;
/// The share of the busy time, percent, that may remain unattributed.
const UNATTRIBUTED: u64 = 20;

pub(super) fn look(run: &Run, found: &mut Vec<Finding>) {
    throttling(run, found);
    found.extend(swap(run));
    let counts = run.health.strain.vmstat;
    if let Some(kills @ 1..) = counts.and_then(|counts| counts[vmstat::OOM_KILL]) {
        let killed = counted(kills, "process");
        let text = format!("Out of memory: the kernel killed {killed}.");
        found.push(caution("oom-kills", text).count(kills));
    }
    if run.quality.implausible_cpu > 0 {
        let (intervals, of) = (run.quality.implausible_cpu, run.samples.saturating_sub(1));
        let text = format!(
            "Implausible CPU times in {intervals} of {}: they fell, or grew faster than the clock. \
             The cores and processes concerned are left out there.",
            counted(of, "interval")
        );
        found.push(by_share("cpu-times-implausible", intervals, of, text));
    }
    let board = &run.health.board;
    let dropped = [
        board.temp_dropped,
        board.khz_dropped,
        board.throttled_dropped,
    ];
    if dropped != [0; 3] {
        let [temperatures, clocks, throttled] = dropped;
        found.push(of_report(
            "sensors-implausible",
            format!(
                "Implausible readings were dropped: {temperatures} of the temperature (below -60 \
                 or above 150 C), {clocks} of the requested clocks, {throttled} of get_throttled."
            ),
        ));
    }
    if run.quality.hugetlb_kib > 0 {
        let huge = mib(run.quality.hugetlb_kib as f64);
        found.push(of_report(
            "huge-pages",
            format!(
                "{huge} MiB of memory are huge pages (hugetlb): in use, but not in PSS or RSS."
            ),
        ));
    }
    found.extend(log_on_card(run));
    found.extend(others(run));
    lacking(board, found);
}

/// What the kernel does not have, or was not told to show.
fn lacking(board: &Board, found: &mut Vec<Finding>) {
    if matches!(board.psi, Some(feature::ABSENT | feature::OFF)) {
        let text = "PSI is off: waiting for CPU, memory and I/O is not recorded. \
                    Boot with psi=1 on the kernel command line.";
        found.push(of_report("no-pressure", text));
    }
    match board.memory_cgroup {
        Some(feature::OFF) => {
            let text = "Memory cgroups are off, but k3s needs them: boot with cgroup_memory=1 \
                        cgroup_enable=memory on the kernel command line.";
            found.push(of_report("memory-cgroups-off", text));
        }
        Some(feature::ABSENT) => {
            let text = "The kernel has no memory cgroups, which k3s needs.";
            found.push(of_report("no-memory-cgroups", text));
        }
        _ => {}
    }
}

fn of_report(name: &'static str, text: impl Into<String>) -> Finding {
    note(name, text).only_for_its_report()
}

fn throttling(run: &Run, found: &mut Vec<Finding>) {
    let board = &run.health.board;
    let throttled = board.throttled.unwrap_or_default();
    let happened = (0..4).filter(|bit| throttled.happened(*bit));
    let bits: u64 = happened.map(|bit| 1 << bit).sum();
    if let Some((readings @ 1.., known)) = board.undervoltage {
        if bits & throttled::UNDERVOLTAGE == 0 {
            let text = format!(
                "The supply voltage was too low in {readings} of {}, so the firmware may slow the \
                 board down. Use a better power supply.",
                counted(known, "reading")
            );
            found.push(caution("undervoltage", text).count(readings));
        }
    }
    if bits != 0 {
        let readings = throttled.now.into_iter().max().unwrap_or(0);
        // The board is not read at every sample.
        let seen = match readings {
            0 => "between readings".to_owned(),
            _ => format!("in {readings} of {}", counted(throttled.known, "reading")),
        };
        let text = format!(
            "The firmware slowed the board down {seen}: {}. The run is no valid measurement of \
             speed: improve the power supply or the cooling.",
            named_bits(bits)
        );
        found.push(invalid("held-back", text).share(readings, throttled.known));
    }
    let before = throttled.before & !bits;
    if before != 0 {
        let text = format!(
            "Before this run, but since boot, the firmware slowed the board down: {}.",
            named_bits(before)
        );
        found.push(of_report("held-back-before", text));
    }
}

fn swap(run: &Run) -> Option<Finding> {
    let strain = &run.health.strain;
    let moved = |field: usize| {
        let pages = strain.vmstat.and_then(|counts| counts[field]);
        let size = pages.map(|pages| amount(pages.saturating_mul(run.header.page_size)));
        size.unwrap_or("an unknown amount".to_owned())
    };
    let swap = strain.swap.filter(|swap| swap.at_most > 0)?;
    let text = format!(
        "Swap was in use: up to {} of {} MiB; {} in and {} out during the run. Memory in use is \
         therefore less than the software needs: compare with runs that swapped as much.",
        mib(swap.at_most as f64),
        mib(swap.total as f64),
        moved(vmstat::PSWPIN),
        moved(vmstat::PSWPOUT)
    );
    Some(caution("swap-used", text).count(swap.at_most))
}

/// Writing the log to the SD card or eMMC that the system runs from adds to what is
/// measured.
fn log_on_card(run: &Run) -> Option<Finding> {
    let health = &run.health;
    let storage = health.storage.as_ref()?;
    let (root, log) = (
        storage.last(storage::ROOT_DISK),
        storage.last(storage::LOG_DISK),
    );
    let in_memory = storage.last(storage::LOG_IN_MEMORY) == Some(1);
    let together = storage.last(storage::LOG_ON_ROOT) == Some(1) || root.is_none() || root == log;
    let card = health.devices.numbered(log?)?;
    let is_card = card.device.name.starts_with(b"mmcblk");
    if !is_card || !together || in_memory {
        return None;
    }
    let own = health.devices.own_written_bytes;
    let written = card.counts[SECTORS_WRITTEN].saturating_mul(SECTOR_BYTES);
    let text = format!(
        "The log is on the SD card or eMMC under test ({}): {} of {} written to it are the log \
         ({} %). Record to tmpfs (--output /run/...) or to a USB stick.",
        cut(&card.device.name, DEVICE_WIDTH),
        bytes(own),
        bytes(written),
        share(own.min(written), written)
    );
    Some(caution("log-on-card", text).share(own, written))
}

/// Inside a container or a PID namespace, /proc/stat counts the whole machine, but /proc
/// lists only the namespace's own processes.
fn others(run: &Run) -> Option<Finding> {
    let busy = run.account.busy;
    let unattributed = busy.saturating_sub(run.account.accounted());
    let is_busy = run.cpu.as_ref().is_some_and(|cpu| cpu.mean >= BUSY);
    let is_blind = !run.quality.kernel_threads && !run.quality.hidden;
    let is_much = is_percent(unattributed, busy, UNATTRIBUTED);
    (is_busy && is_blind && is_much).then(|| {
        let text = format!(
            "Other software uses the machine: {} % of the busy CPU time belongs to no process in \
             the log. The run was recorded in a container or a PID namespace: record outside of it.",
            share(unattributed, busy)
        );
        caution("others-unseen", text).share(unattributed, busy)
    })
}
