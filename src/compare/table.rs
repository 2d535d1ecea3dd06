//! Runs and facts -> the table.

use super::facts::{Beside, Fact};
use super::measured::Measured;
use super::rows::{self, Kind, Spec, Statistic};
use super::{
    against, fairness, typed, Cell, Comparison, Figure, Form, Held, Missing, Name, Point, Product,
};
use super::{Remark, Row, Silence, Source, Spread};
use crate::series::stage::Stage;
use crate::stats;

/// A process's name, and whether it is a kernel thread.
type Who = (Vec<u8>, bool);

/// The reference is none of the products.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnknownReference {
    pub(crate) known: Vec<String>,
}

impl Comparison {
    /// Compares the products of these runs and facts; where no reference is named, it
    /// is the first.
    ///
    /// # Errors
    /// Where the reference is none of them.
    pub(crate) fn new(
        runs: Vec<Measured>,
        facts: Vec<Fact>,
        reference: Option<&str>,
    ) -> Result<Self, UnknownReference> {
        let mut products: Vec<Product> = Vec::new();
        let of_runs = runs.iter().map(|run| (&run.header.product, run.profile));
        let of_facts = facts.iter().map(|fact| (&fact.product, None));
        for (name, profile) in of_runs.chain(of_facts) {
            if !products.iter().any(|product| product.name == *name) {
                let mut of = runs.iter().filter(|run| run.header.product == *name);
                products.push(Product {
                    name: name.clone(),
                    profile,
                    is_defined: profile.is_some() || of.any(|run| run.is_defined),
                    stages: stages(&runs, name),
                });
            }
        }
        if let Some(reference) = reference {
            let Some(at) = products.iter().position(|p| p.name == reference) else {
                let names = products.into_iter().map(|product| product.name);
                return Err(UnknownReference {
                    known: names.collect(),
                });
            };
            let first = products.remove(at);
            products.insert(0, first);
        }
        let mut comparison = Self {
            products,
            runs,
            facts,
            rows: Vec::new(),
            remarks: Vec::new(),
            tests: 0,
        };
        comparison.fill();
        Ok(comparison)
    }

    fn fill(&mut self) {
        let mut specs = rows::planned();
        let all = self.stages().into_iter();
        let others = all.filter(|stage| matches!(stage, Stage::Other(_)));
        specs.extend(others.flat_map(rows::of_other));
        let mut rows: Vec<Row> = Vec::new();
        let mut remarks = Vec::new();
        for spec in specs {
            let mut cells = Vec::new();
            for product in 0..self.products.len() {
                let cell = match spec.statistic {
                    Statistic::Difference => {
                        typed::difference(self, &rows, product, &spec, &mut remarks)
                    }
                    _ => self.cell(product, &spec, &mut remarks),
                };
                cells.push(cell);
            }
            rows.push(Row {
                spec,
                cells,
                against: Vec::new(),
            });
        }
        self.tests = against::compare(&mut rows);
        self.rows = rows;
        remarks.splice(0..0, fairness::check(self));
        remarks.extend(fairness::check_differences(self));
        remarks.extend(fairness::check_tests(self));
        self.remarks = remarks;
    }

    /// Every stage that a product has, in their order.
    pub(crate) fn stages(&self) -> Vec<&Stage> {
        let mut stages = Vec::new();
        for Held { stage, .. } in self.products.iter().flat_map(|product| &product.stages) {
            let at = stages.partition_point(|other| *other < stage);
            if stages.get(at) != Some(&stage) {
                stages.insert(at, stage);
            }
        }
        stages
    }

