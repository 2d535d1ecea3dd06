//! `boot restart --finish`, in the boot that follows.

use crate::restart::{folder, is_on_disk, refused, restart};
use crate::support::{can, copy_program, of_kind, run, Done, Folder, BINARY};
use std::fs;
use std::process::Command;

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
    copy_program("/bin/sleep", &folder.file("agetty"));
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
    let why = format!("boot restart: --output is for --now {see}");
    refused(&restart(&folder, &["--finish", "-o", "restart.ebl"]), &why);
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

/// Nor is the product asked late because the clock is.
#[test]
fn the_product_is_asked_before_the_clock() {
    let folder = folder(0);
    if !is_on_disk(&folder) {
        return;
    }
    assert_eq!(restart(&folder, &["--now"]).status, Some(0));
    // The kernel says that its clock is not synchronised.
    let unknown = "inject=adjtimex,clock_adjtime:retval=5";
    let trace = folder.file("trace").display().to_string();
    let wrapper = ["strace", "-qq", "-ttt", "-o", &trace, "-e", unknown];
    let script = "cmd:[ -e asked-at ] || date +%s.%N >asked-at";
    let arguments = ["--wait-sync", "2s", "--check", script];
    let Some(mut command) = finish(&folder, &["synchronised yes"], &wrapper, &arguments) else {
        return;
    };
    let done = beside_a_getty(&folder, &mut command);
    assert_eq!((done.status, &*done.err), (Some(0), ""));
    let first = |file: &str, from: fn(&str) -> Option<&str>| -> f64 {
        let text = fs::read_to_string(folder.file(file)).unwrap();
        let line = from(&text).unwrap();
        line.split(' ').next().unwrap().parse().unwrap()
    };
    let asked_s = first("asked-at", |text| text.lines().next());
    let waited_s = first("trace", |text| {
        let mut lines = text.lines();
        lines.rfind(|line| line.contains("adjtime"))
    });
    assert!(asked_s < waited_s, "{asked_s} {waited_s}");
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
