//! From a plan to a page.

use crate::json;
use crate::product::Product;
use crate::support::{until, Running};
use std::time::Duration;

#[test]
fn from_a_plan_to_a_page() {
    let product = Product::new();
    let here = product.folder.path().display().to_string();
    product.write_plan(&format!(
        "install \"touch {here}/installed\"\ndeploy \"touch {here}/deployed\"\n\
         deployed \"test -e {here}/deployed\"\nremove \"rm {here}/deployed\"\n\
         runs edge 2 of 1s\nruns workload 1 of 1s\nprobe true every 1s"
    ));
    let done = product.bench(&["plan"]);
    assert_eq!((done.status, &*done.err), (Some(0), ""), "{}", done.out);
    let logs = ["demo-edge-1.ebl", "demo-edge-2.ebl", "demo-workload-1.ebl"];
    let names = product.names("d");
    let expected: Vec<&str> = [
        &["attempts", "commands.txt"][..],
        &logs,
        &[
            "demo.csv",
            "demo.html",
            "demo.json",
            "demo.md",
            "journal",
            "plan",
        ],
    ]
    .concat();
    assert_eq!(names, expected);
    assert!(product.names("d/attempts").is_empty());
    let begun = ["install-1", "edge-1", "edge-2", "workload-1"];
    assert_eq!(
        product.told("begin"),
        begun.map(|step| format!("begin {step} 1"))
    );
    let ended: Vec<String> = product
        .told("end")
        .iter()
        .map(|line| line.split(' ').take(4).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(ended, begun.map(|step| format!("end {step} 1 counted")));
    assert_eq!(product.told("done").len(), 1);
    // Each run is of its stage, and has what the plan says of it.
    for (log, stage) in logs.iter().zip(["edge", "edge", "workload"]) {
        let records = product.folder.cat(&format!("d/{log}"));
        assert_eq!(records[0].at("stage").text(), stage, "{log}");
        assert_eq!(records[0].at("product").text(), "demo");
    }
    assert!(done.out.contains("scp -r "), "{}", done.out);
    // Everything is as it was before.
    assert!(product.has("installed") && !product.has("deployed") && !product.has("note"));
    assert_eq!(product.processes(), [""; 0]);
}

#[test]
fn what_a_plan_does_is_said_and_not_done() {
    let product = Product::new();
    product.write_plan("runs baseline 2 of 5m\nruns edge 5 of 5m\nrestarts 2");
    let done = product.bench(&["--check", "plan"]);
    assert_eq!(done.err, "");
    // Settling is off: 2 x 300 s; 5 x (10 + 300) s; 2 x (10 + 65) s.
    let lines: Vec<&str> = done.out.lines().collect();
    assert!(
        lines[0].starts_with("demo: 9 steps, about 38 min 20 s, "),
        "{}",
        lines[0]
    );
    assert_eq!(
        lines[1..4],
        [
            "    2 x baseline of 5 min 0 s: about 10 min 0 s",
            "    5 x edge of 5 min 0 s: about 25 min 50 s",
            "    2 x restart: about 2 min 30 s",
        ]
    );
    assert!(!product.has("d") && !product.has("note") && !product.has("pid"));
}

#[test]
fn what_is_missing_is_said() {
    let product = Product::new();
    let plan = product.plan("runs edge 1 of 5m");
    let plan = plan.replace("ready \"test", "ready \"no-such-program-here");
    product.folder.write("plan", plan);
    let done = product.bench(&["--check", "plan"]);
    assert_eq!(done.status, Some(1));
    let missing = "Missing: `ready`: no-such-program-here is not found";
    assert!(done.out.lines().any(|line| line == missing), "{}", done.out);
}

/// An earlier benchmark beside it says how long steps take: edge-1 took 41 s, of which 1 s was
/// recorded.
#[test]
fn the_estimate_by_an_earlier_benchmark() {
    let product = Product::new();
    product.write_plan("runs edge 3 of 5s");
    let here = product.folder.path().display().to_string();
    let said = || {
        let done = product.bench(&["--check", "plan"]);
        let lines: Vec<&str> = done.out.lines().collect();
        let first = lines[0].split(", ").nth(1).unwrap().to_owned();
        (first, lines[lines.len().min(4) - 1].to_owned())
    };
    // 3 x (10 + 5).
    let guess = "The time of starts and restarts is a guess; bench --status learns it.";
    assert_eq!(said(), ("about 45 s".to_owned(), guess.to_owned()));
    let journal = "20261128T120000Z boot b\n20261128T120000Z begin edge-1 1\n\
        20261128T120041Z end edge-1 1 counted 0 0 \"\"\n";
    product.folder.write("other/journal", journal);
    let plan = product.plan("runs edge 1 of 1s");
    product
        .folder
        .write("other/plan", plan.replace("demo", "another"));
    assert_eq!(said().1, guess, "that is another product's");
    product.folder.write("trial/journal", journal);
    product.folder.write("trial/plan", &plan);
    // 3 x (40 + 5).
    let known = format!("Starts and restarts as long as in {here}/trial.");
    assert_eq!(said(), ("about 2 min 15 s".to_owned(), known));
}

/// A step that has lasted for longer than thought is thought to end any moment.
#[test]
fn what_is_left_while_a_step_is_on() {
    let product = Product::new();
    let here = product.folder.path().display().to_string();
    let plan = product.plan("runs edge 3 of 1h");
    product.folder.write("d/plan", plan);
    // The first took 3640 s, 40 s beside its recording; the second was begun long ago.
    product.folder.write(
        "d/journal",
        "20251128T120000Z boot b\n20251128T120000Z begin edge-1 1\n\
         20251128T130040Z end edge-1 1 counted 0 0 \"\"\n20251128T130040Z begin edge-2 1\n",
    );
    product
        .folder
        .write("note", format!("bench {here}/d demo {here}/plan 1\n"));
    let left_s = || {
        let done = product.bench(&["--status", "--format", "json"]);
        json::parse(done.out.trim_end()).at("left_s").number()
    };
    assert_eq!(left_s(), 2 * 3640, "nobody goes on with it");
    let journal = std::fs::File::open(product.folder.file("d/journal")).unwrap();
    let lock = nix::fcntl::FlockArg::LockExclusiveNonblock;
    let _held = nix::fcntl::Flock::lock(journal, lock).unwrap();
    assert_eq!(left_s(), 3640);
}

#[test]
fn a_status_without_a_benchmark() {
    let product = Product::new();
    let done = product.bench(&["--status"]);
    assert_eq!(
        (done.status, &*done.out),
        (Some(1), "No benchmark is under way.\n")
    );
    let done = product.bench(&["--status", "--format", "json"]);
    assert_eq!((done.status, &*done.out), (Some(1), "null\n"));
}

#[test]
fn every_example_is_a_plan_that_is_checked() {
    let product = Product::new();
    for name in ["k3s", "izuma", "docker", "containerd", "systemd"] {
        let done = product.bench(&["--example", name]);
        assert_eq!((done.status, &*done.err), (Some(0), ""));
        product.folder.write("plan", done.out);
        let done = product.bench(&["--check", "plan"]);
        assert_eq!(done.err, "");
        assert!(
            done.out.starts_with(&format!("{name}: 21 steps, ")),
            "{}",
            done.out
        );
        // With the lines for which it takes a network.
        let plan = std::fs::read_to_string(product.folder.file("plan")).unwrap();
        let networks = ["ip-change", "firewall"].into_iter();
        let plan = networks.fold(plan, |plan, word| {
            let line = format!("\n# {word} ");
            assert!(plan.contains(&line), "{name}: {word}");
            plan.replace(&line, &format!("\n{word} "))
        });
        product.folder.write("plan", plan);
        let done = product.bench(&["--check", "plan"]);
        assert_eq!(done.err, "");
        assert!(
            done.out.starts_with(&format!("{name}: 23 steps, ")),
            "{}",
            done.out
        );
    }
}

#[test]
fn the_status_while_it_runs() {
    let product = Product::new();
    product.write_plan("runs edge 1 of 1h");
    let mut command = product.command(&["plan"]);
    let mut running = crate::support::Running::start(&product.folder, "bench", &mut command);
    crate::support::until("the first run", || {
        let attempts = product.folder.file("d/attempts");
        attempts.is_dir() && !product.names("d/attempts").is_empty()
    });
    // As when its terminal is closed: it goes on.
    running.signal("HUP");
    let done = product.bench(&["--status", "--format", "json"]);
    let status = json::parse(done.out.trim_end());
    assert_eq!(status.at("product").text(), "demo");
    assert_eq!(
        (status.at("steps").number(), status.at("counted").number()),
        (1, 0)
    );
    assert_eq!(
        (status.at("step").text(), status.at("attempt").number()),
        ("edge-1", 1)
    );
    let said = product.bench(&["--status"]).out;
    let begin = "demo: edge-1, attempt 1; 0 of 1 step counted, about 1 h 0 min left\n";
    assert!(said.starts_with(begin), "{said}");
    // A second one is refused, and the first is ended by --cancel.
    let second = product.bench(&["--resume"]);
    assert_eq!(second.status, Some(2));
    assert!(
        second
            .err
            .contains("is under way: bench --status tells how far it is"),
        "{}",
        second.err
    );
    let cancelled = product.bench(&["--cancel"]);
    // A busy machine may take longer than a moment, and then that is said.
    let waits = "edgebench-lite: waiting for process ";
    let is_told = cancelled.err.is_empty() || cancelled.err.starts_with(waits);
    assert!(cancelled.status == Some(0) && is_told, "{cancelled:?}");
    let ended = running.end();
    assert_eq!(ended.status, Some(2));
    let ended = product.told("end");
    assert_eq!(ended.len(), 1, "{ended:?}");
    assert!(ended[0].starts_with("end edge-1 1 cut-off "), "{ended:?}");
    assert!(ended[0].ends_with(" \"stopped by a signal\""), "{ended:?}");
    assert_eq!(product.names("d/attempts"), ["demo-edge-1.1.ebl"]);
    assert!(!product.has("note"));
}

/// Of this program's processes only the recorder does anything.
#[test]
fn while_a_run_is_on_it_sleeps() {
    // The processes of an emulated program are the emulator's.
    if crate::emulation::emulated() {
        return;
    }
    let product = Product::new();
    product.write_plan("runs edge 1 of 1h");
    let mut running = Running::start(&product.folder, "bench", &mut product.command(&["plan"]));
    let log = "demo-edge-1.1.ebl".to_owned();
    until("the run", || {
        product.has("d/attempts") && product.names("d/attempts").contains(&log)
    });
    let bench = running.pid();
    let of_status = |field: &str| {
        let text = std::fs::read_to_string(format!("/proc/{bench}/status")).unwrap();
        let mut lines = text.lines();
        let line = lines.find_map(|line| line.strip_prefix(field)).unwrap();
        line.trim().to_owned()
    };
    // Once it has given its memory back.
    let switches = || {
        let kinds = ["voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:"];
        kinds.map(of_status)
    };
    until("seconds in which it is not scheduled", || {
        let before = switches();
        std::thread::sleep(Duration::from_secs(4));
        switches() == before
    });
    assert_eq!(of_status("State:"), "S (sleeping)");
    // Its children: the recorder, and nothing else.
    let tasks = format!("/proc/{bench}/task/{bench}/children");
    let children = std::fs::read_to_string(tasks).unwrap();
    let children: Vec<&str> = children.split_whitespace().collect();
    assert_eq!(children.len(), 1, "{children:?}");
    let command = std::fs::read(format!("/proc/{}/cmdline", children[0])).unwrap();
    let command = String::from_utf8_lossy(&command).replace('\0', " ");
    assert!(
        command.contains(" record --quiet --stage edge "),
        "{command}"
    );
    running.signal("TERM");
    running.end();
    assert_eq!(product.bench(&["--cancel"]).status, Some(0));
}

/// Of what was not deployed nothing is removed: that would fail, and cost the next attempt.
#[test]
fn what_fails_once_is_made_again_once() {
    for word in ["start", "deploy"] {
        let product = Product::new();
        let here = product.folder.path().display();
        let plan = product.plan(&format!(
            "deploy \"touch {here}/deployed\"\nremove \"rm {here}/deployed\"\n\
             runs workload 1 of 1s\nagain 1"
        ));
        let once = format!("{word} \"test -e {here}/once || {{ touch {here}/once; exit 3; }}; ");
        let plan = plan.replace(&format!("{word} \""), &once);
        product.folder.write("plan", plan);
        let done = product.bench(&["plan"]);
        assert_eq!(done.status, Some(0), "{}", done.out);
        let ended = product.told("end");
        let why = format!("\"`{word}` failed: status 3\"");
        assert_eq!(ended[0], format!("end workload-1 1 failed 0 0 {why}"));
        assert!(ended[1].starts_with("end workload-1 2 counted "));
        assert_eq!(ended.len(), 2, "{ended:?}");
        assert!(!product.has("deployed"));
    }
}

/// Shorter than an interval between samples.
#[test]
fn a_board_that_has_to_settle_for_a_moment() {
    let product = Product::new();
    let plan = product.plan("runs edge 1 of 1s");
    product
        .folder
        .write("plan", plan.replace("settle 0", "settle 50ms"));
    let done = product.bench(&["plan"]);
    assert_eq!(done.status, Some(0), "{}", done.out);
    assert_eq!(product.told("end").len(), 1);
}
