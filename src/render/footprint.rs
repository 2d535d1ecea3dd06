//! A footprint as a document, for text.

pub(crate) mod edge_info;
pub(crate) mod json;
mod notes;

use super::document::{Document, List, Part, Row, Table};
use super::style::Style;
use super::{text, utc};
use crate::footprint::groups::GroupRow;
use crate::footprint::rows::{self, total_pss, State};
use crate::footprint::summary::{Footprint, GroupTable, Selection, Source};
use crate::words::columns::columns;
use crate::words::escape::{cut, escaped};
use crate::words::figures::{mib, span};
use notes::{group_notes, notes};
use std::io::{self, Write};

/// The widest name that leaves room for the numbers.
const NAME_WIDTH: usize = 42;
/// The same of a unit or container: a pod's uid.
const GROUP_WIDTH: usize = 36;
const LEAST_NAME_WIDTH: usize = 24;
/// Of rows below a title.
const INDENT: &str = "  ";

/// Writes the key processes and the system.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write_text(
    out: &mut dyn Write,
    footprint: &Footprint,
    style: &Style,
) -> io::Result<()> {
    let title = title(&footprint.chosen);
    let mut rows: Vec<Row<'_>> = footprint.rows.iter().map(|of| row(footprint, of)).collect();
    let labels = rows.iter().map(|row| columns(&row.label));
    let width = labels.chain([columns(&title)]).max().unwrap_or(0);
    let width = width.clamp(LEAST_NAME_WIDTH, NAME_WIDTH);
    let (pss, whole) = total_pss(&footprint.rows);
    let all = || footprint.rows.iter();
    let estimated = all().any(|row| row.estimated);
    let sum = |kib, estimated| match footprint.has_sums() {
        true => marked(kib, estimated, whole),
        false => "unknown".to_owned(),
    };
    let swap = all().map(|row| row.swap_pss).fold(0, u64::saturating_add);
    let swap = sum(swap, false);
    let sum = sum(pss, estimated);
    rows.push(Row::new("together", vec![sum.clone()]));
    let head = ["", "Pss", "Shared", "Rss", "Virtual"];
    let processes = Table::new(title, &head, rows).fixed(width, &[9, 8, 8, 8]);
    let system = system(footprint, [sum, swap], footprint.has_sums().then_some(pss));
    let system = Table::new("System, MiB", &["", "", "% of total", ""], system);
    let tables = vec![processes, system.fixed(width, &[18, 8, 0])];
    write(out, style, &footprint.source, tables, notes(footprint))
}

/// Writes units, slices, containers or pods.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write_groups(
    out: &mut dyn Write,
    groups: &GroupTable,
    style: &Style,
) -> io::Result<()> {
    let all = groups.groups.iter().chain([&groups.total]);
    let rows: Vec<Row<'_>> = all.map(|group| group_row(groups, group)).collect();
    let width = rows.iter().map(|row| columns(&row.label)).max();
    let width = width.unwrap_or(0).clamp(LEAST_NAME_WIDTH, GROUP_WIDTH);
    let title = format!("By {}, MiB", groups.by.name());
    let head = ["", "procs", "Pss", "Rss", "CPU %", "cgroup"];
    let table = Table::new(title, &head, rows).fixed(width, &[5, 9, 9, 7, 9]);
    write(out, style, &groups.source, vec![table], group_notes(groups))
}

fn write(
    out: &mut dyn Write,
    style: &Style,
    source: &Source,
    tables: Vec<Table<'_>>,
    notes: Vec<String>,
) -> io::Result<()> {
    let title = source_of(source).map(|title| Part::Heading(1, title));
    let tables = tables.into_iter().map(Part::Table);
    let notes = Part::List(List::Paragraphs, notes);
    let parts = title.into_iter().chain(tables).chain([notes]);
    text::write(out, &Document::of(parts.collect()), style)
}

/// The log and the moment of a footprint; `None` if it is live.
fn source_of(source: &Source) -> Option<String> {
    let Source::Log {
        product,
        stage,
        host,
        at_us,
        realtime_ns,
        ..
    } = source
    else {
        return None;
    };
    let host = match host.as_str() {
        "" => "localhost",
        host => host,
    };
    let [product, stage, host] = [product, stage, host].map(|name| escaped(name.as_bytes()));
    let at = utc::readable(*realtime_ns);
    let at = match at_us {
        Some(at_us) => format!("{} after the start ({at} UTC)", span(*at_us)),
        None => format!("read at {at} UTC"),
    };
    Some(format!("{product}, {stage} on {host}, {at}"))
}

fn title(chosen: &Selection) -> String {
    match chosen {
        Selection::Largest => "Largest programs, MiB".to_owned(),
        Selection::Keys { profiles, given } => match (profiles.is_empty(), given) {
            (true, _) => "Key processes, MiB".to_owned(),
            (false, false) => format!("Key processes of {}, MiB", profiles.join(", ")),
            (false, true) => format!(
                "Key processes of {} and those given, MiB",
                profiles.join(", ")
            ),
        },
    }
}

