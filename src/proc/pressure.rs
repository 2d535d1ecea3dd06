//! `/proc/pressure/{cpu,io,memory}`, Documentation/accounting/psi.rst. Totals
//! in microseconds. Since 4.20.
//!
//! With CONFIG_PSI_DEFAULT_DISABLED and no `psi=1` the files are not there, or
//! opening or reading them fails with EOPNOTSUPP. `/proc/pressure/irq` has no `some`
//! line and is not for this parser.

use super::number::{decimal, Reason};
use super::text::{lines, ParseError};

/// The totals of one file. The averages are not read: their windows fit no interval.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pressure {
    /// Time in which at least one task waited.
    pub(crate) some_us: u64,
    /// Time in which all tasks waited. `None` for `cpu` before 5.13, and zero since:
    /// it has no meaning for a whole machine.
    pub(crate) full_us: Option<u64>,
}

/// Reads one of the files of `/proc/pressure`.
pub(crate) fn parse(text: &[u8]) -> Result<Pressure, ParseError> {
    let (mut some, mut full) = (None, None);
    let mut lines = lines(text);
    for mut line in lines.by_ref() {
        let total = match line.rest.first() {
            Some(b's') => &mut some,
            Some(b'f') => &mut full,
            _ => continue,
        };
        line.skip(4);
        let word = line.word().and_then(|word| word.strip_prefix(b"total="));
        let read = word.ok_or(Reason::Missing).and_then(decimal);
        *total = Some(read.map_err(|reason| line.error("total", reason))?);
    }
    lines.ended()?;
    Ok(Pressure {
        some_us: some.ok_or(lines.missing("some"))?,
        full_us: full,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, names_a_line, prefixes};
    use proptest::prelude::*;

    const CPU: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/pressure/cpu");
    const IO: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/pressure/io");
    const PI: &[u8] = include_bytes!("../../tests/captures/aarch64-raspi3b/proc/pressure/cpu");

    #[test]
    fn captures() {
        let io = Pressure {
            some_us: 12400197,
            full_us: Some(11411644),
        };
        assert_eq!(parse(IO), Ok(io));
        let cpu = Pressure {
            some_us: 35266854,
            full_us: Some(0),
        };
        assert_eq!(parse(CPU), Ok(cpu));
        assert_eq!(parse(PI).unwrap().some_us, 171795);
    }

    #[test]
    fn cpu_before_5_13_has_no_full_line() {
        let cpu = b"some avg10=100.00 avg60=1.50 avg300=0.01 total=7\n";
        let expected = Pressure {
            some_us: 7,
            full_us: None,
        };
        assert_eq!(parse(cpu), Ok(expected));
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &[u8]| {
            let error = parse(text).unwrap_err();
            (error.line, error.field, error.reason)
        };
        assert_eq!(fault(b""), (1, "some", Reason::Missing));
        let full = b"full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
        assert_eq!(fault(full), (2, "some", Reason::Missing));
        assert_eq!(fault(b"some total=7\n"), (1, "total", Reason::Missing));
        assert_eq!(
            fault(b"some avg10=0.00 avg60=0.00 avg300=0.00 total=18446744073709551616\n"),
            (1, "total", Reason::TooLarge)
        );
    }

    #[test]
    fn cut_inside_a_line_is_refused() {
        let some = IO.iter().position(|&b| b == b'\n').unwrap() + 1;
        for cut in prefixes(IO) {
            assert_eq!(parse(cut).is_ok(), cut.len() == some);
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(IO)) {
            prop_assert!(names_a_line(&text, parse(&text)));
        }
    }
}
