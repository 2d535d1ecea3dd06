use super::*;
use proptest::prelude::*;

/// Hands over a text whose first byte comes at `from_us`, the others a microsecond apart.
fn feed(scan: &mut Scan, from_us: u64, text: impl AsRef<[u8]>) {
    for (at, &byte) in text.as_ref().iter().enumerate() {
        scan.take(byte, (from_us + at as u64) * 1000);
    }
}

fn scan(pieces: &[(u64, &str)]) -> Scan {
    let mut scan = Scan::new(None, &[]);
    for (from_us, text) in pieces {
        feed(&mut scan, *from_us, text);
    }
    scan
}

#[test]
fn a_cold_start_of_a_pi_4() {
    // Power at 1 s; the boot loader's clock began at 1.2 s, the kernel's at 8.5 s.
    let milestones = scan(&[
        (1_815_100, "RPi: BOOTSYS release\r\n"),
        (
            1_715_400,
            "  0.15 BOOTMODE: 0x06 partition 0 boardrev d03140 stc 515044\r\n",
        ),
        (1_720_000, "  0.32 PM_RSTS: 0x00001000\r\n"),
        (
            3_698_061,
            "  2.98 BOOTMODE: 0x06 partition 0 boardrev d03140 stc 2498061\r\n",
        ),
        (
            8_346_555,
            "MESS:00:00:07.146055:0:[    0.000000] Booting Linux\r\n",
        ),
        (
            12_600_000,
            "[    4.100000] Run /sbin/init as init process\r\n",
        ),
        (
            30_000_000,
            "\r\nDebian GNU/Linux 12 raspberrypi ttyAMA0\r\n\r\n",
        ),
        (30_100_000, "raspberrypi login: "),
    ])
    .milestones;
    assert_eq!(milestones.first_byte_ns, Some(1_815_100_000));
    assert_eq!(milestones.start, Some(Start::PowerOn));
    // 3.698061 - 2.498061 = 1.2 s is less than 8.346555 - 7.146055 and 1.7154 - 0.515044.
    assert_eq!(milestones.reset.least_ns, Some(1_200_000_000));
    // 12.6 - 4.1; the glued line's stamp arrived 23 us after its line.
    assert_eq!(milestones.kernel.least_ns, Some(8_346_578_000));
    assert_eq!(milestones.init_us, Some(4_100_000));
    assert_eq!(milestones.prompt_ns, Some(30_100_018_000));
    assert!(!milestones.autoboot);
}

#[test]
fn a_restart() {
    let milestones = scan(&[
        (1_000_000, "[  OK  ] Reached target Shutdown\n"),
        (
            95_000_000,
            "[ ***  ] A stop job is running for k3s (1min 29s / 1min 30s)\r",
        ),
        (
            96_000_000,
            "pi login:     [ 1163.764341] reboot: Restarting system\n",
        ),
        (98_000_000, "PM_RSTS: 0x00001020\n"),
        (101_000_000, "[    0.000000] Booting Linux\n"),
        (103_000_000, "[    2.500000] x\n"),
    ])
    .milestones;
    assert_eq!(milestones.restarting_ns, Some(96_000_029_000));
    assert_eq!(milestones.start, Some(Start::Restart));
    assert_eq!(milestones.kernel.least_ns, Some(100_500_000_000));
    assert_eq!(milestones.prompt_ns, None);
    let longest = milestones.holdups.longest().unwrap();
    assert_eq!(
        (&*longest.name, longest.took_ns()),
        (&b"k3s"[..], 89_000_000_000)
    );
}

/// What the line lost of the restart, a clock that begins anew tells: the prompt of the system
/// that ended is none of the one that starts.
#[test]
fn a_restart_whose_line_is_lost() {
    let ended = [
        (1_000_000, "[ 1162.000000] x\npi login: \n"),
        (96_000_000, "[ 1257.000000] reboot: Rstarting system\n"),
    ];
    let scanned = |more| scan(&[&ended[..], more].concat()).milestones;
    assert_eq!(scanned(&[]).restarted_ns(0), None);
    assert!(scanned(&[]).prompt_ns.is_some());
    let loader = scanned(&[(98_000_000, "MESS:00:00:01.000000:0: x\n")]);
    assert_eq!(loader.restarted_ns(0), Some(97_000_000_000));
    assert_eq!(loader.prompt_ns, None);
    let kernel = scanned(&[(98_000_000, "[    0.500000] x\n")]);
    assert_eq!(kernel.restarted_ns(0), Some(97_500_000_000));
    assert_eq!(kernel.prompt_ns, None);
    // A clock that began before the restart is the old kernel's.
    assert_eq!(kernel.restarted_ns(97_500_000_000), None);
}

