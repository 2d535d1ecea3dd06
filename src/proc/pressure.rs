//! `/proc/pressure/{cpu,io,memory}`, Documentation/accounting/psi.rst. Averages
//! in hundredths of a percent, totals in microseconds. Since 4.20.
//!
//! With CONFIG_PSI_DEFAULT_DISABLED and no `psi=1` the files are not there, or
//! opening or reading them fails with EOPNOTSUPP. `/proc/pressure/irq` has no `some`
//! line and is not for this parser.

use super::text::{centi, decimal, lines, Line, ParseError, Reason};

#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pressure {
    /// Share of the last 10 s in which some task waited, in 1/100 %.
    pub some_avg10_centi: u64,
    /// The same of the last 60 s.
    pub some_avg60_centi: u64,
    /// The same of the last 300 s.
    pub some_avg300_centi: u64,
    /// All time in which some task waited, in us.
    pub some_total_us: u64,
    /// Share of the last 10 s in which all tasks waited, in 1/100 %. `None` for
    /// `cpu` before 5.13; since then the machine's `cpu` has a line of zeros,
    /// for a CPU that none of its tasks gets has no meaning there.
    pub full_avg10_centi: Option<u64>,
    /// The same of the last 60 s.
    pub full_avg60_centi: Option<u64>,
    /// The same of the last 300 s.
    pub full_avg300_centi: Option<u64>,
    /// All time in which all tasks waited, in us.
    pub full_total_us: Option<u64>,
}

/// Read one of the files of `/proc/pressure`.
pub fn parse(text: &[u8]) -> Result<Pressure, ParseError> {
    let (mut some, mut full) = (None, None);
    let mut lines = lines(text);
    for mut line in lines.by_ref() {
        match line.word() {
            Some(b"some") => some = Some(stall(&mut line)?),
            Some(b"full") => full = Some(stall(&mut line)?),
            _ => {}
        }
    }
    lines.ended()?;
    let some = some.ok_or(lines.missing("some"))?;
    Ok(Pressure {
        some_avg10_centi: some.avg10_centi,
        some_avg60_centi: some.avg60_centi,
        some_avg300_centi: some.avg300_centi,
        some_total_us: some.total_us,
        full_avg10_centi: full.map(|full| full.avg10_centi),
        full_avg60_centi: full.map(|full| full.avg60_centi),
        full_avg300_centi: full.map(|full| full.avg300_centi),
        full_total_us: full.map(|full| full.total_us),
    })
}

/// What of a file is recorded: no averages, for their windows fit no interval.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Totals {
    pub some_us: u64,
    pub full_us: Option<u64>,
}

/// Read the totals of one of the files, and nothing else of it.
pub fn totals(text: &[u8]) -> Result<Totals, ParseError> {
    let (mut some, mut full) = (None, None);
    let mut lines = lines(text);
    for mut line in lines.by_ref() {
        let total = match line.rest.first() {
            Some(b's') => &mut some,
            Some(b'f') => &mut full,
            _ => continue,
        };
        line.skip(4);
        *total = Some(named(&mut line, "total", decimal)?);
    }
    lines.ended()?;
    Ok(Totals {
        some_us: some.ok_or(lines.missing("some"))?,
        full_us: full,
    })
}

#[derive(Clone, Copy)]
struct Stall {
    avg10_centi: u64,
    avg60_centi: u64,
    avg300_centi: u64,
    total_us: u64,
}

fn stall(line: &mut Line<'_>) -> Result<Stall, ParseError> {
    Ok(Stall {
        avg10_centi: named(line, "avg10", centi)?,
        avg60_centi: named(line, "avg60", centi)?,
        avg300_centi: named(line, "avg300", centi)?,
        total_us: named(line, "total", decimal)?,
    })
}

fn named(
    line: &mut Line<'_>,
    field: &'static str,
    read: fn(&[u8]) -> Result<u64, Reason>,
) -> Result<u64, ParseError> {
    line.word()
        .and_then(|word| word.strip_prefix(field.as_bytes()))
        .and_then(|word| word.strip_prefix(b"="))
        .ok_or(Reason::Missing)
        .and_then(read)
        .map_err(|reason| line.error(field, reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, prefixes};
    use proptest::prelude::*;

    const CPU: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/pressure/cpu");
    const IO: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/pressure/io");
    const PI: &[u8] = include_bytes!("../../tests/captures/aarch64-raspi3b/proc/pressure/cpu");

    #[test]
    fn x86_64() {
        let expected = Pressure {
            some_avg10_centi: 0,
            some_avg60_centi: 14,
            some_avg300_centi: 42,
            some_total_us: 12400197,
            full_avg10_centi: Some(0),
            full_avg60_centi: Some(9),
            full_avg300_centi: Some(35),
            full_total_us: Some(11411644),
        };
        assert_eq!(parse(IO), Ok(expected));
        let cpu = parse(CPU).unwrap();
        assert_eq!((cpu.some_avg10_centi, cpu.some_total_us), (96, 35266854));
        assert_eq!(cpu.full_total_us, Some(0));
    }

    #[test]
    fn raspi3b() {
        let cpu = parse(PI).unwrap();
        assert_eq!((cpu.some_avg10_centi, cpu.some_avg300_centi), (61, 4));
        assert_eq!(cpu.some_total_us, 171795);
    }

    #[test]
    fn cpu_before_5_13_has_no_full_line() {
        let cpu = parse(b"some avg10=100.00 avg60=1.50 avg300=0.01 total=7\n").unwrap();
        assert_eq!((cpu.some_avg10_centi, cpu.full_total_us), (10000, None));
        assert_eq!((cpu.some_avg60_centi, cpu.some_avg300_centi), (150, 1));
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
        assert_eq!(fault(b"some avg10=0.0\n"), (1, "avg10", Reason::NotANumber));
        assert_eq!(fault(b"some avg60=0.00\n"), (1, "avg10", Reason::Missing));
        assert_eq!(
            fault(b"some avg10=0.00 avg60=0.00 avg300=0.00 total=18446744073709551616\n"),
            (1, "total", Reason::TooLarge)
        );
    }

    #[test]
    fn totals_alone() {
        let io = Totals {
            some_us: 12400197,
            full_us: Some(11411644),
        };
        assert_eq!(totals(IO), Ok(io));
        let cpu = b"some avg10=100.00 avg60=1.50 avg300=0.01 total=7\n";
        let before_5_13 = Totals {
            some_us: 7,
            full_us: None,
        };
        assert_eq!(totals(cpu), Ok(before_5_13));
        assert_eq!(
            totals(b"full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n").map_err(|e| e.field),
            Err("some")
        );
        assert_eq!(totals(b"some total=7\n").map_err(|e| e.field), Err("total"));
        let some = IO.iter().position(|&b| b == b'\n').unwrap() + 1;
        for cut in prefixes(IO) {
            assert_eq!(totals(cut).is_ok(), cut.len() == some);
        }
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
            let _ = (parse(&text), totals(&text));
        }
    }
}
