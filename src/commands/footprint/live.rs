//! `footprint` of what is now.

use super::append::Append;
use super::{assigned, Compat, Error, Footprint, Shown, Source, Span, Summary};
use crate::footprint::live::{cpu_since, Reader};
use crate::footprint::summary::Groups;
use crate::footprint::{machine, Moment};
use crate::log::record::End;
use crate::proc::root::Root;
use crate::sampler::Clocks;
use crate::system::clock;
use nix::unistd::{sysconf, SysconfVar};
use std::path::Path;
use std::time::Duration;

/// What the next look compares with: who was there, and when, on CLOCK_MONOTONIC.
pub(super) type Before = Option<(Moment, u64)>;

pub(super) fn open(proc_root: &Path) -> Result<Root, Error> {
    Root::open(proc_root).map_err(|error| {
        let path = proc_root.join("proc");
        Error::new(format!("cannot open {}: {error}", path.display()))
    })
}

/// USER_HZ and the size of a page.
fn reader(root: &Root) -> Reader<'_> {
    let value = |name, otherwise| {
        let value = sysconf(name).ok().flatten();
        let value = value.and_then(|value| u64::try_from(value).ok());
        value.unwrap_or(otherwise)
    };
    Reader::new(
        root,
        value(SysconfVar::PAGE_SIZE, 4096),
        value(SysconfVar::CLK_TCK, 100),
    )
}

/// This process, whose arguments are no sign of a product; in a captured tree it
/// is not.
fn own(root: &Root) -> Option<u32> {
    root.is_live().then(std::process::id)
}

fn failed(error: crate::sampler::Error) -> Error {
    Error::new(error.to_string())
}

/// One look at the machine after another.
pub(super) struct Look<'a> {
    asked: &'a Footprint,
    root: &'a Root,
    before: Before,
    /// The log that key processes are recorded in.
    log: Option<Append>,
}

impl<'a> Look<'a> {
    pub(super) fn new(asked: &'a Footprint, root: &'a Root) -> Result<Self, Error> {
        Ok(Self {
            asked,
            root,
            before: None,
            log: match &asked.output {
                Some(path) => Some(Append::open(path, root)?),
                None => None,
            },
        })
    }

    pub(super) fn asked(&self) -> &'a Footprint {
        self.asked
    }

    /// What is now. `None` where `wait` was ended before its time.
    pub(super) fn take(&mut self, wait: &dyn Fn(Duration) -> bool) -> Result<Option<Shown>, Error> {
        let (asked, root) = (self.asked, self.root);
        match (asked.by, asked.compat) {
            (Some(_), _) => asked.live_groups(root, &mut self.before, wait),
            (None, Some(Compat::EdgeInfo)) => asked.edge_info(root).map(Some),
            (None, None) => {
                let at = Clocks::now();
                let summary = asked.live_keys(root)?;
                if let Some(log) = &mut self.log {
                    log.add(asked, &summary, &at);
                }
                asked.show(&summary).map(Some)
            }
        }
    }

    /// Ends the log, where there is one.
    ///
    /// # Errors
    /// Where not all that was to be recorded could be.
    pub(super) fn end(self, why: End) -> Result<(), Error> {
        match self.log {
            Some(log) => log.end(why),
            None => Ok(()),
        }
    }
}

impl Footprint {
    fn live_keys(&self, root: &Root) -> Result<Summary, Error> {
        let mut reader = reader(root);
        let mut moment = reader.processes(true).map_err(failed)?;
        let own = own(root);
        let chosen = self.choose(&moment, own, &[]);
        let keys = chosen.1.as_deref();
        let first = assigned(&moment, keys, own);
        // All of them where the largest have to be found.
        let wanted = |at: usize| keys.is_none() || first.get(at).copied().flatten().is_some();
        reader.read_memory(&mut moment, wanted);
        let machine = machine::read(root).map_err(failed)?;
        // Who ended meanwhile is out.
        let assigned = assigned(&moment, keys, own);
        Ok(Self::summary(
            Source::Live,
            chosen,
            &assigned,
            &moment,
            machine,
        ))
    }

    fn live_groups(
        &self,
        root: &Root,
        before: &mut Before,
        wait: &dyn Fn(Duration) -> bool,
    ) -> Result<Option<Shown>, Error> {
        let mut reader = reader(root);
        let over = self.over.map_or(Duration::from_secs(1), |Span(over)| over);
        // A captured tree stands still.
        let measure = root.is_live() && !over.is_zero();
        if before.is_none() && measure {
            let moment = reader.processes(false).map_err(failed)?;
            *before = Some((moment, clock::monotonic_ns()));
            if !wait(over) {
                return Ok(None);
            }
        }
        let all = reader.processes(true).map_err(failed)?;
        let now = clock::monotonic_ns();
        let mut moment = all.clone();
        if let Some((then, since)) = before.as_ref().filter(|_| measure) {
            let seconds = now.saturating_sub(*since) as f64 / 1e9;
            cpu_since(then, &mut moment, seconds);
        }
        reader.read_memory(&mut moment, |_| true);
        *before = Some((all, now));
        let machine = machine::read(root).map_err(failed)?;
        let by = self.by.unwrap_or(crate::attribution::By::Unit);
        let mut groups = Groups::new(Source::Live, &moment, by, machine);
        machine::charge(root, &mut groups.groups);
        self.show_groups(&groups).map(Some)
    }

    fn edge_info(&self, root: &Root) -> Result<Shown, Error> {
        let mut reader = reader(root);
        let moment = reader.processes(false).map_err(failed)?;
        super::edge_info::gather(self, root, moment, &mut reader, own(root))
    }
}
