//! Fills the table from runs and facts.

use super::comparison::{
    Cell, Comparison, Missing, Product, Replaced, Silence, StageRuns, TableRow,
};
use super::differences;
use super::facts::{Fact, Notation};
use super::figure::{Figure, Point, Source};
use super::measured::{Measured, RunSource};
use super::pair_comparison::{compare_pair, enough, PairComparison, Test};
use super::rows::{self, Kind, Spec, Statistic, Unit};
use crate::results;
use crate::series::stage::Stage;
use crate::stats;

/// Decimals of seconds that a command measured.
const SECONDS_DECIMALS: usize = 2;

/// The reference is none of the products.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnknownReference {
    pub(crate) known: Vec<String>,
}

impl Comparison {
    /// Compares the products of these runs and facts. The default reference is the first.
    ///
    /// # Errors
    /// If the reference is none of them.
    pub(crate) fn new(
        runs: Vec<Measured>,
        facts: Vec<Fact>,
        reference: Option<&str>,
    ) -> Result<Self, UnknownReference> {
        let mut products = products(&runs, &facts);
        if let Some(reference) = reference {
            let Some(at) = products.iter().position(|p| p.name == reference) else {
                let known = products.into_iter().map(|product| product.name).collect();
                return Err(UnknownReference { known });
            };
            products[..=at].rotate_right(1);
        }
        let mut comparison = Self {
            products,
            runs,
            facts,
            rows: Vec::new(),
            replaced: Vec::new(),
            tests: 0,
        };
        comparison.fill();
        Ok(comparison)
    }

    fn fill(&mut self) {
        let mut specs = rows::planned();
        let stages = self.stages().into_iter();
        let others = stages.filter(|stage| matches!(stage, Stage::Other(_)));
        specs.extend(others.flat_map(rows::of_other));
        let mut rows: Vec<TableRow> = Vec::new();
        let mut replaced = Vec::new();
        for spec in specs {
            let products = 0..self.products.len();
            let cells = products.map(|product| match spec.statistic {
                Statistic::Difference => {
                    differences::difference(self, &rows, product, &spec, &mut replaced)
                }
                _ => self.cell(product, &spec, &mut replaced),
            });
            rows.push(TableRow {
                cells: cells.collect(),
                spec,
                pairs: Vec::new(),
            });
        }
        self.tests = compare_rows(&mut rows);
        self.rows = rows;
        self.replaced = replaced;
    }

    fn cell(&self, product: usize, spec: &Spec, replaced: &mut Vec<Replaced>) -> Cell {
        let typed = spec.fact.as_deref().and_then(|key| {
            differences::consumed(self, product, spec, replaced)
                .or_else(|| self.typed(product, key))
        });
        match (self.measured(product, spec), typed) {
            (Cell::Figure(measured), Some(typed)) => {
                replaced.push(Replaced {
                    product,
                    spec: spec.clone(),
                    typed,
                    by: measured.clone(),
                    is_computed: false,
                });
                Cell::Figure(measured)
            }
            (Cell::Missing(_), Some(typed)) => Cell::Figure(typed),
            (cell, None) => cell,
        }
    }

    /// What the runs have.
    fn measured(&self, product: usize, spec: &Spec) -> Cell {
        let Some(of) = self.products.get(product) else {
            return Cell::Missing(Missing::Parts(Vec::new()));
        };
        let Some(stage) = &spec.stage else {
            return self.of_results(of, spec);
        };
        let is_pss = spec.kind == Kind::ProductPss;
        let of_footprints = is_pss && self.has_pss_of_footprints(&of.name, stage);
        if of.runs_of(stage) == 0 && !of_footprints {
            return Cell::Missing(Missing::Stage(stage.clone()));
        }
        let runs = || {
            let all = self.all_of(&of.name, stage);
            all.filter(move |(_, run)| run.is_of_footprints() == of_footprints)
        };
        let point = |(at, run): (usize, &Measured)| {
            let value = run.value(spec)?;
            let at_us = run.moment_us(spec);
            let source = Source::Run { run: at, at_us };
            Some(Point { value, source })
        };
        let points: Vec<Point> = runs().filter_map(point).collect();
        if points.is_empty() {
            let silence = match spec.kind {
                Kind::ProductPss if of_footprints => Silence::Footprints,
                Kind::ProductPss if !of.is_defined => Silence::NoProfile,
                Kind::ProductPss => Silence::NoPss,
                Kind::TopCpu if runs().any(|(_, run)| run.cpu.is_some()) => Silence::Idle,
                Kind::EndedCpu | Kind::EndedRate => {
                    Silence::Ends(runs().map(|(_, run)| run.listens).max().unwrap_or(0))
                }
                _ => Silence::Unknown,
            };
            return Cell::Missing(Missing::Silent(stage.clone(), silence));
        }
        if spec.kind == Kind::TopCpu {
            return Cell::Figure(self.most_often(points));
        }
        let mut figure = Figure::of(points);
        let is_of_ends = matches!(spec.kind, Kind::EndedCpu | Kind::EndedRate);
        figure.at_least = is_of_ends && runs().any(|(_, run)| run.ends_lost > 0);
        if spec.kind == Kind::MemoryAvailable {
            let shares = runs().filter_map(|(_, run)| {
                let total = run.header.mem_total_kib;
                (total > 0).then_some(run.value(spec)? / total as f64 * 100.0)
            });
            figure.share = stats::median(&shares.collect::<Vec<_>>());
        }
        Cell::Figure(figure)
    }
}

