//! Stamps that boot loader and kernel put before their lines, and what they tell of when
//! their clocks began.

use super::line::Line;
use super::tree::Start;
use crate::proc::number::{decimal, hexadecimal};

/// A clock that a stamp further back than this is another start's.
const ANOTHER_START_US: u64 = 1_000_000;

/// When a clock began, by lines that arrived with its stamps. No line arrives before it
/// was stamped, so the least of arrival less stamp is the nearest to it; most lines are
/// held back until the console is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) least_ns: Option<u64>,
    /// When the clock of the start before began.
    before_ns: Option<u64>,
    last_us: Option<u64>,
}

impl Origin {
    /// Takes a stamp, and says whether it is the first of a start.
    pub(crate) fn take(&mut self, arrival_ns: u64, stamp_us: u64) -> bool {
        let later_us = stamp_us.saturating_add(ANOTHER_START_US);
        let begins = self.last_us.map_or(true, |last| later_us < last);
        if begins {
            self.before_ns = self.least_ns.take().or(self.before_ns);
        }
        self.last_us = Some(stamp_us);
        // Before this clock began no stamp can have been made that is not broken.
        let began = stamp_us.checked_mul(1000);
        if let Some(began) = began.and_then(|since| arrival_ns.checked_sub(since)) {
            self.least_ns = Some(self.least_ns.map_or(began, |least| least.min(began)));
        }
        begins
    }

    /// Whether another start came before it, since then. A stamp that lost a digit begins none:
    /// the next one tells of the same clock as those before.
    pub(crate) fn is_again(&self, since_ns: u64) -> bool {
        let before = self.before_ns.filter(|before| *before >= since_ns);
        let next = before.map(|before| before.saturating_add(ANOTHER_START_US * 1000));
        next.zip(self.least_ns)
            .is_some_and(|(next, least)| least > next)
    }
}

/// The kernel's stamp in a line, in microseconds, and where it stands: behind a boot
/// loader's line, a prompt or nothing.
// The place was found in the text.
#[allow(clippy::arithmetic_side_effects)]
pub(crate) fn printk(line: &Line) -> Option<(usize, u64)> {
    let text = line.text();
    let mut places = (0..text.len()).filter(|at| text.get(*at) == Some(&b'['));
    places.find_map(|at| Some((at, bracketed(text.get(at + 1..)?)?)))
}

/// `    0.000000] `, with the caller behind it where the kernel was built so.
fn bracketed(text: &[u8]) -> Option<u64> {
    let blanks = text.iter().take_while(|&&byte| byte == b' ').count();
    let text = text.get(blanks..)?;
    let (seconds, rest) = digits(text);
    let (fraction, rest) = digits(rest.strip_prefix(b".")?);
    let is_stamp = fraction.len() == 6 && rest.first() == Some(&b']');
    is_stamp.then_some(())?;
    microseconds(seconds, fraction)
}

/// `MESS:00:00:07.146055:0:` of the firmware, microseconds since the reset.
// It was found there, and ends within the line.
#[allow(clippy::arithmetic_side_effects)]
pub(crate) fn mess(line: &Line) -> Option<(usize, u64)> {
    const START: &[u8] = b"MESS:";
    let at = line.find(START)?;
    let mut rest = line.text().get(at + START.len()..)?;
    let mut seconds = 0_u64;
    for unit_s in [3600, 60] {
        let (number, behind) = digits(rest);
        seconds = seconds.checked_add(decimal(number).ok()?.checked_mul(unit_s)?)?;
        rest = behind.strip_prefix(b":")?;
    }
    let (whole, rest) = digits(rest);
    let (fraction, rest) = digits(rest.strip_prefix(b".")?);
    (fraction.len() == 6 && rest.first() == Some(&b':')).then_some(())?;
    let stamp = microseconds(whole, fraction)?;
    Some((at, seconds.checked_mul(1_000_000)?.checked_add(stamp)?))
}

/// `stc 2498061` of the boot loader, microseconds since the reset, at the end of a line
/// that it has made up before it wrote the first byte.
pub(crate) fn stc(line: &Line) -> Option<u64> {
    let (number, rest) = digits(line.behind(b" stc ")?);
    let ends = rest.iter().all(|&byte| byte == b' ');
    decimal(number).ok().filter(|_| ends)
}

/// `PM_RSTS: 0x00001000` or `PM_RSTS 00001000`.
// Eight digits have 32 bits.
#[allow(clippy::cast_possible_truncation)]
pub(crate) fn reset(line: &Line) -> Option<Start> {
    let text = line.behind(b"PM_RSTS")?;
    let text = text.strip_prefix(b":").unwrap_or(text).strip_prefix(b" ")?;
    let text = text.strip_prefix(b"0x").unwrap_or(text);
    let digits = text.iter().take_while(|byte| byte.is_ascii_hexdigit());
    let digits = text.get(..digits.count())?;
    // As many as the boot loader writes: fewer are a line that was cut.
    let value = hexadecimal(digits).ok().filter(|_| digits.len() == 8);
    value.and_then(|value| Start::of(value as u32))
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let len = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.split_at(len)
}

