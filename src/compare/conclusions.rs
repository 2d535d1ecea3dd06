//! What a comparison shows, the most important first: the answers on networks, the
//! tested differences, and which figures are not decided or not tested.
//!
//! A conclusion is made of rows of the table, and of nothing else.

use super::comparison::{Cell, Comparison, TableRow};
use super::pair_comparison::{PairComparison, Test};
use super::rows::{Kind, Spec};

/// The most conclusions; where there are more, the last says so.
const MOST: usize = 8;

/// The rows that conclusions are made of, by how much they matter.
const KINDS: [Kind; 13] = [
    Kind::SurviveIpChange,
    Kind::SimpleFirewall,
    Kind::ComplexFirewall,
    Kind::MemoryConsumed,
    Kind::ProductPss,
    Kind::MemoryTaken,
    Kind::BootCold,
    Kind::BootRestart,
    Kind::Cpu,
    Kind::DiskUsed,
    Kind::DiskTaken,
    Kind::ApiTime,
    Kind::Containers,
];

/// A row, and in it a product against the reference.
pub(crate) type Compared<'c> = (&'c Spec, PairComparison);

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Conclusion<'c> {
    /// Which products work in such a network.
    Answers(&'c TableRow),
    /// The product differs from the reference, by the test.
    Differs(usize, Compared<'c>),
    /// Of these rows of a product that cannot be said.
    Open(usize, Reason, Vec<Compared<'c>>),
    More,
}

/// Why a difference is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Enough runs, and the test does not tell them apart.
    NoDifference,
    /// Runs of the product and of the reference, and how many would do.
    TooFew {
        n: (usize, usize),
        enough: (usize, usize),
    },
    Untested,
}

impl Comparison {
    pub(crate) fn conclusions(&self) -> Vec<Conclusion<'_>> {
        let (mut all, mut open) = (Vec::new(), Vec::new());
        for kind in KINDS {
            for row in self.rows.iter().filter(|row| row.spec.kind == kind) {
                if kind.is_answer() {
                    let is_known = row.cells.iter().any(|cell| cell.figure().is_some());
                    all.extend(is_known.then_some(Conclusion::Answers(row)));
                    continue;
                }
                let is_taken = matches!(kind, Kind::MemoryTaken | Kind::DiskTaken);
                if !is_taken && !row.spec.is_tested() {
                    continue;
                }
                for (product, pair) in row.pairs.iter().enumerate() {
                    let Some(pair) = *pair else { continue };
                    match self.reason(&pair) {
                        None => all.push(Conclusion::Differs(product, (&row.spec, pair))),
                        Some(reason) => add(&mut open, product, reason, (&row.spec, pair)),
                    }
                }
            }
        }
        let rank = |reason| match reason {
            Reason::NoDifference => 0,
            Reason::TooFew { .. } => 1,
            Reason::Untested => 2,
        };
        open.sort_by_key(|(product, reason, _)| (rank(*reason), *product));
        let open = open.into_iter();
        all.extend(open.map(|(product, reason, rows)| Conclusion::Open(product, reason, rows)));
        if all.len() > MOST {
            all.truncate(MOST - 1);
            all.push(Conclusion::More);
        }
        all
    }

    /// Why two products are not told apart; `None` if they are.
    pub(crate) fn reason(&self, pair: &PairComparison) -> Option<Reason> {
        let n = pair.n;
        match pair.test {
            test if test.tells_apart() => None,
            Test::Not => Some(Reason::Untested),
            Test::TooFew { enough } => Some(Reason::TooFew { n, enough }),
            Test::P { .. } => Some(match pair.too_few_for(self.tests) {
                Some(enough) => Reason::TooFew { n, enough },
                None => Reason::NoDifference,
            }),
        }
    }
}

/// Rows of a product that are open for the same reason.
type Open<'c> = (usize, Reason, Vec<Compared<'c>>);

fn add<'c>(all: &mut Vec<Open<'c>>, product: usize, reason: Reason, row: Compared<'c>) {
    let mut same = all.iter_mut();
    match same.find(|(of, why, _)| (*of, *why) == (product, reason)) {
        Some((.., rows)) => rows.push(row),
        None => all.push((product, reason, vec![row])),
    }
}

/// The products by their answer: yes in all runs, no in all, and yes in some of so many.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) yes: Vec<usize>,
    pub(crate) no: Vec<usize>,
    pub(crate) mixed: Vec<(usize, usize, usize)>,
    pub(crate) unknown: Vec<usize>,
}

impl Answers {
    pub(crate) fn of(row: &TableRow) -> Self {
        let mut answers = Self::default();
        for (product, figure) in row.cells.iter().map(Cell::figure).enumerate() {
            let Some(figure) = figure else {
                answers.unknown.push(product);
                continue;
            };
            let all = figure.points.len();
            let yes = figure.points.iter().filter(|of| of.value > 0.0).count();
            match yes {
                0 => answers.no.push(product),
                yes if yes == all => answers.yes.push(product),
                yes => answers.mixed.push((product, yes, all)),
            }
        }
        answers
    }
}
