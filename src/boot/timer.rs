//! The BCM system timer, which counts microseconds since the reset, against the
//! kernel's clock: BCM2835 ARM Peripherals, 12.

use crate::system::clock;

/// The lower and the upper half of the counter.
const CLO: usize = 4;
const CHI: usize = 8;
/// How far apart the two clocks may be read.
const WINDOW_NS: u64 = 50_000;
const ATTEMPTS: u32 = 200;

/// Nanoseconds since the kernel began, as its clock ran without being slewed: as the counter
/// does, which has the same crystal.
pub(crate) fn unslewed_ns() -> u64 {
    let raw = clock::monotonic_raw_ns();
    unslewed(raw, clock::monotonic_ns(), clock::boottime_ns())
}

/// By so much CLOCK_MONOTONIC is ahead of CLOCK_MONOTONIC_RAW: what NTP has slewed it by since
/// the start.
fn unslewed(raw: u64, monotonic: u64, boottime: u64) -> u64 {
    boottime.wrapping_sub(monotonic.wrapping_sub(raw))
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
    mut clock_ns: impl FnMut() -> u64,
) -> Option<u64> {
    for _ in 0..ATTEMPTS {
        let before_ns = clock_ns();
        let counter = counter_us()?;
        let took = clock_ns().saturating_sub(before_ns);
        if took <= WINDOW_NS {
            // A counter behind the clock is not what it is taken for.
            return counter.checked_sub(before_ns.saturating_add(took / 2) / 1000);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

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
        let before = before_kernel_us(|| counters.next(), || clocks.next().unwrap());
        assert_eq!(before, Some(7_500_000));
    }

    #[test]
    fn what_ntp_has_slewed_is_taken_off() {
        const S: u64 = 1_000_000_000;
        // The clock says 100 s, 2 s of which are NTP's; it has slept for 10 s.
        assert_eq!(unslewed(88 * S, 90 * S, 100 * S), 98 * S);
        assert_eq!(unslewed(101 * S, 100 * S, 100 * S), 101 * S);
        let before = before_kernel_us(|| Some(103_500_000), || 98 * S);
        assert_eq!(before, Some(5_500_000));
    }

    #[test]
    fn what_cannot_be() {
        assert_eq!(before_kernel_us(|| Some(5), || 6_000), None);
        assert_eq!(before_kernel_us(|| None, || 6_000), None);
        assert_eq!(
            before_kernel_us(|| Some(u64::MAX), || u64::MAX),
            Some(u64::MAX - u64::MAX / 1000)
        );
        let mut time = 0;
        let slow = before_kernel_us(
            || Some(5),
            || {
                time += 51_000;
                time
            },
        );
        assert_eq!(slow, None);
    }

    #[test]
    fn the_clocks_of_this_machine() {
        let (before, after) = (unslewed_ns(), unslewed_ns());
        assert!(after >= before - 1_000_000);
    }
}
