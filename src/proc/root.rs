//! The directory that holds the kernel's files: `/`, or a captured tree.

use super::pid_stat;
use crate::system::directory::Directory;
use nix::errno::Errno;
use nix::fcntl::{openat, AtFlags, OFlag};
use nix::sys::stat::Mode;
use nix::sys::uio::pread;
use nix::unistd::read;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

/// The kernel's PROC_PID_INIT_INO: the first PID namespace has it in every kernel
/// since 3.8.
const FIRST_PID_NAMESPACE: &str = "pid:[4026531836]";

/// Files under one directory, opened relative to it. Except where a method says so,
/// nothing here allocates after [`Root::open`], for the sampling loop uses it.
#[derive(Debug)]
pub struct Root {
    dir: OwnedFd,
    proc: OwnedFd,
    path: PathBuf,
}

impl Root {
    /// `path` takes the place of `/`: it holds `proc`, and perhaps `sys` and `etc`.
    ///
    /// # Errors
    /// Where `path` or `path/proc` cannot be opened as a directory.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlag::O_DIRECTORY | OFlag::O_CLOEXEC | OFlag::O_PATH;
        let dir = nix::fcntl::open(path, flags, Mode::empty())?;
        let proc = openat(&dir, "proc", flags, Mode::empty())?;
        Ok(Self {
            dir,
            proc,
            path: path.to_path_buf(),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether this is the machine itself, not a captured tree.
    pub(crate) fn is_live(&self) -> bool {
        self.path == Path::new("/")
    }

    /// Whether other users' processes are hidden from this one (`hidepid`): process 1 always
    /// exists.
    pub(crate) fn hides_processes(&self) -> bool {
        let denied = |errno| matches!(errno, Errno::ENOENT | Errno::EACCES | Errno::EPERM);
        self.is_live() && self.open_proc("1/stat").is_err_and(denied)
    }

    /// Whether the machine's processes are all in its PID namespace: in a container's, those
    /// outside are not. A kernel without namespaces has no such link.
    pub(crate) fn is_first_pid_namespace(&self) -> bool {
        let namespace = self.read_link("proc/self/ns/pid");
        namespace.map_or(true, |namespace| namespace == FIRST_PID_NAMESPACE)
    }

    /// The path of a file of `/proc`, for messages.
    pub(crate) fn proc_path(&self, name: &str) -> PathBuf {
        self.path.join("proc").join(name)
    }

    /// Opens a file of `/proc`.
    ///
    /// # Errors
    /// openat(2)'s.
    pub(crate) fn open_proc(&self, name: &str) -> nix::Result<OwnedFd> {
        open_at(&self.proc, name)
    }

    /// Opens a file under the root.
    ///
    /// # Errors
    /// openat(2)'s.
    pub(crate) fn open_file(&self, name: &str) -> nix::Result<OwnedFd> {
        open_at(&self.dir, name)
    }

    /// The names in a directory under the root, sorted; none where there is no such
    /// directory. This allocates.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let flags = OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let Ok(mut dir) = nix::dir::Dir::openat(&self.dir, name, flags, Mode::empty()) else {
            return Vec::new();
        };
        let names = dir.iter().flatten().filter_map(|entry| {
            let name = entry.file_name().to_str().ok()?;
            (name != "." && name != "..").then(|| name.to_owned())
        });
        let mut names: Vec<String> = names.collect();
        names.sort_unstable();
        names
    }

    /// Where a link under the root leads to. This allocates.
    ///
    /// # Errors
    /// readlinkat(2)'s.
    pub(crate) fn read_link(&self, name: &str) -> nix::Result<std::ffi::OsString> {
        nix::fcntl::readlinkat(&self.dir, name)
    }

