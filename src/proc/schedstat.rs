//! `/proc/PID/schedstat`, Documentation/scheduler/sched-stats.rst. Times in ns.
//!
//! Of the main thread alone: it says nothing of the other threads. The kernel
//! writes `0 0 0` where scheduler information is off at run time, and has no
//! such file without CONFIG_SCHED_INFO.

use super::text::{lines, ParseError};

/// Reads the time on a CPU in `/proc/PID/schedstat`, in ns; 0 for a thread that never
/// ran.
pub(crate) fn run_time_ns(text: &[u8]) -> Result<u64, ParseError> {
    let mut lines = lines(text);
    let mut line = lines.next().ok_or(lines.missing("run_time"))?;
    line.number("run_time")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, names_a_line, prefixes};
    use proptest::prelude::*;

    use crate::proc::number::Reason;

    const THREADS: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/8009/schedstat");
    const PI_ZOMBIE: &[u8] =
        include_bytes!("../../tests/captures/aarch64-raspi3b/proc/121/schedstat");

    #[test]
    fn x86_64_and_raspi3b() {
        assert_eq!(run_time_ns(THREADS), Ok(1443070));
        assert_eq!(run_time_ns(PI_ZOMBIE), Ok(61942240));
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &[u8]| {
            let error = run_time_ns(text).unwrap_err();
            (error.line, error.field, error.reason)
        };
        assert_eq!(fault(b""), (1, "run_time", Reason::Missing));
        assert_eq!(fault(b"-1 2 3\n"), (1, "run_time", Reason::NotANumber));
        assert_eq!(
            fault(b"18446744073709551616 0 0\n"),
            (1, "run_time", Reason::TooLarge)
        );
    }

    #[test]
    fn a_cut_number_is_refused() {
        for cut in prefixes(THREADS) {
            assert_eq!(run_time_ns(cut).is_ok(), cut.len() > b"1443070".len());
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(THREADS)) {
            prop_assert!(names_a_line(&text, run_time_ns(&text)));
        }
    }
}
