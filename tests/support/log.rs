//! Logs for tests: what was put in, frame by frame, what came out, and what should have
//! come out by the prose of `log`, worked out in another way than the reader's.

// Each test file uses its part of it.
#![allow(dead_code)]

pub mod header;

use edgebench_lite::log::fields::{device, process, recorder, MAX_DEVICES};
use edgebench_lite::log::footprint::Footprint;
use edgebench_lite::log::frame::{Fault, MAX_FRAME};
use edgebench_lite::log::losses::Losses;
use edgebench_lite::log::model::{comm, Machine, Process};
use edgebench_lite::log::reader::{Damage, Event, Reader};
use edgebench_lite::log::record::{self, End, Footer, Header, PssMode, Record, Synchronised};
use edgebench_lite::log::result::ResultPart;
use edgebench_lite::log::sample::{Fate, Sample};
use edgebench_lite::log::{Encoder, Instant};
use std::collections::BTreeMap;
use std::ops::Range;

/// Numbers that look random and are the same in every test run (Marsaglia's
/// xorshift64).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }
}

/// What a frame is, as its writer knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Header,
    Identity,
    Footer,
    /// The name of the device of this number.
    Device(usize),
    Footprint,
    /// A part of the result of this kind.
    Result(u32),
    /// A frame of a sample: whether it begins with a Key, which frame of the sample
    /// it is, and whether it is the last.
    Part {
        key: bool,
        tick: u64,
        first: bool,
        last: bool,
    },
}

#[derive(Debug, Clone)]
pub struct Frame {
    pub run: u32,
    pub what: What,
    /// Where it lies, with its 0x00.
    pub range: Range<usize>,
}

/// What damage did to a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    None,
    /// It is whole; something lies between it and the frame before.
    Before,
    Broken,
}

/// What a sample holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub late_us: u64,
    pub machine: Machine,
    pub slots: BTreeMap<usize, Process>,
}

/// What was put into a log.
#[derive(Debug, Clone, Default)]
pub struct Truth {
    pub bytes: Vec<u8>,
    pub frames: Vec<Frame>,
    pub states: BTreeMap<(u32, u64), State>,
}

impl Truth {
    /// This log, and behind it another.
    pub fn followed_by(&self, other: &Truth) -> Truth {
        let mut both = self.clone();
        let by = both.bytes.len();
        both.bytes.extend_from_slice(&other.bytes);
        both.frames.extend(other.frames.iter().map(|frame| Frame {
            range: frame.range.start + by..frame.range.end + by,
            ..frame.clone()
        }));
        both.states.extend(other.states.clone());
        both
    }

    /// The first `len` bytes. A frame that is cut through is none.
    pub fn cut(&self, len: usize) -> Truth {
        let mut part = self.clone();
        part.bytes.truncate(len);
        part.frames.retain(|frame| frame.range.end <= len);
        part
    }

    /// What must be read where some frames are hit, as the prose has it. `hit` is
    /// asked with the index of each frame.
    pub fn expected(&self, hit: impl Fn(usize) -> Hit) -> Outcome {
        let mut out = Outcome::default();
        let mut known = None;
        // Every frame since the last Key was read.
        let mut chain = false;
        let mut named = 0;
        for (index, frame) in self.frames.iter().enumerate() {
            match hit(index) {
                Hit::None => {}
                Hit::Before => chain = false,
                Hit::Broken => {
                    chain = false;
                    continue;
                }
            }
            match frame.what {
                What::Header => {
                    if known != Some(frame.run) {
                        (chain, named) = (false, 0);
                    }
                    known = Some(frame.run);
                    out.headers.push(frame.run);
                }
                _ if known != Some(frame.run) => chain = false,
                What::Identity => out.identities += 1,
                What::Device(id) => named |= 1 << id,
                What::Footprint => out.footprints += 1,
                What::Result(kind) => out.results.push(kind),
                What::Footer => {
                    chain = false;
                    out.footers.push(frame.run);
                }
                What::Part {
                    key,
                    tick,
                    first,
                    last,
                } => {
                    chain |= key && first;
                    if chain && last {
                        out.samples.push((frame.run, tick));
                        out.named.push(named);
                    }
                }
            }
        }
        out
    }
}

