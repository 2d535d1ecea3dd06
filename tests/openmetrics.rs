//! Reports as metrics: read by a parser that knows what the textfile collector and
//! OpenMetrics demand, and by promtool where that is installed.

#[path = "report_machine/board.rs"]
mod board;
#[path = "support/skip.rs"]
mod skip;

use board::{ending, header, log, HOSTILE};
use edgebench_lite::log::fields::{board as of_board, kernel, recorder, vmstat, NOT_OBSERVABLE};
use edgebench_lite::log::record::Header;
use edgebench_lite::render::{openmetrics, Report};
use edgebench_lite::series::{summarise, By, Memory, Options, Run};
use skip::skipped;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};

const OPTIONS: Options = Options {
    top: 10,
    by: By::Name,
    memory: Memory::Pss,
};

fn runs(log: &[u8]) -> Vec<Run> {
    summarise(&mut || Ok(log), &OPTIONS, false).unwrap()
}

fn text(runs: Vec<Run>) -> String {
    let mut out = Vec::new();
    openmetrics::write(&mut out, &Report::new(runs, OPTIONS)).unwrap();
    String::from_utf8(out).unwrap()
}

type Labels = BTreeMap<String, String>;

/// The samples by name and labels. Panics where the text breaks a rule of either
/// format, or of the collector.
fn parsed(text: &str) -> BTreeMap<(String, Labels), f64> {
    let lines = text.strip_suffix("# EOF\n").expect("ends with # EOF");
    assert!(!text.contains("\n\n"), "an empty line");
    let mut samples = BTreeMap::new();
    // Each family in one piece: its name, and which of its lines of metadata there were.
    let mut families: Vec<(String, Vec<&str>)> = Vec::new();
    for line in lines.lines() {
        if let Some(metadata) = line.strip_prefix("# ") {
            let mut words = metadata.splitn(3, ' ');
            let [keyword, name, rest] = [(); 3].map(|()| words.next().expect(line));
            assert!(!rest.is_empty() && !rest.contains(['\\', '"']), "{line}");
            if families.last().map_or(true, |(last, _)| last != name) {
                assert!(families.iter().all(|(other, _)| other != name), "{line}");
                families.push((name.to_owned(), Vec::new()));
            }
            let (_, seen) = families.last_mut().unwrap();
            assert!(
                !seen.contains(&keyword) && !seen.contains(&"sample"),
                "{line}"
            );
            seen.push(keyword);
            match keyword {
                "HELP" => {}
                "TYPE" => assert_eq!(rest, "gauge"),
                "UNIT" => {
                    assert!(["bytes", "seconds", "ratio", "celsius", "hertz"].contains(&rest));
                    assert!(name.ends_with(&format!("_{rest}")), "{line}");
                }
                _ => panic!("{line}"),
            }
            continue;
        }
        let (name, rest) = line.split_once('{').expect(line);
        assert!(name.starts_with("edgebench_"), "{line}");
        assert!(name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'));
        let (last, seen) = families.last_mut().expect(line);
        assert!(
            last == name && seen.contains(&"TYPE") && seen.contains(&"HELP"),
            "{line}"
        );
        let is_in_a_unit = ["bytes", "seconds", "ratio", "celsius", "hertz"]
            .iter()
            .any(|unit| name.ends_with(&format!("_{unit}")));
        assert_eq!(is_in_a_unit, seen.contains(&"UNIT"), "{line}");
        seen.push("sample");
        let (labels, value) = labels(rest);
        // A timestamp would be a second number.
        let value: f64 = value.strip_prefix(' ').expect(line).parse().expect(line);
        assert!(value.is_finite(), "{line}");
        let before = samples.insert((name.to_owned(), labels), value);
        assert_eq!(before, None, "twice: {line}");
    }
    samples
}

/// The labels, with their escapes undone, and what stands behind the brace.
fn labels(text: &str) -> (Labels, &str) {
    let mut labels = Labels::new();
    let mut rest = text;
    loop {
        let (name, after) = rest.split_once("=\"").expect(text);
        assert!(
            name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
            "{text}"
        );
        let mut value = String::new();
        let mut chars = after.char_indices();
        let end = loop {
            match chars.next().expect(text) {
                (at, '"') => break at,
                (_, '\\') => value.push(match chars.next().expect(text).1 {
                    'n' => '\n',
                    same @ ('\\' | '"') => same,
                    other => panic!("\\{other} in {text}"),
                }),
                (_, c) => {
                    assert!(!c.is_control(), "{text}");
                    value.push(c);
                }
            }
        };
        assert!(!value.is_empty(), "{text}");
        assert_eq!(labels.insert(name.to_owned(), value), None, "{text}");
        rest = &after[end + 1..];
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => return (labels, rest.strip_prefix('}').expect(text)),
        }
    }
}

