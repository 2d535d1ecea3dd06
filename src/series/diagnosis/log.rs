//! Findings about the log: what of the run is missing from it.

use super::super::finding::{by_share, caution, note, Finding};
use super::super::run::Run;
use crate::log::losses::Losses;
use crate::log::record::End;
use crate::system::errno::reason;
use crate::words::counted;
use crate::words::figures::was;
use nix::errno::Errno;

pub(super) fn look(run: &Run, found: &mut Vec<Finding>) {
    let quality = &run.quality;
    let losses = &quality.losses;
    match quality.footer.as_ref().map(|footer| footer.end) {
        None => {
            let text = "The run was cut off: its end is not in the log.";
            found.push(note("cut-off", text));
        }
        // A run that its user ended is as good as any.
        Some(End::Signal) => {
            let text = "The run was ended by a signal.";
            found.push(note("ended-by-signal", text).only_for_its_report());
        }
        Some(End::Failure) => {
            let text = "The recorder failed before the run's end.";
            found.push(caution("recorder-failed", text));
        }
        // The losses tell it.
        Some(End::Duration | End::Unwritten { .. }) => {}
    }
    if quality.missed > 0 {
        let of = run.samples.saturating_add(quality.missed);
        let text = missed(quality.missed, quality.stopped.min(quality.missed), of);
        found.push(by_share("missed-deadlines", quality.missed, of, text));
    }
    found.extend(of_losses(losses));
    if losses.overwritten > 0 {
        let text = overwritten(losses.overwritten);
        found.push(note("log-overwritten", text).count(losses.overwritten));
    }
}

/// It is the same to a reader whether the recorder did it or others.
fn overwritten(intervals: u64) -> String {
    let first = was(intervals, "interval");
    format!(
        "The first {first} dropped from the log: its size was limited, or it was truncated or \
         replaced."
    )
}

fn missed(deadlines: u64, stopped: u64, of: u64) -> String {
    let busy =
        "the machine was too busy, the log's disk did not answer, or the recorder was frozen \
                (cgroup freezer)";
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

/// What a log lacks that was recorded, or holds twice.
fn of_losses(losses: &Losses) -> Vec<Finding> {
    let mut found = Vec::new();
    if losses.unwritten > 0 {
        let samples = counted(losses.unwritten, "sample");
        let text = format!(
            "{samples} could not be written: {}.",
            why(losses.write_errno)
        );
        found.push(caution("log-unwritten", text).count(losses.unwritten));
    }
    let lost = losses.lost_in_the_log();
    if losses.damaged > 0 {
        let text = damaged(losses, lost);
        found.push(caution("log-damaged", text).count(lost.max(losses.damaged)));
    } else if lost > 0 {
        let text = format!("{} lost: the log has a gap.", was(lost, "sample"));
        found.push(caution("log-gap", text).count(lost));
    }
    if losses.headless > 0 {
        let samples = counted(losses.headless, "sample");
        let text = format!("{samples} of another run cannot be read: its header is lost.");
        found.push(caution("log-headless", text).count(losses.headless));
    }
    if losses.repeated > 0 {
        let samples = counted(losses.repeated, "repeated sample");
        let text = format!("{samples} left out: the log contains a copy of a part of itself.");
        found.push(caution("log-repeated", text).count(losses.repeated));
    }
    if let Some(version) = losses.newer {
        let text =
            format!("A part of the log was skipped: it is in version {version} of the format.");
        found.push(caution("log-newer", text));
    }
    found
}

fn damaged(losses: &Losses, lost: u64) -> String {
    let torn = match losses.torn {
        true => "; it ends in the middle of a record",
        false => "",
    };
    let lost = match lost {
        0 => "no sample is".to_owned(),
        some => counted(some, "sample"),
    };
    let places = counted(losses.damaged, "place");
    let bytes = counted(losses.damaged_bytes, "byte");
    format!("The log is damaged in {places}, {bytes}: {lost} lost{torn}.")
}

/// What is missing from a log, in clauses: `log verify` and `log info` use a report's words.
pub(crate) fn clauses(losses: &Losses) -> Vec<String> {
    let clause = |finding: &Finding| {
        let mut letters = finding.text.trim_end_matches('.').chars();
        let first = letters.next().map(|first| first.to_ascii_lowercase());
        first.into_iter().chain(letters).collect()
    };
    of_losses(losses).iter().map(clause).collect()
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

    #[test]
    fn a_beginning_that_is_not_there_may_have_been_taken_by_others() {
        let why = "dropped from the log: its size was limited, or it was truncated or replaced.";
        for (intervals, first) in [
            (1, "The first 1 interval was"),
            (14, "The first 14 intervals were"),
        ] {
            assert_eq!(overwritten(intervals), format!("{first} {why}"));
        }
    }
}
