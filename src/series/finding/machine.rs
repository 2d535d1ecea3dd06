//! Findings about what the machine did beside that which was to be measured.

use super::weight::{share, Grade, Weight};
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
    pub(super) fn weight(&self) -> Weight {
        use Grade::{Caution, Invalid, Note};
        let weight = match self {
            Self::HeldBack {
                readings, known, ..
            } => Weight::new("held-back", Invalid).extent(share(*readings, *known)),
            Self::HeldBackBefore { .. } => Weight::new("held-back-before", Note),
            Self::Undervoltage { readings, .. } => {
                Weight::new("undervoltage", Caution).count(*readings)
            }
            Self::SwapUsed { used_kib, .. } => Weight::new("swap-used", Caution).count(*used_kib),
            Self::OomKills(kills) => Weight::new("oom-kills", Caution).count(*kills),
            Self::ImplausibleCpu { intervals, of } => {
                let grade = Grade::by_share(*intervals, *of);
                Weight::new("cpu-times-implausible", grade).extent(share(*intervals, *of))
            }
            Self::SensorsImplausible { .. } => Weight::new("sensors-implausible", Note),
            Self::HugePages(_) => Weight::new("huge-pages", Note),
            Self::LogOnCard {
                log_bytes,
                written_bytes,
                ..
            } => Weight::new("log-on-card", Caution).extent(share(*log_bytes, *written_bytes)),
            Self::OthersUnseen { unattributed, busy } => {
                Weight::new("others-unseen", Caution).extent(share(*unattributed, *busy))
            }
            Self::NoPressure => Weight::new("no-pressure", Note),
            Self::MemoryCgroupsOff => Weight::new("memory-cgroups-off", Note),
            Self::NoMemoryCgroups => Weight::new("no-memory-cgroups", Note),
        };
        match weight.grade {
            Note => weight.only_for_its_report(),
            _ => weight,
        }
    }
}
