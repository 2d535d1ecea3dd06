//! The runs of a product and stage taken together: the machine's figures and the largest
//! groups of processes over the runs, and the findings about any of them.

use super::document::{Cell, Row, Table};
use super::findings::Remarks;
use super::names::name;
use super::outline::{five, FIGURES, FIVE, NAME_WIDTH};
use super::svg::{self, Lane};
use crate::compare::{Figure, Point, Source, Spread};
use crate::series::finding::Finding;
use crate::series::{GroupSummary, Memory, Run};
use crate::stats::Summary;
use crate::words::figures::{counted, mib, percent, span};
use std::cmp::Ordering;

/// From so many runs on, the median of all possible runs has a 95 % interval.
const RUNS_FOR_AN_INTERVAL: usize = 6;

/// The figures of a series over the runs, in the order of [`FIVE`].
pub(crate) type Five = [Figure; 5];

/// Processes of one name, or of one unit and so on, over the runs that list them.
pub(crate) struct PooledGroup<'r> {
    pub(crate) group: &'r GroupSummary,
    pub(crate) figures: Five,
}

/// Each run's summary of one thing, where it has one, with the run's place.
type Summaries<'r> = Vec<(usize, &'r Summary)>;

/// A group, and its summaries.
type Pool<'r> = (&'r GroupSummary, Summaries<'r>);
type Order<'o> = dyn Fn(&Pool<'_>, &Pool<'_>) -> Ordering + 'o;

/// What tells a group from others.
fn identity(of: &GroupSummary) -> (bool, bool, Option<(u32, u64)>, &[u8]) {
    (of.is_product, of.kernel_thread, of.process, &of.name)
}

/// Takes them together; `None` where no run has any.
fn over(summaries: &Summaries<'_>) -> Option<Five> {
    let figure = |place: usize| {
        let point = |(run, summary): &(usize, &Summary)| Point {
            value: five(summary)[place],
            source: Source::Run {
                run: *run,
                at_us: None,
            },
        };
        Figure::of(summaries.iter().map(point).collect())
    };
    (!summaries.is_empty()).then(|| [0, 1, 2, 3, 4].map(figure))
}

/// A figure of the machine over the runs.
pub(crate) fn machine(runs: &[Run], of: fn(&Run) -> Option<&Summary>) -> Option<Five> {
    let summaries = runs.iter().enumerate();
    over(
        &summaries
            .filter_map(|(at, run)| Some((at, of(run)?)))
            .collect(),
    )
}

/// The groups that took most over the runs, by the sums of their means; the product is
/// first. A run that does not list a group is left out of that group's figures.
pub(crate) fn groups<'r>(
    runs: &'r [Run],
    top: usize,
    rows: fn(&'r Run) -> &'r [GroupSummary],
) -> Vec<PooledGroup<'r>> {
    let mut all: Vec<Pool<'r>> = Vec::new();
    for (at, run) in runs.iter().enumerate() {
        all.extend(rows(run).iter().map(|row| (row, vec![(at, &row.figures)])));
    }
    // Alike ones beside each other: there may be as many as all runs have rows.
    let sort = |all: &mut Vec<Pool<'r>>, by: &Order<'_>| all.sort_by(|a, b| by(a, b));
    sort(&mut all, &|(a, _), (b, _)| identity(a).cmp(&identity(b)));
    all.dedup_by(|(row, more), (of, summaries)| {
        let same = identity(row) == identity(of);
        if same {
            summaries.append(more);
        }
        same
    });
    let sum = |of: &Summaries<'_>| of.iter().map(|(_, summary)| summary.mean).sum::<f64>();
    sort(&mut all, &|(a, of_a), (b, of_b)| {
        let products = b.is_product.cmp(&a.is_product);
        products.then(sum(of_b).total_cmp(&sum(of_a)))
    });
    let products = all.iter().filter(|(of, _)| of.is_product).count();
    let most = all.into_iter().take(top.saturating_add(products));
    let pooled = most.filter_map(|(group, summaries)| {
        let figures = over(&summaries)?;
        Some(PooledGroup { group, figures })
    });
    pooled.collect()
}

/// The measure of processes' memory in the tables: PSS, if any run has it.
pub(crate) fn measure(runs: &[Run]) -> Memory {
    match runs.iter().any(|run| run.memory == Memory::Pss) {
        true => Memory::Pss,
        false => Memory::Rss,
    }
}

/// The rows by memory of a run that has PSS, and of one that has RSS.
pub(crate) fn rows_by_memory(of: Memory) -> fn(&Run) -> &[GroupSummary] {
    match of {
        Memory::Pss => |run| listed(run, Memory::Pss),
        Memory::Rss => |run| listed(run, Memory::Rss),
    }
}

fn listed(run: &Run, of: Memory) -> &[GroupSummary] {
    match run.memory == of {
        true => &run.by_memory,
        false => &[],
    }
}

/// How long the runs are: `3 runs of 5 min 0 s`, `3 runs of 4 min 0 s to 5 min 0 s`.
pub(crate) fn lengths(runs: &[Run]) -> String {
    let all = || runs.iter().map(|run| run.duration_us);
    let [least, most] = [all().min(), all().max()].map(|us| span(us.unwrap_or(0)));
    let runs = counted(runs.len() as u64, "run");
    match least == most {
        true => format!("{runs} of {least}"),
        false => format!("{runs} of {least} to {most}"),
    }
}

/// The head of a column of medians: what stands in the parentheses.
pub(crate) fn head(runs: usize) -> String {
    match runs {
        0 | 1 => "median".to_owned(),
        runs if runs < RUNS_FOR_AN_INTERVAL => format!("median (range of {runs} runs)"),
        runs => format!("median (95 % CI, n {runs})"),
    }
}

