//! `--watch`: again and again, until a signal.

use crate::json;
use crate::support::{until, Folder, Running};
use crate::tree::{machine, put, Made, MEMINFO};

fn watched(arguments: &[&str], signal: &str) -> String {
    let folder = Folder::new();
    machine(&folder, MEMINFO);
    put(&folder, &Made::default());
    let mut command = folder.edgebench(["--proc-root", "root", "footprint", "--watch=100ms"]);
    let mut running = Running::start(&folder, "watch", command.args(arguments));
    let so_far = || std::fs::read_to_string(folder.file("watch.out")).unwrap();
    until("three tables", || so_far().matches("made-up").count() >= 3);
    running.signal(signal);
    let done = running.end();
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    done.out
}

#[test]
fn elsewhere_than_on_a_terminal_tables_follow_each_other() {
    let out = watched(&[], "INT");
    assert!(!out.contains('\u{1b}'));
    let tables: Vec<&str> = out.split("Largest programs").skip(1).collect();
    let first = tables[0].trim_end();
    // Nothing changes in a tree that nobody writes to; a signal may cut none.
    assert!(tables.iter().all(|table| table.trim_end() == first));
    assert!(out.ends_with('\n'));
}

#[test]
fn json_is_an_object_a_line() {
    let out = watched(&["--format=json"], "TERM");
    for line in out.lines() {
        assert_eq!(json::parse(line).at("source").text(), "live");
    }
}
