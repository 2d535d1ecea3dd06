//! Files that are to be there after a restart, or a power cut.

use nix::sys::statfs::{statfs, OVERLAYFS_SUPER_MAGIC, TMPFS_MAGIC};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Whether what is written into a folder outlives a restart: not in a tmpfs, nor in an
/// overlay, whose upper layer usually is one.
///
/// # Errors
/// statfs(2)'s.
pub(crate) fn outlives_restart(folder: &Path) -> nix::Result<bool> {
    let kind = statfs(folder)?.filesystem_type();
    Ok(kind != TMPFS_MAGIC && kind != OVERLAYFS_SUPER_MAGIC)
}

/// Writes a file, and makes sure that it and its name are on the disk.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    sync_names(folder_of(path))
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
