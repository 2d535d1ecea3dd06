//! Which processes of a run belong to which product, from sample to sample, and
//! what those of one product take together.

use crate::log::fields::process::flag;
use crate::log::fields::recorder;
use crate::log::model::{Comm, Process};
use crate::log::reader::{Identity, ProductKey};
use crate::log::record::{Header, PssMode};
use crate::log::sample::{Fate, Sample};
use crate::products::{self, Definition, Homes, Key, Profile, PROFILES};
use std::collections::{HashMap, HashSet};

/// Identities that no process of the last sample has, and that are kept.
const SPARE: usize = 1024;

/// A process that ran, and is a key process of one or more profiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ran {
    /// What the profiles call it.
    pub(crate) label: String,
    /// Their names; none, where a user says that it is the product's.
    pub(crate) profiles: Vec<&'static str>,
    /// No other product than the profile's has it.
    pub(crate) telling: bool,
}

/// The key processes of a profile, and which of them ran.
#[derive(Debug)]
struct Side {
    profile: &'static Profile,
    keys: Vec<Key>,
    /// In their order.
    ran: Vec<bool>,
    telling: Vec<String>,
}

/// A process as it was when it was last looked at.
#[derive(Debug)]
struct Held {
    pid: u32,
    starttime: u64,
    comm: Comm,
    /// It belongs to the product.
    member: bool,
    /// What it adds to the sum, KiB; `None`: it has memory, and how much is not known.
    pss_kib: Option<u64>,
}

impl Held {
    fn is(&self, process: &Process) -> bool {
        (self.pid, self.starttime) == (process.pid, process.starttime) && self.comm == process.comm
    }
}

/// Knows who belongs to whom in one run.
#[derive(Debug)]
pub(crate) struct Members {
    definition: Definition,
    /// Those of the definition.
    keys: Vec<Key>,
    /// Which of the user's ran.
    ran: Vec<String>,
    /// The log says which processes the product is: the command line did not.
    by_log: bool,
    with_pss: bool,
    /// All profiles, where it is asked which of them ran.
    sides: Vec<Side>,
    /// Command lines and cgroups.
    texts: HashMap<(u32, u64), (Vec<u8>, Vec<u8>)>,
    /// Whose command line or cgroup is new.
    renewed: HashSet<(u32, u64)>,
    homes: Homes,
    /// One was found in this sample.
    moved_in: bool,
    /// A process of the last sample belongs elsewhere now.
    switched: bool,
    slots: Vec<Option<Held>>,
    members: u64,
    unknown: u64,
    sum_kib: u64,
    partly: u64,
    /// The memory of one of them may not be read.
    denied: bool,
    recorder: Option<Comm>,
}

