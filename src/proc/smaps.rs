//! `/proc/PID/smaps`, proc_pid_smaps(5): one block a mapping, summed to the values of
//! `smaps_rollup`, for kernels before 4.14. All values in KiB.
//!
//! The kernel rounds `Pss` and `SwapPss` down in every block, in `smaps_rollup`
//! once: this sum is lower by up to 1 KiB a mapping.

use super::number::Reason;
use super::smaps_rollup::Rollup;
use super::text::{split_once, Line, ParseError};

/// Lines with a number have some 30 bytes; the beginning of longer ones (a mapping's path,
/// `VmFlags`) is enough to recognise them.
const HELD: usize = 64;

/// The sum so far. The file may come in pieces of any size: a few hundred mappings make
/// hundreds of kB, more than a recorder should hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sum {
    rollup: Rollup,
    vmas: u32,
    line: u32,
    rss: bool,
    pss: bool,
    error: Option<ParseError>,
    /// A line whose end is yet to come.
    held: [u8; HELD],
    len: usize,
    cut: bool,
}

impl Default for Sum {
    fn default() -> Self {
        Sum {
            rollup: Rollup::default(),
            vmas: 0,
            line: 0,
            rss: false,
            pss: false,
            error: None,
            held: [0; HELD],
            len: 0,
            cut: false,
        }
    }
}

impl Sum {
    /// Takes the next piece of the file.
    pub(crate) fn feed(&mut self, chunk: &[u8]) {
        let mut rest = chunk;
        while let Some((head, tail)) = split_once(b'\n', rest) {
            rest = tail;
            if self.len == 0 {
                // No further than it would be held: how the file comes makes no difference.
                let begin = head.get(..HELD).unwrap_or(head);
                self.take(begin, begin.len() < head.len());
            } else {
                self.hold(head);
                let held = self.held;
                self.take(held.get(..self.len).unwrap_or_default(), self.cut);
                self.len = 0;
                self.cut = false;
            }
        }
        self.hold(rest);
    }

    /// The sum and the number of mappings. The file of a kernel thread or a zombie is empty
    /// and gives 0 mappings: such a process has no memory of its own.
    pub(crate) fn finish(mut self) -> Result<(Rollup, u32), ParseError> {
        self.close();
        if self.len != 0 {
            self.line = self.line.saturating_add(1);
            self.fail("end of line", Reason::Missing);
        }
        match self.error {
            Some(error) => Err(error),
            None => Ok((self.rollup, self.vmas)),
        }
    }

    fn hold(&mut self, text: &[u8]) {
        let room = self.held.get_mut(self.len..).unwrap_or_default();
        let fits = room.len().min(text.len());
        for (to, from) in room.iter_mut().zip(text) {
            *to = *from;
        }
        self.len = self.len.saturating_add(fits);
        self.cut |= fits < text.len();
    }

    fn take(&mut self, text: &[u8], cut: bool) {
        self.line = self.line.saturating_add(1);
        // A mapping's line begins with an address in lower-case hexadecimal, a
        // field's with a capital. The kernel escapes newlines in paths.
        if let Some(b'0'..=b'9' | b'a'..=b'f') = text.first() {
            self.close();
            self.vmas = self.vmas.saturating_add(1);
            self.rss = false;
            self.pss = false;
            return;
        }
        let mut line = Line::new(text, self.line, cut);
        let Some(name) = line.key() else { return };
        let Some((field, sum)) = self.rollup.field(name) else {
            return;
        };
        match line.number(field) {
            Ok(value) => *sum = sum.saturating_add(value),
            Err(error) => self.fail(error.field, error.reason),
        }
        if self.vmas == 0 {
            self.fail("address", Reason::Missing);
        }
        self.rss |= name == b"Rss";
        self.pss |= name == b"Pss";
    }

    /// The end of a mapping's block, in which every kernel writes these lines.
    fn close(&mut self) {
        if self.vmas > 0 && !self.rss {
            self.fail("Rss", Reason::Missing);
        }
        if self.vmas > 0 && !self.pss {
            self.fail("Pss", Reason::Missing);
        }
    }

