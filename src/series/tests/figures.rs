//! What the figures are.

use super::*;
use crate::log::fields::NOT_OBSERVABLE;

/// Whether a finding begins so.
fn says(run: &Run, begin: &str) -> bool {
    let mut findings = run.findings.iter();
    findings.any(|finding| finding.text.starts_with(begin))
}

#[test]
fn the_machine() {
    let mut script = Script::new(PssMode::Exact);
    // 25 %, 50 %, 100 % of 100 ticks; used 100, 200, 400, 300 of 1000 KiB.
    for (tick, (user, available)) in [(0, 900), (25, 800), (50, 600), (100, 700)]
        .iter()
        .enumerate()
    {
        script.spend(*user, 100 - user);
        script.available(*available);
        script.sample(tick as u64);
    }
    let run = script.run();
    assert_eq!((run.samples, run.duration_us), (4, 3_000_000));
    let cpu = [100_000.0, 25_000.0, 175_000.0 / 3.0, 50_000.0, 100_000.0];
    assert_eq!(five(&run.cpu.unwrap()), cpu);
    assert_eq!(
        five(&run.memory_kib.unwrap()),
        [400.0, 100.0, 250.0, 250.0, 400.0]
    );
    let share = [40_000.0, 10_000.0, 25_000.0, 25_000.0, 40_000.0];
    assert_eq!(five(&run.memory_share.unwrap()), share);
}

/// 20 ticks a second; twice its CPU time is misread, and once it has 10^12 s more, for
/// ever. At these three samples nothing is known of it; when it is back it is told what
/// is above all before.
#[test]
fn cpu_time_of_a_process_that_falls_and_leaps() {
    let mut script = Script::new(PssMode::Exact);
    script.born(0, 7, 1, b"app");
    let times = [
        900,
        920,
        100,
        940,
        960,
        0,
        980,
        u64::MAX / 2,
        u64::MAX / 2 + 20,
    ];
    for (tick, time) in times.into_iter().enumerate() {
        script.set(0, process::UTIME, time);
        script.spend(20, 80);
        script.sample(tick as u64);
    }
    let run = script.run();
    let cpu = figures(&run.by_cpu, b"app");
    // 5 of 8 seconds with 20 %: 12.5 %.
    assert_eq!((cpu.max, cpu.min, cpu.mean), (20_000.0, 0.0, 12_500.0));
    assert_eq!(run.account.sampled, 100);
    assert!(says(&run, "Implausible CPU times in 3 of 8 intervals: "));
}

/// In the second sample of three a container is told what its host has.
#[test]
fn more_available_than_there_is() {
    let mut script = Script::new(PssMode::Exact);
    for (tick, kib) in [600, 1001, 700].into_iter().enumerate() {
        script.available(kib);
        script.sample(tick as u64);
    }
    let run = script.run();
    let used = run.memory_kib.unwrap();
    assert_eq!((used.count, used.min, used.max), (2, 300.0, 400.0));
    assert_eq!(run.quality.too_much_available, 1);
    assert!(says(&run, "Memory in use is unknown in 1 of 3 samples: "));
}

#[test]
fn huge_pages_are_told() {
    let mut script = Script::new(PssMode::Exact);
    for (tick, kib) in [0, 2048, 1024].into_iter().enumerate() {
        script.machine(memory::ID, memory::HUGETLB, kib);
        script.sample(tick as u64);
    }
    assert!(says(&script.run(), "2.0 MiB of memory are huge pages "));
}

#[test]
fn what_is_available_is_not_said() {
    let mut script = Script::new(PssMode::Exact);
    script.available(NOT_OBSERVABLE);
    script.sample(0);
    let run = script.run();
    assert_eq!((run.memory_kib, run.quality.too_much_available), (None, 0));
    assert!(says(&run, "Memory in use is unknown: "));
}

