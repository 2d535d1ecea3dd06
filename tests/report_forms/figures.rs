//! Figures that are worked out by hand, from what tests/report_machine/board.rs says.

#[path = "../cli/json.rs"]
#[allow(dead_code)]
mod json;

use crate::labels::{assert_apart, labels, plain};
use crate::{board, report, several, written};
use edgebench_lite::render::{openmetrics, Report};
use json::Value;

fn one_run() -> Report {
    report(&[board::log(&board::header(), |_, _| {})])
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Number(number) => number.parse().unwrap(),
        other => panic!("{other:?} is no number"),
    }
}

/// 75 intervals: 74 of 10 %, one of 30. Memory from 300 MiB at tick 0 to 380 at 80, less
/// ticks 40 to 44: the two in the middle of 76 are ticks 37 and 38. The shell has a
/// whole core from tick 60 on: 20 of 75 intervals.
#[test]
fn json_has_the_figures_by_their_names() {
    let text = written(&one_run(), "json");
    let report = json::parse(text.trim_end());
    assert_eq!(report.at("version").number(), 1);
    let block = &report.at("blocks").items()[0];
    assert_eq!(
        (block.at("product").text(), block.at("stage").text()),
        ("k3s", "edge")
    );
    let run = &block.at("runs").items()[0];
    assert_eq!(run.at("samples").number(), 76);
    assert_eq!(run.at("duration_us").number(), 80_000_000);
    let machine = run.at("machine");
    for (figure, statistic, value) in [
        ("cpu_percent", "count", 75.0),
        ("cpu_percent", "min", 10.0),
        ("cpu_percent", "median", 10.0),
        ("cpu_percent", "mean", 10.267),
        ("cpu_percent", "max", 30.0),
        ("memory_kib", "min", 307_200.0),
        ("memory_kib", "median", 345_600.0),
        ("memory_kib", "max", 389_120.0),
        ("memory_percent", "max", 38.0),
        ("swap_kib", "total", 102_400.0),
        ("swap_kib", "used_at_most", 4096.0),
        ("vmstat_gained", "pgmajfault", 7.0),
        ("vmstat_gained", "oom_kill", 1.0),
        ("temperature_celsius", "min", 48.3),
        ("temperature_celsius", "max", 55.0),
        ("requested_mhz", "median", 600.0),
        ("throttled_readings", "under_voltage", 1.0),
        ("throttled_readings", "frequency_capped", 0.0),
        ("storage_begin", "root_used_kib", 2_048_000.0),
        ("storage_end", "root_used_kib", 2_055_168.0),
        ("cpu_time_s", "busy", 30.8),
        ("cpu_time_s", "sampled", 26.4),
        ("cpu_time_s", "unattributed", 4.4),
        ("quality", "missed_deadlines", 5.0),
        ("quality", "suspended_ms", 5000.0),
        ("recorder", "written_bytes", 7_340_032.0),
        ("remarks", "warnings", 9.0),
    ] {
        let found = number(machine.at(figure).at(statistic));
        assert_eq!(found, value, "{figure} {statistic}");
    }
    assert_eq!(*machine.at("cpu_less_recorder_percent"), Value::Null);
    let names = |key: &str| -> Vec<_> {
        let rows = run.at(key).items().iter();
        rows.map(|row| row.at("name").text().to_owned()).collect()
    };
    assert_eq!(names("by_memory"), ["k3s-server", "sh"]);
    assert_eq!(names("by_cpu"), ["sh", "k3s-server"]);
    assert_eq!(names("interfaces"), ["eth0"]);
    let server = run.at("by_memory").items()[0].at("pss_kib");
    assert_eq!(number(server.at("median")), 51_200.0);
    let shell = run.at("by_cpu").items()[0].at("cpu_percent");
    assert_eq!(
        (number(shell.at("mean")), number(shell.at("max"))),
        (26.667, 100.0)
    );
    let busy = run.at("cores").items()[1].at("busy_percent");
    assert_eq!(
        (number(busy.at("median")), number(busy.at("max"))),
        (10.0, 10.0)
    );
    let waited = run.at("pressure").items()[3].at("waited_percent");
    assert_eq!(number(waited.at("worst_10_s")), 40.0);
    assert_eq!(run.at("warnings").items().len(), 9);
    // Its name is not UTF-8: the bytes stand in hexadecimal.
    let gone = &run.at("disks").items()[1];
    assert!(gone.at("name_hex").text().starts_with("1b5b324a736461ff0a"));
}

