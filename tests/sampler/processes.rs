//! Who is there: names, births, deaths, and processes that are not whole.

use crate::tree::{Made, Recording, Tree};
use edgebench_lite::log::fields::{process, recorder};
use edgebench_lite::log::record::PssMode;

#[test]
fn each_number_lands_in_its_field() {
    let mut tree = Tree::new();
    tree.process(&Made {
        ppid: 7,
        majflt: 21,
        utime: 22,
        stime: 23,
        cutime: 24,
        cstime: 25,
        num_threads: 26,
        starttime: 27,
        vsize: 28 * 1024,
        rss: 29,
        pss: Some(1234),
        ..Made::new(812)
    });
    let seen = Recording::of(&tree, PssMode::Exact).next();
    let process = seen.process(812).unwrap();
    assert_eq!(process.starttime, 27);
    assert_eq!(&process.comm[..], b"made");
    for (field, expected) in [
        (process::PPID, 7),
        (process::MAJFLT, 21),
        (process::UTIME, 22),
        (process::STIME, 23),
        (process::CUTIME, 24),
        (process::CSTIME, 25),
        (process::NUM_THREADS, 26),
        (process::VSIZE, 28),
        (process::RSS, 29),
        (process::PSS, 1234),
        (process::PRIVATE, 7 + 8 + 64),
        (process::SHARED, 5 + 6 + 32),
        (process::SWAP, 9),
        (process::SWAP_PSS, 3),
        (process::PSS_AT, 0),
        (process::FLAGS, process::flag::HAS_PSS),
    ] {
        let name = process::NAMES[field];
        assert_eq!(process.values[field], expected, "{name}");
    }
    assert_eq!(seen.identities, [(812, "/bin/made\0".to_owned())]);
}

#[test]
fn numbers_of_later_samples() {
    let mut tree = Tree::new();
    tree.process(&Made::new(5));
    let mut recording = Recording::of(&tree, PssMode::Exact);
    recording.next();
    tree.process(&Made {
        utime: 40,
        rss: 60,
        pss: Some(50),
        ..Made::new(5)
    });
    let seen = recording.next();
    let process = seen.process(5).unwrap();
    assert_eq!(process.values[process::UTIME], 40);
    assert_eq!(process.values[process::RSS], 60);
    assert_eq!(process.pss_kib(), Some(50));
    assert_eq!(process.values[process::PSS_AT], 1);
    assert_eq!((seen.born.len(), seen.deaths), (0, 0));
    assert_eq!(seen.identities, [], "it is in the log already");
}

#[test]
fn names_of_any_bytes() {
    let mut tree = Tree::new();
    let names: [&[u8]; 5] = [
        b"a) R 1 (b",
        b"\n\x1b[31m) S 1 1",
        b"\xff\xfe",
        b"((()))",
        b"",
    ];
    for (pid, comm) in (1..).zip(names) {
        tree.process(&Made {
            comm,
            utime: 3,
            ..Made::new(pid)
        });
    }
    let seen = Recording::of(&tree, PssMode::Exact).next();
    for (pid, comm) in (1..).zip(names) {
        let process = seen.process(pid).unwrap();
        assert_eq!(&process.comm[..], comm, "pid {pid}");
        assert_eq!(process.values[process::UTIME], 3, "pid {pid}");
    }
}

#[test]
fn a_kernel_workers_name_may_have_63_bytes_and_changes() {
    const LONG: &[u8] = b"kworker/u8:0-a_work_queue_whose_name_is_as_long_as_can_be_12345";
    assert_eq!(LONG.len(), 63);
    let worker = Made {
        comm: LONG,
        flags: crate::tree::KERNEL_THREAD,
        pss: None,
        ..Made::new(9)
    };
    let mut tree = Tree::new();
    tree.process(&worker);
    let mut recording = Recording::of(&tree, PssMode::Exact);
    let seen = recording.next();
    assert_eq!(&seen.process(9).unwrap().comm[..], LONG);
    assert_eq!(seen.identities, [], "a kernel thread has no command line");
    tree.process(&Made {
        comm: b"kworker/u8:0-mm_percpu_wq",
        ..worker
    });
    let seen = recording.next();
    assert_eq!(
        &seen.process(9).unwrap().comm[..],
        b"kworker/u8:0-mm_percpu_wq"
    );
    assert_eq!((seen.born.len(), seen.deaths), (0, 0));
}

