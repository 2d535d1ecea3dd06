//! The arithmetic of `edge-info -m` 2.3.7, defects included, to compare new figures with
//! old ones.
//!
//! It adds up lines of /proc/PID/smaps by what they contain: `Pss`, which SwapPss
//! and, since Linux 6.0, Pss_Dirty contain as well; `Shared`; `Rss`; and `Size`,
//! which KernelPageSize and MMUPageSize contain as well. bc cuts what it divides:
//! nothing is rounded, and 0.9 is `.9`.
//!
//! Two details are not known and assumed here: a process's kB are divided by 1024 (its Rss
//! in the write-up, 253.9 for six processes, fits psutil's percentages there in MiB, but
//! not in MB: 252.8 and 258.9), and volatile logging is cut to whole MiB.

use super::machine_memory::MachineMemory;
use crate::proc::smaps::Sum;
use crate::proc::smaps_rollup::Rollup;
use std::fmt;

/// The labels that it shows, in its order; it does not know containerd and parsec.
pub(crate) const LABELS: [&str; 10] = [
    "edge-core",
    "edge-proxy",
    "maestro",
    "fluentbit",
    "devicedb",
    "relay-term",
    "edge-kubelet",
    "coredns",
    "kube-router",
    "docker",
];

/// Sums over smaps, kB: as edge-info has them, and as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sums {
    pub(crate) pss: u64,
    pub(crate) shared: u64,
    pub(crate) rss: u64,
    pub(crate) virt: u64,
    pub(crate) right: Right,
}

/// Correct sums of the same text, kB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Right {
    pub(crate) pss: u64,
    pub(crate) pss_dirty: u64,
    pub(crate) swap_pss: u64,
    pub(crate) virt: u64,
}

impl Sums {
    /// The sums of one smaps; `None` if it is empty or not one.
    pub(crate) fn of(text: &[u8]) -> Option<Self> {
        let mut sum = Sum::default();
        sum.feed(text);
        let (rollup, _) = sum.finish().ok().filter(|(_, mappings)| *mappings > 0)?;
        let mut sums = Self::default();
        for line in text.split(|&b| b == b'\n') {
            sums.take(line);
        }
        sums.right = sums.right(&rollup);
        Some(sums)
    }

    fn right(&self, rollup: &Rollup) -> Right {
        Right {
            pss: rollup.pss,
            pss_dirty: rollup.pss_dirty,
            swap_pss: rollup.swap_pss,
            virt: self.right.virt,
        }
    }

    fn take(&mut self, line: &[u8]) {
        let has = |word: &[u8]| line.windows(word.len()).any(|window| window == word);
        let value = second(line);
        for (word, sum) in [
            (&b"Pss"[..], &mut self.pss),
            (b"Shared", &mut self.shared),
            (b"Rss", &mut self.rss),
            (b"Size", &mut self.virt),
        ] {
            if has(word) {
                *sum = sum.saturating_add(value);
            }
        }
        if line.starts_with(b"Size:") {
            self.right.virt = self.right.virt.saturating_add(value);
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, value) in [
            (&mut self.pss, other.pss),
            (&mut self.shared, other.shared),
            (&mut self.rss, other.rss),
            (&mut self.virt, other.virt),
            (&mut self.right.pss, other.right.pss),
            (&mut self.right.pss_dirty, other.right.pss_dirty),
            (&mut self.right.swap_pss, other.right.swap_pss),
            (&mut self.right.virt, other.right.virt),
        ] {
            *sum = sum.saturating_add(value);
        }
    }
}

/// A key process with all its instances.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SmapsRow {
    pub label: String,
    pub pids: Vec<u32>,
    pub(crate) sums: Sums,
    /// Instances with an unreadable smaps.
    pub unreadable: u64,
}

/// awk's numeric value of `$2`: its leading digits. A mapping's permissions are 0, so a
/// path does no harm.
fn second(line: &[u8]) -> u64 {
    let mut words = line
        .split(|&b| matches!(b, b' ' | b'\t'))
        .filter(|word| !word.is_empty());
    let word = words.nth(1).unwrap_or_default();
    let digits = word.iter().take_while(|b| b.is_ascii_digit());
    digits.fold(0u64, |value, digit| {
        value
            .saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'))
    })
}

/// A number as bc prints it: cut, and without a 0 before the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cut {
    value: u64,
    places: u32,
}

impl Cut {
    /// kB in its "MB", with one decimal.
    pub(crate) fn mb(kb: u64) -> Self {
        Self {
            value: kb.saturating_mul(10) / 1024,
            places: 1,
        }
    }

