//! What the recorder took.

use super::*;
use crate::series::cost::{Cost, CpuCost};

fn footer(samples: u64, cpu_us: u64) -> Footer {
    Footer {
        end: End::Duration,
        samples,
        missed: 0,
        latest_us: 0,
        unreadable: 0,
        left_out: 0,
        cpu_us,
        written_bytes: 5000,
    }
}

impl Script {
    /// The recorder's own account.
    fn account(&mut self, cpu_us: u64, pss_kib: u64, descriptors: u64, written_bytes: u64) {
        self.machine(recorder::ID, recorder::CPU_US, cpu_us);
        self.machine(recorder::ID, recorder::PSS_KIB, pss_kib);
        self.machine(recorder::ID, recorder::KEPT_DESCRIPTORS, descriptors);
        self.machine(recorder::ID, recorder::WRITTEN_BYTES, written_bytes);
    }

    fn ends(&mut self, samples: u64, cpu_us: u64) {
        self.record(&Record::Footer(RUN, footer(samples, cpu_us)));
    }

    fn cost(&self) -> Cost {
        self.run().quality.cost
    }
}

fn cpu(used_us: u64, over_us: u64) -> Option<CpuCost> {
    Some(CpuCost { used_us, over_us })
}

/// 1.29 s of CPU before the first sample, then 26 ms a second: 2.6 %.
#[test]
fn what_was_used_before_the_first_sample_does_not_count() {
    let mut script = Script::new(PssMode::Exact);
    script.account(1_290_000, 9000, 0, 0);
    script.sample(0);
    script.machine(recorder::ID, recorder::EXITS_KIB, 30);
    script.account(1_316_000, 700, 12, 3000);
    script.sample(1);
    script.machine(recorder::ID, recorder::EXITS_KIB, 20);
    script.account(1_342_000, 650, 11, 4000);
    script.sample(2);
    script.sample(3);
    // Cut off here, it is known up to the last account.
    let cut_off = Cost {
        cpu: cpu(52_000, 2_000_000),
        pss_kib: Some(700),
        descriptors: Some(12),
        exits_kib: Some(30),
        written_bytes: Some(4000),
    };
    assert_eq!(script.cost(), cut_off);
    script.ends(4, 1_368_000);
    let whole = script.cost();
    assert_eq!(whole.cpu, cpu(78_000, 3_000_000));
    assert_eq!(whole.cpu.unwrap().of_one_core(), 2_600.0);
    assert_eq!((whole.pss_kib, whole.descriptors), (Some(700), Some(12)));
    assert_eq!(whole.written_bytes, Some(5000));
}

#[test]
fn of_one_sample_alone_nothing_but_its_size_is_known() {
    let mut script = Script::new(PssMode::Exact);
    script.account(40_000, 9000, 3, 200);
    script.sample(0);
    let size = |written| Cost {
        written_bytes: Some(written),
        ..Cost::default()
    };
    assert_eq!(script.cost(), size(200));
    script.ends(1, 50_000);
    assert_eq!(script.cost(), size(5000));
}

/// The account in a keyframe may be ten seconds old: only a change tells its time.
#[test]
fn where_the_start_was_overwritten_the_time_that_is_left_counts() {
    let mut script = Script::new(PssMode::Exact);
    script.account(500_000, 700, 30, 1000);
    script.sample(100);
    script.sample(106);
    script.account(600_000, 710, 31, 2000);
    script.sample(107);
    assert_eq!(script.cost().cpu, None);
    script.account(700_000, 720, 32, 3000);
    script.sample(117);
    assert_eq!(script.cost().cpu, cpu(100_000, 10_000_000));
    script.sample(120);
    script.ends(121, 730_000);
    let cost = script.cost();
    assert_eq!(cost.cpu, cpu(130_000, 13_000_000));
    assert_eq!((cost.pss_kib, cost.descriptors), (Some(720), Some(32)));
}

#[test]
fn an_account_of_samples_that_are_lost_is_not_used() {
    let mut script = Script::new(PssMode::Exact);
    script.account(10_000, 700, 1, 0);
    script.sample(0);
    script.account(20_000, 700, 1, 0);
    script.sample(1);
    // The footer tells of ten samples.
    script.ends(10, 500_000);
    assert_eq!(script.cost().cpu, cpu(10_000, 1_000_000));
}

#[test]
fn the_board_does_not_sleep_at_the_recorders_cost() {
    let mut script = Script::new(PssMode::Exact);
    script.account(0, 700, 1, 0);
    script.sample(0);
    script.machine(clock::ID, clock::SUSPENDED_MS, 60_000);
    script.account(50_000, 700, 1, 0);
    script.sample(70);
    assert_eq!(script.cost().cpu, cpu(50_000, 10_000_000));
}
