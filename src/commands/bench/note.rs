//! The note that a benchmark is under way, in a place that the next boot knows.

use super::directory::Directory;
use crate::commands::durable;
use crate::commands::outcome::{file_error, Error};
use crate::commands::texts;
use crate::typed::words::{self, quote};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Where it is; the unit and the init script look for it there.
pub(super) const PLACE: &str = "/var/lib/edgebench-lite/bench";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) directory: String,
    pub(super) product: String,
    /// The file that the plan was read from.
    pub(super) plan: String,
    /// The process that was the last to begin or resume it.
    pub(super) pid: i32,
}

impl Note {
    /// The note; `None`: no benchmark is under way.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Error> {
        let text = match texts::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(file_error("read", path, &error)),
        };
        let line = words::lines(&text).next().and_then(|(_, line)| line.ok());
        let words = line.unwrap_or_default();
        let words: Vec<&str> = words.iter().map(|word| &word.text[..]).collect();
        let note = match words[..] {
            ["bench", directory, product, plan, pid] => pid.parse().ok().map(|pid| Self {
                directory: directory.to_owned(),
                product: product.to_owned(),
                plan: plan.to_owned(),
                pid,
            }),
            _ => None,
        };
        note.map(Some).ok_or_else(|| {
            let why = std::io::Error::new(ErrorKind::InvalidData, "it is no note of a benchmark");
            file_error("use", path, &why)
        })
    }

    /// Whoever reads it finds a whole one.
    pub(super) fn write(&self, path: &Path) -> Result<(), Error> {
        let text = format!(
            "bench {} {} {} {}\n",
            quote(&self.directory),
            quote(&self.product),
            quote(&self.plan),
            self.pid
        );
        let written = durable::create_folder(durable::folder_of(path))
            .and_then(|()| durable::write(path, &text));
        written.map_err(|error| file_error("write", path, &error))
    }

    /// Removes it.
    pub(super) fn remove(path: &Path) -> Result<(), Error> {
        let removed = fs::remove_file(path);
        removed
            .and_then(|()| durable::sync_names(durable::folder_of(path)))
            .map_err(|error| file_error("remove", path, &error))
    }

    pub(super) fn directory(&self) -> Directory {
        Directory::new(&self.directory, &self.product)
    }
}
