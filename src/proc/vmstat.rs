//! `/proc/vmstat`, proc_vmstat(5) and the kernel's mm/vmstat.c: `name value` a line.
//! Events since boot, in pages unless said otherwise.

use super::text::{lines, ParseError};
use crate::log::fields::vmstat::{self, COUNT, NAMES, PGSTEAL, PGSTEAL_LRU};
use crate::log::fields::{Values, NOT_OBSERVABLE};

/// The part of the text that holds all lines of use. Both ends move as the numbers grow.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Extent {
    /// How many lines are of use.
    pub(crate) lines: u32,
    /// Where the first of them begins and the last ends.
    pub(crate) begin: usize,
    pub(crate) end: usize,
}

/// The beginnings of the names of [`vmstat`].
const BEGINNINGS: [[u8; 4]; COUNT] = beginnings();

// It is run by the compiler, which refuses to leave an array.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
const fn beginnings() -> [[u8; 4]; COUNT] {
    let mut all = [[0; 4]; COUNT];
    let mut field = 0;
    while field < COUNT {
        let name = NAMES[field].as_bytes();
        all[field] = [name[0], name[1], name[2], name[3]];
        field += 1;
    }
    all
}

/// Reads `/proc/vmstat` into the fields of [`vmstat`]. A kernel may be built without
/// events (CONFIG_VM_EVENT_COUNTERS) or without the feature that one counts, and not
/// observable is not zero.
// The fields are constants of the group, or those that it finds by name.
#[allow(clippy::indexing_slicing)]
pub(crate) fn parse(text: &[u8], values: &mut Values) -> Result<Extent, ParseError> {
    values[..COUNT].fill(NOT_OBSERVABLE);
    let mut extent = Extent::default();
    let mut lines = lines(text);
    loop {
        let left = lines.rest.len();
        let Some(mut line) = lines.next() else {
            break;
        };
        // Some 200 lines, of which a dozen are of use.
        let begin = line.rest.get(..4);
        if !BEGINNINGS.iter().any(|known| begin == Some(&known[..])) {
            continue;
        }
        let field = match line.word() {
            Some(
                b"pgsteal_kswapd"
                | b"pgsteal_direct"
                | b"pgsteal_khugepaged"
                | b"pgsteal_proactive",
            ) => Some(PGSTEAL),
            Some(b"pgsteal_anon" | b"pgsteal_file") => Some(PGSTEAL_LRU),
            word => word.and_then(vmstat::place),
        };
        let Some(field) = field else {
            continue;
        };
        let value = line.number(NAMES[field])?;
        values[field] = match values[field] {
            NOT_OBSERVABLE => value,
            sum => sum.saturating_add(value),
        };
        if extent.lines == 0 {
            extent.begin = text.len().saturating_sub(left);
        }
        extent.lines = extent.lines.saturating_add(1);
        extent.end = text.len().saturating_sub(lines.rest.len());
    }
    lines.ended()?;
    Ok(extent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, names_a_line, prefixes};
    use proptest::prelude::*;

    use crate::proc::number::Reason;

    const X86: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/vmstat");
    const PI: &[u8] = include_bytes!("../../tests/captures/aarch64-raspi3b/proc/vmstat");
    const OLD: &[u8] = include_bytes!("../../tests/captures/handmade-4.9/proc/vmstat");

    fn read(text: &[u8]) -> Result<(Extent, [Option<u64>; COUNT]), ParseError> {
        let mut values = [7; 32];
        let extent = parse(text, &mut values)?;
        assert_eq!(values[COUNT..], [7; 32][COUNT..]);
        let known = |field| Some(values[field]).filter(|value| *value != NOT_OBSERVABLE);
        Ok((extent, std::array::from_fn(known)))
    }

    fn counts(text: &[u8]) -> [Option<u64>; COUNT] {
        read(text).unwrap().1
    }

    #[test]
    fn x86_64_after_a_cgroup_hit_its_limit() {
        let expected = [
            (PGSTEAL, Some(0)),
            (PGSTEAL_LRU, Some(22038)),
            (vmstat::PSWPIN, Some(0)),
            (vmstat::PSWPOUT, Some(0)),
            (vmstat::PGMAJFAULT, Some(2606)),
            (vmstat::PGMIGRATE_SUCCESS, Some(0)),
            (vmstat::OOM_KILL, Some(0)),
            (vmstat::PGPGIN, Some(3788129)),
            (vmstat::PGPGOUT, Some(3895888)),
        ];
        assert_eq!(
            expected.map(|(field, _)| counts(X86)[field]),
            expected.map(|(_, count)| count)
        );
    }

    #[test]
    fn raspi3b_that_has_no_disk() {
        for field in [vmstat::PGPGIN, vmstat::PGPGOUT, PGSTEAL, vmstat::OOM_KILL] {
            assert_eq!(counts(PI)[field], Some(0), "{}", NAMES[field]);
        }
    }

    #[test]
    fn kernel_4_9_does_not_count_oom_kills() {
        let expected = [
            (PGSTEAL, Some(5220)),
            (PGSTEAL_LRU, None),
            (vmstat::PSWPIN, Some(0)),
            (vmstat::PSWPOUT, Some(0)),
            (vmstat::PGMAJFAULT, Some(1900)),
            (vmstat::PGMIGRATE_SUCCESS, Some(77)),
            (vmstat::OOM_KILL, None),
            (vmstat::PGPGIN, Some(181220)),
            (vmstat::PGPGOUT, Some(64008)),
        ];
        assert_eq!(
            expected.map(|(field, _)| counts(OLD)[field]),
            expected.map(|(_, count)| count)
        );
    }

    #[test]
    fn pages_are_stolen_once() {
        let text = b"pgsteal_kswapd 1\npgsteal_direct 20\npgsteal_khugepaged 300\n\
            pgsteal_proactive 4000\npgscan_direct 7\npgsteal_anon 21\npgsteal_file 4500\n";
        assert_eq!(counts(text)[PGSTEAL], Some(4321));
        assert_eq!(counts(text)[PGSTEAL_LRU], Some(4521));
    }

    #[test]
    fn without_event_counters_nothing_is_observable() {
        let nothing = (Extent::default(), [None; COUNT]);
        assert_eq!(read(b"nr_free_pages 5\n"), Ok(nothing));
    }

    /// As grep -b has it.
    #[test]
    fn all_that_is_needed_stands_in_the_first_lines() {
        let (extent, counts) = read(X86).unwrap();
        let (begin, end) = (extent.begin, extent.end);
        assert_eq!((extent.lines, begin, end), (13, 1576, 2605 + 20));
        assert!(X86[..end].ends_with(b"\npgmigrate_success 0\n"));
        assert_eq!(read(&X86[..end]), Ok((extent, counts)));
        assert_eq!(read(&X86[..end - 20]).unwrap().0.lines, 12);
        let alone = read(&X86[begin..end]).unwrap();
        assert_eq!((alone.0.begin, alone.1), (0, counts));
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &[u8]| {
            let error = read(text).unwrap_err();
            (error.line, error.field, error.reason)
        };
        assert_eq!(fault(b"a 1\npswpin\n"), (2, "pswpin", Reason::Missing));
        assert_eq!(fault(b"oom_kill x\n"), (1, "oom_kill", Reason::NotANumber));
        assert_eq!(
            fault(b"pgsteal_kswapd 18446744073709551616\n"),
            (1, "pgsteal", Reason::TooLarge)
        );
    }

    #[test]
    fn cut_inside_a_line_is_refused() {
        for cut in prefixes(X86) {
            let whole_lines = cut.last().map_or(true, |&b| b == b'\n');
            assert_eq!(read(cut).is_ok(), whole_lines);
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(X86)) {
            prop_assert!(names_a_line(&text, read(&text)));
        }
    }
}
