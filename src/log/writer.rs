//! The file that a run is written to: gathered, written out, synced, locked,
//! and kept to its size.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::reader::{Event, Reader};
use nix::fcntl::{Flock, FlockArg};

/// Written out once this many bytes are gathered.
const GATHER: usize = 4096;

/// Why a log cannot be begun.
#[derive(Debug)]
pub enum OpenError {
    Io(io::Error),
    /// It is a directory, a device, a socket.
    NotAFile,
    /// It holds something else.
    NotALog,
    /// It was written in this later version of the format.
    Newer(u16),
    /// Another recorder is writing to it.
    Locked,
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The file of one run, open for writing, and locked against others.
pub struct Writer {
    file: Flock<File>,
    path: PathBuf,
    gathered: Vec<u8>,
    /// Where this run begins in the file.
    begin: u64,
    /// The file's length as far as it was written out.
    len: u64,
    written: u64,
    max_size: Option<u64>,
    /// The last write failed: what follows must be kept apart from it.
    torn: bool,
    unsynced: bool,
    /// The file's name is not known to outlive a loss of power.
    unnamed: bool,
    created: bool,
}

impl Writer {
    /// Creates `path`, which must not be there.
    ///
    /// # Errors
    /// Where it is there, or cannot be created.
    pub fn create(path: &Path, max_size: Option<u64>) -> Result<Self, OpenError> {
        let file = options().create_new(true).open(path)?;
        Self::with(file, path, max_size, true)
    }

    /// Opens `path` to append a run to it, or creates it.
    ///
    /// # Errors
    /// Where it cannot be opened, or holds something else than a log.
    pub fn append(path: &Path, max_size: Option<u64>) -> Result<Self, OpenError> {
        match Self::create(path, max_size) {
            Err(OpenError::Io(error)) if error.kind() == io::ErrorKind::AlreadyExists => {}
            done => return done,
        }
        if !std::fs::metadata(path)?.is_file() {
            return Err(OpenError::NotAFile);
        }
        let file = options().open(path)?;
        Self::with(file, path, max_size, false)
    }

