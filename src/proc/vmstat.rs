//! `/proc/vmstat`, proc_vmstat(5) and the kernel's mm/vmstat.c: `name value` a
//! line. Events since boot, in pages unless said otherwise.

use super::text::{lines, ParseError};

/// Every counter is an `Option`: a kernel may be built without events
/// (CONFIG_VM_EVENT_COUNTERS) or without the feature that one counts, and not
/// observable is not zero.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct VmStat {
    /// Pages reclaimed because the machine was short of memory, by whoever did
    /// it: `pgsteal_kswapd`, `pgsteal_direct`, and where the kernel has them
    /// `pgsteal_khugepaged` and `pgsteal_proactive`, which before were part of
    /// `pgsteal_direct`. Up to 6.18 without what a memory cgroup's own limit or
    /// `memory.reclaim` made the kernel reclaim.
    pub(crate) pgsteal: Option<u64>,
    /// `pgsteal_anon` and `pgsteal_file`, since 5.8: pages reclaimed by what
    /// they held. The same pages as in `pgsteal`, so never add the two, but
    /// with those reclaimed within a memory cgroup.
    pub(crate) pgsteal_lru: Option<u64>,
    pub(crate) pswpin: Option<u64>,
    pub(crate) pswpout: Option<u64>,
    pub(crate) pgmajfault: Option<u64>,
    /// With CONFIG_MIGRATION.
    pub(crate) pgmigrate_success: Option<u64>,
    /// Processes killed for want of memory, by cgroup limits too. Since 4.13.
    pub(crate) oom_kill: Option<u64>,
    /// Read from block devices, in KiB.
    pub(crate) pgpgin: Option<u64>,
    /// Written to block devices, in KiB.
    pub(crate) pgpgout: Option<u64>,
}

/// What was found of the counters, and where.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Found {
    pub(crate) stat: VmStat,
    /// How many lines were of use.
    pub(crate) lines: u32,
    /// Where the first of them begins and the last ends: nothing else is needed.
    /// Both move as the numbers grow.
    pub(crate) begin: usize,
    pub(crate) end: usize,
}

/// How the names below begin.
const BEGINNINGS: [&[u8; 4]; 6] = [b"pgst", b"pgpg", b"pswp", b"pgma", b"pgmi", b"oom_"];

/// Read `/proc/vmstat`.
pub(crate) fn parse(text: &[u8]) -> Result<Found, ParseError> {
    let mut found = Found::default();
    let stat = &mut found.stat;
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
        match line.word() {
            Some(b"pgsteal_kswapd") => add(&mut stat.pgsteal, line.number("pgsteal_kswapd")?),
            Some(b"pgsteal_direct") => add(&mut stat.pgsteal, line.number("pgsteal_direct")?),
            Some(b"pgsteal_khugepaged") => {
                add(&mut stat.pgsteal, line.number("pgsteal_khugepaged")?);
            }
            Some(b"pgsteal_proactive") => add(&mut stat.pgsteal, line.number("pgsteal_proactive")?),
            Some(b"pgsteal_anon") => add(&mut stat.pgsteal_lru, line.number("pgsteal_anon")?),
            Some(b"pgsteal_file") => add(&mut stat.pgsteal_lru, line.number("pgsteal_file")?),
            Some(b"pswpin") => stat.pswpin = Some(line.number("pswpin")?),
            Some(b"pswpout") => stat.pswpout = Some(line.number("pswpout")?),
            Some(b"pgmajfault") => stat.pgmajfault = Some(line.number("pgmajfault")?),
            Some(b"pgmigrate_success") => {
                stat.pgmigrate_success = Some(line.number("pgmigrate_success")?);
            }
            Some(b"oom_kill") => stat.oom_kill = Some(line.number("oom_kill")?),
            Some(b"pgpgin") => stat.pgpgin = Some(line.number("pgpgin")?),
            Some(b"pgpgout") => stat.pgpgout = Some(line.number("pgpgout")?),
            _ => continue,
        }
        if found.lines == 0 {
            found.begin = text.len().saturating_sub(left);
        }
        found.lines = found.lines.saturating_add(1);
        found.end = text.len().saturating_sub(lines.rest.len());
    }
    lines.ended()?;
    Ok(found)
}

