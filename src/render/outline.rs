//! The properties and the tables of a report: of a run, and of several.

use super::document::{LabelledText, Row, Table};
use super::names::{memory_name, name};
use super::utc;
use crate::attribution::CgroupKind;
use crate::log::record::PssMode;
use crate::series::{self, By, Options, Run};
use crate::stats::{self, Summary};
use crate::words::escape::escaped;
use crate::words::figures::{bytes, counted, mib, percent, share, span};

/// Longer names end in `..` here.
const NAME_WIDTH: usize = 24;
/// From so many runs on, the median of the runs is worth saying: below, it has no
/// 95 % interval, and the range is all that is known.
const RUNS_FOR_A_MEDIAN: usize = 6;

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
            "duration",
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
            "{pss}, plus {} MiB of kernel memory for {}",
            mib(files.saturating_mul(run.header.page_size / 1024) as f64),
            counted(files, "open file")
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

/// A figure that each run has five of: its name, and how it is written.
type Figure = (
    &'static str,
    fn(&Run) -> Option<&Summary>,
    fn(f64) -> String,
);

const FIVE: [&str; 5] = ["max", "min", "average", "median", "p95"];
const FIGURES: [Figure; 7] = [
    ("CPU %", |run| run.cpu.as_ref(), percent),
    (
        "CPU %, recorder excluded",
        |run| run.cpu_less.as_ref(),
        percent,
    ),
    ("memory %", |run| run.memory_share.as_ref(), percent),
    ("memory MiB", |run| run.memory_kib.as_ref(), mib),
    (
        "MiB, recorder excluded",
        |run| run.memory_kib_less.as_ref(),
        mib,
    ),
    ("CPU %, probe", |run| run.probe_cpu.as_ref(), percent),
    ("MiB, probe (PSS)", |run| run.probe_kib.as_ref(), mib),
];

/// CPU of the whole machine, and memory in use.
pub(crate) fn figures(run: &Run) -> Option<Table<'static>> {
    let mut rows = Vec::new();
    for (name, summary, form) in FIGURES {
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
    let memory = memory_name(run.memory);
    let (number, thing) = match options.by {
        By::Name => ("number", "process"),
        By::Process => ("pid", "process"),
        By::Cgroup(CgroupKind::Unit) => ("processes", "unit"),
        By::Cgroup(CgroupKind::Slice) => ("processes", "slice"),
        By::Cgroup(CgroupKind::Container) => ("processes", "container"),
        By::Cgroup(CgroupKind::Pod) => ("processes", "pod"),
    };
    let total = run.header.mem_total_kib;
    let by_memory = |row: &series::GroupSummary| {
        let summary = &row.figures;
        let share = match total {
            0 => "-".to_owned(),
            total => percent(summary.median / total as f64 * 100_000.0),
        };
        [mib(summary.median), mib(summary.max), share]
    };
    let top = counted(options.top as u64, thing);
    let title = format!("Top {top} by memory ({memory})");
    let figures = ["median MiB", "max MiB", "median %"];
    let table = top_table(title, number, figures, run, &run.by_memory, by_memory);
    let mut tables = vec![table];
    if run.cpu.is_some() || !run.by_cpu.is_empty() {
        let by_cpu = |row: &series::GroupSummary| {
            let summary = &row.figures;
            [summary.median, summary.mean, summary.max].map(percent)
        };
        let title = format!("Top {top} by CPU (% of one core)");
        let figures = ["median %", "average %", "max %"];
        let table = top_table(title, number, figures, run, &run.by_cpu, by_cpu);
        tables.push(table);
    }
    tables
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
    let head = ["name", number, a, b, c, "seen %"];
    Table {
        health: Some(&run.health),
        ..Table::new(title, &head, rows).of_names(NAME_WIDTH)
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
            median(&run.memory_share, percent),
            median(&run.memory_kib, mib),
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
        "memory %",
        "memory MiB",
    ];
    Table::new("Medians of each run", &head, rows).of_names(NAME_WIDTH + 2)
}

/// The figures over several runs: of each run its own, and these compared.
pub(crate) fn over_runs(runs: &[Run]) -> Table<'static> {
    let n = runs.len();
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
            let mut cells = Vec::new();
            let enough = over.count >= RUNS_FOR_A_MEDIAN as u64;
            match n >= RUNS_FOR_A_MEDIAN {
                true if enough => cells.push(form(over.median)),
                true => cells.push("-".to_owned()),
                false => {}
            }
            let mut range = format!("{} to {}", form(over.min), form(over.max));
            if over.count < n as u64 {
                range += &format!(", n {}", over.count);
            }
            cells.push(range);
            rows.push(Row::new(format!("{name}, {which}"), cells));
        }
    }
    let (median, range) = (format!("median of {n} runs"), format!("range of {n} runs"));
    let title = "Across runs";
    match n >= RUNS_FOR_A_MEDIAN {
        true => Table::new(title, &["", &median, "(range)"], rows),
        false => Table::new(title, &["", &range], rows),
    }
}
