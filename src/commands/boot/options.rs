//! The options of `boot watch`, and what they mean.

use crate::boot::nudge::Nudges;
use crate::boot::parts::Between;
use crate::boot::pattern::Pattern;
use crate::boot::scan::{Milestones, Scan};
use crate::boot::tree::Start;
use crate::commands::name::Name;
use crate::commands::options::options;
use crate::commands::outcome::Error;
use crate::commands::units::Span;
use crate::system::serial::has_rate;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

const MOST_RUNS: u64 = 1000;

options! {
    /// Time a board's start on its serial line, from power-on or a restart to the login
    /// prompt, with a host's clock. Exit status: 0 timed; 1 no prompt in time; 2 nothing
    /// could be read.
    #[argh(
        subcommand,
        name = "watch",
        example = "edgebench-lite boot watch /dev/ttyUSB0 --restart reboot --login root --password-file secret"
    )]
    pub(crate) struct Watch {
        /// rate of the line, in bits a second (default: 115200)
        #[argh(option)]
        pub(super) baud: Baud = Baud(115_200),

        /// where the time begins: first-byte, key (Enter, pressed as the power is switched
        /// on) or a PATTERN (default: the power-on or the restart, or else first-byte)
        #[argh(option, arg_name = "when")]
        pub(super) start: Option<Begin>,

        /// shell command that switches the power on
        #[argh(option, arg_name = "command")]
        pub(super) power_on: Option<String>,

        /// shell command that switches the power off first
        #[argh(option, arg_name = "command")]
        pub(super) power_off: Option<String>,

        /// how long the power stays off (default: 5s)
        #[argh(option, arg_name = "time")]
        pub(super) off: Span = Span(Duration::from_secs(5)),

        /// where the time ends: text, * and ?, from the start of a line (default: a word and
        /// ` login: `)
        #[argh(option, arg_name = "pattern")]
        pub(super) until: Option<Pattern>,

        /// moment to time as well, NAME=PATTERN; may be repeated
        #[argh(option, long = "mark", arg_name = "mark")]
        pub(super) marks: Vec<Mark>,

        /// how often to press Enter for a prompt; 0: never (default: 1s)
        #[argh(option, arg_name = "time")]
        pub(super) nudge: Span = Span(Duration::from_secs(1)),

        /// how long after the start to press it first (default: 20s)
        #[argh(option, arg_name = "time")]
        pub(super) nudge_after: Span = Span(Duration::from_secs(20)),

        /// how long to wait for the prompt (default: 5m)
        #[argh(option, arg_name = "time")]
        pub(super) timeout: Span = Span(Duration::from_secs(300)),

        /// how many starts to time (default: 1)
        #[argh(option, arg_name = "number")]
        pub(super) runs: u64 = 1,

        /// command that restarts the board, typed on its console, such as reboot
        #[argh(option, arg_name = "command")]
        pub(super) restart: Option<String>,

        /// user to log in as before the restart
        #[argh(option, arg_name = "user")]
        pub(super) login: Option<String>,

        /// file with the user's password in its first line (default: asked for on the
        /// terminal)
        #[argh(option, arg_name = "file")]
        pub(super) password_file: Option<PathBuf>,

        /// file for all bytes as they came; FILE.times has their times
        #[argh(option, arg_name = "file")]
        pub(super) transcript: Option<PathBuf>,

        /// log to append the results to, for compare; created if absent
        #[argh(option, short = 'o')]
        pub(super) output: Option<PathBuf>,

        /// what is being measured, such as k3s or izuma (default: unnamed)
        #[argh(option)]
        pub(super) product: Option<Name>,

        /// serial port that the board's console is on, such as /dev/ttyUSB0
        #[argh(positional, arg_name = "TTY")]
        pub(super) tty: PathBuf,
    }
}

/// A rate that serial ports have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Baud(pub(super) u32);

impl FromStr for Baud {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let baud = text.parse().ok().filter(|baud| has_rate(*baud));
        baud.map(Self)
            .ok_or_else(|| format!("`{text}` is not a serial port's rate, such as 115200"))
    }
}

/// `--start`
#[derive(Debug, Clone)]
pub(super) enum Begin {
    FirstByte,
    Key,
    Pattern(Pattern),
}

impl FromStr for Begin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "first-byte" => Ok(Self::FirstByte),
            "key" => Ok(Self::Key),
            pattern => pattern.parse().map(Self::Pattern),
        }
    }
}

/// `NAME=PATTERN`
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) name: String,
    pattern: Pattern,
}

impl FromStr for Mark {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, pattern) = text
            .split_once('=')
            .ok_or_else(|| format!("`{text}` is not NAME=PATTERN"))?;
        let Name(name) = name.parse()?;
        let pattern = pattern.parse()?;
        Ok(Self { name, pattern })
    }
}

impl Watch {
    pub(super) fn check(&self) -> Result<(), Error> {
        let repeats = self.power_on.is_some() || self.restart.is_some();
        let by_hand = matches!(self.start, Some(Begin::Key | Begin::Pattern(_)));
        let begins = self.power_on.is_some() || self.start.is_some();
        let logs_in = self.login.is_some() || self.password_file.is_some();
        let why = match () {
            () if self.power_off.is_some() && self.power_on.is_none() => {
                "--power-off needs --power-on"
            }
            () if self.restart.is_some() && begins => {
                "--restart is a start itself: it takes no --power-on and no --start"
            }
            () if self.restart.is_none() && logs_in => {
                "--login and --password-file are for --restart"
            }
            () if self.runs == 0 || self.runs > MOST_RUNS => "--runs: 1 to 1000",
            () if self.runs > 1 && !repeats && !by_hand => {
                "--runs needs --power-on, --restart, or --start with key or a pattern"
            }
            () if self.output.is_none() && self.product.is_some() => "--product is for --output",
            () => return Ok(()),
        };
        Err(Error::usage(format!("boot watch: {why}")))
    }

    pub(super) fn nudges(&self) -> Nudges {
        let ns = |span: Span| u64::try_from(span.0.as_nanos()).unwrap_or(u64::MAX);
        Nudges::new(ns(self.nudge), ns(self.nudge_after))
    }

    /// What reads the line.
    pub(super) fn scan(&self) -> Scan {
        let marks: Vec<_> = self.marks.iter().map(|mark| mark.pattern.clone()).collect();
        let begin = match &self.start {
            Some(Begin::Pattern(pattern)) => Some(pattern.clone()),
            _ => None,
        };
        Scan::new(self.until.clone(), &marks).beginning(begin)
    }

    /// When it began: as it was begun, or as the line tells.
    pub(super) fn start_of(
        &self,
        milestones: &Milestones,
        begun: Option<Between>,
    ) -> Option<Between> {
        begun.or_else(|| {
            let moment = match &self.start {
                Some(Begin::Pattern(_)) => milestones.begun_ns,
                _ => milestones.first_byte_ns,
            };
            moment.map(Between::exactly)
        })
    }

    /// What kind of start was asked for.
    pub(super) fn asked_for(&self) -> Option<Start> {
        match (&self.restart, &self.power_on) {
            (Some(_), _) => Some(Start::Restart),
            (None, Some(_)) => Some(Start::PowerOn),
            (None, None) => None,
        }
    }
}
