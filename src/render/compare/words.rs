//! Names of rows, and the notation of their values.

use super::super::{ramp, utc};
use crate::compare::facts::{Fact, Notation};
use crate::compare::rows::{Kind, Spec, Statistic, Unit};
use crate::compare::{Comparison, Figure, Source, Spread};
use crate::results::Measurement;
use crate::series::stage::Stage;
use crate::stats::SIGNIFICANCE;
use crate::words::escape::{cut, escaped};
use crate::words::figures::{mib, span};
use std::os::unix::ffi::OsStrExt;

/// In KiB.
const THOUSAND_MIB: f64 = 1_024_000.0;
/// Where there is little room, longer names of processes end in `..`.
pub(crate) const NAME_WIDTH: usize = 16;

/// A product's name.
pub(crate) fn name(comparison: &Comparison, product: usize) -> String {
    let product = comparison.products.get(product);
    product.map_or(String::new(), |product| escaped(product.name.as_bytes()))
}

/// Where a fact stands.
pub(super) fn place(fact: &Fact) -> String {
    format!("{}:{}", escaped(fact.file.as_bytes()), fact.line)
}

/// The names of a kind of rows: section, label, and the prefix of the label outside of
/// its section.
fn names(kind: Kind) -> [&'static str; 3] {
    const BOOT: &str = "Boot time to login prompt";
    const ENDED: &str = "Processes that ended between samples";
    const TAKEN: &str = "taken by the edge software";
    match kind {
        Kind::BootCold => [BOOT, "cold start", "boot time, "],
        Kind::BootRestart => [BOOT, "restart", "boot time, "],
        Kind::MemoryConsumed => ["Memory", "in use (true)", "memory, "],
        Kind::FreeUsed => ["Memory", "free's used", "memory, "],
        Kind::ProductPss => ["Memory", "PSS of product", ""],
        Kind::MemoryAvailable => ["Memory", "available to applications", "memory, "],
        Kind::MemoryTaken => ["Memory", TAKEN, "memory, "],
        Kind::DiskUsed => ["Disk (root file system)", "used", "disk, "],
        Kind::DiskTaken => ["Disk (root file system)", TAKEN, "disk, "],
        Kind::TopCpu => [
            "Top CPU consumer, average % of one core",
            "process",
            "top CPU, ",
        ],
        Kind::EndedCpu => [ENDED, "short-lived CPU", ""],
        Kind::EndedRate => [ENDED, "ended a second", "processes that "],
        Kind::Cpu => ["CPU, % of all cores", "", "CPU "],
        Kind::ApiTime => ["API response time", "", "API response, "],
        Kind::SurviveIpChange => ["Network", "survives IP address change", ""],
        Kind::SimpleFirewall => ["Network", "behind a simple firewall", "works "],
        Kind::ComplexFirewall => ["Network", "behind a complex firewall", "works "],
        Kind::Containers => ["Containers", "until unresponsive", "containers, "],
    }
}

/// The section of a row.
pub(crate) fn section(spec: &Spec) -> String {
    let [section, ..] = names(spec.kind);
    match (spec.kind, &spec.stage) {
        (_, Some(Stage::Other(_))) => format!("Stage {}", stage(spec)),
        (Kind::Cpu, _) => format!("{section}, {}", stage(spec)),
        _ => section.to_owned(),
    }
}

fn stage(spec: &Spec) -> String {
    match &spec.stage {
        None => String::new(),
        Some(Stage::Baseline) => "before the edge software".to_owned(),
        Some(Stage::Edge) => "with the edge software".to_owned(),
        Some(Stage::Workload) => "with a container".to_owned(),
        Some(Stage::Ramp) => "with more and more containers".to_owned(),
        Some(Stage::Other(name)) => cut(name.as_bytes(), NAME_WIDTH),
    }
}

/// The label of a row in its section.
pub(crate) fn label(spec: &Spec) -> String {
    let statistic = spec.statistic.name();
    match (spec.kind, &spec.stage) {
        (Kind::Cpu, Some(Stage::Other(_))) => format!("CPU {statistic}, % of all cores"),
        (Kind::Cpu, _) => statistic.to_owned(),
        (Kind::ApiTime, _) => match spec.statistic {
            Statistic::Min => "fastest".to_owned(),
            Statistic::Max => "slowest".to_owned(),
            _ => statistic.to_owned(),
        },
        (kind, stage) => {
            let [_, label, _] = names(kind);
            // Of the others there is one row, not one before and one with.
            let has_two = !matches!(kind, Kind::MemoryAvailable | Kind::MemoryTaken);
            match stage {
                Some(Stage::Baseline) if has_two => format!("{label}, before"),
                Some(Stage::Edge) if has_two => format!("{label}, with"),
                _ => label.to_owned(),
            }
        }
    }
}

