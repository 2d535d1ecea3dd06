//! `footprint LOG`.

use crate::json;
use crate::support::{all_read, capture, of_kind, run, Done, Folder};
use crate::tree::{line, machine, put, rollup, Made, MEMINFO};
use edgebench_lite::log::fields::process;
use std::path::Path;

/// Records five intervals, behind what is recorded already. The intervals, ms, are the
/// shortest in which this machine, however busy, reads all memory.
fn record(folder: &Folder, tree: &Path, pss: &str) -> u64 {
    let log = folder.file("log.ebl");
    let before = std::fs::read(&log).ok();
    let mut intervals = [100, 1000, 8000].into_iter();
    let enough = intervals.find(|interval| {
        match &before {
            Some(bytes) => std::fs::write(&log, bytes).unwrap(),
            None => drop(std::fs::remove_file(&log)),
        }
        record_each(folder, tree, pss, *interval);
        let records = folder.cat("log.ebl");
        let samples = of_kind(&records, "sample");
        samples.len() > 1
            && match pss {
                "off" => true,
                "auto" => all_read(samples[0]),
                _ => samples.into_iter().all(all_read),
            }
    });
    enough.expect("all memory is read")
}

fn record_each(folder: &Folder, tree: &Path, pss: &str, interval: u64) {
    let mut command = folder.edgebench(["--proc-root"]);
    command.arg(tree).args(["record", "-q", "--output=log.ebl"]);
    command.arg(format!("--interval={interval}ms"));
    command.arg(format!("--duration={}ms", 5 * interval));
    let done = run(command.args(["--pss", pss, "--product=p", "--stage=s"]));
    assert_eq!(done.status, Some(0), "{}", done.err);
}

fn footprint<'a>(folder: &Folder, arguments: impl IntoIterator<Item = &'a str>) -> Done {
    let mut command = folder.edgebench(["footprint", "log.ebl"]);
    run(command.args(arguments))
}

#[test]
fn a_log_says_what_the_machine_said() {
    let folder = Folder::new();
    let interval = record(&folder, &capture("aarch64-raspi3b"), "exact") as f64 / 1000.0;
    let done = footprint(&folder, ["--key=edge=edge-core", "--key=sleep=sleep"]);
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    let (head, _) = done.out.split_once(" s after the start (20").unwrap();
    let after: f64 = head
        .strip_prefix("p, s on capture, ")
        .unwrap()
        .parse()
        .unwrap();
    // Five, but that a machine which is too busy may miss a deadline.
    assert!((interval..=5.0 * interval).contains(&after), "{}", done.out);
    // smaps_rollup's; in stat the resident set is 1 page there.
    assert_eq!(
        line(&done.out, "sleep (117, 118)"),
        ["0.4", "2.3", "2.4", "4.1"]
    );
    assert_eq!(line(&done.out, "edge"), ["absent"]);
    assert_eq!(
        line(&done.out, "used / total"),
        ["63.4", "/", "914.2", "6.94"]
    );
}

