//! PSS of a product's key processes, of what `footprint --output` read.

use super::{against, compare, compared, doubts, folder, made, row, Folder, Made, MEMORY};
use crate::json::{self, Value};
use edgebench_lite::footprint::machine_memory::MachineMemory;
use edgebench_lite::footprint::rows::ProcessRow;
use edgebench_lite::footprint::stored::parts;
use edgebench_lite::footprint::summary::{Circumstances, Footprint, Selection, Source};
use edgebench_lite::log::record::{PssMode, Record};
use edgebench_lite::log::Encoder;

const LABEL: &str = "PSS of product, with";

fn rows(all: &[(&str, u64)]) -> Vec<ProcessRow> {
    let row = |(label, mib): &(&str, u64)| ProcessRow {
        label: label.as_bytes().to_vec(),
        processes: 1,
        pss: mib * 1024,
        ..ProcessRow::default()
    };
    all.iter().map(row).collect()
}

/// A run of footprints: seconds after its start, and what was read then. `profile`:
/// whose key processes were asked for; the largest, where it is none.
fn log(of: &Made, profile: &str, footprints: &[(u64, Vec<ProcessRow>)]) -> Vec<u8> {
    let run = of.header.run;
    let mut encoder = Encoder::new(run, 4096, 1);
    let header = Record::Header(of.header.clone());
    let mut log = encoder.record(&header).unwrap().to_vec();
    for (seconds, rows) in footprints {
        let footprint = Footprint {
            source: Source::Live,
            chosen: match profile {
                "" => Selection::Largest,
                _ => Selection::Keys {
                    profiles: vec![profile.to_owned()],
                    given: false,
                },
            },
            rows: rows.clone(),
            machine: MachineMemory::default(),
            circumstances: Circumstances::default(),
        };
        for part in parts(&footprint, seconds * 1_000_000) {
            let part = part.map(|text| text.as_str(), |rows| rows.as_slice());
            log.extend_from_slice(encoder.record(&Record::Footprint(run, part)).unwrap());
        }
    }
    log
}

/// k3s has three runs of a footprint: 300 + 100, 310 + 100 and 305 + 100 MiB; what is
/// not of its profile does not count. izuma has a recording without PSS, and one run
/// of three footprints: 60, 70 and 68 MiB, with the median 68.
fn board() -> Folder {
    let off = made(9, "izuma", "edge");
    let folder = folder(&[Made {
        header: edgebench_lite::log::record::Header {
            pss: PssMode::Off,
            ..off.header.clone()
        },
        ..off
    }]);
    for (run, mib) in (1..).zip([300, 310, 305]) {
        let rows = rows(&[("k3s-server", mib), ("containerd", 100), ("app", 7)]);
        let log = log(&made(run, "k3s", "edge"), "k3s", &[(0, rows)]);
        folder.write(&format!("k{run}.ebl"), log);
    }
    let three = [(0, 60), (2, 70), (4, 68)].map(|(at, mib)| (at, rows(&[("edge-core", mib)])));
    let log = log(&made(4, "izuma", "2"), "izuma", &three);
    folder.write("i.ebl", log);
    folder
}

