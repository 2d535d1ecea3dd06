//! Logs that are moved, removed or cut while they are recorded, and disks that fail.

use crate::json::Value;
use crate::support::{can, made_up, of_kind, run, so_far, until, Folder, Running};
use std::fs;
use std::path::Path;
use std::process::Command;

/// A recorder that writes and syncs every sample.
fn recording(folder: &Folder, name: &str) -> Running {
    let mut command = folder.record(["--duration=0", "--sync=0", "--product=kept"]);
    Running::recorder(folder, name, &mut command)
}

fn samples(folder: &Folder, log: &str) -> usize {
    so_far(&folder.file(log)).0
}

/// It does nothing more until it gets a SIGCONT.
fn stop(recorder: &Running) {
    recorder.signal("STOP");
    let stat = format!("/proc/{}/stat", recorder.pid());
    until("it is stopped", || {
        let stat = fs::read_to_string(&stat).unwrap();
        // Of one that is traced the letter is small.
        stat.contains(") T ") || stat.contains(") t ")
    });
}

/// The run goes on in FILE after a new header, and the recorder says so.
fn goes_on(folder: &Folder, mut recorder: Running, what: &str, whole: &[&str]) {
    until("samples in the new file", || samples(folder, "log.ebl") > 3);
    recorder.signal("TERM");
    let done = recorder.end();
    let said = format!("edgebench-lite: log.ebl {what}: a new log begins there");
    assert_eq!((done.status, done.complaints()), (Some(2), vec![&said[..]]));
    assert!(done.out.contains("kept"), "no summary: {done:?}");
    let records = folder.cat("log.ebl");
    let kinds: Vec<&str> = records.iter().map(|r| r.at("record").text()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "header").count(), 1);
    assert!(kinds.contains(&"identity"), "{kinds:?}");
    assert_eq!(kinds.last(), Some(&"footer"));
    // All files together have all samples.
    if !whole.is_empty() {
        let bytes = whole
            .iter()
            .map(|name| fs::read(folder.file(name)).unwrap());
        folder.write("whole.ebl", bytes.collect::<Vec<_>>().concat());
        let records = folder.cat("whole.ebl");
        let taken = records.last().unwrap().at("samples").number();
        assert_eq!(of_kind(&records, "sample").len() as u64, taken);
        assert_eq!(of_kind(&records, "damage"), Vec::<&Value>::new());
    }
}

#[test]
fn a_removed_log_goes_on_in_a_new_file() {
    let folder = Folder::new();
    let recorder = recording(&folder, "record");
    fs::remove_file(folder.file("log.ebl")).unwrap();
    goes_on(&folder, recorder, "was removed", &[]);
}

#[test]
fn a_moved_log_goes_on_in_a_new_file() {
    let folder = Folder::new();
    let recorder = recording(&folder, "record");
    fs::rename(folder.file("log.ebl"), folder.file("moved.ebl")).unwrap();
    let both = ["moved.ebl", "log.ebl"];
    goes_on(&folder, recorder, "was moved or replaced", &both);
}

#[test]
fn a_truncated_log_goes_on_after_a_new_header() {
    let folder = Folder::new();
    let recorder = recording(&folder, "record");
    // Between two samples, or else one of them is in neither file.
    stop(&recorder);
    fs::copy(folder.file("log.ebl"), folder.file("copy.ebl")).unwrap();
    fs::File::create(folder.file("log.ebl")).unwrap();
    recorder.signal("CONT");
    let both = ["copy.ebl", "log.ebl"];
    goes_on(&folder, recorder, "was emptied", &both);
}

#[test]
fn a_file_that_took_the_place_of_the_log_is_left_alone() {
    let folder = Folder::new();
    let mut recorder = recording(&folder, "record");
    fs::rename(folder.file("log.ebl"), folder.file("moved.ebl")).unwrap();
    folder.write("letter", "Dear reader");
    fs::rename(
        folder.write("letter", "Dear reader"),
        folder.file("log.ebl"),
    )
    .unwrap();
    recorder.until_it_says("was moved or replaced");
    let before = samples(&folder, "moved.ebl");
    until("more samples", || {
        samples(&folder, "moved.ebl") > before + 2
    });
    recorder.signal("TERM");
    let done = recorder.end();
    assert_eq!(done.status, Some(2), "{done:?}");
    assert_eq!(
        done.complaints(),
        [
            "edgebench-lite: log.ebl was moved or replaced, and no new log can begin there (not \
             an edgebench-lite log): the recording continues in the old file"
        ]
    );
    assert_eq!(fs::read(folder.file("log.ebl")).unwrap(), b"Dear reader");
    let records = folder.cat("moved.ebl");
    let taken = records.last().unwrap().at("samples").number();
    assert_eq!(of_kind(&records, "sample").len() as u64, taken);
}

