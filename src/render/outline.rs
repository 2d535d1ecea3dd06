//! The properties and the tables of a report: of a run, and of several.

use super::document::{LabelledText, Row, Table};
use super::findings::Remarks;
use super::names::{memory_name, name};
use super::utc;
use crate::attribution::CgroupKind;
use crate::log::record::PssMode;
use crate::series::finding::Grade;
use crate::series::{self, By, Memory, Options, Run};
use crate::stats::Summary;
use crate::words::escape::escaped;
use crate::words::figures::{bytes, counted, mib, percent, share, span};

/// Longer names end in `..` here.
pub(crate) const NAME_WIDTH: usize = 24;

const ENDED: &str = "ended %: the part of the average that processes used between their last \
     sample and their end";

/// The label of what a reader asks first of a run.
const LENGTH: &str = "duration";

/// Where, when and how the run was recorded, behind how long it is.
pub(crate) fn length_first(run: &Run) -> [Vec<LabelledText>; 2] {
    let (mut first, rest): (Vec<_>, Vec<_>) =
        (properties(run).into_iter()).partition(|(label, _)| *label == LENGTH);
    let said = Remarks::of(&run.findings).validity();
    first.push(("validity", said.unwrap_or_else(|| VALID.to_owned())));
    [first, rest]
}

/// What is the same of all runs, of the properties of each.
pub(crate) fn common(all: &mut dyn Iterator<Item = Vec<LabelledText>>) -> Vec<LabelledText> {
    let mut lines = all.next().unwrap_or_default();
    for other in all {
        lines.retain(|line| other.contains(line));
    }
    lines
}

/// Where, when and how the run was recorded.
pub(crate) fn properties(run: &Run) -> Vec<LabelledText> {
    let header = &run.header;
    let kernel = ["Linux", &header.release, &header.machine].into_iter();
    let kernel = kernel.filter(|part| !part.is_empty());
    let kernel: Vec<_> = kernel.map(|part| escaped(part.as_bytes())).collect();
    let system = match header.os.is_empty() {
        true => String::new(),
        false => format!(", {}", escaped(header.os.as_bytes())),
    };
    let swap = match header.swap_total_kib {
        0 => "no swap".to_owned(),
        kib => format!("{} MiB of swap", mib(kib as f64)),
    };
    let memory = mib(header.mem_total_kib as f64);
    let (duration, interval) = (span(run.duration_us), span(header.interval_us));
    let samples = counted(run.samples, "sample");
    let pss = match header.pss {
        PssMode::Off => "not recorded",
        PssMode::Exact => "read for every process at every sample",
        PssMode::Auto => "read when due, estimated in between",
    };
    let start = utc::readable(header.start_realtime_ns);
    let machine = format!("{}, {memory} MiB of memory, {swap}", cores(run));
    let mut lines = vec![
        ("host", escaped(header.host.as_bytes())),
        ("board", escaped(header.board.as_bytes())),
        ("kernel", kernel.join(" ") + &system),
        ("machine", machine),
        ("start", format!("{start} UTC")),
        (
            LENGTH,
            format!("{duration}, {samples}, one every {interval}"),
        ),
        ("PSS", pss.to_owned()),
    ];
    lines.extend(own_cost(run));
    lines.retain(|(_, text)| !text.is_empty());
    lines
}

/// The cores at the start, and later.
fn cores(run: &Run) -> String {
    let cores = counted(run.header.cores.into(), "core");
    match run.health.board.most_online {
        most if most > run.header.cores.into() => {
            format!("{cores} online at the start, later {most}")
        }
        _ => cores,
    }
}

/// The cost of the measurement.
fn own_cost(run: &Run) -> Vec<LabelledText> {
    let cost = &run.quality.cost;
    let cpu = match cost.cpu {
        Some(cpu) => format!("{} % of one core", percent(cpu.of_one_core())),
        None => "CPU unknown".to_owned(),
    };
    let written = match cost.written_bytes {
        Some(written) => format!("{cpu}, {} written", bytes(written)),
        None => cpu,
    };
    let pss = match cost.pss_kib {
        Some(kib) => format!("PSS {} MiB", mib(kib as f64)),
        None => "PSS unknown".to_owned(),
    };
    let memory = match cost.descriptors {
        Some(files) => format!(
            "{pss}, plus {} MiB of kernel memory for {}{}",
            mib(files.saturating_mul(run.header.page_size / 1024) as f64),
            counted(files, "open file"),
            match cost.exits_kib {
                Some(kib @ 1..) => {
                    let kib = mib(kib as f64);
                    format!(", and {kib} MiB for messages about ended processes")
                }
                _ => String::new(),
            }
        ),
        None => pss,
    };
    vec![("recorder", written), ("", memory)]
}

