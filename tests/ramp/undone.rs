//! Whatever happens, nothing is left running; what a killed ramp left can be undone.

use crate::emulation::emulated;
use crate::json::Value;
use crate::skip::skipped;
use crate::support::{binary_for_all, heeding_signals};
use crate::support::{run, send, until, with_patience, Folder, Running};
use crate::{changes, done, end, machine, none_runs, phase, ramp, runs, undone};
use crate::{READY, STEP, UNDO};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

#[test]
fn a_signal_ends_it_and_all_is_undone() {
    for signal in ["INT", "TERM", "HUP"] {
        let folder = machine();
        let mut command = ramp(&folder, [STEP, READY, UNDO], &[]);
        let mut running = Running::start(&folder, "ramp", &mut command);
        until("the second runs", || runs(&folder, 2));
        running.signal(signal);
        let done = running.end();
        assert_eq!(done.status, Some(0), "{done:?}");
        none_runs(&folder);
        let records = folder.cat("log.ebl");
        let (count, cause, _) = end(&records);
        assert!(count >= Some(1), "{count:?}");
        assert_eq!(cause, 10);
        let all = undone(&records);
        assert!(all.len() >= 2);
        assert_eq!(all, (1..=all.len() as u64).rev().collect::<Vec<_>>());
    }
}

#[test]
fn a_signal_while_a_step_runs() {
    let folder = machine();
    let step = format!("{STEP}; [ {{n}} = 1 ] || sleep 10000");
    let mut command = ramp(&folder, [&step, READY, UNDO], &[]);
    let mut running = Running::start(&folder, "ramp", &mut command);
    until("the second runs", || runs(&folder, 2));
    // Nobody else undoes it meanwhile.
    let refused = run(&mut folder.edgebench(["ramp", "--undo-of", "log.ebl"]));
    assert_eq!(refused.status, Some(2), "{refused:?}");
    assert!(refused
        .err
        .contains("another recorder is writing to log.ebl"));
    assert!(runs(&folder, 1) && runs(&folder, 2));
    running.signal("TERM");
    let done = running.end();
    assert_eq!(done.status, Some(0), "{done:?}");
    none_runs(&folder);
    assert_eq!(undone(&folder.cat("log.ebl")), [2, 1]);
}

#[test]
fn an_undo_that_fails_stops_no_other_and_is_said_last() {
    let folder = machine();
    let undo = format!("{UNDO}; if [ {{n}} = 2 ]; then echo no such thing; exit 4; fi");
    let done = done(&mut ramp(&folder, [STEP, READY, &undo], &["--max=3"]));
    assert_eq!(done.status, Some(2), "{done:?}");
    none_runs(&folder);
    let last = done.err.lines().last().unwrap();
    assert_eq!(
        last,
        "edgebench-lite: 1 of 3 containers could not be undone: container 2: status 4: no such thing"
    );
    let records = folder.cat("log.ebl");
    assert_eq!(undone(&records), [3, 2, 1]);
    let changes = changes(&records);
    let (phase, left, ..) = changes.last().unwrap();
    assert_eq!((*phase, *left), (phase::FINISHED, Some(1)));
    let second = changes
        .iter()
        .find(|of| (of.0, of.1) == (phase::UNDONE, Some(2)));
    assert_eq!(second.unwrap().3, "status 4: no such thing");
    // What was not undone is undone later.
    let done = run(&mut folder.edgebench(["ramp", "--undo-of=log.ebl"]));
    assert_eq!(done.status, Some(2), "{done:?}");
    assert!(done.out.starts_with("0 of 1 container undone"), "{done:?}");
}

#[test]
fn what_no_undo_ends_is_told() {
    if emulated() {
        return;
    }
    let folder = machine();
    let step = format!("{STEP}; if [ {{n}} = 1 ]; then sleep 10001 & echo $! >beside; fi");
    let done = done(&mut ramp(&folder, [&step, READY, UNDO], &["--max=2"]));
    let pid = std::fs::read_to_string(folder.file("beside")).unwrap();
    send("KILL", pid.trim().parse().unwrap());
    assert_eq!(done.status, Some(0), "{done:?}");
    none_runs(&folder);
    let told = "edgebench-lite: processes that a step started still run: --undo did not end them";
    assert_eq!(done.err.lines().last(), Some(told));
    let done = crate::done(&mut ramp(&folder, [STEP, READY, UNDO], &["--max=2"]));
    assert!(!done.err.contains("still run"), "{done:?}");
}

