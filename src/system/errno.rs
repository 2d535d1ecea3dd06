//! Errors of system calls, in words.

use nix::errno::Errno;
use std::ffi::CStr;
use std::io;

/// The C library's words for an error. nix has words of its own, which would take another
/// 5 kB of the file.
pub(crate) fn reason(errno: Errno) -> &'static str {
    if errno == Errno::UnknownErrno {
        return "unknown error";
    }
    // SAFETY: an error that nix knows has a constant string.
    let text = unsafe { CStr::from_ptr(libc::strerror(errno as i32)) };
    text.to_str().unwrap_or("unknown error")
}

/// Of std's errors, without the number that it adds to those words.
pub(crate) fn why(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(errno) => reason(Errno::from_raw(errno)).to_owned(),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_words() {
        assert_eq!(reason(Errno::ENOENT), "No such file or directory");
        assert_eq!(reason(Errno::from_raw(99_999)), "unknown error");
        let error = io::Error::from_raw_os_error(libc::EROFS);
        assert_eq!(why(&error), "Read-only file system");
        let error = io::Error::from(io::ErrorKind::TimedOut);
        assert_eq!(why(&error), "timed out");
    }
}
