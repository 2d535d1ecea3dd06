//! The edge software: started and stopped as the plan says, and what it leaves behind.

use super::commands::{Commands, Failure};
use crate::attribution::place;
use crate::bench::plan::Plan;
use crate::bench::steps::Software as Wanted;
use crate::commands::header::{clk_tck, page_size};
use crate::commands::keys;
use crate::footprint::live::LiveReader;
use crate::footprint::{self, Snapshot};
use crate::proc::root::Root;
use crate::products::{self, Definition, Homes, Key, Process};
use crate::render::escaped;
use crate::system::command::Exit;
use std::time::Duration;

/// How long a command of the plan may take, where it does not say so; and how long to wait
/// until something is ready.
const COMMAND: Duration = Duration::from_secs(600);
const READY: Duration = Duration::from_secs(300);
/// A single question.
const ONCE: Duration = Duration::from_secs(30);
/// Processes that were told to end may take so long.
const LOOKS: u32 = 20;
const LOOK: Duration = Duration::from_millis(500);
/// Of more leftovers, as many are named.
const NAMED: usize = 5;

pub(super) struct Software<'p> {
    plan: &'p Plan,
    root: &'p Root,
    keys: Vec<Key>,
    /// What of it this process has started, and seen to be ready.
    running: Option<Wanted>,
    /// The workload may be deployed: by a process before this one, or by an attempt that
    /// failed.
    pub(super) may_be_deployed: bool,
    /// Containers that were there before it was started; `None`: it was not.
    containers: Option<Vec<Vec<u8>>>,
}

/// How long a word's command may take.
fn within(plan: &Plan, word: &str, default: Duration) -> Duration {
    let entry = plan.entry(word);
    entry
        .and_then(|entry| entry.time("within"))
        .unwrap_or(default)
}

impl<'p> Software<'p> {
    pub(super) fn new(plan: &'p Plan, root: &'p Root) -> Self {
        Self {
            plan,
            root,
            keys: keys_of(plan),
            running: None,
            may_be_deployed: false,
            containers: None,
        }
    }

    /// Makes it run as a step wants it, started anew.
    pub(super) fn bring(&mut self, wanted: Wanted, commands: &Commands<'_>) -> Result<(), Failure> {
        self.stop(commands)?;
        if wanted == Wanted::Off {
            return Ok(());
        }
        if self.containers.is_none() {
            self.containers = Some(containers(&self.look()?));
        }
        self.is_not_ready(commands)?;
        self.succeed("start", commands)?;
        self.await_success("ready", commands)?;
        self.running = Some(wanted);
        if self.may_be_deployed {
            self.remove(commands)?;
        }
        if wanted == Wanted::Workload {
            self.may_be_deployed = true;
            self.succeed("deploy", commands)?;
            self.await_success("deployed", commands)?;
            self.may_be_deployed = false;
        }
        Ok(())
    }

    /// Removes the workload; one that only may be there need not be.
    fn remove(&mut self, commands: &Commands<'_>) -> Result<(), Failure> {
        let may_be_absent = std::mem::take(&mut self.may_be_deployed);
        match self.succeed("remove", commands) {
            Err(Failure::Because(_)) if may_be_absent => Ok(()),
            removed => removed,
        }
    }

    /// Stops it, whether it runs or not, and looks for what it leaves.
    pub(super) fn stop(&mut self, commands: &Commands<'_>) -> Result<(), Failure> {
        if self.plan.entry("stop").is_none() {
            return Ok(());
        }
        let was_running = self.running.take();
        if was_running == Some(Wanted::Workload) {
            self.remove(commands)?;
        }
        // Of one that may not run, only what is left counts.
        match self.succeed("stop", commands) {
            Err(Failure::Because(_)) if was_running.is_none() => {}
            stopped => stopped?,
        }
        for _ in 1..LOOKS {
            if self.leftovers()?.is_empty() {
                return Ok(());
            }
            commands.sleep(LOOK)?;
        }
        match self.leftovers()? {
            left if left.is_empty() => Ok(()),
            left => Err(Failure::because(format!("`stop` leaves processes: {left}"))),
        }
    }

