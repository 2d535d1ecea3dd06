//! The probe of a recording: its options, checked before anything is started.

use super::options::Record;
use crate::commands::outcome::Error;
use crate::recording::{Probe, Schedule};
use crate::system::command::{Child, Command, Exit};
use crate::system::errno::reason;
use std::time::Duration;

/// How often it is run, and how long a run may take, where the user does not say.
const EVERY: Duration = Duration::from_secs(30);
const TIME_OUT: Duration = Duration::from_secs(120);
/// How long it is looked for.
const LOOK: Duration = Duration::from_secs(10);

/// A probe that can be run.
pub(crate) struct PreparedProbe<'r> {
    /// The command, as the log tells of it.
    told: &'r str,
    command: Command,
    schedule: Schedule,
}

impl<'r> PreparedProbe<'r> {
    /// `None` where there is to be none. `score`: as of [`shell`].
    ///
    /// # Errors
    /// Where the options are not to be used, or the command is not found.
    pub(crate) fn of(record: &'r Record, score: Option<&str>) -> Result<Option<Self>, Error> {
        let Some((line, schedule)) = scheduled(record)? else {
            return Ok(None);
        };
        check("--probe", line)?;
        let cannot =
            |errno: nix::errno::Errno| Error::new(format!("--probe `{line}`: {}", reason(errno)));
        let command = shell(line.len(), score).map_err(cannot)?;
        for (cell, byte) in command.room().iter().zip(line.bytes()) {
            cell.set(byte);
        }
        // What follows the name may be a password.
        let told = match record.redact {
            true => name_of(line).unwrap_or("sh"),
            false => line,
        };
        Ok(Some(Self {
            told,
            command,
            schedule,
        }))
    }

    /// Starts it, and says how long it may take.
    pub(crate) fn start(&self) -> (nix::Result<Child<'_>>, Duration) {
        let time = Duration::from_nanos(self.schedule.time_out_ns);
        (self.command.start(), time)
    }

    /// The probe of a recording that began at `start_ns`, on CLOCK_BOOTTIME, and waits for
    /// commands.
    pub(crate) fn probe(&self, start_ns: u64) -> Probe<'_> {
        // Otherwise its output is read when something else wakes the recorder.
        let _ = self.command.announce_output();
        Probe::new(&self.command, self.told, self.schedule, start_ns)
    }
}

/// What is run, and when; `None`: nothing.
///
/// # Errors
/// Where the options are not to be used.
pub(crate) fn scheduled(record: &Record) -> Result<Option<(&str, Schedule)>, Error> {
    let (every, time_out) = (record.probe_every, record.probe_timeout);
    let Some(line) = &record.probe else {
        return match every.or(time_out) {
            Some(_) => Err(Error::usage(
                "--probe-every and --probe-timeout need --probe",
            )),
            None => Ok(None),
        };
    };
    let every = every.map_or(EVERY, |every| every.0);
    let time_out = time_out.map_or(TIME_OUT, |time| time.0);
    if every < record.interval.0 {
        return Err(Error::usage(
            "--probe-every is shorter than --interval: the probe is started after a sample",
        ));
    }
    if time_out.is_zero() {
        return Err(Error::usage("--probe-timeout is 0: no run could end"));
    }
    let schedule = Schedule {
        every_ns: every.as_nanos() as u64,
        time_out_ns: time_out.as_nanos() as u64,
    };
    Ok(Some((line, schedule)))
}

/// A shell command of so many bytes at most. It runs with this `oom_score_adj`, where one is
/// given.
///
/// # Errors
/// Those of pipe2(2).
pub(crate) fn shell(bytes: usize, score: Option<&str>) -> nix::Result<Command> {
    let Some(score) = score else {
        return Command::with_room(&["/bin/sh", "-c"], bytes);
    };
    let adjusted = format!("echo {score} >/proc/self/oom_score_adj; exec /bin/sh -c \"$0\"");
    Command::with_room(&["/bin/sh", "-c", &adjusted], bytes)
}

/// Checks what can be known of a command before it is run.
///
/// # Errors
/// Where it is empty, or not found.
pub(crate) fn check(option: &str, line: &str) -> Result<(), Error> {
    if line.trim().is_empty() {
        return Err(Error::usage(format!("{option}: the command is empty")));
    }
    match name_of(line).filter(|name| !is_found(name)) {
        Some(name) => Err(Error::new(format!(
            "{option}: command `{name}` not found; nothing was started"
        ))),
        None => Ok(()),
    }
}

/// The name of the first command of a line; `None` where only the shell can tell.
fn name_of(line: &str) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+:@%,~".contains(&byte);
    let mut words = line.split_whitespace();
    let name = words.find(|word| !word.contains('='))?;
    let before = line.split(name).next().unwrap_or_default();
    let is_told = !before.contains(['\'', '"', '$', '`', '(', ';']);
    (is_told && !name.starts_with('~') && name.bytes().all(is_plain)).then_some(name)
}

/// Whether the shell knows it: a program, one of its own commands or words.
fn is_found(name: &str) -> bool {
    let look = ["/bin/sh", "-c", "command -v \"$1\"", "sh", name];
    let look = Command::new(&look).and_then(|command| command.run(LOOK, &mut |_| ()));
    // Where that cannot be found out, the first run will show it.
    !look.is_ok_and(|ended| matches!(ended.exit, Exit::Status(1..)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_command_of_a_line() {
        assert_eq!(name_of("kubectl get nodes"), Some("kubectl"));
        assert_eq!(name_of(" A=1 /usr/bin/k3s kubectl"), Some("/usr/bin/k3s"));
        for line in [
            "A=1",
            "$K get nodes",
            "A='x y' z",
            "(cd /; ls)",
            "'a b' c",
            "~/k",
        ] {
            assert_eq!(name_of(line), None, "{line}");
        }
    }

    #[test]
    fn what_the_shell_knows() {
        for name in ["sh", "/bin/sh", "cd", "if"] {
            assert!(is_found(name), "{name}");
        }
        assert!(!is_found("edgebench-no-such-command"));
    }
}
