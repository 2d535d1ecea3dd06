//! `compare`: the rows that no stage has.

use crate::json::{parse, Value};
use crate::support::Folder;
use crate::{among, answer, each_kind, header_of, made, of, only, said, with_header};
use edgebench_lite::log::record::PssMode;
use edgebench_lite::log::result::ResultPart;
use edgebench_lite::results::{CommandRun, Kind, Measurement, Outcome, Verdict};

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

/// A run of results: so many seconds for each probe, 0 for one that failed.
fn probed(run: u32, product: &'static str, seconds: &[u64]) -> Vec<u8> {
    let probe = |&seconds: &u64| Measurement {
        command: Some(CommandRun {
            outcome: Some(Outcome::Status(u8::from(seconds == 0))),
            ..CommandRun::default()
        }),
        ..of(Kind::Probe, seconds * 1_000_000, "kubectl get nodes")
    };
    only(run, product, &seconds.iter().map(probe).collect::<Vec<_>>())
}

#[test]
fn of_each_run_the_fastest_the_median_and_the_slowest() {
    let folder = Folder::new();
    // Medians 3 and 4.5 s: 3.75 s; the failed ones are in none.
    folder.write("izuma-1.ebl", probed(1, "izuma", &[4, 0, 2, 3]));
    folder.write("izuma-2.ebl", probed(2, "izuma", &[1, 4, 5, 9]));
    folder.write("k3s-1.ebl", probed(3, "k3s", &[60; 8]));
    folder.write("k3s-2.ebl", probed(4, "k3s", &[0, 0]));
    let text = said(&folder, ["compare", "."]);
    for (label, izuma) in [
        ("fastest", "1.50 s (1.00 s to 2.00 s, n 2)"),
        ("median ", "3.75 s (3.00 s to 4.50 s, n 2)"),
        ("slowest", "6.50 s (4.00 s to 9.00 s, n 2)"),
    ] {
        let of_api = text.split("API response time").nth(1).unwrap();
        let cells = cells(of_api, label);
        assert!(cells[0].starts_with(izuma), "{text}");
        assert!(cells[1].starts_with("1 min 0.00 s"), "{text}");
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for remark in [
        "Runs differ in their number of probes, from 3 (izuma) to 8 (k3s)",
        "Every probe failed in a run of k3s (./k3s-2.ebl)",
    ] {
        assert!(text.contains(remark), "{text}");
    }
    assert!(!text.contains("another machine"), "{text}");
}

#[test]
fn the_median_alone_is_tested_and_half_as_many_are_told() {
    let folder = Folder::new();
    for run in 0..5 {
        let k3s = probed(run + 1, "k3s", &[60, 70, 80]);
        folder.write(&format!("k3s-{run}.ebl"), k3s);
        let izuma = probed(run + 11, "izuma", &[1, 2, 3, 4, 5]);
        folder.write(&format!("izuma-{run}.ebl"), izuma);
    }
    let json = parse(said(&folder, ["compare", "--format", "json", "."]).trim_end());
    let rows = json.at("rows").items().iter();
    let rows = rows.filter(|row| row.at("row").text() == "api_time");
    let tests: Vec<_> = rows
        .map(|row| {
            let test = row.at("against").items()[0].at("test");
            (row.at("statistic").text(), *test != Value::Null)
        })
        .collect();
    assert_eq!(tests, [("min", false), ("median", true), ("max", false)]);
    let told = json.at("warnings").items().iter();
    assert_eq!(told.filter(|of| of.text().contains("probes")).count(), 0);
}

#[test]
fn a_probe_on_another_machine_is_told() {
    let folder = Folder::new();
    let mut board = made(1, "k3s", "edge");
    board.header.host = "pi-2";
    folder.write("board.ebl", board.log());
    folder.write("laptop.ebl", probed(2, "k3s", &[1, 2]));
    let text = said(&folder, ["compare", "."]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = "The probe of k3s ran on another machine than its other runs (./laptop.ebl)";
    assert!(text.contains(told), "{text}");
}

/// The header of a log of `boot watch` is that of the desk, which is none of the boards.
#[test]
fn the_host_that_times_a_board_is_none_of_the_boards() {
    let folder = Folder::new();
    folder.write("a.ebl", probed(1, "k3s", &[1, 2]));
    folder.write("b.ebl", made(2, "izuma", "edge").log());
    let mut desk = header_of(3, "k3s");
    (desk.host, desk.board, desk.machine) = ("desk", "", "x86_64");
    (desk.release, desk.swap_total_kib, desk.mem_total_kib) = ("7.1.0", 8 << 20, 32 << 20);
    let watched = of(
        Kind::BootCold,
        38_000_000,
        "serial line, power-on, +-0.01 s",
    );
    folder.write("desk.ebl", with_header(desk, &[watched]));
    let told = said(&folder, ["compare", "."]);
    assert!(told.contains("38.00 s"), "{told}");
    for wrong in ["invalid", "Different", "another machine", "swap"] {
        assert!(!told.contains(wrong), "{wrong}: {told}");
    }
}

/// Its header says that no PSS was recorded, and it takes no root to test a firewall.
#[test]
fn a_run_of_results_measures_no_pss_and_sees_no_process() {
    let folder = Folder::new();
    folder.write("a.ebl", made(1, "k3s", "edge").log());
    folder.write("b.ebl", made(2, "izuma", "edge").log());
    let mut header = header_of(3, "k3s");
    (header.pss, header.euid) = (PssMode::Off, 1000);
    let verdict = answer(Kind::SimpleFirewall, Verdict::Yes, &[]);
    folder.write("c.ebl", with_header(header, &[verdict]));
    let text = said(&folder, ["compare", "."]);
    assert!(!text.contains("caution"), "{text}");
}

#[test]
fn what_a_newer_version_recorded_is_told_once() {
    let folder = Folder::new();
    let later = ResultPart {
        at_us: 0,
        kind: 8,
        part: 0,
        parts: 1,
        verdict: 0,
        value: 1,
        entries: Vec::new(),
    };
    for (run, product) in [(1, "izuma"), (2, "k3s")] {
        let log = among(
            &made(run, product, "edge").log(),
            run,
            3,
            std::slice::from_ref(&later),
        );
        folder.write(&format!("{product}.ebl"), log);
    }
    let text = said(&folder, ["compare", "."]);
    let told = "k3s: 1 item recorded by a newer version of edgebench-lite, not compared.";
    assert_eq!(text.matches(told).count(), 1, "{text}");
    assert_eq!(text.matches("newer version").count(), 2, "{text}");
}

/// An agent dials out, a server has to be reached: their crosses are two tests'.
#[test]
fn different_roles_behind_a_firewall() {
    let folder = Folder::new();
    let tested = |role: &str, kind: Kind, verdict: Verdict| Measurement {
        source: format!("{role}, class simple, asked 203.0.113.7"),
        ..answer(kind, verdict, &[])
    };
    let agent = tested("agent", Kind::SimpleFirewall, Verdict::Yes);
    folder.write("izuma.ebl", only(1, "izuma", std::slice::from_ref(&agent)));
    folder.write("k3s.ebl", only(2, "k3s", &[agent]));
    let warned = "Behind a firewall, different roles: ";
    assert!(!said(&folder, ["compare", "."]).contains(warned));
    // What was not measured was no test.
    let open = tested("server", Kind::SimpleFirewall, Verdict::NotMeasured);
    folder.write("open.ebl", only(3, "k3s", &[open]));
    assert!(!said(&folder, ["compare", "."]).contains(warned));
    let server = tested("server", Kind::ComplexFirewall, Verdict::No);
    folder.write("server.ebl", only(4, "k3s", &[server]));
    let text = said(&folder, ["compare", "--format", "markdown", "."]);
    let whole = "Behind a firewall, different roles: izuma, k3s as agent, which dials out; k3s as \
                 server, which has to be reached.";
    assert!(text.contains(whole), "{text}");
}
