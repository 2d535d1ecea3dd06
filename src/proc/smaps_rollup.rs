//! `/proc/PID/smaps_rollup`, Documentation/ABI/testing/procfs-smaps_rollup; the
//! fields are those of proc_pid_smaps(5). All values in KiB. Since 4.14.
//!
//! Reading it fails with ESRCH for a process without memory of its own: a kernel thread, a
//! zombie, one that is gone.

use super::text::{lines, ParseError};

/// Memory of a process, in KiB; fields that a kernel lacks are 0.
///
/// hugetlb pages are in `shared_hugetlb` and `private_hugetlb` and nowhere else:
/// neither `rss` nor `pss` nor the clean and dirty fields count them.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Rollup {
    /// The sum of the shared and private clean and dirty fields.
    pub(crate) rss: u64,
    /// Each page of `rss` divided by how many mappings share it.
    pub(crate) pss: u64,
    /// Since 6.0. Dirty file pages count, so a program's text is dirty for some
    /// seconds after it was installed.
    pub(crate) pss_dirty: u64,
    /// Since 5.3; `smaps` does not have it.
    pub(crate) pss_anon: u64,
    pub(crate) shared_clean: u64,
    pub(crate) shared_dirty: u64,
    pub(crate) private_clean: u64,
    pub(crate) private_dirty: u64,
    pub(crate) anonymous: u64,
    pub(crate) shared_hugetlb: u64,
    pub(crate) private_hugetlb: u64,
    /// Swapped-out pages of anonymous memory, and of shmem it maps; in no field
    /// above.
    pub(crate) swap: u64,
    /// Each page of `swap` divided by how many share it.
    pub(crate) swap_pss: u64,
}

impl Rollup {
    /// Huge pages, which `rss` and `pss` leave out.
    pub(crate) fn hugetlb(&self) -> u64 {
        self.shared_hugetlb.saturating_add(self.private_hugetlb)
    }

    /// Memory that others map too, with hugetlb, which `rss` leaves out.
    pub(crate) fn shared(&self) -> u64 {
        self.shared_clean
            .saturating_add(self.shared_dirty)
            .saturating_add(self.shared_hugetlb)
    }

    /// Memory that only this process maps, with hugetlb, which `rss` leaves out.
    pub(crate) fn private(&self) -> u64 {
        self.private_clean
            .saturating_add(self.private_dirty)
            .saturating_add(self.private_hugetlb)
    }

    /// The field that the kernel calls `name`, and that name.
    pub(crate) fn field(&mut self, name: &[u8]) -> Option<(&'static str, &mut u64)> {
        Some(match name {
            b"Rss" => ("Rss", &mut self.rss),
            b"Pss" => ("Pss", &mut self.pss),
            b"Pss_Dirty" => ("Pss_Dirty", &mut self.pss_dirty),
            b"Pss_Anon" => ("Pss_Anon", &mut self.pss_anon),
            b"Shared_Clean" => ("Shared_Clean", &mut self.shared_clean),
            b"Shared_Dirty" => ("Shared_Dirty", &mut self.shared_dirty),
            b"Private_Clean" => ("Private_Clean", &mut self.private_clean),
            b"Private_Dirty" => ("Private_Dirty", &mut self.private_dirty),
            b"Anonymous" => ("Anonymous", &mut self.anonymous),
            b"Shared_Hugetlb" => ("Shared_Hugetlb", &mut self.shared_hugetlb),
            b"Private_Hugetlb" => ("Private_Hugetlb", &mut self.private_hugetlb),
            b"Swap" => ("Swap", &mut self.swap),
            b"SwapPss" => ("SwapPss", &mut self.swap_pss),
            _ => return None,
        })
    }
}

