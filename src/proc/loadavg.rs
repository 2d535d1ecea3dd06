//! `/proc/loadavg`, proc_loadavg(5). Loads in hundredths, the kernel's own resolution.

use super::number::{centi, decimal, Reason};
use super::text::{lines, split_once, ParseError};
use crate::log::fields::kernel::{ENTITIES, LOAD15_CENTI, LOAD1_CENTI, LOAD5_CENTI, NAMES};
use crate::log::fields::Values;

/// Reads `/proc/loadavg` into its fields of the group `kernel`.
// The fields are constants of the group.
#[allow(clippy::indexing_slicing)]
pub(crate) fn parse(text: &[u8], values: &mut Values) -> Result<(), ParseError> {
    let mut lines = lines(text);
    let mut line = lines.next().ok_or(lines.missing(NAMES[LOAD1_CENTI]))?;
    for field in [LOAD1_CENTI, LOAD5_CENTI, LOAD15_CENTI] {
        values[field] = line.value(NAMES[field], centi)?;
    }
    // Behind the runnable threads, which /proc/stat has too.
    let word = line.word().and_then(|word| split_once(b'/', word));
    let (_, entities) = word.ok_or(line.error(NAMES[ENTITIES], Reason::Missing))?;
    values[ENTITIES] = decimal(entities).map_err(|reason| line.error(NAMES[ENTITIES], reason))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, names_a_line, prefixes};
    use proptest::prelude::*;

    const X86: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/loadavg");

    fn read(text: &[u8]) -> Result<[u64; 8], ParseError> {
        let mut values = Values::default();
        parse(text, &mut values)?;
        assert_eq!(values[8..], [0; 24]);
        Ok(std::array::from_fn(|field| values[field]))
    }

    #[test]
    fn x86_64() {
        assert_eq!(read(X86), Ok([0, 0, 0, 0, 25, 46, 38, 110]));
    }

    #[test]
    fn load_of_a_board_that_thrashes() {
        let text = b"1234.50 100.05 9.00 400/32768 4194303\n";
        let expected = [0, 0, 0, 0, 123450, 10005, 900, 32768];
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &[u8]| {
            let error = read(text).unwrap_err();
            (error.line, error.field, error.reason)
        };
        assert_eq!(fault(b""), (1, "load1_centi", Reason::Missing));
        assert_eq!(
            fault(b"0.1 0.00 0.00 1/2 3\n"),
            (1, "load1_centi", Reason::NotANumber)
        );
        assert_eq!(
            fault(b"0.00 0.00 0.00 12 3\n"),
            (1, "entities", Reason::Missing)
        );
        assert_eq!(
            fault(b"0.00 0.00 0.00 1/ 3\n"),
            (1, "entities", Reason::NotANumber)
        );
        assert_eq!(
            fault(b"0.00 0.00 0.00 1/18446744073709551616 3\n"),
            (1, "entities", Reason::TooLarge)
        );
    }

    #[test]
    fn cut_text_is_refused_up_to_the_last_field() {
        for cut in prefixes(X86) {
            assert_eq!(read(cut).is_ok(), cut.len() > b"0.25 0.46 0.38 2/110".len());
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(X86)) {
            prop_assert!(names_a_line(&text, read(&text)));
        }
    }
}
