//! The parts of the machine: a line each, and a table where a line is too short.

mod devices;

use super::document::{LabelledText, Row, Table};
use crate::log::fields::board::feature;
use crate::log::fields::{pressure, storage, vmstat};
use crate::series::board::{Board, Core};
use crate::series::strain::{Pressure, Strain};
use crate::series::{Run, Spread};
use crate::words::escape::DEVICE_WIDTH;
use crate::words::figures::{amount, counted, mib, named_bits};

/// With more cores only the range is shown.
const CORES_BY_NAME: usize = 16;
/// A part of the time that rounds to 0.00 %.
const NO_TIME: f64 = 0.000_05;

/// The parts of the machine that the log knows of.
pub(crate) fn parts(run: &Run, unicode: bool) -> Vec<LabelledText> {
    let health = &run.health;
    let mut lines: Vec<LabelledText> = Vec::new();
    let mut unseen: Vec<&str> = Vec::new();
    cores(&health.board.cores, &mut lines);
    load(&health.strain, &mut lines);
    pressure_line(run, &mut lines, &mut unseen);
    reclaim(run, &mut lines);
    board(&health.board, unicode, &mut lines, &mut unseen);
    file_systems(run, &mut lines);
    devices::idle(run, &mut lines);
    if !unseen.is_empty() {
        lines.push((
            "not shown",
            format!("{}: not observable here", unseen.join(", ")),
        ));
    }
    lines
}

/// The parts that take more than a line.
pub(crate) fn tables(run: &Run) -> Vec<Table<'static>> {
    let pressure = run.health.strain.pressure.filter(waited);
    let pressure = pressure.map(|pressure| pressure_table(&pressure));
    pressure.into_iter().chain(devices::tables(run)).collect()
}

fn cores(cores: &[Core], lines: &mut Vec<LabelledText>) {
    if cores.len() < 2 {
        return;
    }
    let all = |of: fn(&Spread) -> f64| -> Vec<Option<f64>> {
        cores
            .iter()
            .map(|core| core.busy.as_ref().map(of))
            .collect()
    };
    let (median, max) = (all(|spread| spread.median), all(|spread| spread.max));
    let one = |value: &Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.1}"));
    let list = |values: &[Option<f64>]| values.iter().map(one).collect::<Vec<_>>().join(" ");
    let range = |values: &[Option<f64>]| {
        let known = || values.iter().copied().flatten();
        let low = known().fold(f64::INFINITY, f64::min);
        format!("{low:.1} to {:.1}", known().fold(0.0, f64::max))
    };
    if !median.iter().any(Option::is_some) {
        return;
    }
    let mut text = match cores.len() <= CORES_BY_NAME {
        true => format!("median {} %; max {} %", list(&median), list(&max)),
        false => format!(
            "{}: medians {} %; maxima {} %",
            cores.len(),
            range(&median),
            range(&max)
        ),
    };
    let away = cores.iter().filter(|core| core.was_offline);
    let away: Vec<_> = away.map(|core| core.number.to_string()).collect();
    if !away.is_empty() {
        let many = if away.len() == 1 { "core" } else { "cores" };
        text += &format!("; {many} {} offline at times", away.join(" "));
    }
    lines.push(("cores", text));
}

fn load(strain: &Strain, lines: &mut Vec<LabelledText>) {
    if let Some(load) = strain.load {
        let [one, five, fifteen] = load.end;
        let (mean, max) = (load.mean, load.max);
        let text = format!(
            "mean {mean:.2}, max {max:.2} over 1 min; at the end {one:.2} {five:.2} {fifteen:.2}"
        );
        lines.push(("load", text));
    }
}

/// Some task waited for something.
fn waited(pressure: &Pressure) -> bool {
    let waited = pressure.iter().flatten();
    waited.into_iter().any(|part| part.worst >= NO_TIME)
}

fn pressure_line(run: &Run, lines: &mut Vec<LabelledText>, unseen: &mut Vec<&str>) {
    let Some(pressure) = run.health.strain.pressure else {
        return;
    };
    if pressure.iter().all(Option::is_none) {
        match run.health.board.psi {
            Some(feature::ABSENT | feature::OFF) => lines.push((
                "pressure",
                "not observable: PSI is off; boot with psi=1".to_owned(),
            )),
            _ => unseen.push("pressure"),
        }
    } else if !waited(&pressure) {
        let text = "none: no task waited for CPU, memory or I/O";
        lines.push(("pressure", text.to_owned()));
    }
}

fn pressure_table(pressure: &Pressure) -> Table<'static> {
    use pressure::{CPU_SOME_US, IO_FULL_US, IO_SOME_US, MEMORY_FULL_US, MEMORY_SOME_US};
    let percent = |part: f64| format!("{:.2}", part * 100.0);
    let cells = |field: Option<usize>| match field.and_then(|field| pressure[field]) {
        Some(part) => [percent(part.over_run), percent(part.worst)],
        None => ["-".to_owned(), "-".to_owned()],
    };
    // All tasks waiting for a CPU makes no sense for a whole machine.
    let rows = [
        ("CPU", CPU_SOME_US, None),
        ("memory", MEMORY_SOME_US, Some(MEMORY_FULL_US)),
        ("I/O", IO_SOME_US, Some(IO_FULL_US)),
    ];
    let row = |(name, some, full): (&str, usize, Option<usize>)| {
        let cells = cells(Some(some)).into_iter().chain(cells(full));
        Row::new(name, cells.collect())
    };
    let rows = rows.into_iter().map(row);
    let head = [
        "waiting for",
        "some task",
        "worst 10 s",
        "all tasks",
        "worst 10 s",
    ];
    Table::new("Pressure (PSI), % of the time", &head, rows)
}

