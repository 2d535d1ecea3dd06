//! Findings about the clocks of a run.

use super::super::finding::{caution, note, Finding};
use super::super::run::Run;
use crate::log::record::Synchronised;
use crate::words::counted;
use crate::words::figures::span;

pub(super) fn look(run: &Run, found: &mut Vec<Finding>) {
    let quality = &run.quality;
    if run.header.synchronised == Synchronised::No {
        let text = "The start time may be wrong: the kernel's clock was not synchronised.";
        found.push(note("clock-unsynchronised", text));
    }
    if quality.clock_set > 0 {
        let farthest_ms = quality.farthest_ms;
        let text = was_set(quality.clock_set, quality.stepped_ms, farthest_ms);
        found.push(note("clock-set", text).count(farthest_ms.unsigned_abs()));
    }
    if quality.suspends > 0 {
        let text = format!(
            "The board was suspended {}, for {} in all, which no interval includes.",
            counted(quality.suspends, "time"),
            span(quality.suspended_ms.saturating_mul(1000))
        );
        found.push(caution("board-slept", text).count(quality.suspended_ms));
    }
}

fn was_set(times: u64, by_ms: i64, farthest_ms: i64) -> String {
    let farthest = match farthest_ms.unsigned_abs() > by_ms.unsigned_abs() {
        true => format!(" (at the farthest {})", signed(farthest_ms)),
        false => String::new(),
    };
    format!(
        "The clock was set {} during the run, by {} in all{farthest}: no figure depends on it.",
        counted(times, "time"),
        signed(by_ms)
    )
}

/// How far a clock was set, forward or back.
fn signed(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "+" };
    format!("{sign}{}", span(ms.unsigned_abs().saturating_mul(1000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1970 at first, then 55 years of 365 days on, and back to what it was and 30 min.
    #[test]
    fn a_clock_that_was_set_and_set_back_is_told_as_such() {
        let said = |by_ms, farthest_ms| was_set(2, by_ms, farthest_ms);
        let whole = |far: &str| {
            format!("The clock was set 2 times during the run, by {far}: no figure depends on it.")
        };
        let years = 55 * 365 * 86_400_000;
        assert_eq!(
            said(1_800_000, years),
            whole("+30 min 0 s in all (at the farthest +20075 d 0 h)")
        );
        assert_eq!(
            said(0, -years),
            whole("+0 s in all (at the farthest -20075 d 0 h)")
        );
        assert_eq!(said(-1500, -1500), whole("-1.5 s in all"));
    }
}
