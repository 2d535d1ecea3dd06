//! The commands of a plan, and this program's own: each is waited for asleep, so that
//! nothing runs beside it.

use super::directory::Directory;
use crate::commands::outcome::{complain, Error};
use crate::render::escaped;
use crate::results::LINE_BYTES;
use crate::system::clock::boottime_ns;
use crate::system::command::{Command, Exit};
use crate::system::detach::ignore;
use crate::system::errno::reason;
use crate::system::resident;
use crate::system::signals::{EndSignals, Wake};
use nix::fcntl::{fallocate, FallocateFlags};
use nix::sys::signal::{killpg, Signal};
use nix::unistd::Pid;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the shell is told first: the output goes to a file, for a service that a command
/// leaves behind would not outlive a pipe to this process.
pub(super) const INTO_FILE: &str = "exec >>\"$1\" 2>&1; eval \"$2\"";
/// As what the shell names itself in what it says of them.
pub(super) const NAME: &str = "plan";
/// How long a command that was asked to end may take for that.
const GRACE: Duration = Duration::from_secs(20);
/// As good as for ever.
const LONG: Duration = Duration::from_secs(365 * 86_400);
/// Between two looks at how much a plan's commands have written: while one of them is waited
/// for, and while something is measured, which a service that one has left may take for long.
const LOOK: Duration = Duration::from_secs(1);
const RARE_LOOK: Duration = Duration::from_secs(60);
/// Bytes that they may have written.
const MOST: u64 = 1 << 20;
/// As large as a file system's blocks may be.
const BLOCK: u64 = 1 << 16;
const LEFT_OUT: &[u8] = b"All but the end of more than 1 MiB was left out here.\n";
/// Between two times that a plan's command is asked whether something is ready.
const PAUSE: Duration = Duration::from_secs(1);

/// Why a command did not do what it should.
#[derive(Debug)]
pub(super) enum Failure {
    /// A signal has ended the benchmark.
    Stopped,
    Because(String),
}

impl Failure {
    pub(super) fn because(why: impl Into<String>) -> Self {
        Self::Because(why.into())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Failed(why) | Error::Usage(why) => Self::Because(why),
            Error::BrokenPipe => Self::because("nobody reads the output"),
        }
    }
}

/// A command that has ended.
pub(super) struct Ended {
    pub(super) exit: Exit,
    pub(super) output: Vec<u8>,
}

impl Ended {
    /// How it ended, and the last line of its output.
    pub(super) fn why(&self) -> String {
        let how = match self.exit {
            Exit::Status(status) => format!("status {status}"),
            Exit::Signal(signal) => format!("killed by signal {signal}"),
            Exit::TimedOut => "not done in time, and killed".to_owned(),
        };
        match last_line(&self.output) {
            last if last.is_empty() => how,
            last => format!("{how}: {last}"),
        }
    }
}

fn last_line(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    let last = last.unwrap_or_default().trim();
    last.chars().take(LINE_BYTES).collect()
}

/// Starts commands, and waits for them.
pub(super) struct Commands<'d> {
    directory: &'d Directory,
    signals: EndSignals,
    /// This program.
    own: PathBuf,
}

impl<'d> Commands<'d> {
    pub(super) fn new(directory: &'d Directory) -> Result<Self, Error> {
        let failed =
            |errno: nix::Error| Error::new(format!("cannot block signals: {}", reason(errno)));
        // Whoever has begun it may log out.
        ignore(Signal::SIGHUP).map_err(failed)?;
        let mut signals = EndSignals::block().map_err(failed)?;
        signals.watch_commands().map_err(failed)?;
        Ok(Self {
            directory,
            signals,
            own: own(),
        })
    }

    /// Waits; a signal is a failure.
    pub(super) fn sleep(&self, time: Duration) -> Result<(), Failure> {
        let until_ns = boottime_ns().saturating_add(nanoseconds(time));
        loop {
            let left = until_ns.saturating_sub(boottime_ns());
            if left == 0 {
                return Ok(());
            }
            if self.signals.wait(Duration::from_nanos(left)) == Wake::End {
                return Err(Failure::Stopped);
            }
        }
    }

    /// Runs this program. What a command of its own has to undo may take its time.
    pub(super) fn own(&self, arguments: &[&str]) -> Result<Ended, Failure> {
        let own = self.own.to_string_lossy();
        let mut all = vec![&*own];
        all.extend(arguments);
        let undoes = match arguments {
            [name @ "ramp", ..] | ["survive", name @ "ip-change", ..] => Some(*name),
            _ => None,
        };
        self.run(&Command::new(&all), LONG, RARE_LOOK, undoes)
    }

