//! What a run added to the counts that the kernel keeps since boot, or since a device
//! appeared.
//!
//! - A count that grew has gained the difference.
//! - A count that fell, but with 2^32 added would have grown by less than half of 2^32, has
//!   wrapped, as 32-bit kernels and devices do. It is not 0 then, and no other count of the
//!   same device fell without wrapping.
//! - A count that fell to less than half of its value, and to less than 2^30, began anew,
//!   and has gained its present value.
//! - A count that fell otherwise was corrected, and has gained nothing.
//! - A count that comes back, in a leap over at least half of its fall, to its value before
//!   the fall, goes on from there: it was misread, or its device was away.

/// A count from one reading to the next.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counter {
    last: Option<u64>,
    /// Where it fell from and to; 0 and 0 where it never fell, or has come back.
    high: u64,
    low: u64,
    gained: u64,
}

/// The CPU time of a process, USER_HZ, which neither wraps nor begins anew:
///
/// - A time that fell by a few ticks gains nothing until it exceeds its old value: the
///   kernel only estimates how the exact sum divides into user and system time.
/// - A time that fell farther goes on from there, by the rule above.
/// - A gain of more than all cores can have used is none.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TaskTime(Counter);

const JITTER: u64 = 10;

impl TaskTime {
    /// One that was `ticks` at the first reading.
    pub(crate) fn from(ticks: u64) -> Self {
        Self(Counter::from(ticks))
    }

    /// Takes the next reading and returns the gain; `None` where the time fell, and where
    /// the gain is more than `most`.
    #[inline(always)]
    pub(crate) fn read(&mut self, now: u64, most: u64) -> Option<u64> {
        match self.0.last {
            Some(last) if last != now => self.changed(last, now, most),
            // Most processes that changed did not run, and fewer reaped children.
            Some(_) => Some(0),
            None => {
                self.0.last = Some(now);
                Some(0)
            }
        }
    }

    fn changed(&mut self, last: u64, now: u64, most: u64) -> Option<u64> {
        if now < last && last - now <= JITTER {
            return Some(0);
        }
        self.0.last = Some(now);
        if now < last {
            self.0.fall(last, now);
            return None;
        }
        Some(self.0.rise(last, now)).filter(|gained| *gained <= most)
    }
}

const WRAP: u64 = 1 << 32;
/// No device that began anew counts more than this up to the next reading.
const ANEW: u64 = 1 << 30;

impl Counter {
    /// One that was `value` before the first reading.
    pub(crate) fn from(value: u64) -> Self {
        Self {
            last: Some(value),
            ..Self::default()
        }
    }

    /// Whether the next reading is lower, and not because the count wrapped.
    pub(crate) fn fell(&self, now: u64) -> bool {
        self.last
            .is_some_and(|last| now < last && !wraps(last, now))
    }

    /// Takes the next reading and returns the gain; `may_wrap`: no other count of the
    /// device [`fell`](Self::fell).
    pub(crate) fn read(&mut self, now: u64, may_wrap: bool) -> u64 {
        let Some(last) = self.last.replace(now) else {
            return 0;
        };
        let gained = if now >= last {
            self.rise(last, now)
        } else if may_wrap && wraps(last, now) {
            now.saturating_add(WRAP - last)
        } else {
            self.fall(last, now);
            match now < last / 2 && now < ANEW {
                true => now,
                false => 0,
            }
        };
        self.gained = self.gained.saturating_add(gained);
        gained
    }

    fn fall(&mut self, last: u64, now: u64) {
        self.low = if self.high == 0 {
            now
        } else {
            self.low.min(now)
        };
        self.high = self.high.max(last);
    }

    #[inline(always)]
    fn rise(&mut self, last: u64, now: u64) -> u64 {
        // Nearly all counts never fall.
        match self.high {
            0 => now - last,
            _ => self.rise_again(last, now),
        }
    }

    fn rise_again(&mut self, last: u64, now: u64) -> u64 {
        if now < self.high {
            return now - last;
        }
        let leapt = self.high.saturating_sub(last);
        let fall = self.high - self.low;
        let begin = match leapt > 0 && leapt >= fall / 2 {
            true => self.high,
            false => last,
        };
        (self.high, self.low) = (0, 0);
        now - begin
    }

    /// The gain over the run; `None` where the count was never read.
    pub(crate) fn gained(&self) -> Option<u64> {
        self.last.map(|_| self.gained)
    }
}

