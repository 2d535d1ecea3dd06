//! A command's run as entries of a result, and back.

use super::kind::{Kind, Verdict};
use crate::log::fields::NOT_OBSERVABLE;
use crate::log::result::{tag, Entry, ExitCode, ResultPart};
use crate::system::command::Exit;

/// Of a command, and of its last line, so many bytes are kept.
pub(crate) const COMMAND_BYTES: usize = 1000;
pub(crate) const LINE_BYTES: usize = 200;
/// Room for all entries of a run.
pub(crate) const ROOM: usize = COMMAND_BYTES + LINE_BYTES + 80;

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

/// Its record, with the entries in `room`. Asks for no memory.
pub(crate) fn part<'r>(ended: &Ended<'_>, room: &'r mut [u8; ROOM]) -> ResultPart<&'r [u8]> {
    let mut len = 0;
    let mut put = |tag, bytes: &[u8]| {
        if let Ok(entry) = postcard::to_slice(&Entry { tag, bytes }, &mut room[len..]) {
            len += entry.len();
        }
    };
    let texts = [
        (tag::SOURCE, ended.command, COMMAND_BYTES),
        (tag::EVIDENCE, ended.last_line, LINE_BYTES),
    ];
    for (tag, text, most) in texts {
        if !text.is_empty() {
            put(tag, beginning(text, most).as_bytes());
        }
    }
    entries(&ended.run, &mut put);
    ResultPart {
        at_us: ended.at_us,
        kind: Kind::Probe as u32,
        part: 0,
        parts: 1,
        verdict: Verdict::None as u32,
        value: ended.took_us.unwrap_or(NOT_OBSERVABLE),
        entries: &room[..len],
    }
}

/// The text, or as much of its beginning as fits into so many bytes.
pub(super) fn beginning(text: &str, most: usize) -> &str {
    let fits = |at: &usize| text.is_char_boundary(*at);
    let end = (0..=most.min(text.len())).rev().find(fits);
    &text[..end.unwrap_or(0)]
}

/// The entries of a run that are no texts.
pub(super) fn entries(run: &CommandRun, put: &mut dyn FnMut(u32, &[u8])) {
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
