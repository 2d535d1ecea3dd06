//! The notices of a recording, in words.

use crate::commands::outcome::shown;
use crate::log::writer::{older, OpenError, Standing};
use crate::recording::{Notice, ProbeNotice};
use crate::render::results::outcome;
use std::path::Path;

/// `path`: the log.
pub(crate) fn message(notice: &Notice<'_>, path: &Path) -> String {
    let log = shown(path);
    match notice {
        Notice::Begun => format!("recording into {log}"),
        Notice::NoSample(why) => {
            format!("{why}; that deadline is counted as missed, and sampling goes on")
        }
        Notice::NoSamples(samples, why) => {
            format!("{samples} samples could not be taken, the last among them: {why}")
        }
        Notice::CannotWrite(error) => {
            format!("cannot write {log}: {error}; sampling goes on, and writing is tried again")
        }
        Notice::CannotSync(error) => format!(
            "cannot sync {log}: {error}; sampling goes on, and what is not safe is written again"
        ),
        Notice::CannotRotate(why) => {
            let why = match why {
                OpenError::Io(error) => error.to_string(),
                about_older => format!("{}: {about_older}", shown(&older(path))),
            };
            format!(
                "{log} grows beyond --max-size: no new segment can be begun: {why}; that is \
                 tried again"
            )
        }
        Notice::BegunAnew(standing) => {
            format!("{log} {}: the log begins anew there", fate(*standing))
        }
        Notice::NotBegunAnew(standing, why) => {
            let lost = match standing {
                Standing::Removed => "what is recorded is lost when the recorder ends",
                _ => "the recording goes on in the file of before",
            };
            format!("{log} {}, and {why}: {lost}", fate(*standing))
        }
        Notice::Parted(Standing::Removed) => {
            format!("{log} was removed: what was recorded is lost")
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
            format!("{rest}{samples} of {taken} samples are not in {log}: {why}")
        }
        Notice::Unsafe {
            samples,
            taken,
            why,
        } => format!(
            "the last {samples} of {taken} samples may not outlive a loss of power: cannot sync \
             {log}: {why}"
        ),
    }
}

/// What became of the file.
fn fate(standing: Standing) -> String {
    match standing {
        Standing::Whole => "is whole".to_owned(),
        Standing::Truncated(len) => format!("was truncated to {len} bytes"),
        Standing::Removed => "was removed".to_owned(),
        Standing::Moved => "was moved or replaced".to_owned(),
    }
}

fn probe_message(notice: &ProbeNotice<'_>) -> String {
    match notice {
        ProbeNotice::StillRuns => {
            "the probe is due again and still runs: no other is started until it ends".to_owned()
        }
        ProbeNotice::Failed(how, last_line) => {
            let last_line = match last_line.is_empty() {
                true => String::new(),
                false => format!(": {last_line}"),
            };
            format!(
                "the probe failed ({}){last_line}; it is tried again each time",
                outcome(*how)
            )
        }
        ProbeNotice::Stopped => {
            "the probe still ran at the end of the recording, and was killed".to_owned()
        }
    }
}
