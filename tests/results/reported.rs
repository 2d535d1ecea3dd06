//! `report`, in every form.

use crate::json::{parse, Value};
use crate::support::Folder;
use crate::{among, each_kind, header_of, made, of, only, said, with_header};
use edgebench_lite::log::result::ResultPart;
use edgebench_lite::results::{parts, CommandRun, Kind, Measurement, Outcome};

/// Its lines, with one blank between two words.
fn words(text: &str) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(words).collect()
}

/// The screen that a report ends with has the figures of its table: of four probes the
/// median is halfway between the second and the third.
#[test]
fn a_probe_is_the_same_on_the_screen_and_in_its_table() {
    let folder = Folder::new();
    let results: Vec<_> = [4_000_000, 1_000_000, 9_000_000, 2_000_000]
        .iter()
        .flat_map(|&us| parts(&of(Kind::Probe, us, "kubectl get nodes")))
        .collect();
    folder.write(
        "a.ebl",
        among(&made(1, "k3s", "edge").log(), 1, 3, &results),
    );
    let text = said(&folder, ["report", "a.ebl"]);
    for line in [
        "time 1.00 3.00 9.00 9.00",
        "probe 4 runs: fastest 1 s, median 3 s, slowest 9 s",
    ] {
        assert!(words(&text).iter().any(|of| of == line), "{line}\n{text}");
    }
}

#[test]
fn results_alone_are_a_report() {
    let folder = Folder::new();
    folder.write("a.ebl", only(1, "k3s", &each_kind()));
    let text = said(&folder, ["report", "a.ebl"]);
    for line in [
        "Boot, cold              38.12 s       serial line",
        "Restart                 128.00 s      serial line, restart",
        "New IP address          no, 12.34 s   survive",
        "Simple firewall         yes           survive",
        "Complex firewall        not measured  the peer was not reached",
        // 36.925 is halfway between 0.85 and 73.
        "time                    0.85 36.93 73.00 73.00",
        "CPU time, its children included 2.50 2.50 2.50 2.50",
        "2 runs of kubectl get nodes",
        "the first run, which pays for cold caches, took 73.00 s",
        "2 times no run was started, for the last still ran",
        "Containers              12 containers MemAvailable below the reserve",
        "firmware                2.50 s        =  stc 2498061",
        "shutdown                not known     no synchronised clock at both ends",
        "k3s: no such interface",
    ] {
        assert!(words(&text).contains(&words(line)[0]), "{line}\n{text}");
    }
}

/// Those of another machine are not told as measured on the first.
#[test]
fn of_results_of_several_runs_only_what_is_the_same_is_told() {
    let folder = Folder::new();
    folder.write("a.ebl", only(1, "k3s", &each_kind()[..1]));
    let mut other = header_of(2, "k3s");
    folder.write("b.ebl", with_header(other.clone(), &each_kind()[..1]));
    let text = said(&folder, ["report", "a.ebl", "b.ebl"]);
    assert!(text.contains("  host      pi\n"), "{text}");
    assert!(!text.contains("  start"), "{text}");
    other.host = "other";
    folder.write("b.ebl", with_header(other, &each_kind()[..1]));
    let text = said(&folder, ["report", "a.ebl", "b.ebl"]);
    assert!(!text.contains("  host"), "{text}");
    assert_eq!(text.matches("38.12 s").count(), 2, "{text}");
}

#[test]
fn markdown_and_pages_have_the_same() {
    let folder = Folder::new();
    folder.write("a.ebl", only(1, "k3s", &each_kind()));
    let markdown = said(&folder, ["report", "--format", "markdown", "a.ebl"]);
    assert!(
        markdown.contains("| Boot, cold | 38.12 s | serial line |"),
        "{markdown}"
    );
    // 8.62 s of 38.12 s are known: from 29.50 s, in the column of 15 * 29.50 / 38.12.
    let picture = "\u{2591}".repeat(12) + &"\u{2588}".repeat(3) + "\u{2591}";
    let row = format!("| kernel | 6.12 s | {picture} | printk stamp |");
    assert!(markdown.contains(&row), "{markdown}");
    let page = said(&folder, ["report", "--format", "html", "a.ebl"]);
    for text in [
        &*picture,
        "Boot, cold",
        "38.12 s",
        "k3s: no such interface",
        "the peer was not reached",
    ] {
        assert!(page.contains(text), "{text}\n{page}");
    }
}

