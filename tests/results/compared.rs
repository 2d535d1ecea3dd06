//! `compare`: the rows that no stage has.

use crate::json::parse;
use crate::support::Folder;
use crate::{answer, each_kind, made, of, only, said};
use edgebench_lite::results::{Kind, Verdict};

/// The cells of a row of the table.
fn cells(text: &str, label: &str) -> Vec<String> {
    let line = text
        .lines()
        .find(|line| line.trim_start().starts_with(label));
    let line = line.unwrap_or_else(|| panic!("{label}\n{text}"));
    let cells = line.trim().split("  ").map(str::trim);
    let cells = cells.filter(|cell| !cell.is_empty()).skip(1);
    cells.map(str::to_owned).collect()
}

#[test]
fn each_result_is_a_point() {
    let folder = Folder::new();
    // 24, 26 and 30 s: the median is 26, the range 24 to 30.
    for (run, seconds) in [(1, 26), (2, 24), (3, 30)] {
        let boot = of(Kind::BootCold, seconds * 1_000_000, "serial line");
        folder.write(&format!("izuma-{run}.ebl"), only(run, "izuma", &[boot]));
    }
    folder.write("k3s.ebl", only(4, "k3s", &each_kind()));
    let text = said(&folder, ["compare", "."]);
    let boot = cells(&text, "cold start");
    assert!(
        boot[0].starts_with("26.00 s (24.00 s to 30.00 s, n 3)"),
        "{text}"
    );
    assert!(boot[1].starts_with("38.12 s"), "{text}");
    let restart = cells(&text, "restart");
    assert!(restart[1].starts_with("2 min 8.00 s"), "{text}");
    assert!(
        cells(&text, "slowest")[1].starts_with("1 min 13.00 s"),
        "{text}"
    );
}

#[test]
fn a_run_of_results_is_in_no_stage() {
    let folder = Folder::new();
    for (run, product) in [(1, "izuma"), (2, "k3s")] {
        folder.write(&format!("{product}.ebl"), made(run, product, "edge").log());
    }
    let without = parse(said(&folder, ["compare", "--format", "json", "."]).trim_end());
    folder.write("results.ebl", only(4, "k3s", &each_kind()));
    let with = parse(said(&folder, ["compare", "--format", "json", "."]).trim_end());
    let names = |json: &crate::json::Value| -> Vec<String> {
        let kinds = ["warnings", "invalid", "notes"].iter();
        let remarks = kinds.flat_map(|kind| json.at(kind).items());
        remarks.map(|remark| remark.text().to_owned()).collect()
    };
    assert_eq!(names(&without), names(&with));
}

#[test]
fn what_was_typed_gives_way_and_is_told() {
    let folder = Folder::new();
    let yes = answer(Kind::IpChange, Verdict::Yes, &[]);
    folder.write("izuma.ebl", only(1, "izuma", &[yes]));
    folder.write("k3s.ebl", only(2, "k3s", &each_kind()));
    folder.write("by-hand.facts", "k3s boot-cold 40 s \"stopwatch\"\n");
    let text = said(&folder, ["compare", "--facts", "by-hand.facts", "."]);
    assert!(
        cells(&text, "cold start")[1].starts_with("38.12 s"),
        "{text}"
    );
    assert!(text.contains("40 s"), "what was typed is told\n{text}");
    let change = cells(&text, "survives IP address change");
    assert!(
        change[0].starts_with("yes") && change[1].starts_with("no"),
        "{text}"
    );
}
