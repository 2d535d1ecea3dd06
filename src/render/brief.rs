//! A run on one screen: its headline figures, the largest processes, the findings in a
//! line each, and what the recorder took.

use super::document::{Document, List, Part, Properties, Row, Table};
use super::names::{memory_name, name, title};
use super::outline::five;
use super::style::{Medium, Style};
use super::{pooled, results, write as writer, Block, Report};
use crate::compare::probes;
use crate::compare::rows::Statistic;
use crate::results::RunResults;
use crate::series::curve::{Curve, Spark};
use crate::series::finding::Grade;
use crate::series::{GroupSummary, Memory, Run};
use crate::stats::{self, Summary};
use crate::words::columns::shortened;
use crate::words::escape::escaped;
use crate::words::figures::{bytes, counted, mib, percent, span};
use std::io::{self, Write};

/// Longer names of processes end in `..`.
const NAME_WIDTH: usize = 24;
/// Rows of a table of processes, by how few findings there are.
const FEWEST: usize = 3;
const MOST: usize = 5;
/// Findings in a line each, and one more for each row that a table does not have; of more,
/// the number.
const FINDINGS: usize = 2;
/// The machine's figures.
const CPU: &str = "CPU, % of all cores";
const MEMORY: &str = "memory in use, MiB";
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

/// Writes a report in brief: of several runs of a product and stage all together, and each
/// where that is asked for.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write(
    out: &mut dyn Write,
    report: &Report,
    style: Style,
    context: Context<'_>,
) -> io::Result<()> {
    let mut follows = false;
    let mut put = |out: &mut dyn Write, heading: String, rest: Vec<Part<'_>>| {
        if std::mem::replace(&mut follows, true) {
            writeln!(out)?;
        }
        let mut parts = vec![Part::Heading(1, heading)];
        parts.extend(rest);
        writer::write(out, &Document::of(parts), Medium::Text(style))
    };
    for block in &report.blocks {
        let runs = &block.runs[..];
        let title = title(block);
        if runs.len() > 1 {
            let heading = format!("{title}: {}", pooled::lengths(runs));
            put(out, heading, of_several(runs, style))?;
        }
        for (run, number) in runs.iter().zip(1..) {
            let number = match runs.len() {
                1 => String::new(),
                _ if !report.single_runs => break,
                _ => format!(", run {number}"),
            };
            let (time, samples) = (span(run.duration_us), counted(run.samples, "sample"));
            let health = &run.health;
            let sparks = [&health.cpu, &health.memory_kib].map(|of| spark(of, health.last_tick));
            let heading = format!("{title}{number}: {time}, {samples}");
            put(out, heading, of_run(run, &sparks, block, style, context))?;
        }
        if runs.is_empty() {
            put(out, title, results::parts(&block.results, true))?;
        }
    }
    Ok(())
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

/// Several runs of a product and stage together.
fn of_several(runs: &[Run], style: Style) -> Vec<Part<'_>> {
    let n = runs.len();
    let row = |label: &str, of: fn(&Run) -> Option<&Summary>, form: fn(f64) -> String| {
        Some(pooled::row(label, &pooled::machine(runs, of)?, form, n))
    };
    let rows = [
        row(CPU, |run| run.cpu.as_ref(), percent),
        row(MEMORY, |run| run.memory_kib.as_ref(), mib),
    ];
    let head = ["", &pooled::head(n), "average", "highest"];
    let mut tables = vec![Table::new("", &head, rows.into_iter().flatten())];
    let findings = pooled::findings(runs);
    let findings = lines(&mut findings.all().collect(), style.width, FINDINGS);
    let room = MOST.saturating_sub(findings.len()).max(FEWEST);
    let labels = labels(pooled::measure(runs));
    for (mut table, label) in pooled::processes(runs, room).into_iter().zip(labels) {
        table.head.splice(..1, [label]);
        tables.push(table);
    }
    let median = |of: fn(&Run) -> Option<f64>, form: fn(f64) -> String| {
        let values: Vec<f64> = runs.iter().filter_map(of).collect();
        stats::median(&values).map(form)
    };
    let cpu = median(|run| Some(run.quality.cost.cpu?.of_one_core()), percent);
    let pss = median(|run| Some(run.quality.cost.pss_kib? as f64), mib);
    let cost = own_cost([cpu, pss], None);
    vec![
        Part::Tables(tables),
        Part::List(List::Paragraphs, findings),
        Part::Properties(Properties::new(vec![("recorder", cost)], LABELS)),
    ]
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
    // An empty table says so in a row.
    let free = |rows: &[GroupSummary]| FEWEST.saturating_sub(rows.len().max(1));
    let free = free(&run.by_memory) + free(&run.by_cpu);
    let findings = findings(run, style.width, FINDINGS - taken + free, context.told);
    let room = MOST.saturating_sub(findings.len() + taken).max(FEWEST);
    let log = context.log.map(|log| ("log", escaped(log)));
    let mut last = Vec::from_iter(probe);
    let cost = &run.quality.cost;
    let took = [
        cost.cpu.map(|cpu| percent(cpu.of_one_core())),
        cost.pss_kib.map(|kib| mib(kib as f64)),
    ];
    last.push(("recorder", own_cost(took, cost.written_bytes)));
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
        row(CPU, &run.cpu, percent, cpu),
        row(MEMORY, &run.memory_kib, mib, memory),
    ];
    let head = ["", "max", "min", "average", "median"];
    Table {
        health: Some(&run.health),
        ..Table::new("", &head, rows.into_iter().flatten())
    }
}