/// The label of a row outside of its section.
pub(crate) fn whole_label(spec: &Spec) -> String {
    let (label, [.., before]) = (label(spec), names(spec.kind));
    match (spec.kind, &spec.stage) {
        (Kind::Cpu, Some(Stage::Other(_))) => format!("{label}, stage {}", stage(spec)),
        (_, Some(Stage::Other(_))) => format!("{before}{label}, stage {}", stage(spec)),
        (Kind::Cpu, of) => format!("{before}{label}, {}", of.as_ref().map_or("", Stage::name)),
        _ => format!("{before}{label}"),
    }
}

/// The log and the start of the run that a value is from, or the line of its fact.
pub(crate) fn source(comparison: &Comparison, source: Source) -> Option<String> {
    let log = |run: usize| {
        let run = comparison.runs.get(run)?;
        let start = utc::readable(run.header.start_realtime_ns);
        let path = escaped(run.log.as_os_str().as_bytes());
        Some((run, format!("{path} {start} UTC")))
    };
    match source {
        Source::Run { run, .. } => log(run).map(|(_, log)| log),
        Source::Result { run, result } => log(run).map(|(run, log)| {
            let source = run.results.get(result).map(source_of);
            format!("{log} {}", source.unwrap_or_default())
        }),
        Source::Fact(fact) => comparison.facts.get(fact).map(|fact| {
            let [file, source] = [&fact.file, &fact.source].map(|text| escaped(text.as_bytes()));
            format!("{file}:{} {source}", fact.line)
        }),
    }
}

/// Where the value of a result comes from, or what ended the ramp that it is of.
pub(crate) fn source_of(result: &Measurement) -> String {
    match ramp::ended(result) {
        Some(ended) => ended,
        None => escaped(result.source.as_bytes()),
    }
}

/// A value with its unit.
pub(crate) fn value(unit: Unit, value: f64, form: Option<Notation>) -> String {
    let number = number(unit, value.abs(), form);
    let text = match unit {
        Unit::Kib => {
            let memory = form.and_then(|form| form.memory);
            format!("{number} {}", memory.map_or("MiB", |unit| unit.name))
        }
        Unit::Percent | Unit::PercentOfCore => format!("{number} %"),
        Unit::Seconds | Unit::PerSecond | Unit::Count | Unit::Verdict => number,
    };
    signed(value, &text, "")
}

/// The size of a value with its sign; `plus` unless it is negative.
fn signed(value: f64, size: &str, plus: &str) -> String {
    match value < 0.0 && !is_nothing(size) {
        true => format!("-{size}"),
        false => format!("{plus}{size}"),
    }
}

/// Whether the digits that are shown say 0.
fn is_nothing(size: &str) -> bool {
    !size.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
}

/// A time that was measured, with so many decimals of a second.
fn seconds(value: f64, decimals: usize) -> String {
    let step = 10f64.powi(decimals as i32);
    let value = (value * step).round() / step;
    let part = format!("{:.decimals$}", value.fract());
    let whole = span((value.trunc() * 1e6) as u64);
    match whole.strip_suffix(" s") {
        Some(whole) => format!("{whole}{} s", part.trim_start_matches('0')),
        // Whole hours and days.
        None => whole,
    }
}

/// The same without its unit, unless the number needs it.
fn number(unit: Unit, value: f64, form: Option<Notation>) -> String {
    let decimals = form.map(|form| form.decimals);
    let is_measured = form.is_some_and(|form| form.step == 0.0);
    match unit {
        Unit::Seconds => match decimals {
            Some(decimals) if is_measured => seconds(value, decimals),
            // Parts of a second, where they were typed or lie between two that were.
            Some(decimals @ 1..) if (60.0..3600.0).contains(&value) => {
                let whole = span((value.trunc() * 1e6) as u64);
                let part = format!("{:.decimals$}", value.fract());
                match part.trim_start_matches('0').trim_end_matches('0') {
                    "." => whole,
                    part if part.starts_with('.') => whole.replace(" s", &format!("{part} s")),
                    _ => span((value.round() * 1e6) as u64),
                }
            }
            _ => span((value * 1e6).round() as u64),
        },
        Unit::Kib => match form.and_then(|form| Some((form.memory?, form.decimals))) {
            Some((memory, decimals)) => format!("{:.decimals$}", value / memory.kib),
            None => mib(value),
        },
        Unit::Percent | Unit::PercentOfCore | Unit::PerSecond => {
            let decimals = decimals.unwrap_or(2);
            format!("{value:.decimals$}")
        }
        Unit::Count if value.fract() == 0.0 => format!("{value:.0}"),
        Unit::Count => format!("{value:.1}"),
        Unit::Verdict => match value {
            value if value >= 1.0 => "yes".to_owned(),
            value if value <= 0.0 => "no".to_owned(),
            _ => "yes and no".to_owned(),
        },
    }
}

