//! The changes of a ramp as results, and what it came to.

use super::command::{entries, CommandRun};
use super::kind::Kind;
use super::single::{put_mark, put_text, Put, Single, LINE_BYTES, TEXT_BYTES};
use crate::log::result::{tag, RampStep, ResultPart};

/// Room for all entries of a change.
pub(crate) const RAMP_ROOM: usize = 3 * TEXT_BYTES + LINE_BYTES + 120;

/// What a result of a ramp tells; the place of each is its number in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The recording has begun; the marks are the commands.
    Begun,
    /// The step is about to be run.
    Step,
    /// It has ended, and its container is waited for.
    Wait,
    /// That is ready, and the board settles.
    Settle,
    /// Figures are taken from here
    Window,
    /// to here.
    Measured,
    /// All containers were ready once more: so many count.
    Held,
    /// The ramp has ended; the value is the count.
    Ended,
    /// The container was undone, or, where its command failed, was not.
    Undone,
    /// All were; the value is how many could not be.
    Finished,
}

impl Phase {
    const ALL: [Self; 10] = [
        Self::Begun,
        Self::Step,
        Self::Wait,
        Self::Settle,
        Self::Window,
        Self::Measured,
        Self::Held,
        Self::Ended,
        Self::Undone,
        Self::Finished,
    ];

    /// Its name for programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Step => "step",
            Self::Wait => "wait",
            Self::Settle => "settle",
            Self::Window => "window",
            Self::Measured => "measured",
            Self::Held => "held",
            Self::Ended => "ended",
            Self::Undone => "undone",
            Self::Finished => "finished",
        }
    }
}

/// What ended a ramp; the place of each, from 1, is its number in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    Memory,
    OutOfMemory,
    Probe,
    Pressure,
    Deadlines,
    NotReady,
    StepFailed,
    NotInTime,
    Most,
    Signal,
}

/// Who ended a ramp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ender {
    Board,
    Product,
    Limit,
    User,
}

impl Cause {
    const ALL: [Self; 10] = [
        Self::Memory,
        Self::OutOfMemory,
        Self::Probe,
        Self::Pressure,
        Self::Deadlines,
        Self::NotReady,
        Self::StepFailed,
        Self::NotInTime,
        Self::Most,
        Self::Signal,
    ];

    pub(crate) fn ender(self) -> Ender {
        match self {
            Self::Memory | Self::OutOfMemory | Self::Probe | Self::Pressure | Self::Deadlines => {
                Ender::Board
            }
            Self::NotReady => Ender::Product,
            Self::StepFailed | Self::NotInTime | Self::Most => Ender::Limit,
            Self::Signal => Ender::User,
        }
    }

    /// Its name for programs, and in words.
    pub(crate) fn names(self) -> [&'static str; 2] {
        match self {
            Self::Memory => ["memory", "available memory below the reserve"],
            Self::OutOfMemory => ["oom", "a process was killed for want of memory"],
            Self::Probe => ["latency", "the probe was too slow or failed"],
            Self::Pressure => ["pressure", "all tasks waited for memory too long"],
            Self::Deadlines => ["deadlines", "samples could not be taken in time"],
            Self::NotReady => ["not-ready", "a container was not ready any more"],
            Self::StepFailed => ["step-failed", "a step failed"],
            Self::NotInTime => ["not-in-time", "a container was not ready in time"],
            Self::Most => ["max", "as many as were asked for"],
            Self::Signal => ["signal", "a signal"],
        }
    }
}

impl Ender {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Board => "the board",
            Self::Product => "the product",
            Self::Limit => "a limit",
            Self::User => "the user",
        }
    }
}

/// How far a ramp was when a result was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ramp {
    pub phase: Phase,
    /// How many containers are known to be ready.
    pub ready: u64,
    /// `None`: it goes on.
    pub cause: Option<Cause>,
}

impl Ramp {
    // There are a few causes.
    #[allow(clippy::arithmetic_side_effects)]
    fn step(self) -> RampStep {
        RampStep {
            phase: self.phase as u32,
            ready: self.ready,
            cause: self.cause.map_or(0, |cause| cause as u32 + 1),
        }
    }

    /// `None`: of a later version.
    // 0 is another case.
    #[allow(clippy::arithmetic_side_effects)]
    fn of(step: RampStep) -> Option<Self> {
        let cause = match step.cause {
            0 => None,
            number => Some(*Cause::ALL.get(number as usize - 1)?),
        };
        Some(Self {
            phase: *Phase::ALL.get(step.phase as usize)?,
            ready: step.ready,
            cause,
        })
    }

    /// `None` where the entry is no step, or one of a later version.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok().and_then(Self::of)
    }

    /// That of a part of a result, with the container that it is about.
    pub(crate) fn of_part(part: &ResultPart<Vec<u8>>) -> Option<(Self, u64)> {
        if part.kind != Kind::Ramp as u32 {
            return None;
        }
        let mut all = crate::log::result::entries(&part.entries).flatten();
        let entry = all.find(|entry| entry.tag == tag::RAMP)?;
        Some((Self::read(entry.bytes)?, part.value))
    }

    pub(super) fn put(self, put: &mut Put<'_>) {
        let mut buffer = [0; 20];
        if let Ok(bytes) = postcard::to_slice(&self.step(), &mut buffer) {
            put(tag::RAMP, bytes);
        }
    }
}

/// A change of a ramp, to be written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RampChange<'a> {
    pub(crate) at_us: u64,
    /// The container that it is about, or the count.
    pub(crate) value: Option<u64>,
    pub(crate) ramp: Ramp,
    /// Of a command that failed.
    pub(crate) run: Option<CommandRun>,
    /// The circumstances.
    pub(crate) evidence: &'a str,
    /// At its beginning: the names of the commands, and the commands.
    pub(crate) commands: &'a [(&'a str, &'a str)],
}

impl RampChange<'_> {
    /// Its record, with the entries in `room`.
    pub(crate) fn part<'r>(&self, room: &'r mut [u8; RAMP_ROOM]) -> ResultPart<&'r [u8]> {
        let mut single = Single::new(room);
        let put: &mut Put<'_> = &mut |tag, bytes| single.put(tag, bytes);
        put_text(put, tag::EVIDENCE, self.evidence, LINE_BYTES);
        for (name, command) in self.commands {
            put_mark(put, name, None, command);
        }
        if let Some(run) = &self.run {
            entries(run, put);
        }
        self.ramp.put(put);
        single.part(Kind::Ramp, self.at_us, self.value)
    }
}