    /// Runs this program, which has to succeed; returns its output.
    pub(super) fn own_succeeds(&self, arguments: &[&str]) -> Result<Vec<u8>, Failure> {
        let ended = self.own(arguments)?;
        match ended.exit {
            Exit::Status(0) => Ok(ended.output),
            _ => Err(Failure::because(ended.why())),
        }
    }

    /// Runs a command of the plan; its output goes to a file in the directory.
    pub(super) fn shell(&self, line: &str, within: Duration) -> Result<Ended, Failure> {
        let path = self.directory.output();
        let begin = std::fs::metadata(&path).map_or(0, |about| about.len());
        let file = path.to_string_lossy();
        let command = Command::new(&["/bin/sh", "-c", INTO_FILE, NAME, &file, line]);
        let mut ended = self.run(&command, within, LOOK, None)?;
        // It is told on a terminal, and in the journal.
        ended.output = escaped(last_line(&tail(&path, begin)).as_bytes()).into_bytes();
        Ok(ended)
    }

    /// Runs a command of the plan that has to succeed.
    pub(super) fn succeed(&self, word: &str, line: &str, within: Duration) -> Result<(), Failure> {
        let ended = self.shell(line, within)?;
        match ended.exit {
            Exit::Status(0) => Ok(()),
            _ => Err(Failure::because(format!(
                "`{word}` failed: {}",
                ended.why()
            ))),
        }
    }

    /// Runs it again and again until it succeeds.
    pub(super) fn await_success(
        &self,
        word: &str,
        line: &str,
        within: Duration,
    ) -> Result<(), Failure> {
        let until_ns = boottime_ns().saturating_add(nanoseconds(within));
        loop {
            let left = until_ns.saturating_sub(boottime_ns());
            let ended = self.shell(line, Duration::from_nanos(left.max(1)))?;
            if ended.exit == Exit::Status(0) {
                return Ok(());
            }
            if boottime_ns().saturating_add(nanoseconds(PAUSE)) >= until_ns {
                let why = ended.why();
                let seconds = within.as_secs();
                return Err(Failure::because(format!(
                    "`{word}` did not succeed within {seconds} s: {why}"
                )));
            }
            self.sleep(PAUSE)?;
        }
    }

    fn run(
        &self,
        command: &nix::Result<Command>,
        within: Duration,
        look: Duration,
        mut undoes: Option<&str>,
    ) -> Result<Ended, Failure> {
        let failed = |errno: nix::Error| {
            Failure::because(format!("cannot start a command: {}", reason(errno)))
        };
        let command = command.as_ref().map_err(|errno| failed(*errno))?;
        command.announce_output().map_err(failed)?;
        let mut child = command.start().map_err(failed)?;
        let mut output = Vec::new();
        let mut keep = |bytes: &[u8]| {
            output.extend_from_slice(bytes);
        };
        let mut until_ns = boottime_ns().saturating_add(nanoseconds(within));
        let mut is_stopped = false;
        let ended = loop {
            if let Some(ended) = child.poll(&mut keep) {
                break ended;
            }
            let left = until_ns.saturating_sub(boottime_ns());
            if left == 0 {
                break child.kill(&mut keep);
            }
            // It matters less than what is measured; who writes so much may go on so.
            let look = match bound(&self.directory.output()) {
                Ok(true) => LOOK,
                _ => look,
            };
            // What waits is no part of what is measured.
            resident::release();
            if self.signals.wait(Duration::from_nanos(left).min(look)) == Wake::End {
                let group = i32::try_from(child.pid()).map(Pid::from_raw);
                let _ = group.map(|group| killpg(group, Signal::SIGTERM));
                is_stopped = true;
                until_ns = boottime_ns().saturating_add(nanoseconds(GRACE));
                if let Some(name) = undoes.take() {
                    complain(&format!(
                        "`{name}` undoes what it has changed; another signal kills it after {} s",
                        GRACE.as_secs()
                    ));
                    until_ns = u64::MAX;
                }
            }
        };
        match is_stopped {
            true => Err(Failure::Stopped),
            false => Ok(Ended {
                exit: ended.exit,
                output,
            }),
        }
    }
}

