//! Commands: posix_spawn(3), wait4(2), kill(2).
//!
//! [`std::process::Command`] does the same in 25 kB of the file, and allocates with each
//! start.

use super::clock::boottime_ns;
use libc::{c_char, c_int, c_short, pid_t};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::prctl;
use nix::sys::signal::{killpg, SigSet, Signal};
use nix::unistd::{pipe2, Pid};
use std::cell::Cell;
use std::ffi::CString;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

mod wait;

extern "C" {
    /// environ(7).
    static environ: *const *mut c_char;
}

/// Read of a command's output in one go, bytes.
const PIECE: usize = 4096;
/// Reads before anything else is looked at: a command may write without end.
const PIECES: usize = 16;
/// A command that is ready to be started, as often as wanted.
///
/// It runs in a process group of its own, with no signal blocked or ignored, reads from
/// /dev/null, and writes both its outputs into one pipe.
pub struct Command {
    /// What `pointers` points to.
    _arguments: Vec<CString>,
    pointers: Vec<*mut c_char>,
    /// A last argument that changes, and a NUL behind it. Not in a box: when that is moved, what
    /// points into it is not good any more.
    room: Vec<Cell<u8>>,
    actions: Actions,
    attributes: Attributes,
    output: OwnedFd,
    /// The commands' end of the pipe.
    _input: OwnedFd,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Status(u8),
    Signal(u8),
    /// It ran too long and was killed, with all of its process group.
    TimedOut,
}

/// A command that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    pub exit: Exit,
    /// On CLOCK_BOOTTIME, when its end was seen.
    pub(crate) at_ns: u64,
    /// CPU time of the command and of those children that it waited for, microseconds.
    pub cpu_us: u64,
}

/// A command that was started. Who drops it before it has ended kills it.
pub struct Child<'c> {
    command: &'c Command,
    pid: Pid,
    started_ns: u64,
    ended: bool,
}

impl Command {
    /// `sh -c LINE`.
    ///
    /// # Errors
    /// EINVAL where the line holds a NUL; those of pipe2(2).
    pub fn shell(line: &str) -> nix::Result<Self> {
        Self::new(&["/bin/sh", "-c", line])
    }

    /// A program, looked for in PATH, and its arguments.
    ///
    /// # Errors
    /// EINVAL where an argument holds a NUL, or there is none; those of pipe2(2).
    pub fn new(arguments: &[&str]) -> nix::Result<Self> {
        let owned = arguments.iter().map(|&argument| CString::new(argument));
        let arguments: Vec<CString> = owned.collect::<Result<_, _>>().map_err(|_| Errno::EINVAL)?;
        if arguments.is_empty() {
            return Err(Errno::EINVAL);
        }
        let strings = arguments
            .iter()
            .map(|argument| argument.as_ptr().cast_mut());
        let pointers = strings.chain([std::ptr::null_mut()]).collect();
        let (output, input) = pipe2(OFlag::O_CLOEXEC)?;
        nix::fcntl::fcntl(&output, nix::fcntl::F_SETFL(OFlag::O_NONBLOCK))?;
        Ok(Self {
            pointers,
            actions: Actions::of(&input)?,
            attributes: Attributes::new()?,
            _arguments: arguments,
            room: Vec::new(),
            output,
            _input: input,
        })
    }

