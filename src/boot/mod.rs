//! How long the machine takes to start: what the board tells of it itself, and what its
//! serial line tells a host.

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

pub(crate) mod arrival;
pub(crate) mod board;
pub(crate) mod holdup;
pub(crate) mod kmsg;
pub(crate) mod lack;
pub(crate) mod line;
pub(crate) mod note;
pub(crate) mod nudge;
pub(crate) mod parts;
pub(crate) mod pattern;
pub(crate) mod prompt;
pub(crate) mod restart;
pub(crate) mod scan;
pub(crate) mod stamps;
pub(crate) mod systemd;
pub(crate) mod timer;
pub(crate) mod tree;
pub(crate) mod typist;
pub(crate) mod wait;
