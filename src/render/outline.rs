//! What a report says, in words and in its order: what text, markdown and html are
//! written from. Names that others chose are fit to be shown here, see
//! [`super::escaped`].

use super::escape::escaped;
use super::figures::{bytes, counted, mib, percent, share, span};
use super::findings::Remarks;
use super::table::Table;
use super::{account, machine, utc, Block};
use crate::attribution;
use crate::log::record::PssMode;
use crate::series::{By, Memory, Options, Row, Run};
use crate::stats::{self, Summary};

/// Longer names end in `..` here.
const NAME_WIDTH: usize = 24;
/// From so many runs on, the median of the runs is worth saying: below, it has no
/// 95 % interval, and the range is all that is known.
const RUNS_FOR_A_MEDIAN: usize = 6;

/// What it is called, and what there is to it.
pub type Line = (&'static str, String);

/// A product and stage.
pub struct Section<'r> {
    pub title: String,
    /// Where there are several runs: their medians, and the figures over them.
    pub over_runs: Vec<Table>,
    pub runs: Vec<Told<'r>>,
}

/// A run, in words.
pub struct Told<'r> {
    pub run: &'r Run,
    /// Where there are several, which it is.
    pub title: Option<String>,
    /// Where, when and how it was recorded.
    pub facts: Vec<Line>,
    /// Where it is the only one: CPU and memory of the whole machine.
    pub figures: Option<Table>,
    /// The tables of processes, and the rows that they are about.
    pub processes: Vec<(Table, &'r [Row])>,
    /// The parts of the machine.
    pub parts: Vec<Line>,
    /// Pressure, disks, network, and where the CPU time went.
    pub tables: Vec<Table>,
    pub remarks: Remarks,
}

/// All that is said of a product and stage; in ASCII, but for names, unless `unicode`.
pub fn section<'r>(block: &'r Block, options: &Options, unicode: bool) -> Section<'r> {
    let runs = &block.runs[..];
    let several = runs.len() > 1;
    let title = title(block);
    let told = |(nth, run): (usize, &'r Run)| Told {
        run,
        title: several.then(|| format!("Run {}", nth + 1)),
        facts: facts(run),
        figures: figures(run).filter(|_| !several),
        processes: processes(run, options),
        parts: machine::parts(run, unicode),
        tables: machine::tables(run)
            .into_iter()
            .chain(account::table(run))
            .collect(),
        remarks: Remarks::of(&run.findings),
    };
    Section {
        title: match several {
            true => format!("{title}: {} runs", runs.len()),
            false => title,
        },
        over_runs: match several {
            true => vec![overview(runs), over_runs(runs)],
            false => Vec::new(),
        },
        runs: runs.iter().enumerate().map(told).collect(),
    }
}

