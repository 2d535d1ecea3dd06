//! Which processes of a run belong to which product, from sample to sample, and the memory
//! of one product's processes together.

use super::machine::MachineSeries;
use super::memory_sum::{KnownMemory, MemorySum};
use super::product::{KeySighting, Moments, Product};
use super::slots::{forget_ended, id_of, ProcessId, Slots};
use crate::log::fields::process::flag;
use crate::log::fields::recorder;
use crate::log::limits::{KEYS, TEXTS};
use crate::log::model::{Comm, Process};
use crate::log::reader::{Identity, ProductKey};
use crate::log::record::PssMode;
use crate::log::sample::Sample;
use crate::products::{self, Definition, Homes, Key, Profile, PROFILES};
use std::collections::{HashMap, HashSet};

/// The key processes of a profile, and which of them ran.
#[derive(Debug)]
struct ProfileKeys {
    profile: &'static Profile,
    keys: Vec<Key>,
    /// In their order.
    ran: Vec<bool>,
}

impl ProfileKeys {
    fn of(profile: &'static Profile) -> Self {
        let keys = profile.keys();
        Self {
            profile,
            ran: vec![false; keys.len()],
            keys,
        }
    }
}

/// A process when it was last looked at.
#[derive(Debug)]
struct Candidate {
    id: ProcessId,
    comm: Comm,
    /// It belongs to the product.
    member: bool,
    /// What a member adds to the sum, KiB; `None`: that is not known.
    pss_kib: Option<u64>,
}

impl Candidate {
    fn is(&self, process: &Process) -> bool {
        self.id == id_of(process) && self.comm == process.comm
    }
}

/// A command line and a cgroup.
type Texts = (Vec<u8>, Vec<u8>);

/// Bytes of memory: the texts, and their places in a table.
fn taken_by((cmdline, cgroup): &Texts) -> usize {
    cmdline.len() + cgroup.len() + 2 * std::mem::size_of::<(ProcessId, Texts)>()
}

/// The processes of the run's product, and the key processes of all products.
#[derive(Debug)]
pub(super) struct Members {
    definition: Definition,
    /// Those of the definition.
    keys: Vec<Key>,
    /// Labels of the user's keys that ran.
    given_ran: Vec<String>,
    /// The log says which processes the product is: the command line did not.
    by_log: bool,
    with_pss: bool,
    /// All profiles, for a comparison.
    profiles: Vec<ProfileKeys>,
    texts: HashMap<ProcessId, Texts>,
    /// Bytes that these take at most.
    taken: usize,
    /// Processes whose texts are new.
    renewed: HashSet<ProcessId>,
    homes: Homes,
    /// The homes or the keys changed: every process has to be looked at again.
    redefined: bool,
    /// A process of the last sample joined or left the product.
    switched: bool,
    slots: Slots<Candidate>,
    pss: MemorySum,
    /// Samples at which the PSS of a member was not known.
    partly: u64,
    /// The memory of a member may not be read.
    denied: bool,
    /// What the log has more of than can be kept.
    pub(super) excess: Option<&'static str>,
    recorder: Option<Comm>,
}

impl Members {
    /// `definition`: the processes that are summed up. `compared`: the key processes of all
    /// profiles are noted, too.
    pub(super) fn new(pss: PssMode, definition: Definition, compared: bool) -> Self {
        let profiles = PROFILES.iter().filter(|_| compared);
        Self {
            keys: definition.keys(),
            given_ran: Vec::new(),
            by_log: definition.given.is_empty(),
            definition,
            with_pss: pss != PssMode::Off,
            profiles: profiles.map(ProfileKeys::of).collect(),
            texts: HashMap::new(),
            taken: 0,
            renewed: HashSet::new(),
            homes: Homes::default(),
            redefined: false,
            switched: false,
            slots: Slots::default(),
            pss: MemorySum::default(),
            partly: 0,
            denied: false,
            excess: None,
            recorder: None,
        }
    }

    /// Takes the log's definition of the product; that of the command line goes before it.
    pub(super) fn define(&mut self, key: &ProductKey) {
        let Some(key) = Key::logged(key).filter(|_| self.by_log) else {
            return;
        };
        // It comes again after each header.
        if !self.definition.given.contains(&key) {
            self.definition.given.push(key);
            self.keys = self.definition.keys();
            self.redefined = true;
            if self.definition.given.len() > KEYS {
                self.excess = Some("256 keys of its product");
            }
        }
    }

