//! Command lines, right and wrong.

use crate::support::{run, Folder};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// Nothing on stdout, one line on stderr, status 2.
fn refused(arguments: &[&str], why: &str) {
    let folder = Folder::new();
    let done = run(&mut folder.edgebench(arguments.iter().copied()));
    assert_eq!(done.status, Some(2), "{arguments:?}: {done:?}");
    assert_eq!(done.out, "", "{arguments:?}");
    assert_eq!(
        done.err,
        format!("edgebench-lite: {why}\n"),
        "{arguments:?}"
    );
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0, "{arguments:?} left a file behind");
}

const SEE: &str = "(see edgebench-lite record --help)";

#[test]
fn unknown_arguments_are_refused() {
    for (arguments, why) in [
        (&[][..], "no command given (see edgebench-lite --help)"),
        (
            &["--bogus"],
            "unknown argument `--bogus` (see edgebench-lite --help)",
        ),
        (
            &["frobnicate", "log"],
            "unknown argument `frobnicate` (see edgebench-lite --help)",
        ),
        (
            &["record", "--bogus"],
            "unknown argument `--bogus` (see edgebench-lite record --help)",
        ),
        (
            &["record", "extra"],
            "unknown argument `extra` (see edgebench-lite record --help)",
        ),
        (
            &["record", "--durration=1s"],
            "unknown argument `--durration`: did you mean --duration? (see edgebench-lite record --help)",
        ),
        (
            &["recrod"],
            "unknown argument `recrod`: did you mean record? (see edgebench-lite --help)",
        ),
        (
            &["report", "--top", "all"],
            "--top: `all` is not a whole number, or too large (see edgebench-lite report --help)",
        ),
        (
            &["record", "--duration"],
            "--duration needs a value (see edgebench-lite record --help)",
        ),
        (
            &["record", "--quiet=yes"],
            "unknown argument `yes` (see edgebench-lite record --help)",
        ),
        (
            &["log"],
            "no command given, of info, verify, cat (see edgebench-lite log --help)",
        ),
        (
            &["log", "frobnicate"],
            "unknown argument `frobnicate` (see edgebench-lite log --help)",
        ),
        (
            &["log", "cat"],
            "no LOG given (see edgebench-lite log cat --help)",
        ),
        (
            &["log", "info"],
            "no LOG given (see edgebench-lite log info --help)",
        ),
        (
            &["log", "verify"],
            "no LOG given (see edgebench-lite log verify --help)",
        ),
    ] {
        refused(arguments, why);
    }
}

#[test]
fn bad_intervals_are_refused() {
    for (interval, why) in [
        ("0", "`0` does not lie between 100ms and 1h"),
        ("1ns", "`1ns` does not lie between 100ms and 1h"),
        ("365d", "`365d` does not lie between 100ms and 1h"),
        (
            "-1s",
            "`-1s` is not a time, such as 250ms, 90s, 5m or 1h30m",
        ),
        ("", "`` is not a time, such as 250ms, 90s, 5m or 1h30m"),
        (
            "soon",
            "`soon` is not a time, such as 250ms, 90s, 5m or 1h30m",
        ),
    ] {
        let why = format!("--interval: {why} {SEE}");
        refused(&["record", "--interval", interval], &why);
        refused(&["record", &format!("--interval={interval}")], &why);
        let why = why.replace("--interval:", "-i:");
        refused(&["record", "-i", interval], &why);
    }
}

#[test]
fn bad_values_are_refused() {
    let name = "a name has 1 to 64 bytes and no control characters";
    let long = "x".repeat(65);
    for (option, value, why) in [
        (
            "--duration",
            "-1s",
            "`-1s` is not a time, such as 250ms, 90s, 5m or 1h30m",
        ),
        ("--pss", "maybe", "`maybe` is none of auto, exact, off"),
        ("--product", "", name),
        ("--product", &long, name),
        ("--stage", "a\nb", name),
        (
            "--max-size",
            "big",
            "`big` is not a size, such as 512k, 4M or 1G",
        ),
    ] {
        refused(
            &["record", option, value],
            &format!("{option}: {why} {SEE}"),
        );
    }
    refused(
        &["record", "--max-size", "255k"],
        "--max-size 261120: a log needs at least 256k",
    );
}

