//! A command's run as entries of a result, and back.

use super::kind::Kind;
use super::single::{put_text, Put, Single, LINE_BYTES, TEXT_BYTES};
use crate::log::result::{tag, Entry, ExitCode, ResultPart};
use crate::system::command::Exit;

/// Room for all entries of a run.
pub(crate) const ROOM: usize = TEXT_BYTES + LINE_BYTES + 80;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Status(u8),
    Signal(u8),
    /// Killed at its time-out.
    TimedOut,
    /// Killed at the end of the recording.
    Stopped,
    /// It could not be started, for this errno.
    NotStarted(u32),
}

impl From<Exit> for Outcome {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Status(status) => Self::Status(status),
            Exit::Signal(signal) => Self::Signal(signal),
            Exit::TimedOut => Self::TimedOut,
        }
    }
}

impl Outcome {
    fn code(self) -> ExitCode {
        let (how, number) = match self {
            Self::Status(status) => (0, status.into()),
            Self::Signal(signal) => (1, signal.into()),
            Self::TimedOut => (2, 0),
            Self::Stopped => (3, 0),
            Self::NotStarted(errno) => (4, errno),
        };
        ExitCode { how, number }
    }

    /// `None`: of a later version.
    fn of(code: ExitCode) -> Option<Self> {
        let small = u8::try_from(code.number).ok();
        match code.how {
            0 => small.map(Self::Status),
            1 => small.map(Self::Signal),
            2 => Some(Self::TimedOut),
            3 => Some(Self::Stopped),
            4 => Some(Self::NotStarted(code.number)),
            _ => None,
        }
    }
}

/// What a result says of the command beside its time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CommandRun {
    /// `None`: a later version knows.
    pub outcome: Option<Outcome>,
    /// CPU time of the command and of the children that it waited for, microseconds.
    pub cpu_us: u64,
    /// The first run pays for cold caches.
    pub is_first: bool,
    /// How often it was due again while it still ran.
    pub missed: u64,
}

/// A run of a probe that has ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended<'a> {
    /// Its start, after that of the recording; microseconds.
    pub(crate) at_us: u64,
    /// `None`: it could not be started.
    pub(crate) took_us: Option<u64>,
    pub(crate) run: CommandRun,
    pub(crate) command: &'a str,
    pub(crate) last_line: &'a str,
}

/// Its record, with the entries in `room`.
pub(crate) fn part<'r>(ended: &Ended<'_>, room: &'r mut [u8; ROOM]) -> ResultPart<&'r [u8]> {
    let mut single = Single::new(room);
    let put: &mut Put<'_> = &mut |tag, bytes| single.put(tag, bytes);
    put_text(put, tag::SOURCE, ended.command, TEXT_BYTES);
    put_text(put, tag::EVIDENCE, ended.last_line, LINE_BYTES);
    entries(&ended.run, put);
    single.part(Kind::Probe, ended.at_us, ended.took_us)
}

/// The entries of a run that are no texts.
pub(super) fn entries(run: &CommandRun, put: &mut Put<'_>) {
    let mut buffer = [0; 10];
    if let Some(outcome) = run.outcome {
        if let Ok(bytes) = postcard::to_slice(&outcome.code(), &mut buffer) {
            put(tag::EXIT, bytes);
        }
    }
    for (tag, number) in [(tag::CPU_US, run.cpu_us), (tag::MISSED, run.missed)] {
        if let (Ok(bytes), true) = (postcard::to_slice(&number, &mut buffer), number > 0) {
            put(tag, bytes);
        }
    }
    if run.is_first {
        put(tag::FIRST, &[]);
    }
}

/// Takes an entry; whether it is one that this program knows.
pub(super) fn take(run: &mut Option<CommandRun>, entry: &Entry<'_>) -> bool {
    if !(tag::EXIT..=tag::MISSED).contains(&entry.tag) {
        return false;
    }
    let run = run.get_or_insert_with(CommandRun::default);
    // The reader has seen that they make sense.
    let number = || postcard::from_bytes(entry.bytes).unwrap_or(0);
    match entry.tag {
        tag::EXIT => {
            let code = postcard::from_bytes::<ExitCode>(entry.bytes).ok();
            run.outcome = code.and_then(Outcome::of);
            return run.outcome.is_some();
        }
        tag::CPU_US => run.cpu_us = number(),
        tag::MISSED => run.missed = number(),
        _ => run.is_first = true,
    }
    true
}