    /// The same with one more argument, of so many bytes at most, which [`Self::room`] is.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub(crate) fn with_room(arguments: &[&str], bytes: usize) -> nix::Result<Self> {
        let mut command = Self::new(arguments)?;
        command.room = vec![Cell::new(0); bytes + 1];
        let pointer = command.room.as_ptr().cast_mut().cast();
        command.pointers.insert(arguments.len(), pointer);
        Ok(command)
    }

    /// Where the last argument is written; a NUL ends it.
    pub(crate) fn room(&self) -> &[Cell<u8>] {
        &self.room[..self.room.len().saturating_sub(1)]
    }

    /// From now on SIGIO says that there is output to read.
    ///
    /// # Errors
    /// Those of fcntl(2).
    pub(crate) fn announce_output(&self) -> nix::Result<()> {
        let own = nix::unistd::getpid().as_raw();
        // SAFETY: fcntl takes no pointer here.
        let done = unsafe { libc::fcntl(self.output.as_raw_fd(), libc::F_SETOWN, own) };
        Errno::result(done)?;
        let flags = OFlag::O_NONBLOCK | OFlag::O_ASYNC;
        nix::fcntl::fcntl(&self.output, nix::fcntl::F_SETFL(flags)).map(drop)
    }

    /// Starts it. Asks for no memory.
    ///
    /// # Errors
    /// Those of posix_spawn(3): ENOENT, EACCES, EAGAIN, ENOMEM.
    pub fn start(&self) -> nix::Result<Child<'_>> {
        // What a command before it has left behind is not this one's.
        self.read(&mut |_| ());
        let started_ns = boottime_ns();
        // It would inherit that, and is what is measured.
        let no_huge_pages = prctl::get_thp_disable() == Ok(true);
        if no_huge_pages {
            let _ = prctl::set_thp_disable(false);
        }
        let mut pid: pid_t = 0;
        // SAFETY: the argument pointers are to strings that `self` owns, and end with a
        // null; actions and attributes were initialised; `environ` is the C library's,
        // and nothing in this program changes the environment.
        let error = unsafe {
            libc::posix_spawnp(
                &mut pid,
                self.pointers[0],
                &self.actions.0,
                &self.attributes.0,
                self.pointers.as_ptr(),
                environ,
            )
        };
        if no_huge_pages {
            let _ = prctl::set_thp_disable(true);
        }
        checked(error)?;
        Ok(Child {
            command: self,
            pid: Pid::from_raw(pid),
            started_ns,
            ended: false,
        })
    }

    /// Starts it and waits for its end, `time` at most. `output` takes what it writes.
    ///
    /// # Errors
    /// Those of [`Self::start`].
    pub fn run(&self, time: Duration, output: &mut dyn FnMut(&[u8])) -> nix::Result<Ended> {
        Ok(self.start()?.wait(time, output))
    }

    /// Hands what is in the pipe to `output`, a pipe full of it at most; says whether there
    /// may be more.
    pub(crate) fn read(&self, output: &mut dyn FnMut(&[u8])) -> bool {
        let mut piece = [0; PIECE];
        for _ in 0..PIECES {
            match nix::unistd::read(&self.output, &mut piece) {
                Ok(len @ 1..) => output(&piece[..len]),
                _ => return false,
            }
        }
        true
    }
}

impl Child<'_> {
    pub(crate) fn pid(&self) -> u32 {
        self.pid.as_raw().unsigned_abs()
    }

    /// On CLOCK_BOOTTIME, just before it was started.
    pub fn started_ns(&self) -> u64 {
        self.started_ns
    }

    /// Hands what it has written to `output`, and says how it ended, if it did.
    pub fn poll(&mut self, output: &mut dyn FnMut(&[u8])) -> Option<Ended> {
        let ended = self.reap(libc::WNOHANG);
        self.command.read(output);
        ended
    }

    /// Hands what it has written to `output`; says whether there may be more.
    pub(crate) fn read(&self, output: &mut dyn FnMut(&[u8])) -> bool {
        self.command.read(output)
    }

    /// Kills its process group, and does not wait for its end.
    pub(crate) fn kill_group(&self) {
        // The group is there as long as the command has not been waited for.
        if !self.ended {
            let _ = killpg(self.pid, Signal::SIGKILL);
        }
    }

    /// Its end is of no interest: one that even SIGKILL does not end now, as it waits for a
    /// disk or a server, would be waited for.
    pub(crate) fn forget(mut self) {
        self.ended = true;
    }

    /// Kills its process group.
    pub fn kill(&mut self, output: &mut dyn FnMut(&[u8])) -> Ended {
        self.kill_group();
        let ended = self.reap(0);
        self.command.read(output);
        Ended {
            exit: Exit::TimedOut,
            ..ended.unwrap_or(Ended {
                exit: Exit::TimedOut,
                at_ns: boottime_ns(),
                cpu_us: 0,
            })
        }
    }

    fn reap(&mut self, options: c_int) -> Option<Ended> {
        if self.ended {
            return None;
        }
        let mut status = 0;
        // SAFETY: an all-zero rusage is valid, and is only written to.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        let pid = loop {
            // SAFETY: both pointers are to values that live through the call.
            let pid = unsafe { libc::wait4(self.pid.as_raw(), &mut status, options, &mut usage) };
            if pid >= 0 || Errno::last() != Errno::EINTR {
                break pid;
            }
        };
        if pid == 0 {
            return None;
        }
        self.ended = true;
        let exit = match libc::WIFSIGNALED(status) {
            true => Exit::Signal(libc::WTERMSIG(status) as u8),
            false => Exit::Status(libc::WEXITSTATUS(status) as u8),
        };
        Some(Ended {
            exit,
            at_ns: boottime_ns(),
            cpu_us: microseconds(&usage.ru_utime) + microseconds(&usage.ru_stime),
        })
    }
}

