//! The journal of a benchmark: a line for what begins and what ends, each on the disk before
//! anything else happens. What was done, and what was cut off, is the sum of its lines.
//!
//! A line that a power cut has torn has no end, and counts for nothing; nor does one that
//! cannot be read.

use super::moment::seconds;
use crate::typed::words::{self, quote};
use std::fmt;

/// How an attempt at a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Counted,
    /// It measured something else than it should.
    Invalid,
    /// It did not measure anything.
    Failed,
    /// By a restart, a power cut, or a signal.
    CutOff,
}

impl Outcome {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Counted, "counted"),
        (Self::Invalid, "invalid"),
        (Self::Failed, "failed"),
        (Self::CutOff, "cut-off"),
    ];

    pub(crate) fn name(self) -> &'static str {
        let mut all = Self::ALL.iter();
        all.find(|(outcome, _)| *outcome == self)
            .map_or("", |(_, name)| name)
    }

    fn of(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter();
        all.find(|(_, other)| *other == name)
            .map(|(outcome, _)| *outcome)
    }
}

/// Bytes that a run has written to its log, and that the log's disk was written to meanwhile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wear {
    pub(crate) own: u64,
    pub(crate) disk: u64,
}

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    /// It belongs to this machine.
    Machine(String),
    /// Somebody, or the init, has begun or resumed it in this boot.
    Boot(String),
    /// Thousandths of a degree before the first run.
    Temperature(i64),
    /// An attempt at a step, from 1.
    Begin(String, u64),
    /// What was not as it should be before it.
    Remark(String, String),
    End(String, u64, Outcome, Wear, String),
    /// All is done that could be.
    Done,
}

impl Line {
    pub(crate) fn parse(words: &[words::Word]) -> Option<Self> {
        let words: Vec<&str> = words.iter().map(|word| &word.text[..]).collect();
        let number = |text: &str| text.parse().ok();
        Some(match &words[..] {
            [_, "machine", id] => Self::Machine((*id).to_owned()),
            [_, "boot", id] => Self::Boot((*id).to_owned()),
            [_, "temperature", milli] => Self::Temperature(milli.parse().ok()?),
            [_, "begin", step, attempt] => Self::Begin((*step).to_owned(), number(attempt)?),
            [_, "remark", step, text] => Self::Remark((*step).to_owned(), (*text).to_owned()),
            [_, "end", step, attempt, outcome, own, disk, why] => Self::End(
                (*step).to_owned(),
                number(attempt)?,
                Outcome::of(outcome)?,
                Wear {
                    own: number(own)?,
                    disk: number(disk)?,
                },
                (*why).to_owned(),
            ),
            [_, "done"] => Self::Done,
            _ => return None,
        })
    }
}

/// Without the moment, which is its first word.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Machine(id) => write!(f, "machine {}", quote(id)),
            Self::Boot(id) => write!(f, "boot {}", quote(id)),
            Self::Temperature(milli) => write!(f, "temperature {milli}"),
            Self::Begin(step, attempt) => write!(f, "begin {step} {attempt}"),
            Self::Remark(step, text) => write!(f, "remark {step} {}", quote(text)),
            Self::End(step, attempt, outcome, wear, why) => write!(
                f,
                "end {step} {attempt} {} {} {} {}",
                outcome.name(),
                wear.own,
                wear.disk,
                quote(why)
            ),
            Self::Done => f.write_str("done"),
        }
    }
}

/// What the attempts at a step have come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tries {
    pub(crate) step: String,
    /// The last attempt's number.
    pub(crate) last: u64,
    /// It was begun, and has no end.
    pub(crate) is_open: bool,
    pub(crate) is_counted: bool,
    /// Those that were invalid, or failed.
    pub(crate) bad: u64,
    /// How long the one that counts took, with what came before it: a restart of the board.
    pub(crate) took_s: Option<u64>,
}

/// What was remarked upon, and of which steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remark {
    pub(crate) text: String,
    pub(crate) steps: Vec<String>,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.steps.join(", "), self.text)
    }
}

