//! What may make a comparison unfair: each warning, with its figures.

use super::{compared, doubts, folder, made, runs, sentences, Made};
use edgebench_lite::log::fields::{board, clock, cpu, memory, vmstat};
use edgebench_lite::log::record::{PssMode, Synchronised};

fn warnings(logs: &[Made], arguments: &[&str]) -> Vec<String> {
    let folder = folder(logs);
    let all = std::iter::once(".").chain(arguments.iter().copied());
    doubts(&compared(&folder, all))
}

/// Two products, a run of each, the second altered.
fn pair(alter: impl Fn(&mut Made)) -> Vec<Made> {
    let mut other = made(2, "izuma", "edge");
    alter(&mut other);
    vec![made(1, "k3s", "edge"), other]
}

#[test]
fn what_is_alike_needs_no_warning() {
    assert_eq!(warnings(&pair(|_| {}), &[]), Vec::<String>::new());
    assert_eq!(warnings(&super::two_products(), &[]), Vec::<String>::new());
}

#[test]
fn machines_that_differ() {
    let logs = pair(|made| {
        made.header.board = "Raspberry Pi 4 Model B Rev 1.5";
        made.header.machine = "armv7l";
        made.header.release = "6.6.20";
        made.header.cores = 2;
        made.header.mem_total_kib = 900 * 1024;
        made.header.interval_us = 500_000;
        made.header.pss = PssMode::Auto;
        made.header.cmdline = "rootwait root=/dev/mmcblk0p2 cgroup_enable=memory psi=1";
    });
    assert_eq!(
        warnings(&logs, &[]),
        [
            "Different boards: Raspberry Pi 3 Model B Plus Rev 1.3 (k3s); Raspberry Pi 4 Model B \
             Rev 1.5 (izuma).",
            "Different processors: aarch64 (k3s); armv7l (izuma).",
            "Different kernels: 6.12.25 (k3s); 6.6.20 (izuma).",
            "Different kernel command lines; in some runs only: nothing else (k3s); \
             cgroup_enable=memory psi=1 (izuma).",
            "Different numbers of cores: 4 (k3s); 2 (izuma).",
            "Different amounts of memory: 1000.0 MiB (k3s); 900.0 MiB (izuma).",
            "Different intervals between samples: 1 s (k3s); 0.5 s (izuma).",
            "PSS was measured in different ways: exact (k3s); auto (izuma).",
            // 400 ticks of CPU time, where two cores have 100 in half a second.
            "izuma: Implausible CPU times in 60 of 60 intervals: they fell, or grew faster than \
             the clock. The cores and processes concerned are left out there.",
            "izuma: Linux 6.6.20 may report too little PSS for a process that maps memory while \
             it is read, unless the distribution has backported the fix (commit 6d065f507d82; in \
             6.6.34, 6.9.5 and 6.10).",
            // 60 s and 30 s.
            "Runs of stage edge differ in length, from 30 s (izuma) to 1 min 0 s (k3s): rare \
             events weigh more in the shorter ones.",
        ]
    );
}

/// k3s needs memory cgroups, and gets them with the edge software.
#[test]
fn a_command_line_that_differs_from_the_baseline() {
    let mut edge = made(2, "k3s", "edge");
    edge.header.cmdline = "root=/dev/mmcblk0p2 rootwait cgroup_memory=1";
    let logs = [made(1, "k3s", "baseline"), edge, made(3, "izuma", "edge")];
    assert_eq!(
        warnings(&logs, &[]),
        [
            "Different kernel command lines; in some runs only: nothing else (k3s baseline, \
             izuma); cgroup_memory=1 (k3s edge)."
        ]
    );
}

/// The board is read at ticks 0, 10, 20 and 30, and says something else at 5 and at 6.
#[test]
fn runs_that_are_not_valid_by_themselves() {
    let logs = pair(|made| {
        made.header.synchronised = Synchronised::No;
        // Under-voltage and throttled, now.
        made.throttled = 0b101;
        made.samples = 59;
    });
    let mut again = logs[1].clone();
    again.header.run = 3;
    again.samples = 31;
    again.header.synchronised = Synchronised::Yes;
    let all = [logs[0].clone(), logs[1].clone(), again];
    assert_eq!(
        warnings(&all, &[]),
        [
            "invalid: izuma (worst run shown): The firmware slowed the board down in 1 of 6 \
             readings: under-voltage, throttled. The run is no valid measurement of speed: \
             improve the power supply or the cooling.",
            "izuma (worst run shown): The run is short: 31 samples in 30 s. Repeatable figures \
             need at least 60.",
            "Runs of stage edge differ in length, from 30 s (izuma) to 1 min 0 s (k3s): rare \
             events weigh more in the shorter ones.",
        ]
    );
}

