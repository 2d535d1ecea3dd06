//! Temperatures and clocks as drivers of all kinds tell them, and cores that are not
//! there.

use crate::tree::{Recording, Tree};
use edgebench_lite::log::fields::board::{self, KHZ_DROPPED, TEMP_DROPPED, TEMP_MC};
use edgebench_lite::log::fields::{core, NOT_OBSERVABLE};
use edgebench_lite::log::record::PssMode;
use std::fs;

fn zone(tree: &Tree, number: u32, kind: &str, temp: &str) {
    let dir = format!("sys/class/thermal/thermal_zone{number}");
    tree.write(&format!("{dir}/type"), format!("{kind}\n"));
    tree.write(&format!("{dir}/temp"), format!("{temp}\n"));
}

fn temperature(tree: &Tree) -> Option<i64> {
    let seen = Recording::of(tree, PssMode::Exact).next();
    seen.value(board::ID, TEMP_MC).map(|milli| milli as i64)
}

#[test]
fn the_processors_zone_by_its_type() {
    for (zones, expected) in [
        // A Jetson Nano's.
        (
            &["AO-therm", "CPU-therm", "GPU-therm", "PMIC-Die"][..],
            1000,
        ),
        (&["gpu-thermal", "ddr", "SOC_thermal", "battery"], 2000),
        (&["acpitz", "iwlwifi_1", "x86_pkg_temp"], 2000),
        (&["battery", "mtktscpu"], 1000),
        (&["acpitz", "battery"], 0),
        // The tenth comes after the second.
        (
            &[
                "a",
                "b",
                "cpu-big",
                "c",
                "d",
                "e",
                "f",
                "g",
                "h",
                "i",
                "cpu-little",
            ],
            2000,
        ),
    ] {
        let tree = Tree::new();
        for (number, kind) in (0..).zip(zones) {
            zone(&tree, number, kind, &format!("{}", 20_000 + 1000 * number));
        }
        assert_eq!(temperature(&tree), Some(20_000 + expected), "{zones:?}");
    }
}

#[test]
fn a_zone_that_cannot_be_read_gives_way() {
    let tree = Tree::new();
    zone(&tree, 1, "soc0-thermal", "51000");
    tree.write("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n");
    // It opens, and cannot be read, as where a driver says EAGAIN or ENODATA.
    fs::create_dir(tree.path().join("sys/class/thermal/thermal_zone0/temp")).unwrap();
    zone(&tree, 2, "cpu-thermal", "-274000");
    assert_eq!(temperature(&tree), Some(51_000));
}

/// What a zone is read to have, that says this every 10 s.
fn in_turn(texts: &[&str]) -> Vec<Option<i64>> {
    let tree = Tree::new();
    let mut recording = None;
    let mut told = Vec::new();
    for text in texts {
        zone(&tree, 0, "cpu_thermal_zone", text);
        let recording = recording.get_or_insert_with(|| Recording::of(&tree, PssMode::Exact));
        let seen = recording.next();
        told.push(seen.value(board::ID, TEMP_MC).map(|milli| milli as i64));
        (1..10).for_each(|_| drop(recording.next()));
    }
    told
}

#[test]
fn whole_degrees() {
    assert_eq!(
        in_turn(&["47", "-5", "0", "150", "151", "60"]),
        [
            Some(47_000),
            Some(-5000),
            Some(0),
            Some(150_000),
            None,
            Some(60_000)
        ]
    );
    // At 0 nobody knows: what comes next decides.
    assert_eq!(in_turn(&["0", "2"]), [Some(0), Some(2000)]);
    assert_eq!(in_turn(&["0", "2000", "2"]), [Some(0), Some(2000), Some(2)]);
    // -1 would be NOT_OBSERVABLE.
    assert_eq!(in_turn(&["-5500", "-1"]), [Some(-5500), Some(0)]);
}

/// Each is read once, every 10 s.
#[test]
fn what_cannot_be_is_dropped_and_counted() {
    const CLOCK: &str = "sys/devices/system/cpu/cpufreq/policy0";
    let tree = Tree::new();
    tree.write(&format!("{CLOCK}/related_cpus"), "0\n");
    let mut dropped = (0, 0);
    let mut recording = None;
    for (temp, milli, khz, clock) in [
        ("48000", Some(48_000), "1500000", 1_500_000),
        ("-650788984", None, "0", NOT_OBSERVABLE),
        ("-100000", None, "18446744073709", NOT_OBSERVABLE),
        ("-274000", None, "<unknown>", NOT_OBSERVABLE),
        ("150001", None, "999", NOT_OBSERVABLE),
        ("150000", Some(150_000), "1000", 1000),
        ("-60000", Some(-60_000), "20000000", 20_000_000),
        ("", None, "", NOT_OBSERVABLE),
    ] {
        zone(&tree, 0, "cpu-thermal", temp);
        tree.write(&format!("{CLOCK}/scaling_cur_freq"), format!("{khz}\n"));
        let recording = recording.get_or_insert_with(|| Recording::of(&tree, PssMode::Exact));
        let seen = recording.next();
        dropped.0 += u64::from(milli.is_none() && !temp.is_empty());
        dropped.1 += u64::from(clock == NOT_OBSERVABLE && khz.parse::<u64>().is_ok());
        let told = seen.value(board::ID, TEMP_MC).map(|milli| milli as i64);
        assert_eq!(told, milli, "{temp}");
        assert_eq!(seen.machine.cores()[0][core::REQUESTED_KHZ], clock, "{khz}");
        let counted = [TEMP_DROPPED, KHZ_DROPPED].map(|field| seen.value(board::ID, field));
        assert_eq!(counted, [Some(dropped.0), Some(dropped.1)], "{temp} {khz}");
        (1..10).for_each(|_| drop(recording.next()));
    }
    assert_eq!(dropped, (4, 3));
}

/// Cores 2 and 3 are not there; 5 is, and is offline; 6 is above all that are online.
#[test]
fn a_core_that_is_not_there_is_not_offline() {
    const STAT: &str = "cpu  4 0 0 4 0 0 0 0 0 0\ncpu0 1 0 0 1 0 0 0 0 0 0\n\
        cpu1 1 0 0 1 0 0 0 0 0 0\ncpu4 1 0 0 1 0 0 0 0 0 0\n";
    for (present, expected) in [
        (
            Some("0-1,4-6\n"),
            &[true, true, false, false, true, true, true][..],
        ),
        (None, &[true, true, false, false, true]),
    ] {
        let mut tree = Tree::new();
        tree.cores(STAT);
        if let Some(present) = present {
            tree.write("sys/devices/system/cpu/present", present);
        }
        let seen = Recording::of(&tree, PssMode::Exact).next();
        let cores = seen.machine.cores().iter();
        let there: Vec<_> = cores.map(|core| *core != [0; core::COUNT]).collect();
        assert_eq!(there, expected);
        let online = seen.machine.cores().iter().filter(|c| c[core::ONLINE] == 1);
        assert_eq!(online.count(), 3);
    }
}