fn wraps(last: u64, now: u64) -> bool {
    last < WRAP && now > 0 && now < last && now + (WRAP - last) < WRAP / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each reading after the first gains.
    fn gains(readings: &[u64]) -> Vec<u64> {
        let mut counter = Counter::default();
        let all = readings.iter().map(|now| counter.read(*now, true));
        let gains: Vec<u64> = all.collect();
        assert_eq!(counter.gained(), Some(gains.iter().sum()));
        gains[1..].to_vec()
    }

    const G: u64 = 1_000_000_000;

    #[test]
    fn what_grows() {
        assert_eq!(gains(&[5, 5, 12, 100 * G]), [0, 7, 100 * G - 12]);
        assert_eq!(Counter::default().gained(), None);
        assert_eq!(Counter::from(3).read(10, true), 7);
    }

    #[test]
    fn what_wraps() {
        assert_eq!(gains(&[4_294_960_000, 5000, 6000]), [12_296, 1000]);
        assert_eq!(gains(&[3 * G, G / 2]), [1_794_967_296]);
        // By as much it may have fallen; a greater count has no 32 bits.
        assert_eq!(gains(&[2 * G, 100]), [100]);
        assert_eq!(gains(&[5 * G, 100]), [100]);
        let mut counter = Counter::from(3 * G);
        assert!(!counter.fell(100) && counter.fell(0));
        assert_eq!(counter.read(100, false), 100);
    }

    #[test]
    fn what_is_corrected() {
        // A little, and a half of a bond's links.
        assert_eq!(gains(&[80 * G, 80 * G - 4000, 80 * G + 10]), [0, 10]);
        assert_eq!(gains(&[80 * G, 30 * G, 30 * G + 7]), [0, 7]);
        // It goes on from below, and passes what it was without a leap.
        let slow = [900, 800, 840, 880, 930];
        assert_eq!(gains(&slow), [0, 40, 40, 50]);
    }

    #[test]
    fn what_is_misread() {
        assert_eq!(gains(&[80 * G, 0, 80 * G + 5, 80 * G + 6]), [0, 5, 1]);
        assert_eq!(gains(&[80 * G, 0, 0, 80 * G + 5]), [0, 0, 5]);
        assert_eq!(gains(&[3 * G, 0, 3 * G + 5]), [0, 5]);
        // A leap by half of the fall is one; by less it is not.
        assert_eq!(gains(&[100, 60, 80, 110]), [0, 20, 10]);
        assert_eq!(gains(&[100, 60, 81, 110]), [0, 21, 29]);
    }

    #[test]
    fn what_begins_anew() {
        assert_eq!(gains(&[600, 200, 300, 500, 700]), [200, 100, 200, 200]);
        assert_eq!(gains(&[80 * G, 50, 70, 0, 9]), [50, 20, 0, 9]);
    }

    /// With at most 400 ticks between two readings.
    #[test]
    fn cpu_time_of_a_process() {
        const NONE: u64 = u64::MAX;
        let gains = |readings: &[u64]| {
            let mut time = TaskTime::from(readings[0]);
            let later = readings[1..].iter();
            Vec::from_iter(later.map(|now| time.read(*now, 400).unwrap_or(NONE)))
        };
        assert_eq!(gains(&[900, 920, 920, 1320]), [20, 0, 400]);
        // Taken back and given again, time and again: what is new counts once.
        assert_eq!(gains(&[900, 895, 905, 897, 910]), [0, 5, 0, 5]);
        assert_eq!(gains(&[900, 895, 889, 890, 925]), [0, NONE, 1, 25]);
        // Nothing that a process used before is used again.
        assert_eq!(gains(&[5040, 1060, 1080, 1100]), [NONE, 20, 20]);
        assert_eq!(gains(&[5040, 0, 5060, 5080]), [NONE, 20, 20]);
        // What cannot be, and is taken back or not.
        assert_eq!(gains(&[900, 1301, 1310]), [NONE, 9]);
        assert_eq!(gains(&[900, u64::MAX, 910, 930]), [NONE, NONE, 20]);
        assert_eq!(TaskTime::default().read(u64::MAX, 400), Some(0));
    }

    #[test]
    fn nothing_overflows() {
        gains(&[u64::MAX, 0, u64::MAX, 1, u64::MAX - 1, u64::MAX]);
        let mut counter = Counter::from(0);
        counter.read(u64::MAX, true);
        counter.read(1, true);
        counter.read(u64::MAX / 2, true);
        assert_eq!(counter.gained(), Some(u64::MAX));
    }
}
