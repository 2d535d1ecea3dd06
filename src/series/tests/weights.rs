//! What a sample weighs: against the same series with a value for each tick.

use super::chance::Chance;
use super::*;
use crate::log::fields::{board, kernel};
use crate::stats;

/// A series, each tick a value of its own.
#[derive(Default)]
struct Each(Vec<f64>);

impl Each {
    fn add(&mut self, value: f64, ticks: u64) {
        self.0.extend((0..ticks).map(|_| value));
    }

    #[track_caller]
    fn is(&self, figures: &Summary) {
        let mut values = self.0.clone();
        let plain = stats::summary(&mut values).unwrap();
        assert!((figures.mean - plain.mean).abs() <= plain.mean * 1e-12);
        let without_mean = |summary| Summary {
            mean: 0.0,
            ..summary
        };
        assert_eq!(without_mean(*figures), without_mean(plain));
    }
}

/// The share or the rate to the nearest milli-percent.
fn milli(part: u64, whole: u64) -> f64 {
    (part as f64 * 100_000.0 / whole as f64).round()
}

/// A run of which the recorder missed many deadlines, and each of its figures by
/// writing every interval out, tick by tick.
fn is_as_written_out(seed: u64) {
    let mut chance = Chance(seed);
    let mut script = Script::new(PssMode::Exact);
    let (mut cpu, mut memory) = (Each::default(), Each::default());
    let mut groups = Groups::default();
    let mut there = [false; 3];
    let mut tick = 0;
    for sample in 0..chance.below(40) + 3 {
        // The first sample has no interval, and its own tick.
        let ticks = match sample {
            0 => 1,
            _ => 1 + chance.below(2) * chance.below(50),
        };
        tick += if sample == 0 { 0 } else { ticks };
        let used = chance.below(1000);
        script.available(1000 - used);
        memory.add(used as f64, ticks);
        let (user, idle) = (chance.below(100), 1 + chance.below(100));
        script.spend(user, idle);
        if sample > 0 {
            cpu.add(milli(user, user + idle), ticks);
        }
        for (at, (memory, cpu, seen)) in groups.iter_mut().enumerate() {
            let was = std::mem::replace(&mut there[at], chance.below(4) > 0);
            if !there[at] {
                script.slots[at] = None;
                memory.add(0.0, ticks);
                cpu.add(0.0, if sample > 0 { ticks } else { 0 });
                continue;
            }
            if !was {
                // Long before: what it used until then is in no interval.
                script.born(at, 10 + at as u32 + 3 * sample as u32, 1, NAMES[at]);
            }
            let (kib, spent) = (chance.below(300), chance.below(100));
            script.pss(at, kib);
            let used = script.slots[at].as_ref().unwrap().cpu_time();
            script.set(at, process::UTIME, used + spent);
            memory.add(kib as f64, ticks);
            *seen += ticks;
            if sample > 0 {
                let spent = if was { spent } else { 0 };
                cpu.add(milli(spent, 100 * ticks), ticks);
            }
        }
        script.sample(tick);
    }
    let run = script.run();
    assert_eq!(run.ticks, tick + 1);
    cpu.is(&run.cpu.unwrap());
    memory.is(&run.memory_kib.unwrap());
    rows_are(&run, &groups);
}

/// Each group's memory, its CPU, and in how many ticks it was seen.
type Groups = [(Each, Each, u64); 3];

const NAMES: [&[u8]; 3] = [b"a", b"b", b"c"];

#[track_caller]
fn rows_are(run: &Run, groups: &Groups) {
    let mut shown = 0;
    for (name, (memory, cpu, seen)) in NAMES.iter().zip(groups) {
        for (rows, each) in [(&run.by_memory, memory), (&run.by_cpu, cpu)] {
            match rows.iter().find(|row| row.name == *name) {
                Some(row) => {
                    each.is(&row.figures);
                    assert_eq!(row.seen, *seen);
                    shown += 1;
                }
                None => assert!(each.0.iter().all(|value| *value == 0.0)),
            }
        }
    }
    assert_eq!(shown, run.by_memory.len() + run.by_cpu.len());
    for rows in [&run.by_memory, &run.by_cpu] {
        let means: Vec<f64> = rows.iter().map(|row| row.figures.mean).collect();
        assert!(means.windows(2).all(|pair| pair[0] >= pair[1]));
    }
}

#[test]
fn a_run_is_as_if_each_tick_were_written_out() {
    (0..500).for_each(is_as_written_out);
}

