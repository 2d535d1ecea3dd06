//! The parts of a restart, by the clocks at its two ends.

use super::note::Note;

/// What the boot that followed knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Followed {
    pub(crate) boottime_ns: u64,
    pub(crate) realtime_ns: u64,
    pub(crate) synchronised: bool,
    /// From the reset to the kernel.
    pub(crate) firmware_us: Option<u64>,
    /// From the kernel to init.
    pub(crate) init_us: Option<u64>,
    /// From the kernel to the prompt.
    pub(crate) prompt_us: Option<u64>,
}

/// Parts in microseconds, each of them known or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) shutdown_us: Option<u64>,
    pub(crate) firmware_us: Option<u64>,
    pub(crate) kernel_us: Option<u64>,
    pub(crate) userspace_us: Option<u64>,
    pub(crate) total_us: Option<u64>,
    /// Shutdown and firmware, where what lies between them is not known.
    pub(crate) down_us: Option<u64>,
}

impl Parts {
    pub(crate) fn of(note: &Note, followed: &Followed) -> Self {
        let both = note.synchronised && followed.synchronised;
        // When the kernel began, by the wall's clock.
        let kernel_ns = followed.realtime_ns.checked_sub(followed.boottime_ns);
        let down_ns = kernel_ns.and_then(|kernel| kernel.checked_sub(note.realtime_ns));
        let down_us = down_ns.filter(|_| both).map(|down| down / 1000);
        let firmware_us = followed.firmware_us;
        let userspace_us = followed.prompt_us.zip(followed.init_us);
        Self {
            down_us,
            firmware_us,
            shutdown_us: down_us
                .zip(firmware_us)
                .and_then(|(down, of)| down.checked_sub(of)),
            kernel_us: followed.init_us,
            userspace_us: userspace_us.and_then(|(prompt, init)| prompt.checked_sub(init)),
            total_us: down_us
                .zip(followed.prompt_us)
                .map(|(down, up)| down.saturating_add(up)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(synchronised: bool) -> Note {
        Note {
            realtime_ns: 1_000_000_000_000,
            synchronised,
            ..Note::default()
        }
    }

    /// 128 s after the request the clock says so, 32 s after the kernel began.
    const FOLLOWED: Followed = Followed {
        boottime_ns: 32_000_000_000,
        realtime_ns: 1_128_000_000_000,
        synchronised: true,
        firmware_us: Some(6_000_000),
        init_us: Some(2_500_000),
        prompt_us: Some(30_000_000),
    };

    #[test]
    fn they_add_up() {
        let parts = Parts::of(&note(true), &FOLLOWED);
        let expected = Parts {
            shutdown_us: Some(90_000_000),
            firmware_us: Some(6_000_000),
            kernel_us: Some(2_500_000),
            userspace_us: Some(27_500_000),
            total_us: Some(126_000_000),
            down_us: Some(96_000_000),
        };
        assert_eq!(parts, expected);
        let sum = [
            parts.shutdown_us,
            parts.firmware_us,
            parts.kernel_us,
            parts.userspace_us,
        ];
        assert_eq!(sum.into_iter().flatten().sum::<u64>(), 126_000_000);
    }

    #[test]
    fn without_a_clock_only_what_it_gives_is_missing() {
        let unsynchronised = Followed {
            synchronised: false,
            ..FOLLOWED
        };
        for (before, after) in [(false, FOLLOWED), (true, unsynchronised)] {
            let parts = Parts::of(&note(before), &after);
            let expected = Parts {
                firmware_us: Some(6_000_000),
                kernel_us: Some(2_500_000),
                userspace_us: Some(27_500_000),
                ..Parts::default()
            };
            assert_eq!(parts, expected);
        }
    }

    #[test]
    fn without_the_timer_shutdown_and_firmware_are_one() {
        let parts = Parts::of(
            &note(true),
            &Followed {
                firmware_us: None,
                ..FOLLOWED
            },
        );
        assert_eq!((parts.shutdown_us, parts.firmware_us), (None, None));
        assert_eq!(
            (parts.down_us, parts.total_us),
            (Some(96_000_000), Some(126_000_000))
        );
        let parts = Parts::of(
            &note(true),
            &Followed {
                prompt_us: None,
                init_us: None,
                ..FOLLOWED
            },
        );
        assert_eq!(
            (parts.total_us, parts.userspace_us, parts.kernel_us),
            (None, None, None)
        );
        assert_eq!(parts.shutdown_us, Some(90_000_000));
    }

    #[test]
    fn clocks_that_cannot_be() {
        // Set back across the restart; a firmware longer than all of it.
        let back = Followed {
            realtime_ns: 900_000_000_000,
            ..FOLLOWED
        };
        assert_eq!(Parts::of(&note(true), &back).down_us, None);
        let long = Followed {
            firmware_us: Some(97_000_000),
            ..FOLLOWED
        };
        assert_eq!(Parts::of(&note(true), &long).shutdown_us, None);
        let young = Followed {
            realtime_ns: 1,
            ..FOLLOWED
        };
        assert_eq!(Parts::of(&note(true), &young).total_us, None);
    }
}
