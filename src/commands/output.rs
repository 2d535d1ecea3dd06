//! Writing a log.

use super::outcome::{file_error, shown, tell, Error};
use crate::log::limits::{RUNS, SAMPLED};
use crate::log::runs;
use crate::log::writer::{OpenError, Writer};
use std::fs;
use std::path::Path;

/// Opens the log at `path` for another run, or creates it; `sampled`: the run will have
/// samples.
///
/// # Errors
/// If it cannot be written, is not a log, or holds as many runs as can be read.
pub(crate) fn append(
    path: &Path,
    max_size: Option<u64>,
    quiet: bool,
    sampled: bool,
) -> Result<Writer, Error> {
    let follows = fs::metadata(path).is_ok_and(|file| file.len() > 0);
    let mut writer = resume(path, max_size)?;
    let runs = writer.run().and_then(|(_, file)| runs(&file));
    let runs = runs.map_err(|error| file_error("read", path, &error))?;
    let has = |part| runs.0 >= RUNS / part || sampled && runs.1 >= SAMPLED / part;
    // Two segments are read as one.
    let is_begun = max_size.is_some() && has(2) && writer.rotate().is_ok();
    if has(1) && !is_begun {
        let path = shown(path);
        return Err(Error::new(format!(
            "{path} holds as many runs as can be read in one log: append to another"
        )));
    }
    if follows && !quiet {
        tell(&format!("appending to {}", shown(path)));
    }
    Ok(writer)
}

/// Opens the log at `path` to go on with a run.
///
/// # Errors
/// If it cannot be written, or is not a log.
pub(crate) fn resume(path: &Path, max_size: Option<u64>) -> Result<Writer, Error> {
    Writer::append(path, max_size).map_err(|error| about(path, &error))
}

/// Creates the log at `path`, which must not exist.
///
/// # Errors
/// If it exists, or cannot be written.
pub(crate) fn create(path: &Path, max_size: Option<u64>) -> Result<Writer, Error> {
    Writer::create(path, max_size).map_err(|error| about(path, &error))
}

fn about(path: &Path, error: &OpenError) -> Error {
    if let OpenError::Io(error) = error {
        return file_error("write", path, error);
    }
    let path = shown(path);
    Error::new(match error {
        OpenError::Io(_) | OpenError::NotAFile | OpenError::Stream(_) => {
            format!("cannot write {path}: {error}")
        }
        OpenError::NotALog => {
            format!("{path} exists and is not an edgebench-lite log: not overwritten")
        }
        OpenError::Newer(_) => format!("{path} was {error}: not appended to"),
        OpenError::Locked => format!("another recorder is writing to {path}"),
        OpenError::Foreign(_) => format!("not writing to {path}: {error}"),
    })
}
