//! Short recordings, from their first sample to their footer.

use crate::support::{made_up, of_kind, run, Folder, Running};

fn ticks(records: &[crate::json::Value]) -> Vec<u64> {
    let samples = of_kind(records, "sample");
    samples.iter().map(|s| s.at("tick").number()).collect()
}

/// Every tick from 0 to `last` was sampled; on a machine that was too busy for it,
/// all but those that the footer counts.
fn sampled(records: &[crate::json::Value], last: u64) {
    let ticks = ticks(records);
    let footer = of_kind(records, "footer")[0];
    let missed = footer.at("missed").number();
    if missed == 0 {
        assert_eq!(ticks, (0..=last).collect::<Vec<_>>());
    } else {
        eprintln!("{missed} of {} samples missed: a busy machine", last + 1);
        assert!(ticks.windows(2).all(|pair| pair[0] < pair[1]), "{ticks:?}");
        assert!(ticks.len() as u64 + missed > last, "{ticks:?}");
    }
    assert_eq!(footer.at("samples").number(), ticks.len() as u64);
}

#[test]
fn a_second_has_eleven_samples() {
    let folder = Folder::new();
    let done = run(&mut folder.record(["--duration", "1s"]));
    assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
    assert_eq!(done.err, "edgebench-lite: recording into log.ebl\n");
    let records = folder.cat("log.ebl");
    sampled(&records, 10);
    let header = &records[0];
    assert_eq!(header.at("record").text(), "header");
    assert_eq!(header.at("interval_us").number(), 100_000);
    assert_eq!(header.at("product").text(), "unnamed");
    let footer = records.last().unwrap();
    assert_eq!(footer.at("record").text(), "footer");
    assert_eq!(footer.at("end").text(), "duration");
    assert!(footer.at("cpu_us").number() > 0);
    let done = run(&mut folder.edgebench(["log", "verify", "log.ebl"]));
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
}

#[test]
fn a_duration_between_two_deadlines_ends_with_the_first() {
    let folder = Folder::new();
    let done = run(&mut folder.record(["--duration", "250ms"]));
    assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
    sampled(&folder.cat("log.ebl"), 2);
}

#[test]
fn a_log_that_is_there_gets_another_run() {
    let folder = Folder::new();
    for product in ["k3s", "izuma"] {
        let done = run(&mut folder.record(["--duration=100ms", "--product", product]));
        assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
    }
    let records = folder.cat("log.ebl");
    let headers = of_kind(&records, "header");
    let products: Vec<_> = headers.iter().map(|h| h.at("product").text()).collect();
    assert_eq!(products, ["k3s", "izuma"]);
    assert_ne!(headers[0].at("run"), headers[1].at("run"));
    assert_eq!(of_kind(&records, "footer").len(), 2);
    let done = run(&mut folder.edgebench(["log", "verify", "log.ebl"]));
    assert_eq!(done.status, Some(0));
    assert!(done.out.ends_with(" in 2 runs\n"), "{}", done.out);
    let info = run(&mut folder.edgebench(["log", "info", "log.ebl"])).out;
    for product in ["k3s", "izuma"] {
        assert!(
            info.contains(&format!("product          {product}\n")),
            "{info}"
        );
    }
}

#[test]
fn a_second_recorder_on_the_same_file_is_refused() {
    let folder = Folder::new();
    let mut first = Running::recorder(&folder, "first", &mut folder.record(["--duration=0"]));
    let done = run(&mut folder.record(["--duration=1s"]));
    assert_eq!(done.status, Some(2));
    assert_eq!(done.out, "");
    assert_eq!(
        done.err,
        "edgebench-lite: another recorder is writing to log.ebl\n"
    );
    first.signal("INT");
    assert_eq!(first.end().status, Some(0));
    let records = folder.cat("log.ebl");
    assert_eq!(
        of_kind(&records, "header").len(),
        1,
        "the first is undisturbed"
    );
    assert_eq!(of_kind(&records, "footer").len(), 1);
}

#[test]
fn a_log_can_be_read_while_it_is_recorded() {
    let folder = Folder::new();
    let mut recorder = Running::recorder(&folder, "record", &mut folder.record(["--duration=0"]));
    let done = run(&mut folder.edgebench(["log", "verify", "log.ebl"]));
    assert_eq!(done.status, Some(0));
    assert!(done
        .out
        .ends_with("; the last run has no end: cut off, or still being recorded\n"));
    recorder.signal("TERM");
    assert_eq!(recorder.end().status, Some(0));
}

