//! A benchmark from a plan: what the plan says, which steps it has, what was done of them,
//! and what comes next. Pure: [`crate::commands`] has what runs them.

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

// The longest time has 11 digits of seconds: only a line of a million bytes, of very many such
// times, makes a sum or a product that has no room.
#[allow(clippy::arithmetic_side_effects, clippy::cast_possible_wrap)]
pub(crate) mod estimate;
pub(crate) mod examples;
pub(crate) mod journal;
pub(crate) mod moment;
pub(crate) mod plan;
pub(crate) mod resume;
pub(crate) mod steps;
pub(crate) mod vocabulary;
