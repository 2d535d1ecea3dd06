//! What the sampler keeps of a process, besides its sample.

use super::gate::Gate;
use super::identity_state::IdentityState;
use super::pss_estimate::{Due, PssEstimate};
use super::sharing::Program;
use std::os::fd::OwnedFd;

#[derive(Debug, Default)]
pub(super) struct Track {
    /// /proc/PID/stat, kept open. Once the process is reaped it answers ESRCH; it
    /// never answers for the next owner of the pid.
    pub(crate) stat: Option<OwnedFd>,
    pub(crate) gate: Gate,
    /// It did not run since the last sample.
    pub(crate) quiet: bool,
    /// It was not quiet in the sample before: it is looked at with the first.
    pub(crate) first: bool,
    /// When stat was read last.
    pub(crate) stat_at: u64,
    /// As in stat: a zombie has no memory.
    pub(crate) state: u8,
    /// The thread that shows the memory of a process whose leader has ended; 0: the
    /// process itself does.
    pub(crate) tid: u32,
    /// Something of it could not be read in this sample.
    pub(crate) failed: bool,
    /// In whose memory it runs is not asked any more: its first reading was put off, as
    /// it looked like its parent's, or nothing is read.
    pub(crate) put_off: bool,
    /// Where the program's text begins: moves when something else is executed.
    pub(crate) startcode: u64,
    /// It has another name than it had.
    pub(crate) renamed: bool,
    pub(crate) program: Program,
    pub(crate) identified: IdentityState,
    /// The first sample in which its memory is to be tried again, after it was
    /// denied.
    pub(crate) retry_at: u64,
    pub(crate) memory: PssEstimate,
    /// Whether that is due to be read in this sample.
    pub(crate) due: Due,
    /// Of a slot that is free: another that is.
    pub(crate) next_free: Option<u16>,
}

impl Track {
    /// Whether its memory may be its parent's: none was read yet.
    pub(crate) fn may_be_borrowed(&self) -> bool {
        self.memory.is_new() && !self.put_off && self.program != Program::default()
    }
}
