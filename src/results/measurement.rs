//! A result: its verdict, its value, and where they come from.

use super::command::{CommandRun, Outcome};
use super::kind::{Kind, Verdict};
use super::ramp::Ramp;

/// A part of a result's value, in the same unit, such as the firmware's share of a boot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub label: String,
    pub value: Option<u64>,
    /// Where it comes from, or why there is none.
    pub note: String,
}

/// A result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measurement {
    pub kind: Kind,
    /// After the start of the run, microseconds.
    pub at_us: u64,
    pub verdict: Verdict,
    pub value: Option<u64>,
    /// Where the value comes from.
    pub source: String,
    /// Why there is no value, or no verdict; empty where there is.
    pub reason: String,
    pub evidence: Vec<String>,
    pub marks: Vec<Mark>,
    /// Of a command that was run.
    pub command: Option<CommandRun>,
    /// Of a change of a ramp.
    pub ramp: Option<Ramp>,
    /// A part of it is missing in the log.
    pub cut: bool,
}

impl Measurement {
    /// One of which nothing is known yet.
    pub(crate) fn of(kind: Kind) -> Self {
        Self {
            kind,
            at_us: 0,
            verdict: Verdict::None,
            value: None,
            source: String::new(),
            reason: String::new(),
            evidence: Vec::new(),
            marks: Vec::new(),
            command: None,
            ramp: None,
            cut: false,
        }
    }

    pub(crate) fn mark(&mut self, label: &str, value: Option<u64>, note: impl Into<String>) {
        self.marks.push(Mark {
            label: label.to_owned(),
            value,
            note: note.into(),
        });
    }

    /// Whether its value counts: a command that failed says nothing of the time.
    pub(crate) fn counts(&self) -> bool {
        let done = Some(Outcome::Status(0));
        self.command.map_or(true, |run| run.outcome == done)
    }
}
