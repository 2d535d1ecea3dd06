//! A comparison as JSON, one object. Keys are never renamed or given another meaning
//! in a `version`; new ones may come.
//!
//! | key | |
//! |---|---|
//! | `schema`, `version` | `"edgebench-lite compare"`, 1 |
//! | `reference` | the product that the others are put against |
//! | `products` | the columns: `name`, `profile` (null: none is known), `stages`: `stage`, `runs` (recorded), `footprint_runs` |
//! | `runs` | every run: `log`, `product`, `stage`, `host`, `board`, `machine`, `release`, `start_utc`, `start_realtime_ns`, `duration_us`, `samples`, `interval_us`, `cores`, `mem_total_kib`, `swap_total_kib`, `footprints` (of `footprint --output`, which has no samples; 0: it was recorded) |
//! | `facts` | what was typed in: `product`, `key`, `value`, `source`, `on` (null: the board), `file`, `line` |
//! | `rows` | the table: `row`, `stage` (null: none), `statistic`, `unit`, `cells`, `against` |
//! | `cells` | of each product: `product`, `value` (null: not measured, and `missing` says why), `spread`, `n`, `n_less` (of a difference: runs that were taken from the others), `share_percent`, `name` (of a process), `in_runs`, `points`, `less` |
//! | `spread` | null, or `kind` (`range` of the runs, or `interval` of 95 % at least), `low`, `high`, `coverage` |
//! | `points` | each value: `value`, and `run` (place in `runs`) with `at_us` (null: not of one moment), or `fact` (place in `facts`) |
//! | `missing` | `why`: `not recorded`, `not typed in`, `not in the log`, `parts missing`; `stage`; `key`; `command`; `reason` |
//! | `against` | of each product but the reference: `product`, `n`, `n_reference`, `difference`, `ratio` (each `value`, `spread`), `test` (`p`, `p_corrected`, `differs`; or `enough`: runs that would do) |
//! | `conclusions` | sentences on the rows: verdicts, what differs, and what is not decided or not tested |
//! | `warnings`, `notes` | sentences; `invalid`: those warnings that make the comparison invalid |
//!
//! Values are in `unit`; a yes is 1, a no 0.

use super::super::json::{Json, Value};
use super::super::results::put as put_result;
use super::super::utc;
use super::figures::{self, Datum, Role};
use super::notes::{reading, recording};
use super::{remarks, sentences};
use crate::compare::facts::Fact;
use crate::compare::measured::Measured;
use crate::compare::measured::RunSource;
use crate::compare::pair_comparison::Test;
use crate::compare::{Cell, Comparison, Figure, Missing, Product, Silence, TableRow};
use crate::compare::{Source, Spread};
use crate::series::finding::Grade;
use crate::words::exits::lack;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;

/// The version of the keys.
pub(crate) const VERSION: u32 = 1;

/// Writes all of it.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write(out: &mut dyn Write, comparison: &Comparison) -> io::Result<()> {
    let mut json = Json::new(out);
    json.object(|json| {
        json.value("schema", "edgebench-lite compare");
        json.value("version", VERSION);
        let reference = comparison.products.first();
        json.value("reference", reference.map_or("", |product| &product.name));
        json.objects_at("products", &comparison.products, put_product);
        json.objects_at("runs", &comparison.runs, put_run);
        json.objects_at("facts", &comparison.facts, put_fact);
        json.objects_at("rows", &comparison.rows, |json, row| {
            put_row(json, row, &figures::of(comparison, row))
        });
        let conclusions = sentences::all(comparison).into_iter();
        json.texts_at("conclusions", conclusions.map(|of| of.text()));
        let remarks = remarks::all(comparison);
        json.texts_at("warnings", remarks.doubts());
        json.texts_at("invalid", remarks.graded(Grade::Invalid));
        json.texts_at("notes", remarks.graded(Grade::Note))
    });
    json.line()
}

fn put_product(json: &mut Json<'_>, product: &Product) {
    json.value("name", &product.name);
    json.value("profile", product.profile);
    json.objects_at("stages", &product.stages, |json, runs| {
        json.value("stage", runs.stage.name());
        json.value("runs", runs.recorded);
        json.value("footprint_runs", runs.of_footprints)
    })
}

fn put_run(json: &mut Json<'_>, run: &Measured) {
    let header = &run.header;
    json.bytes("log", run.log.as_os_str().as_bytes());
    json.texts(&[
        ("product", header.product.as_str()),
        ("stage", run.stage.name()),
        ("host", &header.host),
        ("board", &header.board),
        ("machine", &header.machine),
        ("release", &header.release),
        ("start_utc", &utc::readable(header.start_realtime_ns)),
    ]);
    json.numbers(&[
        ("start_realtime_ns", header.start_realtime_ns),
        ("duration_us", run.duration_us),
        ("samples", run.samples),
        ("interval_us", header.interval_us),
        ("cores", header.cores.into()),
        ("mem_total_kib", header.mem_total_kib),
        ("swap_total_kib", header.swap_total_kib),
    ]);
    let footprints = match run.source {
        RunSource::Footprints(readings) => readings.footprints,
        RunSource::Samples | RunSource::Results => 0,
    };
    json.value("footprints", footprints);
    json.objects_at("results", &run.results, put_result)
}

fn put_fact(json: &mut Json<'_>, fact: &Fact) {
    json.value("product", &fact.product);
    json.value("key", fact.key_name());
    json.value("value", fact.value);
    json.value("source", &fact.source);
    json.value("on", fact.elsewhere.as_deref());
    json.value("file", &fact.file);
    json.value("line", fact.line)
}

