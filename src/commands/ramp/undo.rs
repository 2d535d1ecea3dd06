//! `ramp --undo-of`: what a ramp has left that was killed.

use super::orders::{may_pass, Orders, AGAIN};
use super::words::told;
use crate::commands::log::walk::Walk;
use crate::commands::outcome::{complain, file_error, shown, Error, Status};
use crate::commands::unsampled_run::UnsampledRun;
use crate::log::reader::Event;
use crate::log::record::Header;
use crate::ramp::course::{Order, Task};
use crate::recording::LastLine;
use crate::render::results::outcome;
use crate::render::{counted, escaped};
use crate::results::{
    Collector, CommandRun, Measurement, Outcome, Phase, Ramp, RampChange, RAMP_ROOM,
};
use crate::system::clock::realtime_ns;
use crate::system::signals::EndSignals;
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

/// The run of the last ramp.
struct Found {
    left: Left,
    header: Header<String>,
    /// The sequence number of its last frame.
    seq: u64,
}

/// What a ramp has left, and what removes it, if there is something.
pub(crate) fn left(log: &Path) -> Option<String> {
    let Left { numbers, .. } = find(log).ok()??.left;
    let many = counted(numbers.len() as u64, "container");
    let log = shown(log);
    let text = format!("{many} of {log} left; to remove: edgebench-lite ramp --undo-of {log}");
    (!numbers.is_empty()).then_some(text)
}

/// # Errors
/// Where the log cannot be read or has no ramp, or its command cannot be run.
pub(super) fn undo(log: &Path, time: Duration, out: &mut dyn Write) -> Result<Status, Error> {
    let Some(Found { left, header, seq }) = find(log)? else {
        return Err(Error::new(format!("{} has no ramp", shown(log))));
    };
    let Left { undo, numbers } = left;
    if numbers.is_empty() {
        writeln!(out, "already undone: nothing is left").map_err(Error::output)?;
        return Ok(Status::Yes);
    }
    let start_ns = header.start_realtime_ns;
    // A ramp that goes on has the log locked.
    let mut run = UnsampledRun::of_log(log, header, seq)?;
    // Step and readiness are not asked for.
    let orders = Orders::new([&undo, &undo, &undo], None)?;
    // The one that runs comes to its end, and is noted.
    let signals = EndSignals::block().map_err(|errno| Error::cannot("wait for signals", errno))?;
    let (mut done, mut noted, mut patience) = (0, Ok(()), time);
    for of in numbers.iter().rev().copied() {
        if signals.within(Duration::ZERO) {
            complain("ended by a signal");
            break;
        }
        let (how, line) = undo_one(&orders, of, time, &mut patience);
        let is_undone = how == Outcome::Status(0);
        done += u64::from(is_undone);
        let mut why = String::new();
        if !is_undone {
            why = format!("{}{}", outcome(how), told(line.text()));
            complain(&format!("container {of} could not be undone: {why}"));
        }
        let at_us = realtime_ns().saturating_sub(start_ns) / 1000;
        let failed = (!is_undone).then_some(how);
        // What could not be written is, once there is room again.
        noted = note(&mut run, of, at_us, failed, &why);
    }
    let all = numbers.len() as u64;
    let containers = counted(all, "container");
    let undo = escaped(undo.as_bytes());
    writeln!(out, "{done} of {containers} undone by {undo}").map_err(Error::output)?;
    if noted.is_err() {
        complain("not all of it is noted: the next --undo-of will undo it again");
    }
    noted?;
    Ok(if done < all {
        Status::Partly
    } else {
        Status::Yes
    })
}

/// Notes an undo in the log; `failed`: how, and why, where it did.
fn note(
    run: &mut UnsampledRun,
    of: u64,
    at_us: u64,
    failed: Option<Outcome>,
    why: &str,
) -> Result<(), Error> {
    let change = RampChange {
        at_us,
        value: Some(of),
        ramp: Ramp {
            phase: Phase::Undone,
            ready: 0,
            cause: None,
        },
        run: failed.map(|how| CommandRun {
            outcome: Some(how),
            ..CommandRun::default()
        }),
        evidence: why,
        commands: &[],
    };
    let mut room = [0; RAMP_ROOM];
    run.add_parts(&mut std::iter::once(change.part(&mut room)))
}

/// How the command ended, and its last line. For as long as `patience`, it is tried again
/// where it cannot be started now.
fn undo_one(
    orders: &Orders<'_>,
    of: u64,
    time: Duration,
    patience: &mut Duration,
) -> (Outcome, LastLine) {
    let mut line = LastLine::default();
    let task = Task {
        order: Order::Undo,
        of,
        time_ns: 0,
    };
    let child = loop {
        match (orders.start(task), patience.checked_sub(AGAIN)) {
            (Err(errno), Some(rest)) if may_pass(errno) => {
                *patience = rest;
                std::thread::sleep(AGAIN);
            }
            (started, _) => break started,
        }
    };
    let ended = child.map(|child| child.wait(time, &mut |piece| line.take(piece)));
    line.end();
    let how = match ended {
        Ok(ended) => ended.exit.into(),
        Err(errno) => Outcome::NotStarted((errno as i32).unsigned_abs()),
    };
    (how, line)
}

fn find(log: &Path) -> Result<Option<Found>, Error> {
    let mut walk = Walk::open(log)?;
    let (mut header, mut collector) = (None, Collector::default());
    let (mut of_ramp, mut seq) = (None, 0);
    while let Some(event) = walk.next()? {
        match event {
            Event::Header(of) => header = Some(of),
            Event::Result(part) => {
                if let Some(header) = &header {
                    collector.add(header, &part);
                    let ramp = Ramp::of_part(&part);
                    if ramp.is_some_and(|(ramp, _)| ramp.phase == Phase::Begun) {
                        of_ramp = Some(header.run);
                    }
                }
            }
            _ => {}
        }
        if of_ramp.is_some() && header.as_ref().map(|header| header.run) == of_ramp {
            seq = seq.max(walk.seq());
        }
    }
    let runs = collector.finish();
    let runs = runs.map_err(|error| file_error("read", log, &error))?;
    let mut ramps = runs.into_iter().filter_map(|run| {
        let left = Left::of(&run.results)?;
        let header = run.header;
        Some(Found { left, header, seq })
    });
    Ok(ramps.next_back())
}
