//! The figures of a comparison, row by row: csv and json are both written from these, so
//! that neither lacks what the other has.

use crate::compare::pair_comparison::{Change, PairComparison, Test};
use crate::compare::{Cell, Comparison, Point, Product, Source, Spread, TableRow};

/// What a figure is in its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The value of the cell.
    Value,
    /// The same as a share of all memory.
    Share,
    /// The value of one run, or of one measurement by hand.
    Point,
    /// The same where it was subtracted.
    Subtracted,
    Difference,
    Ratio,
    /// Of the test, not corrected for the number of tests.
    P,
}

#[derive(Clone)]
pub(crate) struct Datum<'c> {
    pub(crate) role: Role,
    /// The place of its product.
    pub(crate) at: usize,
    pub(crate) product: &'c Product,
    pub(crate) cell: &'c Cell,
    /// The comparison with the reference that the figure belongs to.
    pub(crate) pair: Option<&'c PairComparison>,
    pub(crate) statistic: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) value: Option<f64>,
    pub(crate) spread: Spread,
    pub(crate) n: Option<usize>,
    pub(crate) n_other: Option<usize>,
    /// Corrected for the number of tests.
    pub(crate) p: Option<f64>,
    pub(crate) sources: Vec<Source>,
}

/// The figures of a row: those of one product together, its value first.
pub(crate) fn of<'c>(comparison: &'c Comparison, row: &'c TableRow) -> Vec<Datum<'c>> {
    let mut all = Vec::new();
    let cells = comparison.products.iter().zip(&row.cells).enumerate();
    for (at, (product, cell)) in cells {
        let value = Datum {
            role: Role::Value,
            at,
            product,
            cell,
            pair: None,
            statistic: row.spec.statistic.name(),
            unit: row.spec.kind.unit().name(),
            value: None,
            spread: Spread::None,
            n: None,
            n_other: None,
            p: None,
            sources: Vec::new(),
        };
        add_cell(&mut all, &value);
        if let Some(pair) = row.pairs.get(at).and_then(Option::as_ref) {
            add_pair(&mut all, &value, pair);
        }
    }
    all
}

fn add_cell<'c>(all: &mut Vec<Datum<'c>>, value: &Datum<'c>) {
    let Some(figure) = value.cell.figure() else {
        all.push(value.clone());
        return;
    };
    let (n, n_other) = figure.n();
    let points = figure.points.iter().chain(&figure.less);
    all.push(Datum {
        statistic: if figure.at_least {
            "at least"
        } else {
            value.statistic
        },
        value: Some(figure.value),
        spread: figure.spread,
        n: Some(n),
        n_other,
        sources: points.map(|point| point.source).collect(),
        ..value.clone()
    });
    all.extend(figure.share.map(|share| Datum {
        role: Role::Share,
        statistic: "share of memory",
        unit: "%",
        value: Some(share),
        ..value.clone()
    }));
    let single = |role, statistic| {
        move |point: &Point| Datum {
            role,
            statistic,
            value: Some(point.value),
            sources: vec![point.source],
            ..value.clone()
        }
    };
    all.extend(
        figure
            .points
            .iter()
            .map(single(Role::Point, "single value")),
    );
    let subtracted = single(Role::Subtracted, "single value, subtracted");
    all.extend(figure.less.iter().map(subtracted));
}

fn add_pair<'c>(all: &mut Vec<Datum<'c>>, value: &Datum<'c>, pair: &'c PairComparison) {
    let (p, corrected) = match pair.test {
        Test::P { p, corrected } => (Some(p), Some(corrected)),
        Test::Not | Test::TooFew { .. } => (None, None),
    };
    let datum = |role, statistic, unit, change: Change| Datum {
        role,
        pair: Some(pair),
        statistic,
        unit,
        value: Some(change.value),
        spread: change.spread,
        n: Some(pair.n.0),
        n_other: Some(pair.n.1),
        p: corrected,
        ..value.clone()
    };
    let difference = "difference to reference";
    all.push(datum(
        Role::Difference,
        difference,
        value.unit,
        pair.difference,
    ));
    let ratio = |ratio| datum(Role::Ratio, "ratio to reference", "1", ratio);
    all.extend(pair.ratio.map(ratio));
    let uncorrected = |value| {
        let spread = Spread::None;
        datum(Role::P, "uncorrected p", "1", Change { value, spread })
    };
    all.extend(p.map(uncorrected));
}
