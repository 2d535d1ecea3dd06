//! The clocks at one instant.

use crate::log::fields::clock as fields;
use crate::log::model::Machine;
use crate::system::clock;

/// A difference between clocks that is no noise of reading them.
const STEP_MS: u64 = 50;

/// Nanoseconds, and the recorder's own CPU time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Clocks {
    pub boottime_ns: u64,
    pub monotonic_ns: u64,
    pub realtime_ns: u64,
    pub cpu_ns: u64,
}

impl Clocks {
    /// All clocks, as nearly at once as they can be read.
    pub(crate) fn now() -> Self {
        // The clocks cannot be read at once. Where this process was put aside between
        // two of them, they are read again, else it would look like a suspend.
        let mut best = (u64::MAX, Self::default());
        for _ in 0..4 {
            let before = clock::monotonic_ns();
            let now = Self {
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

    /// Notes what became of them since the `start`.
    pub(super) fn put(&self, start: &Self, machine: &mut Machine) {
        let stepped = offset_ms(self.realtime_ns, self.boottime_ns)
            .wrapping_sub(offset_ms(start.realtime_ns, start.boottime_ns));
        let suspended = offset_ms(self.boottime_ns, self.monotonic_ns)
            .wrapping_sub(offset_ms(start.boottime_ns, start.monotonic_ns));
        let group = machine.group_mut(fields::ID);
        for (field, value) in [
            (fields::STEPPED_MS, stepped),
            (fields::SUSPENDED_MS, suspended),
        ] {
            if value.abs_diff(group[field] as i64) >= STEP_MS {
                group[field] = value as u64;
            }
        }
    }
}

/// `a - b` in milliseconds.
fn offset_ms(a: u64, b: u64) -> i64 {
    (a.wrapping_sub(b) as i64) / 1_000_000
}