#[test]
fn iowait_that_is_taken_back_is_idle() {
    let mut script = Script::new(PssMode::Exact);
    script.machine(cpu::ID, cpu::IOWAIT, 50);
    script.sample(0);
    // 20 of 100: of idle's 120, 40 are iowait's until then.
    script.spend(20, 120);
    script.machine(cpu::ID, cpu::IOWAIT, 10);
    script.sample(1);
    assert_eq!(script.run().cpu.unwrap().max, 20_000.0);
    // Nothing moved, and all began anew: no figure, and one that cannot be.
    script.sample(2);
    script.machine(cpu::ID, cpu::IDLE, 3);
    script.sample(3);
    let run = script.run();
    assert_eq!(
        (run.cpu.unwrap().count, run.quality.implausible_cpu),
        (1, 1)
    );
}

#[test]
fn a_core_that_comes_and_goes_takes_its_idle_time_with_it() {
    let mut script = Script::new(PssMode::Exact);
    let on = |script: &mut Script, tick, idle: [u64; 2], user, online: [u64; 2]| {
        for (at, (idle, online)) in idle.into_iter().zip(online).enumerate() {
            let values = script.machine.core_mut(at).unwrap();
            values[cpu::IDLE] = idle;
            values[core::ONLINE] = online;
        }
        script.machine.core_mut(0).unwrap()[cpu::USER] = user;
        script.machine(cpu::ID, cpu::USER, user);
        script.machine(cpu::ID, cpu::IDLE, idle[0] + idle[1]);
        script.sample(tick);
    };
    on(&mut script, 0, [1000, 9000], 0, [1, 1]);
    // 10 of 200.
    on(&mut script, 1, [1090, 9100], 10, [1, 1]);
    // Core 1 goes: core 0 alone, 40 of 100.
    on(&mut script, 2, [1150, 5000], 50, [1, 0]);
    // Core 0 alone, 50 of 100; then core 1 is back, and core 0 has 20 of 100.
    on(&mut script, 3, [1200, 5000], 100, [1, 0]);
    on(&mut script, 4, [1280, 9400], 120, [1, 1]);
    let cpu = script.run().cpu.unwrap();
    assert_eq!((cpu.count, cpu.min, cpu.max), (4, 5_000.0, 50_000.0));
    // 5, 20, 40, 50
    assert_eq!(cpu.median, 30_000.0);
}

#[test]
fn same_named_processes_are_summed() {
    let mut script = Script::new(PssMode::Exact);
    script.born(0, 10, 1, b"k3s");
    script.pss(0, 100);
    script.born(1, 11, 2, b"k3s");
    script.pss(1, 30);
    script.sample(0);
    script.set(0, process::UTIME, 7);
    script.set(1, process::STIME, 3);
    script.pss(1, 50);
    script.sample(1);
    script.slots[1] = None;
    script.sample(2);
    let run = script.run();
    let k3s = row(&run.by_memory, b"k3s");
    assert_eq!((k3s.processes, k3s.seen), (2, 3));
    // 130, 150, 100
    assert_eq!(
        five(&k3s.figures),
        [150.0, 100.0, 380.0 / 3.0, 130.0, 150.0]
    );
    // 10 ticks in a second, then none.
    let cpu = figures(&run.by_cpu, b"k3s");
    assert_eq!(five(cpu), [10_000.0, 0.0, 5_000.0, 5_000.0, 10_000.0]);

    let each = script.runs(By::Process, Memory::Pss).remove(0);
    let ids: Vec<_> = each
        .by_memory
        .iter()
        .map(|row| row.process.unwrap())
        .collect();
    assert_eq!(ids, [(10, 1), (11, 2)]);
    // 30, 50, and 0 once it is gone.
    assert_eq!(
        five(&each.by_memory[1].figures)[..4],
        [50.0, 0.0, 80.0 / 3.0, 30.0]
    );
}