#[test]
fn an_undo_that_hangs_is_killed() {
    let hanging = |time: &str| {
        let folder = machine();
        let undo = format!("{UNDO}; [ {{n}} != 2 ] || sleep 10000");
        let more = ["--max=2", &format!("--step-timeout={time}")];
        let done = done(&mut ramp(&folder, [STEP, READY, &undo], &more));
        none_runs(&folder);
        done
    };
    let said = "container 2: timed out";
    let done = with_patience(hanging, |done| done.err.contains(said));
    assert_eq!(done.status, Some(2), "{done:?}");
    assert!(done.err.contains(said), "{done:?}");
}

#[test]
fn what_a_killed_ramp_left() {
    let folder = machine();
    let mut command = ramp(&folder, [STEP, READY, UNDO], &[]);
    let mut running = Running::start(&folder, "ramp", &mut command);
    until("the third runs", || runs(&folder, 3));
    running.signal("KILL");
    running.end();
    assert!(runs(&folder, 1) && runs(&folder, 3));
    // The log tells of each that was begun.
    let begun = |changes: Vec<crate::Change>| {
        let steps = changes.into_iter().filter(|of| of.0 == phase::STEP);
        steps.filter_map(|of| of.1).collect::<Vec<_>>()
    };
    let steps = begun(changes(&folder.cat("log.ebl")));
    assert!(steps.starts_with(&[1, 2, 3]), "{steps:?}");
    let report = run(&mut folder.edgebench(["report", "log.ebl"]));
    assert!(report.out.contains("no end of the ramp"), "{}", report.out);
    assert!(report.out.contains("not undone"), "{}", report.out);
    // The log goes on with another run, which does not matter.
    run(&mut folder.record(["--duration=100ms", "-q"]));
    let done = run(&mut folder.edgebench(["ramp", "--undo-of", "log.ebl"]));
    assert_eq!(done.status, Some(0), "{done:?}");
    none_runs(&folder);
    // It is noted there, in the run of the ramp.
    assert_eq!(
        undone(&folder.cat("log.ebl")),
        steps.iter().rev().copied().collect::<Vec<_>>()
    );
    let report = run(&mut folder.edgebench(["report", "log.ebl"]));
    assert!(report.out.contains("no end of the ramp"), "{}", report.out);
    assert!(!report.out.contains("not undone"), "{}", report.out);
    let verified = run(&mut folder.edgebench(["log", "verify", "log.ebl"]));
    assert!(verified.out.contains("log.ebl: whole: "), "{verified:?}");
    assert!(verified.out.contains(" in 2 runs"), "{verified:?}");
    let size = std::fs::metadata(folder.file("log.ebl")).unwrap().len();
    let done = run(&mut folder.edgebench(["ramp", "--undo-of", "log.ebl"]));
    assert_eq!(done.status, Some(0), "{done:?}");
    assert_eq!(done.out, "already undone: nothing is left\n");
    let after = std::fs::metadata(folder.file("log.ebl")).unwrap().len();
    assert_eq!(after, size);
}

/// Those that cannot be undone are noted as well, and tried again.
#[test]
fn what_is_undone_at_the_second_time() {
    let folder = machine();
    let undo = "test -e let{n}";
    let done = done(&mut ramp(
        &folder,
        ["true {n}", "test -e go", undo],
        &["--max=2", "--step-timeout=1s"],
    ));
    assert_eq!(done.status, Some(2), "{done:?}");
    let log = || folder.cat("log.ebl");
    let tell = |status, out: &str| {
        let done = run(&mut folder.edgebench(["ramp", "--undo-of", "log.ebl"]));
        assert_eq!(done.status, Some(status), "{done:?}");
        assert_eq!(done.out, out);
    };
    assert_eq!(undone(&log()), [1]);
    tell(2, "0 of 1 container undone by test -e let{n}\n");
    let last = || changes(&log()).pop().unwrap();
    assert_eq!(last().3, "status 1");
    folder.write("let1", "");
    tell(0, "1 of 1 container undone by test -e let{n}\n");
    assert_eq!(
        (last().0, last().1, &*last().3),
        (phase::UNDONE, Some(1), "")
    );
    tell(0, "already undone: nothing is left\n");
    // The ramp itself had an end.
    let verified = run(&mut folder.edgebench(["log", "verify", "log.ebl"]));
    assert!(verified.out.ends_with(" in 1 run\n"), "{verified:?}");
}

