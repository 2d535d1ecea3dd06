//! Times of day, in UTC.

/// Nanoseconds since 1970 as `2026-11-22 11:37:11`.
pub(crate) fn readable(realtime_ns: u64) -> String {
    let (year, month, day, hour, minute, second) = civil(realtime_ns);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// Nanoseconds since 1970 as ISO 8601's basic format, `20261122T113711Z`, which
/// suits file names.
pub(crate) fn compact(realtime_ns: u64) -> String {
    let (year, month, day, hour, minute, second) = civil(realtime_ns);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

/// Year, month, day, hour, minute, second of the Gregorian calendar.
fn civil(realtime_ns: u64) -> (u64, u64, u64, u64, u64, u64) {
    let seconds = realtime_ns / 1_000_000_000;
    let (day, second) = (seconds / 86_400, seconds % 86_400);
    // Counted from 0000-03-01, so that the leap day is the last of its year, and
    // the months' lengths repeat every five: 153 days.
    let day = day + 719_468;
    let (era, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = match month {
        0..=9 => (year, month + 3),
        _ => (year + 1, month - 9),
    };
    (
        era * 400 + year,
        month,
        day,
        second / 3_600,
        second / 60 % 60,
        second % 60,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds since 1970 by `date -u -d ... +%s`.
    #[test]
    fn as_date_says() {
        for (seconds, readable_, compact_) in [
            (0, "1970-01-01 00:00:00", "19700101T000000Z"),
            (951_782_400, "2000-02-29 00:00:00", "20000229T000000Z"),
            (1_709_251_199, "2024-02-29 23:59:59", "20240229T235959Z"),
            (1_795_347_431, "2026-11-22 11:37:11", "20261122T113711Z"),
            (4_107_542_399, "2100-02-28 23:59:59", "21000228T235959Z"),
            (4_107_542_400, "2100-03-01 00:00:00", "21000301T000000Z"),
        ] {
            assert_eq!(readable(seconds * 1_000_000_000), readable_);
            assert_eq!(compact(seconds * 1_000_000_000), compact_);
        }
    }
}