/// What was read from a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    pub headers: Vec<u32>,
    pub samples: Vec<(u32, u64)>,
    /// With each sample, a bit for each device whose name was known.
    pub named: Vec<u64>,
    pub identities: usize,
    pub footprints: usize,
    /// Their kinds, once for each part.
    pub results: Vec<u32>,
    pub footers: Vec<u32>,
    pub damage: Vec<Damage>,
}

impl Outcome {
    /// The same, with damage of no account.
    pub fn whole(&self) -> Self {
        Self {
            damage: Vec::new(),
            ..self.clone()
        }
    }

    pub fn damaged_bytes(&self) -> u64 {
        self.damage.iter().map(|damage| damage.len).sum()
    }

    pub fn faults(&self) -> Vec<Fault> {
        self.damage.iter().map(|damage| damage.fault).collect()
    }
}

/// Reads `bytes` to the end and holds everything that comes against the truth:
/// each sample is the one of its run and tick, whole, and its changes lead from
/// the one shown before to it.
pub fn read(bytes: &[u8], truth: &Truth) -> Outcome {
    let mut reader = Reader::new(bytes);
    let mut out = Outcome::default();
    let mut run = None;
    let mut who: Vec<Option<(u32, u64)>> = Vec::new();
    let mut before = None;
    while let Some(event) = reader.next_event().expect("bytes in memory can be read") {
        match event {
            Event::Header(header) => {
                if run != Some(header.run) {
                    who.clear();
                    before = None;
                }
                run = Some(header.run);
                out.headers.push(header.run);
            }
            Event::Sample => {
                let sample = reader.sample();
                let run = run.expect("a header comes before a sample");
                let state = truth.states.get(&(run, sample.tick));
                let state = state.expect("the sample was written");
                assert_shows(sample, state);
                assert_leads_from(before, &mut who, sample);
                before = Some(state);
                out.samples.push((run, sample.tick));
                out.named.push(named(run, sample));
            }
            Event::Identity(identity) => {
                let run = run.expect("a header comes before an identity");
                assert_eq!(identity, identity_of(run, identity.pid).to_owned());
                out.identities += 1;
            }
            Event::Footprint(part) => {
                let run = run.expect("a header comes before a footprint");
                assert_eq!(*part, footprint_of(run, part.part));
                out.footprints += 1;
            }
            Event::Result(part) => {
                let run = run.expect("a header comes before a result");
                assert_eq!(*part, result_of(run, part.kind)[part.part as usize]);
                out.results.push(part.kind);
            }
            Event::Product(key) => panic!("{key:?} was not written"),
            Event::Footer(footer) => {
                let run = run.expect("a header comes before a footer");
                assert_eq!(footer, footer_of(run));
                out.footers.push(run);
            }
            Event::Damage(damage) => out.damage.push(damage),
            Event::End(_) => {}
        }
    }
    assert_eq!(reader.offset(), bytes.len() as u64);
    out
}

/// What the log lacks of each run.
pub fn losses_of(bytes: &[u8]) -> Vec<(u32, Losses)> {
    let mut reader = Reader::new(bytes);
    let mut run = 0;
    let mut all = Vec::new();
    while let Some(event) = reader.next_event().expect("bytes in memory can be read") {
        match event {
            Event::Header(header) => run = header.run,
            Event::End(losses) => all.push((run, *losses)),
            _ => {}
        }
    }
    all
}

/// A bit for each device whose name is known; it is the right one.
fn named(run: u32, sample: &Sample) -> u64 {
    let known = (0..MAX_DEVICES).filter_map(|id| Some((id, sample.device(id)?)));
    known.fold(0, |known, (id, device)| {
        let expected = device_of(run, id);
        assert_eq!(
            (device.kind, &device.name[..]),
            (expected.kind, expected.name)
        );
        known | 1 << id
    })
}

pub fn assert_shows(sample: &Sample, state: &State) {
    assert_eq!(sample.late_us, state.late_us, "tick {}", sample.tick);
    assert_eq!(sample.machine, state.machine, "tick {}", sample.tick);
    let matching = by_slot(sample)
        .into_iter()
        .eq(state.slots.iter().map(|(slot, process)| (*slot, process)));
    assert!(
        matching,
        "tick {}: {:?} is not {:?}",
        sample.tick, sample.slots, state.slots
    );
}

/// The processes by the slots that they have in the log.
pub fn by_slot(sample: &Sample) -> BTreeMap<usize, &Process> {
    let places = sample.slots.iter().enumerate();
    let shown = places.filter_map(|(place, process)| {
        let process = process.as_ref()?;
        let slot = sample.slot(place).expect("a process has a slot");
        Some((slot, process))
    });
    shown.collect()
}

