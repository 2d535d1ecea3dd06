//! `/proc/meminfo`, proc_meminfo(5). All values in KiB (the kernel writes "kB").

use super::text::{lines, ParseError};
use crate::log::fields::memory::{self, MEM_AVAILABLE, MEM_FREE, MEM_TOTAL};
use crate::log::fields::{Values, NOT_OBSERVABLE};

/// Reads `/proc/meminfo` into the fields of [`memory`]. `MemTotal` and `MemFree` must be
/// there. A kernel built without swap or hugetlb leaves out lines that could only be 0.
// The fields are constants of the group, or those that it finds by name.
#[allow(clippy::indexing_slicing)]
pub(crate) fn parse(text: &[u8], values: &mut Values) -> Result<(), ParseError> {
    values.fill(0);
    values[MEM_AVAILABLE] = NOT_OBSERVABLE;
    let mut seen = 0_u32;
    let mut lines = lines(text);
    for mut line in lines.by_ref() {
        if let Some(field) = line.key().and_then(memory::place) {
            values[field] = line.number(memory::NAMES[field])?;
            seen |= 1 << field;
        }
    }
    lines.ended()?;
    for field in [MEM_TOTAL, MEM_FREE] {
        if seen & 1 << field == 0 {
            return Err(lines.missing(memory::NAMES[field]));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, names_a_line, prefixes};
    use proptest::prelude::*;

    use crate::proc::number::Reason;

    const X86: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/meminfo");
    const PI: &[u8] = include_bytes!("../../tests/captures/aarch64-raspi3b/proc/meminfo");
    const OLD: &[u8] = include_bytes!("../../tests/captures/handmade-4.9/proc/meminfo");

    fn read(text: &[u8]) -> Result<Values, ParseError> {
        let mut values = [7; 32];
        parse(text, &mut values).map(|()| values)
    }

    #[test]
    fn x86_64() {
        let expected = [
            ("MemTotal", 24684092),
            ("MemFree", 23644212),
            ("MemAvailable", 24261436),
            ("Buffers", 4828),
            ("Cached", 678572),
            ("SwapCached", 0),
            ("SwapTotal", 0),
            ("SwapFree", 0),
            ("Dirty", 2376),
            ("Writeback", 0),
            ("AnonPages", 22388),
            ("Mapped", 16796),
            ("Shmem", 8856),
            ("SReclaimable", 241672),
            ("SUnreclaim", 31720),
            ("KernelStack", 1760),
            ("PageTables", 1508),
            ("Hugetlb", 0),
        ];
        assert_eq!(expected.len(), memory::COUNT);
        let values = read(X86).unwrap();
        for (name, value) in expected {
            let field = memory::place(name.as_bytes()).unwrap();
            assert_eq!(values[field], value, "{name}");
        }
        assert_eq!(values[memory::COUNT..], [0; 32][memory::COUNT..]);
    }

    #[test]
    fn raspi3b() {
        let values = read(PI).unwrap();
        let available = memory::available(&values);
        assert_eq!((values[MEM_TOTAL], available), (936104, Some(871136)));
        let (cached, shmem) = (values[memory::CACHED], values[memory::SHMEM]);
        assert_eq!((cached, shmem), (1860, 1860));
    }

    #[test]
    fn kernel_4_9_lacks_hugetlb() {
        let values = read(OLD).unwrap();
        let (free, unreclaimable) = (values[MEM_FREE], values[memory::S_UNRECLAIM]);
        assert_eq!((free, unreclaimable), (601204, 12600));
        assert_eq!(values[memory::HUGETLB], 0);
    }

    #[test]
    fn similar_names_are_told_apart() {
        let text = b"MemTotal: 1 kB\nMemFree: 2 kB\nActive: 4 kB\n\
            Active(anon): 5 kB\nSwapCached: 6 kB\nWriteback: 7 kB\nWritebackTmp: 8 kB\n\
            Zswap: 9 kB\nHugetlb: 11 kB\nHugePages_Total: 12\n";
        let mut expected = Values::default();
        expected[MEM_TOTAL] = 1;
        expected[MEM_FREE] = 2;
        expected[MEM_AVAILABLE] = NOT_OBSERVABLE;
        expected[memory::SWAP_CACHED] = 6;
        expected[memory::WRITEBACK] = 7;
        expected[memory::HUGETLB] = 11;
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &[u8]| {
            let error = read(text).unwrap_err();
            (error.line, error.field, error.reason)
        };
        assert_eq!(fault(b""), (1, "MemTotal", Reason::Missing));
        assert_eq!(
            fault(b"MemTotal: 1 kB\nMemAvailable: 1 kB\n"),
            (3, "MemFree", Reason::Missing)
        );
        assert_eq!(
            fault(b"MemTotal: 1 kB\nDirty:  18446744073709551616 kB\n"),
            (2, "Dirty", Reason::TooLarge)
        );
        assert_eq!(
            fault(b"MemFree: x kB\n"),
            (1, "MemFree", Reason::NotANumber)
        );
        assert_eq!(fault(b"MemFree:\n"), (1, "MemFree", Reason::Missing));
    }

    #[test]
    fn cut_inside_a_line_is_refused() {
        for cut in prefixes(X86) {
            let needed = X86.windows(9).position(|w| w == b"\nMemAvail").unwrap() + 1;
            let whole_lines = cut.last() == Some(&b'\n');
            assert_eq!(read(cut).is_ok(), whole_lines && cut.len() >= needed);
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(X86)) {
            prop_assert!(names_a_line(&text, read(&text)));
        }
    }
}
