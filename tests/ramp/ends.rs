//! What ends a ramp, and at which count.

use crate::program::program;
use crate::support::{run, with_patience, Folder};
use crate::{changes, done, end, machine, meminfo, none_runs, phase, ramp, rewriting, undone};
use crate::{READY, STEP, UNDO};

/// The causes by their numbers in a log.
const MEMORY: u64 = 1;
const OUT_OF_MEMORY: u64 = 2;
const PROBE: u64 = 3;
const NOT_READY: u64 = 6;
const STEP_FAILED: u64 = 7;
const NOT_IN_TIME: u64 = 8;
const MOST: u64 = 9;

/// A step that does something else beside, at container 3.
fn third(more: &str) -> String {
    format!("{STEP}; if [ {{n}} = 3 ]; then {more}; fi")
}

/// How a ramp ended: its status, 0 where nothing of it runs any more, what was undone, and
/// what it came to.
type Ended = (Option<i32>, Vec<u64>, (Option<u64>, u64, String));

fn came_to(folder: &Folder, step: &str, more: &[&str]) -> Ended {
    let done = done(&mut ramp(folder, [step, READY, UNDO], more));
    if done.status == Some(0) {
        none_runs(folder);
    }
    // What fails before the first container leaves none.
    if !folder.file("log.ebl").exists() {
        return (done.status, Vec::new(), (None, 0, done.err));
    }
    let records = folder.cat("log.ebl");
    (done.status, undone(&records), end(&records))
}

/// What a ramp came to whose third step does that too: all was undone.
fn ended(folder: &Folder, step: &str, more: &[&str]) -> (Option<u64>, u64, String) {
    let (status, undone, end) = came_to(folder, step, more);
    assert_eq!((status, undone), (Some(0), vec![3, 2, 1]), "{end:?}");
    end
}

/// What starts containers is killed as well where memory runs out, and then the step fails
/// before the kernel's count of kills is read: the board is why.
#[test]
fn a_step_that_fails_as_memory_ran_out() {
    let folder = machine();
    let step = third(&format!(
        "{}; exit 137",
        rewriting("vmstat", "oom_kill 4\\n")
    ));
    let (count, cause, evidence) = ended(&folder, &step, &[]);
    assert_eq!((count, cause, &*evidence), (Some(2), OUT_OF_MEMORY, ""));
}

#[test]
fn as_many_as_were_asked_for() {
    let folder = machine();
    // Not ready at the first look, which is no evidence of what ends it.
    let ready = format!("[ -e s{{n}} ] && {READY} || {{ touch s{{n}}; exit 7; }}");
    let done = done(&mut ramp(&folder, [STEP, &ready, UNDO], &["--max=2"]));
    assert_eq!(done.status, Some(0), "{done:?}");
    none_runs(&folder);
    assert_eq!(end(&folder.cat("log.ebl")), (Some(2), MOST, String::new()));
    use phase::{BEGUN, ENDED, FINISHED, HELD, MEASURED, SETTLE, UNDONE, WAIT, WINDOW};
    let told: Vec<_> = changes(&folder.cat("log.ebl"))
        .into_iter()
        .map(|(phase, of, cause, _)| (phase, of.unwrap(), cause))
        .collect();
    let of = |n: u64| [phase::STEP, WAIT, SETTLE, WINDOW, MEASURED, HELD].map(|p| (p, n, 0));
    let none = [BEGUN, WINDOW, MEASURED, HELD].map(|phase| (phase, 0, 0));
    let end = [(ENDED, 2), (UNDONE, 2), (UNDONE, 1), (FINISHED, 0)];
    let end = end.map(|(phase, n)| (phase, n, MOST));
    assert_eq!(told, [&none[..], &of(1), &of(2), &end].concat());
    let done = run(&mut folder.edgebench(["log", "verify", "log.ebl"]));
    assert_eq!(done.status, Some(0), "{done:?}");
}