/// `who` was in the places by all that was told of changes so far.
fn assert_leads_from(before: Option<&State>, who: &mut Vec<Option<(u32, u64)>>, sample: &Sample) {
    who.resize(sample.slots.len().max(who.len()), None);
    let mut told = vec![false; who.len()];
    for (slot, fate) in &sample.changes {
        let process = sample.slots.get(*slot).and_then(Option::as_ref);
        match fate {
            Fate::Died => assert!(who[*slot].take().is_some(), "tick {}", sample.tick),
            Fate::Born => {
                assert_eq!(who[*slot], None, "tick {}", sample.tick);
                who[*slot] = process.map(|p| (p.pid, p.starttime));
            }
            Fate::Changed => assert!(who[*slot].is_some(), "tick {}", sample.tick),
        }
        told[*slot] = true;
    }
    for (slot, who) in who.iter().enumerate() {
        let process = sample.slots.get(slot).and_then(Option::as_ref);
        assert_eq!(
            *who,
            process.map(|p| (p.pid, p.starttime)),
            "tick {}",
            sample.tick
        );
        if let (Some(after), false) = (process, told[slot]) {
            let slot = sample.slot(slot).expect("a process has a slot");
            let before = before.and_then(|state| state.slots.get(&slot));
            let before = before.expect("who was not born now was there before");
            let mut values = before.values;
            values[process::PSS_AT] = after.values[process::PSS_AT];
            assert_eq!((&before.comm, values), (&after.comm, after.values));
        }
    }
}

pub fn header_of(run: u32, page_size: u64) -> Header<&'static str> {
    Header {
        tool: "edgebench-lite 0.1.0",
        product: "izuma",
        stage: "2",
        host: "pi",
        release: "6.1.21-v8+",
        machine: "aarch64",
        os: "Poky (Yocto Project Reference Distro) 5.0",
        board: "Raspberry Pi 3 Model B Plus Rev 1.3",
        boot_id: "0f7a5d4e-6f3c-4a53-9a3e-0f2b7c1d9e88",
        cmdline: "console=ttyAMA0,115200 root=/dev/mmcblk0p2 rootwait",
        page_size,
        cores: 4,
        mem_total_kib: 948_304,
        synchronised: Synchronised::No,
        start_realtime_ns: 1_700_000_000_123_456_789,
        start_boottime_ns: 42_000_000_001,
        ..header::header(run, PssMode::Auto)
    }
}

pub fn identity_of(run: u32, pid: u32) -> record::Identity<&'static [u8]> {
    record::Identity {
        pid,
        starttime: u64::from(run % 1000),
        cut: pid % 2 == 0,
        cmdline: b"/usr/bin/edge-core\0--verbose\0",
        cgroup: b"/system.slice/edge-core.service",
    }
}

/// Disks and interfaces by turns, named differently in runs that follow each other.
pub fn device_of(run: u32, id: usize) -> record::Device<'static> {
    const NAMES: [&[u8]; 5] = [b"mmcblk0", b"lo", b"sda", b"eth0", b"veth-of-no-one"];
    record::Device {
        id: id as u8,
        kind: match id % 2 {
            0 => device::kind::DISK,
            _ => device::kind::NET,
        },
        name: NAMES[(id + run as usize % 5) % 5],
    }
}

/// Part `part` of the footprint of a run: two rows in the first, one in the second.
pub fn footprint_of(run: u32, part: u32) -> Footprint<String, Vec<u8>> {
    let row = |label: &[u8], numbers: [u8; 7], pids: &[u8]| {
        let label = [&[label.len() as u8][..], label].concat();
        [&label, &numbers[..], &[pids.len() as u8], pids].concat()
    };
    let core = row(b"edge-core", [2, 0, 90, 40, 100, 0, 120], &[7, 0x88, 1]);
    let absent = row(b"parsec", [0; 7], &[]);
    let unread = row(b"\xFF\0<b>", [1, 1, 0, 0, 0, 0, 9], &[3]);
    Footprint {
        at_us: u64::from(run) + 1,
        part,
        parts: 2,
        profiles: "izuma k3s".to_owned(),
        flags: 0b1110,
        mem_total: 900_000,
        mem_available: 600_000,
        swap_total: 0,
        swap_free: 0,
        anon_pages: 200_000,
        mapped: u64::MAX,
        volatile_used: 640,
        volatile_folders: "/var/volatile /run/log".to_owned(),
        zram_used: u64::MAX,
        zram_stored: u64::MAX,
        read: 3,
        took_us: 777,
        vanished: 1,
        rows: match part {
            0 => [core, absent].concat(),
            _ => unread,
        },
    }
}

