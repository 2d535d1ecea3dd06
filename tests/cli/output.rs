//! Where the log goes, and where it must not.

use crate::support::{
    binary_for_all, can, can_be_nobody, capture, deadlines, made_up, of_kind, run, until, Folder,
    Running, BINARY,
};
use edgebench_lite::log::frame::{self, MAX_FRAME};
use edgebench_lite::log::record::{Header, PssMode, Record, VERSION};
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Status 2, one line on stderr, nothing on stdout.
fn refused(command: &mut Command, why: &str) {
    let done = run(command);
    assert_eq!(done.status, Some(2), "{done:?}");
    assert_eq!(done.out, "");
    assert_eq!(done.err, format!("edgebench-lite: {why}\n"));
}

fn onto(folder: &Folder, output: &str) -> Command {
    let mut command = folder.record_tree(&capture("x86_64-6.18"));
    command.args(["--duration=100ms", "--output", output]);
    command
}

#[test]
fn only_regular_files_are_written_to() {
    let folder = Folder::new();
    fs::create_dir(folder.file("directory")).unwrap();
    let fifo = folder.file("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    for output in ["directory", "fifo", "/dev/null"] {
        let why = format!("cannot write {output}: not a regular file");
        refused(&mut onto(&folder, output), &why);
    }
}

#[test]
fn a_file_that_is_no_log_is_left_alone() {
    let folder = Folder::new();
    let text = "Dear diary, this is not a log.\n";
    folder.write("diary.txt", text);
    refused(
        &mut onto(&folder, "diary.txt"),
        "diary.txt exists and is not an edgebench-lite log: not overwritten",
    );
    assert_eq!(fs::read_to_string(folder.file("diary.txt")).unwrap(), text);
}

#[test]
fn an_empty_file_becomes_a_log() {
    let folder = Folder::new();
    folder.write("log.ebl", "");
    let done = run(&mut onto(&folder, "log.ebl"));
    assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
    assert_eq!(deadlines(&folder.cat("log.ebl")), 2);
}

#[test]
fn a_missing_directory_is_an_error() {
    let folder = Folder::new();
    refused(
        &mut onto(&folder, "nowhere/log.ebl"),
        "cannot write nowhere/log.ebl: No such file or directory",
    );
}

#[test]
fn a_file_name_with_newlines_takes_one_line() {
    let folder = Folder::new();
    refused(
        &mut onto(&folder, "no\nwhere/\x1b[31m.ebl"),
        "cannot write no\\nwhere/\\x1b[31m.ebl: No such file or directory",
    );
}

#[test]
fn a_log_of_a_later_version_is_left_alone() {
    let folder = Folder::new();
    let header = Header {
        version: VERSION + 1,
        tool: "99.0",
        product: "p",
        stage: "s",
        host: "h",
        release: "r",
        machine: "m",
        os: "o",
        board: "b",
        boot_id: "i",
        cmdline: "c",
        mem_total_kib: 1,
        start_realtime_ns: 0,
        start_boottime_ns: 0,
        ..crate::losses::made::header::header(9, PssMode::Exact)
    };
    let mut frame = [0; MAX_FRAME];
    let frame = frame::encode(9, &Record::Header(header), &mut frame).unwrap();
    folder.write("later.ebl", frame);
    let later = VERSION + 1;
    refused(
        &mut onto(&folder, "later.ebl"),
        &format!("later.ebl was written in version {later} of the log format: not appended to"),
    );
    assert_eq!(fs::read(folder.file("later.ebl")).unwrap(), frame);
    for command in ["info", "verify", "cat"] {
        refused(
            &mut folder.edgebench(["log", command, "later.ebl"]),
            &format!(
                "later.ebl was written in version {later} of the log format; this \
                 edgebench-lite reads versions up to {VERSION}"
            ),
        );
    }
}

#[test]
fn a_directory_that_may_not_be_written() {
    if !can_be_nobody() {
        return;
    }
    let folder = Folder::new();
    let tree = made_up(&folder, 2, 10);
    fs::create_dir(folder.file("roots")).unwrap();
    let mut command = Command::new(binary_for_all(&folder));
    command
        .current_dir(folder.file("roots"))
        .uid(65534)
        .gid(65534);
    command.arg("--proc-root").arg(tree).arg("record");
    refused(
        command.args(["--duration=2s", "--output=log.ebl"]),
        "cannot write log.ebl: Permission denied",
    );
}

