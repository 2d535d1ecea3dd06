//! A remark on a comparison: what may make it unfair, or a run invalid, with figures.

use super::figure::Figure;
use super::measured::OwnShare;
use super::rows::Spec;
use crate::series::finding::{Finding, Grade};
use crate::series::stage::Stage;
use crate::series::KeySighting;

/// A property that all runs should have in common.
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

/// A product's stage, whose runs a remark is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProductStage {
    pub(crate) product: usize,
    pub(crate) stage: Stage,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Remark {
    /// The values of a trait, with the runs that have each.
    Differs(Trait, Vec<(String, Vec<ProductStage>)>),
    /// The products with swap, and its size in KiB; and those without.
    SwapOnOneSide {
        with: Vec<(usize, u64)>,
        without: Vec<usize>,
    },
    /// A finding about single runs, as it is in the worst one; how many runs have it, in
    /// all and of each stage.
    OfRuns {
        worst: Finding,
        runs: usize,
        groups: Vec<(ProductStage, usize)>,
    },
    /// The shortest and the longest run of a stage: product, microseconds.
    Lengths {
        stage: Stage,
        shortest: (usize, u64),
        longest: (usize, u64),
    },
    /// Key processes of a product that should not run in this stage.
    Leftovers {
        group: ProductStage,
        ran: Vec<KeySighting>,
        runs: usize,
        of: usize,
    },
    /// The recorder's share of the baseline; `grave` if large.
    OwnShare {
        product: usize,
        share: OwnShare,
        grave: bool,
    },
    OfProbes(ProbeRemark),
    /// A fact, by its index, measured on another machine than the board.
    Elsewhere {
        product: usize,
        fact: usize,
    },
    /// A row has both: the measured value is shown.
    TypedAndMeasured {
        product: usize,
        spec: Spec,
        typed: Figure,
        measured: Figure,
    },
    /// A fact is not what its parts give: the computed value is shown.
    Disagrees {
        product: usize,
        spec: Spec,
        typed: Figure,
        computed: Figure,
    },
    /// The spread of a difference includes 0.
    MayBeNothing {
        product: usize,
        spec: Spec,
        figure: Figure,
    },
    /// With this many tests no p can be small enough for the runs there are.
    TooManyTests {
        tests: usize,
        n: (usize, usize),
        enough: (usize, usize),
    },
    /// Runs of a stage that the protocol does not have.
    OtherStage {
        group: ProductStage,
        runs: usize,
    },
    /// Runs of footprints that no figure is from: the recordings have PSS.
    NotShown {
        group: ProductStage,
        runs: usize,
    },
    /// Parts of a product's results that this version does not know.
    NewerResults {
        product: usize,
        items: u64,
    },
}

/// A remark on the probes of runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProbeRemark {
    /// The fewest and the most of a run: product, number.
    Numbers {
        fewest: (usize, usize),
        most: (usize, usize),
    },
    /// In this run every one failed.
    Failed { product: usize, run: usize },
    /// In this run it was on another machine than the product's other runs.
    Elsewhere { product: usize, run: usize },
}

impl Remark {
    pub(crate) fn grade(&self) -> Grade {
        match self {
            Self::OfRuns { worst, .. } => worst.grade(),
            Self::OwnShare { grave: false, .. }
            | Self::TooManyTests { .. }
            | Self::OtherStage { .. }
            | Self::NotShown { .. }
            | Self::NewerResults { .. } => Grade::Note,
            // Memory in use means two different things with and without swap, and a
            // baseline with edge software in it is none.
            Self::SwapOnOneSide { .. } | Self::Leftovers { .. } => Grade::Invalid,
            _ => Grade::Caution,
        }
    }
}
