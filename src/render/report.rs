//! A report as a document.

use super::compare::notes::again;
use super::document::{Document, List, Part, Properties};
use super::findings::Remarks;
use super::names::title;
use super::outline::VALID;
use super::style::Medium;
use super::{
    account, cards, chart, machine, outline, pooled, probe, ramp, results, side_by_side, svg, utc,
    write as writer, Block, Report,
};
use crate::series::finding::Grade;
use crate::series::Run;
use crate::words::figures::{mib, percent, span};
use std::io::{self, Write};

/// Columns to the labels of a run's properties, and to those of the machine's parts.
const LABELS: usize = 10;
const PARTS: usize = 12;

const FOOT: &str = "CPU of the machine is a share of all cores, CPU of a process a share of one \
     core. 1 MiB is 1024 KiB. PSS counts a page that n processes share as 1/n in each. In charts, \
     the line is the mean, and the band spans the lowest to the highest value at each moment; areas are the means of \
     processes, one upon the other.";

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
        parts.extend(side_by_side::table(&report.blocks).map(Part::Table));
    }
    for block in &report.blocks {
        let runs = &block.runs[..];
        // The title of a page stands in its head.
        if medium != Medium::Html || report.blocks.len() > 1 {
            parts.push(Part::Heading(1, title_of(block)));
        }
        match runs {
            [] => {}
            [only] => add(&mut parts, only, report, medium),
            _ => add_several(&mut parts, runs, report, medium),
        }
        for of in &block.results {
            let run = runs.iter().find(|run| run.header.run == of.header.run);
            ramp::add(&mut parts, of, run, medium);
        }
        parts.extend(results::parts(&block.results, runs.is_empty()));
        parts.extend(probe::parts(&block.results, medium));
    }
    // Of a single run the brief form comes last.
    if let (Medium::Text(_), true) = (medium, report.runs() > 1) {
        let lines = report.blocks.iter().filter_map(in_short);
        parts.push(Part::List(List::Titled("In short"), lines.collect()));
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

/// A product and stage in one line: its medians, and whether they may be trusted.
fn in_short(block: &Block) -> Option<String> {
    let runs = &block.runs[..];
    let median = |of| pooled::machine(runs, of).map(|[_, _, _, median, _]| median.value);
    let cpu = median(|run| run.cpu.as_ref()).map(|cpu| format!("CPU {} %", percent(cpu)));
    let memory = median(|run| run.memory_kib.as_ref());
    let memory = memory.map(|kib| format!("{} MiB in use", mib(kib)));
    let medians: Vec<String> = cpu.into_iter().chain(memory).collect();
    let validity = pooled::findings(runs).validity();
    let number = match runs.len() {
        0 => return None,
        1 => String::new(),
        several => format!(", {several} runs"),
    };
    let (title, medians) = (title(block), medians.join(", "));
    let validity = validity.as_deref().unwrap_or(VALID);
    Some(format!("{title}{number}: median {medians}; {validity}"))
}

/// Adds what is said of several runs together.
fn add_several<'r>(parts: &mut Vec<Part<'r>>, runs: &'r [Run], report: &Report, medium: Medium) {
    let top = report.options.top;
    let titles = outline::titles(&report.options, pooled::measure(runs));
    let mut processes = pooled::processes(runs, top);
    for (table, title) in processes.iter_mut().zip(titles) {
        table.title = title;
    }
    let findings = pooled::findings(runs);
    if medium == Medium::Html {
        parts.push(Part::Validity(findings.validity()));
    }
    parts.push(Part::Tables(vec![
        outline::overview(runs),
        pooled::table(runs, medium == Medium::Html),
    ]));
    if top > 0 {
        parts.push(Part::Tables(processes.into()));
    }
    parts.push(Part::Remarks(findings));
    let common = outline::common(&mut runs.iter().map(outline::properties));
    if !common.is_empty() {
        parts.push(Part::Heading(3, "The recordings".to_owned()));
        parts.push(Part::Properties(Properties::new(common, LABELS)));
    }
    let single = runs.iter().zip(1..);
    if medium == Medium::Html {
        parts.extend(single.map(|(run, number)| {
            let (at, us) = (run.header.start_realtime_ns, run.duration_us);
            let title = format!("Run {number}: {} UTC, {}", utc::readable(at), span(us));
            Part::Folded(title, page_of(run, report))
        }));
    } else if report.single_runs {
        for (run, number) in single {
            parts.push(Part::Heading(2, format!("Run {number}")));
            add(parts, run, report, medium);
        }
    } else {
        let more = "Each run by itself, with charts and the parts of the machine: --runs";
        parts.push(Part::List(List::Paragraphs, vec![more.to_owned()]));
    }
}

