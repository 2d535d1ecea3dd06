//! The end of a recording, on one screen.

use crate::support::{of_kind, run, Folder};
use crate::width::on_terminal;

/// A screen of 24 lines, of which the prompt takes one.
const LINES: usize = 23;

/// The stage is mistyped, of which stderr tells at once.
const MISTYPED: [&str; 3] = ["--duration=1s", "--product=k3s", "--stage=egde"];

fn ended(more: &[&str]) -> (String, String) {
    let folder = Folder::new();
    let mut command = folder.record(MISTYPED);
    let done = run(command.args(more).env("COLUMNS", "80").env("LC_ALL", "C"));
    assert_eq!(done.status, Some(0), "{}", done.err);
    (done.out, done.err)
}

#[test]
fn a_recording_ends_with_one_screen() {
    let (text, told) = ended(&[]);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() <= LINES, "{text}");
    assert!(lines.iter().all(|line| line.len() <= 80), "{text}");
    assert!(lines[0].starts_with("product k3s, stage egde: "), "{text}");
    assert_eq!(lines[1], "  log       log.ebl");
    let begin = |with: &str| lines.iter().position(|line| line.starts_with(with));
    let places = [
        "  memory in use, MiB",
        "  most memory (",
        "  most CPU (% of one core)",
        "caution: The run is short",
        "  recorder  ",
        "  all of it edgebench-lite report log.ebl --export report.html",
    ]
    .map(|with| begin(with).unwrap_or_else(|| panic!("no {with}: {text}")));
    assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "{text}");
    assert_eq!(places[5] + 1, lines.len());
    let mistyped = "Unknown stage `egde`: did you mean edge?";
    assert!(
        told.contains("nknown stage `egde`: did you mean edge?"),
        "{told}"
    );
    assert!(!text.contains(mistyped), "{text}");
}

#[test]
fn the_whole_report_is_printed_where_it_is_asked_for() {
    let (text, _) = ended(&["--full"]);
    for part in [
        "\nThe whole machine\n",
        "\nTop 10 processes by memory (",
        "caution: Unknown stage `egde`: did you mean edge?\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn what_is_written_is_said_to_who_looks_on() {
    let folder = Folder::new();
    let record = "record --duration=200ms --interval=100ms -o log.ebl";
    let is_said = |command: &str, said: &str| {
        let lines = on_terminal(80, &mut folder.edgebench(command.split(' ')));
        lines
            .iter()
            .any(|line| line.trim_start_matches(['\r', '\x1b', '[', 'J']) == said)
    };
    let appending = "edgebench-lite: appending to log.ebl";
    assert!(!is_said(record, appending));
    assert!(is_said(record, appending));
    assert!(!is_said(&format!("{record} -q"), appending));
    assert!(is_said(
        "report log.ebl --export r.json",
        "edgebench-lite: wrote r.json"
    ));
    // A script has asked for it, and hears of what goes wrong.
    let done = run(&mut folder.edgebench(["report", "log.ebl", "--export", "r.json"]));
    assert_eq!((done.status, &*done.err), (Some(0), ""));
}

#[test]
fn a_moment_beyond_the_end_is_told() {
    let folder = Folder::new();
    let done = run(folder.record(["--duration=200ms"]).arg("-q"));
    assert_eq!(done.status, Some(0), "{}", done.err);
    let said = "edgebench-lite: --at is beyond the end of log.ebl: its last moment is shown\n";
    // A busy machine has no sample at the end.
    let records = folder.cat("log.ebl");
    let last = of_kind(&records, "sample").last().unwrap().at("tick");
    let last = format!("{}ms", last.number() * 100);
    for (at, is_beyond) in [("0", false), (&*last, false), ("1h", true)] {
        let mut command = folder.edgebench(["footprint", "log.ebl", "--at", at]);
        let err = run(&mut command).err;
        assert_eq!(err.contains(said), is_beyond, "{at}: {err}");
    }
}
