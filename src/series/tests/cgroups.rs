//! Rows that are units, slices, containers or pods.

use super::*;
use crate::attribution::CgroupKind;
use crate::log::fields::process::flag;
use crate::log::record::Identity;

const EDGE: &[u8] = b"/system.slice/edge-core.service";
const SSH: &[u8] = b"/system.slice/ssh.service";

impl Script {
    fn is_in(&mut self, pid: u32, starttime: u64, cgroup: &[u8]) {
        let identity: Identity<&[u8]> = Identity {
            pid,
            starttime,
            cut: false,
            cmdline: b"",
            cgroup,
        };
        self.record(&Record::Identity(RUN, identity));
    }

    fn by(&self, by: CgroupKind) -> Run {
        self.runs(By::Cgroup(by), Memory::Pss).remove(0)
    }
}

/// Two processes of a unit, one of another, one whose identity the log lacks, and
/// two kernel threads.
fn board() -> Script {
    let mut script = Script::new(PssMode::Exact);
    script.is_in(10, 1, EDGE);
    script.is_in(11, 2, EDGE);
    script.is_in(12, 3, SSH);
    for (slot, pid, pss) in [(0, 10, 100), (1, 11, 30), (2, 12, 50), (3, 13, 7)] {
        script.born(slot, pid, pid as u64 - 9, b"x");
        script.pss(slot, pss);
    }
    for slot in [4, 5] {
        script.born(slot, 2 + slot as u32, 1, b"kworker/0:1");
        script.set(slot, process::FLAGS, flag::KERNEL_THREAD);
    }
    script.sample(0);
    script
}

#[test]
fn each_process_is_in_one_row() {
    let mut script = board();
    for slot in 0..6 {
        script.set(slot, process::UTIME, 1 + slot as u64);
    }
    script.pss(1, 50);
    script.sample(1);
    let run = script.by(CgroupKind::Unit);
    let edge = row(&run.by_memory, b"edge-core.service");
    assert_eq!((edge.processes, edge.seen), (2, 2));
    // 100 + 30, 100 + 50
    assert_eq!(five(&edge.figures)[..3], [150.0, 130.0, 140.0]);
    assert_eq!(figures(&run.by_memory, b"ssh.service").median, 50.0);
    let lost = row(&run.by_memory, b"(cgroup not in the log)");
    assert_eq!((lost.processes, lost.figures.median), (1, 7.0));
    // Of 1 + 2, 3, 4 and 5 + 6 hundredths in a second.
    for (name, milli) in [
        (&b"edge-core.service"[..], 3_000.0),
        (b"ssh.service", 3_000.0),
        (b"(cgroup not in the log)", 4_000.0),
        (b"kernel threads", 11_000.0),
    ] {
        assert_eq!(figures(&run.by_cpu, name).median, milli);
    }
    assert!(!row(&run.by_cpu, b"kernel threads").kernel_thread);
    let slices = script.by(CgroupKind::Slice);
    assert_eq!(
        five(figures(&slices.by_memory, b"system.slice"))[..2],
        [200.0, 180.0]
    );
}

/// systemd forks, and only then moves what it forked to its unit.
#[test]
fn who_moves_takes_what_it_has_along_and_leaves_what_was() {
    let mut script = board();
    script.set(1, process::UTIME, 5);
    script.is_in(11, 2, SSH);
    script.sample(1);
    script.set(1, process::UTIME, 7);
    script.is_in(11, 2, SSH);
    script.sample(2);
    let run = script.by(CgroupKind::Unit);
    // 130, 100, 100
    let edge = row(&run.by_memory, b"edge-core.service");
    assert_eq!(five(&edge.figures)[..3], [130.0, 100.0, 110.0]);
    // 50, 80, 80
    let ssh = row(&run.by_memory, b"ssh.service");
    assert_eq!(five(&ssh.figures)[..3], [80.0, 50.0, 70.0]);
    // 5 and 2 hundredths of a second: what ran last belongs to where it is now.
    assert_eq!(figures(&run.by_cpu, b"ssh.service").mean, 3_500.0);
    assert!(run
        .by_cpu
        .iter()
        .all(|row| row.name != b"edge-core.service"));
}

/// Two managers may each have a unit of one name.
#[test]
fn units_of_one_name_are_two_rows() {
    let mut script = Script::new(PssMode::Exact);
    for (slot, cgroup) in [&b"/a.slice/x.service"[..], b"/b.slice/x.service"]
        .iter()
        .enumerate()
    {
        script.is_in(10 + slot as u32, 1, cgroup);
        script.born(slot, 10 + slot as u32, 1, b"x");
        script.pss(slot, 10);
    }
    script.sample(0);
    let run = script.by(CgroupKind::Unit);
    let names: Vec<_> = run.by_memory.iter().map(|row| &row.name[..]).collect();
    assert_eq!(names, [b"x.service", b"x.service"]);
}
