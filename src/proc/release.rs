//! `/proc/sys/kernel/osrelease`: the version of the kernel, and its known faults.

/// Whether `smaps_rollup` of this kernel may show too little: it skips a mapping when
/// another thread wants the lock on the process's memory. Since 6.1 (commit
/// c4c84f06285e), fixed in 6.10 (6d065f507d82) and in the stable kernels 6.6.34 and 6.9.5.
/// No fix of 6.1 is known.
///
/// A distribution may have fixed its own: `6.1.0-56-arm64` names only the series.
pub(crate) fn under_reports_smaps_rollup(release: &[u8]) -> bool {
    match version(release) {
        Some((6, 6, patch)) => patch < 34,
        Some((6, 9, patch)) => patch < 5,
        Some((6, minor, _)) => (1..10).contains(&minor),
        _ => false,
    }
}

/// The three numbers at its beginning; a missing third is 0.
fn version(release: &[u8]) -> Option<(u32, u32, u32)> {
    let text = std::str::from_utf8(release).ok()?;
    let numbers = text
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .next()?;
    let mut numbers = numbers.split('.').map(|number| number.parse().ok());
    let (major, minor) = (numbers.next()??, numbers.next()??);
    Some((major, minor, numbers.next().flatten().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::mangled;
    use proptest::prelude::*;

    #[test]
    fn from_6_1_until_it_was_mended() {
        for release in [
            "6.1.0-56-arm64\n",
            "6.1.21-v8+\n",
            "6.5.0\n",
            "6.6.33\n",
            "6.8.12\n",
            "6.9\n",
            "6.9.4-arch1\n",
        ] {
            assert!(under_reports_smaps_rollup(release.as_bytes()), "{release}");
        }
        for release in [
            "4.9.0\n",
            "5.15.84-v8+\n",
            "6.0.19\n",
            "6.6.34\n",
            "6.6.51+rpt-rpi-v8\n",
            "6.9.5\n",
            "6.10.0-rc1\n",
            "6.18.44\n",
            "7.1.0\n",
            "",
            "six\n",
            "6\n",
        ] {
            assert!(!under_reports_smaps_rollup(release.as_bytes()), "{release}");
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(b"6.6.51+rpt-rpi-v8\n")) {
            let _ = under_reports_smaps_rollup(&text);
        }
    }
}