/// Adds the parts of a run: in text what is asked first, and the findings before how it was
/// recorded. Cautions are above the properties in markdown.
fn add<'r>(parts: &mut Vec<Part<'r>>, run: &'r Run, report: &Report, medium: Medium) {
    let remarks = Remarks::of(&run.findings);
    let doubts = Part::Remarks(remarks.only(&[Grade::Invalid, Grade::Caution]));
    let notes = Part::Remarks(remarks.only(&[Grade::Note]));
    let properties = |lines| Part::Properties(Properties::new(lines, LABELS));
    let figures = outline::figures(run).map(Part::Table);
    let processes = Part::Tables(outline::processes(run, &report.options));
    match medium {
        Medium::Text(style) => {
            let [first, rest] = outline::length_first(run);
            parts.push(properties(first));
            parts.extend(figures);
            parts.extend(chart::charts(run, &style).into_iter().map(Part::Chart));
            parts.extend([
                processes,
                Part::Remarks(remarks),
                Part::Heading(3, "The recording".to_owned()),
                properties(rest),
            ]);
            add_machine(parts, run, report, style.unicode);
        }
        Medium::Markdown => {
            parts.extend([doubts, properties(outline::properties(run))]);
            parts.extend(figures);
            parts.push(processes);
            add_machine(parts, run, report, true);
            parts.push(notes);
        }
        Medium::Html => parts.extend(page_of(run, report)),
    }
}

/// The parts of a run in a page: its headline figures, its charts, its tables, what is to be
/// known of them, and, folded, how it was recorded.
fn page_of<'r>(run: &'r Run, report: &Report) -> Vec<Part<'r>> {
    let remarks = Remarks::of(&run.findings);
    let mut parts = vec![
        Part::Sentences(cards::of_run(run)),
        Part::Validity(remarks.validity()),
        Part::Pictures(svg::stacks(run)),
    ];
    let mut tables = outline::processes(run, &report.options);
    tables.extend(outline::figures(run));
    parts.push(Part::Tables(tables));
    parts.push(Part::Pictures(svg::parts_of(run)));
    add_machine(&mut parts, run, report, true);
    let mut recorded = outline::properties(run);
    recorded.push(("again", again(&run.header, run.duration_us)));
    let recorded = Part::Properties(Properties::new(recorded, LABELS));
    let title = "How it was recorded, and how to repeat it on another board";
    parts.extend([
        Part::Remarks(remarks),
        Part::Folded(title.to_owned(), vec![recorded]),
    ]);
    parts
}

/// Adds what is said of the parts of the machine, and where its CPU time went.
fn add_machine<'r>(parts: &mut Vec<Part<'r>>, run: &'r Run, report: &Report, unicode: bool) {
    let lines = machine::parts(run, unicode);
    if !lines.is_empty() {
        parts.push(Part::Heading(3, "Parts of the machine".to_owned()));
    }
    let mut tables = machine::tables(run);
    tables.extend(account::table(run));
    tables.extend(account::ended(run, report.options.top));
    parts.extend([
        Part::Properties(Properties::new(lines, PARTS)),
        Part::Tables(tables),
    ]);
}
