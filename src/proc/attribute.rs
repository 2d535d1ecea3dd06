//! Attributes of `/sys`: one value a file, sysfs(5).

use super::number::{decimal, Reason};
use super::text::{lines, split_once, ParseError};

/// A decimal number, such as `scaling_cur_freq`.
pub(crate) fn number(text: &[u8]) -> Result<u64, ParseError> {
    only(text, decimal)
}

/// A number that may be negative, such as a thermal zone's `temp`.
pub(crate) fn signed(text: &[u8]) -> Result<i64, ParseError> {
    let magnitude = only(text, |word| {
        decimal(word.strip_prefix(b"-").unwrap_or(word)).and_then(|value| match value >> 63 {
            0 => Ok(value),
            _ => Err(Reason::TooLarge),
        })
    })?;
    let magnitude = i64::try_from(magnitude).unwrap_or(i64::MAX);
    Ok(match text.first() {
        Some(b'-') => magnitude.saturating_neg(),
        _ => magnitude,
    })
}

/// A hexadecimal number without `0x`, as a Raspberry Pi's `get_throttled`.
pub(crate) fn hexadecimal(text: &[u8]) -> Result<u64, ParseError> {
    only(text, super::number::hexadecimal)
}

/// Calls `each` with every number of a list, such as `related_cpus`.
pub(crate) fn numbers(text: &[u8], mut each: impl FnMut(u64)) -> Result<(), ParseError> {
    let mut lines = lines(text);
    for mut line in lines.by_ref() {
        while let Some(word) = line.word() {
            each(decimal(word).map_err(|reason| line.error("value", reason))?);
        }
    }
    lines.ended()
}

/// Calls `each` with every number below `end` of a list such as `0-1,4`, which is how
/// the kernel prints sets of CPUs (`%*pbl`).
pub(crate) fn ranges(text: &[u8], end: u64, mut each: impl FnMut(u64)) -> Result<(), ParseError> {
    let mut lines = lines(text);
    let mut line = lines.next().ok_or(lines.missing("value"))?;
    let list = line.word().unwrap_or_default();
    for range in list.split(|&byte| byte == b',').filter(|r| !r.is_empty()) {
        let (first, last) = split_once(b'-', range).unwrap_or((range, range));
        let number = |word| decimal(word).map_err(|reason| line.error("value", reason));
        (number(first)?..=number(last)?.min(end.saturating_sub(1))).for_each(&mut each);
    }
    lines.ended()
}

/// The first word of the text, and no other.
fn only(text: &[u8], read: fn(&[u8]) -> Result<u64, Reason>) -> Result<u64, ParseError> {
    let mut lines = lines(text);
    let mut line = lines.next().ok_or(lines.missing("value"))?;
    let value = line.value("value", read)?;
    match line.word() {
        None => lines.ended().map(|()| value),
        Some(_) => Err(line.error("value", Reason::NotANumber)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, names_a_line, prefixes};
    use proptest::prelude::*;

    fn fault(result: Result<u64, ParseError>) -> (u32, Reason) {
        let error = result.unwrap_err();
        (error.line, error.reason)
    }

    #[test]
    fn values() {
        assert_eq!(number(b"1200000\n"), Ok(1200000));
        assert_eq!(signed(b"48312\n"), Ok(48312));
        assert_eq!(signed(b"-5500\n"), Ok(-5500));
        assert_eq!(signed(b"9223372036854775807\n"), Ok(i64::MAX));
        assert_eq!(hexadecimal(b"50005\n"), Ok(0x50005));
        let mut list = Vec::new();
        numbers(b"0 1 2 3 \n", |number| list.push(number)).unwrap();
        assert_eq!(list, [0, 1, 2, 3]);
        list.clear();
        ranges(b"0-1,4-5,9,300-18446744073709551615\n", 301, |number| {
            list.push(number)
        })
        .unwrap();
        assert_eq!(list, [0, 1, 4, 5, 9, 300]);
        assert_eq!(ranges(b"\n", 9, |_| panic!("an empty set")), Ok(()));
    }

    #[test]
    fn faults_are_named() {
        // As cpufreq prints an unknown frequency.
        assert_eq!(fault(number(b"<unknown>\n")), (1, Reason::NotANumber));
        assert_eq!(fault(number(b"1 2\n")), (1, Reason::NotANumber));
        assert_eq!(fault(number(b"")), (1, Reason::Missing));
        assert_eq!(fault(number(b"\n")), (1, Reason::Missing));
        assert_eq!(fault(hexadecimal(b"0x5\n")), (1, Reason::NotANumber));
        for text in [&b"--5\n"[..], b"-\n", b"-9223372036854775808\n"] {
            assert!(signed(text).is_err(), "{text:?}");
        }
        assert!(numbers(b"0 x\n", |_| {}).is_err());
        for text in [&b"0-\n"[..], b"x\n", b"0-1", b""] {
            assert!(ranges(text, 9, |_| {}).is_err(), "{text:?}");
        }
    }

    #[test]
    fn cut_text_is_refused() {
        for cut in prefixes(b"-4831\n") {
            assert!(signed(cut).is_err());
        }
        for cut in prefixes(b"50005\n") {
            assert!(number(cut).is_err() && hexadecimal(cut).is_err());
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(b"-48312\n")) {
            let results = [
                number(&text).map(drop),
                signed(&text).map(drop),
                hexadecimal(&text).map(drop),
                numbers(&text, drop),
                ranges(&text, 300, drop),
            ];
            prop_assert!(results.iter().all(|result| names_a_line(&text, *result)));
        }
    }
}