#[test]
fn a_pid_with_another_start_time_is_another_process() {
    let first = Made {
        utime: 70,
        starttime: 500,
        ..Made::new(6)
    };
    for kept_descriptors in [0, 8] {
        let mut tree = Tree::new();
        tree.process(&first);
        let mut recording = Recording::with(&tree, PssMode::Exact, 64, kept_descriptors);
        recording.next();
        tree.process(&Made {
            utime: 2,
            starttime: 900,
            cmdline: "another\0",
            ..first
        });
        let seen = recording.next();
        let process = seen.process(6).unwrap();
        assert_eq!(process.starttime, 900);
        assert_eq!(process.values[process::UTIME], 2);
        assert_eq!(seen.born, [6], "born anew");
        assert_eq!(seen.deaths, 1, "the first is gone");
        assert_eq!(seen.identities, [(6, "another\0".to_owned())]);
    }
}

#[test]
fn what_executes_something_else_is_renamed_and_identified_again() {
    let shell = Made {
        comm: b"sh",
        cmdline: "sh\0",
        ..Made::new(6)
    };
    let mut tree = Tree::new();
    tree.process(&shell);
    let mut recording = Recording::of(&tree, PssMode::Exact);
    assert_eq!(recording.next().identities, [(6, "sh\0".to_owned())]);
    tree.process(&Made {
        comm: b"k3s-server",
        cmdline: "k3s\0server\0",
        startcode: 65_536,
        ..shell
    });
    let seen = recording.next();
    assert_eq!(&seen.process(6).unwrap().comm[..], b"k3s-server");
    assert_eq!(seen.identities, [(6, "k3s\0server\0".to_owned())]);
    assert_eq!((seen.born.len(), seen.deaths), (0, 0), "it is the same one");
    // The same name, and a program at another place: sh executed sh.
    tree.process(&Made {
        comm: b"k3s-server",
        cmdline: "k3s\0server\0--again\0",
        startcode: 131_072,
        ..shell
    });
    let seen = recording.next();
    assert_eq!(seen.identities, [(6, "k3s\0server\0--again\0".to_owned())]);
    assert_eq!(recording.next().identities, []);
}

#[test]
fn a_zombie_keeps_the_command_line_it_had() {
    let process = Made::new(6);
    let mut tree = Tree::new();
    tree.process(&process);
    let mut recording = Recording::of(&tree, PssMode::Exact);
    recording.next();
    // Without memory it has no arguments, and its text begins nowhere.
    tree.process(&Made {
        state: 'Z',
        startcode: 0,
        rss: 0,
        vsize: 0,
        cmdline: "",
        ..process
    });
    let seen = recording.next();
    assert_eq!(seen.process(6).unwrap().pss_kib(), None);
    assert_eq!(
        seen.identities,
        [],
        "an empty command line would take the place of the right one"
    );
}

#[test]
fn who_vanishes_between_listing_and_reading_was_never_there() {
    let mut tree = Tree::new();
    tree.process(&Made::new(5));
    std::fs::create_dir_all(tree.path().join("proc/6")).unwrap();
    tree.forked();
    let mut recording = Recording::of(&tree, PssMode::Exact);
    let seen = recording.next();
    assert_eq!(seen.pids(), [5]);
    assert_eq!(
        recording.sampler().shortfall(),
        (0, 0),
        "it is not unreadable"
    );
}

#[test]
fn who_ends_has_died() {
    for kept_descriptors in [0, 8] {
        let mut tree = Tree::new();
        tree.process(&Made::new(5));
        tree.process(&Made::new(6));
        let mut recording = Recording::with(&tree, PssMode::Exact, 64, kept_descriptors);
        assert_eq!(recording.next().pids(), [5, 6]);
        tree.remove("proc/5");
        tree.forked();
        let seen = recording.next();
        assert_eq!(seen.pids(), [6]);
        assert_eq!(seen.deaths, 1);
    }
}