#[test]
fn rows_units_and_the_system_of_a_log() {
    let folder = Folder::new();
    let tree = machine(&folder, MEMINFO);
    let cgroup = "0::/system.slice/a.service\n";
    put(
        &folder,
        &Made {
            pid: 5,
            comm: b"python3",
            cmdline: b"x\0--conf\0y.yaml\0",
            cgroup,
            rollup: Some(rollup(150, 80, 120)),
        },
    );
    put(
        &folder,
        &Made {
            pid: 6,
            ..Made::default()
        },
    );
    let interval = record(&folder, &tree, "exact");
    let done = footprint(
        &folder,
        ["--key=a=--conf y.yaml", "--key=b=made-up", "--key=c=none"],
    );
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    assert_eq!(line(&done.out, "a (5)"), ["0.1", "0.1", "0.2", "2.0"]);
    assert_eq!(line(&done.out, "b (6)"), ["0.1", "0.0", "0.1", "2.0"]);
    assert_eq!(line(&done.out, "c"), ["absent"]);
    assert_eq!(
        line(&done.out, "used / total"),
        ["50.0", "/", "100.0", "50.00"]
    );
    assert_eq!(
        line(&done.out, "volatile logging"),
        ["-", "-", "not", "in", "a", "log"]
    );
    assert!(!done.out.contains('~'), "{}", done.out);
    let done = footprint(&folder, ["--by=unit"]);
    assert_eq!(
        line(&done.out, "a.service"),
        ["1", "0.1", "0.2", "0.0", "-"]
    );
    assert_eq!(line(&done.out, "total")[..2], ["2", "0.2"]);
    let at = format!("--at={}ms", 2 * interval);
    let done = footprint(&folder, ["--format=json", "--key=a=--conf", &at]);
    let log = json::parse(done.out.trim_end());
    assert_eq!(log.at("source").text(), "log");
    // The second deadline, or an earlier one where a busy machine missed that.
    let moments = [0, 1, 2].map(|deadline| deadline * interval * 1000);
    assert!(moments.contains(&log.at("at_us").number()));
    assert_eq!(log.at("rows").items()[0].at("pss_kib").number(), 150);
    assert_eq!(
        footprint(&folder, ["--at=1h"]).out,
        footprint(&folder, []).out
    );
}

#[test]
fn estimates_are_marked() {
    let folder = Folder::new();
    let tree = machine(&folder, MEMINFO);
    put(&folder, &Made::default());
    record(&folder, &tree, "auto");
    let done = footprint(&folder, ["--key=it=made-up"]);
    assert_eq!(line(&done.out, "it (1)")[0], "~0.1");
    assert!(done.out.contains("~: estimated"), "{}", done.out);
    let done = footprint(&folder, ["--key=it=made-up", "--at=0"]);
    assert_eq!(line(&done.out, "it (1)")[0], "0.1");
    let done = footprint(&folder, ["--by=slice"]);
    assert_eq!(line(&done.out, "(in no slice)")[..2], ["1", "~0.1"]);
}

/// smaps_rollup of one process says nothing at any sample.
#[test]
fn memory_that_was_not_read_is_no_matter_of_now() {
    let folder = Folder::new();
    let tree = machine(&folder, MEMINFO);
    put(
        &folder,
        &Made {
            rollup: Some("no figures\n".to_owned()),
            ..Made::default()
        },
    );
    record_each(&folder, &tree, "exact", 100);
    let done = footprint(&folder, ["--key=it=made-up"]);
    let said = "edgebench-lite: the memory of 1 process was not read by that moment (the \
                recorder's budget was used up, or reading failed): take another moment\n";
    assert_eq!((done.status, done.err.as_str()), (Some(2), said));
}

#[test]
fn a_log_without_pss_has_no_footprint() {
    let folder = Folder::new();
    let tree = machine(&folder, MEMINFO);
    put(&folder, &Made::default());
    record(&folder, &tree, "off");
    let done = footprint(&folder, ["--key=it=made-up"]);
    let said = "edgebench-lite: the log holds no PSS: it was recorded with --pss off\n";
    assert_eq!((done.status, done.err.as_str()), (Some(2), said));
    assert_eq!(line(&done.out, "it (1)"), ["unknown", "-", "-", "2.0"]);
    assert_eq!(line(&done.out, "together"), ["unknown"]);
    // Nor is it known how much of the 10 MiB in swap is its.
    let swap = line(&done.out, "swap used / total");
    assert_eq!(swap[4..], ["key", "processes", "unknown"]);
    let done = footprint(&folder, ["--key=it=made-up", "--format=json"]);
    let sum = json::parse(done.out.trim_end()).at("total_pss_kib").clone();
    assert_eq!(sum, json::Value::Null);
    let swap = footprint(&folder, []).out;
    let swap = line(&swap, "swap used / total");
    assert_eq!(swap[4..], ["these", "programs", "unknown"]);
}

