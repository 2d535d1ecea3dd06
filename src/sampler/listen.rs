//! What a sample has of the processes that ended since the one before.

use super::exits::Exits;
use super::state::Sampler;
use crate::log::exits::TakeRecord;
use crate::log::fields::recorder::{self, listening};
use std::io;

impl Sampler {
    /// Takes the processes that ended since the last sample, whose last figures are in the
    /// table. Before the first sample, nobody counts them.
    pub(super) fn take_exits(&mut self) {
        if self.samples == 0 {
            let opened = Exits::open(&self.root);
            self.listens = opened.as_ref().map_or_else(|lack| *lack, |_| listening::ON);
            self.exits = opened.ok();
            self.table.remember_gone(self.exits.is_some());
            self.machine.group_mut(recorder::ID)[recorder::EXITS] = self.listens;
            return;
        }
        let group = self.machine.group_mut(recorder::ID);
        if let Some(exits) = &mut self.exits {
            exits.drain(&mut self.table, &mut self.buffer);
            group[recorder::EXITS_LOST] = exits.lost;
            group[recorder::EXITS_KIB] = exits.waiting_kib;
        }
    }

    /// Hands `sink` what a record, or several, are to tell of the processes that ended, and
    /// how many these are; the sample that the log gets next is a Key if it `is_key`.
    ///
    /// # Errors
    /// Those of `sink`.
    pub(crate) fn exits(&mut self, is_key: bool, sink: &mut TakeRecord<'_>) -> io::Result<()> {
        match &mut self.exits {
            Some(exits) => exits.tally.tell(is_key, self.tick, sink),
            None => Ok(()),
        }
    }

    /// When the last sample was begun, after the start, microseconds.
    pub(crate) fn since_us(&self) -> u64 {
        let since = self.last.boottime_ns.saturating_sub(self.start.boottime_ns);
        since / 1000
    }
}
