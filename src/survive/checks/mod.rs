//! Whether a product works, by what it answers.

pub(crate) mod defaults;
mod node;
mod probe;
mod reply;
mod spec;
pub(crate) mod tls;
mod trial;
mod watcher;

pub(crate) use probe::{Checks, Lack};
pub(crate) use spec::Spec;
pub(crate) use trial::{steady, Judged, Trial};
pub(crate) use watcher::{Timing, Watcher};
