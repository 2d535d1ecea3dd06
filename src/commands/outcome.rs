//! How a command ends: its status, or its error in one line on stderr.

use crate::proc::root::Root;
use crate::render::escaped;
use crate::render::style::{wrapped, ENDLESS};
use crate::system::errno::{reason, why};
use crate::system::terminal;
use nix::errno::Errno;
use std::fmt;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

pub(crate) const PROGRAM: &str = env!("CARGO_PKG_NAME");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Done; yes.
    Yes,
    /// Measured, and the answer is no.
    No,
    /// The results are incomplete; stderr has the reason.
    Partly,
}

/// Why a command failed: one line, what, where, why.
#[derive(Debug)]
pub(crate) enum Error {
    Failed(String),
    /// Something else should have been typed: the help of the command says what.
    Usage(String),
    /// The reader of stdout is gone.
    BrokenPipe,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }

    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::Usage(message.to_string())
    }

    /// Of a system call.
    pub(crate) fn cannot(action: &str, errno: Errno) -> Self {
        Self::Failed(format!("cannot {action}: {}", reason(errno)))
    }

    /// Of writing to stdout.
    pub(crate) fn output(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::Failed(format!("cannot write to standard output: {}", why(&error))),
        }
    }
}

/// Prints a message on stderr. If stderr cannot be written to, there is nowhere left to
/// report that.
pub(crate) fn complain(message: &str) {
    let text = complaint(message, terminal::columns(io::stderr()));
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Says what was done, to who looks on: on a terminal alone, so that scripts and timers stay
/// silent where all is well.
pub(crate) fn tell(message: &str) {
    if terminal::columns(io::stderr()).is_some() {
        complain(message);
    }
}

/// A message as stderr shows it: one line, wrapped on a terminal of so many columns.
pub(crate) fn complaint(message: &str, columns: Option<usize>) -> String {
    let message = format!("{PROGRAM}: {}", printable(message));
    let mut text = Vec::new();
    let _ = wrapped(&mut text, columns.unwrap_or(ENDLESS), "", 2, &message);
    String::from_utf8(text).unwrap_or_default()
}

/// Text that may come from anybody, without the control characters that a terminal
/// would act on.
pub(crate) fn printable(text: &str) -> String {
    text.replace(char::is_control, "?")
}

/// A path as messages show it.
pub(crate) fn shown(path: &Path) -> String {
    escaped(path.as_os_str().as_bytes())
}

/// The tree that takes the place of /.
///
/// # Errors
/// If it has no `proc`.
pub(crate) fn open_root(path: &Path) -> Result<Root, Error> {
    Root::open(path).map_err(|error| {
        let proc = path.join("proc");
        Error::new(format!("cannot open {}: {}", shown(&proc), why(&error)))
    })
}

/// What is wrong with a file. A link whose target is missing gives the same error as a
/// missing file, which would mislead: the link itself is there.
pub(crate) fn file_error(action: &str, path: &Path, error: &io::Error) -> Error {
    let file = shown(path);
    let target = std::fs::read_link(path);
    Error::new(match target {
        Ok(target) if error.kind() == io::ErrorKind::NotFound => format!(
            "cannot {action} {file}: it is a link to {}, which does not exist",
            shown(&target)
        ),
        _ => format!("cannot {action} {file}: {}", why(error)),
    })
}
