//! Killed, and resumed.

use crate::emulation::emulated;
use crate::product::Product;
use crate::support::{run, until, Running};
use nix::fcntl::{Flock, FlockArg};
use std::collections::BTreeMap;
use std::fs::File;
use std::time::Duration;

/// Numbers from 0 to 1, the same in every run (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as f64 / u64::MAX as f64
    }
}

const STEPS: [&str; 5] = ["install-1", "edge-1", "edge-2", "edge-3", "workload-1"];

#[test]
fn killed_at_twenty_moments_it_is_complete_and_counts_no_run_twice() {
    let product = Product::new();
    product.write_plan(
        "install true\ndeploy true\nremove true\nruns edge 3 of 1s\nruns workload 1 of 1s",
    );
    let mut random = Random(18);
    for kill in 0..20 {
        let begun = product.has("note");
        if !begun && product.has("d/demo.html") {
            // It was quicker: from the beginning again.
            verify(&product);
            std::fs::remove_dir_all(product.folder.file("d")).unwrap();
        } else if !begun && product.has("d") {
            // Killed before it was noted: nothing had been started but what asks whether the
            // product is ready, and it is begun anew.
            until("its end", || product.processes().is_empty());
        }
        let argument = if product.has("note") {
            "--resume"
        } else {
            "plan"
        };
        let mut command = product.command(&[argument]);
        let name = format!("bench-{kill}");
        let mut running = Running::start(&product.folder, &name, &mut command);
        std::thread::sleep(Duration::from_secs_f64(2.5 * random.next()));
        // It may have ended.
        let _ = nix::sys::signal::kill(
            nix::unistd::Pid::from_raw(running.pid() as i32),
            nix::sys::signal::Signal::SIGKILL,
        );
        running.end();
    }
    let rest = match (product.has("note"), product.has("d/demo.html")) {
        (true, _) => Some("--resume"),
        (false, true) => None,
        // On a slow machine no kill has let it come so far.
        (false, false) => Some("plan"),
    };
    if let Some(argument) = rest {
        let done = product.bench(&[argument]);
        assert_eq!((done.status, &*done.err), (Some(0), ""), "{}", done.out);
    }
    verify(&product);
    assert_eq!(product.processes(), [""; 0]);
}

/// Every step has counted once, and its log is whole.
fn verify(product: &Product) {
    let mut counted: BTreeMap<String, u32> = BTreeMap::new();
    for line in product.told("end") {
        let words: Vec<&str> = line.split(' ').collect();
        assert!(["counted", "cut-off"].contains(&words[3]), "{line}");
        if words[3] == "counted" {
            *counted.entry(words[1].to_owned()).or_default() += 1;
        }
    }
    let expected = STEPS.map(|step| (step.to_owned(), 1));
    assert_eq!(counted, BTreeMap::from(expected), "{:?}", product.journal());
    for step in &STEPS[1..] {
        let records = product.folder.cat(&format!("d/demo-{step}.ebl"));
        let ends = crate::support::of_kind(&records, "footer");
        assert_eq!(ends.len(), 1, "{step}");
    }
    // No attempt was made twice.
    let begun = product.told("begin");
    let mut different = begun.clone();
    different.sort();
    different.dedup();
    assert_eq!(begun.len(), different.len());
}

#[test]
fn the_recorder_of_one_that_was_killed_is_ended_before_the_next() {
    // The command line of a process is the emulator's.
    if emulated() {
        return;
    }
    let product = Product::new();
    product.write_plan("runs edge 1 of 1h");
    let recorders = || {
        let mut all = product.processes();
        all.retain(|process| process.contains(" record "));
        all.len()
    };
    let mut running = Running::start(&product.folder, "bench", &mut product.command(&["plan"]));
    until("the recorder", || recorders() == 1);
    running.signal("KILL");
    running.end();
    until("it goes on alone", || recorders() == 1);
    let mut running = Running::start(
        &product.folder,
        "again",
        &mut product.command(&["--resume"]),
    );
    until("the second attempt", || product.told("begin").len() == 2);
    until("its recorder", || {
        recorders() == 1
            && product
                .names("d/attempts")
                .contains(&"demo-edge-1.2.ebl".to_owned())
    });
    let ended = product.told("end");
    assert_eq!(ended.len(), 1, "{ended:?}");
    let words: Vec<&str> = ended[0].splitn(7, ' ').collect();
    assert_eq!(words[..4], ["end", "edge-1", "1", "cut-off"]);
    assert_eq!(words[6], "\"by a restart, a power cut or a kill\"");
    // As a machine that goes down ends it.
    running.signal("TERM");
    let ended = running.end();
    assert_eq!(ended.status, Some(2));
    assert_eq!(
        ended.err,
        "edgebench-lite: interrupted; bench --resume goes on\n"
    );
    assert_eq!(recorders(), 0);
    assert_eq!(product.bench(&["--cancel"]).status, Some(0));
}

