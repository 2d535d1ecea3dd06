//! A footprint as plain text, made for 80 columns.

pub mod edge_info;
pub mod json;

use super::columns::{columns, Padded};
use super::escape::{cut, escaped};
use super::figures::{counted, mib, span};
use super::style::{wrapped, Style};
use super::utc;
use crate::footprint::groups::Group;
use crate::footprint::rows::{total_pss, Row, State};
use crate::footprint::summary::{Chosen, Circumstances, Footprint, Groups, Source};
use crate::products;
use std::io::{self, Write};

/// The widest name that leaves room for the numbers.
const NAME_WIDTH: usize = 42;
/// The same of a unit or container: a pod's uid.
const GROUP_WIDTH: usize = 36;
const LEAST_NAME_WIDTH: usize = 24;

/// Writes the key processes and the system.
///
/// # Errors
/// Those of `out`.
pub fn text(out: &mut dyn Write, footprint: &Footprint) -> io::Result<()> {
    from(out, &footprint.source)?;
    let title = title(&footprint.chosen);
    let names: Vec<String> = footprint.rows.iter().map(name).collect();
    let widest = names.iter().map(|name| columns(name)).max();
    let width = widest.unwrap_or(0) + 2;
    let width = width
        .max(columns(&title))
        .clamp(LEAST_NAME_WIDTH, NAME_WIDTH);
    let title = cut(title.as_bytes(), width);
    writeln!(
        out,
        "{title:<width$} {:>9} {:>8} {:>8} {:>8}",
        "Pss", "Shared", "Rss", "Virtual"
    )?;
    for (row, name) in footprint.rows.iter().zip(&names) {
        write_row(out, footprint, row, name, width)?;
    }
    let (pss, whole) = total_pss(&footprint.rows);
    let estimated = footprint.rows.iter().any(|row| row.estimated);
    let known = footprint.rows.iter().any(|row| row.state() == State::Known);
    let absent = footprint
        .rows
        .iter()
        .all(|row| row.state() == State::Absent);
    let sum = match known || absent {
        true => marked(pss, estimated, whole),
        false => "unknown".to_owned(),
    };
    writeln!(out, "{:<width$} {sum:>9}", "together")?;
    writeln!(out)?;
    system(out, footprint, &sum, known.then_some(pss), width)?;
    write_notes(out, &notes(footprint))
}

fn title(chosen: &Chosen) -> String {
    match chosen {
        Chosen::Largest => "Largest programs, MiB".to_owned(),
        Chosen::Keys { profiles, given } => match (profiles.is_empty(), given) {
            (true, _) => "Key processes, MiB".to_owned(),
            (false, false) => format!("Key processes of {}, MiB", profiles.join(", ")),
            (false, true) => format!("Key processes of {} and given, MiB", profiles.join(", ")),
        },
    }
}

