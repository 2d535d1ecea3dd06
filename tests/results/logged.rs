//! `log cat`, `info` and `verify`, and what becomes of the samples.

use crate::json::Value;
use crate::made::Made;
use crate::support::{of_kind, run, Folder};
use crate::{among, each_kind, frames, made, only, said};
use edgebench_lite::log::reader::{Event, Reader};
use edgebench_lite::log::record::Record;
use edgebench_lite::log::result::ResultPart;
use edgebench_lite::log::Encoder;
use edgebench_lite::results::parts;

#[test]
fn cat_info_and_verify_know_them() {
    let folder = Folder::new();
    folder.write("a.ebl", only(1, "k3s", &each_kind()));
    let records = folder.cat("a.ebl");
    let results = of_kind(&records, "result");
    assert_eq!(results.len(), 8);
    let first = results[0];
    assert_eq!(first.at("kind").number(), 0);
    assert_eq!(first.at("value").number(), 38_123_456);
    let entries = first.at("entries").items();
    assert_eq!(entries[0].at("text").text(), "serial line");
    assert_eq!(entries[1].at("label").text(), "firmware");
    assert_eq!(entries[1].at("value").number(), 2_498_061);
    assert_eq!(entries[3].at("value"), &Value::Null);
    let info = said(&folder, ["log", "info", "a.ebl"]);
    assert!(info.contains("results          8\n"), "{info}");
    assert!(!info.contains("samples"), "{info}");
    let verify = said(&folder, ["log", "verify", "a.ebl"]);
    assert_eq!(verify, "a.ebl: whole: 0 samples and 8 results in 1 run\n");
}

/// A kind that a later version has written, and a verdict of a known kind.
#[test]
fn info_and_verify_tell_those_of_a_newer_version_apart() {
    let folder = Folder::new();
    let of_kind = |kind, verdict| ResultPart {
        at_us: 0,
        kind,
        part: 0,
        parts: 1,
        verdict,
        value: 1,
        entries: Vec::new(),
    };
    let results = [of_kind(0, 0), of_kind(8, 0), of_kind(1, 9)];
    let log = among(&made(1, "k3s", "edge").log(), 1, 3, &results);
    folder.write("a.ebl", log);
    let info = said(&folder, ["log", "info", "a.ebl"]);
    let start = " UTC, 1000 s after boot (clock synchronised)\n";
    assert!(info.contains(start), "{info}");
    let told = "results          2\nnot shown        1 result of a newer version\n";
    assert!(info.contains(told), "{info}");
    let verify = said(&folder, ["log", "verify", "a.ebl"]);
    let told = "a.ebl: whole: 61 samples and 2 results and 1 result of a newer version in 1 run\n";
    assert_eq!(verify, told);
}

/// Numbers that look random and are the same in every test run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// Results of kinds that are known and of later ones, with tags of both sorts.
fn random(dice: &mut Dice) -> Vec<ResultPart<Vec<u8>>> {
    let count = dice.below(9);
    let known = each_kind();
    let result = |_| match dice.below(3) {
        0 => vec![ResultPart {
            at_us: dice.below(1 << 40),
            kind: 8 + dice.below(1 << 30) as u32,
            part: 0,
            parts: 1,
            verdict: dice.below(9) as u32,
            value: dice.below(1 << 60),
            entries: vec![10 + dice.below(100) as u8, 1, dice.below(256) as u8],
        }],
        _ => parts(&known[dice.below(known.len() as u64) as usize]),
    };
    (0..count).flat_map(result).collect()
}

