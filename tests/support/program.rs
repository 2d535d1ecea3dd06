//! Programs that a test writes.

use crate::support::{copy_program, Folder};

/// A script that can be executed, in a folder.
pub fn program(folder: &Folder, name: &str, script: impl AsRef<[u8]>) {
    let text = folder.write(&format!("{name}.text"), script);
    copy_program(&text, &folder.file(name));
    std::fs::remove_file(text).unwrap();
}
