//! A run, in the figures that are compared. Its size does not grow with the run's length,
//! so a thousand logs fit.

use super::probes;
use super::rows::{Kind, Spec, Statistic, Unit};
use crate::log::fields::recorder::listening;
use crate::log::fields::storage;
use crate::log::record::Header;
use crate::products::Profile;
use crate::results::{self, Measurement, Verdict};
use crate::series::curve::Curve;
#[cfg(doc)]
use crate::series::ended::EndedSummary;
use crate::series::finding::Finding;
use crate::series::ramp::{costs, Cost};
use crate::series::stage::Stage;
use crate::series::{GroupSummary, Product, Run};
use crate::stats::{self, Summary};
use std::path::PathBuf;

/// The top consumer of CPU, over the whole run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Consumer {
    pub(crate) name: Vec<u8>,
    pub(crate) kernel_thread: bool,
    /// Of one core.
    pub(crate) percent: f64,
}

/// The recorder's share of the machine, on average.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct OwnShare {
    /// Percent of all cores, and the whole machine's.
    pub(crate) cpu: f64,
    pub(crate) cpu_of: f64,
    /// KiB, and all memory in use.
    pub(crate) memory_kib: f64,
    pub(crate) memory_of_kib: f64,
}

/// The readings of a run of `footprint --output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Readings {
    pub(crate) footprints: u64,
    /// Microseconds after the run's start, if only one of them has the product's PSS.
    pub(crate) at_us: Option<u64>,
}

/// What a run's figures come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunSource {
    Samples,
    /// It has footprints and no samples.
    Footprints(Readings),
    /// It has results alone, and counts in no stage.
    Results,
}

/// A run; CPU in milli-percent of all cores, memory in KiB.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    pub(crate) log: PathBuf,
    pub(crate) stage: Stage,
    pub(crate) header: Header<String>,
    pub(crate) source: RunSource,
    /// Beside samples, or without any.
    pub(crate) results: Vec<Measurement>,
    /// What a later version has written of results.
    pub(crate) unknown_results: u64,
    pub(crate) samples: u64,
    pub(crate) duration_us: u64,
    pub(crate) cpu: Option<Summary>,
    pub(crate) memory_kib: Option<Summary>,
    pub(crate) product: Product,
    /// Without the recorder.
    pub(crate) top: Option<Consumer>,
    /// Processes that ended a second, and their CPU after the last sample, percent of one
    /// core; and whether the kernel told of them, see [`EndedSummary`].
    pub(crate) ended: Option<(f64, f64)>,
    pub(crate) listens: u64,
    pub(crate) ends_lost: u64,
    pub(crate) root_used_kib: Option<u64>,
    pub(crate) own: Option<OwnShare>,
    pub(crate) findings: Vec<Finding>,
    /// Of one more container.
    pub(crate) costs: Vec<Cost>,
    /// CPU and memory over the run: the means of parts of equal length, `None` where
    /// nothing is known. Empty without samples.
    pub(crate) courses: [Vec<Option<u32>>; 2],
}

/// The most parts of a course.
pub(crate) const COURSE: usize = 64;

/// A curve in as many parts as there are ticks, `COURSE` at most.
fn course(curve: &Curve, last_tick: u64) -> Vec<Option<u32>> {
    let parts = last_tick.min(COURSE as u64 - 1) as usize + 1;
    let means = curve.scaled(last_tick, parts).into_iter();
    means
        .map(|part| part.mean().map(|mean| mean as u32))
        .collect()
}

impl Measured {
    /// Of a run that was read to be compared.
    pub(crate) fn of(log: PathBuf, run: Run, results: Vec<Measurement>) -> Self {
        let product = run.product.unwrap_or_default();
        let is_recorder = |row: &&GroupSummary| {
            !row.kernel_thread && product.recorder.as_ref() == Some(&row.name)
        };
        let top = run.by_cpu.iter().find(|row| !is_recorder(row));
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
        let health = &run.health;
        let storage = health.storage.as_ref();
        Self {
            log,
            stage: Stage::of(&run.header.stage),
            header: run.header,
            source: RunSource::Samples,
            results,
            unknown_results: 0,
            samples: run.samples,
            duration_us: run.duration_us,
            cpu: run.cpu,
            memory_kib: run.memory_kib,
            top: top.map(|row| Consumer {
                name: row.name.to_vec(),
                kernel_thread: row.kernel_thread,
                percent: row.figures.mean / 1000.0,
            }),
            ended: run.ended.rates(),
            listens: run.ended.listens,
            ends_lost: run.ended.lost,
            root_used_kib: storage.and_then(|s| s.first(storage::ROOT_USED_KIB)),
            own,
            courses: [&health.cpu, &health.memory_kib].map(|of| course(of, health.last_tick)),
            findings: run.findings,
            costs: costs(&run.levels),
            product,
        }
    }

