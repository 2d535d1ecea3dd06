//! Closed, full and broken stdin, stdout and stderr, and few descriptors.

use crate::support::{
    capture, deadlines, heeding_signals, of_kind, run, send, so_far, until, Folder, BINARY,
};
use std::fs::File;
use std::io::Write;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

/// The binary in a shell, which does the redirections.
fn in_shell(folder: &Folder, script: &str) -> Command {
    let mut command = Command::new("sh");
    let record = "\"$0\" --proc-root \"$1\" record -i 100ms -d 200ms -o log.ebl";
    let script = script.replace("RECORD", record).replace("BIN", "\"$0\"");
    command.args(["-c", &script, BINARY]);
    command
        .arg(capture("x86_64-6.18"))
        .current_dir(folder.path());
    command
}

#[test]
fn closed_streams_do_no_harm() {
    for closed in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
        let folder = Folder::new();
        let done = run(&mut in_shell(&folder, &format!("RECORD {closed}")));
        assert_eq!(done.status, Some(0), "{closed}: {done:?}");
        let records = folder.cat("log.ebl");
        assert_eq!(deadlines(&records), 3, "{closed}");
        assert_eq!(of_kind(&records, "footer").len(), 1, "{closed}");
        let done = run(&mut folder.edgebench(["log", "verify", "log.ebl"]));
        assert_eq!(done.status, Some(0), "{closed}: nothing else went into it");
    }
}

/// What is printed would lie in the midst of the log: over its header, or in a frame.
#[test]
fn a_stream_that_goes_into_the_log_is_refused() {
    for (into, name) in [
        (">log.ebl", "output"),
        (">>log.ebl", "output"),
        ("2>>log.ebl", "error"),
        ("<>log.ebl 1>&0", "output"),
    ] {
        let folder = Folder::new();
        let done = run(&mut in_shell(&folder, &format!("RECORD {into}")));
        assert_eq!(done.status, Some(2), "{into}: {done:?}");
        let told = format!("edgebench-lite: cannot write log.ebl: standard {name} goes into it\n");
        let text = std::fs::read_to_string(folder.file("log.ebl")).unwrap();
        assert_eq!(text + &done.err, told, "{into}");
    }
    let folder = Folder::new();
    assert_eq!(run(&mut in_shell(&folder, "RECORD")).status, Some(0));
    let before = std::fs::read(folder.file("log.ebl")).unwrap();
    for command in ["RECORD", "BIN footprint -o log.ebl"] {
        let done = run(&mut in_shell(&folder, &format!("{command} >>log.ebl")));
        assert_eq!(
            (done.status, done.err.lines().count()),
            (Some(2), 1),
            "{done:?}"
        );
        assert_eq!(std::fs::read(folder.file("log.ebl")).unwrap(), before);
    }
}

/// A full pipe, and its other end, which nobody reads.
fn full_pipe() -> (File, File) {
    let mut ends = [-1; 2];
    // SAFETY: the pointer is to two integers.
    let done = unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) };
    assert_eq!(done, 0, "{}", std::io::Error::last_os_error());
    // SAFETY: they were just opened, and belong to nobody else.
    let (reader, mut writer) = unsafe { (File::from_raw_fd(ends[0]), File::from_raw_fd(ends[1])) };
    // SAFETY: numbers only.
    let room = unsafe { libc::fcntl(writer.as_raw_fd(), libc::F_GETPIPE_SZ) };
    writer.write_all(&vec![0; room as usize]).unwrap();
    (reader, writer)
}

/// The same for a socket, which is what systemd gives a service.
fn full_socket() -> (UnixStream, UnixStream) {
    let (reader, mut writer) = UnixStream::pair().unwrap();
    reader.set_nonblocking(true).unwrap();
    writer.set_nonblocking(true).unwrap();
    while writer.write(&[0; 4096]).is_ok() {}
    while writer.write(&[0]).is_ok() {}
    writer.set_nonblocking(false).unwrap();
    (reader, writer)
}

fn stopped_by_nothing(name: &str, stderr: Stdio, stdout: Option<Stdio>) {
    let folder = Folder::new();
    let mut command = folder.record(["--duration=0", "--sync=0"]);
    command.stderr(stderr);
    let status = if stdout.is_some() { 2 } else { 0 };
    command.stdout(stdout.unwrap_or_else(Stdio::null));
    let mut recorder = heeding_signals(&mut command).spawn().unwrap();
    // What was given to it is not kept open here.
    drop(command);
    let log = folder.file("log.ebl");
    until("some samples", || {
        std::fs::metadata(&log).is_ok_and(|log| log.len() > 0)
            && so_far(&folder.file("log.ebl")).0 > 3
    });
    send("TERM", recorder.id());
    let mut ended = None;
    until("the end", || {
        ended = recorder.try_wait().unwrap();
        ended.is_some()
    });
    assert_eq!(ended.unwrap().code(), Some(status), "{name}");
    let records = folder.cat("log.ebl");
    assert_eq!(records.last().unwrap().at("end").text(), "signal", "{name}");
}

#[test]
fn no_output_stops_it() {
    let (_reader, writer) = full_pipe();
    stopped_by_nothing("stderr, a pipe", writer.try_clone().unwrap().into(), None);
    let stdout = Some(writer.try_clone().unwrap().into());
    stopped_by_nothing("both, a pipe", writer.into(), stdout);
    let (_reader, writer) = full_socket();
    let both = || Stdio::from(OwnedFd::from(writer.try_clone().unwrap()));
    stopped_by_nothing("stderr, a socket", both(), None);
    stopped_by_nothing("both, a socket", both(), Some(both()));
}

