//! `boot restart`: notes when, restarts the machine, and times that in the boot that
//! follows.

use super::here;
use super::note::{outlives, File};
use super::ready;
use crate::boot::board::Board;
use crate::boot::note::{Note, Refusal};
use crate::boot::prompt::Prompt;
use crate::boot::restart::{Followed, Parts};
use crate::commands::durable;
use crate::commands::name::Name;
use crate::commands::options::options;
use crate::commands::outcome::{complain, open_root, Error, Status};
use crate::commands::units::Span;
use crate::commands::unsampled_run::UnsampledRun;
use crate::proc::root::Root;
use crate::render::boot as render;
use crate::results::{Kind, Measurement};
use crate::sampler::Clocks;
use crate::survive::checks::Spec;
use crate::system::clock::{boottime_ns, is_synchronised};
use crate::system::command::{Command, Exit};
use crate::system::errno::reason;
use nix::errno::Errno;
use std::fmt::Display;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

const MOST_RUNS: u64 = 20;
/// What restarts the machine answers so soon.
const PATIENCE: Duration = Duration::from_secs(60);

options! {
    /// Restart this machine and time it, by the clocks before and after: --now notes the
    /// moment and restarts; the boot that follows runs --finish.
    #[argh(
        subcommand,
        name = "restart",
        example = "sudo edgebench-lite boot restart --now --runs 5 --product k3s -o restart.ebl"
    )]
    pub(crate) struct Restart {
        /// restart this machine now
        #[argh(switch)]
        now: bool,

        /// with --now: how many restarts to time, 20 at most (default: 1)
        #[argh(option, arg_name = "number")]
        runs: u64 = 1,

        /// write the result of the restart that this boot followed
        #[argh(switch)]
        finish: bool,

        /// with --finish: how long to wait for the clock to be synchronised (default: 120s)
        #[argh(option, arg_name = "time")]
        wait_sync: Span = Span(Duration::from_secs(120)),

        /// with --finish: check that tells when the product is ready, as in survive
        /// ip-change; may be repeated
        #[argh(option, long = "check", arg_name = "check")]
        checks: Vec<Spec>,

        /// forget a restart that was noted
        #[argh(switch)]
        cancel: bool,

        /// log to append the results to, for compare, with --now; created if absent
        #[argh(option, short = 'o')]
        output: Option<PathBuf>,

        /// what is being measured, such as k3s or izuma (default: unnamed)
        #[argh(option)]
        product: Option<Name>,

        /// file that the restart is noted in
        #[argh(option, arg_name = "file")]
        note: PathBuf = PathBuf::from("/var/lib/edgebench-lite/restart"),
    }
}

impl Restart {
    pub(super) fn run(&self, proc_root: &Path, out: &mut dyn Write) -> Result<Status, Error> {
        let asked = [self.now, self.finish, self.cancel];
        if asked.iter().filter(|asked| **asked).count() != 1 {
            return Err(Error::usage(
                "boot restart: one of --now, --finish and --cancel",
            ));
        }
        if !self.finish && !self.checks.is_empty() {
            return Err(Error::usage("boot restart: --check is for --finish"));
        }
        if !self.now && self.output.is_some() {
            return Err(Error::usage("boot restart: --output is for --now"));
        }
        if !(1..=MOST_RUNS).contains(&self.runs) {
            return Err(Error::usage("boot restart: --runs: 1 to 20"));
        }
        let root = open_root(proc_root)?;
        let file = File::at(&self.note, &root);
        match () {
            () if self.now => self.now(&file, &root, out),
            () if self.finish => self.finish(&file, &root, out),
            () => {
                let text = match file.remove()? {
                    true => "The restart is forgotten.",
                    false => "No restart was noted.",
                };
                writeln!(out, "{text}").map_err(Error::output)?;
                Ok(Status::Yes)
            }
        }
    }

