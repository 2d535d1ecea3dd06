//! What was told of the long text of a process, and when it is looked at next.

use super::budget::TickLength;

/// The cgroup is read again at this age, then at twice that each time, and at last
/// every 64 s.
const FIRST_LOOK_NS: u64 = 1_000_000_000;
const DOUBLED: u8 = 6;
/// The processes that were there before the recorder: once within 8 s, then every 64 s.
const SETTLED: u8 = 3;
/// So often the look at a process that has not run since the last is put off: who moves a
/// process does that when it is started, or works.
const PUT_OFF: u8 = 3;

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct IdentityState {
    /// It was, and is up to date.
    pub(super) told: bool,
    /// How often the cgroup was looked at, and the tick at which it is next.
    looks: u8,
    next_look: u32,
    /// It has run since, and so often the next look was put off because it has not.
    pub(super) ran: bool,
    put_off: u8,
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

    /// Puts the look that is due off, where it can wait.
    pub(super) fn put_off(&mut self, tick: u32, tick_length: TickLength, spread: u32) -> bool {
        if !self.told || self.ran || self.looks <= DOUBLED || self.put_off == PUT_OFF {
            return false;
        }
        let wait = ticks(tick_length, DOUBLED);
        // Those that were there before the recorder come within 8 s.
        let wait = if self.put_off == 0 {
            1 + spread % wait
        } else {
            wait
        };
        self.next_look = tick.saturating_add(wait);
        self.put_off += 1;
        true
    }

    /// Plans the next look, `spread` apart from others that are first seen now.
    pub(super) fn looked(&mut self, tick: u32, tick_length: TickLength, spread: Option<u32>) {
        let wait = match spread {
            Some(spread) => 1 + spread % ticks(tick_length, SETTLED),
            None => ticks(tick_length, self.looks.min(DOUBLED)),
        };
        self.next_look = tick.saturating_add(wait);
        self.looks = match spread {
            Some(_) => DOUBLED + 1,
            None => self.looks.saturating_add(1),
        };
        (self.told, self.ran, self.put_off) = (true, false, 0);
    }
}

/// How many ticks the time has that was doubled so often.
fn ticks(tick_length: TickLength, doubled: u8) -> u32 {
    let ticks = tick_length.ticks_in(FIRST_LOOK_NS << doubled);
    u32::try_from(ticks).unwrap_or(u32::MAX)
}
