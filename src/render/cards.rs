//! The headline figures of a run, as sentences.

use super::document::Sentence;
use super::names::{memory_name, name};
use super::svg;
use crate::series::{GroupSummary, Run};
use crate::stats::Summary;
use crate::words::figures::{bytes, counted, mib, percent, span};

/// A process has grown if its memory did by so many KiB, and by this share.
const LEAST_GROWTH_KIB: f64 = 1024.0;
const LEAST_GROWTH: f64 = 0.05;

/// CPU and memory, the largest processes, the one that grew most, and what the recorder
/// took.
pub(crate) fn of_run(run: &Run) -> Vec<Sentence> {
    let header = &run.header;
    let range = |of: &Summary, form: fn(f64) -> String| {
        format!(
            "{} to {}, average {}",
            form(of.min),
            form(of.max),
            form(of.mean)
        )
    };
    let cpu = run.cpu.as_ref().map(|of| Sentence {
        spread: range(of, percent),
        ..card(
            "CPU in use, median:",
            format!("{} %", percent(of.median)),
            format!("of {}", counted(header.cores.into(), "core")),
        )
    });
    let memory = run.memory_kib.as_ref().map(|of| Sentence {
        spread: range(of, mib),
        ..card(
            "Memory in use, median:",
            format!("{} MiB", mib(of.median)),
            format!("of {} MiB", mib(header.mem_total_kib as f64)),
        )
    });
    let length = card(
        "Recorded:",
        span(run.duration_us),
        format!(
            "{}, one every {}",
            counted(run.samples, "sample"),
            span(header.interval_us)
        ),
    );
    let [largest, busiest] = largest(run);
    let all = [
        cpu,
        memory,
        largest,
        grown(run),
        busiest,
        own_cost(run),
        Some(length),
    ];
    all.into_iter().flatten().collect()
}

/// The process with most memory, and the one with most CPU.
fn largest(run: &Run) -> [Option<Sentence>; 2] {
    let is_one = |row: &&GroupSummary| !row.is_product;
    let largest = run.by_memory.iter().find(is_one).map(|row| {
        let value = format!("{} MiB, median", mib(row.figures.median));
        let before = format!("Most memory ({}):", memory_name(run.memory));
        card(&before, name(row), value)
    });
    let busiest = run.by_cpu.iter().find(is_one).map(|row| {
        let value = format!("{} % of one core, average", percent(row.figures.mean));
        card("Most CPU:", name(row), value)
    });
    [largest, busiest]
}

/// What the recorder took.
fn own_cost(run: &Run) -> Option<Sentence> {
    let cost = &run.quality.cost;
    cost.cpu.map(|cpu| {
        let pss = cost
            .pss_kib
            .map(|kib| format!("PSS {} MiB", mib(kib as f64)));
        let written = cost
            .written_bytes
            .map(|of| format!("{} written", bytes(of)));
        let rest: Vec<String> = pss.into_iter().chain(written).collect();
        Sentence {
            spread: rest.join(", "),
            ..card(
                "The recorder took:",
                format!("{} %", percent(cpu.of_one_core())),
                "of one core".to_owned(),
            )
        }
    })
}

fn card(before: &str, core: String, after: String) -> Sentence {
    Sentence {
        before: before.to_owned(),
        core,
        after,
        ..Sentence::default()
    }
}

/// The process whose memory grew most from the first tenth of the run to the last.
fn grown(run: &Run) -> Option<Sentence> {
    let health = &run.health;
    let rows = run.by_memory.iter().filter(|row| !row.is_product);
    let growths = rows.map(|row| {
        let (first, last) = svg::first_and_last(row, &health.sampled.curve(), health.last_tick);
        (row, first, last)
    });
    let has_grown = |(_, first, last): &(&GroupSummary, f64, f64)| {
        last - first >= LEAST_GROWTH_KIB.max(first * LEAST_GROWTH)
    };
    let grown = growths.filter(has_grown);
    let (row, first, last) = grown.max_by(|a, b| (a.2 - a.1).total_cmp(&(b.2 - b.1)))?;
    Some(card(
        "Grew most:",
        name(row),
        format!(
            "from {} to {} MiB, first to last tenth",
            mib(first),
            mib(last)
        ),
    ))
}
