//! A report as text, made for 80 columns and more.

use super::account;
use super::chart::Chart;
use super::escape::{cut, escaped};
use super::figures::{bytes, counted, mib, percent, share, span};
use super::style::Style;
use super::table::{columns, width};
use super::warnings::Remarks;
use super::{machine, spark, utc};
use super::{Block, Report};
use crate::log::record::PssMode;
use crate::series::{By, Memory, Options, Row, Run};
use crate::stats::{self, Summary};
use std::io::{self, Write};

/// Longer names end in `..` here.
const NAME_WIDTH: usize = 24;
/// From so many runs on, the median of the runs is worth saying: below, it has no
/// 95 % interval, and the range is all that is known.
const RUNS_FOR_A_MEDIAN: usize = 6;

/// Writes the report.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, report: &Report, style: &Style) -> io::Result<()> {
    for (index, block) in report.blocks.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        match &block.runs[..] {
            [run] => {
                writeln!(out, "{}", title(block))?;
                let remarks = Remarks::of(run, &report.options);
                heading(out, run, &remarks)?;
                figures(out, run)?;
                details(out, run, &report.options, style)?;
                remarks.write(out, style)?;
            }
            runs => {
                writeln!(out, "{}: {} runs", title(block), runs.len())?;
                overview(out, runs)?;
                over_runs(out, runs)?;
                for (nth, run) in runs.iter().enumerate() {
                    writeln!(out, "\nRun {}", nth + 1)?;
                    let remarks = Remarks::of(run, &report.options);
                    heading(out, run, &remarks)?;
                    details(out, run, &report.options, style)?;
                    remarks.write(out, style)?;
                }
            }
        }
    }
    Ok(())
}

/// What there is to a run beside its figures.
fn details(out: &mut dyn Write, run: &Run, options: &Options, style: &Style) -> io::Result<()> {
    charts(out, run, style)?;
    tables(out, run, options, style)?;
    machine::write(out, run, style)?;
    account::write(out, run)
}

/// Differences of CPU, milli-percent, and of memory, as a part of all of it, that
/// are worth the whole height of a picture.
const LEAST_CPU: f64 = 1000.0;
const LEAST_MEMORY: f64 = 0.005;

fn charts(out: &mut dyn Write, run: &Run, style: &Style) -> io::Result<()> {
    let health = &run.health;
    let chart = |title, curve, summary, form, least| Chart {
        title,
        curve,
        summary,
        form,
        least,
        last_tick: health.last_tick,
        interval_us: run.header.interval_us,
    };
    if let Some(cpu) = &run.cpu {
        let title = "CPU over time, % of all cores";
        chart(title, &health.cpu, cpu, percent, LEAST_CPU).write(out, style)?;
    }
    if let Some(memory) = &run.memory_kib {
        let title = "Memory in use over time, MiB";
        let least = LEAST_MEMORY * run.header.mem_total_kib as f64;
        chart(title, &health.memory_kib, memory, mib, least).write(out, style)?;
    }
    Ok(())
}

fn title(block: &Block) -> String {
    let named = |name: &str, kind: &str| match name {
        "" => format!("no {kind} named"),
        name => format!("{kind} {}", escaped(name.as_bytes())),
    };
    let (product, stage) = (
        named(&block.product, "product"),
        named(&block.stage, "stage"),
    );
    format!("{product}, {stage}")
}

