//! The signals that end a recording: sigprocmask(2), sigtimedwait(2).

use nix::sys::signal::{signal, SigHandler, SigSet, Signal};
use std::time::Duration;

/// SIGINT, SIGTERM and SIGHUP, blocked while this lives, so that they arrive
/// where they are waited for and nowhere else. So is SIGTTOU, which stops whoever
/// writes to the terminal from the background (`stty tostop`): a recording is not
/// to be stopped by its own messages.
pub struct Ending {
    signals: SigSet,
    before: SigSet,
}

impl Ending {
    /// # Errors
    /// sigprocmask(2)'s.
    pub fn block() -> nix::Result<Self> {
        let mut signals = SigSet::empty();
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
            signals.add(signal);
        }
        // A write beyond RLIMIT_FSIZE then fails with EFBIG, as on a full disk, and
        // does not end the program.
        // SAFETY: no handler is installed that could run.
        unsafe { signal(Signal::SIGXFSZ, SigHandler::SigIgn) }?;
        let before = SigSet::thread_get_mask()?;
        let mut blocked = signals;
        blocked.add(Signal::SIGTTOU);
        blocked.thread_block()?;
        Ok(Self { signals, before })
    }

    /// Waits for one of the signals, `time` at most, and says whether it came.
    pub fn within(&self, time: Duration) -> bool {
        let timeout = libc::timespec {
            tv_sec: time.as_secs() as _,
            tv_nsec: time.subsec_nanos() as _,
        };
        // SAFETY: both pointers are to values that live through the call, and a
        // null `info` is allowed.
        let signal =
            unsafe { libc::sigtimedwait(self.signals.as_ref(), std::ptr::null_mut(), &timeout) };
        signal > 0
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        // Nothing can be done about a failure, and none is possible: the mask is
        // one that was in force before.
        let _ = self.before.thread_set_mask();
    }
}
