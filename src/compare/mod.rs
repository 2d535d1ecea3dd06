//! Products, compared: from their runs, and from what was measured by hand, to the
//! table of the protocol's section 7. Pure, and figures only; the words are
//! [`crate::render`]'s.
//!
//! - A cell is the median over the runs of a stage (of the medians of each run, for
//!   what is sampled), with its [`Spread`], and with every run's value and where that
//!   is from.
//! - PSS of a product's key processes is of its recordings; where none of a stage has
//!   it, of its footprints.
//! - What the edge software takes is the difference of two stages, by their medians.
//! - Two products are told apart by their runs, never by samples, which are not
//!   independent of each other: see [`against`].
//! - What was typed in is shown where nothing was recorded. A difference is computed,
//!   whatever somebody typed; see [`typed`].

pub(crate) mod against;
pub(crate) mod facts;
pub(crate) mod fairness;
pub(crate) mod footprints;
pub(crate) mod measured;
pub(crate) mod rows;
mod table;
mod typed;

use crate::series::stage::Stage;
use facts::{Fact, MemoryUnit};
use measured::Measured;
use rows::Spec;

pub(crate) use against::Against;
pub(crate) use fairness::Remark;

/// The products, side by side.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Comparison {
    /// The columns: the reference first, the others as they were given.
    pub(crate) products: Vec<Product>,
    /// Every run, recorded or of footprints, in the order in which they were given.
    pub(crate) runs: Vec<Measured>,
    pub(crate) facts: Vec<Fact>,
    /// The rows of the protocol, then those of stages that it does not have.
    pub(crate) rows: Vec<Row>,
    pub(crate) remarks: Vec<Remark>,
    /// The rows and pairs of products that were tested, which p is corrected for.
    pub(crate) tests: usize,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Product {
    pub(crate) name: String,
    /// Whose processes its PSS is the sum of.
    pub(crate) profile: Option<&'static str>,
    /// Its logs or a user say which processes it is, or its profile.
    pub(crate) is_defined: bool,
    /// What there is of each of its stages, in their order.
    pub(crate) stages: Vec<Held>,
}

/// The runs of a stage of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) stage: Stage,
    pub(crate) recorded: usize,
    pub(crate) of_footprints: usize,
}

impl Product {
    /// What there is of a stage.
    pub(crate) fn held(&self, stage: &Stage) -> Option<&Held> {
        self.stages.iter().find(|held| held.stage == *stage)
    }

    /// The recorded runs of a stage.
    pub(crate) fn runs_of(&self, stage: &Stage) -> usize {
        self.held(stage).map_or(0, |held| held.recorded)
    }
}

/// A row, with a cell for each product.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) spec: Spec,
    pub(crate) cells: Vec<Cell>,
    /// Each product against the first; `None` for that itself, and where one of the
    /// two has no figure.
    pub(crate) against: Vec<Option<Against>>,
}

/// What is known in a row of a product.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Figure(Figure),
    Missing(Missing),
}

impl Cell {
    pub(crate) fn figure(&self) -> Option<&Figure> {
        match self {
            Self::Figure(figure) => Some(figure),
            Self::Missing(_) => None,
        }
    }
}

/// A value, in the unit of its row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figure {
    /// The median of `points`; of a difference, the difference of the medians.
    pub(crate) value: f64,
    pub(crate) spread: Spread,
    /// What each run, or each measurement by hand, came to.
    pub(crate) points: Vec<Point>,
    /// Of a difference: what was taken from them; empty elsewhere.
    pub less: Vec<Point>,
    /// The same as a part of all memory, percent.
    pub(crate) share: Option<f64>,
    /// The process that it is of, and in how many of the runs it was this one.
    pub(crate) name: Option<Name>,
    /// How it is written, where all of it was typed in the same unit.
    pub(crate) form: Option<Form>,
}

impl Figure {
    /// The number of runs; of a difference, also of those that were taken from them.
    pub(crate) fn n(&self) -> (usize, Option<usize>) {
        let less = self.less.len();
        (self.points.len(), (less > 0).then_some(less))
    }

    /// It is a difference, and its runs do not show whether it is more than nothing or
    /// less.
    pub(crate) fn may_be_nothing(&self) -> bool {
        let ends = self.spread.ends();
        !self.less.is_empty() && ends.is_some_and(|(low, high)| low < 0.0 && high > 0.0)
    }

    pub(crate) fn values(&self) -> Vec<f64> {
        self.points.iter().map(|point| point.value).collect()
    }
}

/// A process's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) bytes: Vec<u8>,
    pub(crate) kernel_thread: bool,
    /// In how many runs of how many.
    pub(crate) in_runs: (usize, usize),
}

/// How a typed value is written: the unit of memory, and digits behind the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) memory: Option<MemoryUnit>,
    pub(crate) decimals: usize,
}

/// How far the runs lie apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Spread {
    /// There is but one, of at least one side.
    None,
    /// From the least to the greatest: too few runs for an interval.
    Range { low: f64, high: f64 },
    /// Holds the median with this probability, 0.95 or more.
    Interval { low: f64, high: f64, coverage: f64 },
}

impl Spread {
    pub(crate) fn ends(self) -> Option<(f64, f64)> {
        match self {
            Self::None => None,
            Self::Range { low, high } | Self::Interval { low, high, .. } => Some((low, high)),
        }
    }
}

/// What one run, or one measurement by hand, came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) value: f64,
    pub(crate) source: Source,
}

/// Where a value is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Of [`Comparison::runs`]; and when in it, microseconds after its start, where
    /// it is of one moment.
    Run { run: usize, at_us: Option<u64> },
    /// Of [`Comparison::facts`].
    Fact(usize),
}

/// Why a cell has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Missing {
    /// No run of this stage: `record --stage` makes one.
    Stage(Stage),
    /// Nothing was typed in under this key.
    Fact(String),
    /// The stages are there, and do not say it.
    Silent(Stage, Silence),
    /// A difference lacks these.
    Parts(Vec<Missing>),
}

/// Why a run says nothing of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Silence {
    /// There is no profile of the product.
    NoProfile,
    /// PSS was not recorded, or could not be read.
    NoPss,
    /// There are footprints only, of other processes than its own or not whole.
    Footprints,
    /// No process but the recorder used any CPU.
    Idle,
    /// The kernel did not say, or the log is too short.
    Unknown,
}