    /// Of a run that has footprints and no samples; `pss_kib` is the PSS of the product's
    /// key processes in each footprint that has it.
    pub(crate) fn of_footprints(
        log: PathBuf,
        header: Header<String>,
        readings: Readings,
        mut pss_kib: Vec<f64>,
        profile: Option<&Profile>,
    ) -> Self {
        Self {
            source: RunSource::Footprints(readings),
            product: Product {
                profile: profile.map(|profile| profile.name),
                pss_kib: stats::summary(&mut pss_kib),
                ..Product::default()
            },
            ..Self::of_results(log, header, Vec::new())
        }
    }

    /// Of a run that has results and no samples.
    pub(crate) fn of_results(
        log: PathBuf,
        header: Header<String>,
        results: Vec<Measurement>,
    ) -> Self {
        Self {
            log,
            stage: Stage::of(&header.stage),
            header,
            source: RunSource::Results,
            results,
            unknown_results: 0,
            samples: 0,
            duration_us: 0,
            cpu: None,
            memory_kib: None,
            product: Product::default(),
            top: None,
            ended: None,
            listens: listening::NOT_ASKED,
            ends_lost: 0,
            root_used_kib: None,
            own: None,
            findings: Vec::new(),
            costs: Vec::new(),
            courses: Default::default(),
        }
    }

    /// Whether it has samples.
    pub(crate) fn is_recorded(&self) -> bool {
        self.source == RunSource::Samples
    }

    /// Whether it has footprints and no samples.
    pub(crate) fn is_of_footprints(&self) -> bool {
        matches!(self.source, RunSource::Footprints(_))
    }

    /// Whether a host timed the board on its serial line, as `boot watch` puts it: its header
    /// is the host's.
    pub(crate) fn is_of_a_host(&self) -> bool {
        let mut results = self.results.iter();
        !self.is_recorded() && results.any(|of| of.source.starts_with("serial line"))
    }

    /// The results that are values of a row without a stage: each with its place among
    /// the results, in the row's unit.
    pub(crate) fn values_of_results(&self, spec: &Spec) -> Vec<(usize, f64)> {
        if spec.kind == Kind::ApiTime {
            return probes::value(&self.results, spec.statistic)
                .into_iter()
                .collect();
        }
        if let (Kind::Containers, Some(count)) = (spec.kind, results::count(&self.results)) {
            let containers = count.containers.map(|number| number as f64);
            let told = containers.map(|number| (count.told.0, number));
            return told.into_iter().collect();
        }
        let kind = match spec.kind {
            Kind::BootCold => results::Kind::BootCold,
            Kind::BootRestart => results::Kind::BootRestart,
            Kind::SurviveIpChange => results::Kind::IpChange,
            Kind::SimpleFirewall => results::Kind::SimpleFirewall,
            Kind::ComplexFirewall => results::Kind::ComplexFirewall,
            Kind::Containers => results::Kind::Ramp,
            _ => return Vec::new(),
        };
        let value = |result: &Measurement| match spec.kind.unit() {
            Unit::Verdict => match result.verdict {
                Verdict::Yes => Some(1.0),
                Verdict::No => Some(0.0),
                Verdict::None | Verdict::NotMeasured => None,
            },
            Unit::Seconds => result.value.map(|us| us as f64 / 1e6),
            _ => result.value.map(|count| count as f64),
        };
        let own = self.results.iter().enumerate();
        let own = own.filter(|(_, result)| result.kind == kind);
        let mut values = own.filter_map(|(at, result)| Some((at, value(result)?)));
        match spec.kind {
            // The last step of a ramp tells how far it came.
            Kind::Containers => values.next_back().into_iter().collect(),
            _ => values.collect(),
        }
    }

    /// The value for a row, in the row's unit.
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
            Kind::FreeUsed => of(self.product.free_used_kib),
            Kind::ProductPss => of(self.product.pss_kib),
            Kind::MemoryAvailable => of(self.product.available_kib),
            Kind::DiskUsed => self.root_used_kib.map(|kib| kib as f64),
            Kind::TopCpu => self.top.as_ref().map(|top| top.percent),
            Kind::EndedRate => self.ended.map(|(a_second, _)| a_second),
            Kind::EndedCpu => self.ended.map(|(_, percent)| percent),
            Kind::Cpu => of(self.cpu).map(|milli| milli / 1000.0),
            _ => None,
        }
    }

    /// The moment of that value, if it is of one moment: microseconds after the run's start.
    pub(crate) fn moment_us(&self, spec: &Spec) -> Option<u64> {
        if let RunSource::Footprints(readings) = self.source {
            return readings.at_us;
        }
        let moments = &self.product.moments;
        let tick = match (spec.kind, spec.statistic) {
            (Kind::Cpu, Statistic::Min) => moments.cpu_min,
            (Kind::Cpu, Statistic::Max) => moments.cpu_max,
            (Kind::DiskUsed, _) => moments.storage,
            _ => None,
        };
        Some(tick?.saturating_mul(self.header.interval_us))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A forged log may have any tick.
    #[test]
    fn a_course_has_a_part_for_each_tick_and_no_more_than_64() {
        for (last_tick, parts) in [(0, 1), (62, 63), (63, 64), (64, 64), (u64::MAX, 64)] {
            let course = course(&Curve::default(), last_tick);
            assert_eq!(course, vec![None; parts], "{last_tick}");
        }
    }
}
