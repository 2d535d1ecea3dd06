//! Who takes the memory, at one moment: key processes, the system, and whole
//! units and containers.
//!
//! [`live`] reads the moment from `/proc`, [`recorded`] takes it from a log; the
//! rest is pure, and the same for both. Memory is in KiB. What is not known is
//! `None`, never 0.

pub mod edge_info;
pub mod groups;
pub mod live;
pub mod machine;
pub mod recorded;
pub mod rows;
pub mod stored;
pub mod summary;

use crate::proc::capabilities::Privilege;

/// One process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    pub pid: u32,
    pub ppid: u32,
    /// USER_HZ after boot; with the pid the process's identity.
    pub starttime: u64,
    pub kernel_thread: bool,
    pub comm: Vec<u8>,
    /// Arguments, each ended by NUL, as far as they were kept.
    pub cmdline: Vec<u8>,
    /// The path that tells its unit or container; see [`crate::proc::cgroup::of`].
    pub cgroup: Vec<u8>,
    pub vsize_kib: u64,
    /// Of stat, which anyone may read; not exact, see
    /// [`crate::proc::pid_stat::PidStat::rss`].
    pub stat_rss_kib: u64,
    /// CPU time in the time that [`Moment::interval_s`] says, USER_HZ.
    pub cpu_ticks: u64,
    pub memory: Memory,
}

/// What is known of a process's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    Known(Figures),
    /// It has none of its own: a kernel thread, a zombie.
    None,
    /// This user may not read it.
    Denied,
    /// It could not be read; see [`crate::sampler::memory::Reading::Failed`].
    Failed,
    /// The log has none, or nobody asked for it.
    Unread,
}

/// Memory of a process, KiB; see [`crate::proc::smaps_rollup::Rollup`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    pub pss: u64,
    /// Mapped by others too, hugetlb included.
    pub shared: u64,
    pub rss: u64,
    pub swap_pss: u64,
    /// Huge pages of hugetlb, which neither `pss` nor `rss` has; 0 from a log.
    pub hugetlb: u64,
    /// PSS is what was last read, and what the resident set grew by since.
    pub estimated: bool,
}

/// The processes at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Moment {
    pub processes: Vec<Process>,
    /// Processes that ended while they were being read.
    pub vanished: u64,
    /// Processes of which nothing could be read, though they are there.
    pub failed: u64,
    /// Other users' processes are not to be seen: who is absent may be there.
    pub hidden: bool,
    /// What whoever read it was allowed.
    pub privilege: Privilege,
    /// From the first process's memory to the last's, microseconds; 0 in a log.
    pub took_us: u64,
    /// The time that CPU was measured over, seconds.
    pub interval_s: Option<f64>,
    /// USER_HZ.
    pub clk_tck: u64,
}
