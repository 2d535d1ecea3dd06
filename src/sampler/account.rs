//! What the recorder takes itself, and what it may.

use super::clocks::Clocks;
use super::table::Table;
use crate::log::fields::{recorder, NOT_OBSERVABLE};
use crate::log::model::Machine;
use crate::proc::capabilities::Privilege;
use crate::proc::root::Root;
use crate::proc::{pid_stat, smaps_rollup};

/// What the recorder knows, and the sampler does not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecorderFigures {
    pub(crate) written_bytes: u64,
    pub(crate) missed: u64,
    /// Samples that are known to be lost, and the last error of writing.
    pub(crate) unwritten: u64,
    pub(crate) write_errno: u64,
    /// Of those missed.
    pub(crate) stopped: u64,
}

pub(super) struct Account {
    /// The recorder's pid, as this `/proc` has it.
    pid: u64,
    cap_eff: u64,
    /// `/proc` shows but its own user's processes.
    hidden: bool,
    cpu_start_ns: u64,
    /// The tick at which it is due, if what is slow is not.
    due: u64,
}

impl Account {
    pub(super) fn open(root: &Root, start: &Clocks) -> Self {
        Self {
            pid: own_pid(root),
            cap_eff: Privilege::own(root).cap_eff,
            hidden: root.hides_processes(),
            cpu_start_ns: start.cpu_ns,
            due: 0,
        }
    }

    /// Notes what is known in each sample.
    pub(super) fn put(&self, figures: &RecorderFigures, table: &Table, machine: &mut Machine) {
        let group = machine.group_mut(recorder::ID);
        for (field, value) in [
            (recorder::UNREADABLE, table.unreadable()),
            (recorder::NOT_READ, table.failed()),
            (recorder::LEFT_OUT, table.left_out()),
            (recorder::MISSED, figures.missed),
            (recorder::STOPPED, figures.stopped),
            (recorder::PID, self.pid),
            (recorder::HIDDEN, u64::from(self.hidden)),
            (recorder::CAP_EFF, self.cap_eff),
            (recorder::UNWRITTEN, figures.unwritten),
            (recorder::WRITE_ERRNO, figures.write_errno),
        ] {
            group[field] = value;
        }
    }

    /// Whether the rest is due: early ones lie close together, for a run that is short,
    /// or is cut off.
    pub(super) fn is_due(&mut self, tick: u64, slow: bool) -> bool {
        let is_due = slow || tick >= self.due;
        if is_due {
            self.due = tick.saturating_mul(2).max(1);
        }
        is_due
    }

    /// Notes what the recorder took until `now`.
    pub(super) fn put_costs(
        &self,
        now: &Clocks,
        figures: &RecorderFigures,
        kept_descriptors: u64,
        root: &Root,
        buffer: &mut [u8],
        machine: &mut Machine,
    ) {
        let text = root.read_proc("self/smaps_rollup", buffer).ok();
        let rollup = text.and_then(|text| smaps_rollup::parse(text).ok());
        let group = machine.group_mut(recorder::ID);
        group[recorder::CPU_US] = now.cpu_ns.saturating_sub(self.cpu_start_ns) / 1000;
        group[recorder::WRITTEN_BYTES] = figures.written_bytes;
        group[recorder::KEPT_DESCRIPTORS] = kept_descriptors;
        group[recorder::PSS_KIB] = rollup.map_or(NOT_OBSERVABLE, |rollup| rollup.pss);
    }
}

/// The reader of `/proc/self` goes by another pid in a `/proc` of another
/// namespace; in a captured tree there is none.
fn own_pid(root: &Root) -> u64 {
    let mut buffer = [0; 512];
    let text = match root.is_live() {
        true => root.read_proc("self/stat", &mut buffer).ok(),
        false => None,
    };
    text.and_then(|text| pid_stat::parse(text).ok())
        .map_or(NOT_OBSERVABLE, |stat| u64::from(stat.pid))
}
