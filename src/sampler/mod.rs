//! `/proc` -> samples: which process, when, with which descriptors.
//!
//! Nothing here allocates once the sampler is made: the table, the buffers and
//! the lists have their room from the start, and pages of it that are never used
//! are never touched.

pub(crate) mod board;
mod budget;
mod devices;
pub(crate) mod forks;
mod gate;
mod identity;
mod lent;
pub(crate) mod machine;
pub(crate) mod memory;
mod pss;
mod scan;
mod sharing;
pub(crate) mod storage;
pub(crate) mod strain;
mod table;
pub(crate) mod task;
pub(crate) mod thermometer;
mod track;
mod walk;

use crate::log::fields::{core, memory as memory_fields, NOT_OBSERVABLE};
use crate::log::model::{largest_unreadable, Machine, Process};
use crate::log::record::PssMode;
use crate::proc::capabilities::Privilege;
use crate::proc::pid_stat;
use crate::proc::root::Root;
use crate::proc::text::ParseError;
use nix::errno::Errno;
use std::fmt;
use std::path::{Path, PathBuf};

pub use scan::LIST_EVERY;

/// Processes that a sampler can hold.
pub(crate) const CAPACITY: usize = 4096;

/// What a sampler is told to do.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    pub pss: PssMode,
    /// At most [`CAPACITY`], at least 1.
    pub capacity: usize,
    /// The time between two samples, for all that has an age.
    pub interval_ns: u64,
    pub page_size: u64,
    /// In auto mode: CPU time that may be spent on reading memory, a second.
    pub pss_budget_ns: u64,
    /// How many files of `/proc` may be kept open: the kernel holds a page for each.
    pub kept_descriptors: usize,
}

/// The clocks at one instant, nanoseconds, and the recorder's own CPU time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Now {
    pub boottime_ns: u64,
    pub monotonic_ns: u64,
    pub realtime_ns: u64,
    pub cpu_ns: u64,
}

/// Why a file of a `/proc` of processes only is not there, and what would mend it.
pub(crate) const SUBSET_PID: &str = "/proc is mounted with subset=pid, and shows processes only: \
                                     mount it without that (systemd: ProcSubset=all)";

/// The machine cannot be sampled.
#[derive(Debug)]
pub enum Error {
    Read(PathBuf, Errno),
    Parse(PathBuf, ParseError),
    /// It is not there, for `/proc` is mounted with subset=pid.
    ProcessesOnly(PathBuf),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(path, errno) => {
                write!(f, "cannot read {}: {}", path.display(), errno.desc())
            }
            Self::ProcessesOnly(path) => write!(f, "cannot read {}: {SUBSET_PID}", path.display()),
            Self::Parse(path, error) => write!(f, "{}:{error}", path.display()),
        }
    }
}

impl std::error::Error for Error {}

/// Samples one machine.
pub struct Sampler {
    root: Root,
    options: Options,
    files: machine::Files,
    devices: devices::Devices,
    table: table::Table,
    source: memory::Source,
    budget: budget::Budget,
    second: budget::Ticks,
    page_kib: u64,
    /// Where in the table the budget was used up.
    resume: usize,
    last: Now,
    tick: u64,
    /// The recorder's own pid, as this `/proc` has it.
    own_pid: u64,
    /// The tick at which its own account is due, if that of what is slow is not.
    own_due: u64,
    /// What it may, and whether `/proc` shows it but its own user's processes.
    cap_eff: u64,
    hidden: bool,
    machine: Machine,
    listing: scan::Listing,
    forks: forks::ForkCount,
    start: Now,
    ticks: u64,
    /// Processes in the last listing that may not even be looked at, and that could
    /// not be.
    denied: u64,
    failed: u64,
    read_at_ns: u64,
    buffer: Box<[u8]>,
}

/// Lists of devices, and what one reads of `/proc/vmstat`; see also `machine`.
const BUFFER: usize = 1 << 17;

