//! The format: a log of each released version is kept for ever, and is read as a
//! decoder in another language reads it, which was written from the prose alone.
//!
//! While version 1 is not released, its log can be made anew, and its values with
//! it:
//! ```text
//! cargo test --test log_format -- --ignored regenerate
//! ```

#[path = "support/skip.rs"]
mod skip;
#[path = "support/log.rs"]
mod support;
#[path = "support/told.rs"]
mod told;

use edgebench_lite::log::fields::{self, core, device, process};
use edgebench_lite::log::reader::{Event, Reader};
use edgebench_lite::log::record::{End, Footer, Product, Record};
use edgebench_lite::log::result::ResultPart;
use edgebench_lite::log::Encoder;
use skip::skipped;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{board_at_work, header_of, Run};
use told::{line, told};

fn logs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs")
}

/// Whether nothing is missing of a log.
fn is_whole(log: &[u8]) -> bool {
    let mut reader = Reader::new(log);
    std::iter::from_fn(|| reader.next_event().expect("it is in memory")).all(|event| match event {
        Event::Damage(_) => false,
        Event::End(losses) => losses.none(),
        _ => true,
    })
}

/// Two runs with everything in them that version 1 has, on pages of 4 and 16 KiB.
fn everything() -> Vec<u8> {
    let mut log = board_at_work(0xFFF_FFFF, 63, 3);
    log.footer();
    let mut second = Run::new(7, 16384, 300);
    for slot in 0..20 {
        second.birth(
            slot * 15,
            u32::MAX - slot as u32,
            u64::MAX,
            &[0xF0 + slot as u8 % 16; 64],
        );
        *second.values(slot * 15) = [u64::MAX / 3 + slot as u64; process::COUNT];
    }
    for (id, value) in [(0, 1), (1, u64::MAX), (4, 1 << 63), (15, 77)] {
        *second.machine.group_mut(id) = [value; 32];
    }
    second.machine.core_mut(2).expect("there is room for 256")[8] = 1;
    for (id, value) in [(0, 1 << 62), (3, 5)] {
        let values = second.machine.device_mut(id).expect("there is room for 64");
        *values = [value; device::COUNT];
    }
    second.header();
    second.identity(2);
    second.device(3);
    second.sample(1 << 40, u64::MAX, true);
    for slot in [0, 45, 90] {
        second.slots[slot] = None;
        second.rename(slot + 15, b"");
        second.values(slot + 30)[process::RSS] = 0;
    }
    second.birth(45, 1, 1, b"init\n)");
    second.device(63);
    second.machine.device_mut(63).expect("there is room for 64")[device::PRESENT] = 1;
    second.sample(1, 0, true);
    second.sample(9, 1, false);
    second.footprint();
    [log.truth.bytes, second.truth.bytes].concat()
}

/// Results of each kind, and of two that a later writer may have, before, among and
/// behind samples; then a run that has nothing else.
fn results() -> Vec<u8> {
    let mut log = board_at_work(0xABC, 2, 2);
    log.result(7);
    log.sample(1, 0, false);
    for kind in [0, 1, 2, 3, 4, 5, 6, 31] {
        log.result(kind);
    }
    log.sample(1, 0, false);
    log.footer();
    let mut second = Run::new(8, 4096, 1);
    second.header();
    second.result(3);
    [log.truth.bytes, second.truth.bytes].concat()
}

/// A ramp: its commands, its first step, an end by memory at a count of 300, an undo that
/// failed, and a phase and a cause of a later version.
fn ramp() -> Vec<u8> {
    let mut log = board_at_work(0xDEE, 2, 2);
    let entry = |tag: u8, bytes: &[u8]| [&[tag, bytes.len() as u8][..], bytes].concat();
    // Labels and notes of three and four bytes; no value.
    let none = [0xFF; 9];
    let mark = |label: &[u8; 4], note: &[u8; 3]| {
        entry(3, &[&[4], &label[..], &none, &[1, 3], note].concat())
    };
    let commands = [mark(b"step", b"a{n"), mark(b"undo", b"b{n")].concat();
    let memory = entry(2, b"9 KiB available");
    let failed = [entry(2, b"status 4: no"), entry(4, &[0, 4])].concat();
    for (at_us, value, before, step) in [
        (10, 0, commands, &[0, 0, 0][..]),
        (20, 1, Vec::new(), &[1, 0, 0]),
        // 301 of them are ready.
        (30, 300, memory, &[7, 0xAD, 2, 1]),
        (40, 301, failed, &[8, 0, 1]),
        (50, 7, Vec::new(), &[0xC8, 1, 5, 99]),
    ] {
        log.results(&[ResultPart {
            at_us,
            kind: 6,
            part: 0,
            parts: 1,
            verdict: 0,
            value,
            entries: [before, entry(8, step)].concat(),
        }]);
    }
    log.sample(1, 0, false);
    log.footer();
    log.truth.bytes
}

/// Processes that ended: three names and the others, one of them again without its name,
/// names numbered anew, and a number whose name is in no record.
fn ended() -> Vec<u8> {
    let mut log = board_at_work(0xE17, 2, 2);
    let entry = |body: &[&[u8]]| {
        let body = body.concat();
        [&[9, body.len() as u8][..], &body].concat()
    };
    let runc: &[u8] = &[
        1, 4, b'r', b'u', b'n', b'c', 2, b's', b'h', 3, 1, 0xC8, 1, 9,
    ];
    // Number 1, with no parent; number 256.
    let orphan: &[u8] = &[3, 1, 0xFF, 0, 1, 0, 0, 0];
    let others: &[u8] = &[0x80, 4, 0xAC, 2, 0, 0x80, 0x80, 1, 0x81, 1];
    for (at_us, value, entries) in [
        (10, 304, entry(&[&[0], runc, orphan, others])),
        (20, 2, entry(&[&[0], &[0, 2, 0, 7, 8]])),
        (30, 1, entry(&[&[60], &[1, 0, 0, 1, 1, 0, 0]])),
        (40, 1, entry(&[&[60], &[14, 1, 0, 5, 6]])),
    ] {
        log.results(&[ResultPart {
            at_us,
            kind: 7,
            part: 0,
            parts: 1,
            verdict: 0,
            value,
            entries,
        }]);
        log.sample(1, 0, false);
    }
    log.footer();
    log.truth.bytes
}

