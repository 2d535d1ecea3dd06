//! Statistics of few values: what is said of a series, and what of two groups of
//! runs.
//!
//! The groups that are compared hold one value a run, such as the run's median.
//! The samples within a run are not independent of each other, and a test that
//! took them for that would find differences where there are none.
//!
//! All rules here go by the order of the values, none by the shape of their
//! distribution. Nothing panics: a function that returns an option says for which
//! input there is none. Where it says nothing of infinities, they are values like
//! others, greater or less than all. 0 and -0 are equal.
//!
//! | question | answer |
//! |---|---|
//! | where does a share of the values lie | [`order`]: [`quantile`], [`summary`] |
//! | where does the median of all possible runs lie | [`median_interval`] |
//! | do two groups differ | [`mann_whitney`] |
//! | do they, where several figures were tested | [`holm`] |
//! | by how much, by which factor | [`difference`], [`ratio`] |
//! | the same of what are differences themselves | [`of_figures`] |

mod compound;
mod contrast;
mod holm;
mod mann_whitney;
mod median_interval;
mod normal;
pub(crate) mod order;
mod pairs;
mod rank_sums;

pub use compound::{of_figures, Figure};
pub use contrast::{difference, ratio, Contrast};
pub use holm::holm;
pub use mann_whitney::{decidable, least_p, mann_whitney, MannWhitney};
pub use median_interval::median_interval;
pub use order::{median, quantile, summary, Summary};
pub(crate) use order::{median_ranks, p95_rank};

/// A difference is told from chance where p is at most this: 0.05. Intervals hold
/// what they are of with at least the rest, 95 %.
pub(crate) const SIGNIFICANCE: f64 = 0.05;

/// The values in ascending order; `None` where one of them is no number.
fn sorted(values: &[f64]) -> Option<Vec<f64>> {
    // -0 would stand before 0 in the total order.
    let mut sorted: Vec<f64> = values.iter().map(|value| value + 0.0).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    (!values.iter().any(|value| value.is_nan())).then_some(sorted)
}