/// What a journal says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) machine: Option<String>,
    pub(crate) boot: Option<String>,
    pub(crate) temperature_mc: Option<i64>,
    /// In this boot a step was begun, or the benchmark itself.
    pub(crate) is_used: bool,
    /// Boots in a row in which no attempt has come to an end of its own.
    pub(crate) idle_boots: u64,
    pub(crate) tries: Vec<Tries>,
    /// Each attempt that does not count, with its reason; and what was not as it should be.
    pub(crate) remarks: Vec<Remark>,
    pub(crate) wear: Wear,
    pub(crate) done: bool,
    /// Since when the next step is on; seconds since 1970.
    pub(crate) since_s: Option<u64>,
}

impl State {
    // The end is where a newline was found.
    #[allow(clippy::indexing_slicing)]
    pub(crate) fn of(text: &[u8]) -> Self {
        let mut state = Self::default();
        let whole = text.iter().rposition(|&byte| byte == b'\n');
        let text = whole.map_or(&[][..], |end| &text[..end]);
        for (_, words) in words::lines(text) {
            let words = words.unwrap_or_default();
            if let Some(line) = Line::parse(&words) {
                state.take(&line, words.first().and_then(|word| seconds(&word.text)));
            }
        }
        state
    }

    /// A line of this moment, in seconds since 1970.
    // It counts lines.
    #[allow(clippy::arithmetic_side_effects)]
    pub(crate) fn take(&mut self, line: &Line, at_s: Option<u64>) {
        // The boot's line is the first of what is done.
        let is_first = matches!(line, Line::Machine(_));
        self.since_s = self.since_s.or(at_s.filter(|_| !is_first));
        match line {
            Line::Machine(id) => self.machine = Some(id.clone()),
            Line::Boot(id) => {
                let is_new = self.boot.as_ref() != Some(id);
                self.idle_boots += u64::from(is_new);
                self.is_used = self.boot.is_none() || self.is_used && !is_new;
                self.boot = Some(id.clone());
            }
            Line::Temperature(milli) => self.temperature_mc = Some(*milli),
            Line::Begin(step, attempt) => {
                self.is_used = true;
                let tries = self.of_step(step);
                tries.last = tries.last.max(*attempt);
                tries.is_open = true;
            }
            Line::Remark(step, text) => self.remark(step, text.clone()),
            Line::End(step, attempt, outcome, wear, why) => {
                // Nobody knows how long it lay after it was cut off.
                let next = at_s.filter(|_| *outcome != Outcome::CutOff);
                let since_s = std::mem::replace(&mut self.since_s, next);
                let tries = self.of_step(step);
                tries.last = tries.last.max(*attempt);
                tries.is_open = false;
                if *outcome == Outcome::Counted {
                    tries.is_counted = true;
                    let took = at_s.zip(since_s);
                    tries.took_s = took.and_then(|(end, begin)| end.checked_sub(begin));
                }
                tries.bad += u64::from(matches!(outcome, Outcome::Invalid | Outcome::Failed));
                if *outcome != Outcome::Counted {
                    let name = outcome.name();
                    self.remark(step, format!("attempt {attempt}: {name}: {why}"));
                }
                self.wear.own = self.wear.own.saturating_add(wear.own);
                self.wear.disk = self.wear.disk.saturating_add(wear.disk);
                if *outcome != Outcome::CutOff {
                    self.idle_boots = 0;
                }
            }
            Line::Done => self.done = true,
        }
    }

    // The place was found among the remarks.
    #[allow(clippy::indexing_slicing)]
    fn remark(&mut self, step: &str, text: String) {
        let at = self.remarks.iter().position(|remark| remark.text == text);
        match at.map(|at| &mut self.remarks[at].steps) {
            Some(steps) if steps.iter().any(|other| other == step) => {}
            Some(steps) => steps.push(step.to_owned()),
            None => self.remarks.push(Remark {
                text,
                steps: vec![step.to_owned()],
            }),
        }
    }

    // It was found there, or is the last, just now pushed.
    #[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
    fn of_step(&mut self, step: &str) -> &mut Tries {
        let at = self.tries.iter().position(|tries| tries.step == step);
        let at = at.unwrap_or_else(|| {
            self.tries.push(Tries {
                step: step.to_owned(),
                ..Tries::default()
            });
            self.tries.len() - 1
        });
        &mut self.tries[at]
    }

    pub(crate) fn tries(&self, step: &str) -> Option<&Tries> {
        self.tries.iter().find(|tries| tries.step == step)
    }
}

#[cfg(test)]
#[path = "journal/tests.rs"]
mod tests;
