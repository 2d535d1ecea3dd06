//! Whatever is written is read: against a model of its own that knows nothing of
//! differences, predictions or frames.

#[path = "support/log.rs"]
mod support;

use edgebench_lite::log::fields::{core, device, process};
use edgebench_lite::log::frame::{self, MAX_FRAME, MAX_PAYLOAD};
use edgebench_lite::log::model::{Machine, Process, COMM_BYTES};
use edgebench_lite::log::reader::{Event, Reader};
use edgebench_lite::log::record::{Identity, Record};
use edgebench_lite::log::sample::{Fate, Sample};
use edgebench_lite::log::Encoder;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;
use support::{header_of, read, Hit, Run};

const SLOTS: usize = 24;

#[derive(Debug, Clone)]
enum Op {
    Birth(usize, u32, Vec<u8>),
    Death(usize),
    Rename(usize, Vec<u8>),
    Value(usize, usize, u64),
    Group(usize, usize, u64),
    Core(usize, usize, u64),
    Device(usize, usize, u64),
}

#[derive(Debug, Clone)]
struct Step {
    ops: Vec<Op>,
    ticks: u64,
    late_us: u64,
    all_read: bool,
    /// One is a Key out of turn, two a header with the identities before it, three
    /// the both of them.
    between: u8,
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![
        any::<u64>(),
        0..300u64,
        Just(u64::MAX),
        Just(1 << 63),
        (0..64u32).prop_map(|bit| 1 << bit),
    ]
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..=COMM_BYTES)
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        2 => (0..SLOTS, any::<u32>(), name()).prop_map(|(s, pid, n)| Op::Birth(s, pid, n)),
        1 => (0..SLOTS).prop_map(Op::Death),
        1 => (0..SLOTS, name()).prop_map(|(s, n)| Op::Rename(s, n)),
        8 => (0..SLOTS, 0..process::COUNT, number()).prop_map(|(s, f, v)| Op::Value(s, f, v)),
        2 => (0..SLOTS, 0..4u64).prop_map(|(s, v)| Op::Value(s, process::FLAGS, v)),
        2 => (0..16usize, 0..32usize, number()).prop_map(|(g, f, v)| Op::Group(g, f, v)),
        2 => (prop_oneof![0..6usize, 0..256usize], 0..core::COUNT, number())
            .prop_map(|(c, f, v)| Op::Core(c, f, v)),
        2 => (prop_oneof![0..4usize, 0..64usize], 0..device::COUNT, number())
            .prop_map(|(d, f, v)| Op::Device(d, f, v)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    (
        vec(op(), 0..14),
        prop_oneof![9 => 1..4u64, 1 => 1..1u64 << 50],
        number(),
        any::<bool>(),
        prop_oneof![6 => Just(0u8), 1 => 1..4u8],
    )
        .prop_map(|(ops, ticks, late_us, all_read, between)| Step {
            ops,
            ticks,
            late_us,
            all_read,
            between,
        })
}

/// A process as the model has it: pid, starttime, comm, values.
type Kept = (u32, u64, Vec<u8>, [u64; process::COUNT]);

/// What is there, in plain maps.
#[derive(Debug, Clone, Default, PartialEq)]
struct Model {
    processes: BTreeMap<usize, Kept>,
    groups: BTreeMap<usize, [u64; 32]>,
    cores: Vec<[u64; core::COUNT]>,
    devices: Vec<[u64; device::COUNT]>,
}

impl Model {
    fn of(sample: &Sample) -> Self {
        let machine = &sample.machine;
        let slots = support::by_slot(sample).into_iter();
        let kept =
            |(slot, p): (usize, &Process)| (slot, (p.pid, p.starttime, p.comm.to_vec(), p.values));
        Self {
            processes: slots.map(kept).collect(),
            groups: (0..16)
                .filter_map(|id| Some((id, *machine.group(id)?)))
                .collect(),
            cores: machine.cores().to_vec(),
            devices: machine.devices().to_vec(),
        }
    }

    /// The fates that lead from `self` to `next`, and for those who stay whether
    /// anything but the time of reading is other than it was.
    fn fates(&self, next: &Self) -> (Vec<(usize, Fate)>, Vec<usize>) {
        let (mut fates, mut changed) = (Vec::new(), Vec::new());
        for slot in 0..SLOTS {
            let (before, after) = (self.processes.get(&slot), next.processes.get(&slot));
            if let (Some(a), Some(b)) = (before, after) {
                if (a.0, a.1) == (b.0, b.1) {
                    let differs = |at: usize| at != process::PSS_AT && a.3[at] != b.3[at];
                    if a.2 != b.2 || (0..process::COUNT).any(differs) {
                        changed.push(slot);
                    }
                    continue;
                }
            }
            fates.extend(before.map(|_| (slot, Fate::Died)));
            fates.extend(after.map(|_| (slot, Fate::Born)));
        }
        (fates, changed)
    }
}

