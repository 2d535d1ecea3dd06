//! A report for a fleet's monitoring: the text that the textfile collector of
//! node_exporter reads, from a file named `*.prom`.
//!
//! It is valid in both formats there are: in the Prometheus text format 0.0.4, which
//! that collector reads and in which `# UNIT` and `# EOF` are comments, and in
//! OpenMetrics 1.0 ("Text format"), which wants `# EOF` at the end, the samples of
//! a family together and no empty line. So:
//! - every figure is a gauge: a run is over, nothing goes on counting;
//! - no sample has a timestamp, for the collector passes over a file that has one;
//!   `edgebench_run_start_time_seconds` says when it was;
//! - no sample is there twice, else the exporter answers with an error: where two have
//!   the same name, the second has the label `again`;
//! - what was not observable has no sample. It is never 0;
//! - units are base units: bytes, seconds, hertz, and ratios, where 1 is all of it.
//!
//! The figures are those of [`super::data`]; what has no family of its own is in
//! `edgebench_figure`, so that nothing is missing that csv and json have.
//!
//! Names that others chose stand in labels as [`super::escaped`] shows them. An empty
//! label is left out: to both formats that is the same.

mod families;
mod family;

use super::chart::probe::figures;
use super::data::{self, Subject};
use super::Report;
use crate::results::{Kind, Measurement, RunResults};
use crate::series::{By, GroupSummary, Run};
use families::families;
use family::{Family, Labels, Samples};
use std::io::{self, Write};

/// Writes the report.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let mut info = Family::new("run_info", "How the run was recorded. Always 1.");
    let start = "Start of the run in seconds since 1970, by the board's clock.";
    let mut start = Family::new("run_start_time_seconds", start);
    let others = "Figures without a metric of their own, in the unit that csv and json use.";
    let mut others = Family::new("figure", others);
    let mut all = families();
    for block in &report.blocks {
        for (run, number) in block.runs.iter().zip(1..) {
            let labels = family::labels(&[
                ("product", block.product.as_bytes()),
                ("stage", block.stage.as_bytes()),
                ("host", run.header.host.as_bytes()),
                ("board", run.header.board.as_bytes()),
                ("run", number.to_string().as_bytes()),
            ]);
            for family in all.iter_mut().chain([&mut info, &mut start, &mut others]) {
                family.samples.of_run(&labels);
            }
            add_info(run, &mut info.samples);
            (start.samples).add(&[], run.header.start_realtime_ns as f64 / 1e9);
            for subject in data::of(run) {
                add(
                    run,
                    report.options.by,
                    &subject,
                    &mut all,
                    &mut others.samples,
                );
            }
        }
    }
    let seconds = "Time of the runs of the probe that succeeded.";
    let mut seconds = Family::new("probe_seconds", seconds);
    let mut count = Family::new(
        "probe_runs",
        "Runs of the probe, by whether they succeeded.",
    );
    for block in &report.blocks {
        for run in &block.results {
            add_probes(run, &mut seconds.samples, &mut count.samples);
            add_results(run, &mut others.samples);
        }
    }
    let first = [&info, &start];
    let all = first.into_iter().chain(&all);
    let mut all = all.chain([&seconds, &count, &others]);
    all.try_for_each(|family| family.write(out))?;
    out.write_all(b"# EOF\n")
}

/// The labels of a run that may have no samples.
fn labels_of(run: &RunResults) -> String {
    let header = &run.header;
    family::labels(&[
        ("product", header.product.as_bytes()),
        ("stage", header.stage.as_bytes()),
        ("host", header.host.as_bytes()),
        ("board", header.board.as_bytes()),
    ])
}

fn start_of(run: &RunResults) -> String {
    (run.header.start_realtime_ns / 1_000_000_000).to_string()
}

/// The runs of a probe: their times, and how many there were.
fn add_probes(run: &RunResults, seconds: &mut Samples, count: &mut Samples) {
    let is_probe = |of: &&Measurement| of.kind == Kind::Probe;
    let all: Vec<&Measurement> = run.results.iter().filter(is_probe).collect();
    let succeeded = || all.iter().filter(|of| of.counts());
    let start = start_of(run);
    let start = ("start", start.as_bytes());
    let labels = labels_of(run);
    seconds.of_run(&labels);
    count.of_run(&labels);
    if let Some(times) = figures(succeeded(), |of| of.value) {
        for (name, us) in [
            ("min", times.min),
            ("median", times.median),
            ("mean", times.mean),
            ("p95", times.p95),
            ("max", times.max),
        ] {
            seconds.add(&[start, ("statistic", name.as_bytes())], us / 1e6);
        }
    }
    let succeeded = succeeded().count();
    for (name, runs) in [("true", succeeded), ("false", all.len() - succeeded)] {
        if !all.is_empty() {
            count.add(&[start, ("succeeded", name.as_bytes())], runs as f64);
        }
    }
}

