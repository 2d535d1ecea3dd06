use super::*;
use std::os::unix::process::ExitStatusExt;
use std::time::Instant;

const LONG: Duration = Duration::from_secs(600);

fn run(line: &str, time: Duration) -> (Ended, String) {
    let mut text = Vec::new();
    let command = Command::shell(line).unwrap();
    let ended = command.run(time, &mut |piece| text.extend_from_slice(piece));
    (ended.unwrap(), String::from_utf8(text).unwrap())
}

/// What a command that goes on writes first.
fn first_line(child: &mut Child<'_>) -> String {
    let mut text = Vec::new();
    while !text.ends_with(b"\n") {
        assert_eq!(child.poll(&mut |piece| text.extend_from_slice(piece)), None);
        std::thread::sleep(Duration::from_millis(1));
    }
    String::from_utf8(text).unwrap()
}

#[test]
fn the_end_is_told_as_the_shell_tells_it() {
    assert_eq!(run("exit 0", LONG).0.exit, Exit::Status(0));
    assert_eq!(run("exit 255", LONG).0.exit, Exit::Status(255));
    assert_eq!(run("kill -9 $$", LONG).0.exit, Exit::Signal(9));
    assert_eq!(run("no-such-program-here", LONG).0.exit, Exit::Status(127));
}

#[test]
fn both_outputs_are_read_and_nothing_can_be_read_by_the_command() {
    let (ended, text) = run("echo one; echo two >&2; cat; echo three", LONG);
    assert_eq!((ended.exit, &*text), (Exit::Status(0), "one\ntwo\nthree\n"));
    // More than a pipe holds.
    let (ended, text) = run("head -c 1000000 /dev/zero | tr '\\0' x", LONG);
    assert_eq!((ended.exit, text.len()), (Exit::Status(0), 1_000_000));
}

#[test]
fn a_program_is_looked_for_in_path() {
    let command = Command::new(&["printf", "%s.", "a b", ""]).unwrap();
    let mut text = Vec::new();
    let ended = command.run(LONG, &mut |piece| text.extend_from_slice(piece));
    assert_eq!(ended.unwrap().exit, Exit::Status(0));
    assert_eq!(text, b"a b..");
    let none = Command::new(&["no-such-program-here"]).unwrap();
    assert_eq!(none.start().err(), Some(Errno::ENOENT));
    assert_eq!(Command::new(&[]).err(), Some(Errno::EINVAL));
    assert_eq!(Command::shell("a\0b").err(), Some(Errno::EINVAL));
}

#[test]
fn the_room_is_the_last_argument() {
    let command = Command::with_room(&["printf", "%s."], 3).unwrap();
    for (cell, byte) in command.room().iter().zip(*b"ab\0") {
        cell.set(byte);
    }
    let arguments = command.pointers.iter().map_while(|pointer| {
        // SAFETY: each but the last is to a string that the command owns.
        (!pointer.is_null()).then(|| unsafe { std::ffi::CStr::from_ptr(*pointer) }.to_bytes())
    });
    let expected: [&[u8]; 3] = [b"printf", b"%s.", b"ab"];
    assert!(arguments.eq(expected));
}

#[test]
fn a_command_that_runs_too_long_is_killed_with_its_children() {
    let command = Command::shell("sleep 1000 & echo $!; wait").unwrap();
    let mut child = command.start().unwrap();
    let grandchild: i32 = first_line(&mut child).trim().parse().unwrap();
    let ended = child.wait(Duration::from_millis(10), &mut |_| ());
    assert_eq!(ended.exit, Exit::TimedOut);
    // Killed means dead soon: gone, or a zombie that init has not yet waited for.
    let begun = Instant::now();
    loop {
        let stat = std::fs::read_to_string(format!("/proc/{grandchild}/stat")).unwrap_or_default();
        let state = stat.rsplit(')').next().unwrap().trim();
        if state.is_empty() || state.starts_with(['Z', 'X']) {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{stat}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn one_that_leaves_a_child_behind_has_ended_and_its_output_is_not_the_next_ones() {
    let wait_for_its_end = "while kill -0 $$ 2>/dev/null; do sleep 0.01; done";
    let line = format!("({wait_for_its_end}; echo late) & echo $!; exit 3");
    let command = Command::shell(&line).unwrap();
    for _ in 0..3 {
        let mut text = Vec::new();
        let ended = command.run(LONG, &mut |piece| text.extend_from_slice(piece));
        assert_eq!(ended.unwrap().exit, Exit::Status(3));
        let text = String::from_utf8(text).unwrap();
        let left: u32 = text
            .lines()
            .next()
            .unwrap()
            .parse()
            .expect("a pid, not `late`");
        while std::path::Path::new(&format!("/proc/{left}/fd/1")).exists() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

#[test]
fn its_cpu_time_is_what_the_kernel_charged() {
    // times(1p) of the shell: its own, and that of the children it waited for.
    let line = "i=0; while [ $i -lt 30000 ]; do i=$((i + 1)); done; cat /proc/$$/stat";
    let (ended, text) = run(line, LONG);
    let fields: Vec<&str> = text
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    // `stat` counts ticks of 10 ms, and was read before the end.
    assert!(
        ended.cpu_us >= ticks.saturating_sub(2) * 10_000,
        "{ended:?} {ticks}"
    );
    assert!(ended.cpu_us > 0);
}

#[test]
fn signals_that_are_blocked_or_ignored_here_are_not_so_there() {
    let mut blocked = SigSet::empty();
    blocked.add(Signal::SIGTERM);
    blocked.thread_block().unwrap();
    let (ended, _) = run("kill -TERM $$; exit 0", LONG);
    blocked.thread_unblock().unwrap();
    assert_eq!(ended.exit, Exit::Signal(15));
    // Rust's runtime ignores SIGPIPE.
    let (ended, _) = run("kill -PIPE $$; exit 0", LONG);
    assert_eq!(ended.exit, Exit::Signal(13));
}

#[test]
fn one_that_is_dropped_is_killed() {
    let command = Command::shell("echo $$; exec sleep 1000").unwrap();
    let mut child = command.start().unwrap();
    assert!(child.started_ns() > 0);
    let pid = first_line(&mut child);
    drop(child);
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
    assert_eq!(
        stat.map_err(|e| e.kind()).err(),
        Some(std::io::ErrorKind::NotFound)
    );
    let end = std::process::Command::new("true").status().unwrap();
    assert_eq!(end.into_raw(), 0, "others are started as before");
}
