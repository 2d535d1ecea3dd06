//! Files that people write, such as a plan, and journals: read whole, if they are no longer
//! than that.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Bytes, above those of a journal of as many runs as a plan can have, each of them made thrice.
/// A device may go on for ever.
const MOST: u64 = 16 << 20;

/// # Errors
/// If it cannot be read, or is longer.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    rest(&File::open(path)?)
}

/// The same from where the file is read next.
///
/// # Errors
/// As [`read`].
pub(crate) fn rest(file: &File) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let len = file.take(MOST + 1).read_to_end(&mut text)?;
    match len as u64 > MOST {
        true => Err(io::Error::other("it is longer than 16 MiB")),
        false => Ok(text),
    }
}
