//! A message of the kernel about a task that ended: `struct taskstats` of the kernel's
//! `linux/taskstats.h`, whose later versions are longer.
//!
//! Until version 11, which ends before the process's pid, a thread that ended is told like a
//! process: there is no telling whether the samples of a process have its time already.

use crate::system::netlink::message::{attributes, u16_at, u32_at};

/// `struct genlmsghdr`, and the command that tells of a task.
pub(super) const HEAD: usize = 4;
const NEW: u8 = 2;
/// `TASKSTATS_TYPE_`: of a task and of its process, each with the numbers.
const OF_TASK: u16 = 4;
const OF_PROCESS: u16 = 5;
const NUMBERS: u16 = 3;

/// Where the numbers are, but for [`place`].
const EXIT_CODE: usize = 4;
const FLAGS: usize = 8;
const RUN_NS: usize = 72;
const COMM: std::ops::Range<usize> = 80..96;
const PID: usize = 128;
const PPID: usize = 132;
const ELAPSED_US: usize = 144;
const UTIME_US: usize = 152;
const STIME_US: usize = 160;
const PEAK_RSS_KIB: usize = 200;
/// Since version 12, as the flag that tells the last task of a process.
const PROCESS_PID: usize = 368;
const LAST: u8 = 0x20;
/// The length of version 14.
const PLAIN: usize = 432;

/// A process that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exit<'a> {
    pub(super) pid: u32,
    /// Its first thread ended last, whose name is the process's.
    pub(super) by_leader: bool,
    pub(super) parent: u32,
    /// The name of the task that ended last.
    pub(super) comm: &'a [u8],
    pub(super) failed: bool,
    /// Of its whole life, threads included.
    pub(super) cpu_us: u64,
    /// How long it lived.
    pub(super) elapsed_us: u64,
    pub(super) peak_rss_kib: u64,
}

/// The process that a message tells of; `None` for a thread of one that goes on.
// The place was found in the name.
#[allow(clippy::indexing_slicing)]
pub(super) fn exit(payload: &[u8]) -> Option<Exit<'_>> {
    let task = numbers(payload, OF_TASK)?;
    if !tells_processes(task) || *task.get(FLAGS)? & LAST == 0 {
        return None;
    }
    // Of several threads the sum.
    let all = numbers(payload, OF_PROCESS).unwrap_or(task);
    // Exact, as in /proc/PID/stat; user and system time apart are what the clock's ticks met.
    let mut cpu_us = u64_at(all, RUN_NS)? / 1000;
    if cpu_us == 0 {
        cpu_us = u64_at(task, UTIME_US)?.saturating_add(u64_at(task, STIME_US)?);
    }
    let comm = task.get(place(task, COMM.start)..)?.get(..COMM.len())?;
    let len = comm.iter().position(|byte| *byte == 0);
    let number = |at| u32_at(task, place(task, at));
    let pid = number(PROCESS_PID)?;
    Some(Exit {
        pid,
        by_leader: number(PID)? == pid,
        parent: number(PPID)?,
        comm: &comm[..len.unwrap_or(comm.len())],
        failed: number(EXIT_CODE)? != 0,
        cpu_us,
        elapsed_us: u64_at(task, ELAPSED_US)?,
        peak_rss_kib: u64_at(task, PEAK_RSS_KIB)?,
    })
}

/// The numbers of a task, or of its process.
pub(super) fn numbers(payload: &[u8], of: u16) -> Option<&[u8]> {
    let is_new = payload.first() == Some(&NEW);
    let within = |kind| move |(other, value)| (other == kind).then_some(value);
    let all = attributes(payload.get(HEAD..).filter(|_| is_new)?);
    let inner = { all }.find_map(within(of))?;
    attributes(inner).find_map(within(NUMBERS))
}

/// Whether the numbers, by their length, tell a process from a thread.
pub(super) fn tells_processes(numbers: &[u8]) -> bool {
    numbers.len() >= PROCESS_PID + 4
}

/// Where a number is. Before version 16 made that undone, some kernels had put one or two
/// numbers more, the longest and shortest delay, behind each of the eight pairs on delays:
/// three of these stand before the CPU time, and six before the process's pid.
// An offset of the header's, and less than the length of the numbers.
#[allow(clippy::arithmetic_side_effects)]
fn place(numbers: &[u8], at: usize) -> usize {
    let is_undone = u16_at(numbers, 0).map_or(true, |version| version >= 16);
    let pairs = match at {
        _ if is_undone => 0,
        PROCESS_PID.. => 6,
        RUN_NS.. => 3,
        _ => 0,
    };
    at + numbers.len().saturating_sub(PLAIN) / 64 * 8 * pairs
}

