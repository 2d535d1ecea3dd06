//! Events of a recording that its user has to know.

use crate::log::writer::{OpenError, Standing};
use crate::results::Outcome;
use crate::sampler;
use std::io;

pub enum Notice<'a> {
    /// The first sample is written.
    Begun,
    /// A sample could not be taken: its deadline is missed.
    NoSample(&'a sampler::Error),
    /// So many could not be taken, the last of the run among them.
    NoSamples(u64, &'a sampler::Error),
    /// What is gathered is kept, and written later.
    CannotWrite(&'a io::Error),
    /// What is not safe is written again later.
    CannotSync(&'a io::Error),
    /// The log grows on; a new segment is tried again later.
    CannotRotate(&'a OpenError),
    /// The file was truncated, removed or moved; the log begins anew.
    BegunAnew(Standing),
    /// The same, and the log cannot begin anew.
    NotBegunAnew(Standing, &'a OpenError),
    /// At the end: the file was truncated, removed or moved.
    Parted(Standing),
    Probe(ProbeNotice<'a>),
    /// At the end: samples that are not in the log, of those that were taken.
    Lost {
        samples: u64,
        taken: u64,
        /// They are the last ones.
        is_rest: bool,
        why: &'a io::Error,
    },
    /// At the end: the last samples, which may not outlive a loss of power.
    Unsafe {
        samples: u64,
        taken: u64,
        why: &'a io::Error,
    },
}

/// Events of a probe.
pub enum ProbeNotice<'a> {
    /// It is due again and still runs: none is started.
    StillRuns,
    /// For the first time; with the last line that it wrote.
    Failed(Outcome, &'a str),
    /// At the end: it still ran, and was killed.
    Stopped,
}

/// Gets the notices.
pub type Listener<'l> = dyn FnMut(Notice<'_>) + 'l;
