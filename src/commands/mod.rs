//! One file per command: its options, its help, its run.

mod arguments;
mod clocks;
mod compare;
mod export;
mod facts;
mod footprint;
mod keys;
mod log;
mod logs;
mod name;
mod output;
mod record;
mod report;
mod selftest;
mod style;
mod units;
mod version;

use crate::render::style::{hanging, wrapped, Style, ENDLESS};
use crate::system::terminal;
use argh::{ArgsInfo, FromArgs};
use arguments::{parse, Asked};
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

const PROGRAM: &str = env!("CARGO_PKG_NAME");

/// Benchmark of edge software, on the board itself: records CPU and memory of
/// the machine and of every process into a compact log, and reports on it.
///
/// Exit status: 0 done; 1 measured, and the answer is no; 2 could not measure.
#[derive(ArgsInfo, FromArgs)]
struct Tool {
    /// print version, target and commit, and exit
    #[argh(switch)]
    version: bool,

    /// directory that takes the place of / (a captured tree)
    #[argh(option, hidden_help, default = "PathBuf::from(\"/\")")]
    proc_root: PathBuf,

    #[argh(subcommand)]
    command: Option<Command>,
}

#[derive(ArgsInfo, FromArgs)]
#[argh(subcommand)]
enum Command {
    Record(record::Record),
    Report(report::Report),
    Compare(compare::Compare),
    Footprint(footprint::Footprint),
    Log(log::Log),
    Selftest(selftest::Selftest),
}

/// What every command takes, as `--help` tells it: the manual page and the shells'
/// completions are made of this.
pub fn definitions() -> argh::CommandInfoWithArgs {
    Tool::get_args_info()
}

/// What a command came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Done; yes.
    Yes,
    /// Measured, and the answer is no.
    No,
    /// What there is was printed, but it could not all be measured. Said before.
    Partly,
}

/// Why a command could not do its job: one line, what, where, why.
#[derive(Debug)]
pub(crate) enum Error {
    Failed(String),
    /// Nobody reads the output any more.
    BrokenPipe,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }

    fn usage(message: impl fmt::Display) -> Self {
        Self::Failed(format!("{message} (see {PROGRAM} --help)"))
    }

    /// A failure to write to stdout.
    pub(crate) fn output(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::Failed(format!("cannot write to standard output: {error}")),
        }
    }
}

/// Runs what `argv` asks for.
pub fn main(argv: impl Iterator<Item = OsString>) -> ExitCode {
    match run(argv) {
        Ok(Status::Yes) | Err(Error::BrokenPipe) => ExitCode::SUCCESS,
        Ok(Status::No) => ExitCode::from(1),
        Ok(Status::Partly) => ExitCode::from(2),
        Err(Error::Failed(message)) => {
            complain(&message);
            ExitCode::from(2)
        }
    }
}

fn run(argv: impl Iterator<Item = OsString>) -> Result<Status, Error> {
    let mut out = io::stdout().lock();
    let tool: Tool = match parse(PROGRAM, argv)? {
        Asked::Run(tool) => tool,
        Asked::Tell(help) => {
            let told = print_help(&help, &mut out).and_then(|()| out.flush());
            return told.map(|()| Status::Yes).map_err(Error::output);
        }
    };
    if tool.version {
        let told = writeln!(out, "{PROGRAM} {}", version::version()).and_then(|()| out.flush());
        return told.map(|()| Status::Yes).map_err(Error::output);
    }
    let status = match &tool.command {
        Some(Command::Record(record)) => record.run(&tool.proc_root, &mut out),
        Some(Command::Report(report)) => report.run(&mut out),
        Some(Command::Compare(compare)) => compare.run(&mut out),
        Some(Command::Footprint(footprint)) => footprint.run(&tool.proc_root, &mut out),
        Some(Command::Log(log)) => log.run(&mut out),
        Some(Command::Selftest(selftest)) => selftest.run(&tool.proc_root, &mut out),
        None => Err(Error::usage("no command given")),
    }?;
    out.flush().map_err(Error::output)?;
    Ok(status)
}

/// One line on stderr. Where even that cannot be written, nobody is there to be
/// told.
fn complain(message: &str) {
    let line = complaint(message, terminal::columns(io::stderr()));
    let _ = io::stderr().write_all(line.as_bytes());
}

/// What stderr is told; on a terminal of so many columns it may take several lines.
fn complaint(message: &str, columns: Option<usize>) -> String {
    let mut text = Vec::new();
    let message = format!("{PROGRAM}: {}", printable(message));
    let _ = wrapped(&mut text, columns.unwrap_or(ENDLESS), "", 2, &message);
    String::from_utf8(text).unwrap_or_default()
}

/// Where the second column of the help begins.
const OPTIONS: usize = 20;

/// The tables of the help have 80 columns at most, so the rest has no more.
fn print_help(help: &str, out: &mut dyn Write) -> io::Result<()> {
    let most = Style::PLAIN.width;
    let width = terminal::columns(io::stdout()).map_or(most, |columns| columns.min(most));
    for line in help.lines() {
        match line.strip_prefix("Usage: ") {
            Some(usage) => hanging(out, width, "Usage: ", usage)?,
            None if line.starts_with(' ') => wrapped(out, width, "", OPTIONS, line)?,
            None => wrapped(out, width, "", 0, line)?,
        }
    }
    Ok(())
}

/// Text that anybody may have chosen, kept from the terminal's control characters.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}
