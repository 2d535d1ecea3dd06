//! How a benchmark is begun, resumed, and given up.

use super::check::obstacles;
use super::commands::{Commands, Failure};
use super::directory::{Directory, Journal};
use super::drive::{Course, Drive};
use super::finish::finish;
use super::init::Init;
use super::note::Note;
use super::orphans;
use super::plan;
use super::software::Software;
use super::status::is_running;
use crate::bench::journal::{Line, State};
use crate::bench::plan::Plan;
use crate::bench::resume::{leaves_workload, MOST_IDLE_BOOTS};
use crate::bench::steps::{steps, Kind, Step};
use crate::commands::durable;
use crate::commands::ids::{boot_id, machine_id};
use crate::commands::outcome::{complain, file_error, shown, Error, Status};
use crate::commands::ramp::left;
use crate::commands::texts;
use crate::proc::root::Root;
use nix::errno::Errno;
use nix::sys::signal::{kill, Signal};
use nix::unistd::Pid;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// A benchmark that was told to end ends its recorder first, which takes a moment; a ramp
/// undoes all of its steps.
const LOOK: Duration = Duration::from_millis(250);
const MOMENT: u32 = 12;

pub(super) struct Start<'s> {
    root: &'s Root,
    note: &'s Path,
}

impl<'s> Start<'s> {
    pub(super) fn new(root: &'s Root, note: &'s Path) -> Self {
        Self { root, note }
    }

    pub(super) fn begin(
        &self,
        plan: &Plan,
        path: &Path,
        text: &[u8],
        out: &mut dyn Write,
    ) -> Result<Status, Error> {
        self.is_alone()?;
        if let Some(obstacle) = obstacles(plan, self.root, self.note).into_iter().next() {
            return Err(Error::new(obstacle));
        }
        let directory = Directory::new(plan.text("directory"), plan.text("product"));
        directory.create()?;
        let commands = Commands::new(&directory)?;
        let software = Software::new(plan, self.root);
        if let Err(failure) = software.is_off(&commands) {
            let _ = fs::remove_dir(directory.attempts());
            return Err(Error::new(match failure {
                Failure::Stopped => "interrupted".to_owned(),
                Failure::Because(why) => why,
            }));
        }
        // Another may have been begun meanwhile, in this directory or elsewhere.
        let mut journal = Journal::open(&directory.journal())?;
        self.is_alone()?;
        let copy = directory.plan();
        let written = durable::write(&copy, &String::from_utf8_lossy(text));
        written.map_err(|error| file_error("write", &copy, &error))?;
        journal.add(&Line::Machine(machine_id(self.root)))?;
        let path = fs::canonicalize(path).map_err(|error| file_error("read", path, &error))?;
        let note = Note {
            directory: plan.text("directory").to_owned(),
            product: plan.text("product").to_owned(),
            plan: path.to_string_lossy().into_owned(),
            pid: own_pid(),
        };
        // On the disk before the note is, without which the unit does nothing.
        Init::of(self.root, self.note)
            .resume(true)
            .map_err(Error::new)?;
        note.write(self.note)?;
        self.drive(plan, &directory, journal, &commands, out)
    }

    /// # Errors
    /// If a benchmark is under way.
    fn is_alone(&self) -> Result<(), Error> {
        match Note::read(self.note)? {
            None => Ok(()),
            Some(note) => Err(Error::new(format!(
                "a benchmark is under way in {}: bench --resume goes on with it, --cancel ends it",
                note.directory
            ))),
        }
    }

    pub(super) fn resume(&self, note: &Note, out: &mut dyn Write) -> Result<Status, Error> {
        let directory = note.directory();
        let plan = plan::read(&directory.plan())?;
        unchanged(&plan, note)?;
        let journal = Journal::open(&directory.journal())?;
        let machine = machine_id(self.root);
        if journal.state.machine.as_ref() != Some(&machine) {
            return Err(Error::new(format!(
                "the benchmark in {} was begun on another machine",
                note.directory
            )));
        }
        let note = Note {
            pid: own_pid(),
            ..note.clone()
        };
        // First, for `cancel` ends the process that it names.
        note.write(self.note)?;
        orphans::end(self.root, &directory);
        let commands = Commands::new(&directory)?;
        self.drive(&plan, &directory, journal, &commands, out)
    }

