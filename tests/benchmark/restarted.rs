//! Restarts of a machine whose init is a script that restarts nothing: the test ends the
//! benchmark as a shutdown would, and makes another boot of this one.

use crate::product::Product;
use crate::program::program;
use crate::skip::skipped;
use crate::support::{until, Running};
use nix::sys::statfs::{statfs, OVERLAYFS_SUPER_MAGIC, TMPFS_MAGIC};
use std::fs;
use std::process::Command;

/// Has a line for each restart that was asked for.
const ASKED: &str = "asked";

/// Whether a restart can be planned here.
fn can_restart(product: &Product) -> bool {
    let about = statfs(product.folder.path()).unwrap().filesystem_type();
    let is_on_disk = about != TMPFS_MAGIC && about != OVERLAYFS_SUPER_MAGIC;
    let can = is_on_disk && nix::unistd::geteuid().is_root();
    if !can {
        skipped("needs root, and temporary files on a disk");
    }
    can
}

/// With programs that note that a restart was asked of them.
fn command(product: &Product, arguments: &[&str]) -> Command {
    let asked = product.folder.file(ASKED);
    let script = format!("#!/bin/sh\necho >>{}\n", asked.display());
    for name in ["systemctl", "init", "reboot"] {
        program(&product.folder, &format!("bin/{name}"), &script);
    }
    let bin = product.folder.file("bin");
    let mut command = product.command(arguments);
    command.env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
    command
}

fn boot_id() -> String {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    id.trim().to_owned()
}

/// Whether a restart was asked for in this boot.
fn is_restarting(product: &Product) -> bool {
    let note = fs::read_to_string(product.folder.file("d/restart"));
    note.is_ok_and(|note| note.ends_with('\n') && note.contains(&boot_id()))
}

/// What was noted in this boot was noted in another.
fn another_boot(product: &Product, name: &str) {
    let id = boot_id();
    for file in ["d/journal", "d/restart"] {
        let path = product.folder.file(file);
        if let Ok(text) = fs::read_to_string(&path) {
            fs::write(path, text.replace(&id, name)).unwrap();
        }
    }
}

/// Runs it until the restart that it asks for.
fn until_it_restarts(product: &Product, name: &str, argument: &str) {
    until_it_asks(product, name, argument);
    another_boot(product, name);
}

fn until_it_asks(product: &Product, name: &str, argument: &str) {
    let mut running = Running::start(&product.folder, name, &mut command(product, &[argument]));
    until("the restart", || is_restarting(product));
    running.signal("TERM");
    let ended = running.end();
    assert_eq!(
        ended.err,
        "edgebench-lite: interrupted; bench --resume goes on\n"
    );
}

#[test]
fn a_restart_is_finished_in_the_boot_that_follows() {
    let product = Product::new();
    if !can_restart(&product) {
        return;
    }
    product.write_plan("restarts 1");
    until_it_restarts(&product, "one", "plan");
    let mut running = Running::start(
        &product.folder,
        "two",
        &mut command(&product, &["--resume"]),
    );
    until("the end of the attempt", || !product.told("end").is_empty());
    let ended = &product.told("end")[0];
    // A machine that has run for longer, and does not know the time, finishes none.
    let is_old = ended.contains("the restart was noted more than an hour ago");
    assert!(
        is_old || ended.starts_with("end restart-1 1 counted "),
        "{ended}"
    );
    if !is_old {
        let records = product.folder.cat("d/demo-restart-1.ebl");
        assert_eq!(crate::support::of_kind(&records, "result").len(), 1);
    }
    // It has ended, or waits for the next restart.
    let _ = nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(running.pid() as i32),
        nix::sys::signal::Signal::SIGTERM,
    );
    running.end();
}

#[test]
fn before_each_run_the_board_is_restarted() {
    let product = Product::new();
    if !can_restart(&product) {
        return;
    }
    product.write_plan("runs edge 2 of 1s\nfresh boot");
    until_it_restarts(&product, "one", "plan");
    assert!(product.told("begin").is_empty(), "the boot was used before");
    until_it_restarts(&product, "two", "--resume");
    assert_eq!(product.told("begin"), ["begin edge-1 1"]);
    let done = crate::support::run(&mut command(&product, &["--resume"]));
    assert_eq!(done.status, Some(0), "{}{}", done.out, done.err);
    assert_eq!(product.told("begin"), ["begin edge-1 1", "begin edge-2 1"]);
    assert_eq!(product.told("boot").len(), 3);
}

#[test]
fn a_restart_that_has_not_come_is_no_restart() {
    let product = Product::new();
    if !can_restart(&product) {
        return;
    }
    product.write_plan("restarts 1");
    let mut running = Running::start(&product.folder, "bench", &mut command(&product, &["plan"]));
    let asked = || fs::read_to_string(product.folder.file(ASKED)).unwrap_or_default();
    until("the restart", || asked() == "\n");
    running.signal("KILL");
    running.end();
    // The same boot: it was killed before the machine went down.
    let mut running = Running::start(
        &product.folder,
        "again",
        &mut command(&product, &["--resume"]),
    );
    until("the second restart", || {
        asked() == "\n\n" || product.told("end").len() > 1
    });
    // It does not come either in a container, whose boot is its host's: that is to have an end.
    assert_eq!(
        product.told("end"),
        ["end restart-1 1 failed 0 0 \"status 2: edgebench-lite: the machine has not restarted since \
          the request\""]
    );
    running.signal("TERM");
    running.end();
    assert_eq!(product.bench(&["--cancel"]).status, Some(0));
}

/// One that was noted before, and nobody has timed, would be taken for that of a step which is
/// cut off before it asks for its own.
#[test]
fn a_restart_of_before_is_forgotten_before_the_software_is_started() {
    let product = Product::new();
    if !can_restart(&product) {
        return;
    }
    let here = product.folder.path().display().to_string();
    let starts =
        format!("start \"touch {here}/starting; while test -e {here}/hold; do sleep 1; done; ");
    let plan = product.plan("restarts 1").replace("start \"", &starts);
    product.folder.write("plan", plan);
    product.folder.write("hold", "");
    product.folder.write("d/restart", "");
    let mut running = Running::start(&product.folder, "bench", &mut command(&product, &["plan"]));
    until("the start", || product.has("starting"));
    assert!(!product.has("d/restart"));
    running.signal("TERM");
    running.end();
    assert_eq!(product.bench(&["--cancel"]).status, Some(0));
}

/// In a container, whose boot is its host's.
#[test]
fn a_boot_that_stays_the_same_is_not_asked_for_again_and_again() {
    let product = Product::new();
    if !can_restart(&product) {
        return;
    }
    product.write_plan("runs edge 1 of 1s\nfresh boot");
    until_it_asks(&product, "one", "plan");
    let done = crate::support::run(&mut command(&product, &["--resume"]));
    let why = "edgebench-lite: the machine has not restarted; bench --resume goes on once that is \
               mended\n";
    assert_eq!((done.status, &*done.err), (Some(2), why));
    // Somebody has mended it.
    until_it_asks(&product, "two", "--resume");
    assert_eq!(product.bench(&["--cancel"]).status, Some(0));
}
