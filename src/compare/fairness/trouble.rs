//! What may be wrong with a run by itself, whatever it is compared with.

use super::super::measured::{HeldBack, Measured};
use super::super::stage::Stage;
use crate::log::record::Synchronised;
use crate::series::Trend;

/// Fewer samples are no run to compare.
pub const LEAST_SAMPLES: u64 = 60;

/// What is wrong with a run by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trouble {
    HeldBack(HeldBack),
    /// At so many samples.
    Undervoltage(u64),
    Unsynchronised,
    /// So many samples.
    Short(u64),
    /// Milli-percent.
    CpuUnsettled(Trend),
    /// KiB.
    MemoryUnsettled(Trend),
    /// KiB of so many.
    Swapped(u64, u64),
    OomKills(u64),
    /// Samples, and damaged places of the log.
    Lost(u64, u64),
    /// Milliseconds.
    Slept(u64),
    /// Samples of so many at which the PSS of one of the product's processes was not
    /// known.
    PssPartly(u64, u64),
}

/// Looks at a run for one kind of trouble; how much of it there is comes first.
pub type Look = fn(&Measured) -> Option<(f64, Trouble)>;

/// What may be wrong with a run.
pub const LOOKS: [Look; 11] = [
    |run| {
        let held = run.held_back?;
        let share = held.samples as f64 / held.of.max(1) as f64;
        Some((share, Trouble::HeldBack(held)))
    },
    |run| counted(run.undervoltage, Trouble::Undervoltage(run.undervoltage)),
    |run| {
        let no = run.header.synchronised == Synchronised::No;
        no.then_some((0.0, Trouble::Unsynchronised))
    },
    |run| {
        let short = run.samples < LEAST_SAMPLES;
        short.then_some((-(run.samples as f64), Trouble::Short(run.samples)))
    },
    |run| {
        let trend = unsettled(run, run.cpu_trend)?;
        Some((
            (trend.last - trend.first).abs(),
            Trouble::CpuUnsettled(trend),
        ))
    },
    |run| {
        let trend = unsettled(run, run.memory_trend)?;
        Some((
            (trend.last - trend.first).abs(),
            Trouble::MemoryUnsettled(trend),
        ))
    },
    |run| {
        let swapped = Trouble::Swapped(run.swap_used_kib, run.header.swap_total_kib);
        counted(run.swap_used_kib, swapped)
    },
    |run| counted(run.oom_kills, Trouble::OomKills(run.oom_kills)),
    |run| {
        counted(
            run.lost.max(run.damaged),
            Trouble::Lost(run.lost, run.damaged),
        )
    },
    |run| counted(run.slept_ms, Trouble::Slept(run.slept_ms)),
    |run| {
        counted(
            run.pss_partly,
            Trouble::PssPartly(run.pss_partly, run.samples),
        )
    },
];

/// In a ramp more and more is started: that is what it is for.
fn unsettled(run: &Measured, trend: Option<Trend>) -> Option<Trend> {
    trend.filter(|_| run.stage != Stage::Ramp)
}

fn counted(count: u64, trouble: Trouble) -> Option<(f64, Trouble)> {
    (count > 0).then_some((count as f64, trouble))
}
