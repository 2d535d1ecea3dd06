//! When `/proc` is listed, as strace(1) sees it.

use crate::support::{can, deadlines, of_kind, run, send, until, Folder, Running, BINARY};
use std::fs;
use std::process::Command;

/// What the recorder did at the start, and in each sample.
struct Seen {
    /// fork(2), by whatever system call.
    forked: bool,
    /// Readings of the count of forks up to then.
    before: Vec<u64>,
    /// Those behind it, and how often `/proc` was listed before the next.
    samples: Vec<(u64, usize)>,
}

const CALLS: &str = "trace=getdents64,pread64,%process";

/// Records a second of this machine under strace(1), started through `wrap`.
fn command(folder: &Folder, wrap: &[&str], arguments: &[&str]) -> Command {
    let mut words = wrap.to_vec();
    // The text of /proc/stat whole, and what a descriptor leads to; the recorder is no
    // child of strace's.
    words.extend([
        "strace", "-D", "-q", "-y", "-s", "200000", "-o", "trace", "-e", CALLS,
    ]);
    words.extend(arguments);
    words.extend([BINARY, "record", "-d", "1s", "-i", "100ms", "--pss", "off"]);
    words.extend(["--quiet", "-o", "log.ebl"]);
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).current_dir(folder.path());
    command
}

fn record(folder: &Folder, wrap: &[&str], arguments: &[&str]) -> Seen {
    let done = run(&mut command(folder, wrap, arguments));
    assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
    seen(folder)
}

fn trace(folder: &Folder) -> String {
    fs::read_to_string(folder.file("trace")).unwrap_or_default()
}

fn seen(folder: &Folder) -> Seen {
    // The tracer outlives what it traces.
    let ended = "+++ exited with 0 +++";
    until("the end of the trace", || trace(folder).contains(ended));
    let mut seen = Seen {
        forked: false,
        before: Vec::new(),
        samples: Vec::new(),
    };
    for line in trace(folder).lines() {
        let (call, rest) = line.split_once('(').unwrap_or_default();
        match call {
            "fork" | "clone" | "clone3" => {
                // The reading that follows the fork belongs to it.
                (seen.forked, seen.before) = (true, counts(&mut seen.samples));
            }
            "pread64" if rest.contains("</proc/stat>") => {
                let count = rest.split_once("\\nprocesses ").map(|(_, rest)| rest);
                let digits = count.and_then(|rest| rest.split("\\n").next());
                seen.samples.extend(digits.map(|n| (n.parse().unwrap(), 0)));
            }
            // Each listing ends with a call that gives nothing more.
            "getdents64" if rest.contains("</proc>") && rest.ends_with(" = 0") => {
                seen.samples.last_mut().unwrap().1 += 1;
            }
            _ => {}
        }
    }
    seen
}

fn counts(samples: &mut Vec<(u64, usize)>) -> Vec<u64> {
    samples.drain(..).map(|(count, _)| count).collect()
}

fn can_trace() -> bool {
    can(&["strace", "-qq", "-e", CALLS, "true"])
}

#[test]
fn a_fork_of_ones_own_shows_that_the_count_moves() {
    if !can_trace() {
        return;
    }
    let folder = Folder::new();
    let mut seen = record(&folder, &[], &[]);
    assert!(seen.forked);
    let after = seen.samples.remove(0);
    assert_eq!((seen.before.len(), after.1), (1, 0));
    assert!(after.0 > seen.before[0]);
    let records = folder.cat("log.ebl");
    assert_eq!(seen.samples.len(), of_kind(&records, "sample").len());
    assert_eq!(deadlines(&records), 11);
    assert_eq!(seen.samples[0].1, 1);
    // On a busy machine the count moves between any two samples; where it did not,
    // there was nothing to list.
    for pair in seen.samples.windows(2) {
        let (before, sample) = (pair[0], pair[1]);
        assert_eq!(sample.1, usize::from(sample.0 != before.0), "{pair:?}");
    }
}

#[test]
fn where_no_fork_is_possible_each_sample_lists_until_the_count_moves() {
    let inject = "inject=/^(fork|clone3?)$:error=EAGAIN";
    // An emulator starts threads of its own, and ends where it may not.
    if !can(&["strace", "-qq", "-e", inject, "true"]) || crate::emulation::emulated() {
        return;
    }
    let folder = Folder::new();
    let seen = record(&folder, &[], &["-e", inject]);
    assert!(seen.forked && seen.before.len() == 1);
    let first = seen.samples[0].0;
    let still = seen.samples.iter().take_while(|sample| sample.0 == first);
    for sample in still {
        assert_eq!(sample.1, 1);
    }
}

/// Runs the command that follows where `processes` of /proc/stat is that of the file
/// `stat`, and stays so. That the CPU time stands still as well does not matter here.
const CONSTANT: [&str; 6] = [
    "unshare",
    "--mount",
    "sh",
    "-c",
    "sed 's/^processes .*/processes 0/' /proc/stat >stat && mount --bind stat /proc/stat \
     && exec \"$@\"",
    "sh",
];

fn can_be_constant() -> bool {
    let mut probe = CONSTANT;
    probe[4] = "mount --bind /dev/null /proc/stat";
    can_trace() && can(&probe)
}

#[test]
fn a_count_that_no_fork_moves_is_never_believed() {
    if !can_be_constant() {
        return;
    }
    let folder = Folder::new();
    let mut seen = record(&folder, &CONSTANT, &[]);
    assert!(seen.forked);
    assert_eq!((seen.before, seen.samples.remove(0)), (vec![0], (0, 0)));
    let samples = of_kind(&folder.cat("log.ebl"), "sample").len();
    assert_eq!(seen.samples, vec![(0, 1); samples]);
}

#[test]
fn a_count_that_moves_with_the_own_fork_alone_is_believed() {
    let stop = "inject=wait4:signal=SIGSTOP:when=1";
    if !can_be_constant() || !can(&["strace", "-qq", "-e", stop, "true"]) {
        return;
    }
    let folder = Folder::new();
    let mut command = command(&folder, &CONSTANT, &["-e", stop]);
    let mut recorder = Running::start(&folder, "record", &mut command);
    until("the fork is over", || trace(&folder).contains("stopped by"));
    let stat = fs::read_to_string(folder.file("stat")).unwrap();
    folder.write("stat", stat.replace("\nprocesses 0\n", "\nprocesses 1\n"));
    send("CONT", recorder.pid());
    let done = recorder.end();
    assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
    let mut seen = seen(&folder);
    assert_eq!((seen.before, seen.samples.remove(0)), (vec![0], (1, 0)));
    // The first sample lists, and no other has to.
    let samples = of_kind(&folder.cat("log.ebl"), "sample").len();
    let mut expected = vec![(1, 0); samples];
    expected[0].1 = 1;
    assert_eq!(seen.samples, expected);
}
