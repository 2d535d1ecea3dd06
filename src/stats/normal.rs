//! The normal distribution, for groups too large to count.

use std::f64::consts::{LN_2, PI, SQRT_2};

/// The probability that a normal variable lies further than `z` standard deviations
/// from its mean, on either side. Accurate to 12 digits, checked up to z = 30.
pub(crate) fn both_tails(z: f64) -> f64 {
    let x = z.abs() / SQRT_2;
    if x < 2.0 {
        1.0 - erf_series(x)
    } else {
        erfc_fraction(x)
    }
}

/// erf(x) = 2/sqrt(pi) exp(-x^2) (x + x^3 2/3 + x^5 2^2/(3 5) + ...), 7.6.2 of
/// Abramowitz and Stegun, Handbook of Mathematical Functions (1964).
fn erf_series(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for n in 1..60 {
        term *= 2.0 * x * x / f64::from(2 * n + 1);
        sum += term;
    }
    2.0 / PI.sqrt() * exp_of_minus(x * x) * sum
}

/// erfc(x) = exp(-x^2)/sqrt(pi) / (x + 1/2/(x + 1/(x + 3/2/(x + ...)))), 7.1.14 there.
fn erfc_fraction(x: f64) -> f64 {
    let tail = (1..120)
        .rev()
        .fold(x, |below, n| x + f64::from(n) / 2.0 / below);
    exp_of_minus(x * x) / PI.sqrt() / tail
}

/// exp(-y) of a `y` that is not negative: as many halvings as there are in it, and the series
/// of the rest. The C library's exp is faster, by a table of 2 kB.
fn exp_of_minus(y: f64) -> f64 {
    // Beyond, it is nothing.
    let y = y.min(1000.0);
    let halvings = (y / LN_2).floor();
    let rest = y - halvings * LN_2;
    let (mut term, mut sum) = (1.0, 1.0);
    for n in 1..24 {
        term *= -rest / f64::from(n);
        sum += term;
    }
    0.5_f64.powi(halvings as i32) * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From scipy 1.17.1: `2 * scipy.stats.norm.sf(z)`.
    #[test]
    fn tails() {
        for (z, theirs) in [
            (0.0, 1.0),
            (0.1, 0.920_344_325_445_942),
            (0.5, 0.617_075_077_451_973_8),
            (1.0, 0.317_310_507_862_914_15),
            (1.959_963_984_540_054, 0.05),
            (2.5, 0.012_419_330_651_552_265),
            (2.8, 0.005_110_260_660_855_864),
            (2.83, 0.004_654_800_413_463_103),
            (3.0, 0.002_699_796_063_260_186_6),
            (5.0, 5.733_031_437_583_866e-7),
            (8.0, 1.244_192_114_854_348e-15),
            (15.0, 7.341_932_398_625_397e-51),
            (30.0, 9.813_427_854_295_816e-198),
        ] {
            let ours = both_tails(z);
            assert!((ours / theirs - 1.0).abs() < 1e-12, "{z}: {ours}");
            assert_eq!(both_tails(-z), ours);
        }
        assert_eq!(both_tails(f64::INFINITY), 0.0);
    }
}
