//! `record --probe`: a command that is timed beside the sampling.

use crate::json::Value;
use crate::support::{capture, of_kind, run, send, until, with_patience, Folder, Running};
use std::path::Path;

/// Records with a probe each 100 ms until its `runs` are in the log.
fn probed(folder: &Folder, runs: usize, arguments: &[&str]) -> (Vec<Value>, Vec<String>) {
    let mut command = folder.record(["--duration=0", "--sync=0", "--probe-every=100ms"]);
    let mut recorder = Running::recorder(folder, "record", command.args(arguments));
    until("the probe has run", || {
        of_kind(&folder.cat("log.ebl"), "result").len() >= runs
    });
    recorder.signal("TERM");
    let done = recorder.end();
    assert_eq!(done.status, Some(0), "{done:?}");
    let said = done.complaints().into_iter().map(str::to_owned).collect();
    (folder.cat("log.ebl"), said)
}

/// The entry of a result that has this key.
fn entry<'v>(result: &'v Value, key: &str) -> Option<&'v Value> {
    let entries = result.at("entries").items().iter();
    let mut found = entries
        .filter(|entry| entry.has(key))
        .map(|entry| entry.at(key));
    found.next()
}

fn exit(result: &Value) -> (u64, u64) {
    let entries = result.at("entries").items().iter();
    let mut exits = entries.filter(|entry| entry.has("exit"));
    let exit = exits.next().expect("each run has one");
    (exit.at("exit").number(), exit.at("number").number())
}

fn texts(result: &Value) -> Vec<&str> {
    let entries = result.at("entries").items().iter();
    let texts = entries.filter(|entry| entry.has("text"));
    texts.map(|entry| entry.at("text").text()).collect()
}

#[test]
fn each_run_is_a_result() {
    let folder = Folder::new();
    let line = "sleep 0.3; echo one; echo two";
    let (records, said) = probed(&folder, 2, &["--probe", line]);
    assert!(
        said.iter()
            .all(|line| line.contains("due again") || line.contains("at the end")),
        "{said:?}"
    );
    let results = of_kind(&records, "result");
    for (number, result) in results[..2].iter().enumerate() {
        assert_eq!(result.at("kind").number(), 5);
        assert!(result.at("value").number() >= 300_000);
        assert_eq!(exit(result), (0, 0));
        assert_eq!(texts(result), [line, "two"]);
        assert_eq!(entry(result, "first").is_some(), number == 0);
        assert!(entry(result, "missed").unwrap().number() >= 1);
    }
    let began = |result: &Value| result.at("at_us").number();
    assert!(began(results[1]) >= began(results[0]) + results[0].at("value").number());
    let done = run(&mut folder.edgebench(["log", "verify", "log.ebl"]));
    assert_eq!(done.status, Some(0), "{done:?}");
}

#[test]
fn a_status_and_a_signal_are_failures() {
    for (line, expected, told) in [
        (
            "echo no such host >&2; exit 3",
            (0, 3),
            "failed (status 3): no such host;",
        ),
        ("kill -9 $$", (1, 9), "failed (signal 9);"),
        // Found out too late for a refusal.
        (
            "$NONE edgebench-no-such-command",
            (0, 127),
            "failed (status 127): ",
        ),
    ] {
        let folder = Folder::new();
        let (records, said) = probed(&folder, 3, &["--probe", line]);
        for result in &of_kind(&records, "result")[..3] {
            assert_eq!(exit(result), expected, "{line}");
        }
        let failures = said.iter().filter(|line| line.contains("failed"));
        assert_eq!(failures.count(), 1, "told once: {said:?}");
        assert!(said.iter().any(|line| line.contains(told)), "{said:?}");
    }
}

#[test]
fn a_run_that_takes_too_long_is_killed_with_its_children() {
    let slow = |time: &str| {
        let line = "(sleep 1000; echo late) & echo $!; sleep 1000";
        let options = [&format!("--probe-timeout={time}"), "--probe", line];
        let (records, _) = probed(&Folder::new(), 1, &options);
        let first = of_kind(&records, "result")[0];
        assert_eq!(exit(first), (2, 0));
        assert!(first.at("value").number() >= 1_000_000);
        texts(first).get(1).copied().unwrap_or_default().to_owned()
    };
    let child = with_patience(slow, |child| !child.is_empty());
    assert!(!child.is_empty(), "it said which it is");
    let child = format!("/proc/{child}");
    until("the grandchild is gone", || is_dead(Path::new(&child)));
}