/// 200 to 260 MiB in 61 samples: in thirds of 20, the medians of 200 to 219 and of
/// 241 to 260. Of a ramp nothing else is expected.
#[test]
fn memory_that_had_not_settled() {
    let grows = |stage| Made {
        growth: 1,
        ..made(2, "izuma", stage)
    };
    assert_eq!(
        warnings(&[made(1, "k3s", "edge"), grows("edge")], &[]),
        [
            "izuma: Memory had not settled: median 209.5 MiB in the first third of the run, 250.5 \
             MiB in the last, with a variation of 0.0 MiB around the trend of each (interquartile \
             range). Wait before recording, or record longer."
        ]
    );
    let ramp = [made(1, "k3s", "ramp"), grows("ramp")];
    assert_eq!(warnings(&ramp, &[]), Vec::<String>::new());
}

/// 40 ticks more of 400 in the last twenty intervals: 2 % in the first third, 12 % in
/// the last.
#[test]
fn cpu_that_had_not_settled() {
    let logs = pair(|made| {
        made.also = |tick, machine| {
            if tick > 40 {
                machine.group_mut(cpu::ID)[cpu::USER] += 40;
                machine.group_mut(cpu::ID)[cpu::IDLE] -= 40;
            }
        };
    });
    assert_eq!(
        warnings(&logs, &[]),
        [
            "izuma: CPU had not settled: median 2.00 % in the first third of the run, 12.00 % in \
             the last, with a variation of 0.00 % around the trend of each (interquartile range). \
             Wait before recording, or record longer."
        ]
    );
}

/// From the 30th sample on 3 of 100 MiB of swap are in use, one process was killed for
/// want of memory, and the board has slept for 5 s; the supply was too low from tick 8
/// on, and was not at tick 10, when the board was read again: seven readings and one.
#[test]
fn what_happened_in_a_run() {
    let mut logs = pair(|made| {
        made.also = |tick, machine| {
            let late = u64::from(tick >= 30);
            machine.group_mut(memory::ID)[memory::SWAP_FREE] -=
                [0, 3 * 1024][usize::from(tick == 30)];
            machine.group_mut(vmstat::ID)[vmstat::OOM_KILL] = 7 + late;
            machine.group_mut(clock::ID)[clock::SUSPENDED_MS] = 5000 * late;
            machine.group_mut(board::ID)[board::UNDERVOLTAGE] = u64::from(tick == 8 || tick == 9);
        };
    });
    for made in &mut logs {
        made.header.swap_total_kib = 100 * 1024;
    }
    assert_eq!(
        warnings(&logs, &[]),
        [
            "izuma: The supply voltage was too low in 1 of 8 readings, so the firmware may slow \
             the board down. Use a better power supply.",
            "izuma: Swap was in use: up to 3.0 of 100.0 MiB; an unknown amount in and an unknown \
             amount out during the run. Memory in use is therefore less than the software needs: \
             compare with runs that swapped as much.",
            "izuma: Out of memory: the kernel killed 1 process.",
            "izuma: The board was suspended 1 time, for 5 s in all, which no interval includes.",
        ]
    );
}

/// A byte of the last sample, before the footer: that sample is lost.
#[test]
fn a_damaged_log() {
    let folder = folder(&pair(|_| {}));
    let mut log = std::fs::read(folder.file("01.ebl")).unwrap();
    let ends: Vec<usize> = (0..log.len()).filter(|at| log[*at] == 0).collect();
    let last_sample = ends[ends.len() - 3] + 3;
    let frame = ends[ends.len() - 2] - ends[ends.len() - 3];
    log[last_sample] ^= 1;
    folder.write("01.ebl", log);
    assert_eq!(
        doubts(&compared(&folder, ["."])),
        [format!(
            "izuma: The log is damaged in 1 place, {frame} bytes: 1 sample lost."
        )]
    );
}

