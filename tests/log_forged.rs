//! Frames with a right checksum and contents that no writer writes.

#[path = "support/log.rs"]
mod support;

use edgebench_lite::log::cobs;
use edgebench_lite::log::crc32::crc32;
use edgebench_lite::log::frame::{self, Fault, MAX_FRAME};
use edgebench_lite::log::model::Process;
use edgebench_lite::log::reader::{Event, Reader};
use edgebench_lite::log::record::{
    self, Delta, Footer, Identity, Key, More, Product, Record, VARIANTS,
};
use edgebench_lite::log::result::ResultPart;
use edgebench_lite::log::sample::Fate;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::Cell;
use support::{footer_of, footprint_of, header_of, identity_of};

const RUN: u32 = 3;

/// A frame with these bytes behind the checksum.
fn raw(payload: &[u8]) -> Vec<u8> {
    let text = [&crc32(payload).to_le_bytes(), payload].concat();
    let mut out = vec![0; cobs::encoded_len(text.len()) + 1];
    let len = cobs::encode(&text, &mut out);
    out.truncate(len + 1);
    out
}

fn framed(seq: u64, record: &Record<'_>) -> Vec<u8> {
    let mut out = [0; MAX_FRAME];
    frame::encode(seq, record, &mut out)
        .expect("it fits")
        .to_vec()
}

fn varints(numbers: &[u64]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in numbers {
        bytes.extend(
            postcard::to_slice(number, &mut [0; 10])
                .expect("ten bytes hold it")
                .iter(),
        );
    }
    bytes
}

fn key<'a>(run: u32, tick: u64, machine: &'a [u8], processes: &'a [u8]) -> Record<'a> {
    Record::Key(Key {
        run,
        flags: 0,
        tick,
        late_us: 0,
        machine,
        processes,
    })
}

fn delta<'a>(ticks: u64, machine: &'a [u8], processes: &'a [u8]) -> Record<'a> {
    Record::Delta(Delta {
        flags: 0,
        ticks,
        late_us: 0,
        machine,
        processes,
    })
}

/// pid 7, starttime 9, "a", utime 5; its slot is the one after `gap` others.
fn birth(gap: u64) -> Vec<u8> {
    [
        varints(&[gap << 2 | 1, 7, 9, 1]),
        b"a".to_vec(),
        varints(&[1, 10]),
    ]
    .concat()
}

/// What is told of a log, shortly.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Header,
    Sample(u64),
    Identity,
    Footer,
    Footprint,
    Result(u32),
    Product,
    Damage(Fault),
}

fn told_by(reader: &mut Reader<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    while let Some(event) = reader.next_event().expect("bytes in memory can be read") {
        told.push(match event {
            Event::Header(_) => Told::Header,
            Event::Sample => Told::Sample(reader.sample().tick),
            Event::Identity(_) => Told::Identity,
            Event::Footer(_) => Told::Footer,
            Event::Footprint(_) => Told::Footprint,
            Event::Result(part) => Told::Result(part.kind),
            Event::Product(_) => Told::Product,
            Event::Damage(damage) => Told::Damage(damage.fault),
            Event::End(_) => continue,
        });
    }
    told
}

