//! Why a machine cannot be sampled.

use crate::proc::text::ParseError;
use crate::system::errno::reason;
use nix::errno::Errno;
use std::fmt;
use std::path::PathBuf;

/// Why a file of a `/proc` of processes only is not there, and what would mend it.
pub(crate) const SUBSET_PID: &str = "/proc is mounted with subset=pid, and shows processes only: \
                                     mount it without that (systemd: ProcSubset=all)";

/// The machine cannot be sampled.
#[derive(Debug)]
pub enum Error {
    Read(PathBuf, Errno),
    Parse(PathBuf, ParseError),
    /// It is not there, for `/proc` is mounted with subset=pid.
    ProcessesOnly(PathBuf),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(path, errno) => {
                write!(f, "cannot read {}: {}", path.display(), reason(*errno))
            }
            Self::ProcessesOnly(path) => write!(f, "cannot read {}: {SUBSET_PID}", path.display()),
            Self::Parse(path, error) => write!(f, "{}:{error}", path.display()),
        }
    }
}

impl std::error::Error for Error {}
