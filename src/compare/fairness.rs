//! Checks of what may make a comparison unfair, or a run invalid.

use super::comparison::{Comparison, StageRuns};
use super::facts::MachineFact;
use super::measured::{Measured, OwnShare};
use super::pair_comparison::{enough, Test};
use super::probes;
use super::remark::{ProbeRemark, ProductStage, Remark, Trait};
use crate::log::record::Header;
use crate::series::finding::Finding;
use crate::series::stage::Stage;
use crate::series::KeySighting;
use crate::stats::{self, SIGNIFICANCE};

/// Runs of one stage may differ in length by this factor.
const LENGTHS: f64 = 1.1;
/// The share of the baseline's CPU and memory that the recorder may take.
const OWN_CPU: f64 = 0.1;
const OWN_MEMORY: f64 = 0.02;

/// A trait's value as text.
type ValueOf = fn(&Header<String>) -> String;

const TRAITS: [(Trait, ValueOf); 12] = [
    (Trait::Board, |header| header.board.clone()),
    (Trait::Machine, |header| header.machine.clone()),
    (Trait::Release, |header| header.release.clone()),
    (Trait::Cmdline, |header| header.cmdline.clone()),
    (Trait::Cores, |header| header.cores.to_string()),
    // In tenths of MiB: a kernel that keeps a few pages more is no other hardware.
    (Trait::MemTotal, |header| {
        format!("{:.1} MiB", header.mem_total_kib as f64 / 1024.0)
    }),
    (Trait::Interval, |header| {
        format!("{} s", header.interval_us as f64 / 1e6)
    }),
    (Trait::PssMode, |header| header.pss.name().to_owned()),
    (Trait::Tool, |header| header.tool.clone()),
    (Trait::Os, |header| header.os.clone()),
    (Trait::PageSize, |header| {
        format!("{} KiB", header.page_size / 1024)
    }),
    (Trait::Euid, |header| match header.euid {
        0 => "root".to_owned(),
        uid => format!("user {uid}"),
    }),
];

/// The remarks on runs and facts.
pub(crate) fn check(comparison: &Comparison) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = Vec::new();
    let traits = TRAITS.into_iter();
    remarks.extend(traits.filter_map(|of| differing(comparison, of)));
    remarks.extend(swap(comparison));
    let groups = groups(comparison);
    remarks.extend(of_runs(comparison, &groups));
    remarks.extend(lengths(comparison, &groups));
    let leftovers = |group| leftovers(comparison, group);
    remarks.extend(groups.iter().filter_map(leftovers));
    let products = 0..comparison.products.len();
    remarks.extend(products.filter_map(|product| own_share(comparison, product)));
    let products = 0..comparison.products.len();
    let of_probes = products.flat_map(|product| of_probes(comparison, product));
    let of_probes = numbers_of_probes(comparison).into_iter().chain(of_probes);
    remarks.extend(of_probes.map(Remark::OfProbes));
    let facts = comparison.facts.iter().enumerate();
    let elsewhere = facts.filter(|(_, fact)| fact.elsewhere.is_some());
    remarks.extend(elsewhere.filter_map(|(fact, of)| {
        let product = comparison.column(&of.product)?;
        Some(Remark::Elsewhere { product, fact })
    }));
    for (product, of) in comparison.products.iter().enumerate() {
        let stages = of.stages.iter();
        remarks.extend(stages.flat_map(|runs| unshown(comparison, product, runs)));
        let own = comparison.runs.iter();
        let own = own.filter(|run| run.header.product == of.name);
        let items = own.map(|run| run.unknown_results).sum();
        remarks.extend((items > 0).then_some(Remark::NewerResults { product, items }));
    }
    remarks
}

/// Runs of a stage that the table does not show, or not in its place.
fn unshown(
    comparison: &Comparison,
    product: usize,
    runs: &StageRuns,
) -> impl Iterator<Item = Remark> {
    let group = ProductStage {
        product,
        stage: runs.stage.clone(),
    };
    let name = comparison.products.get(product).map_or("", |of| &of.name);
    let not_shown = runs.of_footprints > 0 && !comparison.has_pss_of_footprints(name, &runs.stage);
    let other = matches!(runs.stage, Stage::Other(_)).then(|| Remark::OtherStage {
        group: group.clone(),
        runs: runs.recorded + runs.of_footprints,
    });
    let not_shown = not_shown.then_some(Remark::NotShown {
        group,
        runs: runs.of_footprints,
    });
    other.into_iter().chain(not_shown)
}

/// Every product's stages, in order.
fn groups(comparison: &Comparison) -> Vec<ProductStage> {
    let products = comparison.products.iter().enumerate();
    let groups = products.flat_map(|(product, of)| {
        of.stages.iter().map(move |runs| ProductStage {
            product,
            stage: runs.stage.clone(),
        })
    });
    groups.collect()
}

