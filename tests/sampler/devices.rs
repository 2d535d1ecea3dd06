//! Disks and network interfaces.

use crate::tree::{Recording, Seen, Tree};
use edgebench_lite::log::fields::device::kind::{DISK, NET};
use edgebench_lite::log::fields::recorder;
use edgebench_lite::log::record::PssMode;
use std::convert::Infallible;
use std::fmt::Write;

fn disk(name: &str, read: u64, written: u64) -> String {
    format!("   8       0 {name} 90 91 {read} 92 93 94 {written} 95 96 97 98\n")
}

/// Of bytes 1000 times `n`, of packets 10 times; sent is twice what was received.
fn interface(name: &str, n: u64) -> String {
    let (bytes, packets) = (1000 * n, 10 * n);
    let (sent, out) = (2 * bytes, 2 * packets);
    format!("{name:>6}: {bytes} {packets} 3 4 5 6 7 8 {sent} {out} 13 14 15 16 17 18\n")
}

fn interfaces(lines: &[String]) -> String {
    format!("Inter-| Receive\n face |bytes\n{}", lines.concat())
}

/// The sample at which devices are looked at again.
fn ten_later(recording: &mut Recording) -> Seen {
    for _ in 0..9 {
        recording.next();
    }
    recording.next()
}

#[test]
fn each_number_lands_in_its_field() {
    let tree = Tree::new();
    let partition = disk("mmcblk0p1", 1, 1);
    tree.write(
        "proc/diskstats",
        disk("mmcblk0", 11, 12) + &partition + &disk("sda", 21, 22),
    );
    tree.write("proc/net/dev", interfaces(&[interface("eth0", 7)]));
    let seen = Recording::of(&tree, PssMode::Exact).next();
    let expected = [
        (0, DISK, "mmcblk0".to_owned(), [11, 12, 0, 0, 0, 0, 0, 0]),
        (1, DISK, "sda".to_owned(), [21, 22, 0, 0, 0, 0, 0, 0]),
        (
            2,
            NET,
            "eth0".to_owned(),
            [7000, 14000, 70, 140, 3, 13, 4, 14],
        ),
    ];
    assert_eq!(seen.devices, expected);
}

#[test]
fn devices_are_looked_at_every_ten_seconds() {
    let tree = Tree::new();
    tree.write("proc/diskstats", disk("sda", 1, 1));
    let mut recording = Recording::of(&tree, PssMode::Exact);
    recording.next();
    tree.write("proc/diskstats", disk("sda", 5, 6));
    for _ in 1..10 {
        assert_eq!(
            recording.next().device("sda"),
            Some((0, [1, 1, 0, 0, 0, 0, 0, 0]))
        );
    }
    assert_eq!(
        recording.next().device("sda"),
        Some((0, [5, 6, 0, 0, 0, 0, 0, 0]))
    );
}

#[test]
fn what_was_never_used_has_no_number() {
    let tree = Tree::new();
    let disks = disk("ram0", 0, 0) + &disk("loop0", 0, 0) + &disk("sda", 1, 0);
    tree.write("proc/diskstats", disks);
    let idle = "  sit0: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n".to_owned();
    tree.write("proc/net/dev", interfaces(&[interface("lo", 1), idle]));
    let mut recording = Recording::of(&tree, PssMode::Exact);
    let names = |seen: &Seen| -> Vec<String> { seen.devices.iter().map(|d| d.2.clone()).collect() };
    assert_eq!(names(&recording.next()), ["sda", "lo"]);
    let disks = disk("ram0", 0, 0) + &disk("loop0", 8, 0) + &disk("sda", 1, 0);
    tree.write("proc/diskstats", disks);
    assert_eq!(names(&ten_later(&mut recording)), ["sda", "lo", "loop0"]);
}

#[test]
fn a_stick_is_drawn_and_another_comes() {
    let tree = Tree::new();
    tree.write(
        "proc/diskstats",
        disk("mmcblk0", 1, 1) + &disk("sda", 100, 200),
    );
    let mut recording = Recording::of(&tree, PssMode::Exact);
    assert_eq!(recording.next().device("sda").map(|d| d.0), Some(1));

    tree.write("proc/diskstats", disk("mmcblk0", 2, 2));
    let seen = ten_later(&mut recording);
    assert_eq!(seen.device("sda"), None);
    assert_eq!(seen.machine.devices()[1], [0; 9], "who is gone is all 0");
    assert_eq!(seen.device("mmcblk0"), Some((0, [2, 2, 0, 0, 0, 0, 0, 0])));

    tree.write("proc/diskstats", disk("mmcblk0", 2, 2) + &disk("sdb", 7, 8));
    let seen = ten_later(&mut recording);
    assert_eq!(seen.device("sdb"), Some((2, [7, 8, 0, 0, 0, 0, 0, 0])));
    assert_eq!(seen.device("sda"), None, "its number is not given away");

    // By its name it is the first again; what it counts began anew.
    tree.write(
        "proc/diskstats",
        disk("mmcblk0", 2, 2) + &disk("sda", 3, 4) + &disk("sdb", 7, 8),
    );
    let seen = ten_later(&mut recording);
    assert_eq!(seen.device("sda"), Some((1, [3, 4, 0, 0, 0, 0, 0, 0])));
    assert_eq!(seen.device("sdb"), Some((2, [7, 8, 0, 0, 0, 0, 0, 0])));
}

