//! What was told of the long text of a process, and when it is looked at next.

use super::budget::TickLength;

/// The cgroup is read again at this age, then at twice that each time, and at last
/// every 64 s.
const FIRST_LOOK_NS: u64 = 1_000_000_000;
const DOUBLED: u8 = 6;
/// The processes that were there before the recorder: once within 8 s, then every 64 s.
const SETTLED: u8 = 3;

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct IdentityState {
    /// It was, and is up to date.
    pub(super) told: bool,
    /// How often the cgroup was looked at, and the tick at which it is next.
    looks: u8,
    next_look: u32,
    /// A hash of the cgroup's path that was told; 0: none was yet.
    pub(super) cgroup: u32,
}

/// The number of a process that has no path.
pub(super) const NO_CGROUP: u32 = 2;

impl IdentityState {
    /// It executes something else.
    pub(crate) fn executes(&mut self) {
        self.told = false;
        self.looks = 0;
    }

    pub(super) fn is_due(&self, tick: u32) -> bool {
        !self.told || tick >= self.next_look
    }

    /// Plans the next look, `spread` apart from others that are first seen now.
    pub(super) fn looked(&mut self, tick: u32, tick_length: TickLength, spread: Option<u32>) {
        if spread.is_some() {
            self.looks = SETTLED;
        }
        let wait = tick_length.ticks_in(FIRST_LOOK_NS << self.looks.min(DOUBLED));
        let wait = u32::try_from(wait).unwrap_or(u32::MAX);
        let wait = spread.map_or(wait, |spread| 1 + spread % wait);
        self.next_look = tick.saturating_add(wait);
        self.looks = match spread {
            Some(_) => DOUBLED,
            None => self.looks.saturating_add(1),
        };
        self.told = true;
    }
}
