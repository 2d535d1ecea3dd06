//! Results: what is measured once, beside the samples or without any, and the records
//! of a log that hold it.

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

mod command;
mod count;
mod kind;
mod measurement;
mod ramp;
mod record;
mod runs;
mod single;

pub(crate) use command::{part, Ended, ROOM};
pub use command::{CommandRun, Outcome};
pub(crate) use count::{count, Count};
pub(crate) use kind::Unit;
pub use kind::{Kind, Verdict};
pub use measurement::{Mark, Measurement};
pub use ramp::{Cause, Ender, Phase, Ramp};
pub(crate) use ramp::{RampChange, RAMP_ROOM};
pub use record::parts;
pub(crate) use runs::{Collector, RunResults};
pub(crate) use single::{LINE_BYTES, TEXT_BYTES};
