//! What `stats` says of 500 random groups, against the definitions: every way to deal,
//! every pair, every outcome written down and counted. Few values and small ones, so
//! that many are equal.

use edgebench_lite::stats::{
    difference, holm, least_p, mann_whitney, median, median_interval, of_figures, quantile, ratio,
    summary, Contrast, Figure,
};
use proptest::prelude::*;

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| a.partial_cmp(b).unwrap());
    sorted
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

/// All ways to choose `k` of `n`, as bits.
fn deals(n: usize, k: usize) -> impl Iterator<Item = u32> {
    (0u32..1 << n).filter(move |deal| deal.count_ones() as usize == k)
}

/// Pairs in which the first is greater, an equal pair half.
fn u(a: &[f64], b: &[f64]) -> f64 {
    let half = |a: &f64, b: &f64| f64::from(u8::from(a > b)) + f64::from(u8::from(a == b)) / 2.0;
    a.iter()
        .flat_map(|a| b.iter().map(move |b| half(a, b)))
        .sum()
}

/// Twice the part of all deals that are as far out on the nearer side.
fn p(a: &[f64], b: &[f64]) -> f64 {
    let all: Vec<f64> = a.iter().chain(b).copied().collect();
    let found = u(a, b);
    let (mut below, mut above, mut count) = (0u32, 0u32, 0u32);
    for deal in deals(all.len(), a.len()) {
        let of = |side| {
            let dealt = all
                .iter()
                .zip(0..)
                .filter(move |(_, at)| deal >> at & 1 == side);
            dealt.map(|(value, _)| *value).collect::<Vec<_>>()
        };
        let dealt = u(&of(1), &of(0));
        below += u32::from(dealt <= found);
        above += u32::from(dealt >= found);
        count += 1;
    }
    (2.0 * f64::from(below.min(above)) / f64::from(count)).min(1.0)
}

/// How often the r-th of all differences, from either end, holds the shift of groups
/// without equal values: one in which nothing is shifted, dealt in every way.
fn covered(n: usize, m: usize, r: usize) -> f64 {
    let (mut held, mut count) = (0u32, 0u32);
    for deal in deals(n + m, n) {
        let of = |side| (0..n + m).filter(move |at| deal >> at & 1 == side);
        let below = of(1).flat_map(|a| of(0).map(move |b| a < b));
        let below = below.filter(|is| *is).count();
        held += u32::from((r..=n * m - r).contains(&below));
        count += 1;
    }
    f64::from(held) / f64::from(count)
}

/// The greatest rank that covers enough, else 1, and what it covers.
fn rank(n: usize, m: usize, enough: f64) -> (usize, f64) {
    let ranks = (1..=n * m / 2).rev().map(|r| (r, covered(n, m, r)));
    let mut found = ranks.filter(|(_, covered)| *covered >= enough - 1e-12);
    found
        .next()
        .unwrap_or((1, 1.0 - 2.0 / deals(n + m, n).count() as f64))
}

fn is(ours: &Contrast, value: f64, ends: &[f64], r: usize, covered: f64) -> bool {
    let (low, high) = (ends[r - 1].min(value), ends[ends.len() - r].max(value));
    close(ours.value, value)
        && close(ours.low, low)
        && close(ours.high, high)
        && close(ours.coverage, covered.max(0.0))
}

