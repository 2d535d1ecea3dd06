//! `--output`: what was measured, as a run of a log that has results and no samples.

use crate::commands::header::{cores, page_size, MachineHeader, RunHeader};
use crate::commands::name::Name;
use crate::commands::outcome::{shown, Error};
use crate::commands::output;
use crate::log::record::{End, Footer, Header, PssMode, Record, UNNAMED};
use crate::log::writer::Writer;
use crate::log::Encoder;
use crate::proc::root::Root;
use crate::results::{parts, Measurement};
use crate::sampler::Clocks;
use crate::system::clock;
use std::io;
use std::path::Path;

/// A run in the making, where there is a log.
pub(super) struct Append(Option<Begun>);

struct Begun {
    writer: Writer,
    encoder: Encoder,
    header: Header<String>,
    /// The header is written.
    headed: bool,
}

impl Append {
    /// Opens the log, where there is to be one, so that one that cannot be written to is
    /// told of first.
    ///
    /// # Errors
    /// Where it cannot be.
    pub(super) fn open(
        path: Option<&Path>,
        product: Option<&Name>,
        root: &Root,
    ) -> Result<Self, Error> {
        let Some(path) = path else {
            return Ok(Self(None));
        };
        let writer = output::append(path, None)?;
        let run = RunHeader {
            product: product.map_or(UNNAMED, |Name(name)| name),
            stage: UNNAMED,
            interval_us: 1_000_000,
            pss: PssMode::Off,
            cores: cores(root),
        };
        let header = MachineHeader::gather(root).header(&run, &Clocks::now());
        Ok(Self(Some(Begun {
            writer,
            encoder: Encoder::new(header.run, page_size(), 1),
            header,
            headed: false,
        })))
    }

    /// Adds a result, which is on the disk when this returns: a restart may follow.
    ///
    /// # Errors
    /// Those of writing.
    pub(super) fn add(&mut self, result: Measurement) -> Result<(), Error> {
        match &mut self.0 {
            Some(log) => log.add(result).map_err(|error| log.failed(&error)),
            None => Ok(()),
        }
    }

    /// Ends the run; a log that got no result is as it was.
    ///
    /// # Errors
    /// Those of writing.
    pub(super) fn end(self) -> Result<(), Error> {
        let Some(mut log) = self.0 else {
            return Ok(());
        };
        log.end().map_err(|error| log.failed(&error))
    }
}

impl Begun {
    fn add(&mut self, mut result: Measurement) -> io::Result<()> {
        if !self.headed {
            let record = Record::Header(self.header.map(String::as_str));
            self.encoder.write(&record, &mut self.writer)?;
            self.headed = true;
        }
        let since_ns = clock::boottime_ns().saturating_sub(self.header.start_boottime_ns);
        result.at_us = since_ns / 1000;
        for part in parts(&result) {
            let record = Record::Result(self.header.run, part.map(Vec::as_slice));
            self.encoder.write(&record, &mut self.writer)?;
        }
        self.writer.sync()
    }

    fn end(&mut self) -> io::Result<()> {
        if !self.headed {
            self.writer.remove_if_created();
            return Ok(());
        }
        let footer = Footer {
            end: End::Duration,
            samples: 0,
            missed: 0,
            latest_us: 0,
            unreadable: 0,
            left_out: 0,
            cpu_us: clock::cpu_ns() / 1000,
            written_bytes: self.writer.written(),
        };
        let record = Record::Footer(self.header.run, footer);
        self.encoder.write(&record, &mut self.writer)?;
        self.writer.sync()
    }

    fn failed(&self, error: &io::Error) -> Error {
        let path = shown(self.writer.path());
        Error::new(format!("cannot write {path}: {error}"))
    }
}
