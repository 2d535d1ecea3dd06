//! `bench --check`: what a plan does, how long that takes, how much it writes and to what,
//! and what is missing here. Nothing is started.

use super::directory::Directory;
use super::init::Init;
use super::machine::{lacks_room, processes};
use super::past::earlier;
use crate::bench::estimate::{self, Past};
use crate::bench::plan::Plan;
use crate::bench::steps::{steps, Step};
use crate::commands::durable::outlives_restart;
use crate::commands::outcome::{shown, Error, Status};
use crate::proc::root::Root;
use crate::render::escaped;
use crate::sampler::storage::{disk, is_in_memory};
use crate::words::figures::{bytes, counted, span};
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use nix::unistd::{access, geteuid, AccessFlags};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Words that a shell has itself, and others that begin no program's name.
const BUILT_IN: [&str; 12] = [
    "cd", "exec", "test", "[", ":", "true", "false", "export", "set", "if", "for", "while",
];
const COMMANDS: [&str; 9] = [
    "install", "start", "ready", "stop", "deploy", "deployed", "remove", "probe", "ramp",
];

/// The nearest folder that is there, on the way to a directory.
fn existing(path: &Path) -> PathBuf {
    let mut folders = path.ancestors();
    let found = folders.find(|folder| folder.is_dir());
    found.unwrap_or(Path::new("/")).to_path_buf()
}

/// Whether the directory of a plan holds a benchmark, or logs that would be taken for its
/// own, or gone on with. One whose beginning was cut off has begun nothing.
fn holds_another(plan: &Plan, steps: &[Step]) -> bool {
    let own = Directory::new(plan.text("directory"), plan.text("product"));
    own.state().is_ok_and(|state| state.boot.is_some())
        || steps.iter().any(|step| own.log(step).exists())
        || fs::read_dir(own.attempts()).is_ok_and(|mut names| names.next().is_some())
}

/// What keeps the plan from being carried out here, the gravest first.
pub(super) fn obstacles(plan: &Plan, root: &Root, note: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let directory = Path::new(plan.text("directory"));
    let folder = existing(directory);
    if plan.restarts() && !geteuid().is_root() {
        found.push("only root may restart the board: run it with sudo".to_owned());
    }
    if access(&folder, AccessFlags::W_OK).is_err() {
        found.push(format!("{} cannot be written to", shown(&folder)));
    }
    // The note, too: without it nobody would know that there is anything to resume.
    for (place, remedy) in [(directory, ": choose another `directory`"), (note, "")] {
        if plan.restarts() && !outlives_restart(&existing(place)).unwrap_or(true) {
            found.push(format!(
                "{} does not outlive the restarts that are planned (tmpfs or overlay){remedy}",
                shown(place)
            ));
        }
    }
    if let (true, Init::None(why)) = (plan.restarts(), Init::of(root, note)) {
        found.push(format!(
            "nothing would resume it after the restarts that are planned: {why}"
        ));
    }
    let steps = steps(plan);
    if holds_another(plan, &steps) {
        found.push(format!(
            "{} holds a benchmark already: choose another `directory`, or remove it",
            shown(directory)
        ));
    }
    let needed = estimate::of(plan, steps.iter(), processes(root), &Past::default()).bytes;
    found.extend(lacks_room(&folder, needed));
    found
}

/// Programs of the plan that PATH has not; those that `install` may bring are not asked for.
fn absent(plan: &Plan) -> impl Iterator<Item = String> + '_ {
    let asked = match plan.entry("install") {
        Some(_) => &COMMANDS[..1],
        None => &COMMANDS[..],
    };
    asked.iter().filter_map(|word| {
        let line = plan.text(word);
        let program = line.split_whitespace().next()?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/+".contains(c);
        let is_asked = program.chars().all(is_plain) && !BUILT_IN.contains(&program);
        let is_there = |folder: PathBuf| access(&folder.join(program), AccessFlags::X_OK).is_ok();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path).any(is_there);
        (is_asked && !found).then(|| format!("`{word}`: {program} is not found"))
    })
}

