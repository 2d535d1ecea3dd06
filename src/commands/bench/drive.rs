//! Drives a benchmark from where it is to its end, step by step.

use super::commands::{Commands, Failure};
use super::conditions::Conditions;
use super::directory::{Directory, Journal};
use super::judgement::Judgement;
use super::machine::{lacks_room, processes};
use super::measurement::{arguments, finish};
use super::past::past;
use super::software::Software;
use crate::bench::estimate::{self, Past};
use crate::bench::journal::{Line, Outcome, Wear};
use crate::bench::plan::Plan;
use crate::bench::resume::{missing, next, Next};
use crate::bench::steps::{steps, Kind, Step};
use crate::proc::root::Root;
use crate::render::utc;
use crate::system::clock::realtime_ns;
use crate::system::command::Exit;
use crate::words::figures::span;
use std::fs;
use std::io::Write;
use std::time::Duration;

/// A machine that was asked to restart does so within this time.
const RESTART: Duration = Duration::from_secs(900);
/// Repetitions of a run that does not count, where the plan does not say how many.
const AGAIN: u64 = 3;

/// How an attempt ended.
struct Attempt {
    outcome: Outcome,
    /// `None`: its log was not read yet.
    wear: Option<Wear>,
    why: String,
}

impl Attempt {
    fn of(outcome: Outcome, why: impl Into<String>) -> Self {
        Self {
            outcome,
            wear: None,
            why: why.into(),
        }
    }
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    Finished,
    /// Boots in a row have ended nothing.
    Stuck,
}

pub(super) struct Drive<'d> {
    pub(super) plan: &'d Plan,
    pub(super) root: &'d Root,
    pub(super) directory: &'d Directory,
    pub(super) commands: &'d Commands<'d>,
    pub(super) journal: Journal,
    pub(super) software: Software<'d>,
    /// The clock of this boot may be about to be synchronised.
    pub(super) waits_for_clock: bool,
    pub(super) out: &'d mut dyn Write,
}

