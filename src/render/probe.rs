//! The runs of a probe in a report: how long they took, how many failed, and a chart.

use super::boot::seconds;
use super::chart::probe::{chart, figures};
use super::document::{Part, Row, Table};
use super::results::outcome;
use super::style::Medium;
use super::svg;
use super::utc;
use crate::results::{Kind, Measurement, Outcome, RunResults};
use crate::stats::Summary;
use crate::words::escape::escaped;
use crate::words::figures::counted;

const HEAD: [&str; 5] = ["seconds", "fastest", "median", "p95", "slowest"];

/// The probe's runs of each recording.
pub(crate) fn parts(runs: &[RunResults], medium: Medium) -> Vec<Part<'static>> {
    let mut parts = Vec::new();
    for run in runs {
        let of_probe = run.results.iter().filter(|of| of.kind == Kind::Probe);
        let probes: Vec<&Measurement> = of_probe.collect();
        if probes.is_empty() {
            continue;
        }
        let title = match runs.len() {
            1 => "Probe".to_owned(),
            _ => format!("Probe, {} UTC", utc::readable(run.header.start_realtime_ns)),
        };
        let times = figures(probes.iter().filter(|of| of.counts()), |of| of.value);
        let cpu = figures(&probes, |of| of.command.map(|run| run.cpu_us));
        let rows = [("time", times), ("CPU time, its children included", cpu)];
        let rows = rows.into_iter().filter_map(|(label, figures)| {
            let Summary {
                min,
                median,
                p95,
                max,
                ..
            } = figures?;
            let cells = [min, median, p95, max].map(|us| seconds(us as u64));
            Some(Row::new(label, cells.to_vec()))
        });
        let mut table = Table::new(title, &HEAD, rows);
        table.notes = notes(&probes);
        parts.push(Part::Table(table));
        let chart = chart(&run.results);
        match medium {
            Medium::Text(style) if style.charts => parts.extend(chart.map(Part::Chart)),
            Medium::Html => parts.push(Part::Pictures(chart.iter().map(svg::of_whole).collect())),
            _ => {}
        }
    }
    parts
}

/// What was run, how often, and what became of it.
fn notes(probes: &[&Measurement]) -> Vec<String> {
    let runs = counted(probes.len() as u64, "run");
    let command = probes.first().map_or("", |of| &of.source);
    let mut notes = vec![format!("{runs} of {}", escaped(command.as_bytes()))];
    let stopped = |of: &&&Measurement| {
        let outcome = of.command.and_then(|run| run.outcome);
        outcome == Some(Outcome::Stopped)
    };
    let failed = probes.iter().filter(|of| !of.counts() && !stopped(of));
    let failed: Vec<&&Measurement> = failed.collect();
    if let Some(last) = failed.last() {
        let how = last.command.and_then(|run| run.outcome);
        let how = how.map_or("not known".to_owned(), outcome);
        let number = match probes.iter().any(|of| of.counts()) {
            true => counted(failed.len() as u64, "run"),
            false => "every run".to_owned(),
        };
        let line = last.evidence.iter().map(|line| escaped(line.as_bytes()));
        let line = line.map(|line| format!(": {line}")).collect::<String>();
        notes.push(format!(
            "{number} failed; a failed run has no time; the last one: {how}{line}"
        ));
    }
    let first = probes.iter().find_map(|of| {
        let is_first = of.counts() && of.command?.is_first;
        of.value.filter(|_| is_first)
    });
    notes.extend(first.map(|us| {
        let us = seconds(us);
        format!("the first run, which pays for cold caches, took {us} s")
    }));
    let missed: u64 = probes
        .iter()
        .filter_map(|of| Some(of.command?.missed))
        .sum();
    if missed > 0 {
        let times = counted(missed, "time");
        notes.push(format!(
            "{times} no run was started, for the last still ran"
        ));
    }
    if probes.iter().any(|of| stopped(&of)) {
        notes.push("the last run was killed at the end of the recording".to_owned());
    }
    notes
}
