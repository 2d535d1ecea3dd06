//! Footprints and tables of groups: figures, without words.

use super::groups::GroupRow;
use super::machine_memory::MachineMemory;
use super::rows::{ProcessRow, State};
use super::{ProcessMemory, Snapshot};
use crate::attribution::CgroupKind;
use crate::log::record::{Header, PssMode};
use crate::proc::capabilities::Privilege;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Live,
    Log {
        product: String,
        stage: String,
        host: String,
        /// After the run's start, microseconds; `None`: a footprint, not a sample.
        at_us: Option<u64>,
        /// Nanoseconds since 1970.
        realtime_ns: u64,
        /// Damaged places in the log.
        damaged: u64,
        /// The run was recorded without PSS.
        without_pss: bool,
    },
}

impl Source {
    /// A sample or a footprint of a log, `at_us` after the start of its run.
    pub(crate) fn log(header: &Header<String>, sample: bool, at_us: u64) -> Self {
        let since = at_us.saturating_mul(1000);
        Self::Log {
            product: header.product.clone(),
            stage: header.stage.clone(),
            host: header.host.clone(),
            at_us: sample.then_some(at_us),
            realtime_ns: header.start_realtime_ns.saturating_add(since),
            damaged: 0,
            without_pss: header.pss == PssMode::Off,
        }
    }

    pub(super) fn set_damaged(&mut self, places: u64) {
        if let Self::Log { damaged, .. } = self {
            *damaged = places;
        }
    }
}

/// How the rows were chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// The key processes of these profiles, and those that the user gave.
    Keys { profiles: Vec<String>, given: bool },
    /// The largest programs, because no product was found.
    Largest,
}

/// How the figures were read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Circumstances {
    /// Processes whose memory was read, and how long that took in microseconds; 0 from a
    /// log.
    pub(crate) read: u64,
    pub(crate) took_us: u64,
    pub(crate) vanished: u64,
    /// Processes that could not be read for another reason than permission.
    pub(crate) failed: u64,
    pub(crate) hidden: bool,
    /// Live only.
    pub(crate) enclosed: bool,
    pub(crate) privilege: Privilege,
}

impl Circumstances {
    pub(crate) fn of(moment: &Snapshot) -> Self {
        let count = |with: fn(&ProcessMemory) -> bool| {
            let processes = moment.processes.iter();
            processes.filter(|process| with(&process.memory)).count() as u64
        };
        Self {
            read: count(|memory| matches!(memory, ProcessMemory::Known(_))),
            failed: moment.failed + count(|memory| *memory == ProcessMemory::Failed),
            took_us: moment.took_us,
            vanished: moment.vanished,
            hidden: moment.hidden,
            enclosed: moment.enclosed,
            privilege: moment.privilege,
        }
    }
}

/// Key processes and the system.
#[derive(Debug, Clone, PartialEq)]
pub struct Footprint {
    pub source: Source,
    pub chosen: Selection,
    pub rows: Vec<ProcessRow>,
    pub machine: MachineMemory,
    pub circumstances: Circumstances,
}

impl Footprint {
    /// Processes in the rows whose memory is not known.
    pub(crate) fn unreadable(&self) -> u64 {
        self.rows.iter().map(|row| row.unreadable).sum()
    }

    /// Whether the sums over the rows are known, if only in part.
    pub(crate) fn has_sums(&self) -> bool {
        let mut rows = self.rows.iter().map(ProcessRow::state);
        match self.circumstances.hidden || rows.clone().any(|state| state != State::Absent) {
            true => rows.any(|state| state == State::Known),
            false => true,
        }
    }

    /// Pid and label of a row that has processes, all unreadable.
    pub(crate) fn unreadable_process(&self) -> Option<(u32, &[u8])> {
        let unreadable = |row: &&ProcessRow| row.state() == State::Unreadable;
        let row = self.rows.iter().find(unreadable)?;
        Some((*row.pids.first()?, &row.label[..]))
    }
}

/// Units, slices, containers or pods, and their sum.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GroupTable {
    pub(crate) source: Source,
    pub(crate) by: CgroupKind,
    pub(crate) groups: Vec<GroupRow>,
    pub(crate) total: GroupRow,
    pub(crate) machine: MachineMemory,
    /// See [`Snapshot`].
    pub(crate) interval_s: Option<f64>,
    pub(crate) clk_tck: u64,
    pub(crate) circumstances: Circumstances,
}

impl GroupTable {
    /// The groups of a moment.
    pub(crate) fn new(
        source: Source,
        moment: &Snapshot,
        by: CgroupKind,
        machine: MachineMemory,
    ) -> Self {
        let groups = super::groups::groups(moment, by);
        Self {
            source,
            by,
            total: super::groups::total(&groups),
            groups,
            machine,
            interval_s: moment.interval_s,
            clk_tck: moment.clk_tck,
            circumstances: Circumstances::of(moment),
        }
    }

    /// CPU of a group, percent of one core.
    pub(crate) fn cpu_percent(&self, group: &GroupRow) -> Option<f64> {
        let seconds = self.interval_s.filter(|seconds| *seconds > 0.0)?;
        Some(100.0 * group.cpu_ticks as f64 / self.clk_tck.max(1) as f64 / seconds)
    }
}
