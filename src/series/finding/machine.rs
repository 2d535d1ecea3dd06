//! Findings about what the machine did beside that which was to be measured.

use super::{by_share, Grade};
use crate::log::fields::board::{feature, throttled};
use crate::log::fields::device::disk::{SECTORS_WRITTEN, SECTOR_BYTES};
use crate::log::fields::{storage, vmstat};
use crate::log::model::DeviceName;
use crate::series::Run;

/// Of more CPU time than this, percent of all cores, it matters whose it is.
const BUSY: u64 = 5;
/// A part of the busy time, percent, that may remain unattributed.
const UNATTRIBUTED: u64 = 20;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum MachineFinding {
    /// The firmware held the board back: which bits of
    /// [`throttled`](crate::log::fields::board::throttled), in how many readings of how
    /// many; 0: between readings.
    HeldBack {
        bits: u64,
        readings: u64,
        known: u64,
    },
    /// The same since boot, but not in this run.
    HeldBackBefore {
        bits: u64,
    },
    /// The supply voltage was too low, where the firmware says nothing of it.
    Undervoltage {
        readings: u64,
        known: u64,
    },
    /// The most that was in use, KiB, and what was swapped in and out, bytes.
    SwapUsed {
        used_kib: u64,
        total_kib: u64,
        in_bytes: Option<u64>,
        out_bytes: Option<u64>,
    },
    OomKills(u64),
    /// Intervals, of all, in which the CPU time of a core or process cannot be what the
    /// kernel says.
    ImplausibleCpu {
        intervals: u64,
        of: u64,
    },
    /// Readings of the temperature, of the requested clocks, and of get_throttled, that
    /// cannot be.
    SensorsImplausible {
        temperatures: u64,
        clocks: u64,
        throttled: u64,
    },
    /// The most memory that was huge pages of hugetlb, KiB.
    HugePages(u64),
    /// The log lies on the SD card or eMMC that is measured.
    LogOnCard {
        card: DeviceName,
        log_bytes: u64,
        written_bytes: u64,
    },
    /// Busy CPU time of no process in the log, of all busy time, USER_HZ: others use
    /// the machine, and are not seen from here.
    OthersUnseen {
        unattributed: u64,
        busy: u64,
    },
    NoPressure,
    MemoryCgroupsOff,
    NoMemoryCgroups,
}

impl MachineFinding {
    pub(crate) fn grade(&self) -> Grade {
        match self {
            Self::HeldBack { .. } => Grade::Invalid,
            Self::Undervoltage { .. }
            | Self::SwapUsed { .. }
            | Self::OomKills(_)
            | Self::OthersUnseen { .. }
            | Self::LogOnCard { .. } => Grade::Caution,
            Self::ImplausibleCpu { intervals, of } => by_share(*intervals, *of),
            Self::HeldBackBefore { .. }
            | Self::SensorsImplausible { .. }
            | Self::HugePages(_)
            | Self::NoPressure
            | Self::MemoryCgroupsOff
            | Self::NoMemoryCgroups => Grade::Note,
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::HeldBack { .. } => "held-back",
            Self::HeldBackBefore { .. } => "held-back-before",
            Self::Undervoltage { .. } => "undervoltage",
            Self::SwapUsed { .. } => "swap-used",
            Self::OomKills(_) => "oom-kills",
            Self::ImplausibleCpu { .. } => "cpu-times-implausible",
            Self::SensorsImplausible { .. } => "sensors-implausible",
            Self::HugePages(_) => "huge-pages",
            Self::LogOnCard { .. } => "log-on-card",
            Self::OthersUnseen { .. } => "others-unseen",
            Self::NoPressure => "no-pressure",
            Self::MemoryCgroupsOff => "memory-cgroups-off",
            Self::NoMemoryCgroups => "no-memory-cgroups",
        }
    }

    pub(crate) fn extent(&self) -> f64 {
        let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
        match self {
            Self::HeldBack {
                readings, known, ..
            } => share(*readings, *known),
            Self::Undervoltage { readings, .. } => *readings as f64,
            Self::SwapUsed { used_kib, .. } => *used_kib as f64,
            Self::OomKills(kills) => *kills as f64,
            Self::ImplausibleCpu { intervals, of } => share(*intervals, *of),
            Self::LogOnCard {
                log_bytes,
                written_bytes,
                ..
            } => share(*log_bytes, *written_bytes),
            Self::OthersUnseen { unattributed, busy } => share(*unattributed, *busy),
            _ => 0.0,
        }
    }

    pub(crate) fn is_for_comparison(&self) -> bool {
        self.grade() > Grade::Note
    }
}

