//! The figures of a long, busy log against what is worked out from it sample by
//! sample, in the plainest way: every value of every group kept, and sorted.
//!
//! `DAY_LOG=FOLDER cargo test --release --test report_day -- --ignored` leaves a day's logs
//! there, to measure `report` with.

mod day_log;

use day_log::Day;
use edgebench_lite::log::fields::process::{flag, PSS_AT};
use edgebench_lite::log::fields::{cpu, memory};
use edgebench_lite::log::model::Process;
use edgebench_lite::log::reader::{Event, Reader};
use edgebench_lite::series::{summarise, By, GroupSummary, Memory, Options};
use edgebench_lite::stats::{self, Summary};
use std::collections::{BTreeMap, BTreeSet, HashMap};

fn log_of(day: &Day) -> Vec<u8> {
    let mut log = Vec::new();
    day_log::write(day, |frame| log.extend_from_slice(frame));
    log
}

#[derive(Default)]
struct Plain {
    memory: Vec<f64>,
    cpu: Vec<f64>,
    seen: u64,
    known: bool,
}

type Name = (Vec<u8>, bool, Option<(u32, u64)>);

fn name_of(process: &Process, by: By) -> Name {
    let kernel = process.has(flag::KERNEL_THREAD);
    let comm = process.comm.as_slice();
    match by {
        By::Process => (
            comm.to_vec(),
            kernel,
            Some((process.pid, process.starttime)),
        ),
        By::Name if kernel => {
            let name = comm.split(|&byte| byte == b'/').next().unwrap_or(comm);
            (name.to_vec(), kernel, None)
        }
        By::Name => (comm.to_vec(), kernel, None),
        By::Cgroup(_) => unreachable!("the day has no cgroups"),
    }
}

/// All series, in full: memory of the machine, its CPU, and the groups'.
fn plainly(log: &[u8], by: By) -> (Vec<f64>, Vec<f64>, BTreeMap<Name, Plain>) {
    let (mut used, mut busy) = (Vec::new(), Vec::new());
    let mut groups: BTreeMap<Name, Plain> = BTreeMap::new();
    let mut times: HashMap<(u32, u64), u64> = HashMap::new();
    let mut before: Option<(u64, u64, Option<Vec<u64>>)> = None;
    let mut samples = 0;
    let mut reader = Reader::new(log);
    while let Some(event) = reader.next_event().unwrap() {
        if event != Event::Sample {
            continue;
        }
        let sample = reader.sample();
        let now_us = sample.tick * 1_000_000 + sample.late_us;
        let field = |index| sample.machine.value(memory::ID, index).unwrap();
        used.push((field(memory::MEM_TOTAL) - field(memory::MEM_AVAILABLE)) as f64);
        let times_now = sample
            .machine
            .group(cpu::ID)
            .map(|g| g[..cpu::COUNT].to_vec());
        let mut memory_now: BTreeMap<Name, u64> = BTreeMap::new();
        let mut ticks: BTreeMap<Name, u64> = BTreeMap::new();
        let mut there = BTreeSet::new();
        let mut times_here = HashMap::new();
        for process in sample.processes() {
            let name = name_of(process, by);
            there.insert(name.clone());
            if let Some(pss) = process.pss_kib() {
                *memory_now.entry(name.clone()).or_default() += pss;
            }
            let id = (process.pid, process.starttime);
            let last = times.get(&id).copied().unwrap_or(0);
            *ticks.entry(name).or_default() += process.cpu_time() - last;
            times_here.insert(id, process.cpu_time());
        }
        times = times_here;
        for name in there {
            groups.entry(name).or_default().seen += 1;
        }
        for (name, group) in &mut groups {
            group.memory.resize(samples, 0.0);
            group
                .memory
                .push(memory_now.get(name).copied().unwrap_or(0) as f64);
            group.known |= memory_now.contains_key(name);
        }
        if let Some((then_us, _, times_then)) = &before {
            let elapsed = (now_us - then_us) as f64;
            for (name, group) in &mut groups {
                let ticks = ticks.get(name).copied().unwrap_or(0) as f64;
                group.cpu.resize(samples - 1, 0.0);
                group.cpu.push((ticks * 1e11 / (100.0 * elapsed)).round());
            }
            if let (Some(then), Some(now)) = (times_then, &times_now) {
                let spent: Vec<f64> = then.iter().zip(now).map(|(a, b)| (b - a) as f64).collect();
                let total: f64 = spent.iter().sum();
                let idle = spent[cpu::IDLE] + spent[cpu::IOWAIT];
                busy.push(((total - idle) / total * 1e5).round());
            }
        }
        before = Some((now_us, 0, times_now));
        samples += 1;
    }
    (used, busy, groups)
}

/// Figures of PSS, estimates, and estimates whose reading was put off, one by one.
fn counted(log: &[u8]) -> [u64; 3] {
    let mut counts = [0; 3];
    let mut reader = Reader::new(log);
    while let Some(event) = reader.next_event().unwrap() {
        if event != Event::Sample {
            continue;
        }
        let sample = reader.sample();
        for process in sample.processes().filter(|p| p.has(flag::HAS_PSS)) {
            counts[0] += 1;
            counts[1] += u64::from(process.values[PSS_AT] < sample.tick);
            counts[2] += u64::from(process.has(flag::STALE));
        }
    }
    counts
}

