//! What people type: the lines of their files, in words; times and sizes; and words that
//! they may have meant.

// What is read here others may have written: nothing may be cut, wrap or panic. Where a lint
// is allowed, the comment there gives the bound.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

pub(crate) mod likeness;
pub(crate) mod units;
pub(crate) mod words;