fn heading(out: &mut dyn Write, run: &Run, remarks: &Remarks) -> io::Result<()> {
    let header = &run.header;
    let joined = |parts: &[&str], by: &str| {
        let parts = parts.iter().filter(|part| !part.is_empty());
        let parts: Vec<_> = parts.map(|part| escaped(part.as_bytes())).collect();
        parts.join(by)
    };
    let kernel = joined(&["Linux", &header.release, &header.machine], " ");
    let system = joined(&[&header.os], "");
    let swap = match header.swap_total_kib {
        0 => "no swap".to_owned(),
        kib => format!("{} MiB of swap", mib(kib as f64)),
    };
    let pss = match header.pss {
        PssMode::Off => "not recorded",
        PssMode::Exact => "read of every process at every sample",
        PssMode::Auto => "read when due, estimated between",
    };
    let mut lines = vec![
        ("host", joined(&[&header.host], "")),
        ("board", joined(&[&header.board], "")),
        ("kernel", joined(&[&kernel, &system], ", ")),
        (
            "machine",
            format!(
                "{}, {} MiB of memory, {swap}",
                counted(header.cores.into(), "core", "cores"),
                mib(header.mem_total_kib as f64),
            ),
        ),
        (
            "start",
            format!("{} UTC", utc::readable(header.start_realtime_ns)),
        ),
        (
            "duration",
            format!(
                "{}, {}, one every {}",
                span(run.duration_us),
                counted(run.samples, "sample", "samples"),
                span(header.interval_us)
            ),
        ),
        ("PSS", pss.to_owned()),
    ];
    if let Some([cost, memory]) = own_cost(run) {
        lines.extend([("recorder", cost), ("", memory)]);
    }
    let warnings = remarks.warnings.len() as u64;
    if warnings > 0 {
        let count = counted(warnings, "warning", "warnings");
        lines.push(("validity", format!("{count}, at the end")));
    }
    for (label, text) in lines.iter().filter(|(_, text)| !text.is_empty()) {
        writeln!(out, "  {label:<10}{text}")?;
    }
    Ok(())
}

/// What the measurement itself took.
fn own_cost(run: &Run) -> Option<[String; 2]> {
    let quality = &run.quality;
    if run.duration_us == 0 || quality.own_cpu_us == 0 {
        return None;
    }
    let cpu = quality.own_cpu_us as f64 / run.duration_us as f64 * 100_000.0;
    let pages = quality
        .own_descriptors
        .saturating_mul(run.header.page_size / 1024);
    Some([
        format!(
            "{} % of one core, {} written",
            percent(cpu),
            bytes(quality.own_written_bytes)
        ),
        format!(
            "PSS {} MiB, and {} MiB of kernel pages for {}",
            mib(quality.own_pss_kib as f64),
            mib(pages as f64),
            counted(quality.own_descriptors, "open file", "open files")
        ),
    ])
}

fn five(summary: &Summary) -> [f64; 5] {
    let &Summary {
        max,
        min,
        mean,
        median,
        p95,
        ..
    } = summary;
    [max, min, mean, median, p95]
}

/// A figure that each run has five of: its name, and how it is written.
type Figure = (
    &'static str,
    fn(&Run) -> Option<&Summary>,
    fn(f64) -> String,
);

const FIVE: [&str; 5] = ["max", "min", "average", "median", "p95"];
const FIGURES: [Figure; 5] = [
    ("CPU %", |run| run.cpu.as_ref(), percent),
    ("CPU % less recorder", |run| run.cpu_less.as_ref(), percent),
    ("memory %", |run| run.memory_share.as_ref(), percent),
    ("memory MiB", |run| run.memory_kib.as_ref(), mib),
    ("MiB less recorder", |run| run.memory_kib_less.as_ref(), mib),
];

