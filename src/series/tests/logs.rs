//! Logs that are damaged, cut, long, forged, or none.

use super::*;
use crate::log::losses::Losses;

#[test]
fn samples_that_were_lost_give_no_cpu_figure() {
    let mut script = Script::new(PssMode::Exact);
    script.born(0, 10, 1, b"k3s");
    script.pss(0, 10);
    script.sample(0);
    script.spend(10, 90);
    script.set(0, process::UTIME, 10);
    script.sample(1);
    script.spend(80, 20);
    script.set(0, process::UTIME, 90);
    let lost = script.sample(2);
    script.damage(lost);
    script.sample(3);
    script.encoder.resync();
    script.born(1, 11, 100_350, b"new");
    script.set(1, process::UTIME, 9);
    script.sample(4);
    script.spend(30, 70);
    script.set(0, process::UTIME, 92);
    script.sample(5);
    let run = script.run();
    assert_eq!(run.samples, 4);
    // 10 % and 30 %; 10 and 2 ticks, nothing of the 80 that were lost.
    assert_eq!(five(&run.cpu.unwrap())[..3], [30_000.0, 10_000.0, 20_000.0]);
    assert_eq!(
        five(figures(&run.by_cpu, b"k3s"))[..3],
        [10_000.0, 2_000.0, 6_000.0]
    );
    assert_eq!(run.by_cpu.len(), 1);
    let quality = &run.quality;
    let losses = &quality.losses;
    assert_eq!((losses.damaged, losses.lost, losses.torn), (1, 2, false));
    assert!(losses.damaged_bytes > 0 && quality.footer.is_none());
}

#[test]
fn missed_deadlines_and_sleep_are_measured_out() {
    let mut script = Script::new(PssMode::Exact);
    script.born(0, 10, 1, b"k3s");
    script.machine(clock::ID, clock::SUSPENDED_MS, 0);
    script.sample(0);
    // 3.5 s for 70 ticks: 20 %.
    script.set(0, process::UTIME, 70);
    script.late_us = 500_000;
    script.machine(recorder::ID, recorder::MISSED, 2);
    script.sample(3);
    // 61 s, less 60 s asleep, for 25 ticks.
    script.set(0, process::UTIME, 95);
    script.machine(recorder::ID, recorder::MISSED, 62);
    script.machine(clock::ID, clock::SUSPENDED_MS, 60_000);
    script.machine(clock::ID, clock::STEPPED_MS, -2_000i64 as u64);
    script.sample(64);
    let run = script.run();
    // Three ticks at 20 %, one at 25 %: what the board slept through is none.
    assert_eq!(
        five(&run.by_cpu[0].figures)[..3],
        [25_000.0, 20_000.0, 21_250.0]
    );
    let quality = &run.quality;
    assert_eq!((quality.missed, &quality.losses), (62, &Losses::default()));
    assert_eq!((quality.suspends, quality.suspended_ms), (1, 60_000));
    assert_eq!((quality.clock_set, quality.stepped_ms), (1, -2_000));
    assert_eq!(run.duration_us, 64_500_000);
}

#[test]
fn a_footer_and_a_segment_that_was_overwritten() {
    let mut script = Script::new(PssMode::Exact);
    script.log.clear();
    script.record(&Record::Header(header(PssMode::Exact)));
    script.sample(600);
    let footer = Footer {
        end: End::Signal,
        samples: 601,
        missed: 1,
        latest_us: 0,
        unreadable: 4,
        left_out: 2,
        cpu_us: 5,
        written_bytes: 6,
    };
    script.record(&Record::Footer(RUN, footer.clone()));
    let run = script.run();
    assert_eq!((run.samples, run.cpu), (1, None));
    assert_eq!(run.quality.losses.overwritten, 600);
    assert_eq!((run.quality.unreadable, run.quality.left_out), (4, 2));
    assert_eq!(run.quality.footer, Some(footer));
}

#[test]
fn a_clock_that_is_set_far_and_back_was_far() {
    let mut script = Script::new(PssMode::Exact);
    let steps: [i64; 5] = [0, 0, -1_000_000_000_000, 0, 1_800_000];
    for (tick, step) in (0..).zip(steps) {
        script.machine(clock::ID, clock::STEPPED_MS, step as u64);
        script.sample(tick);
    }
    let quality = script.run().quality;
    assert_eq!((quality.clock_set, quality.stepped_ms), (3, 1_800_000));
    assert_eq!(quality.farthest_ms, -1_000_000_000_000);
}

