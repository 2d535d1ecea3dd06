//! Lists a directory without allocation: getdents64(2). The libraries' readers copy each
//! name to the heap.

use nix::errno::Errno;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

/// A directory to be listed repeatedly.
#[derive(Debug)]
pub(crate) struct Directory {
    fd: OwnedFd,
    buffer: Box<[u8]>,
}

/// Offsets in the kernel's `struct linux_dirent64`.
const RECLEN: usize = 16;
const NAME: usize = 19;

impl Directory {
    /// `fd` is a directory, opened for reading.
    pub(crate) fn new(fd: OwnedFd) -> Self {
        Self {
            fd,
            buffer: vec![0; 1 << 15].into_boxed_slice(),
        }
    }

    /// Calls `each` with every name in it, without its NUL.
    ///
    /// # Errors
    /// lseek(2)'s and getdents64(2)'s; then `each` may have had some of the names.
    pub(crate) fn names(&mut self, each: impl FnMut(&[u8])) -> nix::Result<()> {
        names(&self.fd, &mut self.buffer, each)
    }
}

/// Calls `each` with every name in the directory `dir`, without its NUL; the kernel writes
/// to `buffer`.
///
/// # Errors
/// lseek(2)'s and getdents64(2)'s; then `each` may have had some of the names.
pub(crate) fn names(
    dir: impl AsFd,
    buffer: &mut [u8],
    mut each: impl FnMut(&[u8]),
) -> nix::Result<()> {
    let fd = dir.as_fd().as_raw_fd();
    // SAFETY: lseek takes numbers only.
    if unsafe { libc::lseek(fd, 0, libc::SEEK_SET) } < 0 {
        return Err(Errno::last());
    }
    loop {
        // SAFETY: the kernel writes no further than the length that it is given.
        let len =
            unsafe { libc::syscall(libc::SYS_getdents64, fd, buffer.as_mut_ptr(), buffer.len()) };
        let len = match usize::try_from(len) {
            Ok(0) => return Ok(()),
            Ok(len) => len,
            Err(_) => return Err(Errno::last()),
        };
        let mut rest = &buffer[..len];
        while let [.., low, high] = rest.get(..RECLEN + 2).unwrap_or_default() {
            let size = usize::from(u16::from_ne_bytes([*low, *high]));
            let Some(entry) = rest.get(NAME..size) else {
                break;
            };
            each(entry.split(|&byte| byte == 0).next().unwrap_or_default());
            rest = &rest[size..];
        }
    }
}
