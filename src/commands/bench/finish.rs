//! The end of a benchmark: the table, the page, and what is told.

use super::commands::{Commands, Failure};
use super::directory::Directory;
use super::measurement::profile;
use crate::bench::journal::State;
use crate::bench::plan::Plan;
use crate::bench::resume::missing;
use crate::bench::steps::{steps, Kind};
use crate::commands::outcome::{shown, Status};
use crate::words::figures::{amount, counted, share};
use std::io::{self, Write};

pub(super) fn finish(
    plan: &Plan,
    directory: &Directory,
    commands: &Commands<'_>,
    state: &State,
    out: &mut dyn Write,
) -> Result<Status, Failure> {
    let all = steps(plan);
    let missing: Vec<String> = missing(&all, state).map(|step| step.to_string()).collect();
    let mut status = match missing.is_empty() {
        true => Status::Yes,
        false => Status::Partly,
    };
    let compared = compare(plan, directory, commands);
    let has_page = compared.is_ok();
    match compared {
        Ok(table) => {
            let _ = out.write_all(&table);
        }
        Err(Failure::Stopped) => return Err(Failure::Stopped),
        Err(Failure::Because(why)) => {
            status = Status::Partly;
            let _ = writeln!(out, "No table: {why}");
        }
    }
    let installs = all.iter().filter(|step| step.kind == Kind::Install).count();
    let measured = (all.len() - installs) as u64;
    let told = tell(directory, measured, &missing, state, has_page, out);
    // Whoever reads this, what was measured is there.
    let _ = told;
    Ok(status)
}

/// Has the page made, in every form; returns the table.
fn compare(
    plan: &Plan,
    directory: &Directory,
    commands: &Commands<'_>,
) -> Result<Vec<u8>, Failure> {
    let mut arguments = vec!["compare".to_owned(), directory.path().display().to_string()];
    for suffix in ["html", "md", "json", "csv"] {
        arguments.push("--export".to_owned());
        arguments.push(directory.page(suffix).display().to_string());
    }
    if let Some(profile) = profile(plan) {
        arguments.extend(["--profile".to_owned(), profile]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    commands.own_succeeds(&arguments)
}

fn tell(
    directory: &Directory,
    measured: u64,
    missing: &[String],
    state: &State,
    has_page: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out)?;
    if !missing.is_empty() {
        writeln!(out, "Without a run that counts: {}", missing.join(", "))?;
    }
    for remark in &state.remarks {
        writeln!(out, "- {remark}")?;
    }
    let (own, disk) = (state.wear.own, state.wear.disk);
    writeln!(
        out,
        "{} to measure. The recordings wrote {}; meanwhile their disk was written {} ({} % of it \
         theirs).",
        counted(measured, "step"),
        amount(own),
        amount(disk),
        share(own, disk)
    )?;
    if !has_page {
        return Ok(());
    }
    let path = shown(directory.path());
    writeln!(out, "Page: {}", shown(&directory.page("html")))?;
    writeln!(
        out,
        "To compare with another board: scp -r {path} HOST: there, and on HOST edgebench-lite \
         compare DIRECTORY OTHER-DIRECTORY --export table.html"
    )
}
