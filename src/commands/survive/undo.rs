//! `survive ip-change --undo`: puts back what an earlier run has left changed.

use crate::commands::outcome::{Error, Status};
use crate::survive::network::kernel::Kernel;
use crate::survive::saved::{forget, Saved, FILE};
use crate::system::errno::why;
use std::io::{ErrorKind, Write};
use std::time::Duration;

/// So long is tried to put everything back: a cable may be out.
pub(super) const RESTORING: Duration = Duration::from_secs(60);

pub(super) fn kernel_error(errno: nix::Error) -> Error {
    Error::new(format!(
        "cannot talk to the kernel (rtnetlink): {}",
        errno.desc()
    ))
}

pub(super) fn undo(out: &mut dyn Write) -> Result<Status, Error> {
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
    let left = saved
        .restore(&mut kernel, RESTORING)
        .map_err(kernel_error)?;
    if !left.is_empty() {
        let from = saved.change.from;
        return Err(Error::new(format!(
            "{from} is not back as it was: {}",
            left.join("; ")
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
