use super::*;
use proptest::prelude::*;

fn floats(values: impl IntoIterator<Item = i32>) -> Vec<f64> {
    values.into_iter().map(f64::from).collect()
}

fn found(a: &[f64], b: &[f64], u: f64, p: f64) {
    let test = mann_whitney(a, b).unwrap();
    assert!(test.exact);
    assert_eq!(test.u(), u, "{a:?} {b:?}");
    assert!((test.p / p - 1.0).abs() < 1e-12, "{a:?} {b:?}: {}", test.p);
}

/// This test alone tells the groups apart.
fn is_significant(test: &MannWhitney) -> bool {
    test.decidable && test.p <= super::super::SIGNIFICANCE
}

/// Groups of `n` and `m` values without a tie, with this U.
fn with_u(n: usize, m: usize, u: usize) -> [Vec<f64>; 2] {
    let above = |of: usize| u.saturating_sub(of * m).min(m);
    let a = (0..n).map(|i| above(i) as f64 - 0.5 + i as f64 * 1e-6);
    [a.collect(), (0..m).map(|j| j as f64).collect()]
}

/// The greatest U that is significant at 0.05 on both sides, from the table that
/// textbooks print (such as table K of Siegel, Nonparametric Statistics, 1956,
/// after Auble 1953): the size of the smaller group, the least of the larger one,
/// and the values for that, for one more, and so on.
#[test]
fn critical_values_as_published() {
    let table: [(usize, usize, &[usize]); 8] = [
        (2, 8, &[0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2]),
        (3, 5, &[0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8]),
        // Without 4 and 20, where the print has 13: 14 has p 0.0454, in scipy too.
        (4, 4, &[0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 10, 11, 11, 12, 13]),
        (
            5,
            5,
            &[2, 3, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 17, 18, 19, 20],
        ),
        (
            6,
            6,
            &[5, 6, 8, 10, 11, 13, 14, 16, 17, 19, 21, 22, 24, 25, 27],
        ),
        (8, 8, &[13, 15, 17, 19, 22, 24, 26, 29, 31, 34, 36, 38, 41]),
        (12, 12, &[37, 41, 45, 49, 53, 57, 61, 65, 69]),
        (20, 20, &[127]),
    ];
    for (n, from, critical) in table {
        for (m, &u) in (from..).zip(critical) {
            let [a, b] = with_u(n, m, u);
            let test = mann_whitney(&a, &b).unwrap();
            assert_eq!(test.twice_u, 2 * u as u64);
            assert!(is_significant(&test), "{n}, {m}: {u} has p {}", test.p);
            let [a, b] = with_u(n, m, u + 1);
            let test = mann_whitney(&a, &b).unwrap();
            assert!(!is_significant(&test), "{n}, {m}: {u} + 1 has p {}", test.p);
        }
    }
}

/// From scipy 1.17.1: `scipy.stats.mannwhitneyu(a, b, method="exact")`. The last
/// but one is the example of R's wilcox.test (p-value 0.2544), too.
#[test]
fn without_ties() {
    found(
        &[1.0, 2.0, 3.0],
        &floats(4..=8),
        0.0,
        0.035_714_285_714_285_71,
    );
    found(
        &floats([19, 22, 16, 29, 24]),
        &floats([20, 11, 17, 12]),
        17.0,
        1.0 / 9.0,
    );
    let (odd, even) = ((1..60).step_by(2), (2..62).step_by(2));
    found(&floats(odd), &floats(even), 435.0, 0.831_500_482_872_458_6);
    let term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    let earlier = [1.15, 0.88, 0.90, 0.74, 1.21];
    found(&term, &earlier, 35.0, 0.254_412_254_412_254_4);
    let squares = (0..30).map(|i| f64::from(i * i + 7)).collect::<Vec<_>>();
    let multiples = (0..30).map(|i| f64::from(37 * i) + 0.5).collect::<Vec<_>>();
    found(&squares, &multiples, 251.0, 0.002_882_948_187_580_69);
}

/// From scipy 1.17.1: `scipy.stats.permutation_test((a, b), u, n_resamples=inf,
/// permutation_type="independent", alternative="two-sided")`, where u is U by
/// `scipy.stats.rankdata`: every choice is gone through.
#[test]
fn with_ties() {
    found(
        &floats([1, 1, 2, 3]),
        &floats([2, 3, 3, 4, 5]),
        2.5,
        1.0 / 9.0,
    );
    found(
        &floats([1, 1]),
        &floats([5; 5]),
        0.0,
        0.095_238_095_238_095_23,
    );
    found(&floats([7; 3]), &floats([7; 3]), 4.5, 1.0);
    found(
        &floats([10, 12, 12, 13, 15]),
        &floats([9, 10, 10, 11, 12]),
        21.0,
        1.0 / 9.0,
    );
    let (a, b) = ([0, 0, 0, 1, 2, 2], [2, 3, 3, 4, 4, 5, 5]);
    found(&floats(a), &floats(b), 1.0, 0.003_496_503_496_503_496_5);
    let (a, b) = (
        [1.5, 1.5, 2.0, 2.0, 2.0, 9.0],
        [1.5, 2.0, 2.5, 2.5, 9.0, 9.0],
    );
    found(&a, &b, 10.5, 0.270_562_770_562_770_56);
}