#[test]
fn memory_below_the_reserve() {
    let folder = machine();
    let step = third(&rewriting("meminfo", &meminfo(39_999)));
    let told = "39999 KiB available, reserve 40000 KiB".to_owned();
    assert_eq!(ended(&folder, &step, &[]), (Some(2), MEMORY, told));
    let folder = machine();
    let more = ["--reserve=10M", "--max=3"];
    let told = (Some(3), MOST, String::new());
    assert_eq!(ended(&folder, &step, &more), told);
}

#[test]
fn the_limit_of_a_cgroup_instead_of_the_machine() {
    for (folder_of, [limit, usage], inactive) in [
        ("", ["memory.max", "memory.current"], "inactive_file 0\n"),
        (
            "memory/",
            ["memory.limit_in_bytes", "memory.usage_in_bytes"],
            "total_inactive_file 0\n",
        ),
    ] {
        let folder = machine();
        let place = format!("root/sys/fs/cgroup/{folder_of}edge");
        // 100 MiB, of which 30 are used, then 80: less than 32 are left.
        folder.write(&format!("{place}/{limit}"), "104857600\n");
        folder.write(&format!("{place}/{usage}"), "31457280\n");
        folder.write(&format!("{place}/memory.stat"), inactive);
        let step = third(&format!("printf '83886080\\n' 1<>{place}/{usage}"));
        let told = "20480 KiB available, reserve 32768 KiB".to_owned();
        let more = ["--memory-of=/edge"];
        assert_eq!(ended(&folder, &step, &more), (Some(2), MEMORY, told));
    }
}

#[test]
fn a_process_killed_for_want_of_memory() {
    let folder = machine();
    let step = third(&rewriting("vmstat", "oom_kill 4\n"));
    let told = (Some(2), OUT_OF_MEMORY, String::new());
    assert_eq!(ended(&folder, &step, &[]), told);
    let folder = machine();
    let told = (Some(3), MOST, String::new());
    let more = ["--oom-kills=2", "--max=3"];
    assert_eq!(ended(&folder, &step, &more), told);
}

#[test]
fn a_probe_that_fails_from_then_on() {
    let folder = machine();
    let (count, cause, evidence) =
        ended(&folder, &third("touch slow"), &["--probe=test ! -e slow"]);
    assert_eq!((count, cause), (Some(2), PROBE));
    assert!(evidence.starts_with("status 1, "), "{evidence}");
}

#[test]
fn a_probe_that_times_out() {
    let slow = |time: &str| {
        let probe = "--probe=[ ! -e slow ] || sleep 1000";
        let timeout = format!("--probe-timeout={time}");
        came_to(&machine(), &third("touch slow"), &[probe, &timeout])
    };
    let ended = with_patience(slow, |(_, _, end)| end.0 == Some(2));
    let (status, undone, (count, cause, evidence)) = ended;
    assert_eq!((status, undone), (Some(0), vec![3, 2, 1]));
    assert_eq!((count, cause), (Some(2), PROBE));
    assert!(evidence.starts_with("timed out, "), "{evidence}");
}

#[test]
fn a_container_that_is_gone() {
    let folder = machine();
    let step = third("kill -9 $(cat c1)");
    let (count, cause, evidence) = ended(&folder, &step, &[]);
    assert_eq!((count, cause), (Some(2), NOT_READY));
    assert!(evidence.starts_with("status 1"), "{evidence}");
}

#[test]
fn a_step_that_fails() {
    let folder = machine();
    let step = third("echo one; echo Too many pods >&2; exit 5");
    let told = "status 5: Too many pods".to_owned();
    assert_eq!(ended(&folder, &step, &[]), (Some(2), STEP_FAILED, told));
}

#[test]
fn a_step_that_hangs() {
    let hanging = |time: &str| {
        let step = third("echo waiting; sleep 10000");
        came_to(&machine(), &step, &[&format!("--step-timeout={time}")])
    };
    let told = (Some(2), NOT_IN_TIME, "timed out: waiting".to_owned());
    let expected = (Some(0), vec![3, 2, 1], told);
    assert_eq!(with_patience(hanging, |ended| *ended == expected), expected);
}

