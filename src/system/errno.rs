//! Errors of system calls, in words.

use nix::errno::Errno;
use std::ffi::CStr;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_words() {
        assert_eq!(reason(Errno::ENOENT), "No such file or directory");
        assert_eq!(reason(Errno::from_raw(99_999)), "unknown error");
    }
}
