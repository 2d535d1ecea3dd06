//! `boot restart`, on a machine whose init is a script that restarts nothing.

use crate::program::program;
use crate::skip::skipped;
use crate::support::{can, run, Done, Folder, BINARY};
use std::fs;
use std::process::Command;

/// Programs that a restart could be asked of; they note it in `asked`. What a systemd is asked
/// about its units is no restart.
pub fn folder(status: u8) -> Folder {
    let folder = Folder::new();
    for name in ["systemctl", "init", "reboot"] {
        let script = format!(
            "#!/bin/sh\n[ \"$1\" = show ] || echo \"$(basename $0) $*\" >> asked\nexit {status}\n"
        );
        program(&folder, &format!("bin/{name}"), script);
    }
    folder
}

/// A restart of this machine, with nothing but those programs to be found.
pub fn restart(folder: &Folder, arguments: &[&str]) -> Done {
    let path = folder.file("bin");
    let mut command = folder.edgebench(["boot", "restart"]);
    if !arguments.contains(&"--note") {
        command.args(["--note", "state/note"]);
    }
    let path = format!("{}:/usr/bin:/bin", path.display());
    run(command.args(arguments).env("PATH", path))
}

pub fn refused(done: &Done, why: &str) {
    assert_eq!(done.err, format!("edgebench-lite: {why}\n"));
    assert_eq!((done.status, &*done.out), (Some(2), ""));
}

/// Whether a note here would outlive a restart.
pub fn is_on_disk(folder: &Folder) -> bool {
    let about = nix::sys::statfs::statfs(folder.path())
        .unwrap()
        .filesystem_type();
    let is_on_disk =
        about != nix::sys::statfs::TMPFS_MAGIC && about != nix::sys::statfs::OVERLAYFS_SUPER_MAGIC;
    if !is_on_disk {
        skipped("the folder of temporary files is a tmpfs or overlay");
    }
    is_on_disk
}

#[test]
fn what_is_not_asked_for_is_not_done() {
    let folder = folder(0);
    let see = "(see edgebench-lite boot restart --help)";
    let one = format!("boot restart: one of --now, --finish and --cancel {see}");
    refused(&restart(&folder, &[]), &one);
    refused(&restart(&folder, &["--now", "--finish"]), &one);
    let runs = format!("boot restart: --runs: 1 to 20 {see}");
    refused(&restart(&folder, &["--now", "--runs", "21"]), &runs);
    let none = "no restart was noted; boot restart --now begins one";
    refused(&restart(&folder, &["--finish"]), none);
    let cancelled = restart(&folder, &["--cancel"]);
    assert_eq!(
        (cancelled.status, &*cancelled.out),
        (Some(0), "No restart was noted.\n")
    );
    assert!(!folder.file("asked").exists());
}

#[test]
fn noted_and_asked_for_once() {
    let folder = folder(0);
    if !is_on_disk(&folder) {
        return;
    }
    let asked = restart(&folder, &["--now", "--runs", "3", "--product", "k3s"]);
    assert_eq!((asked.status, &*asked.err), (Some(0), ""));
    assert!(
        asked.out.starts_with("Restarting this machine: "),
        "{}",
        asked.out
    );
    let said = fs::read_to_string(folder.file("asked")).unwrap();
    assert_eq!(asked.out, format!("Restarting this machine: {said}"));
    let note = fs::read_to_string(folder.file("state/note")).unwrap();
    let keys: Vec<&str> = note
        .lines()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(
        keys,
        [
            "edgebench-lite",
            "machine-id",
            "boot-id",
            "boottime-ns",
            "realtime-ns",
            "synchronised",
            "runs",
            "done",
            "product",
            "output"
        ]
    );
    assert!(
        note.contains("\nruns 3\ndone 0\nproduct k3s\noutput \n"),
        "{note}"
    );
    let again = "a restart was requested before, 0 of 3 done; `boot restart --cancel` forgets it";
    refused(&restart(&folder, &["--now"]), again);
    refused(
        &restart(&folder, &["--finish"]),
        "the machine has not restarted since the request",
    );
    let other = note.replace("machine-id ", "machine-id 0");
    folder.write("state/note", other);
    refused(
        &restart(&folder, &["--finish"]),
        "the restart was noted on another machine",
    );
    folder.write("state/note", "not a note\n");
    let broken = "state/note is not a restart note; `boot restart --cancel` removes it";
    refused(&restart(&folder, &["--finish"]), broken);
    let cancelled = restart(&folder, &["--cancel"]);
    assert_eq!(
        (cancelled.status, &*cancelled.out),
        (Some(0), "The restart is forgotten.\n")
    );
    assert!(!folder.file("state/note").exists());
    assert_eq!(fs::read_to_string(folder.file("asked")).unwrap(), said);
}

