//! A ramp beside its recording: runs what is due, takes the samples, tells the changes.

use super::orders::{may_pass, processes_stay, Orders, Running, AGAIN};
use super::words::{self, told};
use crate::commands::outcome::{complain, Status};
use crate::commands::record::{Beside, Recorder};
use crate::log::fields::{memory, pressure, storage, vmstat};
use crate::ramp::course::{Change, Course, Order, Task};
use crate::ramp::ends::{Ends, Reading};
use crate::ramp::memory::CgroupMemory;
use crate::recording::{LastLine, Recording};
use crate::render::counted;
use crate::render::results::outcome;
use crate::results::{Cause, CommandRun, Outcome, Phase, Ramp, RampChange, RAMP_ROOM};
use crate::system::clock::boottime_ns;
use crate::system::{endure, process};

/// One that even SIGKILL does not end, as it waits for a disk, is given up after this time.
const PATIENCE_NS: u64 = 5_000_000_000;

pub(super) struct Drive<'o> {
    orders: &'o Orders<'o>,
    lines: [&'o str; 3],
    course: Course,
    ends: Ends,
    memory: Option<CgroupMemory>,
    quiet: bool,
    running: Option<Running<'o>>,
    /// No undo could be started since then.
    none_since_ns: Option<u64>,
    last_line: LastLine,
    /// How the last command ended that failed.
    failed: Option<Outcome>,
    /// Available memory in the last sample, KiB.
    available_kib: Option<u64>,
    /// Runs of the probe that have ended.
    probed: u64,
    /// Why it ended, in numbers.
    evidence: String,
    /// The first undo that failed.
    not_undone: String,
    is_begun: bool,
}

