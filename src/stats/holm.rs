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