fn put_row(json: &mut Json<'_>, row: &TableRow, data: &[Datum<'_>]) {
    let spec = &row.spec;
    json.value("row", spec.kind.name());
    json.value("stage", spec.stage.as_ref().map(|stage| stage.name()));
    json.value("statistic", spec.statistic.name());
    json.value("unit", spec.kind.unit().name());
    let of = |role| data.iter().filter(move |datum| datum.role == role);
    json.objects_at("cells", of(Role::Value), |json, datum| {
        json.value("product", &datum.product.name);
        json.value("value", datum.value);
        match datum.cell {
            Cell::Figure(figure) => put_figure(json, figure, datum, data),
            Cell::Missing(why) => {
                json.object_at("missing", |json| put_missing(json, datum.product, why))
            }
        }
    });
    json.objects_at("against", of(Role::Difference), |json, datum| {
        json.value("product", &datum.product.name);
        put_pair(json, datum, data)
    })
}

/// Those of the same product.
fn beside<'e, 'c>(
    datum: &Datum<'c>,
    data: &'e [Datum<'c>],
    role: Role,
) -> impl Iterator<Item = &'e Datum<'c>> {
    let at = datum.at;
    let all = data.iter();
    all.filter(move |other| other.at == at && other.role == role)
}

fn put_figure(json: &mut Json<'_>, figure: &Figure, datum: &Datum<'_>, data: &[Datum<'_>]) {
    if figure.at_least {
        json.value("at_least", true);
    }
    put_spread(json, datum.spread, |value| value);
    json.value("n", datum.n);
    if datum.n_other.is_some() {
        json.value("n_less", datum.n_other);
    }
    for share in beside(datum, data, Role::Share) {
        json.value("share_percent", share.value);
    }
    if let Some(name) = &figure.name {
        json.bytes("name", &name.bytes);
        json.value("kernel_thread", name.kernel_thread);
        json.value("in_runs", name.in_runs.0);
    }
    json.objects_at("points", beside(datum, data, Role::Point), put_point);
    let mut less = beside(datum, data, Role::Subtracted).peekable();
    if less.peek().is_some() {
        json.objects_at("less", less, put_point);
    }
}

fn put_point(json: &mut Json<'_>, point: &Datum<'_>) {
    json.value("value", point.value);
    match point.sources.first() {
        Some(Source::Run { run, at_us }) => {
            json.value("run", *run);
            json.value("at_us", *at_us)
        }
        Some(Source::Result { run, result }) => {
            json.value("run", *run);
            json.value("result", *result)
        }
        Some(Source::Fact(fact)) => json.value("fact", *fact),
        None => {}
    }
}

/// A spread, of which each end is written as `form` has it.
pub(crate) fn put_spread(json: &mut Json<'_>, spread: Spread, form: fn(f64) -> f64) {
    let Some((low, high)) = spread.ends() else {
        return json.value("spread", Value::Null);
    };
    let (kind, coverage) = match spread {
        Spread::Interval { coverage, .. } => ("interval", Some(coverage)),
        Spread::Range { .. } | Spread::None => ("range", None),
    };
    json.object_at("spread", |json| {
        json.value("kind", kind);
        json.value("low", form(low));
        json.value("high", form(high));
        json.value("coverage", coverage)
    })
}

fn put_missing(json: &mut Json<'_>, product: &Product, missing: &Missing) {
    match missing {
        Missing::Stage(stage) => {
            json.value("why", "not recorded");
            json.value("stage", stage.name());
            json.value("command", &recording(&product.name, stage))
        }
        Missing::Fact(key) => {
            json.value("why", "not typed in");
            json.value("key", key)
        }
        Missing::Silent(stage, silence) => {
            json.value("why", "not in the log");
            json.value("stage", stage.name());
            match silence {
                Silence::NoPss | Silence::Footprints => {
                    json.value("command", &reading(product, stage))
                }
                Silence::Ends(listens) => {
                    if let Some(reason) = lack(*listens) {
                        json.value("reason", reason);
                    }
                }
                Silence::NoProfile | Silence::Idle | Silence::Unknown => {}
            }
        }
        Missing::Parts(parts) => {
            json.value("why", "parts missing");
            json.objects_at("parts", parts, |json, part| {
                put_missing(json, product, part)
            })
        }
    }
}

fn put_pair(json: &mut Json<'_>, datum: &Datum<'_>, data: &[Datum<'_>]) {
    json.value("n", datum.n);
    json.value("n_reference", datum.n_other);
    let put = |json: &mut Json<'_>, datum: &Datum<'_>| {
        json.value("value", datum.value);
        put_spread(json, datum.spread, |value| value)
    };
    json.object_at("difference", |json| put(json, datum));
    match beside(datum, data, Role::Ratio).next() {
        Some(ratio) => json.object_at("ratio", |json| put(json, ratio)),
        None => json.value("ratio", Value::Null),
    }
    let test = datum.pair.map(|pair| pair.test);
    match (beside(datum, data, Role::P).next(), test) {
        (Some(p), Some(test)) => json.object_at("test", |json| {
            json.value("p", p.value);
            json.value("p_corrected", p.p);
            json.value("differs", test.tells_apart())
        }),
        (None, Some(Test::TooFew { enough })) => json.object_at("test", |json| {
            json.value("p", Value::Null);
            json.array_at("enough", |json| {
                json.item(enough.0);
                json.item(enough.1)
            })
        }),
        _ => json.value("test", Value::Null),
    }
}
