//! The log that a command writes to.

use super::outcome::Error;
use crate::log::record::Record;
use crate::log::writer::{OpenError, Writer};
use crate::log::Encoder;
use std::io;
use std::path::Path;

/// Opens the log at `path` for another run, or creates it.
///
/// # Errors
/// Where it cannot be written to, or is something else than a log.
pub(crate) fn append(path: &Path, max_size: Option<u64>) -> Result<Writer, Error> {
    Writer::append(path, max_size).map_err(|error| about(path, &error))
}

/// Creates the log at `path`, which must not be there.
///
/// # Errors
/// Where it is there, or cannot be written to.
pub(crate) fn create(path: &Path, max_size: Option<u64>) -> Result<Writer, Error> {
    Writer::create(path, max_size).map_err(|error| about(path, &error))
}

/// Gathers a record for the log.
///
/// # Errors
/// Those of writing.
pub(crate) fn push(
    encoder: &mut Encoder,
    writer: &mut Writer,
    record: &Record<'_>,
) -> io::Result<()> {
    match encoder.record(record) {
        Ok(frame) => writer.push(frame),
        Err(_) => Err(io::ErrorKind::InvalidData.into()),
    }
}

fn about(path: &Path, error: &OpenError) -> Error {
    let path = path.display();
    Error::new(match error {
        OpenError::Io(_) | OpenError::NotAFile => format!("cannot write {path}: {error}"),
        OpenError::NotALog => {
            format!("{path} is there and is not an edgebench-lite log: nothing is written")
        }
        OpenError::Newer(_) => format!("{path} was {error}: nothing is written"),
        OpenError::Locked => format!("another recorder is writing to {path}"),
        OpenError::Foreign(_) => format!("{path} is not written to: {error}"),
    })
}
