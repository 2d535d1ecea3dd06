//! Remarks on a comparison in words: a sentence or two each, with their figures.

use super::super::escape::escaped;
use super::super::figures::{counted, mib, span};
use super::super::findings::{self, Remarks};
use super::words::{self, name};
use crate::compare::facts::Fact;
use crate::compare::measured::OwnShare;
use crate::compare::remark::{ProbeRemark, ProductStage, Trait};
use crate::compare::rows::Spec;
use crate::compare::{Comparison, Figure, Remark};
use crate::series::finding::Finding;
use crate::series::stage::Stage;
use crate::series::KeySighting;
use std::os::unix::ffi::OsStrExt;

/// Longer values are cut.
const LONGEST: usize = 200;

/// All of them, in words.
pub(crate) fn all(comparison: &Comparison) -> Remarks {
    let remarks = comparison.remarks.iter();
    remarks
        .map(|remark| (remark.grade(), words(comparison, remark)))
        .collect()
}

fn words(comparison: &Comparison, remark: &Remark) -> String {
    let product = |at: &usize| name(comparison, *at);
    match remark {
        Remark::Differs(which, values) => differs(comparison, *which, values),
        Remark::SwapOnOneSide { with, without } => swap(comparison, with, without),
        Remark::OfRuns {
            worst,
            runs,
            groups,
        } => of_runs(comparison, worst, *runs, groups),
        Remark::Lengths {
            stage,
            shortest: (short, short_us),
            longest: (long, long_us),
        } => lengths(
            stage,
            (*short_us, product(short)),
            (*long_us, product(long)),
        ),
        Remark::Leftovers {
            group,
            ran,
            runs,
            of,
        } => leftovers(comparison, group, ran, (*runs, *of)),
        Remark::OwnShare {
            product: at,
            share,
            grave,
        } => own_share(&product(at), share, *grave),
        Remark::OfProbes(of) => of_probes(comparison, of),
        Remark::Elsewhere { product: at, fact } => {
            elsewhere(&product(at), comparison.facts.get(*fact))
        }
        Remark::TypedAndMeasured {
            product: at,
            spec,
            typed,
            measured,
        } => typed_in(comparison, &product(at), spec, typed) + &as_measured(spec, measured),
        Remark::Disagrees {
            product: at,
            spec,
            typed,
            computed,
        } => {
            typed_in(comparison, &product(at), spec, typed)
                + &as_computed(comparison, spec, computed)
        }
        Remark::MayBeNothing {
            product: at,
            spec,
            figure,
        } => may_be_nothing(&product(at), spec, figure),
        Remark::TooManyTests { tests, n, enough } => too_many_tests(*tests, *n, *enough),
        Remark::OtherStage { group, runs } => other_stage(&of_group(comparison, group), *runs),
        Remark::NotShown { group, runs } => not_shown(&of_group(comparison, group), *runs),
        Remark::NewerResults { product: at, items } => newer_results(&product(at), *items),
    }
}

fn newer_results(product: &str, items: u64) -> String {
    let items = counted(items, "item");
    format!("{product}: {items} recorded by a newer version of edgebench-lite, not compared.")
}

fn of_runs(
    comparison: &Comparison,
    worst: &Finding,
    runs: usize,
    groups: &[(ProductStage, usize)],
) -> String {
    let shown = if runs == 1 { "" } else { " (worst run shown)" };
    let whose = with_runs(comparison, groups);
    format!("{whose}{shown}: {}", findings::words(worst))
}

fn lengths(stage: &Stage, shortest: (u64, String), longest: (u64, String)) -> String {
    let [shortest, longest] =
        [shortest, longest].map(|(us, product)| format!("{} ({product})", span(us)));
    format!(
        "Runs of stage {} differ in length, from {shortest} to {longest}: rare events weigh more in \
         the shorter ones.",
        escaped(stage.name().as_bytes())
    )
}

fn too_many_tests(tests: usize, n: (usize, usize), enough: (usize, usize)) -> String {
    format!(
        "With {} runs against {}, none of {tests} tests can show a difference, whatever was \
         measured; {} against {} are enough.",
        n.0, n.1, enough.0, enough.1
    )
}

