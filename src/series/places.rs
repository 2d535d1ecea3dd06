//! In which unit, slice, container or pod each process of a run is.

use crate::attribution::{place, By};
use crate::log::crc32::crc32;
use crate::log::fields::process::flag;
use crate::log::model::{comm, Comm, Process};
use crate::log::reader::Identity;
use crate::log::sample::Sample;
use std::collections::{HashMap, HashSet};

/// Identities that no process of the last sample has, and that are kept.
const SPARE: usize = 1024;

/// A unit, slice, container or pod.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) name: Comm,
    /// Tells those of one name apart: a checksum of the cgroup's path.
    cgroup: u32,
}

impl Place {
    fn new(name: &[u8], cgroup: Option<&[u8]>) -> Self {
        Self {
            name: comm(name),
            cgroup: cgroup.map_or(0, crc32),
        }
    }
}

impl Default for Place {
    fn default() -> Self {
        Self::new(b"(cgroup not in the log)", None)
    }
}

/// Knows the places of one run.
#[derive(Debug)]
pub(crate) struct Places {
    by: By,
    kernel: Place,
    places: HashMap<(u32, u64), Place>,
    /// Who is elsewhere than before.
    moved: HashSet<(u32, u64)>,
}

impl Places {
    pub(crate) fn new(by: By) -> Self {
        Self {
            by,
            kernel: Place::new(b"kernel threads", None),
            places: HashMap::new(),
            moved: HashSet::new(),
        }
    }

    /// Takes in where a process is.
    pub(crate) fn identity(&mut self, identity: &Identity) {
        let (name, cgroup) = place(&identity.cgroup).of(self.by, &identity.cgroup);
        let now = Place::new(&name, cgroup);
        let key = (identity.pid, identity.starttime);
        let before = self.places.insert(key, now.clone());
        if before.is_some_and(|before| before != now) {
            self.moved.insert(key);
        }
    }

    /// Where a process is; `None` where the log does not say.
    pub(crate) fn of(&self, process: &Process) -> Option<&Place> {
        match process.has(flag::KERNEL_THREAD) {
            true => Some(&self.kernel),
            false => self.places.get(&(process.pid, process.starttime)),
        }
    }

    /// Whether a process is elsewhere than in the sample before.
    pub(crate) fn has_moved(&self, process: &Process) -> bool {
        self.anybody_moved() && self.moved.contains(&(process.pid, process.starttime))
    }

    /// Somebody is elsewhere than in the sample before.
    pub(crate) fn anybody_moved(&self) -> bool {
        !self.moved.is_empty()
    }

    /// Ends a sample: who moved is told once, and who ended is forgotten.
    pub(crate) fn settle(&mut self, sample: &Sample) {
        self.moved.clear();
        if self.places.len() > 2 * sample.slots.len() + SPARE {
            let mut there = HashMap::with_capacity(sample.slots.len());
            for process in sample.processes() {
                let key = (process.pid, process.starttime);
                there.extend(self.places.remove_entry(&key));
            }
            self.places = there;
        }
    }
}
