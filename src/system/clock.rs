//! The clocks: clock_gettime(2), adjtimex(2).

use nix::sys::time::TimeSpec;
use nix::time::{clock_gettime, ClockId};

/// Nanoseconds; 0 if the clock cannot be read, which Linux 2.6.39 and later always can.
fn nanoseconds(clock: ClockId) -> u64 {
    let time = clock_gettime(clock).unwrap_or(TimeSpec::new(0, 0));
    let seconds = u64::try_from(time.tv_sec()).unwrap_or(0);
    let rest = u64::try_from(time.tv_nsec()).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(rest)
}

/// Since boot, sleep included; nobody can set it.
pub fn boottime_ns() -> u64 {
    nanoseconds(ClockId::CLOCK_BOOTTIME)
}

/// Since boot, sleep excluded; nobody can set it.
pub(crate) fn monotonic_ns() -> u64 {
    nanoseconds(ClockId::CLOCK_MONOTONIC)
}

/// As [`monotonic_ns`], and not slewed by NTP either.
pub(crate) fn monotonic_raw_ns() -> u64 {
    nanoseconds(ClockId::CLOCK_MONOTONIC_RAW)
}

/// Since 1970; can be set.
pub(crate) fn realtime_ns() -> u64 {
    nanoseconds(ClockId::CLOCK_REALTIME)
}

/// CPU time of this process.
pub(crate) fn cpu_ns() -> u64 {
    nanoseconds(ClockId::CLOCK_PROCESS_CPUTIME_ID)
}

/// Whether the kernel considers its clock synchronised; `None` if it may not be asked. A
/// daemon that does not tell the kernel (chronyd without `rtcsync`) leaves it at no.
pub(crate) fn is_synchronised() -> Option<bool> {
    // SAFETY: an all-zero timex is valid, and its `modes` of 0 changes nothing.
    let mut timex: libc::timex = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a timex that lives through the call.
    let state = unsafe { libc::adjtimex(&mut timex) };
    (state >= 0).then_some(timex.status & libc::STA_UNSYNC == 0)
}
