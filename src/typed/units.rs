//! Times and sizes as people type them.

use std::str::FromStr;
use std::time::Duration;

/// A time: `250ms`, `5m`, `1h30m`, `300` (seconds), `0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

impl FromStr for Span {
    type Err = String;

    // Lengths of parts of the text.
    #[allow(clippy::arithmetic_side_effects)]
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a time, such as 250ms, 90s, 5m or 1h30m");
        let mut rest = text;
        let mut total = Duration::ZERO;
        if rest.is_empty() {
            return Err(wrong());
        }
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (number, tail) = rest.split_at(digits);
            let (fraction, tail) = fraction(tail);
            let letters = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
            let (unit, tail) = tail.split_at(letters);
            let number: u64 = number.parse().map_err(|_| wrong())?;
            let nanoseconds: u64 = match unit {
                "ns" => 1,
                "us" => 1_000,
                "ms" => 1_000_000,
                "s" => 1_000_000_000,
                "" if text.len() == digits + fraction.len() => 1_000_000_000,
                "m" | "min" => 60_000_000_000,
                "h" => 3_600_000_000_000,
                "d" => 86_400_000_000_000,
                _ => return Err(wrong()),
            };
            let part = number.checked_mul(nanoseconds).ok_or_else(wrong)?;
            let part = part.checked_add(part_of(fraction, nanoseconds));
            let part = part.filter(|_| fraction != ".").ok_or_else(wrong)?;
            total = total
                .checked_add(Duration::from_nanos(part))
                .ok_or_else(wrong)?;
            rest = tail;
        }
        Ok(Self(total))
    }
}

/// `.5` of `.5s`, and what follows; `` where there is none.
// The point, and digits behind it.
#[allow(clippy::arithmetic_side_effects)]
fn fraction(text: &str) -> (&str, &str) {
    let after = text.strip_prefix('.');
    let digits = after.map_or(0, |after| {
        1 + after.bytes().take_while(u8::is_ascii_digit).count()
    });
    text.split_at(digits)
}

/// So much of a unit, rounded down.
// The digit times its step is less than ten of them, which the unit was.
#[allow(clippy::arithmetic_side_effects)]
fn part_of(fraction: &str, unit: u64) -> u64 {
    let mut step = unit;
    let digits = fraction.bytes().skip(1).map(|digit| {
        step /= 10;
        u64::from(digit - b'0') * step
    });
    digits.sum()
}

/// An interval between samples: 100 ms to 1 h.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval(pub(crate) Duration);

impl Interval {
    pub(crate) const SECOND: Self = Self(Duration::from_secs(1));
}

impl FromStr for Interval {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Span(interval) = text.parse()?;
        let allowed = Duration::from_millis(100)..=Duration::from_secs(3600);
        if !allowed.contains(&interval) {
            return Err(format!("`{text}` does not lie between 100ms and 1h"));
        }
        Ok(Self(interval))
    }
}

/// A number of bytes: `4M`, `512k`, `1000000`; in powers of 1024.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a size, such as 512k, 4M or 1G");
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let factor: u64 = match unit {
            "" | "B" => 1,
            "k" | "K" | "kB" | "KB" | "KiB" => 1 << 10,
            "M" | "MB" | "MiB" => 1 << 20,
            "G" | "GB" | "GiB" => 1 << 30,
            _ => return Err(wrong()),
        };
        Ok(Self(number.checked_mul(factor).ok_or_else(wrong)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let span = |text: &str| text.parse::<Span>().map(|span| span.0);
        assert_eq!(span("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(span("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(span("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(span("0.5s"), Ok(Duration::from_millis(500)));
        assert_eq!(span("1.25m"), Ok(Duration::from_secs(75)));
        assert_eq!(span("1.5"), Ok(Duration::from_millis(1500)));
        assert_eq!(span("300"), Ok(Duration::from_secs(300)));
        assert_eq!(span("0"), Ok(Duration::ZERO));
        for wrong in [
            "",
            "-1s",
            "1.s",
            ".5s",
            "1.5.5s",
            "s",
            "5x",
            "1m5",
            "99999999999999h",
            " 1s",
            "1s ",
        ] {
            assert_eq!(
                span(wrong),
                Err(format!(
                    "`{wrong}` is not a time, such as 250ms, 90s, 5m or 1h30m"
                ))
            );
        }
    }

    #[test]
    fn intervals_have_bounds() {
        let interval = |text: &str| text.parse::<Interval>().map(|interval| interval.0);
        assert_eq!(interval("100ms"), Ok(Duration::from_millis(100)));
        assert_eq!(interval("1h"), Ok(Duration::from_secs(3600)));
        for wrong in ["0", "1ns", "99ms", "3601s", "365d"] {
            assert_eq!(
                interval(wrong),
                Err(format!("`{wrong}` does not lie between 100ms and 1h"))
            );
        }
    }

    #[test]
    fn sizes() {
        assert_eq!("4M".parse(), Ok(Size(4_194_304)));
        assert_eq!("512k".parse(), Ok(Size(524_288)));
        assert_eq!("1000".parse(), Ok(Size(1000)));
        for wrong in ["", "M", "-1", "4T", "99999999999999999999"] {
            let refused = wrong.parse::<Size>();
            assert_eq!(
                refused,
                Err(format!("`{wrong}` is not a size, such as 512k, 4M or 1G"))
            );
        }
    }
}
