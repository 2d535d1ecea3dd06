//! `/sys/block/zramN/mm_stat`, Documentation/admin-guide/blockdev/zram.rst; since
//! 4.1. Bytes.

use super::text::{lines, ParseError};

/// Memory of a compressed block device, in bytes.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Zram {
    /// Size of the stored data, uncompressed.
    pub(crate) orig_data_size: u64,
    /// Memory that it takes, with the allocator's overhead.
    pub(crate) mem_used_total: u64,
}

/// Reads `mm_stat`; the other numbers are skipped.
pub(crate) fn parse(text: &[u8]) -> Result<Zram, ParseError> {
    let mut lines = lines(text);
    let mut line = lines.next().ok_or(lines.missing("orig_data_size"))?;
    let orig_data_size = line.number("orig_data_size")?;
    line.skip(1); // compr_data_size
    let mem_used_total = line.number("mem_used_total")?;
    lines.ended()?;
    Ok(Zram {
        orig_data_size,
        mem_used_total,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, names_a_line, prefixes};
    use crate::proc::number::Reason;
    use proptest::prelude::*;

    /// As the kernel prints it: every number right-aligned in eight columns.
    const TEXT: &[u8] =
        b" 4096000  1048576  1179648        0  1212416      117        2        0        9\n";

    #[test]
    fn two_sizes() {
        let expected = Zram {
            orig_data_size: 4_096_000,
            mem_used_total: 1_179_648,
        };
        assert_eq!(parse(TEXT), Ok(expected));
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &[u8]| {
            let error = parse(text).unwrap_err();
            (error.line, error.field, error.reason)
        };
        assert_eq!(fault(b""), (1, "orig_data_size", Reason::Missing));
        assert_eq!(fault(b"1 2\n"), (1, "mem_used_total", Reason::Missing));
        assert_eq!(fault(b"1 2 x\n"), (1, "mem_used_total", Reason::NotANumber));
        for cut in prefixes(TEXT) {
            assert_eq!(parse(cut).is_ok(), cut.len() == TEXT.len());
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(TEXT)) {
            prop_assert!(names_a_line(&text, parse(&text)));
        }
    }
}