/// The heads of the tables of processes.
fn labels(memory: Memory) -> [String; 2] {
    [
        format!("most memory ({}, MiB)", memory_name(memory)),
        "most CPU (% of one core)".to_owned(),
    ]
}

/// The processes that take most.
fn processes<'r>(
    run: &'r Run,
    rows: &'r [GroupSummary],
    room: usize,
    by_memory: bool,
) -> Table<'r> {
    let [of_memory, of_cpu] = labels(run.memory);
    let (label, form): (_, fn(f64) -> String) = match by_memory {
        true => (of_memory, mib),
        false => (of_cpu, percent),
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

/// The worst findings in a line each, but for one that the user has been told.
fn findings(run: &Run, width: usize, room: usize, told: Option<&str>) -> Vec<String> {
    let all = run.findings.iter();
    let all = all.filter(|of| Some(of.name) != told);
    let mut all = all.map(|of| (of.grade, &of.text[..])).collect();
    lines(&mut all, width, room)
}

/// The worst findings in a line each, and the number of the others.
fn lines(all: &mut Vec<(Grade, &str)>, width: usize, room: usize) -> Vec<String> {
    all.sort_by_key(|(grade, _)| std::cmp::Reverse(*grade));
    let (shown, rest) = all.split_at(room.min(all.len()));
    let line =
        |(grade, text): &(Grade, &str)| shortened(&format!("{}: {text}", grade.name()), width);
    let mut lines: Vec<String> = shown.iter().map(line).collect();
    let notes = rest.iter().filter(|(grade, _)| *grade == Grade::Note);
    let notes = notes.count();
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
    let of = |statistic| {
        let (_, seconds) = probes::value(&own.results, statistic)?;
        Some(span((seconds * 1e6).round() as u64))
    };
    let succeeded = counted(probes::seconds(&own.results).len() as u64, "run");
    let fastest = of(Statistic::Min)?;
    let (median, slowest) = (of(Statistic::Median)?, of(Statistic::Max)?);
    Some((
        "probe",
        format!("{succeeded}: fastest {fastest}, median {median}, slowest {slowest}"),
    ))
}

/// What the measurement took: CPU and PSS, and what it wrote.
fn own_cost([cpu, pss]: [Option<String>; 2], written: Option<u64>) -> String {
    let parts = [
        cpu.map(|cpu| format!("{cpu} % of one core")),
        pss.map(|mib| format!("PSS {mib} MiB")),
        written.map(|written| format!("{} written", bytes(written))),
    ];
    let known: Vec<String> = parts.into_iter().flatten().collect();
    match known.is_empty() {
        true => "unknown".to_owned(),
        false => known.join(", "),
    }
}

/// The command that shows everything of a log, for a shell.
fn command(log: &[u8]) -> String {
    let name = escaped(log);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '+');
    let name = match name.chars().all(is_plain) {
        true => name,
        false => {
            // What is escaped the shell takes back.
            let (begin, quote) = match name.contains('\\') {
                true => ("$'", "\\'"),
                false => ("'", "'\\''"),
            };
            format!("{begin}{}'", name.replace('\'', quote))
        }
    };
    format!("edgebench-lite report {name} --export report.html")
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn a_shell_takes_the_name_back() {
        for (log, expected) in [
            ("a/b-1.ebl", "a/b-1.ebl"),
            ("my log.ebl", "'my log.ebl'"),
            ("it's.ebl", r"'it'\''s.ebl'"),
            (r"a\b.ebl", r"$'a\\b.ebl'"),
            ("it's\t.ebl", r"$'it\'s\t.ebl'"),
        ] {
            let expected = format!("edgebench-lite report {expected} --export report.html");
            assert_eq!(command(log.as_bytes()), expected);
        }
    }
}
