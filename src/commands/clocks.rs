//! The clocks at one instant.

use crate::sampler::Now;
use crate::system::clock;

/// All clocks, as nearly at once as they can be read.
pub(crate) fn now() -> Now {
    // The clocks cannot be read at once. Where this process was put aside between
    // two of them, they are read again, else it would look like a suspend.
    let mut best = (u64::MAX, Now::default());
    for _ in 0..4 {
        let before = clock::monotonic_ns();
        let now = Now {
            boottime_ns: clock::boottime_ns(),
            monotonic_ns: clock::monotonic_ns(),
            realtime_ns: clock::realtime_ns(),
            cpu_ns: clock::cpu_ns(),
        };
        let took = clock::monotonic_ns().saturating_sub(before);
        if took < best.0 {
            best = (took, now);
        }
        if took < 1_000_000 {
            break;
        }
    }
    best.1
}
