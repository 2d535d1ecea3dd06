//! A log on disk, to be read several times: with its older segment, and only as far as
//! it had been written when it was opened.

use crate::log::reader::{Event, Reader};
use crate::log::writer::older;
use crate::series::{self, answer, Question};
use crate::series::{DefinitionOf, Options, Run, TakeStandalone};
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

impl From<series::Error> for Error {
    fn from(error: series::Error) -> Self {
        Self::Log(error)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Log(series::Error::Io(error))
    }
}

/// A part of a file, by bytes.
struct Part {
    file: File,
    /// Device and inode.
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
        // open(2) of a pipe would wait for a writer.
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

    /// Whether it ends within a frame.
    fn is_torn(&self) -> bool {
        let mut last = [0];
        let at = self.end.saturating_sub(1);
        self.begin < self.end && self.file.read_at(&mut last, at).is_ok() && last != [0]
    }
}

/// Reads a part without moving the position of its file, which a recorder may share.
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
    /// FILE.old is a copy of the log, or of a part of it.
    copied: bool,
    log: Part,
}

/// How often a log is opened again if it is rotated meanwhile.
const ROTATIONS: usize = 3;

fn inode_of(about: &Metadata) -> (u64, u64) {
    (about.dev(), about.ino())
}

/// What FILE.old is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Older {
    Segment,
    /// Its content is in the log too.
    Copy,
    Unrelated,
}

impl Input {
    /// Opens the log at `path`.
    ///
    /// # Errors
    /// If it cannot be opened, or is no regular file.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let mut log = Part::open(path)?;
        for _ in 0..ROTATIONS {
            let inode = |path: &Path| std::fs::metadata(path).map(|about| inode_of(&about)).ok();
            // Rotated meanwhile: it is the older segment now.
            if inode(&older(path)) != Some(log.inode) || inode(path) == Some(log.inode) {
                break;
            }
            log = Part::open(path)?;
        }
        Self::with(log, path)
    }

    /// The log at `path`, from byte `begin` of its open file on.
    ///
    /// # Errors
    /// If its length cannot be read.
    pub(crate) fn of(file: File, begin: u64, path: &Path) -> Result<Self, Error> {
        Self::with(Part::new(file, begin)?, path)
    }

    fn with(log: Part, path: &Path) -> Result<Self, Error> {
        // Usually there is no older segment; ignore one that cannot be read, for nobody
        // named it.
        let older = Part::open(&older(path)).ok();
        let kind = match &older {
            Some(older) => kind_of(older, &log)?,
            None => Older::Unrelated,
        };
        Ok(Self {
            older: older.filter(|_| kind == Older::Segment),
            copied: kind == Older::Copy,
            log,
        })
    }

    /// Whether FILE.old is a copy, which is left out.
    pub(crate) fn is_copied(&self) -> bool {
        self.copied
    }

    pub(crate) fn has_older(&self) -> bool {
        self.older.is_some()
    }

    /// Its runs, for `report`: with a row for a defined product; `standalone` takes its
    /// footprints and results; `drawn`: with the curves of pictures.
    ///
    /// # Errors
    /// If it cannot be read, or holds none.
    pub(crate) fn runs(
        &self,
        options: &Options,
        definition_of: &DefinitionOf<'_>,
        drawn: bool,
        standalone: &mut TakeStandalone<'_>,
    ) -> Result<Vec<Run>, Error> {
        let question = Question {
            options,
            definition_of,
            compared: false,
            drawn,
        };
        Ok(answer(&mut || Ok(self.reader()), &question, standalone)?)
    }

    /// Its runs, for `compare`; `standalone` takes its footprints and results.
    ///
    /// # Errors
    /// If it cannot be read, or holds no run.
    pub(crate) fn runs_of_products(
        &self,
        options: &Options,
        definition_of: &DefinitionOf<'_>,
        standalone: &mut TakeStandalone<'_>,
    ) -> Result<Vec<Run>, Error> {
        let question = Question {
            options,
            definition_of,
            compared: true,
            drawn: false,
        };
        match answer(&mut || Ok(self.reader()), &question, standalone) {
            Err(series::Error::OnlyStandalone) => Ok(Vec::new()),
            runs => Ok(runs?),
        }
    }

    /// The older segment, if there is one, and the log.
    pub(crate) fn reader(&self) -> impl Read + '_ {
        let older = self.older.as_ref();
        // Ends a torn frame, so that it does not run into the next.
        let gap: &[u8] = match older.is_some_and(Part::is_torn) {
            true => &[0],
            false => &[],
        };
        let none = Cursor {
            part: &self.log,
            at: self.log.end,
        };
        let older = older.map_or(none, Part::read);
        older.chain(gap).chain(self.log.read())
    }
}

/// The last run of an older segment goes on in the log. A log that was rotated while it
/// was opened may have both names.
fn kind_of(older: &Part, log: &Part) -> Result<Older, Error> {
    if older.inode == log.inode {
        return Ok(Older::Copy);
    }
    let Some((run, begin)) = headers(log).next().transpose()? else {
        return Ok(Older::Unrelated);
    };
    let mut last = None;
    for header in headers(older) {
        last = Some(header?);
    }
    Ok(match last {
        Some((of, seq)) if of == run && seq < begin => Older::Segment,
        Some((of, _)) if of == run => Older::Copy,
        _ => Older::Unrelated,
    })
}

/// The run and sequence number of each header.
fn headers(part: &Part) -> impl Iterator<Item = io::Result<(u32, u64)>> + '_ {
    let mut reader = Reader::new(part.read());
    std::iter::from_fn(move || loop {
        match reader.next_event() {
            Ok(Some(Event::Header(header))) => return Some(Ok((header.run, reader.seq()))),
            Ok(Some(_)) => {}
            Ok(None) => return None,
            Err(error) => return Some(Err(error)),
        }
    })
}
