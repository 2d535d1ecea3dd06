//! `/proc/loadavg`, proc_loadavg(5). Loads in hundredths, the kernel's own
//! resolution.

use super::text::{centi, decimal, lines, split_once, ParseError, Reason};

#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct LoadAvg {
    /// Threads running, runnable or in uninterruptible sleep, averaged over
    /// about 1 minute; in hundredths.
    pub(crate) load1_centi: u64,
    /// The same over about 5 minutes.
    pub(crate) load5_centi: u64,
    /// The same over about 15 minutes.
    pub(crate) load15_centi: u64,
    /// Threads runnable now.
    pub(crate) runnable: u64,
    /// Threads that exist.
    pub(crate) entities: u64,
    /// The pid last given out in the reader's pid namespace.
    pub(crate) last_pid: u64,
}

/// Read `/proc/loadavg`.
pub(crate) fn parse(text: &[u8]) -> Result<LoadAvg, ParseError> {
    let mut lines = lines(text);
    let mut line = lines.next().ok_or(lines.missing("load1"))?;
    let load1_centi = line.value("load1", centi)?;
    let load5_centi = line.value("load5", centi)?;
    let load15_centi = line.value("load15", centi)?;
    let (runnable, entities) = line
        .word()
        .and_then(|word| split_once(b'/', word))
        .ok_or(line.error("runnable/entities", Reason::Missing))?;
    Ok(LoadAvg {
        load1_centi,
        load5_centi,
        load15_centi,
        runnable: decimal(runnable).map_err(|reason| line.error("runnable", reason))?,
        entities: decimal(entities).map_err(|reason| line.error("entities", reason))?,
        last_pid: line.number("last_pid")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, prefixes};
    use proptest::prelude::*;

    const X86: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/loadavg");

    #[test]
    fn x86_64() {
        let expected = LoadAvg {
            load1_centi: 25,
            load5_centi: 46,
            load15_centi: 38,
            runnable: 2,
            entities: 110,
            last_pid: 8026,
        };
        assert_eq!(parse(X86), Ok(expected));
    }

    #[test]
    fn load_of_a_board_that_thrashes() {
        let load = parse(b"1234.50 100.05 9.00 400/32768 4194303\n").unwrap();
        assert_eq!(load.load1_centi, 123450);
        assert_eq!(load.load5_centi, 10005);
        assert_eq!(load.load15_centi, 900);
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &[u8]| {
            let error = parse(text).unwrap_err();
            (error.line, error.field, error.reason)
        };
        assert_eq!(fault(b""), (1, "load1", Reason::Missing));
        assert_eq!(
            fault(b"0.1 0.00 0.00 1/2 3\n"),
            (1, "load1", Reason::NotANumber)
        );
        assert_eq!(
            fault(b"0.00 0.00 0.00 12 3\n"),
            (1, "runnable/entities", Reason::Missing)
        );
        assert_eq!(
            fault(b"0.00 0.00 0.00 1/ 3\n"),
            (1, "entities", Reason::NotANumber)
        );
        assert_eq!(
            fault(b"0.00 0.00 0.00 1/2 18446744073709551616\n"),
            (1, "last_pid", Reason::TooLarge)
        );
    }

    #[test]
    fn cut_text_is_refused() {
        for cut in prefixes(X86) {
            assert!(parse(cut).is_err(), "{} bytes", cut.len());
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(X86)) {
            let _ = parse(&text);
        }
    }
}
