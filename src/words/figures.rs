//! Numbers as people read them.

/// Milli-percent as percent.
pub(crate) fn percent(milli_percent: f64) -> String {
    format!("{:.2}", milli_percent / 1000.0)
}

/// KiB as MiB.
pub(crate) fn mib(kib: f64) -> String {
    format!("{:.1}", kib / 1024.0)
}

/// Bytes in the unit that suits them.
pub(crate) fn bytes(bytes: u64) -> String {
    match bytes {
        // From 1023.95 on it would be 1024.0.
        0..=1_048_524 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{} MiB", mib(bytes as f64 / 1024.0)),
    }
}

/// The same, with a word for 0.
pub(crate) fn amount(amount: u64) -> String {
    match amount {
        0 => "nothing".to_owned(),
        some => bytes(some),
    }
}

/// A share in percent, rounded down: 0 and 100 only if that is exact.
pub(crate) fn share(part: u64, whole: u64) -> String {
    let percent = (u128::from(part) * 100).checked_div(u128::from(whole));
    match percent {
        None => "-".to_owned(),
        Some(0) if part > 0 => "<1".to_owned(),
        Some(percent) => percent.to_string(),
    }
}

/// `1 sample`, `2 samples`, `2 processes`.
pub(crate) fn counted(count: u64, thing: &str) -> String {
    let plural = match thing {
        _ if count == 1 => "",
        hissing if hissing.ends_with('s') => "es",
        _ => "s",
    };
    format!("{count} {thing}{plural}")
}

/// `1 process at a time was`, `2 processes at a time were`.
pub(crate) fn was(count: u64, thing: &str) -> String {
    let (name, rest) = thing.split_at(thing.find(' ').unwrap_or(thing.len()));
    let verb = if count == 1 { "was" } else { "were" };
    format!("{}{rest} {verb}", counted(count, name))
}

/// A span of time in its two largest units: `1 d 2 h`, `5 min 0 s`, `1.5 s`.
pub(crate) fn span(microseconds: u64) -> String {
    let ms = microseconds / 1000 + u64::from(microseconds % 1000 >= 500);
    if ms < 60_000 {
        let text = format!("{}.{:03}", ms / 1000, ms % 1000);
        return format!("{} s", text.trim_end_matches('0').trim_end_matches('.'));
    }
    let s = ms / 1000 + u64::from(ms % 1000 >= 500);
    let (min, h, d) = (s / 60, s / 3600, s / 86_400);
    match (d, h) {
        (0, 0) => format!("{min} min {} s", s % 60),
        (0, _) => format!("{h} h {} min", min % 60),
        _ => format!("{d} d {} h", h % 24),
    }
}

/// Bits of [`crate::log::fields::board::throttled`] in words.
pub(crate) fn named_bits(bits: u64) -> String {
    const NAMES: [&str; 4] = [
        "under-voltage",
        "frequency capped",
        "throttled",
        "soft temperature limit",
    ];
    let named = NAMES.iter().enumerate();
    let named = named.filter(|(bit, _)| bits >> bit & 1 == 1);
    named.map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        assert_eq!(span(0), "0 s");
        assert_eq!(span(1_500_000), "1.5 s");
        assert_eq!(span(1_000), "0.001 s");
        assert_eq!(span(300_000_400), "5 min 0 s");
        assert_eq!(span(299_999_900), "5 min 0 s");
        assert_eq!(span(5_400_000_000), "1 h 30 min");
        assert_eq!(span(93_600_000_000), "1 d 2 h");
    }

    #[test]
    fn shares_are_whole_only_where_they_are() {
        assert_eq!(share(0, 300), "0");
        assert_eq!(share(1, 300), "<1");
        assert_eq!(share(299, 300), "99");
        assert_eq!(share(300, 300), "100");
        assert_eq!(share(0, 0), "-");
    }

    #[test]
    fn units() {
        assert_eq!(percent(2_319.0), "2.32");
        assert_eq!(mib(948_304.0), "926.1");
        assert_eq!(bytes(8_793), "8.6 KiB");
        assert_eq!(bytes(3 << 19), "1.5 MiB");
        assert_eq!(bytes(1_048_524), "1023.9 KiB");
        assert_eq!(bytes(1_048_525), "1.0 MiB");
        assert_eq!(counted(1, "place"), "1 place");
        assert_eq!(counted(0, "place"), "0 places");
        assert_eq!(counted(1, "process"), "1 process");
        assert_eq!(counted(2, "process"), "2 processes");
    }
}
