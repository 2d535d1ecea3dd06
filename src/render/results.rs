//! Results in a report: a table of them, then the parts and the evidence of each.

use super::boot::{pictures, PAGE, TEXT};
use super::document::{Cell, LabelledText, Layout, List, Part, Properties, Row, Table};
use super::json::{Json, Value};
use super::outline::common;
use super::utc;
use crate::log::record::Header;
use crate::results::{CommandRun, Kind, Mark, Measurement, Outcome, RunResults, Unit, Verdict};
use crate::system::errno::reason;
use crate::words::escape::escaped;
use crate::words::figures::counted;
use nix::errno::Errno;

/// Columns to the labels of the properties.
const LABELS: usize = 10;
/// Labels, values, sources.
const LAYOUT: Layout = Layout::Fixed(20, &[14, 0]);
const CHARTED: Layout = Layout::Fixed(20, &[14, 16, 0]);
/// What a cell says of a value that there is not.
const UNKNOWN: &str = "not known";

/// All that is said of the results of runs. `alone`: there are no samples beside them.
pub(crate) fn parts(runs: &[RunResults], alone: bool) -> Vec<Part<'static>> {
    let mut parts = Vec::new();
    let common = common(&mut runs.iter().map(|run| properties(&run.header)));
    if alone && !common.is_empty() {
        parts.push(Part::Properties(Properties::new(common, LABELS)));
    }
    let all = runs.iter().flat_map(|run| &run.results);
    // A probe and a ramp have many, and tables of their own.
    let is_other = |of: &&Measurement| of.kind != Kind::Probe && of.ramp.is_none();
    let all = || all.clone().filter(is_other);
    let rows: Vec<Row<'static>> = all().map(row).collect();
    let unknown = runs.iter().map(|run| run.unknown).sum();
    if !rows.is_empty() || unknown > 0 {
        let mut table = Table::new("Results", &["", "value", "source"], rows);
        table.layout = LAYOUT;
        if unknown > 0 {
            let items = counted(unknown, "item");
            table.notes.push(format!(
                "{items} recorded by a newer version of edgebench-lite, not shown"
            ));
        }
        parts.push(Part::Table(table));
    }
    parts.extend(all().filter_map(details));
    parts
}

/// Where and when they were measured.
fn properties(header: &Header<String>) -> Vec<LabelledText> {
    let start = utc::readable(header.start_realtime_ns);
    let mut lines = vec![
        ("host", escaped(header.host.as_bytes())),
        ("board", escaped(header.board.as_bytes())),
        ("start", format!("{start} UTC")),
    ];
    lines.retain(|(_, text)| !text.is_empty());
    lines
}

fn row(result: &Measurement) -> Row<'static> {
    let why = match result.reason.is_empty() {
        true => escaped(result.source.as_bytes()),
        false => escaped(result.reason.as_bytes()),
    };
    let cut = if result.cut { " (incomplete)" } else { "" };
    Row::new(
        label(result.kind).to_owned(),
        vec![value(result), why + cut],
    )
}

/// What a result consists of, and its evidence; `None` where it has neither.
fn details(result: &Measurement) -> Option<Part<'static>> {
    let label = label(result.kind);
    let evidence = result.evidence.iter();
    let evidence: Vec<String> = evidence.map(|line| escaped(line.as_bytes())).collect();
    if result.marks.is_empty() {
        return (!evidence.is_empty()).then_some(Part::List(List::Titled(label), evidence));
    }
    let rows = result.marks.iter().map(|mark| {
        let value = mark.value.map(|value| amount(result.kind.unit(), value));
        let value = value.unwrap_or_else(|| UNKNOWN.to_owned());
        let note = escaped(mark.note.as_bytes());
        Row::new(escaped(mark.label.as_bytes()), vec![value, note])
    });
    let mut table = Table::new(label, &["", "value", "source"], rows);
    table.layout = LAYOUT;
    if matches!(result.kind, Kind::BootCold | Kind::BootRestart) {
        chart(&mut table, result);
    }
    table.notes = evidence;
    Some(Part::Table(table))
}

