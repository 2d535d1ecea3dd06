//! A product against the reference, in one row.
//!
//! The values compared are one per run, never the samples of a run. A ratio is given
//! only with its spread, so both sides need two runs. Whether the products differ is
//! decided by the exact rank test of Mann and Whitney, if there are enough runs for it to
//! decide at all, and p is corrected for all tested rows (Holm).

use super::figure::{Figure, Spread};
use crate::stats::{self, Contrast, SIGNIFICANCE};

/// A difference or ratio of two products, and its spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Change {
    pub(crate) value: f64,
    pub(crate) spread: Spread,
}

impl Change {
    fn of(contrast: Contrast, has_spread: bool) -> Self {
        Self {
            value: contrast.value,
            spread: match has_spread {
                true => Spread::of(&contrast),
                false => Spread::None,
            },
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Test {
    /// Rows of this kind are not tested.
    Not,
    /// Too few runs to decide; `enough` runs of the two would do, for all tested rows.
    TooFew { enough: (usize, usize) },
    /// `corrected`: for all tested rows.
    P { p: f64, corrected: f64 },
}

impl Test {
    /// Whether the products differ significantly.
    pub(crate) fn tells_apart(self) -> bool {
        matches!(self, Self::P { corrected, .. } if corrected <= SIGNIFICANCE)
    }
}

/// A product and the reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PairComparison {
    /// The product's figure minus the reference's.
    pub(crate) difference: Change,
    /// The product's figure divided by the reference's; `None` without a spread.
    pub(crate) ratio: Option<Change>,
    /// Runs of the product, and of the reference.
    pub(crate) n: (usize, usize),
    pub(crate) test: Test,
}

impl PairComparison {
    /// The runs that would do, where as few as these cannot decide that many tests.
    pub(crate) fn too_few_for(&self, tests: usize) -> Option<(usize, usize)> {
        let (ours, theirs) = self.n;
        let is_too_few = stats::least_p(ours, theirs) * tests as f64 > SIGNIFICANCE;
        is_too_few.then(|| enough(self.n, tests))
    }
}

/// Compares a figure with the reference's.
pub(super) fn compare_pair(
    figure: &Figure,
    reference: &Figure,
    is_tested: bool,
) -> Option<PairComparison> {
    let (ours, theirs) = (figure.values(), reference.values());
    let n = (ours.len(), theirs.len());
    if !(figure.less.is_empty() && reference.less.is_empty()) {
        return of_differences(figure, reference, n);
    }
    let has_spread = n.0 > 1 && n.1 > 1;
    let test = match stats::mann_whitney(&ours, &theirs).filter(|_| is_tested) {
        None => Test::Not,
        Some(test) if test.decidable => Test::P {
            p: test.p,
            corrected: test.p,
        },
        Some(_) => Test::TooFew { enough: n },
    };
    Some(PairComparison {
        difference: Change::of(stats::difference(&ours, &theirs)?, has_spread),
        ratio: stats::ratio(&ours, &theirs)
            .filter(|ratio| has_spread && ratio.high.is_finite())
            .map(|ratio| Change::of(ratio, true)),
        n,
        test,
    })
}

/// Compares two figures of which at least one is a difference itself.
fn of_differences(
    figure: &Figure,
    reference: &Figure,
    n: (usize, usize),
) -> Option<PairComparison> {
    let values = |figure: &Figure| {
        let less = figure.less.iter().map(|point| point.value);
        (figure.values(), less.collect::<Vec<f64>>())
    };
    let [(of, less), (theirs, theirs_less)] = [values(figure), values(reference)];
    let all = [&of, &less, &theirs, &theirs_less];
    let has_spread = all.iter().all(|values| values.len() != 1);
    let (difference, ratio) = stats::of_figures(
        stats::Figure {
            of: &of,
            less: &less,
        },
        stats::Figure {
            of: &theirs,
            less: &theirs_less,
        },
    )?;
    Some(PairComparison {
        difference: Change::of(difference, has_spread),
        ratio: ratio
            .filter(|_| has_spread)
            .map(|ratio| Change::of(ratio, true)),
        n,
        test: Test::Not,
    })
}

/// More runs per product than anybody makes.
const MOST: usize = 60;

/// The fewest runs that can decide this many tests, given that there are `n` already:
/// fewest in total, then on the side that has fewer.
pub(crate) fn enough(n: (usize, usize), tests: usize) -> (usize, usize) {
    let decides = |&(a, b): &(usize, usize)| stats::least_p(a, b) * tests as f64 <= SIGNIFICANCE;
    let more = |(a, b): (usize, usize)| usize::from(a > n.0) + usize::from(b > n.1);
    let pairs = (n.0..=n.0.max(MOST)).flat_map(|a| (n.1..=n.1.max(MOST)).map(move |b| (a, b)));
    let order = |pair: &(usize, usize)| (pair.0 + pair.1, more(*pair), pair.0.abs_diff(pair.1));
    pairs
        .filter(decides)
        .min_by_key(order)
        .unwrap_or((MOST, MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C(8, 3) = 56 and C(8, 4) = 70 are at least 40, C(7, 3) = 35 and C(8, 2) = 28 are
    /// not. Four tests need 160: C(10, 4) = 210, C(10, 3) = 120, C(9, 4) = 126.
    #[test]
    fn how_many_runs_would_do() {
        assert_eq!(enough((3, 3), 1), (3, 5));
        assert_eq!(enough((1, 1), 1), (4, 4));
        assert_eq!(enough((2, 3), 1), (5, 3));
        assert_eq!(enough((4, 4), 4), (4, 6));
        assert_eq!(enough((1, 40), 1), (1, 40));
    }
}