/// A process that nobody waits for stays a zombie.
fn is_dead(process: &Path) -> bool {
    let stat = std::fs::read_to_string(process.join("stat"));
    stat.map_or(true, |stat| stat.contains(") Z "))
}

#[test]
fn one_that_still_runs_at_the_end_is_killed() {
    let folder = Folder::new();
    let mut command = folder.record(["--duration=0", "--sync=0", "--probe-every=100ms"]);
    command.args(["--probe", "echo $$ > pid; exec sleep 1000"]);
    let mut recorder = Running::recorder(&folder, "record", &mut command);
    let pid = || std::fs::read_to_string(folder.file("pid")).unwrap_or_default();
    until("it runs", || pid().ends_with('\n'));
    recorder.until_it_says("the probe is due again");
    recorder.signal("TERM");
    let done = recorder.end();
    assert_eq!(done.status, Some(0));
    assert!(
        done.err.contains("still running at the end"),
        "{}",
        done.err
    );
    assert!(is_dead(&Path::new("/proc").join(pid().trim())));
    let records = folder.cat("log.ebl");
    let [only] = of_kind(&records, "result")[..] else {
        panic!("{records:?}");
    };
    assert_eq!(
        (exit(only), records.last().unwrap().at("record").text()),
        ((3, 0), "footer")
    );
}

/// More than a pipe holds, without an end of line: a slow board needs long for it.
#[test]
fn output_without_end_holds_nothing_up() {
    let folder = Folder::new();
    let line = "head -c 20000000 /dev/zero | tr '\\0' x; echo; echo done";
    let (records, _) = probed(&folder, 2, &["--probe-timeout=1h", "--probe", line]);
    for result in &of_kind(&records, "result")[..2] {
        assert_eq!(exit(result), (0, 0));
        assert_eq!(texts(result), [line, "done"]);
    }
}

#[test]
fn what_cannot_be_run_is_refused_before_the_start() {
    for (options, told) in [
        (&["--probe", " "][..], "--probe: the command is empty"),
        (
            &["--probe", "edgebench-no-such-command -x"],
            "command `edgebench-no-such-command` not found",
        ),
        (
            &["--probe", "A=1 /no/such/file"],
            "command `/no/such/file` not found",
        ),
        (&["--probe-every=1s"], "need --probe"),
        (
            &["--probe=true", "--probe-every=50ms"],
            "--probe-every is shorter than --interval",
        ),
        (
            &["--probe=true", "--probe-timeout=0"],
            "--probe-timeout is 0",
        ),
    ] {
        let folder = Folder::new();
        let mut command = folder.record(["--duration=1s"]);
        let done = run(command.args(options));
        assert_eq!((done.status, done.out.as_str()), (Some(2), ""));
        assert!(done.err.contains(told), "{}", done.err);
        assert_eq!(done.err.lines().count(), 1, "{}", done.err);
        assert!(!folder.file("log.ebl").exists());
    }
}

/// Whoever starts the recorder may ignore SIGCHLD: the kernel would reap the probe then.
#[test]
fn its_end_is_known_where_sigchld_was_ignored() {
    let folder = Folder::new();
    let mut command = std::process::Command::new("python3");
    let script = "import os, signal, sys\n\
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n\
        os.execv(sys.argv[1], sys.argv[1:])";
    command.args(["-c", script, crate::support::BINARY, "--proc-root"]);
    command.arg(capture("x86_64-6.18"));
    command.args(["record", "--interval=100ms", "--duration=0", "--sync=0"]);
    command.args(["--output=log.ebl", "--probe=exit 7"]);
    command.current_dir(folder.path());
    if !crate::support::can(&["python3", "-c", ""]) {
        return;
    }
    let recorder = Running::recorder(&folder, "record", &mut command);
    until("the probe has run", || {
        !of_kind(&folder.cat("log.ebl"), "result").is_empty()
    });
    send("TERM", recorder.pid());
    let records = folder.cat("log.ebl");
    assert_eq!(exit(of_kind(&records, "result")[0]), (0, 7));
}

#[test]
fn a_password_in_the_command_stays_out_of_the_log() {
    let folder = Folder::new();
    let line = "TOKEN=secret true --password secret";
    let (records, _) = probed(&folder, 1, &["--redact", "--probe", line]);
    assert_eq!(texts(of_kind(&records, "result")[0]), ["true"]);
    let log = std::fs::read(folder.file("log.ebl")).unwrap();
    assert!(!log.windows(6).any(|bytes| bytes == b"secret"));
}