impl Drop for Child<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.kill(&mut |_| ());
        }
    }
}

fn microseconds(time: &libc::timeval) -> u64 {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds.saturating_mul(1_000_000) + u64::try_from(time.tv_usec).unwrap_or(0)
}

fn checked(error: c_int) -> nix::Result<()> {
    match error {
        0 => Ok(()),
        error => Err(Errno::from_raw(error)),
    }
}

/// What is done with descriptors between the start and the program.
struct Actions(libc::posix_spawn_file_actions_t);

impl Actions {
    fn of(input: &OwnedFd) -> nix::Result<Self> {
        let mut raw = MaybeUninit::uninit();
        let input = input.as_raw_fd();
        // SAFETY: the first call initialises what the others and `Drop` use, which neither
        // glibc nor musl has pointing into itself: it may be moved. The path is a string
        // that lives for ever.
        unsafe {
            checked(libc::posix_spawn_file_actions_init(raw.as_mut_ptr()))?;
            let mut actions = Self(raw.assume_init());
            let null = b"/dev/null\0".as_ptr().cast::<c_char>();
            checked(libc::posix_spawn_file_actions_addopen(
                &mut actions.0,
                0,
                null,
                libc::O_RDONLY,
                0,
            ))?;
            for descriptor in [1, 2] {
                checked(libc::posix_spawn_file_actions_adddup2(
                    &mut actions.0,
                    input,
                    descriptor,
                ))?;
            }
            Ok(actions)
        }
    }
}

impl Drop for Actions {
    fn drop(&mut self) {
        // SAFETY: it was initialised, and is not used again.
        unsafe { libc::posix_spawn_file_actions_destroy(&mut self.0) };
    }
}

/// Its process group, and the signals that it may not inherit.
struct Attributes(libc::posix_spawnattr_t);

impl Attributes {
    fn new() -> nix::Result<Self> {
        let flags = libc::POSIX_SPAWN_SETPGROUP
            | libc::POSIX_SPAWN_SETSIGDEF
            | libc::POSIX_SPAWN_SETSIGMASK;
        let (all, none) = (SigSet::all(), SigSet::empty());
        let mut raw = MaybeUninit::uninit();
        // SAFETY: the first call initialises what the others and `Drop` use, which has no
        // pointers and may be moved; the sets live through the calls.
        unsafe {
            checked(libc::posix_spawnattr_init(raw.as_mut_ptr()))?;
            let mut attributes = Self(raw.assume_init());
            let raw = &mut attributes.0;
            checked(libc::posix_spawnattr_setpgroup(raw, 0))?;
            checked(libc::posix_spawnattr_setsigdefault(raw, all.as_ref()))?;
            checked(libc::posix_spawnattr_setsigmask(raw, none.as_ref()))?;
            checked(libc::posix_spawnattr_setflags(raw, flags as c_short))?;
            Ok(attributes)
        }
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: it was initialised, and is not used again.
        unsafe { libc::posix_spawnattr_destroy(&mut self.0) };
    }
}

#[cfg(test)]
#[path = "command/tests.rs"]
mod tests;
