//! The machine-wide files.

use crate::tree::{Made, Recording, Tree};
use edgebench_lite::log::fields::{core, cpu, kernel, memory, recorder, MAX_CORES, NOT_OBSERVABLE};
use edgebench_lite::log::record::PssMode;
use edgebench_lite::proc::root::Root;
use edgebench_lite::sampler::{Clocks, Options, Sampler};
use std::fmt::Write;

/// Linux before 3.14: all else is recorded.
#[test]
fn without_mem_available() {
    let mut tree = Tree::new();
    tree.process(&Made::new(7));
    tree.write("proc/meminfo", "MemTotal: 900 kB\nMemFree: 500 kB\n");
    let seen = Recording::of(&tree, PssMode::Exact).next();
    assert_eq!(seen.value(memory::ID, memory::MEM_AVAILABLE), None);
    assert_eq!(seen.machine.memory_used(), None);
    assert_eq!(seen.value(memory::ID, memory::MEM_FREE), Some(500));
    assert_eq!(seen.value(cpu::ID, cpu::USER), Some(10));
    assert!(seen.process(7).unwrap().pss_kib().is_some());
}

/// Of a machine with 70,000 interrupts: what is wanted stands behind them.
#[test]
fn an_intr_line_of_140_kb() {
    let tree = Tree::new();
    let interrupts = " 0".repeat(70_000);
    let stat = |user: u64, forks: u64| {
        format!(
            "cpu  {user} 0 0 900 0 0 0 0 0 0\ncpu0 {user} 0 0 900 0 0 0 0 0 0\nintr 5{interrupts}\n\
             ctxt 77\nbtime 1700000000\nprocesses {forks}\nprocs_running 3\nprocs_blocked 4\n\
             softirq 1 0 0\n"
        )
    };
    tree.write("proc/stat", stat(100, 1000));
    let mut recording = Recording::of(&tree, PssMode::Exact);
    for (user, forks) in [(100, 1000), (150, 1001)] {
        tree.write("proc/stat", stat(user, forks));
        let seen = recording.next();
        let value = |group, field| seen.machine.value(group, field);
        assert_eq!(value(cpu::ID, cpu::USER), Some(user));
        assert_eq!(seen.machine.cores()[0][cpu::USER], user);
        assert_eq!(value(kernel::ID, kernel::PROCESSES), Some(forks));
        assert_eq!(value(kernel::ID, kernel::PROCS_BLOCKED), Some(4));
    }
}

#[test]
fn each_number_lands_in_its_field() {
    let mut tree = Tree::new();
    tree.cores(
        "cpu  101 102 103 104 105 106 107 108 109 110\n\
         cpu0 1 2 3 4 5 6 7 8 9 10\ncpu1 11 12 13 14 15 16 17 18 19 20\n",
    );
    tree.write(
        "proc/meminfo",
        "MemTotal: 2001 kB\nMemFree: 2002 kB\nMemAvailable: 2003 kB\nBuffers: 2004 kB\n\
         Cached: 2005 kB\nSwapCached: 2006 kB\nActive: 1 kB\nSwapTotal: 2007 kB\n\
         SwapFree: 2008 kB\nDirty: 2009 kB\nWriteback: 2010 kB\nAnonPages: 2011 kB\n\
         Mapped: 2012 kB\nShmem: 2013 kB\nSlab: 2 kB\nSReclaimable: 2014 kB\n\
         SUnreclaim: 2015 kB\nKernelStack: 2016 kB\nPageTables: 2017 kB\n\
         Hugetlb: 2018 kB\n",
    );
    let seen = Recording::of(&tree, PssMode::Exact).next();
    let value = |group, field| seen.machine.value(group, field);

    let cpu: Vec<_> = (0..cpu::COUNT).map(|field| value(cpu::ID, field)).collect();
    let expected: Vec<_> = (101..=108).map(Some).collect();
    assert_eq!(
        cpu, expected,
        "guest and guest_nice are inside user and nice"
    );
    assert_eq!(
        seen.machine.cores(),
        [
            [1, 2, 3, 4, 5, 6, 7, 8, 1, NOT_OBSERVABLE],
            [11, 12, 13, 14, 15, 16, 17, 18, 1, NOT_OBSERVABLE]
        ]
    );
    for (field, expected) in [
        (memory::MEM_TOTAL, 2001),
        (memory::MEM_FREE, 2002),
        (memory::MEM_AVAILABLE, 2003),
        (memory::BUFFERS, 2004),
        (memory::CACHED, 2005),
        (memory::SWAP_CACHED, 2006),
        (memory::SWAP_TOTAL, 2007),
        (memory::SWAP_FREE, 2008),
        (memory::DIRTY, 2009),
        (memory::WRITEBACK, 2010),
        (memory::ANON_PAGES, 2011),
        (memory::MAPPED, 2012),
        (memory::SHMEM, 2013),
        (memory::S_RECLAIMABLE, 2014),
        (memory::S_UNRECLAIM, 2015),
        (memory::KERNEL_STACK, 2016),
        (memory::PAGE_TABLES, 2017),
        (memory::HUGETLB, 2018),
    ] {
        assert_eq!(
            value(memory::ID, field),
            Some(expected),
            "{}",
            memory::NAMES[field]
        );
    }
    for (field, expected) in [
        (kernel::CTXT, 77),
        (kernel::PROCESSES, 1002),
        (kernel::PROCS_RUNNING, 3),
        (kernel::PROCS_BLOCKED, 4),
        (kernel::LOAD1_CENTI, 12),
        (kernel::LOAD5_CENTI, 345),
        (kernel::LOAD15_CENTI, 6789),
        (kernel::ENTITIES, 110),
    ] {
        assert_eq!(
            value(kernel::ID, field),
            Some(expected),
            "{}",
            kernel::NAMES[field]
        );
    }
    assert_eq!(
        value(recorder::ID, recorder::PSS_KIB),
        None,
        "a tree that is not this machine says nothing of this process"
    );
}