#[test]
fn a_stat_that_is_garbage_costs_that_process_only() {
    let garbage: [&[u8]; 6] = [
        b"",
        b"\n",
        b"5",
        b"5 (made",
        b"5 (made) S 1 2 3\n",
        b"5 (made) S x 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 0 0 0 0 0 0\n",
    ];
    for text in garbage {
        let mut tree = Tree::new();
        tree.process(&Made::new(5));
        tree.process(&Made::new(6));
        tree.write("proc/5/stat", text);
        let seen = Recording::of(&tree, PssMode::Exact).next();
        assert_eq!(seen.pids(), [6], "{text:?}");
    }
}

#[test]
fn what_is_no_pid_is_no_process() {
    let mut tree = Tree::new();
    tree.process(&Made::new(5));
    for name in [
        "proc/self",
        "proc/5x",
        "proc/0",
        "proc/4294967296",
        "proc/-5",
    ] {
        std::fs::create_dir_all(tree.path().join(name)).unwrap();
    }
    let mut recording = Recording::of(&tree, PssMode::Exact);
    assert_eq!(recording.next().pids(), [5]);
    assert_eq!(recording.sampler().shortfall(), (0, 0));
}

/// Where `processes` of /proc/stat stands still, as under gVisor, it announces
/// nobody.
#[test]
fn a_count_of_forks_that_stands_still_hides_nobody() {
    let mut tree = Tree::new();
    tree.process(&Made::new(5));
    let none = "cpu  1 2 3 4 5 6 7 8 0 0\nctxt 1\nbtime 2\nprocesses 0\nprocs_running 1\n\
                procs_blocked 0\n";
    tree.write("proc/stat", none);
    let mut recording = Recording::of(&tree, PssMode::Off);
    assert_eq!(recording.next().pids(), [5]);
    tree.process(&Made::new(6));
    tree.write("proc/stat", none);
    assert_eq!(recording.next().pids(), [5, 6]);
}

/// A directory that was removed cannot be listed: ENOENT. The files that are kept
/// open can still be read.
#[test]
fn a_listing_that_fails_buries_nobody() {
    let mut tree = Tree::new();
    tree.process(&Made::new(5));
    tree.process(&Made::new(6));
    let mut recording = Recording::with(&tree, PssMode::Off, 64, 8);
    recording.next();
    // Seen running twice, their stat is kept open.
    assert_eq!(recording.next().pids(), [5, 6]);
    tree.forked();
    tree.remove("proc");
    let seen = recording.next();
    assert_eq!((seen.pids(), seen.deaths), (vec![5, 6], 0));
}

/// systemd and the kubelet move a process after it was started.
#[test]
fn a_cgroup_that_changes_is_written_again_and_only_then() {
    let mut tree = Tree::new();
    tree.process(&Made::new(5));
    let mut recording = Recording::of(&tree, PssMode::Off);
    assert_eq!(recording.next().cgroups, [(5, "/made.up".to_owned())]);
    // Born under the recorder: looked at after 1 s, 2, 4, 8, 16, 32 and 64 s more.
    tree.process(&Made::new(6));
    assert_eq!(recording.next().cgroups, [(6, "/made.up".to_owned())]);
    let mut told = Vec::new();
    for tick in 2..150 {
        tree.write("proc/6/cgroup", format!("0::/moved/{tick}\n"));
        for (pid, cgroup) in recording.next().cgroups {
            assert_eq!((pid, cgroup), (6, format!("/moved/{tick}")));
            told.push(tick);
        }
    }
    assert_eq!(told, [2, 4, 8, 16, 32, 64, 128]);
    // The one that was there before is looked at as well, within 8 s.
    tree.write("proc/5/cgroup", "0::/late\n");
    let late: Vec<_> = (0..64).flat_map(|_| recording.next().cgroups).collect();
    assert!(late.contains(&(5, "/late".to_owned())), "{late:?}");
    assert_eq!(late.iter().filter(|(pid, _)| *pid == 5).count(), 1);
}

#[test]
fn a_process_that_was_there_first_is_looked_at_within_8_s() {
    let mut tree = Tree::new();
    tree.process(&Made::new(5));
    let mut recording = Recording::of(&tree, PssMode::Off);
    recording.next();
    tree.write("proc/5/cgroup", "0::/system.slice/k3s.service\n");
    let told: Vec<_> = (1..=8).flat_map(|_| recording.next().cgroups).collect();
    assert_eq!(told, [(5, "/system.slice/k3s.service".to_owned())]);
}