#[test]
fn a_boot_that_never_finished_ends_it() {
    let folder = folder(0);
    if !is_on_disk(&folder) {
        return;
    }
    assert_eq!(restart(&folder, &["--now", "--runs", "3"]).status, Some(0));
    let note = fs::read_to_string(folder.file("state/note")).unwrap();
    // Noted by a boot before this one, and followed by one between the two.
    let old = |line: &str| match line.starts_with("boot-id ") {
        true => "boot-id 1".to_owned(),
        false => line.to_owned(),
    };
    let mut lines: Vec<String> = note.lines().map(old).collect();
    lines.push("followed 2\n".to_owned());
    let lost = lines.join("\n").replace("done 0", "done 1");
    let why =
        "the boot after the restart did not come to the end of --finish: given up after 1 of 3";
    folder.write("state/note", &lost);
    refused(&restart(&folder, &["--finish"]), why);
    assert!(!folder.file("state/note").exists());
    // Another restart begins anew.
    folder.write("state/note", &lost);
    let asked = restart(&folder, &["--now"]);
    assert_eq!(
        (asked.status, asked.err),
        (Some(0), format!("edgebench-lite: {why}\n"))
    );
    let note = fs::read_to_string(folder.file("state/note")).unwrap();
    assert!(
        note.contains("\nruns 1\ndone 0\n") && !note.contains("followed"),
        "{note}"
    );
}

#[test]
fn nothing_is_restarted_without_a_note() {
    let folder = folder(0);
    let done = restart(&folder, &["--now", "--note", "/dev/shm/edgebench-no-note"]);
    let why = "/dev/shm: what is written there does not outlive a restart (tmpfs or overlay); \
               choose another with --note";
    refused(&done, why);
    // Nor without a log: of several, only the last restart's result would be left.
    if is_on_disk(&folder) {
        let log = "/dev/shm/edgebench-no-log.ebl";
        let done = restart(&folder, &["--now", "--runs", "2", "-o", log]);
        refused(&done, &why.replace("--note", "--output"));
    }
    folder.write("file", "");
    let done = restart(&folder, &["--now", "--note", "file/note"]);
    refused(&done, "cannot read file/note: Not a directory");
    assert!(!folder.file("asked").exists());
}

/// `boot restart` under strace(1), with its note in `note`; returns the folders and files that
/// were synced, without this folder's path.
#[track_caller]
fn synced(folder: &Folder, action: &str, note: &str, inject: &[&str]) -> Option<Vec<String>> {
    let ends = "inject=fsync:signal=KILL:when=9";
    if !is_on_disk(folder) || !can(&["strace", "-qq", "-e", ends, "true"]) {
        return None;
    }
    let mut command = Command::new("strace");
    command.args(["-qq", "-y", "-o", "trace", "-e", "trace=fsync"]);
    command
        .args(inject)
        .args([BINARY, "boot", "restart", action]);
    command.args(["--note", note]).current_dir(folder.path());
    let path = format!("{}:/usr/bin:/bin", folder.file("bin").display());
    run(command.env("PATH", path));
    let trace = fs::read_to_string(folder.file("trace")).unwrap();
    let here = fs::canonicalize(folder.path()).unwrap();
    let here = format!("<{}", here.display());
    let paths = trace.lines().filter_map(|line| {
        let (path, _) = line.split_once(&here)?.1.split_once('>')?;
        Some(path.trim_start_matches('/').to_owned())
    });
    Some(paths.collect())
}

/// FAT does not make sure of a folder's name with what is in it.
#[test]
fn the_folders_of_a_note_outlive_a_power_cut() {
    let folder = folder(0);
    let Some(synced) = synced(&folder, "--now", "a/b/note", &[]) else {
        return;
    };
    assert_eq!(synced, ["", "a", "a/b/note.part", "a/b/note", "a/b"]);
    assert!(folder.file("a/b/note").exists());
    assert!(!folder.file("a/b/note.part").exists());
}

/// A power cut while the note is written, after which a part of it is on the disk, must
/// not leave a note that only `--cancel` removes.
#[test]
fn a_note_has_its_name_once_it_is_on_the_disk() {
    let folder = folder(0);
    folder.write("note.part", "edgebench-lite rest");
    let inject = ["-e", "inject=fsync:signal=KILL:when=1"];
    let Some(synced) = synced(&folder, "--now", "note", &inject) else {
        return;
    };
    assert_eq!(synced, ["note.part"]);
    assert!(!folder.file("note").exists());
    let none = "no restart was noted; boot restart --now begins one";
    refused(&restart(&folder, &["--finish", "--note", "note"]), none);
}

/// Nor does one that was removed come back.
#[test]
fn a_note_is_gone_once_its_folder_is_synced() {
    let folder = folder(0);
    if synced(&folder, "--now", "note", &[]).is_none() {
        return;
    }
    assert!(folder.file("note").exists());
    let synced = synced(&folder, "--cancel", "note", &[]);
    assert_eq!(synced, Some(vec![String::new()]));
    assert!(!folder.file("note").exists());
}

#[test]
fn an_init_that_does_not_restart() {
    let folder = folder(1);
    if !is_on_disk(&folder) {
        return;
    }
    let done = restart(&folder, &["--now"]);
    assert_eq!(done.status, Some(2));
    assert!(
        done.err.starts_with("edgebench-lite: cannot restart: `"),
        "{}",
        done.err
    );
    assert!(done.err.ends_with(" failed: status 1\n"), "{}", done.err);
    assert!(!folder.file("state/note").exists());
}
