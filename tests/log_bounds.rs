//! What reading a log takes is bounded by its length, whatever is in it: counted in
//! bytes that are asked for, and in places that are looked through, not in time.

#[path = "support/log.rs"]
mod support;

use edgebench_lite::log::frame::{self, Fault, MAX_FRAME};
use edgebench_lite::log::reader::{Event, Reader};
use edgebench_lite::log::record::{Delta, Header, Key, More, Record};
use edgebench_lite::log::sample::Fate;
use edgebench_lite::series::{summarise, By, Memory, Options};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use support::header_of;

/// Counts the bytes that the current thread asks for, and has at most.
struct Counting;

thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
    static HELD: Cell<i64> = const { Cell::new(0) };
    static MOST: Cell<i64> = const { Cell::new(0) };
}

fn count(asked: usize, freed: usize) {
    let _ = ASKED.try_with(|sum| sum.set(sum.get() + asked as u64));
    let _ = HELD.try_with(|held| {
        held.set(held.get() + asked as i64 - freed as i64);
        let _ = MOST.try_with(|most| most.set(most.get().max(held.get())));
    });
}

// SAFETY: everything is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        System.alloc(layout)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        System.alloc_zeroed(layout)
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        System.realloc(pointer, layout, size)
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(0, layout.size());
        System.dealloc(pointer, layout)
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What was asked for in all, and the most that was held at one time, bytes.
fn taken(of: impl FnOnce()) -> (u64, u64) {
    let (asked, held) = (ASKED.with(Cell::get), HELD.with(Cell::get));
    MOST.with(|most| most.set(held));
    of();
    let most = MOST.with(Cell::get) - held;
    (ASKED.with(Cell::get) - asked, most as u64)
}

fn framed(seq: u64, record: &Record<'_>) -> Vec<u8> {
    let mut out = [0; MAX_FRAME];
    let frame = frame::encode(seq, record, &mut out).expect("it fits");
    frame.to_vec()
}

fn bare(run: u32) -> Header<&'static str> {
    let text = |_: &&'static str| "";
    header_of(run, 4096).map(text)
}

/// As many Keys as `bytes` hold, each with these entries.
fn keys(bytes: usize, machine: &[u8], processes: &[u8]) -> (Vec<u8>, u64) {
    let mut log = framed(7, &Record::Header(bare(7)));
    let mut tick = 0;
    while log.len() < bytes {
        tick += 1;
        let key = Key {
            run: 7,
            flags: 0,
            tick,
            late_us: 0,
            machine,
            processes,
        };
        log.extend(framed(7 + tick, &Record::Key(key)));
    }
    (log, tick)
}

const OPTIONS: Options = Options {
    top: 10,
    by: By::Process,
    memory: Memory::Pss,
};

/// Reads it, and counts the samples and the places that a reader of all has to look
/// through; then in figures.
fn assert_bounded(log: &[u8], samples: u64, places_at_most: usize) {
    let (mut count, mut places) = (0, 0);
    let (asked, held) = taken(|| {
        let mut reader = Reader::new(log);
        while let Some(event) = reader.next_event().expect("bytes in memory can be read") {
            if event == Event::Sample {
                count += 1;
                places += reader.sample().slots.len();
            }
        }
    });
    assert_eq!(count, samples);
    assert!(places <= places_at_most, "{places} places");
    let len = log.len() as u64;
    assert!(held <= BUFFERS + 64 * len, "{held} bytes held for {len}");
    assert!(
        asked <= BUFFERS + 100 * len,
        "{asked} bytes asked for {len}"
    );
    let (asked, held) = taken(|| {
        let runs = summarise(&mut || Ok(log), &OPTIONS, false);
        assert!(runs.is_ok_and(|runs| !runs.is_empty()));
    });
    assert!(held <= FIGURES + 100 * len, "{held} bytes held for {len}");
    assert!(
        asked <= FIGURES + 420 * len,
        "{asked} bytes asked for {len}"
    );
}

/// Whatever the length: buffers, the table of slots, room for all cores and devices.
const BUFFERS: u64 = 512 << 10;
/// And the figures of one run.
const FIGURES: u64 = 1 << 20;

/// A birth in the slot after `gap` others: pid 7, starttime 9, no name, no numbers.
fn birth(gap: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in [gap << 2 | 1, 7, 9, 0, 0] {
        let mut out = [0; 10];
        bytes.extend_from_slice(postcard::to_slice(&number, &mut out).expect("it fits"));
    }
    bytes
}

#[test]
fn the_counter_counts() {
    let (asked, held) = taken(|| {
        for _ in 0..3 {
            std::hint::black_box(Vec::<u8>::with_capacity(1000));
        }
    });
    assert_eq!((asked, held), (3000, 1000));
}

