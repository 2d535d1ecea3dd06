//! `/proc/PID/stat`, proc_pid_stat(5). Times in USER_HZ, `vsize` in bytes, `rss`
//! in pages.

use super::number::{decimal, Reason};
use super::text::{split_once, Line, ParseError};

const PF_KTHREAD: u64 = 0x0020_0000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct PidStat<'a> {
    pub(crate) pid: u32,
    /// Any bytes but NUL, chosen by the process: at most 15, for kernel workers 63.
    pub(crate) comm: &'a [u8],
    /// `R`, `S`, `D`, `Z`, `T`, `t`, `I`, `X`. `Z` is the main thread's
    /// state: other threads of the group may still run.
    pub(crate) state: u8,
    /// 0 for PIDs 1 and 2, and for a parent outside the pid namespace.
    pub(crate) ppid: u32,
    /// The `PF_*` bits of the kernel's `linux/sched.h`.
    pub(crate) flags: u64,
    pub(crate) majflt: u64,
    /// Of all threads, those that have ended included. USER_HZ.
    pub(crate) utime: u64,
    /// As `utime`.
    pub(crate) stime: u64,
    /// Of children that were waited for, and of theirs. USER_HZ.
    pub(crate) cutime: u64,
    /// As `cutime`.
    pub(crate) cstime: u64,
    /// 0 for a process that is being reaped.
    pub(crate) num_threads: u64,
    /// After boot (CLOCK_BOOTTIME), USER_HZ. With `pid` the process's identity.
    pub(crate) starttime: u64,
    /// Bytes of address space.
    pub(crate) vsize: u64,
    /// Pages in memory, to which hugetlb does not count. Not exact: before 6.2
    /// each thread keeps to itself what its last 64 page faults mapped, up to 16
    /// pages a fault (a `sleep` of 307 pages shows 1); since then there are
    /// per-CPU counters, folded in batches. smaps_rollup is exact.
    pub(crate) rss: u64,
    /// 0 for a process without memory (kernel thread, zombie), 1 where the reader lacks the
    /// right to see it.
    pub(crate) startcode: u64,
}

impl PidStat<'_> {
    pub(crate) fn is_kernel_thread(&self) -> bool {
        self.flags & PF_KTHREAD != 0
    }
}

/// Reads `/proc/PID/stat`, up to `startcode`. Errors are in line 1 even if `comm` holds
/// newlines.
pub(crate) fn parse(text: &[u8]) -> Result<PidStat<'_>, ParseError> {
    let missing = |field| ParseError {
        line: 1,
        field,
        reason: Reason::Missing,
    };
    let (head, comm, tail) = around_comm(text).ok_or(missing("comm"))?;
    let pid = Line::new(head, 1, false).number_u32("pid")?;
    // More fields follow the last one that is read, so it ends in a blank, too.
    let mut line = Line::new(tail, 1, true);
    let state = match line.word() {
        Some([state]) => *state,
        _ => return Err(missing("state")),
    };
    let ppid = line.number_u32("ppid")?;
    line.skip(4); // pgrp, session, tty_nr, tpgid
    let flags = line.number("flags")?;
    line.skip(2); // minflt, cminflt
    let majflt = line.number("majflt")?;
    line.skip(1); // cmajflt
    let utime = line.number("utime")?;
    let stime = line.number("stime")?;
    let cutime = line.clamped("cutime")?;
    let cstime = line.clamped("cstime")?;
    line.skip(2); // priority, nice
    let num_threads = line.clamped("num_threads")?;
    line.skip(1); // itrealvalue
    let starttime = line.number("starttime")?;
    let vsize = line.number("vsize")?;
    let rss = line.clamped("rss")?;
    line.skip(1); // rsslim
    let startcode = line.number("startcode")?;
    Ok(PidStat {
        pid,
        comm,
        state,
        ppid,
        flags,
        majflt,
        utime,
        stime,
        cutime,
        cstime,
        num_threads,
        starttime,
        vsize,
        rss,
        startcode,
    })
}

/// The text before, in and behind the parentheses of `comm`. The kernel does not escape
/// `comm`, so it may look like the fields that follow it. None of those holds a
/// parenthesis: the last one ends `comm`.
fn around_comm(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (head, rest) = split_once(b'(', text)?;
    let close = rest.iter().rposition(|&b| b == b')')?;
    Some((head, rest.get(..close)?, rest.get(close..)?.get(1..)?))
}