    /// Tenths.
    pub(crate) fn tenths(value: u64) -> Self {
        Self { value, places: 1 }
    }

    /// `tenths` of its "MB" in percent of `total`, with two decimals.
    pub(crate) fn percent(tenths: u64, total: u64) -> Self {
        Self {
            value: tenths.saturating_mul(1000).checked_div(total).unwrap_or(0),
            places: 2,
        }
    }

    /// In its last place.
    pub(crate) fn value(self) -> u64 {
        self.value
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10u64.pow(self.places);
        match (self.value / unit, self.value % unit) {
            (0, 0) => f.write_str("0"),
            (0, rest) => write!(f, ".{rest:0width$}", width = self.places as usize),
            (whole, rest) => write!(f, "{whole}.{rest:0width$}", width = self.places as usize),
        }
    }
}

/// The system's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct System {
    /// kB / 1000.
    pub(crate) total: u64,
    /// KiB / 1024, as `free -m` has it.
    pub(crate) available: Option<u64>,
    /// `total` minus `available`.
    pub(crate) used: Option<u64>,
    /// KiB / 1024.
    pub(crate) volatile: Option<u64>,
}

impl System {
    pub(crate) fn of(machine: &MachineMemory) -> Self {
        let total = machine.mem_total / 1000;
        let available = machine.mem_available.map(|kib| kib / 1024);
        let volatile = machine.volatile.as_ref().and_then(|v| v.used);
        Self {
            total,
            available,
            used: available.map(|available| total.saturating_sub(available)),
            volatile: volatile.map(|kib| kib / 1024),
        }
    }

    /// Whole "MB" in percent of the total.
    pub(crate) fn percent(&self, mb: u64) -> Cut {
        Cut::percent(mb.saturating_mul(10), self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &[u8] = include_bytes!("../../tests/captures/handmade-4.9/proc/812/smaps");
    const PI: &[u8] = include_bytes!("../../tests/captures/aarch64-raspi3b/proc/117/smaps");

    #[test]
    fn the_write_ups_percentages() {
        let system = System::of(&MachineMemory {
            // 933 MB; 656 MiB.
            mem_total: 933_512,
            mem_available: Some(656 * 1024 + 700),
            ..MachineMemory::default()
        });
        assert_eq!((system.used, system.total), (Some(277), 933));
        assert_eq!(system.percent(277).to_string(), "29.68");
        assert_eq!(system.percent(1).to_string(), ".10");
        assert_eq!(system.percent(656).to_string(), "70.31");
        let rows = [37, 365, 186, 56, 641, 453, 732];
        let sum: u64 = rows.iter().sum();
        assert_eq!(Cut::tenths(sum).to_string(), "247.0");
        assert_eq!(Cut::percent(sum, system.total).to_string(), "26.47");
    }

    #[test]
    fn numbers_are_cut_as_bc_cuts_them() {
        for (kb, text) in [
            (0, "0"),
            (102, "0"),
            (103, ".1"),
            (1023, ".9"),
            (1024, "1.0"),
            (65_637, "64.0"),
            (1_642_496, "1604.0"),
        ] {
            assert_eq!(Cut::mb(kb).to_string(), text, "{kb}");
        }
        assert_eq!(Cut::percent(5, 0).to_string(), "0");
        assert_eq!(Cut::percent(1, 1000).to_string(), ".01");
    }

    /// By `awk '/Pss/ {p += $2} /Shared/ {s += $2} /Rss/ {r += $2} /Size/ {v += $2}'`
    /// over the same files.
    #[test]
    fn sums_of_captures() {
        let old = Sums::of(OLD).unwrap();
        assert_eq!((old.pss, old.right.pss, old.right.swap_pss), (529, 517, 12));
        assert_eq!((old.shared, old.rss), (1060, 1184));
        let pi = Sums::of(PI).unwrap();
        assert_eq!(pi.pss, pi.right.pss + pi.right.pss_dirty);
        assert_eq!(pi.virt, pi.right.virt + 8 * 8);
        assert_eq!(pi.rss, 1228);
    }

    #[test]
    fn what_is_no_smaps_has_no_sums() {
        assert_eq!(Sums::of(b""), None);
        assert_eq!(Sums::of(b"Pss: 5 kB\n"), None);
        assert_eq!(Sums::of(b"garbage"), None);
        assert_eq!(second(b"Pss: 99999999999999999999999 kB"), u64::MAX);
        assert_eq!(second(b"Pss:"), 0);
    }
}
