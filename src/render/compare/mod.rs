//! A comparison, as a table that people read and as what programs read. [`Sheet`] is
//! the table in words, which text, markdown and html lay out; json and csv are made from
//! the figures themselves.

pub mod csv;
pub mod html;
pub mod json;
pub mod markdown;
mod notes;
mod remarks;
pub mod text;
mod words;

use super::escape::escaped;
use super::findings::Remarks;
use super::utc;
use crate::compare::against::Test;
use crate::compare::rows::{Kind, Spec};
use crate::compare::{Against, Cell, Comparison, Product, Row};
use crate::series::stage::Stage;
use notes::Notes;
use std::os::unix::ffi::OsStrExt;

/// A comparison in words. Names that others chose are escaped for a terminal; what
/// acts in markdown or html is not.
#[derive(Debug)]
pub struct Sheet {
    pub products: Vec<String>,
    /// Which runs of each product there are.
    pub runs: Vec<String>,
    pub sections: Vec<Section>,
    /// Each product but the reference against it.
    pub versus: Vec<Versus>,
    /// What must be known to read the table.
    pub legend: Vec<String>,
    /// Numbered from 1.
    pub notes: Vec<String>,
    /// The logs of each product and stage.
    pub sources: Vec<String>,
    /// What must be known of the runs and of the comparison.
    pub remarks: Remarks,
}

/// Rows that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub title: String,
    pub lines: Vec<Line>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// In its section, and by itself.
    pub label: String,
    pub whole_label: String,
    pub cells: Vec<Words>,
    /// Its place in [`Comparison::rows`]; of rows that are told together, the first.
    pub row: usize,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    pub value: String,
    /// The same where there is little room: a long name is cut.
    pub narrow: String,
    pub spread: Option<String>,
    /// Numbers of footnotes.
    pub notes: Vec<usize>,
    /// Yes or no, where that is all that the cell says.
    pub verdict: Option<bool>,
    pub missing: bool,
}

/// A product against the reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versus {
    /// Of [`Sheet::products`].
    pub product: usize,
    pub lines: Vec<Compared>,
    /// What is to be said of the rows in which there were too few runs.
    pub too_few: Option<String>,
}

/// A row of it; what is not known is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Of the section of the table.
    pub section: String,
    pub label: String,
    pub whole_label: String,
    pub difference: String,
    pub ratio: String,
    pub ends: String,
    pub n: String,
    /// `~`: no difference is shown.
    pub p: String,
}

/// What a cell without a value says.
const MISSING: &str = "not measured";
/// So many logs of a stage are named.
const LOGS: usize = 4;

impl Sheet {
    pub fn new(comparison: &Comparison) -> Self {
        let products = comparison.products.iter();
        let products: Vec<String> = products.map(|p| escaped(p.name.as_bytes())).collect();
        let mut notes = Notes::default();
        let sections = sections(comparison, &mut notes);
        let versus = (1..products.len()).map(|product| versus(comparison, product));
        let versus: Vec<Versus> = versus.filter(|versus| !versus.lines.is_empty()).collect();
        Self {
            runs: runs(comparison),
            legend: legend(comparison, &versus),
            sections,
            versus,
            notes: notes.words(comparison),
            sources: sources(comparison),
            remarks: remarks::all(comparison),
            products,
        }
    }

    /// What stands above the table.
    pub fn title(&self) -> String {
        match &self.products[..] {
            [] => String::new(),
            [only] => only.clone(),
            [reference, others @ ..] => {
                format!("{} against {reference} (the reference)", others.join(", "))
            }
        }
    }
}

