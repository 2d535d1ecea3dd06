//! A report as a document.

use super::document::{Document, Part, Properties, Table};
use super::findings::Remarks;
use super::names::title;
use super::style::Medium;
use super::{
    account, chart, machine, outline, probe, ramp, results, svg, write as writer, Block, Report,
};
use crate::series::finding::Grade;
use crate::series::Run;
use std::io::{self, Write};

/// Columns to the labels of a run's properties, and to those of the machine's parts.
const LABELS: usize = 10;
const PARTS: usize = 12;

const FOOT: &str = "CPU of the machine is a share of all cores, CPU of a process a share of one \
     core. 1 MiB is 1024 KiB. PSS counts a page that n processes share as 1/n in each. In charts, \
     the line is the mean, and the band spans the lowest to the highest value at each moment.";

/// Writes it as text, markdown or a page.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, report: &Report, medium: Medium) -> io::Result<()> {
    writer::write(out, &document(report, medium), medium)
}

/// The report as a document for `medium`.
fn document(report: &Report, medium: Medium) -> Document<'_> {
    let mut parts = Vec::new();
    if medium == Medium::Html {
        parts.push(Part::Pictures(svg::of_all(&report.blocks)));
    }
    for block in &report.blocks {
        let runs = &block.runs[..];
        // The title of a page stands in its head.
        if medium != Medium::Html || report.blocks.len() > 1 {
            parts.push(Part::Heading(1, title_of(block)));
        }
        if runs.len() > 1 {
            let tables = vec![outline::overview(runs), outline::over_runs(runs)];
            parts.push(Part::Tables(tables));
        }
        for (run, number) in runs.iter().zip(1..) {
            match runs.len() {
                1 => add(&mut parts, run, report, medium, outline::figures(run)),
                _ => {
                    parts.push(Part::Heading(2, format!("Run {number}")));
                    add(&mut parts, run, report, medium, None);
                }
            }
        }
        for of in &block.results {
            let run = runs.iter().find(|run| run.header.run == of.header.run);
            ramp::add(&mut parts, of, run, medium);
        }
        parts.extend(results::parts(&block.results, runs.is_empty()));
        parts.extend(probe::parts(&block.results, medium));
    }
    Document {
        title: match &report.blocks[..] {
            [only] => title_of(only),
            all => format!("{} products and stages", all.len()),
        },
        foot: FOOT,
        ..Document::of(parts)
    }
}

/// A product and stage, and how many runs there are if not one.
fn title_of(block: &Block) -> String {
    match block.runs.len() {
        0 | 1 => title(block),
        several => format!("{}: {several} runs", title(block)),
    }
}

/// Adds the parts of a run. Cautions are below the properties in a page, above them in
/// markdown, and in text at the end, from where it is read.
fn add<'r>(
    parts: &mut Vec<Part<'r>>,
    run: &'r Run,
    report: &Report,
    medium: Medium,
    figures: Option<Table<'r>>,
) {
    let mut properties = outline::properties(run);
    let remarks = Remarks::of(&run.findings);
    let doubts = Part::Remarks(remarks.only(&[Grade::Invalid, Grade::Caution]));
    let mut end = remarks.only(&[Grade::Note]);
    match medium {
        Medium::Text(_) => {
            let validity = remarks.validity();
            properties.extend(validity.map(|said| ("validity", format!("{said}, see the end"))));
            parts.push(Part::Properties(Properties::new(properties, LABELS)));
            end = remarks;
        }
        Medium::Markdown => parts.extend([
            doubts,
            Part::Properties(Properties::new(properties, LABELS)),
        ]),
        Medium::Html => parts.extend([
            Part::Properties(Properties::new(properties, LABELS)),
            doubts,
        ]),
    }
    parts.extend(figures.map(Part::Table));
    match medium {
        Medium::Text(style) => {
            parts.extend(chart::charts(run, &style).into_iter().map(Part::Chart))
        }
        Medium::Html => parts.push(Part::Pictures(svg::of_run(run))),
        Medium::Markdown => {}
    }
    parts.push(Part::Tables(outline::processes(run, &report.options)));
    let is_ascii = matches!(medium, Medium::Text(style) if !style.unicode);
    let lines = machine::parts(run, !is_ascii);
    if !lines.is_empty() {
        parts.push(Part::Heading(3, "Parts of the machine".to_owned()));
    }
    let mut tables = machine::tables(run);
    tables.extend(account::table(run));
    tables.extend(account::ended(run, report.options.top));
    parts.extend([
        Part::Properties(Properties::new(lines, PARTS)),
        Part::Tables(tables),
        Part::Remarks(end),
    ]);
}
