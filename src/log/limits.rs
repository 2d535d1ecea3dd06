//! Most of what is kept of a log, so that none takes more memory than these say: each is
//! more than a recorder writes.

use std::io;

/// Runs whose ends are remembered, because they may come again.
pub(crate) const RUNS: usize = 4096;
/// Of these, runs with samples.
pub(crate) const SAMPLED: usize = 1000;
/// Changes of processes in a sample: an end and a birth in each slot.
pub(super) const CHANGES: usize = 2 * super::places::MAX_SLOTS;
/// Identities before a sample: those of all processes, and of as many that are gone.
pub(crate) const IDENTITIES: usize = 1 << 17;
/// Keys of a product.
pub(crate) const KEYS: usize = 256;
/// Of a ramp: steps, cgroups before the first, and samples of one.
pub(crate) const STEPS: usize = 4096;
pub(crate) const CGROUPS: usize = 1 << 16;
pub(crate) const WINDOW: usize = 1 << 17;
/// Bytes of the command lines and cgroups of living processes, with what their place in
/// memory takes.
pub(crate) const TEXTS: usize = 32 << 20;
/// The same of results: a week of a probe a second takes 330 MiB.
pub(crate) const RESULTS: usize = 384 << 20;

/// What is said of a log that has more of something than that.
pub(crate) fn exceeded(limit: &str) -> io::Error {
    io::Error::other(format!("it holds more than {limit}"))
}