impl Comparison {
    /// What the results of all runs of a product have.
    fn of_results(&self, of: &Product, spec: &Spec) -> Cell {
        let runs = self.runs.iter().enumerate();
        let runs = runs.filter(|(_, run)| run.header.product == of.name);
        let points = runs.flat_map(|(at, run)| {
            let values = run.values_of_results(spec).into_iter();
            values.map(move |(result, value)| Point {
                value,
                source: Source::Result { run: at, result },
            })
        });
        let points: Vec<Point> = points.collect();
        match points.is_empty() {
            true => Cell::Missing(Missing::Fact(spec.fact.clone().unwrap_or_default())),
            false => Cell::Figure(Figure {
                at_least: spec.kind == Kind::Containers && self.may_be_more(&points),
                notation: (spec.kind.unit() == Unit::Seconds).then_some(Notation {
                    decimals: SECONDS_DECIMALS,
                    step: 0.0,
                    memory: None,
                }),
                ..Figure::of(points)
            }),
        }
    }
}

impl Comparison {
    /// Whether one of these ramps was ended by neither the board nor the product.
    fn may_be_more(&self, points: &[Point]) -> bool {
        let run = |point: &Point| match point.source {
            Source::Result { run, .. } => self.runs.get(run),
            Source::Run { .. } | Source::Fact(_) => None,
        };
        let counts = points.iter().filter_map(run);
        let mut counts = counts.filter_map(|run| results::count(&run.results));
        counts.any(|count| count.is_at_least())
    }
}

/// Compares every product of every row with the first; returns the number of tests.
fn compare_rows(rows: &mut [TableRow]) -> usize {
    for row in &mut *rows {
        let is_tested = row.spec.is_tested();
        let reference = row.cells.first().and_then(Cell::figure);
        let pairs = row.cells.iter().enumerate().map(|(at, cell)| {
            let (figure, reference) = cell.figure().zip(reference).filter(|_| at > 0)?;
            if figure.at_least || reference.at_least {
                return None;
            }
            compare_pair(figure, reference, is_tested)
        });
        row.pairs = pairs.collect();
    }
    let all = rows.iter_mut().flat_map(|row| &mut row.pairs).flatten();
    let mut all: Vec<&mut PairComparison> = all.collect();
    let p = all.iter().map(|pair| match pair.test {
        Test::P { p, .. } => Some(p),
        _ => None,
    });
    let p: Vec<Option<f64>> = p.collect();
    let tests = p.iter().flatten().count();
    let is_undecided = |pair: &&&mut PairComparison| matches!(pair.test, Test::TooFew { .. });
    let undecided = all.iter().filter(is_undecided).count();
    for (pair, holm) in all.iter_mut().zip(stats::holm(&p)) {
        match (&mut pair.test, holm) {
            (Test::P { corrected, .. }, Some(holm)) => *corrected = holm,
            // With that many runs the undecided rows are tested and corrected for too.
            (Test::TooFew { enough: runs }, _) => *runs = enough(pair.n, tests + undecided),
            _ => {}
        }
    }
    tests
}

/// The columns: of the runs in their order, then those that have only facts.
fn products(runs: &[Measured], facts: &[Fact]) -> Vec<Product> {
    let mut products: Vec<Product> = Vec::new();
    let of_runs = runs
        .iter()
        .map(|run| (&run.header.product, run.product.profile));
    let of_facts = facts.iter().map(|fact| (&fact.product, None));
    for (name, profile) in of_runs.chain(of_facts) {
        if !products.iter().any(|product| product.name == *name) {
            let of = || runs.iter().filter(|run| run.header.product == *name);
            products.push(Product {
                name: name.clone(),
                profile,
                is_defined: profile.is_some() || of().any(|run| run.product.is_defined),
                stages: stages(of()),
            });
        }
    }
    products
}

fn stages<'m>(runs: impl Iterator<Item = &'m Measured>) -> Vec<StageRuns> {
    let mut stages: Vec<StageRuns> = Vec::new();
    for run in runs.filter(|run| run.source != RunSource::Results) {
        let at = stages.partition_point(|runs| runs.stage < run.stage);
        if stages.get(at).map_or(true, |runs| runs.stage != run.stage) {
            let none = StageRuns {
                stage: run.stage.clone(),
                recorded: 0,
                of_footprints: 0,
            };
            stages.insert(at, none);
        }
        match run.is_recorded() {
            true => stages[at].recorded += 1,
            false => stages[at].of_footprints += 1,
        }
    }
    stages
}