/// Reads `/proc/PID/smaps_rollup`. `Rss` and `Pss` must be there.
pub(crate) fn parse(text: &[u8]) -> Result<Rollup, ParseError> {
    let mut rollup = Rollup::default();
    let (mut rss, mut pss) = (false, false);
    let mut lines = lines(text);
    for mut line in lines.by_ref() {
        let Some(name) = line.key() else { continue };
        if let Some((field, value)) = rollup.field(name) {
            *value = line.number(field)?;
            rss |= name == b"Rss";
            pss |= name == b"Pss";
        }
    }
    lines.ended()?;
    match (rss, pss) {
        (true, true) => Ok(rollup),
        (false, _) => Err(lines.missing("Rss")),
        (true, false) => Err(lines.missing("Pss")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, names_a_line, prefixes};
    use proptest::prelude::*;

    use crate::proc::number::Reason;

    const X86: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/8009/smaps_rollup");
    const PI: &[u8] = include_bytes!("../../tests/captures/aarch64-raspi3b/proc/117/smaps_rollup");

    #[test]
    fn x86_64() {
        let rollup = parse(X86).unwrap();
        let expected = Rollup {
            rss: 832,
            pss: 828,
            pss_dirty: 116,
            pss_anon: 116,
            shared_clean: 4,
            private_clean: 712,
            private_dirty: 116,
            anonymous: 116,
            ..Rollup::default()
        };
        assert_eq!(rollup, expected);
        assert_eq!((rollup.shared(), rollup.private()), (4, 828));
    }

    #[test]
    fn raspi3b_whose_programs_lie_in_tmpfs() {
        let rollup = parse(PI).unwrap();
        let expected = Rollup {
            rss: 1228,
            pss: 223,
            pss_dirty: 223,
            pss_anon: 52,
            shared_clean: 4,
            shared_dirty: 1172,
            private_dirty: 52,
            anonymous: 52,
            ..Rollup::default()
        };
        assert_eq!(rollup, expected);
        assert_eq!((rollup.shared(), rollup.private()), (1176, 52));
    }

    #[test]
    fn kernel_4_14_and_swap() {
        let text = b"00400000-bf000000 ---p 00000000 00:00 0    [rollup]\nRss: 884 kB\n\
            Pss: 385 kB\nShared_Clean: 1 kB\nShared_Dirty: 2 kB\nPrivate_Clean: 3 kB\n\
            Private_Dirty: 4 kB\nReferenced: 5 kB\nAnonymous: 6 kB\nLazyFree: 7 kB\n\
            AnonHugePages: 8 kB\nShmemPmdMapped: 9 kB\nShared_Hugetlb: 10 kB\n\
            Private_Hugetlb: 11 kB\nSwap: 12 kB\nSwapPss: 13 kB\nLocked: 385 kB\n";
        let rollup = parse(text).unwrap();
        assert_eq!((rollup.rss, rollup.pss, rollup.pss_dirty), (884, 385, 0));
        assert_eq!((rollup.swap, rollup.swap_pss), (12, 13));
        assert_eq!((rollup.shared(), rollup.private()), (13, 18));
        assert_eq!(rollup.hugetlb(), 21);
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &[u8]| {
            let error = parse(text).unwrap_err();
            (error.line, error.field, error.reason)
        };
        assert_eq!(fault(b""), (1, "Rss", Reason::Missing));
        assert_eq!(
            fault(b"Rss: 1 kB\nSwapPss: 1 kB\nPss_Dirty: 1 kB\n"),
            (4, "Pss", Reason::Missing)
        );
        assert_eq!(
            fault(b"Rss: 1 kB\nPss: kB\n"),
            (2, "Pss", Reason::NotANumber)
        );
        assert_eq!(
            fault(b"Rss: 18446744073709551616 kB\n"),
            (1, "Rss", Reason::TooLarge)
        );
    }

    #[test]
    fn cut_inside_a_line_is_refused() {
        let needed = X86.windows(5).position(|w| w == b"\nPss_").unwrap() + 1;
        for cut in prefixes(X86) {
            let whole_lines = cut.last() == Some(&b'\n');
            assert_eq!(parse(cut).is_ok(), whole_lines && cut.len() >= needed);
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(X86)) {
            prop_assert!(names_a_line(&text, parse(&text)));
        }
    }
}