/// Counted in Python with fractions, tie by tie: of t equal values j can be chosen
/// in C(t, j) ways. (scipy's normal approximation gives 0.8013.)
#[test]
fn thirty_against_thirty_with_ties() {
    let a = floats((0..30).map(|i| 7 * i % 23));
    let b = floats((0..30).map(|i| 5 * i % 19 + 3));
    found(&a, &b, 432.5, 0.799_936_840_733_722_2);
}

/// From scipy 1.17.1: `scipy.stats.mannwhitneyu(a, b, method="asymptotic")`; counted
/// in Python as above, p is 0.017702.
#[test]
fn too_large_to_count() {
    let a = floats((0..60).map(|i| 7 * i % 23));
    let b = floats((0..70).map(|i| 5 * i % 19 + 5));
    let test = mann_whitney(&a, &b).unwrap();
    assert_eq!((test.exact, test.u()), (false, 1594.0));
    assert!(
        (test.p - 0.018_112_242_308_250_984).abs() < 1e-12,
        "{}",
        test.p
    );
    let equal = mann_whitney(&[3.0; 100], &[3.0; 100]).unwrap();
    assert_eq!((equal.exact, equal.p), (false, 1.0));
    let apart = mann_whitney(&[0.0; 30_000], &[1.0; 30_000]).unwrap();
    assert!(apart.p > 0.0 && apart.p < 1e-300);
}

#[test]
fn sizes_that_can_be_told_apart() {
    for (n, m) in [(4, 4), (3, 5), (2, 8), (1, 39), (100, 1000)] {
        assert!(decidable(n, m) && decidable(m, n), "{n}, {m}");
    }
    for (n, m) in [(3, 3), (3, 4), (2, 7), (1, 38), (0, 100), (0, 0)] {
        assert!(!decidable(n, m) && !decidable(m, n), "{n}, {m}");
    }
    assert_eq!(least_p(3, 3), 0.1);
    assert_eq!(least_p(1, 1), 1.0);
    assert_eq!(least_p(0, 0), 1.0);
    let three = mann_whitney(&[1.0, 2.0, 3.0], &[7.0, 8.0, 9.0]).unwrap();
    assert_eq!((three.p, three.decidable), (0.1, false));
    assert!(!is_significant(&three));
}

#[test]
fn what_cannot_be_tested() {
    assert_eq!(mann_whitney(&[], &[1.0]), None);
    assert_eq!(mann_whitney(&[1.0], &[]), None);
    assert_eq!(mann_whitney(&[1.0, f64::NAN], &[1.0]), None);
    assert_eq!(mann_whitney(&[1.0], &[-f64::NAN]), None);
    let (low, high) = ([f64::NEG_INFINITY, 0.0], [-0.0, f64::INFINITY]);
    // 0 against -0 is half a pair of the four.
    assert_eq!(mann_whitney(&low, &high).unwrap().twice_u, 1);
}

/// p by going through every choice.
fn enumerated(a: &[f64], b: &[f64]) -> f64 {
    let all = [a, b].concat();
    let twice_u = |chosen: u32| {
        let is_chosen = |i: usize| chosen >> i & 1 == 1;
        let (mut u, values) = (0, all.iter().enumerate());
        for (_, x) in values.clone().filter(|(i, _)| is_chosen(*i)) {
            for (_, y) in values.clone().filter(|(i, _)| !is_chosen(*i)) {
                u += if x > y { 2 } else { u32::from(x == y) };
            }
        }
        u
    };
    let size = a.len() as u32;
    let here = twice_u((1 << size) - 1);
    let others: Vec<u32> = (0..1 << all.len())
        .filter(|chosen: &u32| chosen.count_ones() == size)
        .map(twice_u)
        .collect();
    let lower = others.iter().filter(|u| **u <= here).count();
    let upper = others.iter().filter(|u| **u >= here).count();
    (2.0 * lower.min(upper) as f64 / others.len() as f64).min(1.0)
}

proptest! {
    #[test]
    fn as_every_choice_says(
        a in prop::collection::vec(0i32..6, 1..6),
        b in prop::collection::vec(0i32..6, 1..6),
    ) {
        let (a, b) = (floats(a), floats(b));
        let test = mann_whitney(&a, &b).unwrap();
        prop_assert!((test.p - enumerated(&a, &b)).abs() < 1e-12);
    }

    #[test]
    fn neither_group_nor_direction_comes_first(
        a in prop::collection::vec(-9i32..9, 1..16),
        b in prop::collection::vec(-9i32..9, 1..16),
    ) {
        let (a, b) = (floats(a), floats(b));
        let there = mann_whitney(&a, &b).unwrap();
        prop_assert!(there.p > 0.0 && there.p <= 1.0);
        let back = mann_whitney(&b, &a).unwrap();
        prop_assert_eq!(there.twice_u + back.twice_u, 2 * (a.len() * b.len()) as u64);
        prop_assert!((there.p - back.p).abs() < 1e-12);
        let turned = |values: &[f64]| values.iter().map(|v| -v).collect::<Vec<_>>();
        let turned = mann_whitney(&turned(&a), &turned(&b)).unwrap();
        prop_assert_eq!(turned.twice_u, back.twice_u);
        prop_assert!((there.p - turned.p).abs() < 1e-12);
    }

    #[test]
    fn no_input_panics(
        a in prop::collection::vec(prop::num::f64::ANY, 0..9),
        b in prop::collection::vec(prop::num::f64::ANY, 0..9),
    ) {
        if let Some(test) = mann_whitney(&a, &b) {
            prop_assert!(test.p >= least_p(a.len(), b.len()) - 1e-15 && test.p <= 1.0);
        }
    }
}