    /// The directory itself. It cannot be listed through this descriptor.
    pub(crate) fn dir(&self) -> impl AsFd + '_ {
        &self.dir
    }

    /// Opens the directory `/proc` for listing.
    ///
    /// # Errors
    /// openat(2)'s.
    pub(crate) fn list_proc(&self) -> nix::Result<OwnedFd> {
        let flags = OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        openat(&self.proc, ".", flags, Mode::empty())
    }

    /// The pids in `/proc`, sorted. This allocates.
    ///
    /// # Errors
    /// openat(2)'s and getdents64(2)'s.
    pub(crate) fn pids(&self) -> nix::Result<Vec<u32>> {
        let mut pids = Vec::new();
        Directory::new(self.list_proc()?).names(|name| pids.extend(pid_stat::pid(name)))?;
        pids.sort_unstable();
        Ok(pids)
    }

    /// Device and inode of the target of a link of `/proc`, such as `PID/exe`.
    ///
    /// # Errors
    /// fstatat(2)'s.
    pub(crate) fn identify_proc(&self, name: &str) -> nix::Result<(u64, u64)> {
        let stat = nix::sys::stat::fstatat(&self.proc, name, AtFlags::empty())?;
        Ok((stat.st_dev, wide(stat.st_ino)))
    }

    /// Reads a file of `/proc` whose text the kernel gives at once, as it does where one
    /// function writes the whole (`single_open`), with one read(2). A text that is longer
    /// than `buffer` is cut.
    ///
    /// # Errors
    /// openat(2)'s and read(2)'s.
    pub(crate) fn read_proc<'b>(&self, name: &str, buffer: &'b mut [u8]) -> nix::Result<&'b [u8]> {
        let file = self.open_proc(name)?;
        read_once(&file, buffer)
    }

    /// Reads a file under the root to its end, or as much as `buffer` holds.
    ///
    /// # Errors
    /// openat(2)'s and pread(2)'s.
    pub(crate) fn read<'b>(&self, name: &str, buffer: &'b mut [u8]) -> nix::Result<&'b [u8]> {
        let file = open_at(&self.dir, name)?;
        reread_to_end(&file, buffer)
    }
}

/// Numbers of the C library that have 32 bits on some targets.
pub(crate) fn wide(number: impl Into<u64>) -> u64 {
    number.into()
}

/// Reads a file that the user names, or as much of it as `buffer` holds.
///
/// # Errors
/// open(2)'s and read(2)'s.
pub(crate) fn read_file<'b>(path: &Path, buffer: &'b mut [u8]) -> nix::Result<&'b [u8]> {
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
    let file = nix::fcntl::open(path, flags, Mode::empty())?;
    reread_to_end(&file, buffer)
}

fn open_at(dir: impl AsFd, name: &str) -> nix::Result<OwnedFd> {
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
    openat(dir, name, flags, Mode::empty())
}

/// Makes a system call again while a signal interrupts it.
fn uninterrupted(mut call: impl FnMut() -> nix::Result<usize>) -> nix::Result<usize> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            done => return done,
        }
    }
}

/// What a system call has filled, which is no more than it was given.
fn beginning(buffer: &[u8], len: usize) -> &[u8] {
    buffer.get(..len).unwrap_or(buffer)
}

/// No buffer is longer than a file can be.
fn offset(at: usize) -> nix::libc::off_t {
    at.try_into().unwrap_or(nix::libc::off_t::MAX)
}

/// One read(2).
///
/// # Errors
/// read(2)'s.
pub(crate) fn read_once(file: impl AsFd, buffer: &mut [u8]) -> nix::Result<&[u8]> {
    let len = uninterrupted(|| read(&file, buffer))?;
    Ok(beginning(buffer, len))
}

/// One pread(2) from the beginning, for a descriptor that is kept.
///
/// # Errors
/// pread(2)'s.
pub(crate) fn reread(file: impl AsFd, buffer: &mut [u8]) -> nix::Result<&[u8]> {
    let len = uninterrupted(|| pread(&file, buffer, 0))?;
    Ok(beginning(buffer, len))
}

/// As [`reread`], for texts that the kernel gives in pieces: a short read is not
/// the end of them.
///
/// # Errors
/// pread(2)'s.
pub(crate) fn reread_to_end(file: impl AsFd, buffer: &mut [u8]) -> nix::Result<&[u8]> {
    let mut len = 0;
    while let Some(rest @ [_, ..]) = buffer.get_mut(len..) {
        match uninterrupted(|| pread(&file, rest, offset(len)))? {
            0 => break,
            more => len = len.saturating_add(more),
        }
    }
    Ok(beginning(buffer, len))
}

/// As [`reread`], for a text that is longer than `buffer`: `take` gets one piece after
/// the other and returns how many bytes of it it has used; the rest stands before the
/// next piece. Each pread(2) begins where the one before ended, so the kernel goes on in
/// the text of the first.
///
/// # Errors
/// pread(2)'s.
pub(crate) fn reread_pieces(
    file: impl AsFd,
    buffer: &mut [u8],
    mut take: impl FnMut(&[u8]) -> usize,
) -> nix::Result<()> {
    let (mut kept, mut at) = (0, 0);
    while let Some(rest @ [_, ..]) = buffer.get_mut(kept..) {
        let len = uninterrupted(|| pread(&file, rest, offset(at)))?;
        let end = kept.saturating_add(len).min(buffer.len());
        let used = take(beginning(buffer, end)).min(end);
        // The kernel fills the buffer while it has text left.
        if end < buffer.len() {
            break;
        }
        at = at.saturating_add(len);
        buffer.copy_within(used..end, 0);
        kept = end.saturating_sub(used);
    }
    Ok(())
}