fn reclaim(run: &Run, lines: &mut Vec<LabelledText>) {
    let Some(counts) = run.health.strain.vmstat else {
        return;
    };
    if counts.iter().all(Option::is_none) {
        return;
    }
    let page = run.header.page_size;
    let size = |pages: u64| amount(pages.saturating_mul(page));
    let mut parts = Vec::new();
    // pgsteal_lru is all of it, pgsteal is in it.
    let global = counts[vmstat::PGSTEAL];
    match counts[vmstat::PGSTEAL_LRU].or(global) {
        None => {}
        Some(0) => parts.push("nothing reclaimed".to_owned()),
        Some(all) => {
            let limits = global.map_or(0, |global| all.saturating_sub(global));
            let limits = match limits {
                0 => String::new(),
                pages => format!(" ({} by memory cgroup limits)", size(pages)),
            };
            parts.push(format!("{} reclaimed{limits}", size(all)));
        }
    }
    match (counts[vmstat::PSWPIN], counts[vmstat::PSWPOUT]) {
        (Some(0), Some(0)) => parts.push("no swapping".to_owned()),
        (Some(swapped_in), Some(out)) => parts.push(format!(
            "{} swapped in and {} out",
            size(swapped_in),
            size(out)
        )),
        _ => {}
    }
    if let Some(faults) = counts[vmstat::PGMAJFAULT] {
        parts.push(counted(faults, "major fault"));
    }
    parts.push(match counts[vmstat::OOM_KILL] {
        Some(0) => "no OOM kill".to_owned(),
        Some(kills) => counted(kills, "OOM kill"),
        // Since 4.13.
        None => "OOM kills unknown".to_owned(),
    });
    lines.push(("memory", parts.join(", ")));
}

fn board(board: &Board, unicode: bool, lines: &mut Vec<LabelledText>, unseen: &mut Vec<&str>) {
    let degree = if unicode { "°C" } else { "C" };
    match board.temperature {
        Some(Spread { min, median, max }) => lines.push((
            "temperature",
            format!("{min:.1} to {max:.1} {degree}, median {median:.1}"),
        )),
        None if board.looked_at => unseen.push("temperature"),
        None => {}
    }
    match board.requested_mhz {
        Some(Spread { min, median, max }) => lines.push((
            "requested",
            format!(
                "{min:.0} to {max:.0} MHz, median {median:.0}; firmware throttling does not \
                 show here"
            ),
        )),
        None if board.looked_at => unseen.push("requested frequency"),
        None => {}
    }
    match (board.throttled, board.undervoltage) {
        (Some(throttled), _) => {
            let mut parts = Vec::new();
            for bit in (0..4).filter(|bit| throttled.happened(*bit)) {
                let seen = throttled.now[bit as usize];
                parts.push(format!(
                    "{} in {seen} of {}",
                    named_bits(1 << bit),
                    counted(throttled.known, "reading")
                ));
            }
            if parts.is_empty() {
                parts.push("none".to_owned());
            }
            if throttled.before != 0 {
                let before = named_bits(throttled.before);
                parts.push(format!("before the run: {before}"));
            }
            lines.push(("throttling", parts.join("; ")));
        }
        (None, Some((low, known))) => lines.push((
            "throttling",
            format!(
                "under-voltage alarm in {low} of {}, nothing else is observable",
                counted(known, "reading")
            ),
        )),
        (None, None) if board.looked_at => unseen.push("throttling"),
        (None, None) => {}
    }
}

/// The file systems of / and of the log.
fn file_systems(run: &Run, lines: &mut Vec<LabelledText>) {
    let Some(storage) = &run.health.storage else {
        return;
    };
    let name = |field| {
        let disk = storage
            .last(field)
            .and_then(|id| run.health.devices.numbered(id));
        disk.map(|disk| crate::words::escape::cut(&disk.device.name, DEVICE_WIDTH))
    };
    let filled = |used: usize, total: usize| {
        let (used_kib, total) = (storage.last(used)?, storage.last(total)?);
        let before = storage.first(used).unwrap_or(used_kib);
        // No -0.
        let grown = ((used_kib as f64 - before as f64) / 102.4).round() / 10.0 + 0.0;
        Some(format!(
            "{} of {} MiB used, {:+.1} MiB over the run",
            mib(used_kib as f64),
            mib(total as f64),
            grown
        ))
    };
    let on = |disk: Option<String>| disk.map_or(String::new(), |disk| format!(" (on {disk})"));
    let disk = name(storage::ROOT_DISK);
    let in_memory = storage.last(storage::LOG_IN_MEMORY) == Some(1);
    let together = storage.last(storage::LOG_ON_ROOT) == Some(1) && !in_memory;
    if let Some(text) = filled(storage::ROOT_USED_KIB, storage::ROOT_TOTAL_KIB) {
        let log = if together {
            "; the log is there too"
        } else {
            ""
        };
        lines.push(("disk of /", format!("{text}{}{log}", on(disk))));
    }
    if together {
        return;
    }
    if let Some(text) = filled(storage::LOG_USED_KIB, storage::LOG_TOTAL_KIB) {
        let place = match in_memory {
            true => " (in memory)".to_owned(),
            false => on(name(storage::LOG_DISK)),
        };
        lines.push(("disk of log", format!("{text}{place}")));
    }
}