/// CPU of the whole machine, and memory in use.
fn figures(out: &mut dyn Write, run: &Run) -> io::Result<()> {
    let mut rows = Vec::new();
    for (name, summary, form) in FIGURES {
        if let Some(summary) = summary(run) {
            let values = five(summary).map(form);
            rows.push(std::iter::once(name.to_owned()).chain(values).collect());
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nThe whole machine")?;
    let head: Vec<_> = std::iter::once("").chain(FIVE).collect();
    columns(out, &head, &rows)
}

fn tables(out: &mut dyn Write, run: &Run, options: &Options, style: &Style) -> io::Result<()> {
    if options.top == 0 || run.samples == 0 {
        return Ok(());
    }
    let memory = match run.memory {
        Memory::Pss => "PSS",
        Memory::Rss => "RSS",
    };
    let count_or_pid = match options.by {
        By::Name => "number",
        By::Process => "pid",
    };
    let total = run.header.mem_total_kib;
    let by_memory = |row: &Row| {
        let summary = &row.figures;
        let share = match total {
            0 => "-".to_owned(),
            total => percent(summary.median / total as f64 * 100_000.0),
        };
        [mib(summary.median), mib(summary.max), share]
    };
    let rows = rows_of(run, &run.by_memory, by_memory);
    let top = counted(options.top as u64, "process", "processes");
    writeln!(out, "\nTop {top} by memory ({memory})")?;
    let head = [
        "name",
        count_or_pid,
        "median MiB",
        "max MiB",
        "median %",
        "seen %",
    ];
    sparked(out, run, style, &head, rows, &run.by_memory)?;
    if run.cpu.is_none() && run.by_cpu.is_empty() {
        return Ok(());
    }
    let by_cpu = |row: &Row| {
        let summary = &row.figures;
        [summary.median, summary.mean, summary.max].map(percent)
    };
    let rows = rows_of(run, &run.by_cpu, by_cpu);
    writeln!(out, "\nTop {top} by CPU (% of one core)")?;
    let head = [
        "name",
        count_or_pid,
        "median %",
        "average %",
        "max %",
        "seen %",
    ];
    sparked(out, run, style, &head, rows, &run.by_cpu)
}

/// A table of processes, with their series over time where there is room left.
fn sparked(
    out: &mut dyn Write,
    run: &Run,
    style: &Style,
    head: &[&str],
    mut rows: Vec<Vec<String>>,
    of: &[Row],
) -> io::Result<()> {
    let room = style.width.saturating_sub(width(head, &rows) + 2);
    let Some(width) = spark::width(room, &run.health, style) else {
        return columns(out, head, &rows);
    };
    for (cells, row) in rows.iter_mut().zip(of) {
        cells.push(spark::line(&row.spark, &run.health, width, style));
    }
    let title = format!(
        "{:<width$}",
        if width < 9 { "in time" } else { "over time" }
    );
    columns(out, &[head, &[&title]].concat(), &rows)
}

/// The rows of a table; kernel threads stand in brackets, as ps(1) has it.
fn rows_of(run: &Run, rows: &[Row], figures: impl Fn(&Row) -> [String; 3]) -> Vec<Vec<String>> {
    let mut table = Vec::new();
    for row in rows {
        let name = match row.kernel_thread {
            true => format!("[{}]", cut(&row.name, NAME_WIDTH - 2)),
            false => cut(&row.name, NAME_WIDTH),
        };
        let number = row.process.map_or(row.processes, |(pid, _)| pid.into());
        let mut cells = vec![name, number.to_string()];
        cells.extend(figures(row));
        cells.push(share(row.seen, run.samples));
        table.push(cells);
    }
    table
}

/// A line for each of several runs, with its medians.
fn overview(out: &mut dyn Write, runs: &[Run]) -> io::Result<()> {
    let median = |summary: &Option<Summary>, form: fn(f64) -> String| {
        summary.map_or("-".to_owned(), |summary| form(summary.median))
    };
    let line = |(nth, run): (usize, &Run)| {
        vec![
            format!(
                "{} {}",
                nth + 1,
                cut(run.header.host.as_bytes(), NAME_WIDTH)
            ),
            utc::readable(run.header.start_realtime_ns),
            span(run.duration_us),
            median(&run.cpu, percent),
            median(&run.memory_share, percent),
            median(&run.memory_kib, mib),
        ]
    };
    let rows: Vec<_> = runs.iter().enumerate().map(line).collect();
    writeln!(out, "\nMedians of each run")?;
    let head = [
        "run",
        "start (UTC)",
        "duration",
        "CPU %",
        "memory %",
        "memory MiB",
    ];
    columns(out, &head, &rows)
}

/// The figures over several runs: of each run its own, and these compared.
fn over_runs(out: &mut dyn Write, runs: &[Run]) -> io::Result<()> {
    let mut rows = Vec::new();
    for (name, summary, form) in FIGURES {
        for (place, which) in FIVE.iter().enumerate() {
            let mut values: Vec<f64> = runs
                .iter()
                .filter_map(|run| five(summary(run)?).get(place).copied())
                .collect();
            let Some(over) = stats::summary(&mut values) else {
                continue;
            };
            let mut cells = vec![format!("{name}, {which}")];
            if runs.len() >= RUNS_FOR_A_MEDIAN {
                cells.push(form(over.median));
            }
            cells.push(format!("{} to {}", form(over.min), form(over.max)));
            rows.push(cells);
        }
    }
    writeln!(out, "\nOver the runs")?;
    let n = runs.len();
    if n >= RUNS_FOR_A_MEDIAN {
        columns(out, &["", &format!("median of {n} runs"), "(range)"], &rows)
    } else {
        columns(out, &["", &format!("range of {n} runs")], &rows)
    }
}
