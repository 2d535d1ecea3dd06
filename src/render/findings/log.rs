//! In words: what of the run is not in the log.

use super::super::figures::counted;
use crate::log::losses::Losses;
use crate::series::finding::LogFinding;
use nix::errno::Errno;

pub(crate) fn words(finding: &LogFinding) -> String {
    match finding {
        LogFinding::CutOff => "The run was cut off: its end is not in the log.".to_owned(),
        LogFinding::EndedBySignal => "The run was ended by a signal.".to_owned(),
        LogFinding::RecorderFailed => "The recorder failed before the run's end.".to_owned(),
        LogFinding::Missed {
            deadlines,
            stopped,
            of,
        } => {
            let why = match stopped {
                0 => "the machine was too busy, or slept".to_owned(),
                all if all == deadlines => "the recorder was stopped (Ctrl-Z, SIGSTOP)".to_owned(),
                some => format!(
                    "for {some} of them the recorder was stopped (Ctrl-Z, SIGSTOP), else the \
                     machine was too busy, or slept"
                ),
            };
            format!(
                "{deadlines} of {} passed without a sample: {why}.",
                counted(*of, "deadline", "deadlines")
            )
        }
        LogFinding::Damaged {
            places,
            bytes,
            lost,
            torn,
        } => {
            let torn = match torn {
                true => "; it ends in the middle of a record",
                false => "",
            };
            let lost = match lost {
                0 => "no sample is".to_owned(),
                some => counted(*some, "sample", "samples"),
            };
            format!(
                "The log is damaged in {}, {}: {lost} lost{torn}.",
                counted(*places, "place", "places"),
                counted(*bytes, "byte", "bytes"),
            )
        }
        LogFinding::Unwritten { samples, errno } => format!(
            "{} could not be written: {}.",
            counted(*samples, "sample", "samples"),
            why(*errno)
        ),
        LogFinding::Headless(samples) => format!(
            "{} of another run cannot be read: no header of it is left.",
            counted(*samples, "sample", "samples")
        ),
        LogFinding::Repeated(samples) => format!(
            "{} twice, and only the first counts: the log holds a copy of a part of itself.",
            counted(*samples, "sample comes", "samples come")
        ),
        LogFinding::Gap { lost } => format!(
            "{} lost: the log has a gap.",
            counted(*lost, "sample was", "samples were")
        ),
        LogFinding::NewerPart(version) => {
            format!("A part of the log is in version {version} of the format, and was passed over.")
        }
        LogFinding::Overwritten(intervals) => format!(
            "The first {} of the run were overwritten: the log was bounded in size.",
            counted(*intervals, "interval", "intervals")
        ),
    }
}

/// What a log lacks, in clauses: `log verify` and `log info` say it as a report does.
pub(crate) fn clauses(losses: &Losses) -> Vec<String> {
    let clause = |finding: &LogFinding| {
        let sentence = words(finding);
        let mut letters = sentence.trim_end_matches('.').chars();
        let first = letters.next().map(|first| first.to_ascii_lowercase());
        first.into_iter().chain(letters).collect()
    };
    LogFinding::of_losses(losses).iter().map(clause).collect()
}

/// Why a log could not be written.
fn why(errno: u64) -> &'static str {
    let errno = i32::try_from(errno).map_or(Errno::UnknownErrno, Errno::from_raw);
    match errno {
        Errno::ENOSPC => "the disk was full",
        Errno::EDQUOT => "the disk quota was used up",
        Errno::EFBIG => "the file had reached its largest size",
        Errno::EROFS => "the file system was read-only",
        Errno::EIO => "the disk failed (input/output error)",
        Errno::UnknownErrno => "the log does not say why",
        other => other.desc(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cause_for_each_loss() {
        let mut losses = Losses {
            lost: 203,
            unwritten: 200,
            write_errno: 28,
            ..Losses::default()
        };
        let full = "200 samples could not be written: the disk was full";
        let gap = "3 samples were lost: the log has a gap";
        assert_eq!(clauses(&losses), [full, gap]);
        (losses.damaged, losses.damaged_bytes) = (1, 75);
        let damage = "the log is damaged in 1 place, 75 bytes: 3 samples lost";
        assert_eq!(clauses(&losses), [full, damage]);
        (losses.write_errno, losses.unwritten, losses.lost) = (0, 1, 1);
        let unknown = "1 sample could not be written: the log does not say why";
        let none = "the log is damaged in 1 place, 75 bytes: no sample is lost";
        assert_eq!(clauses(&losses), [unknown, none]);
        losses.write_errno = u64::MAX;
        assert_eq!(clauses(&losses)[0], unknown);
    }
}
