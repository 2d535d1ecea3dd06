//! Results, by the shipped binary: logs with samples, with results, and with both.

#[allow(dead_code)]
#[path = "../cli/json.rs"]
mod json;
#[allow(dead_code)]
#[path = "../compare/made.rs"]
mod made;
#[allow(dead_code)]
#[path = "../support/skip.rs"]
mod skip;
#[allow(dead_code)]
#[path = "../cli/support.rs"]
mod support;

mod compared;
mod logged;
mod reported;

use edgebench_lite::log::frame::{encode, MAX_FRAME};
use edgebench_lite::log::record::{End, Footer, Header, Record};
use edgebench_lite::log::result::ResultPart;
use edgebench_lite::log::Encoder;
use edgebench_lite::results::{parts, CommandRun, Kind, Mark, Measurement, Outcome, Verdict};
use made::made;
use support::{run, Folder};

/// A result that took so many microseconds, or counted so many.
fn of(kind: Kind, value: u64, source: &str) -> Measurement {
    Measurement {
        at_us: 90_000_000,
        kind,
        verdict: Verdict::None,
        value: Some(value),
        source: source.to_owned(),
        reason: String::new(),
        evidence: Vec::new(),
        marks: Vec::new(),
        command: None,
        ramp: None,
        cut: false,
    }
}

fn answer(kind: Kind, verdict: Verdict, evidence: &[&str]) -> Measurement {
    Measurement {
        verdict,
        value: None,
        evidence: evidence.iter().map(|&line| line.to_owned()).collect(),
        ..of(kind, 0, "survive")
    }
}

fn mark(label: &str, value: Option<u64>, note: &str) -> Mark {
    Mark {
        label: label.to_owned(),
        value,
        note: note.to_owned(),
    }
}

/// One result of each kind.
fn each_kind() -> Vec<Measurement> {
    let unknown = "no synchronised clock at both ends";
    vec![
        Measurement {
            marks: vec![
                mark("firmware", Some(2_498_061), "stc 2498061"),
                mark("kernel", Some(6_120_000), "printk stamp"),
                mark("shutdown", None, unknown),
            ],
            ..of(Kind::BootCold, 38_123_456, "serial line")
        },
        of(Kind::BootRestart, 128_004_999, "serial line, restart"),
        Measurement {
            value: Some(12_340_000),
            ..answer(
                Kind::IpChange,
                Verdict::No,
                &["192.0.2.7 became 192.0.2.9", "k3s: no such interface"],
            )
        },
        answer(Kind::SimpleFirewall, Verdict::Yes, &["6443 refused"]),
        Measurement {
            reason: "the peer was not reached".to_owned(),
            ..answer(Kind::ComplexFirewall, Verdict::NotMeasured, &[])
        },
        Measurement {
            command: Some(CommandRun {
                outcome: Some(Outcome::Status(0)),
                cpu_us: 2_500_000,
                is_first: true,
                missed: 2,
            }),
            ..of(Kind::Probe, 73_000_000, "kubectl get nodes")
        },
        of(Kind::Probe, 850_000, "kubectl get nodes"),
        of(Kind::Ramp, 12, "MemAvailable below the reserve"),
    ]
}

fn header_of(run: u32, product: &'static str) -> Header<&'static str> {
    made(run, product, "edge").header
}

/// A run that has nothing but results.
fn only(run: u32, product: &'static str, results: &[Measurement]) -> Vec<u8> {
    with_header(header_of(run, product), results)
}

fn with_header(header: Header<&'static str>, results: &[Measurement]) -> Vec<u8> {
    let run = header.run;
    let parts: Vec<_> = results.iter().flat_map(parts).collect();
    let mut encoder = Encoder::new(run, 4096, 1);
    let mut log = encoder.record(&Record::Header(header)).unwrap().to_vec();
    for part in &parts {
        let record = Record::Result(run, part.map(Vec::as_slice));
        log.extend_from_slice(encoder.record(&record).unwrap());
    }
    let footer = Footer {
        end: End::Duration,
        samples: 0,
        missed: 0,
        latest_us: 0,
        unreadable: 0,
        left_out: 0,
        cpu_us: 1000,
        written_bytes: 500,
    };
    let footer = Record::Footer(run, footer);
    log.extend_from_slice(encoder.record(&footer).unwrap());
    log
}

/// The frames of a log, each with its 0x00.
fn frames(log: &[u8]) -> Vec<&[u8]> {
    log.split_inclusive(|byte| *byte == 0).collect()
}

/// A log of samples, with these parts of results behind the frame of that number, and
/// all that follows numbered anew.
fn among(log: &[u8], run: u32, at: usize, parts: &[ResultPart<Vec<u8>>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut room = [0; MAX_FRAME];
    let mut seq = u64::from(run & 0xF_FFFF);
    let mut put = |record: &Record<'_>, out: &mut Vec<u8>| {
        out.extend_from_slice(encode(seq, record, &mut room).unwrap());
        seq += 1;
    };
    for (number, frame) in frames(log).into_iter().enumerate() {
        let mut frame = frame[..frame.len() - 1].to_vec();
        let (_, record) = edgebench_lite::log::frame::decode(&mut frame).unwrap();
        put(&record, &mut out);
        if number == at {
            for part in parts {
                put(&Record::Result(run, part.map(Vec::as_slice)), &mut out);
            }
        }
    }
    out
}

/// What a command says, which is done.
fn said<'a>(folder: &Folder, arguments: impl IntoIterator<Item = &'a str>) -> String {
    let mut command = folder.edgebench(arguments);
    let done = run(command.env("COLUMNS", "120").env("LC_ALL", "C"));
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    done.out
}
