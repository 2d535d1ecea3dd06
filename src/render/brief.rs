//! A run on one screen: its headline figures, the largest processes, the findings in a
//! line each, and what the recorder took.

use super::document::{Document, List, Part, Properties, Row, Table};
use super::names::{memory_name, name, title};
use super::outline::five;
use super::style::{Medium, Style};
use super::{results, write as writer, Block, Report};
use crate::compare::probes;
use crate::results::RunResults;
use crate::series::curve::{Curve, Spark};
use crate::series::finding::Grade;
use crate::series::{GroupSummary, Run};
use crate::stats::Summary;
use crate::words::columns::shortened;
use crate::words::escape::escaped;
use crate::words::figures::{bytes, counted, mib, percent, span};
use std::io::{self, Write};

/// Longer names of processes end in `..`.
const NAME_WIDTH: usize = 24;
/// Rows of a table of processes, by how few findings there are.
const FEWEST: usize = 3;
const MOST: usize = 5;
/// Findings in a line each; of more, the number.
const FINDINGS: usize = 2;
/// Labels of the last lines.
const LABELS: usize = 10;

/// What is around a brief form.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Context<'c> {
    /// The log, where it is known.
    pub(crate) log: Option<&'c [u8]>,
    /// The name of a finding that the user has been told.
    pub(crate) told: Option<&'static str>,
}

/// Writes every run of a report in brief.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write(
    out: &mut dyn Write,
    report: &Report,
    style: Style,
    context: Context<'_>,
) -> io::Result<()> {
    for (nth, block) in report.blocks.iter().enumerate() {
        if nth > 0 {
            writeln!(out)?;
        }
        for (nth, run) in block.runs.iter().enumerate() {
            if nth > 0 {
                writeln!(out)?;
            }
            let number = (block.runs.len() > 1).then_some(nth + 1);
            let health = &run.health;
            let sparks = [&health.cpu, &health.memory_kib].map(|of| spark(of, health.last_tick));
            let mut parts = vec![Part::Heading(1, heading(block, run, number))];
            parts.extend(of_run(run, &sparks, block, style, context));
            writer::write(out, &Document::of(parts), Medium::Text(style))?;
        }
        if block.runs.is_empty() {
            let mut parts = vec![Part::Heading(1, title(block))];
            parts.extend(results::parts(&block.results, true));
            writer::write(out, &Document::of(parts), Medium::Text(style))?;
        }
    }
    Ok(())
}

fn heading(block: &Block, run: &Run, number: Option<usize>) -> String {
    let number = number.map_or(String::new(), |number| format!(", run {number}"));
    let (time, samples) = (span(run.duration_us), counted(run.samples, "sample"));
    format!("{}{number}: {time}, {samples}", title(block))
}

/// The highest values of a series over time.
fn spark(curve: &Curve, last_tick: u64) -> Spark {
    let mut spark = Spark::default();
    let count = Spark::most(last_tick) as u64;
    let tick = |place: u64| place.saturating_mul(last_tick.saturating_add(1)) / count;
    let columns = curve.scaled(last_tick, count as usize);
    let known = (0..).zip(&columns).filter(|(_, column)| !column.is_gap());
    known.for_each(|(at, column)| spark.raise(tick(at), tick(at + 1), column.max));
    spark
}

fn of_run<'r>(
    run: &'r Run,
    [cpu, memory]: &'r [Spark; 2],
    block: &Block,
    style: Style,
    context: Context<'_>,
) -> Vec<Part<'r>> {
    let probe = of_probe(&block.results, run);
    let taken = usize::from(probe.is_some());
    let findings = findings(run, style.width, FINDINGS - taken, context.told);
    let room = MOST.saturating_sub(findings.len() + taken).max(FEWEST);
    let log = context.log.map(|log| ("log", escaped(log)));
    let mut last = Vec::from_iter(probe);
    last.push(("recorder", own_cost(run)));
    last.extend(context.log.map(|log| ("all of it", command(log))));
    vec![
        Part::Properties(Properties::new(log.into_iter().collect(), LABELS)),
        Part::Tables(vec![
            machine(run, [cpu, memory]),
            processes(run, &run.by_memory, room, true),
            processes(run, &run.by_cpu, room, false),
        ]),
        Part::List(List::Paragraphs, findings),
        Part::Properties(Properties::new(last, LABELS)),
    ]
}

