//! The groups that show what the machine is short of, and the state of the board.

/// /proc/vmstat, since boot, in each sample. The parser reads the lines that have these
/// names, and sums those of `pgsteal` and `pgsteal_lru`.
pub mod vmstat {
    group! { 5 "vmstat" {
        /// Written to and read from block devices.
        PGPGOUT "pgpgout" Kib,
        PGPGIN "pgpgin" Kib,
        PGMAJFAULT "pgmajfault" Count,
        /// Pages reclaimed because the machine was short of memory, by `pgsteal_kswapd`,
        /// `pgsteal_direct`, and where the kernel has them `pgsteal_khugepaged` and
        /// `pgsteal_proactive`, which before were part of `pgsteal_direct`. Up to 6.18
        /// without what the limit of a memory cgroup or `memory.reclaim` reclaimed.
        PGSTEAL "pgsteal" Pages,
        /// `pgsteal_anon` and `pgsteal_file`, since 5.8: the same pages by their contents,
        /// and those that were reclaimed within a memory cgroup.
        PGSTEAL_LRU "pgsteal_lru" Pages,
        PSWPIN "pswpin" Pages,
        PSWPOUT "pswpout" Pages,
        /// With CONFIG_MIGRATION.
        PGMIGRATE_SUCCESS "pgmigrate_success" Pages,
        /// Processes killed for want of memory, by cgroup limits too. Since 4.13.
        OOM_KILL "oom_kill" Count,
    }}
}

/// /proc/pressure: time since boot in which some, or all, tasks waited for it, in each
/// sample.
pub mod pressure {
    group! { 6 "pressure" {
        CPU_SOME_US "cpu_some_us" Us,
        MEMORY_SOME_US "memory_some_us" Us,
        MEMORY_FULL_US "memory_full_us" Us,
        IO_SOME_US "io_some_us" Us,
        IO_FULL_US "io_full_us" Us,
        /// Not before 5.13; since then always 0 for the whole machine.
        CPU_FULL_US "cpu_full_us" Us,
    }}
}

/// The board, every 10 s, and how its kernel was booted.
pub mod board {
    group! { 7 "board" {
        /// Temperature of the processor. -1, which would be NOT_OBSERVABLE, is 0 here.
        TEMP_MC "temp_mc" MilliCelsius,
        /// A Raspberry Pi's `get_throttled`, see [`throttled`].
        THROTTLED "throttled" Code,
        /// `in0_lcrit_alarm` of a Raspberry Pi's hwmon `rpi_volt`: 1 while the supply
        /// voltage is too low, or was since the driver last read it.
        UNDERVOLTAGE "undervoltage" Flag,
        /// Pressure stall information, and memory cgroups: one of [`feature`].
        PSI "psi" Code,
        MEMORY_CGROUP "memory_cgroup" Code,
        /// Implausible readings of the temperature and of the requested clocks since the
        /// recording began. They are not in the log.
        TEMP_DROPPED "temp_dropped" Count,
        KHZ_DROPPED "khz_dropped" Count,
    }}

    /// The range of temperatures that a processor can have, thousandths of a degree
    /// Celsius.
    pub(crate) const TEMPERATURES_MC: std::ops::RangeInclusive<i64> = -60_000..=150_000;

    /// Bits of [`THROTTLED`]. Those from 16 on say the same of the past: since boot, or
    /// since the kernel's rpi_volt driver last read and cleared them, which it does every
    /// 2 s where it runs.
    pub mod throttled {
        pub const UNDERVOLTAGE: u64 = 1;
        pub const THROTTLED: u64 = 1 << 2;
        /// How far above its bit of now a bit of the past stands.
        pub const PAST: u32 = 16;
        /// These, a capped frequency (bit 1) and the soft temperature limit (bit 3).
        pub(crate) const ALL: u64 = 0xf | 0xf << PAST;
    }

    /// The state of a feature of the kernel.
    pub mod feature {
        /// No trace of it: not built in, or (PSI, but for its first kernels) switched off
        /// in such a way that it does not show.
        pub const ABSENT: u64 = 0;
        pub const ON: u64 = 1;
        /// Built in, and switched off.
        pub const OFF: u64 = 2;
    }
}

/// The file systems of `/` and of the log, every 10 s: statvfs(3).
pub mod storage {
    group! { 8 "storage" {
        ROOT_USED_KIB "root_used_kib" Kib,
        /// To users other than root.
        ROOT_AVAILABLE_KIB "root_available_kib" Kib,
        LOG_USED_KIB "log_used_kib" Kib,
        LOG_AVAILABLE_KIB "log_available_kib" Kib,
        ROOT_TOTAL_KIB "root_total_kib" Kib,
        LOG_TOTAL_KIB "log_total_kib" Kib,
        /// The whole disks below them, as numbers of devices; NOT_OBSERVABLE where no
        /// disk is known to lie below (overlay, btrfs, tmpfs, network).
        ROOT_DISK "root_disk" Id,
        LOG_DISK "log_disk" Id,
        /// 1: the log lies on the file system of `/`, or on the same disk; 0: on another
        /// disk, or in memory.
        LOG_ON_ROOT "log_on_root" Flag,
        /// 1: the log lies in memory (tmpfs, ramfs).
        LOG_IN_MEMORY "log_in_memory" Flag,
    }}
}
