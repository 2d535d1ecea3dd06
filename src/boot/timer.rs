//! The BCM system timer, which counts microseconds since the reset, against the
//! kernel's clock: BCM2835 ARM Peripherals, 12.

use crate::system::clock;

/// The lower and the upper half of the counter.
const CLO: usize = 4;
const CHI: usize = 8;
/// How far apart the two clocks may be read.
const WINDOW_NS: u64 = 50_000;
const ATTEMPTS: u32 = 200;

/// The kernel's clock, as it ran without being slewed: as the counter does, which has
/// the same crystal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kernel {
    pub(crate) boottime_ns: u64,
    /// By so much CLOCK_MONOTONIC is ahead of CLOCK_MONOTONIC_RAW: what NTP has slewed
    /// it by since the start.
    pub(crate) slewed_ns: i64,
}

impl Kernel {
    pub(crate) fn now() -> Self {
        let raw = clock::monotonic_raw_ns();
        let monotonic = clock::monotonic_ns();
        Self {
            boottime_ns: clock::boottime_ns(),
            slewed_ns: difference(monotonic, raw),
        }
    }

    /// Since the kernel began.
    pub(crate) fn unslewed_ns(self) -> i64 {
        difference(self.boottime_ns, 0).saturating_sub(self.slewed_ns)
    }
}

// Numbers of 64 bits, in 128.
#[allow(clippy::arithmetic_side_effects)]
fn difference(a: u64, b: u64) -> i64 {
    let wide = i128::from(a) - i128::from(b);
    i64::try_from(wide).unwrap_or(i64::MAX)
}

/// The counter, whole: its upper half may move on between two loads.
pub(crate) fn counter_us(load: impl Fn(usize) -> Option<u32>) -> Option<u64> {
    for _ in 0..ATTEMPTS {
        let high = load(CHI)?;
        let low = load(CLO)?;
        if load(CHI)? == high {
            return Some(u64::from(high) << 32 | u64::from(low));
        }
    }
    None
}

/// Microseconds from the reset to the kernel: the counter less the clock, read within
/// 50 us of each other; `None` where that was not to be had.
pub(crate) fn before_kernel_us(
    mut counter_us: impl FnMut() -> Option<u64>,
    mut clock: impl FnMut() -> Kernel,
) -> Option<u64> {
    for _ in 0..ATTEMPTS {
        let before = clock();
        let counter = counter_us()?;
        let after = clock();
        let took = after.boottime_ns.saturating_sub(before.boottime_ns);
        if took <= WINDOW_NS {
            // What `after` says of the slew was read within the window, too.
            let middle_ns = after.unslewed_ns().saturating_sub(difference(took / 2, 0));
            let since = i64::try_from(counter).ok()?.checked_sub(middle_ns / 1000)?;
            // A counter behind the clock is not what it is taken for.
            return u64::try_from(since).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn kernel(boottime_ns: u64, slewed_ns: i64) -> Kernel {
        Kernel {
            boottime_ns,
            slewed_ns,
        }
    }

    #[test]
    fn the_upper_half_moves_on() {
        let loads = Cell::new(0);
        let load = |offset| {
            loads.set(loads.get() + 1);
            Some(match (offset, loads.get()) {
                (CHI, 1) => 1,
                (CLO, 2) => u32::MAX,
                (CLO, _) => 7,
                (CHI, _) => 2,
                _ => unreachable!(),
            })
        };
        assert_eq!(counter_us(load), Some(2 << 32 | 7));
        assert_eq!(loads.get(), 6);
        assert_eq!(counter_us(|_| None), None);
        let odd = Cell::new(0);
        let never = |_| Some(odd.replace(odd.get() + 1));
        assert_eq!(counter_us(never), None);
    }

    #[test]
    fn read_again_until_it_was_quick() {
        // The first pair lies 60 us apart, the second 40.
        let mut clocks = [1_000_000_000, 1_000_060_000, 2_000_000_000, 2_000_040_000].into_iter();
        let mut counters = [9_000_000, 9_500_020].into_iter();
        let before = before_kernel_us(|| counters.next(), || kernel(clocks.next().unwrap(), 0));
        assert_eq!(before, Some(7_500_000));
    }

    #[test]
    fn what_ntp_has_slewed_is_taken_off() {
        // The clock says 100 s, 2 s of which are NTP's.
        let before = before_kernel_us(
            || Some(103_500_000),
            || kernel(100_000_000_000, 2_000_000_000),
        );
        assert_eq!(before, Some(5_500_000));
        let slow = before_kernel_us(
            || Some(103_500_000),
            || kernel(100_000_000_000, -1_000_000_000),
        );
        assert_eq!(slow, Some(2_500_000));
    }

    #[test]
    fn what_cannot_be() {
        assert_eq!(before_kernel_us(|| Some(5), || kernel(6_000, 0)), None);
        assert_eq!(before_kernel_us(|| None, || kernel(6_000, 0)), None);
        assert_eq!(
            before_kernel_us(|| Some(u64::MAX), || kernel(u64::MAX, i64::MIN)),
            None
        );
        let mut time = 0;
        let slow = before_kernel_us(
            || Some(5),
            || {
                time += 51_000;
                kernel(time, 0)
            },
        );
        assert_eq!(slow, None);
    }

    #[test]
    fn the_clocks_of_this_machine() {
        let (before, after) = (Kernel::now(), Kernel::now());
        assert!(after.unslewed_ns() >= before.unslewed_ns() - 1_000_000);
    }
}