fn agree(ours: &Summary, theirs: &mut [f64], what: &str) {
    let theirs = stats::summary(theirs).unwrap();
    assert!(
        (ours.mean - theirs.mean).abs() <= theirs.mean * 1e-9,
        "{what}"
    );
    assert_eq!(
        Summary { mean: 0.0, ..*ours },
        Summary {
            mean: 0.0,
            ..theirs
        },
        "{what}"
    );
}

fn compare(day: &Day, by: By, top: usize) {
    let log = log_of(day);
    let options = Options {
        top,
        by,
        memory: Memory::Pss,
    };
    let runs = summarise(&mut || Ok(&log[..]), &options, false).unwrap();
    let (mut used, mut busy, mut groups) = plainly(&log, by);
    assert_eq!(runs.len(), 1);
    let run = &runs[0];
    assert!(!run.uncertain);
    assert_eq!(run.samples, day.samples);
    let quality = &run.quality;
    assert_eq!(
        [
            quality.pss_figures,
            quality.pss_estimates,
            quality.pss_stale
        ],
        counted(&log)
    );
    agree(
        run.memory_kib.as_ref().unwrap(),
        &mut used,
        "memory of the machine",
    );
    agree(run.cpu.as_ref().unwrap(), &mut busy, "CPU of the machine");

    let sums = |of: fn(&Plain) -> Option<&Vec<f64>>| {
        let mut sums: Vec<f64> = groups
            .values()
            .filter_map(of)
            .map(|s| s.iter().sum())
            .collect();
        sums.retain(|sum| *sum > 0.0);
        sums.sort_by(|a, b| b.total_cmp(a));
        sums.truncate(top);
        sums
    };
    let by_memory = sums(|group| group.known.then_some(&group.memory));
    let by_cpu = sums(|group| Some(&group.cpu));
    let shown = |rows: &[GroupSummary]| -> Vec<f64> {
        let sum = |row: &GroupSummary| (row.figures.mean * row.figures.count as f64).round();
        rows.iter().map(sum).collect()
    };
    assert_eq!(shown(&run.by_memory), by_memory);
    assert_eq!(shown(&run.by_cpu), by_cpu);
    let tables = [(&run.by_memory, true), (&run.by_cpu, false)];
    for (row, is_memory) in tables
        .iter()
        .flat_map(|(rows, m)| rows.iter().map(|row| (row, *m)))
    {
        let name = (row.name.to_vec(), row.kernel_thread, row.process);
        let group = groups.get_mut(&name).unwrap();
        let what = String::from_utf8_lossy(&name.0).into_owned();
        assert_eq!(row.seen, group.seen, "{what}");
        assert!(group.known || !is_memory, "{what}");
        let theirs = if is_memory {
            &mut group.memory
        } else {
            &mut group.cpu
        };
        agree(&row.figures, theirs, &what);
    }
}

const HOUR: Day = Day {
    header: day_log::header(7),
    seed: 42,
    samples: 3600,
    processes: 150,
    changing: 10,
    names_of_their_own: false,
};

#[test]
fn an_hour_by_name() {
    compare(&HOUR, By::Name, 1000);
}

#[test]
fn an_hour_in_which_all_change() {
    let day = Day {
        changing: 100,
        samples: 600,
        seed: 3,
        ..HOUR
    };
    compare(&day, By::Name, 10);
}

/// More births than are kept: those that are gone are dropped, several times.
#[test]
fn half_an_hour_by_process() {
    let day = Day {
        samples: 1800,
        ..HOUR
    };
    compare(&day, By::Process, 10);
}

/// Names that come once, and one that comes again after groups were dropped.
#[test]
fn an_hour_of_new_names() {
    let day = Day {
        names_of_their_own: true,
        ..HOUR
    };
    compare(&day, By::Name, 10);
}

#[test]
fn a_log_cut_anywhere_has_figures_or_none() {
    let log = log_of(&Day {
        samples: 130,
        processes: 12,
        ..HOUR
    });
    let options = Options {
        top: 10,
        by: By::Name,
        memory: Memory::Pss,
    };
    for cut in (0..log.len()).step_by(7) {
        match summarise(&mut || Ok(&log[..cut]), &options, false) {
            Ok(runs) => assert!(runs[0].samples > 0 && runs[0].quality.footer.is_none()),
            Err(error) => assert!(cut < 1500, "{cut}: {error}"),
        }
    }
}

#[test]
#[ignore = "writes a day's logs into the folder DAY_LOG"]
fn leave_a_days_logs() {
    let folder = std::env::var_os("DAY_LOG").expect("DAY_LOG=FOLDER");
    for (name, changing, names_of_their_own) in [
        ("day10.ebl", 10, false),
        ("day10own.ebl", 10, true),
        ("day100.ebl", 100, false),
    ] {
        let day = Day {
            samples: 86_400,
            changing,
            names_of_their_own,
            ..HOUR
        };
        std::fs::write(std::path::Path::new(&folder).join(name), log_of(&day)).unwrap();
    }
}