fn runs(comparison: &Comparison) -> Vec<String> {
    let mut products = Vec::new();
    for product in &comparison.products {
        let stages = product.stages.iter().map(|held| {
            let counts = [
                (held.recorded, "run", "runs"),
                (held.of_footprints, "run of footprint", "runs of footprint"),
            ];
            let counts = counts.into_iter().filter(|(count, ..)| *count > 0);
            let counts = counts
                .map(|(count, one, several)| super::figures::counted(count as u64, one, several));
            let stage = escaped(held.stage.name().as_bytes());
            format!("{stage} {}", counts.collect::<Vec<_>>().join(" and "))
        });
        let mut all: Vec<String> = stages.collect();
        let facts = comparison.facts.iter();
        let typed = facts.filter(|fact| fact.product == product.name).count();
        if typed > 0 {
            all.push(format!(
                "{} by hand",
                super::figures::counted(typed as u64, "value", "values")
            ));
        }
        products.push(all.join(", "));
    }
    products
}

fn sections(comparison: &Comparison, notes: &mut Notes) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for (at, row) in comparison.rows.iter().enumerate() {
        let title = words::section(&row.spec);
        let missing = |row: &Row| row.cells.iter().all(|cell| cell.figure().is_none());
        // Of a stage that nobody has, one line is enough.
        let together = row.spec.kind == Kind::Cpu && {
            let mut rows = comparison.rows.iter();
            let same = |other: &&Row| (other.spec.kind, &other.spec.stage) == of(&row.spec);
            let first = rows.clone().position(|other| same(&other)) == Some(at);
            let none = rows.all(|other| !same(&other) || missing(other));
            if none && !first {
                continue;
            }
            none
        };
        let cells = row.cells.iter().enumerate();
        let cells = cells.map(|(product, cell)| cell_words(comparison, row, product, cell, notes));
        let line = Line {
            label: match together {
                true => "minimum to maximum".to_owned(),
                false => words::label(&row.spec),
            },
            whole_label: match together {
                true => format!("CPU, {}", row.spec.stage.as_ref().map_or("", Stage::name)),
                false => words::whole_label(&row.spec),
            },
            cells: cells.collect(),
            row: at,
        };
        match sections.last_mut().filter(|section| section.title == title) {
            Some(section) => section.lines.push(line),
            None => sections.push(Section {
                title,
                lines: vec![line],
            }),
        }
    }
    sections
}

fn of(spec: &Spec) -> (Kind, &Option<Stage>) {
    (spec.kind, &spec.stage)
}

fn cell_words(
    comparison: &Comparison,
    row: &Row,
    product: usize,
    cell: &Cell,
    notes: &mut Notes,
) -> Words {
    match cell {
        Cell::Figure(figure) => {
            let value = words::figure(&row.spec, figure, usize::MAX);
            Words {
                verdict: match value.as_str() {
                    "yes" => Some(true),
                    "no" => Some(false),
                    _ => None,
                },
                value,
                narrow: words::figure(&row.spec, figure, words::NAME_WIDTH),
                spread: words::spread(&row.spec, figure),
                notes: notes.of_figure(comparison, figure),
                missing: false,
            }
        }
        Cell::Missing(missing) => Words {
            value: MISSING.to_owned(),
            narrow: MISSING.to_owned(),
            spread: None,
            notes: notes.of_missing(comparison, product, missing),
            verdict: None,
            missing: true,
        },
    }
}

fn versus(comparison: &Comparison, product: usize) -> Versus {
    let mut lines = Vec::new();
    let mut too_few: Vec<((usize, usize), Vec<String>)> = Vec::new();
    for row in &comparison.rows {
        let against = row.against.get(product).copied().flatten();
        let Some(against) = against.filter(|_| compares(row, product)) else {
            continue;
        };
        if let Test::TooFew { enough } = against.test {
            let runs = format!("{} against {}", against.n.0, against.n.1);
            match too_few.iter_mut().find(|(other, _)| *other == enough) {
                None => too_few.push((enough, vec![runs])),
                Some((_, all)) if !all.contains(&runs) => all.push(runs),
                Some(_) => {}
            }
        }
        lines.push(compared(&row.spec, &against));
    }
    let said = too_few.iter().map(|((ours, theirs), runs)| {
        let runs = runs.join(" or ");
        format!("{runs}; {ours} against {theirs} would do")
    });
    let said: Vec<String> = said.collect();
    let too_few =
        (!said.is_empty()).then(|| format!("too few runs to decide ({})", said.join("; ")));
    Versus {
        product,
        lines,
        too_few,
    }
}

