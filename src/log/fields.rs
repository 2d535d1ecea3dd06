//! The numbers of a sample: which there are, in which order they stand on the
//! wire, and what each is predicted to be. Field order *is* the format: new
//! fields are appended to their group, new groups to the list.

/// A number that the kernel does not show here. It is not zero.
pub const NOT_OBSERVABLE: u64 = u64::MAX;

/// Most fields that one group can have.
pub(crate) const GROUP_FIELDS: usize = 32;
/// How many groups there is room for before the groups of the cores begin.
pub(crate) const GROUPS: usize = 16;
/// The group of core `n` has the id `FIRST_CORE + n`.
pub(crate) const FIRST_CORE: usize = GROUPS;
/// Most cores that are recorded one by one.
pub const MAX_CORES: usize = 256;

/// The device `n` has the id `FIRST_DEVICE + n`.
pub(crate) const FIRST_DEVICE: usize = FIRST_CORE + MAX_CORES;
/// Most devices that are recorded in one run.
pub const MAX_DEVICES: usize = 64;

/// The size of a page in KiB, as predictions take it.
pub(crate) fn page_kib(page_size: u64) -> u64 {
    (page_size / 1024).max(1)
}

/// Time between two looks at what changes slowly, or costs much to look at: the
/// board, devices, file systems, the recorder itself.
const SLOW_EVERY_US: u64 = 10_000_000;

/// How many ticks make a turn in which that is looked at once: at the first sample
/// whose tick, divided by them, gives another turn than the sample before.
pub(crate) fn slow_ticks(interval_us: u64) -> u64 {
    (SLOW_EVERY_US / interval_us.max(1)).max(1)
}

/// A group of the machine's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [&'static str],
}

/// The groups by their ids.
pub(crate) const MACHINE: [Group; 9] = [
    Group {
        name: "cpu",
        fields: &cpu::NAMES,
    },
    Group {
        name: "memory",
        fields: &memory::NAMES,
    },
    Group {
        name: "kernel",
        fields: &kernel::NAMES,
    },
    Group {
        name: "clock",
        fields: &clock::NAMES,
    },
    Group {
        name: "recorder",
        fields: &recorder::NAMES,
    },
    Group {
        name: "vmstat",
        fields: &vmstat::NAMES,
    },
    Group {
        name: "pressure",
        fields: &pressure::NAMES,
    },
    Group {
        name: "board",
        fields: &board::NAMES,
    },
    Group {
        name: "storage",
        fields: &storage::NAMES,
    },
];

pub mod device;
mod health;

pub use health::{board, pressure, storage, vmstat};

/// The `cpu` line of /proc/stat, USER_HZ since boot; proc_stat(5). `guest` is
/// left out: it is inside `user`.
pub mod cpu {
    pub const ID: usize = 0;
    pub const USER: usize = 0;
    pub(crate) const NICE: usize = 1;
    pub const SYSTEM: usize = 2;
    pub const IDLE: usize = 3;
    pub const IOWAIT: usize = 4;
    pub(crate) const IRQ: usize = 5;
    pub(crate) const SOFTIRQ: usize = 6;
    pub(crate) const STEAL: usize = 7;
    pub const COUNT: usize = 8;
    pub(crate) const NAMES: [&str; COUNT] = [
        "user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal",
    ];
}

/// A core: the fields of [`cpu`], then whether it is online (1 or 0).
pub mod core {
    pub const ONLINE: usize = super::cpu::COUNT;
    /// The clock that was asked for, kHz (`scaling_cur_freq`), every 10 s. The
    /// firmware may give less, which does not show here.
    pub const REQUESTED_KHZ: usize = ONLINE + 1;
    pub const COUNT: usize = REQUESTED_KHZ + 1;
    /// What a core's clock can be.
    pub(crate) const CLOCKS_KHZ: std::ops::RangeInclusive<u64> = 1000..=20_000_000;
    pub(crate) const NAMES: [&str; COUNT] = [
        "user",
        "nice",
        "system",
        "idle",
        "iowait",
        "irq",
        "softirq",
        "steal",
        "online",
        "requested_khz",
    ];
}