/// What promtool has against it; `None` where there is no promtool.
#[track_caller]
fn promtool(text: &str) -> Option<String> {
    let mut child = match Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
    {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            skipped("promtool is not installed (Debian: prometheus)");
            return None;
        }
        Err(error) => panic!("promtool: {error}"),
    };
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    Some(format!(
        "{}{}",
        String::from_utf8_lossy(&said),
        if output.status.success() {
            ""
        } else {
            "(it failed)"
        }
    ))
}

/// Of run 1 of product k3s, stage edge.
fn value(text: &str, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let run = [
        ("product", "k3s"),
        ("stage", "edge"),
        ("host", "pi"),
        ("run", "1"),
    ];
    let labels = run.iter().chain(labels);
    let labels = labels.map(|(name, value)| (name.to_string(), value.to_string()));
    parsed(text)
        .get(&(format!("edgebench_{name}"), labels.collect()))
        .copied()
}

/// By hand, as said where the run is made up: of 400 ticks 40 are busy in 74 intervals
/// and 120 in one; memory in use is 300 MiB at tick 0 and a MiB more with each tick.
#[test]
fn figures_in_base_units() {
    let text = text(runs(&log(&header(), |_, machine| {
        machine.group_mut(kernel::ID)[kernel::LOAD1_CENTI] = 125;
    })));
    let mib = 1_048_576.0;
    let of = |statistic| ("statistic", statistic);
    let shell = ("process", "sh");
    let server = ("process", "k3s-server");
    let pss = ("memory", "pss");
    let (some, io) = (("tasks", "some"), ("resource", "io"));
    for (name, labels, expected) in [
        ("run_start_time_seconds", &[][..], 1.7e9),
        ("run_duration_seconds", &[], 80.0),
        ("run_samples", &[], 76.0),
        ("run_missed_deadlines", &[], 5.0),
        ("run_lost_samples", &[], 0.0),
        ("cores", &[], 4.0),
        ("memory_total_bytes", &[], 1000.0 * mib),
        ("cpu_ratio", &[of("median")], 0.1),
        ("cpu_ratio", &[of("mean")], 0.102_666_666_666_667),
        ("cpu_ratio", &[of("max")], 0.3),
        ("memory_used_bytes", &[of("min")], 300.0 * mib),
        ("memory_used_bytes", &[of("max")], 380.0 * mib),
        ("memory_used_ratio", &[of("median")], 0.3375),
        (
            "process_memory_bytes",
            &[server, pss, of("p95")],
            50.0 * mib,
        ),
        (
            "process_memory_bytes",
            &[shell, pss, of("max")],
            4100.0 * 1024.0,
        ),
        ("process_cpu_ratio", &[shell, of("max")], 1.0),
        ("process_cpu_ratio", &[server, of("median")], 0.08),
        ("process_instances", &[shell], 1.0),
        ("process_seen_ratio", &[shell], 1.0),
        ("recorder_cpu_seconds", &[], 0.08),
        ("recorder_pss_bytes", &[], 819.0 * 1024.0),
        ("core_busy_ratio", &[("core", "0"), of("max")], 1.0),
        ("core_busy_ratio", &[("core", "3"), of("max")], 0.0),
        ("load1", &[of("mean")], 1.25),
        (
            "pressure_waiting_ratio",
            &[io, some],
            0.053_333_333_333_333_3,
        ),
        ("pressure_waiting_worst_ratio", &[io, some], 0.4),
        ("temperature_celsius", &[of("median")], 48.3),
        ("requested_frequency_hertz", &[of("max")], 1.4e9),
        ("throttled", &[("reason", "under_voltage")], 1.0),
        ("throttled", &[("reason", "frequency_capped")], 0.0),
        ("swapped_bytes", &[("direction", "out")], 4.0 * mib),
        ("oom_kills", &[], 1.0),
        (
            "disk_bytes",
            &[("device", "mmcblk0"), ("direction", "written")],
            70.0 * mib,
        ),
        (
            "network_bytes",
            &[("device", "eth0"), ("direction", "received")],
            3.0 * mib,
        ),
        ("filesystem_used_bytes", &[("of", "root")], 2007.0 * mib),
        ("cpu_time_seconds", &[("used_by", "processes")], 26.4),
        ("cpu_time_seconds", &[("used_by", "unattributed")], 4.4),
    ] {
        assert_eq!(
            value(&text, name, labels),
            Some(expected),
            "{name} {labels:?}"
        );
    }
    if let Some(said) = promtool(&text) {
        assert_eq!(said, "");
    }
}