#[test]
fn a_container_that_is_never_ready() {
    let unready = |time: &str| {
        let folder = machine();
        let ready = format!("[ {{n}} != 3 ] && {READY}");
        let more = format!("--step-timeout={time}");
        let done = done(&mut ramp(&folder, [STEP, &ready, UNDO], &[&more]));
        if done.status == Some(0) {
            none_runs(&folder);
        }
        let (count, cause, evidence) = end(&folder.cat("log.ebl"));
        // The limit may be over while it is looked for the last time.
        let is_told = ["status 1", "timed out (before: status 1)"].contains(&&*evidence);
        (done.status, count, cause, is_told)
    };
    let expected = (Some(0), Some(2), NOT_IN_TIME, true);
    assert_eq!(with_patience(unready, |ended| *ended == expected), expected);
}

/// The limit is over while it is asked the second time.
#[test]
fn a_container_that_hangs_after_it_said_why() {
    let hanging = |time: &str| {
        let folder = machine();
        let asked = "[ -e asked ] && sleep 10000; touch asked; echo no image; exit 4";
        let ready = format!("if [ {{n}} = 3 ]; then {asked}; fi; {READY}");
        let more = format!("--step-timeout={time}");
        let done = done(&mut ramp(&folder, [STEP, &ready, UNDO], &[&more]));
        if done.status == Some(0) {
            none_runs(&folder);
        }
        (done.status, end(&folder.cat("log.ebl")))
    };
    let told = "timed out (before: status 4: no image)".to_owned();
    let expected = (Some(0), (Some(2), NOT_IN_TIME, told));
    assert_eq!(with_patience(hanging, |ended| *ended == expected), expected);
}

/// More than a pipe holds, and without an end of line.
#[test]
fn a_step_that_writes_without_end_holds_nothing_up() {
    let folder = machine();
    let step = third("head -c 20000000 /dev/zero | tr '\\0' x");
    let told = (Some(3), MOST, String::new());
    assert_eq!(ended(&folder, &step, &["--max=3"]), told);
}

#[test]
fn the_first_step_that_fails_measures_nothing() {
    let folder = machine();
    let done = done(&mut ramp(
        &folder,
        ["exit 9 # {n}", "false", "true {n}"],
        &[],
    ));
    assert_eq!(done.status, Some(2), "{done:?}");
    assert_eq!(end(&folder.cat("log.ebl")).0, Some(0));
    let told = "edgebench-lite: nothing was measured: ended by a limit at 0 containers: a step \
                failed: status 9";
    assert_eq!(done.err.lines().last(), Some(told));
}

/// What stands in for kubectl: it knows of a deployment how many there are.
const KUBECTL: &str = r#"#!/bin/sh
case "$*" in
'scale deploy web --replicas='*) echo "${4#--replicas=}" >replicas ;;
'rollout status deploy web --timeout=1s') test -s replicas ;;
'wait --timeout=1s deploy web --for=jsonpath={.status.readyReplicas}='*)
  test "$(cat replicas)" = "${5##*=}" ;;
*) echo "what is $*?" >&2; exit 9 ;;
esac
"#;

#[test]
fn the_example_for_k3s_counts_on() {
    let folder = machine();
    program(&folder, "bin/kubectl", KUBECTL);
    let help = run(&mut folder.edgebench(["ramp", "--help"])).out;
    let example = help.split_once("k3s: ").unwrap().1;
    let command = |name: &str| {
        let words = example.split_once(name).unwrap().1;
        let words = words.split('\'').nth(1).unwrap();
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let [step, ready, undo] = ["--step", "--ready", "--undo"].map(command);
    let mut ramp = ramp(&folder, [&step, &ready, &undo], &["--max=3"]);
    let path = format!("bin:{}", std::env::var("PATH").unwrap());
    let done = done(ramp.env("PATH", path));
    assert_eq!(done.status, Some(0), "{done:?}");
    assert_eq!(end(&folder.cat("log.ebl")), (Some(3), MOST, String::new()));
    let left = std::fs::read_to_string(folder.file("replicas")).unwrap();
    assert_eq!(left, "0\n");
}