pub fn killed_in_its_first_run(product: &Product) {
    product.write_plan("runs edge 1 of 1h");
    let mut command = product.command(&["plan"]);
    let mut running = Running::start(&product.folder, "bench", &mut command);
    let has_begun = || product.has("d/journal") && !product.told("begin").is_empty();
    until("the first run", has_begun);
    running.signal("KILL");
    running.end();
    // A child that it had just forked off has the lock, too, until it executes something.
    let is_free = || {
        let journal = File::open(product.folder.file("d/journal")).unwrap();
        Flock::lock(journal, FlockArg::LockExclusiveNonblock).is_ok()
    };
    until("the end of its lock", is_free);
}

#[test]
fn a_plan_that_has_changed_is_refused() {
    let product = Product::new();
    killed_in_its_first_run(&product);
    let here = product.folder.path().display();
    let refused = |lines: &str, why: &str| {
        product.write_plan(lines);
        let done = product.bench(&["--resume"]);
        let expected = format!(
            "edgebench-lite: {here}/plan has changed since the benchmark began: {why}; put that \
             back, or end it with bench --cancel\n"
        );
        assert_eq!((done.status, done.err), (Some(2), expected));
    };
    refused(
        "runs edge 2 of 1h",
        "`runs edge 1 of 1h` is now `runs edge 2 of 1h`",
    );
    refused("runs edge 1 of 1h\nagain 1", "`again 1` was not there");
    // Whatever was started, and a recorder that the kill has left.
    product.write_plan("# A remark.\nruns edge 1 of 1h");
    assert_eq!(product.bench(&["--cancel"]).status, Some(0));
}

#[test]
fn boots_that_end_nothing_stop_it() {
    let product = Product::new();
    killed_in_its_first_run(&product);
    let mut journal = std::fs::read_to_string(product.folder.file("d/journal")).unwrap();
    for boot in 2..6 {
        journal.push_str(&format!(
            "20261128T120000Z boot b{boot}\n20261128T120000Z end edge-1 {} cut-off 0 0 \"\"\n\
             20261128T120000Z begin edge-1 {boot}\n",
            boot - 1
        ));
    }
    std::fs::write(product.folder.file("d/journal"), journal).unwrap();
    let done = product.bench(&["--resume"]);
    let here = product.folder.path().display();
    let expected = format!(
        "edgebench-lite: given up: 6 boots in a row have ended no step; {here}/d/journal tells what \
         was begun\n"
    );
    assert_eq!((done.status, done.err), (Some(2), expected));
    assert!(!product.has("note"));
}

/// Goes on with a benchmark that was killed, until the second attempt at its ramp records.
fn until_the_ramp(product: &Product, meanwhile: impl FnOnce()) {
    let mut resume = product.command(&["--resume"]);
    let mut running = Running::start(&product.folder, "again", &mut resume);
    meanwhile();
    let is_failed = || {
        let ended = product.told("end ramp-1");
        ended.iter().any(|line| line.contains(" failed "))
    };
    until("the next attempt", || {
        product.has("d/attempts/demo-ramp-1.2.ebl") || is_failed()
    });
    assert!(!is_failed(), "{:?}", product.told("end"));
    running.signal("TERM");
    running.end();
    assert_eq!(product.bench(&["--cancel"]).status, Some(0));
}

#[test]
fn what_a_ramp_that_was_killed_has_left_is_undone_before_the_next() {
    if emulated() {
        return;
    }
    let product = Product::new();
    let here = product.folder.path().display().to_string();
    let ready = format!("test -d {here}/c{{n}}");
    product.write_plan(&format!(
        "ramp \"false {{n}}\"\nramp-ready \"{ready}\"\nramp-undo \"true {{n}}\""
    ));
    let mut running = Running::start(&product.folder, "bench", &mut product.command(&["plan"]));
    until("the ramp", || product.has("d/attempts/demo-ramp-1.1.ebl"));
    running.signal("KILL");
    running.end();
    // As one of which a container is left.
    product.folder.write("keep", "");
    let [step, undo] = [
        format!("mkdir {here}/c{{n}}"),
        format!("test ! -e {here}/keep && rmdir {here}/c{{n}}"),
    ];
    let mut ramp = product.folder.edgebench(["ramp", "-q", "--max=1"]);
    ramp.args(["--interval=100ms", "--window=1", "--settle=0"]);
    ramp.args(["--missed=0", "--full=0", "--oom-kills=0", "--reserve=1K"]);
    ramp.args(["--step", &step, "--ready", &ready, "--undo", &undo]);
    let left = run(ramp.args(["--output", "left.ebl"]));
    assert_eq!(left.status, Some(2), "{left:?}");
    let log = product.folder.file("d/attempts/demo-ramp-1.1.ebl");
    std::fs::rename(product.folder.file("left.ebl"), log).unwrap();
    std::fs::remove_file(product.folder.file("keep")).unwrap();
    assert!(product.has("c1"));
    // Given up, it would tell how to remove that.
    let note = std::fs::read(product.folder.file("note")).unwrap();
    let cancelled = product.bench(&["--cancel"]);
    assert_eq!(cancelled.status, Some(0), "{cancelled:?}");
    let log = product.folder.file("d/attempts/demo-ramp-1.1.ebl");
    let log = log.display();
    let said = format!(
        "edgebench-lite: 1 container of {log} left; to remove: edgebench-lite ramp --undo-of {log}\n"
    );
    assert_eq!(cancelled.err, said);
    std::fs::write(product.folder.file("note"), note).unwrap();
    until_the_ramp(&product, || ());
    assert!(!product.has("c1"));
}

