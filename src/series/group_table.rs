//! The groups of processes of a run, kept within bounds: of how many groups there are,
//! and of how many values they hold.

use super::cgroups::NamedCgroup;
use super::curve::Spark;
use super::ended::Pair;
use super::group::{By, Group, GroupKey, SampleStart};
use super::interval::Interval;
use crate::log::fields::process::flag;
use crate::log::model::{comm, Process};
use std::cmp::Reverse;
use std::collections::HashMap;

/// The name of the product's row.
const PRODUCT: &[u8] = b"this product";

/// After so many new groups, those without processes are dropped, except so many with the
/// most memory and so many with the most CPU.
const MORE_GROUPS: usize = 1024;
const KEPT: usize = 256;

/// How many exact values all groups together may hold; checked each time that so many
/// were added. A value takes some 15 bytes.
const EXACT_VALUES: usize = 130_000;
const ADDED: usize = 1 << 13;
/// So few values take less room than a histogram of them.
const FEW: usize = 64;

/// The most that a dropped group had, over the run; see [`GroupTable::bound`].
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Dropped {
    pub(super) memory: u128,
    pub(super) cpu: u128,
    /// The memory of one of them was known.
    pub(super) known: bool,
}

/// All groups of a run, or only those that were chosen.
#[derive(Debug)]
pub(super) struct GroupTable {
    pub(super) by: By,
    /// A group is made when a process needs one.
    open: bool,
    /// That of a new group.
    spark: Spark,
    table: Vec<Option<Group>>,
    free: Vec<u32>,
    index: HashMap<GroupKey, u32>,
    dirty: Vec<u32>,
    full_at: usize,
    dropped: Option<Dropped>,
    /// Values that were added since their room was checked.
    added: usize,
}

impl GroupTable {
    /// A table that makes a group whenever a process needs one.
    pub(super) fn open(by: By, spark: Spark) -> Self {
        Self {
            open: true,
            spark,
            ..Self::closed(by, Vec::new())
        }
    }

    /// These groups, in this order, and no others.
    pub(super) fn closed(by: By, groups: Vec<Group>) -> Self {
        let keys = groups.iter().zip(0..).map(|(g, id)| (g.key.clone(), id));
        Self {
            by,
            open: false,
            spark: Spark::none(),
            index: keys.collect(),
            table: groups.into_iter().map(Some).collect(),
            free: Vec::new(),
            dirty: Vec::new(),
            full_at: MORE_GROUPS,
            dropped: None,
            added: 0,
        }
    }

    #[inline(always)]
    pub(super) fn change(&mut self, id: u32, change: impl FnOnce(&mut Group)) {
        if let Some(Some(group)) = self.table.get_mut(id as usize) {
            change(group);
            if group.touch() {
                self.dirty.push(id);
            }
        }
    }

    /// A process joins its group; `None` where that was not chosen.
    pub(super) fn join(
        &mut self,
        process: &Process,
        cgroup: Option<&NamedCgroup>,
        memory: Option<u64>,
    ) -> Option<u32> {
        let key = GroupKey::of(process, self.by, cgroup);
        let id = self.id_of(&key)?;
        // The group of all kernel threads does not have a thread's name.
        let kernel = process.has(flag::KERNEL_THREAD) && !matches!(self.by, By::Cgroup(_));
        self.change(id, |group| group.join(key.name(process), kernel, memory));
        Some(id)
    }

    /// Processes ended, that used CPU time after their last sample.
    pub(super) fn end(&mut self, pair: &Pair, cpu_us: u64) {
        let kernel = pair.is_of_kernel();
        let key = GroupKey::of_name(comm(&pair.name), kernel);
        let GroupKey::Name { name, .. } = &key else {
            return;
        };
        if let Some(id) = self.id_of(&key) {
            self.change(id, |group| group.end(name, kernel, cpu_us));
        }
    }

    /// A process joins the product, beside its group; `None` where that was not chosen.
    pub(super) fn join_product(&mut self, memory: Option<u64>) -> Option<u32> {
        let id = self.id_of(&GroupKey::Product)?;
        self.change(id, |group| group.join(comm(PRODUCT), false, memory));
        Some(id)
    }

    fn id_of(&mut self, key: &GroupKey) -> Option<u32> {
        match self.index.get(key) {
            Some(id) => Some(*id),
            None if self.open => self.insert(key.clone()),
            None => None,
        }
    }

    fn insert(&mut self, key: GroupKey) -> Option<u32> {
        let mut group = Group::new(key.clone(), self.spark.clone());
        group.cut = self.dropped.is_some();
        let id = match self.free.pop() {
            Some(id) => id,
            None => {
                self.table.push(None);
                u32::try_from(self.table.len() - 1).ok()?
            }
        };
        *self.table.get_mut(id as usize)? = Some(group);
        self.index.insert(key, id);
        Some(id)
    }

