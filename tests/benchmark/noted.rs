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