impl<'o> Drive<'o> {
    pub(super) fn new(
        orders: &'o Orders<'o>,
        lines: [&'o str; 3],
        course: Course,
        ends: Ends,
        memory: Option<CgroupMemory>,
        quiet: bool,
    ) -> Self {
        Self {
            orders,
            lines,
            course,
            ends,
            memory,
            quiet,
            running: None,
            none_since_ns: None,
            last_line: LastLine::default(),
            failed: None,
            available_kib: None,
            probed: 0,
            evidence: String::new(),
            not_undone: String::new(),
            is_begun: false,
        }
    }

    /// The status of the whole; tells what is left.
    pub(super) fn said_last(&self, status: Status) -> Status {
        let (begun, held) = self.course.numbers();
        let left = self.course.left();
        if left == 0 && self.is_begun && processes_stay() {
            complain("processes that a step started still run: --undo did not end them");
        }
        if left > 0 {
            complain(&format!(
                "{left} of {} could not be undone: {}",
                counted(begun, "container"),
                self.not_undone
            ));
        }
        let cause = self.course.cause();
        let is_none = held.is_none() || cause == Some(Cause::StepFailed) && held == Some(0);
        if is_none && cause.is_some() {
            let ended = words::ended(cause, (0, held), &self.evidence);
            complain(&format!("nothing was measured: {ended}"));
        }
        match left > 0 || is_none {
            true => Status::Partly,
            false => status,
        }
    }

    fn end(&mut self, cause: Cause, evidence: String) {
        if self.course.cause().is_none() {
            self.evidence = evidence;
            self.course.end(cause);
        }
        self.kill_for_end();
    }

    /// What was begun before the end is of no use any more.
    fn kill_for_end(&mut self) {
        if let Some(running) = &mut self.running {
            if running.task.order != Order::Undo && self.course.cause().is_some() {
                running.kill();
            }
        }
    }

    fn reading(&mut self, recording: &mut Recording<'_>) -> Reading {
        let missed = recording.missed_running();
        let machine = recording.sampler().machine();
        let of_machine = machine.group(memory::ID).and_then(memory::available);
        Reading {
            at_ns: boottime_ns(),
            available_kib: match &mut self.memory {
                Some(cgroup) => cgroup.available_kib(),
                None => of_machine,
            },
            oom_kills: machine.value(vmstat::ID, vmstat::OOM_KILL),
            full_us: machine.value(pressure::ID, pressure::MEMORY_FULL_US),
            missed,
        }
    }

    fn take_sample(&mut self, reading: &Reading) {
        self.available_kib = reading.available_kib;
        let Some(cause) = self.ends.sample(reading) else {
            return;
        };
        let evidence = words::evidence(cause, &self.ends.limits, reading);
        self.end(cause, evidence);
    }

    /// Takes the run of the probe that has ended since the last sample; returns how many
    /// have.
    fn take_probe(&mut self, recording: &Recording<'_>) -> u64 {
        let last = recording.last_probe();
        let ended = last.number - std::mem::replace(&mut self.probed, last.number);
        let Some(how) = last.outcome.filter(|_| ended > 0) else {
            return 0;
        };
        if self.course.numbers().0 == 0 {
            self.ends.learn(how, last.took_us);
        }
        if let Some(cause) = self.ends.probe(how, last.took_us) {
            let seconds = last.took_us.unwrap_or(0) as f64 / 1e6;
            self.end(cause, format!("{}, {seconds:.2} s", outcome(how)));
        }
        ended
    }

    /// Runs what is due, and tells what has changed.
    fn advance(&mut self, recorder: &mut Recorder<'_>) {
        loop {
            let now = boottime_ns();
            let task = match self.running {
                None => self.course.task(now),
                Some(_) => None,
            };
            // A step is on the disk before it is begun.
            while let Some(change) = self.course.next_change() {
                self.tell(change, recorder);
            }
            let Some(task) = task else {
                return;
            };
            self.last_line.clear();
            let since = self.none_since_ns.unwrap_or(now);
            match self.orders.start(task) {
                Err(errno)
                    if task.order == Order::Undo
                        && may_pass(errno)
                        && now < since.saturating_add(task.time_ns) =>
                {
                    self.none_since_ns = Some(since);
                    return;
                }
                Ok(child) => {
                    self.none_since_ns = None;
                    self.running = Some(Running {
                        task,
                        child,
                        until_ns: now.saturating_add(task.time_ns),
                        killed_ns: None,
                    });
                    return;
                }
                Err(errno) => {
                    let errno = (errno as i32).unsigned_abs();
                    self.ran(task, Outcome::NotStarted(errno), now);
                }
            }
        }
    }

    fn ran(&mut self, task: Task, how: Outcome, now: u64) {
        self.last_line.end();
        let well = how == Outcome::Status(0);
        self.failed = (!well).then_some(how);
        if self.course.cause().is_none() {
            // Of one that failed, until it succeeds: it may be what ends the ramp.
            let before = std::mem::take(&mut self.evidence);
            if !well {
                self.evidence = format!("{}{}", outcome(how), told(self.last_line.text()));
            }
            // Its time may be over while it is asked again: what it said before tells why.
            if how == Outcome::TimedOut && !before.is_empty() && before != self.evidence {
                self.evidence += &format!(" (before: {before})");
            }
        }
        self.course.ran(task, well, how == Outcome::TimedOut, now);
    }

    /// Takes what the command has written, and its end; returns whether there may be more.
    fn look_after(&mut self) -> bool {
        let Some(running) = &mut self.running else {
            return false;
        };
        let now = boottime_ns();
        let last_line = &mut self.last_line;
        let is_more = running.child.read(&mut |piece| last_line.take(piece));
        let ended = running.child.poll(&mut |piece| last_line.take(piece));
        let how = match (ended, running.killed_ns) {
            (Some(_), Some(_)) => Outcome::TimedOut,
            (Some(ended), None) => ended.exit.into(),
            (None, None) => {
                if now >= running.until_ns {
                    running.kill();
                }
                return is_more;
            }
            (None, Some(killed)) if now < killed.saturating_add(PATIENCE_NS) => return is_more,
            (None, Some(_)) => Outcome::TimedOut,
        };
        if let Some(Running { task, child, .. }) = self.running.take() {
            if ended.is_none() {
                child.forget();
            }
            self.ran(task, how, now);
        }
        false
    }

    /// Writes a change, and then tells it.
    fn tell(&mut self, change: Change, recorder: &mut Recorder<'_>) {
        let Change { value, ramp } = change;
        let run = self.failed.filter(|_| ramp.phase == Phase::Undone);
        let failure = run.map(|how| format!("{}{}", outcome(how), told(self.last_line.text())));
        let evidence = match (&failure, ramp.phase) {
            (Some(failure), _) => failure,
            (None, Phase::Ended) => &self.evidence,
            _ => "",
        };
        let number = value.unwrap_or(0);
        let is_left = |how: &Outcome| self.course.is_left(number, *how == Outcome::TimedOut);
        self.write(ramp, value, run.filter(is_left), evidence, &[], recorder);
        if ramp.phase == Phase::Held && value == Some(0) {
            self.ends.has_learnt();
        }
        if ramp.phase == Phase::Window {
            recorder.recording().sampler().read_all_moved();
        }
        let message = match ramp.phase {
            Phase::Held if !self.quiet => {
                let mib = self.available_kib.unwrap_or(0) as f64 / 1024.0;
                format!(
                    "{} ready, {mib:.1} MiB available",
                    counted(number, "container")
                )
            }
            Phase::Ended => words::ended(ramp.cause, self.course.numbers(), &self.evidence),
            Phase::Undone => {
                let Some(failure) = failure else {
                    return;
                };
                let message = format!("container {number} could not be undone: {failure}");
                if self.not_undone.is_empty() {
                    self.not_undone = format!("container {number}: {failure}");
                }
                message
            }
            _ => return,
        };
        recorder.display().say(&message);
    }

    fn write(
        &self,
        ramp: Ramp,
        value: Option<u64>,
        run: Option<Outcome>,
        evidence: &str,
        commands: &[(&str, &str)],
        recorder: &mut Recorder<'_>,
    ) {
        let mut room = [0; RAMP_ROOM];
        recorder.telling(|recording, notify| {
            let change = RampChange {
                at_us: recording.since_us(boottime_ns()),
                value,
                ramp,
                run: run.map(|how| CommandRun {
                    outcome: Some(how),
                    ..CommandRun::default()
                }),
                evidence,
                commands,
            };
            recording.result(change.part(&mut room), notify);
        });
    }
}

impl Beside for Drive<'_> {
    fn begin(&mut self, recorder: &mut Recorder<'_>) -> bool {
        process::adopt_orphans();
        self.orders.announce();
        let is_locked = endure::lock_memory();
        let machine = recorder.recording().sampler().machine();
        let place = [
            (
                storage::LOG_IN_MEMORY,
                "in memory, which is measured, and lost with it",
            ),
            (storage::LOG_ON_ROOT, "on the disk of /, which is measured"),
        ];
        let is_so = |(field, _): &(usize, _)| machine.value(storage::ID, *field) == Some(1);
        if let Some((_, place)) = place.into_iter().find(is_so) {
            recorder.display().say(&format!("the log lies {place}"));
        }
        let [step, ready, undo] = self.lines;
        let commands = [("step", step), ("ready", ready), ("undo", undo)];
        let begun = Ramp {
            phase: Phase::Begun,
            ready: 0,
            cause: None,
        };
        self.write(begun, Some(0), None, "", &commands, recorder);
        self.is_begun = true;
        is_locked
    }

