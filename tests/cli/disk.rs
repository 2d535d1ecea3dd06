//! Disks that are full or stand still, and quotas.

use crate::emulation::emulated;
use crate::support::{
    can, capture, deadlines, made_up, made_up_process, of_kind, run, send, so_far, until, Folder,
    Running, BINARY,
};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// A shell with a tmpfs of its own at `small`, of this many kB.
#[track_caller]
fn on_small_disk(folder: &Folder, kilobytes: u32, script: &str) -> Option<Command> {
    on_disk(
        folder,
        &format!("mount -t tmpfs -o size={kilobytes}k none"),
        script,
    )
}

/// A shell with a disk of its own at `small`, which this command mounts.
#[track_caller]
fn on_disk(folder: &Folder, mount: &str, script: &str) -> Option<Command> {
    fs::create_dir(folder.file("small")).unwrap();
    let mount = format!("{mount} {}", folder.file("small").display());
    if !can(&["unshare", "-m", "sh", "-c", &mount]) {
        return None;
    }
    let mut command = Command::new("unshare");
    let script = format!("{mount} && {{ {script}; }}");
    command.args(["-m", "sh", "-c", &script, BINARY]);
    command.current_dir(folder.path());
    Some(command)
}

#[test]
fn full_at_the_start() {
    let folder = Folder::new();
    let script = "head -c 65536 /dev/zero > small/fill; \
                  \"$0\" --proc-root \"$1\" record -o small/log.ebl; \
                  status=$?; ls small >left; exit $status";
    let Some(mut command) = on_small_disk(&folder, 64, script) else {
        return;
    };
    let done = run(command.arg(capture("x86_64-6.18")));
    assert_eq!((done.status, done.out.as_str()), (Some(2), ""));
    assert_eq!(
        done.err,
        "edgebench-lite: cannot write small/log.ebl: No space left on device\n"
    );
    let left = fs::read_to_string(folder.file("left")).unwrap();
    assert_eq!(left, "fill\n", "no empty log stays behind");
}

/// The small disk, which is seen in the shell's mount namespace.
fn seen(shell: &Running, folder: &Folder) -> PathBuf {
    let root = format!("/proc/{}/root", shell.pid());
    PathBuf::from(root + folder.path().to_str().unwrap()).join("small")
}

/// Fills what is left of a file system.
fn fill(path: &PathBuf) {
    let mut file = fs::File::create(path).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
    // tmpfs counts whole pages, so that there is no room for single bytes either.
}

#[test]
fn full_midway_and_free_again() {
    let folder = Folder::new();
    let tree = made_up(&folder, 150, 10);
    let script = "\"$0\" --proc-root \"$1\" record -i 100ms -d 0 --sync 0 -o small/log.ebl & \
                  echo $! > pid.new; mv pid.new pid; wait $!; status=$?; \
                  cp small/log.ebl .; exit $status";
    let Some(mut command) = on_small_disk(&folder, 512, script) else {
        return;
    };
    let mut shell = Running::recorder(&folder, "record", command.arg(&tree));
    let small = seen(&shell, &folder);
    let len = || fs::metadata(small.join("log.ebl")).unwrap().len();

    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // All processes keep changing, so that there is something to write.
        scope.spawn(|| {
            let mut rss = 0u64;
            while !over.load(Ordering::Relaxed) {
                // Always nine digits.
                rss = (rss * 7 + 54_321) % 800_000_000 + 100_000_000;
                for pid in 1..=150 {
                    made_up_process(&folder, pid, rss + u64::from(pid));
                }
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        });
        let went_on = std::panic::catch_unwind(|| {
            let begun = len();
            until("the log grows", || len() > begun);
            fill(&small.join("fill"));
            shell.until_it_says("cannot write");
            fs::remove_file(small.join("fill")).unwrap();
            let mut last = len();
            let mut writes = 0;
            until("several samples are written again", || {
                let now = len();
                writes += u32::from(now > last);
                last = now;
                writes >= 8
            });
        });
        over.store(true, Ordering::Relaxed);
        went_on.unwrap();
    });
    let pid = fs::read_to_string(folder.file("pid")).unwrap();
    send("TERM", pid.trim().parse().unwrap());
    let done = shell.end();
    let records = folder.cat("log.ebl");
    let footer = records.last().unwrap();
    let taken = footer.at("samples").number();
    let samples = of_kind(&records, "sample");
    let lost = taken - samples.len() as u64;
    assert_eq!(footer.at("end").text(), "signal");
    let said = "edgebench-lite: cannot write small/log.ebl: No space left on device; \
                sampling continues, and writing is retried";
    if lost == 0 {
        eprintln!("a busy machine: {taken} samples are not more than is kept");
        assert_eq!((done.status, done.complaints()), (Some(0), vec![said]));
        return;
    }
    let lacks = format!(
        "edgebench-lite: {lost} of {taken} samples are not in small/log.ebl: No space left on \
         device"
    );
    assert_eq!(done.status, Some(2), "{done:?}");
    assert_eq!(done.complaints(), [said, &lacks]);
    // The log says itself how many it lacks, and since when, and why.
    let told = |at: usize| {
        let recorder = samples[at].at("recorder");
        let told = ["unwritten", "write_errno"].map(|field| recorder.at(field).number());
        (told[0], told[1])
    };
    let last = samples.len() - 1;
    assert_eq!((told(0), told(last)), ((0, 0), (lost, 28)));
    let after = (0..=last).find(|&at| told(at).0 > 0).unwrap();
    assert!(after < last, "and it goes on");
    assert_eq!((told(after - 1).0, told(after)), (0, (lost, 28)));
    assert_eq!(samples[after].at("processes").items().len(), 150);
    let ticks = [after - 1, after].map(|at| samples[at].at("tick").number());
    assert!(ticks[1] - ticks[0] > lost, "{ticks:?}");
    // A new header of the same run; the second key may bring a third.
    let headers = of_kind(&records, "header");
    assert!(headers.len() >= 2);
    assert!(headers
        .iter()
        .all(|header| header.at("run") == headers[0].at("run")));
    let info = run(&mut folder.edgebench(["log", "info", "log.ebl"]));
    assert_eq!(info.status, Some(0));
}

