//! Where PSS comes from, and where there is none.

use crate::tree::{rollup, Made, Recording, Tree, KERNEL_THREAD};
use edgebench_lite::log::fields::process::{self, flag};
use edgebench_lite::log::fields::recorder;
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
    assert_eq!(recording.sampler().shortfall(), (0, 0));
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

/// A folder in the place of a file opens, and cannot be read: EISDIR.
#[test]
fn a_reading_that_fails_leaves_the_last_figures() {
    for pss in [PssMode::Exact, PssMode::Auto] {
        let mut tree = Tree::new();
        tree.process(&Made::new(4));
        tree.process(&Made::new(5));
        let mut recording = Recording::of(&tree, pss);
        let seen = recording.next();
        let not_read = seen.value(recorder::ID, recorder::NOT_READ);
        assert_eq!(not_read, Some(0));
        // It moved by 100 pages: due to be read. An estimate has 4 KiB a page more.
        tree.process(&Made {
            rss: 200,
            ..Made::new(4)
        });
        tree.remove("proc/4/smaps_rollup");
        std::fs::create_dir(tree.path().join("proc/4/smaps_rollup")).unwrap();
        let seen = recording.next();
        let process = seen.process(4).unwrap();
        let expected = if pss == PssMode::Auto { 300 + 400 } else { 300 };
        assert_eq!(process.pss_kib(), Some(expected), "{pss:?}");
        assert_eq!(
            process.values[process::FLAGS],
            flag::HAS_PSS | flag::STALE,
            "{pss:?}"
        );
        assert_eq!(process.values[process::PSS_AT], 0);
        let not_read = seen.value(recorder::ID, recorder::NOT_READ);
        assert_eq!(not_read, Some(1));
        assert_eq!(recording.sampler().shortfall(), (0, 0), "it may be read");
        std::fs::remove_dir(tree.path().join("proc/4/smaps_rollup")).unwrap();
        tree.write("proc/4/smaps_rollup", rollup(123));
        let seen = recording.next();
        let process = seen.process(4).unwrap();
        assert_eq!(process.pss_kib(), Some(123), "it is read again at once");
        assert_eq!(process.values[process::FLAGS], flag::HAS_PSS);
        let not_read = seen.value(recorder::ID, recorder::NOT_READ);
        assert_eq!(not_read, Some(0));
    }
}

/// Where a window of a ramp opens.
#[test]
fn all_that_moved_is_read_once_without_a_budget() {
    let mut tree = Tree::new();
    tree.process(&Made::new(4));
    let mut recording = Recording::without_budget(&tree);
    let pss = |recording: &mut Recording| {
        let seen = recording.next();
        [4, 5, 6].map(|pid| seen.process(pid).and_then(|process| process.pss_kib()))
    };
    assert_eq!(pss(&mut recording), [Some(300), None, None]);
    tree.process(&Made::new(5));
    tree.write("proc/4/smaps_rollup", rollup(123));
    assert_eq!(pss(&mut recording), [Some(300), None, None]);
    recording.sampler().read_all_moved();
    // The second runs the program of the first, and shares its pages.
    assert_eq!(pss(&mut recording), [Some(123), Some(300), None]);
    tree.process(&Made::new(6));
    assert_eq!(pss(&mut recording), [Some(123), Some(300), None]);
}

/// On a machine that is so busy that a sample takes seconds.
#[test]
fn behind_the_end_no_memory_is_read_and_what_is_missing_is_marked() {
    for pss in [PssMode::Exact, PssMode::Auto] {
        let mut tree = Tree::new();
        tree.process(&Made::new(4));
        let mut recording = Recording::of(&tree, pss);
        assert_eq!(recording.next().process(4).unwrap().pss_kib(), Some(300));
        tree.process(&Made::new(5));
        tree.write("proc/4/smaps_rollup", rollup(123));
        // Long ago, on the clock that goes on here.
        recording.sampler().ends_at(0);
        let seen = recording.next();
        let flags = |pid| seen.process(pid).unwrap().values[process::FLAGS];
        assert_eq!(flags(5), flag::STALE, "{pss:?}");
        assert_eq!(seen.process(4).unwrap().pss_kib(), Some(300));
        if pss == PssMode::Exact {
            assert_eq!(
                flags(4),
                flag::HAS_PSS | flag::STALE,
                "it is the last sample's"
            );
        }
    }
}