/// The figures of a series, as [`FIVE`] names them.
pub(crate) fn five(summary: &Summary) -> [f64; 5] {
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

/// A figure that each run has five of: its name, its key for programs, and how it is
/// written.
type Figure = (
    &'static str,
    &'static str,
    fn(&Run) -> Option<&Summary>,
    fn(f64) -> String,
);

pub(crate) const FIVE: [&str; 5] = ["max", "min", "average", "median", "p95"];
pub(crate) const FIGURES: [Figure; 7] = [
    (
        "CPU, % of all cores",
        "cpu_percent",
        |run| run.cpu.as_ref(),
        percent,
    ),
    (
        "CPU, recorder excluded",
        "cpu_less_recorder_percent",
        |run| run.cpu_less.as_ref(),
        percent,
    ),
    (
        "memory in use, %",
        "memory_percent",
        |run| run.memory_share.as_ref(),
        percent,
    ),
    (
        "memory in use, MiB",
        "memory_kib",
        |run| run.memory_kib.as_ref(),
        mib,
    ),
    (
        "MiB, recorder excluded",
        "memory_less_recorder_kib",
        |run| run.memory_kib_less.as_ref(),
        mib,
    ),
    (
        "CPU of the probe",
        "cpu_probe_percent",
        |run| run.probe_cpu.as_ref(),
        percent,
    ),
    (
        "PSS of the probe, MiB",
        "memory_probe_kib",
        |run| run.probe_kib.as_ref(),
        mib,
    ),
];

/// CPU of the whole machine, and memory in use.
pub(crate) fn figures(run: &Run) -> Option<Table<'static>> {
    let mut rows = Vec::new();
    for (name, _, summary, form) in FIGURES {
        if let Some(summary) = summary(run) {
            let values = five(summary).map(form);
            rows.push(Row::new(name, values.to_vec()));
        }
    }
    let head: Vec<_> = std::iter::once("").chain(FIVE).collect();
    let table = Table::new("The whole machine", &head, rows);
    (!table.rows.is_empty()).then_some(table)
}

/// The processes that took most, and their series.
pub(crate) fn processes<'r>(run: &'r Run, options: &Options) -> Vec<Table<'r>> {
    if options.top == 0 || run.samples == 0 {
        return Vec::new();
    }
    let number = match options.by {
        By::Process => "pid",
        By::Name | By::Cgroup(_) => "processes",
    };
    let [of_memory, of_cpu] = titles(options, run.memory);
    let total = run.header.mem_total_kib;
    let by_memory = |row: &series::GroupSummary| {
        let summary = &row.figures;
        let share = match total {
            0 => "-".to_owned(),
            total => percent(summary.median / total as f64 * 100_000.0),
        };
        [mib(summary.median), mib(summary.max), share]
    };
    let figures = ["median MiB", "max MiB", "% of RAM"];
    let table = top_table(of_memory, number, figures, run, &run.by_memory, by_memory);
    let mut tables = vec![table];
    if run.cpu.is_some() || !run.by_cpu.is_empty() {
        let by_cpu = |row: &series::GroupSummary| {
            let summary = &row.figures;
            [summary.median, summary.mean, summary.max].map(percent)
        };
        let figures = ["median %", "average %", "max %"];
        let mut table = top_table(of_cpu, number, figures, run, &run.by_cpu, by_cpu);
        if options.by == By::Name && run.ended.is_told() {
            table.head.push("ended %".to_owned());
            for (row, of) in table.rows.iter_mut().zip(&run.by_cpu) {
                let ended = of.ended.map_or("-".to_owned(), percent);
                row.cells.push(ended.into());
            }
            table.notes.push(ENDED.to_owned());
        }
        tables.push(table);
    }
    tables
}

/// The titles of the tables by memory and by CPU.
pub(crate) fn titles(options: &Options, memory: Memory) -> [String; 2] {
    let thing = match options.by {
        By::Name | By::Process => "process",
        By::Cgroup(CgroupKind::Unit) => "unit",
        By::Cgroup(CgroupKind::Slice) => "slice",
        By::Cgroup(CgroupKind::Container) => "container",
        By::Cgroup(CgroupKind::Pod) => "pod",
    };
    let top = format!("Top {}", counted(options.top as u64, thing));
    [
        format!("{top} by memory ({})", memory_name(memory)),
        format!("{top} by CPU (% of one core)"),
    ]
}

fn top_table<'r>(
    title: String,
    number: &str,
    [a, b, c]: [&str; 3],
    run: &'r Run,
    rows: &'r [series::GroupSummary],
    figures: impl Fn(&series::GroupSummary) -> [String; 3],
) -> Table<'r> {
    let row = |row: &'r series::GroupSummary| {
        let number = row.process.map_or(row.processes, |(pid, _)| pid.into());
        let [first, second, third] = figures(row);
        let seen = share(row.seen, run.ticks);
        Row {
            spark: Some(&row.spark),
            ..Row::new(
                name(row),
                vec![number.to_string(), first, second, third, seen],
            )
        }
    };
    let rows = rows.iter().map(row);
    let head = ["name", number, a, b, c, "% of run"];
    Table {
        health: Some(&run.health),
        ..Table::new(title, &head, rows).of_names(NAME_WIDTH)
    }
}

/// What is said of runs that nothing casts doubt on.
pub(crate) const VALID: &str = "valid";

/// Whether a run is valid, in a word or two.
pub(crate) fn validity(run: &Run) -> String {
    let remarks = Remarks::of(&run.findings);
    let is_invalid = remarks.graded(Grade::Invalid).next().is_some();
    match remarks.validity() {
        Some(_) if is_invalid => "invalid".to_owned(),
        said => said.unwrap_or_else(|| VALID.to_owned()),
    }
}

/// A line for each of several runs, with its medians.
pub(crate) fn overview(runs: &[Run]) -> Table<'static> {
    let median = |summary: &Option<Summary>, form: fn(f64) -> String| {
        summary.map_or("-".to_owned(), |summary| form(summary.median))
    };
    let line = |(nth, run): (usize, &Run)| {
        let cells = vec![
            utc::readable(run.header.start_realtime_ns),
            span(run.duration_us),
            median(&run.cpu, percent),
            median(&run.memory_kib, mib),
            validity(run),
        ];
        let host = escaped(run.header.host.as_bytes());
        Row::new(format!("{} {host}", nth + 1), cells)
    };
    let rows = runs.iter().enumerate().map(line);
    let head = [
        "run",
        "start (UTC)",
        "duration",
        "CPU %",
        "memory MiB",
        "validity",
    ];
    Table::new("Medians of each run", &head, rows).of_names(NAME_WIDTH + 2)
}
