//! Looks for the findings about a run.

mod clocks;
mod log;
mod machine;
mod processes;

pub(crate) use log::clauses;
pub(crate) use processes::left_out;

use super::finding::{caution, invalid, note, Finding};
use super::run::{Options, Run};
use super::stage::{self, Stage};
use super::trend::Trend;
use crate::log::record::UNNAMED;
use crate::words::figures::{mib, percent, span};
use crate::words::{counted, cut};

/// Figures of fewer samples do not repeat.
const LEAST_SAMPLES: u64 = 60;
/// From this median CPU on, milli-percent of all cores, a baseline leaves no room in
/// which the CPU of the edge software could show.
const BUSY_BASELINE: f64 = 90_000.0;
/// Longer names of stages are cut.
const NAME_WIDTH: usize = 24;

/// All findings about a run, in the order in which they are shown within a grade.
pub(super) fn diagnose(run: &Run, options: &Options) -> Vec<Finding> {
    let mut found = Vec::new();
    if run.samples > 0 {
        of_run(run, &mut found);
        machine::look(run, &mut found);
        processes::look(run, options, &mut found);
    } else {
        let text = "No figures: the run has no readable sample.";
        found.push(invalid("no-sample", text));
    }
    log::look(run, &mut found);
    clocks::look(run, &mut found);
    found
}

fn of_run(run: &Run, found: &mut Vec<Finding>) {
    if run.samples < LEAST_SAMPLES {
        let text = format!(
            "The run is short: {} in {}. Repeatable figures need at least {LEAST_SAMPLES}.",
            counted(run.samples, "sample"),
            span(run.duration_us)
        );
        found.push(caution("short", text).extent(-(run.samples as f64)));
    }
    let stage = Stage::of(&run.header.stage);
    // A ramp starts more and more: it is not meant to settle.
    if stage != Stage::Ramp {
        let (cpu, memory) = (run.health.cpu_trend, run.health.memory_trend);
        let cpu = cpu.map(|trend| unsettled("cpu-unsettled", "CPU", "%", &trend, percent));
        let memory =
            memory.map(|trend| unsettled("memory-unsettled", "Memory", "MiB", &trend, mib));
        found.extend(cpu.into_iter().chain(memory));
    }
    // The cells of a comparison show which figures are missing.
    match &run.cpu {
        None if run.samples == 1 => {
            let text = "No CPU figures: they need at least two samples.";
            found.push(note("one-sample", text).only_for_its_report());
        }
        None => {
            let text = "No CPU figures: no interval between samples is usable.";
            found.push(note("no-cpu", text).only_for_its_report());
        }
        Some(cpu) if stage == Stage::Baseline && cpu.median >= BUSY_BASELINE => {
            let text = format!(
                "The baseline was busy: median CPU {} % of all cores. CPU that the edge software \
                 adds cannot show: find out what was running, and record again.",
                percent(cpu.median)
            );
            found.push(invalid("busy-baseline", text).extent(cpu.median));
        }
        Some(_) => {}
    }
    match run.quality.too_much_available {
        0 if run.memory_kib.is_none() => {
            let text = "Memory in use is unknown: /proc/meminfo has no MemAvailable (kernel \
                        before 3.14).";
            found.push(note("no-memory", text).only_for_its_report());
        }
        0 => {}
        samples => {
            let text = format!(
                "Memory in use is unknown in {samples} of {}: MemAvailable was more than MemTotal, \
                 as in a container whose lxcfs shows the host's. Record on the host.",
                counted(run.samples, "sample")
            );
            found.push(caution("too-much-available", text).count(samples));
        }
    }
    found.extend(of_stage(&run.header.stage));
}

fn unsettled(
    name: &'static str,
    what: &str,
    unit: &str,
    trend: &Trend,
    form: fn(f64) -> String,
) -> Finding {
    let text = format!(
        "{what} had not settled: median {} {unit} in the first third of the run, {} {unit} in the \
         last, with a variation of {} {unit} around the trend of each (interquartile range). Wait \
         before recording, or record longer.",
        form(trend.first),
        form(trend.last),
        form(trend.range)
    );
    caution(name, text).extent((trend.last - trend.first).abs())
}

/// A stage that the protocol does not have; `None` where it has it, and where none is
/// named.
pub(crate) fn of_stage(name: &str) -> Option<Finding> {
    let stage = match Stage::of(name) {
        Stage::Other(stage) if !matches!(&stage[..], "" | UNNAMED) => stage,
        _ => return None,
    };
    let meant = stage::meant_by(&stage);
    let stage = cut(stage.as_bytes(), NAME_WIDTH);
    Some(match meant {
        Some(meant) => caution(
            "unknown-stage",
            format!("Unknown stage `{stage}`: did you mean {meant}?"),
        ),
        None => {
            let planned = Stage::PLANNED.map(|stage| stage.name().to_owned());
            let text = format!(
                "Stage `{stage}` is not one of {}: it gets rows of its own.",
                planned.join(", ")
            );
            // A comparison's rows name the stage.
            note("unknown-stage", text).only_for_its_report()
        }
    })
}
