//! A message of the kernel about a task that ended: `struct taskstats` of the kernel's
//! `linux/taskstats.h`, whose later versions are longer.

use crate::system::netlink::message::{attributes, u32_at};

/// `struct genlmsghdr`, and the command that tells of a task.
pub(super) const HEAD: usize = 4;
const NEW: u8 = 2;
/// `TASKSTATS_TYPE_`: of a task and of its process, each with the numbers.
const OF_TASK: u16 = 4;
const OF_PROCESS: u16 = 5;
const NUMBERS: u16 = 3;

/// Where the numbers are.
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
pub(super) fn exit(payload: &[u8]) -> Option<Exit<'_>> {
    let task = numbers(payload, OF_TASK)?;
    if !tells_processes(task) || task[FLAGS] & LAST == 0 {
        return None;
    }
    // Of several threads the sum.
    let all = numbers(payload, OF_PROCESS).unwrap_or(task);
    // Exact, as in /proc/PID/stat; user and system time apart are what the clock's ticks met.
    let mut cpu_us = u64_at(all, RUN_NS)? / 1000;
    if cpu_us == 0 {
        cpu_us = u64_at(task, UTIME_US)?.saturating_add(u64_at(task, STIME_US)?);
    }
    let comm = task.get(COMM)?;
    let len = comm.iter().position(|byte| *byte == 0);
    let pid = u32_at(task, PROCESS_PID)?;
    Some(Exit {
        pid,
        by_leader: u32_at(task, PID)? == pid,
        parent: u32_at(task, PPID)?,
        comm: &comm[..len.unwrap_or(comm.len())],
        failed: u32_at(task, EXIT_CODE)? != 0,
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

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + 8)?;
    Some(u64::from_ne_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::netlink::message::put;

    /// A task of `pid` in process 70, of which the offsets below are those of the header.
    fn task(len: usize, pid: u32, flags: u8, run_ns: u64) -> Vec<u8> {
        let mut bytes = vec![0; len];
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
        if len > 368 {
            bytes[368..372].copy_from_slice(&70u32.to_ne_bytes());
        }
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
            let mut all = vec![0; len];
            all[72..80].copy_from_slice(&9_000_000u64.to_ne_bytes());
            let told = payload(&last, Some(&all));
            let expected = Exit {
                by_leader: false,
                cpu_us: 9000,
                ..ENDED
            };
            assert_eq!(exit(&told), Some(expected));
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
