//! `footprint --output`: appends footprints to a log, as a run without samples.

use super::super::header::{cores, page_size, MachineHeader, RunHeader};
use super::super::name::Name;
use super::super::outcome::{complain, shown, Error};
use super::super::output;
use super::options::FootprintCommand;
use crate::footprint::stored::parts;
use crate::footprint::summary::{Footprint, Selection};
use crate::log::record::{End, Footer, Header, PssMode, Record, UNNAMED};
use crate::log::writer::Writer;
use crate::log::Encoder;
use crate::proc::root::Root;
use crate::sampler::Clocks;
use crate::system::clock;
use std::io;
use std::path::Path;

/// The log, and the run in it once there is a footprint.
pub(super) struct Append {
    writer: Writer,
    machine: MachineHeader,
    cores: u32,
    run: Option<Run>,
    /// Why the run is incomplete.
    failed: Option<String>,
}

struct Run {
    header: Header<String>,
    encoder: Encoder,
    /// Of the footprint with most.
    unreadable: u64,
}

impl Append {
    /// Opens the log first of all, to report an error before anything is measured.
    pub(crate) fn open(path: &Path, root: &Root) -> Result<Self, Error> {
        Ok(Self {
            writer: output::append(path, None)?,
            machine: MachineHeader::gather(root),
            cores: cores(root),
            run: None,
            failed: None,
        })
    }

    /// Adds a footprint read at `at`. A failure is reported once, and does not keep the
    /// footprint from being shown.
    pub(crate) fn add(&mut self, options: &FootprintCommand, footprint: &Footprint, at: &Clocks) {
        if self.failed.is_some() {
            return;
        }
        if let Err(error) = self.write(options, footprint, at) {
            let why = self.cannot_write(&error);
            if options.watch.is_some() {
                complain(&why);
            }
            self.failed = Some(why);
        }
    }

    fn cannot_write(&self, error: &io::Error) -> String {
        format!("cannot write {}: {error}", shown(self.writer.path()))
    }

    fn write(
        &mut self,
        options: &FootprintCommand,
        footprint: &Footprint,
        at: &Clocks,
    ) -> io::Result<()> {
        let run = match &mut self.run {
            Some(run) => run,
            None => {
                let run = RunHeader {
                    product: &product(options, footprint),
                    stage: options.stage.as_ref().map_or(UNNAMED, |name| &name.0),
                    interval_us: 1_000_000,
                    pss: PssMode::Exact,
                    cores: self.cores,
                };
                let header = self.machine.header(&run, at);
                let mut encoder = Encoder::new(header.run, page_size(), 1);
                let record = Record::Header(header.map(String::as_str));
                encoder.write(&record, &mut self.writer)?;
                self.run.insert(Run {
                    header,
                    encoder,
                    unreadable: 0,
                })
            }
        };
        run.unreadable = run.unreadable.max(footprint.unreadable());
        let start = run.header.start_boottime_ns;
        for part in parts(footprint, at.boottime_ns.saturating_sub(start) / 1000) {
            let part = part.map(|text| text.as_str(), |rows| rows.as_slice());
            let record = Record::Footprint(run.header.run, part);
            run.encoder.write(&record, &mut self.writer)?;
        }
        self.writer.sync()
    }

    /// Ends the run.
    ///
    /// # Errors
    /// If not all could be written.
    pub(crate) fn end(mut self, end: End) -> Result<(), Error> {
        if let (Some(run), None) = (&mut self.run, &self.failed) {
            let footer = Footer {
                end,
                samples: 0,
                missed: 0,
                latest_us: 0,
                unreadable: run.unreadable,
                left_out: 0,
                cpu_us: clock::cpu_ns() / 1000,
                written_bytes: self.writer.written(),
            };
            let record = Record::Footer(run.header.run, footer);
            let done = run.encoder.write(&record, &mut self.writer);
            if let Err(error) = done.and_then(|()| self.writer.sync()) {
                self.failed = Some(self.cannot_write(&error));
            }
        }
        if self.run.is_none() {
            self.writer.remove_if_created();
        }
        self.failed.map_or(Ok(()), |why| Err(Error::new(why)))
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
