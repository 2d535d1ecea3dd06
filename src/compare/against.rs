//! A product against the reference, in one row.
//!
//! What is compared is one value a run, never the samples of a run. A ratio is given
//! only with its spread, so never where a side has but one run. Whether the products
//! differ is tested by the exact rank test of Mann and Whitney, where so many runs
//! can decide it at all, and p is corrected for all rows that were tested (Holm).

use super::{Cell, Figure, Row, Spread};
use crate::stats::{self, Contrast, SIGNIFICANCE};

/// A figure of two products, and how far those of their runs lie apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Change {
    pub(crate) value: f64,
    pub(crate) spread: Spread,
}

/// What came of the test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Test {
    /// The row is not one that is tested.
    Not,
    /// So few runs cannot decide it; so many of the two would, in all that are tested.
    TooFew { enough: (usize, usize) },
    /// By itself, and corrected for all that were tested.
    P { p: f64, corrected: f64 },
}

impl Test {
    /// It tells the products apart.
    pub(crate) fn tells_apart(self) -> bool {
        matches!(self, Self::P { corrected, .. } if corrected <= SIGNIFICANCE)
    }
}

/// A product and the reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Against {
    /// The product's figure less the reference's.
    pub(crate) difference: Change,
    /// The product's as a multiple of the reference's; `None` without a spread.
    pub(crate) ratio: Option<Change>,
    /// Runs of the product, and of the reference.
    pub(crate) n: (usize, usize),
    pub(crate) test: Test,
}

/// Puts every product of every row against the first, and says how many tests that
/// took.
pub(crate) fn compare(rows: &mut [Row]) -> usize {
    let mut p = Vec::new();
    let mut undecided = 0;
    for row in &mut *rows {
        let is_tested = row.spec.is_tested();
        let reference = row.cells.first().and_then(Cell::figure);
        let against = row.cells.iter().enumerate().map(|(at, cell)| {
            let (figure, reference) = cell.figure().zip(reference).filter(|_| at > 0)?;
            against(figure, reference, is_tested)
        });
        row.against = against.collect();
        for against in row.against.iter().flatten() {
            p.push(match against.test {
                Test::P { p, .. } => Some(p),
                Test::Not => None,
                Test::TooFew { .. } => {
                    undecided += 1;
                    None
                }
            });
        }
    }
    let tests = p.iter().flatten().count();
    let all = rows
        .iter_mut()
        .flat_map(|row| row.against.iter_mut().flatten());
    for (against, holm) in all.zip(stats::holm(&p)) {
        match (&mut against.test, holm) {
            (Test::P { corrected, .. }, Some(holm)) => *corrected = holm,
            // With so many runs these are tested too, and corrected for.
            (Test::TooFew { enough: runs }, _) => *runs = enough(against.n, tests + undecided),
            _ => {}
        }
    }
    tests
}

fn against(figure: &Figure, reference: &Figure, is_tested: bool) -> Option<Against> {
    let (ours, theirs) = (figure.values(), reference.values());
    let n = (ours.len(), theirs.len());
    if !(figure.less.is_empty() && reference.less.is_empty()) {
        return of_differences(figure, reference, n);
    }
    let spread = n.0 > 1 && n.1 > 1;
    let test = match stats::mann_whitney(&ours, &theirs).filter(|_| is_tested) {
        None => Test::Not,
        Some(test) if test.decidable => Test::P {
            p: test.p,
            corrected: test.p,
        },
        Some(_) => Test::TooFew { enough: n },
    };
    Some(Against {
        difference: change(stats::difference(&ours, &theirs)?, spread),
        ratio: stats::ratio(&ours, &theirs)
            .filter(|ratio| spread && ratio.high.is_finite())
            .map(|ratio| change(ratio, true)),
        n,
        test,
    })
}

/// The figure and its spread, where there is one.
pub(crate) fn change(contrast: Contrast, spread: bool) -> Change {
    let Contrast {
        value,
        low,
        high,
        coverage,
    } = contrast;
    Change {
        value,
        spread: match contrast.is_interval() {
            _ if !spread => Spread::None,
            true => Spread::Interval {
                low,
                high,
                coverage,
            },
            false => Spread::Range { low, high },
        },
    }
}

/// Of two of which one is a difference itself.
fn of_differences(figure: &Figure, reference: &Figure, n: (usize, usize)) -> Option<Against> {
    let less = [figure, reference].map(|of| of.less.iter().map(|point| point.value).collect());
    let [of, theirs] = [figure, reference].map(Figure::values);
    let [less, theirs_less]: [Vec<f64>; 2] = less;
    let spread = [&of, &less, &theirs, &theirs_less]
        .iter()
        .all(|group| group.len() != 1);
    let a = stats::Figure {
        of: &of,
        less: &less,
    };
    let b = stats::Figure {
        of: &theirs,
        less: &theirs_less,
    };
    let (difference, ratio) = stats::of_figures(a, b)?;
    Some(Against {
        difference: change(difference, spread),
        ratio: ratio.filter(|_| spread).map(|ratio| change(ratio, spread)),
        n,
        test: Test::Not,
    })
}

/// More runs on one side than anybody makes.
const MOST: usize = 60;

/// The fewest runs that can decide so many tests, where there are `n` already: in all,
/// then on the side that has fewer.
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
    /// not. For four tests 160 are wanted: C(10, 4) = 210, C(10, 3) = 120, C(9, 4) = 126.
    #[test]
    fn how_many_runs_would_do() {
        assert_eq!(enough((3, 3), 1), (3, 5));
        assert_eq!(enough((1, 1), 1), (4, 4));
        assert_eq!(enough((2, 3), 1), (5, 3));
        assert_eq!(enough((4, 4), 4), (4, 6));
        assert_eq!(enough((1, 40), 1), (1, 40));
    }
}
