//! More processes than the table holds.

use crate::tree::{Made, Recording, Tree};
use edgebench_lite::log::fields::{process, recorder};
use edgebench_lite::log::record::PssMode;
use edgebench_lite::sampler::LIST_EVERY;

/// Ten processes, the larger the later, but for the last.
fn ten() -> Tree {
    let mut tree = Tree::new();
    for (pid, rss) in (1..).zip([10, 20, 30, 40, 50, 60, 70, 80, 90, 5]) {
        tree.process(&Made {
            rss,
            ..Made::new(pid)
        });
    }
    tree
}

#[test]
fn the_largest_are_kept_and_the_others_counted() {
    for pss in [PssMode::Exact, PssMode::Off] {
        for kept_descriptors in [0, 2, 8] {
            let tree = ten();
            let mut recording = Recording::with(&tree, pss, 4, kept_descriptors);
            let seen = recording.next();
            assert_eq!(seen.pids(), [6, 7, 8, 9]);
            assert_eq!(recording.sampler().shortfall(), (0, 6));
            let left_out = seen.machine.value(recorder::ID, recorder::LEFT_OUT);
            assert_eq!(left_out, Some(6));
            assert_eq!(seen.process(9).unwrap().values[process::RSS], 90);
        }
    }
}

#[test]
fn a_larger_newcomer_takes_the_place_of_the_smallest_in_the_next_round() {
    let mut tree = ten();
    let mut recording = Recording::with(&tree, PssMode::Exact, 4, 8);
    recording.next();
    tree.process(&Made {
        rss: 1000,
        starttime: 800,
        cmdline: "large\0",
        ..Made::new(11)
    });
    for tick in 1..LIST_EVERY {
        assert_eq!(recording.next().pids(), [6, 7, 8, 9], "tick {tick}");
        assert_eq!(recording.sampler().shortfall(), (0, 7), "tick {tick}");
    }
    let seen = recording.next();
    assert_eq!(seen.pids(), [7, 8, 9, 11]);
    assert_eq!(seen.process(11).unwrap().pss_kib(), Some(300));
    assert_eq!(seen.identities, [(11, "large\0".to_owned())]);
    assert_eq!(recording.sampler().shortfall(), (0, 7));
}

#[test]
fn a_process_that_ends_makes_room() {
    let mut tree = ten();
    let mut recording = Recording::with(&tree, PssMode::Exact, 4, 8);
    recording.next();
    for pid in [6, 7] {
        tree.remove(&format!("proc/{pid}"));
    }
    tree.forked();
    let seen = recording.next();
    assert_eq!(seen.pids().len(), 4, "{:?}", seen.pids());
    assert_eq!(recording.sampler().shortfall(), (0, 4));
}

#[test]
fn an_unreadable_process_takes_no_room_from_others() {
    let tree = ten();
    for pid in 1..=4 {
        tree.write(&format!("proc/{pid}/stat"), "");
    }
    let mut recording = Recording::with(&tree, PssMode::Exact, 4, 8);
    assert_eq!(recording.next().pids(), [6, 7, 8, 9]);
}

#[test]
fn a_capacity_of_nothing_is_one() {
    let tree = ten();
    let mut recording = Recording::with(&tree, PssMode::Exact, 0, 8);
    assert_eq!(recording.next().pids(), [9]);
    assert_eq!(recording.sampler().shortfall(), (0, 9));
}

#[test]
fn a_thousand_processes_come_and_go_through_four_slots() {
    let mut tree = Tree::new();
    let mut recording = Recording::with(&tree, PssMode::Exact, 4, 2);
    for wave in 0..20u64 {
        for pid in 0..50 {
            let pid = 1 + (pid * 7 + wave as u32 * 13) % 997;
            tree.process(&Made {
                rss: u64::from(pid) * 3,
                starttime: 1000 + wave,
                ..Made::new(pid)
            });
        }
        let seen = recording.next();
        assert_eq!(seen.pids().len(), 4, "wave {wave}");
        let listed = std::fs::read_dir(tree.path().join("proc")).unwrap();
        let present: Vec<u32> = listed
            .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok())
            .collect();
        assert!(seen.pids().iter().all(|pid| present.contains(pid)));
        let (_, left_out) = recording.sampler().shortfall();
        assert_eq!(left_out, present.len() as u64 - 4, "wave {wave}");
        for pid in present.iter().filter(|pid| *pid % 3 == 0) {
            tree.remove(&format!("proc/{pid}"));
        }
        tree.forked();
    }
}
