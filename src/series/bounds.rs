//! What keeps the groups of a run within bounds: of how many groups there are, and
//! of how many values they hold.

use super::digest::Digest;
use super::groups::{Group, Groups};

/// How many groups may come before those that are gone are looked through, and
/// how many of these are kept, by each measure.
pub(crate) const MORE_GROUPS: usize = 1024;
const KEPT: usize = 256;

/// How many exact values all groups together may hold; looked at after so many
/// were added. A value takes some 15 bytes.
const EXACT_VALUES: usize = 130_000;
const ADDED: usize = 1 << 13;
/// A series of so few values takes less room with them than with a histogram.
const FEW: usize = 64;

/// The most that a dropped group had; see [`Groups::bound`].
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Dropped {
    pub(crate) memory: u128,
    pub(crate) cpu: u128,
    /// The memory of one of them was known.
    pub(crate) known: bool,
}

impl Dropped {
    /// The same where it is certain that none of them came again: none had more
    /// than those that were kept.
    pub(crate) fn of_no_return(self) -> Self {
        Self {
            memory: 0,
            cpu: 0,
            ..self
        }
    }
}

impl Groups<Digest> {
    /// Sees to it, after each sample, that the groups take no more room than they
    /// may; `top` of them will be shown.
    pub(crate) fn bound(&mut self, top: usize) {
        if self.table.len() - self.free.len() >= self.full_at {
            self.drop_gone(top);
        }
        if self.added > ADDED {
            self.added = 0;
            self.thin_out(top);
        }
    }

    /// Takes the exact values from groups that are not likely to be shown, where
    /// there are too many of them; a few each may stay.
    fn thin_out(&mut self, top: usize) {
        if self.exact_values() <= EXACT_VALUES {
            return;
        }
        let mut order: Vec<u32> = (0..).take(self.table.len()).collect();
        for (kept, few) in [(top.saturating_mul(2), FEW), (top, FEW), (0, 0)] {
            order.sort_by_key(|id| std::cmp::Reverse(self.sums(*id).memory));
            for id in order.iter().skip(kept) {
                if let Some(Some(group)) = self.table.get_mut(*id as usize) {
                    group.memory.blur(few);
                }
            }
            order.sort_by_key(|id| std::cmp::Reverse(self.sums(*id).cpu));
            for id in order.iter().skip(kept) {
                if let Some(Some(group)) = self.table.get_mut(*id as usize) {
                    group.cpu.blur(few);
                }
            }
            if self.exact_values() <= EXACT_VALUES / 4 * 3 {
                return;
            }
        }
    }

    fn exact_values(&self) -> usize {
        let of = |group: &Group<Digest>| group.memory.exact_values() + group.cpu.exact_values();
        self.table.iter().flatten().map(of).sum()
    }

    /// Drops groups that are gone, where there are many: all but those with most
    /// memory and most CPU over the run, `top` of each at least. What a group had
    /// can no longer grow, unless a process of its name comes again.
    fn drop_gone(&mut self, top: usize) {
        let mut gone: Vec<u32> = Vec::new();
        for (group, id) in self.table.iter().zip(0..) {
            if group.as_ref().is_some_and(Group::is_gone) {
                gone.push(id);
            }
        }
        let kept = top.max(KEPT);
        gone.sort_by_key(|id| std::cmp::Reverse(self.sums(*id).memory));
        let rest = gone.get_mut(kept..).unwrap_or_default();
        rest.sort_by_key(|id| std::cmp::Reverse(self.sums(*id).cpu));
        let mut most = Dropped::default();
        for id in gone.into_iter().skip(kept.saturating_mul(2)) {
            let sums = self.sums(id);
            most.memory = most.memory.max(sums.memory);
            most.cpu = most.cpu.max(sums.cpu);
            most.known |= sums.known;
            if let Some(group) = self.table.get_mut(id as usize).and_then(Option::take) {
                self.index.remove(&group.key);
                self.free.push(id);
            }
            self.dropped.get_or_insert_with(Dropped::default);
        }
        // One that came again and again may have been dropped each time.
        if let Some(dropped) = &mut self.dropped {
            dropped.memory = dropped.memory.saturating_add(most.memory);
            dropped.cpu = dropped.cpu.saturating_add(most.cpu);
            dropped.known |= most.known;
        }
        self.full_at = self.table.len() - self.free.len() + MORE_GROUPS;
    }

    fn sums(&self, id: u32) -> Dropped {
        let group = self.table.get(id as usize).and_then(Option::as_ref);
        group.map_or(Dropped::default(), |group| Dropped {
            memory: group.memory.sum(),
            cpu: group.cpu.sum(),
            known: group.is_known(),
        })
    }
}
