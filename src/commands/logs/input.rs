//! A log on disk, as often as it is wanted: with its older segment, and no longer
//! than it was when it was opened.

use crate::log::reader::{Event, Reader};
use crate::log::writer::older;
use crate::series::{self, summarise_defined, summarise_product};
use crate::series::{DefinitionOf, Options, Run, TakeFootprint};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Why a log has no summary.
#[derive(Debug)]
pub enum Error {
    Directory,
    /// A pipe, a terminal, a device.
    NotAFile,
    Log(series::Error),
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Log(series::Error::Io(error))
    }
}

/// A part of a file.
struct Part {
    file: File,
    begin: u64,
    end: u64,
}

impl Part {
    fn new(file: File, begin: u64) -> Result<Self, Error> {
        let about = file.metadata()?;
        match () {
            () if about.is_dir() => Err(Error::Directory),
            () if !about.is_file() => Err(Error::NotAFile),
            () => Ok(Self {
                file,
                begin,
                end: about.len(),
            }),
        }
    }

    fn open(path: &Path) -> Result<Self, Error> {
        // A pipe that nobody writes to would be waited for.
        let about = std::fs::metadata(path)?;
        if !about.is_file() && !about.is_dir() {
            return Err(Error::NotAFile);
        }
        Self::new(File::open(path)?, 0)
    }

    fn read(&self) -> Cursor<'_> {
        Cursor {
            part: self,
            at: self.begin,
        }
    }

    /// Ends with the end of a frame.
    fn is_torn(&self) -> bool {
        let mut last = [0];
        let at = self.end.saturating_sub(1);
        self.begin < self.end && self.file.read_at(&mut last, at).is_ok() && last != [0]
    }
}

/// Reads a part without moving the position of its file, which may be shared
/// with whoever writes it.
struct Cursor<'a> {
    part: &'a Part,
    at: u64,
}

impl Read for Cursor<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.part.end.saturating_sub(self.at);
        let most = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let read = self.part.file.read_at(&mut buffer[..most], self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// A log that is open.
pub struct Input {
    older: Option<Part>,
    log: Part,
}

impl Input {
    /// Opens the log at `path`.
    ///
    /// # Errors
    /// Where it cannot be opened, or is no file.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::with(Part::open(path)?, path)
    }

    /// Takes the log at `path`, from byte `begin` of it on, from a file that is open.
    ///
    /// # Errors
    /// Where its length cannot be told.
    pub fn of(file: File, begin: u64, path: &Path) -> Result<Self, Error> {
        Self::with(Part::new(file, begin)?, path)
    }

    fn with(log: Part, path: &Path) -> Result<Self, Error> {
        // Usually there is no older segment; ignore one that cannot be read, for nobody
        // named it.
        let older = Part::open(&older(path)).ok();
        let goes_on = match &older {
            Some(older) => goes_on(older, &log)?,
            None => false,
        };
        Ok(Self {
            older: older.filter(|_| goes_on),
            log,
        })
    }

    /// There is an older segment.
    pub fn has_older(&self) -> bool {
        self.older.is_some()
    }

    /// The runs that it holds, with a row for the product of each where it is known
    /// which processes that is. `drawn`: with what pictures need.
    ///
    /// # Errors
    /// Where it cannot be read, or holds none.
    pub fn runs(
        &self,
        options: &Options,
        definition_of: &DefinitionOf<'_>,
        drawn: bool,
    ) -> Result<Vec<Run>, Error> {
        let mut open = || Ok(self.reader());
        summarise_defined(&mut open, options, definition_of, drawn).map_err(Error::Log)
    }

    /// The same, and what each says of its product; `footprint` takes the footprints.
    ///
    /// # Errors
    /// Where it cannot be read, or holds none.
    pub fn runs_of_products(
        &self,
        options: &Options,
        definition_of: &DefinitionOf<'_>,
        footprint: &mut TakeFootprint<'_>,
    ) -> Result<Vec<Run>, Error> {
        let mut open = || Ok(self.reader());
        let runs = summarise_product(&mut open, options, definition_of, footprint);
        runs.map_err(Error::Log)
    }

    /// The older segment, where there is one, and the log.
    pub fn reader(&self) -> impl Read + '_ {
        let older = self.older.as_ref();
        // What follows a frame that is torn is kept apart from it.
        let gap: &[u8] = if older.is_some_and(Part::is_torn) {
            &[0]
        } else {
            &[]
        };
        let none = Cursor {
            part: &self.log,
            at: self.log.end,
        };
        let older = older.map_or(none, Part::read);
        older.chain(gap).chain(self.log.read())
    }
}

/// The last run of the older segment is the one that the log begins with.
fn goes_on(older: &Part, log: &Part) -> Result<bool, Error> {
    let mut first = None;
    let mut reader = Reader::new(log.read());
    while let (None, Some(event)) = (first, reader.next_event()?) {
        if let Event::Header(header) = event {
            first = Some(header.run);
        }
    }
    let mut last = None;
    if first.is_some() {
        let mut reader = Reader::new(older.read());
        while let Some(event) = reader.next_event()? {
            if let Event::Header(header) = event {
                last = Some(header.run);
            }
        }
    }
    Ok(first.is_some() && first == last)
}
