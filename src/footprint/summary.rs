//! What is shown of a moment: figures, not words.

use super::groups::Group;
use super::machine::Machine;
use super::rows::{Row, State};
use super::{Memory, Moment};
use crate::attribution::By;
use crate::log::record::{Header, PssMode};
use crate::proc::capabilities::Privilege;

/// Where the figures are from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Live,
    Log {
        product: String,
        stage: String,
        host: String,
        /// After the run's start, microseconds; `None`: it is a footprint that was
        /// read then, no sample.
        at_us: Option<u64>,
        /// On the clock, nanoseconds since 1970.
        realtime_ns: u64,
        /// Places of the log that could not be read.
        damaged: u64,
        /// The run was recorded without PSS.
        without_pss: bool,
    },
}

impl Source {
    /// A sample, or a footprint, `at_us` after the start of a run.
    pub(crate) fn log(header: &Header<String>, sample: bool, at_us: u64, damaged: u64) -> Self {
        let since = at_us.saturating_mul(1000);
        Self::Log {
            product: header.product.clone(),
            stage: header.stage.clone(),
            host: header.host.clone(),
            at_us: sample.then_some(at_us),
            realtime_ns: header.start_realtime_ns.saturating_add(since),
            damaged,
            without_pss: header.pss == PssMode::Off,
        }
    }
}

/// How the rows came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// The key processes of these profiles, and those that the user gave.
    Keys { profiles: Vec<String>, given: bool },
    /// No product was found: the largest programs.
    Largest,
}

/// What is known of how the figures were got.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Circumstances {
    /// Processes whose memory was read, and how long that took, microseconds; 0
    /// from a log.
    pub(crate) read: u64,
    pub(crate) took_us: u64,
    pub(crate) vanished: u64,
    /// Processes whose memory could not be read, or of which nothing could, though
    /// they may be read.
    pub(crate) failed: u64,
    pub(crate) hidden: bool,
    pub(crate) privilege: Privilege,
}

impl Circumstances {
    pub(crate) fn of(moment: &Moment) -> Self {
        let count = |with: fn(&Memory) -> bool| {
            let processes = moment.processes.iter();
            processes.filter(|process| with(&process.memory)).count() as u64
        };
        Self {
            read: count(|memory| matches!(memory, Memory::Known(_))),
            failed: moment.failed + count(|memory| *memory == Memory::Failed),
            took_us: moment.took_us,
            vanished: moment.vanished,
            hidden: moment.hidden,
            privilege: moment.privilege,
        }
    }
}

/// Key processes and the system.
#[derive(Debug, Clone, PartialEq)]
pub struct Footprint {
    pub source: Source,
    pub chosen: Chosen,
    pub rows: Vec<Row>,
    pub machine: Machine,
    pub circumstances: Circumstances,
}

impl Footprint {
    /// Processes in the rows whose memory is not known.
    pub(crate) fn unreadable(&self) -> u64 {
        self.rows.iter().map(|row| row.unreadable).sum()
    }

    /// By pid and label, where a row has processes and the memory of none is known.
    pub(crate) fn unreadable_process(&self) -> Option<(u32, &[u8])> {
        let unreadable = |row: &&Row| row.state() == State::Unreadable;
        let row = self.rows.iter().find(unreadable)?;
        Some((*row.pids.first()?, &row.label[..]))
    }
}

/// Units, slices, containers or pods, and their sum.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Groups {
    pub(crate) source: Source,
    pub(crate) by: By,
    pub(crate) groups: Vec<Group>,
    pub(crate) total: Group,
    pub(crate) machine: Machine,
    /// See [`Moment`].
    pub(crate) interval_s: Option<f64>,
    pub(crate) clk_tck: u64,
    pub(crate) circumstances: Circumstances,
}

impl Groups {
    /// The groups of a moment.
    pub(crate) fn new(source: Source, moment: &Moment, by: By, machine: Machine) -> Self {
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
    pub(crate) fn cpu_percent(&self, group: &Group) -> Option<f64> {
        let seconds = self.interval_s.filter(|seconds| *seconds > 0.0)?;
        Some(100.0 * group.cpu_ticks as f64 / self.clk_tck.max(1) as f64 / seconds)
    }
}