/// What is full stays full, but the end of the log was thought of.
#[test]
fn full_until_the_end() {
    let folder = Folder::new();
    let tree = made_up(&folder, 150, 10);
    // Every value changes after the first sample, and no other sample has room.
    let script = "\"$0\" --proc-root \"$1\" record -i 100ms -d 0 --sync 0 -o small/log.ebl & \
                  echo $! > pid.new; mv pid.new pid; wait $!; status=$?; \
                  stat -c '%s %b %B' small/log.ebl >size; cp small/log.ebl .; exit $status";
    let Some(mut command) = on_small_disk(&folder, 512, script) else {
        return;
    };
    let mut shell = Running::recorder(&folder, "record", command.arg(&tree));
    fill(&seen(&shell, &folder).join("fill"));
    let mut rss = 100_000_000;
    until("the disk is full", || {
        rss += 1;
        for pid in 1..=150 {
            made_up_process(&folder, pid, rss + u64::from(pid));
        }
        shell.says().contains("cannot write")
    });
    let pid = fs::read_to_string(folder.file("pid")).unwrap();
    send("TERM", pid.trim().parse().unwrap());
    let done = shell.end();
    assert_eq!(done.status, Some(2), "{done:?}");
    let records = folder.cat("log.ebl");
    let footer = records.last().unwrap();
    let [taken, lost] = ["samples", "unwritten"].map(|name| footer.at(name).number());
    assert_eq!(footer.at("end").text(), "unwritten");
    assert_eq!(footer.at("write_errno").number(), 28);
    assert!(lost > 0);
    let there = of_kind(&records, "sample").len() as u64;
    assert_eq!(there + lost, taken);
    assert_eq!(
        done.complaints()[1..],
        [format!(
            "edgebench-lite: the rest of the run is lost: {lost} of {taken} samples are not in \
             small/log.ebl: No space left on device"
        )]
    );
    let samples = |count| match count {
        1 => "1 sample".to_owned(),
        count => format!("{count} samples"),
    };
    let verified = run(&mut folder.edgebench(["log", "verify", "log.ebl"]));
    let expected = format!(
        "log.ebl: incomplete: {} in 1 run; {} could not be written: the disk was full\n",
        samples(there),
        samples(lost)
    );
    assert_eq!((verified.status, verified.out), (Some(1), expected));
    // Nothing is kept behind the end: whole pages hold what is there, and no more.
    let size = fs::read_to_string(folder.file("size")).unwrap();
    let size: Vec<u64> = size
        .split_whitespace()
        .map(|n| n.parse().unwrap())
        .collect();
    let page = nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE);
    let page = page.unwrap().unwrap() as u64;
    assert_eq!(size[1] * size[2], size[0].next_multiple_of(page));
}