    /// The runs of a product and stage, of footprints too.
    pub(crate) fn all_of<'c>(
        &'c self,
        product: &'c str,
        stage: &'c Stage,
    ) -> impl Iterator<Item = (usize, &'c Measured)> + 'c {
        let runs = self.runs.iter().enumerate();
        runs.filter(move |(_, run)| run.header.product == product && run.stage == *stage)
    }

    /// Those that were recorded.
    pub(crate) fn runs_of<'c>(
        &'c self,
        product: &'c str,
        stage: &'c Stage,
    ) -> impl Iterator<Item = (usize, &'c Measured)> + 'c {
        let all = self.all_of(product, stage);
        all.filter(|(_, run)| run.read.is_none())
    }

    /// Whether the PSS of a product and stage is that of its footprints: it has some,
    /// and no recording with PSS.
    pub(crate) fn is_read(&self, product: &str, stage: &Stage) -> bool {
        let mut products = self.products.iter();
        let of = products.find(|of| of.name == product);
        of.and_then(|of| of.held(stage))
            .is_some_and(|held| held.of_footprints > 0)
            && !self
                .runs_of(product, stage)
                .any(|(_, run)| run.pss_kib.is_some())
    }

    /// The facts of a product that are meant.
    pub(crate) fn facts_of<'c>(
        &'c self,
        product: usize,
        meant: impl Fn(&Fact) -> bool + 'c,
    ) -> impl Iterator<Item = (usize, &'c Fact)> + 'c {
        let name = self.products.get(product).map(|product| &product.name);
        let facts = self.facts.iter().enumerate();
        facts.filter(move |(_, fact)| Some(&fact.product) == name && meant(fact))
    }

    fn cell(&self, product: usize, spec: &Spec, remarks: &mut Vec<Remark>) -> Cell {
        let typed = spec.fact.as_deref().and_then(|key| {
            typed::consumed(self, product, spec, remarks).or_else(|| self.typed(product, key))
        });
        match (self.measured(product, spec), typed) {
            (Cell::Figure(measured), Some(typed)) => {
                remarks.push(Remark::TypedAndMeasured {
                    product,
                    spec: spec.clone(),
                    typed,
                    measured: measured.clone(),
                });
                Cell::Figure(measured)
            }
            (Cell::Missing(_), Some(typed)) => Cell::Figure(typed),
            (cell, None) => cell,
        }
    }

    /// What the runs say.
    fn measured(&self, product: usize, spec: &Spec) -> Cell {
        let nothing = Cell::Missing(Missing::Parts(Vec::new()));
        let Some(of) = self.products.get(product) else {
            return nothing;
        };
        let Some(stage) = &spec.stage else {
            let key = spec.fact.clone().unwrap_or_default();
            return Cell::Missing(Missing::Fact(key));
        };
        let read = spec.kind == Kind::ProductPss && self.is_read(&of.name, stage);
        if of.runs_of(stage) == 0 && !read {
            return Cell::Missing(Missing::Stage(stage.clone()));
        }
        let runs = || {
            let all = self.all_of(&of.name, stage);
            all.filter(move |(_, run)| run.read.is_some() == read)
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
                Kind::ProductPss if read => Silence::Footprints,
                Kind::ProductPss if !of.is_defined => Silence::NoProfile,
                Kind::ProductPss => Silence::NoPss,
                Kind::TopCpu if runs().any(|(_, run)| run.cpu.is_some()) => Silence::Idle,
                _ => Silence::Unknown,
            };
            return Cell::Missing(Missing::Silent(stage.clone(), silence));
        }
        if spec.kind == Kind::TopCpu {
            return Cell::Figure(self.most_often(points));
        }
        let mut figure = Figure::of(points);
        if spec.kind == Kind::MemoryAvailable {
            let shares = runs().filter_map(|(_, run)| {
                let total = run.header.mem_total_kib;
                (total > 0).then_some(run.value(spec)? / total as f64 * 100.0)
            });
            figure.share = stats::median(&shares.collect::<Vec<_>>());
        }
        Cell::Figure(figure)
    }

    /// What was typed in under a key.
    pub(super) fn typed(&self, product: usize, key: &str) -> Option<Figure> {
        let figure = self.typed_where(product, |fact| fact.is_row(key))?;
        if key == "memory-available" {
            let total = self.typed_where(product, |fact| fact.is_beside(Beside::MemoryTotal));
            let share = total.filter(|total| total.value > 0.0);
            let share = share.map(|total| figure.value / total.value * 100.0);
            return Some(Figure { share, ..figure });
        }
        let named = figure
            .points
            .iter()
            .any(|point| self.name_of(point).is_some());
        Some(match named {
            true => self.written(self.most_often(figure.points)),
            false => figure,
        })
    }

    /// The facts that are meant, as one figure.
    pub(super) fn typed_where(
        &self,
        product: usize,
        meant: impl Fn(&Fact) -> bool,
    ) -> Option<Figure> {
        let point = |(at, fact): (usize, &Fact)| Point {
            value: fact.value,
            source: Source::Fact(at),
        };
        let points: Vec<Point> = self.facts_of(product, meant).map(point).collect();
        (!points.is_empty()).then(|| self.written(Figure::of(points)))
    }

    /// A figure of facts, written as these were, where all were in the same unit. The
    /// median of an even number may lie halfway between two: that is a digit more.
    fn written(&self, figure: Figure) -> Figure {
        let typed = || {
            let facts = figure.points.iter().filter_map(|point| self.fact_of(point));
            facts.map(|fact| fact.typed)
        };
        let memory = typed().next().and_then(|typed| typed.memory);
        let same = typed().all(|typed| typed.memory == memory);
        let halfway = figure
            .points
            .iter()
            .all(|point| point.value != figure.value);
        let decimals = typed().map(|typed| typed.decimals).max().unwrap_or(0);
        let form = Form {
            memory,
            decimals: decimals + usize::from(halfway),
        };
        Figure {
            form: same.then_some(form),
            ..figure
        }
    }

    /// The fact that a point is, if it is one.
    pub(crate) fn fact_of(&self, point: &Point) -> Option<&Fact> {
        match point.source {
            Source::Fact(fact) => self.facts.get(fact),
            Source::Run { .. } => None,
        }
    }

    /// The process that a point is of.
    fn name_of(&self, point: &Point) -> Option<Who> {
        match point.source {
            Source::Run { run, .. } => {
                let top = self.runs.get(run)?.top.as_ref()?;
                Some((top.name.clone(), top.kernel_thread))
            }
            Source::Fact(fact) => {
                let name = self.facts.get(fact)?.name.as_ref()?;
                Some((name.clone().into_bytes(), false))
            }
        }
    }

    /// The process that was first most often, in the runs in which it was; of several,
    /// the one that used most.
    fn most_often(&self, points: Vec<Point>) -> Figure {
        let all = points.len();
        let mut groups: Vec<(Who, Vec<Point>)> = Vec::new();
        for point in points {
            let name = self.name_of(&point).unwrap_or_default();
            match groups.iter_mut().find(|(other, _)| *other == name) {
                Some((_, points)) => points.push(point),
                None => groups.push((name, vec![point])),
            }
        }
        let figures = groups.into_iter().map(|((bytes, kernel_thread), points)| {
            let in_runs = (points.len(), all);
            let name = Name {
                bytes,
                kernel_thread,
                in_runs,
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

impl Figure {
    /// The median of points, and how far they lie apart.
    pub(crate) fn of(points: Vec<Point>) -> Self {
        let values: Vec<f64> = points.iter().map(|point| point.value).collect();
        let ends = |permille| stats::quantile(&values, permille).unwrap_or(f64::NAN);
        let spread = match (stats::median_interval(&values), values.len()) {
            (Some(interval), _) => Spread::Interval {
                low: interval.low,
                high: interval.high,
                coverage: interval.coverage,
            },
            (None, 0 | 1) => Spread::None,
            (None, _) => Spread::Range {
                low: ends(0),
                high: ends(1000),
            },
        };
        Self {
            value: stats::median(&values).unwrap_or(f64::NAN),
            spread,
            points,
            less: Vec::new(),
            share: None,
            name: None,
            form: None,
        }
    }
}

fn stages(runs: &[Measured], product: &str) -> Vec<Held> {
    let mut stages: Vec<Held> = Vec::new();
    for run in runs.iter().filter(|run| run.header.product == product) {
        let at = stages.partition_point(|held| held.stage < run.stage);
        if stages.get(at).map_or(true, |held| held.stage != run.stage) {
            let none = Held {
                stage: run.stage.clone(),
                recorded: 0,
                of_footprints: 0,
            };
            stages.insert(at, none);
        }
        if let Some(held) = stages.get_mut(at) {
            match run.read {
                None => held.recorded += 1,
                Some(_) => held.of_footprints += 1,
            }
        }
    }
    stages
}