/// Does to the log and to the model what `op` says.
fn apply(op: &Op, births: &mut u64, log: &mut Run, model: &mut Model) {
    match op {
        Op::Birth(slot, pid, name) => {
            *births += 1;
            log.birth(*slot, *pid, *births, name);
            let kept = (*pid, *births, name.clone(), [0; process::COUNT]);
            model.processes.insert(*slot, kept);
        }
        Op::Death(slot) => {
            log.slots[*slot] = None;
            model.processes.remove(slot);
        }
        Op::Rename(slot, name) => {
            log.rename(*slot, name);
            if let Some(kept) = model.processes.get_mut(slot) {
                kept.2 = name.clone();
            }
        }
        Op::Value(slot, field, value) => {
            if let Some(kept) = model.processes.get_mut(slot) {
                kept.3[*field] = *value;
                log.values(*slot)[*field] = *value;
            }
        }
        Op::Group(id, field, value) => {
            log.machine.group_mut(*id)[*field] = *value;
            model.groups.entry(*id).or_insert([0; 32])[*field] = *value;
        }
        Op::Core(core, field, value) => {
            log.machine.core_mut(*core).expect("256 have room")[*field] = *value;
            if model.cores.len() <= *core {
                model.cores.resize(*core + 1, [0; core::COUNT]);
            }
            model.cores[*core][*field] = *value;
        }
        Op::Device(id, field, value) => {
            log.machine.device_mut(*id).expect("64 have room")[*field] = *value;
            if model.devices.len() <= *id {
                model.devices.resize(*id + 1, [0; device::COUNT]);
            }
            model.devices[*id][*field] = *value;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(160) })]

    #[test]
    fn what_is_written_is_read(
        run in any::<u32>(),
        page_size in prop_oneof![Just(4096u64), Just(16384), Just(65536), Just(512)],
        steps in vec(step(), 1..90),
    ) {
        let mut log = Run::new(run, page_size, SLOTS);
        let mut model = Model::default();
        let mut births = 0;
        let mut models = Vec::new();
        log.header();
        for step in &steps {
            for op in &step.ops {
                apply(op, &mut births, &mut log, &mut model);
            }
            if step.between & 1 != 0 {
                log.encoder.resync();
            }
            if step.between & 2 != 0 {
                log.header();
                log.identity(77);
                log.device((step.ticks % 64) as usize);
            }
            log.sample(step.ticks, step.late_us, step.all_read);
            models.push((log.tick, step.late_us, model.clone()));
        }
        log.footer();
        let truth = &log.truth;
        prop_assert_eq!(read(&truth.bytes, truth), truth.expected(|_| Hit::None));

        let mut reader = Reader::new(&truth.bytes[..]);
        let mut before = Model::default();
        let mut slots = BTreeMap::new();
        let mut models = models.into_iter();
        while let Some(event) = reader.next_event().expect("bytes in memory can be read") {
            if event != Event::Sample {
                continue;
            }
            let sample = reader.sample();
            let (tick, late_us, model) = models.next().expect("no more than was written");
            prop_assert_eq!((sample.tick, sample.late_us), (tick, late_us));
            prop_assert!(!sample.after_loss);
            prop_assert_eq!(&Model::of(sample), &model);
            let (fates, changed) = before.fates(&model);
            let slot = |place: usize| sample.slot(place).or(slots.get(&place).copied());
            let told = sample.changes.iter();
            let mut told: Vec<_> = told.map(|(at, fate)| (slot(*at).unwrap(), *fate)).collect();
            told.sort_by_key(|(slot, _)| *slot);
            let there = (0..sample.slots.len()).filter_map(|at| Some((at, sample.slot(at)?)));
            slots = there.collect();
            let may_have = |slot: &usize| told.contains(&(*slot, Fate::Changed));
            prop_assert!(changed.iter().all(may_have), "{:?} in {:?}", changed, told);
            told.retain(|(_, fate)| *fate != Fate::Changed);
            prop_assert_eq!(told, fates);
            before = model;
        }
        prop_assert_eq!(models.next().map(|(tick, ..)| tick), None);
    }

    /// Frames dropped anywhere, any number of them.
    #[test]
    fn what_is_left_of_a_log_is_right(run in any::<u32>(), seed in 1..u64::MAX, one_in in 2..40u64) {
        let log = support::board_at_work(run, 70, 5);
        let mut dice = support::Dice(seed);
        let lost: Vec<bool> = log.truth.frames.iter().map(|_| dice.below(one_in) == 0).collect();
        let left = log.truth.frames.iter().zip(&lost).filter(|(_, lost)| !**lost);
        let bytes: Vec<u8> = left
            .flat_map(|(frame, _)| log.truth.bytes[frame.range.clone()].iter().copied())
            .collect();
        let expected = log.truth.expected(|at| if lost[at] { Hit::Broken } else { Hit::None });
        prop_assert_eq!(read(&bytes, &log.truth), expected);
    }
}

