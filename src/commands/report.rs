//! `report`: what logs say, in figures.

mod input;
mod style;

use super::{Error, Status};
use crate::log::writer::older;
use crate::render::{escaped, text, Style};
use crate::series::{self, By, Memory, Options, Run};
use argh::FromArgs;
use input::Input;
use std::fs::File;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Print the summary of logs: CPU and memory of the machine, and the processes
/// that take most of either. Several logs of one product and stage are several
/// runs. The older segment of a log, LOG.old, is read with it.
#[derive(FromArgs, Debug)]
#[argh(subcommand, name = "report")]
pub struct Report {
    /// processes in each table (default: 10)
    #[argh(option, default = "10")]
    top: usize,

    /// what a row is: name (processes of one name together, the default), process,
    /// unit, slice, container or pod
    #[argh(option, default = "By::Name")]
    by: By,

    /// what the memory of a process is: pss (the default) or rss
    #[argh(option, default = "Memory::Pss")]
    memory: Memory,

    /// figures only: no charts, and no series over time in the tables
    #[argh(switch)]
    no_charts: bool,

    /// log to report on
    #[argh(positional, arg_name = "LOG")]
    logs: Vec<PathBuf>,
}

impl FromStr for By {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "name" => Ok(Self::Name),
            "process" => Ok(Self::Process),
            _ => text.parse().map(Self::Place).map_err(|_: String| {
                format!("`{text}` is none of name, process, unit, slice, container, pod")
            }),
        }
    }
}

impl FromStr for Memory {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "pss" => Ok(Self::Pss),
            "rss" => Ok(Self::Rss),
            _ => Err(format!("`{text}` is none of pss, rss")),
        }
    }
}

impl Report {
    pub fn run(&self, out: &mut dyn Write) -> Result<Status, Error> {
        if self.logs.is_empty() {
            return Err(Error::usage("report: no log given"));
        }
        let options = Options {
            top: self.top,
            by: self.by,
            memory: self.memory,
        };
        let mut inputs = Vec::new();
        for path in &self.logs {
            inputs.push(Input::open(path).map_err(|error| about(path, &error))?);
        }
        let mut runs: Vec<(&PathBuf, Run)> = Vec::new();
        for (path, input) in self.logs.iter().zip(&inputs) {
            // An older segment that was given is read with the log that it belongs to.
            let newer = |&(other, _): &(&PathBuf, &Input)| older(other) == *path;
            let newer = self.logs.iter().zip(&inputs).find(newer);
            if newer.is_some_and(|(_, newer)| newer.has_older()) {
                continue;
            }
            for run in input.runs(&options).map_err(|error| about(path, &error))? {
                let same = |(_, other): &&(&PathBuf, Run)| is_same(other, &run);
                if let Some((other, _)) = runs.iter().find(same) {
                    return Err(Error::new(format!(
                        "{} holds a run that is in {} too",
                        shown(path),
                        shown(other)
                    )));
                }
                runs.push((path, run));
            }
        }
        let style = style::of_output(!self.no_charts);
        let runs = runs.into_iter().map(|(_, run)| run);
        print(runs, options, &style, out)?;
        Ok(Status::Yes)
    }
}

/// Prints the summary of the run that was just recorded: it begins at byte `begin`
/// of `file`, or in the older segment of the log at `path`.
///
/// # Errors
/// Where the log cannot be read, or `out` not be written to.
pub fn print_run(file: File, begin: u64, path: &Path, out: &mut dyn Write) -> Result<(), Error> {
    let options = Options {
        top: 10,
        by: By::Name,
        memory: Memory::Pss,
    };
    let input = Input::of(file, begin, path).map_err(|error| about(path, &error))?;
    let runs = input.runs(&options).map_err(|error| about(path, &error))?;
    // The older segment may begin with runs that were there before.
    let style = style::of_output(true);
    print(runs.into_iter().last(), options, &style, out)
}

fn print(
    runs: impl IntoIterator<Item = Run>,
    options: Options,
    style: &Style,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let report = crate::render::Report::new(runs, options);
    text::write(out, &report, style).map_err(Error::output)
}

fn is_same(a: &Run, b: &Run) -> bool {
    let (a, b) = (&a.header, &b.header);
    (a.run, a.start_boottime_ns, &a.boot_id) == (b.run, b.start_boottime_ns, &b.boot_id)
}

fn about(path: &Path, error: &input::Error) -> Error {
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

fn shown(path: &Path) -> String {
    escaped(path.as_os_str().as_bytes())
}
