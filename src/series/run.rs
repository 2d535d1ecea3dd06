//! A run in figures.

use super::account::Account;
use super::curve::{Curve, Spark};
use super::ended::EndedSummary;
use super::finding::Finding;
use super::group::By;
use super::health::Health;
use super::product::Product;
use super::quality::Quality;
use super::ramp::Level;
use crate::log::model::Comm;
use crate::log::record::Header;
use crate::stats::Summary;

/// The measure of a process's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// Its proportional set: shared pages are divided by the number of their users.
    Pss,
    /// Its resident set: shared pages count fully for each of their users.
    Rss,
}

/// Options of a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Rows of each table.
    pub top: usize,
    pub by: By,
    pub memory: Memory,
}

/// A group of processes: a row of the tables.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupSummary {
    pub name: Comm,
    /// It is the run's product, whose processes are in other rows too.
    pub(crate) is_product: bool,
    pub kernel_thread: bool,
    /// pid and starttime (USER_HZ after boot), where a row is one process.
    pub process: Option<(u32, u64)>,
    /// The most processes at one time.
    pub(crate) processes: u64,
    /// Ticks of the run in which there was one.
    pub seen: u64,
    /// The table's subject: memory in KiB, over all samples at which that is known; or
    /// CPU in milli-percent of one core, over all intervals.
    pub figures: Summary,
    /// Of the CPU, on average, what processes used that ended, after their last sample; it
    /// is known of names alone.
    pub ended: Option<f64>,
    /// The same over time, by ticks from the first sample on.
    pub(crate) spark: Spark,
    /// Its means over time; empty unless it is to be drawn.
    pub(crate) curve: Curve,
}

/// A run, in figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub(crate) header: Header<String>,
    pub samples: u64,
    /// Their weight: the ticks that they stand for.
    pub(crate) ticks: u64,
    /// From the first sample to the last, microseconds.
    pub(crate) duration_us: u64,
    /// Milli-percent of all cores; `None` where there is no interval.
    pub cpu: Option<Summary>,
    /// Memory in use, KiB and milli-percent of MemTotal.
    pub memory_kib: Option<Summary>,
    pub(crate) memory_share: Option<Summary>,
    /// CPU, milli-percent, and memory, KiB, without what the recorder took of them, and the
    /// commands that it ran.
    pub(crate) cpu_less: Option<Summary>,
    pub(crate) memory_kib_less: Option<Summary>,
    /// The same of the commands that it ran beside the sampling, where it ran one.
    pub(crate) probe_cpu: Option<Summary>,
    pub(crate) probe_kib: Option<Summary>,
    /// The measure of processes' memory: RSS in a run that has no PSS.
    pub(crate) memory: Memory,
    /// The groups with most memory and most CPU, by their means over the run.
    pub by_memory: Vec<GroupSummary>,
    pub by_cpu: Vec<GroupSummary>,
    /// So many groups came and went that a row may be missing from the tables.
    pub uncertain: bool,
    pub quality: Quality,
    pub(crate) account: Account,
    pub(crate) ended: EndedSummary,
    pub(crate) health: Health,
    /// `None` where the product is not defined, and no comparison is made.
    pub(crate) product: Option<Product>,
    /// Of a ramp: what was taken with each number of containers.
    pub(crate) levels: Vec<Level>,
    /// What a reader must know to interpret the figures.
    pub(crate) findings: Vec<Finding>,
}
