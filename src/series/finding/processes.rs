//! Findings about the processes: who is not in the log, and how their memory is known.

use super::{by_share, Grade};
use crate::log::model::Comm;
use crate::log::record::PssMode;
use crate::proc::capabilities::Privilege;
use crate::proc::release::under_reports_smaps_rollup;
use crate::series::{Memory, Options, Run};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ProcessFinding {
    /// PSS was asked for, and RSS is shown: how PSS was to be recorded.
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
    pub(crate) fn grade(&self) -> Grade {
        match self {
            Self::UnderReported { .. }
            | Self::Hidden(_)
            | Self::LeftOut(_)
            | Self::NotRead(_)
            | Self::ProductPartly { .. } => Grade::Caution,
            Self::StalePss { stale, of, .. } => by_share(*stale, *of),
            Self::NoPss(_)
            | Self::Unreadable { .. }
            | Self::DevicesLeftOut(_)
            | Self::EstimatedPss { .. }
            | Self::TablesUncertain => Grade::Note,
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::NoPss(_) => "no-pss",
            Self::UnderReported { .. } => "pss-under-reported",
            Self::Hidden(_) => "processes-hidden",
            Self::Unreadable { .. } => "memory-unreadable",
            Self::LeftOut(_) => "processes-left-out",
            Self::NotRead(_) => "processes-not-read",
            Self::DevicesLeftOut(_) => "devices-left-out",
            Self::StalePss { .. } => "pss-stale",
            Self::EstimatedPss { .. } => "pss-estimated",
            Self::ProductPartly { .. } => "product-pss-partly",
            Self::TablesUncertain => "tables-uncertain",
        }
    }

    pub(crate) fn extent(&self) -> f64 {
        match self {
            Self::Unreadable { processes, .. } => *processes as f64,
            Self::LeftOut(count) | Self::NotRead(count) | Self::DevicesLeftOut(count) => {
                *count as f64
            }
            Self::StalePss {
                stale: part, of, ..
            }
            | Self::EstimatedPss {
                estimates: part,
                of,
            } => *part as f64 / (*of).max(1) as f64,
            Self::ProductPartly { samples, .. } => *samples as f64,
            Self::NoPss(_)
            | Self::UnderReported { .. }
            | Self::Hidden(_)
            | Self::TablesUncertain => 0.0,
        }
    }

    /// The cells of a comparison say where PSS is missing; what its tables of processes
    /// lack does not touch its figures.
    pub(crate) fn is_for_comparison(&self) -> bool {
        !matches!(
            self,
            Self::NoPss(_)
                | Self::DevicesLeftOut(_)
                | Self::EstimatedPss { .. }
                | Self::TablesUncertain
        )
    }
}

pub(crate) fn find(run: &Run, options: &Options, found: &mut dyn FnMut(ProcessFinding)) {
    let quality = &run.quality;
    if options.memory == Memory::Pss && run.memory == Memory::Rss {
        found(ProcessFinding::NoPss(run.header.pss));
    }
    let release = &run.header.release;
    if run.memory == Memory::Pss && under_reports_smaps_rollup(release.as_bytes()) {
        found(ProcessFinding::UnderReported {
            release: release.clone(),
        });
    }
    let privilege = Privilege {
        euid: run.header.euid,
        cap_eff: quality.cap_eff,
    };
    if quality.hidden {
        found(ProcessFinding::Hidden(privilege));
    } else if quality.unreadable > 0 {
        found(ProcessFinding::Unreadable {
            processes: quality.unreadable,
            one: quality.unreadable_process.clone(),
            privilege,
        });
    }
    if quality.left_out > 0 {
        found(ProcessFinding::LeftOut(quality.left_out));
    }
    if quality.not_read > 0 {
        found(ProcessFinding::NotRead(quality.not_read));
    }
    if run.health.devices.left_out > 0 {
        found(ProcessFinding::DevicesLeftOut(run.health.devices.left_out));
    }
    if run.memory == Memory::Pss {
        let of = quality.pss_figures;
        if quality.pss_stale > 0 {
            let stale = quality.pss_stale;
            let failed = quality.not_read > 0;
            found(ProcessFinding::StalePss { stale, of, failed });
        }
        if quality.pss_estimates > 0 {
            let estimates = quality.pss_estimates;
            found(ProcessFinding::EstimatedPss { estimates, of });
        }
    }
    if let Some(product) = run
        .product
        .as_ref()
        .filter(|product| product.pss_partly > 0)
    {
        found(ProcessFinding::ProductPartly {
            samples: product.pss_partly,
            of: run.samples,
            denied: product.pss_denied.then_some(privilege),
            failed: quality.not_read > 0,
        });
    }
    if run.uncertain {
        found(ProcessFinding::TablesUncertain);
    }
}