/// Where no new segment can be begun, nothing is lost.
#[test]
fn an_older_segment_that_cannot_be_replaced() {
    let folder = Folder::new();
    let tree = made_up(&folder, 300, 10);
    for pid in 1..=300 {
        // Half of --max-size is reached with the first sample.
        let cmdline = format!("/bin/made-up\0{}\0", "x".repeat(1000));
        folder.write(&format!("root/proc/{pid}/cmdline"), cmdline);
    }
    fs::create_dir(folder.file("log.ebl.old")).unwrap();
    let mut command = folder.record_tree(&tree);
    command.args(["--duration=0", "--max-size=256k", "--output=log.ebl"]);
    let mut recorder = Running::recorder(&folder, "record", &mut command);
    recorder.until_it_says("cannot begin a new segment");
    recorder.signal("TERM");
    let done = recorder.end();
    assert_eq!(
        (done.status, done.complaints()),
        (
            Some(0),
            vec![
                "edgebench-lite: log.ebl grows beyond --max-size: cannot begin a new segment: \
                 log.ebl.old: not a regular file; this is retried"
            ]
        )
    );
    let records = folder.cat("log.ebl");
    let samples = of_kind(&records, "sample").len() as u64;
    assert_eq!(
        of_kind(&records, "footer")[0].at("samples").number(),
        samples
    );
    assert!(folder.file("log.ebl.old").is_dir());
    assert!(!folder.file("log.ebl.new").exists());
}

/// On FAT a segment that is synced has no length under its new name before it is synced
/// again, and a power cut would cost all of it.
#[test]
fn a_segment_is_synced_under_its_new_name() {
    if !can_trace() {
        return;
    }
    let folder = Folder::new();
    let tree = made_up(&folder, 300, 10);
    for pid in 1..=300 {
        let cmdline = format!("/bin/made-up\0{}\0", "x".repeat(1000));
        folder.write(&format!("root/proc/{pid}/cmdline"), cmdline);
    }
    let mut command = folder.record_tree(&tree);
    command.args(["--duration=0", "--max-size=256k", "--output=log.ebl"]);
    let arguments = ["-y", "-e", "trace=/^(rename|fsync|fdatasync)"];
    let mut command = traced(&command, &folder, &arguments);
    let mut recorder = Running::recorder(&folder, "record", &mut command);
    let trace = || fs::read_to_string(folder.file("trace")).unwrap_or_default();
    let moved = |line: &&str| line.starts_with("rename") && line.contains("log.ebl.old");
    until("the second segment is moved", || {
        trace().lines().filter(moved).count() > 1
    });
    recorder.signal("TERM");
    assert_eq!(recorder.end().status, Some(0));
    let trace = trace();
    let mut lines = trace.lines().skip_while(|line| !moved(line));
    let next: Vec<&str> = lines.by_ref().take(4).collect();
    assert!(next[1].starts_with("rename"), "{next:?}");
    let older = next[2].starts_with("fsync") && next[2].contains("/log.ebl.old>");
    assert!(older, "{next:?}");
    assert!(
        next[3].starts_with("fsync") && !next[3].contains("log.ebl"),
        "{next:?}"
    );
}

/// The same command under strace(1), which makes a system call fail. It is not strace's
/// child, so that signals reach it.
fn traced(command: &Command, folder: &Folder, arguments: &[&str]) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["-D", "-qq", "-o", "trace", "-e", "trace=fdatasync"]);
    strace.args(arguments).arg(command.get_program());
    strace.args(command.get_args()).current_dir(folder.path());
    strace
}

#[track_caller]
fn can_trace() -> bool {
    let inject = "inject=fdatasync:error=EIO";
    can(&["strace", "-qq", "-e", inject, "true"])
}

#[test]
fn what_is_begun_is_synced_at_once() {
    if !can_trace() {
        return;
    }
    let folder = Folder::new();
    let mut command = folder.edgebench(["record", "--interval=1h", "--duration=0"]);
    command.args(["--sync=1s", "--output=log.ebl"]);
    let mut recorder = Running::recorder(&folder, "record", &mut traced(&command, &folder, &[]));
    // The next sample is an hour away.
    let trace = folder.file("trace");
    until("the sync", || {
        fs::read_to_string(&trace).is_ok_and(|trace| trace.contains("fdatasync"))
    });
    recorder.signal("TERM");
    assert_eq!(recorder.end().status, Some(0));
}

/// The message of the C library that tests and recorder share: musl words it otherwise
/// than glibc.
fn io_error() -> String {
    let text = std::io::Error::from_raw_os_error(5).to_string();
    text.replace(" (os error 5)", "")
}

fn said(error: &str) -> String {
    format!(
        "edgebench-lite: cannot sync log.ebl: {error}; sampling continues, and unsynced samples are \
         written again"
    )
}

fn synced(trace: &Path) -> usize {
    fs::read_to_string(trace).unwrap().matches("= 0").count()
}