#[test]
fn what_was_not_observable_is_not_there() {
    let text = text(runs(&log(&header(), |_, machine| {
        machine.group_mut(vmstat::ID)[vmstat::OOM_KILL] = NOT_OBSERVABLE;
    })));
    assert!(!text.contains("edgebench_oom_kills"));
    assert!(!text.contains("edgebench_undervoltage_alarm_ratio"));
    assert!(text.contains("edgebench_major_faults{"));
    assert!(parsed(&text).len() > 50);
}

/// Two runs of one product, one of another, all of them with names that would end a
/// label, a line or a terminal's patience.
#[test]
fn several_runs_and_hostile_names() {
    let mut hostile = Header {
        product: "a\"} 1\n# EOF\n\\",
        stage: "<script>|,",
        host: "\u{1b}[2J\u{202e}",
        board: "Pi\n3",
        ..header()
    };
    let mut all = runs(&log(&header(), |_, _| {}));
    all.extend(runs(&log(&hostile, |_, _| {})));
    hostile = Header {
        host: "other",
        start_boottime_ns: 1,
        ..header()
    };
    all.extend(runs(&log(&hostile, |_, _| {})));
    let text = text(all);
    let samples = parsed(&text);
    let starts: Vec<_> = samples
        .keys()
        .filter(|(name, _)| name == "edgebench_run_start_time_seconds")
        .map(|(_, labels)| ["product", "host", "run"].map(|name| labels[name].as_str()))
        .collect();
    assert_eq!(
        starts,
        [
            // As the report shows it, which is what `escaped` gives.
            ["a\"} 1\\n# EOF\\n\\\\", "\\x1b[2J\\u{202e}", "1"],
            ["k3s", "other", "2"],
            ["k3s", "pi", "1"],
        ]
    );
    let device = edgebench_lite::render::escaped(HOSTILE);
    assert!(samples
        .keys()
        .any(|(_, labels)| labels.get("device") == Some(&device)));
    if let Some(said) = promtool(&text) {
        assert_eq!(said, "");
    }
}