/// Puts a column before the last, with a picture of when each mark of a boot was.
fn chart(table: &mut Table<'_>, result: &Measurement) {
    let (pages, texts) = (pictures(result, PAGE), pictures(result, TEXT));
    for ((row, value), narrow) in table.rows.iter_mut().zip(pages).zip(texts) {
        let narrow = Some(narrow);
        let cell = Cell {
            value,
            narrow,
            ..Cell::default()
        };
        row.cells.insert(1, cell);
    }
    table.head.insert(2, "when".to_owned());
    table.layout = CHARTED;
}

/// The value, the verdict, or both.
fn value(result: &Measurement) -> String {
    let amount = result.value.map(|value| amount(result.kind.unit(), value));
    match (verdict(result.verdict), amount) {
        (Some(verdict), Some(amount)) => format!("{verdict}, {amount}"),
        (Some(verdict), None) => verdict.to_owned(),
        (None, Some(amount)) => amount,
        (None, None) => UNKNOWN.to_owned(),
    }
}

fn verdict(verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::None => None,
        Verdict::Yes => Some("yes"),
        Verdict::No => Some("no"),
        Verdict::NotMeasured => Some("not measured"),
    }
}

fn amount(unit: Unit, value: u64) -> String {
    match unit {
        Unit::Microseconds => format!("{:.2} s", value as f64 / 1e6),
        Unit::Containers => counted(value, "container"),
        Unit::None => value.to_string(),
    }
}

/// How a command ended.
pub(crate) fn outcome(outcome: Outcome) -> String {
    match outcome {
        Outcome::Status(status) => format!("status {status}"),
        Outcome::Signal(signal) => format!("signal {signal}"),
        Outcome::TimedOut => "timed out".to_owned(),
        Outcome::Stopped => "ended with the recording".to_owned(),
        Outcome::NotStarted(errno) => {
            format!("not started: {}", reason(Errno::from_raw(errno as i32)))
        }
    }
}

fn label(kind: Kind) -> &'static str {
    match kind {
        Kind::BootCold => "Boot, cold",
        Kind::BootRestart => "Restart",
        Kind::IpChange => "New IP address",
        Kind::SimpleFirewall => "Simple firewall",
        Kind::ComplexFirewall => "Complex firewall",
        Kind::Probe => "Probe",
        Kind::Ramp => "Containers",
    }
}

/// A result as an object of json.
pub(crate) fn put(json: &mut Json<'_>, result: &Measurement) {
    json.value("name", result.kind.name());
    json.value("at_us", result.at_us);
    match verdict(result.verdict) {
        Some(verdict) => json.value("verdict", verdict),
        None => json.value("verdict", Value::Null),
    }
    let key = value_key(result.kind.unit());
    json.value(key, result.value);
    json.value("source", &result.source);
    json.value("reason", &result.reason);
    json.value("incomplete", result.cut);
    if let Some(run) = &result.command {
        put_command(json, run);
    }
    if let Some(ramp) = result.ramp {
        json.value("phase", ramp.phase.name());
        json.value("ready", ramp.ready);
        json.value("cause", ramp.cause.map(|cause| cause.names()[0]));
    }
    json.texts_at("evidence", result.evidence.iter().cloned());
    json.objects_at("marks", &result.marks, |json, mark: &Mark| {
        json.value("label", &mark.label);
        json.value(key, mark.value);
        json.value("note", &mark.note)
    })
}

fn put_command(json: &mut Json<'_>, run: &CommandRun) {
    let how = run.outcome.map(outcome);
    json.value("outcome", how.as_deref().unwrap_or("not known"));
    json.value("cpu_us", run.cpu_us);
    json.value("first", run.is_first);
    json.value("missed", run.missed)
}

/// What a value is called for machines.
pub(crate) fn value_key(unit: Unit) -> &'static str {
    match unit {
        Unit::Microseconds => "value_us",
        Unit::Containers => "containers",
        Unit::None => "value",
    }
}