fn runs_of<'c>(
    comparison: &'c Comparison,
    group: &'c ProductStage,
) -> impl Iterator<Item = &'c Measured> + 'c {
    let product = comparison.products.get(group.product);
    let name = product.map_or("", |product| &product.name);
    comparison.runs_of(name, &group.stage).map(|(_, run)| run)
}

fn differing(comparison: &Comparison, (which, value_of): (Trait, ValueOf)) -> Option<Remark> {
    let mut values: Vec<(String, Vec<ProductStage>)> = Vec::new();
    let counts = |run: &&Measured| {
        let (product, stage) = (&run.header.product, &run.stage);
        match which {
            // Only that of the figures shown.
            Trait::PssMode => {
                run.is_of_footprints() == comparison.has_pss_of_footprints(product, stage)
            }
            // Footprints have neither.
            Trait::Interval | Trait::PageSize => run.is_recorded(),
            _ => true,
        }
    };
    for run in comparison.runs.iter().filter(counts) {
        let group = ProductStage {
            product: comparison.column(&run.header.product)?,
            stage: run.stage.clone(),
        };
        let value = value_of(&run.header);
        match values.iter_mut().find(|(other, _)| *other == value) {
            Some((_, groups)) if groups.contains(&group) => {}
            Some((_, groups)) => groups.push(group),
            None => values.push((value, vec![group])),
        }
    }
    (values.len() > 1).then_some(Remark::Differs(which, values))
}

fn swap(comparison: &Comparison) -> Option<Remark> {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for (product, of) in comparison.products.iter().enumerate() {
        let headers = comparison.runs.iter().map(|run| &run.header);
        let recorded = headers.filter(|header| header.product == of.name);
        let recorded = recorded.map(|header| header.swap_total_kib);
        let typed = comparison.facts_of(product, |fact| fact.is_of_machine(MachineFact::Swap));
        let typed = typed.map(|(_, fact)| fact.value.round() as u64);
        let all: Vec<u64> = recorded.chain(typed).collect();
        match all.iter().max() {
            Some(0) => without.push(product),
            Some(most) => {
                with.push((product, *most));
                // Baseline and edge may differ.
                if all.contains(&0) {
                    without.push(product);
                }
            }
            None => {}
        }
    }
    (!with.is_empty() && !without.is_empty()).then_some(Remark::SwapOnOneSide { with, without })
}

/// The findings about single runs, each kind once.
fn of_runs(comparison: &Comparison, groups: &[ProductStage]) -> Vec<Remark> {
    let mut found: Vec<Remark> = Vec::new();
    for group in groups {
        let findings = runs_of(comparison, group).flat_map(|run| &run.findings);
        for finding in findings.filter(|finding| finding.is_for_comparison()) {
            let is_alike = |remark: &&mut Remark| match remark {
                Remark::OfRuns { worst, .. } => worst.name() == finding.name(),
                _ => false,
            };
            match found.iter_mut().find(is_alike) {
                Some(Remark::OfRuns {
                    worst,
                    runs,
                    groups,
                }) => {
                    let extent = |of: &Finding| (of.grade(), of.extent());
                    if extent(finding) > extent(worst) {
                        *worst = finding.clone();
                    }
                    *runs += 1;
                    match groups.last_mut().filter(|(last, _)| last == group) {
                        Some((_, runs)) => *runs += 1,
                        None => groups.push((group.clone(), 1)),
                    }
                }
                _ => found.push(Remark::OfRuns {
                    worst: finding.clone(),
                    runs: 1,
                    groups: vec![(group.clone(), 1)],
                }),
            }
        }
    }
    found
}

fn lengths(comparison: &Comparison, groups: &[ProductStage]) -> Vec<Remark> {
    let lengths = |stage: &Stage| {
        let groups = groups.iter().filter(|group| group.stage == *stage);
        let runs = groups.flat_map(|group| {
            let runs = runs_of(comparison, group);
            runs.map(|run| (group.product, run.duration_us))
        });
        let all: Vec<(usize, u64)> = runs.collect();
        let shortest = *all.iter().min_by_key(|(_, length)| *length)?;
        let longest = *all.iter().max_by_key(|(_, length)| *length)?;
        (longest.1 as f64 > shortest.1 as f64 * LENGTHS).then(|| Remark::Lengths {
            stage: stage.clone(),
            shortest,
            longest,
        })
    };
    comparison
        .stages()
        .into_iter()
        .filter_map(lengths)
        .collect()
}

