//! The three commands of a ramp, ready to be started.

use crate::commands::outcome::Error;
use crate::commands::record::probe::{check, shell};
use crate::ramp::course::{Order, Task};
use crate::ramp::template::Template;
use crate::system::clock::boottime_ns;
use crate::system::command::{Child, Command};
use crate::system::errno::reason;
use crate::system::process;
use nix::errno::Errno;
use std::time::Duration;

pub(super) struct Orders<'l> {
    all: [(Template<'l>, Command); 3],
}

impl<'l> Orders<'l> {
    /// `lines`: step, ready and undo. `score`: their `oom_score_adj`, where it is not the
    /// program's own.
    ///
    /// # Errors
    /// Where one cannot be run.
    pub(super) fn new(lines: [&'l str; 3], score: Option<&str>) -> Result<Self, Error> {
        let order = |option: &str, line: &'l str| {
            check(option, line)?;
            let template = Template::new(line);
            let command = shell(template.room(), score);
            let command = command
                .map_err(|errno| Error::new(format!("{option} `{line}`: {}", reason(errno))))?;
            Ok((template, command))
        };
        let [step, ready, undo] = lines;
        Ok(Self {
            all: [
                order("--step", step)?,
                order("--ready", ready)?,
                order("--undo", undo)?,
            ],
        })
    }

    /// Whether each container is asked for, not all at once.
    pub(super) fn asks_each(&self) -> bool {
        self.all[Order::Ready as usize].0.has_place()
    }

    /// From now on what they write is announced; where that fails, it is read when something
    /// else wakes the recorder.
    pub(super) fn announce(&self) {
        for (_, command) in &self.all {
            let _ = command.announce_output();
        }
    }

    /// # Errors
    /// Those of starting it.
    pub(super) fn start(&self, task: Task) -> nix::Result<Child<'_>> {
        let (template, command) = &self.all[task.order as usize];
        template.write(task.of, command.room());
        command.start()
    }

    /// What a step has left running may still write: it would wait for a reader. What the
    /// command that runs now writes is read by whoever waits for its end.
    pub(super) fn drain(&self, running: Option<Order>) {
        let running = running.map(|order| order as usize);
        for (place, (_, command)) in self.all.iter().enumerate() {
            if running != Some(place) {
                command.read(&mut |_| ());
            }
        }
    }
}

/// Before it is tried again to start an undo that could not be.
pub(super) const AGAIN: Duration = Duration::from_secs(1);

/// A board that has no process or memory to spare may have it in a moment.
pub(super) fn may_pass(errno: Errno) -> bool {
    matches!(errno, Errno::EAGAIN | Errno::ENOMEM)
}

/// A command that runs.
pub(super) struct Running<'o> {
    pub(super) task: Task,
    pub(super) child: Child<'o>,
    /// When it is killed; when it was.
    pub(super) until_ns: u64,
    pub(super) killed_ns: Option<u64>,
}

impl Running<'_> {
    pub(super) fn kill(&mut self) {
        if self.killed_ns.is_none() {
            self.killed_ns = Some(boottime_ns());
            self.child.kill_group();
        }
    }
}

/// Whether adopted processes still run after a second: those killed a moment ago do not.
pub(super) fn processes_stay() -> bool {
    (0..100).all(|_| {
        std::thread::sleep(Duration::from_millis(10));
        process::reap_orphans(&[])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::wait::{waitid, Id, WaitPidFlag};
    use nix::unistd::Pid;

    /// A sample is taken while a command runs: what it has said by then is the reason that
    /// is told if it fails.
    #[test]
    fn what_the_running_command_says_is_kept() {
        let orders = Orders::new(["true", "echo no such thing", "true"], None).unwrap();
        let (order, of, time_ns) = (Order::Ready, 1, u64::MAX);
        let said = |running| {
            let mut said = Vec::new();
            let child = orders.start(Task { order, of, time_ns }).unwrap();
            let pid = Pid::from_raw(child.pid() as i32);
            waitid(Id::Pid(pid), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT).unwrap();
            orders.drain(running);
            child.read(&mut |piece| said.extend_from_slice(piece));
            String::from_utf8(said).unwrap()
        };
        assert_eq!(said(Some(order)), "no such thing\n");
        assert_eq!(said(Some(Order::Step)), "");
        assert_eq!(said(None), "");
    }
}
