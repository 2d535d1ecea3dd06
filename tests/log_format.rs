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

use edgebench_lite::log::exits;
use edgebench_lite::log::fields::{self, core, device, process};
use edgebench_lite::log::footprint::{pids, rows, Footprint};
use edgebench_lite::log::reader::{Event, Reader};
use edgebench_lite::log::record::{End, Footer, Header, Product, Record};
use edgebench_lite::log::result::{entries, tag, ExitCode, Mark, RampStep, ResultPart};
use edgebench_lite::log::sample::Sample;
use edgebench_lite::log::Encoder;
use skip::skipped;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{board_at_work, header_of, Run};

fn logs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs")
}

/// Everything a log says, in the words of `decode.py`.
fn told(bytes: &[u8]) -> String {
    let mut reader = Reader::new(bytes);
    let mut out = String::new();
    while let Some(event) = reader.next_event().expect("bytes in memory can be read") {
        match event {
            Event::Header(header) => tell_header(&header, &mut out),
            Event::Sample => tell_sample(reader.sample(), &mut out),
            Event::Identity(identity) => line(
                &mut out,
                format_args!(
                    "identity pid={} starttime={} cut={} cmdline={} cgroup={}",
                    identity.pid,
                    identity.starttime,
                    u8::from(identity.cut),
                    hex(&identity.cmdline),
                    hex(&identity.cgroup)
                ),
            ),
            Event::Footer(footer) => tell_footer(&footer, &mut out),
            Event::Footprint(part) => tell_footprint(&part, &mut out),
            Event::Result(part) => tell_result(&part, &mut out),
            Event::Product(key) => line(
                &mut out,
                format_args!(
                    "product kind={} label='{}' pattern='{}'",
                    key.kind, key.label, key.pattern
                ),
            ),
            Event::Damage(damage) => panic!("{damage:?}"),
            Event::End(losses) => assert!(losses.none(), "{losses:?}"),
        }
    }
    out
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "{text}").expect("a string takes everything");
}

fn tell_header(header: &Header<String>, out: &mut String) {
    line(
        out,
        format_args!("header version={} run={}", header.version, header.run),
    );
    for (name, text) in [
        ("tool", &header.tool),
        ("product", &header.product),
        ("stage", &header.stage),
        ("host", &header.host),
        ("release", &header.release),
        ("machine", &header.machine),
        ("os", &header.os),
        ("board", &header.board),
        ("boot_id", &header.boot_id),
        ("cmdline", &header.cmdline),
    ] {
        line(out, format_args!("  {name}='{text}'"));
    }
    for (name, value) in [
        ("clk_tck", header.clk_tck),
        ("page_size", header.page_size),
        ("cores", header.cores.into()),
        ("mem_total_kib", header.mem_total_kib),
        ("swap_total_kib", header.swap_total_kib),
        ("interval_us", header.interval_us),
        ("pss", header.pss as u64),
        ("synchronised", header.synchronised as u64),
        ("euid", header.euid.into()),
        ("start_realtime_ns", header.start_realtime_ns),
        ("start_boottime_ns", header.start_boottime_ns),
    ] {
        line(out, format_args!("  {name}={value}"));
    }
}

fn tell_footer(footer: &Footer, out: &mut String) {
    let end = match footer.end {
        End::Duration => "0".to_owned(),
        End::Signal => "1".to_owned(),
        End::Failure => "2".to_owned(),
        End::Unwritten {
            unwritten,
            write_errno,
        } => format!("3 {unwritten} {write_errno}"),
    };
    line(
        out,
        format_args!(
            "footer {end} {} {} {} {} {} {} {}",
            footer.samples,
            footer.missed,
            footer.latest_us,
            footer.unreadable,
            footer.left_out,
            footer.cpu_us,
            footer.written_bytes
        ),
    );
}