impl Sampler {
    /// A sampler for the machine under `root`; `start` is tick 0.
    ///
    /// # Errors
    /// Where `/proc` cannot be listed, or `/proc/stat` or `/proc/meminfo` cannot
    /// be opened.
    pub fn new(root: Root, options: Options, start: Now) -> Result<Self, Error> {
        let files = machine::Files::open(&root)?;
        let listing = scan::Listing::new(&root)?;
        Ok(Self {
            files,
            devices: devices::Devices::new(),
            table: table::Table::new(options.capacity.clamp(1, CAPACITY)),
            source: memory::Source::default(),
            budget: budget::Budget::new(options.pss_budget_ns, options.interval_ns),
            second: budget::Ticks {
                interval_ns: options.interval_ns,
            },
            page_kib: crate::log::fields::page_kib(options.page_size),
            resume: 0,
            last: start,
            tick: 0,
            own_pid: own_pid(&root),
            own_due: 0,
            cap_eff: Privilege::own(&root).cap_eff,
            hidden: root.hides_processes(),
            machine: Default::default(),
            listing,
            forks: forks::ForkCount::default(),
            start,
            ticks: 0,
            denied: 0,
            failed: 0,
            read_at_ns: start.boottime_ns,
            buffer: vec![0; BUFFER].into_boxed_slice(),
            root,
            options,
        })
    }

    /// Tells where the log lies, so that the space there is sampled as well.
    pub fn log_at(&mut self, path: &Path) {
        self.files.storage.log_at(&self.root, path);
    }

    /// The kernel's count of forks is known to move with each; see [`forks`].
    pub(crate) fn forks_are_counted(&mut self) {
        self.forks.believe();
    }

    /// Takes the sample of `tick`. `own` goes into the log with the recorder's
    /// other figures.
    ///
    /// # Errors
    /// Where `/proc/stat` or `/proc/meminfo` cannot be read; in the first sample also
    /// where `/proc` cannot be listed, or there is no descriptor left for the
    /// processes.
    pub fn sample(&mut self, now: &Now, tick: u64, own: Own) -> Result<(), Error> {
        let turn = self.machine_files(tick)?;
        self.clocks(now);
        self.scan(tick, turn.list, turn.reclaimed)?;
        if turn.slow {
            self.slow_files(tick);
        }
        self.memory(
            tick,
            now.monotonic_ns.saturating_sub(self.last.monotonic_ns),
        );
        self.last = *now;
        self.tick = tick;
        self.own(now, tick, own, turn.slow);
        self.ticks += 1;
        Ok(())
    }

    /// When the CPU time of the last sample's processes was read, on CLOCK_BOOTTIME.
    pub fn read_at_ns(&self) -> u64 {
        self.read_at_ns
    }

    /// The machine's numbers, as last sampled.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The processes, as last sampled: each keeps its slot for as long as it lives.
    pub fn slots(&self) -> &[Option<Process>] {
        self.table.slots()
    }

    /// Hands `sink` each slot whose process was renamed since it was asked last. A new
    /// process is told as well.
    pub(crate) fn renames(&mut self, sink: impl FnMut(usize)) {
        self.table.renames(sink);
    }

    /// MemTotal in the sample that is taken, KiB.
    fn mem_total_kib(&self) -> Option<u64> {
        self.machine
            .value(memory_fields::ID, memory_fields::MEM_TOTAL)
    }

    /// Cores that were online in the last sample.
    pub fn cores_online(&self) -> u32 {
        let online = |core: &&[u64; core::COUNT]| core[core::ONLINE] == 1;
        self.machine.cores().iter().filter(online).count() as u32
    }

    /// Every process's memory was read in the last sample.
    pub fn all_read(&self) -> bool {
        self.options.pss == PssMode::Exact
    }

    /// One whose memory may not be read, of those in the last sample: the largest.
    pub(crate) fn unreadable_process(&self) -> Option<&Process> {
        largest_unreadable(self.slots().iter().flatten())
    }

    /// Processes whose memory may not be read, and processes left out.
    pub fn shortfall(&self) -> (u64, u64) {
        (self.table.unreadable(), self.table.left_out())
    }
}

/// The reader of `/proc/self` goes by another pid in a `/proc` of another
/// namespace; in a captured tree there is none.
fn own_pid(root: &Root) -> u64 {
    let mut buffer = [0; 512];
    let text = match root.is_live() {
        true => root.read_proc("self/stat", &mut buffer).ok(),
        false => None,
    };
    text.and_then(|text| pid_stat::parse(text).ok())
        .map_or(NOT_OBSERVABLE, |stat| u64::from(stat.pid))
}

/// What the recorder knows of itself, and the sampler does not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Own {
    pub(crate) written_bytes: u64,
    pub(crate) missed: u64,
    /// Samples that are known to be lost, and the last error of writing.
    pub(crate) unwritten: u64,
    pub(crate) write_errno: u64,
    /// Of those missed.
    pub(crate) stopped: u64,
}
