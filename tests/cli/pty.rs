//! A pseudoterminal, pty(7), whose other end the test holds.

use crate::support::heeding_signals;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

pub struct Terminal {
    /// `None` when it hung up.
    master: Option<File>,
    slave: Option<OwnedFd>,
    seen: Arc<Mutex<Vec<u8>>>,
    hung_up: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

impl Terminal {
    pub fn new(columns: u16) -> Self {
        let (mut master, mut slave) = (-1, -1);
        let null = std::ptr::null_mut::<libc::c_char>();
        // SAFETY: both pointers are to integers, and the others may be null.
        let done =
            unsafe { libc::openpty(&mut master, &mut slave, null, null.cast(), null.cast()) };
        assert_eq!(done, 0, "{}", std::io::Error::last_os_error());
        // SAFETY: they were just opened, and belong to nobody else.
        let (master, slave) = unsafe { (File::from_raw_fd(master), OwnedFd::from_raw_fd(slave)) };
        // Else a child has it as well, and the terminal never hangs up.
        // SAFETY: numbers only.
        unsafe { libc::fcntl(master.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) };
        let terminal = Self {
            master: Some(master),
            slave: Some(slave),
            seen: Arc::default(),
            hung_up: Arc::default(),
            reader: None,
        };
        terminal.resize(columns);
        terminal
    }

    pub fn resize(&self, columns: u16) {
        let size = libc::winsize {
            ws_row: 24,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        // SAFETY: the pointer is to a winsize that lives through the call.
        let done = unsafe { libc::ioctl(self.master().as_raw_fd(), libc::TIOCSWINSZ, &size) };
        assert_eq!(done, 0);
    }

    /// Starts a command on it, in a session of its own; as that session's terminal,
    /// or as one that it merely writes to.
    pub fn start(&mut self, command: &mut Command, controls: bool) -> Child {
        let slave = self.slave.take().expect("one command a terminal");
        command.stdin(slave.try_clone().unwrap());
        command.stderr(slave.try_clone().unwrap());
        command.env("TERM", "xterm");
        // SAFETY: both calls may be made between fork and exec.
        unsafe {
            command.pre_exec(move || {
                libc::setsid();
                if controls {
                    libc::ioctl(0, libc::TIOCSCTTY, 0);
                }
                Ok(())
            })
        };
        let child = heeding_signals(command).spawn().unwrap();
        // Both ends: the command holds copies until it is dropped.
        command.stdin(std::process::Stdio::null());
        command.stderr(std::process::Stdio::null());
        command.stdout(std::process::Stdio::null());
        drop(slave);
        self.reader = Some(self.read());
        child
    }

    fn master(&self) -> &File {
        self.master.as_ref().unwrap()
    }

    /// Reads until either end hangs up.
    fn read(&self) -> JoinHandle<()> {
        let mut master = self.master().try_clone().unwrap();
        let (seen, hung_up) = (Arc::clone(&self.seen), Arc::clone(&self.hung_up));
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while !hung_up.load(Ordering::Relaxed) {
                let mut poll = libc::pollfd {
                    fd: master.as_raw_fd(),
                    events: libc::POLLIN,
                    revents: 0,
                };
                // SAFETY: the pointer is to one pollfd that lives through the call.
                if unsafe { libc::poll(&mut poll, 1, 20) } < 1 {
                    continue;
                }
                // EIO when the last one has closed it.
                match master.read(&mut piece) {
                    Ok(len @ 1..) => seen.lock().unwrap().extend_from_slice(&piece[..len]),
                    _ => return,
                }
            }
        })
    }

    /// Reads the rest of the output of a command that has ended.
    pub fn drain(&mut self) {
        self.reader.take().unwrap().join().unwrap();
    }

    /// Closes this end.
    pub fn hang_up(&mut self) {
        self.hung_up.store(true, Ordering::Relaxed);
        self.reader.take().unwrap().join().unwrap();
        self.master = None;
    }

    /// The other end's own copy, for a command's stdout.
    pub fn also(&self) -> OwnedFd {
        self.slave.as_ref().unwrap().try_clone().unwrap()
    }

    pub fn types(&mut self, keys: &[u8]) {
        self.master().write_all(keys).unwrap();
    }

    /// Everything that it received.
    pub fn seen(&self) -> String {
        String::from_utf8(self.seen.lock().unwrap().clone()).unwrap()
    }

    /// What its screen shows in the end.
    pub fn screen(&self, columns: usize) -> Vec<String> {
        screen(&self.seen(), columns)
    }
}

/// As much of a terminal as is needed: carriage return, line feed, wrapping, and
/// clearing what is below.
pub fn screen(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let (mut row, mut column) = (0, 0);
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        rest = &rest[sign.len_utf8()..];
        match sign {
            '\r' => column = 0,
            '\n' => row += 1,
            '\x1b' => {
                rest = rest.strip_prefix("[J").expect("no other is used");
                lines.truncate(row + 1);
                let kept = lines[row].chars().take(column).collect();
                lines[row] = kept;
            }
            _ => {
                if column == columns {
                    (row, column) = (row + 1, 0);
                }
                while lines.len() <= row {
                    lines.push(String::new());
                }
                let mut signs: Vec<char> = lines[row].chars().collect();
                signs.resize(signs.len().max(column + 1), ' ');
                signs[column] = sign;
                lines[row] = signs.into_iter().collect();
                column += 1;
            }
        }
        while lines.len() <= row {
            lines.push(String::new());
        }
    }
    lines
}

#[test]
fn the_screen_does_what_terminals_do() {
    assert_eq!(screen("abc\r\nd\r\x1b[Jef", 80), ["abc", "ef"]);
    assert_eq!(screen("abcdef", 4), ["abcd", "ef"]);
    assert_eq!(screen("ab\rc\r\n", 4), ["cb", ""]);
}
