//! Findings about the log in words: what of the run is missing from it.

use super::super::figures::{counted, was};
use crate::log::losses::Losses;
use crate::series::finding::LogFinding;
use crate::system::errno::reason;
use nix::errno::Errno;

pub(crate) fn words(finding: &LogFinding) -> String {
    match *finding {
        LogFinding::CutOff => "The run was cut off: its end is not in the log.".to_owned(),
        LogFinding::EndedBySignal => "The run was ended by a signal.".to_owned(),
        LogFinding::RecorderFailed => "The recorder failed before the run's end.".to_owned(),
        LogFinding::Missed {
            deadlines,
            stopped,
            of,
        } => missed(deadlines, stopped, of),
        LogFinding::Damaged {
            places,
            bytes,
            lost,
            torn,
        } => damaged(places, bytes, lost, torn),
        LogFinding::Unwritten { samples, errno } => {
            let samples = counted(samples, "sample");
            format!("{samples} could not be written: {}.", why(errno))
        }
        LogFinding::Headless(samples) => {
            let samples = counted(samples, "sample");
            format!("{samples} of another run cannot be read: its header is lost.")
        }
        LogFinding::Repeated(samples) => {
            let samples = counted(samples, "repeated sample");
            format!("{samples} left out: the log contains a copy of a part of itself.")
        }
        LogFinding::Gap { lost } => {
            format!("{} lost: the log has a gap.", was(lost, "sample"))
        }
        LogFinding::NewerPart(version) => {
            format!("A part of the log was skipped: it is in version {version} of the format.")
        }
        LogFinding::Overwritten(intervals) => {
            let first = was(intervals, "interval");
            format!(
                "The first {first} dropped from the log: its size was limited, or it was \
                 truncated or replaced."
            )
        }
    }
}

fn missed(deadlines: u64, stopped: u64, of: u64) -> String {
    let busy = "the machine was too busy, or the recorder was frozen (cgroup freezer)";
    let why = match stopped {
        0 => busy.to_owned(),
        all if all == deadlines => "the recorder was stopped (Ctrl-Z, SIGSTOP)".to_owned(),
        some => {
            format!("during {some} of them the recorder was stopped (Ctrl-Z, SIGSTOP), else {busy}")
        }
    };
    let of = counted(of, "deadline");
    format!("{deadlines} of {of} passed without a sample: {why}.")
}

fn damaged(places: u64, bytes: u64, lost: u64, torn: bool) -> String {
    let torn = match torn {
        true => "; it ends in the middle of a record",
        false => "",
    };
    let lost = match lost {
        0 => "no sample is".to_owned(),
        some => counted(some, "sample"),
    };
    let (places, bytes) = (counted(places, "place"), counted(bytes, "byte"));
    format!("The log is damaged in {places}, {bytes}: {lost} lost{torn}.")
}

/// What is missing from a log, in clauses: `log verify` and `log info` use a report's words.
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
        other => reason(other),
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

    /// It is the same to a reader whether the recorder did it or others.
    #[test]
    fn a_beginning_that_is_not_there_may_have_been_taken_by_others() {
        let why = "dropped from the log: its size was limited, or it was truncated or replaced.";
        for (intervals, first) in [
            (1, "The first 1 interval was"),
            (14, "The first 14 intervals were"),
        ] {
            assert_eq!(
                words(&LogFinding::Overwritten(intervals)),
                format!("{first} {why}")
            );
        }
    }
}
