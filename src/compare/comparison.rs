//! Products side by side: columns, rows and cells, and questions about their runs.

use super::facts::{Fact, MachineFact, Notation};
use super::figure::{Figure, Point, ProcessName, Source};
use super::measured::{Measured, RunSource};
use super::pair_comparison::PairComparison;
use super::rows::Spec;
use crate::series::stage::Stage;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Comparison {
    /// The columns: the reference first, the others in the order given.
    pub(crate) products: Vec<Product>,
    /// Every run, recorded or of footprints, in the order given.
    pub(crate) runs: Vec<Measured>,
    pub(crate) facts: Vec<Fact>,
    /// The rows of the protocol, then those of other stages.
    pub(crate) rows: Vec<TableRow>,
    pub(crate) replaced: Vec<Replaced>,
    /// The number of tests that p is corrected for.
    pub(crate) tests: usize,
}

/// A typed figure in the place of which the table shows another.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Replaced {
    pub(crate) product: usize,
    pub(crate) spec: Spec,
    pub(crate) typed: Figure,
    pub(crate) by: Figure,
    /// The other is computed from its parts; else it is measured.
    pub(crate) is_computed: bool,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Product {
    pub(crate) name: String,
    /// The profile whose processes its PSS is the sum of.
    pub(crate) profile: Option<&'static str>,
    /// A profile, its logs or the user define its processes.
    pub(crate) is_defined: bool,
    /// In the order of the stages.
    pub(crate) stages: Vec<StageRuns>,
}

/// How many runs a product has of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StageRuns {
    pub(crate) stage: Stage,
    pub(crate) recorded: usize,
    pub(crate) of_footprints: usize,
}

impl Product {
    pub(crate) fn stage(&self, stage: &Stage) -> Option<&StageRuns> {
        self.stages.iter().find(|runs| runs.stage == *stage)
    }

    /// The number of recorded runs of a stage.
    pub(crate) fn runs_of(&self, stage: &Stage) -> usize {
        self.stage(stage).map_or(0, |runs| runs.recorded)
    }
}

/// A row, with a cell for each product.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TableRow {
    pub(crate) spec: Spec,
    pub(crate) cells: Vec<Cell>,
    /// Each product against the first; `None` for the first itself, and if one of the two
    /// has no figure.
    pub(crate) pairs: Vec<Option<PairComparison>>,
}

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

/// Why a cell has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Missing {
    /// There is no run of this stage: `record --stage` makes one.
    Stage(Stage),
    /// No fact has this key.
    Fact(String),
    /// The runs of the stage do not have it.
    Silent(Stage, Silence),
    /// A difference lacks these.
    Parts(Vec<Missing>),
}

/// Why runs do not have a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Silence {
    /// The product's processes are not defined.
    NoProfile,
    /// PSS was not recorded, or could not be read.
    NoPss,
    /// There are footprints only, incomplete or of other processes.
    Footprints,
    /// No process but the recorder used any CPU.
    Idle,
    /// The kernel does not tell of processes that end: one of
    /// [`listening`](crate::log::fields::recorder::listening).
    Ends(u64),
    /// The kernel does not show it, or the log is too short.
    Unknown,
}

/// A process's name, and whether it is a kernel thread.
type ProcessKey = (Vec<u8>, bool);

impl Comparison {
    /// Every stage of any product, in order.
    pub(crate) fn stages(&self) -> Vec<&Stage> {
        let stages = self.products.iter().flat_map(|product| &product.stages);
        let mut stages: Vec<&Stage> = stages.map(|runs| &runs.stage).collect();
        stages.sort();
        stages.dedup();
        stages
    }

    /// The column of a product.
    pub(crate) fn column(&self, product: &str) -> Option<usize> {
        self.products.iter().position(|of| of.name == product)
    }

