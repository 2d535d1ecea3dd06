//! Who takes the memory, at one moment: key processes, the system, and whole
//! units and containers.
//!
//! [`live`] reads the moment from `/proc`, [`recorded`] takes it from a log; the
//! rest is pure, and the same for both. Memory is in KiB. What is not known is
//! `None`, never 0.

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
    /// Arguments, each ended by NUL, as far as they were kept.
    pub(crate) cmdline: Vec<u8>,
    /// The path that tells its unit or container; see [`crate::proc::cgroup::of`].
    pub(crate) cgroup: Vec<u8>,
    pub(crate) vsize_kib: u64,
    /// Of stat, which anyone may read; not exact, see
    /// [`crate::proc::pid_stat::PidStat::rss`].
    pub(crate) stat_rss_kib: u64,
    /// CPU time in the time that [`Snapshot::interval_s`] says, USER_HZ.
    pub(crate) cpu_ticks: u64,
    pub(crate) memory: ProcessMemory,
}

/// What is known of a process's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProcessMemory {
    Known(MemoryFigures),
    /// It has none of its own: a kernel thread, a zombie.
    None,
    /// This user may not read it.
    Denied,
    /// It could not be read; see [`crate::sampler::memory_source::MemoryReading::Failed`].
    Failed,
    /// The log has none, or nobody asked for it.
    Unread,
}

/// Memory of a process, KiB; see [`crate::proc::smaps_rollup::Rollup`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct MemoryFigures {
    pub(crate) pss: u64,
    /// Mapped by others too, hugetlb included.
    pub(crate) shared: u64,
    pub(crate) rss: u64,
    pub(crate) swap_pss: u64,
    /// Huge pages of hugetlb, which neither `pss` nor `rss` has; 0 from a log.
    pub(crate) hugetlb: u64,
    /// PSS is what was last read, and what the resident set grew by since.
    pub(crate) estimated: bool,
}

/// The processes at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Snapshot {
    pub(crate) processes: Vec<Process>,
    /// Processes that ended while they were being read.
    pub(crate) vanished: u64,
    /// Processes of which nothing could be read, though they are there.
    pub(crate) failed: u64,
    /// Other users' processes are not to be seen: who is absent may be there.
    pub(crate) hidden: bool,
    /// What whoever read it was allowed.
    pub(crate) privilege: Privilege,
    /// From the first process's memory to the last's, microseconds; 0 in a log.
    pub(crate) took_us: u64,
    /// The time that CPU was measured over, seconds.
    pub(crate) interval_s: Option<f64>,
    /// USER_HZ.
    pub(crate) clk_tck: u64,
}
