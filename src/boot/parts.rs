//! What a serial line's milestones come to: how long each part of a start took.

use super::scan::Milestones;
use super::tree::Start;

/// A moment, or a time, that lies between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Between {
    pub(crate) from_ns: u64,
    pub(crate) to_ns: u64,
}

impl Between {
    pub(crate) fn exactly(ns: u64) -> Self {
        Self {
            from_ns: ns,
            to_ns: ns,
        }
    }

    /// The time from `start` to this moment.
    pub(crate) fn since(self, start: Self) -> Self {
        Self {
            from_ns: self.from_ns.saturating_sub(start.to_ns),
            to_ns: self.to_ns.saturating_sub(start.from_ns),
        }
    }

    // The middle is not behind the end.
    #[allow(clippy::arithmetic_side_effects)]
    pub(crate) fn middle_ns(self) -> u64 {
        self.from_ns + self.to_ns.saturating_sub(self.from_ns) / 2
    }

    /// How far it may be from the middle.
    pub(crate) fn half_ns(self) -> u64 {
        self.to_ns.saturating_sub(self.from_ns).div_ceil(2)
    }
}

/// A start from its beginning to the prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) total: Between,
    /// Of a restart.
    pub(crate) shutdown: Option<Between>,
    /// Up to the kernel.
    pub(crate) firmware: Option<Between>,
    /// Up to init.
    pub(crate) kernel: Option<Between>,
    /// From init to the prompt; where the kernel does not say when it started it, from
    /// the kernel's own start.
    pub(crate) userspace: Option<Between>,
    /// The boot loader says that it was another kind of start than was asked for.
    pub(crate) other_start: Option<Start>,
    /// It was not the only one: firmware, kernel and userspace are of the last.
    pub(crate) is_again: bool,
}

