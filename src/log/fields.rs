//! The schema of a sample: its groups of numbers, and of each number the name, the
//! unit and the place on the wire. Everything else follows from these tables: the
//! parsers of `/proc`, what is written and read, `log cat`. The order of the fields *is*
//! the format: append a new field to its table, and a new group to [`MACHINE`].
//! tests/logs/fields.txt lists the tables for readers in other languages.

/// A number that the kernel does not show here. It is not zero.
pub const NOT_OBSERVABLE: u64 = u64::MAX;

/// Most fields that one group can have.
pub(crate) const GROUP_FIELDS: usize = 32;
/// The numbers of a group by their fields; 0 in those that it does not have.
pub(crate) type Values = [u64; GROUP_FIELDS];
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

/// Time between two readings of what changes slowly or is expensive to read: the
/// board, devices, file systems, the recorder itself.
const SLOW_EVERY_US: u64 = 10_000_000;

/// The ticks between two such readings: a sample has them if its tick divided by this
/// differs from that of the sample before.
// It is divided by 1 at least.
#[allow(clippy::arithmetic_side_effects)]
pub(crate) fn slow_ticks(interval_us: u64) -> u64 {
    (SLOW_EVERY_US / interval_us.max(1)).max(1)
}

/// The unit of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Count,
    /// 1 or 0.
    Flag,
    /// A set of bits, an errno or an enumeration, as the field's comment says.
    Code,
    /// The number of a device, or a pid.
    Id,
    /// Ticks of USER_HZ; see `clk_tck` in the header.
    UserHz,
    Us,
    Ms,
    /// Signed, in two's complement.
    SignedMs,
    /// Intervals of the run.
    Tick,
    Khz,
    Bytes,
    Kib,
    Pages,
    /// Of 512 bytes.
    Sectors,
    /// Hundredths.
    Centi,
    /// Thousandths of a degree Celsius; signed, in two's complement.
    MilliCelsius,
}

impl Unit {
    /// Whether a number of this unit is in two's complement.
    pub(crate) fn is_signed(self) -> bool {
        matches!(self, Self::SignedMs | Self::MilliCelsius)
    }
}

/// A table of fields, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fields {
    pub names: &'static [&'static str],
    pub units: &'static [Unit],
}

/// A group of the machine's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    pub name: &'static str,
    pub fields: Fields,
}

/// The groups by their ids.
pub const MACHINE: [Group; 9] = [
    cpu::GROUP,
    memory::GROUP,
    kernel::GROUP,
    clock::GROUP,
    recorder::GROUP,
    vmstat::GROUP,
    pressure::GROUP,
    board::GROUP,
    storage::GROUP,
];

