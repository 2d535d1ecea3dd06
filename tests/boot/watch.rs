//! `boot watch`, from the first byte to the prompt.

use crate::board::Board;
use crate::support::{can, run, until, Done, Folder, BINARY};
use std::fs::{self, File};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Watches a board; it waits longer than any machine takes.
fn watch(folder: &Folder, tty: &Path, arguments: &[&str]) -> Command {
    let mut command = folder.edgebench(["boot", "watch"]);
    command.arg(tty).args(["--timeout", "10m"]).args(arguments);
    command
}

fn start(command: &mut Command) -> Child {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn done(child: Child) -> Done {
    let done = child.wait_with_output().unwrap();
    Done {
        status: done.status.code(),
        out: String::from_utf8(done.stdout).unwrap(),
        err: String::from_utf8(done.stderr).unwrap(),
    }
}

/// Waits until all of the line so far is in the transcript.
fn is_read(folder: &Folder, line: &str) {
    until("it is read", || {
        fs::read_to_string(folder.file("raw")).is_ok_and(|raw| raw == line)
    });
}

/// When the read(2) returned that brought the byte at `offset`, by the transcript.
fn read_ns(folder: &Folder, offset: usize) -> u64 {
    let times = fs::read_to_string(folder.file("raw.times")).unwrap();
    let mut lines = times.lines().map(|line| {
        let numbers: Vec<u64> = line.split(' ').map(|word| word.parse().unwrap()).collect();
        (numbers[0], numbers[1] + numbers[2])
    });
    lines.find(|(_, end)| offset < *end as usize).unwrap().0
}

fn seconds(ns: u64) -> String {
    let hundredths = (ns / 1000 + 5000) / 10_000;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[test]
fn a_start_is_split_where_the_line_says() {
    let (folder, mut board) = (Folder::new(), Board::new());
    let arguments = [
        "--nudge",
        "0",
        "--transcript",
        "raw",
        "--mark",
        "net=*Network",
    ];
    let child = start(&mut watch(&folder, &board.tty, &arguments));
    board.await_watcher();
    let pieces = [
        "Raspberry Pi Bootcode\r\n",
        "[    0.000000] Booting Linux\r\n[    0.001000] x\r\n",
        "[    0.002000] Run /sbin/init as init process\r\n[  OK  ] Reached target Network.\r\n",
        "\r\nDebian GNU/Linux 12 pi ttyAMA0\r\n\r\npi log",
        "in: ",
    ];
    let mut raw = String::new();
    for piece in pieces {
        board.say(piece);
        raw += piece;
        is_read(&folder, &raw);
        // Longer than the stamps run, so that the kernel's clock begins behind the first byte.
        std::thread::sleep(Duration::from_millis(10));
    }
    let done = done(child);
    assert_eq!((done.status, &*done.err), (Some(0), ""));
    assert_eq!(fs::read_to_string(folder.file("raw")).unwrap(), raw);
    let at = |text: &str| read_ns(&folder, raw.find(text).unwrap());
    let (first, prompt) = (at("Raspberry"), read_ns(&folder, raw.len() - 1));
    // The least of arrival less stamp, by hand.
    let stamps = [
        ("[    0.000000]", 0),
        ("[    0.001000]", 1_000_000),
        ("[    0.002000]", 2_000_000),
    ];
    let kernel = stamps
        .map(|(text, stamp)| at(text) - stamp)
        .into_iter()
        .min()
        .unwrap();
    let init = kernel + 2_000_000;
    let expected = format!(
        "Run 1: {} s, serial line, from the first byte, +-0.00 s\n\
         \x20 firmware                {:>8}  +-0.00 s\n\
         \x20 kernel                  {:>8}  +-0.00 s\n\
         \x20 userspace               {:>8}  +-0.00 s\n\
         \x20 net                     {:>8}  +-0.00 s\n",
        seconds(prompt - first),
        seconds(kernel - first),
        seconds(init - kernel),
        seconds(prompt - init),
        seconds(at("Network") - first),
    );
    assert_eq!(done.out, expected);
}

#[test]
fn a_prompt_that_needs_a_key() {
    let (folder, mut board) = (Folder::new(), Board::new());
    let arguments = ["--nudge", "100ms", "--nudge-after", "0"];
    let child = start(&mut watch(&folder, &board.tty, &arguments));
    board.await_watcher();
    board.say("x\r\n");
    let mut heard = Vec::new();
    until("a key", || {
        heard.extend(board.heard());
        !heard.is_empty()
    });
    assert!(heard.iter().all(|&byte| byte == b'\r'), "{heard:?}");
    board.say("\r\npi login: ");
    let done = done(child);
    assert_eq!((done.status, &*done.err), (Some(0), ""));
    let answered = "  the prompt answered a key; it may have waited ";
    assert!(done.out.contains(answered), "{}", done.out);
    // None after the prompt.
    board.heard();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(board.heard(), b"");
}

#[test]
fn no_key_stops_the_boot_loader() {
    let (folder, mut board) = (Folder::new(), Board::new());
    let arguments = [
        "--nudge",
        "20ms",
        "--nudge-after",
        "0",
        "--transcript",
        "raw",
    ];
    let child = start(&mut watch(&folder, &board.tty, &arguments));
    board.await_watcher();
    board.say("U-Boot 2024.01\r\n\r\nHit any key to stop autoboot:  2 ");
    is_read(
        &folder,
        "U-Boot 2024.01\r\n\r\nHit any key to stop autoboot:  2 ",
    );
    // What was pressed before it was read.
    std::thread::sleep(Duration::from_millis(100));
    board.heard();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(board.heard(), b"");
    board.say("\x08\x08\x08 0 \r\n[    0.000000] Booting Linux\r\n");
    let mut heard = Vec::new();
    until("a key", || {
        heard.extend(board.heard());
        !heard.is_empty()
    });
    board.say("pi login: ");
    assert_eq!(done(child).status, Some(0));
}

#[test]
fn a_key_begins_it() {
    let (folder, mut board) = (Folder::new(), Board::new());
    let mut command = watch(&folder, &board.tty, &["--nudge", "0", "--start", "key"]);
    let mut child = start(command.stdin(Stdio::piped()));
    board.await_watcher();
    // What comes before the key is none of it.
    board.say("pi login: \r\n");
    std::thread::sleep(Duration::from_millis(50));
    let mut keys = child.stdin.take().unwrap();
    keys.write_all(b"\n").unwrap();
    std::thread::sleep(Duration::from_millis(50));
    board.say("pi login: ");
    let done = done(child);
    assert_eq!((done.status, &*done.err), (Some(0), ""));
    assert!(
        done.out.contains(" s, serial line, from a key, +-0.00 s\n"),
        "{}",
        done.out
    );
}

#[test]
fn a_restart_that_is_typed() {
    let (folder, mut board) = (Folder::new(), Board::new());
    folder.write("password", "s3cret\nnot this\n");
    let arguments = [
        "--restart",
        "reboot",
        "--login",
        "root",
        "--password-file",
        "password",
        "--nudge",
        "0",
        "--mark",
        "k3s=*Stopped",
        "--mark",
        "kernel=*Booting",
        "--transcript",
        "raw",
    ];
    let child = start(&mut watch(&folder, &board.tty, &arguments));
    board.hear("\r");
    board.say("\r\npi login: ");
    board.hear("root\r");
    board.say("root\r\nPassword: ");
    board.hear("s3cret\r");
    board.say("\r\nLast login: Mon Nov 23 on ttyAMA0\r\nroot@pi:~# ");
    board.hear("reboot\r");
    board.say("reboot\r\n\r\npi login: \r\n");
    board.say("[***   ] A stop job is running for k3s (7s / 1min 30s)\r[  OK  ] Stopped k3s.\r\n");
    // What a pseudo-terminal brings at once came at once.
    until("it has stopped", || {
        fs::read_to_string(folder.file("raw")).is_ok_and(|raw| raw.ends_with("k3s.\r\n"))
    });
    board.say("[   90.000000] reboot: Restarting system\r\n");
    board.say("PM_RSTS: 0x00001000\r\n[    0.000000] Booting Linux\r\n\r\npi login: ");
    let done = done(child);
    assert_eq!((done.status, &*done.err), (Some(0), ""));
    let labels: Vec<&str> = done
        .out
        .lines()
        .map(|line| line.get(..10).unwrap())
        .collect();
    assert_eq!(
        labels,
        [
            "Run 1: 0.0",
            "  shutdown",
            "  firmware",
            "  userspac",
            "  k3s     ",
            "  kernel  ",
            "  the boot",
            "  the shut"
        ],
        "{}",
        done.out
    );
    for told in [
        "serial line, from the restart that was typed",
        "the boot loader says that this was a power-on, not a restart",
        "the shutdown waited 7.0",
    ] {
        assert!(done.out.contains(told), "{told}: {}", done.out);
    }
    let mut marks = done
        .out
        .lines()
        .filter(|line| line.contains("in the shutdown"));
    assert!(
        marks.next().is_some_and(|line| line.starts_with("  k3s")),
        "{}",
        done.out
    );
    assert_eq!(marks.next(), None);
}

/// A board that is busy starts login late: what it echoes before that is no shell.
#[test]
fn a_password_that_is_asked_for_late() {
    let (folder, mut board) = (Folder::new(), Board::new());
    folder.write("password", "s3cret\n");
    let login = ["--restart", "reboot", "--login", "root"];
    let arguments = [&login[..], &["--password-file", "password", "--nudge", "0"]].concat();
    let child = start(&mut watch(&folder, &board.tty, &arguments));
    board.hear("\r");
    board.say("\r\npi login: ");
    board.hear("root\r");
    board.say("root\r\n");
    std::thread::sleep(Duration::from_secs(3));
    board.say("Password: ");
    board.hear("s3cret\r");
    board.say("\r\n# ");
    board.hear("reboot\r");
    board.say("reboot\r\n[   90.000000] reboot: Restarting system\r\n\r\npi login: ");
    let done = done(child);
    assert_eq!((done.status, &*done.err), (Some(0), ""));
}

/// What the line loses of the restart is no reason to wait for ever, nor to take the prompt of
/// the shutdown for the next one's.
#[test]
fn a_restart_whose_line_is_lost() {
    let (folder, mut board) = (Folder::new(), Board::new());
    let child = start(&mut watch(
        &folder,
        &board.tty,
        &["--restart", "reboot", "--nudge", "0"],
    ));
    board.hear("reboot\r");
    board.say("reboot\r\n\r\npi login: \r\n[   90.000000] reboot: Rstarting system\r\n");
    std::thread::sleep(Duration::from_secs(1));
    board.say("[    0.000000] Booting Linux\r\n");
    std::thread::sleep(Duration::from_secs(1));
    board.say("\r\npi login: ");
    let done = done(child);
    assert_eq!((done.status, &*done.err), (Some(0), ""));
    let (_, total) = done.out.split_once("Run 1: ").unwrap();
    let total: f64 = total.split_once(" s, ").unwrap().0.parse().unwrap();
    assert!(total >= 2.0, "{}", done.out);
}

/// The terminal of the user is one more.
#[test]
fn a_password_that_is_typed_is_not_shown() {
    let (folder, mut board, mut user) = (Folder::new(), Board::new(), Board::new());
    let arguments = ["--restart", "reboot", "--login", "root", "--nudge", "0"];
    let mut watch = watch(&folder, &board.tty, &arguments);
    let child = start(watch.stdin(File::open(&user.tty).unwrap()));
    until("nothing is echoed", || user.has(libc::ECHO) == 0);
    user.say("s3cret\n");
    board.hear("\r");
    board.say("\r\npi login: ");
    board.hear("root\r");
    board.say("root\r\nPassword: ");
    board.hear("s3cret\r");
    assert_eq!(user.has(libc::ECHO), libc::ECHO);
    assert_eq!(user.heard(), b"");
    // SAFETY: numbers only; the child is not waited for yet.
    unsafe { libc::kill(child.id().try_into().unwrap(), libc::SIGTERM) };
    let done = done(child);
    let asked = "edgebench-lite: the user's password on the board (empty: none):\n";
    assert!(done.err.starts_with(asked), "{}", done.err);
    assert!(
        !done.err.contains("s3cret") && !done.out.contains("s3cret"),
        "{done:?}"
    );
}

#[test]
fn a_port_that_is_unplugged() {
    let (folder, mut board) = (Folder::new(), Board::new());
    let tty = board.link(&folder);
    let arguments = ["--nudge", "0", "--transcript", "raw"];
    let child = start(&mut watch(&folder, &tty, &arguments));
    board.await_watcher();
    board.say("[    0.000000] Booting Linux\r\n");
    is_read(&folder, "[    0.000000] Booting Linux\r\n");
    let unplugged = Instant::now();
    drop(board);
    let mut board = Board::new();
    board.link(&folder);
    board.await_watcher();
    board.say("pi login: ");
    let done = done(child);
    let most = unplugged.elapsed().as_secs_f64();
    assert_eq!((done.status, &*done.err), (Some(0), ""));
    let (_, gone) = done.out.split_once("  the port was gone for ").unwrap();
    let gone: f64 = gone.split_once(" s\n").unwrap().0.parse().unwrap();
    assert!(gone <= most + 0.01, "{gone} of {most}");
}

/// An adapter that is back holds bytes back as if it were new, and is as it was at the end.
#[test]
fn the_latency_of_an_adapter_that_is_back() {
    let tree = r#"mount -t tmpfs t /sys/class/tty; mkdir -p /sys/class/tty/one/device
        echo 16 >/sys/class/tty/one/device/latency_timer
        for n in $(seq 0 999); do ln -s one /sys/class/tty/$n; done"#;
    let mounted = ["unshare", "-m", "sh", "-ec"];
    if !can(&[&mounted[..], &[tree]].concat()) {
        return;
    }
    let (folder, board) = (Folder::new(), Board::new());
    let tty = board.link(&folder);
    let mut command = Command::new(mounted[0]);
    command.args(&mounted[1..]).current_dir(folder.path());
    command
        .arg(format!("{tree}\nexec \"$0\" \"$@\""))
        .arg(BINARY);
    command.args(["boot", "watch"]).arg(&tty);
    command.args(["--timeout", "10m", "--nudge", "0", "--transcript", "raw"]);
    let child = start(&mut command);
    board.await_watcher();
    let process = Path::new("/proc").join(child.id().to_string());
    let tree = File::open(process.join("root/sys/class/tty/one/device")).unwrap();
    let latency = || {
        let file = format!("/proc/self/fd/{}/latency_timer", tree.as_raw_fd());
        fs::read_to_string(file).unwrap()
    };
    until("it is lowered", || latency() == "1");
    drop(board);
    let mut board = Board::new();
    board.link(&folder);
    board.await_watcher();
    board.say("[    0.000000] Booting Linux\r\n");
    is_read(&folder, "[    0.000000] Booting Linux\r\n");
    assert_eq!(latency(), "1");
    board.say("pi login: ");
    assert_eq!(done(child).status, Some(0));
    assert_eq!(latency(), "16");
}

#[test]
fn starts_one_after_the_other() {
    let (folder, mut board) = (Folder::new(), Board::new());
    let arguments = [
        "--runs",
        "3",
        "--power-off",
        "echo off >> power",
        "--off",
        "10ms",
        "--power-on",
        "echo on >> power",
        "--nudge",
        "0",
    ];
    let child = start(&mut watch(&folder, &board.tty, &arguments));
    for number in 1..=3 {
        let power = "off\non\n".repeat(number);
        until("the power is on", || {
            fs::read_to_string(folder.file("power")).is_ok_and(|said| said == power)
        });
        board.say("[    0.000000] Booting Linux\r\npi login: ");
    }
    let done = done(child);
    assert_eq!((done.status, &*done.err), (Some(0), ""));
    let runs: Vec<&str> = done
        .out
        .lines()
        .filter(|line| line.starts_with("Run"))
        .collect();
    assert_eq!(runs.len(), 3);
    assert!(runs
        .iter()
        .all(|run| run.contains(" s, serial line, from power-on, +-")));
    let last = done.out.lines().last().unwrap();
    assert!(
        last.starts_with("Median 0.") && last.ends_with(", n 3)"),
        "{last}"
    );
}

/// The power switch fails at last: what was measured before that is told and logged.
#[test]
fn a_start_that_cannot_be_made() {
    let (folder, mut board) = (Folder::new(), Board::new());
    let switch = "echo on >> power; [ $(wc -l < power) -le 2 ]";
    let runs = ["--runs", "4", "--power-on", switch, "--nudge", "0"];
    let arguments = [&runs[..], &["-o", "boot.ebl"]].concat();
    let child = start(&mut watch(&folder, &board.tty, &arguments));
    for number in 1..=2 {
        let power = "on\n".repeat(number);
        until("the power is on", || {
            fs::read_to_string(folder.file("power")).is_ok_and(|said| said == power)
        });
        board.say("[    0.000000] Booting Linux\r\npi login: ");
    }
    let done = done(child);
    let failed = format!("edgebench-lite: `{switch}` failed: status 1\n");
    assert_eq!((done.status, done.err), (Some(2), failed));
    let last = done.out.lines().last().unwrap();
    assert!(
        last.starts_with("Median ") && last.ends_with(", n 2)"),
        "{last}"
    );
    let verified = run(&mut folder.edgebench(["log", "verify", "boot.ebl"]));
    let whole = "boot.ebl: whole: 0 samples and 2 results in 1 run\n";
    assert_eq!(verified.out, whole);
}

/// What is told where a signal comes once one of the two commands has made the file `begun`.
fn ended_while(off: &str, rest: &str, on: &str) -> String {
    let (folder, board) = (Folder::new(), Board::new());
    let switches = ["--power-off", off, "--off", rest, "--power-on", on];
    let child = start(&mut watch(&folder, &board.tty, &switches));
    until("it has begun", || folder.file("begun").exists());
    // A command's end is seen by then, however busy the machine is.
    until("it rests", || {
        let path = format!("/proc/{0}/task/{0}/children", child.id());
        let waits = off.contains("sleep") || on.contains("sleep");
        waits || fs::read_to_string(path).map_or(true, |children| children.is_empty())
    });
    let pid = nix::unistd::Pid::from_raw(child.id() as i32);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    let done = done(child);
    assert_eq!((done.status, &*done.out), (Some(2), ""));
    done.err
}

#[test]
fn a_board_that_is_left_without_power() {
    let ended = |power: &str| {
        format!("edgebench-lite: the power {power}\nedgebench-lite: ended by a signal\n")
    };
    assert_eq!(ended_while(">begun", "10m", "false"), ended("is off"));
    let may = ended("may be off");
    assert_eq!(ended_while(">begun; sleep 60", "10m", "false"), may);
    assert_eq!(ended_while("true", "0s", ">begun; sleep 60"), may);
}

#[test]
fn a_line_of_a_megabyte_and_bytes_that_are_no_text() {
    let (folder, mut board) = (Folder::new(), Board::new());
    let child = start(&mut watch(&folder, &board.tty, &["--nudge", "0"]));
    board.await_watcher();
    board.say(
        [
            b"x".repeat(1_000_000).as_slice(),
            b"\0\xff\r\n\0pi\0 login: ",
        ]
        .concat(),
    );
    let done = done(child);
    assert_eq!((done.status, &*done.err), (Some(0), ""));
}

#[test]
fn the_port_is_put_back_after_a_signal() {
    let (folder, mut board) = (Folder::new(), Board::new());
    let mut child = start(&mut watch(&folder, &board.tty, &["--nudge", "0"]));
    board.await_watcher();
    board.say("x");
    let pid = nix::unistd::Pid::from_raw(child.id() as i32);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(2));
    let tty = board.tty.to_str().unwrap();
    let again = run(&mut folder.edgebench(["boot", "watch", tty, "--timeout", "1s"]));
    assert_eq!(again.status, Some(2));
    let silent = "nothing came within 1 s";
    assert!(again.err.contains(silent), "{}", again.err);
}
