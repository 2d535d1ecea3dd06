//! A ramp in a report: how many containers, what ended it, what each of them took.

use super::boot::seconds;
use super::chart::containers::charts;
use super::document::{Part, Row, Table};
use super::results::outcome;
use super::style::Medium;
use super::svg;
use crate::results::{count, Count, Measurement, Phase, RunResults};
use crate::series::ramp::{costs, Cost, Level};
use crate::series::Run;
use crate::stats::Slope;
use crate::words::escape::escaped;
use crate::words::figures::{counted, mib, percent};

const HEAD: [&str; 6] = [
    "containers",
    "product MiB",
    "workload MiB",
    "available MiB",
    "CPU %",
    "probe s",
];
/// As many numbers of containers have rows; of more, some.
const ROWS: usize = 24;

/// Adds the ramp of a run, if it is one.
pub(crate) fn add<'r>(
    parts: &mut Vec<Part<'r>>,
    of: &RunResults,
    run: Option<&Run>,
    medium: Medium,
) {
    let Some(count) = count(&of.results) else {
        return;
    };
    let levels = run.map_or(&[][..], |run| &run.levels);
    let mut table = Table::new(title(&count), &HEAD, rows(levels));
    table.notes = notes(&count, &of.results);
    parts.push(Part::Table(table));
    parts.extend(cost(levels).map(Part::Table));
    let charts = charts(levels);
    match medium {
        Medium::Text(style) if style.charts => parts.extend(charts.into_iter().map(Part::Chart)),
        Medium::Html => parts.push(Part::Pictures(charts.iter().map(svg::of_whole).collect())),
        _ => {}
    }
}

/// `12 containers`, `at least 12 containers`.
fn title(count: &Count<'_>) -> String {
    let Some(containers) = count.containers else {
        return "Ramp: ended before anything was measured".to_owned();
    };
    let least = if count.is_at_least() { "at least " } else { "" };
    format!("Ramp: {least}{}", counted(containers, "container"))
}

/// What ended a ramp, of the result that tells it.
pub(crate) fn ended(result: &Measurement) -> Option<String> {
    let ramp = result.ramp?;
    let Some(cause) = ramp.cause else {
        return Some("the log has no end of the ramp: it was cut off, or goes on".to_owned());
    };
    let [_, why] = cause.names();
    let mut text = format!("ended by {}: {why}", cause.ender().name());
    for line in &result.evidence {
        text += &format!(": {}", escaped(line.as_bytes()));
    }
    Some(text)
}

/// What ended a ramp, and what one more container costs.
pub(crate) fn ended_at_cost(result: &Measurement, costs: &[Cost]) -> Option<String> {
    let mut text = ended(result)?;
    for (at, (_, name, of)) in costs.iter().enumerate() {
        text += if at == 0 {
            "; one more container, MiB: "
        } else {
            ", "
        };
        let [value, low, high] = hundredths(of);
        text += &format!("{name} {value} ({low} to {high})");
    }
    Some(text)
}

/// Slope and interval, MiB.
fn hundredths(of: &Slope) -> [String; 3] {
    [of.value, of.low, of.high].map(|kib| format!("{:.2}", kib / 1024.0))
}

fn notes(count: &Count<'_>, results: &[Measurement]) -> Vec<String> {
    let mut notes = Vec::from_iter(ended(count.told.1));
    let (mut begun, mut undone) = (0, 0);
    for of in results {
        match of.ramp.map(|ramp| ramp.phase) {
            Some(Phase::Begun) => (begun, undone) = (0, 0),
            Some(Phase::Step) => begun += 1,
            Some(Phase::Undone) if of.counts() => undone += 1,
            Some(Phase::Undone) => {
                let how = of.command.and_then(|run| run.outcome);
                let why = match of.evidence.first() {
                    Some(line) => escaped(line.as_bytes()),
                    None => how.map_or("not known".to_owned(), outcome),
                };
                let number = of.value.unwrap_or(0);
                notes.push(format!("container {number} could not be undone: {why}"));
            }
            _ => {}
        }
    }
    if undone < begun {
        let left = begun - undone;
        notes.push(format!(
            "{} of {} not undone; `edgebench-lite ramp --undo-of LOG` does it",
            left,
            counted(begun, "container")
        ));
    }
    notes
}

/// All of few, of many the first, the last and some between.
fn rows(levels: &[Level]) -> impl Iterator<Item = Row<'static>> + '_ {
    let last = levels.len().saturating_sub(1);
    let shown = levels.len().min(ROWS);
    let places = (0..shown).map(move |nth| nth * last / shown.saturating_sub(1).max(1));
    places.filter_map(|at| levels.get(at)).map(|of| {
        let [product, workload, available, cpu, probe] = of.values;
        let cell = |value: Option<f64>, form: fn(f64) -> String| value.map_or("-".to_owned(), form);
        let cells = vec![
            cell(product, mib),
            cell(workload, mib),
            cell(available, mib),
            cell(cpu, percent),
            cell(probe, |us| seconds(us as u64)),
        ];
        Row::new(of.containers.to_string(), cells)
    })
}

/// What one more container costs.
fn cost(levels: &[Level]) -> Option<Table<'static>> {
    let costs = costs(levels);
    let (_, _, first) = costs.first()?;
    let interval = match first.coverage {
        Some(coverage) => format!("interval that holds it with {:.1} %", coverage * 100.0),
        None => "range of the slopes: fewer than 6 numbers of containers".to_owned(),
    };
    let rows = costs
        .iter()
        .map(|(_, name, of)| Row::new(*name, hundredths(of).to_vec()));
    let head = ["MiB", "slope", "low", "high"];
    let mut table = Table::new("Cost of one more container", &head, rows);
    table.notes = vec![format!("Theil-Sen slope, and {interval}")];
    Some(table)
}
