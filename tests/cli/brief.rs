//! The end of a recording, on one screen.

use crate::support::{run, Folder};

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
        "  most memory (PSS, MiB)",
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
        "\nTop 10 processes by memory (PSS)\n",
        "caution: Unknown stage `egde`: did you mean edge?\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