#[test]
fn a_core_goes_offline_and_comes_back() {
    let mut tree = Tree::new();
    let both = "cpu  5 0 0 0 0 0 0 0 0 0\ncpu0 2 0 0 0 0 0 0 0 0 0\ncpu1 3 0 0 0 0 0 0 0 0 0\n";
    tree.cores(both);
    let mut recording = Recording::of(&tree, PssMode::Exact);
    let online = |seen: &crate::tree::Seen| -> Vec<u64> {
        let cores = seen.machine.cores().iter();
        cores.map(|core| core[core::ONLINE]).collect()
    };
    assert_eq!(online(&recording.next()), [1, 1]);
    assert_eq!(recording.sampler().cores_online(), 2);

    tree.cores("cpu  5 0 0 0 0 0 0 0 0 0\ncpu0 2 0 0 0 0 0 0 0 0 0\n");
    let seen = recording.next();
    assert_eq!(online(&seen), [1, 0]);
    assert_eq!(
        seen.machine.cores()[1][cpu::USER],
        3,
        "its time stands still"
    );
    assert_eq!(recording.sampler().cores_online(), 1);

    tree.cores(both);
    assert_eq!(online(&recording.next()), [1, 1]);
    assert_eq!(recording.sampler().cores_online(), 2);
}

#[test]
fn a_core_that_was_offline_from_the_start_is_all_zero() {
    let mut tree = Tree::new();
    tree.cores("cpu  9 0 0 0 0 0 0 0 0 0\ncpu0 2 0 0 0 0 0 0 0 0 0\ncpu2 7 0 0 0 0 0 0 0 0 0\n");
    let seen = Recording::of(&tree, PssMode::Exact).next();
    assert_eq!(
        seen.machine.cores(),
        [
            [2, 0, 0, 0, 0, 0, 0, 0, 1, NOT_OBSERVABLE],
            [0; core::COUNT],
            [7, 0, 0, 0, 0, 0, 0, 0, 1, NOT_OBSERVABLE]
        ]
    );
}

#[test]
fn of_300_cores_256_are_kept() {
    let mut text = String::from("cpu  44850 0 0 0 0 0 0 0 0 0\n");
    for core in 0..300 {
        writeln!(text, "cpu{core} {core} 0 0 0 0 0 0 0 0 0").unwrap();
    }
    let mut tree = Tree::new();
    tree.cores(&text);
    let seen = Recording::of(&tree, PssMode::Exact).next();
    assert_eq!(seen.machine.cores().len(), MAX_CORES);
    assert_eq!(
        seen.machine.cores()[255][..9],
        [255, 0, 0, 0, 0, 0, 0, 0, 1]
    );
    assert_eq!(
        seen.machine.value(cpu::ID, cpu::USER),
        Some(44850),
        "the sum is the kernel's, of all cores"
    );
}

fn options() -> Options {
    Options {
        pss: PssMode::Exact,
        capacity: 8,
        interval_ns: crate::tree::SECOND,
        page_size: 4096,
        pss_budget_ns: crate::tree::SECOND,
        kept_descriptors: 8,
    }
}

#[test]
fn without_loadavg_the_rest_is_sampled() {
    let tree = Tree::new();
    tree.remove("proc/loadavg");
    let seen = Recording::of(&tree, PssMode::Exact).next();
    assert_eq!(seen.machine.value(kernel::ID, kernel::CTXT), Some(77));
    assert_eq!(
        seen.machine.value(kernel::ID, kernel::LOAD1_CENTI),
        None,
        "what is not there is not 0"
    );
}

#[test]
fn without_meminfo_there_is_no_sampler_and_the_file_is_named() {
    let tree = Tree::new();
    tree.remove("proc/meminfo");
    let root = Root::open(tree.path()).unwrap();
    let Err(error) = Sampler::new(root, options(), Clocks::default()) else {
        panic!("sampled without meminfo");
    };
    let path = tree.path().join("proc/meminfo");
    assert_eq!(
        error.to_string(),
        format!("cannot read {}: No such file or directory", path.display())
    );
}

#[test]
fn a_stat_that_is_cut_names_file_line_and_field() {
    let tree = Tree::new();
    tree.write(
        "proc/stat",
        "cpu  1 2 3 4 5 6 7 8 9 10\nctxt 5\nprocesses x\n",
    );
    let root = Root::open(tree.path()).unwrap();
    let mut sampler = Sampler::new(root, options(), Clocks::default()).unwrap();
    let error = sampler
        .sample(&Clocks::default(), 0, Default::default())
        .unwrap_err();
    let path = tree.path().join("proc/stat");
    assert_eq!(
        error.to_string(),
        format!("{}:3: field `processes` is not a number", path.display())
    );
}