    /// # Errors
    /// If it runs, by its own answer or by its processes.
    pub(super) fn is_off(&self, commands: &Commands<'_>) -> Result<(), Failure> {
        match self.leftovers()? {
            left if left.is_empty() => self.is_not_ready(commands),
            left => Err(Failure::because(format!(
                "the edge software runs already: {left}"
            ))),
        }
    }

    fn is_not_ready(&self, commands: &Commands<'_>) -> Result<(), Failure> {
        let line = self.plan.text("ready");
        let is_asked = !line.is_empty();
        if is_asked && commands.shell(line, ONCE)?.exit == Exit::Status(0) {
            return Err(Failure::because(
                "`ready` succeeds before `start`: it asks something else, or the edge software \
                 runs already",
            ));
        }
        Ok(())
    }

    pub(super) fn succeed(&self, word: &str, commands: &Commands<'_>) -> Result<(), Failure> {
        let within = within(self.plan, word, COMMAND);
        commands.succeed(word, self.plan.text(word), within)
    }

    fn await_success(&self, word: &str, commands: &Commands<'_>) -> Result<(), Failure> {
        match self.plan.text(word) {
            "" => Ok(()),
            line => commands.await_success(word, line, within(self.plan, word, READY)),
        }
    }

    /// The product's processes that run, and those of containers that were not there
    /// before.
    fn leftovers(&self) -> Result<String, Failure> {
        let moment = self.look()?;
        let homes = Homes::of(moment.processes.iter().map(as_product));
        let own = std::process::id();
        let is_left = |process: &&footprint::Process| {
            let is_new = self.containers.as_ref().is_some_and(|before| {
                container(&process.cgroup)
                    .is_some_and(|container| !before.iter().any(|other| *other == container))
            });
            process.pid != own
                && (is_new || products::find(&self.keys, &as_product(process), &homes).is_some())
        };
        let left: Vec<String> = moment
            .processes
            .iter()
            .filter(is_left)
            .map(|process| format!("{} ({})", escaped(&process.comm), process.pid))
            .collect();
        Ok(match left.len().saturating_sub(NAMED) {
            0 => left.join(", "),
            more => format!("{} and {more} more", left[..NAMED].join(", ")),
        })
    }

    fn look(&self) -> Result<Snapshot, Failure> {
        let mut reader = LiveReader::new(self.root, page_size(), clk_tck());
        let moment = reader.processes(true);
        moment.map_err(|error| Failure::because(error.to_string()))
    }
}

/// The cgroups of containers that run.
fn containers(moment: &Snapshot) -> Vec<Vec<u8>> {
    let of = |process: &footprint::Process| Some(container(&process.cgroup)?.to_vec());
    moment.processes.iter().filter_map(of).collect()
}

fn container(cgroup: &[u8]) -> Option<&[u8]> {
    place(cgroup).outermost.map(|container| container.path)
}

fn as_product(process: &footprint::Process) -> Process<'_> {
    Process::new(&process.comm, &process.cmdline, &process.cgroup)
}

/// What the product's processes are, as the recorder takes it.
fn keys_of(plan: &Plan) -> Vec<Key> {
    let given = plan.entries().iter().filter_map(|entry| {
        let value = &entry.values.first()?.1;
        match entry.word.name {
            "unit" => keys::unit(value).ok(),
            "key" => keys::key(value).ok(),
            "cgroup" => keys::cgroup(value).ok(),
            _ => None,
        }
    });
    let name = match plan.text("profile") {
        "" => plan.text("product"),
        profile => profile,
    };
    let mut definition = Definition::of_name(name);
    definition.given = given.collect();
    definition.keys()
}