/// Few steps, none of them 0.
fn group(most: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((1u32..40).prop_map(|step| f64::from(step) / 4.0), 1..most)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn values_of_one_group(values in group(13), permille in 0u16..=1000) {
        let sorted = sorted(&values);
        let n = values.len();
        let middle = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0;
        prop_assert!(close(median(&values).unwrap(), middle));
        // The least value that so many do not exceed.
        let reached = |value: &&f64| {
            let up_to = values.iter().filter(|other| other <= value).count();
            up_to * 1000 >= usize::from(permille) * n
        };
        prop_assert_eq!(quantile(&values, permille), sorted.iter().find(reached).copied());
        let all = summary(&mut values.clone()).unwrap();
        prop_assert!(close(all.mean, values.iter().sum::<f64>() / n as f64));
        prop_assert_eq!((all.count, all.min, all.max), (n as u64, sorted[0], sorted[n - 1]));
        prop_assert_eq!((Some(all.median), Some(all.p95)), (median(&values), quantile(&values, 950)));
        // Each value falls below the median of all runs or above: how often r do on
        // either side.
        let held = |r: usize| {
            let all = (0u32..1 << n).map(|outcome| outcome.count_ones() as usize);
            all.filter(|below| (r..=n - r).contains(below)).count() as f64 / f64::from(1u32 << n)
        };
        let r = (1..=n / 2).rev().find(|r| held(*r) >= 0.95);
        let ours = median_interval(&values);
        prop_assert_eq!(ours.map(|it| it.rank), r);
        if let (Some(ours), Some(r)) = (ours, r) {
            prop_assert_eq!((ours.low, ours.high), (sorted[r - 1], sorted[n - r]));
            prop_assert!(close(ours.coverage, held(r)));
        }
    }

    #[test]
    fn two_groups(a in group(7), b in group(7)) {
        let test = mann_whitney(&a, &b).unwrap();
        prop_assert!(close(test.u(), u(&a, &b)) && close(test.p, p(&a, &b)));
        let (n, m) = (a.len(), b.len());
        let least = (2.0 / deals(n + m, n).count() as f64).min(1.0);
        prop_assert!(close(least_p(n, m), least));
        prop_assert_eq!(test.decidable, least <= 0.05);
        let (r, covered) = rank(n, m, 0.95);
        let of = |of: fn(f64, f64) -> f64| {
            let all: Vec<f64> = a.iter().flat_map(|a| b.iter().map(move |b| of(*a, *b))).collect();
            sorted(&all)
        };
        let (ours, theirs) = (median(&a).unwrap(), median(&b).unwrap());
        let amount = difference(&a, &b).unwrap();
        prop_assert!(is(&amount, ours - theirs, &of(|a, b| a - b), r, covered));
        let factor = ratio(&a, &b).unwrap();
        prop_assert!(is(&factor, ours / theirs, &of(|a, b| a / b), r, covered));
    }

    #[test]
    fn differences_of_two_groups(a in group(7), b in group(7), c in group(7), d in group(7)) {
        let (of, more): (Vec<f64>, Vec<f64>) =
            (a.iter().map(|a| a + 100.0).collect(), c.iter().map(|c| c + 200.0).collect());
        // The ends of one difference, and how often they hold it.
        let ends = |of: &[f64], less: &[f64], enough| {
            let (r, covered) = rank(of.len(), less.len(), enough);
            let all: Vec<f64> = of.iter().flat_map(|a| less.iter().map(move |b| a - b)).collect();
            let all = sorted(&all);
            let value = median(of).unwrap() - median(less).unwrap();
            (all[r - 1].min(value), all[all.len() - r].max(value), covered)
        };
        let both = |enough| (ends(&of, &b, enough), ends(&more, &d, enough));
        let enough = 0.95_f64.sqrt();
        let (x, y) = match both(enough) {
            (x, y) if x.2 >= enough && y.2 >= enough => (x, y),
            _ => both(1.1),
        };
        let (amount, factor) =
            of_figures(Figure { of: &of, less: &b }, Figure { of: &more, less: &d }).unwrap();
        let factor = factor.unwrap();
        prop_assert!(close(amount.low, x.0 - y.1) && close(amount.high, x.1 - y.0));
        prop_assert!(close(factor.low, x.0 / y.1) && close(factor.high, x.1 / y.0));
        prop_assert!(close(amount.coverage, x.2.max(0.0) * y.2.max(0.0)));
        prop_assert_eq!(amount.coverage, factor.coverage);
    }

    /// Holm's: a test is refused at a level where all with less p are, and its own p times
    /// the tests that are left is at most the level. The least such level.
    #[test]
    fn several_tests(all in prop::collection::vec(prop::option::of(0.0f64..1.0), 0..12)) {
        let refused = |level: f64| {
            let mut left: Vec<(usize, f64)> =
                all.iter().enumerate().filter_map(|(at, p)| Some((at, (*p)?))).collect();
            let mut refused = Vec::new();
            while let Some(least) = left.iter().map(|(_, p)| *p).reduce(f64::min) {
                if least * left.len() as f64 > level {
                    break;
                }
                let at = left.iter().position(|(_, p)| *p == least).unwrap();
                refused.push(left.remove(at).0);
            }
            refused
        };
        for (at, corrected) in holm(&all).into_iter().enumerate() {
            prop_assert_eq!(corrected.is_some(), all[at].is_some());
            if let Some(level) = corrected {
                prop_assert!(level == 1.0 || refused(level + 1e-12).contains(&at));
                prop_assert!(!refused(level - 1e-9).contains(&at));
            }
        }
    }
}
