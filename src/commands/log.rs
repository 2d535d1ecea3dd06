//! `log`: describes, checks and prints logs.

mod cat;
mod info;
mod standalone;
mod verify;
pub(crate) mod walk;

use super::outcome::{complain, Error, Status};
use crate::commands::options::{commands, options};
use std::io::Write;
use std::path::{Path, PathBuf};

options! {
    /// Look into logs.
    #[argh(
        subcommand,
        name = "log",
        example = "edgebench-lite log info edge.ebl"
    )]
    pub(crate) struct Log {
        #[argh(subcommand)]
        command: Command in Command,
    }
}

commands! {
    enum Command {
        Info(Info),
        Verify(Verify),
        Cat(Cat),
    }
}

options! {
    /// Print where, when and how a log was recorded.
    #[argh(
        subcommand,
        name = "info",
        example = "edgebench-lite log info edge.ebl"
    )]
    struct Info {
        /// log to look into
        #[argh(positional, arg_name = "LOG")]
        logs: Vec<PathBuf>,
    }
}

options! {
    /// Check logs for damage and missing samples. Exit status: 0 all whole; 1 damaged or
    /// incomplete; 2 not a log.
    #[argh(
        subcommand,
        name = "verify",
        example = "edgebench-lite log verify *.ebl"
    )]
    struct Verify {
        /// log to check
        #[argh(positional, arg_name = "LOG")]
        logs: Vec<PathBuf>,
    }
}

options! {
    /// Print a whole log as JSON lines: one object per record, each sample with all its
    /// numbers.
    #[argh(
        subcommand,
        name = "cat",
        example = "edgebench-lite log cat edge.ebl"
    )]
    struct Cat {
        /// log to print
        #[argh(positional, arg_name = "LOG")]
        logs: Vec<PathBuf>,
    }
}

impl Log {
    pub(crate) fn run(&self, out: &mut dyn Write) -> Result<Status, Error> {
        let (logs, act): (_, Action) = match &self.command {
            Command::Info(info) => (&info.logs, info::info),
            Command::Verify(verify) => (&verify.logs, verify::verify),
            Command::Cat(cat) => (&cat.logs, cat::cat),
        };
        if logs.is_empty() {
            return Err(Error::usage("no LOG given"));
        }
        let mut status = Status::Yes;
        for path in logs {
            match act(path, out) {
                // The other logs are no worse for it.
                Err(Error::Failed(why)) if logs.len() > 1 => {
                    out.flush().map_err(Error::output)?;
                    complain(&why);
                    status = Status::Partly;
                }
                done => {
                    if done? == Status::No && status == Status::Yes {
                        status = Status::No;
                    }
                }
            }
        }
        Ok(status)
    }
}

/// The work of a subcommand on one log.
type Action = fn(&Path, &mut dyn Write) -> Result<Status, Error>;
