//! The records on the wire. The order of fields and variants is the format: released ones
//! stay, new ones are appended.

use super::footprint::Footprint;
use super::result::ResultPart;
use serde::{Deserialize, Serialize};

/// The first bytes of every header.
pub const MAGIC: [u8; 8] = *b"edgebnch";
/// The version of the format that this program writes, and the last it reads.
pub const VERSION: u16 = 1;
/// Stands for the product and the stage where the user named none.
pub(crate) const UNNAMED: &str = "unnamed";

/// A record; its place in this list is its number on the wire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Record<'a> {
    #[serde(borrow)]
    Header(Header<&'a str>),
    #[serde(borrow)]
    Key(Key<'a>),
    #[serde(borrow)]
    Delta(Delta<'a>),
    #[serde(borrow)]
    More(More<'a>),
    /// The run comes first, here and in the records that follow.
    Identity(u32, #[serde(borrow)] Identity<&'a [u8]>),
    Footer(u32, Footer),
    Device(u32, #[serde(borrow)] Device<'a>),
    Footprint(u32, #[serde(borrow)] Footprint<&'a str, &'a [u8]>),
    Result(u32, #[serde(borrow)] ResultPart<&'a [u8]>),
    Product(u32, #[serde(borrow)] Product<&'a str>),
}

/// How many variants [`Record`] has.
pub const VARIANTS: u64 = 10;

/// How often PSS is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PssMode {
    /// Never read.
    Off,
    /// Read for every process in every sample.
    Exact,
    /// Read when it is due, estimated in between.
    Auto,
}

impl PssMode {
    /// Its name as an argument of `--pss`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Exact => "exact",
            Self::Auto => "auto",
        }
    }
}

/// Whether the kernel considered its clock synchronised; adjtimex(2), STA_UNSYNC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Synchronised {
    Unknown,
    No,
    Yes,
}

/// Where and how a run was recorded. A text is empty where the system has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header<Text> {
    pub magic: [u8; 8],
    pub version: u16,
    /// Identifies the run.
    pub run: u32,
    pub tool: Text,
    pub product: Text,
    pub stage: Text,
    pub host: Text,
    /// uname(2): release and machine.
    pub release: Text,
    pub machine: Text,
    /// PRETTY_NAME of os-release(5).
    pub os: Text,
    /// The device tree's `model`.
    pub board: Text,
    pub boot_id: Text,
    /// /proc/cmdline: the kernel's command line.
    pub cmdline: Text,
    /// sysconf(3) `_SC_CLK_TCK`: USER_HZ.
    pub clk_tck: u64,
    pub page_size: u64,
    /// Cores online at the start.
    pub cores: u32,
    pub mem_total_kib: u64,
    pub swap_total_kib: u64,
    pub interval_us: u64,
    pub pss: PssMode,
    pub synchronised: Synchronised,
    /// The effective user id of the recorder.
    pub euid: u32,
    /// CLOCK_REALTIME and CLOCK_BOOTTIME at tick 0, nanoseconds.
    pub start_realtime_ns: u64,
    pub start_boottime_ns: u64,
}

impl<A> Header<A> {
    /// The same header with another type of text.
    pub fn map<'s, B>(&'s self, text: impl Fn(&'s A) -> B) -> Header<B> {
        Header {
            magic: self.magic,
            version: self.version,
            run: self.run,
            tool: text(&self.tool),
            product: text(&self.product),
            stage: text(&self.stage),
            host: text(&self.host),
            release: text(&self.release),
            machine: text(&self.machine),
            os: text(&self.os),
            board: text(&self.board),
            boot_id: text(&self.boot_id),
            cmdline: text(&self.cmdline),
            clk_tck: self.clk_tck,
            page_size: self.page_size,
            cores: self.cores,
            mem_total_kib: self.mem_total_kib,
            swap_total_kib: self.swap_total_kib,
            interval_us: self.interval_us,
            pss: self.pss,
            synchronised: self.synchronised,
            euid: self.euid,
            start_realtime_ns: self.start_realtime_ns,
            start_boottime_ns: self.start_boottime_ns,
        }
    }
}

/// Bits of `flags` in [`Key`], [`Delta`] and [`More`].
pub(crate) mod flag {
    /// The sample goes on in the next frame.
    pub(crate) const MORE: u8 = 1;
    /// The memory of every process was read at this tick.
    pub(crate) const ALL_READ: u8 = 1 << 1;
}

/// A sample that stands alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key<'a> {
    pub run: u32,
    pub flags: u8,
    /// Intervals since tick 0.
    pub tick: u64,
    /// From the deadline to the reading of the processes' CPU time, microseconds.
    pub late_us: u64,
    pub machine: &'a [u8],
    pub processes: &'a [u8],
}

/// A sample as its difference from the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta<'a> {
    pub flags: u8,
    /// Intervals since the sample before; more than 1 where deadlines passed.
    pub ticks: u64,
    pub late_us: u64,
    pub machine: &'a [u8],
    pub processes: &'a [u8],
}

/// The rest of a sample that did not fit into the frame before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct More<'a> {
    pub flags: u8,
    pub machine: &'a [u8],
    pub processes: &'a [u8],
}

/// The long text of a process; stands alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity<Bytes> {
    pub pid: u32,
    pub starttime: u64,
    /// The command line was too long, and its end is missing.
    pub cut: bool,
    /// /proc/PID/cmdline: arguments, each ended by NUL.
    pub cmdline: Bytes,
    /// The path in /proc/PID/cgroup.
    pub cgroup: Bytes,
}

impl Identity<&[u8]> {
    /// Drops all of the command line but its first argument.
    // It is a place in the bytes.
    #[allow(clippy::arithmetic_side_effects)]
    pub(crate) fn keep_name(&mut self) {
        let end = self.cmdline.iter().position(|&byte| byte == 0);
        let (name, rest) = self
            .cmdline
            .split_at(end.map_or(self.cmdline.len(), |end| end + 1));
        self.cut |= rest.iter().any(|&byte| byte != 0);
        self.cmdline = name;
    }

    /// The same with bytes of its own.
    pub fn to_owned(&self) -> Identity<Vec<u8>> {
        Identity {
            pid: self.pid,
            starttime: self.starttime,
            cut: self.cut,
            cmdline: self.cmdline.to_vec(),
            cgroup: self.cgroup.to_vec(),
        }
    }
}

/// The name and the kind of the device `id` of a sample; see
/// [`device`](super::fields::device).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device<'a> {
    /// From 0. Within a run an id never goes to another device.
    pub id: u8,
    /// One of [`kind`](super::fields::device::kind), or one of a later version.
    pub kind: u8,
    pub name: &'a [u8],
}

/// A key of the product's processes, as the user defined them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product<Text> {
    /// 0: program or argument, 1: unit, 2: cgroup; others belong to a later version.
    pub kind: u8,
    pub label: Text,
    pub pattern: Text,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    Duration,
    Signal,
    Failure,
    /// Nothing could be written any more: so many samples of the run are lost, for this
    /// reason, as in the recorder's account in a sample.
    Unwritten {
        unwritten: u64,
        write_errno: u64,
    },
}

/// The end of a run that was not cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footer {
    pub end: End,
    pub samples: u64,
    /// Deadlines that passed without a sample.
    pub missed: u64,
    /// The greatest lateness of a sample, microseconds.
    pub latest_us: u64,
    /// Processes whose memory may not be read, and processes that were left out because the
    /// table was full: the most at one time.
    pub unreadable: u64,
    pub left_out: u64,
    /// CPU time of the recorder since tick 0, microseconds.
    pub cpu_us: u64,
    pub written_bytes: u64,
}
