//! A report in all its forms: markdown, json, csv, html, svg.
//!
//! `golden/` has them of the run that tests/report_machine works out by hand. To write
//! these anew: `GOLDEN=1 cargo test --test report_forms`; then look at the diff.

#[path = "../report_machine/board.rs"]
mod board;
mod figures;
mod gaps;
#[path = "../support/golden.rs"]
mod golden;
mod hostile;
#[path = "../support/labels.rs"]
mod labels;
#[path = "../support/others.rs"]
mod others;
#[path = "../support/skip.rs"]
mod skip;

use edgebench_lite::log::fields::memory;
use edgebench_lite::log::model::Machine;
use edgebench_lite::log::record::Header;
use edgebench_lite::render::{csv, report, report_json, svg, Medium, Report};
use edgebench_lite::series::{summarise, By, Memory, Options};

const OPTIONS: Options = Options {
    top: 20,
    by: By::Name,
    memory: Memory::Pss,
};

const FORMS: [&str; 5] = ["md", "json", "csv", "html", "svg"];

fn report(logs: &[Vec<u8>]) -> Report {
    let runs = |log: &Vec<u8>| summarise(&mut || Ok(&log[..]), &OPTIONS, true).unwrap();
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
    let texts = FORMS.map(|form| (format!("one-run.{form}"), written(&report, form)));
    golden::are_kept("tests/report_forms/golden", "GOLDEN", texts);
}

#[test]
#[ignore = "writes logs of several runs into the folder FORMS, to be looked at"]
fn leave_logs() {
    let folder = std::env::var_os("FORMS").expect("FORMS=FOLDER");
    for (name, log) in several() {
        std::fs::write(std::path::Path::new(&folder).join(name), log).unwrap();
    }
}
