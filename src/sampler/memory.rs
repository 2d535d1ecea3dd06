//! Where a process's memory figures come from: smaps_rollup, or, on kernels
//! before 4.14, smaps.

use super::machine::is_denied;
use crate::proc::root::{read_once, Root};
use crate::proc::smaps::Sum;
use crate::proc::smaps_rollup::{self, Rollup};
use nix::errno::Errno;
use std::fmt::Write;

/// What reading the memory of a process came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    Known(Rollup),
    /// It has none: a kernel thread, a zombie, a process that just ended.
    None,
    /// This user may not read it.
    Denied,
}

/// The file that this kernel has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Source {
    #[default]
    Rollup,
    Smaps,
}

impl Source {
    /// Reads the memory of `pid`. The file is opened anew each time: a descriptor
    /// opened while a vfork(2)ed child still borrows its parent's memory would show
    /// the parent's for ever.
    pub fn read(&mut self, root: &Root, pid: u32, buffer: &mut [u8]) -> Reading {
        if *self == Self::Rollup {
            match rollup(root, pid, buffer) {
                Err(Errno::ENOENT) => {}
                read => return read.unwrap_or_else(why),
            }
        }
        match smaps(root, pid, buffer) {
            Ok(reading) => {
                *self = Self::Smaps;
                reading
            }
            Err(errno) => why(errno),
        }
    }
}

fn why(errno: Errno) -> Reading {
    match is_denied(errno) {
        true => Reading::Denied,
        false => Reading::None,
    }
}

fn rollup(root: &Root, pid: u32, buffer: &mut [u8]) -> nix::Result<Reading> {
    let mut name = heapless::String::<24>::new();
    // "4294967295/smaps_rollup" has 23 bytes.
    let _ = write!(name, "{pid}/smaps_rollup");
    let text = root.read_proc(&name, buffer)?;
    Ok(smaps_rollup::parse(text).map_or(Reading::None, Reading::Known))
}

fn smaps(root: &Root, pid: u32, buffer: &mut [u8]) -> nix::Result<Reading> {
    let mut name = heapless::String::<24>::new();
    let _ = write!(name, "{pid}/smaps");
    let file = root.open_proc(&name)?;
    let mut sum = Sum::default();
    loop {
        match read_once(&file, buffer)? {
            [] => break,
            piece => sum.feed(piece),
        }
    }
    Ok(match sum.finish() {
        Ok((rollup, 1..)) => Reading::Known(rollup),
        _ => Reading::None,
    })
}
