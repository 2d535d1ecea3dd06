//! Where the CPU time went.

use crate::log::exits::{Ended, Row, Rows};
use crate::log::fields::{cpu, kernel, process, recorder};
use crate::log::model::{self, Process};
use crate::log::result::{ResultPart, EXITS_KIND};
use crate::log::sample::{Fate, Sample};
use crate::series::account::Accountant;
use crate::series::cpu::{CpuTracker, CpuUse};
use crate::series::interval::Interval;
use crate::series::machine::Step;

/// pid, parent, utime, stime, cutime, threads
type Line = (u32, u32, u64, u64, u64, u64);

/// The most that a process can have used between two samples.
const MOST: u64 = 1000;

struct World {
    /// What each process but PID 1 is called.
    name: &'static [u8],
    accountant: Accountant,
    busy: CpuTracker,
    sample: Sample,
}

impl World {
    fn new() -> Self {
        Self {
            name: b"x",
            accountant: Accountant::default(),
            busy: CpuTracker::new(1),
            sample: Sample::default(),
        }
    }

    /// The processes that are there now, in slots by their pids, the machine's
    /// `user` time, and the tasks created since boot.
    fn tick(&mut self, user: u64, created: u64, lines: &[Line]) {
        let sample = &mut self.sample;
        sample.machine.group_mut(cpu::ID)[cpu::USER] = user;
        sample.machine.group_mut(kernel::ID)[kernel::PROCESSES] = created;
        sample.changes.clear();
        let before = std::mem::take(&mut sample.slots);
        sample.slots.resize(1000, None);
        for &(pid, parent, utime, stime, cutime, threads) in lines {
            let mut values = [0; process::COUNT];
            values[process::UTIME] = utime;
            values[process::STIME] = stime;
            values[process::CUTIME] = cutime;
            values[process::NUM_THREADS] = threads;
            values[process::PPID] = u64::from(parent);
            sample.slots[pid as usize] = Some(Process {
                pid,
                starttime: 1,
                comm: model::comm(self.name),
                values,
            });
        }
        for slot in 0..1000 {
            let was = before.get(slot).is_some_and(Option::is_some);
            match (was, sample.slots[slot].is_some()) {
                (true, false) => sample.changes.push((slot, Fate::Died)),
                (false, true) => sample.changes.push((slot, Fate::Born)),
                (true, true) => sample.changes.push((slot, Fate::Changed)),
                (false, false) => {}
            }
        }
        let began = (!before.is_empty()).then_some(0);
        let spent = (self.busy).advance(&sample.machine, Some(&Interval::seconds(1)));
        self.accountant.sample(sample, &step(began, spent));
    }
}

/// The end of a second that began then, or of no interval.
fn step(began: Option<u64>, spent: Option<CpuUse>) -> Step {
    let mut second = Interval::seconds(1);
    second.began = began.unwrap_or(0);
    Step {
        interval: began.map(|_| second),
        spent,
        most: MOST,
        ..Step::default()
    }
}

#[test]
fn a_child_that_ends_between_samples_is_counted_once() {
    let mut world = World::new();
    world.tick(0, 10, &[(1, 0, 5, 0, 0, 1), (20, 1, 0, 0, 0, 1)]);
    // 30 is born, and has 40 ticks at its only sample.
    world.tick(
        40,
        11,
        &[
            (1, 0, 5, 0, 0, 1),
            (20, 1, 0, 0, 0, 1),
            (30, 20, 30, 10, 0, 1),
        ],
    );
    // It used 25 more, ended, and 20 reaped it: 65 in all. Two more, of 7
    // together, came and went.
    world.tick(72, 13, &[(1, 0, 5, 0, 0, 1), (20, 1, 0, 0, 72, 1)]);
    let account = world.accountant.finish();
    assert_eq!(account.busy, 72);
    assert_eq!(account.sampled, 40);
    assert_eq!(account.reaped, 32);
    assert_eq!(account.orphans, 0);
    assert_eq!(account.accounted(), 72);
    assert_eq!(
        (account.created, account.seen, account.never_sampled()),
        (3, 1, 2)
    );
}

#[test]
fn a_grandchild_goes_by_way_of_its_parent_that_ended_as_well() {
    let mut world = World::new();
    let make = (20, 1, 0, 0, 0, 1);
    world.tick(
        0,
        10,
        &[
            (1, 0, 0, 0, 0, 1),
            make,
            (30, 20, 1, 0, 0, 1),
            (31, 30, 0, 0, 0, 1),
        ],
    );
    world.tick(
        50,
        10,
        &[
            (1, 0, 0, 0, 0, 1),
            make,
            (30, 20, 1, 0, 0, 1),
            (31, 30, 50, 0, 0, 1),
        ],
    );
    // 31 used 10 more, 30 reaped it (60), used 2 more and was reaped: 63.
    world.tick(62, 10, &[(1, 0, 0, 0, 0, 1), (20, 1, 0, 0, 63, 1)]);
    let account = world.accountant.finish();
    assert_eq!((account.sampled, account.reaped), (50, 12));
    assert_eq!(account.accounted(), account.busy);
}

