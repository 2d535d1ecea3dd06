//! `selftest`: what this kernel and this user allow.

mod board;
mod check;
mod kernel;
mod listing;
mod memory;
mod place;
mod processes;
mod tools;

use super::outcome::{open_root, Error, Status};
use super::style::width_of_output;
use crate::commands::options::options;
use crate::render::escaped;
use crate::render::style::hanging;
use check::{Findings, View};
use listing::Processes;
use nix::unistd::geteuid;
use std::io::{self, Write};
use std::path::Path;

options! {
    /// Check what this kernel and this user allow, one line each, with the remedy. `part`:
    /// available with a limitation; `no`: not available. It opens the socket of record, and
    /// changes nothing.
    ///
    /// Exit status: 0 CPU, memory and PSS of all processes can be recorded; 1 something
    /// needed for that is missing; 2 the check itself failed.
    #[argh(
        subcommand,
        name = "selftest",
        example = "sudo edgebench-lite selftest"
    )]
    pub(crate) struct Selftest {}
}

impl Selftest {
    pub(crate) fn run(&self, proc_root: &Path, out: &mut dyn Write) -> Result<Status, Error> {
        let root = open_root(proc_root)?;
        let processes = Processes::list(&root)?;
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
        findings.live(&view, "ended processes", || processes::ended(&view));
        board::sensors(&view, &mut findings);
        findings.section("This machine");
        board::checks(&view, &mut findings);
        findings.live(&view, "log here", place::log_here);
        findings.section("For boot, survive and bench");
        tools::checks(&view, &mut findings);
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
        writeln!(out)?;
        hanging(out, width, "", title)?;
        for (name, check) in checks {
            let head = format!("  {:<4}  {:<15}  ", check.verdict.word(), name);
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
            let text = "CPU, memory and PSS cannot all be recorded here: see";
            hanging(out, width, "", &format!("{text} {}.", lacking.join(", ")))
        }
    }
}
