//! What a report says of the whole machine: its parts, the charts, the warnings.
//!
//! `golden/` has the report of one run at two widths, in two character sets. To write
//! these anew: `GOLDEN=1 cargo test --test report_machine`; then look at the diff.

mod board;
mod ends;
#[path = "../support/golden.rs"]
mod golden;

use board::{header, log};
use edgebench_lite::log::fields::{
    board as board_fields, core, cpu, device, kernel, memory, pressure, recorder, storage, vmstat,
    NOT_OBSERVABLE,
};
use edgebench_lite::log::model::Machine;
use edgebench_lite::log::record::{Header, PssMode};
use edgebench_lite::render::{report, Medium, Report, Style};
use edgebench_lite::series::{summarise, By, Memory, Options, Run};
use std::process::Command;

const OPTIONS: Options = Options {
    top: 10,
    by: By::Name,
    memory: Memory::Pss,
};

fn runs(log: &[u8]) -> Vec<Run> {
    summarise(&mut || Ok(log), &OPTIONS, false).unwrap()
}

fn shown(log: &[u8], style: Style) -> String {
    let mut out = Vec::new();
    report::write(
        &mut out,
        &Report::new(runs(log), OPTIONS),
        Medium::Text(style),
    )
    .unwrap();
    String::from_utf8(out).unwrap()
}

fn style(width: usize, unicode: bool) -> Style {
    Style {
        width,
        unicode,
        charts: true,
    }
}

/// The report of the run as it is altered, in lines, without charts.
fn altered(header: &Header<&str>, alter: impl Fn(u64, &mut Machine)) -> Vec<String> {
    let bare = Style {
        width: 1000,
        charts: false,
        ..Style::PLAIN
    };
    let text = shown(&log(header, alter), bare);
    text.lines().map(str::to_owned).collect()
}

/// The line with this label.
fn part<'a>(lines: &'a [String], label: &str) -> Option<&'a str> {
    let lines = lines
        .iter()
        .skip_while(|line| *line != "Parts of the machine");
    let mut lines = lines.take_while(|line| !line.is_empty());
    lines.find_map(|line| {
        let (name, text) = (line.get(2..14)?, line.get(14..)?);
        (name.trim_end() == label).then_some(text)
    })
}

fn has(lines: &[String], begin: &str) -> bool {
    lines.iter().any(|line| line.starts_with(begin))
}

#[test]
fn the_whole_report() {
    let log = log(&header(), |_, _| {});
    let styles = [
        ("80-ascii.txt", style(80, false)),
        ("80-utf8.txt", style(80, true)),
        ("120-ascii.txt", style(120, false)),
        ("120-utf8.txt", style(120, true)),
    ];
    let texts = styles.map(|(name, style)| {
        let text = shown(&log, style);
        assert!(style.unicode || text.is_ascii(), "{name}");
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(style.width), "{name}: {widest:?}");
        (name, text)
    });
    golden::are_kept("tests/report_machine/golden", "GOLDEN", texts);
}

/// 10 KiB less at the end.
#[test]
fn a_disk_has_not_grown_by_minus_nothing() {
    let lines = altered(&header(), |tick, machine| {
        let used = 2_048_000 - if tick == 80 { 10 } else { 0 };
        machine.group_mut(storage::ID)[storage::ROOT_USED_KIB] = used;
    });
    let text = part(&lines, "disk of /").unwrap();
    assert!(text.contains(" used, +0.0 MiB over the run"), "{text}");
}

