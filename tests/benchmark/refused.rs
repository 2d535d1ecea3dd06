//! What is refused before anything is started, and what goes wrong while it runs.

use crate::product::Product;
use crate::support::{can, run, BINARY};
use std::process::Command;

/// Refused in one line, with nothing begun.
fn refused(product: &Product, why: &str) {
    let done = product.bench(&["plan"]);
    assert_eq!(done.err, format!("edgebench-lite: {why}\n"));
    assert_eq!((done.status, &*done.out), (Some(2), ""));
    assert!(!product.has("d/journal") && !product.has("note") && !product.has("pid"));
}

#[test]
fn plans_that_are_none() {
    let product = Product::new();
    for (lines, why) in [
        (
            "runns edge 1 of 1s",
            "plan:10: unknown word `runns`: is `runs` meant?",
        ),
        (
            "runs edge 1 of 1s\nruns edge 2 of 1s",
            "plan:11: `runs` is in line 10, too",
        ),
        (
            "runs edge 0 of 1s",
            "plan:10: `0` is not a number from 1 to 1000",
        ),
        (
            "runs edge",
            "plan:10: not of the form `runs STAGE N of TIME`",
        ),
        // A recording of no time would go on for ever.
        ("runs edge 1 of 0s", "plan:10: `0s` is not longer than 0"),
        (
            "runs edge 1 of 1s\nunit \"\"",
            "plan:11: `` is not a value: it is empty",
        ),
        (
            "again 1",
            "plan: the plan measures nothing: it has no `runs`",
        ),
    ] {
        product.write_plan(lines);
        refused(&product, why);
    }
}

/// What the commands of the steps would refuse, each at its time, is refused at once.
#[test]
fn steps_that_would_not_be_understood() {
    let product = Product::new();
    for (lines, why) in [
        (
            "runs edge 1 of 1s\nkey re:[",
            "plan: edge: --key: `re:[` is not LABEL=PATTERN, such as app=app.py",
        ),
        (
            "runs edge 1 of 1s\nprobe no-such-program every 100ms",
            "plan: edge: --probe-every is shorter than --interval: the probe is started after a \
             sample",
        ),
        (
            "ramp true\nramp-ready true\nramp-undo true",
            "plan: ramp: --step has no {n}, the number of the container",
        ),
        (
            "ip-change iface none0 to 10.0.0.300\ncheck cmd:true",
            "plan: ip-change: --to: `10.0.0.300` is not an address and its length, such as \
             192.168.1.77/24",
        ),
        (
            "firewall peer h role king\ncheck cmd:true",
            "plan: firewall: --role: `king` is none of agent, server",
        ),
        (
            "firewall peer h\ncheck cmd:true",
            "plan: firewall: survive firewall: --role is missing",
        ),
        (
            "runs edge 1 of 1s\nprofile nope",
            "plan: profile: --profile: `nope` is no known profile: those are izuma, k3s, microk8s, \
             k0s, kubeedge",
        ),
    ] {
        product.write_plan(lines);
        refused(&product, why);
    }
    product.write_plan("firewall peer h role agent server-port 8443");
    refused(
        &product,
        "plan: firewall: nothing to check: say what must hold with --check, or name a product whose \
         checks are known (k3s, izuma) with --product",
    );
}

#[test]
fn what_is_asked_for_is_one_thing() {
    let product = Product::new();
    let see = "(see edgebench-lite bench --help)";
    let one = "bench: one of PLAN, --example, --status, --resume and --cancel";
    for (arguments, why) in [
        (&[][..], one),
        (&["plan", "--resume"], one),
        (
            &["--check", "--status"],
            "bench: --check is for PLAN, and --format for --status",
        ),
        (
            &["--example", "k4s"],
            "--example: `k4s` is none of k3s, izuma, docker, containerd, systemd",
        ),
    ] {
        let done = product.bench(arguments);
        assert_eq!(done.err, format!("edgebench-lite: {why} {see}\n"));
        assert_eq!(done.status, Some(2));
    }
    let done = product.bench(&["--resume"]);
    let why = "no benchmark is under way; bench PLAN begins one";
    assert_eq!(
        (done.status, done.err),
        (Some(2), format!("edgebench-lite: {why}\n"))
    );
}