#[test]
fn who_lost_his_parent_is_the_orphans() {
    let mut world = World::new();
    world.tick(0, 10, &[(1, 0, 0, 0, 0, 1), (30, 1, 0, 0, 0, 1)]);
    world.tick(20, 10, &[(1, 0, 0, 0, 0, 1), (30, 1, 20, 0, 0, 1)]);
    // PID 1 reaps 30, which had used 5 more, and another of 9.
    world.tick(34, 11, &[(1, 0, 0, 0, 34, 1)]);
    let account = world.accountant.finish();
    assert_eq!(
        (account.sampled, account.reaped, account.orphans),
        (20, 0, 14)
    );
}

/// Who reaps 9 ticks of children that nobody saw: for subreapers these may be anybody's.
#[test]
fn subreapers_go_by_their_whole_names() {
    for (name, orphans) in [
        (&b"systemd"[..], 9),
        (b"containerd-shim", 9),
        (b"tini", 9),
        (b"systemd-udevd", 0),
        (b"systemd-journald", 0),
        (b"conmon-monitor", 0),
    ] {
        let mut world = World::new();
        world.name = name;
        world.tick(0, 10, &[(1, 0, 0, 0, 0, 1), (30, 1, 0, 0, 0, 1)]);
        world.tick(9, 11, &[(1, 0, 0, 0, 0, 1), (30, 1, 0, 0, 9, 1)]);
        let account = world.accountant.finish();
        assert_eq!((account.orphans, account.reaped), (orphans, 9 - orphans));
    }
}

#[test]
fn a_parent_that_was_read_before_it_reaped_gains_it_a_sample_later() {
    let mut world = World::new();
    world.tick(0, 10, &[(20, 1, 0, 0, 0, 1), (30, 20, 0, 0, 0, 1)]);
    world.tick(20, 10, &[(20, 1, 0, 0, 0, 1), (30, 20, 20, 0, 0, 1)]);
    world.tick(20, 10, &[(20, 1, 0, 0, 0, 1)]);
    world.tick(23, 10, &[(20, 1, 0, 0, 23, 1)]);
    let account = world.accountant.finish();
    assert_eq!((account.sampled, account.reaped), (20, 3));
}

#[test]
fn children_of_who_ignores_sigchld_stay_unattributed() {
    let mut world = World::new();
    world.tick(0, 10, &[(20, 1, 0, 0, 0, 1), (30, 20, 0, 0, 0, 1)]);
    world.tick(20, 10, &[(20, 1, 0, 0, 0, 1), (30, 20, 20, 0, 0, 1)]);
    for _ in 0..4 {
        world.tick(25, 10, &[(20, 1, 0, 0, 0, 1)]);
    }
    // What it reaps later is not held against it.
    world.tick(35, 11, &[(20, 1, 0, 0, 10, 1)]);
    let account = world.accountant.finish();
    assert_eq!(
        (account.busy, account.sampled, account.reaped),
        (35, 20, 10)
    );
    assert_eq!(account.busy - account.accounted(), 5);
}

#[test]
fn who_is_let_in_late_brings_no_time_along() {
    let mut world = World::new();
    world.tick(0, 10, &[(20, 1, 0, 0, 0, 1)]);
    let sample = &mut world.sample;
    sample.changes.clear();
    sample.slots[30] = sample.slots[20].clone().map(|mut process| {
        process.pid = 30;
        process.starttime = 77;
        process.values[process::UTIME] = 5000;
        process
    });
    sample.changes.push((30, Fate::Born));
    // It started at 0.77 s, and the interval began at 1 s.
    world
        .accountant
        .sample(&world.sample, &step(Some(100), None));
    assert_eq!(world.accountant.finish().sampled, 0);
}

/// number, name and parent where they are told, how many, microseconds of CPU
type EndedLine<'a> = (u32, Option<(&'a str, &'a str)>, u64, u64);

