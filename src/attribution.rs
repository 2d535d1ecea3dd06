//! A cgroup's path -> the unit, slice, container and pod that it belongs to.
//!
//! Pure: the path is that of [`crate::proc::cgroup::of`], live or from a log. [`rules`] has
//! the names that runtimes give their containers and pods.

// What is read here others may have chosen: nothing may be cut, wrap or panic. Where a lint
// is allowed, the comment there gives the bound.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

mod rules;

use rules::Before;
use std::borrow::Cow;
use std::str::FromStr;

/// The kind of cgroup that processes are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CgroupKind {
    /// The system's unit; a container outside of all units counts as one.
    Unit,
    /// The innermost slice.
    Slice,
    Container,
    Pod,
}

impl CgroupKind {
    pub(crate) const ALL: [(&'static str, Self); 4] = [
        ("unit", Self::Unit),
        ("slice", Self::Slice),
        ("container", Self::Container),
        ("pod", Self::Pod),
    ];

    pub(crate) fn name(self) -> &'static str {
        let mut all = Self::ALL.iter();
        all.find(|(_, by)| *by == self).map_or("", |(name, _)| name)
    }
}

impl FromStr for CgroupKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(name, _)| *name == text);
        found
            .map(|(_, by)| *by)
            .ok_or_else(|| format!("`{text}` is none of unit, slice, container, pod"))
    }
}

/// A container: its runtime, as far as the path tells, and its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Container<'p> {
    pub(crate) runtime: &'static str,
    pub(crate) id: Cow<'p, [u8]>,
    /// Its cgroup.
    pub(crate) path: &'p [u8],
}

/// Where a process belongs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Place<'p> {
    /// The system's unit and slice, not those inside a container.
    pub(crate) unit: Option<Named<'p>>,
    pub(crate) slice: Option<Named<'p>>,
    /// The innermost container, and the one around all others.
    pub(crate) container: Option<Container<'p>>,
    pub(crate) outermost: Option<Container<'p>>,
    /// The innermost pod's uid with its dashes.
    pub(crate) pod: Option<(Cow<'p, [u8]>, &'p [u8])>,
    /// That pod is this machine's: it is in no container.
    pub(crate) pod_is_ours: bool,
}

/// A part of a path, and the path up to it: the cgroup itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Named<'p> {
    pub(crate) name: &'p [u8],
    pub(crate) path: &'p [u8],
}

/// Units that hold processes; systemd.unit(5).
const UNITS: [&[u8]; 5] = [b".service", b".scope", b".socket", b".mount", b".swap"];

/// Finds out where the processes of a cgroup belong.
pub(crate) fn place(path: &[u8]) -> Place<'_> {
    let path = path.strip_suffix(b" (deleted)").unwrap_or(path);
    let mut place = Place::default();
    let mut before = Before {
        name: b"",
        is_top: false,
        is_pod: false,
    };
    // It is the first part of the path, or of the container's.
    let mut is_top = true;
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
        // systemd puts an underscore before a name that would look like one of the kernel's
        // files.
        let name = part.strip_prefix(b"_").unwrap_or(part);
        let ours = place.outermost.is_none();
        place.name(Named { name, path: up_to });
        // runc's cgroupfs driver takes `slice:prefix:id` as a name.
        let (slice, rest) = match name.iter().position(|&b| b == b':') {
            Some(at) => name.split_at(at),
            None => (name, name),
        };
        let pod = rules::PODS.iter().find_map(|rule| rule.uid(slice));
        let is_pod = pod.is_some();
        if let Some(uid) = pod {
            place.pod = Some((uid, up_to));
            place.pod_is_ours = ours;
        }
        if is_pod && rest.len() < name.len() {
            before.is_pod = true;
        }
        let id = |rule: &rules::Rule| Some((rule.runtime, rule.id(&before, rest)?));
        let container = rules::CONTAINERS.iter().find_map(id);
        // The process is in the innermost container.
        let is_container = container.is_some();
        if let Some((runtime, id)) = container {
            let path = up_to;
            let container = Container { runtime, id, path };
            place.outermost.get_or_insert_with(|| container.clone());
            place.container = Some(container);
        }
        before = Before {
            name,
            is_top,
            is_pod,
        };
        // LXC puts a container's own cgroups into `ns`.
        is_top = is_container || (is_top && name == b"ns");
    }
    place
}

/// Digits of an id that are shown.
const SHOWN: usize = 12;

impl<'p> Place<'p> {
    /// The name of the unit, slice, container or pod, and its cgroup; `None` for the cgroup
    /// where the process is in none.
    pub(crate) fn of(&self, by: CgroupKind, path: &'p [u8]) -> (Vec<u8>, Option<&'p [u8]>) {
        let container = |container: &Option<Container<'p>>| {
            let container = container.as_ref()?;
            let mut name = container.runtime.as_bytes().to_vec();
            name.push(b' ');
            name.extend_from_slice(shown(&container.id));
            Some((name, Some(container.path)))
        };
        let named = |named: Option<Named<'p>>| {
            let named = named?;
            Some((named.name.to_vec(), Some(named.path)))
        };
        let pod = || {
            let (uid, path) = self.pod.as_ref()?;
            Some((shown(uid).to_vec(), Some(*path)))
        };
        let nothing = |name: &str| (name.as_bytes().to_vec(), None);
        let (inner, outer) = (&self.container, &self.outermost);
        match by {
            // A scope that a runtime made for a container gets the container's name, and holds
            // all that runs in it.
            CgroupKind::Unit if self.is_container_scope() => container(outer),
            CgroupKind::Unit => named(self.unit).or_else(|| container(outer)).or_else(|| {
                let lone = !matches!(path, b"" | b"/");
                lone.then(|| (path.to_vec(), Some(path)))
            }),
            CgroupKind::Slice => named(self.slice),
            CgroupKind::Container => container(inner),
            CgroupKind::Pod => pod(),
        }
        .unwrap_or_else(|| {
            nothing(match by {
                CgroupKind::Unit => "(in no unit)",
                CgroupKind::Slice => "(in no slice)",
                CgroupKind::Container => "(in no container)",
                CgroupKind::Pod => "(in no pod)",
            })
        })
    }

    fn is_container_scope(&self) -> bool {
        match (&self.unit, &self.outermost) {
            (Some(unit), Some(outermost)) => unit.path == outermost.path,
            _ => false,
        }
    }

    /// Takes in a unit or slice, unless it is inside a container.
    fn name(&mut self, named: Named<'p>) {
        if self.unit.is_some() || self.outermost.is_some() {
            return;
        }
        if named.name.ends_with(b".slice") {
            self.slice = Some(named);
        } else if UNITS.iter().any(|ending| named.name.ends_with(ending)) {
            self.unit = Some(named);
        }
    }
}

/// An id on screen: the first 12 of 64 digits, as in Docker itself.
fn shown(id: &[u8]) -> &[u8] {
    match rules::is_hex(id) {
        true => id.get(..SHOWN).unwrap_or_default(),
        false => id,
    }
}

#[cfg(test)]
mod tests;