#[test]
fn csv_has_the_same_a_line_each() {
    let csv = written(&one_run(), "csv");
    let begin = "k3s,edge,1,pi,2023-11-14 22:13:20,";
    for end in [
        "run,,,interval_us,,1000000",
        "run,,,mem_total_kib,,1024000",
        "machine,,,cpu_percent,mean,10.267",
        "machine,,,memory_kib,max,389120",
        "machine,,,temperature_celsius,median,48.3",
        "by_memory,k3s-server,,pss_kib,median,51200",
        "by_cpu,sh,,cpu_percent,max,100",
        "cores,0,,busy_percent,max,100",
        "pressure,io_full,,waited_percent,worst_10_s,20",
        "disks,mmcblk0,,counts,sectors_written,143360",
    ] {
        let line = format!("{begin}{end}");
        let quoted = line.replace("2023-11-14 22:13:20", "\"2023-11-14 22:13:20\"");
        assert!(csv.lines().any(|l| l == line || l == quoted), "{line}");
    }
}

/// A sample for each figure of csv that has a value. Three more: how the run was
/// recorded, when it began, and what the recorder took of one core. Fewer by two for
/// each name that stands in both tables of processes: when there were some is said once.
#[test]
fn metrics_lack_nothing_that_csv_has() {
    let report = one_run();
    let csv = written(&report, "csv");
    let lines = csv.lines().skip(1).map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        // Of names, those with a comma too, the end counts.
        let [.., figure, statistic, value] = fields[..] else {
            panic!("{line}");
        };
        (fields[5], fields[6], figure, statistic, value)
    });
    let known: Vec<_> = lines.filter(|(.., value)| !value.is_empty()).collect();
    let has = |kind, of: &str| {
        let presence = ("presence", "seen_ticks");
        known
            .iter()
            .any(|(k, name, f, s, _)| (*k, *name, (*f, *s)) == (kind, of, presence))
    };
    let names = known
        .iter()
        .filter(|(kind, _, _, statistic, _)| (*kind, *statistic) == ("by_cpu", "seen_ticks"));
    let twice = names.filter(|(_, name, ..)| has("by_memory", name)).count();
    assert!(twice > 0);
    let mut out = Vec::new();
    openmetrics::write(&mut out, &report).unwrap();
    let metrics = String::from_utf8(out).unwrap();
    let samples = metrics.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(samples.count(), known.len() + 3 - 2 * twice);
    // Of the load at the end there is no metric of its own; nor of how many values there
    // are.
    for (labels, value) in [
        (
            "subject=\"machine\",figure=\"cpu_percent\",statistic=\"count\"",
            "75",
        ),
        ("subject=\"run\",figure=\"page_size_bytes\"", "4096"),
    ] {
        let line = format!("{labels}}} {value}");
        let is_it =
            |sample: &str| sample.starts_with("edgebench_figure{") && sample.ends_with(&line);
        assert!(metrics.lines().any(is_it), "{line}");
    }
}

#[test]
fn markdown_has_the_tables_of_text() {
    let markdown = written(&one_run(), "md");
    for line in [
        "# product k3s, stage edge",
        "| machine | 4 cores, 1000.0 MiB of memory, 100.0 MiB of swap |",
        "| CPU, % of all cores | 30.00 | 10.00 | 10.27 | 10.00 | 10.00 |",
        "|:--|--:|--:|--:|--:|--:|",
        "| sh | 1 | 1.9 | 4.0 | 0.19 | 100 |",
        "| temperature | 48.3 to 55.0 °C, median 48.3 |",
        "- **caution:** Out of memory: the kernel killed 1 process.",
    ] {
        assert!(markdown.lines().any(|l| l == line), "{line}");
    }
}