/// Medians: of three runs 405; of three footprints of one run 68: 68 - 405 = -337. The
/// k3s stage was not recorded, and the table says so where samples are meant.
#[test]
fn figures_by_hand() {
    let folder = board();
    let text = compared(&folder, [".", "--reference=k3s"]);
    let cells = row(&text, MEMORY, LABEL);
    assert_eq!(cells.len(), 2, "{text}");
    let (k3s, izuma) = (&cells[0], &cells[1]);
    assert!(
        k3s.starts_with("405.0 MiB (400.0 to 410.0, n 3) ["),
        "{k3s}"
    );
    assert!(izuma.starts_with("68.0 MiB ["), "{izuma}");
    assert_eq!(
        against(&text, "izuma against k3s", MEMORY, LABEL)[..2],
        ["-337.0 MiB", "-"]
    );
    let cells = row(&text, MEMORY, "in use (true), with");
    assert!(cells[0].starts_with("not measured ["), "{text}");
    assert_eq!(cells[1], "200.0 MiB");
    for said in [
        "not recorded: edgebench-lite record --product k3s --stage edge",
        "from footprint --output: no recording of the stage has PSS",
        "k3s: edge 3 footprint runs",
        "izuma: edge 1 run and 1 footprint run",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    // A run of footprints is neither short nor of another length, and its interval is
    // none. What is shown of either was read in the same way.
    assert_eq!(doubts(&text), Vec::<String>::new());
    // But not that of a recording beside it.
    let mut auto = made(10, "k0s", "edge");
    auto.header.pss = PssMode::Auto;
    folder.write("auto.ebl", auto.log());
    assert_eq!(
        doubts(&compared(&folder, [".", "--reference=k3s"])),
        ["PSS was measured in different ways: auto (k0s); exact (k3s, izuma)."]
    );
}

#[test]
fn each_value_leads_to_its_log_and_moment() {
    let folder = board();
    let text = compared(&folder, [".", "--reference=k3s", "--format=json"]);
    let value = json::parse(text.trim_end());
    let mut rows = value.at("rows").items().iter();
    let is_pss =
        |row: &&Value| row.at("row").text() == "product_pss" && row.at("stage").text() == "edge";
    let cells = rows.find(is_pss).unwrap().at("cells").items();
    let point = |cell: usize, at: usize| {
        let point = &cells[cell].at("points").items()[at];
        let run = &value.at("runs").items()[point.at("run").number() as usize];
        let log = run.at("log").text().to_owned();
        let counts = (run.at("samples").number(), run.at("footprints").number());
        (
            point.at("value").number() / 1024,
            point.at("at_us"),
            log,
            counts,
        )
    };
    let none = Value::Null;
    let zero = Value::Number("0".into());
    assert_eq!(point(0, 1), (410, &zero, "./k2.ebl".to_owned(), (0, 1)));
    // The median of three moments.
    assert_eq!(point(1, 0), (68, &none, "./i.ebl".to_owned(), (0, 3)));
    let stages = value.at("products").items()[1].at("stages").items();
    assert_eq!(stages[0].at("runs").number(), 1);
    assert_eq!(stages[0].at("footprint_runs").number(), 1);
}

/// A recording says more than a moment: where it has PSS, that is shown.
#[test]
fn a_recording_with_pss_comes_first() {
    let recorded = Made {
        processes: vec![super::runs("k3s-server", 300, 0)],
        ..made(1, "k3s", "edge")
    };
    let folder = folder(&[recorded]);
    let read = log(
        &made(2, "k3s", "edge"),
        "k3s",
        &[(0, rows(&[("k3s-server", 200)]))],
    );
    folder.write("read.ebl", read);
    let text = compared(&folder, ["."]);
    assert_eq!(row(&text, MEMORY, LABEL), ["300.0 MiB"]);
    let note = "note: k3s edge: the PSS of 1 footprint run is not shown, for the recordings have \
                PSS.";
    assert!(text.lines().any(|line| line == note), "{text}");
    assert!(!text.contains("PSS was measured in different ways"));
}

/// The largest programs, and another product's, are not its key processes.
#[test]
fn what_was_read_of_others_is_not_it() {
    for profile in ["", "izuma"] {
        let folder = Folder::new();
        let all = [(0, rows(&[("k3s-server", 200)]))];
        folder.write("a.ebl", log(&made(1, "k3s", "edge"), profile, &all));
        let text = compared(&folder, ["a.ebl"]);
        let cells = row(&text, MEMORY, LABEL);
        assert!(cells[0].starts_with("not measured ["), "{text}");
        let said = "the footprints of stage edge lack some of its key processes: as root, run \
                    edgebench-lite footprint --output FILE --profile k3s --product k3s --stage \
                    edge";
        assert!(text.contains(said), "{text}");
        let json = compared(&folder, ["a.ebl", "--format=json"]);
        let command = said.split_once("root, run ").unwrap().1;
        assert!(
            json.contains(&format!("\"command\":\"{command}\"")),
            "{json}"
        );
    }
}

/// Of a product without a profile all rows count that were asked for: 30 of 1 MiB,
/// which take three records. Of the kernel on which they were read the table tells.
#[test]
fn rows_in_several_records_and_another_board() {
    let labels: Vec<String> = (0..30).map(|at| format!("{at:0>256}")).collect();
    let all: Vec<(&str, u64)> = labels.iter().map(|label| (label.as_str(), 1)).collect();
    let mut of = made(2, "mine", "edge");
    of.header.release = "4.9.1";
    let folder = folder(&[made(1, "mine", "baseline")]);
    folder.write("read.ebl", log(&of, "k0s", &[(0, rows(&all))]));
    let text = compared(&folder, ["."]);
    let cells = row(&text, MEMORY, LABEL);
    assert!(cells[0].starts_with("30.0 MiB ["), "{text}");
    assert_eq!(
        doubts(&text),
        ["Different kernels: 6.12.25 (mine baseline); 4.9.1 (mine edge)."]
    );
}

#[test]
fn a_run_counts_once() {
    let folder = board();
    let done = compare(&folder, ["k1.ebl", "k2.ebl", "k1.ebl"]);
    let said = "edgebench-lite: k1.ebl is given twice\n";
    assert_eq!((done.status, done.err.as_str()), (Some(2), said));
}

/// Of whatever makes a run come twice, that is said.
#[test]
fn samples_and_footprints_in_one_run() {
    let of = made(1, "k3s", "edge");
    let folder = folder(&[]);
    let footprints = log(&of, "k3s", &[(0, rows(&[("k3s-server", 300)]))]);
    folder.write("joined.ebl", [footprints, of.log()].concat());
    let done = compare(&folder, ["joined.ebl"]);
    let said = "edgebench-lite: joined.ebl was joined by hand: it holds a run in two pieces\n";
    assert_eq!((done.status, done.err.as_str()), (Some(2), said));
}

/// The most memory that a command has taken, KiB: of this child alone, wait4(2).
fn peak_kib(command: &mut std::process::Command) -> libc::c_long {
    let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    let mut status = 0;
    // SAFETY: an all-zero rusage is valid, and both pointers live through the call.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        let pid = child.id() as libc::pid_t;
        assert_eq!(libc::wait4(pid, &mut status, 0, &mut usage), pid);
        usage
    };
    assert_eq!(status, 0);
    // It was waited for: there is nothing left to wait for.
    assert!(child.wait().is_err());
    usage.ru_maxrss
}

/// A day of `--watch 2s` is 43,200 footprints, of which each takes 8 bytes here and 900
/// if it is kept whole.
#[test]
fn footprints_of_a_day_take_little_memory() {
    let three = [("k3s-server", 300), ("containerd", 100), ("app", 7)];
    let logged = |count: u64| {
        let all: Vec<_> = (0..count).map(|nth| (2 * nth, rows(&three))).collect();
        log(&made(1, "k3s", "edge"), "k3s", &all)
    };
    let folder = Folder::new();
    folder.write("few.ebl", logged(200));
    folder.write("day.ebl", logged(43_200));
    let peak = |file| peak_kib(&mut folder.edgebench(["compare", file]));
    let (few, day) = (peak("few.ebl"), peak("day.ebl"));
    assert!(day - few < 4096, "{few} KiB, then {day} KiB");
}
