//! `/proc/cgroups` and `cgroup.controllers`, cgroups(7): the controllers that this kernel
//! has and that are not switched off.

use super::text::lines;

/// Whether the controller called `name` is enabled, by `/proc/cgroups`; `None`
/// where it is not listed: it is not built in, or only for cgroup v2 (since 6.15).
pub(crate) fn enabled(text: &[u8], name: &[u8]) -> Option<bool> {
    lines(text).find_map(|mut line| {
        if line.word()? != name {
            return None;
        }
        line.skip(2);
        Some(line.number("enabled").ok()? != 0)
    })
}

/// Whether `cgroup.controllers` of the unified hierarchy names the controller.
pub(crate) fn is_listed(text: &[u8], name: &[u8]) -> bool {
    lines(text).any(|mut line| std::iter::from_fn(|| line.word()).any(|word| word == name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::mangled;
    use proptest::prelude::*;

    const TEXT: &[u8] = b"#subsys_name\thierarchy\tnum_cgroups\tenabled\n\
        cpuset\t3\t1\t1\nmemory\t0\t10\t0\npids\t8\t1\t1\n";

    #[test]
    fn controllers() {
        assert_eq!(enabled(TEXT, b"memory"), Some(false));
        assert_eq!(enabled(TEXT, b"pids"), Some(true));
        assert_eq!(enabled(TEXT, b"mem"), None);
        assert_eq!(enabled(b"", b"memory"), None);
        assert_eq!(enabled(b"memory\t0\t10\n", b"memory"), None);
        assert!(is_listed(b"cpuset cpu io memory pids\n", b"memory"));
        assert!(!is_listed(b"cpuset cpu io pids\n", b"memory"));
        assert!(!is_listed(b"memory.x\n", b"memory"));
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(TEXT)) {
            let found = (enabled(&text, b"memory"), is_listed(&text, b"memory"));
            let named = text.windows(6).any(|word| word == b"memory");
            prop_assert!(named || found == (None, false));
        }
    }
}
