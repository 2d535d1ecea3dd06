//! Findings about the machine, beside the software that was to be measured.

use super::weight::{by_share, caution, invalid, note, share, Grade, Weight};
use crate::log::model::DeviceName;

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
    /// Intervals, of all, in which the kernel's CPU time of a core or process is implausible.
    ImplausibleCpu {
        intervals: u64,
        of: u64,
    },
    /// Impossible readings of the temperature, of the requested clocks and of get_throttled.
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
    /// Busy CPU time of no process in the log, of all busy time, USER_HZ: the recorder does not
    /// see the processes that use it.
    OthersUnseen {
        unattributed: u64,
        busy: u64,
    },
    NoPressure,
    MemoryCgroupsOff,
    NoMemoryCgroups,
}

impl MachineFinding {
    pub(super) fn weight(&self) -> Weight {
        let weight = match self {
            Self::HeldBack {
                readings, known, ..
            } => invalid("held-back").extent(share(*readings, *known)),
            Self::HeldBackBefore { .. } => note("held-back-before"),
            Self::Undervoltage { readings, .. } => caution("undervoltage").count(*readings),
            Self::SwapUsed { used_kib, .. } => caution("swap-used").count(*used_kib),
            Self::OomKills(kills) => caution("oom-kills").count(*kills),
            Self::ImplausibleCpu { intervals, of } => {
                by_share("cpu-times-implausible", *intervals, *of)
            }
            Self::SensorsImplausible { .. } => note("sensors-implausible"),
            Self::HugePages(_) => note("huge-pages"),
            Self::LogOnCard {
                log_bytes,
                written_bytes,
                ..
            } => caution("log-on-card").extent(share(*log_bytes, *written_bytes)),
            Self::OthersUnseen { unattributed, busy } => {
                caution("others-unseen").extent(share(*unattributed, *busy))
            }
            Self::NoPressure => note("no-pressure"),
            Self::MemoryCgroupsOff => note("memory-cgroups-off"),
            Self::NoMemoryCgroups => note("no-memory-cgroups"),
        };
        match weight.grade {
            Grade::Note => weight.only_for_its_report(),
            _ => weight,
        }
    }
}
