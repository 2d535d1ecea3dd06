//! `survive ip-change --undo`: puts back what an earlier run has left changed.

use crate::commands::outcome::{complain, Error, Status};
use crate::survive::network::kernel::Kernel;
use crate::survive::saved::{forget, Saved, FILE};
use crate::survive::session::Session;
use crate::system::errno::why;
use std::io::{ErrorKind, Write};
use std::time::Duration;

/// So long is tried to put everything back: a cable may be out.
const RESTORING: Duration = Duration::from_secs(60);

pub(super) fn kernel_error(errno: nix::Error) -> Error {
    Error::cannot("talk to the kernel (rtnetlink)", errno)
}

/// Puts the old state back; returns what is still another.
pub(super) fn put_back(session: &mut Session<'_>) -> Result<Vec<String>, Error> {
    let Some(dead_man) = session.dead_man.take() else {
        return Ok(Vec::new());
    };
    let saved = session.saved.without(&session.gone);
    let left = saved
        .restore(&mut session.kernel, RESTORING)
        .map_err(kernel_error)?;
    if left.is_empty() {
        forget();
    }
    dead_man.disarm();
    Ok(left)
}

/// Says what is not as it was, which must not be overlooked.
pub(super) fn complain_of(left: &[String], iface: &str) {
    if !left.is_empty() {
        let left = left.join("; ");
        complain(&format!(
            "{iface} IS NOT AS IT WAS: {left}; `survive ip-change --undo` tries again"
        ));
    }
}

/// With `forced`, what cannot be put back now is forgotten.
pub(super) fn undo(forced: bool, out: &mut dyn Write) -> Result<Status, Error> {
    let saved = match Saved::kept() {
        Ok(Some(saved)) => saved,
        Ok(None) => {
            return Err(Error::new(format!(
                "{FILE} is not what this version writes"
            )))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(Error::new(
                "nothing to undo: no change of an address is noted",
            ));
        }
        Err(error) => return Err(Error::new(format!("cannot read {FILE}: {}", why(&error)))),
    };
    let mut kernel = Kernel::open().map_err(kernel_error)?;
    let patience = if forced { Duration::ZERO } else { RESTORING };
    let left = saved.restore(&mut kernel, patience).map_err(kernel_error)?;
    if !left.is_empty() {
        let (from, left) = (saved.change.from, left.join("; "));
        let then = match forced {
            true => "that is forgotten now",
            false => "--force forgets it",
        };
        if forced {
            forget();
        }
        return Err(Error::new(format!(
            "{from} is not back as it was: {left}; {then}"
        )));
    }
    forget();
    writeln!(
        out,
        "{} is back, and all that belongs to it.",
        saved.change.from
    )
    .map_err(Error::output)?;
    Ok(Status::Yes)
}
