//! What is found out about a run: nothing of a quiet one, and each finding where its
//! cause is, and no other.

use super::*;
use crate::log::fields::board::{self, feature};

/// So many samples are enough.
const TICKS: u64 = 60;

fn ends(end: End, samples: u64) -> Footer {
    Footer {
        end,
        samples,
        missed: 0,
        latest_us: 0,
        unreadable: 0,
        left_out: 0,
        cpu_us: 0,
        written_bytes: 0,
    }
}

/// The findings of a minute of a quiet board, but for what `alter` does before each
/// sample.
fn found(
    header: Header<&str>,
    ticks: u64,
    end: Option<End>,
    alter: impl Fn(&mut Script, u64),
) -> Vec<&'static str> {
    found_busy(header, ticks, end, |_| 20, alter)
}

/// The same of a board that is busy for so many percent of the time before each tick.
fn found_busy(
    header: Header<&str>,
    ticks: u64,
    end: Option<End>,
    busy: impl Fn(u64) -> u64,
    alter: impl Fn(&mut Script, u64),
) -> Vec<&'static str> {
    let mut script = Script::with(header);
    script.available(600);
    script.born(0, 7, 9, b"app");
    script.pss(0, 100);
    script.born(1, 2, 0, b"kthreadd");
    script.set(1, process::FLAGS, process::flag::KERNEL_THREAD);
    for tick in 0..ticks {
        script.spend(busy(tick), 100 - busy(tick));
        script.set(0, process::PSS_AT, tick);
        alter(&mut script, tick);
        script.sample(tick);
    }
    if let Some(end) = end {
        script.record(&Record::Footer(RUN, ends(end, ticks)));
    }
    let run = script.run();
    run.findings.iter().map(|finding| finding.name).collect()
}

fn found_after(alter: impl Fn(&mut Script, u64)) -> Vec<&'static str> {
    found(header(PssMode::Exact), TICKS, Some(End::Duration), alter)
}

/// Of a board that says what its sensors say, and whose kernel lacks nothing.
fn found_on_board(values: &[(usize, u64)]) -> Vec<&'static str> {
    found_after(|script, _| {
        script.machine(board::ID, board::PSI, feature::ON);
        script.machine(board::ID, board::MEMORY_CGROUP, feature::ON);
        for (field, value) in values {
            script.machine(board::ID, *field, *value);
        }
    })
}

fn nothing(_: &mut Script, _: u64) {}

#[test]
fn a_quiet_run_has_none() {
    assert_eq!(found_after(nothing), [""; 0]);
}

#[test]
fn the_end_of_the_log() {
    for (end, name) in [
        (None, "cut-off"),
        (Some(End::Signal), "ended-by-signal"),
        (Some(End::Failure), "recorder-failed"),
    ] {
        assert_eq!(found(header(PssMode::Exact), TICKS, end, nothing), [name]);
    }
}

#[test]
fn too_few_samples() {
    let end = Some(End::Duration);
    let few = |ticks| found(header(PssMode::Exact), ticks, end, nothing);
    assert_eq!(few(1), ["short", "one-sample"]);
    assert_eq!(few(59), ["short"]);
}

#[test]
fn no_interval_with_cpu_times() {
    // The clock of the CPU stands still.
    let still = |script: &mut Script, _| script.machine = Machine::default();
    let names = found_after(still);
    assert_eq!(names, ["no-cpu", "no-memory"]);
}

/// 90 of 100 is too much for a baseline; every other stage may be busy.
#[test]
fn a_busy_baseline() {
    let staged = |stage, busy| {
        let header = Header {
            stage,
            ..header(PssMode::Exact)
        };
        found_busy(header, TICKS, Some(End::Duration), |_| busy, nothing)
    };
    assert_eq!(staged("baseline", 90), ["busy-baseline"]);
    assert_eq!(staged("baseline", 89), [""; 0]);
    assert_eq!(staged("edge", 90), [""; 0]);
}

