//! Several tests at once.
//!
//! Of twenty tests one is expected to come out at 0.05 by chance. Holm's step-down
//! procedure keeps the probability that any of them errs at what it is for one: S.
//! Holm, A simple sequentially rejective multiple test procedure, Scandinavian
//! Journal of Statistics 6 (1979), 65-70. It assumes nothing of how the tests depend
//! on each other.

/// The p of each test, adjusted for all of them, in the order in which they are
/// given: the least is multiplied by the number of tests, the next by one less, and
/// so on; none is less than the one before it, none more than 1. A row without a
/// test stays without, and does not count, as does a p that is no number.
pub fn holm(p: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut tested: Vec<(usize, f64)> = p
        .iter()
        .enumerate()
        .filter_map(|(row, p)| Some((row, p.filter(|p| !p.is_nan())?)))
        .collect();
    tested.sort_by(|(_, one), (_, other)| one.total_cmp(other));
    let mut adjusted = vec![None; p.len()];
    let mut least = 0.0;
    for (rank, (row, p)) in tested.iter().enumerate() {
        least = f64::max(least, (tested.len() - rank) as f64 * p).min(1.0);
        adjusted[*row] = Some(least);
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_is_multiplied_by_the_tests_that_are_left() {
        // Ascending 0.005 0.01 0.03 0.04: x 4, x 3, x 2, and 0.04, which is not less
        // than the 0.06 before it. In R: p.adjust(p, "holm").
        let p = [0.01, 0.04, 0.03, 0.005].map(Some);
        let [one, two, three, four] = holm(&p)[..] else {
            panic!("four tests are adjusted to four");
        };
        let close = |ours: Option<f64>, theirs: f64| (ours.unwrap() - theirs).abs() < 1e-15;
        assert!(close(one, 0.03) && close(two, 0.06) && close(three, 0.06) && close(four, 0.02));
    }

    #[test]
    fn what_was_not_tested_does_not_count() {
        let p = [None, Some(0.25), Some(f64::NAN), Some(0.125), None];
        assert_eq!(holm(&p), [None, Some(0.25), None, Some(0.25), None]);
        assert_eq!(holm(&[]), []);
        assert_eq!(holm(&[None]), [None]);
    }

    #[test]
    fn none_is_more_than_1() {
        assert_eq!(holm(&[Some(0.5), Some(1.0)]), [Some(1.0), Some(1.0)]);
        assert_eq!(holm(&[Some(f64::INFINITY)]), [Some(1.0)]);
    }

    proptest! {
        #[test]
        fn order_and_bounds_hold(p in prop::collection::vec(prop::option::of(0.0..=1.0), 0..20)) {
            let adjusted = holm(&p);
            let tests = p.iter().flatten().count() as f64;
            prop_assert_eq!(adjusted.len(), p.len());
            for (row, (before, after)) in p.iter().zip(&adjusted).enumerate() {
                prop_assert_eq!(before.is_some(), after.is_some());
                let (Some(before), Some(after)) = (before, after) else { continue };
                // Bonferroni's is the coarser one.
                prop_assert!(before <= after && *after <= (before * tests).min(1.0));
                for (other, less) in p.iter().zip(&adjusted).skip(row) {
                    if other.is_some_and(|other| other <= *before) {
                        prop_assert!(less.unwrap() <= *after);
                    }
                }
            }
        }
    }
}
