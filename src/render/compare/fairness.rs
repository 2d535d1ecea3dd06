//! What may make a comparison unfair: a sentence or two each, with its figures.

use super::super::findings::{caution, Remark};
use super::groups::{of_group, runs_of, with_runs, Group, Numbers};
use super::words::{name, place};
use crate::compare::facts::MachineFact;
use crate::compare::measured::{Measured, OwnShare, RunSource};
use crate::compare::{probes, Comparison};
use crate::log::record::Header;
use crate::series::finding::Grade;
use crate::series::stage::Stage;
use crate::series::KeySighting;
use crate::stats;
use crate::words::escape::{cut, escaped};
use crate::words::figures::{mib, span};
use std::os::unix::ffi::OsStrExt;

/// Runs of one stage may differ in length by this factor.
const LENGTHS: f64 = 1.1;
/// The share of the baseline's CPU and memory that the recorder may take.
const OWN_CPU: f64 = 0.1;
const OWN_MEMORY: f64 = 0.02;
/// Longer values are cut.
const LONGEST: usize = 200;

/// A trait's value as text.
type ValueOf = fn(&Header<String>) -> String;

/// The runs that should have a trait in common.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    All,
    /// All; words that all values have are left out.
    Words,
    /// Those with samples.
    Recorded,
    /// Those whose PSS is shown.
    Pss,
}

const TRAITS: [(&str, Scope, ValueOf); 12] = [
    ("Different boards", Scope::All, |header| {
        header.board.clone()
    }),
    ("Different processors", Scope::All, |header| {
        header.machine.clone()
    }),
    ("Different kernels", Scope::All, |header| {
        header.release.clone()
    }),
    (
        "Different kernel command lines; in some runs only",
        Scope::Words,
        |header| header.cmdline.clone(),
    ),
    ("Different numbers of cores", Scope::All, |header| {
        header.cores.to_string()
    }),
    // In tenths of MiB: a kernel that keeps a few pages more is no other hardware.
    ("Different amounts of memory", Scope::All, |header| {
        format!("{:.1} MiB", header.mem_total_kib as f64 / 1024.0)
    }),
    (
        "Different intervals between samples",
        Scope::Recorded,
        |header| format!("{} s", header.interval_us as f64 / 1e6),
    ),
    ("PSS was measured in different ways", Scope::Pss, |header| {
        header.pss.name().to_owned()
    }),
    ("Different versions of the recorder", Scope::All, |header| {
        header.tool.clone()
    }),
    ("Different operating systems", Scope::All, |header| {
        header.os.clone()
    }),
    ("Different page sizes", Scope::Recorded, |header| {
        format!("{} KiB", header.page_size / 1024)
    }),
    (
        "Recorded by different users",
        Scope::Recorded,
        |header| match header.euid {
            0 => "root".to_owned(),
            uid => format!("user {uid}"),
        },
    ),
];

/// The traits that not all runs have in common.
pub(super) fn traits(comparison: &Comparison) -> impl Iterator<Item = Remark> + '_ {
    let traits = TRAITS.into_iter();
    traits.filter_map(|of| differing(comparison, of))
}

