//! The signals that end a recording: sigprocmask(2), sigtimedwait(2),
//! sigaction(2).

use nix::errno::Errno;
use nix::sys::signal::{signal, SigHandler, SigSet, Signal};
use std::cell::Cell;
use std::os::fd::{FromRawFd, OwnedFd};
use std::time::Duration;

/// SIGINT, SIGTERM and SIGHUP, blocked while this lives, so that only a wait receives
/// them. SIGTTOU is blocked too, or a recording in the background would be stopped by its
/// own messages (`stty tostop`).
///
/// While a command runs, SIGCHLD and SIGIO tell of its end and its output: see
/// [`Self::watch_commands`].
///
/// A signal that was ignored at the start stays ignored: nohup(1) does that to SIGHUP, and a
/// shell without job control to the SIGINT of commands with `&`.
pub(crate) struct EndSignals {
    signals: SigSet,
    before: SigSet,
    /// The last signal received.
    came: Cell<Option<Signal>>,
    /// SIGCONT was received, so the process had been stopped.
    continued: Cell<bool>,
}

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wake {
    /// The time was over, or the process was stopped meanwhile.
    Time,
    /// A command wrote something or ended.
    Command,
    /// One of the signals that end a recording.
    End,
}

impl EndSignals {
    /// # Errors
    /// sigprocmask(2)'s.
    pub(crate) fn block() -> nix::Result<Self> {
        let mut signals = SigSet::empty();
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
            // A blocked signal arrives even if it is ignored.
            if !is_ignored(signal) {
                signals.add(signal);
            }
        }
        // Blocked, it continues the process nevertheless.
        signals.add(Signal::SIGCONT);
        // A write beyond RLIMIT_FSIZE then fails with EFBIG, as on a full disk, and
        // does not end the program.
        // SAFETY: no handler is installed that could run.
        unsafe { signal(Signal::SIGXFSZ, SigHandler::SigIgn) }?;
        let before = SigSet::thread_get_mask()?;
        let mut blocked = signals;
        blocked.add(Signal::SIGTTOU);
        blocked.thread_block()?;
        Ok(Self {
            signals,
            before,
            came: Cell::new(None),
            continued: Cell::new(false),
        })
    }

    /// From now on a wait ends as well when a command ends, or writes something.
    ///
    /// # Errors
    /// Those of sigaction(2) and sigprocmask(2).
    pub(crate) fn watch_commands(&mut self) -> nix::Result<()> {
        // SAFETY: no handler is installed that could run. Where SIGCHLD is ignored, the
        // kernel reaps the command itself, and its status is lost; where SIGIO is not, one
        // that is pending at the end would end the program.
        unsafe {
            signal(Signal::SIGCHLD, SigHandler::SigDfl)?;
            signal(Signal::SIGIO, SigHandler::SigIgn)?;
        }
        self.signals.add(Signal::SIGCHLD);
        self.signals.add(Signal::SIGIO);
        self.signals.thread_block()
    }

    /// Waits up to `time` for one of the signals that end a recording; returns whether it
    /// came. If the process is stopped meanwhile, the wait ends when it is continued.
    pub(crate) fn within(&self, time: Duration) -> bool {
        self.wait(time) == Wake::End
    }

    /// Waits up to `time` for any of the signals, as [`Self::within`] does.
    pub(crate) fn wait(&self, time: Duration) -> Wake {
        let mut time = time;
        loop {
            match self.next_within(time) {
                Some(Signal::SIGCONT) => self.continued.set(true),
                Some(Signal::SIGCHLD | Signal::SIGIO) => return Wake::Command,
                Some(_) => return Wake::End,
                None => return Wake::Time,
            }
            // Another signal may be pending.
            time = Duration::ZERO;
        }
    }

    /// A descriptor that has something to read while one of the signals is pending, to be
    /// waited for beside others; signalfd(2).
    ///
    /// # Errors
    /// signalfd(2)'s.
    pub(crate) fn descriptor(&self) -> nix::Result<OwnedFd> {
        let flags = libc::SFD_CLOEXEC | libc::SFD_NONBLOCK;
        // SAFETY: the pointer is to a set that lives through the call.
        let fd = Errno::result(unsafe { libc::signalfd(-1, self.signals.as_ref(), flags) })?;
        // SAFETY: it was opened just now, and nobody else has it.
        Ok(unsafe { OwnedFd::from_raw_fd(fd) })
    }

    /// Forgets a stop before now.
    pub(crate) fn forget_stop(&self) {
        self.continued.set(false);
    }

    /// Whether the process was stopped and continued since. A wait that the stop itself has
    /// ended has not received SIGCONT yet.
    pub(crate) fn was_stopped(&self) -> bool {
        let mut continued = SigSet::empty();
        continued.add(Signal::SIGCONT);
        let came = next_of(&continued, Duration::ZERO);
        self.continued.get() || came.is_some()
    }

    fn next_within(&self, time: Duration) -> Option<Signal> {
        let came = next_of(&self.signals, time);
        let is_end =
            |came: &Signal| !matches!(came, Signal::SIGCONT | Signal::SIGCHLD | Signal::SIGIO);
        let asked = came.filter(is_end);
        self.came.set(asked.or(self.came.get()));
        came
    }

    /// Whether SIGTERM or SIGHUP came: the user may not be at the terminal.
    pub(crate) fn is_unattended(&self) -> bool {
        matches!(self.came.get(), Some(Signal::SIGTERM | Signal::SIGHUP))
    }
}

/// Waits up to `time` for the next of `signals`.
fn next_of(signals: &SigSet, time: Duration) -> Option<Signal> {
    let timeout = libc::timespec {
        tv_sec: time.as_secs() as _,
        tv_nsec: time.subsec_nanos() as _,
    };
    // SAFETY: both pointers are to values that live through the call, and a null
    // `info` is allowed.
    let signal = unsafe { libc::sigtimedwait(signals.as_ref(), std::ptr::null_mut(), &timeout) };
    Signal::try_from(signal).ok()
}

fn is_ignored(signal: Signal) -> bool {
    // SAFETY: an all-zero sigaction is valid, and is only written to.
    let mut now: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: nothing is installed, and the pointer is to one that lives through the
    // call.
    let done = unsafe { libc::sigaction(signal as libc::c_int, std::ptr::null(), &mut now) };
    done == 0 && now.sa_sigaction == libc::SIG_IGN
}

impl Drop for EndSignals {
    fn drop(&mut self) {
        // Cannot fail: the mask was in force before.
        let _ = self.before.thread_set_mask();
    }
}
