//! `/proc/PID/cgroup`, cgroups(7): `hierarchy:controllers:path` a line.

use super::number::decimal;
use super::text::{split_once, whole_lines};

/// The process's place in one hierarchy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Membership<'a> {
    /// 0 is cgroup v2.
    pub(crate) hierarchy: u32,
    /// Comma-separated, or `name=...` for a v1 hierarchy without controllers;
    /// empty for v2.
    pub(crate) controllers: &'a [u8],
    /// From the root of the reader's cgroup namespace. May hold `:`, never a
    /// newline, which the kernel refuses in a cgroup's name. Ends in
    /// ` (deleted)` when the cgroup has been removed.
    pub(crate) path: &'a [u8],
}

impl Membership<'_> {
    pub(crate) fn has(&self, controller: &[u8]) -> bool {
        self.controllers
            .split(|&b| b == b',')
            .any(|name| name == controller)
    }
}

/// The memberships in `/proc/PID/cgroup`; a malformed or cut line is skipped.
pub(crate) fn memberships(text: &[u8]) -> impl Iterator<Item = Membership<'_>> {
    whole_lines(text).filter_map(membership)
}

fn membership(line: &[u8]) -> Option<Membership<'_>> {
    let (hierarchy, rest) = split_once(b':', line)?;
    let (controllers, path) = split_once(b':', rest)?;
    Some(Membership {
        hierarchy: u32::try_from(decimal(hierarchy).ok()?).ok()?,
        controllers,
        path,
    })
}

/// The path that identifies the process's unit or container.
///
/// Of the paths that are not `/`: that of systemd's own v1 hierarchy, else v2's,
/// else that of the memory controller, else the first. With v1 and v2 mounted
/// side by side, a container runtime that does not go through systemd places
/// its processes in the v1 hierarchies only, and in v2 they stay where the
/// runtime is (`0::/system.slice/containerd.service`); for a unit both agree.
/// Where only v2 is mounted there is no choice.
pub(crate) fn of(text: &[u8]) -> Option<&[u8]> {
    let placed = || memberships(text).filter(|membership| membership.path != b"/");
    placed()
        .find(|membership| membership.has(b"name=systemd"))
        .or_else(|| placed().find(|membership| membership.hierarchy == 0))
        .or_else(|| placed().find(|membership| membership.has(b"memory")))
        .or_else(|| placed().next())
        .or_else(|| memberships(text).next())
        .map(|membership| membership.path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, prefixes};
    use proptest::prelude::*;

    const PI: &[u8] = include_bytes!("../../tests/captures/aarch64-raspi3b/proc/117/cgroup");
    const X86: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/8005/cgroup");
    const OLD: &[u8] = include_bytes!("../../tests/captures/handmade-4.9/proc/812/cgroup");

    #[test]
    fn v2_only() {
        assert_eq!(of(PI), Some(&b"/edge.slice/edge-core.service"[..]));
        let membership = Membership {
            hierarchy: 0,
            controllers: b"",
            path: b"/edge.slice/edge-core.service",
        };
        assert_eq!(memberships(PI).collect::<Vec<_>>(), [membership]);
        assert_eq!(of(b"0::/\n"), Some(&b"/"[..]));
    }

    #[test]
    fn only_the_memory_controller_has_a_place() {
        assert_eq!(memberships(X86).count(), 10);
        assert_eq!(
            memberships(X86)
                .map(|membership| membership.hierarchy)
                .collect::<Vec<_>>(),
            [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
        );
        assert_eq!(of(X86), Some(&b"/session/1"[..]));
    }

    #[test]
    fn v1_of_systemd() {
        assert_eq!(of(OLD), Some(&b"/system.slice/edge-core.service"[..]));
        let cpu = memberships(OLD).nth(1).unwrap();
        assert_eq!(cpu.controllers, b"cpu,cpuacct");
        assert!(cpu.has(b"cpuacct") && !cpu.has(b"acct"));
    }

    #[test]
    fn hybrid_of_systemd() {
        let unit = b"5:memory:/system.slice\n1:name=systemd:/system.slice/a.service\n\
            0::/system.slice/a.service\n";
        assert_eq!(of(unit), Some(&b"/system.slice/a.service"[..]));
        // As a runtime that does not go through systemd has it.
        let container = b"5:memory:/kubepods/pod1/c1\n1:name=systemd:/kubepods/pod1/c1\n\
            0::/system.slice/containerd.service\n";
        assert_eq!(of(container), Some(&b"/kubepods/pod1/c1"[..]));
        let namespaced = b"5:memory:/\n1:name=systemd:/\n0::/a.service\n";
        assert_eq!(of(namespaced), Some(&b"/a.service"[..]));
    }

    #[test]
    fn without_systemd() {
        assert_eq!(of(b"4:cpu:/c\n3:memory:/m\n0::/\n"), Some(&b"/m"[..]));
        assert_eq!(of(b"4:cpu:/c\n3:pids:/p\n"), Some(&b"/c"[..]));
        assert_eq!(of(b"4:cpu:/\n3:pids:/p\n"), Some(&b"/p"[..]));
    }

    #[test]
    fn path_with_colons_and_a_removed_cgroup() {
        assert_eq!(
            of(b"0::/user:1.slice/a::b\n"),
            Some(&b"/user:1.slice/a::b"[..])
        );
        assert_eq!(of(b"0::/a (deleted)\n"), Some(&b"/a (deleted)"[..]));
    }

    #[test]
    fn what_is_no_entry_is_passed_over() {
        assert_eq!(of(b""), None);
        assert_eq!(of(b"\n:\n0:\nx::/a\n4294967296::/b\n"), None);
        assert_eq!(of(b"x::/a\n0::/b\n"), Some(&b"/b"[..]));
        for cut in prefixes(PI) {
            assert_eq!(of(cut), None);
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(OLD)) {
            let ends_a_line = |path: &[u8]| text.split(|b| *b == b'\n').any(|line| line.ends_with(path));
            prop_assert!(of(&text).map_or(true, ends_a_line));
        }
    }
}
