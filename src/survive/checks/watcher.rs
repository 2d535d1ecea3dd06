//! The checks of a product, asked over and over.

use super::probe::{Answer, Checks, Lack, Move, Probe};
use crate::proc::root::Root;
use crate::system::clock::{boottime_ns, monotonic_ns};
use crate::system::socket::{poll, polled};
use nix::libc::{POLLIN, POLLOUT};
use std::os::fd::BorrowedFd;
use std::time::Duration;

/// Between two looks at a command that runs.
const LOOK_NS: u64 = 20_000_000;

/// How often is asked, and how long is waited.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    /// From an answer to the next question.
    pub(crate) every: Duration,
    /// A check that has not answered by then is a no.
    pub(crate) time_out: Duration,
    /// From a change until the product must be healthy.
    pub(crate) within: Duration,
    /// So long it must stay healthy.
    pub(crate) stable: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(1),
            time_out: Duration::from_secs(10),
            // The kubelet reports each 150 s.
            within: Duration::from_secs(180),
            stable: Duration::from_secs(10),
        }
    }
}

/// Whether the product works, and since when; CLOCK_BOOTTIME.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health<'w> {
    /// Not every check has answered.
    Unknown,
    Healthy {
        since_ns: u64,
    },
    Failing {
        since_ns: u64,
        check: &'w str,
        why: &'w str,
        lack: Lack,
    },
}

struct Tracked<'c> {
    probe: Probe<'c>,
    due_ns: u64,
    last: Option<Answer>,
    /// When the first of the answers came that are all yes since, or was asked for that are
    /// all no.
    since_ns: u64,
    answers: u64,
    noes: u64,
}

/// Asks the checks of a product.
pub(crate) struct Watcher<'c> {
    root: &'c Root,
    timing: Timing,
    tracked: Vec<Tracked<'c>>,
    moved: Move,
}

pub(super) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl<'c> Watcher<'c> {
    pub(crate) fn new(checks: &'c Checks, timing: Timing, root: &'c Root) -> Self {
        let tracked = checks.iter().map(|check| Tracked {
            probe: Probe::new(check),
            due_ns: 0,
            last: None,
            since_ns: 0,
            answers: 0,
            noes: 0,
        });
        Self {
            root,
            timing,
            tracked: tracked.collect(),
            moved: None,
        }
    }

    pub(crate) fn timing(&self) -> Timing {
        self.timing
    }

    /// Forgets all answers, and asks every check now: the network, or the product, is
    /// another. With `moved`, checks of the address before go to the one after.
    pub(crate) fn begin(&mut self, moved: Move) {
        self.moved = moved;
        for tracked in &mut self.tracked {
            tracked.probe.stop();
            (tracked.due_ns, tracked.last) = (0, None);
            (tracked.answers, tracked.noes) = (0, 0);
        }
    }

    /// From now on checks of the address before go to the one after.
    pub(crate) fn follow(&mut self, moved: Move) {
        self.moved = moved;
    }

    /// Waits until something happens: a check has answered or is due, one of `others`, 32 at
    /// most, has something to read, or it is `until_ns`. Bit n of what it returns says that
    /// the n-th of `others` has.
    pub(crate) fn wait(&mut self, others: &[BorrowedFd<'_>], until_ns: u64) -> u32 {
        self.ask();
        let now_ns = boottime_ns();
        let mut fds = Vec::with_capacity(others.len() + self.tracked.len());
        fds.extend(others.iter().map(|fd| polled(fd, POLLIN)));
        let mut wake_ns = until_ns;
        for tracked in &self.tracked {
            let probe = &tracked.probe;
            if let Some((socket, writes)) = probe.socket() {
                fds.push(polled(socket, if writes { POLLOUT } else { POLLIN }));
            }
            wake_ns = wake_ns.min(match probe.is_idle() {
                true => tracked.due_ns,
                false if probe.runs_a_command() => now_ns.saturating_add(LOOK_NS),
                false => tracked.ends_ns(&self.timing),
            });
        }
        // poll(2) knows no clock that runs while the board sleeps.
        let time_ns = wake_ns.saturating_sub(now_ns);
        poll(&mut fds, monotonic_ns().saturating_add(time_ns));
        let mut sockets = fds.iter().skip(others.len());
        for tracked in &mut self.tracked {
            let is_socket = tracked.probe.socket().is_some();
            let is_ready = is_socket && sockets.next().is_some_and(|fd| fd.revents != 0);
            if is_ready || tracked.probe.runs_a_command() {
                if let Some(outcome) = tracked.probe.look(self.moved) {
                    tracked.answered(outcome, &self.timing);
                }
            }
        }
        // Not before: what came while this process was stopped, or the board busy, counts.
        self.give_up();
        let others = fds.iter().take(others.len());
        let bits = others
            .enumerate()
            .map(|(at, fd)| u32::from(fd.revents != 0) << at);
        bits.fold(0, |all, bit| all | bit)
    }

    /// Asks the checks that are due.
    fn ask(&mut self) {
        for tracked in &mut self.tracked {
            let now_ns = boottime_ns();
            if tracked.probe.is_idle() && tracked.due_ns <= now_ns {
                if let Some(outcome) = tracked.probe.ask(now_ns, self.root, self.moved) {
                    tracked.answered(outcome, &self.timing);
                }
            }
        }
    }

    /// Ends the checks that take too long.
    fn give_up(&mut self) {
        for tracked in &mut self.tracked {
            let is_over = tracked.ends_ns(&self.timing) <= boottime_ns();
            if !tracked.probe.is_idle() && is_over {
                tracked.probe.stop();
                let time = tracked.time_out(&self.timing).as_secs_f64();
                tracked.answered(Err(format!("no answer within {time} s")), &self.timing);
            }
        }
    }

    /// What the last answers say together.
    pub(crate) fn health(&self) -> Health<'_> {
        let mut health = Health::Healthy { since_ns: 0 };
        for tracked in &self.tracked {
            let failing = match &tracked.last {
                None => {
                    if matches!(health, Health::Healthy { .. }) {
                        health = Health::Unknown;
                    }
                    continue;
                }
                Some(Ok(())) => {
                    if let Health::Healthy { since_ns } = &mut health {
                        *since_ns = tracked.since_ns.max(*since_ns);
                    }
                    continue;
                }
                Some(Err(why)) => why,
            };
            match &mut health {
                Health::Failing { since_ns, .. } => *since_ns = tracked.since_ns.min(*since_ns),
                health => {
                    *health = Health::Failing {
                        since_ns: tracked.since_ns,
                        check: &tracked.probe.check.spec.text,
                        why: failing,
                        lack: tracked.probe.lack(),
                    }
                }
            }
        }
        health
    }

    /// What each check has answered since the beginning.
    pub(crate) fn evidence(&self) -> Vec<String> {
        let line = |tracked: &Tracked<'_>| {
            let text = &tracked.probe.check.spec.text;
            let (noes, answers) = (tracked.noes, tracked.answers);
            match &tracked.last {
                None => format!("{text}: no answer yet"),
                Some(Ok(())) if noes == 0 => format!("{text}: yes; {answers} of {answers} answers"),
                Some(Ok(())) => format!("{text}: yes; {noes} of {answers} answers were no"),
                Some(Err(why)) => format!("{text}: {why}; {noes} of {answers} answers were no"),
            }
        };
        self.tracked.iter().map(line).collect()
    }
}

