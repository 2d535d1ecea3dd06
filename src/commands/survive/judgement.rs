//! What came of a change, as a result of the log and as text.

use crate::render::boot::seconds;
use crate::render::escaped;
use crate::results::{Kind, Measurement, Verdict};
use crate::survive::checks::{Judged, Lack};
use crate::survive::session::Stop;
use std::io::{self, Write};

/// How the product took it.
#[derive(Debug, Default)]
pub(super) struct Judgement {
    /// Whether it stays up, and what its checks have answered.
    pub(super) stays: Option<(Judged, Vec<String>)>,
    /// Whether it comes back after a restart; the command.
    pub(super) restarted: Option<(Judged, Vec<String>)>,
    pub(super) stop: Option<Stop>,
    /// What did not go as it should.
    pub(super) notes: Vec<String>,
}

impl Judgement {
    /// The one that counts: after a restart, where there was one.
    fn last(&self) -> Option<&Judged> {
        let last = self.restarted.as_ref().or(self.stays.as_ref());
        last.map(|(judged, _)| judged)
    }

    /// Whether a journal may tell why the product does not work.
    pub(super) fn needs_cause(&self) -> bool {
        let lack = match self.last() {
            Some(Judged::Failed { lack, .. }) => *lack,
            _ => return false,
        };
        self.stop.is_none() && lack == Lack::Unhealthy
    }

    fn verdict(&self) -> Verdict {
        match (&self.stop, self.last()) {
            (None, Some(Judged::Stable { .. })) => Verdict::Yes,
            (None, Some(Judged::Failed { lack, .. })) if *lack != Lack::NotKnown => Verdict::No,
            _ => Verdict::NotMeasured,
        }
    }

    /// The result, of which `what` tells the change.
    pub(super) fn result(
        &self,
        what: &str,
        managers: &[String],
        cause: Option<&str>,
    ) -> Measurement {
        let mut result = Measurement::of(Kind::IpChange);
        result.verdict = self.verdict();
        result.source = what.to_owned();
        match (&self.stop, self.last()) {
            (Some(stop), _) => result.reason = reason(stop, managers),
            (None, Some(Judged::Stable { outage_ns, .. })) => result.value = Some(outage_ns / 1000),
            (
                None,
                Some(Judged::Failed {
                    lack: Lack::NotKnown,
                    why,
                    ..
                }),
            ) => {
                result.reason.clone_from(why);
            }
            (None, Some(Judged::Failed { outage_ns, why, .. })) => {
                result.value = Some(outage_ns / 1000);
                result.source = format!("{what}: {}", cause.unwrap_or(why));
            }
            (None, None) => {}
        }
        if let Some(cause) = cause {
            result.evidence.push(format!("cause: {cause}"));
        }
        for (label, verdict) in [
            ("stays up", &self.stays),
            ("after a restart", &self.restarted),
        ] {
            if let Some((judged, answers)) = verdict {
                let (outage_ns, note) = note(judged);
                result.mark(label, Some(outage_ns / 1000), note);
                let told = answers.iter().map(|answer| format!("{label}: {answer}"));
                result.evidence.extend(told);
            }
        }
        result.evidence.extend(self.notes.iter().cloned());
        let managed = managers
            .iter()
            .map(|manager| format!("the interface is managed by {manager}"));
        result.evidence.extend(managed);
        result
    }
}

/// How long a trial's outage was, in nanoseconds, and how it ended.
fn note(judged: &Judged) -> (u64, String) {
    let (outage_ns, answer, why) = match judged {
        Judged::Stable { outage_ns, .. } => (outage_ns, "yes", "length of the outage"),
        Judged::Failed {
            outage_ns,
            why,
            lack: Lack::NotKnown,
        } => (outage_ns, "not known", &**why),
        Judged::Failed { outage_ns, why, .. } => (outage_ns, "no", &**why),
    };
    (*outage_ns, format!("{answer}: {why}"))
}

/// Why nothing was measured.
fn reason(stop: &Stop, managers: &[String]) -> String {
    let who = match managers {
        [] => "somebody".to_owned(),
        managers => managers.join(" or "),
    };
    let (who, what) = match stop {
        Stop::Signal => ("", "ended by a signal"),
        Stop::DeadMan => ("", "the process that would have rolled back was killed"),
        Stop::Returned => (&*who, " put the old address back"),
        Stop::Gone => (&*who, " took the new address away"),
        Stop::Down => (&*who, " put the interface down"),
    };
    [who, what].concat()
}

/// Writes it.
///
/// # Errors
/// Those of `out`.
pub(super) fn show(out: &mut dyn Write, result: &Measurement) -> io::Result<()> {
    let verdict = match result.verdict {
        Verdict::Yes => "Survives: yes",
        Verdict::No => "Survives: no",
        Verdict::NotMeasured | Verdict::None => "Survives: not measured",
    };
    match result.reason.is_empty() {
        true => writeln!(out, "{verdict} ({})", escaped(result.source.as_bytes()))?,
        false => writeln!(out, "{verdict}: {}", escaped(result.reason.as_bytes()))?,
    }
    for mark in &result.marks {
        let value = mark.value.map(seconds).unwrap_or_default();
        let note = escaped(mark.note.as_bytes());
        writeln!(out, "  {:<16}{value:>8} s  {note}", mark.label)?;
    }
    let mut evidence = result.evidence.iter();
    evidence.try_for_each(|line| writeln!(out, "  {}", escaped(line.as_bytes())))
}