impl Parts {
    /// `start` is when the power came, or the restart was asked for; the prompt was
    /// there between two moments.
    pub(crate) fn of(
        milestones: &Milestones,
        asked: Option<Start>,
        start: Between,
        prompt: Between,
    ) -> Self {
        let restart = asked == Some(Start::Restart);
        let (shutdown_ns, restarting_ns) = (milestones.shutdown_ns, milestones.restarting_ns);
        let since_ns = start.from_ns;
        let is_again = milestones.reset.is_again(since_ns) || milestones.kernel.is_again(since_ns);
        let reset = milestones.reset.least_ns.filter(|_| !is_again);
        // By the boot loader's clock, which began with the power.
        let narrowed = reset.filter(|reset| !restart && *reset >= start.from_ns);
        let start = match (narrowed, asked) {
            (Some(reset), Some(Start::PowerOn)) => Between::exactly(reset),
            _ => start,
        };
        let kernel_ns = milestones
            .kernel
            .least_ns
            .filter(|kernel| *kernel >= start.from_ns);
        let kernel = kernel_ns.map(Between::exactly);
        let init = kernel_ns.zip(milestones.init_us);
        let init = init.map(|(kernel, init)| kernel.saturating_add(init.saturating_mul(1000)));
        let init = init.map(Between::exactly);
        let from = match restart {
            true => restarting_ns.map(Between::exactly),
            false => Some(start).filter(|_| !is_again),
        };
        Self {
            total: prompt.since(start),
            shutdown: shutdown_ns
                .filter(|_| restart)
                .map(|end| Between::exactly(end).since(start)),
            firmware: kernel.zip(from).map(|(kernel, from)| kernel.since(from)),
            kernel: init.zip(kernel).map(|(init, kernel)| init.since(kernel)),
            userspace: init.or(kernel).map(|from| prompt.since(from)),
            other_start: milestones
                .start
                .filter(|start| asked.is_some_and(|asked| asked != *start)),
            is_again,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boot::stamps::Origin;

    const S: u64 = 1_000_000_000;

    fn origin(at_ns: u64) -> Origin {
        let mut origin = Origin::default();
        origin.take(at_ns, 0);
        origin
    }

    fn between(from_ns: u64, to_ns: u64) -> Between {
        Between { from_ns, to_ns }
    }

    /// The power came between 100.0 and 100.4 s, the kernel at 106 s.
    fn milestones() -> Milestones {
        Milestones {
            kernel: origin(106 * S),
            init_us: Some(2_500_000),
            start: Some(Start::PowerOn),
            ..Milestones::default()
        }
    }

    #[test]
    fn a_cold_start_by_the_commands_bracket() {
        let start = between(100 * S, 100_400_000_000);
        let prompt = Between::exactly(126 * S);
        let parts = Parts::of(&milestones(), Some(Start::PowerOn), start, prompt);
        let expected = Parts {
            total: between(25_600_000_000, 26 * S),
            shutdown: None,
            firmware: Some(between(5_600_000_000, 6 * S)),
            kernel: Some(Between::exactly(2_500_000_000)),
            userspace: Some(Between::exactly(17_500_000_000)),
            other_start: None,
            is_again: false,
        };
        assert_eq!(parts, expected);
        assert_eq!(
            (parts.total.middle_ns(), parts.total.half_ns()),
            (25_800_000_000, 200_000_000)
        );
    }

    #[test]
    fn a_cold_start_by_the_boot_loaders_clock() {
        let stamped = Milestones {
            reset: origin(100_250_000_000),
            init_us: None,
            ..milestones()
        };
        let start = between(100 * S, 100_400_000_000);
        let parts = Parts::of(
            &stamped,
            Some(Start::PowerOn),
            start,
            between(125 * S, 126 * S),
        );
        assert_eq!(parts.total, between(24_750_000_000, 25_750_000_000));
        assert_eq!(parts.firmware, Some(Between::exactly(5_750_000_000)));
        assert_eq!(
            (parts.kernel, parts.userspace),
            (None, Some(between(19 * S, 20 * S)))
        );
        // A clock that began before the power came is not believed.
        let early = Milestones {
            reset: origin(99 * S),
            ..milestones()
        };
        let parts = Parts::of(
            &early,
            Some(Start::PowerOn),
            start,
            Between::exactly(126 * S),
        );
        assert_eq!(parts.total, between(25_600_000_000, 26 * S));
        // From the first byte on it is not the power's clock that counts.
        let parts = Parts::of(
            &stamped,
            None,
            Between::exactly(100 * S),
            Between::exactly(126 * S),
        );
        assert_eq!(parts.total, Between::exactly(26 * S));
    }

    #[test]
    fn a_restart_is_split_at_the_reset() {
        let milestones = Milestones {
            shutdown_ns: Some(190 * S),
            restarting_ns: Some(190 * S),
            kernel: origin(196 * S),
            ..milestones()
        };
        let (start, prompt) = (Between::exactly(100 * S), Between::exactly(216 * S));
        let parts = Parts::of(&milestones, Some(Start::Restart), start, prompt);
        assert_eq!(parts.total, Between::exactly(116 * S));
        assert_eq!(parts.shutdown, Some(Between::exactly(90 * S)));
        assert_eq!(parts.firmware, Some(Between::exactly(6 * S)));
        assert_eq!(parts.userspace, Some(Between::exactly(17_500_000_000)));
        assert_eq!(parts.other_start, Some(Start::PowerOn));
    }

    /// The first start failed, 4 s after its kernel began.
    #[test]
    fn a_board_that_starts_twice() {
        let mut kernel = origin(104 * S);
        kernel.take(108 * S, 4_000_000);
        assert!(kernel.take(116 * S, 0));
        let twice = |reset, shutdown_ns, restarting_ns| Milestones {
            reset,
            kernel,
            shutdown_ns,
            restarting_ns,
            ..milestones()
        };
        let (start, prompt) = (Between::exactly(100 * S), Between::exactly(126 * S));
        let cold = twice(origin(112 * S), None, None);
        let parts = Parts::of(&cold, Some(Start::PowerOn), start, prompt);
        let expected = Parts {
            total: Between::exactly(26 * S),
            shutdown: None,
            firmware: None,
            kernel: Some(Between::exactly(2_500_000_000)),
            userspace: Some(Between::exactly(7_500_000_000)),
            other_start: None,
            is_again: true,
        };
        assert_eq!(parts, expected);
        let restart = twice(Origin::default(), Some(103 * S), Some(109 * S));
        let parts = Parts::of(&restart, Some(Start::Restart), start, prompt);
        let expected = Parts {
            shutdown: Some(Between::exactly(3 * S)),
            firmware: Some(Between::exactly(7 * S)),
            other_start: Some(Start::PowerOn),
            ..expected
        };
        assert_eq!(parts, expected);
        // The kernel before the restart is another's; and a stamp that lost a digit is none.
        let mut kernel = origin(90 * S);
        kernel.take(103 * S, 13_000_000);
        kernel.take(106 * S, 0);
        kernel.take(118 * S, 12_000_000);
        kernel.take(119 * S, 3_000_000);
        kernel.take(120 * S, 14_000_000);
        let once = Milestones {
            kernel,
            ..milestones()
        };
        let parts = Parts::of(&once, Some(Start::Restart), start, prompt);
        assert!(!parts.is_again && kernel.least_ns == Some(106 * S));
    }

    #[test]
    fn what_the_line_does_not_tell_is_missing() {
        let (start, prompt) = (Between::exactly(100 * S), Between::exactly(126 * S));
        let parts = Parts::of(&Milestones::default(), Some(Start::Restart), start, prompt);
        let expected = Parts {
            total: Between::exactly(26 * S),
            shutdown: None,
            firmware: None,
            kernel: None,
            userspace: None,
            other_start: None,
            is_again: false,
        };
        assert_eq!(parts, expected);
        // A kernel before the start is another's.
        let old = Milestones {
            kernel: origin(99 * S),
            ..Milestones::default()
        };
        assert_eq!(Parts::of(&old, None, start, prompt).firmware, None);
        assert_eq!(between(5, 3).half_ns(), 0);
    }
}