#[test]
fn what_came_before_the_start_is_none_of_it() {
    let pattern = |text: &str| text.parse::<Pattern>().unwrap();
    let marks = [pattern("*Network"), pattern("U-Boot"), pattern("Booting")];
    let mut scan = Scan::new(None, &marks).beginning(Some(pattern("U-Boot")));
    let text = "[ OK ] Stopped Network\nU-Boot 1\nU-Boot 2\n[ OK ] Reached Network\n";
    for (at, byte) in text.bytes().enumerate() {
        scan.take(byte, at as u64);
    }
    // Behind the first `U-Boot`, at it, and not at all.
    assert_eq!(scan.milestones.begun_ns, Some(28));
    assert_eq!(scan.milestones.marks_ns, [Some(62), Some(28), None]);
}

#[test]
fn prompts_and_no_prompts() {
    let prompt = |text: &str| scan(&[(0, text)]).milestones.prompt_ns.map(|ns| ns / 1000);
    assert_eq!(prompt("\r\npi login: Starting crond: OK\r\n"), Some(11));
    assert_eq!(prompt("\x1b[H\x1b[Jpi login: "), Some(15));
    assert_eq!(prompt("Last login: Mon\r\npi login: "), Some(26));
    for none in [
        "Last login: Mon Nov 23",
        "The login: x",
        "x pi login: ",
        "pi login:",
    ] {
        let expected = none.starts_with("The").then_some(10);
        assert_eq!(prompt(none), expected, "{none}");
    }
}

#[test]
fn the_boot_loader_is_not_to_be_stopped() {
    let hit = "Hit any key to stop autoboot:  2 ";
    assert!(
        scan(&[(0, "U-Boot 2024.01\r\n"), (9, hit)])
            .milestones
            .autoboot
    );
    assert!(
        scan(&[(0, hit), (9, "\x08\x08 1 \r\nStarting kernel ...\r\n")])
            .milestones
            .autoboot
    );
    assert!(
        !scan(&[(0, hit), (9, "\r\n[    0.000000] Booting\r\n")])
            .milestones
            .autoboot
    );
}

#[test]
fn marks_and_another_end() {
    let marks = ["*cloud-init", "[*] Run ?sbin"].map(|mark| mark.parse().unwrap());
    let mut scan = Scan::new(Some("$ ".parse().unwrap()), &marks);
    feed(&mut scan, 0, "pi login: \r\n[  0.58] Run /sbin/init\n");
    feed(&mut scan, 1000, "x cloud-init\nx cloud-init\n$ ");
    assert_eq!(scan.milestones.marks_ns, [Some(1_011_000), Some(29_000)]);
    assert_eq!(scan.milestones.prompt_ns, Some(1_027_000));
}

/// Of the shutdown only what does not come again.
#[test]
fn marks_of_a_restart() {
    let marks = ["*k3s", "*Shutdown", "*Restarting", "*Network"];
    let mut scan = Scan::new(None, &marks.map(|mark| mark.parse().unwrap()));
    feed(&mut scan, 0, "Stopped k3s\nReached Shutdown\n");
    feed(&mut scan, 1000, "reboot: Restarting system\n");
    feed(
        &mut scan,
        2000,
        "Started k3s\nNetwork\nStarted k3s\nNetwork\n",
    );
    let expected = [2_010_000, 27_000, 1_017_000, 2_018_000];
    assert_eq!(scan.milestones.marks_ns, expected.map(Some));
    assert_eq!(scan.milestones.restarting_ns, Some(1_000_000));
}

#[test]
fn a_prompt_before_the_beginning_is_none() {
    let begin = "go".parse().unwrap();
    let mut scan = Scan::new(None, &[]).beginning(Some(begin));
    feed(
        &mut scan,
        0,
        "pi login: \r\ngo\r\npi login: \r\ngo\r\npi login: ",
    );
    assert_eq!(scan.milestones.begun_ns, Some(13_000));
    assert_eq!(scan.milestones.prompt_ns, Some(25_000));
}

