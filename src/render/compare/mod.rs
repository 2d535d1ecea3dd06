//! A comparison as a document, and as json and csv.

pub(crate) mod csv;
mod fairness;
mod figures;
mod groups;
mod headline;
pub(crate) mod json;
pub(crate) mod lanes;
mod logs;
pub(crate) mod notes;
mod remarks;
mod results;
mod roles;
mod sentences;
mod stages;
mod words;

use super::document::{Document, List, Part, Properties};
use super::findings::Remarks;
use super::style::Medium;
use super::{utc, write as writer};
use crate::compare::{Comparison, Product};
use crate::words::escape::escaped;
use crate::words::figures::counted;
use notes::Notes;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;

/// The most logs of a stage that are named.
const LOGS: usize = 4;

/// Writes it as text, markdown or a page.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write(
    out: &mut dyn Write,
    comparison: &Comparison,
    medium: Medium,
) -> io::Result<()> {
    writer::write(out, &document(comparison, medium), medium)
}

/// The comparison as a document: first its conclusions; in markdown without a title, as in
/// a write-up.
fn document(comparison: &Comparison, medium: Medium) -> Document<'static> {
    let mut notes = Notes::default();
    let mut tables = vec![results::table(comparison, medium, &mut notes)];
    if medium != Medium::Html {
        let others = 1..comparison.products.len();
        tables.extend(others.filter_map(|product| results::pair(comparison, product)));
    }
    let legend = legend(comparison, comparison.products.len() > 1);
    let legend = Part::List(List::Legend("How to read the tables"), legend);
    let tables = Part::Tables(tables);
    let notes = Part::List(List::Numbered, notes.words());
    let remarks = remarks::all(comparison);
    let sentences = Part::Sentences(sentences::said(
        comparison,
        &remarks,
        medium == Medium::Html,
    ));
    let (title, mut properties) = (title(comparison), properties(comparison));
    let logs = || Part::List(List::Titled("Logs"), sources(comparison));
    match medium {
        Medium::Text(_) => {
            let validity = remarks.validity();
            let validity = validity.map(|said| ("validity".into(), format!("{said}, see below")));
            properties.lines.extend(validity);
            let (title, properties) = (Part::Heading(1, title), Part::Properties(properties));
            // The first lines have scrolled away when the last are read.
            let said = sentences::said(comparison, &remarks, false);
            let again = said.iter().map(|sentence| sentence.text()).collect();
            let again = Part::List(List::Titled("In short"), again);
            let remarks = Part::Remarks(remarks);
            Document::of(vec![
                title,
                sentences,
                properties,
                tables,
                notes,
                logs(),
                legend,
                remarks,
                again,
            ])
        }
        Medium::Markdown => {
            let remarks = Part::Remarks(remarks);
            Document::of(vec![sentences, tables, notes, logs(), legend, remarks])
        }
        Medium::Html => {
            properties.are_products = true;
            Document {
                title,
                properties,
                ..Document::of(page(
                    comparison,
                    remarks,
                    [sentences, tables, notes, legend],
                ))
            }
        }
    }
}

/// The parts of a page: the conclusions, the table, the stages over time, what is to be
/// known of the figures, and, folded, where they come from.
fn page(
    comparison: &Comparison,
    remarks: Remarks,
    [sentences, tables, notes, legend]: [Part<'static>; 4],
) -> Vec<Part<'static>> {
    let validity = Part::Validity(remarks.validity());
    let mut parts = vec![sentences, validity, tables, notes];
    for (title, pictures) in stages::pictures(comparison) {
        parts.extend([Part::Heading(3, title.to_owned()), Part::Pictures(pictures)]);
    }
    let logs = Part::Table(logs::table(comparison));
    let repeat = Part::List(List::Paragraphs, repeat(comparison));
    parts.extend([
        Part::Remarks(remarks),
        Part::Folded("How to read the table".to_owned(), vec![legend]),
        Part::Folded("How to repeat it on another board".to_owned(), vec![repeat]),
        Part::Folded("Logs".to_owned(), vec![logs]),
    ]);
    parts
}

/// The commands that make the runs of each product and stage.
fn repeat(comparison: &Comparison) -> Vec<String> {
    let mut all = Vec::new();
    for product in &comparison.products {
        for stage in &product.stages {
            let mut runs = comparison.runs_of(&product.name, &stage.stage);
            let command = runs
                .next()
                .map(|(_, run)| notes::again(&run.header, run.duration_us));
            let times = counted(stage.recorded as u64, "run");
            all.extend(command.map(|command| format!("{command} ({times})")));
        }
    }
    all.push(
        "All stages, restarts and networks from a plan: edgebench-lite bench --help".to_owned(),
    );
    all
}

