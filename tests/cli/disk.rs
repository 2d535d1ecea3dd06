//! Disks that are full, and logs that vanish.

use crate::support::{
    can, capture, made_up, made_up_process, of_kind, run, send, until, Folder, Running, BINARY,
};
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// A shell with a tmpfs of its own at `small`, of this many kB.
fn on_small_disk(test: &str, folder: &Folder, kilobytes: u32, script: &str) -> Option<Command> {
    fs::create_dir(folder.file("small")).unwrap();
    let small = folder.file("small");
    let mount = format!(
        "mount -t tmpfs -o size={kilobytes}k none {}",
        small.display()
    );
    if !can(test, &["unshare", "-m", "sh", "-c", &mount]) {
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
    let Some(mut command) = on_small_disk("full_at_the_start", &folder, 64, script) else {
        return;
    };
    let done = run(command.arg(capture("x86_64-6.18")));
    assert_eq!((done.status, done.out.as_str()), (Some(2), ""));
    assert_eq!(
        done.err,
        "edgebench-lite: cannot write small/log.ebl: No space left on device (os error 28)\n"
    );
    let left = fs::read_to_string(folder.file("left")).unwrap();
    assert_eq!(left, "fill\n", "no empty log stays behind");
}

/// Fills what is left of a file system.
fn fill(path: &PathBuf) {
    let mut file = fs::File::create(path).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
    // What a page does not hold, bytes do not fill either: whole pages count.
}

#[test]
fn full_midway_and_free_again() {
    let test = "full_midway_and_free_again";
    let folder = Folder::new();
    let tree = made_up(&folder, 150, 10);
    let script = "\"$0\" --proc-root \"$1\" record -i 100ms -d 0 --sync 0 -o small/log.ebl & \
                  echo $! > pid.new; mv pid.new pid; wait $!; status=$?; \
                  cp small/log.ebl .; exit $status";
    let Some(mut command) = on_small_disk(test, &folder, 512, script) else {
        return;
    };
    let mut shell = Running::recorder(&folder, "record", command.arg(&tree));
    // Who is in the shell's mount namespace sees the disk.
    let small = PathBuf::from(format!(
        "/proc/{}/root{}",
        shell.pid(),
        folder.path().display()
    ));
    let small = small.join("small");
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
    assert_eq!(done.status, Some(2), "{done:?}");
    assert_eq!(
        done.complaints(),
        [
            "edgebench-lite: cannot write small/log.ebl: No space left on device (os error 28); \
             sampling goes on, and writing is tried again"
        ]
    );
    let records = folder.cat("log.ebl");
    let ticks: Vec<u64> = of_kind(&records, "sample")
        .iter()
        .map(|sample| sample.at("tick").number())
        .collect();
    let gap = ticks
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .max()
        .unwrap();
    assert!(gap >= 50, "ten seconds are lost, about: {ticks:?}");
    let at = ticks
        .windows(2)
        .position(|pair| pair[1] - pair[0] == gap)
        .unwrap();
    assert!(at + 2 < ticks.len(), "and it goes on: {ticks:?}");
    let sample = of_kind(&records, "sample")[at + 1];
    assert_eq!(sample.at("processes").items().len(), 150);
    let footer = records.last().unwrap();
    assert_eq!(footer.at("end").text(), "signal");
    assert_eq!(
        of_kind(&records, "header").len(),
        2,
        "it begins anew, of the same run"
    );
    let info = run(&mut folder.edgebench(["log", "info", "log.ebl"]));
    assert_eq!(info.status, Some(0));
}

#[test]
fn a_limit_of_file_size_is_as_a_full_disk() {
    let folder = Folder::new();
    let tree = made_up(&folder, 300, 10);
    let mut command = Command::new("sh");
    // In blocks of 512 bytes: 4 KiB, in which the first sample has no room.
    let script = "ulimit -f 8; exec \"$0\" --proc-root \"$1\" record -o log.ebl";
    command.args(["-c", script, BINARY]).arg(tree);
    let done = run(command.current_dir(folder.path()));
    assert_eq!(done.status, Some(2), "{done:?}");
    assert_eq!(
        done.err,
        "edgebench-lite: cannot write log.ebl: File too large (os error 27)\n"
    );
}

#[test]
fn removed_midway() {
    let folder = Folder::new();
    let mut command = folder.record(["--duration=0", "--sync=0", "--product=gone"]);
    let mut recorder = Running::recorder(&folder, "record", &mut command);
    fs::remove_file(folder.file("log.ebl")).unwrap();
    recorder.until_it_says("was removed");
    // It has been said; some samples later it still is, once.
    let fd = format!("/proc/{}/fd", recorder.pid());
    let len = || {
        let open = fs::read_dir(&fd).unwrap();
        let lens = open.filter_map(|entry| {
            let path = entry.unwrap().path();
            let name = fs::read_link(&path).ok()?;
            let is_log = name.to_string_lossy().contains("log.ebl");
            is_log.then(|| fs::metadata(&path).ok().map(|file| file.len()))?
        });
        lens.sum::<u64>()
    };
    let before = len();
    until("it is still written to", || len() > before + 40);
    recorder.signal("INT");
    let done = recorder.end();
    assert_eq!(done.status, Some(2), "{done:?}");
    assert_eq!(
        done.complaints(),
        ["edgebench-lite: log.ebl was removed: what is recorded is lost when the recorder ends"]
    );
    assert!(done.out.contains("gone"), "no summary: {done:?}");
    assert!(!folder.file("log.ebl").exists());
}