// As of `place`.
#[allow(clippy::arithmetic_side_effects)]
fn u64_at(numbers: &[u8], at: usize) -> Option<u64> {
    let at = place(numbers, at);
    let bytes = numbers.get(at..at + 8)?;
    Some(u64::from_ne_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::netlink::message::put;

    /// A task of `pid` in process 70, of which the offsets below are those of the header in
    /// version 16; what is behind its length is not there.
    fn task(len: usize, pid: u32, flags: u8, run_ns: u64) -> Vec<u8> {
        let mut bytes = vec![0; 560];
        bytes[0..2].copy_from_slice(&16u16.to_ne_bytes());
        bytes[4..8].copy_from_slice(&0x300u32.to_ne_bytes());
        bytes[8] = flags;
        bytes[72..80].copy_from_slice(&run_ns.to_ne_bytes());
        bytes[80..84].copy_from_slice(b"runc");
        bytes[128..132].copy_from_slice(&pid.to_ne_bytes());
        bytes[132..136].copy_from_slice(&9u32.to_ne_bytes());
        bytes[144..152].copy_from_slice(&6000u64.to_ne_bytes());
        bytes[152..160].copy_from_slice(&4000u64.to_ne_bytes());
        bytes[160..168].copy_from_slice(&1000u64.to_ne_bytes());
        bytes[200..208].copy_from_slice(&1940u64.to_ne_bytes());
        bytes[368..372].copy_from_slice(&70u32.to_ne_bytes());
        bytes.truncate(len);
        bytes
    }

    /// The same with `more` numbers behind each pair on delays, in the header from 24 (CPU),
    /// 40 (block I/O), 56 (swap), 320 (reclaim), 336 (thrashing), 360 (compaction), 408
    /// (copy-on-write) and 424 (interrupts) on.
    fn inserted(version: u16, more: usize, plain: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (at, byte) in plain[..432].iter().enumerate() {
            bytes.push(*byte);
            if [32, 48, 64, 328, 344, 368, 416, 432].contains(&(at + 1)) {
                bytes.extend_from_slice(&[0xEE; 8].repeat(more));
            }
        }
        bytes[..2].copy_from_slice(&version.to_ne_bytes());
        bytes
    }

    /// What the kernel sends: numbers of a task, and of its process where they are given.
    fn payload(task: &[u8], process: Option<&[u8]>) -> Vec<u8> {
        let mut payload = vec![2, 1, 0, 0];
        let parts = [(4, 1, Some(task)), (5, 2, process)];
        for (kind, id, numbers) in parts {
            if let Some(numbers) = numbers {
                let mut inner = Vec::new();
                put(&mut inner, id, &70u32.to_ne_bytes());
                put(&mut inner, 3, numbers);
                put(&mut payload, kind, &inner);
            }
        }
        payload
    }

    const ENDED: Exit<'_> = Exit {
        pid: 70,
        by_leader: true,
        parent: 9,
        comm: b"runc",
        failed: true,
        cpu_us: 7000,
        elapsed_us: 6000,
        peak_rss_kib: 1940,
    };

    #[test]
    fn a_process_is_told_by_its_last_task() {
        // Version 12, and a later one.
        for len in [400, 560] {
            let last = task(len, 70, 0x21, 7_000_999);
            assert_eq!(exit(&payload(&last, None)), Some(ENDED));
            let thread = task(len, 71, 0x01, 7_000_999);
            assert_eq!(exit(&payload(&thread, None)), None);
            // Of a process of several threads the sum counts, and the first's name.
            let last = task(len, 71, 0x20, 1000);
            let all = task(len, 71, 0, 9_000_000);
            let told = payload(&last, Some(&all));
            let expected = Exit {
                by_leader: false,
                cpu_us: 9000,
                ..ENDED
            };
            assert_eq!(exit(&told), Some(expected));
        }
    }

    /// By the header's history: 8; with thrashing 9; with the start in 64 bits 10; with
    /// compaction 11; with the process's pid 12 (Linux 5.19); with copy-on-write 13; with
    /// interrupts 14; with the longest and shortest delays, at its end, 16.
    #[test]
    fn each_version_is_read_by_its_length() {
        for (version, len, is_told) in [
            (8u16, 328, false),
            (9, 344, false),
            (10, 352, false),
            (11, 368, false),
            (12, 400, true),
            (13, 416, true),
            (14, 432, true),
            (16, 560, true),
        ] {
            let mut last = task(len, 70, 0x21, 7_000_999);
            last[..2].copy_from_slice(&version.to_ne_bytes());
            assert_eq!(tells_processes(&last), is_told, "version {version}");
            let expected = is_told.then_some(ENDED);
            assert_eq!(exit(&payload(&last, None)), expected, "version {version}");
        }
    }

    /// As in the kernels of version 15, until 16 made that undone.
    #[test]
    fn numbers_in_the_middle_of_version_15_do_not_move_the_others() {
        let plain = task(560, 70, 0x21, 7_000_999);
        for (version, more, len) in [(14, 1, 496), (15, 1, 496), (15, 2, 560)] {
            let last = inserted(version, more, &plain);
            assert_eq!(last.len(), len);
            assert!(tells_processes(&last));
            assert_eq!(exit(&payload(&last, None)), Some(ENDED), "{version} {more}");
            let sum = inserted(version, more, &task(560, 71, 0, 9_000_000));
            let told = payload(&last, Some(&sum));
            assert_eq!(exit(&told).unwrap().cpu_us, 9000);
        }
    }

    #[test]
    fn without_an_exact_time_that_of_the_ticks_counts() {
        let last = task(560, 70, 0x20, 0);
        let expected = Exit {
            cpu_us: 5000,
            ..ENDED
        };
        assert_eq!(exit(&payload(&last, None)), Some(expected));
    }

    #[test]
    fn older_kernels_and_cut_messages_tell_of_none() {
        let old = task(368, 70, 0x20, 7_000_000);
        assert_eq!(exit(&payload(&old, None)), None);
        let whole = payload(&task(560, 70, 0x20, 7_000_000), None);
        for len in 0..whole.len() {
            assert_eq!(exit(&whole[..len]), None, "{len}");
        }
        let other = [&[3], &whole[1..]].concat();
        assert_eq!(exit(&other), None);
    }
}