    /// Takes the command line and cgroup of a process, which come before its first
    /// sample, and again when they change.
    pub(super) fn identity(&mut self, identity: &Identity) {
        let id = (identity.pid, identity.starttime);
        let is_known =
            |(cmdline, cgroup): &Texts| *cmdline == identity.cmdline && *cgroup == identity.cgroup;
        if !self.texts.get(&id).is_some_and(is_known) {
            let texts = (identity.cmdline.clone(), identity.cgroup.clone());
            self.taken = self.taken.saturating_add(taken_by(&texts));
            self.texts.insert(id, texts);
            self.renewed.insert(id);
            if self.taken > TEXTS {
                // Some may be gone. Not counted again for each, where most are not.
                self.taken = self.texts.values().map(taken_by).sum();
                if self.taken > TEXTS / 2 {
                    self.excess = Some("32 MiB of command lines and cgroups");
                }
            }
        }
    }

    /// Takes the next sample; `own`: the pids of the recorder and of what it started, which
    /// are nobody's product.
    pub(super) fn sample(&mut self, sample: &Sample, own: &[u32]) {
        let recorder = sample.machine.value(recorder::ID, recorder::PID);
        if let (None, Some(pid)) = (&self.recorder, recorder) {
            let own = sample.processes().find(|p| u64::from(p.pid) == pid);
            self.recorder = own.map(|process| process.comm.clone());
        }
        self.switched = false;
        let renewed = std::mem::take(&mut self.renewed);
        let mut slots = std::mem::take(&mut self.slots);
        slots.update(sample, |_, slot, now| match (slot.as_mut(), now) {
            (Some(last), Some(now)) if last.is(now) => self.same_process(last, now),
            _ => self.recognise(slot, now, own),
        });
        if !renewed.is_empty() {
            slots.update_all(sample, |_, slot, now| {
                if now.is_some_and(|now| renewed.contains(&id_of(now))) {
                    self.recognise(slot, now, own);
                }
            });
        }
        // A common program is a product's where the product is at home, which may show
        // late.
        while std::mem::take(&mut self.redefined) {
            slots.update_all(sample, |_, slot, now| self.recognise(slot, now, own));
        }
        self.slots = slots;
        forget_ended(&mut self.texts, sample);
        self.partly += u64::from(self.pss.is_partial());
    }

    fn same_process(&mut self, last: &mut Candidate, now: &Process) {
        if last.member {
            let pss_kib = pss_of(now);
            let before = std::mem::replace(&mut last.pss_kib, pss_kib);
            self.denied |= before != pss_kib && now.has(flag::UNREADABLE);
            self.pss.change(before, pss_kib);
        }
    }

    /// Finds out whether the process in a slot is a member.
    fn recognise(&mut self, slot: &mut Option<Candidate>, now: Option<&Process>, own: &[u32]) {
        let last = slot.take();
        if let Some(last) = last.as_ref().filter(|last| last.member) {
            self.pss.leave(last.pss_kib);
        }
        let Some(now) = now else {
            if let Some(last) = last {
                self.texts.remove(&last.id);
            }
            return;
        };
        let member = !own.contains(&now.pid) && self.is_member(now);
        let last = last.filter(|last| last.is(now));
        self.switched |= last.is_some_and(|last| last.member != member);
        let pss_kib = pss_of(now);
        if member {
            self.pss.join(pss_kib);
            self.denied |= now.has(flag::UNREADABLE);
        }
        *slot = Some(Candidate {
            id: id_of(now),
            comm: now.comm.clone(),
            member,
            pss_kib,
        });
    }

