//! Writes a run: gathers frames, writes them out, syncs them, and limits the log's size.
//!
//! Frames that cannot be written are kept and written later, and those that a failed sync
//! may have lost are written again: a run has no gap unless the failure lasts until the
//! memory for kept frames is full.

use super::file;
pub use super::file::{older, OpenError, Standing};
use super::frame::MAX_FRAME;
use super::rewrite;
use super::room::Room;
use nix::errno::Errno;
use nix::fcntl::Flock;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Bytes that are gathered before they are written out.
const GATHER: usize = 4096;
/// Bytes that are kept while nothing can be written.
const KEPT: usize = 64 << 10;
/// The most bytes that are written again after a sync failed.
const WRITTEN_AGAIN: u64 = 1 << 20;

/// The file of one run, open for writing and locked.
pub struct Writer {
    file: Flock<File>,
    /// As the user gave it.
    path: PathBuf,
    /// Where the links of `path` lead to.
    target: PathBuf,
    gathered: Vec<u8>,
    /// A part of the first frame in `gathered` is written.
    partial: bool,
    /// The offset of this run in the file.
    begin: u64,
    /// The length of the file, as far as it is written out.
    len: u64,
    /// The length that survives a loss of power.
    safe: u64,
    written: u64,
    max_size: Option<u64>,
    room: Room,
    /// The last frame in the file has no end.
    torn: bool,
    /// The last write failed: only [`Writer::write_out`] tries again.
    failing: bool,
    /// The last sync failed: bytes past `safe` may be lost, though they can be read.
    doubtful: bool,
    /// The last error of writing or syncing; 0: none.
    errno: i32,
    /// Samples that are not wholly written out, and those that are but are not safe.
    samples: (u64, u64),
    /// Samples that turned out to be lost after they were written out.
    lost: u64,
    /// The file's name may not survive a loss of power.
    unnamed: bool,
    created: bool,
}

impl Writer {
    /// Creates `path`, which must not exist.
    ///
    /// # Errors
    /// Where it exists or cannot be created.
    pub fn create(path: &Path, max_size: Option<u64>) -> Result<Self, OpenError> {
        let file = file::create(path)?;
        Self::with(file, path, path.to_path_buf(), max_size, true)
    }

    /// Opens `path` to append a run to it, or creates it. Symbolic links are followed.
    ///
    /// # Errors
    /// Where it cannot be opened or is not a log.
    pub fn append(path: &Path, max_size: Option<u64>) -> Result<Self, OpenError> {
        match Self::create(path, max_size) {
            Err(OpenError::Io(error)) if error.kind() == io::ErrorKind::AlreadyExists => {}
            done => return done,
        }
        let about = std::fs::symlink_metadata(path)?;
        let target = match about.is_symlink() {
            true => {
                file::refuse_foreign(path, &about)?;
                std::fs::canonicalize(path)?
            }
            false => path.to_path_buf(),
        };
        let file = file::open(&target)?;
        Self::with(file, path, target, max_size, false)
    }

    fn with(
        file: Flock<File>,
        path: &Path,
        target: PathBuf,
        max_size: Option<u64>,
        created: bool,
    ) -> Result<Self, OpenError> {
        let mut writer = Self {
            file,
            path: path.to_path_buf(),
            target,
            gathered: Vec::with_capacity(2 * GATHER + MAX_FRAME),
            partial: false,
            begin: 0,
            len: 0,
            safe: 0,
            written: 0,
            max_size,
            room: Room::default(),
            torn: false,
            failing: false,
            doubtful: false,
            errno: 0,
            samples: (0, 0),
            lost: 0,
            unnamed: created,
            created,
        };
        writer.at_the_end()?;
        Ok(writer)
    }

    /// Finds the end of the file.
    fn at_the_end(&mut self) -> io::Result<()> {
        let len = self.file.metadata()?.len();
        self.torn = file::is_torn(&self.file, len)?;
        // The 0x00 that ends another run's torn frame does not belong to this run.
        self.begin = len + u64::from(self.torn);
        (self.len, self.safe) = (len, len);
        self.room = Room::default();
        Ok(())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of this run that were written out, in all segments.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// The error of the last write or sync that failed; 0: none did.
    pub fn errno(&self) -> i32 {
        self.errno
    }

    /// The last write failed; frames are kept until one succeeds.
    pub fn is_failing(&self) -> bool {
        self.failing
    }

    /// The last sync failed.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.doubtful
    }

