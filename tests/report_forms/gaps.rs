//! What is drawn of a process that never changes, where samples are missing: 100 MiB, and
//! half of one of four cores.

use crate::{board, report, written};
use edgebench_lite::log::fields::{board as of_board, clock, cpu, memory, process};
use edgebench_lite::log::model::{comm, Machine, Process};
use edgebench_lite::log::record::{Header, Record};
use edgebench_lite::log::{Encoder, Instant};
use edgebench_lite::render::{report as text, Medium, Report, Style};

/// What becomes of a sample.
#[derive(PartialEq)]
enum Fate {
    Written,
    Lost,
    /// The board sleeps.
    Asleep,
}

/// So many ticks, with the fate of each, and what else the machine does.
fn steady(ticks: u64, fate: fn(u64) -> Fate, also: fn(u64, &mut Machine)) -> Report {
    let header: Header<&str> = board::header();
    let mut encoder = Encoder::new(header.run, 4096, 1);
    let mut log = encoder.record(&Record::Header(header)).unwrap().to_vec();
    let mut values = [0; process::COUNT];
    values[process::FLAGS] = process::flag::HAS_PSS;
    values[process::PSS] = 100 << 10;
    let mut process = Process {
        pid: 20,
        starttime: 1,
        comm: comm(b"steady"),
        values,
    };
    let mut machine = Machine::default();
    let (mut awake, mut slept) = (0, 0);
    for tick in 0..ticks {
        if fate(tick) == Fate::Asleep {
            slept += 1;
            continue;
        }
        awake += 1;
        process.values[process::UTIME] = 50 * awake;
        machine.group_mut(clock::ID)[clock::SUSPENDED_MS] = 1000 * slept;
        let times = machine.group_mut(cpu::ID);
        (times[cpu::USER], times[cpu::IDLE]) = (50 * awake, 350 * awake);
        let of_memory = machine.group_mut(memory::ID);
        of_memory[memory::MEM_TOTAL] = 1_024_000;
        of_memory[memory::MEM_AVAILABLE] = 700 << 10;
        also(tick, &mut machine);
        let (all_read, late_us) = (true, 0);
        let at = Instant {
            tick,
            late_us,
            all_read,
        };
        let mut frames = Vec::new();
        let slots = [Some(process.clone())];
        encoder.sample(at, &machine, &slots, |frame| {
            frames.extend_from_slice(frame)
        });
        match fate(tick) {
            Fate::Lost => encoder.resync(),
            _ => log.extend(frames),
        }
    }
    report(&[log])
}

/// Its value in the first and in the last tenth, and the height at which all of it is
/// drawn: of 270 units from 286 up, those that 100 of 300 MiB, as the machine has them, and
/// 12.5 of 15 % take: 90 and 225.
fn assert_steady(report: &Report) {
    let svg = written(report, "svg");
    for told in [
        ">100.0 \u{2192} 100.0 steady</text>",
        ">12.50 \u{2192} 12.50 steady</text>",
        ">300.0</text>",
        ">15.00</text>",
    ] {
        assert!(svg.contains(told), "{told}\n{svg}");
    }
    let areas = svg.split("class=\"s p0\" d=\"").skip(1);
    for (area, top) in areas.zip(["61", "196"]) {
        let area = area.split('"').next().unwrap();
        for part in area.split('M').skip(1) {
            let (_, heights) = part.split_once(' ').unwrap();
            assert!(heights.starts_with(&format!("{top}H")), "{area}");
            let falls = heights.split('V').skip(1);
            assert!({ falls }.all(|fall| fall.starts_with("286H")), "{area}");
        }
    }
    assert!(!written(report, "html").contains("Grew most"));
}

/// In the last tenth of 1000 ticks 85 are lost, of which some share a column with others.
#[test]
fn lost_samples_are_in_no_mean() {
    let fate = |tick| match tick {
        905..=989 => Fate::Lost,
        _ => Fate::Written,
    };
    assert_steady(&steady(1000, fate, |_, _| {}));
}

/// The same in the first tenth: of 100 ticks it sleeps for 80.
#[test]
fn sleep_is_in_no_mean() {
    let fate = |tick| match tick {
        11..=90 => Fate::Asleep,
        _ => Fate::Written,
    };
    assert_steady(&steady(1000, fate, |_, _| {}));
}

/// Of ten ticks the first has no interval, and the last is behind lost ones.
#[test]
fn a_tenth_of_which_nothing_is_known_is_not_0() {
    let fate = |tick| match tick {
        7 | 8 => Fate::Lost,
        _ => Fate::Written,
    };
    assert_steady(&steady(10, fate, |_, _| {}));
}

/// As a container may show it, more memory is available than there is. The processes, and
/// the firmware's readings, are known nevertheless.
#[test]
fn what_is_sampled_is_drawn_where_the_memory_in_use_is_not_known() {
    let report = steady(
        60,
        |_| Fate::Written,
        |tick, machine| {
            machine.group_mut(memory::ID)[memory::MEM_AVAILABLE] = 2_000_000;
            let bits = match tick {
                20..=39 => of_board::throttled::THROTTLED,
                _ => 0,
            };
            machine.group_mut(of_board::ID)[of_board::THROTTLED] = bits;
        },
    );
    let svg = written(&report, "svg");
    assert!(
        svg.contains(">throttled</text><path class=\"a t\""),
        "{svg}"
    );
    let mut out = Vec::new();
    text::write(&mut out, &report, Medium::Text(Style::PLAIN)).unwrap();
    let out = String::from_utf8(out).unwrap();
    let rows: Vec<&str> = out
        .lines()
        .filter(|line| line.starts_with("  steady "))
        .collect();
    assert_eq!(rows.len(), 2, "{out}");
    assert!(rows.iter().all(|row| row.ends_with("#####")), "{rows:#?}");
}

/// A series has 21 columns of four ticks, of which the eleventh, 40 to 43, lies in the sleep.
/// Of the 32 of the picture, each two units wide, only the seventeenth shows it alone.
#[test]
fn a_small_picture_has_nothing_where_nothing_was_sampled() {
    let page = written(&report(&[board::log(&board::header(), |_, _| {})]), "html");
    let (_, row) = page
        .split_once("<th scope=\"row\">k3s-server</th>")
        .unwrap();
    let (_, line) = row.split_once(" d=\"").unwrap();
    assert!(line.starts_with("M0 21V20H0V2H32V21H34V2H64V21z"), "{line}");
}
