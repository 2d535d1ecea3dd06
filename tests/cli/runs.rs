//! Short recordings, from their first sample to their footer.

use crate::skip::skipped;
use crate::support::{made_up, of_kind, run, so_far, until, Folder, Running};

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
fn an_existing_log_gets_another_run() {
    let folder = Folder::new();
    let mut ends = vec![0];
    for product in ["k3s", "izuma"] {
        let done = run(&mut folder.record(["--duration=100ms", "--product", product]));
        assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
        ends.push(std::fs::metadata(folder.file("log.ebl")).unwrap().len());
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
    // Each has its own header, and not that of the next.
    let sizes = info.lines().filter_map(|line| line.strip_prefix("size "));
    let sizes: Vec<u64> = sizes
        .map(|size| size.split_whitespace().next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(sizes, [ends[1], ends[2] - ends[1]]);
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
        return skipped("huge pages cannot be declined here");
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
        None => skipped("this kernel does not tell of huge pages"),
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
fn times_beyond_all_bounds_mean_for_ever() {
    let folder = Folder::new();
    let times = ["--duration", "213503d", "--sync", "213503d"];
    let mut recorder = Running::recorder(&folder, "record", &mut folder.record(times));
    recorder.signal("INT");
    let done = recorder.end();
    assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
    let records = folder.cat("log.ebl");
    assert_eq!(records.last().unwrap().at("end").text(), "signal");
}

/// A recording of a made-up machine whose /proc/stat was of no use for a while, and
/// what it had to say of that.
fn with_a_bad_stat(folder: &Folder) -> (Running, String, Vec<u8>) {
    let tree = made_up(folder, 3, 10);
    let stat = tree.join("proc/stat");
    let good = std::fs::read(&stat).unwrap();
    let mut command = folder.record_tree(&tree);
    command.args(["--duration=0", "--output=log.ebl", "--product=so-far"]);
    let recorder = Running::recorder(folder, "record", &mut command);
    // The recorder keeps it open.
    folder.write("root/proc/stat", "gone\n");
    recorder.until_it_says("sampling continues");
    let why = format!("{}:2: field `cpu` is missing", stat.display());
    (recorder, why, good)
}

#[test]
fn a_failed_read_is_a_missed_sample() {
    let folder = Folder::new();
    let (mut recorder, why, good) = with_a_bad_stat(&folder);
    folder.write("root/proc/stat", good);
    let said = |why| {
        format!("edgebench-lite: {why}; this deadline counts as missed, and sampling continues")
    };
    // Written out after 10 seconds.
    let before = std::fs::metadata(folder.file("log.ebl")).unwrap().len();
    until("it goes on", || {
        std::fs::metadata(folder.file("log.ebl")).unwrap().len() > before
    });
    recorder.signal("INT");
    let done = recorder.end();
    // Several where the test was too slow for two deadlines.
    let complaints = done.complaints();
    assert_eq!(complaints[0], said(&why), "{done:?}");
    assert_eq!(done.status, Some(0), "{done:?}");
    let records = folder.cat("log.ebl");
    let footer = records.last().unwrap();
    assert_eq!(footer.at("end").text(), "signal");
    let ticks = ticks(&records);
    assert_eq!(footer.at("samples").number(), ticks.len() as u64);
    let missed = footer.at("missed").number();
    assert!(missed >= 1);
    assert_eq!(ticks.len() as u64 + missed, ticks.last().unwrap() + 1);
    let verified = run(&mut folder.edgebench(["log", "verify", "log.ebl"]));
    assert_eq!(verified.status, Some(0), "{verified:?}");
}

#[test]
fn a_machine_that_can_no_longer_be_sampled_leaves_a_whole_log() {
    let folder = Folder::new();
    let (mut recorder, why, _) = with_a_bad_stat(&folder);
    recorder.signal("INT");
    let done = recorder.end();
    assert_eq!(done.status, Some(2), "{done:?}");
    assert!(done.complaints()[0].contains(&why), "{done:?}");
    assert!(done.out.contains("so-far"), "no summary: {done:?}");
    let records = folder.cat("log.ebl");
    let samples = of_kind(&records, "sample").len() as u64;
    let footer = records.last().unwrap();
    assert_eq!(footer.at("end").text(), "failure");
    assert_eq!(footer.at("samples").number(), samples);
    assert!(footer.at("missed").number() >= 1);
}

/// Stopped until long after its end, as on a machine that is too busy.
#[test]
fn no_deadline_behind_the_end_counts() {
    let folder = Folder::new();
    let mut command = folder.record(["--duration=1s"]);
    let mut recorder = Running::recorder(&folder, "record", &mut command);
    recorder.signal("STOP");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    recorder.signal("CONT");
    let done = recorder.end();
    assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
    let records = folder.cat("log.ebl");
    let footer = records.last().unwrap();
    assert_eq!(footer.at("end").text(), "duration");
    assert!(ticks(&records).iter().all(|&tick| tick <= 10));
    assert_eq!(crate::support::deadlines(&records), 11);
}

#[test]
fn redacted_command_lines_have_their_first_argument_alone() {
    let folder = Folder::new();
    let tree = made_up(&folder, 2, 10);
    folder.write("root/proc/2/cmdline", "a title of its own");
    for (redacts, first) in [
        (false, "/usr/bin/made-up\0--number\x001\0"),
        (true, "/usr/bin/made-up\0"),
    ] {
        let mut command = folder.record_tree(&tree);
        command.args(["--duration=100ms", "--output=log.ebl"]);
        command.args(redacts.then_some("--redact"));
        assert_eq!(run(&mut command).status, Some(0));
        let records = folder.cat("log.ebl");
        let identity = |at: usize| {
            let identity = of_kind(&records, "identity")[at];
            let is_cut = identity.at("cut") == &crate::json::Value::Truth(true);
            (identity.at("cmdline").text().to_owned(), is_cut)
        };
        assert_eq!(identity(0), (first.to_owned(), redacts));
        let title = "a title of its own".to_owned();
        assert_eq!(identity(1), (title, false), "it is one argument");
        std::fs::remove_file(folder.file("log.ebl")).unwrap();
    }
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
    let arguments = [
        "record", "--full", "-i", "100ms", "-d", "0", "--sync=0", "-o", "log.ebl",
    ];
    let mut command = folder.edgebench(arguments);
    let mut recorder = Running::recorder(&folder, "record", &mut command);
    until("three samples", || so_far(&folder.file("log.ebl")).0 >= 3);
    recorder.signal("TERM");
    let done = recorder.end();
    assert_eq!(done.status, Some(0), "{}", done.err);
    let told = |head: &str| done.out.lines().find(|line| line.starts_with(head));
    let spent = told("  recorder  ").unwrap();
    assert!(spent.contains(" % of one core, "), "{spent}");
    assert!(!spent.contains(" 0.0 KiB written"), "{spent}");
    let memory = told("            PSS ").unwrap();
    assert!(memory.contains(" open file"), "{memory}");
    assert!(!memory.contains("for 0 open files"), "{memory}");
    // CPU time from the first sample on: earlier use is not in it.
    let records = folder.cat("log.ebl");
    let samples = of_kind(&records, "sample");
    let account = |sample: &crate::json::Value| sample.at("recorder").at("cpu_us").number();
    let footer = of_kind(&records, "footer")[0].at("cpu_us").number();
    let (first, last) = (account(samples[0]), account(samples.last().unwrap()));
    // A busy machine may miss all deadlines but the first.
    assert!(
        first < footer && first <= last && last <= footer,
        "{first} {last} {footer}"
    );
    assert!(first < last || samples.len() == 1, "{first} {last}");
}

/// A mistyped stage is reported at the start; a stage of the user's own is accepted.
#[test]
fn a_mistyped_stage_is_told_at_once() {
    let folder = Folder::new();
    let told = |stage| run(&mut folder.record(["--duration=100ms", "--stage", stage])).err;
    assert_eq!(
        told("base"),
        "edgebench-lite: Unknown stage `base`: did you mean baseline?\n\
         edgebench-lite: recording into log.ebl\n"
    );
    assert_eq!(told("night"), "edgebench-lite: recording into log.ebl\n");
}
