//! The terminal on standard output: tty_ioctl(4).

use std::io::IsTerminal;

/// Rows of the terminal; `None` where standard output is none, or does not say.
pub fn rows() -> Option<usize> {
    Some(usize::from(size()?.ws_row)).filter(|&rows| rows > 0)
}

/// Columns of the terminal; `None` where standard output is none, or does not say.
pub fn columns() -> Option<usize> {
    Some(usize::from(size()?.ws_col)).filter(|&columns| columns > 0)
}

fn size() -> Option<libc::winsize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    // SAFETY: an all-zero winsize is valid.
    let mut size: libc::winsize = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a winsize that lives through the call.
    let done = unsafe { libc::ioctl(libc::STDOUT_FILENO, libc::TIOCGWINSZ, &mut size) };
    (done == 0).then_some(size)
}
