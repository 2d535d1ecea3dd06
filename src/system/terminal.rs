//! The size of a terminal: tty_ioctl(4).

use std::env;
use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, AsRawFd};

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

/// A line that the user types without seeing it; what is no terminal is read all the
/// same.
///
/// # Errors
/// Those of reading.
pub(crate) fn hidden_line() -> io::Result<String> {
    let number = libc::STDIN_FILENO;
    // SAFETY: an all-zero termios is valid, and is only written to.
    let mut before: libc::termios = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a termios that lives through the call.
    let is_terminal = unsafe { libc::tcgetattr(number, &mut before) } == 0;
    let set = |termios: &libc::termios| {
        if is_terminal {
            // SAFETY: the pointer is to a termios that lives through the call.
            unsafe { libc::tcsetattr(number, libc::TCSAFLUSH, termios) };
        }
    };
    let mut hidden = before;
    hidden.c_lflag &= !libc::ECHO;
    set(&hidden);
    let mut line = String::new();
    let read = io::stdin().read_line(&mut line);
    set(&before);
    read.map(|_| line.trim_end_matches(['\r', '\n']).to_owned())
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
