//! The log that a command writes to.

use super::outcome::Error;
use crate::log::writer::{OpenError, Writer};
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