/// The result of a kind in a run, with as many parts as the kind has bits. Kinds and
/// tags from 7 and 4 on are a later writer's.
pub fn result_of(run: u32, kind: u32) -> Vec<ResultPart<Vec<u8>>> {
    let entry = |tag: u8, bytes: &[u8]| [&[tag, bytes.len() as u8][..], bytes].concat();
    let mark = |label: &[u8], value: &[u8], note: &[u8]| {
        let text = |text: &[u8]| [&[text.len() as u8][..], text].concat();
        [&text(label)[..], value, &text(note)].concat()
    };
    let parts = kind.count_ones().max(1);
    let part = |part: u32| ResultPart {
        at_us: u64::from(run) << 20 | u64::from(kind),
        kind,
        part,
        parts,
        verdict: kind % 5,
        value: match kind % 3 {
            0 => u64::MAX,
            _ => 12_345_678 + u64::from(run),
        },
        entries: match part {
            // The probe, killed by SIGKILL.
            0 if kind == 5 => [
                entry(0, b"kubectl get nodes"),
                entry(2, b"node ready"),
                entry(4, &[1, 9]),
                entry(5, &[0xD0, 0x0F]),
                entry(6, b""),
                entry(7, &[3]),
            ]
            .concat(),
            0 => [
                entry(0, b"serial line"),
                entry(1, b"\xFF\0<b>"),
                entry(3, &mark(b"firmware", &[0xD0, 0x0F], b"stc 2000")),
            ]
            .concat(),
            1 => Vec::new(),
            _ => [entry(2, &[b'e'; 100]), entry(4 + kind as u8, &[1, 0, 255])].concat(),
        },
    };
    (0..parts).map(part).collect()
}

pub fn footer_of(run: u32) -> Footer {
    Footer {
        end: End::Signal,
        samples: u64::from(run % 7),
        missed: 3,
        latest_us: 1_999,
        unreadable: 0,
        left_out: u64::MAX,
        cpu_us: 123_456,
        written_bytes: 7_890,
    }
}

/// A run in the making.
pub struct Run {
    pub run: u32,
    page_size: u64,
    pub encoder: Encoder,
    pub machine: Machine,
    pub slots: Vec<Option<Process>>,
    pub tick: u64,
    pub truth: Truth,
}

impl Run {
    pub fn new(run: u32, page_size: u64, capacity: usize) -> Self {
        Self {
            run,
            page_size,
            encoder: Encoder::new(run, page_size, capacity),
            machine: Machine::default(),
            slots: vec![None; capacity],
            tick: 0,
            truth: Truth::default(),
        }
    }

    fn record(&mut self, what: What, record: &Record<'_>) {
        let frame = self.encoder.record(record).expect("it is short enough");
        put(&mut self.truth, self.run, what, frame);
    }

    pub fn header(&mut self) {
        let header = Record::Header(header_of(self.run, self.page_size));
        self.record(What::Header, &header);
    }

    pub fn identity(&mut self, pid: u32) {
        let identity = Record::Identity(self.run, identity_of(self.run, pid));
        self.record(What::Identity, &identity);
    }

    pub fn device(&mut self, id: usize) {
        let device = Record::Device(self.run, device_of(self.run, id));
        self.record(What::Device(id), &device);
    }

    /// A footprint of two parts.
    pub fn footprint(&mut self) {
        for part in 0..2 {
            let part = footprint_of(self.run, part);
            let part = part.map(|text| text.as_str(), |rows| rows.as_slice());
            let record = Record::Footprint(self.run, part);
            self.record(What::Footprint, &record);
        }
    }

    /// All parts of the result of a kind.
    pub fn result(&mut self, kind: u32) {
        self.results(&result_of(self.run, kind));
    }

    pub fn results(&mut self, parts: &[ResultPart<Vec<u8>>]) {
        for part in parts {
            let record = Record::Result(self.run, part.map(Vec::as_slice));
            self.record(What::Result(part.kind), &record);
        }
    }

    pub fn footer(&mut self) {
        let footer = Record::Footer(self.run, footer_of(self.run));
        self.record(What::Footer, &footer);
    }

