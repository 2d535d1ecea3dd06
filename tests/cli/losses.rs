//! Every command says the same of what a log lacks, and counts a repeated part once.

#[path = "../support/log.rs"]
pub mod made;

use crate::json::{self, Value};
use crate::support::{run, Done, Folder};
use made::{board_that_says_missed, full_to_the_end, on_a_full_disk};

fn done(folder: &Folder, arguments: &[&str]) -> Done {
    run(&mut folder.edgebench(arguments.iter().copied()))
}

/// The run of a report in JSON.
fn reported(folder: &Folder, log: &str) -> Value {
    let done = done(folder, &["report", "--format", "json", log]);
    assert_eq!(done.status, Some(0), "{done:?}");
    let report = json::parse(done.out.trim_end());
    report.at("blocks").items()[0].at("runs").items()[0].clone()
}

/// `verify` prints `verified`, then the losses in the words of `info` and `report`.
fn assert_told_by_all(folder: &Folder, verified: &str, lost: &str, end: &str) {
    let done = done_all(folder);
    let expected = format!("log.ebl: {verified}; {lost}{end}\n");
    assert_eq!((done[0].status, &done[0].out), (Some(1), &expected));
    let info = &done[1].out;
    assert!(
        info.contains(&format!("\nlosses           {lost}\n")),
        "{info}"
    );
    let report = &done[2].out;
    assert!(report.contains(&format!("caution: {lost}.\n")), "{report}");
}

fn done_all(folder: &Folder) -> [Done; 3] {
    let all: [&[&str]; 3] = [&["log", "verify"], &["log", "info"], &["report"]];
    all.map(|command| done(folder, &[command, &["log.ebl"]].concat()))
}

#[test]
fn a_full_disk_is_one_count_and_one_cause() {
    let folder = Folder::new();
    folder.write("log.ebl", on_a_full_disk(true).bytes);
    assert_told_by_all(
        &folder,
        "incomplete: 15 samples in 1 run",
        "200 samples could not be written: the disk was full",
        "; the last run has no end: cut off, or still being recorded",
    );
    let run = reported(&folder, "log.ebl");
    let quality = run.at("machine").at("quality");
    for (name, value) in [
        ("lost_samples", 200),
        ("unwritten_samples", 200),
        ("write_errno", 28),
        ("damaged_places", 0),
    ] {
        assert_eq!(quality.at(name).number(), value, "{name}");
    }
}

#[test]
fn a_disk_that_stays_full_is_one_count_and_one_cause() {
    let folder = Folder::new();
    folder.write("log.ebl", full_to_the_end().0.bytes);
    assert_told_by_all(
        &folder,
        "incomplete: 70 samples in 1 run",
        "12 samples could not be written: the disk was full",
        "",
    );
    let footer = folder.cat("log.ebl").pop().unwrap();
    assert_eq!(footer.at("end").text(), "unwritten");
    for (name, value) in [("unwritten", 12), ("write_errno", 28), ("samples", 82)] {
        assert_eq!(footer.at(name).number(), value, "{name}");
    }
}

#[test]
fn a_missing_frame_is_told_by_all() {
    let folder = Folder::new();
    let mut log = board_that_says_missed(7, 130, 12);
    log.true_footer();
    let truth = log.truth;
    let last = truth.frames[truth.frames.len() - 2].range.clone();
    let bytes = [&truth.bytes[..last.start], &truth.bytes[last.end..]].concat();
    folder.write("log.ebl", bytes);
    assert_told_by_all(
        &folder,
        "incomplete: 129 samples and 2 footprints in 1 run",
        "1 sample was lost: the log has a gap",
        "",
    );
}

