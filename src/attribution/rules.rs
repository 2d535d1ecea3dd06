//! Where runtimes put containers and pods: the table behind [`super::place`]. `README.md`
//! here has the same rows.
//!
//! The paths are those that the runtimes' own sources make, checked against the output of
//! `systemd-cgls` and `/proc/PID/cgroup` in public reports: Docker and containerd
//! (runc's cgroupfs and systemd drivers; `slice:prefix:name` where the two are mixed
//! up), CRI-O, Podman (libpod, `--cgroups=split` as quadlets have it), LXC (all three
//! layouts, and Proxmox's), libvirt and systemd-machined, and the kubelet's
//! `--cgroup-root` and kind, which put a name before `kubepods`.

use std::borrow::Cow;

/// The part of a cgroup's name that tells one container from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Id {
    /// 64 hexadecimal digits.
    Hex,
    /// Anything.
    Name,
    /// A name as systemd escapes it, `\x2d` for `-`.
    Escaped,
    /// The same after the number that libvirt gives a guest: `1\x2dNAME`.
    Numbered,
}

/// What must stand before the container's own part of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Folder {
    /// Anything.
    Any,
    /// A part of this name.
    Named(&'static str),
    /// The same, first in the path or in another container.
    Top(&'static str),
    /// The cgroup of a pod.
    Pod,
    /// `systemd-nspawn@NAME.service`: the name is there.
    Nspawn,
}

/// The name that a runtime gives the cgroup of a container: `start`, the id, `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Stands before the id in the name of a row.
    pub(crate) runtime: &'static str,
    pub(crate) folder: Folder,
    pub(crate) start: &'static str,
    pub(crate) id: Id,
    pub(crate) end: &'static str,
}

const fn rule(
    runtime: &'static str,
    folder: Folder,
    start: &'static str,
    id: Id,
    end: &'static str,
) -> Rule {
    Rule {
        runtime,
        folder,
        start,
        id,
        end,
    }
}

/// Containers. The first rule that fits decides.
pub(crate) const CONTAINERS: &[Rule] = &[
    // Docker by cgroupfs; k3d and kind
    rule("docker", Folder::Named("docker"), "", Id::Hex, ""),
    // Docker by systemd, rootless too
    rule("docker", Folder::Any, "docker-", Id::Hex, ".scope"),
    // containerd by cgroupfs; k3s, k0s, MicroK8s
    rule("cri", Folder::Pod, "", Id::Hex, ""),
    // containerd by systemd; kind
    rule("cri", Folder::Any, "cri-containerd-", Id::Hex, ".scope"),
    // containerd by cgroupfs, the kubelet by systemd
    rule("cri", Folder::Pod, ":cri-containerd:", Id::Hex, ""),
    // CRI-O by systemd
    rule("cri-o", Folder::Any, "crio-", Id::Hex, ".scope"),
    // CRI-O by cgroupfs
    rule("cri-o", Folder::Any, "crio-", Id::Hex, ""),
    // CRI-O by cgroupfs, the kubelet by systemd
    rule("cri-o", Folder::Pod, ":crio:", Id::Hex, ""),
    // Podman by systemd, rootless too
    rule("podman", Folder::Any, "libpod-", Id::Hex, ".scope"),
    // Podman by cgroupfs
    rule("podman", Folder::Any, "libpod-", Id::Hex, ""),
    // Podman in a unit: quadlet, --cgroups=split
    rule("podman", Folder::Any, "libpod-payload-", Id::Hex, ""),
    // nerdctl by systemd
    rule("containerd", Folder::Any, "nerdctl-", Id::Hex, ".scope"),
    // containerd's namespace `default`
    rule("containerd", Folder::Top("default"), "", Id::Name, ""),
    // containerd's namespace `k8s.io`
    rule("cri", Folder::Top("k8s.io"), "", Id::Name, ""),
    // LXC from 4.0 on, LXD, Incus
    rule("lxc", Folder::Any, "lxc.payload.", Id::Name, ""),
    // LXC 3.1 and 3.2
    rule("lxc", Folder::Named("lxc.payload"), "", Id::Name, ""),
    // LXC before 3.1, Proxmox
    rule("lxc", Folder::Top("lxc"), "", Id::Name, ""),
    // LXC in a scope of its own
    rule("lxc", Folder::Any, "lxc-", Id::Name, ".scope"),
    // libvirt's virtual machines
    rule(
        "libvirt",
        Folder::Any,
        "machine-qemu\\x2d",
        Id::Numbered,
        ".scope",
    ),
    // libvirt's LXC containers
    rule(
        "libvirt",
        Folder::Any,
        "machine-lxc\\x2d",
        Id::Numbered,
        ".scope",
    ),
    // libvirt without systemd-machined
    rule("libvirt", Folder::Any, "", Id::Name, ".libvirt-qemu"),
    // systemd-nspawn from a shell
    rule("nspawn", Folder::Any, "machine-", Id::Escaped, ".scope"),
    // systemd-nspawn@NAME.service, machinectl
    rule("nspawn", Folder::Nspawn, "payload", Id::Name, ""),
];