/// The label, and as many pids as there is room for.
fn name(row: &rows::ProcessRow) -> String {
    let label = escaped(&row.label);
    let room = NAME_WIDTH.saturating_sub(INDENT.len());
    let (Some(first), more) = (row.pids.first(), row.processes.saturating_sub(1)) else {
        return cut(&row.label, room);
    };
    let all: Vec<String> = row.pids.iter().take(4).map(u32::to_string).collect();
    let all = format!(" ({})", all.join(", "));
    let some = match more {
        0 => format!(" ({first})"),
        _ => format!(" ({first} +{more})"),
    };
    let fits = |pids: &str| columns(&label) + columns(pids) <= room;
    match row.processes <= 4 && fits(&all) {
        true => label + &all,
        false => cut(&row.label, room.saturating_sub(columns(&some))) + &some,
    }
}

fn row(footprint: &Footprint, row: &rows::ProcessRow) -> Row<'static> {
    let known = |kib: u64| mib(kib as f64);
    let cells = match row.state() {
        State::Absent if footprint.circumstances.hidden => vec!["not seen".to_owned()],
        State::Absent => vec!["absent".to_owned()],
        State::Elsewhere => vec!["elsewhere".to_owned()],
        State::Unreadable => {
            let unknown = ["unknown", "-", "-"].map(str::to_owned);
            unknown.into_iter().chain([known(row.virt)]).collect()
        }
        State::Known => vec![
            marked(row.pss, row.estimated, row.is_whole()),
            known(row.shared),
            known(row.rss),
            known(row.virt),
        ],
    };
    Row::new(INDENT.to_owned() + &name(row), cells)
}

/// KiB as MiB, marked `~` if estimated, `>` if at least that.
fn marked(kib: u64, estimated: bool, whole: bool) -> String {
    let mib = mib(kib as f64);
    match (estimated, whole) {
        (true, true) => format!("~{mib}"),
        (false, false) => format!(">{mib}"),
        (true, false) => format!("~>{mib}"),
        (false, true) => mib,
    }
}

/// `own`: PSS and swapped PSS of the rows.
fn system(footprint: &Footprint, own: [String; 2], pss: Option<u64>) -> Vec<Row<'static>> {
    let [sum, own_swap] = own;
    let machine = &footprint.machine;
    let shown = |kib: Option<u64>| kib.map_or("-".to_owned(), |kib| mib(kib as f64));
    let of = |part: Option<u64>, whole: u64| format!("{} / {}", shown(part), shown(Some(whole)));
    let row = |name: &str, value: String, kib: Option<u64>, tail: String| {
        let percent = match kib {
            Some(kib) if machine.mem_total > 0 => format!("{:.2}", machine.percent(kib)),
            _ => "-".to_owned(),
        };
        Row::new(format!("{INDENT}{name}"), vec![value, percent, tail])
    };
    let (used, swap) = (machine.used(), machine.swap_used());
    let why = match used {
        None => "MemAvailable is missing, or exceeds MemTotal",
        Some(_) => "",
    };
    let these = match footprint.chosen {
        Selection::Largest => "these programs",
        Selection::Keys { .. } => "key processes",
    };
    let volatile = machine.volatile.as_ref().and_then(|volatile| volatile.used);
    let available = machine.mem_available;
    let none = String::new;
    let mut rows = vec![
        row(
            "used / total",
            of(used, machine.mem_total),
            used,
            why.to_owned(),
        ),
        row(&format!("{these}, Pss"), sum, pss, none()),
        row(
            "volatile logging",
            shown(volatile),
            volatile,
            folders(footprint),
        ),
        row("true available", shown(available), available, none()),
    ];
    let swapping = "swap used / total";
    rows.push(match machine.swap_total {
        0 => row(swapping, "no swap".to_owned(), None, none()),
        total => {
            let tail = format!("{these} {own_swap}");
            row(swapping, of(Some(swap), total), Some(swap), tail)
        }
    });
    rows.extend(machine.zram.as_ref().map(|zram| match zram.stored {
        0 => row("zram", "unused".to_owned(), Some(zram.used), none()),
        stored => {
            let tail = format!("holds {}", shown(Some(stored)));
            row("zram", shown(Some(zram.used)), Some(zram.used), tail)
        }
    }));
    rows
}

/// The folders of logs that are kept in memory.
fn folders(footprint: &Footprint) -> String {
    match (&footprint.machine.volatile, &footprint.source) {
        (None, Source::Log { at_us: Some(_), .. }) => "not in a log".to_owned(),
        (None, _) => "not observable here".to_owned(),
        (Some(volatile), _) if volatile.folders.is_empty() => "no tmpfs".to_owned(),
        (Some(volatile), _) if volatile.used.is_none() => "tmpfs without a limit".to_owned(),
        (Some(volatile), _) => volatile.folders.join(", "),
    }
}

fn group_row(groups: &GroupTable, group: &GroupRow) -> Row<'static> {
    let pss = match group.known_pss() {
        Some(pss) => marked(pss, group.estimated, group.unreadable == 0),
        None => "unknown".to_owned(),
    };
    let or_none = |text: Option<String>| text.unwrap_or("-".to_owned());
    let cpu = groups.cpu_percent(group).map(|cpu| format!("{cpu:.1}"));
    let cells = vec![
        group.processes.to_string(),
        pss,
        mib(group.rss as f64),
        or_none(cpu),
        or_none(group.charged.map(|kib| mib(kib as f64))),
    ];
    Row::new(escaped(&group.name), cells)
}
