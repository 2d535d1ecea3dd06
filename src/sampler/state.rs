//! The sampler, and what is known of the last sample.

use super::account::Account;
use super::budget::{Budget, TickLength};
use super::clocks::Clocks;
use super::error::Error;
use super::exits::Exits;
use super::forks::ForkCount;
use super::listing::Listing;
use super::machine::MachineFiles;
use super::memory_source::MemorySource;
use super::table::Table;
use crate::log::fields::{core, memory, page_kib};
use crate::log::model::{largest_unreadable, Machine, Process};
use crate::log::record::{Device, PssMode};
use crate::proc::root::Root;
use std::path::Path;

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

/// Samples one machine.
pub struct Sampler {
    pub(super) root: Root,
    pub(super) options: Options,
    pub(super) tick_length: TickLength,
    pub(super) page_kib: u64,
    pub(super) files: MachineFiles,
    pub(super) account: Account,
    pub(super) listing: Listing,
    pub(super) forks: ForkCount,
    pub(super) table: Table,
    /// Whether the kernel tells of the processes that end: one of
    /// [`listening`](crate::log::fields::recorder::listening).
    pub(super) listens: u64,
    pub(super) exits: Option<Box<Exits>>,
    pub(super) memory_source: MemorySource,
    pub(super) budget: Budget,
    /// Where in the table the budget was used up.
    pub(super) resume: usize,
    /// The next sample reads what has moved whatever the budget.
    pub(super) spares_nothing: bool,
    pub(super) start: Clocks,
    pub(super) last: Clocks,
    pub(super) tick: u64,
    /// Samples that were taken.
    pub(super) samples: u64,
    pub(super) machine: Machine,
    /// Processes in the last listing that may not even be looked at, and that could
    /// not be.
    pub(super) denied: u64,
    pub(super) failed: u64,
    pub(super) read_at_ns: u64,
    /// From then on no memory is read, on CLOCK_BOOTTIME.
    pub(super) over_ns: Option<u64>,
    pub(super) buffer: Box<[u8]>,
}

/// Lists of devices, and what one reads of `/proc/vmstat`; see also `machine`. musl's
/// malloc adds 20 bytes: with them they are whole pages.
const BUFFER: usize = (1 << 17) - 20;

impl Sampler {
    /// A sampler for the machine under `root`; `start` is tick 0.
    ///
    /// # Errors
    /// Where `/proc` cannot be listed, or `/proc/stat` or `/proc/meminfo` cannot
    /// be opened.
    pub fn new(root: Root, options: Options, start: Clocks) -> Result<Self, Error> {
        let files = MachineFiles::open(&root)?;
        let listing = Listing::new(&root)?;
        Ok(Self {
            files,
            account: Account::open(&root, &start),
            listing,
            forks: ForkCount::default(),
            table: Table::new(options.capacity.clamp(1, CAPACITY)),
            listens: 0,
            exits: None,
            memory_source: MemorySource::default(),
            budget: Budget::new(options.pss_budget_ns, options.interval_ns),
            tick_length: TickLength {
                interval_ns: options.interval_ns,
            },
            page_kib: page_kib(options.page_size),
            resume: 0,
            spares_nothing: false,
            start,
            last: start,
            tick: 0,
            samples: 0,
            machine: Machine::with_room(),
            denied: 0,
            failed: 0,
            read_at_ns: start.boottime_ns,
            over_ns: None,
            buffer: vec![0; BUFFER].into_boxed_slice(),
            root,
            options,
        })
    }

    /// Tells where the log lies, so that the space there is sampled as well.
    pub fn log_at(&mut self, path: &Path) {
        self.files.storage.log_at(&self.root, path);
    }

    /// The kernel's count of forks is known to move with each; see [`super::forks`].
    pub(crate) fn forks_are_counted(&mut self) {
        self.forks.believe();
    }

    /// The recording is over then, on CLOCK_BOOTTIME: a sample that takes so long reads no
    /// more memory, and what it lacks is marked.
    pub fn ends_at(&mut self, boottime_ns: u64) {
        self.over_ns = Some(boottime_ns);
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
    pub(super) fn mem_total_kib(&self) -> Option<u64> {
        self.machine.value(memory::ID, memory::MEM_TOTAL)
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

    /// Hands `sink` the name of each device that it was not told yet.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn devices<E>(&mut self, sink: impl FnMut(Device<'_>) -> Result<(), E>) -> Result<(), E> {
        self.files.devices.tell(sink)
    }

    /// Has the names of all devices told again.
    pub fn forget_devices(&mut self) {
        self.files.devices.forget();
    }
}
