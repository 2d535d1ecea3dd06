//! A probe: a command that is run now and then beside the sampling, and timed.

use super::last_line::LastLine;
use super::notice::{Listener, Notice, ProbeNotice};
use crate::results::{self, CommandRun, Outcome};
use crate::system::clock::boottime_ns;
use crate::system::command::{Child, Command};
use std::time::Duration;

/// How long the end of the recording waits for a probe that it has killed.
const PATIENCE: Duration = Duration::from_secs(1);

/// When a probe is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    pub every_ns: u64,
    /// A run that takes longer is killed, with its process group.
    pub time_out_ns: u64,
}

/// How the last run of a probe went, and how many have ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct LastRun {
    pub(crate) number: u64,
    pub(crate) outcome: Option<Outcome>,
    /// `None`: it could not be started.
    pub(crate) took_us: Option<u64>,
}

pub struct Probe<'c> {
    command: &'c Command,
    line: String,
    schedule: Schedule,
    /// The start of the recording, and when the next run is due; CLOCK_BOOTTIME.
    start_ns: u64,
    due_ns: u64,
    running: Option<Child<'c>>,
    /// What the running one was killed for.
    killed: Option<Outcome>,
    is_first: bool,
    missed: u64,
    last_line: LastLine,
    /// The run that has ended, until it is written.
    ended: Option<End>,
    /// A failed run was told of already.
    failure_is_told: bool,
    last: LastRun,
}

/// A run that has ended, as in [`results::Ended`].
struct End {
    at_us: u64,
    took_us: Option<u64>,
    run: CommandRun,
}

impl<'c> Probe<'c> {
    /// `line`: the command, as the log tells of it. The first run is due at `start_ns`.
    pub fn new(command: &'c Command, line: &str, schedule: Schedule, start_ns: u64) -> Self {
        Self {
            command,
            line: line.to_owned(),
            schedule,
            start_ns,
            due_ns: start_ns,
            running: None,
            killed: None,
            is_first: true,
            missed: 0,
            last_line: LastLine::default(),
            ended: None,
            failure_is_told: false,
            last: LastRun::default(),
        }
    }

    /// Starts a run if one is due and none is running: best after a sample, when the next
    /// is far.
    pub(super) fn begin(&mut self, notify: &mut Listener<'_>) {
        let now = boottime_ns();
        if now < self.due_ns {
            return;
        }
        let every = self.schedule.every_ns.max(1);
        self.due_ns = now - (now - self.start_ns) % every + every;
        if self.running.is_some() {
            self.missed += 1;
            if self.missed == 1 {
                notify(Notice::Probe(ProbeNotice::StillRuns));
            }
            return;
        }
        self.last_line.clear();
        (self.missed, self.killed) = (0, None);
        match self.command.start() {
            Ok(child) => self.running = Some(child),
            Err(errno) => {
                let outcome = Outcome::NotStarted((errno as i32).unsigned_abs());
                self.end(now, None, outcome, 0, notify);
            }
        }
    }

    /// Takes what the run has written, and its end; kills it at its time-out. Returns
    /// whether there may be more to read.
    pub(super) fn look(&mut self, notify: &mut Listener<'_>) -> bool {
        let wake_ns = self.wake_ns();
        let Some(child) = &mut self.running else {
            return false;
        };
        let last_line = &mut self.last_line;
        let mut is_more = child.read(&mut |piece| last_line.take(piece));
        if let Some(ended) = child.poll(&mut |piece| last_line.take(piece)) {
            let started_ns = child.started_ns();
            let took_us = ended.at_ns.saturating_sub(started_ns) / 1000;
            let outcome = self.killed.take().unwrap_or(ended.exit.into());
            self.running = None;
            self.end(started_ns, Some(took_us), outcome, ended.cpu_us, notify);
            is_more = false;
        } else if wake_ns.is_some_and(|wake_ns| wake_ns <= boottime_ns()) {
            child.kill_group();
            self.killed = Some(Outcome::TimedOut);
        }
        is_more
    }

    pub(super) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.running.as_ref().map(Child::pid)
    }

    pub(super) fn last(&self) -> LastRun {
        self.last
    }

    /// When a run must be killed.
    pub(super) fn wake_ns(&self) -> Option<u64> {
        let running = self.running.as_ref().filter(|_| self.killed.is_none())?;
        Some(
            running
                .started_ns()
                .saturating_add(self.schedule.time_out_ns),
        )
    }

    /// Kills what is running: the recording ends.
    pub(super) fn stop(&mut self, notify: &mut Listener<'_>) {
        let Some(child) = &self.running else {
            return;
        };
        child.kill_group();
        self.killed.get_or_insert(Outcome::Stopped);
        notify(Notice::Probe(ProbeNotice::Stopped));
        let until = boottime_ns().saturating_add(PATIENCE.as_nanos() as u64);
        while self.running.is_some() && boottime_ns() < until {
            self.look(notify);
            std::thread::sleep(Duration::from_millis(1));
        }
        if let Some(child) = self.running.take() {
            let started_ns = child.started_ns();
            child.forget();
            let took_us = boottime_ns().saturating_sub(started_ns) / 1000;
            self.end(started_ns, Some(took_us), Outcome::Stopped, 0, notify);
        }
    }

    fn end(
        &mut self,
        at_ns: u64,
        took_us: Option<u64>,
        outcome: Outcome,
        cpu_us: u64,
        notify: &mut Listener<'_>,
    ) {
        self.last_line.end();
        let is_failure = !matches!(outcome, Outcome::Status(0) | Outcome::Stopped);
        if is_failure && !std::mem::replace(&mut self.failure_is_told, true) {
            let failed = ProbeNotice::Failed(outcome, self.last_line.text());
            notify(Notice::Probe(failed));
        }
        self.last = LastRun {
            number: self.last.number + 1,
            outcome: Some(outcome),
            took_us,
        };
        self.ended = Some(End {
            at_us: at_ns.saturating_sub(self.start_ns) / 1000,
            took_us,
            run: CommandRun {
                outcome: Some(outcome),
                cpu_us,
                is_first: std::mem::take(&mut self.is_first),
                missed: self.missed,
            },
        });
    }

    /// The run that has ended since this was last asked.
    pub(super) fn take_ended(&mut self) -> Option<results::Ended<'_>> {
        let End {
            at_us,
            took_us,
            run,
        } = self.ended.take()?;
        Some(results::Ended {
            at_us,
            took_us,
            run,
            command: &self.line,
            last_line: self.last_line.text(),
        })
    }
}
