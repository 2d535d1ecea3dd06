//! Whether a run had settled: a series that rises or falls over the run is not
//! described by its median.
//!
//! The rule: of the columns of the [`Curve`] (each a sample, or the mean of as many
//! as it covers) the first third and the last third are compared. The run is still
//! settling where their medians differ by more than a `least` difference that
//! matters, **and** by more than twice the wider one of the two interquartile ranges:
//! a series that wanders around a level keeps its thirds within that, and a straight
//! slope has thirds that are four such ranges apart. What settles within the first
//! sixth of a run does not move the median of a third, and is not noticed.

use super::curve::Curve;

/// Fewer columns than this have no thirds worth comparing.
const LEAST_COLUMNS: usize = 30;
/// By how many interquartile ranges the thirds must differ.
const RANGES: f64 = 2.0;

/// How the last third of a run differs from the first, in the series' unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// The medians of the two.
    pub first: f64,
    pub last: f64,
    /// The wider one of their interquartile ranges.
    pub range: f64,
}

/// The trend of a series that has not settled; `None` where it has, and where that
/// cannot be told.
pub fn trend(curve: &Curve, least: f64) -> Option<Trend> {
    let means: Vec<f64> = curve.means().collect();
    if means.len() < LEAST_COLUMNS {
        return None;
    }
    let third = means.len() / 3;
    let (first, first_range) = middle(means.get(..third)?)?;
    let (last, last_range) = middle(means.get(means.len() - third..)?)?;
    let range = first_range.max(last_range);
    let far = (last - first).abs();
    (far > least && far > RANGES * range).then_some(Trend { first, last, range })
}

/// Median and interquartile range: from the value that a quarter do not exceed to
/// the one that three quarters do not.
fn middle(part: &[f64]) -> Option<(f64, f64)> {
    let mut sorted = part.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |rank: usize| sorted.get(rank.checked_sub(1)?).copied();
    let n = sorted.len();
    let median = (at(n.div_ceil(2))? + at(n / 2 + 1)?) / 2.0;
    Some((median, at((3 * n).div_ceil(4))? - at(n.div_ceil(4))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(values: impl IntoIterator<Item = u64>) -> Curve {
        let mut curve = Curve::default();
        for (value, tick) in values.into_iter().zip(0..) {
            curve.add(tick, tick, value);
        }
        curve
    }

    /// 0 to 29: thirds of ten, medians 4.5 and 24.5. Of 0 to 9 a quarter (3 of 10)
    /// do not exceed 2, three quarters (8) do not exceed 7: the range is 5.
    #[test]
    fn a_slope_has_not_settled() {
        let slope = Trend {
            first: 4.5,
            last: 24.5,
            range: 5.0,
        };
        assert_eq!(trend(&curve(0..30), 19.0), Some(slope));
        assert_eq!(trend(&curve(0..30), 20.0), None);
        assert_eq!(trend(&curve((0..30).rev()), 1.0).unwrap().last, 4.5);
        assert_eq!(trend(&curve(0..29), 0.0), None);
    }

    /// A sawtooth of the same height all along; and a step by as much as it is high.
    #[test]
    fn what_wanders_has_settled() {
        let saw = |tick: u64| tick * 7 % 10;
        assert_eq!(trend(&curve((0..300).map(saw)), 0.0), None);
        let step = |tick: u64| saw(tick) + if tick < 150 { 0 } else { 9 };
        assert_eq!(trend(&curve((0..300).map(step)), 0.0), None);
        let step = |tick: u64| saw(tick) + if tick < 150 { 0 } else { 11 };
        assert!(trend(&curve((0..300).map(step)), 0.0).is_some());
    }

    #[test]
    fn a_start_that_is_over_soon_is_none_of_it() {
        let start = (0..300).map(|tick| if tick < 40 { 100 - tick } else { 10 });
        assert_eq!(trend(&curve(start), 0.0), None);
    }

    /// A day: 86,400 samples in 338 columns of 256; the thirds, of 112 of them, begin
    /// 226 columns apart.
    #[test]
    fn a_day_that_grows_slowly() {
        let day = trend(&curve((0..86_400).map(|tick| 500_000 + tick)), 0.0).unwrap();
        assert_eq!(day.last - day.first, 226.0 * 256.0);
    }
}