    /// Nothing is known from `end` up to `now`. Only groups that were chosen are drawn.
    pub(super) fn skip(&mut self, end: SampleStart, now: SampleStart) {
        if !self.open {
            let groups = self.table.iter_mut().flatten();
            groups.for_each(|group| group.skip(end, now));
        }
    }

    /// Ends sample `now`.
    pub(super) fn settle(&mut self, now: SampleStart, interval: Option<&Interval>) {
        self.added = self.added.saturating_add(self.dirty.len());
        while let Some(id) = self.dirty.pop() {
            if let Some(Some(group)) = self.table.get_mut(id as usize) {
                group.settle(now, interval);
            }
        }
    }

    /// Ends the run before the sample `end`; all its intervals had this weight.
    pub(super) fn finish(self, end: SampleStart, intervals: u64) -> (Vec<Group>, Option<Dropped>) {
        let mut groups: Vec<_> = self.table.into_iter().flatten().collect();
        for group in &mut groups {
            group.finish(end, intervals);
        }
        (groups, self.dropped)
    }

    /// Keeps the groups within their bounds, after each sample; `top` of them will be
    /// shown.
    pub(super) fn bound(&mut self, top: usize) {
        if self.table.len() - self.free.len() >= self.full_at {
            self.drop_gone(top);
        }
        if self.added > ADDED {
            self.added = 0;
            self.thin_out(top);
        }
    }

    /// Where there are too many exact values, drops those of groups that are not likely to
    /// be shown; each may keep a few.
    fn thin_out(&mut self, top: usize) {
        let exact_values = |table: &[Option<Group>]| {
            let groups = table.iter().flatten();
            let of = |group: &Group| group.memory.exact_values() + group.cpu.exact_values();
            groups.map(of).sum::<usize>()
        };
        if exact_values(&self.table) <= EXACT_VALUES {
            return;
        }
        for (kept, few) in [(top.saturating_mul(2), FEW), (top, FEW), (0, 0)] {
            let mut groups: Vec<&mut Group> = self.table.iter_mut().flatten().collect();
            let sums: [fn(&Group) -> u128; 2] = [|of| of.memory.sum(), |of| of.cpu.sum()];
            for (sum, at) in sums.into_iter().zip(0..) {
                groups.sort_by_key(|group| Reverse(sum(group)));
                for group in groups.iter_mut().skip(kept) {
                    match at {
                        0 => group.memory.blur(few),
                        _ => group.cpu.blur(few),
                    }
                }
            }
            if exact_values(&self.table) <= EXACT_VALUES / 4 * 3 {
                return;
            }
        }
    }

    /// Drops groups without processes, except those with the most memory and the most CPU
    /// over the run, `top` of each at least. Their sums can no longer grow, unless a process
    /// of their name comes again.
    fn drop_gone(&mut self, top: usize) {
        let groups = self.table.iter().zip(0..);
        let gone = groups.filter_map(|(group, id)| Some((group.as_ref()?, id)));
        let gone = gone.filter(|(group, _)| group.is_gone());
        let sums = |(group, id): (&Group, u32)| {
            let had = Dropped {
                memory: group.memory.sum(),
                cpu: group.cpu.sum(),
                known: group.is_known(),
            };
            (had, id)
        };
        let mut gone: Vec<(Dropped, u32)> = gone.map(sums).collect();
        let kept = top.max(KEPT);
        let by: [fn(&Dropped) -> u128; 2] = [|had| had.memory, |had| had.cpu];
        for (by, from) in by.into_iter().zip([0, kept]) {
            let rest = gone.get_mut(from..).unwrap_or_default();
            rest.sort_by_key(|(had, _)| Reverse(by(had)));
        }
        let mut most: Option<Dropped> = None;
        for (had, id) in gone.into_iter().skip(kept.saturating_mul(2)) {
            let most = most.get_or_insert_with(Dropped::default);
            most.memory = most.memory.max(had.memory);
            most.cpu = most.cpu.max(had.cpu);
            most.known |= had.known;
            if let Some(group) = self.table.get_mut(id as usize).and_then(Option::take) {
                self.index.remove(&group.key);
                self.free.push(id);
            }
        }
        if let Some(most) = most {
            // A group that came again and again may have been dropped each time.
            let dropped = self.dropped.get_or_insert_with(Dropped::default);
            dropped.memory = dropped.memory.saturating_add(most.memory);
            dropped.cpu = dropped.cpu.saturating_add(most.cpu);
            dropped.known |= most.known;
        }
        self.full_at = self.table.len() - self.free.len() + MORE_GROUPS;
    }
}
