//! What a ramp does next: window, step, wait, settle, window, and so on; at its end undo.

use crate::results::{Cause, Phase, Ramp};

/// Between two looks at whether a container is ready.
const AGAIN_NS: u64 = 1_000_000_000;

/// How a ramp goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rules {
    /// Of a window.
    pub(crate) samples: u64,
    /// Runs of the probe in it.
    pub(crate) probes: u64,
    pub(crate) settle_ns: u64,
    /// For a step and until its container is ready, and for each other command.
    pub(crate) time_out_ns: u64,
    pub(crate) most: u64,
    /// Whether each container is ready is asked, not of all at once.
    pub(crate) asks_each: bool,
}

/// One of the three commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Step,
    Ready,
    Undo,
}

/// A command to be run: for which container, and for how long at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) order: Order,
    pub(crate) of: u64,
    pub(crate) time_ns: u64,
}

/// A change to be told: its container or count, and how far the ramp is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) value: Option<u64>,
    pub(crate) ramp: Ramp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// So many samples and probes are still due.
    Window {
        samples: u64,
        probes: u64,
    },
    Step,
    /// The step failed: the next sample may tell that the board is why.
    Failed(Cause),
    /// Whether the container is ready is asked from then on.
    Wait {
        from_ns: u64,
    },
    Settle {
        until_ns: u64,
    },
    /// Whether this one is ready still is asked from then on; `again`: it was not.
    Check {
        of: u64,
        from_ns: u64,
        again: bool,
    },
    Undo {
        of: u64,
    },
    Finished,
}

#[derive(Debug)]
pub(crate) struct Course {
    rules: Rules,
    /// Containers that were begun.
    n: u64,
    /// The last number at which all were ready.
    held: Option<u64>,
    ready: u64,
    doing: Doing,
    /// When the container must be ready.
    deadline_ns: u64,
    cause: Option<Cause>,
    /// Containers that could not be undone.
    left: u64,
    changes: Vec<Change>,
}

impl Course {
    pub(crate) fn new(rules: Rules) -> Self {
        let mut course = Self {
            rules,
            n: 0,
            held: None,
            ready: 0,
            doing: Doing::Finished,
            deadline_ns: 0,
            cause: None,
            left: 0,
            changes: Vec::with_capacity(8),
        };
        course.open_window();
        course
    }

    fn tell(&mut self, phase: Phase, value: impl Into<Option<u64>>) {
        self.changes.push(Change {
            value: value.into(),
            ramp: Ramp {
                phase,
                ready: self.ready,
                cause: self.cause,
            },
        });
    }

    fn open_window(&mut self) {
        self.doing = Doing::Window {
            samples: self.rules.samples,
            probes: self.rules.probes,
        };
        self.tell(Phase::Window, self.n);
    }

    /// A sample was taken, and so many runs of the probe have ended since the last.
    pub(crate) fn sample(&mut self, now: u64, probed: u64) {
        match self.doing {
            Doing::Window { samples, probes } => {
                let (samples, probes) = (samples.saturating_sub(1), probes.saturating_sub(probed));
                self.doing = Doing::Window { samples, probes };
                if samples == 0 && probes == 0 {
                    self.tell(Phase::Measured, self.n);
                    let first = if self.rules.asks_each { 1 } else { self.n };
                    self.check(first, now);
                }
            }
            Doing::Settle { until_ns } if now >= until_ns => self.open_window(),
            Doing::Failed(cause) => self.end(cause),
            _ => {}
        }
    }

    /// All before `of` are ready.
    fn check(&mut self, of: u64, now: u64) {
        if of > 0 && of <= self.n {
            self.doing = Doing::Check {
                of,
                from_ns: now,
                again: false,
            };
            return;
        }
        self.held = Some(self.n);
        self.ready = self.n;
        self.tell(Phase::Held, self.n);
        if self.n >= self.rules.most {
            return self.end(Cause::Most);
        }
        self.n += 1;
        self.deadline_ns = now.saturating_add(self.rules.time_out_ns);
        self.doing = Doing::Step;
        self.tell(Phase::Step, self.n);
    }

