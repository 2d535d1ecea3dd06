//! The logs that a command is given: files, and directories of them, one after
//! another, so that a thousand of them take no more room than one.

pub mod input;

use super::Error;
use crate::log::writer::older;
use crate::render::escaped;
use crate::series::{self, Run};
use input::Input;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What the logs in a directory are called; the second are older segments.
const SUFFIXES: [&[u8]; 2] = [b".ebl", b".ebl.old"];

/// The files that are meant: of a directory every log in it, in the order of their
/// names.
///
/// # Errors
/// Where a directory cannot be read, or holds no log.
pub fn named(given: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut paths = Vec::new();
    for path in given {
        if !path.is_dir() {
            paths.push(path.clone());
            continue;
        }
        let cannot = |error| Error::new(format!("cannot read {}: {error}", shown(path)));
        let mut found: Vec<PathBuf> = Vec::new();
        for entry in std::fs::read_dir(path).map_err(cannot)? {
            let name = entry.map_err(cannot)?.file_name();
            if is_log(&name) {
                let log = path.join(name);
                let at = found.partition_point(|other| *other < log);
                found.insert(at, log);
            }
        }
        if found.is_empty() {
            return Err(Error::new(format!(
                "{} holds no log: none is called *.ebl",
                shown(path)
            )));
        }
        paths.extend(found);
    }
    Ok(paths)
}

fn is_log(name: &OsStr) -> bool {
    let name = name.as_bytes();
    SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

/// Takes the runs of every log, which `runs_of` reads.
///
/// # Errors
/// Where a log cannot be read, or a run comes twice.
pub fn each(
    paths: &[PathBuf],
    runs_of: &mut dyn FnMut(&Input) -> Result<Vec<Run>, input::Error>,
    take: &mut dyn FnMut(&Path, Run),
) -> Result<(), Error> {
    let newer: HashMap<PathBuf, &PathBuf> = paths.iter().map(|path| (older(path), path)).collect();
    let mut seen: HashMap<(u32, u64, String), &PathBuf> = HashMap::new();
    for path in paths {
        // An older segment that was given is read with the log that it belongs to.
        if let Some(newer) = newer.get(path) {
            if Input::open(newer)
                .map_err(|e| about(newer, &e))?
                .has_older()
            {
                continue;
            }
        }
        let input = Input::open(path).map_err(|error| about(path, &error))?;
        for run in runs_of(&input).map_err(|error| about(path, &error))? {
            let header = &run.header;
            let identity = (header.run, header.start_boottime_ns, header.boot_id.clone());
            if let Some(other) = seen.insert(identity, path) {
                return Err(Error::new(format!(
                    "{} holds a run that is in {} too",
                    shown(path),
                    shown(other)
                )));
            }
            take(path, run);
        }
    }
    Ok(())
}

/// What is wrong with a log.
pub fn about(path: &Path, error: &input::Error) -> Error {
    let path = shown(path);
    Error::new(match error {
        input::Error::Directory => format!("{path} is a directory, not a log"),
        input::Error::NotAFile => {
            format!("{path} is not a regular file: a log is read more than once, so it must be one")
        }
        input::Error::Log(series::Error::Io(error)) => format!("cannot read {path}: {error}"),
        input::Error::Log(error) => format!("{path} {error}"),
    })
}

pub fn shown(path: &Path) -> String {
    escaped(path.as_os_str().as_bytes())
}
