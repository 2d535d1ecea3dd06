//! `record`: samples the machine and every process into a log, and prints the
//! summary at the end.

mod display;
mod messages;
mod options;
pub(crate) mod probe;
mod product;
mod recorder;

use super::header::MachineHeader;
use super::outcome::{file_error, open_root, shown, tell, Error, Status};
use super::output;
use crate::log::writer::Writer;
use crate::proc::capabilities::Privilege;
use crate::proc::root::Root;
use crate::render::{brief, utc};
use crate::series::diagnosis::{left_out, of_stage};
use crate::series::finding::Grade;
use crate::system::clock;
use crate::system::outlet::Outlet;
use crate::system::signals::EndSignals;
use crate::words::privilege;
use display::PATIENCE;
pub(crate) use options::{Pss, Record};
use probe::{scheduled, PreparedProbe};
pub(crate) use recorder::{Beside, Recorder};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

impl Record {
    pub(crate) fn run(&self, proc_root: &Path, out: &mut dyn Write) -> Result<Status, Error> {
        self.check()?;
        let prepared = PreparedProbe::of(self, None)?;
        let root = open_root(proc_root)?;
        self.record(root, prepared.as_ref(), None, out)
    }

    /// # Errors
    /// What `run` refuses whatever the machine is.
    pub(crate) fn understood(&self) -> Result<(), Error> {
        self.check()?;
        scheduled(self).map(|_| ())
    }

    /// Records with a probe, and with what else goes on beside the sampling.
    ///
    /// # Errors
    /// Where nothing is recorded.
    pub(crate) fn record(
        &self,
        root: Root,
        prepared: Option<&PreparedProbe<'_>>,
        beside: Option<&mut dyn Beside>,
        out: &mut dyn Write,
    ) -> Result<Status, Error> {
        // From here on a signal ends the recording, not the program.
        let signals = blocked(prepared.is_some() || beside.is_some())
            .map_err(|errno| Error::cannot("wait for signals", errno))?;
        // A table that has room for 4096 processes would be a huge page of 2 MB where
        // transparent_hugepage is `always`, whatever of it is used. Linux before 3.15
        // has no such prctl(2), and the memory is spent.
        let _ = nix::sys::prctl::set_thp_disable(true);
        let machine = MachineHeader::gather(&root);
        let hidden = root.hides_processes();
        let privilege = Privilege::own(&root);
        let writer = self.open(&machine)?;
        let mut recorder = Recorder::new(self, root, &machine, writer)?;
        if let Some(prepared) = prepared {
            recorder.probe_with(prepared);
        }
        // The user should know now, not at the end.
        let unknown = of_stage(&self.stage.0);
        if let Some(mistyped) = unknown.filter(|unknown| unknown.grade > Grade::Note) {
            recorder.display().say(&mistyped.text);
        }
        let end = match recorder.run(&signals, beside.unwrap_or(&mut ())) {
            Ok(end) => end,
            Err(error) => {
                recorder.writer().remove_if_created();
                return Err(error);
            }
        };
        let whole = recorder.finish(end);
        // Of several signals at once, one has ended the recording; the others must
        // not end the program before it has told what it found.
        while signals.within(Duration::ZERO) {}
        // The log is whole: only now may the reader of the messages be waited for.
        let patience = signals.is_unattended().then_some(PATIENCE);
        drop(signals);
        recorder.display().end(patience);
        let lacks = match self.quiet {
            true => self.lacks(&mut recorder, hidden, privilege),
            false => Vec::new(),
        };
        let (log, mut display) = recorder.into_parts();
        let told = self.tell(&log, out, patience);
        lacks.iter().for_each(|message| display.say(message));
        let status = match told {
            Err(Error::BrokenPipe) | Ok(()) if whole => Status::Yes,
            Err(Error::Failed(message)) => {
                display.say(&message);
                Status::Partly
            }
            _ => Status::Partly,
        };
        display.end(patience);
        Ok(status)
    }

    /// Prints the summary; waits for an absent reader no longer than `patience`.
    fn tell(
        &self,
        log: &Writer,
        out: &mut dyn Write,
        patience: Option<Duration>,
    ) -> Result<(), Error> {
        let mut text = Vec::new();
        if !self.quiet {
            self.summarise(log, &mut text)?;
        }
        let told = match patience {
            Some(_) => Outlet::stdout().write_all(&text, patience),
            None => out.write_all(&text).and_then(|()| out.flush()),
        };
        told.map_err(Error::output)
    }

    /// Prints the summary of the run that was just recorded.
    fn summarise(&self, log: &Writer, out: &mut dyn Write) -> Result<(), Error> {
        let path = log.path();
        let (begin, file) = log
            .run()
            .map_err(|error| file_error("read", path, &error))?;
        let told = of_stage(&self.stage.0).filter(|finding| finding.grade > Grade::Note);
        let context = brief::Context {
            log: Some(path.as_os_str().as_bytes()),
            told: told.map(|finding| finding.name),
        };
        if self.full {
            tell(&format!("wrote {}", shown(path)));
        }
        let context = (!self.full).then_some(context);
        super::report::print_run(file, begin, path, context, out)
    }

    /// What is missing in the log, and why: without a summary nothing else tells.
    fn lacks(&self, recorder: &mut Recorder, hidden: bool, privilege: Privilege) -> Vec<String> {
        let mut messages = Vec::from_iter(unseen(recorder, hidden, privilege));
        let (_, _, processes) = recorder.shortfall();
        messages.extend(left_out(processes).map(|finding| finding.text));
        messages
    }

    fn open(&self, machine: &MachineHeader) -> Result<Writer, Error> {
        let max_size = self.max_size.map(|size| size.0);
        match &self.output {
            Some(path) => output::append(path, max_size, self.quiet, true),
            None => output::create(&self.default_output(machine), max_size),
        }
    }

    fn default_output(&self, machine: &MachineHeader) -> PathBuf {
        let mut name = String::from("edgebench");
        for part in [machine.host(), &self.product.0, &self.stage.0] {
            name.push('-');
            name.extend(part.chars().map(|c| match c {
                'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' => c,
                _ => '_',
            }));
        }
        let now = utc::compact(clock::realtime_ns());
        PathBuf::from(format!("{name}-{now}.ebl"))
    }
}

/// The signals that a recording waits for.
fn blocked(probes: bool) -> nix::Result<EndSignals> {
    let mut signals = EndSignals::block()?;
    if probes {
        signals.watch_commands()?;
    }
    Ok(signals)
}

/// What this user may not read.
fn unseen(recorder: &mut Recorder, hidden: bool, privilege: Privilege) -> Option<String> {
    if hidden {
        return Some(format!("other {}", privilege::hidden(privilege)));
    }
    let (unreadable, one, _) = recorder.shortfall();
    let one = one.map(|one| (one.pid, &one.comm[..]));
    (unreadable > 0).then(|| format!("the {}", privilege::unread(unreadable, one, privilege)))
}