/// A record of processes that ended.
fn ended(since: u64, rows: &[EndedLine<'_>]) -> ResultPart<Vec<u8>> {
    let mut sheet = Rows::new();
    sheet.begin(since);
    for &(number, names, exits, cpu_us) in rows {
        sheet.add(&Row {
            number,
            names: names.map(|(name, parent)| (name.as_bytes(), parent.as_bytes())),
            ended: Ended {
                exits,
                cpu_us,
                ..Ended::default()
            },
        });
    }
    let (entries, value) = sheet.end();
    ResultPart {
        at_us: 0,
        kind: EXITS_KIND,
        part: 0,
        parts: 1,
        verdict: 0,
        value,
        entries: entries.to_vec(),
    }
}

/// A world in which the kernel tells who ended, with 100 ticks a second.
fn told() -> World {
    let mut world = World::new();
    world.accountant = Accountant::new(100);
    world.sample.machine.group_mut(recorder::ID)[recorder::EXITS] = recorder::listening::ON;
    world
}

#[test]
fn who_ended_is_named_and_counted_once() {
    let mut world = told();
    let (init, make) = ((1, 0, 5, 0, 0, 1), (20, 1, 0, 0, 0, 1));
    world.tick(0, 10, &[init, make]);
    // 30 has 40 ticks at its only sample; all that it used after that is told at its end.
    world.tick(40, 11, &[init, make, (30, 20, 30, 10, 0, 1)]);
    let rows = [
        (0, Some(("sh", "make")), 1, 20_000),
        (1, Some(("cc", "make")), 1, 250_000),
        (2, Some(("sh", "cron")), 3, 50_000),
    ];
    world.accountant.result(&ended(1, &rows));
    world.tick(72, 14, &[init, (20, 1, 0, 0, 72, 1)]);
    // Without a name: its record was lost, or there was no number left.
    world
        .accountant
        .result(&ended(1, &[(9, None, 1, 10_000), (0, None, 1, 0)]));
    world
        .accountant
        .result(&ended(1, &[(256, None, 1, 20_000)]));
    world.tick(75, 15, &[init, (20, 1, 0, 0, 75, 1)]);
    let (account, names) = world.accountant.finish_both();
    assert_eq!((account.sampled, account.ended, account.busy), (40, 35, 75));
    assert_eq!((account.reaped, account.orphans), (0, 0));
    assert_eq!(account.accounted(), account.busy);
    let rows = names.rows.iter().map(|row| {
        let text = |name| String::from_utf8_lossy(name).into_owned();
        let (name, parent) = (text(&row.name), text(&row.parent));
        (name, parent, row.parents, row.ended.exits, row.ended.cpu_us)
    });
    let row = |name: &str, parent: &str, parents, exits, cpu_us| {
        (name.to_owned(), parent.to_owned(), parents, exits, cpu_us)
    };
    let expected = [
        row("cc", "make", 1, 1, 250_000),
        row("sh", "cron", 2, 5, 70_000),
        row("", "", 0, 2, 30_000),
    ];
    assert!(rows.eq(expected), "{:?}", names.rows);
    assert_eq!((names.total.exits, names.total.cpu_us), (8, 350_000));
}

/// make gains 72 ticks of children: 40 that 30 had at its sample, 25 that the kernel told of
/// 30 and a child, and 7 more, in which their memory was freed.
#[test]
fn what_ended_processes_take_after_they_are_told_is_their_parents_gain() {
    for (lost, ending) in [(0, 7), (1, 0)] {
        let mut world = told();
        let (init, make) = ((1, 0, 5, 0, 0, 1), (20, 1, 0, 0, 0, 1));
        world.tick(0, 10, &[init, make]);
        world.tick(40, 11, &[init, make, (30, 20, 30, 10, 0, 1)]);
        world.sample.machine.group_mut(recorder::ID)[recorder::EXITS_LOST] = lost;
        let rows = [
            (0, Some(("cc", "make")), 1, 150_000),
            (1, Some(("as", "make")), 1, 100_000),
        ];
        world.accountant.result(&ended(1, &rows));
        world.tick(72, 12, &[init, (20, 1, 0, 0, 72, 1)]);
        let account = world.accountant.finish();
        assert_eq!((account.sampled, account.ended), (40, 25));
        assert_eq!((account.ending, account.reaped), (ending, 0));
        assert_eq!(account.busy - account.accounted(), 7 - ending);
    }
}

#[test]
fn who_ended_in_an_interval_without_a_time_does_not_count() {
    let mut world = told();
    world
        .accountant
        .result(&ended(0, &[(0, Some(("x", "")), 5, 90_000)]));
    world.tick(0, 10, &[(1, 0, 5, 0, 0, 1)]);
    // Names are numbered anew: what 0 was before, it is no more.
    world.accountant.result(&ended(60, &[(0, None, 1, 10_000)]));
    world.sample.machine.group_mut(recorder::ID)[recorder::EXITS_LOST] = 3;
    world.tick(9, 10, &[(1, 0, 5, 0, 0, 1)]);
    let (account, names) = world.accountant.finish_both();
    assert_eq!((account.ended, names.lost, names.total.exits), (1, 3, 1));
    assert_eq!((names.rows.len(), &names.rows[0].name[..]), (1, &b""[..]));
}