    fn now(&self, file: &File, root: &Root, out: &mut dyn Write) -> Result<Status, Error> {
        if !root.is_live() {
            return Err(Error::new("a captured tree cannot be restarted"));
        }
        if let Some(note) = file.read()? {
            match note.check(&file.reader()) {
                Ok(()) | Err(Refusal::NotRestarted) => {
                    return Err(Error::new(format!(
                        "a restart was requested before, {} of {} done; `boot restart \
                         --cancel` forgets it",
                        note.done, note.runs
                    )));
                }
                Err(refusal) => complain(&given_up(refusal, &note)),
            }
        }
        // The boot that follows may run somewhere else.
        let here = std::env::current_dir().unwrap_or_default();
        let output = self.output.as_deref().map(|path| here.join(path));
        if let Some(path) = output.as_deref().filter(|_| self.runs > 1) {
            outlives(durable::folder_of(path), "--output")?;
        }
        // A log that cannot be written to is told of before anything is restarted.
        let log = UnsampledRun::of_results(output.as_deref(), self.product.as_ref(), root)?;
        log.end()?;
        let note = Note {
            runs: self.runs,
            product: self
                .product
                .as_ref()
                .map(|Name(name)| name.clone())
                .unwrap_or_default(),
            output: output
                .map(|path| path.display().to_string())
                .unwrap_or_default(),
            ..Note::default()
        };
        restart(file, root, note, out)
    }

    fn finish(&self, file: &File, root: &Root, out: &mut dyn Write) -> Result<Status, Error> {
        let Some(note) = file.read()? else {
            return Err(Error::new(
                "no restart was noted; boot restart --now begins one",
            ));
        };
        refuse(file, &note)?;
        if note.followed.is_empty() {
            file.follow();
        }
        let name = Name(note.product.clone());
        let product = Some(&name).filter(|Name(name)| !name.is_empty());
        let board = here::look(root, product, true)?;
        // While the clock is waited for the product may become ready.
        let mut ready = Measurement::of(Kind::BootRestart);
        ready::put(&mut ready, &self.checks, root)?;
        let mut result = self.result_of(&note, &board);
        // Only now it may be known how late it is.
        refuse(file, &note)?;
        result.marks.append(&mut ready.marks);
        result.evidence.append(&mut ready.evidence);
        let done = note.done.saturating_add(1);
        let told = render::run(out, done, &result).map_err(Error::output);
        // Whatever becomes of the log: the next boot is another.
        file.remove()?;
        let output = Some(Path::new(&note.output)).filter(|path| !path.as_os_str().is_empty());
        let mut log = UnsampledRun::of_results(output, product, root)?;
        log.add_result(result)?;
        log.end()?;
        match done < note.runs {
            true => restart(file, root, Note { done, ..note }, out),
            false => told.map(|()| Status::Yes),
        }
    }

    fn result_of(&self, note: &Note, board: &Board) -> Measurement {
        let prompt_us = match &board.prompt {
            Prompt::Between { from_us, to_us, .. } => Some(from_us / 2 + to_us / 2),
            _ => None,
        };
        let parts = Parts::of(note, &self.followed(note, board, prompt_us));
        let why = match prompt_us {
            None => "the login prompt is not known",
            Some(_) if !note.synchronised => "the clock was not synchronised before the restart",
            Some(_) => "the clock is not synchronised after the restart",
        };
        let mut result = Measurement::of(Kind::BootRestart);
        result.value = parts.total_us;
        match parts.total_us {
            Some(_) => {
                result.source =
                    "from the request to the prompt, by the synchronised clock".to_owned();
            }
            None => result.reason = why.to_owned(),
        }
        put_parts(&mut result, &parts, board, why);
        result
    }

    fn followed(&self, note: &Note, board: &Board, prompt_us: Option<u64>) -> Followed {
        let synchronised = note.synchronised && self.is_synchronised();
        let now = Clocks::now();
        Followed {
            boottime_ns: now.boottime_ns,
            realtime_ns: now.realtime_ns,
            synchronised,
            firmware_us: board.before_kernel_us.as_ref().ok().copied(),
            init_us: board.init.as_ref().ok().and_then(|init| init.at_us()),
            prompt_us,
        }
    }

    /// Waits for the clock.
    fn is_synchronised(&self) -> bool {
        const LOOK: Duration = Duration::from_secs(1);
        let until_ns = boottime_ns().saturating_add(self.wait_sync.0.as_nanos() as u64);
        loop {
            match is_synchronised() {
                Some(true) => return true,
                None => return false,
                Some(false) if boottime_ns() >= until_ns => return false,
                Some(false) => std::thread::sleep(LOOK),
            }
        }
    }
}

