//! `ramp`, by the shipped binary: steps that leave a `sleep` running, on a made-up machine
//! whose memory the steps change.

#[path = "../support/emulation.rs"]
mod emulation;
#[allow(dead_code)]
#[path = "../cli/json.rs"]
mod json;
#[path = "../support/program.rs"]
mod program;
#[path = "../support/skip.rs"]
mod skip;
#[allow(dead_code)]
#[path = "../cli/support.rs"]
mod support;

mod ends;
mod refused;
mod told;
mod undone;

use json::Value;
use std::path::Path;
use std::process::Command;
use support::{made_up, of_kind, run, Done, Folder};

/// Starts container {n}, a process that would run for hours.
const STEP: &str = "sleep 10000 & echo $! >c{n}";
/// A process that has ended is there until somebody waits for it: init, where orphans are
/// not adopted, as under an emulator.
const READY: &str = "kill -0 $(cat c{n}) && ! grep -q '^State:.Z' /proc/$(cat c{n})/status";
/// Of one that is gone already, or never came, as well.
const UNDO: &str = "kill -9 $(cat c{n}); true";

/// The phases and the causes, by their numbers in a log.
mod phase {
    pub const BEGUN: u64 = 0;
    pub const STEP: u64 = 1;
    pub const WAIT: u64 = 2;
    pub const SETTLE: u64 = 3;
    pub const WINDOW: u64 = 4;
    pub const MEASURED: u64 = 5;
    pub const HELD: u64 = 6;
    pub const ENDED: u64 = 7;
    pub const UNDONE: u64 = 8;
    pub const FINISHED: u64 = 9;
}

/// A machine with 1 GB, of which 700 MB are available.
fn machine() -> Folder {
    let folder = Folder::new();
    made_up(&folder, 2, 10);
    folder.write("root/proc/meminfo", meminfo(700_000));
    folder.write("root/proc/vmstat", "oom_kill 3\n");
    folder
}

fn meminfo(available: u64) -> String {
    format!("MemTotal: 1000000 kB\nMemFree: 100000 kB\nMemAvailable: {available:06} kB\n")
}

/// The shell command that changes a file of the machine, and never empties it.
fn rewriting(file: &str, text: &str) -> String {
    let text = text.replace('\n', "\\n");
    format!("printf '{text}' 1<>root/proc/{file}")
}

/// A ramp with short windows; its commands come first.
fn ramp(folder: &Folder, [step, ready, undo]: [&str; 3], more: &[&str]) -> Command {
    // A busy machine misses deadlines.
    let fast = [
        "--interval=100ms",
        "--window=3",
        "--settle=0",
        "--missed=0",
        "-q",
    ];
    let mut command = folder.edgebench(["--proc-root", "root", "ramp", "--output=log.ebl"]);
    command.args(["--step", step, "--ready", ready, "--undo", undo]);
    command.args(fast).args(more);
    command
}

/// What a ramp has told: phase, container or count, cause, and the evidence.
type Change = (u64, Option<u64>, u64, String);

fn changes(records: &[Value]) -> Vec<Change> {
    let results = of_kind(records, "result").into_iter();
    let results = results.filter(|of| of.at("kind").number() == 6);
    let change = |of: &Value| {
        let entries = of.at("entries").items();
        let step = entries.iter().find(|entry| entry.has("phase"));
        let step = step.expect("each has one");
        let evidence = entries.iter().find(|entry| entry.has("text"));
        let evidence = evidence.map_or("", |entry| entry.at("text").text());
        let value = of.at("value");
        (
            step.at("phase").number(),
            (*value != Value::Null).then(|| value.number()),
            step.at("cause").number(),
            evidence.to_owned(),
        )
    };
    results.map(change).collect()
}

/// The count, the cause and the evidence of a ramp that has ended.
fn end(records: &[Value]) -> (Option<u64>, u64, String) {
    let changes = changes(records);
    let ended = changes.iter().filter(|(phase, ..)| *phase == phase::ENDED);
    let ended: Vec<_> = ended.collect();
    assert_eq!(ended.len(), 1, "{changes:?}");
    let (_, count, cause, evidence) = ended[0].clone();
    (count, cause, evidence)
}

/// The containers that were undone, in that order.
fn undone(records: &[Value]) -> Vec<u64> {
    let changes = changes(records).into_iter();
    let undone = changes.filter(|(phase, ..)| *phase == phase::UNDONE);
    undone.filter_map(|(_, of, ..)| of).collect()
}

/// Whether container `of` runs.
fn runs(folder: &Folder, of: u64) -> bool {
    let pid = std::fs::read_to_string(folder.file(&format!("c{of}"))).unwrap_or_default();
    let stat = Path::new("/proc").join(pid.trim()).join("stat");
    let stat = std::fs::read_to_string(stat).unwrap_or_default();
    !pid.is_empty() && stat.contains("(sleep)") && !stat.contains(") Z ")
}

fn none_runs(folder: &Folder) {
    // A process that was killed may take a moment to end.
    support::until("no container runs", || !(1..10).any(|of| runs(folder, of)));
}

fn done(command: &mut Command) -> Done {
    run(support::heeding_signals(command))
}