fn tell_footprint(part: &Footprint<String, Vec<u8>>, out: &mut String) {
    let numbers = [
        part.mem_total,
        part.mem_available,
        part.swap_total,
        part.swap_free,
        part.anon_pages,
        part.mapped,
        part.volatile_used,
        part.zram_used,
        part.zram_stored,
        part.read,
        part.took_us,
        part.vanished,
    ];
    line(
        out,
        format_args!(
            "footprint {}/{} at_us={} profiles='{}' flags={} folders='{}' {}",
            part.part,
            part.parts,
            part.at_us,
            part.profiles,
            part.flags,
            part.volatile_folders,
            numbers.map(|number| number.to_string()).join(",")
        ),
    );
    for row in rows(&part.rows) {
        let row = row.expect("the reader has seen that it makes sense");
        let pids: Vec<String> = pids(row.pids)
            .map(|pid| pid.expect("likewise").to_string())
            .collect();
        line(
            out,
            format_args!(
                "  row {} {} {} {} {} {} {} {} {}",
                hex(row.label),
                row.processes,
                row.unreadable,
                row.pss,
                row.shared,
                row.rss,
                row.swap_pss,
                row.virt,
                pids.join(",")
            ),
        );
    }
}

fn tell_result(part: &ResultPart<Vec<u8>>, out: &mut String) {
    line(
        out,
        format_args!(
            "result {}/{} at_us={} kind={} verdict={} value={}",
            part.part, part.parts, part.at_us, part.kind, part.verdict, part.value
        ),
    );
    for entry in entries(&part.entries) {
        let entry = entry.expect("the reader has seen that it makes sense");
        let number = || postcard::from_bytes::<u64>(entry.bytes).expect("likewise");
        let told = match entry.tag {
            tag::MARK => {
                let mark: Mark<'_> = postcard::from_bytes(entry.bytes).expect("likewise");
                let (label, note) = (hex(mark.label), hex(mark.note));
                format!("mark {label} {} {note}", mark.value)
            }
            tag::EXIT => {
                let exit: ExitCode = postcard::from_bytes(entry.bytes).expect("likewise");
                format!("exit {} {}", exit.how, exit.number)
            }
            tag::CPU_US => format!("cpu_us {}", number()),
            tag::FIRST => "first".to_owned(),
            tag::MISSED => format!("missed {}", number()),
            tag::RAMP => {
                let step: RampStep = postcard::from_bytes(entry.bytes).expect("likewise");
                format!("ramp {} {} {}", step.phase, step.ready, step.cause)
            }
            tag::EXITS => {
                let told = exits::read(entry.bytes, &mut |since, row| {
                    let names = row.names.map(|(name, parent)| (hex(name), hex(parent)));
                    let none = || ("-".to_owned(), "-".to_owned());
                    let (name, parent) = names.unwrap_or_else(none);
                    let of = row.ended;
                    let numbers = [of.exits, of.failures, of.cpu_us, of.peak_rss_kib];
                    let [exits, failures, cpu_us, rss] = numbers;
                    let number = row.number;
                    line(
                        out,
                        format_args!(
                            "  exits since={since} {number} {name} {parent} {exits} {failures} \
                             {cpu_us} {rss}"
                        ),
                    );
                });
                told.expect("likewise");
                continue;
            }
            other => format!("entry {other} {}", hex(entry.bytes)),
        };
        line(out, format_args!("  {told}"));
    }
}

fn tell_sample(sample: &Sample, out: &mut String) {
    line(
        out,
        format_args!("sample tick={} late_us={}", sample.tick, sample.late_us),
    );
    for id in 0..16 {
        if let Some(values) = sample.machine.group(id) {
            line(out, format_args!("  group {id} {}", numbers(values)));
        }
    }
    for (core, values) in sample.machine.cores().iter().enumerate() {
        line(out, format_args!("  core {core} {}", numbers(values)));
    }
    for (id, values) in sample.machine.devices().iter().enumerate() {
        let called = sample.device(id).map_or("unknown".to_owned(), |device| {
            format!("kind={} name={}", device.kind, hex(&device.name))
        });
        line(
            out,
            format_args!("  device {id} {called} {}", numbers(values)),
        );
    }
    for (slot, process) in support::by_slot(sample) {
        line(
            out,
            format_args!(
                "  slot {slot} pid={} starttime={} comm={} {}",
                process.pid,
                process.starttime,
                hex(&process.comm),
                numbers(&process.values)
            ),
        );
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").expect("a string takes everything");
        out
    })
}

/// Without the zeros at the end.
fn numbers(values: &[u64]) -> String {
    let len = values
        .iter()
        .rposition(|value| *value != 0)
        .map_or(0, |at| at + 1);
    let words: Vec<_> = values[..len].iter().map(u64::to_string).collect();
    words.join(",")
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