/// The path of this program.
fn own() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("/proc/self/exe"))
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Of a file that has grown too large only the last lines stay, behind one that says so.
/// Whoever appends to it goes on. Returns whether it had.
fn bound(path: &Path) -> io::Result<bool> {
    let len = std::fs::metadata(path)?.len();
    if len <= MOST {
        return Ok(false);
    }
    let file = OpenOptions::new().write(true).open(path)?;
    // On ext4, XFS and F2FS the kernel takes the beginning out, and no line is lost that
    // comes meanwhile.
    let cut = libc::off_t::try_from(((len - 1) / BLOCK - 1) * BLOCK).unwrap_or(0);
    let collapse = FallocateFlags::FALLOC_FL_COLLAPSE_RANGE;
    if fallocate(&file, collapse, 0, cut).is_ok() {
        file.write_all_at(LEFT_OUT, 0)?;
        return Ok(true);
    }
    let kept = tail(path, 0);
    file.set_len(0)?;
    let mut file = OpenOptions::new().append(true).open(path)?;
    file.write_all(LEFT_OUT)?;
    file.write_all(&kept)?;
    Ok(true)
}

/// The end of what a command has added to a file.
fn tail(path: &Path, begin: u64) -> Vec<u8> {
    let mut buffer = [0; 2048];
    let read = File::open(path).and_then(|file| {
        let end = file.metadata()?.len();
        // It may have been cut.
        let begin = if begin > end { 0 } else { begin };
        let begin = begin.max(end.saturating_sub(buffer.len() as u64));
        file.read_at(&mut buffer, begin)
    });
    buffer[..read.unwrap_or(0)].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    const TOLD: &str = "All but the end of more than 1 MiB was left out here.\n";

    fn file(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("edgebench-{name}-{}", std::process::id()))
    }

    /// Whether the file system under it can take out a file's beginning.
    fn collapses(path: &Path) -> bool {
        std::fs::write(path, [0; 2 << 17]).unwrap();
        let file = OpenOptions::new().write(true).open(path).unwrap();
        fallocate(&file, FallocateFlags::FALLOC_FL_COLLAPSE_RANGE, 0, 1 << 16).is_ok()
    }

    #[test]
    fn of_what_is_written_without_end_the_end_is_kept() {
        let path = file("bound");
        let collapses = collapses(&path);
        let line = "0123456789abcde\n";
        let few = line.repeat((MOST / 16) as usize);
        std::fs::write(&path, &few).unwrap();
        assert!(!bound(&path).unwrap());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), few);
        // A service goes on writing.
        let mut service = OpenOptions::new().append(true).open(&path).unwrap();
        service.write_all(b"0123456789abcdX\n").unwrap();
        assert!(bound(&path).unwrap());
        service.write_all(b"y\n").unwrap();
        // 1 MiB and a line, of which 15 x 64 KiB go: the 54 bytes of the remark lie over three
        // lines and 6 bytes. Elsewhere 2 KiB stay: 127 lines and one.
        let kept = match collapses {
            true => format!("6789abcde\n{}", line.repeat(4092)),
            false => line.repeat(127),
        };
        let expected = format!("{TOLD}{kept}0123456789abcdX\ny\n");
        assert!(std::fs::read_to_string(&path).unwrap() == expected);
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn no_line_that_comes_meanwhile_is_lost() {
        let path = file("meanwhile");
        if !collapses(&path) {
            eprintln!("skipped: the file system under the folder for temporary files cannot");
            std::fs::remove_file(&path).unwrap();
            return;
        }
        std::fs::write(&path, "").unwrap();
        let stop = AtomicBool::new(false);
        let written = std::thread::scope(|scope| {
            let service = scope.spawn(|| {
                let mut service = OpenOptions::new().append(true).open(&path).unwrap();
                let mut line = 0_u64;
                while !stop.load(Ordering::Relaxed) {
                    line += 1;
                    service
                        .write_all(format!("{line:062}\n").as_bytes())
                        .unwrap();
                }
                line
            });
            let mut cuts = 0;
            while cuts < 20 {
                cuts += u32::from(bound(&path).unwrap());
            }
            stop.store(true, Ordering::Relaxed);
            service.join().unwrap()
        });
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<u64> = text
            .lines()
            .skip(2)
            .map(|line| line.parse().unwrap())
            .collect();
        assert!(text.starts_with(TOLD));
        let first = lines[0];
        assert!(lines.len() as u64 > BLOCK / 63 - 3);
        assert!(lines.iter().copied().eq(first..=written));
        std::fs::remove_file(&path).unwrap();
    }
}