#[test]
fn a_disk_and_an_interface_of_one_name() {
    let tree = Tree::new();
    tree.write("proc/diskstats", disk("md0", 1, 2));
    tree.write("proc/net/dev", interfaces(&[interface("md0", 1)]));
    let seen = Recording::of(&tree, PssMode::Exact).next();
    let kinds: Vec<_> = seen.devices.iter().map(|d| (d.0, d.1)).collect();
    assert_eq!(kinds, [(0, DISK), (1, NET)]);
}

/// What is sampled is what was there at the last look that came to something.
#[test]
fn a_list_that_breaks_off_takes_nobody_away() {
    let tree = Tree::new();
    let whole = interfaces(&[interface("lo", 1), interface("eth0", 2)]);
    tree.write("proc/net/dev", &whole);
    let mut recording = Recording::of(&tree, PssMode::Exact);
    let before = recording.next();
    tree.write("proc/net/dev", &whole[..whole.len() - 30]);
    assert_eq!(ten_later(&mut recording).devices, before.devices);
    tree.write("proc/net/dev", interfaces(&[interface("lo", 1)]));
    assert_eq!(ten_later(&mut recording).device("eth0"), None);
}

#[test]
fn of_300_interfaces_48_are_kept_and_disks_find_room() {
    let tree = Tree::new();
    let lines: Vec<_> = (0..300)
        .map(|n| interface(&format!("wg{n}"), n + 1))
        .collect();
    tree.write("proc/net/dev", interfaces(&lines));
    let mut recording = Recording::of(&tree, PssMode::Exact);
    let seen = recording.next();
    assert_eq!(seen.devices.len(), 48);
    assert_eq!(seen.device("wg47").map(|d| d.0), Some(47));
    let left_out = |seen: &Seen| seen.value(recorder::ID, recorder::DEVICES_LEFT_OUT);
    assert_eq!(left_out(&seen), Some(252));

    let disks: Vec<_> = (0..20)
        .map(|n| disk(&format!("dm-{n}"), 1, n + 1))
        .collect();
    tree.write("proc/diskstats", disks.concat());
    tree.write("proc/net/dev", interfaces(&lines[..1]));
    let seen = ten_later(&mut recording);
    assert_eq!(seen.devices.len(), 1 + 16);
    assert_eq!(seen.device("dm-15").map(|d| d.0), Some(63));
    assert_eq!(
        left_out(&seen),
        Some(4),
        "those that are gone are not missed"
    );

    let mut recording = Recording::of(&tree, PssMode::Exact);
    assert_eq!(recording.next().devices.len(), 21);
}

#[test]
fn veth_pairs_leave_room_for_others() {
    let tree = Tree::new();
    let mut lines: Vec<_> = (0..99)
        .map(|n| interface(&format!("veth{n:x}"), 1))
        .collect();
    lines.push(interface("wlan0", 5));
    let mut text = String::new();
    write!(text, "{}", interfaces(&lines)).unwrap();
    tree.write("proc/net/dev", text);
    let seen = Recording::of(&tree, PssMode::Exact).next();
    assert_eq!(seen.devices.len(), 33);
    assert_eq!(seen.device("wlan0").map(|d| d.0), Some(32));
    let left_out = seen.value(recorder::ID, recorder::DEVICES_LEFT_OUT);
    assert_eq!(left_out, Some(67));
}

#[test]
fn names_come_once_and_again_when_they_are_asked_for() {
    let tree = Tree::new();
    tree.write("proc/diskstats", disk("mmcblk0", 1, 1));
    let mut recording = Recording::of(&tree, PssMode::Exact);
    recording.next();
    let told = |recording: &mut Recording| {
        let mut told = Vec::new();
        recording
            .sampler()
            .devices(|device| {
                told.push((device.id, device.kind, device.name.to_vec()));
                Ok::<_, Infallible>(())
            })
            .unwrap();
        told
    };
    assert_eq!(told(&mut recording), []);
    recording.sampler().forget_devices();
    assert_eq!(told(&mut recording), [(0, DISK, b"mmcblk0".to_vec())]);
    assert_eq!(told(&mut recording), []);
}
