//! `boot restart`, on a machine whose init is a script that restarts nothing.

use crate::skip::skipped;
use crate::support::{can, of_kind, run, Done, Folder, BINARY};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// Programs that a restart could be asked of; they note it in `asked`. What a systemd is asked
/// about its units is no restart.
fn folder(status: u8) -> Folder {
    let folder = Folder::new();
    for name in ["systemctl", "init", "reboot"] {
        let script = format!(
            "#!/bin/sh\n[ \"$1\" = show ] || echo \"$(basename $0) $*\" >> asked\nexit {status}\n"
        );
        let path = folder.write(&format!("bin/{name}"), script);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

/// A restart of this machine, with nothing but those programs to be found.
fn restart(folder: &Folder, arguments: &[&str]) -> Done {
    let path = folder.file("bin");
    let mut command = folder.edgebench(["boot", "restart"]);
    if !arguments.contains(&"--note") {
        command.args(["--note", "state/note"]);
    }
    let path = format!("{}:/usr/bin:/bin", path.display());
    run(command.args(arguments).env("PATH", path))
}

fn refused(done: &Done, why: &str) {
    assert_eq!(done.err, format!("edgebench-lite: {why}\n"));
    assert_eq!((done.status, &*done.out), (Some(2), ""));
}

/// Whether a note here would outlive a restart.
fn is_on_disk(folder: &Folder) -> bool {
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

/// `--finish` as if this boot were the one that follows, with a getty: `edits` are the lines of
/// the note that change, and `wrapper` is what runs the program. `None` where that cannot be.
fn finish(
    folder: &Folder,
    edits: &[&str],
    wrapper: &[&str],
    arguments: &[&str],
) -> Option<Command> {
    let note = fs::read_to_string(folder.file("state/note")).unwrap();
    let edited = |line: &str| {
        let key = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
        let mut edits = edits.iter().chain(&["boot-id of-another"]);
        let edit = edits.find(|edit| key(edit) == key(line));
        format!("{}\n", edit.unwrap_or(&line))
    };
    folder.write("state/note", note.lines().map(edited).collect::<String>());
    // A machine that has long been up is no longer in the boot that follows: its clock is
    // set back for this process.
    let uptime = fs::read_to_string("/proc/uptime").unwrap();
    let uptime: i64 = uptime.split('.').next().unwrap().parse().unwrap();
    let boottime = format!("{}", 60 - uptime);
    let unshare = ["unshare", "-fT", "--boottime", &boottime];
    if !can(&[&unshare[..], wrapper, &["true"]].concat()) {
        return None;
    }
    let mut command = Command::new(unshare[0]);
    command.args(&unshare[1..]).args(wrapper).arg(BINARY);
    command.args(["boot", "restart", "--note", "state/note", "--finish"]);
    let path = format!("{}:/usr/bin:/bin", folder.file("bin").display());
    command.args(arguments).env("PATH", path);
    command.current_dir(folder.path());
    Some(command)
}

/// What becomes of it. Without a getty, the prompt would be waited for first.
fn beside_a_getty(folder: &Folder, command: &mut Command) -> Done {
    fs::copy("/bin/sleep", folder.file("agetty")).unwrap();
    let getty = Command::new(folder.file("agetty")).arg("600").spawn();
    let done = run(command);
    let mut getty = getty.unwrap();
    getty.kill().unwrap();
    getty.wait().unwrap();
    done
}

#[test]
fn a_restart_that_waits_for_the_product() {
    let folder = folder(0);
    let see = "(see edgebench-lite boot restart --help)";
    let why = format!("boot restart: --check is for --finish {see}");
    refused(&restart(&folder, &["--now", "--check", "cmd:true"]), &why);
    if !is_on_disk(&folder) {
        return;
    }
    assert_eq!(restart(&folder, &["--now"]).status, Some(0));
    let script = "cmd:[ -e ready ] || { touch ready; exit 3; }";
    let arguments = ["--wait-sync", "0", "--check", script];
    let Some(mut command) = finish(&folder, &[], &[], &arguments) else {
        return;
    };
    let done = beside_a_getty(&folder, &mut command);
    assert_eq!((done.status, &*done.err), (Some(0), ""));
    let ready = done.out.lines().find(|line| line.contains("product ready"));
    let ready = ready.unwrap_or_else(|| panic!("{}", done.out));
    assert!(ready.ends_with("  after the kernel began"), "{ready}");
    let evidence = format!("{script}: yes; 1 of ");
    assert!(done.out.contains(&evidence), "{}", done.out);
}

/// A board without a clock of its own learns only from the network how late it is: nothing is
/// timed from three days ago, and it is not restarted again.
#[test]
fn a_note_that_turns_out_to_be_old() {
    let folder = folder(0);
    if !is_on_disk(&folder) {
        return;
    }
    assert_eq!(restart(&folder, &["--now", "--runs", "3"]).status, Some(0));
    fs::remove_file(folder.file("asked")).unwrap();
    let now = std::time::SystemTime::now();
    let now = now
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_nanos();
    let noted = format!("realtime-ns {}", now - 3 * 86_400_000_000_000);
    // Whatever the kernel says at first, then it says that its clock is synchronised.
    let known = "inject=adjtimex,clock_adjtime:retval=0:when=2+";
    let wrapper = ["strace", "-qq", "-o", "/dev/null", "-e", known];
    let edits = ["synchronised yes", &noted];
    let Some(mut command) = finish(&folder, &edits, &wrapper, &["--wait-sync", "1m"]) else {
        return;
    };
    let done = beside_a_getty(&folder, &mut command);
    refused(
        &done,
        "the restart was noted more than an hour ago: given up after 0 of 3",
    );
    assert!(!folder.file("state/note").exists());
    assert!(!folder.file("asked").exists());
}

/// As where a script of init writes into a file on a full disk.
#[test]
fn what_nobody_can_be_told_is_logged_and_goes_on() {
    let folder = folder(0);
    if !is_on_disk(&folder) {
        return;
    }
    let asked = ["--now", "--runs", "2", "-o", "restart.ebl"];
    assert_eq!(restart(&folder, &asked).status, Some(0));
    fs::remove_file(folder.file("asked")).unwrap();
    let wrapper = ["sh", "-c", "exec \"$@\" >/dev/full", "sh"];
    let Some(mut command) = finish(&folder, &[], &wrapper, &["--wait-sync", "0"]) else {
        return;
    };
    let done = beside_a_getty(&folder, &mut command);
    let full = "cannot write to standard output: No space left on device";
    refused(&done, full);
    assert_eq!(of_kind(&folder.cat("restart.ebl"), "result").len(), 1);
    assert!(folder.file("asked").exists());
    let note = fs::read_to_string(folder.file("state/note")).unwrap();
    assert!(note.contains("\nruns 2\ndone 1\n"), "{note}");
}