/// The label, and as many pids as there is room for.
fn name(row: &Row) -> String {
    let label = escaped(&row.label);
    let room = NAME_WIDTH.saturating_sub(2);
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

fn write_row(
    out: &mut dyn Write,
    footprint: &Footprint,
    row: &Row,
    name: &str,
    width: usize,
) -> io::Result<()> {
    let inner = width - 2;
    let known = |kib: u64| mib(kib as f64);
    match row.state() {
        State::Absent => {
            let word = match footprint.circumstances.hidden {
                true => "not seen",
                false => "absent",
            };
            writeln!(out, "  {:<inner$} {word:>9}", Padded(name))
        }
        State::Unreadable => writeln!(
            out,
            "  {:<inner$} {:>9} {:>8} {:>8} {:>8}",
            Padded(name),
            "unknown",
            "-",
            "-",
            known(row.virt)
        ),
        State::Known => {
            let pss = marked(row.pss, row.estimated, row.is_whole());
            writeln!(
                out,
                "  {:<inner$} {pss:>9} {:>8} {:>8} {:>8}",
                Padded(name),
                known(row.shared),
                known(row.rss),
                known(row.virt)
            )
        }
    }
}

/// KiB as MiB, with what is to be known of it: `~` an estimate, `>` at least.
fn marked(kib: u64, estimated: bool, whole: bool) -> String {
    let mib = mib(kib as f64);
    match (estimated, whole) {
        (true, true) => format!("~{mib}"),
        (false, false) => format!(">{mib}"),
        (true, false) => format!("~>{mib}"),
        (false, true) => mib,
    }
}

fn system(
    out: &mut dyn Write,
    footprint: &Footprint,
    sum: &str,
    pss: Option<u64>,
    width: usize,
) -> io::Result<()> {
    let machine = &footprint.machine;
    let known = |kib: u64| mib(kib as f64);
    writeln!(out, "{:<width$} {:>27}", "System, MiB", "% of total")?;
    let mut line = |name: &str, value: &str, kib: Option<u64>, tail: &str| {
        let percent = match kib {
            Some(kib) if machine.mem_total > 0 => format!("{:.2}", machine.percent(kib)),
            _ => "-".to_owned(),
        };
        let inner = width - 2;
        let line = format!("  {name:<inner$} {value:>18} {percent:>8}  {tail}");
        writeln!(out, "{}", line.trim_end())
    };
    let of = |part: u64, whole: u64| format!("{} / {}", known(part), known(whole));
    let folders = match (&machine.volatile, &footprint.source) {
        (None, Source::Log { at_us: Some(_), .. }) => "not in a log".to_owned(),
        (None, _) => "not observable here".to_owned(),
        (Some(volatile), _) if volatile.folders.is_empty() => "no tmpfs".to_owned(),
        (Some(volatile), _) if volatile.used.is_none() => "tmpfs without a limit".to_owned(),
        (Some(volatile), _) => volatile.folders.join(", "),
    };
    let volatile = machine.volatile.as_ref().and_then(|volatile| volatile.used);
    let shown = |kib: Option<u64>| kib.map_or("-".to_owned(), known);
    let (used, swap) = (machine.used(), machine.swap_used());
    let why = match used {
        None => "MemAvailable is missing, or more than there is",
        Some(_) => "",
    };
    let of_total = format!("{} / {}", shown(used), known(machine.mem_total));
    line("used / total", &of_total, used, why)?;
    let these = match footprint.chosen {
        Chosen::Largest => "these programs, Pss",
        Chosen::Keys { .. } => "key processes, Pss",
    };
    line(these, sum, pss, "")?;
    line("volatile logging", &shown(volatile), volatile, &folders)?;
    let available = machine.mem_available;
    line("true available", &shown(available), available, "")?;
    match machine.swap_total {
        0 => line("swap used / total", "no swap", None, "")?,
        total => {
            let own: u64 = footprint.rows.iter().map(|row| row.swap_pss).sum();
            let tail = format!("key processes {}", known(own));
            line("swap used / total", &of(swap, total), Some(swap), &tail)?;
        }
    }
    match machine.zram {
        None => Ok(()),
        Some(zram) if zram.stored == 0 => line("zram", "unused", Some(zram.used), ""),
        Some(zram) => {
            let tail = format!("holds {}", known(zram.stored));
            line("zram", &known(zram.used), Some(zram.used), &tail)
        }
    }
}

/// Writes units, slices, containers or pods.
///
/// # Errors
/// Those of `out`.
pub fn groups_text(out: &mut dyn Write, groups: &Groups) -> io::Result<()> {
    from(out, &groups.source)?;
    let rows = groups.groups.iter().chain([&groups.total]);
    let width = rows.map(|group| columns(&escaped(&group.name))).max();
    let width = width.unwrap_or(0).clamp(LEAST_NAME_WIDTH, GROUP_WIDTH);
    let title = format!("By {}, MiB", groups.by.name());
    writeln!(
        out,
        "{title:<width$} {:>5} {:>9} {:>9} {:>7} {:>9}",
        "procs", "Pss", "Rss", "CPU %", "cgroup"
    )?;
    for group in &groups.groups {
        write_group(out, groups, group, width)?;
    }
    write_group(out, groups, &groups.total, width)?;
    write_notes(out, &group_notes(groups))
}

fn write_group(
    out: &mut dyn Write,
    groups: &Groups,
    group: &Group,
    width: usize,
) -> io::Result<()> {
    let pss = match group.known_pss() {
        Some(pss) => marked(pss, group.estimated, group.unreadable == 0),
        None => "unknown".to_owned(),
    };
    let cpu = groups.cpu_percent(group);
    let cpu = cpu.map_or("-".to_owned(), |cpu| format!("{cpu:.1}"));
    let charged = group.charged.map_or("-".to_owned(), |kib| mib(kib as f64));
    writeln!(
        out,
        "{:<width$} {:>5} {pss:>9} {:>9} {cpu:>7} {charged:>9}",
        Padded(&cut(&group.name, width)),
        group.processes,
        mib(group.rss as f64)
    )
}

fn from(out: &mut dyn Write, source: &Source) -> io::Result<()> {
    let Source::Log {
        product,
        stage,
        host,
        at_us,
        realtime_ns,
        ..
    } = source
    else {
        return Ok(());
    };
    let host = match host.as_str() {
        "" => "localhost",
        host => host,
    };
    let (product, stage) = (escaped(product.as_bytes()), escaped(stage.as_bytes()));
    write!(out, "{product}, {stage} on {}, ", escaped(host.as_bytes()))?;
    let at = utc::readable(*realtime_ns);
    match at_us {
        Some(at_us) => writeln!(out, "{} after the start ({at} UTC)\n", span(*at_us)),
        None => writeln!(out, "read at {at} UTC\n"),
    }
}

/// What must be known to take the figures for what they are; only what applies.
pub fn notes(footprint: &Footprint) -> Vec<String> {
    let mut notes = Vec::new();
    if footprint.chosen == Chosen::Largest {
        notes.push(format!(
            "None of {} runs here: these are the ten largest programs by Pss, processes of one \
             name together. --profile or --key chooses others.",
            products::known()
        ));
    }
    let estimated = footprint.rows.iter().any(|row| row.estimated);
    doubts(
        &mut notes,
        &footprint.source,
        estimated,
        footprint.unreadable(),
    );
    for row in footprint.rows.iter().filter(|row| row.hugetlb > 0) {
        notes.push(format!(
            "{}: {} MiB of huge pages (hugetlb), which Pss and Rss leave out.",
            escaped(&row.label),
            mib(row.hugetlb as f64)
        ));
    }
    circumstances(&mut notes, &footprint.circumstances);
    notes
}

/// As [`notes`].
pub fn group_notes(groups: &Groups) -> Vec<String> {
    let mut notes = Vec::new();
    let total = &groups.total;
    doubts(
        &mut notes,
        &groups.source,
        total.estimated,
        total.unreadable,
    );
    if let Some(seconds) = groups.interval_s {
        notes.push(format!(
            "CPU % of one core over {seconds:.1} s; what ended in that time is in no row."
        ));
    }
    if groups.groups.iter().any(|group| group.charged.is_some()) {
        notes.push(
            "cgroup: what the memory controller has charged, page cache and kernel memory \
             included."
                .to_owned(),
        );
    }
    let machine = &groups.machine;
    if let (Some(anon), Some(mapped)) = (machine.anon_pages, machine.mapped) {
        let kernel = anon.saturating_add(mapped);
        if kernel > 0 && total.known_pss().is_some() && total.pss > 0 {
            notes.push(format!(
                "The sum of Pss is {:.1} % of AnonPages + Mapped (/proc/meminfo), {} MiB.",
                100.0 * total.pss as f64 / kernel as f64,
                mib(kernel as f64)
            ));
        }
    }
    circumstances(&mut notes, &groups.circumstances);
    notes
}

fn doubts(notes: &mut Vec<String>, source: &Source, estimated: bool, unreadable: u64) {
    let (mut without, mut damage) = (false, 0);
    if let Source::Log {
        damaged,
        without_pss,
        ..
    } = source
    {
        (without, damage) = (*without_pss, *damaged);
    }
    if estimated {
        notes.push(
            "~ estimated: Pss when last read, and what Rss grew by since; Shared as last read."
                .to_owned(),
        );
    }
    if without {
        notes.push("The run was recorded with --pss off: there is no Pss in the log.".to_owned());
    } else if unreadable > 0 {
        let count = counted(unreadable, "process", "processes");
        notes.push(format!(
            "> at least, and unknown: the memory of {count} could not be read."
        ));
    }
    if damage > 0 {
        let places = counted(damage, "place", "places");
        notes.push(format!("The log is damaged in {places}."));
    }
}

fn circumstances(notes: &mut Vec<String>, facts: &Circumstances) {
    if facts.hidden {
        notes.push(
            "Other users' processes are hidden here (hidepid): they are in no figure.".to_owned(),
        );
    }
    if facts.vanished > 0 {
        let count = counted(facts.vanished, "process", "processes");
        notes.push(format!("{count} ended while being read."));
    }
    if facts.took_us > 0 {
        let count = counted(facts.read, "process", "processes");
        notes.push(format!(
            "Memory read of {count}, one right after the other, in {:.1} ms.",
            facts.took_us as f64 / 1000.0
        ));
    }
}

fn write_notes(out: &mut dyn Write, notes: &[String]) -> io::Result<()> {
    if !notes.is_empty() {
        writeln!(out)?;
    }
    for note in notes {
        wrapped(out, Style::PLAIN.width, "", 0, note)?;
    }
    Ok(())
}