/// A table of fields: for each the constant that holds its place, its name, and its unit.
macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident $name:literal $unit:ident,)*) => {
        #[allow(clippy::upper_case_acronyms, non_camel_case_types)]
        enum Place {
            $($field,)*
        }
        $($(#[$doc])* pub const $field: usize = Place::$field as usize;)*
        pub const COUNT: usize = [$($name,)*].len();
        pub const NAMES: [&str; COUNT] = [$($name,)*];
        pub const FIELDS: $crate::log::fields::Fields = $crate::log::fields::Fields {
            names: &NAMES,
            units: &[$($crate::log::fields::Unit::$unit,)*],
        };

        /// The place of the field with this name.
        #[inline]
        pub fn place(name: &[u8]) -> Option<usize> {
            $(const $field: &[u8] = $name.as_bytes();)*
            match name {
                $($field => Some(Place::$field as usize),)*
                _ => None,
            }
        }
    };
}

/// A table of fields that is a group: its id and its name come first.
macro_rules! group {
    ($id:literal $group:literal { $($fields:tt)* }) => {
        pub const ID: usize = $id;
        pub(crate) const GROUP: $crate::log::fields::Group = $crate::log::fields::Group {
            name: $group,
            fields: FIELDS,
        };
        fields! { $($fields)* }
    };
}

pub mod device;
mod health;
pub mod process;

pub use health::{board, pressure, storage, vmstat};

/// The `cpu` line of /proc/stat, since boot; proc_stat(5). `guest` and `guest_nice` are
/// left out: `user` and `nice` contain them.
///
/// Some of these may decrease: the kernel charges `iowait` to the CPU on which the
/// waiting task last ran, and some kernels restart `idle` and `iowait` of a CPU that
/// comes back from offline. Take differences of the sum of these two, and of no core
/// whose sum fell.
pub mod cpu {
    group! { 0 "cpu" {
        USER "user" UserHz,
        NICE "nice" UserHz,
        SYSTEM "system" UserHz,
        IDLE "idle" UserHz,
        IOWAIT "iowait" UserHz,
        IRQ "irq" UserHz,
        SOFTIRQ "softirq" UserHz,
        STEAL "steal" UserHz,
    }}
}

/// A core: the fields of [`cpu`], then its own.
pub mod core {
    fields! {
        USER "user" UserHz,
        NICE "nice" UserHz,
        SYSTEM "system" UserHz,
        IDLE "idle" UserHz,
        IOWAIT "iowait" UserHz,
        IRQ "irq" UserHz,
        SOFTIRQ "softirq" UserHz,
        STEAL "steal" UserHz,
        ONLINE "online" Flag,
        /// The requested clock (`scaling_cur_freq`), every 10 s. The firmware may give
        /// less, which does not show here.
        REQUESTED_KHZ "requested_khz" Khz,
    }

    /// The range of clocks that a core can have.
    pub(crate) const CLOCKS_KHZ: std::ops::RangeInclusive<u64> = 1000..=20_000_000;
}

/// /proc/meminfo; proc_meminfo(5). The parser reads the lines that have these names.
pub mod memory {
    group! { 1 "memory" {
        MEM_FREE "MemFree" Kib,
        /// What new programs could use without swapping, as the kernel estimates it; since
        /// 3.14. Not `MemFree` plus `Cached`: shmem cannot be dropped. See also
        /// [`available`].
        MEM_AVAILABLE "MemAvailable" Kib,
        /// Page cache; includes `Shmem`, and so tmpfs.
        CACHED "Cached" Kib,
        ANON_PAGES "AnonPages" Kib,
        MAPPED "Mapped" Kib,
        DIRTY "Dirty" Kib,
        S_RECLAIMABLE "SReclaimable" Kib,
        BUFFERS "Buffers" Kib,
        SHMEM "Shmem" Kib,
        S_UNRECLAIM "SUnreclaim" Kib,
        KERNEL_STACK "KernelStack" Kib,
        PAGE_TABLES "PageTables" Kib,
        WRITEBACK "Writeback" Kib,
        SWAP_CACHED "SwapCached" Kib,
        SWAP_FREE "SwapFree" Kib,
        SWAP_TOTAL "SwapTotal" Kib,
        MEM_TOTAL "MemTotal" Kib,
        /// Huge pages of all sizes, used or not; since 4.16. They are neither free nor in
        /// any process's PSS or RSS.
        HUGETLB "Hugetlb" Kib,
    }}

    /// MemAvailable where it can be true: lxcfs may show the container's total, and what
    /// is available on the host.
    pub(crate) fn available(values: &crate::log::fields::Values) -> Option<u64> {
        // NOT_OBSERVABLE is more than any total.
        Some(values[MEM_AVAILABLE]).filter(|available| *available <= values[MEM_TOTAL])
    }
}

/// The rest of /proc/stat, since boot or now, and /proc/loadavg.
pub mod kernel {
    group! { 2 "kernel" {
        /// Context switches.
        CTXT "ctxt" Count,
        /// Forks, threads included.
        PROCESSES "processes" Count,
        /// Runnable threads, the recorder's included.
        PROCS_RUNNING "procs_running" Count,
        /// Threads that wait for I/O and cannot be interrupted.
        PROCS_BLOCKED "procs_blocked" Count,
        /// Threads running, runnable or in uninterruptible sleep, averaged over 1, 5 and 15
        /// minutes.
        LOAD1_CENTI "load1_centi" Centi,
        LOAD5_CENTI "load5_centi" Centi,
        LOAD15_CENTI "load15_centi" Centi,
        /// Threads that exist.
        ENTITIES "entities" Count,
    }}
}

/// How the clocks moved against each other since the header was written.
pub mod clock {
    group! { 3 "clock" {
        /// CLOCK_REALTIME less CLOCK_BOOTTIME, less the same at the start. Not 0: the
        /// clock was set.
        STEPPED_MS "stepped_ms" SignedMs,
        /// CLOCK_BOOTTIME less CLOCK_MONOTONIC, less the same at the start: how long the
        /// board slept.
        SUSPENDED_MS "suspended_ms" Ms,
    }}
}

/// What the recorder itself took, and what it could not do.
pub mod recorder {
    group! { 4 "recorder" {
        /// CPU time of the recorder since tick 0; this and the next three at the ticks 0, 1,
        /// 2, 4, 8 and so on, and every 10 s.
        CPU_US "cpu_us" Us,
        /// PSS of the recorder.
        PSS_KIB "pss_kib" Kib,
        /// Open descriptors of /proc: the kernel holds a page for each.
        KEPT_DESCRIPTORS "kept_descriptors" Count,
        /// Written to the log by this run, all segments.
        WRITTEN_BYTES "written_bytes" Bytes,
        /// Processes whose memory may not be read.
        UNREADABLE "unreadable" Count,
        /// Processes left out because the table is full.
        LEFT_OUT "left_out" Count,
        /// Deadlines that passed without a sample.
        MISSED "missed" Count,
        /// Devices in use that are left out because there is no number for them.
        DEVICES_LEFT_OUT "devices_left_out" Count,
        /// The pid of the recorder.
        PID "pid" Id,
        /// Samples of this run, up to this one, that could not be written or were lost
        /// before they were safe from a loss of power.
        UNWRITTEN "unwritten" Count,
        /// The errno of the last write or sync of the log that failed; 0: none did.
        WRITE_ERRNO "write_errno" Code,
        /// 1: `/proc` hid other users' processes from the recorder (`hidepid`).
        HIDDEN "hidden" Flag,
        /// The recorder's effective capabilities: bit n is capability n.
        CAP_EFF "cap_eff" Code,
        /// Processes that could not be read in this sample: for want of a descriptor or of
        /// memory, because of an error of the kernel, or because the program of a new one
        /// is not known yet. Their figures are those of before, or missing.
        NOT_READ "not_read" Count,
        /// Missed deadlines during which the recorder was stopped; it was continued
        /// (SIGCONT) since.
        STOPPED "stopped" Count,
        /// Whether the kernel tells of the processes that end: one of [`listening`].
        EXITS "exits" Code,
        /// Ends of tasks that the kernel could not tell of, for want of room.
        EXITS_LOST "exits_lost" Count,
        /// Kernel memory in which ends of tasks waited, when the sample read them.
        EXITS_KIB "exits_kib" Kib,
    }}

    /// Whether the kernel tells of the processes that end (taskstats).
    pub mod listening {
        /// Nobody asked: an older log, or a captured tree.
        pub(crate) const NOT_ASKED: u64 = 0;
        pub(crate) const ON: u64 = 1;
        /// The kernel has no taskstats (CONFIG_TASKSTATS).
        pub(crate) const ABSENT: u64 = 2;
        /// For want of CAP_NET_ADMIN, or of netlink at all, which a sandbox may refuse.
        pub(crate) const DENIED: u64 = 3;
        /// The recorder is not in the first PID and user namespace.
        pub(crate) const CONTAINED: u64 = 4;
        /// Before Linux 5.19 a thread cannot be told from a process.
        pub(crate) const OLD: u64 = 5;
        /// Another error.
        pub(crate) const FAILED: u64 = 6;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stand_at_their_ids_and_have_room() {
        let ids = [
            cpu::ID,
            memory::ID,
            kernel::ID,
            clock::ID,
            recorder::ID,
            vmstat::ID,
            pressure::ID,
            board::ID,
            storage::ID,
        ];
        assert_eq!(ids, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert!(MACHINE.len() <= GROUPS);
        for group in MACHINE {
            assert!(group.fields.names.len() <= GROUP_FIELDS, "{}", group.name);
        }
        assert_eq!(core::NAMES[..cpu::COUNT], cpu::NAMES);
    }

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        assert_eq!(memory::place(b"MemFree"), Some(0));
        assert_eq!(memory::place(b"Hugetlb"), Some(17));
        for name in [
            &b"MemFre"[..],
            b"MemFree ",
            b"memfree",
            b"",
            b"HugePages_Total",
        ] {
            assert_eq!(memory::place(name), None);
        }
    }

    #[test]
    fn more_than_there_is_cannot_be_available() {
        let mut values = Values::default();
        values[memory::MEM_TOTAL] = 9;
        for (shown, available) in [(9, Some(9)), (10, None), (NOT_OBSERVABLE, None)] {
            values[memory::MEM_AVAILABLE] = shown;
            assert_eq!(memory::available(&values), available);
        }
    }
}
