//! A run, in the figures that are compared: none of it grows with the run's length,
//! so that a thousand logs fit.

use super::rows::{Kind, Spec, Statistic};
use crate::log::fields::storage;
use crate::log::record::Header;
use crate::products::Profile;
use crate::series::finding::Finding;
use crate::series::stage::Stage;
use crate::series::{Ran, Row, Run};
use crate::stats::{self, Summary};
use std::path::PathBuf;

/// A process and its CPU, percent of one core, over the whole run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Consumer {
    pub(crate) name: Vec<u8>,
    pub(crate) kernel_thread: bool,
    pub(crate) percent: f64,
}

impl Consumer {
    fn of(row: &Row) -> Self {
        Self {
            name: row.name.to_vec(),
            kernel_thread: row.kernel_thread,
            percent: row.figures.mean / 1000.0,
        }
    }
}

/// What the recorder took of the machine on the average.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct OwnShare {
    /// Percent of all cores, and the whole machine's.
    pub(crate) cpu: f64,
    pub(crate) cpu_of: f64,
    /// KiB, and what was in use in all.
    pub(crate) memory_kib: f64,
    pub(crate) memory_of_kib: f64,
}

/// What `footprint --output` read in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) footprints: u64,
    /// When, microseconds after the run's start, where one of them says something.
    pub(crate) at_us: Option<u64>,
}

/// A run; CPU in milli-percent of all cores, memory in KiB.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    pub(crate) log: PathBuf,
    pub(crate) stage: Stage,
    pub(crate) header: Header<String>,
    /// It has these, and no sample; `None`: it was recorded.
    pub(crate) read: Option<Read>,
    pub(crate) samples: u64,
    pub(crate) duration_us: u64,
    pub(crate) cpu: Option<Summary>,
    pub(crate) memory_kib: Option<Summary>,
    pub(crate) free_used_kib: Option<Summary>,
    pub(crate) available_kib: Option<Summary>,
    pub(crate) pss_kib: Option<Summary>,
    pub(crate) profile: Option<&'static str>,
    /// It is known which processes are the product's.
    pub(crate) is_defined: bool,
    /// Who used most CPU, the recorder left out.
    pub(crate) top: Option<Consumer>,
    pub(crate) root_used_kib: Option<u64>,
    /// When CPU was lowest and highest and the disk was looked at, ticks.
    pub(crate) moments: crate::series::Moments,
    pub(crate) own: Option<OwnShare>,
    pub(crate) ran: Vec<Ran>,
    pub(crate) findings: Vec<Finding>,
}

impl Measured {
    /// Of a run that [`crate::series::summarise_product`] gave.
    pub(crate) fn of(log: PathBuf, run: Run) -> Self {
        let product = run.product;
        let product = product.as_ref();
        let recorder = product.and_then(|product| product.recorder.as_ref());
        let is_recorder =
            |row: &&Row| !row.kernel_thread && recorder.is_some_and(|own| *own == row.name);
        let top = run.by_cpu.iter().find(|row| !is_recorder(row));
        let health = &run.health;
        let means = |whole: Option<Summary>, less: Option<Summary>| {
            let (whole, less) = (whole?.mean, less?.mean);
            Some(((whole - less).max(0.0), whole))
        };
        let own = means(run.cpu, run.cpu_less)
            .zip(means(run.memory_kib, run.memory_kib_less))
            .map(|((cpu, cpu_of), (memory_kib, memory_of_kib))| OwnShare {
                cpu: cpu / 1000.0,
                cpu_of: cpu_of / 1000.0,
                memory_kib,
                memory_of_kib,
            });
        let storage = health.storage.as_ref();
        Self {
            samples: run.samples,
            duration_us: run.duration_us,
            cpu: run.cpu,
            memory_kib: run.memory_kib,
            free_used_kib: product.and_then(|product| product.free_used_kib),
            available_kib: product.and_then(|product| product.available_kib),
            pss_kib: product.and_then(|product| product.pss_kib),
            profile: product.and_then(|product| product.profile),
            is_defined: product.is_some_and(|product| product.is_defined),
            top: top.map(Consumer::of),
            root_used_kib: storage.and_then(|s| s.first(storage::ROOT_USED_KIB)),
            moments: product.map(|product| product.moments).unwrap_or_default(),
            own,
            ran: product
                .map(|product| product.ran.clone())
                .unwrap_or_default(),
            findings: run.findings,
            ..Self::bare(log, run.header)
        }
    }

    /// Of a run that has footprints and no samples, and the PSS of the product's key
    /// processes in each that says it.
    pub(crate) fn of_footprints(
        log: PathBuf,
        header: Header<String>,
        read: Read,
        mut pss_kib: Vec<f64>,
        profile: Option<&Profile>,
    ) -> Self {
        Self {
            read: Some(read),
            pss_kib: stats::summary(&mut pss_kib),
            profile: profile.map(|profile| profile.name),
            ..Self::bare(log, header)
        }
    }

    /// A run that says nothing.
    fn bare(log: PathBuf, header: Header<String>) -> Self {
        Self {
            log,
            stage: Stage::of(&header.stage),
            header,
            read: None,
            samples: 0,
            duration_us: 0,
            cpu: None,
            memory_kib: None,
            free_used_kib: None,
            available_kib: None,
            pss_kib: None,
            profile: None,
            is_defined: false,
            top: None,
            root_used_kib: None,
            moments: crate::series::Moments::default(),
            own: None,
            ran: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// What it says in a row, in the row's unit, if it says something there.
    pub(crate) fn value(&self, spec: &Spec) -> Option<f64> {
        let of = |summary: Option<Summary>| {
            let summary = summary?;
            Some(match spec.statistic {
                Statistic::Min => summary.min,
                Statistic::Average => summary.mean,
                Statistic::Max => summary.max,
                _ => summary.median,
            })
        };
        match spec.kind {
            Kind::MemoryConsumed => of(self.memory_kib),
            Kind::FreeUsed => of(self.free_used_kib),
            Kind::ProductPss => of(self.pss_kib),
            Kind::MemoryAvailable => of(self.available_kib),
            Kind::DiskUsed => self.root_used_kib.map(|kib| kib as f64),
            Kind::TopCpu => self.top.as_ref().map(|top| top.percent),
            Kind::Cpu => of(self.cpu).map(|milli| milli / 1000.0),
            _ => None,
        }
    }

    /// When that was, microseconds after the run's start, where it is of one moment.
    pub(crate) fn moment_us(&self, spec: &Spec) -> Option<u64> {
        if let Some(read) = self.read {
            return read.at_us;
        }
        let tick = match (spec.kind, spec.statistic) {
            (Kind::Cpu, Statistic::Min) => self.moments.cpu_min,
            (Kind::Cpu, Statistic::Max) => self.moments.cpu_max,
            (Kind::DiskUsed, _) => self.moments.storage,
            _ => None,
        };
        Some(tick?.saturating_mul(self.header.interval_us))
    }
}
