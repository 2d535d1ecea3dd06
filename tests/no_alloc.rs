//! Once it runs, the recorder asks for no memory: what it takes at the start is
//! what it has, however long it records.

#[path = "support/header.rs"]
mod header;

use edgebench_lite::log::reader::ProductKey;
use edgebench_lite::log::record::{Header, PssMode};
use edgebench_lite::log::writer::Writer;
use edgebench_lite::proc::root::Root;
use edgebench_lite::recording::{Notice, Plan, Probe, Recording, Schedule};
use edgebench_lite::render::progress::{line, Progress};
use edgebench_lite::sampler::{Clocks, Options};
use edgebench_lite::system::command::{Command as Prepared, Exit};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::process::{Child, Command, Stdio};

/// Counts what the current thread asks for: libtest's threads have their own.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // A thread that is ending has no counter any more, and is none of ours.
    let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: everything is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        System.alloc(layout)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        System.alloc_zeroed(layout)
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        System.realloc(pointer, layout, size)
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        System.dealloc(pointer, layout)
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations() -> u64 {
    ALLOCATIONS.with(Cell::get)
}

#[test]
fn the_counter_counts() {
    let before = allocations();
    let mut room = Vec::<u64>::with_capacity(100);
    std::hint::black_box(&mut room);
    assert_eq!(allocations() - before, 1);
    room.extend(0..101);
    std::hint::black_box(&mut room);
    assert_eq!(allocations() - before, 2, "to grow is to ask again");
    drop(room);
    assert_eq!(allocations() - before, 2);
}

const SECOND: u64 = 1_000_000_000;
const SAMPLES: u64 = 50;
const WARM_UP: u64 = 2;

fn child() -> Child {
    Command::new("sleep")
        .arg("1000")
        .stdin(Stdio::null())
        .spawn()
        .expect("sleep is needed for this test")
}

/// What each of the samples asked for; `probe`: a command that runs with each.
fn record(pss: PssMode, probe: Option<&Prepared>) -> Vec<u64> {
    let probed = probe.is_some();
    let name = format!(
        "edgebench-no-alloc-{}-{pss:?}-{probed}.ebl",
        std::process::id()
    );
    let path = std::env::temp_dir().join(name);
    let plan = Plan {
        sampler: Options {
            pss,
            capacity: 4096,
            interval_ns: SECOND,
            page_size: 4096,
            pss_budget_ns: 10_000_000,
            kept_descriptors: 64,
        },
        header: Header {
            start_boottime_ns: 0,
            ..header::header(1, pss)
        }
        .map(|text| (*text).to_owned()),
        product: vec![ProductKey {
            kind: 0,
            label: "sleeper".to_owned(),
            pattern: "sleep".to_owned(),
        }],
        redacts: true,
        sync_ns: 5 * SECOND,
    };
    let root = Root::open("/".as_ref()).unwrap();
    let writer = Writer::create(&path, None).unwrap();
    let mut recording = Recording::new(root, plan, Clocks::default(), writer).unwrap();
    if let Some(probe) = probe {
        let schedule = Schedule {
            every_ns: 1,
            time_out_ns: u64::MAX,
        };
        recording.probe_with(Probe::new(probe, "echo text", schedule, 0));
    }
    let mut notify = |notice: Notice<'_>| assert!(matches!(notice, Notice::Begun));
    let mut bystander = child();
    let mut each = Vec::new();
    for tick in 0..WARM_UP + SAMPLES {
        // Somebody comes, and somebody goes.
        let leaves = std::mem::replace(&mut bystander, child());
        end(leaves);
        let now = Clocks {
            boottime_ns: tick * SECOND,
            monotonic_ns: tick * SECOND,
            realtime_ns: tick * SECOND,
            cpu_ns: tick,
        };
        let before = allocations();
        if tick % 20 == 0 {
            recording.begin_anew();
        }
        recording.tick(&now, tick, &mut notify).unwrap();
        recording.begin_probe(&mut notify);
        while recording.is_probing() {
            recording.look_after_probe(&mut notify);
        }
        let asked = allocations() - before;
        each.push(asked);
    }
    end(bystander);
    let written = std::fs::metadata(&path).unwrap().len();
    std::fs::remove_file(&path).unwrap();
    assert!(
        written > 4096,
        "{written} bytes were written while counting"
    );
    each.split_off(WARM_UP as usize)
}

fn end(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn exact_asks_for_nothing() {
    assert_eq!(record(PssMode::Exact, None), [0; SAMPLES as usize]);
}

#[test]
fn off_asks_for_nothing() {
    assert_eq!(record(PssMode::Off, None), [0; SAMPLES as usize]);
}

#[test]
fn auto_asks_for_nothing() {
    assert_eq!(record(PssMode::Auto, None), [0; SAMPLES as usize]);
}

#[test]
fn a_probe_asks_for_nothing() {
    let probe = Prepared::shell("echo text").unwrap();
    let asked = record(PssMode::Auto, Some(&probe));
    assert_eq!(asked, [0; SAMPLES as usize]);
}

#[test]
fn a_command_that_is_prepared_asks_for_nothing() {
    let command = Prepared::shell("echo text").unwrap();
    let before = allocations();
    let mut bytes = 0;
    let mut output = |piece: &[u8]| bytes += piece.len();
    for _ in 0..10 {
        let mut child = command.start().unwrap();
        let ended = loop {
            if let Some(ended) = child.poll(&mut output) {
                break ended;
            }
        };
        assert_eq!(ended.exit, Exit::Status(0));
    }
    assert_eq!(allocations() - before, 0);
    assert_eq!(bytes, 10 * "text\n".len());
}

#[test]
fn the_progress_line_asks_for_nothing() {
    let before = allocations();
    for columns in 0..200 {
        let progress = Progress {
            elapsed_s: 1 << columns.min(62),
            duration_s: (columns % 2 == 0).then_some(1 << 40),
            cpu_permille: Some(7),
            memory_kib: Some((u64::MAX, 1)),
            samples: u64::MAX,
            written_bytes: u64::MAX,
            late: u64::MAX,
            missed: u64::MAX,
        };
        std::hint::black_box(line(&progress, columns));
    }
    assert_eq!(allocations() - before, 0);
}