/// The processes used 2640 ticks, and the machine one less in 75 intervals.
#[test]
fn nothing_is_no_share_below_0() {
    let lines = altered(&header(), |tick, machine| {
        let interval = if tick < 40 { tick } else { tick - 5 };
        let busy = 2639 * interval / 75;
        let times = machine.group_mut(cpu::ID);
        (times[cpu::USER], times[cpu::IDLE]) = (busy, 400 * interval - busy);
    });
    let words = |line: &String| {
        line.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let mut lines = lines.iter().map(words);
    assert!(lines.any(|line| line == ["unattributed", "-0.01", "0.0"]));
}

/// By hand, from what `board.rs` says: 40 samples at 48.3 degrees and 36 at 55; the
/// same of 600 and 1400 MHz. The board is read at ticks 0, 10, 20, 30, 45, 50, 60, 70 and
/// 80, and at 75, where it says something else. 70 of 80 s times 86,400 s: 73,400,320 bytes x 1080.
/// The interface: one MiB and, anew, two; of its drops the eighteenth.
#[test]
fn figures_by_hand() {
    let lines = altered(&header(), |_, _| {});
    for (label, text) in [
        (
            "cores",
            "median 20.0 10.0 10.0 0.0 %; max 100.0 10.0 10.0 0.0 %",
        ),
        (
            "memory",
            "2.0 MiB reclaimed (1.0 MiB by memory cgroup limits), nothing swapped in and 4.0 MiB \
             out, 7 major faults, 1 OOM kill",
        ),
        ("temperature", "48.3 to 55.0 C, median 48.3"),
        (
            "throttling",
            "under-voltage in 1 of 10 readings; throttled in 1 of 10 readings",
        ),
        (
            "disk of /",
            "2007.0 of 29296.9 MiB used, +7.0 MiB over the run (on mmcblk0); the log is there too",
        ),
    ] {
        assert_eq!(part(&lines, label), Some(text));
    }
    let requested = part(&lines, "requested").unwrap();
    assert!(requested.starts_with("600 to 1400 MHz, median 600;"));
    for row in [
        // 75 x 0.1 s, 4 s and 2 s of 75 s; the worst 10 s hold 1, 4 and 2 of them.
        "  CPU              10.00       10.00          -           -",
        "  memory            0.00        0.00       0.00        0.00",
        "  I/O               5.33       40.00       2.67       20.00",
        "  mmcblk0                      1.0         70.0   79.27      7.0        7.93",
        "  eth0    3.00    0.00     0/80     0/2    1/0",
    ] {
        assert!(lines.iter().any(|line| line == row), "{row}");
    }
}

/// The curve has a mean for each of 76 ticks: thirds of 25, ticks 0 to 24 and 56 to
/// 80, whose medians are at 12 and 68, on one line.
#[test]
fn warnings_by_hand() {
    let lines = altered(&header(), |_, _| {});
    let remarks = lines
        .iter()
        .skip_while(|line| !line.starts_with("invalid: "))
        .take_while(|line| !line.is_empty());
    let remarks: Vec<_> = remarks.map(String::as_str).collect();
    assert_eq!(
        remarks,
        [
            "invalid: The firmware slowed the board down in 1 of 10 readings: under-voltage, \
             throttled. The run is no valid measurement of speed: improve the power supply or the \
             cooling.",
            "caution: Memory had not settled: median 312.0 MiB in the first third of the run, \
             368.0 MiB in the last, with a variation of 0.0 MiB around the trend of each \
             (interquartile range). Wait before recording, or record longer.",
            "caution: Swap was in use: up to 4.0 of 100.0 MiB; nothing in and 4.0 MiB out during \
             the run. Memory in use is therefore less than the software needs: compare with runs \
             that swapped as much.",
            "caution: Out of memory: the kernel killed 1 process.",
            "caution: The log is on the SD card or eMMC under test (mmcblk0): 7.0 MiB of 70.0 MiB \
             written to it are the log (10 %). Record to tmpfs (--output /run/...) or to a USB \
             stick.",
            "caution: Linux 6.6.20+rpt-rpi-v8 may report too little PSS for a process that maps \
             memory while it is read, unless the distribution has backported the fix (commit \
             6d065f507d82; in 6.6.34, 6.9.5 and 6.10).",
            "caution: 1 % of the PSS figures are stale: when they were due, the recorder's budget \
             was used up (--pss-budget).",
            "caution: 5 of 81 deadlines passed without a sample: the machine was too busy, \
             the log's disk did not answer, or the recorder was frozen (cgroup freezer).",
            "caution: The board was suspended 1 time, for 5 s in all, which no interval includes.",
            "note: Memory cgroups are off, but k3s needs them: boot with cgroup_memory=1 \
             cgroup_enable=memory on the kernel command line.",
            "note: The start time may be wrong: the kernel's clock was not synchronised.",
        ]
    );
}

#[test]
fn what_the_kernel_does_not_show_is_not_zero() {
    let blind = |_: u64, machine: &mut Machine| {
        machine.group_mut(pressure::ID)[..pressure::COUNT].fill(NOT_OBSERVABLE);
        machine.group_mut(vmstat::ID)[..vmstat::COUNT].fill(NOT_OBSERVABLE);
        let group = machine.group_mut(board_fields::ID);
        group[..board_fields::COUNT].fill(NOT_OBSERVABLE);
        group[board_fields::PSI] = board_fields::feature::ABSENT;
        machine.group_mut(storage::ID)[..storage::COUNT].fill(NOT_OBSERVABLE);
        machine.group_mut(kernel::ID)[..kernel::COUNT].fill(NOT_OBSERVABLE);
        for core in 0..4 {
            machine.core_mut(core).unwrap()[core::REQUESTED_KHZ] = NOT_OBSERVABLE;
        }
    };
    let lines = altered(&header(), blind);
    let pressure = "not observable: PSI is off; boot with psi=1";
    assert_eq!(part(&lines, "pressure"), Some(pressure));
    let unseen = "temperature, requested frequency, throttling: not observable here";
    assert_eq!(part(&lines, "not shown"), Some(unseen));
    assert!(has(&lines, "note: PSI is off: "));
    for absent in ["memory", "load", "disk of /", "temperature", "throttling"] {
        assert_eq!(part(&lines, absent), None, "{absent}");
    }
    assert!(!has(&lines, "Pressure (PSI)"));
    assert!(!has(&lines, "note: Memory cgroups"));
    assert!(!has(&lines, "caution: The log lies"));
}

#[test]
fn what_did_not_happen_takes_a_line() {
    let quiet = |_: u64, machine: &mut Machine| {
        machine.group_mut(pressure::ID).fill(0);
        machine.group_mut(vmstat::ID).fill(7);
        machine.group_mut(memory::ID)[memory::SWAP_FREE] = 102_400;
        machine.group_mut(board_fields::ID)[board_fields::THROTTLED] = 0x8_0000;
        for id in 0..2 {
            let values = machine.device_mut(id).unwrap();
            *values = [9; device::COUNT];
        }
        *machine.device_mut(2).unwrap() = [0; device::COUNT];
    };
    let lines = altered(&header(), quiet);
    for (label, text) in [
        ("pressure", "none: no task waited for CPU, memory or I/O"),
        (
            "memory",
            "nothing reclaimed, no swapping, 0 major faults, no OOM kill",
        ),
        ("throttling", "none; before the run: soft temperature limit"),
        ("disks", "nothing read or written (2 disks)"),
        ("network", "nothing received or sent (1 interface)"),
    ] {
        assert_eq!(part(&lines, label), Some(text));
    }
    let before = "note: Before this run, but since boot, the firmware slowed the board down: soft";
    assert!(has(&lines, before));
    for none in ["caution: Swap", "caution: The firmware", "Disks", "Network"] {
        assert!(!has(&lines, none), "{none}");
    }
}

#[test]
fn a_log_elsewhere_is_not_warned_of() {
    for (field, value) in [
        (storage::LOG_IN_MEMORY, 1),
        (storage::LOG_DISK, 2),
        (storage::LOG_DISK, NOT_OBSERVABLE),
    ] {
        let elsewhere = |_: u64, machine: &mut Machine| {
            let group = machine.group_mut(storage::ID);
            group[storage::LOG_ON_ROOT] = 0;
            group[field] = value;
        };
        let lines = altered(&header(), elsewhere);
        assert!(!has(&lines, "caution: The log lies"), "{field}");
        assert!(part(&lines, "disk of log").is_some(), "{field}");
    }
}

/// A device that gets a number late, because there was none for it before, has done
/// something before the run.
#[test]
fn what_was_left_out_before_is_not_counted_as_done_at_once() {
    let full = |_: u64, machine: &mut Machine| {
        machine.group_mut(recorder::ID)[recorder::DEVICES_LEFT_OUT] = 3;
    };
    let lines = altered(&header(), full);
    assert!(!lines.iter().any(|line| line.contains("sda")));
    assert!(has(
        &lines,
        "note: Up to 3 devices at a time were not recorded"
    ));
    let lines = altered(&header(), |_, _| {});
    assert!(lines.iter().any(|line| line.contains("sda")));
}

#[test]
fn hostile_names_stay_in_their_cell() {
    for unicode in [false, true] {
        let text = shown(&log(&header(), |_, _| {}), style(80, unicode));
        assert!(text.contains("\n  \\x1b[2Jsda\\xf.. (gone)  "), "{text}");
        assert!(!text.contains('\x1b') && !text.contains("\nname: all"));
    }
}

#[test]
fn many_cores_are_told_as_a_range() {
    let many = |tick: u64, machine: &mut Machine| {
        for at in 4..20 {
            let values = machine.core_mut(at).unwrap();
            values[core::ONLINE] = u64::from(at != 7);
            values[0] = 50 * tick;
            values[3] = 50 * tick;
        }
    };
    let lines = altered(&header(), many);
    assert_eq!(
        part(&lines, "cores"),
        Some("20: medians 0.0 to 50.0 %; maxima 0.0 to 100.0 %; core 7 offline at times")
    );
}

/// Column n of 66 shows the ticks from 81 n / 66 on, rounded down: 30, where the spike
/// is, column 25; 40 to 44, where the gap is, columns 33 to 36. No interval ends at
/// tick 0. The spike's column begins above the lowest row, which the one before it
/// has.
#[test]
fn a_chart_keeps_the_spike_and_the_gap() {
    let text = shown(&log(&header(), |_, _| {}), style(80, false));
    let chart = text
        .lines()
        .skip_while(|line| *line != "CPU over time, % of all cores");
    let chart: Vec<_> = chart.skip(1).take(8).collect();
    assert_eq!(chart[0].find('#'), Some(14 + 25));
    assert!(chart[0].starts_with("   max 30.00 |"));
    let bottom = chart[5].get(14..).unwrap();
    let gaps: Vec<_> = bottom.match_indices(' ').map(|(at, _)| at).collect();
    assert_eq!(gaps, [0, 25, 33, 34, 35, 36], "{bottom}");
    assert!(chart[5].starts_with("   min 10.00 |"));
    assert_eq!(
        chart[7].split_whitespace().collect::<Vec<_>>().join(" "),
        "0 s 40 s 1 min 20 s"
    );
}

/// Of six rows from 0 at the bottom, 2.5 is the middle, rounded up.
#[test]
fn a_chart_of_what_does_not_move_is_a_line_in_the_middle() {
    let still = |_, machine: &mut Machine| {
        machine.group_mut(memory::ID)[memory::MEM_AVAILABLE] = 800_000;
    };
    let text = shown(&log(&header(), still), style(80, false));
    let mut lines = text.lines();
    let title = lines.find(|line| line.starts_with("Memory") && line.contains("over time"));
    assert!(title.is_some(), "{text}");
    let rows: Vec<&str> = lines.take(6).collect();
    let drawn = rows.iter().map(|row| row[14..].contains('#'));
    let drawn: Vec<bool> = drawn.collect();
    assert_eq!(
        drawn,
        [false, false, true, false, false, false],
        "{rows:#?}"
    );
}

#[test]
fn no_charts_where_none_are_wanted_or_the_run_is_too_short() {
    let lines = altered(&header(), |_, _| {});
    assert!(
        !has(&lines, "CPU over time") && !lines.iter().any(|line| line.contains("over time  "))
    );
    let log = log(&header(), |_, _| {});
    let short = log.len() / 12;
    let text = shown(&log[..short], style(80, true));
    assert!(text.contains("The run is short") && !text.contains("over time"));
}

/// The shipped binary goes by the environment where it writes to no terminal.
#[test]
fn the_environment_says_how_wide_and_in_which_characters() {
    let path = std::env::temp_dir().join(format!("report-machine-{}.ebl", std::process::id()));
    // No profile is called so: a product has a row of its own.
    let header = Header {
        product: "mine",
        ..header()
    };
    std::fs::write(&path, log(&header, |_, _| {})).unwrap();
    let report = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_edgebench-lite"));
        for name in ["LC_ALL", "LC_CTYPE", "LANG", "COLUMNS"] {
            command.env_remove(name);
        }
        command.envs(variables.iter().copied());
        let output = command.arg("report").args(arguments).arg(&path).output();
        let output = output.unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        // The screen of the run follows.
        let (whole, _) = text.rsplit_once("\nproduct ").unwrap();
        whole.to_owned()
    };
    let log = log(&header, |_, _| {});
    assert_eq!(report(&[], &[]), shown(&log, Style::PLAIN));
    let wide = [("COLUMNS", "120"), ("LANG", "de_DE.UTF-8")];
    assert_eq!(report(&wide, &[]), shown(&log, style(120, true)));
    let bare = Style {
        charts: false,
        ..style(120, true)
    };
    assert_eq!(report(&wide, &["--no-charts"]), shown(&log, bare));
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn rss_needs_no_word_on_smaps_rollup() {
    let mut header = header();
    header.pss = PssMode::Off;
    assert!(!has(&altered(&header, |_, _| {}), "caution: Linux"));
}

#[test]
fn a_mended_kernel_needs_no_word_and_a_hostile_one_gets_no_line() {
    let mut header = header();
    header.release = "6.6.34+rpt-rpi-v8";
    assert!(!has(&altered(&header, |_, _| {}), "caution: Linux"));
    header.release = "6.1.0\nnote: \x1b[2J";
    let lines = altered(&header, |_, _| {});
    let begin = "caution: Linux 6.1.0\\nnote: \\x1b[2J may report too little PSS";
    assert!(has(&lines, begin));
}
