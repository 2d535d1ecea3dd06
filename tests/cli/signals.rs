//! Recordings that a signal ends, or stops for a while.

use crate::json;
use crate::support::{deadlines, made_up, of_kind, run, so_far, until, Folder, Running};

#[test]
fn a_signal_ends_it_with_the_log_whole() {
    for signal in ["INT", "TERM", "HUP"] {
        let folder = Folder::new();
        let mut command = folder.record(["--duration=0", "--product=by-signal"]);
        let mut recorder = Running::recorder(&folder, "record", &mut command);
        recorder.signal(signal);
        let done = recorder.end();
        assert_eq!(
            (done.status, done.complaints()),
            (Some(0), vec![]),
            "{signal}"
        );
        assert!(done.out.contains("by-signal"), "no summary: {done:?}");
        let records = folder.cat("log.ebl");
        let footer = records.last().unwrap();
        assert_eq!(footer.at("end").text(), "signal");
        let samples = of_kind(&records, "sample").len() as u64;
        assert_eq!(footer.at("samples").number(), samples);
        let done = run(&mut folder.edgebench(["log", "verify", "log.ebl"]));
        assert_eq!(done.status, Some(0));
    }
}

/// nohup(1), and a shell without job control that starts it with `&`.
#[test]
fn what_was_ignored_stays_ignored() {
    for ignored in ["HUP", "INT", "TERM"] {
        let folder = Folder::new();
        let recorded = folder.record(["--duration=0", "--sync=0"]);
        let mut shell = std::process::Command::new("sh");
        let script = format!("trap '' {ignored}; exec \"$@\"");
        shell
            .args(["-c", &script, "sh"])
            .arg(recorded.get_program());
        shell.args(recorded.get_args()).current_dir(folder.path());
        let mut recorder = Running::recorder(&folder, "record", &mut shell);
        recorder.signal(ignored);
        let samples = || so_far(&folder.file("log.ebl")).0;
        let before = samples();
        until("it goes on", || samples() > before + 2);
        let other = if ignored == "TERM" { "INT" } else { "TERM" };
        recorder.signal(other);
        let done = recorder.end();
        assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
        let records = folder.cat("log.ebl");
        assert_eq!(records.last().unwrap().at("end").text(), "signal");
    }
}

/// Ctrl-Z, and `fg` or `bg` later: these deadlines were not missed by a busy machine.
#[test]
fn a_gap_in_which_it_was_stopped_is_told_as_such() {
    let folder = Folder::new();
    let mut command = folder.record(["--duration=0", "--sync=0", "--full"]);
    let mut recorder = Running::recorder(&folder, "record", &mut command);
    let samples = || so_far(&folder.file("log.ebl")).0;
    let goes_on = || {
        let before = samples();
        until("it goes on", || samples() > before + 2);
    };
    goes_on();
    recorder.signal("STOP");
    let stat = format!("/proc/{}/stat", recorder.pid());
    until("it is stopped", || {
        let stat = std::fs::read_to_string(&stat).unwrap();
        stat.rsplit(')').next().unwrap().starts_with(" T ")
    });
    // Five deadlines pass, however slow the machine is.
    std::thread::sleep(std::time::Duration::from_millis(500));
    recorder.signal("CONT");
    goes_on();
    recorder.signal("TERM");
    let done = recorder.end();
    assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
    let told = done.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        told.contains("the recorder was stopped (Ctrl-Z, SIGSTOP)"),
        "{told}"
    );
    let records = folder.cat("log.ebl");
    let own = of_kind(&records, "sample").last().unwrap().at("recorder");
    let (missed, stopped) = (own.at("missed").number(), own.at("stopped").number());
    assert!(4 <= stopped && stopped <= missed, "{stopped} of {missed}");
}

/// systemd sends SIGTERM and SIGHUP together, a terminal that is closed SIGHUP and
/// SIGCONT, and an impatient user SIGINT twice.
#[test]
fn several_signals_at_once_are_one() {
    let folder = Folder::new();
    let mut recorder = Running::recorder(&folder, "record", &mut folder.record(["--duration=0"]));
    recorder.signal("STOP");
    let state = format!("/proc/{}/stat", recorder.pid());
    until("the recorder is stopped", || {
        let stat = std::fs::read_to_string(&state).unwrap();
        stat.contains(") T ")
    });
    for signal in ["TERM", "HUP", "INT"] {
        recorder.signal(signal);
    }
    recorder.signal("CONT");
    let done = recorder.end();
    assert_eq!(
        (done.status, done.complaints()),
        (Some(0), vec![]),
        "{done:?}"
    );
    let records = folder.cat("log.ebl");
    assert_eq!(records.last().unwrap().at("end").text(), "signal");
}