fn differing(
    comparison: &Comparison,
    (what, scope, value_of): (&str, Scope, ValueOf),
) -> Option<Remark> {
    let counts = |run: &&Measured| match scope {
        Scope::All | Scope::Words => true,
        Scope::Recorded => run.is_recorded(),
        Scope::Pss => {
            let product = &run.header.product;
            run.source != RunSource::Results
                && run.is_of_footprints() == comparison.has_pss_of_footprints(product, &run.stage)
        }
    };
    let mut values: Vec<(String, Numbers<'_>)> = Vec::new();
    let of_boards = comparison.runs.iter().filter(|run| !run.is_of_a_host());
    for run in of_boards.filter(counts) {
        let product = comparison.column(&run.header.product)?;
        let of = comparison.products.get(product)?;
        let runs = of.runs_of(&run.stage);
        let (group, value) = (((product, &run.stage), runs), value_of(&run.header));
        match values.iter_mut().find(|(other, _)| *other == value) {
            Some((_, groups)) if groups.contains(&group) => {}
            Some((_, groups)) => groups.push(group),
            None => values.push((value, vec![group])),
        }
    }
    let in_all = |word: &&str| {
        let mut all = values.iter();
        all.all(|(line, _)| line.split_whitespace().any(|other| other == *word))
    };
    let shown = |value: &str| match scope {
        Scope::Words => {
            let words = value.split_whitespace().filter(|word| !in_all(word));
            match &words.collect::<Vec<_>>().join(" ")[..] {
                "" => "nothing else".to_owned(),
                words => cut(words.as_bytes(), LONGEST),
            }
        }
        _ if value.is_empty() => "unknown".to_owned(),
        _ => cut(value.as_bytes(), LONGEST),
    };
    let all = values.iter();
    let all =
        all.map(|(value, groups)| format!("{} ({})", shown(value), with_runs(comparison, groups)));
    let all: Vec<String> = all.collect();
    (all.len() > 1).then(|| caution(format!("{what}: {}.", all.join("; "))))
}

/// Memory in use means two different things with and without swap.
pub(super) fn swap(comparison: &Comparison) -> Option<Remark> {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for (product, of) in comparison.products.iter().enumerate() {
        let boards = comparison.runs.iter().filter(|run| !run.is_of_a_host());
        let headers = boards.map(|run| &run.header);
        let recorded = headers.filter(|header| header.product == of.name);
        let recorded = recorded.map(|header| header.swap_total_kib);
        let typed = comparison.facts_of(product, |fact| fact.is_of_machine(MachineFact::Swap));
        let typed = typed.map(|(_, fact)| fact.value.round() as u64);
        let all: Vec<u64> = recorded.chain(typed).collect();
        // Baseline and edge may differ.
        if all.contains(&0) {
            without.push(name(comparison, product));
        }
        if let Some(most) = all.iter().max().filter(|most| **most > 0) {
            let size = mib(*most as f64);
            with.push(format!("{} has {size} MiB", name(comparison, product)));
        }
    }
    (!with.is_empty() && !without.is_empty()).then(|| {
        let said = format!(
            "Only one side has swap: {}; runs of {} have none. Memory in use is less where pages \
             can be swapped out: compare with the same swap on both sides.",
            with.join(", "),
            without.join(" and ")
        );
        (Grade::Invalid, said)
    })
}

pub(super) fn lengths(comparison: &Comparison, groups: &[Group<'_>]) -> Vec<Remark> {
    let lengths = |stage: &Stage| {
        let groups = groups.iter().filter(|(_, other)| *other == stage);
        let runs = groups.flat_map(|group| {
            let runs = runs_of(comparison, *group);
            runs.map(|run| (group.0, run.duration_us))
        });
        let all: Vec<(usize, u64)> = runs.collect();
        let shortest = *all.iter().min_by_key(|(_, length)| *length)?;
        let longest = *all.iter().max_by_key(|(_, length)| *length)?;
        let [short, long] = [shortest, longest]
            .map(|(product, us)| format!("{} ({})", span(us), name(comparison, product)));
        (longest.1 as f64 > shortest.1 as f64 * LENGTHS).then(|| {
            caution(format!(
                "Runs of stage {} differ in length, from {short} to {long}: rare events weigh \
                 more in the shorter ones.",
                escaped(stage.name().as_bytes())
            ))
        })
    };
    let stages = comparison.stages().into_iter();
    stages.filter_map(lengths).collect()
}

/// A baseline should have no key processes at all; other stages none that only another
/// product has.
pub(super) fn leftovers(comparison: &Comparison, group: Group<'_>) -> Option<Remark> {
    let (product, stage) = group;
    let profile = comparison.products.get(product)?.profile;
    let is_left = |ran: &&KeySighting| match stage {
        Stage::Baseline => true,
        _ => ran.telling && profile.is_some_and(|own| !ran.profiles.contains(&own)),
    };
    let mut labels: Vec<&str> = Vec::new();
    let mut named = Vec::new();
    let (mut runs, mut of) = (0, 0);
    for run in runs_of(comparison, group) {
        of += 1;
        let left: Vec<&KeySighting> = run.product.sightings.iter().filter(is_left).collect();
        runs += usize::from(!left.is_empty());
        for ran in left {
            if labels.contains(&&ran.label[..]) {
                continue;
            }
            labels.push(&ran.label);
            let label = escaped(ran.label.as_bytes());
            named.push(match ran.profiles[..] {
                [] => label,
                _ => format!("{label} (of {})", ran.profiles.join(", ")),
            });
        }
    }
    let what = match stage {
        Stage::Baseline => "Edge software ran in the baseline",
        _ => "Another product's software ran",
    };
    (runs > 0).then(|| {
        let said = format!(
            "{what}, {} in {runs} of {of} runs: {}. Stop it and its containers, or start from a \
             fresh system.",
            of_group(comparison, group),
            named.join(", ")
        );
        (Grade::Invalid, said)
    })
}

pub(super) fn own_share(comparison: &Comparison, product: usize) -> Option<Remark> {
    let shares = runs_of(comparison, (product, &Stage::Baseline)).filter_map(|run| run.own);
    let all: Vec<OwnShare> = shares.collect();
    let median = |of: fn(&OwnShare) -> f64| stats::median(&all.iter().map(of).collect::<Vec<_>>());
    let (cpu, cpu_of) = (median(|own| own.cpu)?, median(|own| own.cpu_of)?);
    let memory = median(|own| own.memory_kib)?;
    let memory_of = median(|own| own.memory_of_kib)?;
    let (grade, remedy) = match cpu > OWN_CPU * cpu_of || memory > OWN_MEMORY * memory_of {
        true => (
            Grade::Caution,
            " That is a lot: record with a longer --interval or with --pss off.",
        ),
        false => (Grade::Note, ""),
    };
    let said = format!(
        "The recorder's share of the baseline of {}: {cpu:.2} of {cpu_of:.2} % CPU, {} of {} \
         MiB.{remedy}",
        name(comparison, product),
        mib(memory),
        mib(memory_of)
    );
    Some((grade, said))
}

/// The fewest and the most probes of a run, where these are half of those or less.
pub(super) fn numbers_of_probes(comparison: &Comparison) -> Option<Remark> {
    let counts = comparison.runs.iter().filter_map(|run| {
        let number = probes::seconds(&run.results).len();
        Some((comparison.column(&run.header.product)?, number))
    });
    let counts: Vec<(usize, usize)> = counts.filter(|(_, number)| *number > 0).collect();
    let fewest = counts.iter().min_by_key(|(_, number)| *number)?;
    let most = counts.iter().max_by_key(|(_, number)| *number)?;
    (fewest.1.saturating_mul(2) <= most.1).then(|| {
        caution(format!(
            "Runs differ in their number of probes, from {} ({}) to {} ({}): the slowest of more \
             probes is slower, and the fastest faster.",
            fewest.1,
            name(comparison, fewest.0),
            most.1,
            name(comparison, most.0)
        ))
    })
}

/// Runs in which every probe failed, and one that was on another machine than the runs
/// without a probe.
pub(super) fn of_probes(comparison: &Comparison, product: usize) -> Vec<Remark> {
    let own = comparison.products.get(product).map(|of| &of.name);
    let runs = comparison.runs.iter();
    let runs = runs.filter(|run| Some(&run.header.product) == own && !run.is_of_a_host());
    let (probed, others): (Vec<_>, Vec<_>) = runs.partition(|run| probes::is_probed(&run.results));
    let name = name(comparison, product);
    let log = |run: &Measured| escaped(run.log.as_os_str().as_bytes());
    let failed = probed.iter();
    let failed = failed.filter(|run| probes::seconds(&run.results).is_empty());
    let failed = failed.map(|run| {
        caution(format!(
            "Every probe failed in a run of {name} ({}): it has no API response time.",
            log(run)
        ))
    });
    let machine = |run: &Measured| (run.header.host.clone(), run.header.board.clone());
    let is_elsewhere = |run: &&&Measured| {
        let mut same = others.iter().map(|other| machine(other) == machine(run));
        !others.is_empty() && !same.any(|same| same)
    };
    let elsewhere = probed.iter().find(is_elsewhere).map(|run| {
        caution(format!(
            "The probe of {name} ran on another machine than its other runs ({}): it includes the \
             network, and its load was not on the board.",
            log(run)
        ))
    });
    failed.chain(elsewhere).collect()
}

/// Facts that were measured on another machine than the board.
pub(super) fn elsewhere(comparison: &Comparison) -> impl Iterator<Item = Remark> + '_ {
    comparison.facts.iter().filter_map(|fact| {
        let machine = fact.elsewhere.as_deref()?;
        let product = comparison.column(&fact.product)?;
        Some(caution(format!(
            "{} of {} was measured on another machine ({}), not on the board ({}): it includes \
             the network, and its load was not on the board.",
            fact.key_name(),
            name(comparison, product),
            escaped(machine.as_bytes()),
            place(fact)
        )))
    })
}