/// CPU of all cores, and memory in use.
fn machine<'r>(run: &'r Run, [cpu, memory]: [&'r Spark; 2]) -> Table<'r> {
    let row = |label: &str, of: &Option<Summary>, form: fn(f64) -> String, spark: &'r Spark| {
        let summary = of.as_ref()?;
        let [max, min, average, median, _] = five(summary).map(form);
        Some(Row {
            spark: Some(spark),
            ..Row::new(label, vec![max, min, average, median])
        })
    };
    let rows = [
        row("CPU, % of all cores", &run.cpu, percent, cpu),
        row("memory in use, MiB", &run.memory_kib, mib, memory),
    ];
    let head = ["", "max", "min", "average", "median"];
    Table {
        health: Some(&run.health),
        ..Table::new("", &head, rows.into_iter().flatten())
    }
}

/// The processes that take most.
fn processes<'r>(
    run: &'r Run,
    rows: &'r [GroupSummary],
    room: usize,
    by_memory: bool,
) -> Table<'r> {
    let (label, form): (_, fn(f64) -> String) = match by_memory {
        true => (
            format!("most memory ({}, MiB)", memory_name(run.memory)),
            mib,
        ),
        false => ("most CPU (% of one core)".to_owned(), percent),
    };
    let row = |row: &'r GroupSummary| {
        let [max, min, average, median, _] = five(&row.figures).map(form);
        Row {
            spark: Some(&row.spark),
            ..Row::new(name(row), vec![max, min, average, median])
        }
    };
    let head = [&label[..], "max", "min", "average", "median"];
    Table {
        health: Some(&run.health),
        ..Table::new("", &head, rows.iter().take(room).map(row)).of_names(NAME_WIDTH)
    }
}

/// The worst findings in a line each, and the number of the others.
fn findings(run: &Run, width: usize, room: usize, told: Option<&str>) -> Vec<String> {
    let all = run.findings.iter();
    let mut all: Vec<_> = all.filter(|of| Some(of.name) != told).collect();
    all.sort_by_key(|finding| std::cmp::Reverse(finding.grade));
    let (shown, rest) = all.split_at(room.min(all.len()));
    let line = |grade: Grade, text: &str| shortened(&format!("{}: {text}", grade.name()), width);
    let mut lines: Vec<String> = shown.iter().map(|of| line(of.grade, &of.text)).collect();
    let notes = rest.iter().filter(|of| of.grade == Grade::Note).count();
    let rest = [(rest.len() - notes, "more finding"), (notes, "more note")];
    let rest = rest.into_iter().filter(|(count, _)| *count > 0);
    let rest: Vec<String> = rest.map(|(count, of)| counted(count as u64, of)).collect();
    if !rest.is_empty() {
        lines.push(format!("and {} in the whole report", rest.join(", ")));
    }
    lines
}

/// The times of a run's probe.
fn of_probe(results: &[RunResults], run: &Run) -> Option<(&'static str, String)> {
    let own = results.iter().find(|of| of.header.run == run.header.run)?;
    let seconds = probes::seconds(&own.results);
    let at = |place: usize| {
        let (_, seconds) = seconds.get(place)?;
        Some(span((seconds * 1e6) as u64))
    };
    let last = seconds.len().checked_sub(1)?;
    let succeeded = counted(seconds.len() as u64, "run");
    let (fastest, median, slowest) = (at(0)?, at(last / 2)?, at(last)?);
    Some((
        "probe",
        format!("{succeeded}: fastest {fastest}, median {median}, slowest {slowest}"),
    ))
}

/// What the measurement took.
fn own_cost(run: &Run) -> String {
    let cost = &run.quality.cost;
    let cpu = cost.cpu.map(|cpu| percent(cpu.of_one_core()));
    let parts = [
        cpu.map(|cpu| format!("{cpu} % of one core")),
        cost.pss_kib
            .map(|kib| format!("PSS {} MiB", mib(kib as f64))),
        cost.written_bytes
            .map(|written| format!("{} written", bytes(written))),
    ];
    let known: Vec<String> = parts.into_iter().flatten().collect();
    match known.is_empty() {
        true => "unknown".to_owned(),
        false => known.join(", "),
    }
}

/// The command that shows everything of a log.
fn command(log: &[u8]) -> String {
    let name = escaped(log);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '+');
    let name = match name.chars().all(is_plain) {
        true => name,
        false => format!("'{}'", name.replace('\'', "'\\''")),
    };
    format!("edgebench-lite report {name} --export report.html")
}