/// 200 logs: each sample and each result is read as it was written, and the report of the
/// samples is the same as without the results.
#[test]
fn samples_are_read_as_without_them() {
    let mut dice = Dice(0x5EED_0014);
    let folder = Folder::new();
    for number in 0..200 {
        let run = number + 1;
        let mut sampled = made(run, "k3s", "edge");
        sampled.samples = 20;
        let plain = sampled.log();
        let results = random(&mut dice);
        let at = dice.below(frames(&plain).len() as u64 - 1) as usize;
        let log = among(&plain, run, at, &results);
        let (mut samples, mut read) = (0, Vec::new());
        let mut reader = Reader::new(&log[..]);
        while let Some(event) = reader.next_event().unwrap() {
            match event {
                Event::Sample => {
                    assert_eq!(reader.sample().tick, samples);
                    samples += 1;
                }
                Event::Result(part) => read.push(*part),
                Event::Damage(damage) => panic!("{damage:?}"),
                Event::End(losses) => assert!(losses.none(), "{losses:?}"),
                _ => {}
            }
        }
        assert_eq!((samples, &read), (20, &results), "log {number}");
        // The binary, of a few: the reader is what they have in common.
        if number % 20 == 0 {
            folder.write("plain.ebl", &plain);
            folder.write("with.ebl", &log);
            let figures = |log| {
                let csv = said(&folder, ["report", "--format", "csv", log]);
                let of_samples = |line: &&str| !line.contains(",results,");
                let lines = csv.lines().filter(of_samples).map(str::to_owned);
                lines.collect::<Vec<_>>()
            };
            assert_eq!(figures("plain.ebl"), figures("with.ebl"), "log {number}");
        }
    }
}

/// So many runs of a sample each.
fn sampled(runs: u32) -> Vec<u8> {
    let log = |run| {
        let made = made(run, "k3s", "edge");
        Made { samples: 1, ..made }.log()
    };
    (1..=runs).flat_map(log).collect()
}

/// As many runs as can be read are in it, and no more come to it.
#[test]
fn a_log_that_is_full_is_left_as_it_is() {
    let folder = Folder::new();
    crate::support::made_up(&folder, 2, 10);
    let append = |command: &[&str]| {
        let mut edgebench = folder.edgebench(["--proc-root", "root"]);
        let done = run(edgebench.args(command).args(["--output", "log.ebl"]));
        let full = "edgebench-lite: log.ebl holds as many runs as can be read in one log: append \
                    to another\n";
        match done.status {
            Some(0) => true,
            status => {
                assert_eq!((status, &*done.err), (Some(2), full));
                false
            }
        }
    };
    let record = ["record", "--duration=100ms", "--interval=100ms", "-q"];
    let footprint = ["footprint", "--key=app=made-up"];
    let verified = || said(&folder, ["log", "verify", "log.ebl"]);
    let header = |run| {
        let mut encoder = Encoder::new(run, 4096, 1);
        let header = Record::Header(made(run, "k3s", "edge").header);
        encoder.record(&header).unwrap().to_vec()
    };
    // Of a run the header comes again and again.
    let headers = (1..=4095).map(header).chain([header(9)]);
    folder.write("log.ebl", headers.collect::<Vec<_>>().concat());
    assert!(append(&footprint));
    assert!(verified().ends_with(" and 1 footprint in 4096 runs\n"));
    let size = || std::fs::metadata(folder.file("log.ebl")).unwrap().len();
    let before = size();
    assert!(!append(&footprint) && !append(&record));
    assert_eq!(size(), before);
    // And of those with samples.
    folder.write("log.ebl", sampled(999));
    assert!(append(&footprint) && append(&record) && !append(&record) && append(&footprint));
    assert!(verified().contains(" in 1002 runs"), "{}", verified());
    let report = said(&folder, ["report", "--brief", "log.ebl"]);
    assert!(
        report.contains("product k3s, stage edge: 999 runs"),
        "{report}"
    );
}

/// Both segments are read: each has half of the runs that can be.
#[test]
fn a_segment_that_has_its_runs_is_followed_by_the_next() {
    let folder = Folder::new();
    crate::support::made_up(&folder, 2, 10);
    let record = || {
        let mut edgebench = folder.edgebench(["--proc-root", "root", "record", "-q"]);
        edgebench.args(["--duration=100ms", "--interval=100ms"]);
        let done = run(edgebench.args(["--max-size=64M", "--output=log.ebl"]));
        assert_eq!(done.status, Some(0), "{}", done.err);
    };
    let runs = |name: &str| {
        let records = folder.cat(name);
        of_kind(&records, "header").len()
    };
    folder.write("log.ebl", sampled(499));
    record();
    assert!(!folder.file("log.ebl.old").exists());
    record();
    assert_eq!((runs("log.ebl.old"), runs("log.ebl")), (500, 1));
}
