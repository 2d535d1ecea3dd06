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

pub mod against;
pub mod facts;
pub mod fairness;
pub mod footprints;
pub mod measured;
pub mod rows;
mod table;
mod typed;

use crate::series::stage::Stage;
use facts::{Fact, MemoryUnit};
use measured::Measured;
use rows::Spec;

pub use against::Against;
pub use fairness::Remark;
pub use table::UnknownReference;

/// The products, side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The columns: the reference first, the others as they were given.
    pub products: Vec<Product>,
    /// Every run, recorded or of footprints, in the order in which they were given.
    pub runs: Vec<Measured>,
    pub facts: Vec<Fact>,
    /// The rows of the protocol, then those of stages that it does not have.
    pub rows: Vec<Row>,
    pub remarks: Vec<Remark>,
    /// The rows and pairs of products that were tested, which p is corrected for.
    pub tests: usize,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    pub name: String,
    /// Whose processes its PSS is the sum of.
    pub profile: Option<&'static str>,
    /// Its logs or a user say which processes it is, or its profile.
    pub is_defined: bool,
    /// What there is of each of its stages, in their order.
    pub stages: Vec<Held>,
}

/// The runs of a stage of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub stage: Stage,
    pub recorded: usize,
    pub of_footprints: usize,
}

impl Product {
    /// What there is of a stage.
    pub fn held(&self, stage: &Stage) -> Option<&Held> {
        self.stages.iter().find(|held| held.stage == *stage)
    }

    /// The recorded runs of a stage.
    pub fn runs_of(&self, stage: &Stage) -> usize {
        self.held(stage).map_or(0, |held| held.recorded)
    }
}

/// A row, with a cell for each product.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub spec: Spec,
    pub cells: Vec<Cell>,
    /// Each product against the first; `None` for that itself, and where one of the
    /// two has no figure.
    pub against: Vec<Option<Against>>,
}

/// What is known in a row of a product.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Figure(Figure),
    Missing(Missing),
}

impl Cell {
    pub fn figure(&self) -> Option<&Figure> {
        match self {
            Self::Figure(figure) => Some(figure),
            Self::Missing(_) => None,
        }
    }
}

/// A value, in the unit of its row.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The median of `points`; of a difference, the difference of the medians.
    pub value: f64,
    pub spread: Spread,
    /// What each run, or each measurement by hand, came to.
    pub points: Vec<Point>,
    /// Of a difference: what was taken from them; empty elsewhere.
    pub less: Vec<Point>,
    /// The same as a part of all memory, percent.
    pub share: Option<f64>,
    /// The process that it is of, and in how many of the runs it was this one.
    pub name: Option<Name>,
    /// How it is written, where all of it was typed in the same unit.
    pub form: Option<Form>,
}

impl Figure {
    /// The number of runs; of a difference, also of those that were taken from them.
    pub fn n(&self) -> (usize, Option<usize>) {
        let less = self.less.len();
        (self.points.len(), (less > 0).then_some(less))
    }

    /// Something of it was typed in.
    pub fn is_typed(&self) -> bool {
        let mut points = self.points.iter().chain(&self.less);
        points.any(|point| matches!(point.source, Source::Fact(_)))
    }

    /// It is a difference, and its runs do not show whether it is more than nothing or
    /// less.
    pub fn may_be_nothing(&self) -> bool {
        let ends = self.spread.ends();
        !self.less.is_empty() && ends.is_some_and(|(low, high)| low < 0.0 && high > 0.0)
    }

    pub fn values(&self) -> Vec<f64> {
        self.points.iter().map(|point| point.value).collect()
    }
}

/// A process's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub bytes: Vec<u8>,
    pub kernel_thread: bool,
    /// In how many runs of how many.
    pub in_runs: (usize, usize),
}

/// How a typed value is written: the unit of memory, and digits behind the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    pub memory: Option<MemoryUnit>,
    pub decimals: usize,
}

/// How far the runs lie apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spread {
    /// There is but one, of at least one side.
    None,
    /// From the least to the greatest: too few runs for an interval.
    Range { low: f64, high: f64 },
    /// Holds the median with this probability, 0.95 or more.
    Interval { low: f64, high: f64, coverage: f64 },
}

impl Spread {
    pub fn ends(self) -> Option<(f64, f64)> {
        match self {
            Self::None => None,
            Self::Range { low, high } | Self::Interval { low, high, .. } => Some((low, high)),
        }
    }
}

/// What one run, or one measurement by hand, came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub value: f64,
    pub source: Source,
}

/// Where a value is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Of [`Comparison::runs`]; and when in it, microseconds after its start, where
    /// it is of one moment.
    Run { run: usize, at_us: Option<u64> },
    /// Of [`Comparison::facts`].
    Fact(usize),
}

/// Why a cell has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
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
pub enum Silence {
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