    /// A footer that knows how many samples there were.
    pub fn true_footer(&mut self) {
        let footer = Footer {
            samples: self.truth.states.len() as u64,
            ..footer_of(self.run)
        };
        self.record(What::Footer, &Record::Footer(self.run, footer));
    }

    /// A sample that was about to be written when the disk was full.
    fn unwritten_sample(&mut self) {
        self.introduction();
        self.sample(1, 0, false);
        let unwritten = self.truth.frames.pop().expect("a frame");
        self.truth.bytes.truncate(unwritten.range.start);
    }

    /// The header, the devices and the identities, where they are due.
    pub fn introduction(&mut self) {
        let identities = self.encoder.identities_are_due();
        if self.encoder.header_is_due() {
            self.header();
            for id in 0..self.machine.devices().len() {
                self.device(id);
            }
        }
        if identities {
            for slot in 0..self.slots.len() {
                if let Some(pid) = self.slots[slot].as_ref().map(|process| process.pid) {
                    self.identity(pid);
                }
            }
        }
    }

    pub fn sample(&mut self, ticks: u64, late_us: u64, all_read: bool) {
        self.tick += ticks;
        let tick = self.tick;
        let at = Instant {
            tick,
            late_us,
            all_read,
        };
        let slots = self.slots.iter().enumerate();
        let slots = slots.filter_map(|(slot, s)| Some((slot, s.as_ref()?.clone())));
        let state = State {
            late_us,
            machine: self.machine.clone(),
            slots: slots.collect(),
        };
        self.truth.states.insert((self.run, tick), state);
        let key = self.encoder.key_is_due();
        let (run, truth) = (self.run, &mut self.truth);
        let first = truth.frames.len();
        self.encoder
            .sample(at, &self.machine, &self.slots, |frame| {
                let what = What::Part {
                    key,
                    tick,
                    first: truth.frames.len() == first,
                    last: false,
                };
                put(truth, run, what, frame);
            });
        if let Some(What::Part { last, .. }) = truth.frames.last_mut().map(|f| &mut f.what) {
            *last = true;
        }
    }

    /// A process in `slot`, in the place of who was there.
    pub fn birth(&mut self, slot: usize, pid: u32, starttime: u64, name: &[u8]) {
        self.slots[slot] = Some(Process {
            pid,
            starttime,
            comm: comm(name),
            values: [0; process::COUNT],
        });
    }

    pub fn rename(&mut self, slot: usize, name: &[u8]) {
        if let Some(process) = &mut self.slots[slot] {
            process.comm = comm(name);
            self.encoder.rename(slot);
        }
    }

    pub fn values(&mut self, slot: usize) -> &mut [u64; process::COUNT] {
        let process = self.slots[slot].as_mut();
        &mut process.expect("a process is in the slot").values
    }
}

fn put(truth: &mut Truth, run: u32, what: What, frame: &[u8]) {
    assert!(frame.len() <= MAX_FRAME);
    let end = frame.iter().position(|byte| *byte == 0);
    assert_eq!(
        end,
        Some(frame.len() - 1),
        "0x00 ends a frame and is nowhere else"
    );
    let start = truth.bytes.len();
    truth.bytes.extend_from_slice(frame);
    let range = start..truth.bytes.len();
    truth.frames.push(Frame { run, what, range });
}

/// A board at work: `processes` of them, of which some change in each sample, one
/// ends and another begins now and then; the machine's groups, and four cores of
/// which one goes and comes.
pub fn board_at_work(run: u32, samples: u64, processes: usize) -> Run {
    board_of(run, samples, processes, false)
}

/// The same, by a recorder that says how many deadlines it missed.
pub fn board_that_says_missed(run: u32, samples: u64, processes: usize) -> Run {
    board_of(run, samples, processes, true)
}

fn board_of(run: u32, samples: u64, processes: usize, says_missed: bool) -> Run {
    let mut dice = Dice(u64::from(run) | 1 << 40);
    let mut log = Run::new(run, 4096, processes + 2);
    for slot in 0..processes {
        let pid = 300 + slot as u32;
        log.birth(slot, pid, identity_of(run, pid).starttime, b"edge-core");
        let values = log.values(slot);
        values[process::FLAGS] = process::flag::HAS_PSS;
        values[process::RSS] = 700 + dice.below(9000);
        values[process::PSS] = 4 * values[process::RSS] / 3;
        values[process::PRIVATE] = values[process::PSS] / 2;
        values[process::VSIZE] = 70_000;
        values[process::PPID] = 1;
    }
    for sample in 0..samples {
        work(&mut log, &mut dice, sample, processes);
        log.introduction();
        if sample % 60 == 30 {
            log.footprint();
        }
        let missed = u64::from(sample % 37 == 36);
        if says_missed {
            log.machine.group_mut(recorder::ID)[recorder::MISSED] += missed;
        }
        log.sample(
            u64::from(sample > 0) + missed,
            dice.below(900),
            sample % 10 == 0,
        );
    }
    log
}

