//! Whether a run had settled: a series that rises or falls over the run is not
//! described by its median.
//!
//! The rule: of the columns of the [`Curve`] (each a tick, or the mean of as many
//! as it covers) the first third and the last third are compared. The run is still
//! settling where their medians differ by more than a `least` difference that
//! matters, **and** by more than three times the wider one of their interquartile
//! ranges, about the line that each third follows. So a straight slope is reported however
//! steep it is, and so is a start that fades, but not a series that wanders around a level.
//! A start that fades within the first sixth of a run does not move the median of a third,
//! and is not noticed.
//!
//! How often the rule is wrong and right, in a run of 60 s, 5 min and a day at a sample a
//! second (the tests simulate it):
//!
//! | | 60 s | 5 min | 1 d |
//! |---|---|---|---|
//! | false alarms, % of runs, on white noise | 0.0 | 0.0 | 0.0 |
//! | on noise that forgets itself (to 1/e) in a twelfth of the run | 0.6 | 0.5 | 1 |
//! | on bursts of 3 s, every 13 s on average | 0.5 | 0.0 | 0.0 |
//! | reported, %: a MiB a minute of 300 MiB, noise of 0.5 MiB (standard deviation) | 0 | 100 | 100 |
//! | a MiB a minute, noise of 1 MiB | 0 | 1 | 100 |
//! | a slope of 8 standard deviations of white noise over the run | 82 | 99 | 100 |
//!
//! Noise that is slower than a twelfth of the run alarms more often, up to a third of
//! all runs: a part of a slow wave is a trend. Up to 512 samples the rule is equally
//! sensitive for any length. In a longer run columns are means, and in the end the rule
//! reports every difference above `least`; in 60 s a MiB a minute is below it.

use super::curve::Curve;

/// Thirds of fewer columns are not compared.
const LEAST_COLUMNS: usize = 30;
/// The thirds must differ by so many interquartile ranges.
const RANGES: f64 = 3.0;

/// How the last third of a run differs from the first, in the series' unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Trend {
    /// The medians of the two.
    pub(crate) first: f64,
    pub(crate) last: f64,
    /// The wider one of their interquartile ranges, about the line that each follows.
    pub(crate) range: f64,
}

/// A difference that matters.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Least {
    Amount(f64),
    /// A part of the level, the lower one of the two.
    Part(f64),
}

/// The trend of a series that has not settled; `None` where it has, and where that
/// cannot be told.
pub(crate) fn trend(curve: &Curve, least: Least) -> Option<Trend> {
    let means: Vec<f64> = curve.means().collect();
    if means.len() < LEAST_COLUMNS {
        return None;
    }
    let third = means.len() / 3;
    let parts = [means.get(..third)?, means.get(means.len() - third..)?];
    let [first, last] = parts.map(median);
    let (first, last) = (first?, last?);
    let [a, b] = parts.map(range);
    let range = a?.max(b?);
    let least = match least {
        Least::Amount(amount) => amount,
        Least::Part(part) => part * first.min(last),
    };
    let far = (last - first).abs();
    (far > least && far > RANGES * range).then_some(Trend { first, last, range })
}

fn median(part: &[f64]) -> Option<f64> {
    crate::stats::median(part)
}

