//! A log, event by event, and the errors that say it is none.

use super::super::outcome::{file_error, shown, Error};
use crate::log::frame::Fault;
use crate::log::reader::{Damage, Event, Reader};
use crate::log::record::VERSION;
use crate::system::errno::why;
use std::fs::File;
use std::path::Path;

/// Reads a log from its beginning to its end.
pub(crate) struct Walk<'p> {
    path: &'p Path,
    pub(super) reader: Reader<'static>,
}

impl<'p> Walk<'p> {
    pub(crate) fn open(path: &'p Path) -> Result<Self, Error> {
        let cannot = |error: std::io::Error| file_error("read", path, &error);
        let file = File::open(path).map_err(cannot)?;
        let metadata = file.metadata().map_err(cannot)?;
        if metadata.is_dir() {
            return Err(Error::new(format!("{} is a directory", shown(path))));
        }
        if metadata.is_file() && metadata.len() == 0 {
            return Err(Error::new(format!("{} is empty", shown(path))));
        }
        Ok(Self {
            path,
            reader: Reader::new(file),
        })
    }

    /// The sequence number of the last whole frame.
    pub(crate) fn seq(&self) -> u64 {
        self.reader.seq()
    }

    pub(crate) fn next(&mut self) -> Result<Option<Event>, Error> {
        let path = shown(self.path);
        match self.reader.next_event() {
            Ok(Some(Event::Damage(Damage {
                fault: Fault::Newer(version),
                ..
            }))) => Err(Error::new(format!(
                "{path} was written in version {version} of the log format; this edgebench-lite \
                 reads versions up to {VERSION}"
            ))),
            Ok(None) if self.reader.frames() == 0 => {
                Err(Error::new(format!("{path} is not an edgebench-lite log")))
            }
            Ok(event) => Ok(event),
            Err(error) => Err(Error::new(format!("cannot read {path}: {}", why(&error)))),
        }
    }
}

/// The fault in words.
pub(super) fn fault(fault: Fault) -> String {
    match fault {
        Fault::Empty => "zeros instead of a frame".to_owned(),
        Fault::TooLong => "a frame that is longer than any can be".to_owned(),
        Fault::Torn => "an incomplete frame: cut off, or still being written".to_owned(),
        Fault::Checksum => "a frame whose checksum is wrong".to_owned(),
        Fault::Unknown => "a record of an unknown kind, perhaps of a newer version".to_owned(),
        Fault::Malformed => "a malformed record".to_owned(),
        Fault::Newer(version) => format!("a header of version {version} of the format"),
    }
}
