//! The note and the journal's lock: whom `--cancel` ends, and who only asks.

use crate::emulation::emulated;
use crate::killed::killed_in_its_first_run;
use crate::product::Product;
use crate::support::{binary_for_all, can_be_nobody, run, until, Running};
use nix::fcntl::{Flock, FlockArg};
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::process::Command;

fn locked(product: &Product, how: FlockArg) -> Flock<File> {
    let journal = File::open(product.folder.file("d/journal")).unwrap();
    Flock::lock(journal, how).unwrap()
}

#[test]
fn who_only_asks_is_no_benchmark() {
    let product = Product::new();
    killed_in_its_first_run(&product);
    let asks = locked(&product, FlockArg::LockSharedNonblock);
    let told = product.bench(&["--status"]).out;
    assert!(told.starts_with("demo: not running: "), "{told}");
    drop(asks);
    assert_eq!(product.bench(&["--cancel"]).status, Some(0));
}

/// It is said at once that another user's benchmark goes on.
#[test]
fn another_users_benchmark_is_not_waited_for() {
    if !can_be_nobody() {
        return;
    }
    let product = Product::new();
    killed_in_its_first_run(&product);
    let benchmark = locked(&product, FlockArg::LockExclusiveNonblock);
    let note = fs::read_to_string(product.folder.file("note")).unwrap();
    let (noted, _) = note.rsplit_once(' ').unwrap();
    let mut sleeper = Command::new("sleep").arg("1000").spawn().unwrap();
    product
        .folder
        .write("note", format!("{noted} {}\n", sleeper.id()));
    let mut cancel = Command::new(binary_for_all(&product.folder));
    cancel.args(["bench", "--note", "note", "--cancel"]);
    let cancel = cancel.current_dir(product.folder.path());
    let done = run(cancel.uid(65534).gid(65534));
    let said = format!(
        "edgebench-lite: process {} is another user's: run it with sudo\n",
        sleeper.id()
    );
    assert_eq!((done.status, &*done.out, done.err), (Some(2), "", said));
    assert!(sleeper.try_wait().unwrap().is_none() && product.has("note"));
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
    drop(benchmark);
    assert_eq!(product.bench(&["--cancel"]).status, Some(0));
}

/// Whoever resumes ends what was left before, which may take a while: by then the note must
/// not name a process of long ago.
#[test]
fn the_note_names_whoever_resumes_before_anything_is_ended() {
    if emulated() {
        return;
    }
    let product = Product::new();
    killed_in_its_first_run(&product);
    // Killed, it is there until this test waits for it, or for 2 s.
    let output = product.folder.file("d/commands.txt");
    let mut left = Command::new("/bin/sh")
        .args(["-c", "exec >>\"$1\" 2>&1; eval \"$2\"", "plan"])
        .arg(output)
        .arg("sleep 1000")
        .process_group(0)
        .spawn()
        .unwrap();
    let mut resume = product.command(&["--resume"]);
    let mut running = Running::start(&product.folder, "again", &mut resume);
    let stat = format!("/proc/{}/stat", left.id());
    until("its end", || {
        fs::read_to_string(&stat).unwrap().contains(") Z ")
    });
    let note = fs::read_to_string(product.folder.file("note")).unwrap();
    left.wait().unwrap();
    assert!(note.ends_with(&format!(" {}\n", running.pid())), "{note}");
    running.signal("TERM");
    running.end();
    assert_eq!(product.bench(&["--cancel"]).status, Some(0));
}

/// A plan whose product is asked whether it is ready until a file is gone.
fn asks_for_long(product: &Product) -> String {
    let here = product.folder.path().display();
    let asks = format!("ready \"touch {here}/asked; while test -e {here}/hold; do sleep 1; done; ");
    product.folder.write("hold", "");
    product.plan("runs edge 1 of 1h").replace("ready \"", &asks)
}

/// Whoever sees at once that it is the wrong plan ends it at once.
#[test]
fn ended_before_it_has_begun() {
    let product = Product::new();
    product.folder.write("plan", asks_for_long(&product));
    let mut running = Running::start(&product.folder, "bench", &mut product.command(&["plan"]));
    until("the question", || product.has("asked"));
    running.signal("INT");
    let ended = running.end();
    assert_eq!(
        (ended.status, &*ended.err),
        (Some(2), "edgebench-lite: interrupted\n")
    );
    assert!(!product.has("note") && !product.has("d/journal"));
}

/// Two that are begun at once: the second neither puts its plan in the place of the first's,
/// by which that goes on, nor its note.
#[test]
fn another_is_begun_meanwhile() {
    let product = Product::new();
    product.folder.write("plan", asks_for_long(&product));
    let mut running = Running::start(&product.folder, "bench", &mut product.command(&["plan"]));
    until("the question", || product.has("asked"));
    product.folder.write("d/plan", "the first's");
    product.folder.write("d/journal", "");
    let first = locked(&product, FlockArg::LockExclusiveNonblock);
    std::fs::remove_file(product.folder.file("hold")).unwrap();
    let here = product.folder.path().display().to_string();
    let said = format!(
        "edgebench-lite: the benchmark in {here}/d is under way: bench --status tells how far it is\n"
    );
    let ended = running.end();
    assert_eq!((ended.status, ended.err), (Some(2), said));
    drop(first);
    assert_eq!(
        fs::read_to_string(product.folder.file("d/plan")).unwrap(),
        "the first's"
    );
    // In another directory.
    product.folder.write("plan", asks_for_long(&product));
    fs::remove_file(product.folder.file("asked")).unwrap();
    let mut running = Running::start(&product.folder, "bench", &mut product.command(&["plan"]));
    until("the question", || product.has("asked"));
    let note = "bench /e demo /e/plan 1\n";
    product.folder.write("note", note);
    fs::remove_file(product.folder.file("hold")).unwrap();
    let said = "edgebench-lite: a benchmark is under way in /e: bench --resume goes on with it, \
                --cancel ends it\n";
    let ended = running.end();
    assert_eq!((ended.status, &*ended.err), (Some(2), said));
    assert_eq!(
        fs::read_to_string(product.folder.file("note")).unwrap(),
        note
    );
}