#[test]
fn kernel_threads_are_grouped_by_what_stands_before_the_slash() {
    let mut script = Script::new(PssMode::Exact);
    for (slot, name) in [b"kworker/0:1-events" as &[u8], b"kworker/u8:2", b"kworker"]
        .iter()
        .enumerate()
    {
        script.born(slot, 5 + slot as u32, 1, name);
    }
    for slot in [0, 1] {
        script.set(slot, process::FLAGS, process::flag::KERNEL_THREAD);
    }
    // A program may call itself so, too.
    script.pss(2, 5);
    script.sample(0);
    for slot in 0..3 {
        script.set(slot, process::STIME, 1 + slot as u64);
    }
    script.sample(1);
    let run = script.run();
    let rows: Vec<_> = run
        .by_cpu
        .iter()
        .map(|r| (&r.name[..], r.kernel_thread, r.processes))
        .collect();
    assert_eq!(rows, [(&b"kworker"[..], false, 1), (b"kworker", true, 2)]);
    // No memory of theirs is known: that is not 0.
    assert_eq!(run.by_memory.len(), 1);
    assert_eq!(run.by_cpu[1].figures.max, 3_000.0);
}

#[test]
fn what_is_born_counts_from_its_birth() {
    let mut script = Script::new(PssMode::Exact);
    // Not born in an interval: there is none before the first sample.
    script.born(0, 10, 99_990, b"first");
    script.set(0, process::UTIME, 50);
    script.sample(0);
    // Starttime in USER_HZ: the interval began at 100,000.
    for (slot, name, start) in [
        (1, b"new" as &[u8], 100_040),
        (2, b"edge", 99_999),
        (3, b"old", 99_998),
    ] {
        script.born(slot, 20 + slot as u32, start, name);
        script.set(slot, process::UTIME, 30);
    }
    script.sample(1);
    let run = script.run();
    let rows: Vec<_> = run
        .by_cpu
        .iter()
        .map(|r| (&r.name[..], r.figures.max))
        .collect();
    assert_eq!(rows, [(&b"edge"[..], 30_000.0), (b"new", 30_000.0)]);
}

#[test]
fn a_slot_that_is_taken_over() {
    let mut script = Script::new(PssMode::Exact);
    script.born(0, 10, 1, b"before");
    script.pss(0, 40);
    script.set(0, process::UTIME, 1000);
    script.sample(0);
    script.born(0, 11, 100_050, b"after");
    script.pss(0, 60);
    script.set(0, process::UTIME, 4);
    script.sample(1);
    script.set(0, process::UTIME, 6);
    script.sample(2);
    let run = script.run();
    let after = row(&run.by_memory, b"after");
    assert_eq!((after.seen, five(&after.figures)[3]), (2, 60.0));
    assert_eq!(
        five(figures(&run.by_cpu, b"after"))[..3],
        [4_000.0, 2_000.0, 3_000.0]
    );
    let before = row(&run.by_memory, b"before");
    assert_eq!((before.seen, five(&before.figures)[3]), (1, 0.0));
    assert_eq!(run.by_cpu.len(), 1);
}

#[test]
fn who_executes_something_else_changes_groups() {
    let mut script = Script::new(PssMode::Exact);
    script.born(0, 10, 1, b"sh");
    script.pss(0, 40);
    script.set(0, process::UTIME, 5);
    script.sample(0);
    script.slots[0].as_mut().unwrap().comm = comm(b"k3s");
    script.encoder.rename(0);
    script.set(0, process::UTIME, 8);
    script.sample(1);
    let run = script.run();
    // Its time in the interval is that of the name at the end of it.
    assert_eq!(figures(&run.by_cpu, b"k3s").max, 3_000.0);
    assert_eq!(figures(&run.by_memory, b"sh").mean, 20.0);
    assert_eq!(figures(&run.by_memory, b"k3s").mean, 20.0);
}

#[test]
fn memory_that_is_not_known_is_not_zero() {
    let mut script = Script::new(PssMode::Exact);
    script.born(0, 10, 1, b"k3s");
    script.set(0, process::FLAGS, process::flag::UNREADABLE);
    script.set(0, process::RSS, 10);
    script.born(1, 11, 1, b"sh");
    script.pss(1, 8);
    script.set(1, process::RSS, 5);
    script.sample(0);
    script.pss(0, 30);
    script.sample(1);
    script.sample(2);
    let run = script.run();
    // Known in two of three samples.
    let k3s = figures(&run.by_memory, b"k3s");
    assert_eq!((k3s.count, k3s.min, k3s.mean), (2, 30.0, 30.0));
    let rss = script.runs(By::Name, Memory::Rss).remove(0);
    assert_eq!(figures(&rss.by_memory, b"k3s").max, 40.0);
}