/// A board that cannot keep up is what stage 4 is about.
#[test]
fn a_signal_is_heard_where_samples_take_longer_than_the_interval() {
    let folder = Folder::new();
    let tree = made_up(&folder, 100, 10);
    // Without smaps_rollup some 30 MB of smaps are read in each sample.
    let mapping = "00400000-00401000 r--p 00000000 b3:02 1 /a\nRss: 4 kB\nPss: 4 kB\n";
    folder.write("smaps", mapping.repeat(300_000 / mapping.len()));
    for pid in 1..=100 {
        std::fs::remove_file(tree.join(format!("proc/{pid}/smaps_rollup"))).unwrap();
        let link = tree.join(format!("proc/{pid}/smaps"));
        std::fs::hard_link(folder.file("smaps"), link).unwrap();
    }
    let mut command = folder.record_tree(&tree);
    command.args(["--duration=0", "--pss=exact", "--output=log.ebl"]);
    let mut recorder = Running::recorder(&folder, "record", &mut command);
    recorder.signal("INT");
    let done = recorder.end();
    assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
    let records = folder.cat("log.ebl");
    assert_eq!(records.last().unwrap().at("end").text(), "signal");
}

#[test]
fn killed_midway_it_has_what_was_written_out_and_goes_on_later() {
    let folder = Folder::new();
    // Every sample is written out.
    let mut command = folder.record(["--duration=0", "--sync=0", "--product=first"]);
    let mut recorder = Running::recorder(&folder, "record", &mut command);
    let log = folder.file("log.ebl");
    let begun = std::fs::metadata(&log).unwrap().len();
    until("the log grows", || {
        std::fs::metadata(&log).unwrap().len() > begun + 40
    });
    recorder.signal("KILL");
    assert_eq!(recorder.end().status, None);

    let before = folder.cat("log.ebl");
    let samples = of_kind(&before, "sample").len();
    assert!(samples >= 2, "{samples} samples");
    assert_eq!(of_kind(&before, "footer").len(), 0);
    let verified = run(&mut folder.edgebench(["log", "verify", "log.ebl"]));
    // 1 where the last write was cut.
    let torn = of_kind(&before, "damage").len();
    assert_eq!(verified.status, Some(torn.min(1) as i32));
    assert!(verified
        .out
        .ends_with("; the last run has no end: cut off, or still being recorded\n"));
    let info = run(&mut folder.edgebench(["log", "info", "log.ebl"]));
    assert_eq!(info.status, Some(0));
    assert!(
        info.out
            .contains("none: cut off, or still being recorded\n"),
        "{}",
        info.out
    );

    let done = run(&mut folder.record(["--duration=200ms", "--product=second"]));
    assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
    let after = folder.cat("log.ebl");
    assert_eq!(
        after[..before.len()],
        before[..],
        "nothing of the first is lost"
    );
    assert_eq!(deadlines(&after[before.len()..]), 3);
    assert_eq!(after.last().unwrap().at("end").text(), "duration");
}

#[test]
fn a_log_that_was_cut_anywhere_is_appended_to() {
    let folder = Folder::new();
    run(&mut folder.record(["--duration=300ms"]));
    let whole = std::fs::read(folder.file("log.ebl")).unwrap();
    for cut in [whole.len() - 1, whole.len() / 2, whole.len() - 30] {
        folder.write("log.ebl", &whole[..cut]);
        let before = folder.cat("log.ebl");
        let done = run(&mut folder.record(["--duration=100ms"]));
        assert_eq!(
            (done.status, done.complaints()),
            (Some(0), vec![]),
            "cut at {cut}"
        );
        let after = folder.cat("log.ebl");
        let is_header = |record: &json::Value| record.at("record").text() == "header";
        let (first, second) = after.split_at(after.iter().rposition(is_header).unwrap());
        let kept = of_kind(first, "sample");
        assert_eq!(kept, of_kind(&before, "sample"), "cut at {cut}");
        assert_eq!(deadlines(second), 2, "cut at {cut}");
    }
}