    /// Only the first error is kept.
    fn fail(&mut self, field: &'static str, reason: Reason) {
        self.error.get_or_insert(ParseError {
            line: self.line,
            field,
            reason,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, names_a_line, prefixes};
    use proptest::prelude::*;

    const OLD: &[u8] = include_bytes!("../../tests/captures/handmade-4.9/proc/812/smaps");
    const X86: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/8009/smaps");
    const PI: &[u8] = include_bytes!("../../tests/captures/aarch64-raspi3b/proc/117/smaps");

    fn sum(text: &[u8], chunk: usize) -> Result<(Rollup, u32), ParseError> {
        let mut sum = Sum::default();
        for chunk in text.chunks(chunk) {
            sum.feed(chunk);
        }
        sum.finish()
    }

    #[test]
    fn kernel_4_9_with_paths_like_fields_in_chunks_of_any_size() {
        let expected = Rollup {
            rss: 1184,
            pss: 517,
            shared_clean: 1060,
            private_clean: 40,
            private_dirty: 84,
            anonymous: 84,
            private_hugetlb: 2048,
            swap: 16,
            swap_pss: 12,
            ..Rollup::default()
        };
        for chunk in 1..=OLD.len() {
            assert_eq!(sum(OLD, chunk), Ok((expected, 5)), "chunks of {chunk}");
        }
    }

    #[test]
    fn agrees_with_smaps_rollup_up_to_rounding() {
        let (total, vmas) = sum(X86, 4096).unwrap();
        let expected = Rollup {
            rss: 832,
            pss: 828,
            pss_dirty: 116,
            shared_clean: 4,
            private_clean: 712,
            private_dirty: 116,
            anonymous: 116,
            ..Rollup::default()
        };
        assert_eq!((total, vmas), (expected, 44));
        let (total, vmas) = sum(PI, 4096).unwrap();
        // 223 in smaps_rollup, which rounds once.
        assert_eq!((total.rss, total.pss, vmas), (1228, 222, 8));
        assert_eq!((total.shared(), total.private()), (1176, 52));
    }

    #[test]
    fn header_of_4_kb_is_no_field() {
        let path = "Pss: 5 kB".repeat(450);
        let block = "Rss: 8 kB\nPss: 4 kB\n";
        let text = format!("00400000-00500000 r-xp 00000000 b3:02 1 /{path}\n{block}");
        for chunk in [1, 63, 64, 65, 100, 4096, text.len()] {
            let (total, vmas) = sum(text.as_bytes(), chunk).unwrap();
            assert_eq!((total.rss, total.pss, vmas), (8, 4, 1));
        }
    }

    #[test]
    fn nothing_is_not_zero_mappings_with_memory() {
        assert_eq!(sum(b"", 1), Ok((Rollup::default(), 0)));
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &[u8], chunk: usize| {
            let error = sum(text, chunk).unwrap_err();
            (error.line, error.field, error.reason)
        };
        let head = "00400000-00500000 r-xp 00000000 b3:02 1 /a\n";
        for chunk in [1, 7, 1000] {
            assert_eq!(
                fault(b"Rss: 1 kB\n", chunk),
                (1, "address", Reason::Missing)
            );
            let text = format!("{head}Pss: 1 kB\n{head}Rss: 1 kB\nPss: 1 kB\n");
            assert_eq!(fault(text.as_bytes(), chunk), (3, "Rss", Reason::Missing));
            let text = format!("{head}Rss: 1 kB\nPss: -1 kB\n");
            assert_eq!(
                fault(text.as_bytes(), chunk),
                (3, "Pss", Reason::NotANumber)
            );
            let text = format!("{head}Rss: 18446744073709551616 kB\n");
            assert_eq!(fault(text.as_bytes(), chunk), (2, "Rss", Reason::TooLarge));
        }
        // A number that the held piece may have cut is not believed.
        let text = format!("{head}Rss: 1 kB\nPss:{}1234 kB\n", " ".repeat(58));
        assert_eq!(fault(text.as_bytes(), 1), (3, "Pss", Reason::Missing));
    }

    #[test]
    fn sums_saturate() {
        let block = "00400000-00500000 r-xp 00000000 b3:02 1 /a\n\
            Rss: 18446744073709551615 kB\nPss: 1 kB\n";
        let text = block.repeat(2);
        let (total, vmas) = sum(text.as_bytes(), 64).unwrap();
        assert_eq!((total.rss, total.pss, vmas), (u64::MAX, 2, 2));
    }

    #[test]
    fn cut_inside_a_line_is_refused() {
        for cut in prefixes(OLD) {
            if cut.last().is_some_and(|&b| b != b'\n') {
                assert!(sum(cut, 512).is_err(), "{} bytes", cut.len());
            }
        }
    }

    /// No kernel writes one; a text that is not a kernel's reads the same in whatever pieces.
    #[test]
    fn a_number_far_to_the_right_is_missing_in_chunks_of_any_size() {
        let blanks = " ".repeat(60);
        let text = format!("5500-5600 r-xp 0 0 0\nRss:{blanks}5 kB\nPss: 1 kB\n");
        let missing = ParseError {
            line: 2,
            field: "Rss",
            reason: Reason::Missing,
        };
        for chunk in 1..=text.len() {
            assert_eq!(
                sum(text.as_bytes(), chunk),
                Err(missing),
                "chunks of {chunk}"
            );
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(OLD), chunk in 1..200_usize) {
            prop_assert!(names_a_line(&text, sum(&text, chunk)));
        }
    }
}