    fn with(
        file: File,
        path: &Path,
        max_size: Option<u64>,
        created: bool,
    ) -> Result<Self, OpenError> {
        let mut file = Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(
            |(_, errno)| match errno {
                nix::errno::Errno::EWOULDBLOCK => OpenError::Locked,
                other => OpenError::Io(other.into()),
            },
        )?;
        let len = file.metadata()?.len();
        let mut torn = false;
        if len > 0 {
            is_a_log(&file)?;
            file.seek(SeekFrom::End(-1))?;
            let mut last = [0];
            file.read_exact(&mut last)?;
            torn = last != [0];
        }
        Ok(Self {
            file,
            path: path.to_path_buf(),
            gathered: Vec::with_capacity(2 * GATHER + super::frame::MAX_FRAME),
            // The 0x00 that ends what another run left is none of this run's.
            begin: len + u64::from(torn),
            len,
            written: 0,
            max_size,
            torn,
            unsynced: false,
            unnamed: created,
            created,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of this run that were written out, in all segments.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Gathers a frame, and writes out what is gathered once it is enough.
    ///
    /// # Errors
    /// Those of writing; what was gathered is lost then, and the next sample must
    /// stand alone.
    pub fn push(&mut self, frame: &[u8]) -> io::Result<()> {
        self.gathered.extend_from_slice(frame);
        if self.gathered.len() >= GATHER {
            self.write_out()?;
        }
        Ok(())
    }

    /// Writes out what is gathered.
    ///
    /// # Errors
    /// As [`Writer::push`].
    pub fn write_out(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let before = self.len;
        let done = self.write_gathered();
        self.gathered.clear();
        self.unsynced |= self.len != before;
        self.torn = done.is_err();
        done
    }

    fn write_gathered(&mut self) -> io::Result<()> {
        if self.torn {
            self.file.write_all(&[0])?;
            self.len += 1;
        }
        let mut rest = &self.gathered[..];
        while !rest.is_empty() {
            match self.file.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(len) => {
                    rest = &rest[len..];
                    self.len += len as u64;
                    self.written += len as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Sees to it that what was written out outlives a loss of power.
    ///
    /// # Errors
    /// Those of writing and of fdatasync(2); [`io::ErrorKind::NotFound`] where
    /// the file was removed.
    pub fn sync(&mut self) -> io::Result<()> {
        self.write_out()?;
        if std::mem::take(&mut self.unsynced) {
            self.file.sync_data()?;
            if std::mem::take(&mut self.unnamed) {
                self.sync_name();
            }
        }
        match self.file.metadata()?.nlink() {
            0 => Err(io::ErrorKind::NotFound.into()),
            _ => Ok(()),
        }
    }

    /// The segment has its size, and another must be begun.
    pub fn is_full(&self) -> bool {
        let len = self.len + self.gathered.len() as u64;
        self.max_size.is_some_and(|max| len >= max / 2)
    }

    /// Makes the file the older segment, and begins a new one. The caller has
    /// the header, the identities and a keyframe follow.
    ///
    /// # Errors
    /// Those of writing, renaming and creating, and [`io::ErrorKind::NotFound`]
    /// where another file has the name; the old segment is then still written to.
    pub fn rotate(&mut self) -> io::Result<()> {
        self.write_out()?;
        self.file.sync_data()?;
        if !self.has_its_name()? {
            return Err(io::ErrorKind::NotFound.into());
        }
        let older = older(&self.path);
        std::fs::rename(&self.path, &older)?;
        let file = match options().create_new(true).open(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                // So that it can be tried again.
                std::fs::rename(&older, &self.path)?;
                return Err(error);
            }
            file => file?,
        };
        self.file = Flock::lock(file, FlockArg::LockExclusiveNonblock)
            .map_err(|(_, errno)| io::Error::from(errno))?;
        self.begin = 0;
        self.len = 0;
        self.unnamed = true;
        Ok(())
    }

    /// Whether the file that is written to is still the one of that name.
    fn has_its_name(&self) -> io::Result<bool> {
        let (ours, named) = (self.file.metadata()?, std::fs::metadata(&self.path)?);
        Ok((ours.dev(), ours.ino()) == (named.dev(), named.ino()))
    }

    /// Not every file system can do this, and none says so in the same way: the
    /// file is synced all the same.
    fn sync_name(&self) {
        let folder = match self.path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }

    /// What this run has in the file: where it begins, and the file itself, which
    /// can be read even where its name is gone.
    ///
    /// # Errors
    /// Those of dup(2).
    pub fn run(&self) -> io::Result<(u64, File)> {
        Ok((self.begin, self.file.try_clone()?))
    }

    /// Removes the file again, where this run created it: it holds nothing.
    pub fn remove_if_created(&self) {
        if self.created {
            // An empty file that stays behind does no harm.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    // Appending, so that whoever truncates the file leaves no hole in it.
    options.read(true).append(true);
    options
        .custom_flags(nix::fcntl::OFlag::O_CLOEXEC.bits() | nix::fcntl::OFlag::O_NONBLOCK.bits());
    options
}

/// The older segment of the log at `path`.
pub fn older(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".old");
    PathBuf::from(name)
}

/// Looks for one whole frame.
fn is_a_log(file: &File) -> Result<(), OpenError> {
    let mut reader = Reader::new(file);
    loop {
        let event = reader.next_event()?;
        if let Some(Event::Damage(damage)) = &event {
            if let super::frame::Fault::Newer(version) = damage.fault {
                return Err(OpenError::Newer(version));
            }
        }
        // Without a header there may be frames that are not told of.
        if reader.frames() > 0 {
            return Ok(());
        }
        if event.is_none() {
            return Err(OpenError::NotALog);
        }
    }
}