/// A baseline should have no key processes at all; other stages none that only another
/// product has.
fn leftovers(comparison: &Comparison, group: &ProductStage) -> Option<Remark> {
    let profile = comparison.products.get(group.product)?.profile;
    let is_left = |ran: &&KeySighting| match group.stage {
        Stage::Baseline => true,
        _ => ran.telling && profile.is_some_and(|own| !ran.profiles.contains(&own)),
    };
    let mut all: Vec<KeySighting> = Vec::new();
    let (mut runs, mut of) = (0, 0);
    for run in runs_of(comparison, group) {
        of += 1;
        let left: Vec<&KeySighting> = run.product.sightings.iter().filter(is_left).collect();
        runs += usize::from(!left.is_empty());
        for ran in left {
            if !all.iter().any(|other| other.label == ran.label) {
                all.push(ran.clone());
            }
        }
    }
    (runs > 0).then(|| Remark::Leftovers {
        group: group.clone(),
        ran: all,
        runs,
        of,
    })
}

/// The fewest and the most probes of a run, where these are half of those or less.
fn numbers_of_probes(comparison: &Comparison) -> Option<ProbeRemark> {
    let counts = comparison.runs.iter().filter_map(|run| {
        let number = probes::seconds(&run.results).len();
        Some((comparison.column(&run.header.product)?, number))
    });
    let counts: Vec<(usize, usize)> = counts.filter(|(_, number)| *number > 0).collect();
    let fewest = *counts.iter().min_by_key(|(_, number)| *number)?;
    let most = *counts.iter().max_by_key(|(_, number)| *number)?;
    (fewest.1.saturating_mul(2) <= most.1).then_some(ProbeRemark::Numbers { fewest, most })
}

/// Runs in which every probe failed, and one that was on another machine than the runs
/// without a probe.
fn of_probes(comparison: &Comparison, product: usize) -> Vec<ProbeRemark> {
    let name = comparison.products.get(product).map(|of| &of.name);
    let runs = comparison.runs.iter().enumerate();
    let runs = runs.filter(|(_, run)| Some(&run.header.product) == name);
    let (probed, others): (Vec<_>, Vec<_>) =
        runs.partition(|(_, run)| run.results.iter().any(probes::is_probe));
    let failed = probed.iter();
    let failed = failed.filter(|(_, run)| probes::seconds(&run.results).is_empty());
    let failed = failed.map(|&(run, _)| ProbeRemark::Failed { product, run });
    let machine = |run: &Measured| (run.header.host.clone(), run.header.board.clone());
    let is_elsewhere = |(_, run): &&(usize, &Measured)| {
        let mut same = others
            .iter()
            .map(|(_, other)| machine(other) == machine(run));
        !others.is_empty() && !same.any(|same| same)
    };
    let elsewhere = probed.iter().find(is_elsewhere);
    let elsewhere = elsewhere.map(|&(run, _)| ProbeRemark::Elsewhere { product, run });
    failed.chain(elsewhere).collect()
}

fn own_share(comparison: &Comparison, product: usize) -> Option<Remark> {
    let group = ProductStage {
        product,
        stage: Stage::Baseline,
    };
    let shares = runs_of(comparison, &group).filter_map(|run| run.own);
    let all: Vec<OwnShare> = shares.collect();
    let median = |of: fn(&OwnShare) -> f64| stats::median(&all.iter().map(of).collect::<Vec<_>>());
    let share = OwnShare {
        cpu: median(|own| own.cpu)?,
        cpu_of: median(|own| own.cpu_of)?,
        memory_kib: median(|own| own.memory_kib)?,
        memory_of_kib: median(|own| own.memory_of_kib)?,
    };
    let grave =
        share.cpu > OWN_CPU * share.cpu_of || share.memory_kib > OWN_MEMORY * share.memory_of_kib;
    Some(Remark::OwnShare {
        product,
        share,
        grave,
    })
}

/// Differences of two stages whose spread includes 0.
pub(crate) fn check_differences(comparison: &Comparison) -> Vec<Remark> {
    let cells = comparison.rows.iter().flat_map(|row| {
        let cells = row.cells.iter().enumerate();
        cells.map(move |(product, cell)| (product, &row.spec, cell))
    });
    let doubtful = cells.filter_map(|(product, spec, cell)| {
        let figure = cell.figure().filter(|figure| figure.may_be_nothing())?;
        Some(Remark::MayBeNothing {
            product,
            spec: spec.clone(),
            figure: figure.clone(),
        })
    });
    doubtful.collect()
}

/// Whether the tests of the rows can decide anything.
pub(crate) fn check_tests(comparison: &Comparison) -> Option<Remark> {
    let tests = comparison.tests;
    let pairs = comparison.rows.iter().flat_map(|row| &row.pairs);
    let pairs = pairs.flatten();
    let tested = pairs.filter(|pair| matches!(pair.test, Test::P { .. }));
    let n = tested.map(|pair| pair.n);
    let least = |&(a, b): &(usize, usize)| stats::least_p(a, b);
    let n = n.min_by(|a, b| least(a).total_cmp(&least(b)))?;
    (least(&n) * tests as f64 > SIGNIFICANCE).then(|| Remark::TooManyTests {
        tests,
        n,
        enough: enough(n, tests),
    })
}
