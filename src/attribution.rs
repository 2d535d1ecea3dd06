//! A cgroup's path -> the unit, slice, container and pod that it belongs to.
//!
//! Pure: the path is that of [`crate::proc::cgroup::of`], live or from a log, and
//! all that is known. Names follow systemd.unit(5), Docker and containerd
//! (cgroupfs and systemd drivers), the kubelet, CRI-O, Podman and LXC.

use std::borrow::Cow;
use std::str::FromStr;

/// What a process is told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The system's unit; a container that is in none is itself one.
    Unit,
    /// The innermost slice.
    Slice,
    Container,
    Pod,
}

impl By {
    pub const ALL: [(&'static str, Self); 4] = [
        ("unit", Self::Unit),
        ("slice", Self::Slice),
        ("container", Self::Container),
        ("pod", Self::Pod),
    ];

    pub fn name(self) -> &'static str {
        let mut all = Self::ALL.iter();
        all.find(|(_, by)| *by == self).map_or("", |(name, _)| name)
    }
}

impl FromStr for By {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(name, _)| *name == text);
        found
            .map(|(_, by)| *by)
            .ok_or_else(|| format!("`{text}` is none of unit, slice, container, pod"))
    }
}

/// A container: who runs it, as far as the path tells, and its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Container<'p> {
    pub runtime: &'static str,
    pub id: &'p [u8],
}

/// Where a process belongs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place<'p> {
    pub unit: Option<Named<'p>>,
    pub slice: Option<Named<'p>>,
    pub container: Option<(Container<'p>, &'p [u8])>,
    /// The pod's uid with its dashes.
    pub pod: Option<(Cow<'p, [u8]>, &'p [u8])>,
}

/// A part of a path, and the path up to it: the cgroup itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'p> {
    pub name: &'p [u8],
    pub path: &'p [u8],
}

/// Units that hold processes; systemd.unit(5).
const UNITS: [&[u8]; 5] = [b".service", b".scope", b".socket", b".mount", b".swap"];

/// What runtimes put before the container's id, in the systemd driver's scopes.
const SCOPES: [(&[u8], &str); 7] = [
    (b"docker-", "docker"),
    (b"cri-containerd-", "cri"),
    (b"crio-", "cri-o"),
    (b"libpod-", "podman"),
    (b"nerdctl-", "containerd"),
    (b"machine-", "nspawn"),
    (b"lxc-", "lxc"),
];

/// The folders in which runtimes put containers, in the cgroupfs driver: Docker,
/// Podman, LXC, and two of containerd's namespaces.
const FOLDERS: [(&[u8], &str); 5] = [
    (b"docker", "docker"),
    (b"libpod_parent", "podman"),
    (b"lxc", "lxc"),
    (b"default", "containerd"),
    (b"k8s.io", "cri"),
];

/// Finds out what `path` tells.
pub fn place(path: &[u8]) -> Place<'_> {
    let path = path.strip_suffix(b" (deleted)").unwrap_or(path);
    let mut place = Place::default();
    let mut before: &[u8] = b"";
    let mut end = 0usize;
    for part in path.split(|&b| b == b'/') {
        let start = end;
        end = start.saturating_add(part.len());
        let up_to = path.get(..end).unwrap_or_default();
        // The slash.
        end = end.saturating_add(1);
        if part.is_empty() {
            continue;
        }
        // Where a name would look like one of the kernel's files, systemd puts an
        // underscore before it.
        let name = part.strip_prefix(b"_").unwrap_or(part);
        let named = Named { name, path: up_to };
        if place.unit.is_none() {
            if name.ends_with(b".slice") {
                place.slice = Some(named);
            } else if UNITS.iter().any(|ending| name.ends_with(ending)) {
                place.unit = Some(named);
            }
        }
        if let Some(uid) = pod(name) {
            place.pod = Some((uid, up_to));
        }
        // Of one container in another, the inner one is where the process is.
        if let Some(container) = container(before, name, place.pod.is_some()) {
            place.container = Some((container, up_to));
        }
        before = name;
    }
    place
}