fn other_stage(group: &str, runs: usize) -> String {
    let runs = counted(runs as u64, "run");
    format!(
        "{group}: {runs} of a stage other than baseline, edge, workload and ramp; see the end of the \
         table."
    )
}

fn not_shown(group: &str, runs: usize) -> String {
    let runs = counted(runs as u64, "footprint run");
    format!("{group}: the PSS of {runs} is not shown, for the recordings have PSS.")
}

fn swap(comparison: &Comparison, with: &[(usize, u64)], without: &[usize]) -> String {
    let with = with.iter().map(|(at, kib)| {
        let size = mib(*kib as f64);
        format!("{} has {size} MiB", name(comparison, *at))
    });
    let without = without.iter().map(|at| name(comparison, *at));
    format!(
        "Only one side has swap: {}; runs of {} have none. Memory in use is less where pages can be \
         swapped out: compare with the same swap on both sides.",
        with.collect::<Vec<_>>().join(", "),
        without.collect::<Vec<_>>().join(" and ")
    )
}

fn leftovers(
    comparison: &Comparison,
    group: &ProductStage,
    ran: &[KeySighting],
    (runs, of): (usize, usize),
) -> String {
    let named = ran.iter().map(|ran| {
        let label = escaped(ran.label.as_bytes());
        match ran.profiles[..] {
            [] => label,
            _ => format!("{label} (of {})", ran.profiles.join(", ")),
        }
    });
    let what = match group.stage {
        Stage::Baseline => "Edge software ran in the baseline",
        _ => "Another product's software ran",
    };
    format!(
        "{what}, {} in {runs} of {of} runs: {}. Stop it and its containers, or start from a fresh \
         system.",
        of_group(comparison, group),
        named.collect::<Vec<_>>().join(", ")
    )
}

fn own_share(product: &str, share: &OwnShare, grave: bool) -> String {
    let (memory, of) = (mib(share.memory_kib), mib(share.memory_of_kib));
    let remedy = match grave {
        true => " That is a lot: record with a longer --interval or with --pss off.",
        false => "",
    };
    format!(
        "The recorder's share of the baseline of {product}: {:.2} of {:.2} % CPU, {memory} of {of} \
         MiB.{remedy}",
        share.cpu, share.cpu_of
    )
}

fn elsewhere(product: &str, fact: Option<&Fact>) -> String {
    let Some(fact) = fact else {
        return String::new();
    };
    let machine = fact.elsewhere.as_deref().unwrap_or_default();
    format!(
        "{} of {product} was measured on another machine ({}), not on the board ({}): it includes \
         the network, and its load was not on the board.",
        fact.key_name(),
        escaped(machine.as_bytes()),
        place(fact)
    )
}

fn of_probes(comparison: &Comparison, remark: &ProbeRemark) -> String {
    let log = |run: &usize| {
        let run = comparison.runs.get(*run);
        run.map_or(String::new(), |run| escaped(run.log.as_os_str().as_bytes()))
    };
    match remark {
        ProbeRemark::Numbers { fewest, most } => format!(
            "Runs differ in their number of probes, from {} ({}) to {} ({}): the slowest of more \
             probes is slower, and the fastest faster.",
            fewest.1,
            name(comparison, fewest.0),
            most.1,
            name(comparison, most.0)
        ),
        ProbeRemark::Failed { product, run } => format!(
            "Every probe failed in a run of {} ({}): it has no API response time.",
            name(comparison, *product),
            log(run)
        ),
        ProbeRemark::Elsewhere { product, run } => format!(
            "The probe of {} ran on another machine than its other runs ({}): it includes the \
             network, and its load was not on the board.",
            name(comparison, *product),
            log(run)
        ),
    }
}

/// The beginning of a sentence.
fn typed_in(comparison: &Comparison, product: &str, spec: &Spec, typed: &Figure) -> String {
    let (label, places) = (words::whole_label(spec), places(comparison, typed));
    let typed = words::figure(spec, typed, usize::MAX);
    format!("{label} of {product} was typed in as {typed}{places}")
}

fn as_measured(spec: &Spec, measured: &Figure) -> String {
    let measured = words::figure(spec, measured, usize::MAX);
    format!(", but measured as {measured}; the measured value is shown.")
}

