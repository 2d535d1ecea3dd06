//! A report as JSON, one object a line: what it is about, then the figures, see
//! [`super::data`].

use super::data::{self, Subject};
use super::findings::{words, Remarks};
use super::json::Json;
use super::names::memory_name;
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
        json.value("version", Some(data::VERSION))?;
        json.value("top", Some(options.top))?;
        let by = match options.by {
            By::Name => "name",
            By::Process => "process",
            By::Cgroup(place) => place.name(),
        };
        json.text("by", by)?;
        json.objects_at("blocks", &report.blocks, |json, block| {
            json.text("product", &block.product)?;
            json.text("stage", &block.stage)?;
            json.objects_at("runs", &block.runs, put)?;
            json.objects_at("results", of_all(&block.results), results::put)
        })
    })?;
    json.line()
}

fn of_all(runs: &[RunResults]) -> impl Iterator<Item = &Measurement> {
    runs.iter().flat_map(|run| &run.results)
}

fn put(json: &mut Json<'_>, run: &Run) -> io::Result<()> {
    let header = &run.header;
    for (key, text) in [
        ("host", &header.host),
        ("board", &header.board),
        ("release", &header.release),
        ("machine_type", &header.machine),
        ("os", &header.os),
        ("cmdline", &header.cmdline),
        ("boot_id", &header.boot_id),
        ("tool", &header.tool),
    ] {
        json.text(key, text)?;
    }
    json.text("pss", header.pss.name())?;
    let memory = memory_name(run.memory).to_ascii_lowercase();
    json.text("memory", &memory)?;
    let synchronised = match header.synchronised {
        Synchronised::Unknown => None,
        Synchronised::No => Some(false),
        Synchronised::Yes => Some(true),
    };
    json.value("clock_synchronised", synchronised)?;
    for (key, value) in [
        ("run", header.run.into()),
        ("start_realtime_ns", header.start_realtime_ns),
        ("start_boottime_ns", header.start_boottime_ns),
    ] {
        json.value(key, Some(value))?;
    }
    put_subjects(json, run)?;
    let remarks = Remarks::of(&run.findings);
    json.texts_at("warnings", remarks.doubts())?;
    json.texts_at("notes", remarks.graded(Grade::Note))
}

/// The figures: those of one kind together.
fn put_subjects(json: &mut Json<'_>, run: &Run) -> io::Result<()> {
    let subjects = data::of(run);
    let mut rest = &subjects[..];
    while let Some(first) = rest.first() {
        let alike = rest.iter().take_while(|other| other.kind == first.kind);
        let (these, others) = rest.split_at(alike.count());
        match first.kind {
            "machine" | data::PRODUCT => json.object_at(first.kind, |json| figures(json, first))?,
            data::FINDINGS => json.objects_at(first.kind, &run.findings, put_finding)?,
            data::RUN => {
                for (figure, numbers) in &first.figures {
                    let value = numbers.first().and_then(|(_, value)| *value);
                    json.value(figure, value)?;
                }
                json.value("euid", Some(run.header.euid))?;
            }
            kind => json.objects_at(kind, these, named)?,
        }
        rest = others;
    }
    Ok(())
}

fn put_finding(json: &mut Json<'_>, finding: &Finding) -> io::Result<()> {
    json.text("name", finding.name())?;
    json.text("grade", finding.grade().name())?;
    json.text("text", &words(finding))
}

fn named(json: &mut Json<'_>, subject: &Subject<'_>) -> io::Result<()> {
    if !subject.name.is_empty() {
        json.bytes("name", &subject.name)?;
    }
    if subject.kind.starts_with("by_") {
        json.value("kernel_thread", Some(subject.kernel_thread))?;
    }
    if let Some((pid, starttime)) = subject.process {
        json.value("pid", Some(pid))?;
        json.value("starttime", Some(starttime))?;
    }
    figures(json, subject)
}

fn figures(json: &mut Json<'_>, subject: &Subject<'_>) -> io::Result<()> {
    for (figure, numbers) in &subject.figures {
        if numbers.is_empty() {
            json.value(figure, None::<u64>)?;
            continue;
        }
        json.object_at(figure, |json| {
            let mut numbers = numbers.iter();
            numbers.try_for_each(|(key, value)| json.value(key, value.map(data::rounded)))
        })?;
    }
    Ok(())
}