    /// The runs of a product and stage, of footprints too.
    pub(crate) fn all_of<'c>(
        &'c self,
        product: &'c str,
        stage: &'c Stage,
    ) -> impl Iterator<Item = (usize, &'c Measured)> + 'c {
        let runs = self.runs.iter().enumerate();
        let of_stage = |run: &Measured| run.source != RunSource::Results && run.stage == *stage;
        runs.filter(move |(_, run)| run.header.product == product && of_stage(run))
    }

    /// The recorded runs of a product and stage.
    pub(crate) fn runs_of<'c>(
        &'c self,
        product: &'c str,
        stage: &'c Stage,
    ) -> impl Iterator<Item = (usize, &'c Measured)> + 'c {
        let all = self.all_of(product, stage);
        all.filter(|(_, run)| run.is_recorded())
    }

    /// Whether the PSS of a product and stage comes from footprints: there are some, and no
    /// recording has PSS.
    pub(crate) fn has_pss_of_footprints(&self, product: &str, stage: &Stage) -> bool {
        let has_pss = |(_, run): (usize, &Measured)| run.product.pss_kib.is_some();
        self.all_of(product, stage)
            .any(|(_, run)| run.is_of_footprints())
            && !self.runs_of(product, stage).any(has_pss)
    }

    /// The facts of a product that `is_meant` accepts.
    pub(crate) fn facts_of<'c>(
        &'c self,
        product: usize,
        is_meant: impl Fn(&Fact) -> bool + 'c,
    ) -> impl Iterator<Item = (usize, &'c Fact)> + 'c {
        let name = self.products.get(product).map(|product| &product.name);
        let facts = self.facts.iter().enumerate();
        facts.filter(move |(_, fact)| Some(&fact.product) == name && is_meant(fact))
    }

    /// The facts of a row.
    pub(super) fn typed(&self, product: usize, key: &str) -> Option<Figure> {
        let figure = self.typed_where(product, |fact| fact.is_row(key))?;
        if key == "memory-available" {
            let is_total = |fact: &Fact| fact.is_of_machine(MachineFact::MemoryTotal);
            let total = self.typed_where(product, is_total);
            let share = total.filter(|total| total.value > 0.0);
            let share = share.map(|total| figure.value / total.value * 100.0);
            let share = share.filter(|share| *share <= 100.0);
            return Some(Figure { share, ..figure });
        }
        let mut points = figure.points.iter();
        Some(match points.any(|point| self.process_of(point).is_some()) {
            true => self.noted(self.most_often(figure.points)),
            false => figure,
        })
    }

    /// The facts that `is_meant` accepts, as one figure.
    pub(super) fn typed_where(
        &self,
        product: usize,
        is_meant: impl Fn(&Fact) -> bool,
    ) -> Option<Figure> {
        let facts = self.facts_of(product, is_meant);
        let points = facts.map(|(at, fact)| Point {
            value: fact.value,
            source: Source::Fact(at),
        });
        let points: Vec<Point> = points.collect();
        (!points.is_empty()).then(|| self.noted(Figure::of(points)))
    }

    /// Adds the facts' notation, if all have the same unit. The median of an even number
    /// may lie halfway between two facts: that takes one more decimal.
    fn noted(&self, figure: Figure) -> Figure {
        let facts = figure.points.iter().filter_map(|point| self.fact_of(point));
        let all: Vec<Notation> = facts.map(|fact| fact.notation).collect();
        let is_halfway = figure
            .points
            .iter()
            .all(|point| point.value != figure.value);
        let notation = all.first().and_then(|first| {
            let decimals = all.iter().map(|notation| notation.decimals).max()?;
            let same = all.iter().all(|notation| notation.memory == first.memory);
            same.then_some(Notation {
                decimals: decimals + usize::from(is_halfway),
                ..*first
            })
        });
        Figure { notation, ..figure }
    }

    pub(crate) fn fact_of(&self, point: &Point) -> Option<&Fact> {
        match point.source {
            Source::Fact(fact) => self.facts.get(fact),
            Source::Run { .. } | Source::Result { .. } => None,
        }
    }

    /// The process that a point is of.
    fn process_of(&self, point: &Point) -> Option<ProcessKey> {
        match point.source {
            Source::Run { run, .. } => {
                let top = self.runs.get(run)?.top.as_ref()?;
                Some((top.name.clone(), top.kernel_thread))
            }
            Source::Result { .. } => None,
            Source::Fact(fact) => {
                let name = self.facts.get(fact)?.name.as_ref()?;
                Some((name.clone().into_bytes(), false))
            }
        }
    }

    /// The process that was the top consumer in most runs, over those runs; of several,
    /// the one that used most.
    pub(super) fn most_often(&self, points: Vec<Point>) -> Figure {
        let all = points.len();
        let mut groups: Vec<(ProcessKey, Vec<Point>)> = Vec::new();
        for point in points {
            let process = self.process_of(&point).unwrap_or_default();
            match groups.iter_mut().find(|(other, _)| *other == process) {
                Some((_, points)) => points.push(point),
                None => groups.push((process, vec![point])),
            }
        }
        let figures = groups.into_iter().map(|((bytes, kernel_thread), points)| {
            let name = ProcessName {
                bytes,
                kernel_thread,
                in_runs: (points.len(), all),
            };
            Figure {
                name: Some(name),
                ..Figure::of(points)
            }
        });
        let by = |a: &Figure, b: &Figure| {
            let counts = a.points.len().cmp(&b.points.len());
            counts.then(a.value.total_cmp(&b.value))
        };
        figures.max_by(by).unwrap_or_else(|| Figure::of(Vec::new()))
    }
}
