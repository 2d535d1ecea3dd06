//! `footprint` of this moment.

use super::super::header::{clk_tck, page_size};
use super::super::outcome::Error;
use super::super::units::Span;
use super::append::Append;
use super::edge_info;
use super::options::{Compat, FootprintCommand};
use super::screen::Screen;
use crate::attribution::CgroupKind;
use crate::footprint::live::{cpu_since, LiveReader};
use crate::footprint::summary::{Footprint, GroupTable, Source};
use crate::footprint::{machine_memory, Snapshot};
use crate::log::record::End;
use crate::proc::root::Root;
use crate::sampler::Clocks;
use crate::system::clock;
use std::time::Duration;

fn failed(error: crate::sampler::Error) -> Error {
    Error::new(error.to_string())
}

/// Looks at the machine, once or again and again.
pub(super) struct Look<'a> {
    options: &'a FootprintCommand,
    root: &'a Root,
    /// The pid of this process, whose arguments are no sign of a product; a captured tree
    /// does not hold it.
    own: Option<u32>,
    /// The processes at the last look, to measure CPU since then; CLOCK_MONOTONIC.
    before: Option<(Snapshot, u64)>,
    log: Append<'a>,
}

impl<'a> Look<'a> {
    pub(super) fn new(options: &'a FootprintCommand, root: &'a Root) -> Result<Self, Error> {
        Ok(Self {
            options,
            root,
            own: root.is_live().then(std::process::id),
            before: None,
            log: Append::open(options, root)?,
        })
    }

    pub(super) fn options(&self) -> &'a FootprintCommand {
        self.options
    }

    /// Takes a look; `None` if `wait` returned before its time.
    pub(super) fn take(
        &mut self,
        wait: &dyn Fn(Duration) -> bool,
    ) -> Result<Option<Screen>, Error> {
        let mut reader = LiveReader::new(self.root, page_size(), clk_tck());
        let (options, root) = (self.options, self.root);
        if let Some(by) = options.by {
            return self.groups(reader, by, wait);
        }
        if options.compat == Some(Compat::EdgeInfo) {
            let snapshot = reader.processes(false).map_err(failed)?;
            return edge_info::screen(options, root, snapshot, &mut reader, self.own).map(Some);
        }
        let at = Clocks::now();
        let footprint = self.footprint(reader)?;
        self.log.add(&footprint, &at);
        Screen::of_footprint(&footprint, options.format).map(Some)
    }

    /// Ends the log, if there is one.
    ///
    /// # Errors
    /// If not all could be written to it.
    pub(super) fn end(self, why: End) -> Result<(), Error> {
        self.log.end(why)
    }

    fn footprint(&self, mut reader: LiveReader<'_>) -> Result<Footprint, Error> {
        let mut snapshot = reader.processes(true).map_err(failed)?;
        let choice = self.options.choose(&snapshot, self.own, &[]);
        let assigned = choice.assign(&snapshot, self.own);
        // To find the largest, all are read.
        let all = choice.keys.is_none();
        let is_wanted = |at: usize| all || assigned.get(at).copied().flatten().is_some();
        reader.read_memory(&mut snapshot, is_wanted);
        let machine = machine_memory::read(self.root).map_err(failed)?;
        Ok(choice.footprint(Source::Live, &snapshot, self.own, machine))
    }

    fn groups(
        &mut self,
        mut reader: LiveReader<'_>,
        by: CgroupKind,
        wait: &dyn Fn(Duration) -> bool,
    ) -> Result<Option<Screen>, Error> {
        let over = self.options.over;
        let over = over.map_or(Duration::from_secs(1), |Span(over)| over);
        // In a captured tree no time passes.
        let measures_cpu = self.root.is_live() && !over.is_zero();
        if self.before.is_none() && measures_cpu {
            let snapshot = reader.processes(false).map_err(failed)?;
            self.before = Some((snapshot, clock::monotonic_ns()));
            if !wait(over) {
                return Ok(None);
            }
        }
        let all = reader.processes(true).map_err(failed)?;
        let now = clock::monotonic_ns();
        let mut snapshot = all.clone();
        if let Some((then, since)) = self.before.as_ref().filter(|_| measures_cpu) {
            let seconds = now.saturating_sub(*since) as f64 / 1e9;
            cpu_since(then, &mut snapshot, seconds);
        }
        reader.read_memory(&mut snapshot, |_| true);
        self.before = Some((all, now));
        let machine = machine_memory::read(self.root).map_err(failed)?;
        let mut groups = GroupTable::new(Source::Live, &snapshot, by, machine);
        machine_memory::charge(self.root, &mut groups.groups);
        Screen::of_groups(&groups, self.options.format).map(Some)
    }
}