/// Records while the second sync fails, and runs `meanwhile` after it has.
fn with_a_failed_sync(folder: &Folder, meanwhile: impl FnOnce()) -> crate::support::Done {
    let command = folder.record(["--duration=0", "--sync=1s"]);
    let inject = ["-e", "inject=fdatasync:error=EIO:when=2"];
    let mut command = traced(&command, folder, &inject);
    let mut recorder = Running::recorder(folder, "record", &mut command);
    recorder.until_it_says("cannot sync");
    // It would sync again after 10 s, and a slow board needs longer to look at the log.
    stop(&recorder);
    meanwhile();
    recorder.signal("CONT");
    let trace = folder.file("trace");
    let before = synced(&trace);
    until("it is synced again", || synced(&trace) > before + 1);
    recorder.signal("TERM");
    recorder.end()
}

#[test]
fn a_failed_sync_loses_nothing() {
    if !can_trace() {
        return;
    }
    let folder = Folder::new();
    let done = with_a_failed_sync(&folder, || {});
    assert_eq!(done.status, Some(0));
    assert_eq!(done.complaints(), [said(&io_error())]);
    let records = folder.cat("log.ebl");
    let samples = of_kind(&records, "sample");
    let footer = records.last().unwrap();
    assert_eq!(footer.at("samples").number(), samples.len() as u64);
    let last = samples.last().unwrap().at("recorder");
    assert_eq!(last.at("unwritten").number(), 0);
    assert_eq!(last.at("write_errno").number(), 5);
    let verified = run(&mut folder.edgebench(["log", "verify", "log.ebl"]));
    assert_eq!(verified.status, Some(0), "{verified:?}");
}

/// The pages that were not synced are read back as zeros, as where the kernel has let go
/// of them.
#[test]
fn what_a_failed_sync_has_lost_is_counted() {
    if !can_trace() {
        return;
    }
    let folder = Folder::new();
    let log = folder.file("log.ebl");
    let mut lost = 0;
    let done = with_a_failed_sync(&folder, || {
        let records = folder.cat("log.ebl");
        // All but the first sample, which was synced at once.
        lost = of_kind(&records, "sample").len() as u64 - 1;
        let bytes = fs::read(&log).unwrap();
        let mut at = 0;
        let mut first = 0;
        // It ends with the first Key: the fewest frames that have a sample.
        while first == 0 {
            at += bytes[at..].iter().position(|&byte| byte == 0).unwrap() + 1;
            folder.write("head.ebl", &bytes[..at]);
            first = of_kind(&folder.cat("head.ebl"), "sample").len();
        }
        let file = fs::OpenOptions::new().write(true).open(&log).unwrap();
        let zeros = vec![0; bytes.len() - at];
        std::os::unix::fs::FileExt::write_all_at(&file, &zeros, at as u64).unwrap();
    });
    let records = folder.cat("log.ebl");
    let footer = records.last().unwrap();
    let taken = footer.at("samples").number();
    let lacks = format!(
        "edgebench-lite: {lost} of {taken} samples are not in log.ebl: {}",
        io_error()
    );
    assert!(lost > 0);
    assert_eq!(done.status, Some(2));
    assert_eq!(done.complaints(), [said(&io_error()), lacks]);
    let samples = of_kind(&records, "sample");
    let last = samples.last().unwrap().at("recorder");
    assert_eq!(last.at("unwritten").number(), lost);
    // Deltas that were gathered before the loss was noticed are unreadable too.
    assert!(samples.len() as u64 <= taken - lost);
}

/// fdatasync(2) says nothing of it. Here fstatfs(2) does: its first call is that for the
/// space that is left, and the others are those of the syncs.
#[test]
fn a_file_system_that_has_become_read_only() {
    if !can_trace() {
        return;
    }
    // struct statfs of 64-bit kernels up to its `f_flags`, which lie 80 bytes from its
    // beginning: ST_RDONLY and the kernel's ST_VALID.
    let statfs = "00".repeat(80) + "2100000000000000";
    let poke = format!("inject=fstatfs:poke_exit=@arg2={statfs}:when=2+");
    let probe = "trace=fstatfs";
    if !can(&["strace", "-qq", "-e", probe, "-e", &poke, "true"]) {
        return;
    }
    let folder = Folder::new();
    let command = folder.record(["--duration=0", "--sync=1s"]);
    let inject = ["-e", "trace=fdatasync,fstatfs", "-e", &poke];
    let mut command = traced(&command, &folder, &inject);
    let mut recorder = Running::recorder(&folder, "record", &mut command);
    recorder.until_it_says("cannot sync");
    recorder.signal("TERM");
    let done = recorder.end();
    assert_eq!(done.status, Some(2), "{done:?}");
    let taken = of_kind(&folder.cat("log.ebl"), "sample").len();
    assert_eq!(
        done.complaints(),
        [
            said(READ_ONLY),
            format!(
                "edgebench-lite: the last {taken} of {taken} samples may not survive a power \
                 loss: cannot sync log.ebl: {READ_ONLY}"
            )
        ]
    );
}

const READ_ONLY: &str = "Read-only file system";
