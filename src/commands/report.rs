//! `report`: what logs say, in figures.

use super::logs::input::Input;
use super::logs::{self, about};
use super::{style, Error, Status};
use crate::render::{text, Style};
use crate::series::{By, Memory, Options, Run};
use argh::FromArgs;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Print the summary of logs: CPU and memory of the machine, and the processes
/// that take most of either. Several logs of one product and stage are several
/// runs. The older segment of a log, LOG.old, is read with it; of a directory every
/// log is, *.ebl.
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

    /// log, or directory of logs, to report on
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
        let mut runs: Vec<Run> = Vec::new();
        logs::each(
            &logs::named(&self.logs)?,
            &mut |input| input.runs(&options),
            &mut |_, run| runs.push(run),
        )?;
        let style = style::of_output(!self.no_charts);
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
