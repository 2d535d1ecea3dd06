//! The groups of what the whole machine is short of, and of the board it runs on.

/// /proc/vmstat, counts since boot, in each sample; see `proc::vmstat::VmStat`.
pub mod vmstat {
    pub const ID: usize = 5;
    /// Written to and read from block devices, KiB.
    pub const PGPGOUT: usize = 0;
    pub const PGPGIN: usize = 1;
    pub const PGMAJFAULT: usize = 2;
    /// Pages reclaimed because the machine was short of memory.
    pub const PGSTEAL: usize = 3;
    /// The same pages, and those reclaimed within a memory cgroup.
    pub const PGSTEAL_LRU: usize = 4;
    pub const PSWPIN: usize = 5;
    pub const PSWPOUT: usize = 6;
    pub const PGMIGRATE_SUCCESS: usize = 7;
    /// Processes.
    pub const OOM_KILL: usize = 8;
    pub const COUNT: usize = 9;
    pub const NAMES: [&str; COUNT] = [
        "pgpgout",
        "pgpgin",
        "pgmajfault",
        "pgsteal",
        "pgsteal_lru",
        "pswpin",
        "pswpout",
        "pgmigrate_success",
        "oom_kill",
    ];
}

/// /proc/pressure: time since boot in which some, or all, tasks waited for it,
/// microseconds, in each sample.
pub mod pressure {
    pub const ID: usize = 6;
    pub const CPU_SOME_US: usize = 0;
    pub const MEMORY_SOME_US: usize = 1;
    pub const MEMORY_FULL_US: usize = 2;
    pub const IO_SOME_US: usize = 3;
    pub const IO_FULL_US: usize = 4;
    /// Not before 5.13; since then always 0 for the whole machine.
    pub const CPU_FULL_US: usize = 5;
    pub const COUNT: usize = 6;
    pub const NAMES: [&str; COUNT] = [
        "cpu_some_us",
        "memory_some_us",
        "memory_full_us",
        "io_some_us",
        "io_full_us",
        "cpu_full_us",
    ];
}

/// The board, every 10 s, and what its kernel was booted with.
pub mod board {
    pub const ID: usize = 7;
    /// Temperature of the processor, thousandths of a degree Celsius, in two's
    /// complement; -1, which would be NOT_OBSERVABLE, is 0 here.
    pub const TEMP_MC: usize = 0;
    /// A Raspberry Pi's `get_throttled`, see [`throttled`].
    pub const THROTTLED: usize = 1;
    /// `in0_lcrit_alarm` of a Raspberry Pi's hwmon `rpi_volt`: 1 while the supply
    /// voltage is too low, or was since the driver's last look.
    pub const UNDERVOLTAGE: usize = 2;
    /// Pressure stall information, and memory cgroups: one of [`feature`].
    pub const PSI: usize = 3;
    pub const MEMORY_CGROUP: usize = 4;
    /// Readings of the temperature, and of the clocks that were asked for, that cannot
    /// be, since the recording began: they are not in the log.
    pub const TEMP_DROPPED: usize = 5;
    pub const KHZ_DROPPED: usize = 6;
    pub const COUNT: usize = 7;
    pub const NAMES: [&str; COUNT] = [
        "temp_mc",
        "throttled",
        "undervoltage",
        "psi",
        "memory_cgroup",
        "temp_dropped",
        "khz_dropped",
    ];

    /// What a processor's temperature can be, thousandths of a degree Celsius.
    pub(crate) const TEMPERATURES_MC: std::ops::RangeInclusive<i64> = -60_000..=150_000;

    /// Bits of [`THROTTLED`]. Those from 16 on say the same of the past: since
    /// boot, or, where the kernel's rpi_volt driver runs, which clears them each
    /// time, since that one's last look 2 s before.
    pub mod throttled {
        pub const UNDERVOLTAGE: u64 = 1;
        pub const THROTTLED: u64 = 1 << 2;
        /// How far above its bit of now a bit of the past stands.
        pub const PAST: u32 = 16;
        /// These, a capped frequency (bit 1) and the soft temperature limit (bit 3).
        pub(crate) const ALL: u64 = 0xf | 0xf << PAST;
    }

    /// What became of a feature of the kernel.
    pub mod feature {
        /// Nothing of it is to be seen: it is not built in, or (PSI, but for its first
        /// kernels) switched off in such a way that it does not show.
        pub const ABSENT: u64 = 0;
        pub const ON: u64 = 1;
        /// Built in, and switched off.
        pub const OFF: u64 = 2;
    }
}

/// The file systems of `/` and of the log, every 10 s: statvfs(3), KiB.
pub mod storage {
    pub const ID: usize = 8;
    pub const ROOT_USED_KIB: usize = 0;
    /// To users who are not root.
    pub(crate) const ROOT_AVAILABLE_KIB: usize = 1;
    pub const LOG_USED_KIB: usize = 2;
    pub const LOG_AVAILABLE_KIB: usize = 3;
    pub const ROOT_TOTAL_KIB: usize = 4;
    pub const LOG_TOTAL_KIB: usize = 5;
    /// The whole disks below them, as numbers of devices; NOT_OBSERVABLE where no
    /// disk is known to lie below (overlay, btrfs, tmpfs, network).
    pub const ROOT_DISK: usize = 6;
    pub const LOG_DISK: usize = 7;
    /// 1: the log lies on the file system of `/`, or on the same disk; 0: on another
    /// disk, or in memory.
    pub const LOG_ON_ROOT: usize = 8;
    /// 1: the log lies in memory (tmpfs, ramfs); 0: it does not.
    pub const LOG_IN_MEMORY: usize = 9;
    pub const COUNT: usize = 10;
    pub const NAMES: [&str; COUNT] = [
        "root_used_kib",
        "root_available_kib",
        "log_used_kib",
        "log_available_kib",
        "root_total_kib",
        "log_total_kib",
        "root_disk",
        "log_disk",
        "log_on_root",
        "log_in_memory",
    ];
}
