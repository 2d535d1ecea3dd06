//! The board, reading by reading.

use super::*;
use crate::log::fields::cpu;

fn span(first: u64, last: u64) -> Span {
    Span { first, last }
}

fn spread(min: f64, median: f64, max: f64) -> Option<Spread> {
    Some(Spread { min, median, max })
}

/// Booted with maxcpus=1: the others come on after the first sample.
#[test]
fn cores_that_come_on_later_were_offline() {
    let mut observer = BoardTally::new(false);
    let mut machine = Machine::default();
    for (at, cores) in [1, 1, 4, 3].into_iter().enumerate() {
        for core in 0..4 {
            if core < cores || at == 3 {
                let values = machine.core_mut(core).unwrap();
                values[core::ONLINE] = u64::from(core < cores);
                values[cpu::IDLE] += 100;
            }
        }
        let (at, interval) = (at as u64, Interval::seconds(1));
        let interval = (at > 0).then_some(&interval);
        observer.sample(&machine, interval, span(at, at), false);
    }
    let board = observer.finish();
    let offline: Vec<_> = board.cores.iter().map(|core| core.was_offline).collect();
    assert_eq!(offline, [false, true, true, true]);
    assert_eq!(board.most_online, 4);
}

/// Core 0: 25, 50 and 100 of 100; core 1 is away at the third sample, so its only
/// interval is the first, of which nothing was busy; core 2 comes last.
#[test]
fn cores_by_themselves() {
    let mut observer = BoardTally::new(true);
    let mut machine = Machine::default();
    for (at, busy) in [0, 25, 50, 100].into_iter().enumerate() {
        let cores = [(true, busy), (at != 2, 0), (at == 3, 7)];
        for (core, (online, busy)) in cores.into_iter().enumerate() {
            let values = machine.core_mut(core).unwrap();
            values[core::ONLINE] = u64::from(online);
            values[core::REQUESTED_KHZ] = [600_000, 1_400_000, 0][core];
            values[cpu::USER] += busy;
            values[cpu::IDLE] += 100 - busy;
        }
        let (at, interval) = (at as u64, Interval::seconds(1));
        let interval = (at > 0).then_some(&interval);
        observer.sample(&machine, interval, span(at, at), true);
    }
    let board = observer.finish();
    let busy: Vec<_> = board.cores.iter().map(|core| core.busy).collect();
    assert_eq!(
        busy,
        [spread(25.0, 50.0, 100.0), spread(0.0, 0.0, 0.0), None]
    );
    let offline: Vec<_> = board.cores.iter().map(|core| core.was_offline).collect();
    assert_eq!(offline, [false, true, true]);
    // Four times 600 and three times 1400; what is offline asks for nothing.
    assert_eq!(board.requested_mhz, spread(600.0, 600.0, 1400.0));
    assert!(!board.looked_at);
    // The first sample ends no interval; core 1 ends one at the second only.
    let curves = board.curves.unwrap();
    let busy = |core: usize| -> Vec<_> {
        let columns = curves.cores[core].scaled(3, 4).into_iter();
        columns.map(|column| column.mean()).collect()
    };
    assert_eq!(busy(0), [None, Some(250.0), Some(500.0), Some(1000.0)]);
    assert_eq!(busy(1), [None, Some(0.0), None, None]);
}

#[test]
fn the_board_over_time() {
    let mut observer = BoardTally::new(true);
    let mut machine = Machine::default();
    for (tick, bits) in [(0, 0), (1, 5), (4, 1), (5, 0)] {
        let group = machine.group_mut(board::ID);
        group[board::TEMP_MC] = 40_000 + 1000 * tick;
        group[board::THROTTLED] = bits;
        // Two deadlines were missed before tick 4.
        let first = if tick == 4 { 2 } else { tick };
        observer.sample(&machine, None, span(first, tick), false);
    }
    let curves = observer.finish().curves.unwrap();
    let warm: Vec<_> = (curves.temperature.scaled(5, 6).iter())
        .map(|column| column.max)
        .collect();
    assert_eq!(warm, [1400, 1410, 1440, 1440, 1440, 1450]);
    let set = |bit: usize| curves.throttled[bit].scaled(5, 6, &curves.temperature);
    assert_eq!(set(0), [0, 1, 1, 1, 1, 0].map(Some));
    assert_eq!(set(2), [0, 1, 0, 0, 0, 0].map(Some));
}

#[test]
fn a_cold_board_under_low_voltage() {
    let mut observer = BoardTally::default();
    let mut machine = Machine::default();
    let frequency_capped_before = 1 << 17;
    for (at, milli, bits) in [
        (0, -1500i64, frequency_capped_before),
        (1, -1500, frequency_capped_before | 1),
        (2, 2000, frequency_capped_before | 1 << 16 | 1 << 18),
    ] {
        let group = machine.group_mut(board::ID);
        group[..board::COUNT].fill(NOT_OBSERVABLE);
        group[board::TEMP_MC] = milli as u64;
        group[board::THROTTLED] = bits;
        group[board::PSI] = board::feature::OFF;
        observer.sample(&machine, None, span(at, at), false);
    }
    let board = observer.finish();
    assert_eq!(board.temperature, spread(-1.5, -1.5, 2.0));
    let throttled = board.throttled.unwrap();
    assert_eq!((throttled.known, throttled.now), (3, [1, 0, 0, 0]));
    assert_eq!((throttled.before, throttled.during), (0b10, 0b101));
    let happened = [0, 1, 2, 3].map(|bit| throttled.happened(bit));
    assert_eq!(happened, [true, false, true, false]);
    assert_eq!((board.psi, board.memory_cgroup), (Some(2), None));
    assert_eq!(board.undervoltage, None);
}

/// Logs have what cannot be from before it was dropped, and dropped what comes after.
#[test]
fn temperatures_that_cannot_be() {
    let mut observer = BoardTally::default();
    let mut machine = Machine::default();
    for (at, milli, dropped) in [
        (0, 48_000i64, 0),
        (1, -650_788_984, 0),
        (2, 150_001, 3),
        (3, 47_000, 4),
    ] {
        let group = machine.group_mut(board::ID);
        group[board::TEMP_MC] = milli as u64;
        group[board::TEMP_DROPPED] = dropped;
        // Core 0 is not there, and 1 always offline.
        let core = machine.core_mut(1).unwrap();
        core[core::REQUESTED_KHZ] = NOT_OBSERVABLE;
        observer.sample(&machine, None, span(at, at), true);
    }
    let board = observer.finish();
    assert_eq!(board.temperature, spread(47.0, 47.5, 48.0));
    assert_eq!(board.temp_dropped, 6);
    let offline: Vec<_> = board.cores.iter().map(|core| core.was_offline).collect();
    assert_eq!(offline, [false, true]);
}

/// The firmware has eight bits; a reading of all ones, or with another, says nothing.
#[test]
fn what_the_firmware_cannot_say() {
    let mut observer = BoardTally::new(true);
    let mut machine = Machine::default();
    for (at, bits) in [0, 0x5_0005, u64::from(u32::MAX), 0x10, 0x5_0000]
        .into_iter()
        .enumerate()
    {
        machine.group_mut(board::ID)[board::THROTTLED] = bits;
        observer.sample(&machine, None, span(at as u64, at as u64), true);
    }
    let board = observer.finish();
    assert_eq!(board.throttled_dropped, 2);
    let expected = Throttled {
        known: 3,
        now: [1, 0, 1, 0],
        before: 0,
        during: 5,
    };
    assert_eq!(board.throttled, Some(expected));
}