/// A header, then these records, numbered one after the other.
fn log_of(records: &[Record<'_>]) -> Vec<u8> {
    let header = Record::Header(header_of(RUN, 4096));
    let records = std::iter::once(&header).chain(records);
    let frames = records
        .enumerate()
        .map(|(seq, record)| framed(seq as u64, record));
    frames.collect::<Vec<_>>().concat()
}

fn told(records: &[Record<'_>]) -> Vec<Told> {
    let bytes = log_of(records);
    let told = told_by(&mut Reader::new(&bytes[..]));
    assert_eq!(told[0], Told::Header);
    told[1..].to_vec()
}

const MALFORMED: Told = Told::Damage(Fault::Malformed);

/// The first makes no sense, so the delta behind it is not applied; the next Key is.
fn assert_refused(records: &[Record<'_>]) {
    let born = birth(0);
    let whole = records.len() - 1;
    let behind = [
        delta(1, &[], &[]),
        key(RUN, 50, &[], &born),
        delta(1, &[], &[]),
    ];
    let all: Vec<_> = records.iter().cloned().chain(behind).collect();
    let out = told(&all);
    let mut expected: Vec<_> = (0..whole as u64).map(|at| Told::Sample(10 + at)).collect();
    expected.extend([MALFORMED, Told::Sample(50), Told::Sample(51)]);
    assert_eq!(out, expected, "{records:?}");
}

#[test]
fn entries_of_the_machine_that_make_no_sense() {
    let overlong = [0x80; 11];
    for machine in [
        varints(&[336, 0]),
        varints(&[16 + 256 + 64, 1, 2]),
        varints(&[u64::MAX, 0]),
        varints(&[0, 0, u64::MAX, 0]),
        varints(&[335, 0, 0, 0]),
        varints(&[0]),
        varints(&[0, 1]),
        varints(&[0, u64::MAX, 1]),
        overlong.to_vec(),
        [&[0][..], &overlong].concat(),
        vec![0xFF; 40],
    ] {
        assert_refused(&[key(RUN, 10, &machine, &[])]);
        assert_refused(&[key(RUN, 10, &[], &[]), delta(1, &machine, &[])]);
    }
}

#[test]
fn entries_of_processes_that_make_no_sense() {
    let twice = [birth(0), varints(&[u64::MAX])].concat();
    for processes in [
        varints(&[65_536 << 2 | 1, 7, 9, 0, 0]),
        varints(&[u64::MAX]),
        varints(&[u64::MAX - 2]),
        // A death, a change and a rename of nobody.
        varints(&[2]),
        varints(&[0, 0]),
        varints(&[3, 0, 0]),
        varints(&[4000 << 2 | 2]),
        // Cut off in the midst.
        varints(&[1]),
        varints(&[1, 7]),
        varints(&[1, 7, 9]),
        varints(&[1, 7, 9, 5]),
        varints(&[1, 7, 9, 0]),
        varints(&[1, 7, 9, 0, 1]),
        varints(&[1, 7, 9, 0, u64::MAX, 1, 1]),
        // A name of 2^64 - 1 bytes; a pid beyond 32 bits.
        varints(&[1, 7, 9, u64::MAX]),
        varints(&[1, 1 << 32, 9, 0, 0]),
        twice,
    ] {
        assert_refused(&[key(RUN, 10, &[], &processes)]);
        assert_refused(&[key(RUN, 10, &[], &[]), delta(1, &[], &processes)]);
    }
}

/// What a later writer may add is passed over, and what stands behind it is read.
#[test]
fn unknown_fields_and_groups() {
    let machine = varints(&[0, 1 | 1 << 40, 6, 8, 13, 1, 13, 1, 1 << 63 | 2, 4, 9]);
    let behind = varints(&[0, 1 << 50 | 2, 12, 99]);
    let processes = [
        varints(&[1, 7, 9, 1]),
        b"a".to_vec(),
        varints(&[1 << 63 | 1, 10, 77]),
    ]
    .concat();
    let records = [key(RUN, 10, &machine, &processes), delta(1, &[], &behind)];
    let bytes = log_of(&records);
    let mut reader = Reader::new(&bytes[..]);
    let told = told_by(&mut reader);
    assert_eq!(told, [Told::Header, Told::Sample(10), Told::Sample(11)]);
    let sample = reader.sample();
    assert_eq!(sample.machine.group(0).map(|group| group[0]), Some(3));
    assert_eq!(
        sample.machine.group(14).map(|group| group[0]),
        Some((-7i64) as u64)
    );
    // Group 16 is core 0.
    assert_eq!(sample.machine.cores(), [[0, 2, 0, 0, 0, 0, 0, 0, 0, 0]]);
    let utimes: Vec<_> = sample
        .processes()
        .map(|process| process.values[..2].to_vec())
        .collect();
    assert_eq!(utimes, [[5, 6]]);
}

#[test]
fn numbers_run_over_without_a_panic() {
    let born = [
        varints(&[1, u64::from(u32::MAX), u64::MAX, 0]),
        varints(&[0xFFFF]),
    ]
    .concat();
    let born = [born, varints(&[u64::MAX; 16])].concat();
    let changed = [varints(&[0, 0xFFFF]), varints(&[u64::MAX; 16])].concat();
    let machine = [
        varints(&[0, u64::from(u32::MAX)]),
        varints(&[u64::MAX - 1; 32]),
    ]
    .concat();
    let all_read = |ticks| {
        Record::Delta(Delta {
            flags: 0xFE,
            ticks,
            late_us: u64::MAX,
            machine: &machine,
            processes: &changed,
        })
    };
    let first = key(RUN, u64::MAX - 1, &machine, &born);
    assert_eq!(
        told(&[first.clone(), all_read(1)]),
        [Told::Sample(u64::MAX - 1), Told::Sample(u64::MAX)]
    );
    // The ticks run out.
    assert_eq!(
        told(&[first, all_read(2)]),
        [Told::Sample(u64::MAX - 1), MALFORMED]
    );
    // And the sequence numbers.
    let header = framed(u64::MAX, &Record::Header(header_of(RUN, u64::MAX)));
    let frames = [
        header,
        framed(0, &key(RUN, 1, &[], &born)),
        framed(1, &all_read(1)),
    ]
    .concat();
    let frames = [
        frames,
        framed(u64::MAX, &key(RUN, 5, &[], &born)),
        framed(0, &all_read(1)),
    ]
    .concat();
    let mut reader = Reader::new(&frames[..]);
    assert_eq!(
        told_by(&mut reader),
        [
            Told::Header,
            Told::Sample(1),
            Told::Sample(2),
            Told::Sample(5)
        ]
    );
    // Ticks 3 and 4, and the last of all; 1 comes before the first.
    let losses = &support::losses_of(&frames)[0].1;
    assert_eq!((losses.lost, losses.overwritten), (3, 1));
}

#[test]
fn parts_of_samples_out_of_place() {
    let born = birth(0);
    let more = |flags| {
        Record::More(More {
            flags,
            machine: &[],
            processes: &born,
        })
    };
    let open_key = Record::Key(Key {
        run: RUN,
        flags: 1,
        tick: 9,
        late_us: 0,
        machine: &[],
        processes: &[],
    });
    let open_delta = Record::Delta(Delta {
        flags: 1,
        ticks: 1,
        late_us: 0,
        machine: &[],
        processes: &born,
    });
    let plain = delta(1, &[], &[]);
    let whole = key(RUN, 20, &[], &[]);
    for (records, expected) in [
        // Before any Key.
        (vec![plain.clone(), whole.clone()], vec![20]),
        (vec![more(0), plain.clone(), whole.clone()], vec![20]),
        // A More of a sample that is complete.
        (vec![whole.clone(), more(0), plain.clone()], vec![20]),
        // A sample that is never completed: at the end, by a Delta, by a Key.
        (vec![open_key.clone(), more(1), more(1)], vec![]),
        (
            vec![
                open_key.clone(),
                plain.clone(),
                plain.clone(),
                whole.clone(),
            ],
            vec![20],
        ),
        (
            vec![open_key.clone(), whole.clone(), plain.clone()],
            vec![20, 21],
        ),
        (
            vec![
                whole.clone(),
                open_delta.clone(),
                plain.clone(),
                plain.clone(),
            ],
            vec![20],
        ),
        (
            vec![
                whole.clone(),
                open_delta.clone(),
                whole.clone(),
                plain.clone(),
            ],
            vec![20, 21],
        ),
        // Whose parts come after all.
        (
            vec![open_key.clone(), more(1), more(0), plain.clone()],
            vec![9, 10],
        ),
        (
            vec![whole.clone(), open_delta, more(0), plain.clone()],
            vec![20, 21, 22],
        ),
        // The Key of another run.
        (
            vec![key(4, 9, &[], &[]), plain.clone(), whole.clone()],
            vec![20],
        ),
        (
            vec![whole.clone(), key(4, 9, &[], &[]), plain.clone()],
            vec![20],
        ),
    ] {
        let expected: Vec<_> = expected.into_iter().map(Told::Sample).collect();
        assert_eq!(told(&records), expected, "{records:?}");
    }
}

#[test]
fn records_of_another_run_are_passed_over() {
    let whole = key(RUN, 20, &[], &[]);
    let records = [
        whole.clone(),
        Record::Footer(4, footer_of(4)),
        Record::Identity(4, identity_of(4, 1)),
        Record::Device(4, support::device_of(4, 1)),
        delta(1, &[], &[]),
        Record::Identity(RUN, identity_of(RUN, 1)),
        Record::Footer(RUN, footer_of(RUN)),
        delta(1, &[], &[]),
        Record::Header(header_of(4, 4096)),
        whole,
        key(4, 1, &[], &[]),
    ];
    let expected = [
        Told::Sample(20),
        Told::Identity,
        Told::Footer,
        Told::Header,
        Told::Sample(1),
    ];
    assert_eq!(told(&records), expected);
}

#[test]
fn a_run_begins_with_nothing_of_the_one_before() {
    let (born, change) = (birth(0), varints(&[0, 1, 2]));
    let records = [
        Record::Device(RUN, support::device_of(RUN, 1)),
        key(RUN, 20, &[0, 1, 2], &born),
        Record::Header(header_of(4, 4096)),
        delta(1, &[], &change),
        key(4, 20, &[], &[]),
    ];
    let bytes = log_of(&records);
    let mut reader = Reader::new(&bytes[..]);
    let told = told_by(&mut reader);
    assert_eq!(
        told,
        [
            Told::Header,
            Told::Sample(20),
            Told::Header,
            Told::Sample(20)
        ]
    );
    assert_eq!(reader.sample().processes().count(), 0);
    assert_eq!(reader.sample().changes, []);
    assert_eq!(reader.sample().machine.group(0), None);
    assert_eq!(reader.sample().device(1), None);
}

/// What a later writer may have: more kinds, longer names, more devices.
#[test]
fn devices_of_a_later_writer() {
    let device = |id, kind, name| Record::Device(RUN, record::Device { id, kind, name });
    let long = [b'x'; 300];
    let machine = varints(&[272, 1 << 40 | 1, 8, 8]);
    let records = [
        device(0, 200, b"gpu0"),
        device(63, 1, &long[..]),
        device(64, 0, b"sdz"),
        device(255, 0, b"sdy"),
        device(5, 0, b""),
        key(RUN, 20, &machine, &[]),
        delta(1, &[], &[]),
    ];
    let bytes = log_of(&records);
    let mut reader = Reader::new(&bytes[..]);
    let told = told_by(&mut reader);
    assert_eq!(told, [Told::Header, Told::Sample(20), Told::Sample(21)]);
    let sample = reader.sample();
    let called = |id| sample.device(id).map(|d| (d.kind, d.name.to_vec()));
    assert_eq!(called(0), Some((200, b"gpu0".to_vec())));
    assert_eq!(called(63), Some((1, long[..32].to_vec())));
    assert_eq!(called(5), Some((0, Vec::new())));
    assert_eq!(called(1), None);
    assert_eq!(sample.machine.devices()[0][0], 4);
}

/// Half a difference was applied, and never shown: what is told with the next Key
/// leads from what was shown.
#[test]
fn changes_after_a_sample_that_was_never_completed() {
    let first = [birth(0), birth(0), birth(0), birth(0)].concat();
    // 0 changes, 1 dies, 2 is taken over, 3 stays, 4 is born; then the rest is lost.
    let half = [
        varints(&[0, 1, 2, 2]),
        birth(0),
        varints(&[1 << 2 | 1, 8, 9, 0, 0]),
    ]
    .concat();
    let open = Record::Delta(Delta {
        flags: 1,
        ticks: 1,
        late_us: 0,
        machine: &[],
        processes: &half,
    });
    let after = [
        birth(0),
        birth(0),
        birth(0),
        birth(0),
        varints(&[1, 8, 9, 0, 0]),
    ]
    .concat();
    let bytes = log_of(&[
        key(RUN, 1, &[], &first),
        open.clone(),
        key(RUN, 9, &[], &after),
    ]);
    let mut reader = Reader::new(&bytes[..]);
    assert_eq!(
        told_by(&mut reader),
        [Told::Header, Told::Sample(1), Told::Sample(9)]
    );
    let changes = &reader.sample().changes;
    assert!(changes.contains(&(4, Fate::Born)), "{changes:?}");
    assert!(!changes.iter().any(|(slot, _)| *slot == 3), "{changes:?}");
    // Nobody knows any more that these are who they were: gone and come, or there.
    for slot in [1, 2] {
        let of_slot: Vec<_> = changes
            .iter()
            .filter(|(at, _)| *at == slot)
            .map(|(_, fate)| *fate)
            .collect();
        assert_eq!(of_slot, [Fate::Died, Fate::Born]);
    }

    let bytes = log_of(&[key(RUN, 1, &[], &first), open, key(RUN, 9, &[], &[])]);
    let mut reader = Reader::new(&bytes[..]);
    told_by(&mut reader);
    let died: Vec<_> = (0..4).map(|slot| (slot, Fate::Died)).collect();
    assert_eq!(reader.sample().changes, died);
}

#[test]
fn records_that_are_none() {
    let header = framed(0, &Record::Header(header_of(RUN, 4096)));
    let good = framed(1, &key(RUN, 1, &[], &[]));
    let record = |record: &Record<'_>| {
        let mut out = [0; 500];
        postcard::to_slice(record, &mut out)
            .expect("it fits")
            .to_vec()
    };
    let with_seq = |record: Vec<u8>| [varints(&[2]), record].concat();
    let plain = record(&delta(1, &[], &[]));
    let footprint = |part, rows: &[u8]| {
        let of = footprint_of(RUN, part);
        let of = of.map(|text| text.as_str(), |_| rows);
        record(&Record::Footprint(RUN, of))
    };
    let mut newer = header_of(RUN, 4096);
    newer.version = 2;
    let newer_short = [varints(&[0]), b"edgebnch".to_vec(), varints(&[3]), vec![1]].concat();
    let newer_long = [
        varints(&[0]),
        b"edgebnch".to_vec(),
        varints(&[9]),
        vec![7; 300],
    ]
    .concat();
    let mut foreign = header_of(RUN, 4096);
    foreign.magic = *b"edgebnck";
    let footer = record(&Record::Footer(
        RUN,
        Footer {
            samples: 1,
            ..footer_of(RUN)
        },
    ));
    let not_utf8 = {
        let mut bytes = record(&Record::Header(header_of(RUN, 4096)));
        let at = bytes
            .windows(5)
            .position(|w| w == b"izuma")
            .expect("the product is in it");
        bytes[at] = 0xFF;
        bytes
    };
    for (payload, fault) in [
        (vec![], Fault::Checksum),
        (vec![0x80], Fault::Malformed),
        (vec![0x80; 12], Fault::Malformed),
        (varints(&[2]), Fault::Malformed),
        // A result that is cut off.
        (varints(&[2, 8]), Fault::Malformed),
        (varints(&[2, 8, 1, 2, 3]), Fault::Malformed),
        // A product's label that is no text, and one that is cut off.
        (varints(&[2, 9, 3, 0, 1, 0xFF, 0]), Fault::Malformed),
        (varints(&[2, 9, 3, 0, 2, 97]), Fault::Malformed),
        (varints(&[2, VARIANTS]), Fault::Unknown),
        (varints(&[2, VARIANTS, 1, 2, 3]), Fault::Unknown),
        (varints(&[2, u64::from(u32::MAX)]), Fault::Unknown),
        (varints(&[2, u64::MAX]), Fault::Unknown),
        ([vec![2], vec![0x80; 11]].concat(), Fault::Malformed),
        // Too long, and too short.
        (with_seq([&plain[..], &[0]].concat()), Fault::Malformed),
        (
            with_seq(plain[..plain.len() - 1].to_vec()),
            Fault::Malformed,
        ),
        (with_seq([&footer[..], &[0]].concat()), Fault::Malformed),
        (with_seq(varints(&[2, 0, 1, 0, u64::MAX])), Fault::Malformed),
        (with_seq(record(&Record::Header(newer))), Fault::Newer(2)),
        (with_seq(newer_short), Fault::Newer(3)),
        (with_seq(newer_long), Fault::Newer(9)),
        (with_seq(record(&Record::Header(foreign))), Fault::Malformed),
        (with_seq(not_utf8), Fault::Malformed),
        // The end of a run for a reason that there is not; a truth that is none.
        (
            varints(&[2, 5, 3, 9, 0, 0, 0, 0, 0, 0, 0]),
            Fault::Malformed,
        ),
        (varints(&[2, 4, 3, 9, 9, 2, 0, 0]), Fault::Malformed),
        // A part that the footprint does not have; rows and pids that are cut off.
        (with_seq(footprint(2, &[])), Fault::Malformed),
        (
            with_seq(footprint(0, &[1, b'a', 1, 0, 1, 1, 1, 1])),
            Fault::Malformed,
        ),
        (
            with_seq(footprint(0, &[1, b'a', 1, 0, 1, 1, 1, 1, 1, 1, 0x80])),
            Fault::Malformed,
        ),
    ] {
        let next = framed(3, &delta(1, &[], &[]));
        let bytes = [&header[..], &good, &raw(&payload), &next].concat();
        let mut reader = Reader::new(&bytes[..]);
        let expected = [Told::Header, Told::Sample(1), Told::Damage(fault)];
        assert_eq!(told_by(&mut reader), expected, "{payload:?}");
        // The one after it was a sample, and so may it have been, if it is no footprint.
        let lost = 2 - u64::from(payload.get(1) == Some(&7));
        assert_eq!(support::losses_of(&bytes)[0].1.lost, lost, "{payload:?}");
    }
}

/// Its part is one that it does not have; an entry is cut off; a mark is cut off, or
/// followed by a byte. What is no result is damage, and no sample.
#[test]
fn results_that_are_none() {
    for (part, parts, entries) in [
        (1, 1, &[][..]),
        (0, 0, &[]),
        (0, 1, &[2]),
        (0, 1, &[2, 2, b'a']),
        (0, 1, &[3, 3, 1, b'a', 9]),
        (0, 1, &[3, 5, 1, b'a', 9, 0, 0]),
    ] {
        let result = ResultPart {
            at_us: 1,
            kind: 0,
            part,
            parts,
            verdict: 0,
            value: 5,
            entries,
        };
        let bytes = log_of(&[
            key(RUN, 1, &[], &[]),
            Record::Result(RUN, result),
            delta(1, &[], &[]),
        ]);
        let mut reader = Reader::new(&bytes[..]);
        let damage = Told::Damage(Fault::Malformed);
        let expected = [Told::Header, Told::Sample(1), damage];
        assert_eq!(told_by(&mut reader), expected, "{part} {entries:?}");
        assert_eq!(support::losses_of(&bytes)[0].1.lost, 1);
    }
}

/// Whatever its kind, its verdict and its tags are, the samples around it are read; one
/// of another run is passed over, and what a copy of the log brings again counts once.
#[test]
fn a_result_stands_alone() {
    let result = |run, kind: u32| {
        let result = ResultPart {
            at_us: 1,
            kind,
            part: 0,
            parts: 1,
            verdict: kind,
            value: 5,
            entries: &[0x80, 0x80, 0x01, 1, 7][..],
        };
        Record::Result(run, result)
    };
    let of_run = log_of(&[
        result(RUN, 9),
        key(RUN, 1, &[], &[]),
        result(RUN, u32::MAX),
        delta(1, &[], &[]),
    ]);
    let expected = [
        Told::Header,
        Told::Result(9),
        Told::Sample(1),
        Told::Result(u32::MAX),
        Told::Sample(2),
    ];
    assert_eq!(told_by(&mut Reader::new(&of_run[..])), expected);
    let twice = [&of_run[..], &of_run].concat();
    let mut again = expected.to_vec();
    again.push(Told::Header);
    assert_eq!(told_by(&mut Reader::new(&twice[..])), again);
    assert_eq!(support::losses_of(&twice)[0].1.repeated, 4);
    let of_another = log_of(&[
        key(RUN, 1, &[], &[]),
        result(RUN + 1, 0),
        delta(1, &[], &[]),
    ]);
    let expected = [Told::Header, Told::Sample(1)];
    assert_eq!(told_by(&mut Reader::new(&of_another[..])), expected);
}

/// It changes nothing of a sample; one of another run is passed over, and breaks the
/// chain, for its header was lost.
#[test]
fn a_product_stands_alone() {
    let product = |run| {
        let key = Product {
            kind: 1,
            label: "web",
            pattern: "nginx.service",
        };
        Record::Product(run, key)
    };
    let of_run = log_of(&[
        product(RUN),
        key(RUN, 1, &[], &[]),
        product(RUN),
        delta(1, &[], &[]),
    ]);
    let mut reader = Reader::new(&of_run[..]);
    let expected = [
        Told::Header,
        Told::Product,
        Told::Sample(1),
        Told::Product,
        Told::Sample(2),
    ];
    assert_eq!(told_by(&mut reader), expected);
    let of_another = log_of(&[key(RUN, 1, &[], &[]), product(RUN + 1), delta(1, &[], &[])]);
    let mut reader = Reader::new(&of_another[..]);
    assert_eq!(told_by(&mut reader), [Told::Header, Told::Sample(1)]);
}

/// A size of pages or an interval of nothing divides nothing here.
#[test]
fn headers_with_absurd_numbers() {
    let born = [varints(&[1, 7, 9, 0, 0b1100]), varints(&[20, 2])].concat();
    for (page_size, pss) in [
        (0, 10),
        (1, 10),
        (1023, 10),
        (4096, 40),
        (u64::MAX, 10 * (u64::MAX / 1024)),
    ] {
        let mut header = header_of(RUN, page_size);
        header.interval_us = 0;
        header.clk_tck = 0;
        header.cores = u32::MAX;
        let bytes = [
            framed(0, &Record::Header(header)),
            framed(1, &key(RUN, 1, &[], &born)),
        ]
        .concat();
        let mut reader = Reader::new(&bytes[..]);
        assert_eq!(told_by(&mut reader), [Told::Header, Told::Sample(1)]);
        let found: Vec<_> = reader.sample().processes().map(Process::pss_kib).collect();
        assert_eq!(found, [Some(pss)], "{page_size}");
    }
}

/// The most that a small frame can make a reader hold.
#[test]
fn the_highest_slot() {
    let far = birth(65_535);
    let out = told(&[
        key(RUN, 1, &[], &far),
        key(RUN, 2, &[], &[]),
        key(RUN, 3, &[], &far),
    ]);
    assert_eq!(out, [Told::Sample(1), Told::Sample(2), Told::Sample(3)]);
}

fn any_entries() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![0..9u64, 0..300u64, Just(u64::MAX), any::<u64>()];
    let numbers = proptest::collection::vec(number, 0..30);
    prop_oneof![
        numbers.prop_map(|numbers| varints(&numbers)),
        proptest::collection::vec(any::<u8>(), 0..60),
        proptest::collection::vec(0..4u64, 0..8)
            .prop_map(|gaps| gaps.into_iter().flat_map(birth).collect()),
    ]
}

/// A sample: of which kind its record is, what is tried on each of the first slots, and
/// sometimes bytes that take the entries' place.
type Forged = (u8, u64, [u8; 6], Option<(Vec<u8>, Vec<u8>)>);

fn forged() -> impl Strategy<Value = Forged> {
    let garbage = proptest::option::weighted(0.05, (any_entries(), any_entries()));
    (0..16u8, 0..4u64, proptest::array::uniform6(0..6u8), garbage)
}

/// Entries that make sense, as long as `living` is what the reader knows.
fn entries(tries: &[u8; 6], living: &mut [bool; 6]) -> Vec<u8> {
    let (mut bytes, mut gap) = (Vec::new(), 0);
    for (slot, is_living) in tries.iter().zip(living) {
        let entry = match (slot, *is_living) {
            (1, _) => birth(gap),
            (2, true) => varints(&[gap << 2 | 2]),
            (3, true) => [varints(&[gap << 2 | 3, 1]), b"b".to_vec(), varints(&[0])].concat(),
            (4, true) => varints(&[gap << 2, 1, 2]),
            _ => {
                gap += 1;
                continue;
            }
        };
        *is_living = *slot != 2;
        bytes.extend(entry);
        gap = 0;
    }
    bytes
}

/// Whatever is in the entries, what is told of changes fits what is shown.
#[test]
fn changes_that_are_told_lead_to_what_is_shown() {
    let seen = [(); 3].map(|()| Cell::new(0));
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(400)
    });
    let cases = runner.run(&proptest::collection::vec(forged(), 1..30), |samples| {
        let mut living = [false; 6];
        let mut records = vec![key(RUN, 1, &[], &[])];
        let entries: Vec<_> = samples
            .iter()
            .map(|(kind, _, tries, garbage)| {
                match kind {
                    0 => living = [false; 6],
                    1 => return (vec![7], vec![8]),
                    _ => {}
                }
                let entries = entries(tries, &mut living);
                garbage.clone().unwrap_or((Vec::new(), entries))
            })
            .collect();
        let mut tick = 1;
        for ((kind, ticks, ..), (machine, processes)) in samples.iter().zip(&entries) {
            tick += ticks + 1;
            records.push(match kind {
                0 => key(RUN, tick, machine, processes),
                1 => Record::Identity(
                    RUN,
                    Identity {
                        pid: 1,
                        starttime: *ticks,
                        cut: true,
                        cmdline: machine,
                        cgroup: processes,
                    },
                ),
                2 => Record::More(More {
                    flags: *ticks as u8,
                    machine,
                    processes,
                }),
                _ => delta(ticks + 1, machine, processes),
            });
        }
        let bytes = log_of(&records);
        let mut reader = Reader::new(&bytes[..]);
        let mut there: Vec<bool> = Vec::new();
        while let Some(event) = reader.next_event().expect("bytes in memory can be read") {
            if event != Event::Sample {
                continue;
            }
            let sample = reader.sample();
            there.resize(there.len().max(sample.slots.len()), false);
            for (slot, fate) in &sample.changes {
                prop_assert_eq!(there[*slot], *fate != Fate::Born);
                there[*slot] = *fate != Fate::Died;
                let seen = &seen[*fate as usize];
                seen.set(seen.get() + 1);
            }
            for (slot, there) in there.iter().enumerate() {
                prop_assert_eq!(*there, sample.slots.get(slot).is_some_and(Option::is_some));
            }
        }
        Ok(())
    });
    cases.unwrap();
    let seen = seen.map(|count| count.get());
    assert!(seen.iter().all(|count| *count > 1000), "{seen:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    /// And the run behind them is read.
    #[test]
    fn no_payload_makes_a_reader_panic(payloads in proptest::collection::vec(proptest::collection::vec(
        prop_oneof![0..8u8, any::<u8>()], 0..80), 1..10)) {
        let mut bytes = framed(0, &Record::Header(header_of(RUN, 4096)));
        bytes.extend(payloads.iter().flat_map(|payload| raw(payload)));
        bytes.extend(framed(0, &Record::Header(header_of(RUN + 1, 4096))));
        bytes.extend(framed(1, &key(RUN + 1, 9, &[], &birth(0))));
        let mut reader = Reader::new(&bytes[..]);
        let told = told_by(&mut reader);
        prop_assert!(told.ends_with(&[Told::Header, Told::Sample(9)]), "{:?}", told);
        prop_assert_eq!(reader.offset(), bytes.len() as u64);
        prop_assert_eq!(reader.sample().processes().count(), 1);
    }
}
