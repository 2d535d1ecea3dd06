//! Findings about the run as a whole in words.

use super::super::escape::cut;
use super::super::figures::{counted, mib, percent, span};
use crate::series::finding::{RunFinding, LEAST_SAMPLES};
use crate::series::stage::Stage;
use crate::series::Trend;

/// Longer names of stages are cut.
const NAME_WIDTH: usize = 24;

pub(crate) fn words(finding: &RunFinding) -> String {
    match finding {
        RunFinding::NoSample => "No figures: the run has no readable sample.".to_owned(),
        RunFinding::Short {
            samples,
            duration_us,
        } => format!(
            "The run is short: {} in {}. Repeatable figures need at least {LEAST_SAMPLES}.",
            counted(*samples, "sample"),
            span(*duration_us)
        ),
        RunFinding::CpuUnsettled(trend) => unsettled("CPU", "%", trend, percent),
        RunFinding::MemoryUnsettled(trend) => unsettled("Memory", "MiB", trend, mib),
        RunFinding::OneSample => "No CPU figures: they need at least two samples.".to_owned(),
        RunFinding::NoCpu => "No CPU figures: no interval between samples is usable.".to_owned(),
        RunFinding::NoMemory => {
            "Memory in use is unknown: /proc/meminfo has no MemAvailable (kernel before 3.14).".to_owned()
        }
        RunFinding::TooMuchAvailable { samples, of } => format!(
            "Memory in use is unknown in {samples} of {}: MemAvailable was more than MemTotal, as in \
             a container whose lxcfs shows the host's. Record on the host.",
            counted(*of, "sample")
        ),
        RunFinding::BusyBaseline(median) => format!(
            "The baseline was busy: median CPU {} % of all cores. CPU that the edge software adds \
             cannot show: find out what was running, and record again.",
            percent(*median)
        ),
        RunFinding::UnknownStage { stage, meant } => {
            let stage = cut(stage.as_bytes(), NAME_WIDTH);
            match meant {
                Some(meant) => format!("Unknown stage `{stage}`: did you mean {meant}?"),
                None => format!(
                    "Stage `{stage}` is not one of {}: it gets rows of its own.",
                    Stage::PLANNED
                        .map(|stage| stage.name().to_owned())
                        .join(", ")
                ),
            }
        }
    }
}

fn unsettled(what: &str, unit: &str, trend: &Trend, form: fn(f64) -> String) -> String {
    format!(
        "{what} had not settled: median {} {unit} in the first third of the run, {} {unit} in the \
         last, with a variation of {} {unit} around the trend of each (interquartile range). Wait \
         before recording, or record longer.",
        form(trend.first),
        form(trend.last),
        form(trend.range)
    )
}
