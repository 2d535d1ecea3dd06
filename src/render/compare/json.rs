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
//! | `missing` | `why`: `not recorded`, `not typed in`, `not in the log`, `parts missing`; `stage`; `key`; `command` |
//! | `against` | of each product but the reference: `product`, `n`, `n_reference`, `difference`, `ratio` (each `value`, `spread`), `test` (`p`, `p_corrected`, `differs`; or `enough`: runs that would do) |
//! | `warnings`, `notes` | sentences; `invalid`: those warnings that make the comparison invalid |
//!
//! Values are in `unit`; a yes is 1, a no 0.

use super::super::findings::Remarks;
use super::super::json::Json;
use super::super::utc;
use super::notes::{reading, recording};
use super::remarks;
use crate::compare::against::{Against, Change, Test};
use crate::compare::{Cell, Comparison, Figure, Missing, Point, Product, Silence, TableRow};
use crate::compare::{Source, Spread};
use crate::series::finding::Grade;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;

/// Of the keys.
pub(crate) const VERSION: u32 = 1;

/// Writes all of it.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write(out: &mut dyn Write, comparison: &Comparison) -> io::Result<()> {
    let mut json = Json::new(out);
    json.object(|json| {
        json.text("schema", "edgebench-lite compare")?;
        json.value("version", Some(VERSION))?;
        let reference = comparison.products.first();
        json.text("reference", reference.map_or("", |product| &product.name))?;
        json.array_at("products", |json| products(json, comparison))?;
        json.array_at("runs", |json| runs(json, comparison))?;
        json.array_at("facts", |json| facts(json, comparison))?;
        json.array_at("rows", |json| {
            let mut rows = comparison.rows.iter();
            rows.try_for_each(|row| json.object(|json| put_row(json, comparison, row)))
        })?;
        remarks_of(json, &remarks::all(comparison))
    })?;
    json.line()
}

fn remarks_of(json: &mut Json<'_>, remarks: &Remarks) -> io::Result<()> {
    json.array_at("warnings", |json| {
        remarks
            .doubts()
            .try_for_each(|sentence| json.item(sentence))
    })?;
    for (key, grade) in [("invalid", Grade::Invalid), ("notes", Grade::Note)] {
        json.array_at(key, |json| {
            remarks
                .graded(grade)
                .try_for_each(|sentence| json.item(sentence))
        })?;
    }
    Ok(())
}

fn products(json: &mut Json<'_>, comparison: &Comparison) -> io::Result<()> {
    for product in &comparison.products {
        json.object(|json| {
            json.text("name", &product.name)?;
            or_null(json, "profile", product.profile)?;
            json.array_at("stages", |json| {
                let mut stages = product.stages.iter();
                stages.try_for_each(|held| {
                    json.object(|json| {
                        json.text("stage", held.stage.name())?;
                        json.value("runs", Some(held.recorded))?;
                        json.value("footprint_runs", Some(held.of_footprints))
                    })
                })
            })
        })?;
    }
    Ok(())
}

fn or_null(json: &mut Json<'_>, key: &str, text: Option<&str>) -> io::Result<()> {
    match text {
        Some(text) => json.text(key, text),
        None => json.value(key, None::<u64>),
    }
}

fn runs(json: &mut Json<'_>, comparison: &Comparison) -> io::Result<()> {
    for run in &comparison.runs {
        let header = &run.header;
        json.object(|json| {
            json.bytes("log", run.log.as_os_str().as_bytes())?;
            for (key, text) in [
                ("product", header.product.as_str()),
                ("stage", run.stage.name()),
                ("host", &header.host),
                ("board", &header.board),
                ("machine", &header.machine),
                ("release", &header.release),
                ("start_utc", &utc::readable(header.start_realtime_ns)),
            ] {
                json.text(key, text)?;
            }
            for (key, value) in [
                ("start_realtime_ns", header.start_realtime_ns),
                ("duration_us", run.duration_us),
                ("samples", run.samples),
                ("interval_us", header.interval_us),
                ("cores", header.cores.into()),
                ("mem_total_kib", header.mem_total_kib),
                ("swap_total_kib", header.swap_total_kib),
            ] {
                json.value(key, Some(value))?;
            }
            json.value(
                "footprints",
                Some(run.readings.map_or(0, |readings| readings.footprints)),
            )
        })?;
    }
    Ok(())
}

fn facts(json: &mut Json<'_>, comparison: &Comparison) -> io::Result<()> {
    for fact in &comparison.facts {
        json.object(|json| {
            json.text("product", &fact.product)?;
            json.text("key", fact.key_name())?;
            json.value("value", Some(fact.value))?;
            json.text("source", &fact.source)?;
            or_null(json, "on", fact.elsewhere.as_deref())?;
            json.text("file", &fact.file)?;
            json.value("line", Some(fact.line))
        })?;
    }
    Ok(())
}

