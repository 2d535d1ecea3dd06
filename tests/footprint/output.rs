//! `footprint --output`.

use crate::json::{self, Value};
use crate::support::{of_kind, run, until, Folder, Running, BINARY};
use crate::tree::{footprint, line, machine, put, rollup, Made, MEMINFO};

/// Two processes of one key, and a machine of 100 MiB of which half is available.
fn board(folder: &Folder) {
    machine(folder, MEMINFO);
    for (pid, pss) in [(5, 150), (6, 362)] {
        put(
            folder,
            &Made {
                pid,
                comm: b"k3s-server",
                rollup: Some(rollup(pss, 100, 1024)),
                ..Made::default()
            },
        );
    }
}

#[test]
fn what_was_shown_is_in_the_log() {
    let folder = Folder::new();
    board(&folder);
    let shown = footprint(&folder, ["-o", "log.ebl", "--stage=edge", "--profile=k3s"]);
    assert_eq!((shown.status, shown.err.as_str()), (Some(0), ""));
    assert_eq!(line(&shown.out, "k3s-server (5, 6)")[0], "0.5");
    let again = run(&mut folder.edgebench(["footprint", "log.ebl"]));
    assert_eq!((again.status, again.err.as_str()), (Some(0), ""));
    let (head, table) = again.out.split_once("\n\n").unwrap();
    assert!(head.starts_with("k3s, edge on "), "{head}");
    assert!(head.contains(", read at 20"), "{head}");
    assert_eq!(table, shown.out);
    // 150 and 362 KiB.
    let compared = run(&mut folder.edgebench(["compare", "log.ebl", "--format=csv"]));
    let row = "k3s,product_pss,edge,median,KiB,512,,,,1,,,,,log.ebl 20";
    assert!(compared.out.contains(row), "{}", compared.out);
}

#[test]
fn its_record_has_every_figure() {
    let folder = Folder::new();
    board(&folder);
    let key = "--key=two=k3s-server";
    let done = footprint(&folder, ["--output=log.ebl", key, "--product=p"]);
    assert_eq!(done.status, Some(0), "{}", done.err);
    let records = folder.cat("log.ebl");
    let kinds: Vec<&str> = records.iter().map(|r| r.at("record").text()).collect();
    assert_eq!(kinds, ["header", "footprint", "footer"]);
    let header = &records[0];
    assert_eq!(header.at("product").text(), "p");
    assert_eq!(header.at("stage").text(), "unnamed");
    let record = &records[1];
    for (key, value) in [
        ("at_us", 0),
        ("part", 0),
        ("parts", 1),
        ("mem_total", 102_400),
        ("mem_available", 51_200),
        ("read", 2),
    ] {
        assert_eq!(record.at(key).number(), value, "{key}");
    }
    assert_eq!(record.at("volatile_used"), &Value::Null, "not looked for");
    let row = &record.at("rows").items()[0];
    assert_eq!(row.at("label").text(), "two");
    let pids = row.at("pids").items();
    assert_eq!((pids[0].number(), pids[1].number()), (5, 6));
    for (key, value) in [("processes", 2), ("unreadable", 0), ("pss", 512)] {
        assert_eq!(row.at(key).number(), value, "{key}");
    }
}

/// A run of samples, then a footprint: each command takes what it is about.
#[test]
fn beside_a_recording() {
    let folder = Folder::new();
    board(&folder);
    let mut record = folder.record_tree(&folder.file("root"));
    record.args(["-q", "--duration=200ms", "--output=log.ebl"]);
    let done = run(record.args(["--pss=exact", "--product=p", "--stage=s"]));
    assert_eq!(done.status, Some(0), "{}", done.err);
    let before = run(&mut folder.edgebench(["report", "log.ebl"]));
    let done = footprint(&folder, ["-o", "log.ebl", "--profile=k3s"]);
    assert_eq!(done.status, Some(0), "{}", done.err);
    let after = run(&mut folder.edgebench(["report", "log.ebl"]));
    assert_eq!(after.out, before.out, "report is about samples");
    let last = run(&mut folder.edgebench(["footprint", "log.ebl"]));
    assert!(last.out.contains(", read at 20"), "{}", last.out);
    let verified = run(&mut folder.edgebench(["log", "verify", "log.ebl"]));
    assert_eq!(verified.status, Some(0));
    assert!(
        verified.out.contains(" and 1 footprint in 2 runs\n"),
        "{}",
        verified.out
    );
    let info = run(&mut folder.edgebench(["log", "info", "log.ebl"]));
    assert!(info.out.contains("\nfootprints       1\n"), "{}", info.out);
}

