//! A start that was watched, as a result.

use super::options::{Begin, Watch};
use super::session::Run;
use crate::boot::parts::{Between, Parts};
use crate::boot::tree::Start;
use crate::render::escaped;
use crate::results::{Kind, Measurement};

/// Of so many bytes on the share that is no text says something of the rate.
const ENOUGH_BYTES: u64 = 64;
const GARBAGE_PERCENT: u64 = 30;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WatchVerdict {
    Timed,
    /// The prompt may have come earlier.
    Spoilt,
    NoPrompt,
    Silent,
    /// So many percent of the bytes are no text.
    Garbage(u64),
}

impl WatchVerdict {
    fn of(run: &Run) -> Self {
        let bytes = run.milestones.bytes;
        let percent = (bytes.no_text * 100).checked_div(bytes.all).unwrap_or(0);
        match (run.prompt, &run.spoilt) {
            (Some(_), None) => Self::Timed,
            (Some(_), Some(_)) => Self::Spoilt,
            _ if bytes.all == 0 => Self::Silent,
            _ if bytes.all >= ENOUGH_BYTES && percent >= GARBAGE_PERCENT => Self::Garbage(percent),
            _ => Self::NoPrompt,
        }
    }
}

/// What a run came to.
pub(super) fn result_of(asked: &Watch, run: &Run) -> (Measurement, WatchVerdict) {
    let verdict = WatchVerdict::of(run);
    let mut result = Measurement::of(match asked.restart {
        Some(_) => Kind::BootRestart,
        None => Kind::BootCold,
    });
    let (Some(start), Some(prompt)) = (run.start, run.prompt) else {
        result.reason = "no prompt came".to_owned();
        return (result, verdict);
    };
    let parts = Parts::of(&run.milestones, asked.asked_for(), start, prompt);
    result.source = format!("serial line, {}, {}", from(asked), uncertainty(parts.total));
    result.value = Some(parts.total.middle_ns() / 1000);
    if let Some(why) = &run.spoilt {
        result.value = None;
        result.reason = why.clone();
    }
    for (label, part) in [
        (
            "shutdown",
            parts.shutdown.filter(|_| asked.restart.is_some()),
        ),
        ("firmware", parts.firmware),
        ("kernel", parts.kernel),
        ("userspace", parts.userspace),
    ] {
        if let Some(part) = part {
            result.mark(label, Some(part.middle_ns() / 1000), uncertainty(part));
        }
    }
    for (mark, at_ns) in asked.marks.iter().zip(&run.milestones.marks_ns) {
        let since = at_ns.map(|at| Between::exactly(at).since(start));
        let mut note = since.map_or("did not come".to_owned(), uncertainty);
        if at_ns.is_some() && *at_ns < run.milestones.restarting_ns {
            note += ", in the shutdown";
        }
        result.mark(&mark.name, since.map(|of| of.middle_ns() / 1000), note);
    }
    result.evidence = evidence(run, prompt, &parts);
    (result, verdict)
}

fn evidence(run: &Run, prompt: Between, parts: &Parts) -> Vec<String> {
    let mut evidence = Vec::new();
    if let Some(start) = parts.other_start {
        let (was, other) = match start {
            Start::PowerOn => ("power-on", "restart"),
            Start::Restart => ("restart", "power-on"),
        };
        evidence.push(format!(
            "the boot loader says that this was a {was}, not a {other}"
        ));
    }
    // From the first byte on, or a pattern, the reset is no part of the time.
    let reset_ns = run.milestones.reset.least_ns;
    let before_ns = reset_ns
        .zip(run.start)
        .and_then(|(reset, start)| start.from_ns.checked_sub(reset));
    if let Some(before_ns @ 1..) = before_ns {
        let seconds = before_ns as f64 / 1e9;
        evidence.push(format!(
            "the boot loader's clock began {seconds:.2} s before that"
        ));
    }
    if parts.is_again {
        let note = "it started more than once; firmware to userspace are of the last start";
        evidence.push(note.to_owned());
    }
    if let Some(longest) = run.milestones.holdups.longest() {
        let (name, seconds) = (escaped(&longest.name), longest.took_ns() as f64 / 1e9);
        evidence.push(format!("the shutdown waited {seconds:.2} s for {name}"));
    }
    for (from_ns, to_ns) in &run.gaps {
        let seconds = to_ns.saturating_sub(*from_ns) as f64 / 1e9;
        evidence.push(format!("the port was gone for {seconds:.2} s"));
    }
    if run.answered {
        let seconds = prompt.half_ns() as f64 / 5e8;
        evidence.push(format!(
            "the prompt answered a key; it may have waited {seconds:.2} s"
        ));
    }
    evidence
}

/// Where the time began.
fn from(asked: &Watch) -> &'static str {
    match (&asked.restart, &asked.power_on, &asked.start) {
        (Some(_), _, _) => "from the restart that was typed",
        (None, _, Some(Begin::Pattern(_))) => "from a pattern",
        (None, _, Some(Begin::FirstByte)) => "from the first byte",
        (None, _, Some(Begin::Key)) => "from a key",
        (None, Some(_), None) => "from power-on",
        (None, None, None) => "from the first byte",
    }
}

fn uncertainty(of: Between) -> String {
    format!("+-{:.2} s", of.half_ns() as f64 / 1e9)
}