pub fn title(block: &Block) -> String {
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

fn facts(run: &Run) -> Vec<Line> {
    let header = &run.header;
    let joined = |parts: &[&str], by: &str| {
        let parts = parts.iter().filter(|part| !part.is_empty());
        let parts: Vec<_> = parts.map(|part| escaped(part.as_bytes())).collect();
        parts.join(by)
    };
    let kernel = joined(&["Linux", &header.release, &header.machine], " ");
    let system = escaped(header.os.as_bytes());
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
        ("host", escaped(header.host.as_bytes())),
        ("board", escaped(header.board.as_bytes())),
        (
            "kernel",
            match system.is_empty() {
                true => kernel,
                false => format!("{kernel}, {system}"),
            },
        ),
        (
            "machine",
            format!(
                "{}, {} MiB of memory, {swap}",
                cores(run),
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
    lines.extend(own_cost(run));
    lines.retain(|(_, text)| !text.is_empty());
    lines
}

/// Those at the start, and those that came on later.
fn cores(run: &Run) -> String {
    let cores = counted(run.header.cores.into(), "core", "cores");
    match run.health.board.most_online {
        most if most > run.header.cores.into() => {
            format!("{cores} online at the start, then {most}")
        }
        _ => cores,
    }
}

/// What the measurement itself took.
fn own_cost(run: &Run) -> Vec<Line> {
    let cost = &run.quality.cost;
    let cpu = match cost.cpu {
        Some(cpu) => format!("{} % of one core", percent(cpu.of_one_core())),
        None => "CPU not known".to_owned(),
    };
    let written = match cost.written_bytes {
        Some(written) => format!("{cpu}, {} written", bytes(written)),
        None => cpu,
    };
    let pss = match cost.pss_kib {
        Some(kib) => format!("PSS {} MiB", mib(kib as f64)),
        None => "PSS not known".to_owned(),
    };
    let memory = match cost.descriptors {
        Some(files) => format!(
            "{pss}, and {} MiB of kernel pages for {}",
            mib(files.saturating_mul(run.header.page_size / 1024) as f64),
            counted(files, "open file", "open files")
        ),
        None => pss,
    };
    vec![("recorder", written), ("", memory)]
}

/// The figures of a series, as [`FIVE`] names them.
pub fn five(summary: &Summary) -> [f64; 5] {
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
fn figures(run: &Run) -> Option<Table> {
    let mut rows = Vec::new();
    for (name, summary, form) in FIGURES {
        if let Some(summary) = summary(run) {
            let values = five(summary).map(form);
            rows.push(std::iter::once(name.to_owned()).chain(values).collect());
        }
    }
    let head: Vec<_> = std::iter::once("").chain(FIVE).collect();
    let table = Table::new("The whole machine", &head, rows);
    (!table.rows.is_empty()).then_some(table)
}

fn processes<'r>(run: &'r Run, options: &Options) -> Vec<(Table, &'r [Row])> {
    if options.top == 0 || run.samples == 0 {
        return Vec::new();
    }
    let memory = match run.memory {
        Memory::Pss => "PSS",
        Memory::Rss => "RSS",
    };
    let (number, one, many) = match options.by {
        By::Name => ("number", "process", "processes"),
        By::Process => ("pid", "process", "processes"),
        By::Place(attribution::By::Unit) => ("processes", "unit", "units"),
        By::Place(attribution::By::Slice) => ("processes", "slice", "slices"),
        By::Place(attribution::By::Container) => ("processes", "container", "containers"),
        By::Place(attribution::By::Pod) => ("processes", "pod", "pods"),
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
    let top = counted(options.top as u64, one, many);
    let title = format!("Top {top} by memory ({memory})");
    let figures = ["median MiB", "max MiB", "median %"];
    let table = top_table(title, number, figures, run, &run.by_memory, by_memory);
    let mut tables = vec![(table, &run.by_memory[..])];
    if run.cpu.is_some() || !run.by_cpu.is_empty() {
        let by_cpu = |row: &Row| {
            let summary = &row.figures;
            [summary.median, summary.mean, summary.max].map(percent)
        };
        let title = format!("Top {top} by CPU (% of one core)");
        let figures = ["median %", "average %", "max %"];
        let table = top_table(title, number, figures, run, &run.by_cpu, by_cpu);
        tables.push((table, &run.by_cpu[..]));
    }
    tables
}

/// A table of processes; kernel threads stand in brackets, as ps(1) has it.
fn top_table(
    title: String,
    number: &str,
    [a, b, c]: [&str; 3],
    run: &Run,
    rows: &[Row],
    figures: impl Fn(&Row) -> [String; 3],
) -> Table {
    let cells = |row: &Row| {
        let number = row.process.map_or(row.processes, |(pid, _)| pid.into());
        let mut cells = vec![name(row), number.to_string()];
        cells.extend(figures(row));
        cells.push(share(row.seen, run.ticks));
        cells
    };
    let rows = rows.iter().map(cells).collect();
    Table::new(title, &["name", number, a, b, c, "seen %"], rows).of_names(NAME_WIDTH)
}

/// What a row is called.
pub fn name(row: &Row) -> String {
    match row.kernel_thread {
        true => format!("[{}]", escaped(&row.name)),
        false => escaped(&row.name),
    }
}

/// A line for each of several runs, with its medians.
fn overview(runs: &[Run]) -> Table {
    let median = |summary: &Option<Summary>, form: fn(f64) -> String| {
        summary.map_or("-".to_owned(), |summary| form(summary.median))
    };
    let line = |(nth, run): (usize, &Run)| {
        vec![
            format!("{} {}", nth + 1, escaped(run.header.host.as_bytes())),
            utc::readable(run.header.start_realtime_ns),
            span(run.duration_us),
            median(&run.cpu, percent),
            median(&run.memory_share, percent),
            median(&run.memory_kib, mib),
        ]
    };
    let rows: Vec<_> = runs.iter().enumerate().map(line).collect();
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
fn over_runs(runs: &[Run]) -> Table {
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
            let mut cells = vec![format!("{name}, {which}")];
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
            rows.push(cells);
        }
    }
    let (median, range) = (format!("median of {n} runs"), format!("range of {n} runs"));
    let title = "Over the runs";
    match n >= RUNS_FOR_A_MEDIAN {
        true => Table::new(title, &["", &median, "(range)"], rows),
        false => Table::new(title, &["", &range], rows),
    }
}
