//! `/proc/PID/statm`, proc_pid_statm(5). In pages.

use super::text::{lines, ParseError};

#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Statm {
    /// Pages of address space.
    pub(crate) size: u64,
    /// Pages in memory. On 6.18 exact, unlike `rss` in `/proc/PID/stat`; on 6.1 as inexact.
    pub(crate) resident: u64,
    /// Of these, pages of files and of shared memory, mapped by others or not.
    pub(crate) shared: u64,
}

/// Reads `/proc/PID/statm`.
pub(crate) fn parse(text: &[u8]) -> Result<Statm, ParseError> {
    let mut lines = lines(text);
    let mut line = lines.next().ok_or(lines.missing("size"))?;
    Ok(Statm {
        size: line.number("size")?,
        resident: line.number("resident")?,
        shared: line.number("shared")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, names_a_line, prefixes};
    use proptest::prelude::*;

    use crate::proc::number::Reason;

    const THREADS: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/8009/statm");
    const PI_SLEEP: &[u8] = include_bytes!("../../tests/captures/aarch64-raspi3b/proc/117/statm");

    #[test]
    fn x86_64() {
        let expected = Statm {
            size: 540,
            resident: 208,
            shared: 179,
        };
        assert_eq!(parse(THREADS), Ok(expected));
    }

    #[test]
    fn raspi3b_whose_kernel_has_not_folded_its_counters() {
        let expected = Statm {
            size: 522,
            resident: 1,
            shared: 0,
        };
        assert_eq!(parse(PI_SLEEP), Ok(expected));
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &[u8]| {
            let error = parse(text).unwrap_err();
            (error.line, error.field, error.reason)
        };
        assert_eq!(fault(b""), (1, "size", Reason::Missing));
        assert_eq!(fault(b"1 2\n"), (1, "shared", Reason::Missing));
        assert_eq!(fault(b"1 -2 3\n"), (1, "resident", Reason::NotANumber));
    }

    #[test]
    fn cut_text_is_refused_up_to_the_last_field() {
        for cut in prefixes(THREADS) {
            assert_eq!(parse(cut).is_ok(), cut.len() > b"540 208 179".len());
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(THREADS)) {
            prop_assert!(names_a_line(&text, parse(&text)));
        }
    }
}