#[test]
fn a_product_that_runs_already() {
    let product = Product::new();
    product.write_plan("runs edge 1 of 1s");
    product.folder.write("pid", "0");
    product.folder.write("d/mine", "");
    let done = product.bench(&["plan"]);
    assert!(product.has("d/mine") && !product.has("d/attempts"));
    assert_eq!(
        (done.status, &*done.err),
        (
            Some(2),
            "edgebench-lite: `ready` succeeds before `start`: it asks something else, or the edge \
             software runs already\n"
        )
    );
    std::fs::remove_file(product.folder.file("pid")).unwrap();
    let here = product.folder.path().display().to_string();
    let mut sleeper = std::process::Command::new(product.folder.file("sleeper"))
        .arg(&here)
        .spawn()
        .unwrap();
    let pid = sleeper.id();
    refused(
        &product,
        &format!("the edge software runs already: sleeper ({pid})"),
    );
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
}

#[test]
fn a_directory_that_holds_another_benchmark() {
    let begun = "20261128T120000Z boot b\n";
    // Without its journal as well: a log in the place of a run's would count as that run, and
    // one of an attempt would be gone on with.
    for name in [
        "d/journal",
        "d/demo-edge-1.ebl",
        "d/attempts/demo-edge-1.2.ebl",
    ] {
        let product = Product::new();
        product.write_plan("runs edge 1 of 1s");
        product.folder.write(name, begun);
        let done = product.bench(&["plan"]);
        let here = product.folder.path().display();
        assert_eq!(
            done.err,
            format!(
                "edgebench-lite: {here}/d holds a benchmark already: choose another `directory`, or \
                 remove it\n"
            )
        );
        assert_eq!(done.status, Some(2));
        // As is said before.
        let done = product.bench(&["--check", "plan"]);
        let missing = format!("Missing: {here}/d holds a benchmark already: ");
        assert!(done.out.contains(&missing), "{}", done.out);
        assert_eq!(done.status, Some(1));
        let kept = std::fs::read_to_string(product.folder.file(name));
        assert_eq!(kept.unwrap(), begun);
    }
}

#[test]
fn a_plan_in_the_place_of_its_copy() {
    let product = Product::new();
    let plan = product.plan("runs edge 1 of 1s");
    product.folder.write("d/plan", &plan);
    let here = product.folder.path().display();
    let said = format!(
        "edgebench-lite: {here}/d/plan: the benchmark keeps its copy of the plan there; put yours \
         elsewhere\n"
    );
    for arguments in [&["d/plan"][..], &["--check", "d/../d/plan"]] {
        let done = product.bench(arguments);
        assert_eq!((done.status, done.err), (Some(2), said.clone()));
    }
    assert_eq!(product.names("d"), ["plan"]);
}

#[test]
fn a_directory_that_does_not_outlive_the_restarts() {
    let is_tmpfs = nix::sys::statfs::statfs("/dev/shm")
        .is_ok_and(|about| about.filesystem_type() == nix::sys::statfs::TMPFS_MAGIC);
    if !is_tmpfs || !nix::unistd::geteuid().is_root() {
        return crate::skip::skipped("needs root, and a tmpfs in /dev/shm");
    }
    let product = Product::new();
    let here = product.folder.path().display().to_string();
    let plan = product.plan("runs edge 1 of 1s\nrestarts 1");
    let plan = plan.replace(
        &format!("directory {here}/d"),
        "directory /dev/shm/edgebench-d",
    );
    product.folder.write("plan", plan);
    refused(
        &product,
        "/dev/shm/edgebench-d does not outlive the restarts that are planned (tmpfs or overlay): \
         choose another `directory`",
    );
    // Nor does the note, by which the next boot knows of it.
    product.write_plan("runs edge 1 of 1s\nrestarts 1");
    let note = "/dev/shm/edgebench-note";
    let done = run(&mut product.folder.edgebench(["bench", "--note", note, "plan"]));
    let said = "edgebench-lite: /dev/shm/edgebench-note does not outlive the restarts that are \
                planned (tmpfs or overlay)\n";
    assert_eq!((done.status, &*done.err), (Some(2), said));
    assert!(!product.has("d/journal"));
}