/// Pictures of 270 units from 16 down to 286. CPU from 0 to 30 %: 9 units a percent. Memory from
/// 0 to 400 MiB, of which it has 300 + t at tick t: 0.675 units a MiB, so that the height is
/// 202.5 + 0.675 t. Of 81 columns in 570 units from 130 on, the gap is from the 40th to the
/// 45th: x = 130 + 570 x 40 / 81 = 411, and 446.
///
/// Of all four cores, the shell has 25 % from tick 61 on (x = 559), and the server 2 % above; at
/// tick 45, behind the sleep, what it used in six ticks counts in one: 12 %, 108 units.
/// In the first tenth, ticks 0 to 7, the shell has 100 + 50 x 3.5 KiB; in the last, 72 to 80,
/// 100 + 50 x 76.
#[test]
fn pictures_show_what_the_figures_say() {
    let svg = written(&one_run(), "svg");
    for told in [
        "Lowest 10.00, median 10.00, highest 30.00, over 1 min 20 s. sh: median 0.00, highest \
         25.00. k3s-server: median 2.00, highest \
         12.00.",
        "Lowest 300.0, median 337.5, highest 380.0, over 1 min 20 s. k3s-server: median 50.0, \
         highest 50.0. sh: median 1.9, highest 4.0.",
        "Core 0: median 20.0, highest 100.0 %.",
        "Lowest 48.3, median 48.3, highest 55.0, over 1 min 20 s. Throttling: under-voltage, throttled.",
        ">0.00 \u{2192} 25.00 sh</text>",
        ">2.00 \u{2192} 2.00 k3s-server</text>",
        ">0.3 \u{2192} 3.8 sh</text>",
        ">30.00</text>",
        ">400.0</text>",
    ] {
        assert!(svg.contains(told), "{told}");
    }
    let line = |class: &str, nth: usize| {
        let begin = format!("class=\"{class}\" d=\"");
        let line = svg.split(&begin).nth(nth).unwrap();
        line[..line.find('"').unwrap()].to_owned()
    };
    // CPU: known from tick 1 on, 10 % but for tick 30.
    assert_eq!(line("l", 1), "M137 196H341V16H348V196H411M446 196H700");
    let memory = line("l", 2);
    assert!(memory.starts_with("M130 83H144V82H151V81"), "{memory}");
    assert!(
        memory.contains("H411M446 ") && memory.ends_with("H700"),
        "{memory}"
    );
    // In both pictures, the server has the first hue, and the shell the second; the server
    // is drawn first, from 0 on, and covered by what is below it.
    let server = line("s p0", 1);
    assert!(
        server.ends_with("M446 178H453V268H559V43H700V286H446z"),
        "{server}"
    );
    let shell = line("s p1", 1);
    assert!(shell.ends_with("M446 286H559V61H700V286H446z"), "{shell}");
}

/// Memory: 300 MiB and the tick, of 76 ticks: all 81 are 3240, less 40 to 44: 3030 / 76 = 39.87.
/// The shell grows by 3.5 MiB, the server by nothing.
#[test]
fn headline_figures_of_a_run() {
    let page = written(&one_run(), "html");
    for card in [
        "CPU in use, median:<strong>10.00 %</strong>of 4 cores",
        ">10.00 to 30.00, average 10.27</span>",
        "Memory in use, median:<strong>337.5 MiB</strong>of 1000.0 MiB",
        ">300.0 to 380.0, average 339.9</span>",
        "Most memory (PSS):<strong>k3s-server</strong>50.0 MiB, median",
        "Grew most:<strong>sh</strong>from 0.3 to 3.8 MiB, first to last tenth",
        "Most CPU:<strong>sh</strong>26.67 % of one core, average",
        "Recorded:<strong>1 min 20 s</strong>76 samples, one every 1 s",
    ] {
        assert!(page.contains(card), "{card}");
    }
}

#[test]
fn no_label_of_a_picture_is_on_another() {
    let svg = written(&one_run(), "svg");
    let mut count = 0;
    for drawing in svg.split("<svg role=\"img\"").skip(1) {
        let drawing = drawing.split("</svg>").next().unwrap();
        let labels = labels(drawing, 24.0);
        assert_apart(&labels, drawing);
        count += labels.len();
    }
    assert!(count > 25, "{count}");
}