    fn sampled(&mut self, recorder: &mut Recorder<'_>) {
        let running = self.running.as_ref().map(|running| running.task.order);
        self.orders.drain(running);
        let recording = recorder.recording();
        let reading = self.reading(recording);
        let probed = self.take_probe(recording);
        self.take_sample(&reading);
        self.course.sample(reading.at_ns, probed);
        self.advance(recorder);
    }

    fn look(&mut self, recorder: &mut Recorder<'_>) -> bool {
        let is_more = self.look_after();
        let own = self.running.as_ref().map(|running| running.child.pid());
        process::reap_orphans(&[own, recorder.recording().probe_pid()]);
        self.advance(recorder);
        is_more
    }

    fn wakes_ns(&self) -> Option<u64> {
        match &self.running {
            None if self.none_since_ns.is_some() => Some(boottime_ns() + AGAIN.as_nanos() as u64),
            None => self.course.wakes_ns(),
            Some(running) => Some(match running.killed_ns {
                None => running.until_ns,
                Some(killed) => killed.saturating_add(PATIENCE_NS),
            }),
        }
    }

    fn outlives_signal(&mut self, recorder: &mut Recorder<'_>) -> bool {
        if !self.is_begun {
            return false;
        }
        self.end(Cause::Signal, String::new());
        self.advance(recorder);
        true
    }

    fn is_over(&self) -> bool {
        self.course.is_finished() && self.running.is_none()
    }
}
