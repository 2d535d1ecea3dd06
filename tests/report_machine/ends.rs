//! Processes that ended between samples: in the account of CPU time, in a table of their
//! own and in that of the processes with most CPU.

use super::board::{self, ended::Line, header};
use super::{golden, shown, style};
use edgebench_lite::log::fields::{cpu, recorder};
use edgebench_lite::log::model::Machine;

/// In each of the 75 intervals.
const ENDS: [Line; 4] = [
    ("iptables", "k3s-server", 4, 0, 40_000, 3072),
    ("sh", "k3s-server", 1, 1, 10_000, 1024),
    ("kworker/0:1", "kthreadd", 1, 0, 2500, 0),
    ("kworker/1:2", "kthreadd", 1, 0, 2500, 0),
];

/// The kernel tells of ends but for three; messages of 480 KiB about them waited at most.
fn told(tick: u64, machine: &mut Machine) {
    let group = machine.group_mut(recorder::ID);
    group[recorder::EXITS] = 1;
    group[recorder::EXITS_LOST] = if tick > 70 { 3 } else { 0 };
    group[recorder::EXITS_KIB] = if tick == 30 { 480 } else { tick.min(12) };
}

fn log() -> Vec<u8> {
    board::ending(&header(), &[b"k3s-server", b"sh"], &ENDS, told)
}

/// The row of a table with this label: its cells.
fn cells(text: &str, title: &str, label: &str) -> Vec<String> {
    let lines = text.lines().skip_while(|line| !line.starts_with(title));
    let mut rows = lines.take_while(|line| !line.is_empty());
    let row = rows.find_map(|line| line.trim_start().strip_prefix(&format!("{label}  ")));
    let row = row.unwrap_or_else(|| panic!("no {label} in {text}"));
    row.split_whitespace().map(str::to_owned).collect()
}

/// The shell: 20 of 75 intervals with 101 %, the others with 1 %, of which 1 % are those
/// that ended. Nothing else of iptables and the kernel's workers was ever sampled.
#[test]
fn rows_count_what_ended_and_say_how_much() {
    let text = shown(&log(), style(120, false));
    let top = "Top 10 processes by CPU";
    for (label, row) in [
        ("sh", "1 1.00 27.67 101.00 100 1.00"),
        ("iptables", "0 4.00 4.00 4.00 0 4.00"),
        ("[kworker]", "0 0.50 0.50 0.50 0 0.50"),
    ] {
        assert_eq!(cells(&text, top, label)[..6].join(" "), row, "{label}");
    }
    let by_name = "Processes that ended";
    for (label, row) in [
        ("iptables", "k3s-server 300 0 3.00 9.7 3.0"),
        ("sh", "k3s-server 75 75 0.75 2.4 1.0"),
        ("[kworker]", "kthreadd 150 0 0.38 1.2 0.0"),
    ] {
        assert_eq!(cells(&text, by_name, label).join(" "), row, "{label}");
    }
}

/// Of a short run on an idle board, whose clock ticks met nobody.
#[test]
fn there_is_no_share_of_no_time() {
    let idle = |tick: u64, machine: &mut Machine| {
        told(tick, machine);
        for core in 0..4 {
            machine.core_mut(core).unwrap()[..cpu::COUNT].fill(0);
        }
        machine.group_mut(cpu::ID)[..cpu::COUNT].fill(0);
        machine.group_mut(cpu::ID)[cpu::IDLE] = 400 * tick;
    };
    let log = board::ending(&header(), &[b"k3s-server", b"sh"], &ENDS, idle);
    let text = shown(&log, style(120, false));
    let row = cells(&text, "Processes that ended", "iptables").join(" ");
    assert_eq!(row, "k3s-server 300 0 3.00 - 3.0");
}

#[test]
fn the_report_of_ends() {
    let log = log();
    let text = shown(&log, style(80, false));
    golden::are_kept(
        "tests/report_machine/golden",
        "GOLDEN",
        [("80-ends.txt", text)],
    );
}