    /// Samples that were lost after they were written out: the next one must stand alone.
    pub(crate) fn lost(&self) -> u64 {
        self.lost
    }

    /// Samples that are gathered, and those written out that a loss of power may take.
    pub(crate) fn unsafe_samples(&self) -> (u64, u64) {
        self.samples
    }

    /// Gathers a frame, and writes out the gathered frames once they are enough. Where that
    /// fails, they are kept.
    ///
    /// # Errors
    /// That of the last write, where there is no room to keep it: the frame is lost then,
    /// and the next sample must stand alone.
    pub fn push(&mut self, frame: &[u8]) -> io::Result<()> {
        if self.failing && self.gathered.len() + frame.len() > self.gathered.capacity() {
            return Err(io::Error::from_raw_os_error(self.errno));
        }
        self.gathered.extend_from_slice(frame);
        if !self.failing && self.gathered.len() >= GATHER {
            // The caller asks `is_failing`, and `sync` returns the error.
            let _ = self.write_out();
        }
        Ok(())
    }

    /// All frames of a sample were pushed.
    pub(crate) fn end_sample(&mut self) {
        match self.gathered.is_empty() {
            true => self.samples.1 += 1,
            false => self.samples.0 += 1,
        }
    }

    /// Writes out the gathered frames.
    ///
    /// # Errors
    /// Those of writing; the gathered frames are kept.
    pub fn write_out(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let done = self.write_gathered();
        self.note(&done);
        if done.is_ok() {
            self.samples.1 += std::mem::take(&mut self.samples.0);
        } else if !self.failing {
            // Without memory for more, the gathered frames still have room.
            let more = KEPT.saturating_sub(self.gathered.len());
            let _ = crate::system::memory::if_there_is(|| self.gathered.try_reserve_exact(more));
        }
        self.failing = done.is_err();
        done
    }

    fn note(&mut self, done: &io::Result<()>) {
        if let Err(error) = done {
            self.errno = error.raw_os_error().unwrap_or(libc::EIO);
        }
    }

    fn write_gathered(&mut self) -> io::Result<()> {
        let more = self.gathered.len() as u64 + u64::from(self.torn);
        self.room.keep(&self.file, self.len, more)?;
        if self.torn {
            self.file.write_all(&[0])?;
            self.len += 1;
            self.torn = false;
        }
        let (count, done) = file::write(&self.file, &self.gathered);
        self.len += count as u64;
        self.written += count as u64;
        let last = count.checked_sub(1).and_then(|at| self.gathered.get(at));
        self.partial = last.map_or(self.partial, |last| *last != 0);
        if done.is_err() {
            let whole = rewrite::samples_within(&self.gathered, count).min(self.samples.0);
            self.samples = (self.samples.0 - whole, self.samples.1 + whole);
        }
        self.gathered.drain(..count);
        done
    }

    /// What is pushed from now on goes into the room that was kept. What is gathered and
    /// could not be written is dropped, but for the rest of the frame of which a part is
    /// written; says how many samples are lost by that.
    pub(crate) fn use_room(&mut self) -> u64 {
        let rest = rewrite::rest_of_frame(&self.gathered, self.partial);
        let whole = rewrite::samples_within(&self.gathered, rest).min(self.samples.0);
        self.gathered.truncate(rest);
        self.room.used();
        std::mem::replace(&mut self.samples.0, whole) - whole
    }

    /// Makes all frames so far survive a loss of power.
    ///
    /// # Errors
    /// Those of writing and of fdatasync(2); EROFS where the file system has become
    /// read-only, which fdatasync does not report; [`io::ErrorKind::NotFound`] where the file
    /// was removed.
    pub fn sync(&mut self) -> io::Result<()> {
        self.write_out()?;
        let done = self.make_safe();
        self.note(&done);
        done?;
        match self.file.metadata()?.nlink() {
            0 => Err(io::ErrorKind::NotFound.into()),
            _ => Ok(()),
        }
    }

