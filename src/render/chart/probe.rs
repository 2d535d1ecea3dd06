//! The times of a probe as a chart.

use super::super::boot::seconds;
use super::{Axis, Chart, Series, LEAST_TICKS};
use crate::results::{Kind, Measurement};
use crate::series::curve::Curve;
use crate::stats::{self, Summary};
use std::borrow::Cow;

/// The least difference that fills a chart, microseconds.
const LEAST_US: f64 = 100_000.0;

/// The figures of what some of them have.
pub(crate) fn figures<'m>(
    probes: impl IntoIterator<Item = &'m &'m Measurement>,
    value: fn(&Measurement) -> Option<u64>,
) -> Option<Summary> {
    let values = probes.into_iter().filter_map(|of| value(of));
    let mut values: Vec<f64> = values.map(|us| us as f64).collect();
    stats::summary(&mut values)
}

/// How long those of a run took, each until the next began; `None` where they are too few.
pub(crate) fn chart(results: &[Measurement]) -> Option<Chart<'static>> {
    let of_probe = results.iter().filter(|of| of.kind == Kind::Probe);
    let probes: Vec<&Measurement> = of_probe.collect();
    let times = figures(probes.iter().filter(|of| of.counts()), |of| of.value);
    let summary = times.filter(|times| times.count >= LEAST_TICKS)?;
    // Seconds, so that a curve has few columns.
    let second = |us: u64| us / 1_000_000;
    let ends = probes.iter().skip(1).map(|next| second(next.at_us));
    let last = probes.last().map_or(0, |last| {
        second(last.at_us.saturating_add(last.value.unwrap_or(0)))
    });
    let mut curve = Curve::default();
    for (probe, end) in probes.iter().zip(ends.chain([last.saturating_add(1)])) {
        let begin = second(probe.at_us);
        if let Some(us) = probe.value.filter(|_| probe.counts()) {
            curve.add(begin, end.saturating_sub(1).max(begin), us);
        }
    }
    let series = Series {
        title: "Time of the probe, s",
        curve: Cow::Owned(curve),
        summary,
        form: |us| seconds(us as u64),
        least: LEAST_US,
    };
    Some(Chart {
        series,
        last_tick: last,
        axis: Axis::Time(1_000_000),
    })
}