/// Of one whose step failed nothing need be there, and nothing is left.
#[test]
fn what_was_never_there_is_not_left() {
    let folder = machine();
    let step = "test {n} = 1 && touch there{n}";
    let commands = [step, "test -e there1", "rm there{n}"];
    let done = done(&mut ramp(&folder, commands, &[]));
    assert_eq!(done.status, Some(0), "{done:?}");
    assert!(
        done.err.contains("container 2 could not be undone: "),
        "{done:?}"
    );
    let report = run(&mut folder.edgebench(["report", "log.ebl"]));
    assert!(!report.out.contains("undone"), "{}", report.out);
    let done = run(&mut folder.edgebench(["ramp", "--undo-of", "log.ebl"]));
    assert_eq!(done.out, "already undone: nothing is left\n", "{done:?}");
}

/// What is asked before the first sample does not outlive the program.
#[test]
fn a_signal_before_it_begins() {
    let sleeps = "echo $$ >asked; exec sleep 10000";
    for (ready, more) in [(sleeps, ""), (READY, sleeps)] {
        let folder = machine();
        let probe = format!("--probe={more}");
        let more = [&*probe];
        let more = if more[0] == "--probe=" {
            &[][..]
        } else {
            &more
        };
        let mut command = ramp(&folder, [STEP, ready, UNDO], more);
        let mut running = Running::start(&folder, "ramp", &mut command);
        let asked = || std::fs::read_to_string(folder.file("asked")).unwrap_or_default();
        until("it is asked", || asked().ends_with('\n'));
        running.signal("TERM");
        let done = running.end();
        assert_eq!(done.status, Some(2), "{done:?}");
        let told = "edgebench-lite: ended by a signal\n";
        assert_eq!(done.err, told);
        let path = std::path::Path::new("/proc").join(asked().trim());
        assert!(!path.exists());
    }
}

/// The undo that runs comes to its end, and is noted; no other begins.
#[test]
fn a_signal_while_what_was_left_is_undone() {
    let folder = machine();
    let waits = "touch begun{n}; until [ -e let ]; do sleep 0.01; done";
    let undo = format!("[ -e go ] || exit 1; {waits}; {UNDO}");
    let done = done(&mut ramp(&folder, [STEP, READY, &undo], &["--max=2"]));
    assert_eq!(done.status, Some(2), "{done:?}");
    folder.write("go", "");
    let mut command = folder.edgebench(["ramp", "--undo-of", "log.ebl"]);
    let mut running = Running::start(
        &folder,
        "undo",
        crate::support::heeding_signals(&mut command),
    );
    until("one is undone", || folder.file("begun2").exists());
    running.signal("TERM");
    folder.write("let", "");
    let done = running.end();
    assert_eq!(done.status, Some(2), "{done:?}");
    assert_eq!(done.err, "edgebench-lite: ended by a signal\n");
    assert!(!folder.file("begun1").exists());
    assert!(runs(&folder, 1) && !runs(&folder, 2));
    let done = run(&mut folder.edgebench(["ramp", "--undo-of", "log.ebl"]));
    assert!(done.out.starts_with("1 of 1 container undone"), "{done:?}");
    none_runs(&folder);
}

/// A user of whose processes there are more than may be: none can be started.
struct Crowd(Vec<Child>);

impl Crowd {
    /// A user whom nobody else is.
    const USER: u32 = 61_234;

    /// `None` where no process can be that user's.
    #[track_caller]
    fn user() -> Option<u32> {
        let user = Command::new("true")
            .uid(Self::USER)
            .gid(Self::USER)
            .status();
        match user {
            Ok(_) => Some(Self::USER),
            Err(error) => {
                skipped(&format!("as user {}: {error}", Self::USER));
                None
            }
        }
    }

    fn gather() -> Self {
        let one = |_| {
            let mut sleep = Command::new("sleep");
            sleep.arg("10000").uid(Self::USER).gid(Self::USER);
            sleep.spawn().unwrap()
        };
        Self((0..40).map(one).collect())
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        for one in &mut self.0 {
            one.kill().unwrap();
            one.wait().unwrap();
        }
    }
}

/// As that user, who may have 30 processes.
fn crowded(folder: &Folder, binary: &Path, command: &Command) -> Command {
    let mut limited = Command::new("sh");
    let script = "ulimit -u 30 2>said || ulimit -p 30; exec \"$0\" \"$@\"";
    limited
        .args(["-c", script])
        .arg(binary)
        .args(command.get_args());
    limited
        .current_dir(folder.path())
        .uid(Crowd::USER)
        .gid(Crowd::USER);
    limited
}