    fn make_safe(&mut self) -> io::Result<()> {
        if self.safe == self.len {
            return Ok(());
        }
        if self.doubtful {
            self.write_again()?;
        }
        self.doubtful = true;
        self.file.sync_data()?;
        if file::is_read_only(&self.file) {
            return Err(Errno::EROFS.into());
        }
        self.doubtful = false;
        self.safe = self.len;
        self.samples.1 = 0;
        if std::mem::take(&mut self.unnamed) {
            file::sync_name(&self.target);
        }
        Ok(())
    }

    /// Samples whose first frame can no longer be read are lost.
    fn write_again(&mut self) -> io::Result<()> {
        let found = match self.len - self.safe {
            len if len > WRITTEN_AGAIN => 0,
            _ => rewrite::rewrite(&self.file, self.safe, self.len)?,
        };
        let lost = self.samples.1.saturating_sub(found);
        self.lost += lost;
        self.samples.1 -= lost;
        Ok(())
    }

    /// Bytes of this run, those that are gathered included.
    pub(crate) fn pushed(&self) -> u64 {
        self.written + self.gathered.len() as u64
    }

    /// The segment has no room for so many bytes more, and another must begin.
    pub fn is_full(&self, more: u64) -> bool {
        let len = self.len + self.gathered.len() as u64 + more;
        self.max_size.is_some_and(|max| len > max / 2)
    }

    /// Makes the file the older segment, and begins a new one. The caller must write the
    /// header, the identities and a Key next.
    ///
    /// # Errors
    /// Those of writing, renaming and creating; [`io::ErrorKind::NotFound`] where another
    /// file has the name; those of replacing the older segment. The old segment then
    /// stays in use.
    pub fn rotate(&mut self) -> Result<(), OpenError> {
        self.sync()?;
        if self.standing()? != Standing::Whole {
            return Err(OpenError::Io(io::ErrorKind::NotFound.into()));
        }
        let newer = file::replace(&self.file, &self.target)?;
        self.room.give_back(&self.file);
        self.file = newer;
        (self.begin, self.len, self.safe) = (0, 0, 0);
        self.unnamed = true;
        Ok(())
    }

    /// Whether others have moved, removed or truncated the file.
    ///
    /// # Errors
    /// Those of fstat(2) and lstat(2).
    pub fn standing(&self) -> io::Result<Standing> {
        file::standing(&self.file, &self.target, self.len)
    }

    /// Goes on at the end of a file that was truncated. The caller must write the header,
    /// the identities and a Key next, as after [`Writer::reopen`].
    ///
    /// # Errors
    /// Those of reading.
    pub fn go_on(&mut self) -> io::Result<()> {
        self.at_the_end()?;
        // Of a frame whose beginning is gone the rest would be damage.
        self.gathered
            .drain(..rewrite::rest_of_frame(&self.gathered, self.partial));
        self.partial = false;
        self.begin += self.gathered.len() as u64;
        self.samples.1 = 0;
        Ok(())
    }

    /// Goes on in the file that now has the name, or creates one.
    ///
    /// # Errors
    /// As [`Writer::append`]; the file then stays in use.
    pub fn reopen(&mut self) -> Result<(), OpenError> {
        let _ = self.sync();
        let (file, created) = match file::create(&self.target) {
            Err(OpenError::Io(error)) if error.kind() == io::ErrorKind::AlreadyExists => {
                (file::open(&self.target)?, false)
            }
            file => (file?, true),
        };
        self.room.give_back(&self.file);
        self.file = file;
        (self.unnamed, self.doubtful) = (created, false);
        Ok(self.go_on()?)
    }

    /// The offset of this run in the file, and the file, which can be read even where its
    /// name is gone.
    ///
    /// # Errors
    /// Those of dup(2).
    pub fn run(&self) -> io::Result<(u64, File)> {
        Ok((self.begin, self.file.try_clone()?))
    }

    /// Removes the file, which is empty, where this run created it.
    pub(crate) fn remove_if_created(&self) {
        if self.created {
            // An empty file that stays behind does no harm.
            let _ = std::fs::remove_file(&self.target);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.room.give_back(&self.file);
    }
}
