//! Findings about the processes: which are not in the log, and how their memory is known.

use super::weight::{by_share, caution, note, share, Weight};
use crate::log::model::Comm;
use crate::log::record::PssMode;
use crate::proc::capabilities::Privilege;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ProcessFinding {
    /// PSS was asked for, and RSS is shown; the mode in which PSS was recorded.
    NoPss(PssMode),
    /// This kernel may report too little PSS.
    UnderReported { release: String },
    /// The recorder was not shown other users' processes.
    Hidden(Privilege),
    /// The most processes at one time whose memory could not be read, one of these by
    /// pid and name, and what the recorder might read.
    Unreadable {
        processes: u64,
        one: Option<(u32, Comm)>,
        privilege: Privilege,
    },
    /// The most processes at one time that were not followed.
    LeftOut(u64),
    /// The most processes at one time that could not be read though they may be.
    NotRead(u64),
    /// The most disks and interfaces at one time that were not recorded.
    DevicesLeftOut(u64),
    /// PSS figures that were due to be read and were not, of all; and whether reading
    /// failed, at least once.
    StalePss { stale: u64, of: u64, failed: bool },
    /// PSS figures that are estimates, of all.
    EstimatedPss { estimates: u64, of: u64 },
    /// Samples at which the PSS of one of the product's processes is not known, of all:
    /// what the recorder might read where it may not be; else it was due to be read and
    /// was not, and whether reading `failed`.
    ProductPartly {
        samples: u64,
        of: u64,
        denied: Option<Privilege>,
        failed: bool,
    },
    /// A row may be missing from the tables.
    TablesUncertain,
}

impl ProcessFinding {
    pub(super) fn weight(&self) -> Weight {
        let weight = match self {
            Self::NoPss(_) => note("no-pss"),
            Self::UnderReported { .. } => caution("pss-under-reported"),
            Self::Hidden(_) => caution("processes-hidden"),
            Self::Unreadable { processes, .. } => note("memory-unreadable").count(*processes),
            Self::LeftOut(most) => caution("processes-left-out").count(*most),
            Self::NotRead(most) => caution("processes-not-read").count(*most),
            Self::DevicesLeftOut(most) => note("devices-left-out").count(*most),
            Self::StalePss { stale, of, .. } => by_share("pss-stale", *stale, *of),
            Self::EstimatedPss { estimates, of } => {
                note("pss-estimated").extent(share(*estimates, *of))
            }
            Self::ProductPartly { samples, .. } => caution("product-pss-partly").count(*samples),
            Self::TablesUncertain => note("tables-uncertain"),
        };
        match self {
            // The cells of a comparison say where PSS is missing; what its tables of
            // processes lack does not touch its figures.
            Self::NoPss(_)
            | Self::DevicesLeftOut(_)
            | Self::EstimatedPss { .. }
            | Self::TablesUncertain => weight.only_for_its_report(),
            _ => weight,
        }
    }
}
