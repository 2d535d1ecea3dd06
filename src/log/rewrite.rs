//! A second chance for what a failed fdatasync(2) may have lost. The kernel holds those
//! pages as clean, though they never reached the disk, and the next sync says nothing of
//! them: so they are read back from its cache, and written to where they were.

use super::frame::{self, MAX_FRAME};
use super::record::Record;
use nix::fcntl::{fcntl, FcntlArg, OFlag};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Writes what lies between `from`, where a frame begins, and `to` once more, and says of
/// how many samples there was a frame to begin with.
pub(super) fn rewrite(file: &File, from: u64, to: u64) -> io::Result<u64> {
    let flags = OFlag::from_bits_retain(fcntl(file, FcntlArg::F_GETFL)?);
    // Else pwrite(2) appends, wherever it is told to write.
    let anywhere = flags.difference(OFlag::O_APPEND);
    fcntl(file, FcntlArg::F_SETFL(anywhere))?;
    let samples = copy_onto_itself(file, from, to);
    fcntl(file, FcntlArg::F_SETFL(flags))?;
    samples
}

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
        // Whole frames, unless there is none.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::record::{Delta, Key};
    use std::fs::{self, OpenOptions};

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
