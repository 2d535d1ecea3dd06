//! What resumes a benchmark after a restart: the unit or the init script that is shipped.

use super::commands::Ended;
use super::note;
use crate::proc::root::Root;
use crate::system::command::{Command, Exit};
use crate::system::errno::reason;
use std::path::Path;
use std::time::Duration;

const UNIT: &str = "edgebench-lite-bench.service";
const UNITS: [&str; 3] = [
    "etc/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
];
const SCRIPTS: &str = "etc/init.d";
/// systemctl answers so soon, even on a busy board.
const PATIENCE: Duration = Duration::from_secs(300);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Init {
    Systemd,
    /// It looks for the note itself.
    Script,
    /// Whoever has put the note elsewhere.
    Caller,
    /// Nothing, for this reason.
    None(&'static str),
}

impl Init {
    /// What there is on this machine, for a note at `note`.
    pub(super) fn of(root: &Root, note: &Path) -> Self {
        let is_there = |folder: &&str| root.open_file(&format!("{folder}/{UNIT}")).is_ok();
        let is_script = |name: &String| name.ends_with("edgebench-lite");
        if note != Path::new(note::PLACE) {
            return Self::Caller;
        }
        if root.open_file("run/systemd/system").is_ok() {
            return match UNITS.iter().any(is_there) {
                true => Self::Systemd,
                false => Self::None("edgebench-lite-bench.service is not installed"),
            };
        }
        match root.list(SCRIPTS).iter().any(is_script) {
            true => Self::Script,
            false => Self::None("/etc/init.d/edgebench-lite is not installed"),
        }
    }

    /// What resumes a benchmark on this machine, or why nothing does.
    pub(crate) fn here(root: &Root) -> Result<&'static str, &'static str> {
        match Self::of(root, Path::new(note::PLACE)) {
            Self::None(why) => Err(why),
            Self::Systemd => Ok(UNIT),
            Self::Script | Self::Caller => Ok("the init script"),
        }
    }

    /// Has the next boot resume the benchmark, or not any more.
    pub(super) fn resume(&self, resumes: bool) -> Result<(), String> {
        if *self != Self::Systemd {
            return Ok(());
        }
        let verb = match resumes {
            true => "enable",
            false => "disable",
        };
        let mut output = Vec::new();
        let command = Command::new(&["systemctl", verb, UNIT]);
        let ended = command.and_then(|command| {
            command.run(PATIENCE, &mut |bytes| output.extend_from_slice(bytes))
        });
        let why = match ended.map(|ended| ended.exit) {
            Ok(Exit::Status(0)) => return Ok(()),
            Ok(exit) => Ended { exit, output }.why(),
            Err(errno) => reason(errno).to_owned(),
        };
        Err(format!("systemctl {verb} {UNIT}: {why}"))
    }
}