fn microseconds(seconds: &[u8], fraction: &[u8]) -> Option<u64> {
    let seconds = decimal(seconds).ok()?.checked_mul(1_000_000)?;
    seconds.checked_add(decimal(fraction).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A line whose n-th byte came at n ns.
    fn line(text: impl AsRef<[u8]>) -> Line {
        let mut line = Line::default();
        for (at, &byte) in text.as_ref().iter().enumerate() {
            line.push(byte, at as u64);
        }
        line
    }

    #[test]
    fn stamps_of_the_kernel() {
        for (text, expected) in [
            (
                "[    0.000000] Booting Linux on physical CPU 0x0",
                Some((0, 0)),
            ),
            (
                "[ 1163.764341] reboot: Restarting system",
                Some((0, 1_163_764_341)),
            ),
            (
                "[2660406.104633] reboot: Restarting system",
                Some((0, 2_660_406_104_633)),
            ),
            (
                "[    0.583141][    T1] Run /init as init process",
                Some((0, 583_141)),
            ),
            // Glued to the firmware's line, and to a prompt.
            (
                "MESS:00:00:07.146055:0:[    0.000000] Booting",
                Some((23, 0)),
            ),
            (
                "MESS:00:00:09.547298:0: uart: Baud rate[    0.000006] x",
                Some((39, 6)),
            ),
            (
                "pi login:    [   24.244942] reboot: Restarting",
                Some((13, 24_244_942)),
            ),
            ("[  OK  ] [ 12.5] [   12.500000] x", Some((17, 12_500_000))),
            ("[  OK  ] Started", None),
            ("[    0.00000] five digits", None),
            ("[    0.0000000] seven", None),
            ("[    0.000000", None),
            ("[99999999999999999999.000000]", None),
            ("[.000000]", None),
        ] {
            assert_eq!(printk(&line(text)), expected, "{text}");
        }
    }

    #[test]
    fn stamps_of_the_firmware() {
        for (text, expected) in [
            (
                "MESS:00:00:07.146055:0: brfs: File read: 1798 bytes",
                Some((0, 7_146_055)),
            ),
            ("MESS:01:02:03.000004:0:", Some((0, 3_723_000_004))),
            (
                "  5.18 MESS:00:00:05.180932:0: *** Restart logging",
                Some((7, 5_180_932)),
            ),
            ("MESS:00:00:07.14605:0: x", None),
            ("MESS:00:00:07.146055", None),
            ("MESS:00:07.146055:0: x", None),
        ] {
            assert_eq!(mess(&line(text)), expected, "{text}");
        }
        let stamp = |text: &str| stc(&line(text));
        let bootmode = "  2.98 BOOTMODE: 0x06 partition 0 serial xxxx boardrev d03140 stc 2498061";
        assert_eq!(stamp(bootmode), Some(2_498_061));
        assert_eq!(stamp("boardrev d04170 stc 910729  "), Some(910_729));
        for other in [
            "stc 910729",
            "x stc ",
            "x stc 12a",
            "x stc 99999999999999999999",
            "",
        ] {
            assert_eq!(stamp(other), None, "{other}");
        }
    }

    #[test]
    fn the_kind_of_reset() {
        for (text, expected) in [
            ("PM_RSTS: 0x00001000", Some(Start::PowerOn)),
            (
                "  1.10 AON_RESET: 00000003 PM_RSTS 00001000",
                Some(Start::PowerOn),
            ),
            ("PM_RSTS: 0x00001020", Some(Start::Restart)),
            ("PM_RSTS: 0x00000020 ", Some(Start::Restart)),
            ("PM_RSTS: 0x000010", None),
            ("PM_RSTS: 0x00000000", None),
            ("PM_RSTS", None),
            ("PM_RSTS: 0x1234567890", None),
        ] {
            assert_eq!(reset(&line(text)), expected, "{text}");
        }
    }

    #[test]
    fn the_least_is_when_the_clock_began() {
        let mut origin = Origin::default();
        // Held back for 13 s, then at once: the clock began at 5.000 s.
        for (arrival_us, stamp_us) in [
            (18_000_000, 0),
            (18_100_000, 6_000_000),
            (18_200_400, 13_200_000),
            (20_000_300, 15_000_000),
            (21_000_900, 16_000_000),
        ] {
            origin.take(arrival_us * 1000, stamp_us);
        }
        assert_eq!(origin.least_ns, Some(5_000_300_000));
        // A little less is another CPU's line.
        origin.take(22_000_000_000, 15_999_000);
        assert_eq!(origin.least_ns, Some(5_000_300_000));
        // Far less is another start.
        origin.take(40_000_000_000, 0);
        assert_eq!(origin.least_ns, Some(40_000_000_000));
        // A broken stamp, from before anything.
        origin.take(41_000_000_000, 50_000_000);
        assert_eq!(origin.least_ns, Some(40_000_000_000));
        origin.take(42_000_000_000, u64::MAX);
        assert_eq!(origin.least_ns, Some(40_000_000_000));
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(
            text in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..300),
                "[\\[\\] MESS:0-9.stcPM_RSTS]{0,60}".prop_map(String::into_bytes),
            ],
        ) {
            let line = line(text);
            let _ = (printk(&line), mess(&line), stc(&line), reset(&line));
        }
    }
}
