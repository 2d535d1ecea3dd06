use super::*;

const SECOND: TickLength = TickLength {
    interval_ns: 1_000_000_000,
};

fn values(rss: u64) -> [u64; process::COUNT] {
    let mut values = [0; process::COUNT];
    values[process::RSS] = rss;
    values
}

/// Read at `tick`: resident pages, PSS, private and shared KiB.
fn read(tick: u64, rss: u64, pss: u64, private_dirty: u64, shared_clean: u64) -> PssEstimate {
    let mut memory = PssEstimate::default();
    let rollup = Rollup {
        pss,
        private_dirty,
        shared_clean,
        ..Rollup::default()
    };
    memory.take_reading(&mut values(rss), &rollup, None, tick);
    memory
}

#[test]
fn a_process_that_was_never_read_is_due() {
    let memory = PssEstimate::default();
    assert_eq!(memory.due(&values(1), true, 0, SECOND), Due::Moved);
}

#[test]
fn sixteen_pages_or_one_percent_are_not_moved_and_more_is() {
    let small = read(0, 1000, 4000, 4000, 0);
    assert_eq!(small.due(&values(1016), false, 1, SECOND), Due::No);
    assert_eq!(small.due(&values(1017), false, 1, SECOND), Due::Moved);
    assert_eq!(small.due(&values(983), false, 1, SECOND), Due::Moved);
    let large = read(0, 10_000, 40_000, 40_000, 0);
    assert_eq!(large.due(&values(10_100), false, 1, SECOND), Due::No);
    assert_eq!(large.due(&values(10_101), false, 1, SECOND), Due::Moved);
}

#[test]
fn readings_grow_old_after_10_s_and_6_times_later_where_nothing_runs() {
    let memory = read(100, 1000, 4000, 4000, 0);
    assert_eq!(memory.due(&values(1000), false, 109, SECOND), Due::No);
    assert_eq!(memory.due(&values(1000), false, 110, SECOND), Due::Old);
    assert_eq!(memory.due(&values(1000), true, 159, SECOND), Due::No);
    assert_eq!(memory.due(&values(1000), true, 160, SECOND), Due::Old);
    // 128 MiB: three times as long.
    let large = read(100, 32_768, 131_072, 131_072, 0);
    assert_eq!(large.due(&values(32_768), false, 129, SECOND), Due::No);
    assert_eq!(large.due(&values(32_768), false, 130, SECOND), Due::Old);
}

#[test]
fn estimates_follow_the_resident_set_and_end_at_zero() {
    let memory = read(0, 1000, 3000, 2000, 2000);
    let mut now = values(1010);
    memory.estimate(&mut now, 4);
    assert_eq!((now[process::PSS], now[process::PRIVATE]), (3040, 2040));
    let mut now = values(400);
    memory.estimate(&mut now, 4);
    assert_eq!((now[process::PSS], now[process::PRIVATE]), (600, 0));
    let mut now = values(1010);
    memory.estimate(&mut now, 16);
    assert_eq!(now[process::PSS], 3160);
}

#[test]
fn a_fork_makes_the_parent_due_and_the_siblings_by_their_part() {
    // 32 MiB of its own: a child that shares it halves that.
    let mut parent = read(0, 8192, 32_768, 32_768, 0);
    parent.shared_with_child();
    assert_eq!(parent.due(&values(8192), true, 1, SECOND), Due::Moved);
    // 32 MiB shared by 9: one more takes 32 MiB / 72 = 455 KiB off each, above
    // 1 % of 3640 and above 64.
    let mut worker = read(0, 8192, 3640, 0, 32_768);
    worker.shared_by(9);
    assert_eq!(worker.due(&values(8192), true, 1, SECOND), Due::Moved);
    // 1 MiB of libraries shared by 130: 1024 / (130 x 129) is nothing.
    let mut sleeper = read(0, 400, 200, 100, 1024);
    for _ in 0..50 {
        sleeper.shared_by(130);
    }
    assert_eq!(sleeper.due(&values(400), true, 1, SECOND), Due::No);
}

#[test]
fn pages_of_its_own_are_no_reason_to_read_and_pages_of_files_are() {
    let mut memory = PssEstimate::default();
    let rollup = Rollup {
        rss: 40_000,
        pss: 33_000,
        anonymous: 32_000,
        pss_anon: 32_000,
        ..Rollup::default()
    };
    let statm = |resident, shared| Statm {
        size: 50_000,
        resident,
        shared,
    };
    memory.take_reading(&mut values(10_000), &rollup, Some(statm(10_010, 2_000)), 0);
    let now = values(15_000);
    assert_eq!(memory.due(&now, false, 1, SECOND), Due::CheckStatm);
    assert_eq!(
        memory.check_statm(&now, &statm(15_000, 2_101), 4),
        Due::Moved
    );
    // 5050 pages more by the better count: 20,200 KiB.
    assert_eq!(memory.check_statm(&now, &statm(15_060, 2_100), 4), Due::No);
    assert_eq!(memory.due(&now, false, 1, SECOND), Due::No);
    let mut estimate = values(15_003);
    memory.estimate(&mut estimate, 4);
    assert_eq!(estimate[process::PSS], 33_000 + 20_200 + 12);
    // When it is old, it is read.
    assert_eq!(memory.due(&values(20_000), false, 10, SECOND), Due::Moved);
    // Pages of its own that a child shares: half of each is its.
    let shared = Rollup {
        pss_anon: 31_600,
        ..rollup
    };
    memory.take_reading(&mut values(10_000), &shared, Some(statm(10_010, 2_000)), 0);
    assert_eq!(memory.due(&now, false, 1, SECOND), Due::Moved);
}

#[test]
fn being_overdue_is_as_urgent_as_having_moved() {
    let memory = read(100, 1000, 4000, 4000, 0);
    assert_eq!(memory.due(&values(1000), false, 129, SECOND), Due::Old);
    assert_eq!(memory.due(&values(1000), false, 130, SECOND), Due::Moved);
}

/// Of 20 that share 6000 KiB, one that comes takes 15 KiB from each of the others.
#[test]
fn a_drift_however_small_is_read_where_that_is_asked_for() {
    let mut of = [
        read(1, 3000, 12_000, 6000, 6000),
        read(1, 3000, 12_000, 6000, 6000),
    ];
    let now = values(3000);
    of[0].shared_by(20);
    let due = |of: &PssEstimate| of.due(&now, false, 2, SECOND);
    assert_eq!([due(&of[0]), due(&of[1])], [Due::No, Due::No]);
    of.iter_mut().for_each(PssEstimate::read_if_drifted);
    assert_eq!([due(&of[0]), due(&of[1])], [Due::Moved, Due::No]);
    // One more that comes meanwhile.
    of[0].shared_by(21);
    assert_eq!(due(&of[0]), Due::Moved);
}
