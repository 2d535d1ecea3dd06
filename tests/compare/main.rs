//! `compare`, by the shipped binary: logs that are made up so that every figure can be
//! worked out by hand, and facts.

#[allow(dead_code)]
#[path = "../cli/json.rs"]
mod json;
#[path = "../support/skip.rs"]
mod skip;
#[allow(dead_code)]
#[path = "../cli/support.rs"]
mod support;

mod ends;
mod fairness;
mod findings;
mod footprints;
mod forms;
#[path = "../support/golden.rs"]
mod golden;
mod goldens;
mod hostile;
#[path = "../support/labels.rs"]
mod labels;
mod made;
#[path = "../support/others.rs"]
mod others;
mod page;
mod table;
mod typed;
mod usage;

use made::{made, runs, Made};
use support::{run, Done, Folder};

/// A folder with these logs, `0.ebl` and so on.
fn folder(logs: &[Made]) -> Folder {
    let folder = Folder::new();
    for (number, made) in logs.iter().enumerate() {
        folder.write(&format!("{number:02}.ebl"), made.log());
    }
    folder
}

/// What `compare` says in a folder, on a terminal that is wide enough for all of it.
fn compare<'a>(folder: &Folder, arguments: impl IntoIterator<Item = &'a str>) -> Done {
    let mut command = folder.edgebench(["compare"]);
    run(command
        .args(arguments)
        .env("COLUMNS", "250")
        .env("LC_ALL", "C"))
}

/// The same, which was done.
fn compared<'a>(folder: &Folder, arguments: impl IntoIterator<Item = &'a str>) -> String {
    let done = compare(folder, arguments);
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    done.out
}

/// The cells of the line with this label, in the section with this title; two blanks
/// or more part them.
fn row(text: &str, section: &str, label: &str) -> Vec<String> {
    let mut lines = text.lines().skip_while(|line| *line != section).skip(1);
    let line = lines.find_map(|line| line.strip_prefix(&format!("  {label}  ")));
    let line = line.unwrap_or_else(|| panic!("no {label} in {text}"));
    let cells = line.split("  ").map(str::trim);
    cells
        .filter(|cell| !cell.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The same of the table that puts a product against another.
fn against(text: &str, title: &str, section: &str, label: &str) -> Vec<String> {
    let (_, table) = text.split_once(&format!("\n{title}\n")).unwrap();
    row(table, section, label)
}

/// The sentences behind `kind`, such as `warning: `, of a table at that width.
fn sentences(text: &str, kind: &str) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if let Some(first) = line.strip_prefix(kind) {
            sentences.push(first.to_owned());
            inside = true;
        } else if let (Some(more), true) = (line.strip_prefix("  "), inside) {
            let last = sentences.last_mut().unwrap();
            *last += " ";
            *last += more;
        } else {
            inside = false;
        }
    }
    sentences
}

/// What puts the comparison in doubt: what makes it invalid first, with that word.
fn doubts(text: &str) -> Vec<String> {
    let invalid = sentences(text, "invalid: ").into_iter();
    let invalid = invalid.map(|sentence| format!("invalid: {sentence}"));
    invalid.chain(sentences(text, "caution: ")).collect()
}

const MEMORY: &str = "Memory";

/// k3s: three runs before and with it; izuma: three before and five with it. What
/// differs from run to run are memory, free's used, PSS, disk and CPU.
///
/// | | k3s before | k3s with | izuma before | izuma with |
/// |---|---|---|---|---|
/// | in use | 100 102 101 | 600 610 605 | 200 200 200 | 300 310 305 302 308 |
/// | free's | 50 52 51 | 400 410 405 | 90 90 90 | 199 209 204 201 207 |
/// | PSS | 0 | 400 410 405 | 0 | 60 70 65 62 68 |
/// | disk | 2000 2001 2002 | 3000 3001 3002 | 2000 | 2100 2110 2105 2102 2108 |
/// | busy | 8 8 8 | 40 44 48 | 4 4 4 | 16 24 20 18 22 |
fn two_products() -> Vec<Made> {
    let mut logs = Vec::new();
    for (at, run) in (0..3).zip(1..) {
        logs.push(Made {
            used: [100, 102, 101][at],
            free_used: [50, 52, 51][at],
            disk_used: 2000 + at as u64,
            ..made(run, "k3s", "baseline")
        });
    }
    for (at, run) in (0..3).zip(4..) {
        let more = [0, 10, 5][at];
        logs.push(Made {
            used: 600 + more,
            free_used: 400 + more,
            disk_used: 3000 + at as u64,
            busy: [40, 44, 48][at],
            own_ticks: 10,
            processes: vec![
                runs("systemd", 5, 0),
                runs("k3s-server", 300 + more, 9),
                runs("coredns", 100, 1),
            ],
            ..made(run, "k3s", "2")
        });
    }
    for run in 7..10 {
        logs.push(Made {
            busy: 4,
            ..made(run, "izuma", "1")
        });
    }
    for (at, run) in (0..5).zip(10..) {
        let more = [0, 10, 5, 2, 8][at];
        let mut maestro = runs("maestro", 20, 0);
        maestro.cmdline = b"/bin/maestro\0-c\0/etc/maestro-config.yaml\0";
        logs.push(Made {
            used: 300 + more,
            free_used: 199 + more,
            disk_used: 2100 + more,
            busy: [16, 24, 20, 18, 22][at],
            processes: vec![
                runs("systemd", 5, 0),
                maestro,
                runs("edge-core", 40 + more, [5, 4, 3, 2, 1][at]),
                runs("kubelet", 0, [1, 2, 4, 3, 2][at]),
            ],
            ..made(run, "izuma", "edge")
        });
    }
    logs
}