pub(crate) fn find(run: &Run, found: &mut dyn FnMut(MachineFinding)) {
    held_back(run, found);
    swap(run, found);
    let counts = run.health.strain.vmstat;
    if let Some(kills @ 1..) = counts.and_then(|counts| counts[vmstat::OOM_KILL]) {
        found(MachineFinding::OomKills(kills));
    }
    if run.quality.implausible_cpu > 0 {
        found(MachineFinding::ImplausibleCpu {
            intervals: run.quality.implausible_cpu,
            of: run.samples.saturating_sub(1),
        });
    }
    let board = &run.health.board;
    if board.temp_dropped > 0 || board.khz_dropped > 0 || board.throttled_dropped > 0 {
        found(MachineFinding::SensorsImplausible {
            temperatures: board.temp_dropped,
            clocks: board.khz_dropped,
            throttled: board.throttled_dropped,
        });
    }
    if run.quality.hugetlb_kib > 0 {
        found(MachineFinding::HugePages(run.quality.hugetlb_kib));
    }
    log_on_card(run, found);
    others(run, found);
    features(run, found);
}

fn held_back(run: &Run, found: &mut dyn FnMut(MachineFinding)) {
    let board = &run.health.board;
    let throttled = board.throttled.unwrap_or_default();
    let happened = (0..4).filter(|bit| throttled.happened(*bit));
    let bits: u64 = happened.map(|bit| 1 << bit).sum();
    if let Some((readings @ 1.., known)) = board.undervoltage {
        if bits & throttled::UNDERVOLTAGE == 0 {
            found(MachineFinding::Undervoltage { readings, known });
        }
    }
    if bits != 0 {
        found(MachineFinding::HeldBack {
            bits,
            readings: throttled.now.into_iter().max().unwrap_or(0),
            known: throttled.known,
        });
    }
    let before = throttled.before & !bits;
    if before != 0 {
        found(MachineFinding::HeldBackBefore { bits: before });
    }
}

fn swap(run: &Run, found: &mut dyn FnMut(MachineFinding)) {
    let strain = &run.health.strain;
    let moved = |field: usize| {
        let pages = strain.vmstat.and_then(|counts| counts[field])?;
        Some(pages.saturating_mul(run.header.page_size))
    };
    if let Some(swap) = strain.swap.filter(|swap| swap.at_most > 0) {
        found(MachineFinding::SwapUsed {
            used_kib: swap.at_most,
            total_kib: swap.total,
            in_bytes: moved(vmstat::PSWPIN),
            out_bytes: moved(vmstat::PSWPOUT),
        });
    }
}

/// A log on the SD card or eMMC that the system runs from is a part of what is
/// measured.
fn log_on_card(run: &Run, found: &mut dyn FnMut(MachineFinding)) {
    let health = &run.health;
    let Some(storage) = &health.storage else {
        return;
    };
    let (root, log) = (
        storage.last(storage::ROOT_DISK),
        storage.last(storage::LOG_DISK),
    );
    let in_memory = storage.last(storage::LOG_IN_MEMORY) == Some(1);
    let together = storage.last(storage::LOG_ON_ROOT) == Some(1) || root.is_none() || root == log;
    let card = log.and_then(|id| health.devices.numbered(id));
    let Some(card) = card.filter(|_| together && !in_memory) else {
        return;
    };
    if card.device.name.starts_with(b"mmcblk") {
        let sectors = card.counts[SECTORS_WRITTEN];
        found(MachineFinding::LogOnCard {
            card: card.device.name.clone(),
            log_bytes: health.devices.own_written_bytes,
            written_bytes: sectors.saturating_mul(SECTOR_BYTES),
        });
    }
}

/// From inside a container or a PID namespace /proc/stat counts the whole machine, and
/// /proc lists only one's own processes.
fn others(run: &Run, found: &mut dyn FnMut(MachineFinding)) {
    let account = &run.account;
    let unattributed = account.busy.saturating_sub(account.accounted());
    let is_busy = run
        .cpu
        .as_ref()
        .is_some_and(|cpu| cpu.mean >= (BUSY * 1000) as f64);
    if is_busy
        && !run.quality.kernel_threads
        && !run.quality.hidden
        && super::is_percent(unattributed, account.busy, UNATTRIBUTED)
    {
        found(MachineFinding::OthersUnseen {
            unattributed,
            busy: account.busy,
        });
    }
}

fn features(run: &Run, found: &mut dyn FnMut(MachineFinding)) {
    let board = &run.health.board;
    if matches!(board.psi, Some(feature::ABSENT | feature::OFF)) {
        found(MachineFinding::NoPressure);
    }
    match board.memory_cgroup {
        Some(feature::OFF) => found(MachineFinding::MemoryCgroupsOff),
        Some(feature::ABSENT) => found(MachineFinding::NoMemoryCgroups),
        _ => {}
    }
}
