//! A report in all its forms: markdown, json, csv, html, svg.
//!
//! `golden/` has them of the run that tests/report_machine works out by hand. To write
//! these anew: `GOLDEN=write cargo test --test report_forms`; then read what changed.
//! `FORMS=FOLDER` leaves logs of several runs there, to be looked at.

#[path = "../report_machine/board.rs"]
mod board;
mod figures;
mod hostile;
#[path = "../support/others.rs"]
mod others;

use edgebench_lite::log::fields::memory;
use edgebench_lite::log::model::Machine;
use edgebench_lite::log::record::Header;
use edgebench_lite::render::{csv, report, report_json, svg, Medium, Report};
use edgebench_lite::series::{summarise_drawn, By, Memory, Options};
use std::path::Path;

const OPTIONS: Options = Options {
    top: 20,
    by: By::Name,
    memory: Memory::Pss,
};

const FORMS: [&str; 5] = ["md", "json", "csv", "html", "svg"];

fn report(logs: &[Vec<u8>]) -> Report {
    let runs = |log: &Vec<u8>| summarise_drawn(&mut || Ok(&log[..]), &OPTIONS).unwrap();
    Report::new(logs.iter().flat_map(runs), OPTIONS)
}

fn written(report: &Report, form: &str) -> String {
    let mut out = Vec::new();
    match form {
        "md" => report::write(&mut out, report, Medium::Markdown),
        "json" => report_json::write(&mut out, report),
        "csv" => csv::write(&mut out, report),
        "html" => report::write(&mut out, report, Medium::Html),
        _ => svg::write(&mut out, report),
    }
    .unwrap();
    String::from_utf8(out).unwrap()
}

/// A baseline, and three and two runs of two products: each takes 10 MiB more than the
/// one before.
fn several() -> Vec<(String, Vec<u8>)> {
    let mut logs: Vec<(String, Vec<u8>)> = Vec::new();
    for (product, stage, runs) in [
        ("k3s", "baseline", 1),
        ("k3s", "edge", 3),
        ("izuma", "edge", 2),
    ] {
        for run in 1..=runs {
            let nth = logs.len() as u64;
            let header = Header {
                product,
                stage,
                start_boottime_ns: board::header().start_boottime_ns + nth,
                ..board::header()
            };
            let log = board::log(&header, |_, machine: &mut Machine| {
                machine.group_mut(memory::ID)[memory::MEM_AVAILABLE] -= nth * 10 * 1024;
            });
            logs.push((format!("{product}-{stage}-{run}.ebl"), log));
        }
    }
    logs
}

#[test]
fn every_form_of_the_whole_report() {
    let report = report(&[board::log(&board::header(), |_, _| {})]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report_forms/golden");
    for form in FORMS {
        let text = written(&report, form);
        let path = folder.join(format!("one-run.{form}"));
        if std::env::var_os("GOLDEN").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert!(
            text == std::fs::read_to_string(&path).unwrap(),
            "{form} is not as {} has it",
            path.display()
        );
    }
}

#[test]
fn logs_are_left_where_they_are_asked_for() {
    let Some(folder) = std::env::var_os("FORMS") else {
        return;
    };
    for (name, log) in several() {
        std::fs::write(Path::new(&folder).join(name), log).unwrap();
    }
}
