//! `report --format` and `--export`: what is printed, and files as their suffixes say.

use crate::json;
use crate::support::{run, Folder};
use std::fs;
use std::os::unix::fs::symlink;

/// A folder with a log.
fn recorded() -> Folder {
    let folder = Folder::new();
    let done = run(folder.record([]).args(["--duration=300ms", "--quiet"]));
    assert_eq!(done.status, Some(0), "{}", done.err);
    folder
}

/// The beginning of each form.
const BEGIN: [(&str, &str); 6] = [
    ("md", "# product unnamed, stage unnamed\n"),
    ("json", "{\"version\":1,"),
    ("csv", "product,stage,run,host,start_utc,"),
    ("html", "<!DOCTYPE html>\n"),
    ("svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" "),
    ("prom", "# HELP edgebench_"),
];

fn names(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<_> = entries
        .map(name)
        .map(|n| n.into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A log may have any name, also one that tells a form.
#[test]
fn what_is_read_is_not_replaced() {
    let folder = recorded();
    let log = fs::read(folder.file("log.ebl")).unwrap();
    folder.write("run.csv", &log);
    symlink("run.csv", folder.file("link.csv")).unwrap();
    let facts = "a boot-cold 38 s \"stopwatch\"\n";
    folder.write("facts.md", facts);
    for (arguments, file) in [
        (&["report", "run.csv"][..], "run.csv"),
        (&["report", "run.csv"], "./link.csv"),
        (&["compare", "log.ebl", "run.csv"], "run.csv"),
        (&["compare", "--facts", "facts.md"], "facts.md"),
    ] {
        let mut command = folder.edgebench(arguments.iter().copied());
        let done = run(command.args(["--export", file]));
        assert_eq!((done.status, done.out.as_str()), (Some(2), ""), "{file}");
        let told = format!("--export {file} would replace what is read");
        assert!(done.err.contains(&told), "{}", done.err);
    }
    assert_eq!(fs::read(folder.file("run.csv")).unwrap(), log);
    assert_eq!(fs::read_to_string(folder.file("facts.md")).unwrap(), facts);
}

#[test]
fn what_is_printed_is_what_is_exported() {
    let folder = recorded();
    let text = run(&mut folder.edgebench(["report", "log.ebl"])).out;
    let mut all = folder.edgebench(["report", "log.ebl"]);
    for (suffix, _) in BEGIN {
        all.args(["--export", &format!("r.{suffix}")]);
    }
    let done = run(&mut all);
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    assert_eq!(done.out, text);
    for (suffix, begin) in BEGIN {
        let printed = run(&mut folder.edgebench(["report", "log.ebl", "--format", suffix]));
        assert_eq!((printed.status, printed.err.as_str()), (Some(0), ""));
        assert!(printed.out.starts_with(begin), "{suffix}: {}", printed.out);
        let exported = fs::read_to_string(folder.file(&format!("r.{suffix}"))).unwrap();
        assert_eq!(exported, printed.out, "{suffix}");
    }
    let exported = fs::read_to_string(folder.file("r.json")).unwrap();
    json::parse(exported.trim_end());
    // No temporary file is left.
    let left = [
        "log.ebl", "r.csv", "r.html", "r.json", "r.md", "r.prom", "r.svg",
    ];
    assert_eq!(names(&folder), left);
}

#[test]
fn bad_options_are_one_line_errors() {
    let folder = recorded();
    for (arguments, complaint) in [
        (
            ["--export", "r.pdf"],
            "--export: unknown export type `r.pdf`; use .md, .json, .csv, .html, .svg, .prom",
        ),
        (
            ["--format", "pdf"],
            "--format: `pdf` is none of text, markdown, json, csv, html, svg, prom",
        ),
        (
            ["--export=r.md", "--export=r.md"],
            "report: --export r.md twice",
        ),
    ] {
        let done = run(folder.edgebench(["report", "log.ebl"]).args(arguments));
        let line = format!("edgebench-lite: {complaint} (see edgebench-lite report --help)\n");
        assert_eq!(
            (done.status, done.err, done.out),
            (Some(2), line, String::new())
        );
    }
    assert_eq!(names(&folder), ["log.ebl"]);
}

#[test]
fn an_export_that_fails_does_not_stop_the_others() {
    let folder = recorded();
    fs::create_dir(folder.file("folder.md")).unwrap();
    let exports = ["--export=none/r.csv", "--export=folder.md", "--export=r.md"];
    let done = run(folder.edgebench(["report", "log.ebl"]).args(exports));
    assert_eq!(done.status, Some(2));
    assert_eq!(
        done.err,
        "edgebench-lite: cannot write none/r.csv: No such file or directory\n\
         edgebench-lite: cannot write folder.md: Is a directory\n"
    );
    assert!(done.out.starts_with("product unnamed, stage unnamed\n"));
    assert_eq!(names(&folder), ["folder.md", "log.ebl", "r.md"]);
}

#[test]
fn a_file_is_replaced_and_a_link_stays_one() {
    let folder = recorded();
    folder.write(
        "old.md",
        "a longer text that was there before\n".repeat(999),
    );
    symlink("old.md", folder.file("link.md")).unwrap();
    let done = run(&mut folder.edgebench(["report", "log.ebl", "--export", "link.md"]));
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    let is_link = fs::symlink_metadata(folder.file("link.md")).unwrap();
    assert!(is_link.is_symlink());
    let text = fs::read_to_string(folder.file("old.md")).unwrap();
    assert!(text.starts_with("# product") && !text.contains("before\n"));
    assert_eq!(names(&folder), ["link.md", "log.ebl", "old.md"]);
}