type Maker = fn() -> Vec<u8>;

/// The logs that are kept, and what makes them.
const KEPT: [(&str, Maker); 4] = [
    ("v1", everything),
    ("v1-results", results),
    ("v1-ramp", ramp),
    ("v1-ended", ended),
];

#[test]
fn version_1_is_read_as_ever() {
    for (name, _) in KEPT {
        let log = fs::read(logs().join(name).with_extension("ebl")).expect("it is kept");
        let expected = logs().join(name).with_extension("expected");
        let expected = fs::read_to_string(expected).expect("it is kept");
        assert!(is_whole(&log), "{name}");
        assert_eq!(told(&log).lines().count(), expected.lines().count());
        for (number, (told, expected)) in told(&log).lines().zip(expected.lines()).enumerate() {
            assert_eq!(told, expected, "{name}.expected:{}", number + 1);
        }
    }
}

/// As long as version 1 is what is written: nobody has altered it unawares.
#[test]
fn version_1_is_written_as_ever() {
    for (name, written) in KEPT {
        let kept = fs::read(logs().join(name).with_extension("ebl")).expect("it is kept");
        let written = written();
        let first = kept
            .iter()
            .zip(&written)
            .position(|(kept, written)| kept != written);
        assert_eq!((first, written.len()), (None, kept.len()), "{name}");
    }
}

/// What the decoder makes of a log; `None` where there is no python3.
fn decoded(log: &Path) -> Option<String> {
    let output = match Command::new("python3")
        .arg(logs().join("decode.py"))
        .arg(log)
        .output()
    {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        output => output.expect("python3 can be run"),
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(String::from_utf8(output.stdout).expect("it writes UTF-8"))
}

/// A header, which processes its product is, by each kind of key, and one that a later
/// writer may add; and a footer.
fn of_a_product() -> Vec<u8> {
    let header = header_of(7, 4096);
    let run = header.run;
    let mut encoder = Encoder::new(run, 4096, 1);
    let mut log = encoder.record(&Record::Header(header)).unwrap().to_vec();
    for (kind, label, pattern) in [
        (0, "web", "nginx"),
        (1, "nginx.service", "nginx.service"),
        (2, "/edge", "/edge"),
        (9, "", "later"),
    ] {
        let key = Product {
            kind,
            label,
            pattern,
        };
        let record = Record::Product(run, key);
        log.extend_from_slice(encoder.record(&record).unwrap());
    }
    let footer = Footer {
        end: End::Unwritten {
            unwritten: 300,
            write_errno: 28,
        },
        samples: 0,
        ..support::footer_of(run)
    };
    let footer = Record::Footer(run, footer);
    log.extend_from_slice(encoder.record(&footer).unwrap());
    log
}

/// The tables of fields, in the words of `fields.txt`.
fn tables() -> String {
    let groups = fields::MACHINE.iter().enumerate();
    let mut tables: Vec<_> = groups
        .map(|(id, group)| (group.name, id.to_string(), group.fields))
        .collect();
    for (name, id, fields) in [
        ("core", "16+n", core::FIELDS),
        ("disk", "272+n", device::disk::FIELDS),
        ("net", "272+n", device::net::FIELDS),
        ("process", "-", process::FIELDS),
    ] {
        tables.push((name, id.to_owned(), fields));
    }
    let mut out = String::from("table id field name unit\n");
    for (table, id, fields) in tables {
        for (field, (name, unit)) in fields.names.iter().zip(fields.units).enumerate() {
            line(
                &mut out,
                format_args!("{table} {id} {field} {name} {unit:?}"),
            );
        }
    }
    out
}

/// Fields are appended: the list for readers in other languages, which is kept by hand,
/// says what the tables say.
#[test]
fn the_list_of_fields_is_that_of_the_tables() {
    let kept = fs::read_to_string(logs().join("fields.txt")).expect("it is kept");
    for (kept, table) in kept.lines().zip(tables().lines()) {
        assert_eq!(kept, table);
    }
    assert_eq!(kept, tables());
}

/// Without python3 there is nothing to compare with, and the kept values stand for it.
#[test]
fn another_language_reads_the_same() {
    let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join("log_format.ebl");
    let mut at_work = board_at_work(99, 130, 12);
    at_work.footer();
    for bytes in [
        everything(),
        results(),
        ramp(),
        ended(),
        at_work.truth.bytes,
        of_a_product(),
    ] {
        fs::write(&log, &bytes).expect("the target folder can be written to");
        let Some(decoded) = decoded(&log) else {
            return skipped("python3 is not there");
        };
        for (told, decoded) in told(&bytes).lines().zip(decoded.lines()) {
            assert_eq!(told, decoded);
        }
        assert_eq!(told(&bytes).len(), decoded.len());
    }
}

#[test]
#[ignore = "alters what is kept: only while version 1 is not released"]
fn regenerate() {
    for (name, made) in KEPT {
        let log = logs().join(name).with_extension("ebl");
        fs::write(&log, made()).expect("the folder can be written to");
        let decoded = decoded(&log).expect("python3 is needed for this");
        let expected = log.with_extension("expected");
        fs::write(expected, decoded).expect("the folder can be written to");
    }
}