/// A benchmark of one run that never counts; `changes` are those of its plan.
fn in_vain(changes: &[(&str, &str)], why: &str) {
    let product = Product::new();
    let plan = product.plan("runs edge 1 of 1s\nagain 1");
    let changed = changes.iter().fold(plan, |plan, (from, to)| {
        assert!(plan.contains(from), "{from}");
        plan.replace(from, to)
    });
    product.folder.write("plan", changed);
    let done = product.bench(&["plan"]);
    assert_eq!(done.status, Some(2), "{}", done.out);
    // Once more than the first time, each told with its reason.
    let ended = product.told("end");
    assert_eq!(ended.len(), 2, "{ended:?}");
    for line in &ended {
        assert!(
            line.contains(" failed 0 0 ") && line.contains(why),
            "{line}"
        );
    }
    assert!(
        done.out.contains("Without a run that counts: edge-1"),
        "{}",
        done.out
    );
    assert!(!done.out.contains("Page: "), "{}", done.out);
    assert!(!product.has("note"));
}

/// A power cut behind the first line of the journal must find its name, on FAT too.
#[test]
fn the_names_are_on_the_disk_before_the_journal_begins() {
    let trace = ["strace", "-qq", "-y", "-e", "trace=fsync,fdatasync"];
    if !can(&[&trace[..], &["true"]].concat()) {
        return;
    }
    let product = Product::new();
    let plan = product.plan("runs edge 1 of 1s\nagain 1");
    let plan = plan.replace("start \"", "start \"exit 3; ");
    product.folder.write("plan", plan);
    let mut command = Command::new(trace[0]);
    command.args(&trace[1..]).args(["-o", "trace", BINARY]);
    command.args(["bench", "--note", "note", "plan"]);
    run(command.current_dir(product.folder.path()));
    let here = std::fs::canonicalize(product.folder.path()).unwrap();
    let here = format!("<{}", here.display());
    let text = std::fs::read_to_string(product.folder.file("trace")).unwrap();
    let synced = text.lines().filter_map(|line| {
        let (path, _) = line.split_once(&here)?.1.split_once('>')?;
        Some(path.trim_start_matches('/'))
    });
    let first: Vec<&str> = synced.take(7).collect();
    let expected = ["", "d", "d", "d/plan.part", "d/plan", "d", "d/journal"];
    assert_eq!(first, expected);
}

#[test]
fn a_start_that_fails() {
    in_vain(
        &[("start \"", "start \"echo no licence; exit 3; ")],
        "`start` failed: status 3: no licence",
    );
}

/// The journal has a backslash twice.
#[test]
fn a_start_that_would_colour_a_terminal() {
    in_vain(
        &[("start \"", "start \"printf 'no \\033[31mlicence'; exit 3; ")],
        r"`start` failed: status 3: no \\x1b[31mlicence",
    );
}

#[test]
fn a_start_that_is_not_there() {
    // By the name of the shell: busybox, dash and bash differ in the rest.
    in_vain(
        &[("start \"", "start \"no-such-program-here; exit 4; ")],
        "`start` failed: status 4: plan: ",
    );
}

#[test]
fn ready_never() {
    in_vain(
        &[
            ("ready \"test", "ready \"echo not yet; false && test"),
            ("/pid\" within 60s\nstop", "/pid\" within 1s\nstop"),
        ],
        "`ready` did not succeed within 1 s: status 1: not yet",
    );
}

#[test]
fn a_stop_that_leaves_processes() {
    let product = Product::new();
    let plan = product.plan("runs edge 2 of 1s\nagain 1");
    let plan = plan.replace("kill $(cat", "true $(cat");
    product.folder.write("plan", plan);
    let done = product.bench(&["plan"]);
    assert_eq!(done.status, Some(2), "{}", done.out);
    // The first run counts: nothing had been started before.
    let ended = product.told("end");
    assert!(ended[0].starts_with("end edge-1 1 counted "), "{ended:?}");
    for line in &ended[1..] {
        assert!(
            line.contains("`stop` leaves processes: sleeper ("),
            "{line}"
        );
    }
    assert_eq!(ended.len(), 3);
}

