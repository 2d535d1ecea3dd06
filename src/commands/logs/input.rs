//! A log on disk, as often as it is wanted: with its older segment, and no longer
//! than it was when it was opened.

use crate::log::reader::{Event, Reader};
use crate::log::writer::older;
use crate::series::{self, summarise_defined, summarise_product};
use crate::series::{DefinitionOf, Options, Run, TakeFootprint};
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

/// Why a log has no summary.
#[derive(Debug)]
pub(crate) enum Error {
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
    /// Which file it is.
    inode: (u64, u64),
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
                inode: inode_of(&about),
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
pub(crate) struct Input {
    older: Option<Part>,
    /// What is called as an older segment is a copy of the log, or of a part of it.
    copied: bool,
    log: Part,
}

/// So often a log is opened again that is rotated meanwhile.
const ROTATIONS: usize = 3;

fn inode_of(about: &Metadata) -> (u64, u64) {
    (about.dev(), about.ino())
}

/// What a file is that is called as the older segment of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Older {
    Segment,
    /// What is in it is in the log, too.
    Copy,
    /// It has nothing to do with the log.
    Stranger,
}

impl Input {
    /// Opens the log at `path`.
    ///
    /// # Errors
    /// Where it cannot be opened, or is no file.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let mut log = Part::open(path)?;
        for _ in 0..ROTATIONS {
            let inode = |path: &Path| std::fs::metadata(path).map(|about| inode_of(&about)).ok();
            // It was rotated meanwhile, and is the older segment now.
            if inode(&older(path)) != Some(log.inode) || inode(path) == Some(log.inode) {
                break;
            }
            log = Part::open(path)?;
        }
        Self::with(log, path)
    }

    /// Takes the log at `path`, from byte `begin` of it on, from a file that is open.
    ///
    /// # Errors
    /// Where its length cannot be told.
    pub(crate) fn of(file: File, begin: u64, path: &Path) -> Result<Self, Error> {
        Self::with(Part::new(file, begin)?, path)
    }

    fn with(log: Part, path: &Path) -> Result<Self, Error> {
        // Usually there is no older segment; ignore one that cannot be read, for nobody
        // named it.
        let older = Part::open(&older(path)).ok();
        let what = match &older {
            Some(older) => what_is(older, &log)?,
            None => Older::Stranger,
        };
        Ok(Self {
            older: older.filter(|_| what == Older::Segment),
            copied: what == Older::Copy,
            log,
        })
    }

    /// What is called as the older segment is a copy, and left out.
    pub(crate) fn is_copied(&self) -> bool {
        self.copied
    }

    /// There is an older segment.
    pub(crate) fn has_older(&self) -> bool {
        self.older.is_some()
    }

    /// The runs that it holds, with a row for the product of each where it is known
    /// which processes that is. `drawn`: with what pictures need.
    ///
    /// # Errors
    /// Where it cannot be read, or holds none.
    pub(crate) fn runs(
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
    pub(crate) fn runs_of_products(
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
    pub(crate) fn reader(&self) -> impl Read + '_ {
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

/// The last run of an older segment is the one that the log begins with, and goes on
/// there. A log that was rotated while it was opened may be there under both names.
fn what_is(older: &Part, log: &Part) -> Result<Older, Error> {
    if older.inode == log.inode {
        return Ok(Older::Copy);
    }
    let mut first = None;
    let mut reader = Reader::new(log.read());
    while let (None, Some(event)) = (first, reader.next_event()?) {
        if let Event::Header(header) = event {
            first = Some((header.run, reader.seq()));
        }
    }
    let Some((run, begins)) = first else {
        return Ok(Older::Stranger);
    };
    let mut last = None;
    let mut reader = Reader::new(older.read());
    while let Some(event) = reader.next_event()? {
        if let Event::Header(header) = event {
            last = Some((header.run, reader.seq()));
        }
    }
    Ok(match last {
        Some((of, seq)) if of == run && seq < begins => Older::Segment,
        Some((of, _)) if of == run => Older::Copy,
        _ => Older::Stranger,
    })
}