impl Members {
    /// Of the run with this header; `definition`: what is summed up. `compared`: it is
    /// asked as well which profiles' processes ran.
    pub(crate) fn new(header: &Header<String>, definition: Definition, compared: bool) -> Self {
        let side = |profile: &'static Profile| Side {
            profile,
            ran: vec![false; profile.keys().len()],
            keys: profile.keys(),
            telling: profile.telling().map(str::to_owned).collect(),
        };
        Self {
            keys: definition.keys(),
            ran: Vec::new(),
            by_log: definition.given.is_empty(),
            definition,
            with_pss: header.pss != PssMode::Off,
            sides: match compared {
                true => PROFILES.iter().map(side).collect(),
                false => Vec::new(),
            },
            texts: HashMap::new(),
            renewed: HashSet::new(),
            homes: Homes::default(),
            moved_in: false,
            switched: false,
            slots: Vec::new(),
            members: 0,
            unknown: 0,
            sum_kib: 0,
            partly: 0,
            denied: false,
            recorder: None,
        }
    }

    /// Takes what the log says of which processes the product is; what the command line
    /// says goes before it.
    pub(crate) fn define(&mut self, key: &ProductKey) {
        let Some(key) = Key::logged(key).filter(|_| self.by_log) else {
            return;
        };
        // It comes again after each header.
        if !self.definition.given.contains(&key) {
            self.definition.given.push(key);
            self.keys = self.definition.keys();
            self.moved_in = true;
        }
    }

    /// Takes the command line and cgroup of a process, which come before its first
    /// sample, and again when they change.
    pub(crate) fn identity(&mut self, identity: &Identity) {
        let key = (identity.pid, identity.starttime);
        let same = |(cmdline, cgroup): &(Vec<u8>, Vec<u8>)| {
            *cmdline == identity.cmdline && *cgroup == identity.cgroup
        };
        if !self.texts.get(&key).is_some_and(same) {
            let texts = (identity.cmdline.clone(), identity.cgroup.clone());
            self.texts.insert(key, texts);
            self.renewed.insert(key);
        }
    }

    /// Takes the next sample; `all`: every slot may have changed.
    pub(crate) fn sample(&mut self, sample: &Sample, all: bool) {
        let recorder = sample.machine.value(recorder::ID, recorder::PID);
        if let (None, Some(pid)) = (&self.recorder, recorder) {
            let own = sample.processes().find(|p| u64::from(p.pid) == pid);
            self.recorder = own.map(|process| process.comm.clone());
        }
        let renewed = std::mem::take(&mut self.renewed);
        self.switched = false;
        if all || sample.after_loss {
            self.look_at_all(sample, recorder);
        } else {
            for &(slot, fate) in &sample.changes {
                if fate != Fate::Changed || !self.is_strange(slot, sample) {
                    self.look_at(slot, sample, recorder, false);
                }
            }
            for slot in 0..sample.slots.len() * usize::from(!renewed.is_empty()) {
                let process = sample.slots.get(slot).and_then(Option::as_ref);
                if process.is_some_and(|p| renewed.contains(&(p.pid, p.starttime))) {
                    self.look_at(slot, sample, recorder, true);
                }
            }
        }
        // What is common is a product's where that is at home, which may show late.
        while std::mem::take(&mut self.moved_in) {
            self.look_at_all(sample, recorder);
        }
        if self.texts.len() > 2 * sample.slots.len() + SPARE {
            let there: HashSet<_> = sample.processes().map(|p| (p.pid, p.starttime)).collect();
            self.texts.retain(|key, _| there.contains(key));
        }
        self.partly += u64::from(self.unknown > 0);
    }

    /// The process in a slot is called as before, and none of the product's: its figures
    /// are nobody's here.
    fn is_strange(&self, slot: usize, sample: &Sample) -> bool {
        let now = sample.slots.get(slot).and_then(Option::as_ref);
        match (self.slots.get(slot), now) {
            (Some(Some(held)), Some(now)) => !held.member && held.is(now),
            _ => false,
        }
    }

    fn look_at_all(&mut self, sample: &Sample, recorder: Option<u64>) {
        for slot in 0..self.slots.len().max(sample.slots.len()) {
            self.look_at(slot, sample, recorder, true);
        }
        self.slots.truncate(sample.slots.len());
    }

    fn look_at(&mut self, slot: usize, sample: &Sample, recorder: Option<u64>, anew: bool) {
        if self.slots.len() <= slot {
            self.slots.resize_with(slot + 1, || None);
        }
        let now = sample.slots.get(slot).and_then(Option::as_ref);
        let Some(place) = self.slots.get_mut(slot) else {
            return;
        };
        let pss_kib = now.and_then(|now| match now.pss_kib() {
            // Not known: it may not be read, or has not been yet.
            None if now.has(flag::UNREADABLE | flag::STALE) => None,
            // A zombie has no memory.
            kib => Some(kib.unwrap_or(0)),
        });
        if let (Some(held), Some(now), false) = (place.as_mut(), now, anew) {
            if held.is(now) {
                let before = std::mem::replace(&mut held.pss_kib, pss_kib);
                if held.member && before != pss_kib {
                    self.leave(before);
                    self.join(pss_kib);
                    self.denied |= now.has(flag::UNREADABLE);
                }
                return;
            }
        }
        let mut before = None;
        if let Some(last) = place.take() {
            before = now.is_some_and(|now| last.is(now)).then_some(last.member);
            if last.member {
                self.leave(last.pss_kib);
            }
            if now.is_none() {
                self.texts.remove(&(last.pid, last.starttime));
            }
        }
        let Some(now) = now else {
            return;
        };
        let member = Some(u64::from(now.pid)) != recorder && self.recognise(now);
        self.switched |= before.is_some_and(|before| before != member);
        if member {
            self.join(pss_kib);
            self.denied |= now.has(flag::UNREADABLE);
        }
        if let Some(place) = self.slots.get_mut(slot) {
            *place = Some(Held {
                pid: now.pid,
                starttime: now.starttime,
                comm: now.comm.clone(),
                member,
                pss_kib,
            });
        }
    }

    fn join(&mut self, pss_kib: Option<u64>) {
        self.members += 1;
        match pss_kib {
            Some(kib) => self.sum_kib = self.sum_kib.saturating_add(kib),
            None => self.unknown += 1,
        }
    }

    fn leave(&mut self, pss_kib: Option<u64>) {
        self.members = self.members.saturating_sub(1);
        match pss_kib {
            Some(kib) => self.sum_kib = self.sum_kib.saturating_sub(kib),
            None => self.unknown = self.unknown.saturating_sub(1),
        }
    }

    /// Notes whose key process it is, and says whether it is the product's.
    fn recognise(&mut self, process: &Process) -> bool {
        let nobody_asks = self.keys.is_empty() && self.sides.is_empty();
        if nobody_asks || process.has(flag::KERNEL_THREAD) {
            return false;
        }
        let texts = self.texts.get(&(process.pid, process.starttime));
        let (cmdline, cgroup) = texts.map_or((&[][..], &[][..]), |(a, b)| (a, b));
        let process = products::Process::new(&process.comm, cmdline, cgroup);
        let only = match self.sides.is_empty() {
            true => self.definition.profile,
            false => None,
        };
        if only.is_some() || !self.sides.is_empty() {
            self.moved_in |= self.homes.add(&process, only);
        }
        for side in &mut self.sides {
            let found = products::find(&side.keys, &process, &self.homes);
            if let Some(ran) = found.and_then(|at| side.ran.get_mut(at)) {
                *ran = true;
            }
        }
        let found = products::find(&self.keys, &process, &self.homes);
        let found = found.and_then(|at| self.keys.get(at));
        if let Some(key) = found.filter(|key| key.givens().next().is_some()) {
            if !self.ran.contains(&key.label) {
                self.ran.push(key.label.clone());
            }
        }
        found.is_some()
    }

    /// What the product's processes take at the last sample, KiB: the sum of the PSS
    /// that is known. `None` where nothing of it is, or no profile was given.
    pub(crate) fn pss_kib(&self) -> Option<u64> {
        let known = self.members == 0 || self.unknown < self.members;
        (self.is_defined() && self.with_pss && known).then_some(self.sum_kib)
    }

    /// The profile whose processes were summed up.
    pub(crate) fn profile(&self) -> Option<&'static str> {
        self.definition.profile.map(|profile| profile.name)
    }

    /// It is known which processes are the product's.
    pub(crate) fn is_defined(&self) -> bool {
        self.definition.is_known()
    }

    /// It is asked what products are compared by.
    pub(crate) fn is_compared(&self) -> bool {
        !self.sides.is_empty()
    }

    /// The product has a row in the tables, beside the groups.
    pub(crate) fn have_row(&self) -> bool {
        !self.is_compared() && self.is_defined()
    }

    /// Whether the process in a slot is the product's, at the last sample.
    pub(crate) fn has(&self, slot: usize) -> bool {
        let held = self.slots.get(slot).and_then(Option::as_ref);
        held.is_some_and(|held| held.member)
    }

    /// Somebody belongs to the product at the last sample who did not before, or no
    /// longer.
    pub(crate) fn has_switched(&self) -> bool {
        self.switched
    }

    /// Samples at which the PSS of one of the product's processes was not known.
    pub(crate) fn partly(&self) -> u64 {
        self.partly
    }

    /// The memory of one of the product's processes may not be read.
    pub(crate) fn denied(&self) -> bool {
        self.denied
    }

    /// The recorder's name, where the log tells which process it was.
    pub(crate) fn recorder(&self) -> Option<&Comm> {
        self.recorder.as_ref()
    }

    /// The key processes of all profiles that ran at some time of the run.
    pub(crate) fn ran(&self) -> Vec<Ran> {
        let own = |label: &String| Ran {
            label: label.clone(),
            profiles: Vec::new(),
            telling: false,
        };
        let mut all: Vec<Ran> = self.ran.iter().map(own).collect();
        for side in &self.sides {
            let keys = side.keys.iter().zip(&side.ran);
            for (key, _) in keys.filter(|(_, ran)| **ran) {
                let telling = side.telling.contains(&key.label);
                match all.iter_mut().find(|ran| ran.label == key.label) {
                    Some(ran) => ran.profiles.push(side.profile.name),
                    None => all.push(Ran {
                        label: key.label.clone(),
                        profiles: vec![side.profile.name],
                        telling,
                    }),
                }
            }
        }
        all
    }
}
