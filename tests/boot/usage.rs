//! What cannot be, is not there, or is not a board: one line, and the right status.

use crate::board::Board;
use crate::support::{run, until, Done, Folder};
use std::process::Stdio;

fn watch(tty: &str, arguments: &[&str]) -> Done {
    let folder = Folder::new();
    run(folder.edgebench(["boot", "watch", tty]).args(arguments))
}

fn refused(tty: &str, arguments: &[&str], status: i32, message: &str) {
    let done = watch(tty, arguments);
    assert_eq!(
        done.err,
        format!("edgebench-lite: {message}\n"),
        "{arguments:?}"
    );
    assert_eq!(
        (done.status, &*done.out),
        (Some(status), ""),
        "{arguments:?}"
    );
}

#[test]
fn options_that_do_not_go_together() {
    let see = "(see edgebench-lite boot watch --help)";
    for (arguments, why) in [
        (&["--power-off", "x"][..], "--power-off needs --power-on"),
        (
            &["--restart", "reboot", "--power-on", "x"],
            "--restart is a start itself: it takes no --power-on and no --start",
        ),
        (
            &["--login", "pi"],
            "--login and --password-file are for --restart",
        ),
        (&["--runs", "0"], "--runs: 1 to 1000"),
        (
            &["--runs", "2"],
            "--runs needs --power-on, --restart, or --start with key or a pattern",
        ),
        (&["--product", "k3s"], "--product is for --output"),
    ] {
        refused(
            "/dev/null",
            arguments,
            2,
            &format!("boot watch: {why} {see}"),
        );
    }
    for (arguments, why) in [
        (
            ["--baud", "115201"],
            "--baud: `115201` is not a serial port's rate, such as 115200",
        ),
        (["--until", "*"], "--until: `*` is found in every line"),
        (["--mark", "x"], "--mark: `x` is not NAME=PATTERN"),
    ] {
        refused("/dev/null", &arguments, 2, &format!("{why} {see}"));
    }
}

#[test]
fn what_is_no_port() {
    refused(
        "/dev/null",
        &[],
        2,
        "/dev/null is not a serial port or terminal",
    );
    let missing = "/dev/no-such-tty: no such tty; is the adapter plugged in?";
    refused("/dev/no-such-tty", &[], 2, missing);
}

#[test]
fn a_port_that_another_has() {
    let board = Board::new();
    let folder = Folder::new();
    let tty = board.tty.to_str().unwrap();
    let mut first = folder
        .edgebench(["boot", "watch", tty, "--nudge", "0"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    board.await_watcher();
    let second = run(&mut folder.edgebench(["boot", "watch", tty]));
    assert_eq!((second.status, &*second.out), (Some(2), ""));
    // This test has it open as well: who is named is whoever is found first.
    let start = format!("edgebench-lite: {tty} is in use by ");
    assert!(
        second.err.starts_with(&start) && second.err.contains("(pid "),
        "{}",
        second.err
    );
    first.kill().unwrap();
    first.wait().unwrap();
}

#[test]
fn no_start() {
    let mut board = Board::new();
    let tty = board.tty.to_str().unwrap().to_owned();
    let short = ["--timeout", "1s", "--nudge", "0"];
    let silent = format!("{tty}: nothing came within 1 s; is the board's console on this line?");
    refused(&tty, &short, 2, &silent);
    let said = |board: &mut Board, text: &[u8]| {
        let folder = Folder::new();
        let mut command = folder.edgebench(["boot", "watch", &*tty, "--transcript", "raw"]);
        let command = command.args(["--timeout", "3s", "--nudge", "0"]);
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        board.await_watcher();
        board.say(text);
        until("it is over", || {
            folder
                .file("raw")
                .metadata()
                .is_ok_and(|raw| raw.len() == text.len() as u64)
        });
        let done = child.wait_with_output().unwrap();
        (done.status.code(), String::from_utf8(done.stderr).unwrap())
    };
    assert_eq!(
        said(&mut board, &[b"ab".as_slice(), &[0xf3; 98]].concat()),
        (
            Some(2),
            format!("edgebench-lite: {tty}: 98 % of the bytes are not text; is --baud right?\n")
        )
    );
    assert_eq!(
        said(&mut board, b"1\r\n2\r\n3\r\n4\r\n\xff5\r\n6"),
        (
            Some(1),
            format!(
                "edgebench-lite: {tty}: no prompt within 3 s; the last lines: `2` `3` `4` \
                 `\\xff5` `6`\n"
            )
        )
    );
}

#[test]
fn what_never_comes() {
    let board = Board::new();
    let tty = board.tty.to_str().unwrap();
    let short = ["--timeout", "1s", "--nudge", "0"];
    // The tests' standard input is empty.
    let ended = "--start key: standard input has ended, so that no key comes";
    refused(tty, &[&short[..], &["--start", "key"]].concat(), 2, ended);
}

#[test]
fn a_restart_that_never_comes() {
    let mut board = Board::new();
    let tty = board.tty.to_str().unwrap().to_owned();
    let folder = Folder::new();
    let mut command = folder.edgebench(["boot", "watch", &*tty, "--restart", "reboot"]);
    let command = command.args(["--timeout", "2s", "--nudge", "0"]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    board.hear("reboot\r");
    board.say("reboot: not found\r\npi login: ");
    let done = child.wait_with_output().unwrap();
    let why = format!(
        "edgebench-lite: {tty}: the board has not restarted within 2 s; the last lines: \
         `reboot: not found` `pi login: `\n"
    );
    assert_eq!(
        (done.status.code(), String::from_utf8(done.stderr).unwrap()),
        (Some(1), why)
    );
}

#[test]
fn power_that_is_not_switched() {
    let board = Board::new();
    let tty = board.tty.to_str().unwrap();
    for (command, why) in [
        ("exit 3", "`exit 3` failed: status 3"),
        (
            "echo no relay >&2; exit 1",
            "`echo no relay >&2; exit 1` failed: no relay",
        ),
        ("kill -9 $$", "`kill -9 $$` was ended by signal 9"),
    ] {
        refused(tty, &["--power-on", command], 2, why);
    }
}
