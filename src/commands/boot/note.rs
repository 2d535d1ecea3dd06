//! The file that a restart is noted in: it is to be there after the restart, whatever
//! happens meanwhile.

use crate::boot::note::{Note, Reader, FOLLOWED, LONGEST};
use crate::commands::durable;
use crate::commands::ids::{boot_id, machine_id};
use crate::commands::outcome::{shown, Error};
use crate::proc::root::{read_file, Root};
use crate::sampler::Clocks;
use crate::system::clock::is_synchronised;
use crate::system::errno::why;
use nix::errno::Errno;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub(super) struct File {
    path: PathBuf,
    machine_id: String,
    boot_id: String,
}

impl File {
    /// The file at `path`, on the machine under `root`.
    pub(super) fn at(path: &Path, root: &Root) -> Self {
        Self {
            path: path.to_path_buf(),
            machine_id: machine_id(root),
            boot_id: boot_id(root),
        }
    }

    /// Who reads the note now.
    pub(super) fn reader(&self) -> Reader<'_> {
        let now = Clocks::now();
        Reader {
            machine_id: &self.machine_id,
            boot_id: &self.boot_id,
            boottime_ns: now.boottime_ns,
            realtime_ns: now.realtime_ns,
            synchronised: is_synchronised() == Some(true),
        }
    }

    /// The note; `None`: there is none.
    ///
    /// # Errors
    /// Where it cannot be read, or is none.
    pub(super) fn read(&self) -> Result<Option<Note>, Error> {
        let mut buffer = [0; LONGEST];
        let note = match read_file(&self.path, &mut buffer) {
            Ok(text) => Note::parse(text),
            Err(Errno::ENOENT) => return Ok(None),
            Err(errno) => return Err(self.failed("read", &errno.into())),
        };
        note.map(Some).ok_or_else(|| {
            let path = shown(&self.path);
            Error::new(format!(
                "{path} is not a restart note; `boot restart --cancel` removes it"
            ))
        })
    }

    /// Notes the moment, the machine and the boot, and makes sure that they are on the
    /// disk.
    ///
    /// # Errors
    /// Where they would not outlive the restart, or cannot be written.
    pub(super) fn write(&self, note: Note) -> Result<(), Error> {
        let written = self.write_synced(note);
        if written.is_err() {
            let _ = fs::remove_file(&self.path);
        }
        written
    }

    fn write_synced(&self, note: Note) -> Result<(), Error> {
        let failed = |error: io::Error| self.failed("write", &error);
        let folder = durable::folder_of(&self.path);
        durable::create_folder(folder).map_err(failed)?;
        outlives(folder, "--note")?;
        let reader = self.reader();
        let note = Note {
            machine_id: self.machine_id.clone(),
            boot_id: self.boot_id.clone(),
            boottime_ns: reader.boottime_ns,
            realtime_ns: reader.realtime_ns,
            synchronised: reader.synchronised,
            followed: String::new(),
            ..note
        };
        durable::write(&self.path, &note.to_string()).map_err(failed)
    }

    /// Notes that this boot has begun to finish it. A disk that does not take that is no
    /// reason not to.
    pub(super) fn follow(&self) {
        let line = format!("{FOLLOWED} {}\n", self.boot_id);
        if let Ok(mut file) = fs::File::options().append(true).open(&self.path) {
            let _ = file
                .write_all(line.as_bytes())
                .and_then(|()| file.sync_all());
        }
    }

    /// Removes it, and says whether it was there.
    ///
    /// # Errors
    /// Where it is, and cannot be.
    pub(super) fn remove(&self) -> Result<bool, Error> {
        let removed = fs::remove_file(&self.path)
            .and_then(|()| durable::sync_names(durable::folder_of(&self.path)));
        match removed {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.failed("remove", &error)),
        }
    }

    fn failed(&self, what: &str, error: &io::Error) -> Error {
        Error::new(format!(
            "cannot {what} {}: {}",
            shown(&self.path),
            why(error)
        ))
    }
}

/// # Errors
/// Where a restart takes away what is written into the folder.
pub(super) fn outlives(folder: &Path, option: &str) -> Result<(), Error> {
    match durable::outlives_restart(folder) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::new(format!(
            "{}: what is written there does not outlive a restart (tmpfs or overlay); choose \
             another with {option}",
            shown(folder)
        ))),
        Err(errno) => Err(Error::cannot(&format!("write to {}", shown(folder)), errno)),
    }
}
