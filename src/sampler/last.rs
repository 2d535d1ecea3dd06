//! What is remembered of the last sample of a process.

use crate::log::model::Process;

/// So many processes that are gone are remembered until the next sample.
pub(super) const GONE: usize = 256;

/// The last sample of a process, gone or there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Last {
    pub(super) pid: u32,
    /// USER_HZ after boot.
    pub(super) starttime: u64,
    /// USER_HZ.
    pub(super) cpu_time: u64,
    /// Its beginning.
    pub(super) name: [u8; 16],
}

impl Last {
    pub(super) fn of(process: &Process) -> Self {
        let mut name = [0; 16];
        for (to, from) in name.iter_mut().zip(&process.comm) {
            *to = *from;
        }
        Self {
            pid: process.pid,
            starttime: process.starttime,
            cpu_time: process.cpu_time(),
            name,
        }
    }
}
