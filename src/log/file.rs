//! The file of a log: opening, locking and replacing it by the next segment, and the check
//! that it is the user's own.

use super::frame::{begins_header, Fault};
use super::reader::{Event, Reader};
use crate::system::errno::why;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};
use nix::sys::statvfs::{fstatvfs, FsFlags};
use nix::unistd::geteuid;
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Seek, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Why a file cannot be written to as a log.
#[derive(Debug)]
pub enum OpenError {
    Io(io::Error),
    /// It is a directory, a device, a socket.
    NotAFile,
    /// Its content is not a log.
    NotALog,
    /// It was written in this later version of the format.
    Newer(u16),
    /// Another recorder is writing to it.
    Locked,
    /// It belongs to this user, in a sticky folder.
    Foreign(u32),
    /// This standard stream goes into it.
    Stream(&'static str),
}

/// What others did to the file during the recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Whole,
    /// Cut to this many bytes.
    Truncated(u64),
    /// Its last name is gone.
    Removed,
    /// It has another name now.
    Moved,
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => f.write_str(&why(error)),
            Self::NotAFile => f.write_str("not a regular file"),
            Self::NotALog => f.write_str("not an edgebench-lite log"),
            Self::Newer(version) => write!(f, "written in version {version} of the log format"),
            Self::Locked => f.write_str("another recorder is writing to it"),
            Self::Foreign(uid) => write!(
                f,
                "it belongs to another user (uid {uid}), in a folder with the sticky bit"
            ),
            Self::Stream(name) => write!(f, "standard {name} goes into it"),
        }
    }
}

/// The file that the symbolic links of `path` lead to; `path` itself where there is none.
pub(super) fn target(path: &Path) -> PathBuf {
    let is_link = fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink());
    let target = is_link.then(|| fs::canonicalize(path).ok()).flatten();
    target.unwrap_or_else(|| path.to_path_buf())
}

/// The older segment of the log at `path`: it lies beside the file itself, not beside a
/// link to it.
pub fn older(path: &Path) -> PathBuf {
    with_suffix(&target(path), ".old")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// The folder that `path` lies in.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Syncs the folder. Errors are ignored: not every file system can do this, and each
/// reports that differently.
pub(super) fn sync_name(path: &Path) {
    let _ = File::open(folder(path)).and_then(|folder| folder.sync_all());
}

/// Whether its file system has become read-only.
pub(super) fn is_read_only(file: &File) -> bool {
    fstatvfs(file).is_ok_and(|about| about.flags().contains(FsFlags::ST_RDONLY))
}

/// Whether the last frame of a file of this length has no end.
pub(super) fn is_torn(file: &File, len: u64) -> io::Result<bool> {
    let Some(last) = len.checked_sub(1) else {
        return Ok(false);
    };
    let mut byte = [0];
    file.read_exact_at(&mut byte, last)?;
    Ok(byte != [0])
}

/// Writes as many of the bytes as it can, and returns how many.
pub(super) fn write(mut file: &File, bytes: &[u8]) -> (usize, io::Result<()>) {
    let mut count = 0;
    while let Some(rest @ [_, ..]) = bytes.get(count..) {
        match file.write(rest) {
            Ok(0) => return (count, Err(Errno::ENOSPC.into())),
            Ok(len) => count = count.saturating_add(len),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (count, Err(error)),
        }
    }
    (count, Ok(()))
}

/// Creates the file at `path`, which must not exist. Only its owner may read it, because
/// a log holds command lines.
pub(super) fn create(path: &Path) -> Result<Flock<File>, OpenError> {
    lock(options().create_new(true).mode(0o600).open(path)?)
}

/// Opens an existing log or an empty file. The caller has followed the links.
pub(super) fn open(path: &Path) -> Result<Flock<File>, OpenError> {
    // Opening a device may have effects.
    let about = fs::symlink_metadata(path)?;
    if !about.is_file() {
        return Err(OpenError::NotAFile);
    }
    refuse_foreign(path, &about)?;
    let file = options().open(path)?;
    // The name may lead to another file by now.
    let about = file.metadata()?;
    refuse_foreign(path, &about)?;
    refuse_streams(&about)?;
    let file = lock(file)?;
    if about.len() > 0 {
        is_a_log(&file)?;
    }
    Ok(file)
}

/// In a sticky folder anybody may have made the file or the link, to redirect what root
/// writes.
pub(super) fn refuse_foreign(path: &Path, about: &Metadata) -> Result<(), OpenError> {
    let is_sticky = fs::metadata(folder(path))?.mode() & libc::S_ISVTX != 0;
    let owner = about.uid();
    match is_sticky && owner != geteuid().as_raw() && owner != 0 {
        true => Err(OpenError::Foreign(owner)),
        false => Ok(()),
    }
}

fn are_one(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// What is printed would lie in the midst of the log.
fn refuse_streams(about: &Metadata) -> Result<(), OpenError> {
    for (name, stream) in [("output", "/proc/self/fd/1"), ("error", "/proc/self/fd/2")] {
        let stream = fs::metadata(stream);
        if stream.is_ok_and(|stream| are_one(&stream, about)) {
            return Err(OpenError::Stream(name));
        }
    }
    Ok(())
}

/// Whether a file still has this name and length.
pub(super) fn standing(file: &File, path: &Path, len: u64) -> io::Result<Standing> {
    // The name first: of a file that is removed between the two, the links tell it.
    let named = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        named => Some(named?),
    };
    let ours = file.metadata()?;
    let is_named = named.is_some_and(|named| are_one(&ours, &named));
    Ok(match () {
        () if ours.nlink() == 0 => Standing::Removed,
        () if !is_named => Standing::Moved,
        () if ours.len() < len => Standing::Truncated(ours.len()),
        () => Standing::Whole,
    })
}

/// Makes this segment, the file at `path`, the older one, and creates a new one in its
/// place. The new file exists before the old one is renamed.
pub(super) fn replace(segment: &File, path: &Path) -> Result<Flock<File>, OpenError> {
    let older = with_suffix(path, ".old");
    may_be_replaced(&older)?;
    let newer = with_suffix(path, ".new");
    let file = match create(&newer) {
        // A recorder that was killed at this point left it behind.
        Err(OpenError::Io(error)) if error.kind() == io::ErrorKind::AlreadyExists => {
            match open(&newer)? {
                left if left.metadata()?.len() == 0 => left,
                _ => return Err(OpenError::Io(error)),
            }
        }
        file => file?,
    };
    let moved = fs::rename(path, &older).and_then(|()| {
        fs::rename(&newer, path).map_err(|error| match fs::rename(&older, path) {
            Ok(()) => error,
            Err(worse) => worse,
        })
    });
    if moved.is_err() {
        // An empty file that stays behind does no harm.
        let _ = fs::remove_file(&newer);
    }
    moved?;
    // On FAT the new name has neither length nor place before that. Where it fails, all is
    // written still.
    let _ = segment.sync_all();
    sync_name(path);
    Ok(file)
}

/// Only an older segment may be replaced: any other file of that name is the user's.
fn may_be_replaced(older: &Path) -> Result<(), OpenError> {
    let about = match fs::symlink_metadata(older) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        about => about?,
    };
    if !about.is_file() {
        return Err(OpenError::NotAFile);
    }
    refuse_foreign(older, &about)?;
    match about.len() {
        0 => Ok(()),
        _ => is_a_log(&reading().open(older)?),
    }
}

