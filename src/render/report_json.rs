//! A report as JSON, one object a line: what it is about, then the figures, see
//! [`super::data`].

use super::compare::json::put_spread;
use super::data::{self, Subject};
use super::findings::Remarks;
use super::json::{Json, Value};
use super::names::memory_name;
use super::outline::FIGURES;
use super::pooled::{self, PooledGroup};
use super::{results, Report};
use crate::log::record::Synchronised;
use crate::results::{Measurement, RunResults};
use crate::series::finding::{Finding, Grade};
use crate::series::{By, Run};
use std::io::{self, Write};

/// Writes the report.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let options = &report.options;
    let mut json = Json::new(out);
    json.object(|json| {
        json.value("version", data::VERSION);
        json.value("top", options.top);
        let by = match options.by {
            By::Name => "name",
            By::Process => "process",
            By::Cgroup(place) => place.name(),
        };
        json.value("by", by);
        json.objects_at("blocks", &report.blocks, |json, block| {
            json.value("product", &block.product);
            json.value("stage", &block.stage);
            json.object_at("pooled", |json| put_pooled(json, &block.runs, options.top));
            json.objects_at("runs", &block.runs, put);
            json.objects_at("results", of_all(&block.results), results::put)
        })
    });
    json.line()
}

fn of_all(runs: &[RunResults]) -> impl Iterator<Item = &Measurement> {
    runs.iter().flat_map(|run| &run.results)
}

/// The figures over the runs, under the names that each run has them by.
fn put_pooled(json: &mut Json<'_>, runs: &[Run], top: usize) {
    json.value("runs", runs.len());
    json.object_at("machine", |json| {
        for (_, figure, of, _) in FIGURES {
            let over = pooled::machine(runs, of);
            over.iter().for_each(|five| put_five(json, figure, five));
        }
    });
    let measure = pooled::measure(runs);
    let by_memory = pooled::groups(runs, top, pooled::rows_by_memory(measure));
    let by_cpu = pooled::groups(runs, top, |run| &run.by_cpu);
    for (key, figure, groups) in [
        ("by_memory", data::memory_key(measure), by_memory),
        ("by_cpu", "cpu_percent", by_cpu),
    ] {
        json.objects_at(key, &groups, |json, of: &PooledGroup<'_>| {
            let group = of.group;
            json.bytes("name", &group.name);
            json.value("this_product", group.is_product);
            json.value("kernel_thread", group.kernel_thread);
            process(json, group.process);
            put_five(json, figure, &of.figures);
        });
    }
}

fn put_five(json: &mut Json<'_>, figure: &str, five: &pooled::Five) {
    let form: fn(f64) -> f64 = match data::is_percent(figure) {
        true => |value| data::rounded(value * data::PERCENT),
        false => data::rounded,
    };
    json.object_at(figure, |json| {
        for (statistic, over) in ["max", "min", "mean", "median", "p95"].iter().zip(five) {
            json.object_at(statistic, |json| {
                json.value("value", form(over.value));
                put_spread(json, over.spread, form);
                json.value("n", over.points.len());
            });
        }
    });
}

fn process(json: &mut Json<'_>, of: Option<(u32, u64)>) {
    if let Some((pid, starttime)) = of {
        json.value("pid", pid);
        json.value("starttime", starttime);
    }
}

fn put(json: &mut Json<'_>, run: &Run) {
    let header = &run.header;
    json.texts(&[
        ("host", &header.host),
        ("board", &header.board),
        ("release", &header.release),
        ("machine_type", &header.machine),
        ("os", &header.os),
        ("cmdline", &header.cmdline),
        ("boot_id", &header.boot_id),
        ("tool", &header.tool),
    ]);
    json.value("pss", header.pss.name());
    let memory = memory_name(run.memory).to_ascii_lowercase();
    json.value("memory", &memory);
    let synchronised = match header.synchronised {
        Synchronised::Unknown => None,
        Synchronised::No => Some(false),
        Synchronised::Yes => Some(true),
    };
    json.value("clock_synchronised", synchronised);
    json.numbers(&[
        ("run", header.run.into()),
        ("start_realtime_ns", header.start_realtime_ns),
        ("start_boottime_ns", header.start_boottime_ns),
    ]);
    put_subjects(json, run);
    let remarks = Remarks::of(&run.findings);
    json.texts_at("warnings", remarks.doubts());
    json.texts_at("notes", remarks.graded(Grade::Note))
}

/// The figures: those of one kind together.
fn put_subjects(json: &mut Json<'_>, run: &Run) {
    let subjects = data::of(run);
    let mut rest = &subjects[..];
    while let Some(first) = rest.first() {
        let alike = rest.iter().take_while(|other| other.kind == first.kind);
        let (these, others) = rest.split_at(alike.count());
        match first.kind {
            "machine" | data::PRODUCT => json.object_at(first.kind, |json| figures(json, first)),
            data::FINDINGS => json.objects_at(first.kind, &run.findings, put_finding),
            data::RUN => {
                for (figure, numbers) in &first.figures {
                    let value = numbers.first().and_then(|(_, value)| *value);
                    json.value(figure, value);
                }
                json.value("euid", run.header.euid);
            }
            kind => json.objects_at(kind, these, named),
        }
        rest = others;
    }
}

fn put_finding(json: &mut Json<'_>, finding: &Finding) {
    json.value("name", finding.name);
    json.value("grade", finding.grade.name());
    json.value("text", &finding.text)
}

fn named(json: &mut Json<'_>, subject: &Subject<'_>) {
    if !subject.name.is_empty() {
        json.bytes("name", &subject.name);
    }
    if subject.kind.starts_with("by_") {
        json.value("kernel_thread", subject.kernel_thread);
    }
    process(json, subject.process);
    figures(json, subject)
}

fn figures(json: &mut Json<'_>, subject: &Subject<'_>) {
    for (figure, numbers) in &subject.figures {
        if numbers.is_empty() {
            json.value(figure, Value::Null);
            continue;
        }
        json.object_at(figure, |json| {
            for (key, value) in numbers {
                json.value(key, value.map(data::rounded));
            }
        });
    }
}