#[test]
fn thousands_of_processes_and_all_cores() {
    let mut log = Run::new(9, 16384, 4096);
    let mut dice = support::Dice(1);
    for slot in 0..4096 {
        log.birth(
            slot,
            slot as u32,
            dice.roll() >> 30,
            b"kworker/u16:3-events_unbound",
        );
    }
    for core in 0..256 {
        log.machine.core_mut(core).expect("there is room for 256")[8] = 1;
    }
    assert_eq!(log.machine.core_mut(256), None);
    assert_eq!(log.machine.device_mut(64), None);
    for sample in 0..4 {
        for slot in (0..4096).filter(|slot| (slot + sample) % 3 != 0) {
            match (dice.below(9), log.slots[slot].is_some()) {
                (0, _) => log.slots[slot] = None,
                (1, _) => log.birth(slot, dice.roll() as u32, dice.roll(), b"sh"),
                (_, true) => log.values(slot)[dice.below(16) as usize] = dice.roll(),
                (_, false) => {}
            }
        }
        for core in 0..256 {
            let values = log.machine.core_mut(core).expect("there is room for 256");
            *values = [dice.roll(); core::COUNT];
        }
        for id in 0..64 {
            let values = log.machine.device_mut(id).expect("there is room for 64");
            *values = [dice.roll(); device::COUNT];
        }
        log.introduction();
        log.sample(1, 0, sample == 2);
    }
    let out = read(&log.truth.bytes, &log.truth);
    assert_eq!(out, log.truth.expected(|_| Hit::None));
    assert_eq!(out.samples, [(9, 1), (9, 2), (9, 3), (9, 4)]);
    assert!(log.truth.frames.len() > 200);
}

/// Nobody has to say that a process is gone, and nobody can say it wrongly.
#[test]
fn a_slot_tells_by_itself_who_is_gone() {
    let mut log = Run::new(9, 4096, 3);
    log.birth(0, 1, 1, b"init");
    log.birth(2, 2, 1, b"here");
    log.header();
    log.sample(0, 0, false);
    // Moved to another slot.
    log.slots.swap(0, 1);
    log.sample(1, 0, false);
    // Taken over by one that is gone before it is ever written.
    log.birth(2, 3, 1, b"brief");
    log.slots[2] = None;
    log.birth(1, 4, 1, b"brief");
    log.slots[1] = None;
    log.sample(1, 0, false);
    log.slots.truncate(0);
    log.sample(1, 0, false);
    log.slots.resize_with(7, || None);
    log.birth(6, 5, 1, b"beyond the capacity");
    log.sample(1, 0, false);
    log.slots[6] = None;
    log.sample(1, 0, false);
    let out = read(&log.truth.bytes, &log.truth);
    assert_eq!(out, log.truth.expected(|_| Hit::None));
    assert_eq!(out.samples.len(), 6);
}

#[test]
fn headers_are_due_with_the_second_key_and_every_600_samples() {
    let mut encoder = Encoder::new(1, 4096, 0);
    let header = Record::Header(header_of(1, 4096));
    let (mut headers, mut identities) = (Vec::new(), Vec::new());
    for tick in 0..2000 {
        if encoder.header_is_due() {
            assert!(encoder.key_is_due());
            if encoder.identities_are_due() {
                identities.push(tick);
            }
            headers.push(tick);
            encoder.record(&header).expect("it is short enough");
        }
        let at = edgebench_lite::log::Instant {
            tick,
            late_us: 0,
            all_read: false,
        };
        encoder.sample(at, &Machine::default(), &[], |_| {});
        if tick == 700 {
            encoder.resync();
        }
    }
    assert_eq!(headers, [0, 60, 660, 701, 761, 1361, 1961]);
    assert_eq!(identities, [0, 660, 701, 1361, 1961]);
}

