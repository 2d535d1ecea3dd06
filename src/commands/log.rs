//! `log`: looks into logs: what they are, whether they are whole, what they say.

mod cat;
mod info;
mod verify;

use super::{Error, Status};
use crate::log::frame::Fault;
use crate::log::reader::{Damage, Event, Reader};
use crate::log::record::VERSION;
use argh::{ArgsInfo, FromArgs};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Look into logs.
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "log")]
pub(crate) struct Log {
    #[argh(subcommand)]
    command: Command,
}

#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand)]
enum Command {
    Info(Info),
    Verify(Verify),
    Cat(Cat),
}

/// Print where, when and how a log was recorded.
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "info")]
struct Info {
    /// log to look into
    #[argh(positional, arg_name = "LOG")]
    logs: Vec<PathBuf>,
}

/// Check logs for damage and missing samples. Exit status: 0 all whole; 1 damaged or
/// incomplete; 2 not a log.
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "verify")]
struct Verify {
    /// log to check
    #[argh(positional, arg_name = "LOG")]
    logs: Vec<PathBuf>,
}

/// Print a whole log as JSON lines: one object per record, each sample with all its
/// numbers.
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "cat")]
struct Cat {
    /// log to print
    #[argh(positional, arg_name = "LOG")]
    logs: Vec<PathBuf>,
}

impl Log {
    pub(crate) fn run(&self, out: &mut dyn Write) -> Result<Status, Error> {
        let (logs, each): (_, Each) = match &self.command {
            Command::Info(info) => (&info.logs, info::info),
            Command::Verify(verify) => (&verify.logs, verify::verify),
            Command::Cat(cat) => (&cat.logs, cat::cat),
        };
        if logs.is_empty() {
            return Err(Error::usage("no LOG given"));
        }
        let mut status = Status::Yes;
        for path in logs {
            if each(path, out)? == Status::No {
                status = Status::No;
            }
        }
        Ok(status)
    }
}

/// What is done with each log.
type Each = fn(&Path, &mut dyn Write) -> Result<Status, Error>;

/// Reads a log from its beginning to its end.
struct Walk<'p> {
    path: &'p Path,
    reader: Reader<'static>,
}

impl<'p> Walk<'p> {
    fn open(path: &'p Path) -> Result<Self, Error> {
        let cannot =
            |error: std::io::Error| Error::new(format!("cannot read {}: {error}", path.display()));
        let file = File::open(path).map_err(cannot)?;
        let metadata = file.metadata().map_err(cannot)?;
        if metadata.is_dir() {
            return Err(Error::new(format!("{} is a directory", path.display())));
        }
        if metadata.is_file() && metadata.len() == 0 {
            return Err(Error::new(format!("{} is empty", path.display())));
        }
        Ok(Self {
            path,
            reader: Reader::new(file),
        })
    }

    fn next(&mut self) -> Result<Option<Event>, Error> {
        let path = self.path.display();
        match self.reader.next_event() {
            Ok(Some(Event::Damage(Damage {
                fault: Fault::Newer(version),
                ..
            }))) => Err(Error::new(format!(
                "{path} was written in version {version} of the log format; this edgebench-lite \
                 reads versions up to {VERSION}"
            ))),
            Ok(None) if self.reader.frames() == 0 => {
                Err(Error::new(format!("{path} is not an edgebench-lite log")))
            }
            Ok(event) => Ok(event),
            Err(error) => Err(Error::new(format!("cannot read {path}: {error}"))),
        }
    }
}

/// What is wrong, in words.
fn fault(fault: Fault) -> String {
    match fault {
        Fault::Empty => "zeros where a frame should be".to_owned(),
        Fault::TooLong => "no end of a frame where one must be".to_owned(),
        Fault::Torn => "a frame without its end: cut off, or still being written".to_owned(),
        Fault::Checksum => "a frame whose checksum is wrong".to_owned(),
        Fault::Unknown => "a record of a kind that this version does not know".to_owned(),
        Fault::Malformed => "a record that makes no sense".to_owned(),
        Fault::Newer(version) => format!("a header of version {version} of the format"),
    }
}