    /// What is to be run now, if nothing runs.
    pub(crate) fn task(&mut self, now: u64) -> Option<Task> {
        let time_ns = self.rules.time_out_ns;
        let task = |order, of, time_ns| Some(Task { order, of, time_ns });
        match self.doing {
            Doing::Step => task(Order::Step, self.n, time_ns),
            Doing::Wait { .. } if now >= self.deadline_ns => {
                self.end(Cause::NotInTime);
                self.task(now)
            }
            Doing::Wait { from_ns } if now >= from_ns => {
                task(Order::Ready, self.n, self.deadline_ns - now)
            }
            Doing::Check { of, from_ns, .. } if now >= from_ns => task(Order::Ready, of, time_ns),
            Doing::Undo { of } => task(Order::Undo, of, time_ns),
            _ => None,
        }
    }

    /// When there is something to be run, if not now.
    pub(crate) fn wakes_ns(&self) -> Option<u64> {
        match self.doing {
            Doing::Wait { from_ns } => Some(from_ns.min(self.deadline_ns)),
            Doing::Check { from_ns, .. } => Some(from_ns),
            _ => None,
        }
    }

    /// A command has ended; one that an end of the ramp has killed counts for nothing.
    pub(crate) fn ran(&mut self, task: Task, well: bool, timed_out: bool, now: u64) {
        match (self.doing, task.order) {
            (Doing::Step, Order::Step) if well => {
                self.doing = Doing::Wait { from_ns: now };
                self.tell(Phase::Wait, self.n);
            }
            (Doing::Step, Order::Step) => {
                self.doing = Doing::Failed(match timed_out {
                    true => Cause::NotInTime,
                    false => Cause::StepFailed,
                });
            }
            (Doing::Wait { .. }, Order::Ready) if well => {
                self.ready = self.n;
                let until_ns = now.saturating_add(self.rules.settle_ns);
                self.doing = Doing::Settle { until_ns };
                self.tell(Phase::Settle, self.n);
            }
            (Doing::Wait { .. }, Order::Ready) => {
                let from_ns = now.saturating_add(AGAIN_NS);
                self.doing = Doing::Wait { from_ns };
            }
            (Doing::Check { of, .. }, Order::Ready) if well => self.check(of + 1, now),
            (Doing::Check { of, again, .. }, Order::Ready) => {
                if again {
                    self.ready = if self.rules.asks_each {
                        of - 1
                    } else {
                        self.ready
                    };
                    return self.end(Cause::NotReady);
                }
                self.doing = Doing::Check {
                    of,
                    from_ns: now.saturating_add(AGAIN_NS),
                    again: true,
                };
            }
            (Doing::Undo { of }, Order::Undo) => {
                self.left += u64::from(!well && self.is_left(of, timed_out));
                self.tell(Phase::Undone, of);
                self.undo(of - 1);
            }
            _ => {}
        }
    }

    /// Whether a container is left whose undo failed: of one whose step failed nothing need be
    /// there.
    pub(crate) fn is_left(&self, of: u64, timed_out: bool) -> bool {
        of != self.n || self.cause != Some(Cause::StepFailed) || timed_out
    }

    /// The ramp ends, unless it has.
    pub(crate) fn end(&mut self, cause: Cause) {
        if self.cause.is_none() {
            self.cause = Some(cause);
            self.tell(Phase::Ended, self.held);
            self.undo(self.n);
        }
    }

    fn undo(&mut self, of: u64) {
        self.doing = Doing::Undo { of };
        if of == 0 {
            self.doing = Doing::Finished;
            self.tell(Phase::Finished, self.left);
        }
    }

    /// The first change that was not told yet.
    pub(crate) fn next_change(&mut self) -> Option<Change> {
        (!self.changes.is_empty()).then(|| self.changes.remove(0))
    }

    /// The number of containers that were begun, and how many count.
    pub(crate) fn numbers(&self) -> (u64, Option<u64>) {
        (self.n, self.held)
    }

    pub(crate) fn cause(&self) -> Option<Cause> {
        self.cause
    }

    pub(crate) fn left(&self) -> u64 {
        self.left
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.doing == Doing::Finished
    }
}

#[cfg(test)]
#[path = "course/tests.rs"]
mod tests;
