//! Files that are to be there after a restart, or a power cut.

use nix::sys::statfs::{statfs, OVERLAYFS_SUPER_MAGIC, TMPFS_MAGIC};
use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Whether what is written into a folder outlives a restart: not in a tmpfs, nor in an
/// overlay, whose upper layer usually is one.
///
/// # Errors
/// statfs(2)'s.
pub(crate) fn outlives_restart(folder: &Path) -> nix::Result<bool> {
    let kind = statfs(folder)?.filesystem_type();
    Ok(kind != TMPFS_MAGIC && kind != OVERLAYFS_SUPER_MAGIC)
}

/// Writes a file, and makes sure that it and its name are on the disk. It is written beside
/// its place first: after a power cut there is a whole one, or the one before.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let written = File::create(&part)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| rename(&part, path));
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

/// Renames a file that is on the disk, and makes sure that it still is: on FAT its new name
/// has neither its length nor its place before the file is synced once more.
///
/// # Errors
/// rename(2)'s and fsync(2)'s.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    File::open(to)?.sync_all()?;
    sync_names(folder_of(to))
}

/// Creates a folder and those above it, and makes sure that their names are on the disk: on
/// FAT the sync of a file makes sure of its own name at most.
///
/// # Errors
/// If one of them cannot be created.
pub(crate) fn create_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = folder_of(folder);
    create_folder(above)?;
    match DirBuilder::new().mode(0o755).create(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        created => created.and_then(|()| sync_names(above)),
    }
}

/// Makes sure that the names in a folder are on the disk.
///
/// # Errors
/// fsync(2)'s.
pub(crate) fn sync_names(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}
