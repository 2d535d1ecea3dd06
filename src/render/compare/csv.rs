//! A comparison as tidy CSV (RFC 4180): a line for each figure of [`super::figures`].
//!
//! `stage` is empty for what belongs to none; `statistic` is what the value is of the
//! samples of a run, or what else it is: `share of memory`, `single value` (of one run, or
//! of one measurement by hand), `single value, subtracted`, `difference to reference`,
//! `ratio to reference`, `uncorrected p`. `value`, `low` and `high` are in `unit`, empty
//! where they are not known; `spread` is `range` or `interval`; `n` counts runs, or
//! measurements by hand, and `n_other` those of the other side of a difference or ratio;
//! `name` is the process that a row is about; `against` is the reference; `p` is corrected
//! for all tests.

use super::super::csv::{harmless, joined, plain};
use super::figures::{self, Datum, Role};
use super::words::source;
use crate::compare::{Comparison, Source, Spread, TableRow};
use std::io::{self, Write};

const HEAD: &str = "product,row,stage,statistic,unit,value,spread,low,high,n,n_other,name,against,\
                    p,source";

/// Writes all of it.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write(out: &mut dyn Write, comparison: &Comparison) -> io::Result<()> {
    writeln!(out, "{HEAD}")?;
    for row in &comparison.rows {
        for datum in figures::of(comparison, row) {
            writeln!(out, "{}", joined(&fields(comparison, row, &datum)))?;
        }
    }
    Ok(())
}

fn fields(comparison: &Comparison, row: &TableRow, datum: &Datum<'_>) -> [String; 15] {
    let number = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
    let count = |count: Option<usize>| count.map_or(String::new(), |count| count.to_string());
    let (low, high) = datum.spread.ends().unzip();
    let spread = match datum.spread {
        Spread::None => "",
        Spread::Range { .. } => "range",
        Spread::Interval { .. } => "interval",
    };
    let stage = row.spec.stage.as_ref().map_or("", |stage| stage.name());
    let name = datum.cell.figure().and_then(|figure| figure.name.as_ref());
    let name = name.filter(|_| datum.role == Role::Value);
    let reference = comparison.products.first();
    let pair = reference.filter(|_| datum.pair.is_some());
    [
        plain(datum.product.name.as_bytes()),
        row.spec.kind.name().to_owned(),
        plain(stage.as_bytes()),
        datum.statistic.to_owned(),
        datum.unit.to_owned(),
        number(datum.value),
        spread.to_owned(),
        number(low),
        number(high),
        count(datum.n),
        count(datum.n_other),
        name.map_or(String::new(), |name| plain(&name.bytes)),
        pair.map_or(String::new(), |reference| plain(reference.name.as_bytes())),
        number(datum.p),
        sources(comparison, &datum.sources),
    ]
}

/// Logs with the start of the run, and lines of facts.
fn sources(comparison: &Comparison, sources: &[Source]) -> String {
    let sources = sources.iter().filter_map(|of| source(comparison, *of));
    harmless(sources.collect::<Vec<_>>().join("; "))
}
