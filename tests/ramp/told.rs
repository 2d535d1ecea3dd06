//! What `report` and `compare` tell of a ramp.

use crate::json::parse;
use crate::support::{run, Folder};
use crate::{done, machine, meminfo, ramp, rewriting, READY, STEP, UNDO};

/// What a command says, in one line.
fn said(folder: &Folder, arguments: &[&str]) -> String {
    let mut command = folder.edgebench(arguments.iter().copied());
    let done = run(command.env("COLUMNS", "120").env("LC_ALL", "C"));
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    done.out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Ends at 3 containers, of which the third takes the memory. With probes, which succeed.
fn ended_by_the_board(product: &str, log: &str) -> Folder {
    let folder = machine();
    let step = format!(
        "{STEP}; [ {{n}} != 3 ] || {}",
        rewriting("meminfo", &meminfo(1_000))
    );
    let product = format!("--product={product}");
    let done = done(&mut ramp(
        &folder,
        [&step, READY, UNDO],
        &[&product, "--probe=true"],
    ));
    assert_eq!(done.status, Some(0), "{done:?}");
    std::fs::rename(folder.file("log.ebl"), folder.file(log)).unwrap();
    // One that has ended and that nobody has waited for yet would still be ready.
    for of in 1..=3 {
        std::fs::remove_file(folder.file(&format!("c{of}"))).unwrap();
    }
    folder.write("root/proc/meminfo", meminfo(700_000));
    folder
}

fn ended_by_a_limit(folder: &Folder, product: &str, most: u64) {
    let more = [format!("--product={product}"), format!("--max={most}")];
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    let done = done(&mut ramp(folder, [STEP, READY, UNDO], &more));
    assert_eq!(done.status, Some(0), "{done:?}");
}

#[test]
fn one_that_the_board_ended_and_one_that_a_limit_ended() {
    let folder = ended_by_the_board("k3s", "k3s.ebl");
    ended_by_a_limit(&folder, "izuma", 4);
    let report = said(&folder, &["report", "k3s.ebl"]);
    for told in [
        "Ramp: 2 containers containers product MiB",
        "ended by the board: available memory below the reserve: 1000 KiB available, reserve 40000 KiB",
        "Cost of one more container",
        "range of the slopes: fewer than 6 numbers of containers",
    ] {
        assert!(report.contains(told), "{told}\n{report}");
    }
    assert!(!report.contains("not undone"), "{report}");
    let report = said(&folder, &["report", "log.ebl"]);
    for told in [
        "Ramp: at least 4 containers",
        "ended by a limit: as many as were asked for",
        "Memory available by containers, MiB",
    ] {
        assert!(report.contains(told), "{told}\n{report}");
    }
    let logs = ["compare", "k3s.ebl", "log.ebl"];
    let table = said(&folder, &logs);
    assert!(table.contains("until unresponsive 2 [") && table.contains("at least 4 ["));
    // Its memory available is the same with each number.
    let told = "ended by a limit: as many as were asked for; one more container, MiB: ";
    let at = table.find(told).unwrap_or_else(|| panic!("{table}"));
    assert!(
        table[at..].contains("memory in use 0.00 (0.00 to 0.00)"),
        "{table}"
    );
    assert!(!table.contains("probe failed"), "{table}");
    let json = parse(&said(&folder, &[&logs[..], &["--format=json"]].concat()));
    let mut rows = json.at("rows").items().iter();
    let row = rows.find(|row| row.at("row").text() == "containers");
    let row = row.unwrap();
    assert_eq!(row.at("against").items().len(), 0, "no difference");
    let [k3s, izuma] = row.at("cells").items() else {
        panic!("{row:?}");
    };
    assert_eq!((k3s.at("value").number(), k3s.has("at_least")), (2, false));
    assert_eq!(
        (izuma.at("value").number(), izuma.has("at_least")),
        (4, true)
    );
}

/// What each number of containers took is in every form for programs.
#[test]
fn every_form_has_the_numbers() {
    let folder = machine();
    ended_by_a_limit(&folder, "k3s", 3);
    let json = parse(&said(&folder, &["report", "--format=json", "log.ebl"]));
    let run = &json.at("blocks").items()[0].at("runs").items()[0];
    let numbers = run.at("containers").items().iter();
    let numbers: Vec<_> = numbers.map(|of| of.at("name").text()).collect();
    assert_eq!(numbers, ["0", "1", "2", "3"]);
    let available = run.at("containers").items()[3].at("available_kib");
    assert_eq!(available.at("median").number(), 700_000);
    let results = json.at("blocks").items()[0].at("results").items();
    let ended = results.iter().find(|of| of.at("phase").text() == "ended");
    assert_eq!(ended.unwrap().at("cause").text(), "max");
    let csv = said(&folder, &["report", "--format=csv", "log.ebl"]);
    assert!(
        csv.contains(",containers,3,,available_kib,median,700000"),
        "{csv}"
    );
    let prom = said(&folder, &["report", "--format=prom", "log.ebl"]);
    for labels in [
        "containers=\"3\",subject=\"containers\",figure=\"available_kib\"",
        "cost_of_one_more_container=\"memory\",subject=\"cost_of_one_more_container\"",
    ] {
        assert!(prom.contains(labels), "{labels}\n{prom}");
    }
    let html = said(&folder, &["report", "--format=html", "log.ebl"]);
    assert!(html.contains("Memory available by containers, MiB"));
    let svg = said(&folder, &["report", "--format=svg", "log.ebl"]);
    assert!(svg.contains("Memory available by containers, MiB"));
}
