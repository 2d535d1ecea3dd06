//! The comparison of products: from their runs, and from facts measured by hand, to the
//! table of the protocol's section 7. Pure, and figures only; the words are
//! [`crate::render`]'s.
//!
//! - A cell is the median across the runs of a stage (of per-run medians, for sampled
//!   figures), with its [`Spread`], every run's value and where that comes from.
//! - PSS of a product's key processes comes from its recordings; if none of a stage has
//!   PSS, from its footprints.
//! - The edge software's share is the difference of two stages' medians.
//! - Two products are told apart by their runs, never by samples, which are not
//!   independent of each other: see [`pair_comparison`].
//! - A fact is shown if nothing was recorded. A difference is always computed, even if
//!   there is a fact for it: see [`differences`].

pub(crate) mod comparison;
pub(crate) mod conclusions;
mod differences;
pub(crate) mod facts;
pub(crate) mod figure;
pub(crate) mod footprints;
pub(crate) mod measured;
pub(crate) mod pair_comparison;
pub(crate) mod probes;
pub(crate) mod rows;
mod table;

pub(crate) use comparison::{Cell, Comparison, Missing, Product, Replaced, Silence, TableRow};
pub(crate) use figure::{Figure, Point, Source, Spread};
pub(crate) use pair_comparison::PairComparison;
