//! Remarks on a comparison: a sentence or two each, with their figures.

use super::super::findings::{caution, Remark, Remarks};
use super::super::pooled::worst_of;
use super::fairness;
use super::groups::{groups, of_group, runs_of, with_runs, Group, Numbers};
use super::roles;
use super::words::{self, name, place};
use crate::compare::{Comparison, Figure, Replaced};
use crate::series::finding::{Finding, Grade};
use crate::series::stage::Stage;
use crate::words::figures::counted;

/// All of them.
pub(crate) fn all(comparison: &Comparison) -> Remarks {
    let products = || 0..comparison.products.len();
    let groups = groups(comparison);
    let mut all: Vec<Remark> = fairness::traits(comparison).collect();
    all.extend(fairness::swap(comparison));
    all.extend(of_runs(comparison, &groups));
    all.extend(fairness::lengths(comparison, &groups));
    let leftovers = |group: &Group<'_>| fairness::leftovers(comparison, *group);
    all.extend(groups.iter().filter_map(leftovers));
    all.extend(products().filter_map(|product| fairness::own_share(comparison, product)));
    all.extend(roles::differ(comparison));
    all.extend(fairness::numbers_of_probes(comparison));
    all.extend(products().flat_map(|product| fairness::of_probes(comparison, product)));
    all.extend(fairness::elsewhere(comparison));
    all.extend(products().flat_map(|product| not_shown(comparison, product)));
    all.extend(
        comparison
            .replaced
            .iter()
            .map(|of| replaced(comparison, of)),
    );
    all.extend(uncertain_signs(comparison));
    all.into_iter().collect()
}

/// The findings about single runs, each kind once, as in its worst run.
fn of_runs(comparison: &Comparison, groups: &[Group<'_>]) -> Vec<Remark> {
    let mut found: Vec<(&Finding, usize, Numbers<'_>)> = Vec::new();
    for &group in groups {
        let findings = runs_of(comparison, group).flat_map(|run| &run.findings);
        for finding in findings.filter(|finding| finding.is_for_comparison) {
            let mut all = found.iter_mut();
            let Some((worst, runs, groups)) = all.find(|(other, ..)| other.name == finding.name)
            else {
                found.push((finding, 1, vec![(group, 1)]));
                continue;
            };
            *worst = worst_of(worst, finding);
            *runs += 1;
            match groups.last_mut().filter(|(last, _)| *last == group) {
                Some((_, runs)) => *runs += 1,
                None => groups.push((group, 1)),
            }
        }
    }
    let said = found.iter().map(|(worst, runs, groups)| {
        let shown = if *runs == 1 { "" } else { " (worst run shown)" };
        let whose = with_runs(comparison, groups);
        (worst.grade, format!("{whose}{shown}: {}", worst.text))
    });
    said.collect()
}

/// Runs that the table does not show, or not in its place, and results that this version
/// does not know.
fn not_shown(comparison: &Comparison, product: usize) -> Vec<Remark> {
    let mut all = Vec::new();
    let mut note = |said| all.push((Grade::Note, said));
    let Some(of) = comparison.products.get(product) else {
        return all;
    };
    for runs in &of.stages {
        let group = of_group(comparison, (product, &runs.stage));
        if matches!(runs.stage, Stage::Other(_)) {
            let runs = counted((runs.recorded + runs.of_footprints) as u64, "run");
            note(format!(
                "{group}: {runs} of a stage other than baseline, edge, workload and ramp; see the \
                 end of the table."
            ));
        }
        let is_shown = comparison.has_pss_of_footprints(&of.name, &runs.stage);
        if runs.of_footprints > 0 && !is_shown {
            let runs = counted(runs.of_footprints as u64, "footprint run");
            note(format!(
                "{group}: the PSS of {runs} is not shown, for the recordings have PSS."
            ));
        }
    }
    let own = comparison.runs.iter();
    let own = own.filter(|run| run.header.product == of.name);
    let items: u64 = own.map(|run| run.unknown_results).sum();
    if items > 0 {
        let (product, items) = (name(comparison, product), counted(items, "item"));
        note(format!(
            "{product}: {items} recorded by a newer version of edgebench-lite, not compared."
        ));
    }
    all
}

/// A typed figure that the table does not show.
fn replaced(comparison: &Comparison, of: &Replaced) -> Remark {
    let spec = &of.spec;
    let (label, product) = (words::whole_label(spec), name(comparison, of.product));
    let [typed, shown] = [&of.typed, &of.by].map(|figure| words::figure(spec, figure, usize::MAX));
    let places_of_typed = places(comparison, &of.typed);
    let begin = format!("{label} of {product} was typed in as {typed}{places_of_typed}, but");
    caution(match of.is_computed {
        false => format!("{begin} measured as {shown}; the measured value is shown."),
        true => {
            let parts = [&of.by.points, &of.by.less].map(|points| {
                let part = Figure::of(points.clone());
                let value = words::value(spec.kind.unit(), part.value, of.by.notation);
                value + &places(comparison, &part)
            });
            let parts = parts.join(" minus ");
            format!("{begin} {parts} is {shown}; the computed value is shown.")
        }
    })
}

/// Differences of two stages whose spread includes 0.
fn uncertain_signs(comparison: &Comparison) -> impl Iterator<Item = Remark> + '_ {
    let cells = comparison.rows.iter().flat_map(|row| {
        let cells = row.cells.iter().enumerate();
        cells.map(move |(product, cell)| (product, &row.spec, cell))
    });
    cells.filter_map(|(product, spec, cell)| {
        let figure = cell.figure().filter(|figure| figure.may_be_nothing())?;
        Some(caution(format!(
            "The runs do not show whether {} of {} is above or below 0: {} ({}). Record more or \
             longer runs.",
            words::whole_label(spec),
            name(comparison, product),
            words::value(spec.kind.unit(), figure.value, figure.notation),
            words::spread(spec, figure).unwrap_or_default()
        )))
    })
}

/// Where the typed parts of a figure stand, as ` (FILE:LINE)`.
fn places(comparison: &Comparison, figure: &Figure) -> String {
    let facts = figure.points.iter().filter_map(|p| comparison.fact_of(p));
    let places: Vec<String> = facts.map(place).collect();
    match places.is_empty() {
        true => String::new(),
        false => format!(" ({})", places.join(", ")),
    }
}
