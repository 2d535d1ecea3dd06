//! `bench --status`: how far a benchmark is.

use super::directory::Directory;
use super::machine::processes;
use super::note::Note;
use super::past::past;
use super::plan;
use crate::bench::estimate;
use crate::bench::journal::{Remark, State, Tries};
use crate::bench::resume::missing;
use crate::bench::steps::{steps, Step};
use crate::commands::outcome::Error;
use crate::proc::root::Root;
use crate::render::json::Json;
use crate::system::clock::realtime_ns;
use crate::words::figures::{counted, span};
use nix::fcntl::{Flock, FlockArg};
use std::fs::File;
use std::io::{self, Write};

pub(super) struct Progress {
    product: String,
    directory: String,
    is_running: bool,
    steps: Vec<Step>,
    state: State,
    left_s: u64,
}

/// Whether a process has the journal open for writing.
pub(super) fn is_running(directory: &Directory) -> bool {
    let file = File::open(directory.journal());
    // Whoever else only asks is none.
    file.is_ok_and(|file| Flock::lock(file, FlockArg::LockSharedNonblock).is_err())
}

impl Progress {
    pub(super) fn of(note: &Note, root: &Root) -> Result<Self, Error> {
        let directory = note.directory();
        let plan = plan::read(&directory.plan())?;
        let state = directory.state()?;
        let steps = steps(&plan);
        let (past, processes) = (past(&plan, &state), processes(root));
        let of = |steps: &mut dyn Iterator<Item = &Step>| {
            estimate::of(&plan, steps, processes, &past).seconds
        };
        let is_running = is_running(&directory);
        let is_on = |step: &&Step| {
            let tries = state.tries(&step.to_string());
            is_running && tries.is_some_and(|tries| tries.is_open)
        };
        // One that takes longer than thought ends any moment.
        let now_s = realtime_ns() / 1_000_000_000;
        let since_s = state.since_s.map_or(0, |since| now_s.saturating_sub(since));
        let gone_s = since_s.min(of(&mut steps.iter().filter(is_on)));
        let left_s = of(&mut missing(&steps, &state)).saturating_sub(gone_s);
        Ok(Self {
            product: note.product.clone(),
            directory: note.directory.clone(),
            is_running,
            left_s,
            steps,
            state,
        })
    }

    fn counted(&self) -> u64 {
        (self.steps.len() - missing(&self.steps, &self.state).count()) as u64
    }

    /// The attempt that has no end yet.
    fn open(&self) -> Option<&Tries> {
        self.state.tries.iter().find(|tries| tries.is_open)
    }

    pub(super) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let what = match (self.is_running, self.open()) {
            (true, Some(tries)) => format!("{}, attempt {}", tries.step, tries.last),
            (true, None) => "between two steps".to_owned(),
            (false, _) => "not running: bench --resume goes on".to_owned(),
        };
        writeln!(
            out,
            "{}: {what}; {} of {} counted, about {} left",
            self.product,
            self.counted(),
            counted(self.steps.len() as u64, "step"),
            span(self.left_s.saturating_mul(1_000_000))
        )?;
        writeln!(out, "Directory: {}", self.directory)?;
        let mut remarks = self.state.remarks.iter();
        remarks.try_for_each(|remark| writeln!(out, "- {remark}"))
    }

    pub(super) fn print_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut json = Json::new(out);
        json.object(|json| {
            json.texts(&[("product", &self.product), ("directory", &self.directory)]);
            json.value("running", self.is_running);
            json.numbers(&[
                ("steps", self.steps.len() as u64),
                ("counted", self.counted()),
                ("left_s", self.left_s),
            ]);
            if let Some(tries) = self.open() {
                json.value("step", &tries.step);
                json.value("attempt", tries.last);
            }
            let remarks = self.state.remarks.iter();
            json.texts_at("remarks", remarks.map(Remark::to_string));
        });
        json.line()
    }
}
