//! What the machine did beside that what was to be measured.

use super::super::escape::cut;
use super::super::figures::{amount, bytes, counted, mib, share};
use super::super::machine::{disk_of, named_bits, page_bytes, NAME_WIDTH};
use super::Remarks;
use crate::log::fields::board::feature;
use crate::log::fields::device::disk::SECTORS_WRITTEN;
use crate::log::fields::{storage, vmstat};
use crate::series::Run;

/// Bytes of a sector in /proc/diskstats.
const SECTOR: u64 = 512;

pub fn remark(run: &Run, remarks: &mut Remarks) {
    throttled(run, remarks);
    swap(run, remarks);
    killed(run, remarks);
    log_on_card(run, remarks);
    features(run, remarks);
}

fn throttled(run: &Run, remarks: &mut Remarks) {
    let board = &run.health.board;
    if let Some(throttled) = board.throttled {
        let bits: u64 = (0..4)
            .filter(|bit| throttled.happened(*bit))
            .map(|bit| 1 << bit)
            .sum();
        let most = throttled.now.iter().copied().max().unwrap_or(0);
        if bits != 0 {
            let seen = match most {
                0 => "between samples".to_owned(),
                _ => format!("at {} of {} samples", most, throttled.known),
            };
            remarks.warn(format!(
                "The firmware held the board back {seen}: {}. The run is not valid as a \
                 measurement of speed: mend supply or cooling.",
                named_bits(bits)
            ));
        }
        if throttled.before & !bits != 0 {
            remarks.note(format!(
                "Since boot, but not in this run, the firmware has held the board back: {}.",
                named_bits(throttled.before & !bits)
            ));
        }
    }
    if let (Some((low @ 1.., known)), None) = (board.undervoltage, board.throttled) {
        remarks.warn(format!(
            "The supply voltage was too low at {low} of {known} samples: the firmware throttles \
             then. Use a better supply."
        ));
    }
}

fn swap(run: &Run, remarks: &mut Remarks) {
    let strain = &run.health.strain;
    let Some(swap) = strain.swap.filter(|swap| swap.at_most > 0) else {
        return;
    };
    let moved = |field: usize| {
        let pages = strain.vmstat.and_then(|counts| counts[field]);
        pages.map_or("an unknown amount".to_owned(), |pages| {
            amount(pages.saturating_mul(page_bytes(run)))
        })
    };
    remarks.warn(format!(
        "Swap was in use: {} of {} MiB at most; {} in and {} out during the run. Memory in use is \
         less than what the software takes: compare with runs that swapped as much.",
        mib(swap.at_most as f64),
        mib(swap.total as f64),
        moved(vmstat::PSWPIN),
        moved(vmstat::PSWPOUT)
    ));
}

fn killed(run: &Run, remarks: &mut Remarks) {
    let counts = run.health.strain.vmstat;
    if let Some(kills @ 1..) = counts.and_then(|counts| counts[vmstat::OOM_KILL]) {
        let were = counted(kills, "process was", "processes were");
        remarks.warn(format!("{were} killed because memory ran out (OOM)."));
    }
}

/// A log on the SD card or eMMC that the system runs from is a part of what is
/// measured.
fn log_on_card(run: &Run, remarks: &mut Remarks) {
    let health = &run.health;
    let Some(storage) = &health.storage else {
        return;
    };
    let (root, log) = (
        storage.last(storage::ROOT_DISK),
        storage.last(storage::LOG_DISK),
    );
    let in_memory = storage.last(storage::LOG_IN_MEMORY) == Some(1);
    let together = storage.last(storage::LOG_ON_ROOT) == Some(1) || root.is_none() || root == log;
    let Some(card) = disk_of(run, log).filter(|_| together && !in_memory) else {
        return;
    };
    if !card.device.name.starts_with(b"mmcblk") {
        return;
    }
    let written = card.counts[SECTORS_WRITTEN].saturating_mul(SECTOR);
    let own = health.devices.own_written_bytes;
    remarks.warn(format!(
        "The log lies on the SD card or eMMC that is measured ({}): {} of {} written to it are the \
         log ({} %). Record to tmpfs (--output /run/...) or to a USB stick.",
        cut(&card.device.name, NAME_WIDTH),
        bytes(own),
        bytes(written),
        share(own.min(written), written)
    ));
}

fn features(run: &Run, remarks: &mut Remarks) {
    let board = &run.health.board;
    if matches!(board.psi, Some(feature::ABSENT | feature::OFF)) {
        remarks.note(
            "Pressure (PSI) is off: whether tasks waited for CPU, memory or I/O is not known. Boot \
             with psi=1 on the kernel command line.",
        );
    }
    match board.memory_cgroup {
        Some(feature::OFF) => remarks.note(
            "Memory cgroups are off, which k3s does not run without: boot with cgroup_memory=1 \
             cgroup_enable=memory on the kernel command line.",
        ),
        Some(feature::ABSENT) => remarks.note("The kernel has no memory cgroups, which k3s needs."),
        _ => {}
    }
}