/// `pod<uid>`, or `kubepods-burstable-pod<uid>.slice` with underscores in it.
fn pod(name: &[u8]) -> Option<Cow<'_, [u8]>> {
    if let Some(slice) = name.strip_suffix(b".slice") {
        let slice = slice.strip_prefix(b"kubepods-")?;
        let uid = [&b"pod"[..], b"besteffort-pod", b"burstable-pod"]
            .iter()
            .find_map(|start| slice.strip_prefix(*start))?;
        let dashed = uid.iter().map(|&b| if b == b'_' { b'-' } else { b });
        return is_uid(uid).then(|| Cow::Owned(dashed.collect()));
    }
    let uid = name.strip_prefix(b"pod")?;
    is_uid(uid).then_some(Cow::Borrowed(uid))
}

/// A UUID, or the hash that a static pod has for one.
fn is_uid(text: &[u8]) -> bool {
    text.len() >= 32
        && text
            .iter()
            .all(|b| b.is_ascii_hexdigit() || matches!(b, b'-' | b'_'))
}

fn container<'p>(folder: &[u8], name: &'p [u8], in_pod: bool) -> Option<Container<'p>> {
    let of = |runtime, id: &'p [u8]| (!id.is_empty()).then_some(Container { runtime, id });
    if let Some(scope) = name.strip_suffix(b".scope") {
        let (start, runtime) = SCOPES.iter().find(|(start, _)| scope.starts_with(start))?;
        let id = scope.get(start.len()..)?;
        // conmon watches the container from outside of it.
        return of(runtime, id).filter(|_| !id.starts_with(b"conmon-"));
    }
    if let Some(id) = name.strip_prefix(b"lxc.payload.") {
        return of("lxc", id);
    }
    if in_pod {
        return is_id(name).then_some(Container {
            runtime: "cri",
            id: name,
        });
    }
    let (_, runtime) = FOLDERS.iter().find(|(known, _)| *known == folder)?;
    // Docker's ids are hexadecimal; below its folder may also be a parent that a
    // user gave. Names of containerd's and LXC's containers are anybody's choice.
    match *runtime {
        "docker" | "podman" => of(runtime, name).filter(|_| is_id(name)),
        _ => of(runtime, name).filter(|_| !name.ends_with(b".slice")),
    }
}

/// Runtimes give 64 hexadecimal digits.
fn is_id(name: &[u8]) -> bool {
    name.len() == 64 && name.iter().all(u8::is_ascii_hexdigit)
}

/// So many digits of an id are shown, as by Docker itself.
const SHOWN: usize = 12;

impl<'p> Place<'p> {
    /// What the process belongs to, and the cgroup that this is. `None` for the
    /// cgroup: it is what is in none.
    pub fn of(&self, by: By, path: &'p [u8]) -> (Vec<u8>, Option<&'p [u8]>) {
        let container = || {
            let (container, path) = self.container?;
            let id = match is_id(container.id) {
                true => container.id.get(..SHOWN).unwrap_or_default(),
                false => container.id,
            };
            let mut name = container.runtime.as_bytes().to_vec();
            name.push(b' ');
            name.extend_from_slice(id);
            Some((name, Some(path)))
        };
        let named = |named: Option<Named<'p>>| {
            let named = named?;
            Some((named.name.to_vec(), Some(named.path)))
        };
        let pod = || {
            let (uid, path) = self.pod.as_ref()?;
            Some((uid.to_vec(), Some(*path)))
        };
        let nothing = |name: &str| (name.as_bytes().to_vec(), None);
        match by {
            // A scope that a runtime made for a container is named after that.
            By::Unit if self.is_container_scope() => container(),
            By::Unit => named(self.unit).or_else(container).or_else(|| {
                let lone = !matches!(path, b"" | b"/");
                lone.then(|| (path.to_vec(), Some(path)))
            }),
            By::Slice => named(self.slice),
            By::Container => container(),
            By::Pod => pod(),
        }
        .unwrap_or_else(|| {
            nothing(match by {
                By::Unit => "(in no unit)",
                By::Slice => "(in no slice)",
                By::Container => "(in no container)",
                By::Pod => "(in no pod)",
            })
        })
    }

    fn is_container_scope(&self) -> bool {
        match (&self.unit, &self.container) {
            (Some(unit), Some((_, path))) => unit.path == *path,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