#[test]
fn a_workload_is_removed_if_it_was_killed_before_it_could() {
    if emulated() {
        return;
    }
    let product = Product::new();
    let here = product.folder.path().display().to_string();
    product.write_plan(&format!(
        "deploy \"touch {here}/deployed\"\nremove \"touch {here}/removing; while test -e \
         {here}/hold; do sleep 1; done; rm {here}/deployed\"\nruns workload 1 of 1s\n\
         ramp \"false {{n}}\"\nramp-ready \"false\"\nramp-undo \"true {{n}}\""
    ));
    product.folder.write("hold", "");
    let mut running = Running::start(&product.folder, "bench", &mut product.command(&["plan"]));
    until("the removal", || product.has("removing"));
    running.signal("KILL");
    running.end();
    std::fs::remove_file(product.folder.file("removing")).unwrap();
    until_the_ramp(&product, || {
        until("the removal again", || {
            product.has("removing") || product.has("d/attempts/demo-ramp-1.2.ebl")
        });
        std::fs::remove_file(product.folder.file("hold")).unwrap();
    });
    assert!(!product.has("deployed"));
}

#[test]
fn a_ramp_that_is_ended_may_undo_its_steps() {
    if emulated() {
        return;
    }
    let product = Product::new();
    product.write_plan("ramp \"true {n}\"\nramp-ready \"false\"\nramp-undo \"true {n}\"");
    let mut running = Running::start(&product.folder, "bench", &mut product.command(&["plan"]));
    until("the ramp", || product.has("d/attempts/demo-ramp-1.1.ebl"));
    running.signal("TERM");
    let ended = running.end();
    assert_eq!(ended.status, Some(2), "{ended:?}");
    let said =
        "edgebench-lite: `ramp` undoes what it has changed; another signal kills it after 20 s\n";
    assert!(ended.err.contains(said), "{ended:?}");
    assert_eq!(product.bench(&["--cancel"]).status, Some(0));
}

#[test]
fn what_is_undone_may_take_longer_than_any_other_command() {
    if emulated() {
        return;
    }
    let product = Product::new();
    let here = product.folder.path().display().to_string();
    product.write_plan(&format!(
        "ramp \"mkdir {here}/c{{n}}\" max 1 step-timeout 10m missed 1000\n\
         ramp-ready \"exit 1\"\nramp-undo \"touch {here}/undoing; while test -e {here}/hold; do \
         sleep 1; done; rmdir {here}/c{{n}}\""
    ));
    product.folder.write("hold", "");
    let mut running = Running::start(&product.folder, "bench", &mut product.command(&["plan"]));
    until("its first container", || product.has("c1"));
    running.signal("TERM");
    until("the undoing", || product.has("undoing"));
    // All others have 20 s. However slow the machine is, this is longer.
    std::thread::sleep(Duration::from_secs(23));
    assert!(product.has("c1"));
    std::fs::remove_file(product.folder.file("hold")).unwrap();
    let ended = running.end();
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert!(!product.has("c1"));
    let left = product.bench(&["--cancel"]);
    assert_eq!((left.status, &*left.err), (Some(0), ""), "{left:?}");
}

#[test]
fn what_failed_attempts_wrote_is_counted() {
    let product = Product::new();
    killed_in_its_first_run(&product);
    let kept = |name: &str| std::fs::read_to_string(product.folder.file(name)).unwrap();
    // 40 GiB of 96, beside which the recording of a second is nothing.
    let journal = format!(
        "{}20261128T120000Z end edge-1 1 failed 42949672960 103079215104 \"\"\n",
        kept("d/journal")
    );
    std::fs::write(product.folder.file("d/journal"), journal).unwrap();
    // A second instead of the hour, in its own copy of the plan, too.
    for name in ["plan", "d/plan"] {
        std::fs::write(product.folder.file(name), kept(name).replace("1h", "1s")).unwrap();
    }
    let done = product.bench(&["--resume"]);
    assert_eq!(done.status, Some(0), "{done:?}");
    let told = "1 step to measure. The recordings wrote 40960.0 MiB; meanwhile their disk was \
                written 98304.0 MiB (41 % of it theirs).";
    assert!(done.out.contains(told), "{}", done.out);
}
