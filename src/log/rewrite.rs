//! Writes again what a failed fdatasync(2) may have lost. The kernel marks those pages
//! clean though they never reached the disk, and the next sync does not report them: so
//! they are read back from its cache and written to the same place.

use super::frame::{self, MAX_FRAME};
use super::record::Record;
use nix::fcntl::{fcntl, FcntlArg, OFlag};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Writes the bytes from `from`, where a frame begins, to `to` once more; returns how many
/// samples begin in them.
pub(super) fn rewrite(file: &File, from: u64, to: u64) -> io::Result<u64> {
    let flags = OFlag::from_bits_retain(fcntl(file, FcntlArg::F_GETFL)?);
    // With O_APPEND pwrite(2) ignores its offset.
    let anywhere = flags.difference(OFlag::O_APPEND);
    fcntl(file, FcntlArg::F_SETFL(anywhere))?;
    let samples = copy_onto_itself(file, from, to);
    fcntl(file, FcntlArg::F_SETFL(flags))?;
    samples
}

// No piece is longer than the buffer, and `at` is below `to` in the loop.
#[allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing
)]
fn copy_onto_itself(file: &File, from: u64, to: u64) -> io::Result<u64> {
    let mut samples = 0;
    let mut buffer = vec![0; 4 * MAX_FRAME];
    let mut at = from;
    while at < to {
        let room = buffer.len().min((to - at) as usize);
        let read = match file.read_at(&mut buffer[..room], at)? {
            0 => break,
            read => read,
        };
        // Up to the last whole frame, if there is one.
        let end = buffer[..read].iter().rposition(|&byte| byte == 0);
        let part = &mut buffer[..end.map_or(read, |end| end + 1)];
        file.write_all_at(part, at)?;
        at += part.len() as u64;
        let frames = part.split_mut(|&byte| byte == 0);
        samples += frames
            .map(|frame| u64::from(begins_sample(frame)))
            .sum::<u64>();
    }
    Ok(samples)
}

fn begins_sample(frame: &mut [u8]) -> bool {
    let record = frame::decode(frame).map(|(_, record)| record);
    matches!(record, Ok(Record::Key(_) | Record::Delta(_)))
}

/// The length of the rest of a frame at the beginning of these bytes; `is_partial`: a part
/// of the first frame is written.
// It is a place in the bytes.
#[allow(clippy::arithmetic_side_effects)]
pub(super) fn rest_of_frame(bytes: &[u8], is_partial: bool) -> usize {
    let end = bytes.iter().position(|&byte| byte == 0);
    end.filter(|_| is_partial).map_or(0, |end| end + 1)
}

/// The number of samples whose frames all lie in the first `count` of these bytes, which
/// begin with a frame or the rest of one.
// The frames are parts of the bytes; a length is `MAX_FRAME` at most.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
pub(super) fn samples_within(bytes: &[u8], count: usize) -> u64 {
    let mut samples = 0;
    // A sample has begun, and its frames so far lie within `count`.
    let mut is_open = false;
    let mut end = 0;
    let mut copy = [0; MAX_FRAME];
    for frame in bytes.split_inclusive(|&byte| byte == 0) {
        end += frame.len();
        let len = frame.len().saturating_sub(1).min(MAX_FRAME);
        copy[..len].copy_from_slice(&frame[..len]);
        let is_within = end <= count;
        match frame::decode(&mut copy[..len]).map(|(_, record)| record) {
            Ok(Record::Key(_) | Record::Delta(_)) => {
                samples += u64::from(std::mem::replace(&mut is_open, is_within));
            }
            // The rest of a sample that was cut.
            Ok(Record::More(_)) | Err(_) if end == frame.len() => is_open = is_within,
            Ok(Record::More(_)) => is_open &= is_within,
            _ => samples += u64::from(std::mem::take(&mut is_open)),
        }
    }
    samples + u64::from(is_open)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::record::{Delta, Device, Key, More};
    use std::fs::{self, OpenOptions};

    /// A sample of three frames, one of one, another record, and a sample of two frames:
    /// cut behind every byte, and after a cut before.
    #[test]
    fn samples_of_which_all_frames_are_there() {
        let (machine, processes) = (&[7; 20][..], &[8; 30][..]);
        let delta = Record::Delta(Delta {
            flags: 0,
            ticks: 1,
            late_us: 0,
            machine,
            processes,
        });
        let more = Record::More(More {
            flags: 0,
            machine,
            processes,
        });
        let other = Record::Device(
            1,
            Device {
                id: 0,
                kind: 0,
                name: b"sda",
            },
        );
        let frames = [&delta, &more, &more, &delta, &other, &delta, &more];
        let mut out = [0; MAX_FRAME];
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        for (seq, record) in frames.into_iter().enumerate() {
            bytes.extend(frame::encode(seq as u64, record, &mut out).unwrap());
            ends.push(bytes.len());
        }
        // Miri would take a minute.
        let step = if cfg!(miri) { 61 } else { 1 };
        for cut in [0, 1, ends[0]] {
            for count in (0..=bytes.len() - cut).step_by(step) {
                let whole = [2, 3, 6].iter().filter(|&&last| ends[last] <= count + cut);
                let found = samples_within(&bytes[cut..], count);
                assert_eq!(found, whole.count() as u64, "{count} bytes from {cut} on");
            }
        }
    }

    #[test]
    fn what_is_there_is_written_to_where_it_was_and_counted() {
        let mut out = [0; MAX_FRAME];
        let mut bytes = Vec::new();
        let (machine, processes) = (&[7; 2000][..], &[8; 1900][..]);
        // Some forty kB: several pieces.
        for seq in 0..10 {
            let (flags, late_us) = (0, 0);
            let key = Key {
                run: 1,
                flags,
                tick: seq,
                late_us,
                machine,
                processes,
            };
            let delta = Delta {
                flags,
                ticks: 1,
                late_us,
                machine,
                processes,
            };
            let record = match seq {
                0 => Record::Key(key),
                _ => Record::Delta(delta),
            };
            bytes.extend(frame::encode(seq, &record, &mut out).unwrap());
        }
        // The fifth, of the same length as the others but the first, has become zeros.
        let ends: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at] == 0).collect();
        bytes[ends[3] + 1..=ends[4]].fill(0);
        let name = format!("edgebench-rewrite-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, &bytes).unwrap();
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .open(&path)
            .unwrap();
        let from = ends[0] as u64 + 1;
        let found = rewrite(&file, from, bytes.len() as u64);
        assert_eq!(found.unwrap(), 8, "all but the Key and the fifth");
        assert_eq!(fs::read(&path).unwrap(), bytes);
        // It appends as before.
        io::Write::write_all(&mut &file, b"end").unwrap();
        fs::remove_file(&path).unwrap();
        assert_eq!(file.metadata().unwrap().len(), bytes.len() as u64 + 3);
    }
}