/// Where no process can be started, that is tried again; for how long, --step-timeout says.
#[test]
fn undone_once_a_process_can_be_started() {
    let Some(_) = Crowd::user().filter(|_| !emulated()) else {
        return;
    };
    let folder = machine();
    let binary = binary_for_all(&folder);
    let step = format!("{STEP}; [ {{n}} = 1 ] || {{ echo $$ >step; exec sleep 10000; }}");
    let of = ramp(&folder, [&step, READY, UNDO], &["--step-timeout=600s"]);
    let mut command = crowded(&folder, &binary, &of);
    let mut running = Running::start(&folder, "ramp", heeding_signals(&mut command));
    until("the second runs", || runs(&folder, 2));
    let crowd = Crowd::gather();
    running.signal("TERM");
    let ended = |records: &[Value]| changes(records).iter().any(|of| of.0 == phase::ENDED);
    until("it has ended", || ended(&folder.cat("log.ebl")));
    assert!(runs(&folder, 1));
    // It may have had the time to try, or not.
    std::thread::sleep(Duration::from_millis(1500));
    drop(crowd);
    let done = running.end();
    assert_eq!(done.status, Some(0), "{done:?}");
    assert!(!done.err.contains("could not be undone"), "{done:?}");
    assert_eq!(undone(&folder.cat("log.ebl")), [2, 1]);
    none_runs(&folder);
    // Likewise by hand.
    std::fs::remove_file(folder.file("step")).unwrap();
    let mut running = Running::start(&folder, "left", &mut crowded(&folder, &binary, &of));
    until("the second runs", || runs(&folder, 2));
    running.signal("KILL");
    running.end();
    let step = || std::fs::read_to_string(folder.file("step")).unwrap_or_default();
    until("the step says who it is", || step().ends_with('\n'));
    send("KILL", step().trim().parse().unwrap());
    let of = folder.edgebench(["ramp", "--undo-of=log.ebl", "--step-timeout=600s"]);
    let crowd = Crowd::gather();
    let mut running = Running::start(&folder, "undo", &mut crowded(&folder, &binary, &of));
    std::thread::sleep(Duration::from_millis(1500));
    drop(crowd);
    let done = running.end();
    assert_eq!(done.status, Some(0), "{done:?}");
    assert!(!done.err.contains("could not be undone"), "{done:?}");
    assert!(
        done.out.starts_with("2 of 2 containers undone by "),
        "{done:?}"
    );
    none_runs(&folder);
}

/// What cannot be noted is undone all the same, and that it will be again is told.
#[test]
fn what_a_full_disk_keeps_from_being_noted() {
    let folder = machine();
    let undo = "test -e go && { mkdir first{n} 2>/dev/null || mkdir second{n}; }";
    let done = done(&mut ramp(
        &folder,
        ["true {n}", "test -e ready", undo],
        &["--max=2", "--step-timeout=1s"],
    ));
    assert_eq!(done.status, Some(2), "{done:?}");
    folder.write("go", "");
    let size = std::fs::metadata(folder.file("log.ebl")).unwrap().len();
    let undo = |blocks: u64| {
        let script =
            format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" ramp --undo-of=log.ebl");
        let of = folder.edgebench([]);
        let mut command = Command::new("sh");
        command.args(["-c", &script]).arg(of.get_program());
        run(command.current_dir(folder.path()))
    };
    // Blocks of 512 bytes: the file has no room for a note.
    let done = undo(size / 1024);
    assert_eq!(done.status, Some(2), "{done:?}");
    let said: Vec<&str> = done.err.lines().collect();
    let again = "edgebench-lite: not all of it is noted: the next --undo-of will undo it again";
    assert_eq!(said[0], again, "{done:?}");
    assert!(
        said[1].starts_with("edgebench-lite: cannot write log.ebl: "),
        "{done:?}"
    );
    assert!(folder.file("first1").exists() && !folder.file("second1").exists());
    let done = undo(size);
    assert_eq!(done.status, Some(0), "{done:?}");
    assert!(folder.file("second1").exists());
    let done = run(&mut folder.edgebench(["ramp", "--undo-of", "log.ebl"]));
    assert_eq!(done.out, "already undone: nothing is left\n");
}

#[test]
fn what_was_undone_is_not_undone_again() {
    let folder = machine();
    done(&mut ramp(&folder, [STEP, READY, UNDO], &["--max=1"]));
    let done = run(&mut folder.edgebench(["ramp", "--undo-of", "log.ebl"]));
    assert_eq!(done.status, Some(0), "{done:?}");
    assert_eq!(done.out, "already undone: nothing is left\n");
    let folder = machine();
    let mut command = folder.record(["--duration=100ms", "-q"]);
    run(&mut command);
    let done = run(&mut folder.edgebench(["ramp", "--undo-of", "log.ebl"]));
    assert_eq!(done.err, "edgebench-lite: log.ebl has no ramp\n");
}
