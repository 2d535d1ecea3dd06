//! One file per command: its options, its help, its run.

mod arguments;
mod bench;
mod boot;
mod compare;
mod durable;
mod export;
mod footprint;
#[cfg(fuzzing)]
#[path = "../../tests/fuzz/targets/commands.rs"]
pub(crate) mod fuzz;
mod given;
mod header;
mod help;
mod ids;
mod keys;
mod log;
mod logs;
mod name;
mod options;
mod outcome;
mod output;
mod peer;
mod ramp;
mod record;
mod report;
mod selftest;
mod style;
mod survive;
mod texts;
mod units;
mod unsampled_run;
mod version;

use crate::render::style::{Style, Wrapping};
use crate::system::fault;
use argh::ArgsInfo;
use arguments::{parse, Invocation};
use options::{commands, options};
use outcome::{complain, Error, Status, PROGRAM};
use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::process::ExitCode;
use style::width_of_output;

options! {
    /// Benchmark of edge software, on the board itself: records CPU and memory of
    /// the machine and of every process into a compact log, and reports on it.
    /// COMMAND --help tells more.
    ///
    /// Exit status: 0 done; 1 measured, and the answer is no; 2 could not measure.
    #[argh(example = "sudo edgebench-lite record --product k3s --stage edge
edgebench-lite report edgebench-*.ebl
edgebench-lite compare k3s/ izuma/ --export table.html")]
    struct Tool {
        /// print version, target and commit, and exit
        #[argh(switch)]
        version: bool,

        /// directory that takes the place of / (a captured tree)
        #[argh(option, hidden_help)]
        proc_root: PathBuf = PathBuf::from("/"),

        #[argh(subcommand)]
        command: Option<Command> in Command,
    }
}

commands! {
    // There is one in a run of the program.
    #[allow(clippy::large_enum_variant)]
    enum Command {
        Record(record::Record),
        Report(report::Report),
        Compare(compare::Compare),
        Footprint(footprint::FootprintCommand),
        Boot(boot::Boot),
        Peer(peer::Peer),
        Ramp(ramp::Ramp),
        Survive(survive::Survive),
        Bench(bench::Bench),
        Log(log::Log),
        Selftest(selftest::Selftest),
    }
}

/// The options of every command, as `--help` shows them: the source of the manual page
/// and of the shells' completions.
pub fn definitions() -> argh::CommandInfoWithArgs {
    Tool::get_args_info()
}

/// Runs the command in `argv`.
pub fn main(argv: impl Iterator<Item = OsString>) -> ExitCode {
    // Without it, an internal error is told by the shell alone.
    let _ = fault::tell(version::build());
    let argv: Vec<OsString> = argv.collect();
    match run(argv.iter().cloned()) {
        Ok(Status::Yes) | Err(Error::BrokenPipe) => return ExitCode::SUCCESS,
        Ok(Status::No) => return ExitCode::from(1),
        Ok(Status::Partly) => {}
        Err(Error::Failed(message)) => complain(&message),
        Err(Error::Usage(message)) => {
            complain(&format!("{message} (see {} --help)", command_in(&argv)));
        }
    }
    ExitCode::from(2)
}

/// The command that was typed, up to the first word that names none.
fn command_in(argv: &[OsString]) -> String {
    let mut path = PROGRAM.to_owned();
    let mut commands = definitions().commands;
    for word in argv.iter().skip(1) {
        match commands.iter().position(|command| word == command.name) {
            Some(command) => {
                let command = commands.swap_remove(command);
                path = format!("{path} {}", command.name);
                commands = command.command.commands;
            }
            None if word.as_bytes().starts_with(b"-") => {}
            None => break,
        }
    }
    path
}

fn run(argv: impl Iterator<Item = OsString>) -> Result<Status, Error> {
    let mut stdout = io::stdout().lock();
    let width = width_of_output();
    // For what is only sentences and small tables; others see to their widths themselves.
    let mut lines = Wrapping::new(&mut stdout, width);
    let status = match parse::<Tool>(PROGRAM, argv)? {
        Invocation::Help(help) => {
            let most = Style::PLAIN.width;
            help.print(width.min(most), lines.out).map(|()| Status::Yes)
        }
        Invocation::Run(tool) if tool.version => {
            writeln!(lines, "{PROGRAM} {}", version::version()).map(|()| Status::Yes)
        }
        Invocation::Run(Tool {
            proc_root, command, ..
        }) => Ok(match &command {
            Some(Command::Record(record)) => record.run(&proc_root, lines.out)?,
            Some(Command::Report(report)) => report.run(lines.out)?,
            Some(Command::Compare(compare)) => compare.run(lines.out)?,
            Some(Command::Footprint(footprint)) => footprint.run(&proc_root, lines.out)?,
            Some(Command::Boot(boot)) => boot.run(&proc_root, &mut lines)?,
            Some(Command::Survive(survive)) => survive.run(&proc_root, &mut lines)?,
            Some(Command::Peer(peer)) => peer.run(&mut lines)?,
            Some(Command::Ramp(ramp)) => ramp.run(&proc_root, &mut lines)?,
            Some(Command::Bench(bench)) => bench.run(&proc_root, &understood, &mut lines)?,
            Some(Command::Log(log)) => log.run(lines.out)?,
            Some(Command::Selftest(selftest)) => selftest.run(&proc_root, lines.out)?,
            None => return Err(Error::usage("no command given")),
        }),
    };
    let status = status.map_err(Error::output)?;
    lines.flush().map_err(Error::output)?;
    Ok(status)
}

/// Whether a command of this program would be understood, as far as that shows before it is
/// carried out; nothing is.
fn understood(arguments: &[&str]) -> Result<(), Error> {
    let argv = std::iter::once(&PROGRAM)
        .chain(arguments)
        .map(OsString::from);
    match parse::<Tool>(PROGRAM, argv)? {
        Invocation::Run(tool) => match &tool.command {
            Some(Command::Record(record)) => record.understood(),
            Some(Command::Ramp(ramp)) => ramp.understood(),
            Some(Command::Survive(survive)) => survive.understood(&tool.proc_root),
            _ => Ok(()),
        },
        Invocation::Help(_) => Ok(()),
    }
}
