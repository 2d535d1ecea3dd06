//! The board's addresses and what hangs on them, by rtnetlink(7): read, changed, and put
//! back.

// What is read here others may have chosen: nothing may be cut, wrap or panic. Where a lint
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

#[cfg(fuzzing)]
#[path = "../../../tests/fuzz/targets/steps.rs"]
pub(crate) mod fuzz;
pub(crate) mod kernel;
pub(crate) mod link;
pub(crate) mod neighbour;
pub(crate) mod object;
mod order;
pub(crate) mod plan;
pub(crate) mod state;

#[cfg(test)]
mod tests;