#[test]
fn programs_read_the_same() {
    let folder = Folder::new();
    folder.write("a.ebl", only(1, "k3s", &each_kind()));
    let json = parse(said(&folder, ["report", "--format", "json", "a.ebl"]).trim_end());
    let block = &json.at("blocks").items()[0];
    assert!(block.at("runs").items().is_empty());
    let results = block.at("results").items();
    assert_eq!(results.len(), 8);
    assert_eq!(results[0].at("name").text(), "boot-cold");
    assert_eq!(results[0].at("value_us").number(), 38_123_456);
    assert_eq!(results[0].at("verdict"), &Value::Null);
    assert_eq!(results[2].at("verdict").text(), "no");
    assert_eq!(results[2].at("evidence").items().len(), 2);
    assert_eq!(results[4].at("value"), &Value::Null);
    assert_eq!(results[7].at("containers").number(), 12);
    let first = &results[5];
    assert_eq!(first.at("outcome").text(), "status 0");
    assert_eq!(first.at("cpu_us").number(), 2_500_000);
    assert_eq!(
        (first.at("first"), first.at("missed").number()),
        (&Value::Truth(true), 2)
    );
    let csv = said(&folder, ["report", "--format", "csv", "a.ebl"]);
    for line in [
        "k3s,edge,,pi,2026-11-22 12:37:11,results,boot-cold,,value_us,,38123456",
        "k3s,edge,,pi,2026-11-22 12:37:11,results,survive-ip-change,,verdict,,0",
        "k3s,edge,,pi,2026-11-22 12:37:11,results,simple-firewall,,verdict,,1",
        "k3s,edge,,pi,2026-11-22 12:37:11,results,complex-firewall,,verdict,,",
        "k3s,edge,,pi,2026-11-22 12:37:11,results,probe,,succeeded,,1",
        "k3s,edge,,pi,2026-11-22 12:37:11,results,probe,,cpu_us,,2500000",
        "k3s,edge,,pi,2026-11-22 12:37:11,results,ramp,,containers,,12",
    ] {
        assert!(csv.lines().any(|of| of == line), "{line}\n{csv}");
    }
    let metrics = said(&folder, ["report", "--format", "prom", "a.ebl"]);
    let boot = metrics
        .lines()
        .find(|line| line.contains("result=\"boot-cold\""));
    assert!(boot.unwrap().ends_with(" 38123456"), "{metrics}");
    // Of 0.85 and 73 s.
    for (family, end) in [
        ("edgebench_probe_seconds{", "statistic=\"min\"} 0.85"),
        ("edgebench_probe_seconds{", "statistic=\"max\"} 73"),
        ("edgebench_probe_runs{", "succeeded=\"true\"} 2"),
        ("edgebench_probe_runs{", "succeeded=\"false\"} 0"),
    ] {
        let mut lines = metrics.lines();
        let is_it = |line: &str| line.starts_with(family) && line.ends_with(end);
        assert!(lines.any(is_it), "{family} {end}\n{metrics}");
    }
}

#[test]
fn they_stand_beside_samples() {
    let folder = Folder::new();
    let results: Vec<_> = each_kind().iter().flat_map(parts).collect();
    folder.write(
        "a.ebl",
        among(&made(1, "k3s", "edge").log(), 1, 20, &results),
    );
    let text = said(&folder, ["report", "a.ebl"]);
    assert!(text.contains("61 samples"), "{text}");
    let boot = "Boot, cold 38.12 s serial line".to_owned();
    assert!(words(&text).contains(&boot), "{text}");
}

/// A kind, a verdict and an entry that a later version has written.
#[test]
fn what_a_newer_version_recorded_is_told_once() {
    let folder = Folder::new();
    let mut results = parts(&of(Kind::BootCold, 38_000_000, "serial line"));
    let later = |kind, verdict, entries: &[u8]| ResultPart {
        at_us: 0,
        kind,
        part: 0,
        parts: 1,
        verdict,
        value: 1,
        entries: entries.to_vec(),
    };
    results.push(later(8, 0, &[]));
    results.push(later(0, 9, &[10, 0]));
    folder.write(
        "a.ebl",
        among(&made(1, "k3s", "edge").log(), 1, 3, &results),
    );
    let text = said(&folder, ["report", "a.ebl"]);
    let told = "3 items recorded by a newer version of edgebench-lite, not shown";
    assert_eq!(text.matches("newer version").count(), 1, "{text}");
    assert!(text.contains(told), "{text}");
}

/// A run of the probe, each 30 s.
fn probed(number: u64, seconds: u64, outcome: Outcome, line: &str) -> Measurement {
    Measurement {
        at_us: number * 30_000_000,
        evidence: vec![line.to_owned()],
        command: Some(CommandRun {
            outcome: Some(outcome),
            cpu_us: 40_000 * number,
            is_first: number == 0,
            missed: 0,
        }),
        ..of(Kind::Probe, seconds * 1_000_000, "kubectl get nodes")
    }
}

#[test]
fn a_probe_that_failed_counts_in_no_time() {
    let folder = Folder::new();
    let mut probes: Vec<_> = (0..10)
        .map(|number| probed(number, 20 + number, Outcome::Status(0), "node ready"))
        .collect();
    probes.push(probed(10, 1, Outcome::Status(1), "no route to host"));
    probes.push(probed(11, 120, Outcome::TimedOut, "no route to host"));
    probes.push(probed(12, 2, Outcome::Stopped, ""));
    folder.write("a.ebl", only(1, "k3s", &probes));
    let text = said(&folder, ["report", "a.ebl"]);
    for line in [
        // 20 to 29 s: between the fifth and the sixth; the tenth of ten.
        "time 20.00 24.50 29.00 29.00",
        "13 runs of kubectl get nodes",
        "2 runs failed; a failed run has no time; the last one: timed out: no route to host",
        "the first run, which pays for cold caches, took 20.00 s",
        "the last run was killed at the end of the recording",
        "Time of the probe, s",
    ] {
        assert!(words(&text).iter().any(|of| of == line), "{line}\n{text}");
    }
    // Of which run a picture is, its title says.
    let svg = said(&folder, ["report", "--format=svg", "a.ebl"]);
    let mut lines = svg.lines();
    let title = lines.find(|line| line.contains("class=\"h\""));
    assert!(
        title.is_some_and(|title| title.ends_with(" UTC</text>")),
        "{title:?}"
    );
    folder.write("b.ebl", only(2, "k3s", &probes[10..12]));
    let text = said(&folder, ["report", "b.ebl"]);
    assert!(text.contains("every run failed"), "{text}");
    assert!(
        !words(&text).iter().any(|of| of.starts_with("time ")),
        "{text}"
    );
}