/// The name of the cgroup of a pod: `start`, the uid, `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PodRule {
    pub(crate) start: &'static str,
    pub(crate) end: &'static str,
    /// Something may stand before `start`, up to a hyphen.
    pub(crate) prefixed: bool,
    /// Underscores stand for the hyphens of the uid.
    pub(crate) escaped: bool,
}

const fn pod_rule(start: &'static str, end: &'static str) -> PodRule {
    PodRule {
        start,
        end,
        prefixed: false,
        escaped: false,
    }
}

/// A slice of the kubelet, below any `--cgroup-root`.
const fn kubelet(start: &'static str) -> PodRule {
    PodRule {
        prefixed: true,
        escaped: true,
        ..pod_rule(start, ".slice")
    }
}

/// Pods. The first rule that fits decides.
pub(crate) const PODS: &[PodRule] = &[
    // the kubelet by cgroupfs
    pod_rule("pod", ""),
    // the kubelet by systemd: guaranteed, burstable, best effort
    kubelet("kubepods-pod"),
    kubelet("kubepods-burstable-pod"),
    kubelet("kubepods-besteffort-pod"),
    // Podman, also rootless
    pod_rule("machine-libpod_pod_", ".slice"),
    pod_rule("user-libpod_pod_", ".slice"),
];

/// The part of the path before a container's own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before<'p> {
    pub(crate) name: &'p [u8],
    /// It is the first part of the path, or the first in a container.
    pub(crate) is_top: bool,
    pub(crate) is_pod: bool,
}

impl Rule {
    /// The id, where `name` follows this rule.
    pub(crate) fn id<'p>(&self, before: &Before<'p>, name: &'p [u8]) -> Option<Cow<'p, [u8]>> {
        let fits = match self.folder {
            Folder::Any => true,
            Folder::Named(folder) => before.name == folder.as_bytes(),
            Folder::Top(folder) => before.is_top && before.name == folder.as_bytes(),
            Folder::Pod => before.is_pod,
            Folder::Nspawn => {
                let name = name == self.start.as_bytes();
                let unit = before.name.strip_prefix(b"systemd-nspawn@")?;
                return name.then(|| Some(unescaped(unit.strip_suffix(b".service")?)))?;
            }
        };
        let id = name.strip_prefix(self.start.as_bytes())?;
        let id = id.strip_suffix(self.end.as_bytes())?;
        let fits = fits && !id.is_empty() && !is_of_systemd(id);
        match self.id {
            _ if !fits => None,
            Id::Hex => is_hex(id).then_some(Cow::Borrowed(id)),
            Id::Name => Some(Cow::Borrowed(id)),
            Id::Escaped => Some(unescaped(id)),
            Id::Numbered => {
                let digits = id.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let name = id.get(digits..)?.strip_prefix(b"\\x2d");
                Some(unescaped(name.filter(|_| digits > 0).unwrap_or(id)))
            }
        }
    }
}

impl PodRule {
    /// The pod's uid with its hyphens, where `name` follows this rule.
    // `at` is where `start` was found in `rest`.
    #[allow(clippy::arithmetic_side_effects)]
    pub(crate) fn uid<'p>(&self, name: &'p [u8]) -> Option<Cow<'p, [u8]>> {
        let start = self.start.as_bytes();
        let rest = name.strip_suffix(self.end.as_bytes())?;
        let at = match self.prefixed {
            false => rest.starts_with(start).then_some(0)?,
            true => rest.windows(start.len()).rposition(|part| part == start)?,
        };
        if at > 0 && rest.get(at - 1) != Some(&b'-') {
            return None;
        }
        let uid = rest.get(at + start.len()..)?;
        let is_uid = uid.len() >= 32
            && uid
                .iter()
                .all(|b| b.is_ascii_hexdigit() || matches!(b, b'-' | b'_'));
        let dashed = || uid.iter().map(|&b| if b == b'_' { b'-' } else { b });
        is_uid.then(|| match self.escaped {
            true => Cow::Owned(dashed().collect()),
            false => Cow::Borrowed(uid),
        })
    }
}

/// An id of 64 hexadecimal digits.
pub(crate) fn is_hex(id: &[u8]) -> bool {
    id.len() == 64 && id.iter().all(u8::is_ascii_hexdigit)
}

/// A part of the path that systemd made below a folder of a runtime's name.
fn is_of_systemd(id: &[u8]) -> bool {
    [&b".slice"[..], b".scope", b".service"]
        .iter()
        .any(|end| id.ends_with(end))
}

/// A name without systemd's escapes; systemd.unit(5).
// Two digits are 255 at most.
#[allow(clippy::arithmetic_side_effects)]
fn unescaped(name: &[u8]) -> Cow<'_, [u8]> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let mut plain = Vec::new();
    let mut rest = name;
    while let Some((&first, others)) = rest.split_first() {
        let escape = match others {
            [b'x', high, low, ..] if first == b'\\' => digit(high).zip(digit(low)),
            _ => None,
        };
        match escape {
            Some((high, low)) => {
                plain.extend(u8::try_from(16 * high + low));
                rest = others.get(3..).unwrap_or_default();
            }
            None => {
                plain.push(first);
                rest = others;
            }
        }
    }
    match plain == name {
        true => Cow::Borrowed(name),
        false => Cow::Owned(plain),
    }
}
