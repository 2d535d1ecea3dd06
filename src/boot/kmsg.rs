//! The kernel's log: `/dev/kmsg`, Documentation/ABI/testing/dev-kmsg. One read(2) is one
//! record. Its stamps are of the scheduler's clock, which is not CLOCK_BOOTTIME: it stands
//! still while the machine is suspended, and NTP does not slew it.

use crate::proc::number::decimal;
use crate::proc::text::split_once;
use nix::errno::Errno;
use std::time::{Duration, Instant};

/// What the kernel cuts a record to, and more.
pub(crate) const LONGEST: usize = 8192;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record<'r> {
    /// By the kernel itself, and not by a program that wrote to the log.
    pub(crate) is_kernel: bool,
    /// Counted from 0 since the start.
    pub(crate) sequence: u64,
    pub(crate) stamp_us: u64,
    /// Its first line, as it was written: what cannot be printed stands as `\x1b`.
    pub(crate) message: &'r [u8],
}

/// `6,339,5140900,-,caller=T1;message`, and lines of properties.
pub(crate) fn parse(record: &[u8]) -> Option<Record<'_>> {
    let (prefix, text) = split_once(b';', record)?;
    let mut fields = prefix.split(|&byte| byte == b',');
    let mut number = || decimal(fields.next()?).ok();
    let priority = number()?;
    Some(Record {
        is_kernel: priority >> 3 == 0,
        sequence: number()?,
        stamp_us: number()?,
        message: text.split(|&byte| byte == b'\n').next()?,
    })
}

/// What the log tells of the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Log {
    /// The number of the first record that there is: above 0 some are lost.
    pub(crate) first: Option<u64>,
    /// When the kernel started init, and what that is: the last of several that it tried.
    pub(crate) init: Option<(u64, Vec<u8>)>,
}

impl Log {
    pub(crate) fn take(&mut self, record: &Record<'_>) {
        self.first = self.first.or(Some(record.sequence));
        let init = record.message.strip_prefix(b"Run ");
        let init = init.and_then(|text| text.strip_suffix(b" as init process"));
        if let Some(init) = init.filter(|_| record.is_kernel) {
            self.init = Some((record.stamp_us, init.to_vec()));
        }
    }
}

