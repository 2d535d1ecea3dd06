//! `/proc/self/mountinfo`, proc_pid_mountinfo(5): where hierarchies of cgroups(7) are
//! mounted.

use super::mounts::option;
use super::text::{split_once, whole_lines};

/// A mounted hierarchy. The kernel escapes blanks in the path, in octal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hierarchy<'a> {
    pub(crate) path: &'a [u8],
    /// Cgroup v2; otherwise systemd's own of v1, which has no controller.
    pub(crate) is_unified: bool,
}

/// The hierarchies by which systemd knows and kills what belongs to a unit.
pub(crate) fn hierarchies(text: &[u8]) -> impl Iterator<Item = Hierarchy<'_>> {
    whole_lines(text).filter_map(hierarchy)
}

/// `36 35 0:30 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup rw,nsdelegate`
fn hierarchy(line: &[u8]) -> Option<Hierarchy<'_>> {
    let mut rest = line;
    let mut path = &[][..];
    for _ in 0..5 {
        (path, rest) = split_once(b' ', rest)?;
    }
    let dash = rest.windows(3).position(|three| three == b" - ")?;
    let (kind, rest) = split_once(b' ', rest.get(dash..)?.strip_prefix(b" - ")?)?;
    let (_source, options) = split_once(b' ', rest)?;
    let is_systemds = kind == b"cgroup" && option(options, b"name") == Some(b"systemd");
    (kind == b"cgroup2" || is_systemds).then_some(Hierarchy {
        path,
        is_unified: kind == b"cgroup2",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, prefixes};
    use proptest::prelude::*;

    const HYBRID: &[u8] = b"31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n\
        35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n\
        40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime shared:5 master:2 - cgroup cgroup rw,xattr,name=systemd\n\
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n";

    fn all(text: &[u8]) -> Vec<(&[u8], bool)> {
        hierarchies(text)
            .map(|of| (of.path, of.is_unified))
            .collect()
    }

    #[test]
    fn those_of_systemd_and_of_v2() {
        let expected = [
            (&b"/sys/fs/cgroup/systemd"[..], false),
            (b"/sys/fs/cgroup/unified", true),
        ];
        assert_eq!(all(HYBRID), expected);
        let unified = b"30 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n";
        assert_eq!(all(unified), [(&b"/sys/fs/cgroup"[..], true)]);
        assert_eq!(all(b"\n1 2\n1 2 0:3 / /a rw cgroup2 cgroup2 rw\n"), []);
    }

    #[test]
    fn cut_text_gives_whole_lines() {
        for cut in prefixes(HYBRID) {
            assert!(all(cut).len() <= 2);
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(HYBRID)) {
            let _ = all(&text);
        }
    }
}