fn put_row(json: &mut Json<'_>, comparison: &Comparison, row: &TableRow) -> io::Result<()> {
    let spec = &row.spec;
    json.text("row", spec.kind.name())?;
    or_null(json, "stage", spec.stage.as_ref().map(|stage| stage.name()))?;
    json.text("statistic", spec.statistic.name())?;
    json.text("unit", spec.kind.unit().name())?;
    json.array_at("cells", |json| {
        let mut cells = comparison.products.iter().zip(&row.cells);
        cells.try_for_each(|(product, cell)| {
            json.object(|json| {
                json.text("product", &product.name)?;
                match cell {
                    Cell::Figure(figure) => put_figure(json, figure),
                    Cell::Missing(why) => {
                        json.value("value", None::<f64>)?;
                        json.object_at("missing", |json| put_missing(json, product, why))
                    }
                }
            })
        })
    })?;
    json.array_at("against", |json| {
        let against = comparison.products.iter().zip(&row.against);
        let mut against = against.filter_map(|(product, a)| Some((product, a.as_ref()?)));
        against.try_for_each(|(product, against)| {
            json.object(|json| {
                json.text("product", &product.name)?;
                put_against(json, against)
            })
        })
    })
}

fn put_figure(json: &mut Json<'_>, figure: &Figure) -> io::Result<()> {
    json.value("value", Some(figure.value))?;
    put_spread(json, figure.spread)?;
    let (n, less) = figure.n();
    json.value("n", Some(n))?;
    if less.is_some() {
        json.value("n_less", less)?;
    }
    if figure.share.is_some() {
        json.value("share_percent", figure.share)?;
    }
    if let Some(name) = &figure.name {
        json.bytes("name", &name.bytes)?;
        json.value("kernel_thread", Some(name.kernel_thread))?;
        json.value("in_runs", Some(name.in_runs.0))?;
    }
    json.array_at("points", |json| put_points(json, &figure.points))?;
    if !figure.less.is_empty() {
        json.array_at("less", |json| put_points(json, &figure.less))?;
    }
    Ok(())
}

fn put_points(json: &mut Json<'_>, points: &[Point]) -> io::Result<()> {
    points.iter().try_for_each(|point| {
        json.object(|json| {
            json.value("value", Some(point.value))?;
            match point.source {
                Source::Run { run, at_us } => {
                    json.value("run", Some(run))?;
                    json.value("at_us", at_us)
                }
                Source::Fact(fact) => json.value("fact", Some(fact)),
            }
        })
    })
}

fn put_spread(json: &mut Json<'_>, spread: Spread) -> io::Result<()> {
    let Some((low, high)) = spread.ends() else {
        return json.value("spread", None::<f64>);
    };
    let (kind, coverage) = match spread {
        Spread::Interval { coverage, .. } => ("interval", Some(coverage)),
        Spread::Range { .. } | Spread::None => ("range", None),
    };
    json.object_at("spread", |json| {
        json.text("kind", kind)?;
        json.value("low", Some(low))?;
        json.value("high", Some(high))?;
        json.value("coverage", coverage)
    })
}

fn put_missing(json: &mut Json<'_>, product: &Product, missing: &Missing) -> io::Result<()> {
    match missing {
        Missing::Stage(stage) => {
            json.text("why", "not recorded")?;
            json.text("stage", stage.name())?;
            json.text("command", &recording(&product.name, stage))
        }
        Missing::Fact(key) => {
            json.text("why", "not typed in")?;
            json.text("key", key)
        }
        Missing::Silent(stage, silence) => {
            json.text("why", "not in the log")?;
            json.text("stage", stage.name())?;
            match silence {
                Silence::NoPss | Silence::Footprints => {
                    json.text("command", &reading(product, stage))
                }
                Silence::NoProfile | Silence::Idle | Silence::Unknown => Ok(()),
            }
        }
        Missing::Parts(parts) => {
            json.text("why", "parts missing")?;
            json.array_at("parts", |json| {
                let mut parts = parts.iter();
                parts.try_for_each(|part| json.object(|json| put_missing(json, product, part)))
            })
        }
    }
}

fn put_against(json: &mut Json<'_>, against: &Against) -> io::Result<()> {
    json.value("n", Some(against.n.0))?;
    json.value("n_reference", Some(against.n.1))?;
    let put = |json: &mut Json<'_>, change: Change| {
        json.value("value", Some(change.value))?;
        put_spread(json, change.spread)
    };
    json.object_at("difference", |json| put(json, against.difference))?;
    match against.ratio {
        Some(ratio) => json.object_at("ratio", |json| put(json, ratio))?,
        None => json.value("ratio", None::<f64>)?,
    }
    match against.test {
        Test::Not => json.value("test", None::<f64>),
        Test::TooFew { enough } => json.object_at("test", |json| {
            json.value("p", None::<f64>)?;
            json.array_at("enough", |json| {
                json.number(enough.0)?;
                json.number(enough.1)
            })
        }),
        Test::P { p, corrected } => json.object_at("test", |json| {
            json.value("p", Some(p))?;
            json.value("p_corrected", Some(corrected))?;
            json.value("differs", Some(against.test.tells_apart()))
        }),
    }
}
