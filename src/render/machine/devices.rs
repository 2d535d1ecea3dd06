//! Disks and network interfaces: those that carried something.

use super::super::document::{LabelledText, Row, Table};
use super::super::names::GONE;
use crate::log::fields::device::{disk, kind, net};
use crate::log::fields::storage;
use crate::series::{Run, Traffic};
use crate::words::escape::escaped;
use crate::words::escape::DEVICE_WIDTH;
use crate::words::figures::{counted, mib};
use std::cmp::Reverse;

const DAY_US: f64 = 86_400e6;
/// A shorter time gives no rate.
const LEAST_US: u64 = 10_000_000;
/// The most rows of a table.
const ROWS: usize = 12;

/// The devices of a kind that carried something, the busiest where there are many,
/// in the kernel's order, and how many there are of it.
fn busy(run: &Run, kind: u8, by: fn(&Traffic) -> u64) -> (Vec<&Traffic>, usize) {
    let carried = &run.health.devices.traffic;
    let mut busy: Vec<_> = carried
        .iter()
        .filter(|carried| carried.device.kind == kind && carried.counts.iter().any(|n| *n > 0))
        .collect();
    let all = busy.len();
    // At last the lowest number first.
    let id: fn(&Traffic) -> u64 = |carried| !(carried.id as u64);
    for by in [by, id] {
        busy.sort_by_key(|carried| Reverse(by(carried)));
        busy.truncate(ROWS);
    }
    (busy, all)
}

fn sectors(carried: &Traffic) -> u64 {
    let counts = &carried.counts;
    counts[disk::SECTORS_READ].saturating_add(counts[disk::SECTORS_WRITTEN])
}

fn traffic(carried: &Traffic) -> u64 {
    let counts = &carried.counts;
    counts[net::RX_BYTES].saturating_add(counts[net::TX_BYTES])
}

/// Lines for the kinds of which nothing has happened.
pub(crate) fn idle(run: &Run, lines: &mut Vec<LabelledText>) {
    let carried = &run.health.devices.traffic;
    for (label, of_kind, what, thing) in [
        ("disks", kind::DISK, "read or written", "disk"),
        ("network", kind::NET, "received or sent", "interface"),
    ] {
        let all = carried.iter().filter(|c| c.device.kind == of_kind);
        let count = all.count() as u64;
        if count > 0 && busy(run, of_kind, sectors).1 == 0 {
            let devices = counted(count, thing);
            lines.push((label, format!("nothing {what} ({devices})")));
        }
    }
}

pub(crate) fn tables(run: &Run) -> impl Iterator<Item = Table<'static>> {
    disks(run).into_iter().chain(interfaces(run))
}

fn name(carried: &Traffic) -> String {
    match carried.gone {
        true => escaped(&carried.device.name) + GONE,
        false => escaped(&carried.device.name),
    }
}

/// Notes how many devices the table does not show.
fn with_rest(mut table: Table<'static>, all: usize) -> Table<'static> {
    let more = all - table.rows.len();
    if more > 0 {
        table
            .notes
            .push(format!("and {more} more with less traffic"));
    }
    table
}

fn disks(run: &Run) -> Option<Table<'static>> {
    let devices = &run.health.devices;
    let (busy, all) = busy(run, kind::DISK, sectors);
    if busy.is_empty() {
        return None;
    }
    let storage = run.health.storage.as_ref();
    let in_memory =
        |s: &&crate::series::health::StorageEnds| s.last(storage::LOG_IN_MEMORY) != Some(1);
    let log_disk = storage.filter(in_memory);
    let log_disk = log_disk.and_then(|s| s.last(storage::LOG_DISK));
    // The endurance of cards is given in GB, powers of 1000.
    let a_day = |bytes: f64| match devices.read_us >= LEAST_US {
        true => format!("{:.2}", bytes * DAY_US / devices.read_us as f64 / 1e9),
        false => "-".to_owned(),
    };
    let row = |carried: &&Traffic| {
        let bytes = |field: usize| carried.counts[field] as f64 * disk::SECTOR_BYTES as f64;
        let [read, written] = [disk::SECTORS_READ, disk::SECTORS_WRITTEN].map(bytes);
        let own = devices.own_written_bytes as f64;
        let [own, own_a_day] = match log_disk == Some(carried.id as u64) {
            true => [mib(own / 1024.0), a_day(own)],
            false => ["-".to_owned(), "-".to_owned()],
        };
        let cells = vec![
            mib(read / 1024.0),
            mib(written / 1024.0),
            a_day(written),
            own,
            own_a_day,
        ];
        Row::new(name(carried), cells)
    };
    let rows = busy.iter().map(row);
    let head = [
        "name",
        "read MiB",
        "written MiB",
        "GB/day",
        "log MiB",
        "log GB/day",
    ];
    let title = "Disks (log's share)";
    let table = Table::new(title, &head, rows).of_names(DEVICE_WIDTH);
    Some(with_rest(table, all))
}

fn interfaces(run: &Run) -> Option<Table<'static>> {
    let (busy, all) = busy(run, kind::NET, traffic);
    if busy.is_empty() {
        return None;
    }
    let row = |carried: &&Traffic| {
        let of = |field: usize| carried.counts[field];
        let both = |rx: usize, tx: usize| format!("{}/{}", of(rx), of(tx));
        let cells = vec![
            format!("{:.2}", of(net::RX_BYTES) as f64 / 1_048_576.0),
            format!("{:.2}", of(net::TX_BYTES) as f64 / 1_048_576.0),
            both(net::RX_PACKETS, net::TX_PACKETS),
            both(net::RX_ERRS, net::TX_ERRS),
            both(net::RX_DROP, net::TX_DROP),
        ];
        Row::new(name(carried), cells)
    };
    let rows = busy.iter().map(row);
    let head = ["name", "rx MiB", "tx MiB", "packets", "errors", "drops"];
    let title = "Network (rx/tx)";
    let table = Table::new(title, &head, rows).of_names(DEVICE_WIDTH);
    Some(with_rest(table, all))
}
