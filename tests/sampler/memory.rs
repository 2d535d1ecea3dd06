//! Where PSS comes from, and where there is none.

use crate::tree::{rollup, Made, Recording, Tree, KERNEL_THREAD};
use edgebench_lite::log::fields::process::{self, flag};
use edgebench_lite::log::record::PssMode;
use std::path::Path;

#[test]
fn kernel_threads_and_zombies_have_none() {
    let mut tree = Tree::new();
    tree.process(&Made {
        flags: KERNEL_THREAD,
        // A file that ought not to be there must not be asked.
        pss: Some(1),
        ..Made::new(2)
    });
    tree.process(&Made {
        state: 'Z',
        rss: 0,
        pss: Some(1),
        ..Made::new(3)
    });
    tree.process(&Made::new(4));
    let mut recording = Recording::of(&tree, PssMode::Exact);
    let seen = recording.next();
    let of = |pid| seen.process(pid).unwrap();
    assert_eq!(of(2).pss_kib(), None);
    assert!(of(2).has(flag::KERNEL_THREAD));
    assert_eq!(of(3).pss_kib(), None);
    assert!(!of(3).has(flag::KERNEL_THREAD));
    assert_eq!(of(4).pss_kib(), Some(300));
    for pid in [2, 3, 4] {
        assert!(!of(pid).has(flag::UNREADABLE), "pid {pid}");
    }
    assert_eq!(recording.sampler.shortfall(), (0, 0));
}

#[test]
fn off_reads_none() {
    let mut tree = Tree::new();
    tree.process(&Made::new(4));
    let seen = Recording::of(&tree, PssMode::Off).next();
    let process = seen.process(4).unwrap();
    assert_eq!(process.pss_kib(), None);
    assert_eq!(process.values[process::PSS], 0);
    assert_eq!(
        process.values[process::RSS],
        100,
        "the resident set is known"
    );
}

#[test]
fn a_process_that_becomes_a_zombie_has_its_memory_taken_away() {
    let process = Made::new(4);
    let mut tree = Tree::new();
    tree.process(&process);
    let mut recording = Recording::of(&tree, PssMode::Exact);
    assert_eq!(recording.next().process(4).unwrap().pss_kib(), Some(300));
    tree.process(&Made {
        state: 'Z',
        rss: 0,
        vsize: 0,
        startcode: 0,
        ..process
    });
    let seen = recording.next();
    let process = seen.process(4).unwrap();
    for field in [
        process::FLAGS,
        process::RSS,
        process::PSS,
        process::PRIVATE,
        process::SHARED,
        process::SWAP,
        process::SWAP_PSS,
    ] {
        assert_eq!(process.values[field], 0, "{}", process::NAMES[field]);
    }
}

/// Sums by awk over tests/captures/handmade-4.9/proc/812/smaps; PSS has 518 KiB
/// less what rounding in each mapping takes away.
#[test]
fn without_smaps_rollup_smaps_is_summed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/handmade-4.9/proc/812");
    let smaps = std::fs::read(folder.join("smaps")).unwrap();
    let mut tree = Tree::new();
    tree.process(&Made {
        pss: None,
        ..Made::new(812)
    });
    tree.write("proc/812/smaps", smaps);
    let seen = Recording::of(&tree, PssMode::Exact).next();
    let process = seen.process(812).unwrap();
    for (field, expected) in [
        (process::PSS, 517),
        (process::PRIVATE, 84 + 40 + 2048),
        (process::SHARED, 1060),
        (process::SWAP, 16),
        (process::SWAP_PSS, 12),
        (process::FLAGS, flag::HAS_PSS),
    ] {
        assert_eq!(process.values[field], expected, "{}", process::NAMES[field]);
    }
}

#[test]
fn an_empty_smaps_is_no_memory_and_not_memory_of_nothing() {
    let mut tree = Tree::new();
    tree.process(&Made {
        pss: None,
        ..Made::new(7)
    });
    tree.write("proc/7/smaps", "");
    let seen = Recording::of(&tree, PssMode::Exact).next();
    assert_eq!(seen.process(7).unwrap().pss_kib(), None);
}

#[test]
fn a_smaps_rollup_that_is_cut_is_not_believed() {
    let mut tree = Tree::new();
    tree.process(&Made::new(7));
    let whole = rollup(300);
    let cut = &whole[..whole.find("Shared_Dirty").unwrap()];
    tree.write("proc/7/smaps_rollup", &cut[..cut.len() - 4]);
    let seen = Recording::of(&tree, PssMode::Exact).next();
    assert_eq!(seen.process(7).unwrap().pss_kib(), None);
}
