//! The Mann-Whitney test of two groups of values: whether one of them tends to be
//! greater.
//!
//! H. B. Mann and D. R. Whitney, On a test of whether one of two random variables is
//! stochastically larger than the other, Annals of Mathematical Statistics 18 (1947),
//! 50-60. Equal values share the mean of the ranks that they take (midranks), and the
//! distribution is the one that these ties leave: all ways to deal the observed values to
//! the two groups, each as likely.
//!
//! The p of both sides is twice that of the nearer end, and at most 1.
//!
//! So p is never less than 2 / C(n + m, n): with 3 values against 3 it is 0.1 even
//! where the groups do not overlap, and no difference is significant.

use super::order::sorted;
use super::{normal, rank_sums};

/// The result of the test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MannWhitney {
    /// Twice the number of pairs in which the value of the first group is the
    /// greater one, where a pair of equal values is half a pair.
    pub(crate) twice_u: u64,
    /// Above 0, at most 1.
    pub p: f64,
    /// Whether p was counted; otherwise it is the normal approximation, corrected for ties
    /// and for continuity.
    pub(crate) exact: bool,
    /// Whether any difference of groups of this size can be significant.
    pub decidable: bool,
}

impl MannWhitney {
    /// U of the first group.
    pub fn u(&self) -> f64 {
        self.twice_u as f64 / 2.0
    }
}

/// Whether any difference of groups of these sizes can be significant: 2 / C(n + m, n) is
/// at most 0.05. It is for 4 and 4, for 3 and 5, for 2 and 8.
pub fn decidable(n: usize, m: usize) -> bool {
    // The least p of a single test, times 20 and the choices.
    n.checked_add(m)
        .is_some_and(|of| rank_sums::choices(of, n) >= 40)
}

/// The least p that groups of these sizes can give: that of groups that do not overlap.
/// Where [`holm`](super::holm) multiplies it by the number of tests, and the product is
/// above 0.05, none of them can be significant.
pub fn least_p(n: usize, m: usize) -> f64 {
    let of = n.saturating_add(m);
    (2.0 / rank_sums::choices(of, n) as f64).min(1.0)
}

/// Tests whether the groups differ. `None` where one has no values, or one that is
/// no number.
pub fn mann_whitney(a: &[f64], b: &[f64]) -> Option<MannWhitney> {
    let pool = Pool::new(a, b)?;
    let (n, m) = (a.len(), b.len());
    let exact = rank_sums::countable(n.min(m), n + m);
    Some(MannWhitney {
        twice_u: (pool.sums[0] - n * (n + 1)) as u64,
        p: if exact {
            pool.counted()
        } else {
            pool.approximate()
        },
        exact,
        decidable: decidable(n, m),
    })
}

/// Two groups, ranked together.
struct Pool {
    sizes: [usize; 2],
    /// Twice the midranks of all values, ascending.
    ranks: Vec<usize>,
    /// Twice the rank sum of each group.
    sums: [usize; 2],
    /// How many values each tie has; 1 where a value occurs once.
    ties: Vec<usize>,
}

impl Pool {
    fn new(a: &[f64], b: &[f64]) -> Option<Self> {
        let values = sorted(&[a, b].concat())?;
        let groups = [sorted(a)?, sorted(b)?];
        if a.is_empty() || b.is_empty() {
            return None;
        }
        let mut pool = Self {
            sizes: [a.len(), b.len()],
            ranks: Vec::with_capacity(values.len()),
            sums: [0, 0],
            ties: Vec::new(),
        };
        let mut rest = values.as_slice();
        while let [value, ..] = rest {
            let tied = rest.partition_point(|other| other <= value);
            // The first and the last rank that the tie takes.
            let (first, last) = (pool.ranks.len() + 1, pool.ranks.len() + tied);
            pool.ranks.resize(last, first + last);
            pool.ties.push(tied);
            for (sum, group) in pool.sums.iter_mut().zip(&groups) {
                let below = group.partition_point(|other| other < value);
                let of_tie = group.partition_point(|other| other <= value) - below;
                *sum += (first + last) * of_tie;
            }
            rest = &rest[tied..];
        }
        Some(pool)
    }

    /// p by counting all choices of the smaller group whose rank sum is at least as
    /// far out.
    fn counted(mut self) -> f64 {
        let small = usize::from(self.sizes[1] < self.sizes[0]);
        let (k, n) = (self.sizes[small], self.ranks.len());
        let mut sum = self.sums[small];
        // Ranks from the other end, so that the table ends at the mean.
        if sum > k * (n + 1) {
            sum = 2 * k * (n + 1) - sum;
            for rank in &mut self.ranks {
                *rank = 2 * (n + 1) - *rank;
            }
        }
        // Halves are needed only for ties of an even number.
        if self.ranks.iter().all(|rank| rank % 2 == 0) {
            sum /= 2;
            for rank in &mut self.ranks {
                *rank /= 2;
            }
        }
        let counts = rank_sums::counts(&self.ranks, k, sum);
        let all = rank_sums::choices(n, k);
        let lower: u128 = counts.iter().sum();
        let here = counts.last().copied().unwrap_or(0);
        let upper = all - lower + here;
        (2.0 * lower.min(upper) as f64 / all as f64).min(1.0)
    }

    /// p by the normal distribution of U, with its variance less for ties, and half
    /// a step nearer to the mean because U is no continuous variable. (Hollander,
    /// Wolfe and Chicken, Nonparametric Statistical Methods, 3rd edition, 4.1.)
    fn approximate(&self) -> f64 {
        let [n, m] = self.sizes.map(|size| size as f64);
        let all = n + m;
        let cube_less_self = |tied: &usize| {
            let tied = *tied as f64;
            tied * (tied * tied - 1.0)
        };
        let tied: f64 = self.ties.iter().map(cube_less_self).sum();
        let variance = n * m / 12.0 * (all + 1.0 - tied / (all * (all - 1.0)));
        let twice_u = self.sums[0] as f64 - n * (n + 1.0);
        let steps = ((twice_u - n * m).abs() - 1.0).max(0.0) / 2.0;
        // No variance: all values are equal.
        if variance <= 0.0 {
            return 1.0;
        }
        normal::both_tails(steps / variance.sqrt()).clamp(f64::MIN_POSITIVE, 1.0)
    }
}

#[cfg(test)]
mod tests;
