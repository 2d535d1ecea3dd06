//! What may make the comparison unfair, or a run invalid: each finding with its
//! figures.

mod figures;
mod of_runs;

use super::facts::Beside;
use super::measured::{Measured, OwnShare};
use super::rows::Spec;
use super::{Comparison, Figure, Held};
use crate::log::record::PssMode;
use crate::series::finding::{Finding, Grade};
use crate::series::stage::Stage;
use crate::series::Ran;
use crate::stats;

/// Runs of one stage that differ in length by more than this are told of.
const LENGTHS: f64 = 1.1;
/// Parts of the baseline, of CPU and of memory, that the recorder may take.
const OWN_CPU: f64 = 0.1;
const OWN_MEMORY: f64 = 0.02;

pub(crate) use figures::{check_differences, check_tests};

/// What should be the same for all runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trait {
    Board,
    Machine,
    Release,
    Cmdline,
    Cores,
    MemTotal,
    Interval,
    PssMode,
    Tool,
    Os,
    PageSize,
    Euid,
}

impl Trait {
    const ALL: [Self; 12] = [
        Self::Board,
        Self::Machine,
        Self::Release,
        Self::Cmdline,
        Self::Cores,
        Self::MemTotal,
        Self::Interval,
        Self::PssMode,
        Self::Tool,
        Self::Os,
        Self::PageSize,
        Self::Euid,
    ];

    /// As text: memory in tenths of MiB, so that a kernel that keeps a few pages more
    /// is no other hardware.
    fn of(self, run: &Measured) -> String {
        let header = &run.header;
        match self {
            Self::Board => header.board.clone(),
            Self::Machine => header.machine.clone(),
            Self::Release => header.release.clone(),
            Self::Cmdline => header.cmdline.clone(),
            Self::Cores => header.cores.to_string(),
            Self::MemTotal => format!("{:.1} MiB", header.mem_total_kib as f64 / 1024.0),
            Self::Tool => header.tool.clone(),
            Self::Os => header.os.clone(),
            Self::PageSize => format!("{} KiB", header.page_size / 1024),
            Self::Euid => match header.euid {
                0 => "root".to_owned(),
                uid => format!("user {uid}"),
            },
            Self::Interval => format!("{} s", header.interval_us as f64 / 1e6),
            Self::PssMode => match header.pss {
                PssMode::Off => "off",
                PssMode::Exact => "exact",
                PssMode::Auto => "auto",
            }
            .to_owned(),
        }
    }
}

/// The runs of a product and stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) product: usize,
    pub(crate) stage: Stage,
}

/// A finding.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Remark {
    /// Values that should be one, and who has each.
    Differs(Trait, Vec<(String, Vec<Group>)>),
    /// Who has swap, how much, KiB; and who has none.
    SwapOnOneSide {
        with: Vec<(usize, u64)>,
        without: Vec<usize>,
    },
    /// A finding about single runs: what it is in the run that has most of it, in how
    /// many runs it is, and in how many of each group.
    OfRuns {
        worst: Finding,
        runs: usize,
        groups: Vec<(Group, usize)>,
    },
    /// Runs of one stage: the shortest and the longest, microseconds.
    Lengths {
        stage: Stage,
        shortest: (usize, u64),
        longest: (usize, u64),
    },
    /// Key processes of a product where there should be none.
    Leftovers {
        group: Group,
        ran: Vec<Ran>,
        runs: usize,
        of: usize,
    },
    /// What the recorder took of the baseline; grave where that is much.
    OwnShare {
        product: usize,
        share: OwnShare,
        grave: bool,
    },
    /// Of [`Comparison::facts`]: measured on another machine than the board.
    Elsewhere { product: usize, fact: usize },
    /// Both are there: the measured one is shown.
    TypedAndMeasured {
        product: usize,
        spec: Spec,
        typed: Figure,
        measured: Figure,
    },
    /// What was typed is not what its parts give: that is shown.
    Disagrees {
        product: usize,
        spec: Spec,
        typed: Figure,
        computed: Figure,
    },
    /// A difference of two stages whose runs do not even show its sign.
    MayBeNothing {
        product: usize,
        spec: Spec,
        figure: Figure,
    },
    /// So many rows were tested that no p can be small enough for the runs there are.
    TooManyTests {
        tests: usize,
        n: (usize, usize),
        enough: (usize, usize),
    },
    /// Runs of a stage that the protocol does not have.
    OtherStage { group: Group, runs: usize },
    /// Runs of footprints that no figure is from: the recordings have PSS.
    NotShown { group: Group, runs: usize },
}

impl Remark {
    pub(crate) fn grade(&self) -> Grade {
        match self {
            Self::OfRuns { worst, .. } => worst.grade(),
            Self::OwnShare { grave: false, .. }
            | Self::TooManyTests { .. }
            | Self::OtherStage { .. }
            | Self::NotShown { .. } => Grade::Note,
            // Of two kinds of memory in use, and of a baseline with edge software in it,
            // no difference can be taken.
            Self::SwapOnOneSide { .. } | Self::Leftovers { .. } => Grade::Invalid,
            _ => Grade::Caution,
        }
    }
}

