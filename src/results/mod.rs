//! Results: what is measured once, beside the samples or without any, and the records
//! of a log that hold it.

mod command;
mod kind;
mod measurement;
mod ramp;
mod record;
mod runs;

pub(crate) use command::{part, Ended, COMMAND_BYTES, LINE_BYTES, ROOM};
pub use command::{CommandRun, Outcome};
pub(crate) use kind::Unit;
pub use kind::{Kind, Verdict};
pub use measurement::{Mark, Measurement};
pub(crate) use ramp::{count, Count, RampChange, RAMP_ROOM};
pub use ramp::{Cause, Ender, Phase, Ramp};
pub use record::parts;
pub(crate) use runs::{Collector, RunResults};