/// Three minutes, of which the second is busy: with all samples, or without those of
/// that minute but its last.
fn busy_minute(all: bool) -> Run {
    let mut script = Script::new(PssMode::Exact);
    script.born(0, 10, 1, b"k3s-server");
    script.born(1, 11, 1, b"idle");
    script.pss(1, 3);
    script.machine.core_mut(0).unwrap()[core::ONLINE] = 1;
    for tick in 0..=180 {
        let busy = (61..=120).contains(&tick);
        script.available(if busy { 300 } else { 700 });
        script.pss(0, if busy { 600 } else { 250 });
        if tick > 0 {
            let used = script.slots[0].as_ref().unwrap().cpu_time();
            script.set(0, process::UTIME, used + if busy { 100 } else { 4 });
            script.spend(if busy { 100 } else { 4 }, if busy { 0 } else { 96 });
            let core = script.machine.core_mut(0).unwrap();
            core[cpu::USER] += if busy { 100 } else { 4 };
            core[cpu::IDLE] += if busy { 0 } else { 96 };
        }
        if tick % 10 == 0 {
            let group = script.machine.group_mut(board::ID);
            group[board::TEMP_MC] = if busy { 80_000 } else { 50_000 };
            group[board::THROTTLED] = u64::from(busy);
            script.machine.core_mut(0).unwrap()[core::REQUESTED_KHZ] =
                if busy { 1_500_000 } else { 600_000 };
        }
        script.machine(kernel::ID, kernel::LOAD1_CENTI, if busy { 400 } else { 10 });
        if all || !busy || tick == 120 {
            script.machine(
                recorder::ID,
                recorder::MISSED,
                if all || tick < 120 { 0 } else { 59 },
            );
            script.sample(tick);
        }
    }
    let options = Options {
        top: 5,
        by: By::Name,
        memory: Memory::Pss,
    };
    let mut runs = summarise(&mut || Ok(&script.log[..]), &options, true).unwrap();
    runs.remove(0)
}

#[test]
fn missed_deadlines_change_no_figure() {
    let (even, mut missed) = (busy_minute(true), busy_minute(false));
    // 180 intervals, of which 60 at 100 %, the others at 4 %.
    let cpu = [100_000.0, 4_000.0, 36_000.0, 4_000.0, 100_000.0];
    assert_eq!(five(&missed.cpu.unwrap()), cpu);
    // 60 of 181 at 80 degrees; the reading after each minute tells of the one before.
    let board = &missed.health.board;
    let warm = board.temperature.unwrap();
    assert_eq!((warm.min, warm.median, warm.max), (50.0, 50.0, 80.0));
    let load = missed.health.strain.load.unwrap();
    assert_eq!(load.mean, (60.0 * 4.0 + 121.0 * 0.1) / 181.0);
    // What was done by the recorder is what it did.
    let (all, some) = (even.health.board.throttled, board.throttled);
    assert_eq!(all.map(|it| (it.known, it.now[0])), Some((19, 6)));
    assert_eq!(some.map(|it| (it.known, it.now[0])), Some((14, 1)));
    assert_eq!((even.samples, missed.samples), (181, 122));
    assert_eq!((even.quality.missed, missed.quality.missed), (0, 59));
    missed.health.board.throttled = all;
    missed.health.board.undervoltage = even.health.board.undervoltage;
    missed.samples = 181;
    missed.quality.missed = 0;
    missed.findings = even.findings.clone();
    assert!(missed == even);
}

/// Ticks 0 to 2, 5, 6; those between were lost. Before 6, the board slept: nine
/// deadlines passed, one of them awake.
#[test]
fn what_is_lost_and_slept_through_weighs_nothing() {
    let mut script = Script::new(PssMode::Exact);
    for (tick, used) in [(0, 10), (1, 20), (2, 30)] {
        script.available(1000 - used);
        script.spend(50, 50);
        script.sample(tick);
    }
    let lost = script.sample(3);
    script.damage(lost);
    script.encoder.resync();
    script.available(900);
    script.spend(50, 50);
    script.sample(5);
    script.machine(clock::ID, clock::SUSPENDED_MS, 8_000);
    script.available(800);
    script.spend(100, 0);
    script.sample(15);
    let run = script.run();
    // 10, 20, 30, 100 and 200 twice: of the ten ticks to 15, eight were slept through.
    assert_eq!((run.ticks, run.memory_kib.unwrap().count), (6, 6));
    assert_eq!(run.memory_kib.unwrap().mean, 560.0 / 6.0);
    // Two intervals of 50 %, none to tick 5, two ticks of 100 %.
    assert_eq!(run.cpu.unwrap().count, 4);
    assert_eq!(run.cpu.unwrap().mean, 75_000.0);
}
