//! The directory of a benchmark: the logs that count, the attempts, a copy of the plan, the
//! journal.

use super::plan;
use crate::bench::journal::{Line, State};
use crate::bench::steps::Step;
use crate::commands::durable;
use crate::commands::outcome::{file_error, shown, Error};
use crate::commands::texts;
use crate::render::utc;
use crate::system::clock;
use nix::fcntl::{Flock, FlockArg};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub(super) struct Directory {
    path: PathBuf,
    product: String,
}

impl Directory {
    pub(super) fn new(path: &str, product: &str) -> Self {
        Self {
            path: PathBuf::from(path),
            product: product.to_owned(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Of a run that counts.
    pub(super) fn log(&self, step: &Step) -> PathBuf {
        self.path.join(format!("{}-{step}.ebl", self.product))
    }

    /// Where each run is recorded first; it stays there if it does not count.
    pub(super) fn attempt(&self, step: &Step, attempt: u64) -> PathBuf {
        let name = format!("{}-{step}.{attempt}.ebl", self.product);
        self.attempts().join(name)
    }

    pub(super) fn attempts(&self) -> PathBuf {
        self.path.join("attempts")
    }

    /// What tells whether the board has settled.
    pub(super) fn settling(&self) -> PathBuf {
        self.attempts().join("settling.ebl")
    }

    /// The plan as it was at the beginning.
    pub(super) fn plan(&self) -> PathBuf {
        self.path.join("plan")
    }

    /// # Errors
    /// If the plan at `path` is that copy, by which a change of it would be noticed.
    pub(super) fn is_apart(&self, path: &Path) -> Result<(), Error> {
        match (fs::canonicalize(path), fs::canonicalize(self.plan())) {
            (Ok(path), Ok(copy)) if path == copy => Err(Error::new(format!(
                "{}: the benchmark keeps its copy of the plan there; put yours elsewhere",
                shown(&path)
            ))),
            _ => Ok(()),
        }
    }

    /// What the plan's commands write.
    pub(super) fn output(&self) -> PathBuf {
        self.path.join("commands.txt")
    }

    /// The moment of a restart.
    pub(super) fn restart(&self) -> PathBuf {
        self.path.join("restart")
    }

    /// The page, with this suffix.
    pub(super) fn page(&self, suffix: &str) -> PathBuf {
        self.path.join(format!("{}.{suffix}", self.product))
    }

    pub(super) fn journal(&self) -> PathBuf {
        self.path.join("journal")
    }

    /// What its journal says.
    pub(super) fn state(&self) -> Result<State, Error> {
        Ok(State::of(&plan::text(&self.journal())?))
    }

    pub(super) fn create(&self) -> Result<(), Error> {
        let path = self.attempts();
        durable::create_folder(&path).map_err(|error| file_error("create", &path, &error))
    }

    /// Puts the log of an attempt in its place: from then on it counts.
    pub(super) fn count(&self, step: &Step, attempt: u64) -> Result<(), Error> {
        let (from, to) = (self.attempt(step, attempt), self.log(step));
        let moved =
            durable::rename(&from, &to).and_then(|()| durable::sync_names(&self.attempts()));
        moved.map_err(|error| file_error("write", &to, &error))
    }
}

/// The journal, which nobody else writes to.
pub(super) struct Journal {
    file: Flock<File>,
    path: PathBuf,
    pub(super) state: State,
}

impl Journal {
    /// Opens it, or creates it; drops a line that a power cut has torn.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let failed = |error: io::Error| file_error("write", path, &error);
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        let file = options.open(path).map_err(failed)?;
        durable::sync_names(durable::folder_of(path)).map_err(failed)?;
        let lock = FlockArg::LockExclusiveNonblock;
        let file = Flock::lock(file, lock).map_err(|(_, errno)| match errno {
            nix::Error::EWOULDBLOCK => Error::new(format!(
                "the benchmark in {} is under way: bench --status tells how far it is",
                shown(durable::folder_of(path))
            )),
            errno => failed(errno.into()),
        })?;
        let text = texts::rest(&file).map_err(failed)?;
        let whole = text.iter().rposition(|&byte| byte == b'\n');
        let whole = whole.map_or(0, |end| end + 1);
        if whole < text.len() {
            file.set_len(whole as u64).map_err(failed)?;
        }
        Ok(Self {
            state: State::of(&text),
            path: path.to_path_buf(),
            file,
        })
    }

    /// Adds a line, which is on the disk when this returns; of one that cannot be written
    /// nothing stays, for the next would join it.
    pub(super) fn add(&mut self, line: &Line) -> Result<(), Error> {
        let now_ns = clock::realtime_ns();
        let text = format!("{} {line}\n", utc::compact(now_ns));
        self.write(&text)
            .map_err(|error| file_error("write", &self.path, &error))?;
        self.state.take(line, Some(now_ns / 1_000_000_000));
        Ok(())
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        let before = self.file.metadata()?.len();
        let written = self.file.write_all(text.as_bytes());
        if written.is_err() {
            self.file.set_len(before)?;
        }
        written?;
        self.file.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::resource::{getrlimit, setrlimit, Resource};
    use nix::sys::signal::{SigSet, Signal};

    /// The limit is of the whole process: one that no other test comes near.
    #[test]
    fn of_a_line_that_cannot_be_written_nothing_stays() {
        const LIMIT: u64 = 1 << 40;
        let path = std::env::temp_dir().join(format!("edgebench-journal-{}", std::process::id()));
        let mut journal = Journal::open(&path).unwrap();
        journal.file.set_len(LIMIT - 10).unwrap();
        let mut signals = SigSet::empty();
        signals.add(Signal::SIGXFSZ);
        signals.thread_block().unwrap();
        let (soft, hard) = getrlimit(Resource::RLIMIT_FSIZE).unwrap();
        setrlimit(Resource::RLIMIT_FSIZE, LIMIT, hard).unwrap();
        let torn = journal.write("a line of more than 10 bytes\n");
        setrlimit(Resource::RLIMIT_FSIZE, soft, hard).unwrap();
        assert_eq!(torn.unwrap_err().raw_os_error(), Some(libc::EFBIG));
        assert_eq!(journal.file.metadata().unwrap().len(), LIMIT - 10);
        std::fs::remove_file(&path).unwrap();
    }
}