#[test]
fn a_file_that_is_none_is_not_read_and_not_nothing() {
    for text in ["", "Rss: 12 kB\nPss: many kB\n"] {
        let mut tree = Tree::new();
        tree.process(&Made::new(4));
        tree.write("proc/4/smaps_rollup", text);
        let mut recording = Recording::of(&tree, PssMode::Auto);
        let seen = recording.next();
        let flags = seen.process(4).unwrap().values[process::FLAGS];
        assert_eq!(flags, flag::STALE, "{text:?}");
        assert_eq!(seen.value(recorder::ID, recorder::NOT_READ), Some(1));
    }
}

/// Its stat shows no memory, as the kernel's does then; a thread of it goes on.
#[test]
fn the_memory_of_a_process_whose_leader_has_ended_is_its_threads() {
    let leader = Made {
        state: 'Z',
        num_threads: 3,
        rss: 0,
        vsize: 0,
        pss: None,
        ..Made::new(40)
    };
    let mut tree = Tree::new();
    tree.process(&leader);
    for (tid, state) in [(41, 'Z'), (42, 'S')] {
        let thread = Made {
            state,
            rss: 16_500,
            vsize: 70_000 * 1024,
            ..Made::new(tid)
        };
        tree.task(40, &thread);
        tree.write(
            &format!("proc/40/task/{tid}/smaps_rollup"),
            rollup(u64::from(tid) * 1000),
        );
    }
    for pss in [PssMode::Exact, PssMode::Auto] {
        let seen = Recording::of(&tree, pss).next();
        let process = seen.process(40).unwrap();
        assert_eq!(process.pss_kib(), Some(42_000));
        assert_eq!(process.values[process::RSS], 16_500);
        assert_eq!(process.values[process::VSIZE], 70_000);
        assert_eq!(process.values[process::FLAGS], flag::HAS_PSS);
    }
}

/// In a tree nobody can ask kcmp(2).
#[test]
fn a_child_that_looks_like_its_parent_is_put_off_by_a_sample() {
    let private = rollup(3000).replace("Shared_Dirty: 6", "Shared_Dirty: 0");
    let mut tree = Tree::new();
    tree.process(&Made::new(4));
    tree.process(&Made {
        ppid: 4,
        ..Made::new(5)
    });
    tree.write("proc/4/exe", "");
    std::fs::hard_link(
        tree.path().join("proc/4/exe"),
        tree.path().join("proc/5/exe"),
    )
    .unwrap();
    for pid in [4, 5] {
        tree.write(&format!("proc/{pid}/smaps_rollup"), &private);
    }
    let mut recording = Recording::of(&tree, PssMode::Auto);
    let seen = recording.next();
    assert_eq!(seen.process(4).unwrap().pss_kib(), Some(3000));
    let child = seen.process(5).unwrap();
    assert_eq!(child.values[process::FLAGS], flag::STALE);
    assert_eq!(child.values[process::PSS], 0);
    assert_eq!(seen.value(recorder::ID, recorder::NOT_READ), Some(1));
    // It is alike, or executes something by now.
    let seen = recording.next();
    assert_eq!(seen.process(5).unwrap().pss_kib(), Some(3000));
    assert_eq!(seen.value(recorder::ID, recorder::NOT_READ), Some(0));
}

/// The machine has 1,000,000 KiB, which are 250,000 pages.
#[test]
fn more_than_there_is_cannot_be() {
    let mut tree = Tree::new();
    let process = Made::new(4);
    tree.process(&process);
    let mut recording = Recording::of(&tree, PssMode::Exact);
    let figures = |recording: &mut Recording| {
        let seen = recording.next();
        let values = seen.process(4).unwrap().values;
        let stale = values[process::FLAGS] & flag::STALE != 0;
        let failed = seen.machine.value(recorder::ID, recorder::NOT_READ);
        (values[process::PSS], values[process::RSS], stale, failed)
    };
    assert_eq!(figures(&mut recording), (300, 100, false, Some(0)));
    for (pss, rss, vsize, expected) in [
        (1_000_001, 101, 4096, (300, 101, true, Some(1))),
        (1_000_000, 101, 4096, (1_000_000, 101, false, Some(0))),
        (301, 250_001, 250_000 << 12, (301, 101, false, Some(1))),
        (302, u64::MAX, 4096, (302, 101, false, Some(1))),
        // What is mapped twice counts twice.
        (303, 250_001, 250_001 << 12, (303, 250_001, false, Some(0))),
    ] {
        tree.process(&Made {
            pss: Some(pss),
            rss,
            vsize,
            ..process
        });
        assert_eq!(figures(&mut recording), expected, "{pss} {rss}");
    }
}
