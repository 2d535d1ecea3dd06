//! A comparison as tidy CSV (RFC 4180): a line for each product and row, and one for
//! each figure of it against the reference.
//!
//! `stage` is empty for what belongs to none; `statistic` is what the value is of the
//! samples of a run; `value`, `low` and `high` are in `unit`, empty where they are not
//! known; `spread` is `range` or `interval`; `n` counts runs, or measurements by hand,
//! and `n_other` those of the other side of a difference or ratio; `name` is the
//! process that a row is about; `against` is the reference of a ratio or a difference;
//! `p` is corrected for all tests.

use super::super::csv::{harmless, plain, quoted};
use super::super::escape::escaped;
use super::super::utc;
use crate::compare::against::{Change, Test};
use crate::compare::rows::Unit;
use crate::compare::{Cell, Comparison, Figure, Source, Spread, TableRow};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;

const HEAD: [&str; 15] = [
    "product",
    "row",
    "stage",
    "statistic",
    "unit",
    "value",
    "spread",
    "low",
    "high",
    "n",
    "n_other",
    "name",
    "against",
    "p",
    "source",
];

/// What a line says, in the order of [`HEAD`].
#[derive(Default)]
struct Line {
    unit: &'static str,
    statistic: &'static str,
    value: Option<f64>,
    spread: Option<Spread>,
    n: Option<usize>,
    n_other: Option<usize>,
    name: String,
    against: String,
    p: Option<f64>,
    source: String,
}

/// Writes all of it.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write(out: &mut dyn Write, comparison: &Comparison) -> io::Result<()> {
    writeln!(out, "{}", HEAD.join(","))?;
    for row in &comparison.rows {
        let cells = comparison.products.iter().zip(&row.cells).enumerate();
        for (at, (product, cell)) in cells {
            line(out, &product.name, row, of_cell(comparison, row, cell))?;
            let Some(against) = row.against.get(at).copied().flatten() else {
                continue;
            };
            if row.spec.kind.unit() == Unit::Verdict {
                continue;
            }
            let reference = comparison.products.first().map_or("", |p| &p.name);
            let of = |change: Change| Line {
                value: Some(change.value),
                spread: Some(change.spread),
                n: Some(against.n.0),
                n_other: Some(against.n.1),
                against: plain(reference.as_bytes()),
                p: match against.test {
                    Test::P { corrected, .. } => Some(corrected),
                    Test::Not | Test::TooFew { .. } => None,
                },
                ..Line::default()
            };
            let difference = Line {
                unit: row.spec.kind.unit().name(),
                statistic: "difference to reference",
                ..of(against.difference)
            };
            line(out, &product.name, row, difference)?;
            if let Some(ratio) = against.ratio {
                let ratio = Line {
                    unit: "1",
                    statistic: "ratio to reference",
                    ..of(ratio)
                };
                line(out, &product.name, row, ratio)?;
            }
        }
    }
    Ok(())
}

fn of_cell(comparison: &Comparison, row: &TableRow, cell: &Cell) -> Line {
    let about = Line {
        unit: row.spec.kind.unit().name(),
        statistic: row.spec.statistic.name(),
        ..Line::default()
    };
    match cell {
        Cell::Missing(_) => about,
        Cell::Figure(figure) => Line {
            value: Some(figure.value),
            spread: Some(figure.spread),
            n: Some(figure.n().0),
            n_other: figure.n().1,
            name: figure
                .name
                .as_ref()
                .map_or(String::new(), |n| plain(&n.bytes)),
            source: sources(comparison, figure),
            ..about
        },
    }
}

fn line(out: &mut dyn Write, product: &str, row: &TableRow, line: Line) -> io::Result<()> {
    let number = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
    let count = |count: Option<usize>| count.map_or(String::new(), |count| count.to_string());
    let (low, high) = line.spread.and_then(Spread::ends).unzip();
    let spread = match line.spread {
        None | Some(Spread::None) => "",
        Some(Spread::Range { .. }) => "range",
        Some(Spread::Interval { .. }) => "interval",
    };
    let stage = row.spec.stage.as_ref().map_or("", |stage| stage.name());
    let fields = [
        plain(product.as_bytes()),
        row.spec.kind.name().to_owned(),
        plain(stage.as_bytes()),
        line.statistic.to_owned(),
        line.unit.to_owned(),
        number(line.value),
        spread.to_owned(),
        number(low),
        number(high),
        count(line.n),
        count(line.n_other),
        line.name,
        line.against,
        number(line.p),
        line.source,
    ];
    let fields = fields.iter().map(|text| quoted(text)).collect::<Vec<_>>();
    writeln!(out, "{}", fields.join(","))
}

/// Where the values are from: logs with the start of the run, lines of facts.
fn sources(comparison: &Comparison, figure: &Figure) -> String {
    let points = figure.points.iter().chain(&figure.less);
    let sources = points.filter_map(|point| match point.source {
        Source::Run { run, .. } => {
            let run = comparison.runs.get(run)?;
            let path = escaped(run.log.as_os_str().as_bytes());
            let start = utc::readable(run.header.start_realtime_ns);
            Some(format!("{path} {start} UTC"))
        }
        Source::Fact(fact) => {
            let fact = comparison.facts.get(fact)?;
            let (file, source) = (&fact.file, &fact.source);
            let (file, source) = (escaped(file.as_bytes()), escaped(source.as_bytes()));
            Some(format!("{file}:{} {source}", fact.line))
        }
    });
    harmless(sources.collect::<Vec<_>>().join("; "))
}