/// Ticks of 10 ms. `old` runs for 30 in 2 s, and for 90 in the next 3 s; `new`, which is
/// born in between, for 5 and 45.
#[test]
fn cpu_is_what_ran_in_the_minute_before() {
    let mut log = crate::log::Run::new(1, 4096, 2);
    log.header();
    log.birth(0, 7, 9, b"old");
    log.values(0)[process::UTIME] = 1000;
    log.sample(0, 0, true);
    log.values(0)[process::UTIME] += 20;
    log.values(0)[process::STIME] += 10;
    log.birth(1, 8, 1234, b"new");
    log.values(1)[process::UTIME] = 5;
    log.sample(2, 0, true);
    log.values(0)[process::UTIME] += 90;
    log.values(1)[process::UTIME] += 45;
    log.sample(3, 0, true);
    log.values(1)[process::UTIME] += 45;
    log.sample(100, 0, true);
    log.footer();
    let folder = Folder::new();
    folder.write("log.ebl", &log.truth.bytes);
    for (at, percent) in [
        ("0", "null"),
        ("2", "17.500"),
        ("5", "34.000"),
        // More than a minute after any other.
        ("105", "null"),
    ] {
        let done = footprint(&folder, ["--by=unit", "--format=json", "--at", at]);
        assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
        let said = format!("\"cpu_percent\":{percent},");
        // Of the only row, and of the total.
        assert_eq!(done.out.matches(&said).count(), 2, "{at}: {}", done.out);
    }
}

#[test]
fn of_several_runs_the_last_and_damage_is_said() {
    let folder = Folder::new();
    let tree = machine(&folder, MEMINFO);
    put(&folder, &Made::default());
    record(&folder, &tree, "exact");
    put(
        &folder,
        &Made {
            pid: 2,
            ..Made::default()
        },
    );
    record(&folder, &tree, "exact");
    let done = footprint(&folder, ["--key=it=made-up"]);
    assert_eq!(line(&done.out, "it (1, 2)")[0], "0.2");
    let mut bytes = std::fs::read(folder.file("log.ebl")).unwrap();
    let last = bytes.len() - 1;
    bytes.truncate(last);
    folder.write("log.ebl", bytes);
    let done = footprint(&folder, ["--key=it=made-up"]);
    assert_eq!(done.status, Some(0));
    assert!(
        done.out.contains("The log is damaged in 1 place."),
        "{}",
        done.out
    );
}

/// A run of results has no memory to show.
#[test]
fn results_that_follow_hide_no_sample() {
    let folder = Folder::new();
    let tree = machine(&folder, MEMINFO);
    put(&folder, &Made::default());
    record(&folder, &tree, "exact");
    let before = footprint(&folder, ["--key=it=made-up"]);
    assert_eq!(line(&before.out, "it (1)")[0], "0.1");
    let mut boot = folder.edgebench(["--proc-root"]);
    let boot = run(boot.arg(&tree).args(["boot", "--output=log.ebl"]));
    assert_eq!((boot.status, &*boot.err), (Some(0), ""));
    assert_eq!(footprint(&folder, ["--key=it=made-up"]).out, before.out);
}

/// A file that is called FILE.old and goes on in none of FILE's runs is no segment of it.
#[test]
fn an_older_file_of_another_run_is_left_alone() {
    let folder = Folder::new();
    let tree = machine(&folder, MEMINFO);
    record(&folder, &tree, "exact");
    let alone = footprint(&folder, ["--by=unit"]);
    assert_eq!((alone.status, alone.err.as_str()), (Some(0), ""));
    let log = std::fs::read(folder.file("log.ebl")).unwrap();
    std::fs::rename(folder.file("log.ebl"), folder.file("log.ebl.old")).unwrap();
    record(&folder, &tree, "exact");
    let beside = std::fs::read(folder.file("log.ebl")).unwrap();
    assert_ne!(log, beside, "two runs");
    // Damaged, so that a reader would have to tell of it.
    folder.write("log.ebl.old", [&log[..log.len() / 2], b"\0\0torn"].concat());
    let done = footprint(&folder, ["--by=unit"]);
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    assert!(!done.out.contains("damaged"), "{}", done.out);
}
