//! `--transcript`: what came on the line, as it came, and beside it when.

use crate::commands::outcome::{shown, Error};
use crate::system::errno::why;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub(super) struct Transcript {
    path: PathBuf,
    raw: File,
    /// A line for each read: nanoseconds of CLOCK_MONOTONIC, offset, length.
    times: File,
    offset: u64,
}

impl Transcript {
    /// Creates the files.
    ///
    /// # Errors
    /// Where one of them cannot be.
    pub(super) fn create(path: &Path) -> Result<Self, Error> {
        let mut times = path.as_os_str().to_owned();
        times.push(".times");
        let create = |path: &Path| File::create(path).map_err(|error| failed(path, &error));
        Ok(Self {
            raw: create(path)?,
            times: create(Path::new(&times))?,
            path: path.to_path_buf(),
            offset: 0,
        })
    }

    pub(super) fn add(&mut self, bytes: &[u8], read_ns: u64) -> Result<(), Error> {
        let len = bytes.len() as u64;
        let raw = self.raw.write_all(bytes);
        let written = raw.and_then(|()| writeln!(self.times, "{read_ns} {} {len}", self.offset));
        self.offset += len;
        written.map_err(|error| failed(&self.path, &error))
    }
}

fn failed(path: &Path, error: &io::Error) -> Error {
    Error::new(format!("cannot write {}: {}", shown(path), why(error)))
}