#[test]
fn two_runs_in_one_log() {
    let mut script = Script::new(PssMode::Exact);
    script.sample(0);
    script.sample(1);
    let first = script.log.clone();
    let mut second = header(PssMode::Exact);
    second.run = 10;
    script.log.clear();
    script.encoder = Encoder::new(10, 4096, 8);
    script.record(&Record::Header(second));
    script.sample(0);
    let log = [first, script.log].concat();
    let options = Options {
        top: 5,
        by: By::Name,
        memory: Memory::Pss,
    };
    let runs = summarise(&mut || Ok(&log[..]), &options, false).unwrap();
    let told: Vec<_> = runs
        .iter()
        .map(|run| (run.header.run, run.samples))
        .collect();
    assert_eq!(told, [(9, 2), (10, 1)]);
}

#[test]
fn absurd_numbers() {
    for value in [0, 1, u64::MAX / 2, u64::MAX - 1, u64::MAX] {
        let mut script = Script::new(PssMode::Auto);
        script.log.clear();
        script.encoder = Encoder::new(RUN, 4096, 8);
        let mut absurd = header(PssMode::Auto);
        (absurd.clk_tck, absurd.page_size, absurd.interval_us) = (value, value, value);
        (absurd.start_boottime_ns, absurd.mem_total_kib) = (value, value);
        script.record(&Record::Header(absurd));
        for tick in [0, 1, value] {
            for group in [cpu::ID, memory::ID, clock::ID, recorder::ID] {
                *script.machine.group_mut(group) = [tick; crate::log::fields::GROUP_FIELDS];
            }
            script.born(0, 7, tick, b"x");
            script.slots[0].as_mut().unwrap().values = [tick; process::COUNT];
            script.late_us = value;
            script.sample(tick);
        }
        for by in [By::Name, By::Process] {
            for memory in [Memory::Pss, Memory::Rss] {
                // Ticks that go backwards are damage, and those that stay repeat.
                let samples = if value <= 1 { 2 } else { 3 };
                assert_eq!(script.runs(by, memory)[0].samples, samples);
            }
        }
    }
}

#[test]
fn what_is_no_log() {
    let options = Options {
        top: 5,
        by: By::Name,
        memory: Memory::Pss,
    };
    let told = |log: &[u8]| {
        let error = summarise(&mut || Ok(log), &options, false).unwrap_err();
        error.to_string()
    };
    assert_eq!(told(b""), "is empty: no sample was written");
    assert_eq!(told(b"some text\n"), "is not an edgebench-lite log");
    assert_eq!(told(&[0; 100]), "is not an edgebench-lite log");
    let script = Script::new(PssMode::Exact);
    assert_eq!(told(&script.log), "holds no sample that can be read");
    let mut newer = header(PssMode::Exact);
    newer.version = 2;
    let mut script = Script::new(PssMode::Exact);
    script.log.clear();
    script.record(&Record::Header(newer));
    assert_eq!(
        told(&script.log),
        "was written in version 2 of the log format; this edgebench-lite reads versions up to 1"
    );
}

#[test]
fn an_input_that_changes_is_noticed() {
    // More different values than are kept, so that a second pass is needed.
    let mut script = Script::new(PssMode::Exact);
    script.machine(memory::ID, memory::MEM_TOTAL, 1_000_000);
    for tick in 0..30_000 {
        script.machine(memory::ID, memory::MEM_AVAILABLE, 900_000 - tick);
        script.sample(tick);
    }
    let options = Options {
        top: 5,
        by: By::Name,
        memory: Memory::Rss,
    };
    let runs = summarise(&mut || Ok(&script.log[..]), &options, false).unwrap();
    // 100,000 to 129,999
    assert_eq!(runs[0].memory_kib.unwrap().median, 114_999.5);
    assert_eq!(runs[0].memory_kib.unwrap().p95, 128_499.0);

    let other = {
        let mut other = Script::new(PssMode::Exact);
        other.sample(0);
        other.log
    };
    let mut passes = [&script.log[..], &other[..]].into_iter();
    let changed = summarise(&mut || Ok(passes.next().unwrap_or(&[])), &options, false);
    assert!(matches!(changed, Err(Error::Changed)));
}
