//! The three commands of a ramp, ready to be started.

use crate::commands::outcome::Error;
use crate::commands::record::probe::{check, shell};
use crate::ramp::course::{Order, Task};
use crate::ramp::template::Template;
use crate::system::command::{Child, Command};
use crate::system::errno::reason;
use crate::system::process;
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

    /// What a step has left running may still write: it would wait for a reader.
    pub(super) fn drain(&self) {
        for (_, command) in &self.all {
            command.read(&mut |_| ());
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