#[test]
fn swap_on_one_side() {
    let logs = pair(|made| made.header.swap_total_kib = 889 * 1024);
    let said =
        "invalid: Only one side has swap: izuma has 889.0 MiB; runs of k3s have none. Memory in \
         use is less where pages can be swapped out: compare with the same swap on both sides.";
    assert_eq!(warnings(&logs, &[]), [said]);
    let swapped = pair(|made| made.header.swap_total_kib = 889 * 1024);
    let both: Vec<Made> = swapped
        .into_iter()
        .map(|mut made| {
            made.header.swap_total_kib = 889 * 1024;
            made
        })
        .collect();
    assert_eq!(warnings(&both, &[]), Vec::<String>::new());
}

/// A containerd and its shim outlive a k3s that was stopped; coredns is of two
/// products. And with the edge software a process that only the other product has.
#[test]
fn leftovers() {
    let mut baseline = made(1, "izuma", "baseline");
    baseline.processes.push(runs("coredns", 10, 0));
    let mut shim = runs("containerd-shim", 3, 0);
    shim.cmdline = b"/var/lib/rancher/k3s/bin/containerd-shim-runc-v2\0-id\0x\0";
    baseline.processes.push(shim);
    let mut edge = made(2, "izuma", "edge");
    edge.processes.push(runs("k3s-server", 100, 1));
    edge.processes.push(runs("edge-core", 10, 1));
    let mut clean = made(3, "izuma", "edge");
    clean.processes.push(runs("edge-core", 10, 1));
    assert_eq!(
        warnings(&[baseline, edge, clean], &[]),
        [
            "invalid: Edge software ran in the baseline, izuma baseline in 1 of 1 runs: coredns \
             (of izuma, k3s), containerd-shim-runc-v2 (of izuma, k3s, microk8s, k0s, kubeedge). \
             Stop it and its containers, or start from a fresh system.",
            "invalid: Another product's software ran, izuma edge in 1 of 2 runs: k3s-server (of \
             k3s). Stop it and its containers, or start from a fresh system.",
        ]
    );
}

/// The recorder has 8 of the 400 ticks of an interval, all that is busy: 2 %; and 1 of
/// 200 MiB. Of the tenth interval all 4 busy ticks are its own, of the twentieth 8 of
/// 32: on the average (58 x 2 + 1 + 2) / 60 = 1.983 of 2.083 %. And where it has one of
/// 8 ticks: 0.25 %, which is more than a tenth of 2.083.
#[test]
fn the_recorder_in_the_baseline() {
    let share = |own_ticks| {
        let logs = [Made {
            own_ticks,
            ..made(1, "k3s", "baseline")
        }];
        let folder = folder(&logs);
        compared(&folder, ["."])
    };
    let much = "The recorder's share of the baseline of k3s: 1.98 of 2.08 % CPU, 1.0 of 200.0 \
                MiB. That is a lot: record with a longer --interval or with --pss off.";
    assert_eq!(doubts(&share(8)), [much]);
    let little = "The recorder's share of the baseline of k3s: 0.00 of 2.08 % CPU, 1.0 of 200.0 \
                  MiB.";
    assert_eq!(doubts(&share(0)), Vec::<String>::new());
    assert_eq!(sentences(&share(0), "note: "), [little]);
    // 1 of 40 MiB is more than one in fifty.
    let logs = [Made {
        used: 40,
        ..made(1, "k3s", "baseline")
    }];
    let much = "The recorder's share of the baseline of k3s: 0.00 of 2.08 % CPU, 1.0 of 40.0 MiB. \
                That is a lot: record with a longer --interval or with --pss off.";
    assert_eq!(warnings(&logs, &[]), [much]);
}

/// Half of k3s' PSS may not be read: by anyone but root.
#[test]
fn pss_that_could_not_be_read() {
    let mut logs = pair(|made| made.processes.push(runs("edge-core", 10, 1)));
    logs[1].unreadable = true;
    let folder = folder(&logs);
    let text = compared(&folder, ["."]);
    let cells = super::row(&text, super::MEMORY, "PSS of product, with");
    assert!(cells[1].starts_with("not measured ["), "{text}");
    assert!(text.contains("no PSS in the runs of stage edge: record as root and without --pss off"));
    assert_eq!(
        doubts(&text),
        [
            "izuma: The product's PSS is too small in 61 of 61 samples: a process could not be \
             read (run with CAP_SYS_PTRACE)."
        ]
    );
}
