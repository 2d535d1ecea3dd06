//! The notices of a recording, in words.

use crate::commands::outcome::shown;
use crate::log::writer::{older, OpenError, Standing};
use crate::recording::{Notice, ProbeNotice};
use crate::render::results::outcome;
use crate::system::errno;
use std::path::Path;

/// `path`: the log.
pub(crate) fn message(notice: &Notice<'_>, path: &Path) -> String {
    let log = shown(path);
    match notice {
        Notice::Begun => format!("recording into {log}"),
        Notice::NoSample(why) => {
            format!("{why}; this deadline counts as missed, and sampling continues")
        }
        Notice::NoSamples(samples, why) => {
            format!("{samples} samples, including the last, could not be taken: {why}")
        }
        Notice::CannotWrite(error) => {
            let why = errno::why(error);
            format!("cannot write {log}: {why}; sampling continues, and writing is retried")
        }
        Notice::CannotSync(error) => {
            let why = errno::why(error);
            format!("cannot sync {log}: {why}; sampling continues, and unsynced samples are written again")
        }
        Notice::CannotRotate(why) => format!(
            "{log} grows beyond --max-size: cannot begin a new segment: {}; this is retried",
            why_not_rotated(why, path)
        ),
        Notice::BegunAnew(standing) => {
            format!("{log} {}: a new log begins there", fate(*standing))
        }
        Notice::NotBegunAnew(standing, why) => {
            let lost = match standing {
                Standing::Removed => "the samples are lost when the recorder ends",
                _ => "the recording continues in the old file",
            };
            format!(
                "{log} {}, and no new log can begin there ({why}): {lost}",
                fate(*standing)
            )
        }
        Notice::Parted(Standing::Removed) => {
            format!("{log} was removed: the recorded samples are lost")
        }
        Notice::Parted(standing) => format!("{log} {}", fate(*standing)),
        Notice::Probe(of) => probe_message(of),
        Notice::Lost {
            samples,
            taken,
            is_rest,
            why,
        } => {
            let rest = ["", "the rest of the run is lost: "][usize::from(*is_rest)];
            let why = errno::why(why);
            format!("{rest}{samples} of {taken} samples are not in {log}: {why}")
        }
        Notice::Unsafe {
            samples,
            taken,
            why,
        } => {
            let why = errno::why(why);
            format!("the last {samples} of {taken} samples may not survive a power loss: cannot sync {log}: {why}")
        }
    }
}

fn why_not_rotated(why: &OpenError, path: &Path) -> String {
    match why {
        OpenError::Io(error) => errno::why(error),
        about_older => format!("{}: {about_older}", shown(&older(path))),
    }
}

/// What happened to the file.
fn fate(standing: Standing) -> String {
    match standing {
        Standing::Whole => "is whole".to_owned(),
        Standing::Truncated(0) => "was emptied".to_owned(),
        // More may have been appended to it since.
        Standing::Truncated(len) => format!("was truncated to {len} bytes at most"),
        Standing::Removed => "was removed".to_owned(),
        Standing::Moved => "was moved or replaced".to_owned(),
    }
}

fn probe_message(notice: &ProbeNotice<'_>) -> String {
    match notice {
        ProbeNotice::StillRuns => {
            "the probe is due again but still running: the next one starts after it ends".to_owned()
        }
        ProbeNotice::Failed(how, last_line) => {
            let last_line = match last_line.is_empty() {
                true => String::new(),
                false => format!(": {last_line}"),
            };
            format!(
                "the probe failed ({}){last_line}; it is retried each time",
                outcome(*how)
            )
        }
        ProbeNotice::Stopped => {
            "the probe was still running at the end of the recording, and was killed".to_owned()
        }
    }
}