/// /proc/meminfo, KiB; proc_meminfo(5).
pub mod memory {
    pub const ID: usize = 1;
    pub const MEM_FREE: usize = 0;
    pub const MEM_AVAILABLE: usize = 1;
    pub const CACHED: usize = 2;
    pub const ANON_PAGES: usize = 3;
    pub const MAPPED: usize = 4;
    pub const DIRTY: usize = 5;
    pub const S_RECLAIMABLE: usize = 6;
    pub const BUFFERS: usize = 7;
    pub const SHMEM: usize = 8;
    pub const S_UNRECLAIM: usize = 9;
    pub const KERNEL_STACK: usize = 10;
    pub const PAGE_TABLES: usize = 11;
    pub const WRITEBACK: usize = 12;
    pub const SWAP_CACHED: usize = 13;
    pub const SWAP_FREE: usize = 14;
    pub const SWAP_TOTAL: usize = 15;
    pub const MEM_TOTAL: usize = 16;
    /// Huge pages, used or not: neither free, nor in any process's PSS or RSS.
    pub const HUGETLB: usize = 17;
    pub(crate) const COUNT: usize = 18;
    pub const NAMES: [&str; COUNT] = [
        "MemFree",
        "MemAvailable",
        "Cached",
        "AnonPages",
        "Mapped",
        "Dirty",
        "SReclaimable",
        "Buffers",
        "Shmem",
        "SUnreclaim",
        "KernelStack",
        "PageTables",
        "Writeback",
        "SwapCached",
        "SwapFree",
        "SwapTotal",
        "MemTotal",
        "Hugetlb",
    ];
}

/// The rest of /proc/stat, and /proc/loadavg: counts since boot, counts now,
/// and hundredths of load.
pub mod kernel {
    pub const ID: usize = 2;
    pub const CTXT: usize = 0;
    pub const PROCESSES: usize = 1;
    pub const PROCS_RUNNING: usize = 2;
    pub const PROCS_BLOCKED: usize = 3;
    pub const LOAD1_CENTI: usize = 4;
    pub const LOAD5_CENTI: usize = 5;
    pub const LOAD15_CENTI: usize = 6;
    pub const ENTITIES: usize = 7;
    pub const COUNT: usize = 8;
    pub const NAMES: [&str; COUNT] = [
        "ctxt",
        "processes",
        "procs_running",
        "procs_blocked",
        "load1_centi",
        "load5_centi",
        "load15_centi",
        "entities",
    ];
}

/// What became of the clocks since the header was written.
pub mod clock {
    pub const ID: usize = 3;
    /// CLOCK_REALTIME less CLOCK_BOOTTIME, less the same at the start:
    /// milliseconds, in two's complement. Not 0: the clock was set.
    pub const STEPPED_MS: usize = 0;
    /// CLOCK_BOOTTIME less CLOCK_MONOTONIC, less the same at the start:
    /// milliseconds that the board slept.
    pub const SUSPENDED_MS: usize = 1;
    pub(crate) const COUNT: usize = 2;
    pub(crate) const NAMES: [&str; COUNT] = ["stepped_ms", "suspended_ms"];
}

/// What the recorder itself took, and what it could not do.
pub mod recorder {
    pub const ID: usize = 4;
    /// CPU time of the recorder since tick 0, microseconds; this and the next three at
    /// the ticks 0, 1, 2, 4, 8 and so on, and every 10 s.
    pub const CPU_US: usize = 0;
    /// Own PSS, KiB.
    pub const PSS_KIB: usize = 1;
    /// Descriptors of /proc that are kept open: the kernel holds a page for each.
    pub(crate) const KEPT_DESCRIPTORS: usize = 2;
    /// Bytes written to the log by this run, all segments.
    pub const WRITTEN_BYTES: usize = 3;
    /// Processes whose memory may not be read.
    pub const UNREADABLE: usize = 4;
    /// Processes left out because the table is full.
    pub const LEFT_OUT: usize = 5;
    /// Deadlines that passed without a sample.
    pub const MISSED: usize = 6;
    /// Devices that are there, were used, and are left out because there is no id
    /// for them.
    pub const DEVICES_LEFT_OUT: usize = 7;
    /// Which of the processes is the recorder.
    pub const PID: usize = 8;
    /// Samples of this run, up to this one, that could not be written or were lost
    /// before they were safe from a loss of power.
    pub const UNWRITTEN: usize = 9;
    /// The errno of the last write or sync of the log that failed; 0: none did.
    pub const WRITE_ERRNO: usize = 10;
    /// 1: `/proc` hid other users' processes from the recorder (`hidepid`).
    pub(crate) const HIDDEN: usize = 11;
    /// The recorder's effective capabilities: bit n is capability n.
    pub(crate) const CAP_EFF: usize = 12;
    /// Processes that could not be read in this sample: for want of a descriptor or of
    /// memory, by an error of the kernel's, or because it cannot be told whose memory
    /// a new one runs in. Their figures are those of before, or missing.
    pub const NOT_READ: usize = 13;
    /// Of the deadlines that passed, those in a wait in which the recorder was stopped
    /// and continued (SIGCONT).
    pub(crate) const STOPPED: usize = 14;
    pub(crate) const COUNT: usize = 15;
    pub(crate) const NAMES: [&str; COUNT] = [
        "cpu_us",
        "pss_kib",
        "kept_descriptors",
        "written_bytes",
        "unreadable",
        "left_out",
        "missed",
        "devices_left_out",
        "pid",
        "unwritten",
        "write_errno",
        "hidden",
        "cap_eff",
        "not_read",
        "stopped",
    ];
}