#[test]
fn nothing_but_footprints_is_no_report() {
    let folder = Folder::new();
    board(&folder);
    footprint(&folder, ["-o", "log.ebl"]);
    let done = run(&mut folder.edgebench(["report", "log.ebl"]));
    assert_eq!(
        (done.status, done.err.as_str()),
        (
            Some(2),
            "edgebench-lite: log.ebl holds footprints and no samples: edgebench-lite footprint \
             shows them\n"
        )
    );
}

#[test]
fn rows_of_a_stored_footprint_stay_as_they_are() {
    let folder = Folder::new();
    board(&folder);
    footprint(&folder, ["-o", "log.ebl"]);
    for option in ["--profile=k3s", "--key=a=b", "--by=unit"] {
        let done = run(&mut folder.edgebench(["footprint", "log.ebl", option]));
        assert_eq!(done.status, Some(2), "{option}");
        assert_eq!(
            done.err,
            "edgebench-lite: log.ebl ends in a footprint, whose rows were chosen when it was \
             read: it takes no --profile, --key, --unit, --cgroup or --by\n"
        );
    }
    let json = run(&mut folder.edgebench(["footprint", "log.ebl", "--format=json"]));
    let json = json::parse(json.out.trim_end());
    assert_eq!(json.at("at_us"), &Value::Null);
    assert_eq!(json.at("source").text(), "log");
    assert_eq!(json.at("rows").items()[0].at("pss_kib").number(), 512);
}

#[test]
fn a_log_that_cannot_be_written_is_told_of_before_anything_is_read() {
    let folder = Folder::new();
    folder.write("other", "no log");
    machine(&folder, MEMINFO);
    let done = footprint(&folder, ["-o", "other"]);
    assert_eq!((done.status, done.out.as_str()), (Some(2), ""));
    assert_eq!(
        done.err,
        "edgebench-lite: other exists and is not an edgebench-lite log: not overwritten\n"
    );
    let done = footprint(&folder, ["-o", "nowhere/log.ebl"]);
    assert_eq!(done.status, Some(2));
    assert_eq!(
        done.err,
        "edgebench-lite: cannot write nowhere/log.ebl: No such file or directory\n"
    );
}

/// /dev/full takes nothing; the table is shown all the same.
#[test]
fn a_full_disk_does_not_take_the_figures_away() {
    let folder = Folder::new();
    board(&folder);
    // A limit of 0 bytes for files is as a full disk; pipes have none.
    let script =
        format!("trap '' XFSZ; ulimit -f 0; exec {BINARY} --proc-root root footprint -o log.ebl");
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &script]).current_dir(folder.path());
    let done = run(&mut command);
    assert_eq!(done.status, Some(2), "{done:?}");
    assert_eq!(line(&done.out, "k3s-server (5, 6)")[0], "0.5");
    assert_eq!(
        done.err,
        "edgebench-lite: cannot write log.ebl: File too large\n"
    );
}

#[test]
fn with_watch_each_look_is_kept() {
    let folder = Folder::new();
    board(&folder);
    let mut command = folder.edgebench(["--proc-root", "root", "footprint", "-o", "log.ebl"]);
    command.args(["--watch=100ms", "--profile=k3s"]);
    let mut running = Running::start(&folder, "watch", &mut command);
    until("two footprints", || {
        let found = run(&mut folder.edgebench(["log", "cat", "log.ebl"]));
        found.out.matches("\"record\":\"footprint\"").count() >= 2
    });
    running.signal("INT");
    assert_eq!(running.end().status, Some(0));
    let records = folder.cat("log.ebl");
    let looks = of_kind(&records, "footprint");
    assert_eq!(of_kind(&records, "header").len(), 1);
    assert_eq!(of_kind(&records, "footer").len(), 1);
    let times: Vec<u64> = looks.iter().map(|l| l.at("at_us").number()).collect();
    assert_eq!(times[0], 0);
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
    let first = run(&mut folder.edgebench(["footprint", "log.ebl", "--at=0"]));
    assert_eq!(first.status, Some(0));
}