#[test]
fn a_file_system_that_is_read_only() {
    let folder = Folder::new();
    fs::create_dir(folder.file("ro")).unwrap();
    let mount = format!("mount -t tmpfs -o ro none {}/ro", folder.path().display());
    if !can(&["unshare", "-m", "sh", "-c", &mount]) {
        return;
    }
    let mut command = Command::new("unshare");
    let script = format!("{mount} && exec \"$0\" record --output=ro/log.ebl");
    command.args(["-m", "sh", "-c", &script, BINARY]);
    refused(
        command.current_dir(folder.path()),
        "cannot write ro/log.ebl: Read-only file system",
    );
}

fn logs_in(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".ebl"))
        .collect();
    names.sort();
    names
}

#[test]
fn the_default_name_says_host_product_stage_and_time() {
    let folder = Folder::new();
    let tree = made_up(&folder, 1, 10);
    folder.write("root/proc/sys/kernel/hostname", "../we ird\x1b/h\u{f6}st\n");
    let mut command = folder.record_tree(&tree);
    command.args(["--duration=100ms", "--product=a/b c", "--stage=-x;y"]);
    let done = run(&mut command);
    assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
    let names = logs_in(folder.path());
    assert_eq!(names.len(), 1, "{names:?}");
    let name = names[0].strip_suffix(".ebl").unwrap();
    let (name, time) = name.split_at(name.len() - "20261122T113711Z".len());
    assert_eq!(name, "edgebench-.._we_ird__h_st-a_b_c-_x_y-");
    let shape: String = time
        .chars()
        .map(|c| if c.is_ascii_digit() { '9' } else { c })
        .collect();
    assert_eq!(shape, "99999999T999999Z");
    let said = format!("edgebench-lite: recording into {}\n", names[0]);
    assert_eq!(done.err, said);
    let header = &folder.cat(&names[0])[0];
    assert_eq!(header.at("product").text(), "a/b c", "as it was given");
}

#[test]
fn the_default_name_never_overwrites() {
    let folder = Folder::new();
    let tree = made_up(&folder, 1, 10);
    let command = |product: &str| {
        let mut command = folder.record_tree(&tree);
        command.args(["--duration=200ms", "--product", product]);
        command
    };
    // Most of these start in the same second.
    let mut running: Vec<Running> = (0..4)
        .map(|n| Running::start(&folder, &n.to_string(), &mut command("same")))
        .collect();
    let mut recorded = 0;
    for run in &mut running {
        let done = run.end();
        match done.status {
            Some(0) => recorded += 1,
            status => {
                assert_eq!(status, Some(2), "{done:?}");
                assert_eq!(done.err.lines().count(), 1, "{}", done.err);
            }
        }
    }
    let names = logs_in(folder.path());
    assert_eq!(names.len(), recorded, "{names:?}");
    for name in names {
        let records = folder.cat(&name);
        assert_eq!(of_kind(&records, "header").len(), 1, "{name}");
        assert_eq!(of_kind(&records, "footer").len(), 1, "{name}");
    }
}

#[test]
fn a_bounded_log_lies_in_two_files_that_stand_alone() {
    const HALF: u64 = 128 << 10;
    let folder = Folder::new();
    let tree = made_up(&folder, 1300, 10);
    let mut command = folder.record_tree(&tree);
    command.args(["--output=log.ebl", "--max-size=256k", "--duration=0"]);
    let mut recording = Running::start(&folder, "bounded", &mut command);
    // A slow machine may take long to fill one half.
    until("there is an older half", || {
        folder.file("log.ebl.old").exists()
    });
    recording.signal("TERM");
    let done = recording.end();
    assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
    for name in ["log.ebl.old", "log.ebl"] {
        let len = fs::metadata(folder.file(name)).unwrap().len();
        let records = folder.cat(name);
        assert_eq!(records[0].at("record").text(), "header", "{name}");
        assert_eq!(of_kind(&records, "damage").len(), 0, "{name}");
        let samples = of_kind(&records, "sample");
        assert_eq!(samples[0].at("processes").items().len(), 1300, "{name}");
        assert_eq!(of_kind(&records, "identity").len(), 1300, "{name}");
        // With another Key of 1300 processes, some 30 bytes each, it were larger.
        assert!(len <= HALF, "{name} has {len} bytes");
        assert!(len > HALF - 1300 * 40, "{name} has {len} bytes");
    }
}