#[test]
fn garbage_and_lines_without_an_end() {
    let mut scan = Scan::new(None, &[]);
    for at in 0..1_000_000 {
        scan.take(b'x', at);
    }
    feed(&mut scan, 2000, b"\n\0\xff\xfe\x80\npi login: ");
    assert_eq!(
        scan.milestones.bytes,
        Bytes {
            all: 1_000_016,
            no_text: 4
        }
    );
    assert!(scan.milestones.prompt_ns.is_some());
    let last: Vec<usize> = scan.last_lines().map(<[u8]>::len).collect();
    assert_eq!(last, [crate::boot::line::KEPT, 3, 10]);
}

#[test]
fn the_last_five_lines() {
    let scan = scan(&[(0, "1\n2\n\n3\n4\n5\n6\n7")]);
    let last: Vec<&[u8]> = scan.last_lines().collect();
    assert_eq!(last, [b"3", b"4", b"5", b"6", b"7"]);
}

proptest! {
    #[test]
    fn hostile_bytes_never_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        time in any::<u64>(),
    ) {
        let mut scan = Scan::new(None, &["*a?b".parse().unwrap()]);
        for byte in bytes {
            scan.take(byte, time);
        }
        scan.end_line();
    }
}

/// What a board wrote, a microsecond a byte; see tests/boot/uart/README.md.
macro_rules! board {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/boot/uart/", $name, ".log")).as_slice()
    };
}

/// Where a text stands in another: so many microseconds after its first byte.
fn at_us(log: &[u8], text: &str) -> u64 {
    let mut places = log.windows(text.len());
    places.position(|place| place == text.as_bytes()).unwrap() as u64
}

#[test]
fn what_boards_wrote() {
    // All bytes come 100 s after the clock's zero, so no stamp lies before it.
    let read = |log: &[u8]| {
        let mut scan = Scan::new(None, &[]);
        feed(&mut scan, 100_000_000, log);
        scan.end_line();
        scan.milestones
    };
    let since = |log: &[u8], text: &str, stamp_us: u64| {
        Some((100_000_000 + at_us(log, text) - stamp_us) * 1000)
    };
    let log = board!("pi3");
    let milestones = read(log);
    assert_eq!(
        milestones.reset.least_ns,
        since(log, "MESS:00:00:01.235681", 1_235_681)
    );
    assert_eq!((milestones.kernel.least_ns, milestones.start), (None, None));
    for log in [log, board!("zero-w"), board!("pi4"), board!("pi5")] {
        let milestones = read(log);
        assert!(![milestones.reset, milestones.kernel]
            .iter()
            .any(|of| of.is_again(0)));
    }
    let log = board!("zero-w");
    let milestones = read(log);
    assert_eq!(
        milestones.reset.least_ns,
        since(log, "MESS:00:00:09.547298", 9_547_298)
    );
    assert_eq!(
        milestones.kernel.least_ns,
        since(log, "[    0.078696]", 78_696)
    );
    let log = board!("pi4");
    let milestones = read(log);
    let line = "  2.98 BOOTMODE";
    assert_eq!(milestones.reset.least_ns, since(log, line, 2_498_061));
    assert_eq!(milestones.start, Some(Start::Restart));
    assert_eq!(
        milestones.restarting_ns,
        since(log, "reboot: Restarting", 0)
    );
    let log = board!("pi5");
    let milestones = read(log);
    // The line of the second `stc` begins as that of the first.
    let first = at_us(log, "BOOTMODE");
    let second = first + 1 + at_us(&log[first as usize + 1..], "BOOTMODE");
    assert_eq!(
        milestones.reset.least_ns,
        Some((100_000_000 + second - 4_052_355) * 1000)
    );
    assert_eq!(milestones.start, Some(Start::Restart));
    assert_eq!(
        milestones.restarting_ns,
        since(log, "reboot: Restarting", 0)
    );
}

#[test]
fn what_boards_wrote_in_any_two_pieces() {
    for log in [
        board!("pi3"),
        board!("zero-w"),
        board!("pi4"),
        board!("pi5"),
    ] {
        let read = |pieces: &[&[u8]]| {
            let mut scan = Scan::new(None, &[]);
            for piece in pieces {
                piece
                    .iter()
                    .for_each(|&byte| scan.take(byte, 7_000_000_000_000));
            }
            scan.end_line();
            scan.milestones
        };
        let whole = read(&[log]);
        for at in 0..log.len() {
            let (first, second) = log.split_at(at);
            assert_eq!(read(&[first, second]), whole);
            // What was cut off at the end makes nothing up.
            let cut = read(&[first]);
            assert!(cut.start.is_none() || cut.start == whole.start);
            assert_eq!(cut.prompt_ns, None);
        }
    }
}
