//! A ramp as charts.

use super::{Axis, Chart, Series};
use crate::series::curve::Curve;
use crate::series::ramp::{level, Level};
use crate::stats;
use crate::words::figures::mib;
use std::borrow::Cow;

/// A chart of fewer numbers of containers shows nothing that figures do not.
const LEAST_LEVELS: usize = 3;
/// The least difference that fills a chart, KiB.
const LEAST_KIB: f64 = 1024.0;

/// By the number of containers.
pub(crate) fn charts(levels: &[Level]) -> Vec<Chart<'static>> {
    let last = levels.last().map_or(0, |of| of.containers);
    let series = [
        ("PSS of the product by containers, MiB", level::PRODUCT),
        ("PSS of the workload by containers, MiB", level::WORKLOAD),
        ("Memory available by containers, MiB", level::AVAILABLE),
    ];
    let chart = |(title, place): (&'static str, usize)| {
        let mut curve = Curve::default();
        let mut values = Vec::new();
        for of in levels {
            let kib = of.values[place]?;
            curve.add(of.containers, of.containers, kib as u64);
            values.push(kib);
        }
        let summary = stats::summary(&mut values)?;
        Some(Chart {
            series: Series {
                title,
                curve: Cow::Owned(curve),
                summary,
                form: mib,
                least: LEAST_KIB,
            },
            last_tick: last,
            axis: Axis::Containers,
        })
    };
    let all = series.into_iter().filter(|_| levels.len() >= LEAST_LEVELS);
    all.filter_map(chart).collect()
}
