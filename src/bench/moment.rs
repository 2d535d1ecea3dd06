//! The moment that a line of a journal begins with.

/// Seconds since 1970 of a moment such as `20261128T120000Z`.
// Of eight digits and of six.
#[allow(clippy::arithmetic_side_effects)]
pub(crate) fn seconds(moment: &str) -> Option<u64> {
    let (date, time) = moment.strip_suffix('Z')?.split_once('T')?;
    if (date.len(), time.len()) != (8, 6) {
        return None;
    }
    let (date, time): (u64, u64) = (date.parse().ok()?, time.parse().ok()?);
    // In years that begin in March the months' lengths repeat every five: 153 days.
    let month = date / 100 % 100;
    let (year, month) = match month > 2 {
        true => (date / 10_000, month - 3),
        false => ((date / 10_000).checked_sub(1)?, month + 9),
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    let days = 365 * year + leap_days + (153 * month + 2) / 5 + date % 100;
    let days = days.checked_sub(719_469)?;
    Some(days * 86_400 + time / 10_000 * 3_600 + time / 100 % 100 * 60 + time % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By `date -u -d ... +%s`.
    #[test]
    fn as_date_says() {
        for (moment, expected) in [
            ("19700101T000000Z", Some(0)),
            ("20000229T000000Z", Some(951_782_400)),
            ("20240229T235959Z", Some(1_709_251_199)),
            ("20261122T113711Z", Some(1_795_347_431)),
            ("21000228T235959Z", Some(4_107_542_399)),
            ("21000301T000000Z", Some(4_107_542_400)),
            ("19691231T235959Z", None),
            ("00000101T000000Z", None),
            ("20261122T113711", None),
            ("2026-11-22 11:37:11", None),
            ("2026112xT113711Z", None),
            ("", None),
        ] {
            assert_eq!(seconds(moment), expected, "{moment}");
        }
    }
}