/// The interquartile range about the line through the medians of both halves: a few
/// outliers do not move it.
fn range(part: &[f64]) -> Option<f64> {
    let half = part.len() / 2;
    let apart = part.len() - half;
    let rise = median(part.get(apart..)?)? - median(part.get(..half)?)?;
    let slope = rise / apart as f64;
    let about = part.iter().zip(0u32..);
    let about: Vec<f64> = about
        .map(|(value, at)| value - slope * f64::from(at))
        .collect();
    let quartile = |permille| crate::stats::quantile(&about, permille);
    Some(quartile(750)? - quartile(250)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::tests::chance::Chance;

    fn curve(values: impl IntoIterator<Item = u64>) -> Curve {
        let mut curve = Curve::default();
        for (value, tick) in values.into_iter().zip(0..) {
            curve.add(tick, tick, value);
        }
        curve
    }

    /// No difference is too small.
    const ANY: Least = Least::Amount(0.0);

    /// 0 to 29: thirds of ten, medians 4.5 and 24.5, on a line both.
    #[test]
    fn a_slope_has_not_settled() {
        let slope = Trend {
            first: 4.5,
            last: 24.5,
            range: 0.0,
        };
        assert_eq!(trend(&curve(0..30), Least::Amount(19.0)), Some(slope));
        assert_eq!(trend(&curve(0..30), Least::Amount(20.0)), None);
        // 4.44 and 4.45 times the lower level are less than 20, and more.
        assert_eq!(trend(&curve(0..30), Least::Part(4.44)), Some(slope));
        assert_eq!(trend(&curve(0..30), Least::Part(4.45)), None);
        assert_eq!(trend(&curve((0..30).rev()), ANY).unwrap().last, 4.5);
        assert_eq!(trend(&curve(0..29), ANY), None);
    }

    /// 0 4 0 4 ... and one more each time: halves of 5, 5 apart, whose medians, of 0 5 2 7 4
    /// and of 9 6 11 8 13, are 4 and 9. About a slope of 1 the values are 0 or 4.
    #[test]
    fn the_range_is_about_the_line() {
        let saw = [0.0, 5.0, 2.0, 7.0, 4.0, 9.0, 6.0, 11.0, 8.0, 13.0];
        assert_eq!(range(&saw), Some(4.0));
    }

    /// A sawtooth of the same height all along: a range of 5, so a step by 15 is none,
    /// and one by 16 is.
    #[test]
    fn what_wanders_has_settled() {
        let saw = |tick: u64| tick * 7 % 10;
        let step = |by: u64| {
            let of = move |tick: u64| saw(tick) + if tick < 150 { 0 } else { by };
            trend(&curve((0..300).map(of)), ANY)
        };
        assert_eq!(step(0), None);
        assert_eq!(step(15), None);
        assert_eq!(step(16).map(|trend| trend.range), Some(5.0));
    }

    #[test]
    fn a_start_that_is_over_soon_is_none_of_it() {
        let start = (0..300).map(|tick| if tick < 40 { 100 - tick } else { 10 });
        assert_eq!(trend(&curve(start), ANY), None);
    }

    /// A day: 86,400 samples in 338 columns of 256; the thirds, of 112 of them, begin
    /// 226 columns apart.
    #[test]
    fn a_day_that_grows_slowly() {
        let day = trend(&curve((0..86_400).map(|tick| 500_000 + tick)), ANY).unwrap();
        assert_eq!(day.last - day.first, 226.0 * 256.0);
    }

    /// A series of standard deviation 1 whose correlation falls to 1/e in so many
    /// steps; 0: white noise.
    fn noise(chance: &mut Chance, length: u64, memory: f64) -> Vec<f64> {
        let keeps = if memory > 0.0 {
            (-1.0 / memory).exp()
        } else {
            0.0
        };
        let fresh = (1.0 - keeps * keeps).sqrt();
        let mut now = chance.normal();
        let mut next = |_| {
            now = keeps * now + fresh * chance.normal();
            now
        };
        (0..length).map(&mut next).collect()
    }

    /// 5 in bursts of 3 steps, between which lie 10, on average; some noise.
    fn bursts(chance: &mut Chance, length: u64) -> Vec<f64> {
        let mut busy = chance.share() < 3.0 / 13.0;
        let mut next = |_| {
            busy ^= chance.share() < if busy { 1.0 / 3.0 } else { 0.1 };
            f64::from(u8::from(busy)) * 5.0 + 0.2 * chance.normal()
        };
        (0..length).map(&mut next).collect()
    }

    const RUNS: [(u64, u32); 3] = [(60, 2000), (300, 1000), (86_400, 25)];

    /// In how many percent of runs of these lengths a trend is told, of series in MiB
    /// around 300 MiB, that is counted in KiB.
    fn told(least: Least, series: impl Fn(&mut Chance, u64) -> Vec<f64>) -> [f64; 3] {
        let mut chance = Chance(7);
        RUNS.map(|(length, runs)| {
            let mut told = 0;
            for _ in 0..runs {
                let series = series(&mut chance, length);
                let kib = |mib: &f64| ((300.0 + mib) * 1024.0).round() as u64;
                told += u32::from(trend(&curve(series.iter().map(kib)), least).is_some());
            }
            100.0 * f64::from(told) / f64::from(runs)
        })
    }

    #[test]
    fn noise_is_no_trend_in_98_of_100_runs() {
        for found in [
            told(ANY, |chance, length| noise(chance, length, 0.0)),
            told(ANY, |chance, length| {
                noise(chance, length, length as f64 / 12.0)
            }),
            told(ANY, bursts),
        ] {
            assert!(found.iter().all(|percent| *percent <= 2.0), "{found:?}");
        }
    }

    #[test]
    fn a_drift_is_told_as_often_as_is_said() {
        let drift = |rise: fn(u64) -> f64, deviation: f64| {
            told(Least::Part(0.01), move |chance, length| {
                let whole = rise(length);
                let series = noise(chance, length, 0.0).into_iter().zip(0u32..);
                let at = |at| whole * f64::from(at) / length as f64;
                series
                    .map(|(value, tick)| deviation * value + at(tick))
                    .collect()
            })
        };
        let minutes = |length| length as f64 / 60.0;
        assert_eq!(drift(minutes, 0.2), [0.0, 100.0, 100.0]);
        let [minute, five, day] = drift(minutes, 0.5);
        assert!(minute == 0.0 && five > 95.0 && day == 100.0, "{five}");
        let [minute, five, day] = drift(minutes, 1.0);
        assert!(minute == 0.0 && five < 10.0 && day == 100.0, "{five}");
        let [minute, five, day] = drift(|_| 8.0, 1.0);
        assert!(
            minute > 75.0 && five > 95.0 && day == 100.0,
            "{minute} {five}"
        );
    }
}