/// A difference, with its sign and its unit.
pub(crate) fn difference(unit: Unit, value: f64) -> String {
    signed(value, &size(unit, value), "+")
}

/// How far two values are apart. Less than the digits show is less than the last of them.
pub(super) fn apart(unit: Unit, value: f64) -> String {
    let mut size = size(unit, value);
    if let Some(last) = size.rfind('0').filter(|_| is_nothing(&size)) {
        size.replace_range(last..=last, "1");
        size.insert_str(0, "under ");
    }
    size
}

fn size(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Percent | Unit::PercentOfCore => format!("{:.2} pp", value.abs()),
        _ => self::value(unit, value.abs(), None),
    }
}

/// The text of a cell.
pub(crate) fn figure(spec: &Spec, figure: &Figure, names: usize) -> String {
    let unit = spec.kind.unit();
    let mut text = value(unit, figure.value, figure.notation);
    if unit == Unit::Verdict && figure.points.len() > 1 {
        let yes = figure.points.iter().filter(|p| p.value > 0.0).count();
        text = format!("yes in {yes} of {}", figure.points.len());
    }
    if figure.at_least {
        text = format!("at least {text}");
    }
    if let Some(share) = figure.share {
        text += &format!(" ({share:.2} %)");
    }
    if figure.may_be_nothing() {
        text = format!("~ {text}");
    }
    match &figure.name {
        None => text,
        Some(name) => {
            let shown = cut(&name.bytes, names);
            match name.kernel_thread {
                true => format!("[{shown}] {text}"),
                false => format!("{shown} {text}"),
            }
        }
    }
}

/// The spread of the runs and their number; `None` for a single run.
pub(crate) fn spread(spec: &Spec, figure: &Figure) -> Option<String> {
    let unit = spec.kind.unit();
    if unit == Unit::Verdict {
        return None;
    }
    let ends = figure.spread.ends().map(|(low, high)| {
        // Room is scarce beside long numbers.
        let long = unit == Unit::Kib && low.abs().max(high.abs()) >= THOUSAND_MIB;
        let end = |value: f64| {
            let size = match figure.notation {
                None if long => format!("{:.0}", value.abs() / 1024.0),
                form => number(unit, value.abs(), form),
            };
            signed(value, &size, "")
        };
        format!("{} to {}, ", end(low), end(high))
    });
    let n = match (figure.n(), figure.name.as_ref().map(|name| name.in_runs)) {
        (_, Some((runs, of))) if runs < of => format!("n {runs} of {of}"),
        ((1, None | Some(1)), _) => return None,
        ((n, None), _) => format!("n {n}"),
        ((n, Some(less)), _) if n == less => format!("n {n}"),
        ((n, Some(less)), _) => format!("n {n}, {less}"),
    };
    Some(format!("{}{n}", ends.unwrap_or_default()))
}

/// A ratio's or a difference's spread, as numbers.
pub(crate) fn ends(spread: Spread) -> Option<String> {
    let (low, high) = spread.ends()?;
    let mark = match spread {
        Spread::Interval { .. } => "*",
        _ => " ",
    };
    Some(format!("{} to {}{mark}", ratio(low), ratio(high)))
}

/// A corrected p; two digits where it shows no difference.
pub(crate) fn p(p: f64) -> String {
    match p {
        p if p < 0.001 => "< 0.001".to_owned(),
        p if p <= SIGNIFICANCE => format!("{p:.3}"),
        p => format!("{p:.2}"),
    }
}

/// A ratio, to three digits.
pub(crate) fn ratio(ratio: f64) -> String {
    match ratio {
        ratio if ratio < 9.995 => format!("{ratio:.2}"),
        ratio if ratio < 99.95 => format!("{ratio:.1}"),
        ratio => format!("{ratio:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_has_three_digits_at_the_changes_too() {
        for (value, text) in [
            (9.994, "9.99"),
            (9.996, "10.0"),
            (99.94, "99.9"),
            (99.96, "100"),
        ] {
            assert_eq!(ratio(value), text);
        }
    }

    #[test]
    fn a_distance_is_never_nothing() {
        assert_eq!(apart(Unit::Kib, -300.0 * 1024.0), "300.0 MiB");
        assert_eq!(apart(Unit::Kib, 20.0), "under 0.1 MiB");
        assert_eq!(apart(Unit::Percent, -0.004), "under 0.01 pp");
        assert_eq!(apart(Unit::Percent, 0.10), "0.10 pp");
    }
}