fn reading() -> OpenOptions {
    let mut options = OpenOptions::new();
    let flags = OFlag::O_CLOEXEC | OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW;
    options.read(true).custom_flags(flags.bits());
    options
}

fn options() -> OpenOptions {
    let mut options = reading();
    // Appending, so that a file that somebody truncates gets no hole.
    options.append(true);
    options
}

fn lock(file: File) -> Result<Flock<File>, OpenError> {
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, errno)| match errno {
        Errno::EWOULDBLOCK => OpenError::Locked,
        other => OpenError::Io(other.into()),
    })
}

/// Looks for one whole frame; or for what a power cut leaves of a log whose first frame was
/// not on the disk yet: zeros, or the beginning of a header.
fn is_a_log(file: &File) -> Result<(), OpenError> {
    let mut head = [0; 24];
    let len = file.read_at(&mut head, 0)?;
    let is_begun = begins_header(head.get(..len).unwrap_or_default());
    let mut is_zeros = true;
    let mut reader = Reader::new(file);
    loop {
        let event = reader.next_event()?;
        if let Some(Event::Damage(damage)) = &event {
            if let Fault::Newer(version) = damage.fault {
                return Err(OpenError::Newer(version));
            }
            is_zeros &= matches!(damage.fault, Fault::Empty);
        }
        // Frames without a header make no event.
        if reader.frames() > 0 {
            return Ok(());
        }
        if event.is_none() {
            return match is_begun || is_zeros {
                true => Ok(()),
                false => Err(OpenError::NotALog),
            };
        }
    }
}

/// Runs of a log, and those of them that have samples.
pub(crate) fn runs(mut file: &File) -> io::Result<(usize, usize)> {
    file.rewind()?;
    let mut reader = Reader::new(file);
    let (mut runs, mut sampled) = (0, 0);
    while let Some(event) = reader.next_event()? {
        if matches!(
            event,
            Event::Identity(_) | Event::Product(_) | Event::Sample
        ) {
            let before = std::mem::replace(&mut runs, reader.runs());
            sampled = usize::from(runs > before).saturating_add(sampled);
            reader.skim();
        }
    }
    Ok((reader.runs(), sampled))
}