#[test]
fn a_copy_counts_once() {
    let folder = Folder::new();
    let mut log = board_that_says_missed(7, 130, 12);
    log.true_footer();
    let whole = log.truth.bytes;
    folder.write("log.ebl", &whole);
    folder.write("twice.ebl", [&whole[..], &whole].concat());
    let once = reported(&folder, "log.ebl");
    let twice = reported(&folder, "twice.ebl");
    assert_eq!(once.at("samples").number(), 130);
    for figures in ["samples", "duration_us", "by_memory", "by_cpu"] {
        assert_eq!(twice.at(figures), once.at(figures), "{figures}");
    }
    // 130 samples and two footprints.
    let told = "132 repeated samples left out: the log contains a copy of a part of itself";
    let verified = done(&folder, &["log", "verify", "twice.ebl"]);
    let expected = format!("twice.ebl: damaged: 130 samples and 2 footprints in 1 run; {told}\n");
    assert_eq!((verified.status, verified.out), (Some(1), expected));

    // A copy after another run is still a copy, and nothing is lost.
    let mut other = board_that_says_missed(8, 130, 12);
    other.true_footer();
    let other = other.truth.bytes;
    folder.write("between.ebl", [&whole[..], &other, &whole].concat());
    let verified = done(&folder, &["log", "verify", "between.ebl"]);
    let expected =
        format!("between.ebl: damaged: 260 samples and 4 footprints in 2 runs; {told}\n");
    assert_eq!((verified.status, verified.out), (Some(1), expected));
    let report = done(&folder, &["report", "between.ebl"]);
    assert_eq!((report.status, report.err.as_str()), (Some(0), ""));
    assert_eq!(report.out.matches("repeated samples left out").count(), 1);
    assert!(!report.out.contains(" lost"), "{}", report.out);

    // FILE.old is a backup of FILE, and then a hard link to it.
    let alone = done(&folder, &["report", "log.ebl"]);
    assert_eq!((alone.status, alone.err.as_str()), (Some(0), ""));
    let left_out =
        "edgebench-lite: left out: log.ebl.old is a copy of log.ebl, or of a part of it\n";
    let half = &whole[..whole.len() / 2];
    for copy in [&whole[..], half] {
        folder.write("log.ebl.old", copy);
        let beside = done(&folder, &["report", "log.ebl"]);
        assert_eq!((beside.status, beside.err.as_str()), (Some(0), left_out));
        assert_eq!(beside.out, alone.out);
        std::fs::remove_file(folder.file("log.ebl.old")).unwrap();
    }
    std::fs::hard_link(folder.file("log.ebl"), folder.file("log.ebl.old")).unwrap();
    let beside = done(&folder, &["report", "log.ebl"]);
    assert_eq!((beside.status, beside.err.as_str()), (Some(0), left_out));
    assert_eq!(beside.out, alone.out);
}

/// As of the newer segment of a log whose size is limited.
#[test]
fn a_log_without_its_beginning_is_no_longer_than_it_is() {
    let folder = Folder::new();
    let mut log = board_that_says_missed(7, 130, 12);
    log.true_footer();
    let truth = log.truth;
    let mut frames = truth.frames.iter();
    let is_late =
        |what| matches!(what, made::What::Part { key: true, first: true, tick, .. } if tick > 60);
    let late = frames.find(|frame| is_late(frame.what)).unwrap();
    let header = truth.frames[0].range.clone();
    let bytes = [&truth.bytes[header], &truth.bytes[late.range.start..]].concat();
    folder.write("log.ebl", bytes);
    let records = folder.cat("log.ebl");
    let ticks = records
        .iter()
        .filter(|of| of.at("record").text() == "sample");
    let ticks: Vec<u64> = ticks.map(|of| of.at("tick").number()).collect();
    let (first, last) = (ticks[0], ticks[ticks.len() - 1]);
    assert!(first > 60, "{first}");
    let info = done(&folder, &["log", "info", "log.ebl"]).out;
    let told = format!("{} over {}.0 s", ticks.len(), last - first);
    assert!(info.contains(&told), "{told}: {info}");
}

#[test]
fn a_file_that_is_no_log_does_not_hide_those_behind_it() {
    let folder = Folder::new();
    let mut log = board_that_says_missed(7, 130, 12);
    log.true_footer();
    let whole = log.truth.bytes;
    folder.write("a.ebl", &whole);
    folder.write("b.ebl", "no log");
    folder.write("c.ebl", &whole[..whole.len() - 5]);
    let all = done(
        &folder,
        &["log", "verify", "a.ebl", "b.ebl", "missing.ebl", "c.ebl"],
    );
    assert_eq!(all.status, Some(2));
    assert!(all.out.starts_with("a.ebl: whole"), "{}", all.out);
    assert!(all.out.contains("\nc.ebl: damaged"), "{}", all.out);
    let told = "edgebench-lite: b.ebl is not an edgebench-lite log\n\
                edgebench-lite: cannot read missing.ebl: No such file or directory\n";
    assert_eq!(all.err, told);
    let damaged = done(&folder, &["log", "verify", "c.ebl", "a.ebl"]);
    assert_eq!((damaged.status, damaged.err.as_str()), (Some(1), ""));
}