#[test]
fn a_run_without_pss_is_shown_with_rss() {
    for pss in [PssMode::Off, PssMode::Exact] {
        let mut script = Script::new(pss);
        script.born(0, 10, 1, b"k3s");
        script.set(0, process::RSS, 10);
        script.sample(0);
        script.sample(1);
        let run = script.run();
        assert_eq!(run.memory, Memory::Rss);
        assert_eq!(figures(&run.by_memory, b"k3s").median, 40.0);
    }
}

#[test]
fn estimates_are_counted() {
    let mut script = Script::new(PssMode::Auto);
    script.born(0, 10, 1, b"k3s");
    script.pss(0, 10);
    script.sample(0);
    script.sample(1);
    script.sample(2);
    script.set(0, process::PSS_AT, 3);
    script.sample(3);
    let quality = script.run().quality;
    assert_eq!((quality.pss_figures, quality.pss_estimates), (4, 2));
}

#[test]
fn the_recorder_is_taken_out_of_the_machine() {
    let mut script = Script::new(PssMode::Exact);
    script.machine(recorder::ID, recorder::PID, 12);
    script.machine(recorder::ID, recorder::KEPT_DESCRIPTORS, 5);
    script.born(0, 10, 1, b"k3s");
    script.born(3, 12, 1, b"edgebench-lite");
    script.pss(3, 100);
    script.available(600);
    script.sample(0);
    // 30 of 100 ticks, 6 of them its own; then 20, 5 of them.
    for (tick, user, own) in [(1, 30, 6), (2, 20, 11)] {
        script.machine(recorder::ID, recorder::EXITS_KIB, 16 - 8 * tick);
        script.spend(user, 100 - user);
        script.set(3, process::UTIME, own);
        script.sample(tick);
    }
    let run = script.run();
    assert_eq!(run.cpu.unwrap().mean, 25_000.0);
    let less = run.cpu_less.unwrap();
    assert_eq!((less.count, less.max, less.mean), (2, 24_000.0, 19_500.0));
    // 400 KiB in use, less 100, and five pages of 4; in the second sample 8 of ends, too.
    let less = run.memory_kib_less.unwrap();
    assert_eq!((less.count, less.min, less.max), (3, 272.0, 280.0));
}

/// A shell that the recorder runs, with a child in a lower slot: their time is theirs until
/// the recorder has waited for them, and 6 ticks more were in no sample.
#[test]
fn what_the_recorder_runs_is_taken_out_with_it() {
    let mut script = Script::new(PssMode::Exact);
    script.machine(recorder::ID, recorder::PID, 12);
    script.born(3, 12, 1, b"edgebench-lite");
    script.pss(3, 120);
    script.available(600);
    script.sample(0);
    script.spend(30, 70);
    script.set(3, process::UTIME, 6);
    for (slot, pid, parent, ticks, kib) in [(4, 20, 12, 4, 50), (2, 21, 20, 10, 70)] {
        script.born(slot, pid, 1000, b"sh");
        script.set(slot, process::PPID, parent);
        script.set(slot, process::UTIME, ticks);
        script.pss(slot, kib);
    }
    script.sample(1);
    script.spend(20, 80);
    script.set(3, process::UTIME, 11);
    script.set(3, process::CUTIME, 20);
    script.slots[4] = None;
    script.slots[2] = None;
    script.sample(2);
    let run = script.run();
    let (less, probe) = (run.cpu_less.unwrap(), run.probe_cpu.unwrap());
    // 30 less 6 and 14; 20 less 5 and 6.
    assert_eq!((less.max, less.min), (10_000.0, 9_000.0));
    assert_eq!((probe.max, probe.min), (14_000.0, 6_000.0));
    let (less, probe) = (run.memory_kib_less.unwrap(), run.probe_kib.unwrap());
    assert_eq!((less.max, less.min), (280.0, 160.0));
    assert_eq!((probe.count, probe.max, probe.min), (2, 120.0, 0.0));
}
