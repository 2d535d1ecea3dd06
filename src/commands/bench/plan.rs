//! The file of a plan.

use crate::bench::plan::Plan;
use crate::commands::outcome::{file_error, shown, Error};
use crate::commands::texts;
use std::path::Path;

/// The text of a plan.
///
/// # Errors
/// If it cannot be read.
pub(super) fn text(path: &Path) -> Result<Vec<u8>, Error> {
    texts::read(path).map_err(|error| file_error("read", path, &error))
}

/// The plan in a text, which is that of the file at `path`.
///
/// # Errors
/// If it is none.
pub(super) fn parse(path: &Path, text: &[u8]) -> Result<Plan, Error> {
    Plan::parse(text).map_err(|error| {
        let path = shown(path);
        Error::new(match error.line {
            0 => format!("{path}: {}", error.fault),
            line => format!("{path}:{line}: {}", error.fault),
        })
    })
}

/// The plan in the file at `path`.
///
/// # Errors
/// If there is none.
pub(super) fn read(path: &Path) -> Result<Plan, Error> {
    parse(path, &text(path)?)
}
