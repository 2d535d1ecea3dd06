//! The probes of a run: its fastest, median and slowest.

use super::rows::Statistic;
use crate::results::{Kind, Measurement};

/// The probes among the results that succeeded: their places and seconds, ascending. Those
/// of a ramp tell of a board that has more and more to do, not of the product.
pub(crate) fn seconds(results: &[Measurement]) -> Vec<(usize, f64)> {
    let succeeded = |of: &Measurement| of.value.filter(|_| is_probe(of) && of.counts());
    let is_probed = is_probed(results);
    let all = results.iter().enumerate().filter(|_| is_probed);
    let all = all.filter_map(|(at, of)| Some((at, succeeded(of)? as f64 / 1e6)));
    let mut all: Vec<(usize, f64)> = all.collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    all
}

/// Whether these are the results of a run that tells how fast the product's API is.
pub(crate) fn is_probed(results: &[Measurement]) -> bool {
    results.iter().any(is_probe) && results.iter().all(|of| of.ramp.is_none())
}

pub(crate) fn is_probe(result: &Measurement) -> bool {
    result.kind == Kind::Probe
}

/// The value of a run, and the place of the result that it is; of an even number, the lower
/// one of the two in the middle.
pub(crate) fn value(results: &[Measurement], statistic: Statistic) -> Option<(usize, f64)> {
    let all = seconds(results);
    let below = all.len().checked_sub(1)? / 2;
    let (low, high) = (all.get(below)?, all.get(all.len() / 2)?);
    match statistic {
        Statistic::Min => all.first().copied(),
        Statistic::Max => all.last().copied(),
        _ => Some((low.0, (low.1 + high.1) / 2.0)),
    }
}