pub(super) fn check(
    plan: &Plan,
    root: &Root,
    note: &Path,
    out: &mut dyn Write,
) -> Result<Status, Error> {
    let mut lacks = obstacles(plan, root, note);
    if !geteuid().is_root() {
        lacks.push("not root: other users' memory is unreadable".to_owned());
    }
    lacks.extend(absent(plan));
    let interface = plan
        .entry("ip-change")
        .and_then(|entry| entry.value("iface"));
    if let Some(name) =
        interface.filter(|name| root.list(&format!("sys/class/net/{name}")).is_empty())
    {
        lacks.push(format!("`ip-change`: {name} is no interface"));
    }
    print(plan, root, note, &lacks, out).map_err(Error::output)?;
    Ok(match lacks.is_empty() {
        true => Status::Yes,
        false => Status::No,
    })
}

fn print(
    plan: &Plan,
    root: &Root,
    note: &Path,
    lacks: &[String],
    out: &mut dyn Write,
) -> io::Result<()> {
    let all = steps(plan);
    let earlier = earlier(plan);
    let past = earlier.as_ref().map(|(_, past)| *past).unwrap_or_default();
    let estimate_of = |steps: &[Step]| estimate::of(plan, steps.iter(), processes(root), &past);
    let time = |steps: &[Step]| span(estimate_of(steps).seconds.saturating_mul(1_000_000));
    let directory = Path::new(plan.text("directory"));
    writeln!(
        out,
        "{}: {}, about {}, {} to {} ({})",
        plan.text("product"),
        counted(all.len() as u64, "step"),
        time(&all),
        bytes(estimate_of(&all).bytes),
        shown(directory),
        medium(root, &existing(directory))
    )?;
    print_steps(plan, &all, &time, out)?;
    let apart = match plan.boots() {
        true => "Before each run the board is restarted.",
        false => "Before each run with the edge software, it is restarted.",
    };
    writeln!(
        out,
        "{apart} Each run then waits until the board has cooled down and settled."
    )?;
    match earlier {
        Some((path, _)) => writeln!(out, "Starts and restarts as long as in {}.", shown(&path))?,
        None => writeln!(
            out,
            "The time of starts and restarts is a guess; bench --status learns it."
        )?,
    }
    if let (false, Init::None(why)) = (plan.restarts(), Init::of(root, note)) {
        writeln!(
            out,
            "After a power cut, bench --resume goes on: by hand, for {why}."
        )?;
    }
    lacks
        .iter()
        .try_for_each(|lack| writeln!(out, "Missing: {lack}"))
}

/// A line for the steps of each kind.
fn print_steps(
    plan: &Plan,
    all: &[Step],
    time: &dyn Fn(&[Step]) -> String,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut rest = all;
    while let Some(first) = rest.first() {
        let is_other = |step: &Step| step.kind != first.kind;
        let (steps, others) = rest.split_at(rest.iter().position(is_other).unwrap_or(rest.len()));
        rest = others;
        let count = steps.len();
        let of = match first.kind.duration(plan) {
            Some(duration) => format!(" of {}", span(duration.as_micros() as u64)),
            None => String::new(),
        };
        writeln!(
            out,
            "  {count:>3} x {}{of}: about {}",
            first.kind.name(),
            time(steps)
        )?;
    }
    Ok(())
}

/// What the directory lies on.
fn medium(root: &Root, folder: &Path) -> String {
    let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let Ok(dir) = nix::fcntl::open(folder, flags, Mode::empty()) else {
        return "unreadable".to_owned();
    };
    if is_in_memory(&dir) {
        return "in memory".to_owned();
    }
    match disk(root, &dir) {
        Some(disk) if disk.starts_with(b"mmcblk") => {
            format!("on the card {}, which is measured too", escaped(&disk))
        }
        Some(disk) => format!("on {}", escaped(&disk)),
        None => "on an unknown disk".to_owned(),
    }
}