#[test]
fn a_duration_that_holds_no_two_samples() {
    refused(
        &["record", "--duration", "5m", "--interval", "10m"],
        &format!("--duration is shorter than --interval: there would be nothing to compare {SEE}"),
    );
}

#[test]
fn an_argument_that_is_not_utf_8() {
    let folder = Folder::new();
    let mut command = folder.edgebench(["log", "cat"]);
    let done = run(command.arg(OsStr::from_bytes(b"\xff\n.ebl")));
    assert_eq!((done.status, done.out.as_str()), (Some(2), ""));
    assert_eq!(
        done.err,
        format!("edgebench-lite: argument 3 is not UTF-8: \"\\xFF\\n.ebl\" (see edgebench-lite log cat --help)\n")
    );
}

#[test]
fn help_and_version_go_to_stdout() {
    let folder = Folder::new();
    for arguments in [
        &["--help"][..],
        &["-h"],
        &["help"],
        &["record", "-h"],
        &["record", "--help"],
        &["log", "-h"],
        &["log", "cat", "--help"],
        &["selftest", "--help"],
    ] {
        let done = run(&mut folder.edgebench(arguments.iter().copied()));
        assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
        assert!(
            done.out.starts_with("Usage: edgebench-lite"),
            "{}",
            done.out
        );
    }
    let done = run(&mut folder.edgebench(["--version"]));
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    for same in ["-V", "version"] {
        assert_eq!(run(&mut folder.edgebench([same])).out, done.out);
    }
    // The target, and the commit where the build was told of one.
    let version = concat!("edgebench-lite ", env!("CARGO_PKG_VERSION"), " (");
    let target = done.out.strip_prefix(version).unwrap();
    let arch_and_os = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    assert!(target.starts_with(&arch_and_os), "{}", done.out);
    assert!(target.ends_with(")\n") && done.out.lines().count() == 1);
}

#[test]
fn every_option_of_record_is_in_its_help_and_the_hidden_ones_are_not() {
    let folder = Folder::new();
    let help = run(&mut folder.edgebench(["record", "--help"])).out;
    for option in [
        "--duration",
        "--interval",
        "--output",
        "--product",
        "--stage",
        "--pss",
        "--max-size",
        "--sync",
        "--quiet",
    ] {
        assert!(help.contains(option), "{option} is not in:\n{help}");
    }
    for hidden in ["--capacity", "--proc-root"] {
        assert!(!help.contains(hidden), "{hidden} is in:\n{help}");
    }
}

#[test]
fn an_equals_sign_may_stand_for_a_blank() {
    let folder = Folder::new();
    let done = run(&mut folder.record(["--duration=100ms", "--product=a=b"]));
    assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
    let records = folder.cat("log.ebl");
    assert_eq!(records[0].at("product").text(), "a=b");
}

#[test]
fn a_log_with_a_name_like_an_option() {
    let folder = Folder::new();
    run(&mut folder.record(["--duration=100ms"]));
    std::fs::rename(folder.file("log.ebl"), folder.file("--a=b")).unwrap();
    let done = run(&mut folder.edgebench(["log", "verify", "--", "--a=b"]));
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    // One sample, where the machine is too busy for two.
    assert!(done.out.starts_with("--a=b: whole: "), "{}", done.out);
    assert_eq!(done.out.lines().count(), 1);
}

#[test]
fn bad_roots_are_refused() {
    refused(
        &["--proc-root", "/nowhere", "record"],
        "cannot open /nowhere/proc: No such file or directory",
    );
}

#[test]
fn files_that_are_no_logs_are_refused() {
    let folder = Folder::new();
    folder.write("text", "This is no log.\n");
    folder.write("zeros", [0; 5000]);
    folder.write("empty", "");
    for (log, why) in [
        ("missing", "cannot read missing: No such file or directory"),
        (".", ". is a directory"),
        ("empty", "empty is empty"),
        ("text", "text is not an edgebench-lite log"),
        ("zeros", "zeros is not an edgebench-lite log"),
    ] {
        for command in ["info", "verify", "cat"] {
            let done = run(&mut folder.edgebench(["log", command, log]));
            assert_eq!(done.status, Some(2), "{command} {log}");
            assert_eq!(
                done.err,
                format!("edgebench-lite: {why}\n"),
                "{command} {log}"
            );
        }
        let done = run(&mut folder.edgebench(["log", "info", log]));
        assert_eq!(done.out, "", "{log}");
    }
}
