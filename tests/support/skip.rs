//! Tests that this machine cannot run.

use std::io::Write;
use std::panic::Location;

/// What the machine of CI may lack: the beginnings of reasons.
const CI_CANNOT: [&str; 5] = [
    "emulated on ",
    // A container's PID namespace is not the machine's.
    "the kernel does not tell of processes that end",
    // qemu-user has no PR_SET_THP_DISABLE.
    "huge pages cannot be declined here",
    // Others may have filled it since.
    "the kernel's log does not tell when init was started",
    "starting a program takes ",
];

/// Says which test is skipped, and why, past libtest's capture, which would show
/// nothing of it. In CI, where `.ci/run` sets `EDGEBENCH_CI`, the test fails instead
/// unless the reason is listed.
#[track_caller]
pub fn skipped(reason: &str) {
    let test = Location::caller();
    let known = CI_CANNOT.iter().any(|known| reason.starts_with(known));
    assert!(
        known || std::env::var_os("EDGEBENCH_CI").is_none(),
        "{test} would be skipped in CI: {reason}"
    );
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {reason}");
}