/// # Errors
/// Where the boot is not the one that the note waits for.
fn refuse(file: &File, note: &Note) -> Result<(), Error> {
    let Err(refusal) = note.check(&file.reader()) else {
        return Ok(());
    };
    if matches!(refusal, Refusal::TooOld | Refusal::Unfinished) {
        file.remove()?;
    }
    Err(Error::new(given_up(refusal, note)))
}

/// Why a restart that was noted will not be timed.
fn given_up(refusal: Refusal, note: &Note) -> String {
    let why = match refusal {
        Refusal::NotRestarted => {
            return "the machine has not restarted since the request".to_owned()
        }
        Refusal::OtherMachine => return "the restart was noted on another machine".to_owned(),
        Refusal::TooOld => "the restart was noted more than an hour ago",
        Refusal::Unfinished => "the boot after the restart did not come to the end of --finish",
    };
    format!("{why}: given up after {} of {}", note.done, note.runs)
}

/// Notes the moment, and asks the init that runs to restart the machine.
fn restart(file: &File, root: &Root, note: Note, out: &mut dyn Write) -> Result<Status, Error> {
    let commands = commands(root);
    let name = commands.first().map(|command| command.join(" "));
    file.write(note)?;
    // It is to be done whether anybody reads that or not.
    let told = writeln!(out, "Restarting this machine: {}", name.unwrap_or_default());
    let _ = told.and_then(|()| out.flush());
    let mut failed = String::new();
    for command in commands {
        let name = command.join(" ");
        let started = Command::new(command);
        let ended = started.and_then(|started| started.run(PATIENCE, &mut |_| ()));
        failed = match ended.map(|ended| ended.exit) {
            // systemctl may be ended by the shutdown that it has begun.
            Ok(Exit::Status(0) | Exit::Signal(_)) => return Ok(Status::Yes),
            Ok(exit) => format!("`{name}` {}", not_done(exit)),
            Err(Errno::ENOENT) => format!("`{name}`: not found"),
            Err(errno) => format!("`{name}`: {}", reason(errno)),
        };
    }
    file.remove()?;
    Err(Error::new(format!("cannot restart: {failed}")))
}

/// How a command failed that had 60 s.
pub(super) fn not_done(exit: Exit) -> String {
    match exit {
        Exit::Status(status) => format!("failed: status {status}"),
        Exit::Signal(signal) => format!("was ended by signal {signal}"),
        Exit::TimedOut => "did not end within 60 s".to_owned(),
    }
}

/// How the init that runs is asked: never by reboot(2), which would lose what is being
/// written.
fn commands(root: &Root) -> &'static [&'static [&'static str]] {
    let is_systemd = root.open_file("run/systemd/system").is_ok();
    let init = root.read_link("proc/1/exe").unwrap_or_default();
    let is_busybox = init.as_bytes().windows(7).any(|part| part == b"busybox");
    match is_systemd {
        true => &[&["systemctl", "reboot"]],
        false if is_busybox => &[&["reboot"]],
        false => &[&["init", "6"], &["reboot"]],
    }
}

/// The parts, each with where it comes from or why it is missing: `clocks` is why those
/// before and after tell nothing.
fn put_parts(result: &mut Measurement, parts: &Parts, board: &Board, clocks: &str) {
    const CLOCKS: &str = "the clocks before and after";
    let mut part = |label: &str, us: Option<u64>, from: &str, lack: &dyn Display| match us {
        Some(_) => result.mark(label, us, from),
        None => result.mark(label, us, lack.to_string()),
    };
    match (parts.shutdown_us, parts.down_us, &board.before_kernel_us) {
        (None, Some(_), _) => part("shutdown, firmware", parts.down_us, CLOCKS, &""),
        (shutdown_us, _, firmware) => {
            part("shutdown", shutdown_us, CLOCKS, &clocks);
            let lack: &dyn Display = match firmware {
                Ok(_) => &"",
                Err(lack) => lack,
            };
            part(
                render::FIRMWARE,
                parts.firmware_us,
                "BCM system timer",
                lack,
            );
        }
    }
    let init: &dyn Display = match &board.init {
        Ok(_) => &"the kernel's log has a clock of its own",
        Err(lack) => lack,
    };
    part(
        "kernel",
        parts.kernel_us,
        "the kernel's log, up to init",
        init,
    );
    let userspace = "init's start or the prompt is not known";
    part(
        "userspace",
        parts.userspace_us,
        "from init to the prompt",
        &userspace,
    );
}