fn as_computed(comparison: &Comparison, spec: &Spec, computed: &Figure) -> String {
    let parts = [&computed.points, &computed.less].map(|points| {
        let part = Figure::of(points.clone());
        let value = words::value(spec.kind.unit(), part.value, computed.notation);
        value + &places(comparison, &part)
    });
    let computed = words::figure(spec, computed, usize::MAX);
    let parts = parts.join(" minus ");
    format!(", but {parts} is {computed}; the computed value is shown.")
}

fn may_be_nothing(product: &str, spec: &Spec, figure: &Figure) -> String {
    format!(
        "The runs do not show whether {} of {product} is above or below 0: {} ({}). Record more or \
         longer runs.",
        words::whole_label(spec),
        words::value(spec.kind.unit(), figure.value, figure.notation),
        words::spread(spec, figure).unwrap_or_default()
    )
}

fn of_group(comparison: &Comparison, group: &ProductStage) -> String {
    let stage = escaped(group.stage.name().as_bytes());
    format!("{} {stage}", name(comparison, group.product))
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

fn place(fact: &Fact) -> String {
    format!("{}:{}", escaped(fact.file.as_bytes()), fact.line)
}

fn differs(
    comparison: &Comparison,
    which: Trait,
    values: &[(String, Vec<ProductStage>)],
) -> String {
    let what = match which {
        Trait::Board => "Different boards",
        Trait::Machine => "Different processors",
        Trait::Release => "Different kernels",
        Trait::Cmdline => "Different kernel command lines; in some runs only",
        Trait::Cores => "Different numbers of cores",
        Trait::MemTotal => "Different amounts of memory",
        Trait::Interval => "Different intervals between samples",
        Trait::Tool => "Different versions of the recorder",
        Trait::Os => "Different operating systems",
        Trait::PageSize => "Different page sizes",
        Trait::Euid => "Recorded by different users",
        Trait::PssMode => "PSS was measured in different ways",
    };
    // Words that all command lines have are left out.
    let in_all = |word: &str| {
        let mut all = values.iter();
        all.all(|(line, _)| line.split_whitespace().any(|other| other == word))
    };
    let one = |(value, groups): &(String, Vec<ProductStage>)| {
        let shown = match which {
            Trait::Cmdline => {
                let words = value.split_whitespace().filter(|word| !in_all(word));
                words.collect::<Vec<_>>().join(" ")
            }
            _ => value.clone(),
        };
        let shown = match shown.as_str() {
            "" if which == Trait::Cmdline => "nothing else".to_owned(),
            "" => "unknown".to_owned(),
            shown => super::super::escape::cut(shown.as_bytes(), LONGEST),
        };
        format!("{shown} ({})", whose(comparison, groups))
    };
    let values: Vec<String> = values.iter().map(one).collect();
    format!("{what}: {}.", values.join("; "))
}

/// The products, with their stages unless all are meant.
fn whose(comparison: &Comparison, groups: &[ProductStage]) -> String {
    let all = |group: &ProductStage| {
        let product = comparison.products.get(group.product);
        product.map_or(0, |product| product.runs_of(&group.stage))
    };
    let groups = groups.iter().map(|group| (group.clone(), all(group)));
    with_runs(comparison, &groups.collect::<Vec<_>>())
}

/// The same, and in how many runs of a stage unless in all.
fn with_runs(comparison: &Comparison, groups: &[(ProductStage, usize)]) -> String {
    let mut all = Vec::new();
    for (at, product) in comparison.products.iter().enumerate() {
        let stages = groups.iter().filter(|(group, _)| group.product == at);
        let stages: Vec<&(ProductStage, usize)> = stages.collect();
        let of = |group: &ProductStage| product.runs_of(&group.stage);
        let every = stages.iter().all(|(group, runs)| *runs == of(group));
        if every && stages.len() == product.stages.len() && !stages.is_empty() {
            all.push(name(comparison, at));
            continue;
        }
        for (group, runs) in stages {
            let mut text = of_group(comparison, group);
            if *runs < of(group) {
                text += &format!(" in {runs} of {} runs", of(group));
            }
            all.push(text);
        }
    }
    all.join(", ")
}
