//! What the figures of the rows do not show, whatever their runs were like.

use super::Remark;
use crate::compare::against::{enough, Test};
use crate::compare::Comparison;
use crate::stats::{self, SIGNIFICANCE};

/// Differences of two stages that may as well be nothing.
pub(crate) fn check_differences(comparison: &Comparison) -> Vec<Remark> {
    let mut found = Vec::new();
    for row in &comparison.rows {
        for (product, cell) in row.cells.iter().enumerate() {
            if let Some(figure) = cell.figure().filter(|figure| figure.may_be_nothing()) {
                found.push(Remark::MayBeNothing {
                    product,
                    spec: row.spec.clone(),
                    figure: figure.clone(),
                });
            }
        }
    }
    found
}

/// What can be said only once the rows were tested.
pub(crate) fn check_tests(comparison: &Comparison) -> Option<Remark> {
    let tests = comparison.tests;
    let against = comparison
        .rows
        .iter()
        .flat_map(|row| row.against.iter().flatten());
    let tested = against.filter(|against| matches!(against.test, Test::P { .. }));
    let n = tested.map(|against| against.n);
    let least = |&(a, b): &(usize, usize)| stats::least_p(a, b);
    let n = n.min_by(|a, b| least(a).total_cmp(&least(b)))?;
    (least(&n) * tests as f64 > SIGNIFICANCE).then(|| Remark::TooManyTests {
        tests,
        n,
        enough: enough(n, tests),
    })
}
