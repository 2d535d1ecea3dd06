//! The notices of a recording, in words.

use crate::log::writer::{older, OpenError, Standing};
use crate::recording::Notice;
use std::path::Path;

/// `path`: the log.
pub(crate) fn message(notice: &Notice<'_>, path: &Path) -> String {
    let log = path.display();
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
                about_older => format!("{}: {about_older}", older(path).display()),
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