/// Reads all records that there are now.
///
/// # Errors
/// Those of `read`, but for EPIPE: the records were overwritten before they were read,
/// and the next call goes on with those that are left.
pub(crate) fn read_all(
    read: &mut impl FnMut(&mut [u8]) -> nix::Result<usize>,
    mut take: impl FnMut(&Record<'_>),
) -> nix::Result<()> {
    let mut buffer = [0; LONGEST];
    loop {
        match read(&mut buffer) {
            Ok(0) | Err(Errno::EAGAIN) => return Ok(()),
            Ok(len) => {
                if let Some(record) = buffer.get(..len).and_then(parse) {
                    take(&record);
                }
            }
            Err(Errno::EPIPE | Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// How far the clock is ahead of the log's stamps, in microseconds: a line is
/// written, and its stamp read back. `None` where it does not come back, as with
/// `printk.devkmsg=off`.
///
/// # Errors
/// Those of writing and reading.
// Two halves are no more than the whole.
#[allow(clippy::arithmetic_side_effects)]
pub(crate) fn offset_us(
    line: &[u8],
    write: impl FnOnce(&[u8]) -> nix::Result<()>,
    read: &mut impl FnMut(&mut [u8]) -> nix::Result<usize>,
    clock_ns: impl Fn() -> u64,
) -> nix::Result<Option<i64>> {
    let before_ns = clock_ns();
    // Without its end the kernel waits for more of the line, and shows nobody what it has.
    write(&[line, b"\n"].concat())?;
    let middle_us = (before_ns / 2 + clock_ns() / 2) / 1000;
    let middle_us = i64::try_from(middle_us).unwrap_or(i64::MAX);
    let start = Instant::now();
    loop {
        let mut stamp_us = None;
        read_all(read, |record| {
            if !record.is_kernel && record.message == line {
                stamp_us = Some(record.stamp_us);
            }
        })?;
        if let Some(stamp_us) = stamp_us.and_then(|stamp| i64::try_from(stamp).ok()) {
            return Ok(Some(middle_us.saturating_sub(stamp_us)));
        }
        if start.elapsed() > Duration::from_millis(100) {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, prefixes};
    use proptest::prelude::*;
    use std::collections::VecDeque;

    /// As a Raspberry Pi 3B has it, emulated, with Linux 6.1; the last is a program's.
    const RECORDS: [&[u8]; 5] = [
        b"6,0,0,-;Booting Linux on physical CPU 0x0000000000 [0x410fd034]\n",
        b"6,201,583141,-;Run /init as init process\n",
        b"7,202,583150,-;  with arguments:\n SUBSYSTEM=usb\n DEVICE=+usb:1-1\n",
        b"6,310,1583141,-,caller=T1;Run /sbin/init as init process\n",
        b"12,311,9583141,-;Run /bin/evil as init process\n",
    ];

    fn log(records: &[&[u8]]) -> Log {
        let mut records: VecDeque<&[u8]> = records.iter().copied().collect();
        let mut log = Log::default();
        let mut read = |buffer: &mut [u8]| {
            let record = records.pop_front().ok_or(Errno::EAGAIN)?;
            if record == b"lost" {
                return Err(Errno::EPIPE);
            }
            buffer[..record.len()].copy_from_slice(record);
            Ok(record.len())
        };
        read_all(&mut read, |record| log.take(record)).unwrap();
        log
    }

    #[test]
    fn a_record() {
        let expected = Record {
            is_kernel: true,
            sequence: 202,
            stamp_us: 583_150,
            message: b"  with arguments:",
        };
        assert_eq!(parse(RECORDS[2]), Some(expected));
        assert_eq!(parse(RECORDS[3]).unwrap().stamp_us, 1_583_141);
        // Facility 1, severity 4.
        assert!(!parse(RECORDS[4]).unwrap().is_kernel);
        for wrong in [&b""[..], b"6,1,2", b"6,1;x", b"x,1,2,-;m", b"6,,2,-;m"] {
            assert_eq!(parse(wrong), None);
        }
    }

    #[test]
    fn init_is_the_last_that_the_kernel_ran() {
        let whole = log(&RECORDS);
        assert_eq!(whole.first, Some(0));
        assert_eq!(whole.init, Some((1_583_141, b"/sbin/init".to_vec())));
        assert_eq!(log(&RECORDS[..2]).init, Some((583_141, b"/init".to_vec())));
    }

    #[test]
    fn a_log_that_has_lost_the_start() {
        let rest = log(&[b"lost", RECORDS[4], b"lost", b"\xff", b"6,312,1,-;x\n"]);
        assert_eq!(
            rest,
            Log {
                first: Some(311),
                init: None
            }
        );
        assert_eq!(log(&[]), Log::default());
    }

    #[test]
    fn the_offset_is_of_the_middle() {
        let times = std::cell::Cell::new(9_000_000_000);
        // 4 ms from the clock before to the clock behind the line.
        let clock = || times.replace(times.get() + 4_000_000);
        let mut written = Vec::new();
        let mut answers: VecDeque<&[u8]> = [
            &b"6,1,5000,-;mark 7\n"[..],
            b"12,2,6500000,-;mark 6\n",
            b"12,3,6602000,-;mark 7\n",
        ]
        .into();
        let mut read = |buffer: &mut [u8]| {
            let answer = answers.pop_front().ok_or(Errno::EAGAIN)?;
            buffer[..answer.len()].copy_from_slice(answer);
            Ok(answer.len())
        };
        let write = |line: &[u8]| {
            written = line.to_vec();
            Ok(())
        };
        // 9.002 s - 6.602 s
        let offset = offset_us(b"mark 7", write, &mut read, clock);
        assert_eq!(offset, Ok(Some(2_400_000)));
        assert_eq!(written, b"mark 7\n");
        let mut nothing = |_: &mut [u8]| Err(Errno::EAGAIN);
        assert_eq!(offset_us(b"m", |_| Ok(()), &mut nothing, clock), Ok(None));
        let denied = offset_us(b"m", |_| Err(Errno::EPERM), &mut nothing, clock);
        assert_eq!(denied, Err(Errno::EPERM));
    }

    #[test]
    fn a_cut_record_is_none_or_shorter() {
        for cut in prefixes(RECORDS[3]) {
            let is_whole = cut.contains(&b';');
            assert_eq!(parse(cut).is_some(), is_whole);
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(record in mangled(RECORDS[2])) {
            if let Some(record) = parse(&record) {
                Log::default().take(&record);
            }
        }
    }
}