impl Drive<'_> {
    /// # Errors
    /// If the journal cannot be written: a full disk, for one; or if it is to be resumed, as the
    /// machine is restarting, or a signal came.
    pub(super) fn run(&mut self) -> Result<Course, Failure> {
        let steps = steps(self.plan);
        let again = self.plan.number("again").unwrap_or(AGAIN);
        loop {
            match next(&steps, &self.journal.state, again) {
                Next::Close(step, attempt) => self.close(&step, attempt)?,
                Next::Begin(step, attempt) => {
                    if self.wants_boot(&step) {
                        return self.restart();
                    }
                    self.has_room(&step)?;
                    // Of one whose beginning a damaged journal has lost the log is there.
                    let is_new = |&other: &u64| !self.directory.attempt(&step, other).exists();
                    let attempt = (attempt..=u64::MAX).find(is_new).unwrap_or(attempt);
                    self.tell(&steps, &step, attempt);
                    self.journal.add(&Line::Begin(step.to_string(), attempt))?;
                    let ended = match self.attempt(&step, attempt) {
                        Ok(None) => return Err(Failure::Stopped),
                        Ok(Some(ended)) => ended,
                        Err(Failure::Because(why)) => Attempt::of(Outcome::Failed, why),
                        Err(Failure::Stopped) => {
                            let ended = Attempt::of(Outcome::CutOff, "stopped by a signal");
                            self.end(&step, attempt, ended)?;
                            return Err(Failure::Stopped);
                        }
                    };
                    self.end(&step, attempt, ended)?;
                }
                Next::Stuck => return Ok(Course::Stuck),
                Next::Finished => {
                    // As it was before.
                    match self.software.stop(self.commands) {
                        Err(Failure::Because(why)) => self.say(&why),
                        stopped => stopped?,
                    }
                    self.journal.add(&Line::Done)?;
                    return Ok(Course::Finished);
                }
            }
        }
    }

    /// An attempt that a restart, a power cut or a kill has cut off.
    fn close(&mut self, step: &Step, attempt: u64) -> Result<(), Failure> {
        let ended = match () {
            () if self.directory.log(step).exists() => Attempt::of(Outcome::Counted, ""),
            () if step.kind == Kind::Restart && self.directory.restart().exists() => {
                match self.finish_restart(step, attempt) {
                    Err(Failure::Because(why)) => Attempt::of(Outcome::Failed, why),
                    Err(Failure::Stopped) => return Err(Failure::Stopped),
                    Ok(ended) => ended,
                }
            }
            () => Attempt::of(Outcome::CutOff, "by a restart, a power cut or a kill"),
        };
        self.end(step, attempt, ended)
    }

    fn end(&mut self, step: &Step, attempt: u64, ended: Attempt) -> Result<(), Failure> {
        let Attempt { outcome, wear, why } = ended;
        if outcome != Outcome::Counted {
            self.say(&format!(
                "{step}, attempt {attempt}: {}: {why}",
                outcome.name()
            ));
        }
        let wear = wear.unwrap_or_else(|| {
            let log = match outcome {
                Outcome::Counted => self.directory.log(step),
                _ => self.directory.attempt(step, attempt),
            };
            // There may be none.
            Judgement::of(&log).map_or(Wear::default(), |judgement| judgement.wear)
        });
        let line = Line::End(step.to_string(), attempt, outcome, wear, why);
        Ok(self.journal.add(&line)?)
    }

    /// Makes one attempt; `None`: the machine is restarting.
    fn attempt(&mut self, step: &Step, attempt: u64) -> Result<Option<Attempt>, Failure> {
        if step.kind == Kind::Restart {
            self.forget_restart()?;
        }
        self.software.bring(step.kind.software(), self.commands)?;
        if step.kind == Kind::Install {
            self.software.succeed("install", self.commands)?;
            return Ok(Some(Attempt::of(Outcome::Counted, "")));
        }
        if step.kind == Kind::Ramp {
            self.undo_ramps(step, attempt)?;
        }
        if step.kind != Kind::Restart {
            self.await_conditions(step)?;
        }
        if step.kind == Kind::IpChange {
            // What an attempt before may have left; mostly nothing, which is an error.
            self.commands.own(&["survive", "ip-change", "--undo"])?;
        }
        let output = self.directory.attempt(step, attempt);
        let note = self.directory.restart();
        let (output, note) = (output.to_string_lossy(), note.to_string_lossy());
        let arguments = arguments(self.plan, step, &output, &note);
        if step.kind == Kind::Restart {
            return match self.await_restart(&arguments) {
                Failure::Stopped => Ok(None),
                failure => Err(failure),
            };
        }
        let ended = self.commands.own(&arguments)?;
        match (step.kind, ended.exit) {
            (_, Exit::Status(0)) => {}
            // Measured, and the answer is no.
            (Kind::IpChange | Kind::Firewall | Kind::Ramp, Exit::Status(1)) => {}
            _ => return Err(Failure::because(ended.why())),
        }
        self.judge(step, attempt).map(Some)
    }

    /// Counts the run of an attempt, unless its log says what is wrong with it.
    fn judge(&mut self, step: &Step, attempt: u64) -> Result<Attempt, Failure> {
        let judgement = Judgement::of(&self.directory.attempt(step, attempt))?;
        let wear = Some(judgement.wear);
        if !judgement.invalid.is_empty() {
            return Ok(Attempt {
                wear,
                ..Attempt::of(Outcome::Invalid, judgement.invalid.join(" "))
            });
        }
        for lack in judgement.lacks {
            self.remark(step, format!("no value: {lack}"))?;
        }
        self.directory.count(step, attempt)?;
        Ok(Attempt {
            wear,
            ..Attempt::of(Outcome::Counted, "")
        })
    }

    /// What attempts before have left, one that was killed above all: their containers would
    /// be there before the first step.
    fn undo_ramps(&self, step: &Step, attempt: u64) -> Result<(), Failure> {
        let ramp = self.plan.entry("ramp");
        let time = ramp.and_then(|ramp| ramp.value("step-timeout"));
        for before in (1..attempt).rev() {
            let log = self.directory.attempt(step, before);
            let log = log.to_string_lossy();
            let mut arguments = vec!["ramp", "--undo-of", &log];
            arguments.extend(time.into_iter().flat_map(|time| ["--step-timeout", time]));
            // Mostly there is nothing of it; what cannot be undone, the next ramp meets.
            self.commands.own(&arguments)?;
        }
        Ok(())
    }

    fn await_conditions(&mut self, step: &Step) -> Result<(), Failure> {
        let conditions = Conditions {
            plan: self.plan,
            root: self.root,
            commands: self.commands,
            directory: self.directory,
            waits_for_clock: std::mem::take(&mut self.waits_for_clock),
        };
        if self.journal.state.temperature_mc.is_none() {
            if let Some(milli) = conditions.temperature_mc() {
                self.journal.add(&Line::Temperature(milli))?;
            }
        }
        let lacking = conditions.wait(self.journal.state.temperature_mc)?;
        for lack in lacking {
            self.remark(step, lack)?;
        }
        Ok(())
    }

    fn remark(&mut self, step: &Step, text: String) -> Result<(), Failure> {
        self.say(&format!("{step}: {text}"));
        Ok(self.journal.add(&Line::Remark(step.to_string(), text))?)
    }

    /// # Errors
    /// If it has not: then no attempt would end otherwise.
    fn has_room(&self, step: &Step) -> Result<(), Failure> {
        let needed = estimate::of(
            self.plan,
            std::iter::once(step),
            processes(self.root),
            &Past::default(),
        );
        match lacks_room(self.directory.path(), needed.bytes) {
            Some(lack) => Err(Failure::Because(lack)),
            None => Ok(()),
        }
    }

    /// Whether the machine has to be restarted first.
    fn wants_boot(&self, step: &Step) -> bool {
        self.plan.boots() && step.kind.is_stage() && self.journal.state.is_used
    }

    /// What was asked for before, and has not come, would forbid the next.
    fn forget_restart(&self) -> Result<(), Failure> {
        let note = self.directory.restart();
        let note = note.to_string_lossy();
        self.commands
            .own(&["boot", "restart", "--cancel", "--note", &note])
            .map(drop)
    }

    /// Restarts the machine. In a container, whose boot is its host's, that has to have an end.
    fn restart(&mut self) -> Result<Course, Failure> {
        let note = self.directory.restart();
        let asked = fs::read_to_string(&note).unwrap_or_default();
        self.forget_restart()?;
        let boot = self.journal.state.boot.as_deref();
        if boot.is_some_and(|boot| asked.contains(boot)) {
            return Err(not_restarted());
        }
        let note = note.to_string_lossy();
        self.software.stop(self.commands)?;
        self.say("restarts the board");
        Err(self.await_restart(&["boot", "restart", "--now", "--note", &note]))
    }

    /// Asks for a restart. The signal that ends this process, as it should, may be quicker than
    /// the end of what has asked for that.
    fn await_restart(&self, asks: &[&str]) -> Failure {
        let asked = self.commands.own_succeeds(asks);
        match asked.and_then(|_| self.commands.sleep(RESTART)) {
            Err(failure) => failure,
            Ok(()) => not_restarted(),
        }
    }

    fn finish_restart(&mut self, step: &Step, attempt: u64) -> Result<Attempt, Failure> {
        let note = self.directory.restart();
        let note = note.to_string_lossy();
        self.commands.own_succeeds(&finish(self.plan, &note))?;
        self.judge(step, attempt)
    }

    fn tell(&mut self, steps: &[Step], step: &Step, attempt: u64) {
        let left = missing(steps, &self.journal.state);
        let past = past(self.plan, &self.journal.state);
        let left_s = estimate::of(self.plan, left, processes(self.root), &past).seconds;
        let at = steps.iter().position(|other| other == step).unwrap_or(0) + 1;
        let left = span(left_s.saturating_mul(1_000_000));
        let text = format!(
            "{step}, attempt {attempt} (step {at} of {}); about {left} left",
            steps.len()
        );
        self.say(&text);
    }

    /// Nobody need be there to read it.
    fn say(&mut self, text: &str) {
        let _ = writeln!(self.out, "{} {text}", utc::readable(realtime_ns()));
        let _ = self.out.flush();
    }
}

fn not_restarted() -> Failure {
    Failure::because("the machine has not restarted")
}