/// The pid that is the name of a directory of `/proc`; in `task`, the tid.
pub(crate) fn pid(name: &[u8]) -> Option<u32> {
    let first = name.first()?;
    let pid = u32::try_from(decimal(name).ok()?).ok()?;
    (*first != b'0').then_some(pid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, names_a_line, prefixes};
    use proptest::prelude::*;

    const SLEEP: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/8005/stat");
    const ODD: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/8007/stat");
    const ZOMBIE: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/8008/stat");
    const THREADS: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/8009/stat");
    const KTHREADD: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/2/stat");
    const KWORKER: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/23/stat");
    const PI_INIT: &[u8] = include_bytes!("../../tests/captures/aarch64-raspi3b/proc/1/stat");
    const OLD: &[u8] = include_bytes!("../../tests/captures/handmade-4.9/proc/812/stat");

    #[test]
    fn x86_64_sleep() {
        let expected = PidStat {
            pid: 8005,
            comm: b"sleep",
            state: b'S',
            ppid: 7964,
            flags: 4194304,
            majflt: 1,
            utime: 0,
            stime: 0,
            cutime: 0,
            cstime: 0,
            num_threads: 1,
            starttime: 148175,
            vsize: 2560000,
            rss: 348,
            startcode: 94534439346176,
        };
        assert_eq!(parse(SLEEP), Ok(expected));
    }

    #[test]
    fn raspi3b_init() {
        let expected = PidStat {
            pid: 1,
            comm: b"init",
            state: b'S',
            ppid: 0,
            flags: 4194560,
            majflt: 0,
            utime: 6,
            stime: 193,
            cutime: 5,
            cstime: 34,
            num_threads: 1,
            starttime: 7,
            vsize: 2138112,
            rss: 327,
            startcode: 4194304,
        };
        assert_eq!(parse(PI_INIT), Ok(expected));
    }

    #[test]
    fn comm_that_looks_like_fields() {
        let stat = parse(ODD).unwrap();
        assert_eq!(stat.comm, b"a) R 1 (b\n\xff");
        assert_eq!((stat.pid, stat.state, stat.ppid), (8007, b'S', 7964));
        assert_eq!((stat.starttime, stat.rss), (148175, 408));
    }

    #[test]
    fn threads_are_counted() {
        assert_eq!(parse(THREADS).unwrap().num_threads, 17);
    }

    #[test]
    fn zombie_has_no_memory_and_is_no_kernel_thread() {
        let stat = parse(ZOMBIE).unwrap();
        assert_eq!((stat.state, stat.ppid), (b'Z', 8006));
        assert_eq!((stat.vsize, stat.rss, stat.startcode), (0, 0, 0));
        assert!(!stat.is_kernel_thread());
    }

    #[test]
    fn kernel_threads() {
        let kthreadd = parse(KTHREADD).unwrap();
        assert_eq!((kthreadd.comm, kthreadd.state), (&b"kthreadd"[..], b'S'));
        assert!(kthreadd.is_kernel_thread());
        let kworker = parse(KWORKER).unwrap();
        assert_eq!(kworker.comm, b"kworker/1:0-mm_percpu_wq");
        assert_eq!((kworker.state, kworker.stime), (b'I', 55));
        assert!(kworker.is_kernel_thread());
        assert!(!parse(SLEEP).unwrap().is_kernel_thread());
    }

    #[test]
    fn negative_times_of_children_are_clamped() {
        let stat = parse(OLD).unwrap();
        assert_eq!((stat.utime, stat.stime), (250, 130));
        assert_eq!((stat.cutime, stat.cstime), (0, 0));
        assert_eq!((stat.num_threads, stat.rss), (5, 296));
    }

    #[test]
    fn empty_comm_and_comm_of_parentheses() {
        let tail = "S 1 7 7 0 -1 64 1 2 3 4 5 6 7 8 20 0 1 0 9 10 11 12 13 \n";
        for comm in ["", ")", "((", "))) (", ") Z 0 (", "\n\n"] {
            let text = format!("7 ({comm}) {tail}");
            let stat = parse(text.as_bytes()).unwrap();
            assert_eq!(stat.comm, comm.as_bytes());
            assert_eq!((stat.pid, stat.ppid, stat.startcode), (7, 1, 13));
        }
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &[u8]| {
            let error = parse(text).unwrap_err();
            (error.line, error.field, error.reason)
        };
        assert_eq!(fault(b""), (1, "comm", Reason::Missing));
        assert_eq!(fault(b"7 )a( S 1"), (1, "comm", Reason::Missing));
        assert_eq!(fault(b"7 (a)"), (1, "state", Reason::Missing));
        assert_eq!(fault(b"7 (a) SS 1 "), (1, "state", Reason::Missing));
        assert_eq!(fault(b"x (a) S 1 "), (1, "pid", Reason::NotANumber));
        assert_eq!(fault(b"4294967296 (a) S 1 "), (1, "pid", Reason::TooLarge));
        assert_eq!(
            fault(b"7 (a) S 1 7 7 0 -1 64\n"),
            (1, "majflt", Reason::Missing)
        );
        assert_eq!(
            fault(b"7 (a) S 1 7 7 0 -1 18446744073709551616 "),
            (1, "flags", Reason::TooLarge)
        );
    }

    #[test]
    fn cut_text_is_refused_up_to_the_last_field() {
        for whole in [SLEEP, ODD, PI_INIT, OLD] {
            let close = whole.iter().rposition(|&b| b == b')').unwrap();
            let fields = whole[close..].iter().enumerate();
            let (needed, _) = fields.filter(|(_, &b)| b == b' ').nth(24).unwrap();
            for cut in prefixes(whole) {
                assert_eq!(parse(cut).is_ok(), cut.len() > close + needed);
            }
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(ODD)) {
            prop_assert!(names_a_line(&text, parse(&text)));
        }
    }

    #[test]
    fn pids() {
        assert_eq!(pid(b"812"), Some(812));
        for name in [
            &b"+1"[..],
            b"0",
            b"self",
            b"",
            b"\xff",
            b"99999999999",
            b"1a",
        ] {
            assert_eq!(pid(name), None);
        }
    }
}