impl Tracked<'_> {
    fn time_out(&self, timing: &Timing) -> Duration {
        self.probe.check.spec.time_out.unwrap_or(timing.time_out)
    }

    fn ends_ns(&self, timing: &Timing) -> u64 {
        let time_out = nanoseconds(self.time_out(timing));
        self.probe.asked_ns().saturating_add(time_out)
    }

    fn answered(&mut self, outcome: Answer, timing: &Timing) {
        let (asked_ns, came_ns) = (self.probe.asked_ns(), boottime_ns());
        let is_yes = outcome.is_ok();
        let before = self.last.as_ref().map(Result::is_ok);
        if before != Some(is_yes) {
            self.since_ns = if is_yes { came_ns } else { asked_ns };
        }
        self.answers += 1;
        self.noes += u64::from(!is_yes);
        self.due_ns = came_ns.saturating_add(nanoseconds(timing.every));
        self.last = Some(outcome);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::path::Path;

    /// The board was busy, or this process stopped, when the answer came.
    #[test]
    fn an_answer_that_was_in_time_counts() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let spec = format!("http://127.0.0.1:{port}/").parse().unwrap();
        let root = Root::open(Path::new("/")).unwrap();
        let checks = Checks::new(vec![spec], &root).unwrap();
        let timing = Timing {
            time_out: Duration::from_secs(3),
            ..Timing::default()
        };
        let mut watcher = Watcher::new(&checks, timing, &root);
        watcher.wait(&[], u64::MAX);
        assert_eq!(watcher.health(), Health::Unknown, "asked");
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 512]).unwrap();
        stream.write_all(b"HTTP/1.0 200 OK\r\n\r\n").unwrap();
        drop(stream);
        std::thread::sleep(timing.time_out);
        watcher.wait(&[], 0);
        let health = watcher.health();
        assert!(matches!(health, Health::Healthy { .. }), "{health:?}");
    }
}