/// A result may come several times in a run: its moment tells one from another.
fn add_results(run: &RunResults, samples: &mut Samples) {
    samples.of_run(&labels_of(run));
    let start = start_of(run);
    for (subject, result) in data::of_results(run).iter().zip(&run.results) {
        let at = result.at_us.to_string();
        for (figure, numbers) in subject
            .figures
            .iter()
            .filter(|(figure, _)| *figure != "at_us")
        {
            let labels: &Labels<'_> = &[
                ("subject", subject.kind.as_bytes()),
                ("result", &subject.name),
                ("figure", figure.as_bytes()),
                ("start", start.as_bytes()),
                ("at_us", at.as_bytes()),
            ];
            for (_, value) in numbers {
                samples.add(labels, *value);
            }
        }
    }
}

fn add_info(run: &Run, samples: &mut Samples) {
    let header = &run.header;
    let id = format!("{:08x}", header.run);
    let labels: &Labels<'_> = &[
        ("run_id", id.as_bytes()),
        ("tool", header.tool.as_bytes()),
        ("release", header.release.as_bytes()),
        ("machine", header.machine.as_bytes()),
        ("os", header.os.as_bytes()),
        ("pss", header.pss.name().as_bytes()),
    ];
    samples.add(labels, 1.0);
}

/// Adds the figures of a subject to the families that have them, or to the others.
fn add(run: &Run, by: By, subject: &Subject<'_>, all: &mut [Family], others: &mut Samples) {
    let number = |number: Option<u64>| number.map_or_else(String::new, |n| n.to_string());
    let (pid, starttime) = subject.process.unzip();
    let [pid, starttime] = [number(pid.map(u64::from)), number(starttime)];
    let kernel_thread: &[u8] = if subject.kernel_thread { b"true" } else { b"" };
    let [kind, name] = named(subject, by);
    let own: [(&str, &[u8]); 5] = [
        kind,
        name,
        ("kernel_thread", kernel_thread),
        ("pid", pid.as_bytes()),
        ("starttime", starttime.as_bytes()),
    ];
    for (figure, numbers) in &subject.figures {
        if *figure == "presence" && is_told_before(run, subject) {
            continue;
        }
        for (statistic, value) in numbers {
            let mut has_family = false;
            for family in &mut *all {
                for pick in &family.picks {
                    let Some(labels) = pick.labels([subject.kind, figure], statistic) else {
                        continue;
                    };
                    has_family = true;
                    let value = value.map(|value| (pick.unit)(run, value));
                    (family.samples).add(&[&own[..], &labels].concat(), value);
                }
            }
            if !has_family {
                let which = [
                    ("subject", subject.kind.as_bytes()),
                    ("figure", figure.as_bytes()),
                    ("statistic", statistic.as_bytes()),
                ];
                others.add(&[&own[..], &which].concat(), *value);
            }
        }
    }
}

/// Of processes that are in both tables, the first has told when they were there.
fn is_told_before(run: &Run, subject: &Subject<'_>) -> bool {
    let same = |row: &GroupSummary| {
        (&row.name[..], row.kernel_thread, row.process)
            == (&subject.name[..], subject.kernel_thread, subject.process)
    };
    let mut others = run.by_memory.iter().filter(|row| !row.is_product);
    subject.kind == "by_cpu" && others.any(same)
}

/// The labels that say which of its kind a subject is.
fn named<'s>(subject: &'s Subject<'_>, by: By) -> [(&'static str, &'s [u8]); 2] {
    let name = &subject.name[..];
    let kind = match (subject.kind, by) {
        ("pressure", _) => {
            let end = name.iter().position(|byte| *byte == b'_').unwrap_or(0);
            let (resource, tasks) = name.split_at(end);
            return [
                ("resource", resource),
                ("tasks", tasks.get(1..).unwrap_or_default()),
            ];
        }
        (data::FINDINGS, _) => "finding",
        ("cores", _) => "core",
        ("disks" | "interfaces", _) => "device",
        ("containers" | "cost_of_one_more_container", _) => subject.kind,
        ("ended", _) | (_, By::Name | By::Process) => "process",
        (_, By::Cgroup(place)) => place.name(),
    };
    [(kind, name), ("", b"")]
}