    /// Notes whose key process it is; returns whether it is the product's.
    fn is_member(&mut self, process: &Process) -> bool {
        let nobody_asks = self.keys.is_empty() && !self.is_compared();
        if nobody_asks || process.has(flag::KERNEL_THREAD) {
            return false;
        }
        let texts = self.texts.get(&id_of(process));
        let (cmdline, cgroup) = texts.map_or((&[][..], &[][..]), |(a, b)| (a, b));
        let process = products::Process::new(&process.comm, cmdline, cgroup);
        let only = self.definition.profile.filter(|_| !self.is_compared());
        if only.is_some() || self.is_compared() {
            self.redefined |= self.homes.add(&process, only);
        }
        for profile in &mut self.profiles {
            let found = products::find(&profile.keys, &process, &self.homes);
            if let Some(ran) = found.and_then(|at| profile.ran.get_mut(at)) {
                *ran = true;
            }
        }
        let found = products::find(&self.keys, &process, &self.homes);
        let found = found.and_then(|at| self.keys.get(at));
        if let Some(key) = found.filter(|key| key.givens().next().is_some()) {
            if !self.given_ran.contains(&key.label) {
                self.given_ran.push(key.label.clone());
            }
        }
        found.is_some()
    }

    /// The sum of the known PSS of the product's processes at the last sample, KiB. `None`
    /// where none is known, or the product is not defined.
    pub(super) fn pss_kib(&self) -> Option<u64> {
        let kib = match self.pss.level() {
            KnownMemory::Absent => Some(0),
            KnownMemory::Unknown => None,
            KnownMemory::Known(kib) => Some(kib),
        };
        kib.filter(|_| self.definition.is_known() && self.with_pss)
    }

    /// The run is read for a comparison.
    pub(super) fn is_compared(&self) -> bool {
        !self.profiles.is_empty()
    }

    /// The product has a row in the tables, beside the groups.
    pub(super) fn have_row(&self) -> bool {
        !self.is_compared() && self.definition.is_known()
    }

    /// Whether the process in a slot is the product's, at the last sample.
    pub(super) fn has(&self, slot: usize) -> bool {
        self.slots.get(slot).is_some_and(|process| process.member)
    }

    /// A process that ran before the last sample joined or left the product at it.
    pub(super) fn has_switched(&self) -> bool {
        self.switched
    }

    /// The product in figures, after the last sample.
    pub(super) fn product(&self, moments: Moments, machine: &MachineSeries) -> Product {
        Product {
            profile: self.definition.profile.map(|profile| profile.name),
            is_defined: self.definition.is_known(),
            available_kib: machine.available_kib.summary(),
            free_used_kib: machine.free_used_kib.summary(),
            pss_kib: machine.product_pss_kib.summary(),
            pss_partly: self.partly,
            pss_denied: self.denied,
            sightings: self.sightings(),
            recorder: self.recorder.clone(),
            moments,
        }
    }

    /// The key processes of all profiles that ran at some time of the run.
    fn sightings(&self) -> Vec<KeySighting> {
        let given = |label: &String| KeySighting {
            label: label.clone(),
            profiles: Vec::new(),
            telling: false,
        };
        let mut all: Vec<KeySighting> = self.given_ran.iter().map(given).collect();
        for ProfileKeys { profile, keys, ran } in &self.profiles {
            for (key, _) in keys.iter().zip(ran).filter(|(_, ran)| **ran) {
                match all.iter_mut().find(|seen| seen.label == key.label) {
                    Some(seen) => seen.profiles.push(profile.name),
                    None => all.push(KeySighting {
                        label: key.label.clone(),
                        profiles: vec![profile.name],
                        telling: profile.telling().any(|label| label == key.label),
                    }),
                }
            }
        }
        all
    }
}

/// KiB; `None` where the recorder may not read it, or has not yet.
pub(super) fn pss_of(process: &Process) -> Option<u64> {
    match process.pss_kib() {
        None if process.has(flag::UNREADABLE | flag::STALE) => None,
        // A zombie has no memory.
        kib => Some(kib.unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts of the living are kept, up to so many bytes; those of the ended are not.
    #[test]
    fn texts_are_bounded() {
        let mut members = Members::new(PssMode::Auto, Definition::default(), true);
        let mut identity = Identity {
            pid: 0,
            starttime: 9,
            cut: false,
            cmdline: vec![b'x'; 4000],
            cgroup: Vec::new(),
        };
        for pid in 0..12_000 {
            identity.pid = pid;
            members.identity(&identity);
            if pid % 1000 == 0 {
                members.sample(&Sample::default(), &[]);
            }
        }
        assert_eq!(members.excess, None);
        for pid in 0..10_000 {
            identity.pid = pid;
            members.identity(&identity);
        }
        assert_eq!(members.excess, Some("32 MiB of command lines and cgroups"));
    }
}
