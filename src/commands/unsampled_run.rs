//! A run without samples: what was measured once, between a header and a footer.

use super::header::{cores, page_size, MachineHeader, RunHeader};
use super::name::Name;
use super::outcome::{shown, tell, Error};
use super::output;
use crate::footprint::stored;
use crate::footprint::summary::Footprint;
use crate::log::record::{End, Footer, Header, PssMode, Record, UNNAMED};
use crate::log::result::ResultPart;
use crate::log::writer::Writer;
use crate::log::Encoder;
use crate::proc::root::Root;
use crate::results::{self, Measurement};
use crate::sampler::Clocks;
use crate::system::clock;
use crate::system::errno::why;
use std::io;
use std::path::Path;

/// The run, if there is a log to append it to. A log that gets no record stays as it was.
pub(crate) struct UnsampledRun(Option<Log>);

struct Log {
    writer: Writer,
    run: Option<Run>,
}

struct Run {
    header: Header<String>,
    encoder: Encoder,
    has_header: bool,
}

impl UnsampledRun {
    /// Opens the log: before anything is measured, so that an error comes first.
    ///
    /// # Errors
    /// If it cannot be written, or is not a log.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Error> {
        let writer = path
            .map(|path| output::append(path, None, false, false))
            .transpose()?;
        Ok(Self(writer.map(|writer| Log { writer, run: None })))
    }

    /// Goes on with a run of the log at `path`, whose last frame has this sequence number.
    ///
    /// # Errors
    /// Those of [`Self::open`].
    pub(crate) fn of_log(path: &Path, header: Header<String>, seq: u64) -> Result<Self, Error> {
        let mut encoder = Encoder::new(header.run, page_size(), 1);
        encoder.follow(seq);
        Ok(Self(Some(Log {
            writer: output::resume(path, None)?,
            run: Some(Run {
                header,
                encoder,
                has_header: false,
            }),
        })))
    }

    /// A run of results: opens the log, and begins.
    ///
    /// # Errors
    /// Those of [`Self::open`].
    pub(crate) fn of_results(
        path: Option<&Path>,
        product: Option<&Name>,
        root: &Root,
    ) -> Result<Self, Error> {
        let mut run = Self::open(path)?;
        let product = product.map_or(UNNAMED, |Name(name)| name);
        run.begin(root, product, UNNAMED, PssMode::Off, &Clocks::now());
        Ok(run)
    }

    /// Begins the run, unless it has begun. The first record takes the header with it.
    pub(crate) fn begin(
        &mut self,
        root: &Root,
        product: &str,
        stage: &str,
        pss: PssMode,
        start: &Clocks,
    ) {
        let Some(log @ Log { run: None, .. }) = &mut self.0 else {
            return;
        };
        let run = RunHeader {
            product,
            stage,
            interval_us: 1_000_000,
            pss,
            cores: cores(root),
        };
        let header = MachineHeader::gather(root).header(&run, start);
        log.run = Some(Run {
            encoder: Encoder::new(header.run, page_size(), 1),
            header,
            has_header: false,
        });
    }

    /// Adds a result, which is on the disk when this returns: a restart may follow.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn add_result(&mut self, mut result: Measurement) -> Result<(), Error> {
        if let Some((_, run)) = self.begun() {
            result.at_us = run.since_start_us(clock::boottime_ns());
        }
        let parts = results::parts(&result);
        self.add_parts(&mut parts.iter().map(|part| part.map(Vec::as_slice)))
    }

    /// Adds the parts of a result, which are on the disk when this returns.
    ///
    /// # Errors
    /// If they cannot be written.
    pub(crate) fn add_parts(
        &mut self,
        parts: &mut dyn Iterator<Item = ResultPart<&[u8]>>,
    ) -> Result<(), Error> {
        let Some((writer, run)) = self.begun() else {
            return Ok(());
        };
        let id = run.header.run;
        run.add(writer, &mut parts.map(|part| Record::Result(id, part)))
    }

    /// Adds a footprint read at `at`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn add_footprint(
        &mut self,
        footprint: &Footprint,
        at: &Clocks,
    ) -> Result<(), Error> {
        let Some((writer, run)) = self.begun() else {
            return Ok(());
        };
        let at_us = run.since_start_us(at.boottime_ns);
        let (id, parts) = (run.header.run, stored::parts(footprint, at_us));
        let parts = parts.iter();
        let parts = parts.map(|part| part.map(String::as_str, Vec::as_slice));
        run.add(writer, &mut parts.map(|part| Record::Footprint(id, part)))
    }

    /// Ends a run of results.
    ///
    /// # Errors
    /// If the end cannot be written.
    pub(crate) fn end(self) -> Result<(), Error> {
        self.end_with(End::Duration, 0)
    }

    /// Ends the run, in which at most so many processes could not be read.
    ///
    /// # Errors
    /// If the end cannot be written.
    pub(crate) fn end_with(mut self, end: End, unreadable: u64) -> Result<(), Error> {
        let Some((writer, run)) = self.begun().filter(|(_, run)| run.has_header) else {
            return Ok(());
        };
        let footer = Footer {
            end,
            samples: 0,
            missed: 0,
            latest_us: 0,
            unreadable,
            left_out: 0,
            cpu_us: clock::cpu_ns() / 1000,
            written_bytes: writer.written(),
        };
        let footer = Record::Footer(run.header.run, footer);
        run.add(writer, &mut std::iter::once(footer))?;
        tell(&format!("wrote {}", shown(writer.path())));
        Ok(())
    }

    fn begun(&mut self) -> Option<(&mut Writer, &mut Run)> {
        let log = self.0.as_mut()?;
        Some((&mut log.writer, log.run.as_mut()?))
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        if !self.run.as_ref().is_some_and(|run| run.has_header) {
            self.writer.remove_if_created();
        }
    }
}

impl Run {
    fn since_start_us(&self, boottime_ns: u64) -> u64 {
        boottime_ns.saturating_sub(self.header.start_boottime_ns) / 1000
    }

    fn add(
        &mut self,
        writer: &mut Writer,
        records: &mut dyn Iterator<Item = Record<'_>>,
    ) -> Result<(), Error> {
        self.write(writer, records).map_err(|error| {
            let path = shown(writer.path());
            Error::new(format!("cannot write {path}: {}", why(&error)))
        })
    }

    fn write(
        &mut self,
        writer: &mut Writer,
        records: &mut dyn Iterator<Item = Record<'_>>,
    ) -> io::Result<()> {
        if !self.has_header {
            let header = Record::Header(self.header.map(String::as_str));
            self.encoder.write(&header, writer)?;
            self.has_header = true;
        }
        for record in records {
            self.encoder.write(&record, writer)?;
        }
        writer.sync()
    }
}