/// Writes the conclusions as a picture.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write_headline(out: &mut dyn Write, comparison: &Comparison) -> io::Result<()> {
    headline::write(out, comparison, &title(comparison))
}

fn title(comparison: &Comparison) -> String {
    let names = (0..comparison.products.len()).map(|product| words::name(comparison, product));
    let names: Vec<String> = names.collect();
    match &names[..] {
        [] => String::new(),
        [only] => only.clone(),
        [reference, others @ ..] => {
            format!("{} against {reference} (reference)", others.join(", "))
        }
    }
}

/// The runs of each product.
fn properties(comparison: &Comparison) -> Properties {
    let mut lines = Vec::new();
    for product in &comparison.products {
        let stages = product.stages.iter().map(|runs| {
            let counts = [
                (runs.recorded, "run"),
                (runs.of_footprints, "footprint run"),
            ];
            let counts = counts.into_iter().filter(|(count, _)| *count > 0);
            let counts = counts.map(|(count, thing)| counted(count as u64, thing));
            let stage = escaped(runs.stage.name().as_bytes());
            format!("{stage} {}", counts.collect::<Vec<_>>().join(" and "))
        });
        let mut all: Vec<String> = stages.collect();
        let runs = comparison.runs.iter();
        let own = runs.filter(|run| run.header.product == product.name);
        let results: usize = own.map(|run| run.results.len()).sum();
        if results > 0 {
            all.push(counted(results as u64, "result"));
        }
        let facts = comparison.facts.iter();
        let typed = facts.filter(|fact| fact.product == product.name).count();
        if typed > 0 {
            all.push(format!("{} by hand", counted(typed as u64, "value")));
        }
        let all = match all.is_empty() {
            true => "nothing".to_owned(),
            false => all.join(", "),
        };
        lines.push((escaped(product.name.as_bytes()).into(), all));
    }
    Properties {
        lines,
        ..Properties::default()
    }
}

fn legend(comparison: &Comparison, has_pairs: bool) -> Vec<String> {
    let is_named = |product: &Product| product.is_defined && product.profile.is_none();
    let named = match comparison.products.iter().any(is_named) {
        true => ", or of those named by --key, --unit or --cgroup",
        false => "",
    };
    let mut legend = vec![
        format!(
            "before: stage baseline; with: stage edge. In use (true): MemTotal minus MemAvailable. \
             Free's used: Total minus Free, Buffers, Cached and SReclaimable (procps 3.3). PSS of \
             product: the sum over the key processes of its profile{named}."
        ),
        "Each value is the median across runs; for sampled figures, of the per-run medians. Taken: \
         the difference of two medians."
            .to_owned(),
        "In parentheses: min to max of n runs; with 6 or more, the 95 % CI of the median (of a \
         difference: with 4 and 4, or 3 and 5, or more). A second n counts the baseline runs that \
         were subtracted; \"n 2 of 3\": the process came first in 2 of 3 runs. ~: the range of a \
         difference spans 0."
            .to_owned(),
        "Top CPU consumer: recorder excluded. Short-lived CPU: what processes used between their last \
         sample and their end, % of one core."
            .to_owned(),
    ];
    if !has_pairs {
        return legend;
    }
    legend.push(
        "pp: percentage points. Range: min to max of the ratios of any two runs (of any four where \
         runs were subtracted); with *, the 95 % CI of the ratio. Only p is corrected for the number \
         of rows: of twenty intervals, one may miss. A ratio needs two runs of each product, and a \
         reference above 0. n: runs of the product, and of the reference if that has another number."
            .to_owned(),
    );
    if comparison.tests > 0 {
        legend.push(format!(
            "p: exact Mann-Whitney test of one value per run, corrected for {} (Holm). ~: no \
             difference is shown.",
            counted(comparison.tests as u64, "test")
        ));
    }
    legend
}

/// The logs of the figures, as many as there is room for.
fn sources(comparison: &Comparison) -> Vec<String> {
    let mut sources = Vec::new();
    for product in &comparison.products {
        for runs in &product.stages {
            let stage = &runs.stage;
            let count = runs.recorded + runs.of_footprints;
            let runs = comparison.all_of(&product.name, stage);
            let runs = runs.take(LOGS).map(|(_, run)| {
                let path = escaped(run.log.as_os_str().as_bytes());
                format!(
                    "{path} ({} UTC)",
                    utc::readable(run.header.start_realtime_ns)
                )
            });
            let mut listed = runs.collect::<Vec<_>>().join(", ");
            if count > LOGS {
                listed += &format!(" and {} more (--format json lists all)", count - LOGS);
            }
            sources.push(format!(
                "{}, {}: {listed}",
                escaped(product.name.as_bytes()),
                escaped(stage.name().as_bytes())
            ));
        }
    }
    sources
}