fn work(log: &mut Run, dice: &mut Dice, sample: u64, processes: usize) {
    for (field, value) in [(0, 40), (2, 12), (3, 350)] {
        log.machine.group_mut(0)[field] += dice.below(value);
    }
    log.machine.group_mut(1)[1] = 600_000 + dice.below(999);
    for core in 0..4 {
        let values = log.machine.core_mut(core).expect("there is room for 256");
        values[8] = u64::from(core != 3 || sample % 20 < 15);
        values[3] += values[8] * dice.below(100);
    }
    if sample % 10 == 0 {
        work_of_devices(log, dice, sample);
    }
    for slot in 0..processes {
        if log.slots[slot].is_none() || dice.below(4) != 0 {
            continue;
        }
        let values = log.values(slot);
        values[process::UTIME] += dice.below(12);
        let pages = dice.below(40);
        values[process::RSS] += pages;
        values[process::PSS] += 4 * pages;
        values[process::PRIVATE] += 4 * pages + dice.below(2);
    }
    if sample % 10 == 0 {
        for slot in 0..log.slots.len() {
            if log.slots[slot].is_some() {
                log.values(slot)[process::PSS_AT] = log.tick + u64::from(sample > 0);
            }
        }
    }
    let slot = dice.below(processes as u64 + 2) as usize;
    match sample % 9 {
        3 => log.slots[slot] = None,
        5 | 6 => log.birth(slot, 5000 + sample as u32, 400 + sample, b"sh"),
        7 => log.rename(slot, b"edge:(worker) 1"),
        _ => {}
    }
}

/// The second disk comes late, and is gone for a while.
fn work_of_devices(log: &mut Run, dice: &mut Dice, sample: u64) {
    let devices = if sample < 20 { 2 } else { 3 };
    for id in 0..devices {
        let new = log.machine.devices().len() <= id;
        let values = log.machine.device_mut(id).expect("there is room for 64");
        if id == 2 && sample % 50 == 40 {
            *values = [0; device::COUNT];
            continue;
        }
        values[device::PRESENT] = 1;
        values[device::disk::SECTORS_READ] += dice.below(3000);
        values[device::disk::SECTORS_WRITTEN] += dice.below(99) + 1;
        if new && sample > 0 {
            log.device(id);
        }
    }
}

/// 10 samples are written, 200 are not, and 5 are again.
pub fn on_a_full_disk(told: bool) -> Truth {
    let mut log = Run::new(7, 4096, 4);
    log.birth(0, 300, 17, b"init");
    for sample in 0..15 {
        let mut ticks = u64::from(sample > 0);
        if sample == 10 {
            log.unwritten_sample();
            log.encoder.resync();
            ticks = 200;
            if told {
                let account = log.machine.group_mut(recorder::ID);
                account[recorder::UNWRITTEN] = 200;
                account[recorder::WRITE_ERRNO] = 28;
            }
        }
        log.introduction();
        log.sample(ticks, 0, false);
    }
    log.truth
}

/// 70 samples are written, in two parts that each begin with a header; then the disk is
/// full, and 12 more are not. Where the second part begins is told as well.
pub fn full_to_the_end() -> (Truth, usize) {
    let mut log = Run::new(7, 4096, 4);
    log.birth(0, 300, 17, b"init");
    let mut second = 0;
    for sample in 0..70 {
        if sample == 40 {
            log.encoder.resync();
            second = log.truth.bytes.len();
        }
        log.introduction();
        log.sample(u64::from(sample > 0), 0, false);
    }
    for _ in 0..12 {
        log.unwritten_sample();
    }
    let footer = Footer {
        end: End::Unwritten {
            unwritten: 12,
            write_errno: 28,
        },
        samples: 82,
        ..footer_of(log.run)
    };
    log.record(What::Footer, &Record::Footer(log.run, footer));
    (log.truth, second)
}