fn add(sum: &mut Option<u64>, value: u64) {
    *sum = Some(sum.unwrap_or(0).saturating_add(value));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, prefixes};
    use proptest::prelude::*;

    use crate::proc::text::Reason;

    const X86: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/vmstat");
    const PI: &[u8] = include_bytes!("../../tests/captures/aarch64-raspi3b/proc/vmstat");
    const OLD: &[u8] = include_bytes!("../../tests/captures/handmade-4.9/proc/vmstat");

    #[test]
    fn x86_64_after_a_cgroup_hit_its_limit() {
        let expected = VmStat {
            pgsteal: Some(0),
            pgsteal_lru: Some(22038),
            pswpin: Some(0),
            pswpout: Some(0),
            pgmajfault: Some(2606),
            pgmigrate_success: Some(0),
            oom_kill: Some(0),
            pgpgin: Some(3788129),
            pgpgout: Some(3895888),
        };
        assert_eq!(parse(X86).unwrap().stat, expected);
    }

    #[test]
    fn raspi3b_that_has_no_disk() {
        let stat = parse(PI).unwrap().stat;
        assert_eq!((stat.pgpgin, stat.pgpgout), (Some(0), Some(0)));
        assert_eq!((stat.pgsteal, stat.oom_kill), (Some(0), Some(0)));
    }

    #[test]
    fn kernel_4_9_does_not_count_oom_kills() {
        let expected = VmStat {
            pgsteal: Some(5220),
            pgsteal_lru: None,
            pswpin: Some(0),
            pswpout: Some(0),
            pgmajfault: Some(1900),
            pgmigrate_success: Some(77),
            oom_kill: None,
            pgpgin: Some(181220),
            pgpgout: Some(64008),
        };
        assert_eq!(parse(OLD).unwrap().stat, expected);
    }

    #[test]
    fn pages_are_stolen_once() {
        let text = b"pgsteal_kswapd 1\npgsteal_direct 20\npgsteal_khugepaged 300\n\
            pgsteal_proactive 4000\npgscan_direct 7\npgsteal_anon 21\npgsteal_file 4500\n";
        let stat = parse(text).unwrap().stat;
        assert_eq!((stat.pgsteal, stat.pgsteal_lru), (Some(4321), Some(4521)));
        let text = b"pgsteal_kswapd 18446744073709551615\npgsteal_direct 1\n";
        assert_eq!(parse(text).unwrap().stat.pgsteal, Some(u64::MAX));
    }

    #[test]
    fn without_event_counters_nothing_is_observable() {
        assert_eq!(parse(b"nr_free_pages 5\n"), Ok(Found::default()));
    }

    /// As grep -b has it.
    #[test]
    fn all_that_is_needed_stands_in_the_first_lines() {
        let found = parse(X86).unwrap();
        assert_eq!((found.lines, found.begin, found.end), (13, 1576, 2605 + 20));
        assert!(X86[..found.end].ends_with(b"\npgmigrate_success 0\n"));
        assert_eq!(parse(&X86[..found.end]), Ok(found));
        assert_eq!(parse(&X86[..found.end - 20]).unwrap().lines, 12);
        let alone = parse(&X86[found.begin..found.end]).unwrap();
        assert_eq!((alone.stat, alone.begin), (found.stat, 0));
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &[u8]| {
            let error = parse(text).unwrap_err();
            (error.line, error.field, error.reason)
        };
        assert_eq!(fault(b"a 1\npswpin\n"), (2, "pswpin", Reason::Missing));
        assert_eq!(fault(b"oom_kill x\n"), (1, "oom_kill", Reason::NotANumber));
        assert_eq!(
            fault(b"pgsteal_kswapd 18446744073709551616\n"),
            (1, "pgsteal_kswapd", Reason::TooLarge)
        );
    }

    #[test]
    fn cut_inside_a_line_is_refused() {
        for cut in prefixes(X86) {
            let whole_lines = cut.last().map_or(true, |&b| b == b'\n');
            assert_eq!(parse(cut).is_ok(), whole_lines);
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(X86)) {
            let _ = parse(&text);
        }
    }
}
