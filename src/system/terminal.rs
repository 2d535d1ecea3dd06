//! The size of a terminal: tty_ioctl(4).

use super::serial::readable;
use nix::errno::Errno;
use std::env;
use std::ffi::OsString;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::Duration;

/// Columns of a terminal of unknown size, such as a serial line.
const COLUMNS: usize = 80;

/// Columns of a terminal; `None` if `stream` is none.
pub(crate) fn columns(stream: impl AsFd) -> Option<usize> {
    let columns = usize::from(size(stream)?.ws_col);
    match columns {
        0 => Some(asked_columns().unwrap_or(COLUMNS)),
        columns => Some(columns),
    }
}

/// The user's `$COLUMNS`.
pub(crate) fn asked_columns() -> Option<usize> {
    number(env::var_os("COLUMNS")?)
}

/// Rows of a terminal; `None` if `stream` is none, or of unknown size.
pub(crate) fn rows(stream: impl AsFd) -> Option<usize> {
    Some(usize::from(size(stream)?.ws_row)).filter(|&rows| rows > 0)
}

/// `None` if it is no terminal.
fn size(stream: impl AsFd) -> Option<libc::winsize> {
    // SAFETY: an all-zero winsize is valid.
    let mut size: libc::winsize = unsafe { std::mem::zeroed() };
    let fd = stream.as_fd().as_raw_fd();
    // SAFETY: the pointer is to a winsize that lives through the call.
    let done = unsafe { libc::ioctl(fd, libc::TIOCGWINSZ, &mut size) };
    (done == 0).then_some(size)
}

/// Standard input.
pub(crate) fn stdin() -> BorrowedFd<'static> {
    // SAFETY: nothing in this program closes it.
    unsafe { BorrowedFd::borrow_raw(libc::STDIN_FILENO) }
}

/// A line that the user types, 255 bytes at most, without its end; `None`: there will be
/// no more.
///
/// # Errors
/// read(2)'s.
pub(crate) fn line() -> nix::Result<Option<String>> {
    let mut text = [0; 256];
    let len = nix::unistd::read(stdin(), &mut text)?;
    let text = String::from_utf8_lossy(&text[..len]);
    let line = text.trim_end_matches(['\r', '\n']).to_owned();
    Ok(Some(line).filter(|_| len > 0))
}

/// The same, which is not shown meanwhile; `None` also if standard input is no terminal.
///
/// # Errors
/// read(2)'s, of which EINTR says that there is something to read from `signals`.
pub(crate) fn hidden_line(signals: BorrowedFd<'_>) -> nix::Result<Option<String>> {
    // SAFETY: an all-zero termios is valid, and is only written to.
    let mut before: libc::termios = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a termios that lives through the call.
    if unsafe { libc::tcgetattr(libc::STDIN_FILENO, &mut before) } != 0 {
        return Ok(None);
    }
    let set = |termios: &libc::termios| {
        // SAFETY: the pointer is to a termios that lives through the call.
        unsafe { libc::tcsetattr(libc::STDIN_FILENO, libc::TCSAFLUSH, termios) };
    };
    let mut hidden = before;
    hidden.c_lflag &= !libc::ECHO;
    set(&hidden);
    let line = match readable([stdin(), signals], Duration::MAX) {
        [_, true] => Err(Errno::EINTR),
        _ => line(),
    };
    set(&before);
    line
}

fn number(text: OsString) -> Option<usize> {
    text.to_str()?.parse().ok().filter(|columns| *columns > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_a_number() {
        assert_eq!(number("132".into()), Some(132));
        for wrong in ["", "0", "-5", "80x24", "99999999999999999999"] {
            assert_eq!(number(wrong.into()), None);
        }
    }
}
