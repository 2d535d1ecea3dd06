//! A value with its spread, and the runs or facts it comes from.

use super::facts::Notation;
use crate::stats::{self, Contrast};

/// A value, in the unit of its row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figure {
    /// The median of `points`; for a difference, the difference of the medians.
    pub(crate) value: f64,
    pub(crate) spread: Spread,
    /// One value per run, or per measurement by hand.
    pub(crate) points: Vec<Point>,
    /// The subtrahend's points; empty unless this is a difference.
    pub less: Vec<Point>,
    /// The value could be more: something else has ended the measurement.
    pub(crate) at_least: bool,
    /// The value as a percentage of all memory.
    pub(crate) share: Option<f64>,
    /// The process this is the CPU of.
    pub(crate) name: Option<ProcessName>,
    /// `Some` if all points were typed in the same unit.
    pub(crate) notation: Option<Notation>,
}

impl Figure {
    pub(crate) fn of(points: Vec<Point>) -> Self {
        let values: Vec<f64> = points.iter().map(|point| point.value).collect();
        let end = |permille| stats::quantile(&values, permille).unwrap_or(f64::NAN);
        let spread = match (stats::median_interval(&values), values.len()) {
            (Some(interval), _) => Spread::Interval {
                low: interval.low,
                high: interval.high,
                coverage: interval.coverage,
            },
            (None, 0 | 1) => Spread::None,
            (None, _) => Spread::Range {
                low: end(0),
                high: end(1000),
            },
        };
        Self {
            value: stats::median(&values).unwrap_or(f64::NAN),
            spread,
            points,
            less: Vec::new(),
            at_least: false,
            share: None,
            name: None,
            notation: None,
        }
    }

    /// The number of runs; for a difference, also that of the subtrahend's runs.
    pub(crate) fn n(&self) -> (usize, Option<usize>) {
        let less = self.less.len();
        (self.points.len(), (less > 0).then_some(less))
    }

    /// Whether this is a difference whose spread includes 0.
    pub(crate) fn may_be_nothing(&self) -> bool {
        let ends = self.spread.ends();
        !self.less.is_empty() && ends.is_some_and(|(low, high)| low < 0.0 && high > 0.0)
    }

    pub(crate) fn values(&self) -> Vec<f64> {
        self.points.iter().map(|point| point.value).collect()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProcessName {
    pub(crate) bytes: Vec<u8>,
    pub(crate) kernel_thread: bool,
    /// In how many runs it was the top consumer, and of how many.
    pub(crate) in_runs: (usize, usize),
}

/// How far the runs lie apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Spread {
    /// Not known: one side has a single run.
    None,
    /// Minimum to maximum: too few runs for an interval.
    Range { low: f64, high: f64 },
    /// Holds the median with this probability, 0.95 or more.
    Interval { low: f64, high: f64, coverage: f64 },
}

impl Spread {
    pub(crate) fn of(contrast: &Contrast) -> Self {
        let &Contrast {
            low,
            high,
            coverage,
            ..
        } = contrast;
        match contrast.is_interval() {
            true => Self::Interval {
                low,
                high,
                coverage,
            },
            false => Self::Range { low, high },
        }
    }

    pub(crate) fn ends(self) -> Option<(f64, f64)> {
        match self {
            Self::None => None,
            Self::Range { low, high } | Self::Interval { low, high, .. } => Some((low, high)),
        }
    }
}

/// The value of one run, or of one measurement by hand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) value: f64,
    pub(crate) source: Source,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// An index of [`super::Comparison::runs`]; and for a value of one moment, that
    /// moment in microseconds after the run's start.
    Run { run: usize, at_us: Option<u64> },
    /// An index of [`super::Comparison::runs`], and one of its results.
    Result { run: usize, result: usize },
    /// An index of [`super::Comparison::facts`].
    Fact(usize),
}