/// The command has the names of the log, its interval, and its length.
#[test]
fn how_to_repeat_it_is_said() {
    let page = plain(&written(&one_run(), "html"));
    let command = "edgebench-lite record --product k3s --stage edge --interval 1s --duration 80s";
    assert!(page.contains(command));
}

/// 337.5 MiB, and 10 more for each run before. On the scale of 188 units from 6 on, which ends at
/// 400 MiB, they are at 6 + 158.6, and 4.7 more each.
#[test]
fn runs_stand_side_by_side() {
    let logs: Vec<_> = several().into_iter().map(|(_, log)| log).collect();
    let text = written(&report(&logs), "html");
    for told in ["347.5 to 367.5, 3 runs", "377.5 to 387.5, 2 runs"] {
        assert!(text.contains(told), "{told}");
    }
    // CPU and memory of six runs, and the marks of three columns.
    let (_, results) = text.split_once("<table class=\"results\"").unwrap();
    let (results, _) = results.split_once("</table>").unwrap();
    assert_eq!(results.matches("<path class=\"k\" d=\"M").count(), 12 + 3);
    // The stages of a product have its hue.
    let keys = |hue: &str| {
        results
            .matches(&format!("<svg class=\"key {hue}\""))
            .count()
    };
    assert_eq!((keys("p0"), keys("p1"), keys("p2")), (2, 1, 0));
    for (x, told) in [
        (165, "337.5: run 1"),
        (169, "347.5: run 1"),
        (174, "357.5: run 2"),
        (179, "367.5: run 3"),
        (183, "377.5: run 1"),
        (188, "387.5: run 2"),
    ] {
        let mark = format!("<path class=\"k\" d=\"M{x} ");
        let at = text.find(&format!("<title>{told}</title>")).unwrap();
        let begin = text[..at].rfind("<path").unwrap();
        assert!(
            text[begin..].starts_with(&mark),
            "{told}: {}",
            &text[begin..at]
        );
    }
}

/// The same runs in json: three of k3s with 10 MiB more each, of which the middle one is
/// the median; CPU, and the processes, are the same in each.
#[test]
fn runs_are_pooled_in_json() {
    let logs: Vec<_> = several().into_iter().map(|(_, log)| log).collect();
    let json = json::parse(written(&report(&logs), "json").trim_end());
    let edge = &json.at("blocks").items()[1];
    assert_eq!(edge.at("stage").text(), "edge");
    let runs = edge.at("runs").items();
    let pooled = edge.at("pooled");
    assert_eq!((runs.len(), pooled.at("runs").number()), (3, 3));
    let memory = pooled.at("machine").at("memory_kib").at("median");
    let spread = memory.at("spread");
    assert_eq!(spread.at("kind").text(), "range");
    let kib = [memory.at("value"), spread.at("low"), spread.at("high")].map(number);
    assert_eq!(kib, [357.5, 347.5, 367.5].map(|mib| mib * 1024.0));
    assert_eq!(memory.at("n").number(), 3);
    for (rows, figure) in [("by_memory", "pss_kib"), ("by_cpu", "cpu_percent")] {
        let (all, first) = (pooled.at(rows).items(), runs[0].at(rows).items());
        assert!(first.len() > 1);
        for of_run in first {
            let is_it = |over: &&Value| over.at("name").text() == of_run.at("name").text();
            let over = all.iter().find(is_it).unwrap();
            for statistic in ["max", "min", "mean", "median", "p95"] {
                let pooled = over.at(figure).at(statistic);
                let value = number(of_run.at(figure).at(statistic));
                let ends = [pooled.at("value"), pooled.at("spread").at("low")].map(number);
                assert_eq!(ends, [value, value], "{rows} {statistic}");
            }
        }
    }
    // One run has no spread.
    let one = &json.at("blocks").items()[0].at("pooled");
    let one = one.at("machine").at("cpu_percent").at("median");
    assert!(matches!(one.at("spread"), Value::Null));
    assert_eq!(one.at("n").number(), 1);
}
