//! `/proc/PID/schedstat`, Documentation/scheduler/sched-stats.rst. Times in ns.
//!
//! Of the main thread alone: it says nothing of the other threads. The kernel
//! writes `0 0 0` where scheduler information is off at run time, and has no
//! such file without CONFIG_SCHED_INFO.

use super::text::{lines, ParseError};

#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SchedStat {
    /// Time on a CPU, in ns.
    pub(crate) run_time_ns: u64,
    /// Time runnable but waiting for a CPU, in ns.
    pub(crate) wait_ns: u64,
    /// How often it was put on a CPU.
    pub(crate) timeslices: u64,
}

/// Read `/proc/PID/schedstat`.
pub(crate) fn parse(text: &[u8]) -> Result<SchedStat, ParseError> {
    let mut lines = lines(text);
    let mut line = lines.next().ok_or(lines.missing("run_time"))?;
    Ok(SchedStat {
        run_time_ns: line.number("run_time")?,
        wait_ns: line.number("wait")?,
        timeslices: line.number("timeslices")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, names_a_line, prefixes};
    use proptest::prelude::*;

    use crate::proc::text::Reason;

    const THREADS: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/8009/schedstat");
    const PI_ZOMBIE: &[u8] =
        include_bytes!("../../tests/captures/aarch64-raspi3b/proc/121/schedstat");

    #[test]
    fn x86_64_and_raspi3b() {
        let expected = SchedStat {
            run_time_ns: 1443070,
            wait_ns: 3148865,
            timeslices: 5,
        };
        assert_eq!(parse(THREADS), Ok(expected));
        let expected = SchedStat {
            run_time_ns: 61942240,
            wait_ns: 3188256,
            timeslices: 9,
        };
        assert_eq!(parse(PI_ZOMBIE), Ok(expected));
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &[u8]| {
            let error = parse(text).unwrap_err();
            (error.line, error.field, error.reason)
        };
        assert_eq!(fault(b""), (1, "run_time", Reason::Missing));
        assert_eq!(fault(b"1 2\n3\n"), (1, "timeslices", Reason::Missing));
        assert_eq!(fault(b"1 -2 3\n"), (1, "wait", Reason::NotANumber));
        assert_eq!(
            fault(b"18446744073709551616 0 0\n"),
            (1, "run_time", Reason::TooLarge)
        );
    }

    #[test]
    fn cut_text_is_refused() {
        for cut in prefixes(THREADS) {
            assert!(parse(cut).is_err(), "{} bytes", cut.len());
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(THREADS)) {
            prop_assert!(names_a_line(&text, parse(&text)));
        }
    }
}
