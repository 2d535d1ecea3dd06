//! Findings about the comparison, each a sentence or two with its figures.

use super::super::escape::escaped;
use super::super::figures::{counted, mib, span};
use super::super::findings::{self, Remarks};
use super::words::{self, name};
use crate::compare::remark::{ProductStage, Trait};
use crate::compare::{Comparison, Figure, Remark};
use crate::series::stage::Stage;

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
    let product = |at: usize| name(comparison, at);
    match remark {
        Remark::Differs(which, values) => differs(comparison, *which, values),
        Remark::SwapOnOneSide { with, without } => {
            let with = with.iter().map(|(at, kib)| {
                let size = mib(*kib as f64);
                format!("{} has {size} MiB", product(*at))
            });
            let without: Vec<String> = without.iter().map(|at| product(*at)).collect();
            format!(
                "Swap is on one side only: {}; runs of {} have none. Memory in use is less where \
                 pages can be swapped out: compare with the same swap on both sides.",
                with.collect::<Vec<_>>().join(", "),
                without.join(" and of ")
            )
        }
        Remark::OfRuns {
            worst,
            runs,
            groups,
        } => {
            let shown = match runs {
                1 => "",
                _ => " (the worst is shown)",
            };
            let whose = with_runs(comparison, groups);
            format!("{whose}{shown}: {}", findings::words(worst))
        }
        Remark::Lengths {
            stage,
            shortest,
            longest,
        } => {
            let one = |(at, us): &(usize, u64)| format!("{} of {}", span(*us), product(*at));
            format!(
                "The runs of stage {} differ in length, from {} to {}: what comes once in a while \
                 weighs more in the shorter ones.",
                escaped(stage.name().as_bytes()),
                one(shortest),
                one(longest)
            )
        }
        Remark::Leftovers {
            group,
            ran,
            runs,
            of,
        } => {
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
                "{what}, {} in {runs} of {of} runs: {}. Stop it, containers too, or start from a \
                 fresh system.",
                of_group(comparison, group),
                named.collect::<Vec<_>>().join(", ")
            )
        }
        Remark::OwnShare {
            product: at,
            share,
            grave,
        } => format!(
            "The recorder's own part of the baseline of {}: {:.2} of {:.2} % CPU, {} of {} MiB.{}",
            product(*at),
            share.cpu,
            share.cpu_of,
            mib(share.memory_kib),
            mib(share.memory_of_kib),
            match grave {
                true => " That is much: record at a longer --interval, or with --pss off.",
                false => "",
            }
        ),
        Remark::Elsewhere { product: at, fact } => {
            let fact = comparison.facts.get(*fact);
            format!(
                "{} of {} was measured on another machine ({}), not on the board ({}:{}): the \
                 board did not bear its cost, and the network is in it.",
                fact.map_or("", |fact| fact.key_name()),
                product(*at),
                fact.and_then(|f| f.elsewhere.as_ref())
                    .map_or(String::new(), |machine| escaped(machine.as_bytes())),
                fact.map_or(String::new(), |f| escaped(f.file.as_bytes())),
                fact.map_or(0, |fact| fact.line)
            )
        }
        Remark::TypedAndMeasured {
            product: at,
            spec,
            typed,
            measured,
        } => format!(
            "{} of {} was typed in as {}{}, and is measured as {}: that is shown.",
            words::whole_label(spec),
            product(*at),
            words::figure(spec, typed, usize::MAX),
            places(comparison, typed),
            words::figure(spec, measured, usize::MAX)
        ),
        Remark::Disagrees {
            product: at,
            spec,
            typed,
            computed,
        } => {
            let parts = [&computed.points, &computed.less].map(|points| {
                let part = Figure {
                    notation: computed.notation,
                    ..Figure::of(points.clone())
                };
                format!(
                    "{}{}",
                    words::value(spec.kind.unit(), part.value, part.notation),
                    places(comparison, &part)
                )
            });
            let [more, less] = parts;
            format!(
                "{} of {} was typed in as {}{}, but {more} less {less} is {}: that is shown.",
                words::whole_label(spec),
                product(*at),
                words::figure(spec, typed, usize::MAX),
                places(comparison, typed),
                words::figure(spec, computed, usize::MAX)
            )
        }
        Remark::MayBeNothing {
            product: at,
            spec,
            figure,
        } => format!(
            "The runs do not show whether {} of {} is above or below 0: {} ({}). Record more runs, or \
             longer ones.",
            words::whole_label(spec),
            product(*at),
            words::value(spec.kind.unit(), figure.value, figure.notation),
            words::spread(spec, figure).unwrap_or_default()
        ),
        Remark::TooManyTests { tests, n, enough } => format!(
            "Of {tests} tests none can show a difference with {} runs against {}, whatever they \
             measured; {} against {} would do.",
            n.0, n.1, enough.0, enough.1
        ),
        Remark::OtherStage { group, runs } => format!(
            "{}: {} of a stage that is none of baseline, edge, workload and ramp, at the end of \
             the table.",
            of_group(comparison, group),
            counted(*runs as u64, "run", "runs")
        ),
        Remark::NotShown { group, runs } => format!(
            "{}: the PSS of {} of footprint is not in the table: the recordings have it.",
            of_group(comparison, group),
            counted(*runs as u64, "run", "runs")
        ),
    }
}

fn of_group(comparison: &Comparison, group: &ProductStage) -> String {
    let stage = escaped(group.stage.name().as_bytes());
    format!("{} {stage}", name(comparison, group.product))
}

/// Where the typed parts of a figure stand, as ` (FILE:LINE)`.
fn places(comparison: &Comparison, figure: &Figure) -> String {
    let facts = figure.points.iter().filter_map(|p| comparison.fact_of(p));
    let places: Vec<String> = facts
        .map(|fact| format!("{}:{}", escaped(fact.file.as_bytes()), fact.line))
        .collect();
    match places.is_empty() {
        true => String::new(),
        false => format!(" ({})", places.join(", ")),
    }
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
        Trait::Cmdline => "Different kernel command lines, of which only some runs have",
        Trait::Cores => "Different numbers of cores",
        Trait::MemTotal => "Different amounts of memory",
        Trait::Interval => "Different intervals between samples",
        Trait::Tool => "Different versions of the recorder",
        Trait::Os => "Different operating systems",
        Trait::PageSize => "Different page sizes",
        Trait::Euid => "Recorded by different users",
        Trait::PssMode => "PSS was measured in different ways",
    };
    // What all command lines have says nothing.
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
            "" if which == Trait::Cmdline => "nothing of its own".to_owned(),
            "" => "not told".to_owned(),
            shown => super::super::escape::cut(shown.as_bytes(), LONGEST),
        };
        format!("{shown} ({})", whose(comparison, groups))
    };
    let values: Vec<String> = values.iter().map(one).collect();
    format!("{what}: {}.", values.join("; "))
}

/// The products, and of those that are not meant as a whole, their stages.
fn whose(comparison: &Comparison, groups: &[ProductStage]) -> String {
    let all = |group: &ProductStage| {
        let product = comparison.products.get(group.product);
        product.map_or(0, |product| product.runs_of(&group.stage))
    };
    let groups = groups.iter().map(|group| (group.clone(), all(group)));
    with_runs(comparison, &groups.collect::<Vec<_>>())
}

/// The same, and in how many runs of a stage where not in all.
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
