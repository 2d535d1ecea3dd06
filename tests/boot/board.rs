//! A board on a pseudo-terminal: pty(7).

use crate::support::{until, Folder};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::symlink;
use std::path::PathBuf;

pub struct Board {
    master: File,
    /// Held open, so that what the board writes before it is watched is not lost.
    _slave: OwnedFd,
    pub tty: PathBuf,
}

impl Board {
    pub fn new() -> Self {
        let (mut master, mut slave) = (-1, -1);
        let null = std::ptr::null_mut::<libc::c_char>();
        // SAFETY: both pointers are to integers, and the others may be null.
        let done =
            unsafe { libc::openpty(&mut master, &mut slave, null, null.cast(), null.cast()) };
        assert_eq!(done, 0, "{}", std::io::Error::last_os_error());
        // SAFETY: they were just opened, and belong to nobody else.
        let (master, slave) = unsafe { (File::from_raw_fd(master), OwnedFd::from_raw_fd(slave)) };
        for fd in [master.as_raw_fd(), slave.as_raw_fd()] {
            // Else the program that is tested has them as well.
            // SAFETY: numbers only.
            unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
        }
        // SAFETY: numbers only.
        unsafe { libc::fcntl(master.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
        let tty = fs::read_link(format!("/proc/self/fd/{}", slave.as_raw_fd())).unwrap();
        Self {
            master,
            _slave: slave,
            tty,
        }
    }

    /// The port's name, which another board may have later.
    pub fn link(&self, folder: &Folder) -> PathBuf {
        let link = folder.file("tty");
        let _ = fs::remove_file(&link);
        symlink(&self.tty, &link).unwrap();
        link
    }

    /// Writes all of it; a pseudo-terminal takes 4096 bytes until somebody reads.
    pub fn say(&mut self, text: impl AsRef<[u8]>) {
        let mut rest = text.as_ref();
        until("the line is read", || {
            while !rest.is_empty() {
                match self.master.write(rest) {
                    Ok(len) => rest = &rest[len..],
                    Err(_) => return false,
                }
            }
            true
        });
    }

    /// What was typed since the last time.
    pub fn heard(&mut self) -> Vec<u8> {
        let mut heard = Vec::new();
        let mut piece = [0; 256];
        while let Ok(len @ 1..) = self.master.read(&mut piece) {
            heard.extend_from_slice(&piece[..len]);
        }
        heard
    }

    /// Waits until exactly that is typed.
    pub fn hear(&mut self, expected: &str) {
        let mut heard = Vec::new();
        until(expected, || {
            heard.extend(self.heard());
            heard.len() >= expected.len()
        });
        assert_eq!(String::from_utf8_lossy(&heard), expected);
    }

    /// Waits until somebody has opened the port and made it raw: until then what is said
    /// is lost or changed.
    pub fn await_watcher(&self) {
        until("the port is watched", || self.has(libc::ICANON) == 0);
    }

    /// Of these settings of the port, those that are on.
    pub fn has(&self, flags: libc::tcflag_t) -> libc::tcflag_t {
        // SAFETY: an all-zero termios is valid, and lives through the call.
        let termios = unsafe {
            let mut termios: libc::termios = std::mem::zeroed();
            libc::tcgetattr(self.master.as_raw_fd(), &mut termios);
            termios
        };
        termios.c_lflag & flags
    }
}