#[test]
fn a_full_pipe_does_not_keep_a_watch_from_its_end() {
    let folder = Folder::new();
    let (_reader, writer) = full_pipe();
    let mut command = folder.edgebench(["--proc-root"]);
    command.arg(capture("x86_64-6.18"));
    command.args(["footprint", "--watch=100ms"]).stdout(writer);
    assert_eq!(watch_ends(command), Some(0));
}

/// The memory of a process cannot be read: it complains of that first.
#[test]
fn a_full_standard_error_does_not_keep_a_watch_from_its_end() {
    let folder = Folder::new();
    for (file, text) in [
        (
            "meminfo",
            "MemTotal: 9000 kB\nMemFree: 1 kB\nMemAvailable: 5000 kB\n",
        ),
        (
            "stat",
            "cpu  1 2 3 4 5 6 7 8 0 0\nctxt 1\nbtime 1\nprocesses 1\n",
        ),
        (
            "7/stat",
            "7 (app) S 1 7 7 0 -1 4194304 0 0 0 0 3 4 0 0 20 0 1 0 5 2097152 50 9 4 0\n",
        ),
        ("7/cmdline", "app"),
        ("7/cgroup", "0::/\n"),
        ("7/smaps_rollup", "no such file\n"),
    ] {
        folder.write(&format!("root/proc/{file}"), text);
    }
    let (_reader, writer) = full_pipe();
    let mut command = folder.edgebench(["--proc-root", "root", "footprint", "--watch=100ms"]);
    command.stdout(Stdio::null()).stderr(writer);
    assert_eq!(watch_ends(command), Some(2));
}

/// How the recorder ends after a signal.
fn watch_ends(mut command: Command) -> Option<i32> {
    let mut watch = heeding_signals(&mut command).spawn().unwrap();
    let waits = format!("/proc/{}/status", watch.id());
    // Its signals are blocked from when it begins to watch. An emulator blocks all of them
    // now and then, before it as well.
    until("it watches", || {
        let status = std::fs::read_to_string(&waits).unwrap();
        let mask = status.lines().find_map(|l| l.strip_prefix("SigBlk:"));
        let mask = u64::from_str_radix(mask.unwrap().trim(), 16).unwrap();
        let is_blocked = |signal: i32| mask >> (signal - 1) & 1 == 1;
        is_blocked(libc::SIGTERM) && !is_blocked(libc::SIGUSR1)
    });
    send("TERM", watch.id());
    let mut ended = None;
    until("the end", || {
        ended = watch.try_wait().unwrap();
        ended.is_some()
    });
    ended.unwrap().code()
}

fn into_a_closed_pipe(command: &mut Command) -> (Option<i32>, String) {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let done = child.wait_with_output().unwrap();
    (done.status.code(), String::from_utf8(done.stderr).unwrap())
}

#[test]
fn a_pipe_that_closes_is_no_failure() {
    let folder = Folder::new();
    let (status, said) = into_a_closed_pipe(&mut folder.record(["--duration=200ms"]));
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(said, "edgebench-lite: recording into log.ebl\n");
    assert_eq!(of_kind(&folder.cat("log.ebl"), "footer").len(), 1);
    for arguments in [
        &["log", "cat", "log.ebl"][..],
        &["log", "info", "log.ebl"],
        &["log", "verify", "log.ebl"],
        &["--help"],
        &["--version"],
    ] {
        let mut command = folder.edgebench(arguments.iter().copied());
        let done = into_a_closed_pipe(&mut command);
        assert_eq!(done, (Some(0), String::new()), "{arguments:?}");
    }
}

#[test]
fn a_stdout_that_is_full_is_a_failure_and_the_log_is_whole() {
    let folder = Folder::new();
    let done = run(&mut in_shell(&folder, "RECORD >/dev/full"));
    let full = "edgebench-lite: cannot write to standard output: No space left on device";
    assert_eq!((done.status, done.complaints()), (Some(2), vec![full]));
    assert_eq!(of_kind(&folder.cat("log.ebl"), "footer").len(), 1);
    for command in ["log cat log.ebl", "log info log.ebl", "--help", "--version"] {
        let done = run(&mut in_shell(&folder, &format!("BIN {command} >/dev/full")));
        assert_eq!(done.status, Some(2), "{command}");
        assert_eq!(done.err, format!("{full}\n"), "{command}");
    }
}

/// Closes the descriptors that the tests have inherited.
const CLOSE: &str = "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-";

#[test]
fn too_few_descriptors_are_said_and_no_process_is_lost_silently() {
    for limit in 5..16 {
        let folder = Folder::new();
        let script = format!("{CLOSE}; ulimit -n {limit} && RECORD");
        let done = run(&mut in_shell(&folder, &script));
        if done.status == Some(0) {
            let records = folder.cat("log.ebl");
            let samples = of_kind(&records, "sample");
            let processes = samples[0].at("processes").items().len();
            assert_eq!((processes, done.complaints()), (8, vec![]), "{limit}");
        } else {
            let said = done.complaints();
            assert_eq!((done.status, said.len()), (Some(2), 1), "{limit}: {done:?}");
            // In musl's words, or in glibc's and nix's.
            let words = ["No file descriptors available", "Too many open files"];
            let is_said = words.iter().any(|words| said[0].contains(words));
            assert!(is_said, "{limit}: {said:?}");
        }
    }
}

#[test]
fn sixteen_descriptors_are_enough() {
    let folder = Folder::new();
    let script = format!("{CLOSE}; ulimit -n 16 && RECORD");
    let done = run(&mut in_shell(&folder, &script));
    assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
    let records = folder.cat("log.ebl");
    let samples = of_kind(&records, "sample");
    assert_eq!(deadlines(&records), 3);
    // As many as the capture has processes.
    assert_eq!(samples.last().unwrap().at("processes").items().len(), 8);
}