/// Whether the two figures are of the same thing: not of two processes, and not two
/// answers.
fn compares(row: &Row, product: usize) -> bool {
    let kind = row.spec.kind;
    let answer = matches!(
        kind,
        Kind::SurviveIpChange | Kind::SimpleFirewall | Kind::ComplexFirewall
    );
    product > 0 && !answer && kind != Kind::TopCpu
}

fn compared(spec: &Spec, against: &Against) -> Compared {
    let ratio = against.ratio;
    let (ours, theirs) = against.n;
    Compared {
        section: words::section(spec),
        label: words::label(spec),
        whole_label: words::whole_label(spec),
        difference: words::difference(spec.kind.unit(), against.difference.value),
        ratio: ratio.map_or(String::new(), |r| words::ratio(r.value)),
        ends: ratio
            .and_then(|r| words::ends(r.spread))
            .unwrap_or_default(),
        n: match ours == theirs {
            true => ours.to_string(),
            false => format!("{ours}, {theirs}"),
        },
        p: match against.test {
            Test::Not => String::new(),
            Test::TooFew { .. } => "too few".to_owned(),
            Test::P { corrected, .. } if against.test.tells_apart() => match corrected {
                p if p < 0.001 => "< 0.001".to_owned(),
                p => format!("{p:.3}"),
            },
            Test::P { corrected, .. } => format!("~ {corrected:.2}"),
        },
    }
}

fn legend(comparison: &Comparison, versus: &[Versus]) -> Vec<String> {
    let is_named = |product: &Product| product.is_defined && product.profile.is_none();
    let named = match comparison.products.iter().any(is_named) {
        true => ", or over those that --key, --unit or --cgroup names",
        false => "",
    };
    let mut legend = vec![
        format!(
            "before: stage baseline; with: stage edge. In use (true): MemTotal less MemAvailable. \
             Free's used: Total less Free, Buffers, Cached and SReclaimable (procps 3.3). PSS of \
             product: the sum over the key processes of its profile{named}."
        ),
        "Each value is the median across runs; for sampled figures, of the per-run medians. What is \
         taken is the difference of two medians."
            .to_owned(),
        "In parentheses: min to max of n runs; with 6 or more, the 95 % CI of the median (of a \
         difference, from 4 and 4 or 3 and 5 runs on). A second n counts the baseline runs that \
         were subtracted; \"n 2 of 3\": in so many runs this process came first. ~: the range of a \
         difference spans 0."
            .to_owned(),
        "Top CPU consumer: the recorder itself is left out.".to_owned(),
    ];
    let rows = comparison.rows.iter();
    let without_ratio = rows
        .flat_map(|row| row.against.iter().flatten())
        .any(|against| against.ratio.is_none());
    if !versus.is_empty() {
        legend.push(
            "pp: percentage points. Range: of the ratio, from the least to the greatest that any \
             two runs give, or any four of what is taken; with *, an interval that holds the ratio \
             with 95 % or more. Only p is corrected for how many rows there are: each interval is \
             for its row alone, so of twenty one may well fail. n: runs of the product, and of the \
             reference where those are not as many."
                .to_owned(),
        );
        if without_ratio {
            legend.push(
                "No ratio stands where its spread is not known: that takes two runs of each at \
                 least."
                    .to_owned(),
            );
        }
        if comparison.tests > 0 {
            legend.push(format!(
                "p: exact Mann-Whitney test of one value a run, corrected for the {} that were \
                 made (Holm). ~: no difference is shown.",
                super::figures::counted(comparison.tests as u64, "test", "tests")
            ));
        }
    }
    legend
}

/// The logs that the figures are from: as many as there is room for.
fn sources(comparison: &Comparison) -> Vec<String> {
    let mut sources = Vec::new();
    for product in &comparison.products {
        for held in &product.stages {
            let stage = &held.stage;
            let count = held.recorded + held.of_footprints;
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
                listed += &format!(" and {} more, all in --format json", count - LOGS);
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
