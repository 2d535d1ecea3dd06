//! What a kill leaves running, and what a signal at the end leaves undone.

use crate::emulation::emulated;
use crate::killed::killed_in_its_first_run;
use crate::product::Product;
use crate::support::{of_kind, until, Running};
use std::fs;

/// A container that an orphan makes late would be there before the first step of the next.
#[test]
fn the_step_of_a_ramp_that_was_killed_is_ended_with_it() {
    if emulated() {
        return;
    }
    let product = Product::new();
    let here = product.folder.path().display().to_string();
    let step = format!("touch {here}/started; while test -e {here}/hold; do sleep 1; done");
    product.write_plan(&format!(
        "ramp \"{step}; touch {here}/c{{n}}\"\nramp-ready \"test -e {here}/c{{n}}\"\n\
         ramp-undo \"rm -f {here}/c{{n}}\""
    ));
    product.folder.write("hold", "");
    let mut running = Running::start(&product.folder, "bench", &mut product.command(&["plan"]));
    until("the step", || product.has("started"));
    running.signal("KILL");
    running.end();
    let steps = || {
        let mut all = product.processes();
        all.retain(|process| process.starts_with(&format!("/bin/sh -c {step}")));
        all.len()
    };
    assert_eq!(steps(), 1);
    assert_eq!(product.bench(&["--cancel"]).status, Some(0));
    assert_eq!(steps(), 0);
}

/// That of a thousand runs of each stage, some of which were made again.
#[test]
fn a_long_journal() {
    let product = Product::new();
    killed_in_its_first_run(&product);
    let kept = |name: &str| fs::read_to_string(product.folder.file(name)).unwrap();
    let remark = "20261128T120000Z remark edge-1 \"the clock is not synchronised\"\n";
    let journal = kept("d/journal") + &remark.repeat((1 << 20) / remark.len() + 1);
    product.folder.write("d/journal", journal);
    let told = product.bench(&["--status"]);
    assert!(told.out.starts_with("demo: not running: "), "{told:?}");
    // A second instead of the hour, in its own copy of the plan, too.
    for name in ["plan", "d/plan"] {
        product.folder.write(name, kept(name).replace("1h", "1s"));
    }
    let done = product.bench(&["--resume"]);
    assert_eq!((done.status, &*done.err), (Some(0), ""));
}

/// Two runs in a log would both be taken for ones that count.
#[test]
fn a_journal_that_has_lost_the_beginning_of_an_attempt() {
    let product = Product::new();
    product.write_plan("runs edge 1 of 1h");
    let mut running = Running::start(&product.folder, "bench", &mut product.command(&["plan"]));
    until("its log", || product.has("d/attempts/demo-edge-1.1.ebl"));
    running.signal("KILL");
    running.end();
    let replace = |name: &str, from: &str, to: &str| {
        let text = fs::read_to_string(product.folder.file(name)).unwrap();
        assert!(text.contains(from), "{text}");
        product.folder.write(name, text.replace(from, to));
    };
    replace("d/journal", "begin edge-1 1\n", "begin edge-1 q\n");
    replace("plan", "1h", "1s");
    replace("d/plan", "1h", "1s");
    let done = product.bench(&["--resume"]);
    assert_eq!((done.status, &*done.err), (Some(0), ""));
    assert_eq!(product.names("d/attempts"), ["demo-edge-1.1.ebl"]);
    let records = product.folder.cat("d/demo-edge-1.ebl");
    assert_eq!(of_kind(&records, "header").len(), 1);
}

/// Ends it by a signal where all is measured, and goes on.
fn ended_at_its_end(lines: &str, there: impl Fn(&Product) -> bool, meanwhile: impl Fn(&Product)) {
    let product = Product::new();
    let here = product.folder.path().display().to_string();
    let stops = format!("stop \"test ! -e {here}/d/demo-edge-1.ebl || {{ {lines}; }}; ");
    let plan = product
        .plan("runs edge 1 of 1s")
        .replace("stop \"", &stops.replace("HERE", &here));
    product.folder.write("plan", plan);
    product.folder.write("hold", "");
    let mut running = Running::start(&product.folder, "bench", &mut product.command(&["plan"]));
    until("its end", || there(&product));
    running.signal("TERM");
    let ended = running.end();
    let said = "edgebench-lite: interrupted; bench --resume goes on\n";
    assert_eq!((ended.status, &*ended.err), (Some(2), said));
    assert!(product.has("note") && !product.has("d/demo.html"));
    meanwhile(&product);
    let done = product.bench(&["--resume"]);
    assert_eq!((done.status, &*done.err), (Some(0), ""), "{}", done.out);
    assert!(product.has("d/demo.html") && !product.has("pid") && !product.has("note"));
    assert_eq!(product.told("begin").len(), 1);
}

#[test]
fn ended_while_it_stops_the_software_for_the_last_time() {
    ended_at_its_end(
        "touch HERE/stopping; while test -e HERE/hold; do sleep 1; done",
        |product| product.has("stopping"),
        |product| fs::remove_file(product.folder.file("hold")).unwrap(),
    );
}

#[test]
fn ended_while_it_makes_the_page() {
    if emulated() {
        return;
    }
    let log = "d/long.ebl";
    ended_at_its_end(
        "test ! -e HERE/hold || truncate -s 64G HERE/d/long.ebl",
        |product| {
            product
                .processes()
                .iter()
                .any(|process| process.contains(" compare "))
        },
        |product| {
            fs::remove_file(product.folder.file("hold")).unwrap();
            fs::remove_file(product.folder.file(log)).unwrap();
        },
    );
}