/// proc_pid_status(5): THP_enabled, since Linux 5.0.
#[test]
fn it_takes_no_huge_pages() {
    if nix::sys::prctl::set_thp_disable(true).is_err() {
        eprintln!("skipped: huge pages cannot be declined here");
        return;
    }
    nix::sys::prctl::set_thp_disable(false).unwrap();
    let folder = Folder::new();
    let mut recorder = Running::recorder(&folder, "record", &mut folder.record(["--duration=0"]));
    let status = std::fs::read_to_string(format!("/proc/{}/status", recorder.pid())).unwrap();
    recorder.signal("TERM");
    assert_eq!(recorder.end().status, Some(0));
    match status
        .lines()
        .find_map(|line| line.strip_prefix("THP_enabled:"))
    {
        Some(enabled) => assert_eq!(enabled.trim(), "0"),
        None => eprintln!("skipped: this kernel does not tell"),
    }
}

#[test]
fn quiet_prints_nothing_on_stdout() {
    let folder = Folder::new();
    let done = run(&mut folder.record(["--duration=100ms", "--quiet"]));
    assert_eq!((done.status, done.out.as_str()), (Some(0), ""));
}

#[test]
fn the_summary_is_printed() {
    let folder = Folder::new();
    let done = run(&mut folder.record(["--duration=300ms", "--product", "k3s-by-name"]));
    assert_eq!(done.status, Some(0));
    assert!(done.out.contains("k3s-by-name"), "{}", done.out);
}

#[test]
fn times_beyond_all_bounds_are_as_good_as_for_ever() {
    let folder = Folder::new();
    let times = ["--duration", "213503d", "--sync", "213503d"];
    let mut recorder = Running::recorder(&folder, "record", &mut folder.record(times));
    recorder.signal("INT");
    let done = recorder.end();
    assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
    let records = folder.cat("log.ebl");
    assert_eq!(records.last().unwrap().at("end").text(), "signal");
}

#[test]
fn a_machine_that_can_be_sampled_no_more_ends_it_with_what_there_is() {
    let folder = Folder::new();
    let tree = made_up(&folder, 3, 10);
    let mut command = folder.record_tree(&tree);
    command.args(["--duration=0", "--output=log.ebl", "--product=so-far"]);
    let mut recorder = Running::recorder(&folder, "record", &mut command);
    folder.write("root/proc/stat", "gone\n");
    let done = recorder.end();
    assert_eq!(done.status, Some(2), "{done:?}");
    let stat = tree.join("proc/stat");
    let why = format!(
        "edgebench-lite: {}:2: field `cpu` is missing",
        stat.display()
    );
    assert_eq!(done.complaints(), [why]);
    assert!(done.out.contains("so-far"), "no summary: {done:?}");
    let records = folder.cat("log.ebl");
    let samples = of_kind(&records, "sample").len() as u64;
    let footer = records.last().unwrap();
    assert_eq!(footer.at("end").text(), "failure");
    assert_eq!(footer.at("samples").number(), samples);
}

#[test]
fn a_machine_that_cannot_be_sampled_at_all_leaves_no_log_behind() {
    let folder = Folder::new();
    let tree = made_up(&folder, 3, 10);
    folder.write("root/proc/stat", "no stat\n");
    let mut command = folder.record_tree(&tree);
    let done = run(command.args(["--duration=1s", "--output=log.ebl"]));
    assert_eq!((done.status, done.out.as_str()), (Some(2), ""));
    let stat = tree.join("proc/stat");
    let why = format!(
        "edgebench-lite: {}:2: field `cpu` is missing\n",
        stat.display()
    );
    assert_eq!(done.err, why);
    assert!(!folder.file("log.ebl").exists());
}

/// Shorter than the ten seconds after which the recorder looks at itself again.
#[test]
fn a_short_run_tells_what_the_recorder_took() {
    let folder = Folder::new();
    let arguments = ["record", "-i", "100ms", "-d", "300ms", "-o", "log.ebl"];
    let done = run(&mut folder.edgebench(arguments));
    assert_eq!(done.status, Some(0), "{}", done.err);
    let told = |head: &str| done.out.lines().find(|line| line.starts_with(head));
    let spent = told("  recorder  ").unwrap();
    assert!(spent.contains(" % of one core, "), "{spent}");
    assert!(!spent.contains(" 0.0 KiB written"), "{spent}");
    let memory = told("            PSS ").unwrap();
    assert!(memory.contains(" open file"), "{memory}");
    assert!(!memory.contains("for 0 open files"), "{memory}");
    // Of the CPU time from the first sample on: what was used before that is not in it.
    let records = folder.cat("log.ebl");
    let samples = of_kind(&records, "sample");
    let account = |sample: &crate::json::Value| sample.at("recorder").at("cpu_us").number();
    let footer = of_kind(&records, "footer")[0].at("cpu_us").number();
    let last = account(samples.last().unwrap());
    assert!(
        account(samples[0]) < last && last <= footer,
        "{last} {footer}"
    );
}
