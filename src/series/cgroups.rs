//! The unit, slice, container or pod that each process of a run is in.

use super::slots::{forget_ended, id_of, ProcessId};
use crate::attribution::{place, CgroupKind};
use crate::log::crc32::crc32;
use crate::log::fields::process::flag;
use crate::log::model::{comm, Comm, Process};
use crate::log::reader::Identity;
use crate::log::sample::Sample;
use std::collections::{HashMap, HashSet};

/// A unit, slice, container or pod.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct NamedCgroup {
    pub(super) name: Comm,
    /// Tells those of one name apart: a checksum of the path.
    path_crc32: u32,
}

impl NamedCgroup {
    fn new(name: &[u8], path: Option<&[u8]>) -> Self {
        Self {
            name: comm(name),
            path_crc32: path.map_or(0, crc32),
        }
    }
}

impl Default for NamedCgroup {
    fn default() -> Self {
        Self::new(b"(cgroup not in the log)", None)
    }
}

/// The cgroups of the processes of one run.
#[derive(Debug)]
pub(super) struct ProcessCgroups {
    kind: CgroupKind,
    kernel: NamedCgroup,
    cgroups: HashMap<ProcessId, NamedCgroup>,
    /// Processes that moved since the last sample.
    moved: HashSet<ProcessId>,
}

impl ProcessCgroups {
    pub(super) fn new(kind: CgroupKind) -> Self {
        Self {
            kind,
            kernel: NamedCgroup::new(b"kernel threads", None),
            cgroups: HashMap::new(),
            moved: HashSet::new(),
        }
    }

    /// Takes in where a process is.
    pub(super) fn identity(&mut self, identity: &Identity) {
        let (name, path) = place(&identity.cgroup).of(self.kind, &identity.cgroup);
        let now = NamedCgroup::new(&name, path);
        let id = (identity.pid, identity.starttime);
        let before = self.cgroups.insert(id, now.clone());
        if before.is_some_and(|before| before != now) {
            self.moved.insert(id);
        }
    }

    /// `None` where the log does not say.
    pub(super) fn of(&self, process: &Process) -> Option<&NamedCgroup> {
        match process.has(flag::KERNEL_THREAD) {
            true => Some(&self.kernel),
            false => self.cgroups.get(&id_of(process)),
        }
    }

    /// Whether a process has moved since the sample before.
    pub(super) fn has_moved(&self, process: &Process) -> bool {
        self.any_moved() && self.moved.contains(&id_of(process))
    }

    /// Whether any process has moved since the sample before.
    pub(super) fn any_moved(&self) -> bool {
        !self.moved.is_empty()
    }

    /// Ends a sample.
    pub(super) fn settle(&mut self, sample: &Sample) {
        self.moved.clear();
        forget_ended(&mut self.cgroups, sample);
    }
}
