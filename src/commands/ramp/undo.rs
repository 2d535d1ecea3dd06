//! `ramp --undo-of`: what a ramp has left that was killed.

use super::orders::Orders;
use super::words::told;
use crate::commands::log::walk::Walk;
use crate::commands::outcome::{complain, file_error, shown, Error, Status};
use crate::commands::output;
use crate::log::reader::Event;
use crate::ramp::course::{Order, Task};
use crate::recording::LastLine;
use crate::render::results::outcome;
use crate::render::{counted, escaped};
use crate::results::{Collector, Measurement, Phase};
use crate::system::command::Exit;
use crate::system::errno::reason;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// The last ramp of a log, as far as it matters here.
#[derive(Debug, Default, PartialEq, Eq)]
struct Left {
    undo: String,
    /// Those begun that were not undone, ascending.
    numbers: Vec<u64>,
}

impl Left {
    fn of(results: &[Measurement]) -> Option<Self> {
        let mut left = None;
        for of in results {
            let (Some(ramp), number) = (of.ramp, of.value.unwrap_or(0)) else {
                continue;
            };
            match (ramp.phase, &mut left) {
                (Phase::Begun, left) => {
                    let undo = of.marks.iter().find(|mark| mark.label == "undo")?;
                    *left = Some(Self {
                        undo: undo.note.clone(),
                        numbers: Vec::new(),
                    });
                }
                (Phase::Step, Some(left)) => left.numbers.push(number),
                (Phase::Undone, Some(left)) if of.counts() => {
                    left.numbers.retain(|other| *other != number);
                }
                _ => {}
            }
        }
        left
    }
}

/// # Errors
/// Where the log cannot be read or has no ramp, or its command cannot be run.
pub(super) fn undo(log: &Path, time: Duration, out: &mut dyn Write) -> Result<Status, Error> {
    let Some(left) = left_of(log)? else {
        return Err(Error::new(format!("{} has no ramp", shown(log))));
    };
    let Left { undo, numbers } = left;
    if numbers.is_empty() {
        writeln!(out, "nothing is left to undo").map_err(Error::output)?;
        return Ok(Status::Yes);
    }
    // A ramp that goes on has the log locked.
    let _log = output::append(log, None, true)?;
    // Step and readiness are not asked for.
    let orders = Orders::new([&undo, &undo, &undo], None)?;
    let mut failed = 0;
    for of in numbers.iter().rev().copied() {
        let mut line = LastLine::default();
        let task = Task {
            order: Order::Undo,
            of,
            time_ns: 0,
        };
        let child = orders.start(task);
        let ended = child.map(|child| child.wait(time, &mut |piece| line.take(piece)));
        line.end();
        let why = match ended.map(|ended| ended.exit) {
            Ok(Exit::Status(0)) => continue,
            Ok(exit) => outcome(exit.into()),
            Err(errno) => reason(errno).to_owned(),
        };
        failed += 1;
        let line = told(line.text());
        complain(&format!("container {of} could not be undone: {why}{line}"));
    }
    let all = numbers.len() as u64;
    let containers = counted(all, "container");
    let undo = escaped(undo.as_bytes());
    let done = all - failed;
    writeln!(out, "{done} of {containers} undone by {undo}").map_err(Error::output)?;
    Ok(if failed > 0 {
        Status::Partly
    } else {
        Status::Yes
    })
}

fn left_of(log: &Path) -> Result<Option<Left>, Error> {
    let mut walk = Walk::open(log)?;
    let (mut header, mut collector) = (None, Collector::default());
    while let Some(event) = walk.next()? {
        match event {
            Event::Header(of) => header = Some(of),
            Event::Result(part) => {
                if let Some(header) = &header {
                    collector.add(header, &part);
                }
            }
            _ => {}
        }
    }
    let runs = collector.finish();
    let runs = runs.map_err(|error| file_error("read", log, &error))?;
    let mut ramps = runs.iter().filter_map(|run| Left::of(&run.results));
    Ok(ramps.next_back())
}