#[test]
fn a_stage_that_the_protocol_has_not() {
    let header = Header {
        stage: "bazeline",
        ..header(PssMode::Exact)
    };
    let names = found(header, TICKS, Some(End::Duration), nothing);
    assert_eq!(names, ["unknown-stage"]);
}

#[test]
fn what_the_recorder_could_not_do() {
    for (field, name) in [
        (recorder::LEFT_OUT, "processes-left-out"),
        (recorder::NOT_READ, "processes-not-read"),
        (recorder::DEVICES_LEFT_OUT, "devices-left-out"),
        (recorder::UNREADABLE, "memory-unreadable"),
        (recorder::HIDDEN, "processes-hidden"),
    ] {
        let names = found_after(|script, tick| {
            script.machine(recorder::ID, field, u64::from(tick == 30));
        });
        assert_eq!(names, [name]);
    }
}

#[test]
fn what_the_board_lacks() {
    for (field, value, name) in [
        (board::PSI, feature::ABSENT, "no-pressure"),
        (board::PSI, feature::OFF, "no-pressure"),
        (board::MEMORY_CGROUP, feature::OFF, "memory-cgroups-off"),
        (board::MEMORY_CGROUP, feature::ABSENT, "no-memory-cgroups"),
        (board::TEMP_DROPPED, 3, "sensors-implausible"),
        (board::KHZ_DROPPED, 3, "sensors-implausible"),
    ] {
        assert_eq!(found_on_board(&[(field, value)]), [name], "{field}");
    }
}

/// The bits of now and of the past, and what another driver says.
#[test]
fn under_voltage_is_told_once() {
    use board::throttled::{PAST, THROTTLED, UNDERVOLTAGE};
    for (bits, alarm, names) in [
        (0, 1, &["undervoltage"][..]),
        (UNDERVOLTAGE, 1, &["held-back"]),
        (UNDERVOLTAGE, 0, &["held-back"]),
        (UNDERVOLTAGE << PAST, 0, &["held-back-before"]),
        (THROTTLED, 1, &["undervoltage", "held-back"]),
    ] {
        let found = found_on_board(&[(board::THROTTLED, bits), (board::UNDERVOLTAGE, alarm)]);
        assert_eq!(found, names, "{bits} {alarm}");
    }
}

#[test]
fn memory_that_is_estimated_or_not_recorded() {
    let end = Some(End::Duration);
    assert_eq!(found(header(PssMode::Off), TICKS, end, nothing), ["no-pss"]);
    // Read at tick 0, and never again.
    let names = found(header(PssMode::Auto), TICKS, end, |script, _| {
        script.set(0, process::PSS_AT, 0);
    });
    assert_eq!(names, ["pss-estimated"]);
}

#[test]
fn clocks_that_are_not_to_be_trusted() {
    let header = Header {
        synchronised: Synchronised::No,
        ..header(PssMode::Exact)
    };
    let end = Some(End::Duration);
    assert_eq!(found(header, TICKS, end, nothing), ["clock-unsynchronised"]);
    for (field, name) in [
        (clock::STEPPED_MS, "clock-set"),
        (clock::SUSPENDED_MS, "board-slept"),
    ] {
        let names = found_after(|script, tick| {
            script.machine(clock::ID, field, if tick < 30 { 0 } else { 2500 });
        });
        assert_eq!(names, [name]);
    }
}

/// From 200 to 700 KiB in use after the half, and likewise of the CPU.
#[test]
fn what_has_not_settled() {
    let names = found_after(|script, tick| script.available(if tick < 30 { 800 } else { 300 }));
    assert_eq!(names, ["memory-unsettled"]);
    let busy = |tick| if tick < 30 { 20 } else { 70 };
    let names = found_busy(
        header(PssMode::Exact),
        TICKS,
        Some(End::Duration),
        busy,
        nothing,
    );
    assert_eq!(names, ["cpu-unsettled"]);
}
