//! `selftest`: what this kernel and this user allow, before anything is recorded.

mod board;
mod kernel;
mod later;
mod memory;
mod place;
mod processes;

use super::outcome::{Error, Status};
use super::style::width_of_output;
use crate::proc::root::Root;
use crate::render::escaped;
use crate::render::style::hanging;
use argh::{ArgsInfo, FromArgs};
use nix::unistd::geteuid;
use processes::Processes;
use std::io::{self, Write};
use std::path::Path;

/// Check what this kernel and this user allow, one line each, with the remedy:
/// `ok`; `part`: available with a limitation; `no`: not available.
///
/// Exit status: 0 CPU, memory and PSS of all processes can be recorded; 1 something
/// needed for that is missing; 2 the check itself failed.
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "selftest")]
pub(crate) struct Selftest {}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Ok,
    Part,
    No,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Part => "part",
            Self::No => "no",
        }
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Check {
    name: &'static str,
    verdict: Verdict,
    /// What was found, and the remedy.
    text: String,
    /// Without it not all is recorded that a benchmark is made of.
    needed: bool,
}

impl Check {
    fn new(name: &'static str, verdict: Verdict, text: impl Into<String>) -> Self {
        Self {
            name,
            verdict,
            text: text.into(),
            needed: false,
        }
    }

    fn ok(name: &'static str, text: impl Into<String>) -> Self {
        Self::new(name, Verdict::Ok, text)
    }

    fn part(name: &'static str, text: impl Into<String>) -> Self {
        Self::new(name, Verdict::Part, text)
    }

    fn no(name: &'static str, text: impl Into<String>) -> Self {
        Self::new(name, Verdict::No, text)
    }

    fn needed(self) -> Self {
        Self {
            needed: true,
            ..self
        }
    }
}

/// What is looked at.
struct View<'r> {
    root: &'r Root,
    processes: Processes,
}

impl View<'_> {
    /// A file's text; empty where it cannot be read.
    fn file(&self, name: &str) -> Vec<u8> {
        let mut buffer = vec![0; 1 << 16];
        let len = self.root.read(name, &mut buffer).map_or(0, <[u8]>::len);
        buffer.truncate(len);
        buffer
    }

    /// The same without its end of line or NUL.
    fn text(&self, name: &str) -> Vec<u8> {
        let text = self.file(name);
        let end = |byte: &u8| !matches!(byte, b'\n' | b'\0');
        let len = text.iter().rposition(end).map_or(0, |last| last + 1);
        text[..len].to_vec()
    }
}

/// The lines, as they are found.
#[derive(Default)]
struct Findings {
    sections: Vec<(&'static str, Vec<Check>)>,
    /// What a captured tree says nothing of.
    unseen: Vec<&'static str>,
}

impl Findings {
    fn section(&mut self, title: &'static str) {
        self.sections.push((title, Vec::new()));
    }

    fn add(&mut self, check: Check) {
        if let Some((_, checks)) = self.sections.last_mut() {
            checks.push(check);
        }
    }

    /// A line that only the machine itself can give.
    fn live(&mut self, view: &View<'_>, name: &'static str, check: impl FnOnce() -> Check) {
        match view.root.is_live() {
            true => self.add(check()),
            false => self.unseen.push(name),
        }
    }

    fn lacking(&self) -> Vec<&'static str> {
        let checks = self.sections.iter().flat_map(|(_, checks)| checks);
        let lacking = checks.filter(|check| check.needed && check.verdict != Verdict::Ok);
        lacking.map(|check| check.name).collect()
    }
}

impl Selftest {
    pub(crate) fn run(&self, proc_root: &Path, out: &mut dyn Write) -> Result<Status, Error> {
        let root = Root::open(proc_root).map_err(|error| {
            Error::new(format!("cannot use {}/proc: {error}", proc_root.display()))
        })?;
        let processes = Processes::look(&root)?;
        let view = View {
            root: &root,
            processes,
        };
        let mut findings = Findings::default();
        findings.section("To record CPU, memory and PSS of all processes");
        kernel::needed(&view, &mut findings);
        processes::checks(&view, &mut findings);
        memory::checks(&view, &mut findings);
        findings.section("Also recorded, where available");
        kernel::checks(&view, &mut findings);
        board::sensors(&view, &mut findings);
        findings.section("This machine");
        board::checks(&view, &mut findings);
        findings.live(&view, "log here", place::log_here);
        findings.section("For boot and survive, in later versions");
        later::checks(&view, &mut findings);
        let width = width_of_output();
        print(&view, &findings, width, out).map_err(Error::output)?;
        Ok(match findings.lacking().is_empty() {
            true => Status::Yes,
            false => Status::No,
        })
    }
}

fn print(
    view: &View<'_>,
    findings: &Findings,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let release = escaped(&view.text("proc/sys/kernel/osrelease"));
    match view.root.is_live() {
        true => {
            let user = match geteuid() {
                root if root.is_root() => "root".to_owned(),
                user => format!("user {user}"),
            };
            writeln!(out, "Linux {release}, as {user}")?;
        }
        false => writeln!(out, "Linux {release}, a captured tree")?,
    }
    let sections = findings.sections.iter();
    for (title, checks) in sections.filter(|(_, checks)| !checks.is_empty()) {
        writeln!(out, "\n{title}")?;
        for check in checks {
            let head = format!("  {:<4}  {:<15}  ", check.verdict.word(), check.name);
            hanging(out, width, &head, &check.text)?;
        }
    }
    if !findings.unseen.is_empty() {
        let text = format!("{}.", findings.unseen.join(", "));
        writeln!(out)?;
        hanging(out, width, "Needs the machine itself: ", &text)?;
    }
    writeln!(out)?;
    match &findings.lacking()[..] {
        [] => {
            let text = "CPU, memory and PSS of all processes can be recorded here.";
            hanging(out, width, "", text)
        }
        lacking => {
            let head = "Not all of CPU, memory and PSS can be recorded here: see ";
            hanging(out, width, head, &format!("{}.", lacking.join(", ")))
        }
    }
}
