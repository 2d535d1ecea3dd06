//! Curves and sparks, with columns worked out by hand.

use super::*;

fn ends(columns: &[Column]) -> Vec<Option<(u64, u64)>> {
    let ends = |column: &Column| (!column.is_gap()).then_some((column.min, column.max));
    columns.iter().map(ends).collect()
}

#[test]
fn a_short_curve_is_stretched_and_a_long_one_keeps_its_extremes() {
    let mut curve = Curve::default();
    for (tick, value) in [5, 9, 1, 7].into_iter().enumerate() {
        curve.add(tick as u64, tick as u64, value);
    }
    let all = [(5, 5), (9, 9), (1, 1), (7, 7)].map(Some);
    assert_eq!(ends(&curve.scaled(3, 4)), all);
    assert_eq!(ends(&curve.scaled(3, 2)), [Some((5, 9)), Some((1, 7))]);
    let wide = curve.scaled(3, 8);
    assert_eq!(ends(&wide[..3]), [Some((5, 5)), Some((5, 5)), Some((9, 9))]);
    // The run went on for four ticks of which nothing is known.
    let gap = ends(&curve.scaled(7, 4));
    assert_eq!(gap, [Some((5, 9)), Some((1, 7)), None, None]);
}

/// 2000 ticks need columns of 4: 500 of them. The spike is at tick 1001, the gap
/// from 400 to 407, which two columns lie in.
#[test]
fn columns_become_one_by_two() {
    let mut curve = Curve::default();
    for tick in (0..2000).filter(|tick| !(400..408).contains(tick)) {
        curve.add(tick, tick, if tick == 1001 { 90 } else { 10 });
    }
    assert_eq!(curve.columns.len(), 500);
    let columns = curve.scaled(1999, 500);
    let spike: Vec<usize> = (0..500).filter(|at| columns[*at].max == 90).collect();
    assert_eq!(spike, [250]);
    let gaps: Vec<usize> = (0..500).filter(|at| columns[*at].is_gap()).collect();
    assert_eq!(gaps, [100, 101]);
    // 3 x 10 and 90 in four ticks.
    assert_eq!(columns[250].mean(), Some(30.0));
    assert_eq!(columns[100].mean(), None);
}

#[test]
fn a_value_over_many_ticks_weighs_as_much() {
    let (mut one, mut each) = (Curve::default(), Curve::default());
    one.add(100, 1400, 7);
    for tick in 100..=1400 {
        each.add(tick, tick, 7);
    }
    assert_eq!(one, each);
}

#[test]
fn the_end_of_the_ticks_is_no_end_of_the_curve() {
    let mut curve = Curve::default();
    curve.add(0, 0, u64::MAX);
    curve.add(u64::MAX - 1, u64::MAX, u64::MAX);
    curve.add(0, u64::MAX, 1);
    assert_eq!(curve.columns.len(), 512);
    let mut spark = Spark::default();
    spark.raise(0, u64::MAX, u64::MAX);
    let most = Some(u32::MAX);
    assert_eq!(spark.scaled(u64::MAX - 1, 2, &curve), [most, most]);
    assert_eq!(curve.scaled(u64::MAX, 0), []);
}

/// Known at the ticks 0 to 47 and 56 to 63: of 32 columns of two ticks, 24 to 27
/// are gaps.
#[test]
fn a_spark_keeps_what_was_highest() {
    let mut sampled = Curve::default();
    sampled.add(0, 47, 1);
    sampled.add(56, 63, 1);
    let mut spark = Spark::default();
    spark.raise(2, 3, 4);
    spark.raise(40, 42, 9);
    spark.raise(41, 42, 3);
    let shown = spark.scaled(63, 32, &sampled);
    let above: Vec<_> = (0..32).filter(|at| shown[*at] > Some(0)).collect();
    assert_eq!(
        (above, shown[1], shown[20]),
        (vec![1, 20], Some(4), Some(9))
    );
    let gaps: Vec<_> = (0..32).filter(|at| shown[*at].is_none()).collect();
    assert_eq!(gaps, [24, 25, 26, 27]);
    assert_eq!(spark.scaled(63, 4, &sampled), [4, 0, 9, 0].map(Some));
}

/// 2000 ticks take columns of 8 ticks in a fine one: 250 of them.
#[test]
fn a_fine_one_tells_more_apart_and_none_nothing() {
    let mut sampled = Curve::default();
    sampled.add(0, 1999, 1);
    let mut spark = Spark::fine();
    spark.raise(1000, 1001, 5);
    spark.raise(1010, 1011, 7);
    spark.raise(1999, 2000, 1);
    let shown = spark.scaled(1999, 250, &sampled);
    let above: Vec<_> = (0..250).filter(|at| shown[*at] > Some(0)).collect();
    assert_eq!(above, [125, 126, 249]);
    let mut none = Spark::none();
    none.raise(1000, 1001, 5);
    assert_eq!(none.scaled(1999, 2, &sampled), [0, 0].map(Some));
}

/// 6 for two ticks of four that are known, and 0 for the others.
#[test]
fn what_was_not_there_counts_as_nothing() {
    let (mut own, mut whole) = (Curve::default(), Curve::default());
    own.add_up_to(2, 4, 6);
    own.add_up_to(4, 4, 9);
    whole.add(0, 3, 100);
    let means = |columns: usize| -> Vec<u64> {
        let whole = whole.scaled(7, columns);
        let own = own.scaled(7, columns);
        own.iter()
            .zip(&whole)
            .map(|(own, whole)| own.mean_over(whole))
            .collect()
    };
    assert_eq!(means(2), [3, 0]);
    assert_eq!(means(4), [0, 6, 0, 0]);
}

/// The same by the plainest way, for spans that come in any order.
#[test]
fn what_is_skipped_makes_no_difference() {
    let mut sampled = Curve::default();
    sampled.add(0, 1000, 1);
    let spans = [
        (700, 703, 5),
        (701, 702, 9),
        (33, 35, 2),
        (999, 1001, 4),
        (1, 2, 1),
    ];
    for count in 1..=spans.len() {
        let mut spark = Spark::default();
        // 1001 ticks take columns of 32 ticks.
        let mut plain = [0; 32];
        for &(first, end, value) in &spans[..count] {
            spark.raise(first, end, value);
            for tick in first..end {
                let column: &mut u32 = &mut plain[tick as usize / 32];
                *column = (*column).max(value as u32);
            }
        }
        assert_eq!(spark.scaled(1000, 32, &sampled), plain.map(Some));
    }
}

/// What ended early is not stretched over the run.
#[test]
fn a_series_that_ends_before_the_run_does() {
    let (mut curve, mut spark) = (Curve::default(), Spark::default());
    curve.add(0, 9, 5);
    spark.raise(0, 10, 5);
    let mut sampled = Curve::default();
    sampled.add(0, 99, 1);
    assert_eq!(spark.scaled(99, 10, &sampled)[..3], [5, 5, 0].map(Some));
    let shown = ends(&curve.scaled(999, 100));
    assert_eq!(shown[..2], [Some((5, 5)), None]);
    assert_eq!(shown.iter().flatten().count(), 1);
}
