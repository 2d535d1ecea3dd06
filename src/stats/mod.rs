//! Statistics of few values: of a series, and of two groups of runs.
//!
//! The groups that are compared hold one value a run, such as the run's median.
//! The samples within a run are not independent of each other: a test that assumed it
//! would find differences where there are none.
//!
//! All rules here go by the order of the values, none by the shape of their distribution.
//! Nothing panics: the doc of a function says for which input it returns `None`. Unless it
//! mentions infinities, they are values like others, greater or less than all. 0 and -0
//! are equal.
//!
//! | question | answer |
//! |---|---|
//! | where does a share of the values lie | [`order`]: [`quantile`], [`summary`] |
//! | where does the median of all possible runs lie | [`median_interval`] |
//! | do two groups differ | [`mann_whitney`] |
//! | do they, where several figures were tested | [`holm`] |
//! | by how much, by which factor | [`difference`], [`ratio`] |
//! | the same for figures that are differences themselves | [`of_figures`] |
//! | how much is added by one more | [`slope()`] |

mod compound;
mod contrast;
mod holm;
mod mann_whitney;
mod median_interval;
mod normal;
pub(crate) mod order;
mod pairs;
mod rank_sums;
mod slope;

pub use compound::{of_figures, Figure};
pub use contrast::{difference, ratio, Contrast};
pub use holm::holm;
pub use mann_whitney::{decidable, least_p, mann_whitney, MannWhitney};
pub use median_interval::median_interval;
pub(crate) use median_interval::SIGNIFICANCE;
pub use order::{median, quantile, summary, Summary};
pub(crate) use order::{median_ranks, p95_rank};
pub(crate) use slope::{slope, Slope};
