//! What systemd says of its own start: `systemctl show`, systemctl(1). Its times are
//! microseconds of CLOCK_MONOTONIC, 0 where there is none.

use crate::proc::number::decimal;

/// What is asked of the manager.
pub(crate) const MANAGER: &str = "InitRDTimestampMonotonic,UserspaceTimestampMonotonic,\
     FinishTimestampMonotonic";
/// What is asked of a unit.
pub(crate) const UNIT: &str = "Id,NRestarts";

/// Marks of the start, in microseconds since the kernel's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// The initrd's systemd began, where there is one.
    pub(crate) initrd_us: Option<u64>,
    pub(crate) userspace_us: Option<u64>,
    /// All that was to be started is; `None` while it is not.
    pub(crate) finish_us: Option<u64>,
}

/// Reads what is said of the manager; `None` where nothing of it is understood.
pub(crate) fn marks(text: &[u8]) -> Option<Marks> {
    let marks = Marks {
        initrd_us: time(text, "InitRDTimestampMonotonic="),
        userspace_us: time(text, "UserspaceTimestampMonotonic="),
        finish_us: time(text, "FinishTimestampMonotonic="),
    };
    (marks != Marks::default()).then_some(marks)
}

/// How often systemd itself has restarted a unit, by what is said of several, between
/// which there is an empty line.
// The two newlines were found there.
#[allow(clippy::arithmetic_side_effects)]
pub(crate) fn restarts(text: &[u8], id: &[u8]) -> u64 {
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.windows(2).position(|pair| pair == b"\n\n");
        let (unit, behind) = rest.split_at(end.map_or(rest.len(), |end| end + 2));
        rest = behind;
        if value(unit, "Id=") == Some(id) {
            return number(unit, "NRestarts=").unwrap_or(0);
        }
    }
    0
}

/// What stands behind `key` at the start of a line.
pub(crate) fn value<'t>(text: &'t [u8], key: &str) -> Option<&'t [u8]> {
    let mut lines = text.split(|&byte| byte == b'\n');
    lines.find_map(|line| line.strip_prefix(key.as_bytes()))
}

pub(crate) fn number(text: &[u8], key: &str) -> Option<u64> {
    decimal(value(text, key)?).ok()
}

fn time(text: &[u8], key: &str) -> Option<u64> {
    number(text, key).filter(|time| *time > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, prefixes};
    use proptest::prelude::*;

    const WITH_INITRD: &[u8] = b"UserspaceTimestampMonotonic=9584512\n\
        FinishTimestampMonotonic=38211870\nInitRDTimestampMonotonic=2711043\n";
    const UNITS: &[u8] = b"NRestarts=0\nId=k3s.service\n\n\
        Id=maestro.service\nNRestarts=12\n\nId=no-such.service\nNRestarts=[not set]\n";

    #[test]
    fn marks_of_the_manager() {
        let expected = Marks {
            initrd_us: Some(2_711_043),
            userspace_us: Some(9_584_512),
            finish_us: Some(38_211_870),
        };
        assert_eq!(marks(WITH_INITRD), Some(expected));
        let starting = b"InitRDTimestampMonotonic=0\nUserspaceTimestampMonotonic=583141\n\
            FinishTimestampMonotonic=0\n";
        let expected = Marks {
            userspace_us: Some(583_141),
            ..Marks::default()
        };
        assert_eq!(marks(starting), Some(expected));
        for nothing in [
            &b""[..],
            b"Failed to connect to bus\n",
            b"FinishTimestampMonotonic=-1\n",
        ] {
            assert_eq!(marks(nothing), None);
        }
    }

    #[test]
    fn units_that_were_restarted_and_that_were_not() {
        for (id, expected) in [
            ("k3s.service", 0),
            ("maestro.service", 12),
            ("maestro", 0),
            ("no-such.service", 0),
        ] {
            assert_eq!(restarts(UNITS, id.as_bytes()), expected, "{id}");
        }
        assert_eq!(restarts(b"\n\n\nNRestarts=3\n", b""), 0);
    }

    #[test]
    fn cut_output() {
        for cut in prefixes(WITH_INITRD) {
            let _ = marks(cut);
        }
        let most = prefixes(UNITS).map(|cut| restarts(cut, b"maestro.service"));
        assert_eq!(most.max(), Some(12));
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(UNITS)) {
            let _ = (marks(&text), restarts(&text, b"maestro.service"));
        }
    }
}