#[test]
fn the_highest_slot_in_each_key() {
    let (log, keys) = keys(50_000, &[], &birth(65_535));
    assert!(log.len() / keys as usize <= 26);
    assert_bounded(&log, keys, keys as usize);
}

#[test]
fn the_highest_core_and_device_in_each_key() {
    // Core 255 and device 63, of which no field is other than 0.
    let (log, samples) = keys(50_000, &[0x8F, 2, 0, 63, 0], &[]);
    assert_bounded(&log, samples, 0);
}

/// Many processes once, then Keys of one: what is gone takes no more room.
#[test]
fn many_processes_that_are_gone() {
    let (mut log, mut seq) = (framed(7, &Record::Header(bare(7))), 8);
    let many: Vec<u8> = (0..700).flat_map(|_| birth(0)).collect();
    let key = |tick, flags, processes| {
        Record::Key(Key {
            run: 7,
            flags,
            tick,
            late_us: 0,
            machine: &[],
            processes,
        })
    };
    log.extend(framed(seq, &key(1, 1, &many)));
    for part in 1..10u64 {
        let next = [birth(700 * part), birth(0).repeat(699)].concat();
        seq += 1;
        let flags = u8::from(part < 9);
        let more = More {
            flags,
            machine: &[],
            processes: &next,
        };
        log.extend(framed(seq, &Record::More(more)));
    }
    let one = birth(0);
    for tick in 2..1002 {
        seq += 1;
        log.extend(framed(seq, &key(tick, 0, &one)));
    }
    assert_bounded(&log, 1001, 7000 + 1000);
}

/// As many runs as a log may hold, each with a sample at its beginning and one much later.
#[test]
fn many_runs() {
    let mut log = Vec::new();
    let runs: u32 = 900;
    for run in 1..=runs {
        log.extend(framed(u64::from(run), &Record::Header(bare(run))));
        let far = birth(65_535);
        for (at, tick) in [(1, 0), (2, 500)] {
            let key = Key {
                run,
                flags: 0,
                tick,
                late_us: 0,
                machine: &[],
                processes: &far,
            };
            log.extend(framed(u64::from(run) + at, &Record::Key(key)));
        }
    }
    assert_bounded(&log, 2 * u64::from(runs), 2 * runs as usize);
}

/// An end and a birth in each of 65,536 slots are the most that a sample can tell of. What
/// tells of more is malformed, and no memory is taken for it.
#[test]
fn more_changes_than_there_are_slots() {
    let mut log = framed(7, &Record::Header(bare(7)));
    let key = Key {
        run: 7,
        flags: 0,
        tick: 1,
        late_us: 0,
        machine: &[],
        processes: &birth(0).repeat(256),
    };
    log.extend(framed(8, &Record::Key(key)));
    let delta = Delta {
        flags: 1,
        ticks: 1,
        late_us: 0,
        machine: &[],
        processes: &[],
    };
    log.extend(framed(9, &Record::Delta(delta)));
    // Of each process a change of nothing, 512 times and once more.
    for seq in 10..=10 + 512 {
        let more = More {
            flags: 1,
            machine: &[],
            processes: &[0; 2 * 256],
        };
        log.extend(framed(seq, &Record::More(more)));
    }
    let (mut samples, mut faults) = (0, Vec::new());
    let (_, held) = taken(|| {
        let mut reader = Reader::new(&log[..]);
        while let Some(event) = reader.next_event().expect("bytes in memory can be read") {
            match event {
                Event::Sample => samples += 1,
                Event::Damage(damage) => faults.push(damage.fault),
                _ => {}
            }
        }
    });
    assert_eq!((samples, &faults[..]), (1, &[Fault::Malformed][..]));
    let changes = 131_072 * std::mem::size_of::<(usize, Fate)>() as u64;
    assert!(held <= BUFFERS + changes, "{held} bytes held");
}

/// Every second sample is lost, for as long as a log may go on: what is kept of the losses is
/// no longer for it.
#[test]
fn every_second_sample_lost() {
    let log = |samples: u64| {
        let mut log = framed(7, &Record::Header(bare(7)));
        for at in 1..=samples {
            let key = Key {
                run: 7,
                flags: 0,
                tick: 2 * at,
                late_us: 0,
                machine: &[],
                processes: &[],
            };
            log.extend(framed(7 + 2 * at, &Record::Key(key)));
        }
        log
    };
    let held = |samples| {
        let log = log(samples);
        let (_, held) = taken(|| {
            let runs = summarise(&mut || Ok(&log[..]), &OPTIONS, false).expect("it is a log");
            assert_eq!(runs[0].samples, samples);
        });
        held
    };
    let few = held(10_000);
    assert!(few <= FIGURES, "{few} bytes held");
    let many = held(100_000);
    assert!(many <= few + (64 << 10), "{many} bytes held, and {few}");
}