/// Who moves a process does that when it is started, or works: one that does not run can
/// wait, but not for ever.
#[test]
fn a_process_that_was_there_first_and_does_not_run_can_wait() {
    let mut tree = Tree::new();
    for pid in [5, 6] {
        tree.process(&Made::new(pid));
        tree.write(&format!("proc/{pid}/schedstat"), "1000 5 7\n");
    }
    let mut recording = Recording::of(&tree, PssMode::Off);
    recording.next();
    for pid in [5, 6] {
        tree.write(&format!("proc/{pid}/cgroup"), "0::/moved\n");
    }
    let mut told = Vec::new();
    for tick in 1..=200_u64 {
        tree.write("proc/6/schedstat", format!("{} 5 7\n", 1000 + tick));
        let cgroups = recording.next().cgroups;
        told.extend(cgroups.into_iter().map(|(pid, _)| (pid, tick)));
    }
    // Due within 8 s, and put off three times: by at most 64 s, and by 64 s twice.
    let [(6, at), (5, late)] = told[..] else {
        panic!("{told:?}");
    };
    assert!(at <= 8 && (130..=200).contains(&late), "{told:?}");
}

/// A folder in the place of a file opens, and cannot be read: EISDIR.
#[test]
fn an_identity_that_cannot_be_read_is_tried_again() {
    for file in ["proc/5/cgroup", "proc/5/cmdline"] {
        let mut tree = Tree::new();
        tree.process(&Made::new(5));
        tree.remove(file);
        std::fs::create_dir(tree.path().join(file)).unwrap();
        let mut recording = Recording::of(&tree, PssMode::Off);
        assert_eq!(recording.next().identities, []);
        tree.remove(file);
        tree.write("proc/5/cgroup", "0::/made.up\n");
        tree.write("proc/5/cmdline", "late\0");
        assert_eq!(recording.next().identities, [(5, "late\0".to_owned())]);
    }
}

/// schedstat shows one number for ever, as on some kernels: the process runs all the
/// same, and from the first look behind its back on each sample has its CPU time.
#[test]
fn a_gate_that_never_opens_is_not_asked_any_more() {
    let mut tree = Tree::new();
    let process = Made::new(4);
    tree.process(&process);
    tree.process(&Made::new(5));
    for pid in [4, 5] {
        tree.write(&format!("proc/{pid}/schedstat"), "5000000 6 7\n");
    }
    let mut recording = Recording::of(&tree, PssMode::Auto);
    let mut seen = Vec::new();
    for tick in 0..25 {
        tree.process(&Made {
            utime: 100 * tick,
            ..process
        });
        let sample = recording.next();
        seen.push(sample.process(4).unwrap().values[process::UTIME]);
        assert_eq!(sample.process(5).unwrap().values[process::UTIME], 0);
    }
    // At the first two looks the gate has told nothing yet.
    assert_eq!(seen[..3], [0, 100, 100]);
    let late = (2..25).find(|tick| seen[*tick] > 100).unwrap();
    assert!(late <= 11, "{seen:?}");
    let expected: Vec<u64> = (late as u64..25).map(|tick| 100 * tick).collect();
    assert_eq!(seen[late..], expected);
}

/// Where memory was reclaimed, every stat is read; what does not run leaves the
/// descriptors to the gates all the same.
#[test]
fn memory_reclaimed_at_the_start_leaves_the_gates_their_descriptors() {
    for reclaimed in [1, 2] {
        let mut tree = Tree::new();
        tree.write("proc/vmstat", "pgpgin 5\npgsteal_direct 1\n");
        for pid in 1..=10 {
            tree.process(&Made::new(pid));
            tree.write(&format!("proc/{pid}/schedstat"), "5000000 6 7\n");
        }
        let mut recording = Recording::with(&tree, PssMode::Auto, 64, 8);
        recording.next();
        let vmstat = format!("pgpgin 5\npgsteal_direct {reclaimed}\n");
        tree.write("proc/vmstat", vmstat);
        // Three quarters of eight.
        for _ in 1..=2 {
            let kept = recording.next();
            let kept = kept.value(recorder::ID, recorder::KEPT_DESCRIPTORS);
            assert_eq!(kept, Some(6), "{reclaimed}");
        }
    }
}