/// A figure with its spread, and the number of its runs where that is not all.
pub(crate) fn cell(figure: &Figure, form: fn(f64) -> String, runs: usize) -> Cell {
    // Of some runs only, under a head that promises an interval.
    let is_range = matches!(figure.spread, Spread::Range { .. });
    let what = match is_range && runs >= RUNS_FOR_AN_INTERVAL {
        true => "range ",
        false => "",
    };
    let ends = figure.spread.ends();
    let ends = ends.map(|(low, high)| format!("{what}{} to {}", form(low), form(high)));
    let n = figure.points.len();
    let n = (n < runs).then(|| format!("n {n}"));
    let spread: Vec<String> = ends.into_iter().chain(n).collect();
    Cell {
        spread: (!spread.is_empty()).then(|| spread.join(", ")),
        ..Cell::from(form(figure.value))
    }
}

/// The highest value of any run, of the highest of each.
fn highest(figure: &Figure) -> f64 {
    let ends = figure.spread.ends();
    let all = figure.points.iter().map(|point| point.value);
    all.fold(ends.map_or(figure.value, |(_, high)| high), f64::max)
}

/// A row of a table that has a column for the median, the average and the highest value.
pub(crate) fn row<'r>(
    label: impl Into<String>,
    figures: &Five,
    form: fn(f64) -> String,
    runs: usize,
) -> Row<'r> {
    let [max, _, average, median, _] = figures;
    Row {
        cells: vec![
            cell(median, form, runs),
            form(average.value).into(),
            form(highest(max)).into(),
        ],
        ..Row::new(label, Vec::new())
    }
}

/// The largest groups by memory and by CPU.
pub(crate) fn processes<'r>(runs: &'r [Run], top: usize) -> [Table<'r>; 2] {
    let n = runs.len();
    let table = |groups: Vec<PooledGroup<'_>>, form: fn(f64) -> String| {
        let rows = groups.iter();
        let rows = rows.map(|of| row(name(of.group), &of.figures, form, n));
        let head = ["name", &head(n), "average", "highest"];
        Table::new("", &head, rows.collect::<Vec<_>>()).of_names(NAME_WIDTH)
    };
    [
        table(groups(runs, top, rows_by_memory(measure(runs))), mib),
        table(groups(runs, top, |run| &run.by_cpu), percent),
    ]
}

/// Every statistic of the machine's figures over the runs; `drawn`: with each run's median.
pub(crate) fn table(runs: &[Run], drawn: bool) -> Table<'static> {
    let n = runs.len();
    let mut rows = Vec::new();
    for (name, key, of, form) in FIGURES {
        let figures = machine(runs, of);
        for (figure, which) in figures.iter().flatten().zip(FIVE) {
            let cell = cell(figure, form, n);
            let spread = cell.spread.unwrap_or_default();
            let mut row = Row::new(format!("{name}, {which}"), vec![cell.value, spread]);
            if drawn && which != "median" {
                row.cells.push(Cell::default());
            } else if drawn {
                // KiB, or milli-percent.
                let least = if key.ends_with("_kib") { 1024.0 } else { 100.0 };
                row.cells.push(plot(figure, least, form));
            }
            rows.push(row);
        }
    }
    let spread = match n < RUNS_FOR_AN_INTERVAL {
        true => "range",
        false => "95 % CI of the median",
    };
    let title = format!("Across {}", counted(n as u64, "run"));
    let head = ["", "median", spread, "each run"];
    Table::new(title, &head[..3 + usize::from(drawn)], rows)
}

/// The runs of a figure on a scale from 0; `least`: what its end is a multiple of.
fn plot(figure: &Figure, least: f64, form: fn(f64) -> String) -> Cell {
    let runs = figure.points.iter().map(|point| {
        let number = match point.source {
            Source::Run { run, .. } => run + 1,
            _ => 0,
        };
        (point.value, format!("{}: run {number}", form(point.value)))
    });
    let lane = Lane {
        product: 0,
        runs: runs.collect(),
        median: figure.value,
        ends: figure.spread.ends(),
    };
    Cell {
        drawing: svg::plot(&[Some(lane)], least, &form),
        ..Cell::default()
    }
}

/// The findings about the runs, each kind once, as in its worst run, and of how many it is
/// said.
pub(crate) fn findings(runs: &[Run]) -> Remarks {
    let mut found: Vec<(&Finding, Vec<usize>)> = Vec::new();
    let all = (1..).zip(runs);
    for (run, finding) in all.flat_map(|(run, of)| of.findings.iter().map(move |f| (run, f))) {
        match found.iter_mut().find(|(of, _)| of.name == finding.name) {
            None => found.push((finding, vec![run])),
            Some((worst, runs)) => {
                *worst = worst_of(worst, finding);
                runs.push(run);
                runs.dedup();
            }
        }
    }
    let said = |(of, whose): &(&Finding, Vec<usize>)| {
        let whose = match &whose[..] {
            _ if runs.len() == 1 => String::new(),
            [only] => format!("run {only}: "),
            several => format!("{} of {} runs, worst: ", several.len(), runs.len()),
        };
        (of.grade, whose + &of.text)
    };
    found.iter().map(said).collect()
}

/// The graver of two findings of one kind, or the one of which there is more.
pub(crate) fn worst_of<'f>(one: &'f Finding, other: &'f Finding) -> &'f Finding {
    let extent = |of: &Finding| (of.grade, of.extent);
    match extent(other) > extent(one) {
        true => other,
        false => one,
    }
}