    fn drive(
        &self,
        plan: &Plan,
        directory: &Directory,
        mut journal: Journal,
        commands: &Commands<'_>,
        out: &mut dyn Write,
    ) -> Result<Status, Error> {
        journal.add(&Line::Boot(boot_id(self.root)))?;
        let mut software = Software::new(plan, self.root);
        software.may_be_deployed = leaves_workload(&steps(plan), &journal.state);
        let mut drive = Drive {
            plan,
            root: self.root,
            directory,
            commands,
            journal,
            software,
            waits_for_clock: true,
            out,
        };
        let course = drive.run();
        let state = std::mem::take(&mut drive.journal.state);
        tell_left(directory, &state);
        let ended = course.and_then(|course| match course {
            Course::Finished => finish(plan, directory, commands, &state, out).map(Some),
            Course::Stuck => Ok(None),
        });
        match ended {
            Ok(status) => {
                self.forget()?;
                status.ok_or_else(|| {
                    Error::new(format!(
                        "given up: {} boots in a row have ended no step; {} tells what was begun",
                        MOST_IDLE_BOOTS + 1,
                        shown(&directory.journal())
                    ))
                })
            }
            Err(Failure::Stopped) => Err(Error::new("interrupted; bench --resume goes on")),
            Err(Failure::Because(why)) => Err(Error::new(format!(
                "{why}; bench --resume goes on once that is mended"
            ))),
        }
    }

    pub(super) fn cancel(&self, note: &Note, out: &mut dyn Write) -> Result<Status, Error> {
        let directory = note.directory();
        if is_running(&directory) {
            // One that has ended since is waited for no longer than that shows.
            if let Err(Errno::EPERM) = kill(Pid::from_raw(note.pid), Signal::SIGTERM) {
                return Err(Error::new(format!(
                    "process {} is another user's: run it with sudo",
                    note.pid
                )));
            }
        }
        let mut looks = 0;
        while is_running(&directory) {
            looks += 1;
            if looks == MOMENT {
                complain(&format!(
                    "waiting for process {}, which ends its step",
                    note.pid
                ));
            }
            std::thread::sleep(LOOK);
        }
        orphans::end(self.root, &directory);
        if let Ok(state) = directory.state() {
            tell_left(&directory, &state);
        }
        self.forget()?;
        writeln!(
            out,
            "The benchmark is ended; what it has measured is in {}. The edge software is left as it is.",
            note.directory
        )
        .map_err(Error::output)?;
        Ok(Status::Yes)
    }

    /// Nothing is to resume it any more.
    fn forget(&self) -> Result<(), Error> {
        Note::remove(self.note)?;
        let disabled = Init::of(self.root, self.note).resume(false);
        disabled.map_err(Error::new)
    }
}

/// Says what the last attempt at a ramp has left, if it does not count.
fn tell_left(directory: &Directory, state: &State) {
    let step = Step {
        kind: Kind::Ramp,
        run: 1,
    };
    let tries = state.tries(&step.to_string());
    let last = tries.filter(|tries| !tries.is_counted);
    if let Some(left) = last.and_then(|tries| left(&directory.attempt(&step, tries.last))) {
        complain(&left);
    }
}

fn own_pid() -> i32 {
    nix::unistd::getpid().as_raw()
}

/// # Errors
/// If the plan's file has become another plan since. One that is gone says nothing.
fn unchanged(plan: &Plan, note: &Note) -> Result<(), Error> {
    let path = Path::new(&note.plan);
    let Ok(text) = texts::read(path) else {
        return Ok(());
    };
    let now = plan::parse(path, &text)?;
    let changed = match (plan.differs_from(&now), now.differs_from(plan)) {
        (None, None) => return Ok(()),
        (Some(was), Some(is)) => format!("`{was}` is now `{is}`"),
        (Some(was), None) => format!("`{was}` is not there any more"),
        (None, Some(is)) => format!("`{is}` was not there"),
    };
    Err(Error::new(format!(
        "{} has changed since the benchmark began: {changed}; put that back, or end it with bench \
         --cancel",
        shown(path)
    )))
}
