//! `ramp`: one container more, until something ends it.

mod drive;
mod options;
mod orders;
mod undo;
mod words;

use super::outcome::{open_root, Error, Status};
use super::record::probe::PreparedProbe;
use crate::log::fields::{memory, Values};
use crate::proc::meminfo;
use crate::proc::root::Root;
use crate::ramp::course::{Course, Order, Task};
use crate::ramp::ends::{self, Ends};
use crate::ramp::memory::CgroupMemory;
use crate::recording::LastLine;
use crate::render::results::outcome;
use crate::system::command::{Child, Exit};
use crate::system::endure;
use crate::system::errno::reason;
use crate::system::signals::EndSignals;
use drive::Drive;
pub(crate) use options::Ramp;
use orders::Orders;
use std::io::Write;
use std::path::Path;
use std::time::Duration;
pub(crate) use undo::left;
use words::told;

impl Ramp {
    pub(crate) fn run(&self, proc_root: &Path, out: &mut dyn Write) -> Result<Status, Error> {
        if let Some(log) = &self.undo_of {
            return undo::undo(log, self.step_timeout.0, out);
        }
        let lines = self.lines()?;
        let root = open_root(proc_root)?;
        let mut memory = self.memory(&root)?;
        let limits = self.limits(self.reserve(&root, memory.as_mut())?);
        let score = endure::be_killed_last();
        let orders = Orders::new(lines, score.as_deref())?;
        let record = self.record();
        let prepared = PreparedProbe::of(&record, score.as_deref())?;
        self.is_not_ready(&orders)?;
        if let Some(prepared) = &prepared {
            answers(prepared)?;
        }
        let course = Course::new(self.rules(orders.asks_each()));
        let mut drive = Drive::new(
            &orders,
            lines,
            course,
            Ends::new(limits),
            memory,
            self.quiet,
        );
        let status = record.record(root, prepared.as_ref(), Some(&mut drive), out)?;
        Ok(drive.said_last(status))
    }

    /// # Errors
    /// What `run` refuses whatever the machine is.
    pub(crate) fn understood(&self) -> Result<(), Error> {
        self.lines()?;
        self.record().understood()
    }

    fn memory(&self, root: &Root) -> Result<Option<CgroupMemory>, Error> {
        let Some(cgroup) = &self.memory_of else {
            return Ok(None);
        };
        match CgroupMemory::open(root, cgroup) {
            Some(memory) => Ok(Some(memory)),
            None => Err(Error::new(format!(
                "--memory-of {cgroup}: no such cgroup below /sys/fs/cgroup, or it has no limit of \
                 memory; nothing was started"
            ))),
        }
    }

    /// The reserve, KiB.
    ///
    /// # Errors
    /// Where there is less memory already.
    fn reserve(&self, root: &Root, cgroup: Option<&mut CgroupMemory>) -> Result<u64, Error> {
        let (available, total) = match cgroup {
            Some(cgroup) => (cgroup.available_kib(), cgroup.limit_kib()),
            None => {
                let (mut values, mut buffer) = (Values::default(), [0; 4096]);
                let text = root.read_proc("meminfo", &mut buffer).unwrap_or_default();
                let read = meminfo::parse(text, &mut values);
                let available = read.ok().and_then(|()| memory::available(&values));
                (available, Some(values[memory::MEM_TOTAL]))
            }
        };
        let default = || ends::reserve_kib(total.unwrap_or(0));
        let reserve = self.reserve.map_or_else(default, |size| size.0 / 1024);
        match available.filter(|available| *available < reserve) {
            Some(available) => Err(Error::new(format!(
                "{} MiB of memory are available, less than the reserve of {} MiB (--reserve); \
                 nothing was started",
                available / 1024,
                reserve / 1024
            ))),
            None => Ok(reserve),
        }
    }

    /// # Errors
    /// Where the first container is ready before it is started.
    fn is_not_ready(&self, orders: &Orders<'_>) -> Result<(), Error> {
        let task = Task {
            order: Order::Ready,
            of: 1,
            time_ns: 0,
        };
        let start = &|| (orders.start(task), self.step_timeout.0);
        match run_before(start, &mut |_| ())? {
            Ok(Exit::Status(0)) => Err(Error::new(
                "--ready succeeds before the first step: it does not tell when a container is ready, \
                 or one is left over; nothing was started",
            )),
            _ => Ok(()),
        }
    }
}

/// # Errors
/// Where the probe fails without any container.
fn answers(prepared: &PreparedProbe<'_>) -> Result<(), Error> {
    let mut line = LastLine::default();
    let exit = run_before(&|| prepared.start(), &mut |piece| line.take(piece))?;
    line.end();
    let why = match exit {
        Ok(Exit::Status(0)) => return Ok(()),
        Ok(exit) => outcome(exit.into()),
        Err(errno) => reason(errno).to_owned(),
    };
    Err(Error::new(format!(
        "--probe fails before the first step ({why}){}; nothing was started",
        told(line.text())
    )))
}

/// Runs a command before the recording.
///
/// # Errors
/// Where a signal ends both.
fn run_before<'c>(
    start: &dyn Fn() -> (nix::Result<Child<'c>>, Duration),
    output: &mut dyn FnMut(&[u8]),
) -> Result<nix::Result<Exit>, Error> {
    let signals = EndSignals::block().map_err(|errno| Error::cannot("wait for signals", errno))?;
    let mut goes_on = true;
    let (child, time) = start();
    let mut pause = |pause| {
        goes_on = !signals.within(pause);
        goes_on
    };
    let exit = child.map(|child| child.wait_while(time, &mut pause, output).exit);
    match goes_on {
        true => Ok(exit),
        false => Err(Error::new("ended by a signal")),
    }
}
