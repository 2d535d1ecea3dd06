//! Memory at one moment: of key processes, the system, units and containers.
//!
//! [`live`] reads it from `/proc`, [`recorded`] from a log; the rest is pure, and serves
//! both. Memory is in KiB. Unknown is `None`, never 0.

pub(crate) mod edge_info;
pub(crate) mod groups;
pub(crate) mod live;
pub mod machine_memory;
pub(crate) mod recorded;
pub mod rows;
pub mod stored;
pub mod summary;

use crate::proc::capabilities::Privilege;

/// One process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    pub pid: u32,
    pub(crate) ppid: u32,
    /// USER_HZ after boot; with the pid the process's identity.
    pub starttime: u64,
    pub(crate) kernel_thread: bool,
    pub comm: Vec<u8>,
    /// Arguments, each ended by NUL; may be cut.
    pub(crate) cmdline: Vec<u8>,
    /// The path that gives its unit or container; see [`crate::proc::cgroup::of`].
    pub(crate) cgroup: Vec<u8>,
    pub(crate) vsize_kib: u64,
    /// From stat, which any user may read; not exact, see
    /// [`crate::proc::pid_stat::PidStat::rss`].
    pub(crate) stat_rss_kib: u64,
    /// CPU time in [`Snapshot::interval_s`], USER_HZ.
    pub(crate) cpu_ticks: u64,
    pub(crate) memory: ProcessMemory,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProcessMemory {
    Known(MemoryFigures),
    /// Kernel threads and zombies have none.
    None,
    /// Not readable by this user.
    Denied,
    /// It could not be read; see [`crate::sampler::memory_source::MemoryReading::Failed`].
    Failed,
    /// Not in the log, or not asked for.
    Unread,
}

/// Memory of a process, KiB; see [`crate::proc::smaps_rollup::Rollup`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct MemoryFigures {
    pub(crate) pss: u64,
    /// Pages that other processes map too, hugetlb included.
    pub(crate) shared: u64,
    pub(crate) rss: u64,
    pub(crate) swap_pss: u64,
    /// Huge pages of hugetlb, not in `pss` and `rss`; 0 from a log.
    pub(crate) hugetlb: u64,
    /// `pss` is the last reading plus the growth of the resident set since.
    pub(crate) estimated: bool,
}

/// The processes at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Snapshot {
    pub(crate) processes: Vec<Process>,
    /// Processes that ended during the reading.
    pub(crate) vanished: u64,
    /// Processes of which nothing could be read.
    pub(crate) failed: u64,
    /// Other users' processes are hidden: an absent process may exist.
    pub(crate) hidden: bool,
    /// As those are that are outside the PID namespace it was read in, a container's.
    pub(crate) enclosed: bool,
    /// Of the process that read it.
    pub(crate) privilege: Privilege,
    /// The time to read all memory, microseconds; 0 from a log.
    pub(crate) took_us: u64,
    /// The time over which CPU was measured, seconds.
    pub(crate) interval_s: Option<f64>,
    /// USER_HZ.
    pub(crate) clk_tck: u64,
}