/// A number that never comes would look like a loss.
#[test]
fn a_record_that_is_too_long_leaves_no_gap() {
    let mut log = Run::new(9, 4096, 1);
    log.birth(0, 1, 1, b"init");
    log.header();
    log.sample(0, 0, false);
    let text = [b'x'; MAX_PAYLOAD];
    let identity: Identity<&[u8]> = Identity {
        pid: 1,
        starttime: 1,
        cut: false,
        cmdline: &text,
        cgroup: b"",
    };
    let too_long = log
        .encoder
        .record(&Record::Identity(9, identity))
        .map(<[u8]>::len);
    assert_eq!(too_long, Err(postcard::Error::SerializeBufferFull));
    log.sample(1, 0, false);
    let out = read(&log.truth.bytes, &log.truth);
    assert_eq!(out.samples, [(9, 0), (9, 1)]);
}

/// The largest numbers, names and texts there can be, in frames as full as can be.
#[test]
fn the_largest_of_everything_fits() {
    let mut log = Run::new(u32::MAX, 4096, 4096);
    // All differences take ten bytes: each value is far from what is predicted.
    let values =
        |round: u64| [(1u64 << 63).wrapping_add(round * 0x5555_5555_5555_5555); process::COUNT];
    for slot in 0..4096 {
        log.birth(slot, u32::MAX, u64::MAX - slot as u64, &[0xFF; COMM_BYTES]);
        *log.values(slot) = values(0);
    }
    log.header();
    for round in 1..3 {
        for id in 0..16 {
            *log.machine.group_mut(id) = [round << 63 | u64::from(u32::MAX); 32];
        }
        for core in 0..256 {
            *log.machine.core_mut(core).expect("256 have room") = [round << 62; core::COUNT];
        }
        for id in 0..64 {
            *log.machine.device_mut(id).expect("64 have room") = [round << 62; device::COUNT];
        }
        for slot in 0..4096 {
            *log.values(slot) = values(round);
        }
        log.sample(u64::MAX / 4, u64::MAX, true);
    }
    let mut longest = 0;
    for one in &log.truth.frames {
        let mut bytes = log.truth.bytes[one.range.start..one.range.end - 1].to_vec();
        let (seq, record) = frame::decode(&mut bytes).expect("it is whole");
        let payload = postcard::serialize_with_flavor::<_, _, usize>(
            &(seq, record),
            postcard::ser_flavors::Size::default(),
        );
        longest = longest.max(payload.expect("sizes can be counted"));
    }
    assert!(
        (MAX_PAYLOAD - 400..=MAX_PAYLOAD).contains(&longest),
        "{longest}"
    );
    assert_eq!(
        read(&log.truth.bytes, &log.truth),
        log.truth.expected(|_| Hit::None)
    );
}

/// A payload with no zero in it is what stuffing makes longest.
#[test]
fn the_fullest_payload_fits_into_a_frame() {
    let mut fit = 0;
    for len in MAX_PAYLOAD - 60..=MAX_PAYLOAD {
        let text = vec![b'x'; len];
        let identity: Identity<&[u8]> = Identity {
            pid: 1,
            starttime: 1,
            cut: true,
            cmdline: &text,
            cgroup: b"",
        };
        let mut out = [0; MAX_FRAME];
        let encoded = frame::encode(u64::MAX, &Record::Identity(u32::MAX, identity), &mut out);
        // seq 10, variant 1, run 5, pid 1, starttime 1, cut 1, the two lengths 2 and 1.
        match len + 22 <= MAX_PAYLOAD {
            true => {
                let frame = encoded.expect("it fits");
                assert!(frame.len() <= MAX_FRAME);
                fit += 1;
            }
            false => assert_eq!(encoded, Err(postcard::Error::SerializeBufferFull)),
        }
    }
    assert_eq!(fit, 39);
    // A kernel's command line has 2048 bytes, as far as Linux keeps it on arm64 and x86.
    let (short, long) = ("x".repeat(200), "x".repeat(2048));
    let header = header_of(1, 4096).map(|_| &short[..]);
    let header = edgebench_lite::log::record::Header {
        cmdline: &long[..],
        ..header
    };
    let mut out = [0; MAX_FRAME];
    let frame = frame::encode(u64::MAX, &Record::Header(header), &mut out).expect("it fits");
    let mut bytes = frame[..frame.len() - 1].to_vec();
    match frame::decode(&mut bytes) {
        Ok((u64::MAX, Record::Header(header))) => {
            assert_eq!((header.host, header.cmdline), (&short[..], &long[..]))
        }
        other => panic!("{other:?}"),
    }
}
