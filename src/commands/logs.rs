//! The logs that a command is given: files and directories, read one after another, so
//! that a thousand of them take no more memory than one.

pub(crate) mod input;

use super::outcome::{complain, file_error, shown, Error};
use crate::log::record::Header;
use crate::log::writer::older;
use crate::results::RunResults;
use crate::series::{self, Run};
use input::Input;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The names of logs in a directory; the second are older segments.
const SUFFIXES: [&[u8]; 2] = [b".ebl", b".ebl.old"];

pub(crate) struct Log {
    path: PathBuf,
    /// In a directory: the user did not name it.
    found: bool,
}

/// The logs to read: of a directory every log in it, by name.
///
/// # Errors
/// If a directory cannot be read, or holds no log.
pub(crate) fn named(given: &[PathBuf]) -> Result<Vec<Log>, Error> {
    let mut logs = Vec::new();
    for path in given {
        if !path.is_dir() {
            logs.push(Log {
                path: path.clone(),
                found: false,
            });
            continue;
        }
        let cannot = |error| file_error("read", path, &error);
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
            return Err(Error::new(format!("{} holds no *.ebl file", shown(path))));
        }
        logs.extend(found.into_iter().map(|path| Log { path, found: true }));
    }
    Ok(logs)
}

fn is_log(name: &OsStr) -> bool {
    let name = name.as_bytes();
    SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

/// Reads the runs of a log.
pub(crate) type RunsOf<'r, T> = dyn FnMut(&Path, &Input) -> Result<Vec<T>, input::Error> + 'r;

/// Reads the runs of every log with `runs_of`; `header_of` gives their headers. Logs
/// without samples in a directory are left out with a message.
///
/// # Errors
/// If a log cannot be read, a run comes twice, or there is none.
pub(crate) fn each<T>(
    logs: &[Log],
    runs_of: &mut RunsOf<'_, T>,
    header_of: fn(&T) -> &Header<String>,
) -> Result<Vec<T>, Error> {
    let older_ones: Vec<PathBuf> = logs.iter().map(|log| older(&log.path)).collect();
    let mut seen: Vec<((u32, u64, String), &PathBuf)> = Vec::new();
    let mut all = Vec::new();
    for Log { path, found } in logs {
        // An older segment is read with its log.
        let newer = older_ones.iter().rposition(|older| older == path);
        if let Some(newer) = newer.and_then(|at| logs.get(at)) {
            let newer = &newer.path;
            let newer = Input::open(newer).map_err(|e| about(newer, &e))?;
            if newer.has_older() || newer.is_copied() {
                continue;
            }
        }
        let input = Input::open(path).map_err(|error| about(path, &error))?;
        if input.is_copied() {
            let (older, log) = (shown(&older(path)), shown(path));
            complain(&format!(
                "left out: {older} is a copy of {log}, or of a part of it"
            ));
        }
        let runs = match runs_of(path, &input) {
            Err(input::Error::Log(error @ series::Error::OnlyStandalone)) if *found => {
                complain(&format!("left out: {} {error}", shown(path)));
                continue;
            }
            runs => runs.map_err(|error| about(path, &error))?,
        };
        let before = seen.len();
        for run in &runs {
            let header = header_of(run);
            let identity = (header.run, header.start_boottime_ns, header.boot_id.clone());
            if let Some(at) = seen.iter().position(|(seen, _)| *seen == identity) {
                let other = seen[at].1;
                let (path, other) = (shown(path), shown(other));
                return Err(Error::new(match path == other {
                    // No recorder writes that.
                    true if at >= before => {
                        format!("{path} was joined by hand: it holds a run in two pieces")
                    }
                    true => format!("{path} is given twice"),
                    false => format!("{path} holds a run that {other} holds too"),
                }));
            }
            seen.push((identity, path));
        }
        all.extend(runs);
    }
    match (all.is_empty(), logs.is_empty()) {
        (true, false) => Err(Error::new("no log holds samples")),
        _ => Ok(all),
    }
}

/// A run, by its samples, its results, or both.
pub(crate) struct LoggedRun {
    pub(crate) header: Header<String>,
    pub(crate) sampled: Option<Run>,
    pub(crate) results: Option<RunResults>,
}

/// The runs of a log, each with its results; those that have nothing but results last.
pub(crate) fn with_results(runs: Vec<Run>, mut results: Vec<RunResults>) -> Vec<LoggedRun> {
    let sampled = runs.into_iter().map(|run| {
        let own = results
            .iter()
            .position(|of| of.header.run == run.header.run);
        LoggedRun {
            header: run.header.clone(),
            sampled: Some(run),
            results: own.map(|at| results.remove(at)),
        }
    });
    let mut all: Vec<_> = sampled.collect();
    all.extend(results.into_iter().map(|only| LoggedRun {
        header: only.header.clone(),
        sampled: None,
        results: Some(only),
    }));
    all
}

/// The error of a log.
pub(crate) fn about(path: &Path, error: &input::Error) -> Error {
    let file = shown(path);
    Error::new(match error {
        input::Error::Directory => format!("{file} is a directory, not a log"),
        input::Error::NotAFile => {
            format!("{file} is not a regular file; a log must be one, because it is read twice")
        }
        input::Error::Log(series::Error::Io(error)) => return file_error("read", path, error),
        input::Error::Log(error) => format!("{file} {error}"),
    })
}