/// A process: /proc/PID/stat and /proc/PID/smaps_rollup.
pub mod process {
    /// CPU time, USER_HZ since the process started.
    pub const UTIME: usize = 0;
    pub const STIME: usize = 1;
    /// Resident set, pages.
    pub const RSS: usize = 2;
    /// What is known of the memory figures below, see [`flag`].
    pub const FLAGS: usize = 3;
    /// Proportional set, KiB; read or estimated, see [`PSS_AT`].
    pub const PSS: usize = 4;
    /// Private_Clean + Private_Dirty + Private_Hugetlb, KiB; as PSS.
    pub const PRIVATE: usize = 5;
    /// The tick at which the memory was last read.
    pub const PSS_AT: usize = 6;
    /// Shared_Clean + Shared_Dirty + Shared_Hugetlb, KiB, when last read.
    pub const SHARED: usize = 7;
    pub const NUM_THREADS: usize = 8;
    /// Virtual size, KiB.
    pub const VSIZE: usize = 9;
    /// Swap and its proportional part, KiB, when last read.
    pub const SWAP: usize = 10;
    pub const SWAP_PSS: usize = 11;
    /// CPU time of reaped children, USER_HZ.
    pub const CUTIME: usize = 12;
    pub const CSTIME: usize = 13;
    pub const MAJFLT: usize = 14;
    pub const PPID: usize = 15;
    pub const COUNT: usize = 16;
    pub const NAMES: [&str; COUNT] = [
        "utime",
        "stime",
        "rss",
        "flags",
        "pss",
        "private",
        "pss_at",
        "shared",
        "num_threads",
        "vsize",
        "swap",
        "swap_pss",
        "cutime",
        "cstime",
        "majflt",
        "ppid",
    ];

    /// Bits of [`FLAGS`].
    pub mod flag {
        /// PSS, private, shared and swap are known, from smaps_rollup or smaps.
        pub const HAS_PSS: u64 = 1;
        /// They were due to be read, and were not: the budget was used up, or reading
        /// failed. Without [`HAS_PSS`] they are not known yet.
        pub const STALE: u64 = 1 << 1;
        /// It has memory that this user may not read.
        pub const UNREADABLE: u64 = 1 << 2;
        pub const KERNEL_THREAD: u64 = 1 << 3;
    }

    /// What a prediction needs to know of the sample.
    #[derive(Debug, Clone, Copy)]
    pub(crate) struct When {
        pub(crate) tick: u64,
        /// The memory of every process was read, unless its entry says otherwise.
        pub(crate) all_read: bool,
        pub(crate) page_kib: u64,
    }

    /// What every process has to undergo before the entries of a sample are
    /// taken against it.
    pub(crate) fn begin_sample(values: &mut [u64; COUNT], when: &When) {
        if when.all_read && values[FLAGS] & flag::HAS_PSS != 0 {
            values[PSS_AT] = when.tick;
        }
    }

    /// The value of field `index` where nothing is written: from what it and the
    /// resident set were before the sample, and the values `after` it that stand
    /// before `index`.
    pub(crate) fn predicted(
        index: usize,
        before: u64,
        rss_before: u64,
        after: &[u64; COUNT],
        when: &When,
    ) -> u64 {
        let has_pss = after[FLAGS] & flag::HAS_PSS != 0;
        match index {
            PSS | PRIVATE if has_pss => before.wrapping_add(grown_kib(rss_before, after, when)),
            PSS_AT if has_pss && when.all_read => when.tick,
            _ => before,
        }
    }

    fn grown_kib(rss_before: u64, after: &[u64; COUNT], when: &When) -> u64 {
        let pages = after[RSS].wrapping_sub(rss_before);
        pages.wrapping_mul(when.page_kib)
    }

    /// Adds to all values by how much they are [`predicted`] to be other than they were:
    /// at once, for a reader does it for each entry.
    pub(crate) fn add_predicted(
        values: &mut [u64; COUNT],
        rss_before: u64,
        pss_at_before: u64,
        when: &When,
    ) {
        if values[FLAGS] & flag::HAS_PSS == 0 {
            return;
        }
        let grown = grown_kib(rss_before, values, when);
        values[PSS] = values[PSS].wrapping_add(grown);
        values[PRIVATE] = values[PRIVATE].wrapping_add(grown);
        if when.all_read {
            let passed = when.tick.wrapping_sub(pss_at_before);
            values[PSS_AT] = values[PSS_AT].wrapping_add(passed);
        }
    }
}