#[test]
fn a_file_size_limit_is_treated_like_a_full_disk() {
    let folder = Folder::new();
    let tree = made_up(&folder, 300, 10);
    let mut command = Command::new("sh");
    // In blocks of 512 bytes: 4 KiB, too little for the first sample.
    let script = "ulimit -f 8; exec \"$0\" --proc-root \"$1\" record -o log.ebl";
    command.args(["-c", script, BINARY]).arg(tree);
    let done = run(command.current_dir(folder.path()));
    assert_eq!(done.status, Some(2), "{done:?}");
    assert_eq!(
        done.err,
        "edgebench-lite: cannot write log.ebl: File too large\n"
    );
}

/// A file system that takes nothing, as for a snapshot, until this is dropped.
struct Frozen<'p>(&'p Path);

impl<'p> Frozen<'p> {
    fn new(path: &'p Path) -> Self {
        assert!(Self::set("-f", path));
        Self(path)
    }

    fn set(option: &str, path: &Path) -> bool {
        let status = Command::new("fsfreeze").arg(option).arg(path).status();
        status.unwrap().success()
    }
}

impl Drop for Frozen<'_> {
    fn drop(&mut self) {
        Self::set("-u", self.0);
    }
}

/// The recorder waits for its disk; then it goes on, and tells of the deadlines that passed.
#[test]
fn a_disk_that_stands_still() {
    if emulated() || !can(&["fsfreeze", "--version"]) {
        return;
    }
    let folder = Folder::new();
    folder.write("image", vec![0; 4 << 20]);
    let image = folder.file("image");
    if !can(&["mke2fs", "-q", image.to_str().unwrap()]) {
        return;
    }
    let script = "\"$0\" --proc-root \"$1\" record -i 100ms -d 0 --sync 0 -o small/log.ebl & \
                  echo $! > pid.new; mv pid.new pid; wait $!; status=$?; \
                  cp small/log.ebl .; exit $status";
    let mount = format!("mount -o loop {}", image.display());
    let Some(mut command) = on_disk(&folder, &mount, script) else {
        return;
    };
    let tree = capture("x86_64-6.18");
    let mut shell = Running::recorder(&folder, "record", command.arg(tree));
    let small = seen(&shell, &folder);
    let samples = || so_far(&small.join("log.ebl")).0;
    until("a sample is there", || samples() > 1);
    let pid = fs::read_to_string(folder.file("pid")).unwrap();
    let pid = pid.trim();
    let frozen = Frozen::new(&small);
    let waits = || fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    until("the recorder waits for its disk", || {
        waits().contains(") D ")
    });
    std::thread::sleep(std::time::Duration::from_secs(1));
    drop(frozen);
    let before = samples();
    until("it goes on", || samples() > before + 1);
    send("TERM", pid.parse().unwrap());
    let done = shell.end();
    assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
    let records = folder.cat("log.ebl");
    let there = of_kind(&records, "sample");
    let missed = of_kind(&records, "footer")[0].at("missed").number();
    // A second has ten, of which the first may have been met.
    assert!(missed >= 9, "{missed}");
    let last = there.last().unwrap().at("tick").number();
    assert_eq!(deadlines(&records), last + 1);
    let report = run(&mut folder.edgebench(["report", "log.ebl"]));
    let told = "deadlines passed without a sample: the machine was too busy, the log's disk did";
    let text = report.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(told), "{text}");
}

/// As from a file system whose quota is used up after two writes.
#[test]
fn a_quota_is_treated_like_a_full_disk() {
    let inject = "inject=fallocate:error=EDQUOT:when=3+";
    if !can(&["strace", "-qq", "-e", inject, "true"]) {
        return;
    }
    let folder = Folder::new();
    let record = folder.record(["--duration=0", "--sync=0"]);
    let mut command = Command::new("strace");
    command.args(["-D", "-qq", "-o", "trace", "-e", "trace=fallocate"]);
    command.args(["-e", inject]).arg(record.get_program());
    command.args(record.get_args()).current_dir(folder.path());
    let mut recorder = Running::recorder(&folder, "record", &mut command);
    recorder.until_it_says("cannot write");
    recorder.signal("TERM");
    let done = recorder.end();
    assert_eq!(done.status, Some(2), "{done:?}");
    let records = folder.cat("log.ebl");
    let footer = records.last().unwrap();
    let [taken, lost, errno] =
        ["samples", "unwritten", "write_errno"].map(|name| footer.at(name).number());
    let there = of_kind(&records, "sample").len() as u64;
    assert_eq!((there + lost, errno), (taken, 122));
    let verified = run(&mut folder.edgebench(["log", "verify", "log.ebl"]));
    let samples = if lost == 1 { "sample" } else { "samples" };
    let told = format!("{lost} {samples} could not be written: the disk quota was used up\n");
    assert!(verified.out.ends_with(&told), "{verified:?}");
    assert_eq!(verified.status, Some(1));
}
