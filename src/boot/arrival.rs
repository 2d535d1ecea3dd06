//! When a byte was on the line. A byte takes ten bits: eight, a start and a stop.

const BITS: u64 = 10;

/// How fast the line is; of a pseudo-terminal it takes no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace {
    byte_ns: u64,
}

impl Pace {
    pub(crate) const PTY: Self = Self { byte_ns: 0 };

    pub(crate) fn of_baud(baud: u32) -> Self {
        Self {
            byte_ns: (BITS * 1_000_000_000)
                .checked_div(u64::from(baud))
                .unwrap_or(0),
        }
    }

    /// When a byte came, `behind` which as many came in the same read(2), which
    /// returned at `read_ns`.
    pub(crate) fn arrival_ns(self, read_ns: u64, behind: usize) -> u64 {
        let since = self.byte_ns.saturating_mul(behind as u64);
        read_ns.saturating_sub(since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_bits_a_byte() {
        let pace = Pace::of_baud(115_200);
        // 10 / 115200 s = 86805.5 ns
        assert_eq!(pace.arrival_ns(1_000_000_000, 0), 1_000_000_000);
        assert_eq!(pace.arrival_ns(1_000_000_000, 1), 999_913_195);
        assert_eq!(pace.arrival_ns(1_000_000_000, 64), 994_444_480);
        assert_eq!(pace.arrival_ns(1_000, 1_000), 0);
        assert_eq!(Pace::PTY.arrival_ns(7, 4096), 7);
        assert_eq!(Pace::of_baud(0), Pace::PTY);
    }
}
