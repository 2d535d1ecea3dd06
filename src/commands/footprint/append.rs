//! `footprint --output`: what was read, as a run of a log that has no samples.

use super::{complain, Error, Footprint, Summary};
use crate::commands::facts::{page_size, Facts, Said};
use crate::commands::name::Name;
use crate::commands::output;
use crate::footprint::stored::parts;
use crate::footprint::summary::Chosen;
use crate::log::record::{End, Footer, Header, PssMode, Record, UNNAMED};
use crate::log::writer::Writer;
use crate::log::Encoder;
use crate::proc::root::Root;
use crate::sampler::machine::read_stat;
use crate::sampler::Clocks;
use crate::system::clock;
use std::io;
use std::path::Path;

/// A run in the making.
pub(super) struct Append {
    writer: Writer,
    facts: Facts,
    cores: u32,
    begun: Option<Begun>,
    /// Why something is lacking in it.
    failed: Option<String>,
}

struct Begun {
    header: Header<String>,
    encoder: Encoder,
    /// The most at one time.
    unreadable: u64,
}

impl Append {
    /// Opens the log, so that one that cannot be written to is told of first.
    pub(crate) fn open(path: &Path, root: &Root) -> Result<Self, Error> {
        Ok(Self {
            writer: output::append(path, None)?,
            facts: Facts::gather(root),
            cores: cores(root),
            begun: None,
            failed: None,
        })
    }

    /// Adds what was read `at` then. That it cannot be written is said once, and is
    /// no reason not to show it.
    pub(crate) fn add(&mut self, asked: &Footprint, summary: &Summary, at: &Clocks) {
        if self.failed.is_some() {
            return;
        }
        if let Err(error) = self.write(asked, summary, at) {
            let path = self.writer.path().display();
            let why = format!("cannot write {path}: {error}");
            if asked.watch.is_some() {
                complain(&why);
            }
            self.failed = Some(why);
        }
    }

    fn write(&mut self, asked: &Footprint, summary: &Summary, at: &Clocks) -> io::Result<()> {
        let begun = match &mut self.begun {
            Some(begun) => begun,
            None => {
                let said = Said {
                    product: &product(asked, summary),
                    stage: asked.stage.as_ref().map_or(UNNAMED, |name| &name.0),
                    interval_us: 1_000_000,
                    pss: PssMode::Exact,
                    cores: self.cores,
                };
                let header = self.facts.header(&said, at);
                let mut encoder = Encoder::new(header.run, page_size(), 1);
                let record = Record::Header(header.map(String::as_str));
                encoder.write(&record, &mut self.writer)?;
                self.begun.insert(Begun {
                    header,
                    encoder,
                    unreadable: 0,
                })
            }
        };
        begun.unreadable = begun.unreadable.max(summary.unreadable());
        let since = at
            .boottime_ns
            .saturating_sub(begun.header.start_boottime_ns);
        for part in parts(summary, since / 1000) {
            let part = part.map(|text| text.as_str(), |rows| rows.as_slice());
            let record = Record::Footprint(begun.header.run, part);
            begun.encoder.write(&record, &mut self.writer)?;
        }
        self.writer.sync()
    }

    /// Ends the run.
    ///
    /// # Errors
    /// Where not all of it could be written.
    pub(crate) fn end(mut self, end: End) -> Result<(), Error> {
        let footer = self.begun.as_ref().map(|begun| Footer {
            end,
            samples: 0,
            missed: 0,
            latest_us: 0,
            unreadable: begun.unreadable,
            left_out: 0,
            cpu_us: clock::cpu_ns() / 1000,
            written_bytes: self.writer.written(),
        });
        if let (Some(begun), Some(footer), None) = (&mut self.begun, footer, &self.failed) {
            let record = Record::Footer(begun.header.run, footer);
            let done = begun.encoder.write(&record, &mut self.writer);
            if let Err(error) = done.and_then(|()| self.writer.sync()) {
                let path = self.writer.path().display();
                self.failed = Some(format!("cannot write {path}: {error}"));
            }
        }
        if self.begun.is_none() {
            self.writer.remove_if_created();
        }
        self.failed.map_or(Ok(()), |why| Err(Error::new(why)))
    }
}

/// What the run is a run of: what the user says, else the product that was found.
fn product(asked: &Footprint, summary: &Summary) -> String {
    if let Some(Name(name)) = &asked.product {
        return name.clone();
    }
    match &summary.chosen {
        Chosen::Keys { profiles, .. } => match profiles.as_slice() {
            [one] => one.clone(),
            _ => UNNAMED.to_owned(),
        },
        Chosen::Largest => UNNAMED.to_owned(),
    }
}

/// Cores that are online; 0 where that is not to be seen.
fn cores(root: &Root) -> u32 {
    let mut buffer = vec![0; 1 << 14];
    let mut cores = 0;
    if let Ok(file) = root.open_proc("stat") {
        // What is wrong with the rest of the file is of no concern here.
        let _ = read_stat(&file, &mut buffer, |_, _| cores += 1);
    }
    cores
}