/// Everything that is found.
pub(crate) fn check(comparison: &Comparison) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = Vec::new();
    let traits = Trait::ALL.into_iter();
    remarks.extend(traits.filter_map(|which| differs(comparison, which)));
    remarks.extend(swap(comparison));
    let groups = groups(comparison);
    remarks.extend(of_runs::of_runs(comparison, &groups));
    remarks.extend(lengths(comparison, &groups));
    remarks.extend(
        groups
            .iter()
            .filter_map(|group| leftovers(comparison, group)),
    );
    let products = 0..comparison.products.len();
    remarks.extend(products.filter_map(|product| own_share(comparison, product)));
    for (fact, about) in comparison.facts.iter().enumerate() {
        let mut products = comparison.products.iter();
        let product = products.position(|product| product.name == about.product);
        if let (Some(product), true) = (product, about.elsewhere.is_some()) {
            remarks.push(Remark::Elsewhere { product, fact });
        }
    }
    for (product, of) in comparison.products.iter().enumerate() {
        for held in &of.stages {
            let group = || Group {
                product,
                stage: held.stage.clone(),
            };
            if matches!(held.stage, Stage::Other(_)) {
                remarks.push(Remark::OtherStage {
                    group: group(),
                    runs: held.recorded + held.of_footprints,
                });
            }
            if held.of_footprints > 0 && !comparison.is_read(&of.name, &held.stage) {
                remarks.push(Remark::NotShown {
                    group: group(),
                    runs: held.of_footprints,
                });
            }
        }
    }
    remarks
}

/// Every product's stages, in their order.
fn groups(comparison: &Comparison) -> Vec<Group> {
    let mut groups = Vec::new();
    for (product, of) in comparison.products.iter().enumerate() {
        for Held { stage, .. } in &of.stages {
            let stage = stage.clone();
            groups.push(Group { product, stage });
        }
    }
    groups
}

fn runs_of<'c>(
    comparison: &'c Comparison,
    group: &'c Group,
) -> impl Iterator<Item = &'c Measured> + 'c {
    let product = comparison.products.get(group.product);
    let name = product.map_or("", |product| &product.name);
    comparison.runs_of(name, &group.stage).map(|(_, run)| run)
}

fn differs(comparison: &Comparison, which: Trait) -> Option<Remark> {
    let mut values: Vec<(String, Vec<Group>)> = Vec::new();
    let stands = |run: &&Measured| match which {
        // That of the figures that are shown.
        Trait::PssMode => run.read.is_some() == comparison.is_read(&run.header.product, &run.stage),
        // Footprints have neither.
        Trait::Interval | Trait::PageSize => run.read.is_none(),
        _ => true,
    };
    for run in comparison.runs.iter().filter(stands) {
        let mut products = comparison.products.iter();
        let product = products.position(|product| product.name == run.header.product)?;
        let group = Group {
            product,
            stage: run.stage.clone(),
        };
        let value = which.of(run);
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
        let runs = comparison
            .runs
            .iter()
            .filter(|run| run.header.product == of.name);
        let recorded = runs.map(|run| run.header.swap_total_kib);
        let typed = comparison.facts_of(product, |fact| fact.is_beside(Beside::Swap));
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

fn lengths(comparison: &Comparison, groups: &[Group]) -> Vec<Remark> {
    let stages = comparison.stages();
    let lengths = |stage: &&Stage| {
        let groups = groups.iter().filter(|group| group.stage == **stage);
        let all: Vec<(usize, u64)> = groups
            .flat_map(|group| {
                let runs = runs_of(comparison, group);
                runs.map(|run| (group.product, run.duration_us))
            })
            .collect();
        let shortest = *all.iter().min_by_key(|(_, length)| *length)?;
        let longest = *all.iter().max_by_key(|(_, length)| *length)?;
        (longest.1 as f64 > shortest.1 as f64 * LENGTHS).then(|| Remark::Lengths {
            stage: (*stage).clone(),
            shortest,
            longest,
        })
    };
    stages.iter().filter_map(lengths).collect()
}

/// In a baseline nobody's key processes should run; elsewhere none that only another
/// product has.
fn leftovers(comparison: &Comparison, group: &Group) -> Option<Remark> {
    let profile = comparison.products.get(group.product)?.profile;
    let is_left = |ran: &&Ran| match group.stage {
        Stage::Baseline => true,
        _ => ran.telling && profile.is_some_and(|own| !ran.profiles.contains(&own)),
    };
    let mut all: Vec<Ran> = Vec::new();
    let mut runs = 0;
    for run in runs_of(comparison, group) {
        let left: Vec<&Ran> = run.ran.iter().filter(is_left).collect();
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
        of: runs_of(comparison, group).count(),
    })
}

fn own_share(comparison: &Comparison, product: usize) -> Option<Remark> {
    let group = Group {
        product,
        stage: Stage::Baseline,
    };
    let all: Vec<OwnShare> = runs_of(comparison, &group)
        .filter_map(|run| run.own)
        .collect();
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