/// A row that is one process is told by its pid and its starttime: both come again.
#[test]
fn rows_that_are_one_process() {
    let options = Options {
        by: By::Process,
        ..OPTIONS
    };
    let log = log(&header(), |_, _| {});
    let runs = summarise(&mut || Ok(&log[..]), &options, false).unwrap();
    let mut out = Vec::new();
    openmetrics::write(&mut out, &Report::new(runs, options)).unwrap();
    let text = String::from_utf8(out).unwrap();
    let shell = [("process", "sh"), ("pid", "21"), ("starttime", "1")];
    assert_eq!(value(&text, "process_instances", &shell), Some(1.0));
}

#[test]
fn nothing_is_valid_too() {
    assert_eq!(text(Vec::new()), "# EOF\n");
}

/// The parser does refuse what the collector would.
#[test]
fn the_parser_is_strict() {
    let good = "# HELP edgebench_x A.\n# TYPE edgebench_x gauge\nedgebench_x{run=\"1\"} 1\n# EOF\n";
    assert_eq!(parsed(good).len(), 1);
    for (from, to) in [
        ("} 1\n", "} 1 1700000000000\n"),
        ("} 1\n", "} 1\nedgebench_x{run=\"1\"} 2\n"),
        ("run=\"1\"", "run=\"1\",run=\"1\""),
        ("run=\"1\"", "run=\"\\x\""),
        ("} 1\n", "} NaN\n"),
        ("gauge", "counter"),
        ("edgebench_x", "edgebench_x_bytes"),
        ("# EOF\n", ""),
        ("# EOF\n", "\n# EOF\n"),
    ] {
        let bad = good.replace(from, to);
        assert!(std::panic::catch_unwind(|| parsed(&bad)).is_err(), "{bad}");
    }
}

/// The names that stand at the margin of the table.
fn families() -> Vec<&'static str> {
    let table = include_str!("../src/render/openmetrics/families.txt");
    let names = table.lines().filter(|line| !line.starts_with(' '));
    names.map(|line| line.split(':').next().unwrap()).collect()
}

/// A run in which nothing is hidden: the log says who the recorder is, whose PSS is in
/// it, and the alarm of under-voltage is there.
#[test]
fn every_family_can_have_a_sample() {
    let ends = [("runc", "shim", 2, 1, 10_000, 5120)];
    let log = ending(&header(), &[b"k3s-server", b"sh"], &ends, |_, machine| {
        machine.group_mut(kernel::ID)[kernel::LOAD1_CENTI] = 125;
        machine.group_mut(recorder::ID)[recorder::PID] = 20;
        machine.group_mut(recorder::ID)[recorder::EXITS] = 1;
        machine.group_mut(recorder::ID)[recorder::EXITS_KIB] = 24;
        machine.group_mut(of_board::ID)[of_board::UNDERVOLTAGE] = 0;
    });
    let text = text(runs(&log));
    let families = families();
    assert!(families.len() > 40);
    let never = families.into_iter().filter(|name| {
        let sample = format!("\nedgebench_{name}{{");
        !text.contains(&sample)
    });
    assert_eq!(never.collect::<Vec<_>>(), [""; 0]);
    // In each of 75 intervals of a second two of them end, one with a failure, after 1 % of
    // a core.
    let samples = parsed(&text);
    for (name, process, value) in [
        ("process_ended_cpu_ratio", "runc", 0.01),
        ("process_ended_cpu_ratio", "sh", 0.0),
        ("ended_processes", "runc", 150.0),
        ("ended_failures", "runc", 75.0),
        ("ended_cpu_seconds", "runc", 0.75),
        ("ended_peak_rss_bytes", "runc", 5_242_880.0),
        ("recorder_exits_bytes", "", 24_576.0),
    ] {
        let name = format!("edgebench_{name}");
        let process = (!process.is_empty()).then_some(process);
        let mut found = samples.iter().filter(|((other, labels), _)| {
            *other == name && labels.get("process").map(String::as_str) == process
        });
        let (_, found) = found.next().unwrap_or_else(|| panic!("no {name}: {text}"));
        assert!((found - value).abs() < 1e-9, "{name}: {found}");
    }
}
