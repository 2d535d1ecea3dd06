//! `footprint --output`: appends footprints to a log, as a run without samples.

use super::super::name::Name;
use super::super::outcome::{complain, Error};
use super::super::unsampled_run::UnsampledRun;
use super::options::FootprintCommand;
use crate::footprint::summary::{Footprint, Selection};
use crate::log::record::{End, PssMode, UNNAMED};
use crate::proc::root::Root;
use crate::sampler::Clocks;

pub(super) struct Append<'a> {
    options: &'a FootprintCommand,
    root: &'a Root,
    run: UnsampledRun,
    /// Of the footprint with most.
    unreadable: u64,
    /// Why the run is incomplete.
    failed: Option<Error>,
}

impl<'a> Append<'a> {
    /// Opens the log first of all, to report an error before anything is measured.
    pub(super) fn open(options: &'a FootprintCommand, root: &'a Root) -> Result<Self, Error> {
        Ok(Self {
            options,
            root,
            run: UnsampledRun::open(options.output.as_deref())?,
            unreadable: 0,
            failed: None,
        })
    }

    /// Adds a footprint read at `at`. A failure is reported once, and does not keep the
    /// footprint from being shown.
    pub(super) fn add(&mut self, footprint: &Footprint, at: &Clocks) {
        if self.failed.is_some() {
            return;
        }
        let product = product(self.options, footprint);
        let stage = self.options.stage.as_ref();
        let stage = stage.map_or(UNNAMED, |Name(name)| name);
        self.run
            .begin(self.root, &product, stage, PssMode::Exact, at);
        self.unreadable = self.unreadable.max(footprint.unreadable());
        let Err(error) = self.run.add_footprint(footprint, at) else {
            return;
        };
        if let (Error::Failed(why), Some(_)) = (&error, self.options.watch) {
            complain(why);
        }
        self.failed = Some(error);
    }

    /// Ends the run.
    ///
    /// # Errors
    /// If not all could be written.
    pub(super) fn end(self, end: End) -> Result<(), Error> {
        match self.failed {
            None => self.run.end_with(end, self.unreadable),
            Some(error) => Err(error),
        }
    }
}

/// The user's name for the product, or the only profile.
fn product(options: &FootprintCommand, footprint: &Footprint) -> String {
    match (&options.product, &footprint.chosen) {
        (Some(Name(name)), _) => name.clone(),
        (None, Selection::Keys { profiles, .. }) if profiles.len() == 1 => profiles.concat(),
        (None, _) => UNNAMED.to_owned(),
    }
}