/// In a file system of `size`, whose mount ends with the command.
fn on_a_small_disk(product: &Product, size: &str, commands: &str) -> Option<crate::support::Done> {
    let here = product.folder.path().display();
    let mount = format!("mkdir -p d && mount -t tmpfs -o size={size} tmpfs {here}/d");
    if crate::emulation::emulated() {
        return None;
    }
    if !crate::support::can(&["unshare", "--mount", "true"]) {
        crate::skip::skipped("needs root, and unshare");
        return None;
    }
    let bench = format!(
        "{} bench --note {here}/note",
        env!("CARGO_BIN_EXE_edgebench-lite")
    );
    let script = format!("{mount} && bench='{bench}'\n{commands}");
    let mut command = std::process::Command::new("unshare");
    command.args(["--mount", "sh", "-c", &script]);
    Some(crate::support::run(
        command.current_dir(product.folder.path()),
    ))
}

#[test]
fn a_disk_without_room() {
    let product = Product::new();
    product.write_plan("runs baseline 1000 of 24h");
    let commands = "$bench plan; status=$?; ls d; exit $status";
    let Some(done) = on_a_small_disk(&product, "1M", commands) else {
        return;
    };
    let here = product.folder.path().display();
    let head = format!("edgebench-lite: {here}/d has room for 1.0 MiB, and ");
    assert!(done.err.starts_with(&head), "{}", done.err);
    assert!(done.err.ends_with(" may be needed\n") && done.err.lines().count() == 1);
    assert_eq!((done.status, &*done.out), (Some(2), ""));
    assert!(!product.has("note"));
}

/// Nothing can be noted any more: it stops, and goes on where it was once there is room.
#[test]
fn a_disk_that_fills_up_while_it_runs() {
    let product = Product::new();
    let here = product.folder.path().display().to_string();
    let plan = product.plan("runs edge 2 of 1s");
    // What fills it is the software, at its first start.
    let fills = format!(
        "start \"test -e {here}/full || dd if=/dev/zero of={here}/d/fill bs=4k; touch {here}/full; "
    );
    product
        .folder
        .write("plan", plan.replace("start \"", &fills));
    let commands = "\
        $bench plan >out 2>err; echo first $? $(wc -l <err)\n\
        rm d/fill\n\
        $bench --resume >out2 2>err2; echo second $?\n\
        grep -o ' end edge-. . [a-z]*' d/journal; $bench --status";
    let Some(done) = on_a_small_disk(&product, "64M", commands) else {
        return;
    };
    let err = std::fs::read_to_string(product.folder.file("err")).unwrap();
    let head = format!("edgebench-lite: {here}/d has room for ");
    assert!(err.starts_with(&head), "{err}");
    assert!(
        err.ends_with(" may be needed; bench --resume goes on once that is mended\n"),
        "{err}"
    );
    assert_eq!(
        done.out,
        "first 2 1\nsecond 0\n end edge-1 1 failed\n end edge-1 2 counted\n end edge-2 1 counted\n\
         No benchmark is under way.\n"
    );
}

#[test]
fn what_a_plan_lacks_here_is_told_and_nothing_is_started() {
    let product = Product::new();
    let change = "ip-change iface none0 to 10.0.0.7/24\ncheck cmd:true";
    let plan = product.plan(&format!("runs edge 1 of 1s\n{change}"));
    let plan = plan.replace("stop \"", "stop \"no-such-program && ");
    product.folder.write("plan", &plan);
    let missing = |lines: &[&str]| {
        let done = product.bench(&["--check", "plan"]);
        let mut found: Vec<&str> = done.out.lines().collect();
        found.retain(|line| line.starts_with("Missing: ") && !line.contains("not root"));
        assert_eq!(found, lines);
        assert_eq!((done.status, &*done.err), (Some(1), ""));
    };
    let interface = "Missing: `ip-change`: none0 is no interface";
    missing(&["Missing: `stop`: no-such-program is not found", interface]);
    // What `install` may bring is not missing yet.
    product
        .folder
        .write("plan", format!("{plan}install no-installer\n"));
    missing(&["Missing: `install`: no-installer is not found", interface]);
    assert!(!product.has("d") && !product.has("note"));
}
