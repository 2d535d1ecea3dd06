//! Starts in a log, and their way into the table.

use crate::board::Board;
use crate::json::Value;
use crate::support::{of_kind, run, until, Folder};
use std::fs;
use std::process::Stdio;

/// Three starts of a product by its power switch, into `boot.ebl`.
fn starts(folder: &Folder) {
    let mut board = Board::new();
    let tty = board.tty.to_str().unwrap();
    let mut command = folder.edgebench(["boot", "watch", tty, "--nudge", "0", "--runs", "3"]);
    command.args([
        "--power-on",
        "echo on >> power",
        "-o",
        "boot.ebl",
        "--product",
        "k3s",
    ]);
    let child = command.stdout(Stdio::null()).spawn();
    let mut child = child.unwrap();
    for number in 1..=3 {
        let power = "on\n".repeat(number);
        until("the power is on", || {
            fs::read_to_string(folder.file("power")).is_ok_and(|said| said == power)
        });
        board.say("PM_RSTS: 0x00000020\r\n[    0.000000] Booting Linux\r\npi login: ");
    }
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_result_a_start() {
    let folder = Folder::new();
    starts(&folder);
    let verified = run(&mut folder.edgebench(["log", "verify", "boot.ebl"]));
    assert_eq!(verified.status, Some(0));
    let whole = "boot.ebl: whole: 0 samples and 3 results in 1 run\n";
    assert_eq!(verified.out, whole);
    let records = folder.cat("boot.ebl");
    let results = of_kind(&records, "result");
    assert_eq!(results.len(), 3);
    for result in results {
        assert_eq!(result.at("kind").number(), 0);
        let entries = result.at("entries").items();
        let texts = |tag: u64| -> Vec<&str> {
            let of_tag = entries
                .iter()
                .filter(move |entry| entry.at("tag").number() == tag);
            of_tag.map(|entry| entry.at("text").text()).collect()
        };
        assert!(texts(0)[0].starts_with("serial line, from power-on, +-"));
        let other = "the boot loader says that this was a restart, not a power-on";
        assert_eq!(texts(2), [other]);
        let marks = entries.iter().filter(|entry| entry.at("tag").number() == 3);
        let marks: Vec<(&str, u64)> = marks
            .map(|mark| (mark.at("label").text(), mark.at("value").number()))
            .collect();
        let labels: Vec<&str> = marks.iter().map(|(label, _)| *label).collect();
        assert_eq!(labels, ["firmware", "userspace"]);
        // The parts add up, to the microsecond that each is rounded to.
        let total = result.at("value").number();
        let sum: u64 = marks.iter().map(|(_, value)| value).sum();
        assert!(total.abs_diff(sum) <= 2, "{total} {sum}");
    }
}

#[test]
fn the_table_has_a_point_a_start() {
    let folder = Folder::new();
    starts(&folder);
    let page = run(&mut folder.edgebench(["compare", "boot.ebl"]));
    assert_eq!(page.status, Some(0), "{}", page.err);
    let row = page
        .out
        .lines()
        .find(|line| line.trim_start().starts_with("cold start"));
    assert!(row.unwrap().contains(", n 3)"), "{}", page.out);
}

#[test]
fn the_boards_own_start_has_no_value_where_that_is_not_known() {
    let folder = Folder::new();
    let done = run(&mut folder.edgebench(["boot", "-o", "own.ebl", "--product", "k3s"]));
    assert_eq!((done.status, &*done.err), (Some(0), ""));
    let records = folder.cat("own.ebl");
    let result = of_kind(&records, "result")[0];
    let is_told = done.out.starts_with("No total: ");
    assert_eq!(
        matches!(result.at("value"), Value::Null),
        is_told,
        "{}",
        done.out
    );
}

#[test]
fn a_log_without_a_start_is_not_left() {
    let folder = Folder::new();
    let board = Board::new();
    let tty = board.tty.to_str().unwrap();
    let arguments = ["boot", "watch", tty, "--timeout", "1s", "-o", "none.ebl"];
    let done = run(&mut folder.edgebench(arguments));
    assert_eq!(done.status, Some(2));
    assert!(!folder.file("none.ebl").exists());
    let arguments = ["boot", "watch", "/dev/no-tty", "-o", "none.ebl"];
    let done = run(&mut folder.edgebench(arguments));
    assert_eq!(done.status, Some(2));
    assert!(!folder.file("none.ebl").exists());
    folder.write("other", "something else\n");
    let arguments = ["boot", "watch", tty, "--timeout", "1s", "-o", "other"];
    let done = run(&mut folder.edgebench(arguments));
    let why = "other exists and is not an edgebench-lite log: not overwritten";
    assert_eq!(done.err, format!("edgebench-lite: {why}\n"));
}
