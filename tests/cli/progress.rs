//! The progress line, which is drawn on a terminal only.

use crate::pty::Terminal;
use crate::support::{
    binary_for_all, can_be_nobody, capture, of_kind, run, send, so_far, until, Folder, BINARY,
};
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// The end of each drawing.
const DRAWN: &str = "\x1b[J\r";

/// The text of the line at each drawing.
fn drawings(seen: &str) -> Vec<String> {
    let mut drawings: Vec<&str> = seen.split(DRAWN).collect();
    drawings.pop();
    drawings
        .iter()
        .map(|text| text.rsplit('\r').next().unwrap().to_owned())
        .collect()
}

fn end(child: &mut Child) -> Option<i32> {
    let mut ended = None;
    until("the end of the recording", || {
        ended = child.try_wait().unwrap();
        ended.is_some()
    });
    ended.unwrap().code()
}

/// A recording of a capture on a terminal, which it controls; its summary goes there as well.
fn on_terminal<'a>(
    folder: &Folder,
    terminal: &mut Terminal,
    arguments: impl IntoIterator<Item = &'a str>,
) -> Child {
    let mut command = folder.record(arguments);
    command.stdout(Stdio::from(terminal.also()));
    terminal.start(&mut command, true)
}

fn verified(folder: &Folder) {
    let done = run(&mut folder.edgebench(["log", "verify", "log.ebl"]));
    assert_eq!(done.status, Some(0), "{}", done.out);
}

#[test]
fn the_line_is_drawn_once_a_second_fits_and_is_erased_at_the_end() {
    // 0 columns: unknown, as on a serial line.
    for columns in [0, 20, 80, 200] {
        let folder = Folder::new();
        let mut terminal = Terminal::new(columns);
        let mut recorder = on_terminal(&folder, &mut terminal, ["--duration=2s"]);
        assert_eq!(end(&mut recorder), Some(0));
        let columns = if columns == 0 {
            80
        } else {
            usize::from(columns)
        };
        until("the summary", || terminal.seen().contains("stage unnamed"));
        let seen = terminal.seen();
        let drawings = drawings(&seen);
        // One in each second at most; fewer where the machine is busy.
        let records = folder.cat("log.ebl");
        let last = of_kind(&records, "sample").pop().unwrap();
        let at_us = last.at("tick").number() * 100_000 + last.at("late_us").number();
        let most = at_us / 1_000_000 + 1;
        assert!(drawings.len() as u64 <= most, "{most}: {drawings:?}");
        assert!(drawings[0].contains("0:00  0:02 left"), "{drawings:?}");
        for drawing in &drawings {
            assert!(drawing.len() < columns, "{drawing}");
            assert_eq!(drawing.contains("mem 1.7 %, 412 MiB"), columns >= 80);
            assert_eq!(drawing.starts_with('['), columns >= 200, "{drawing}");
        }
        let screen = terminal.screen(columns);
        let whole = screen.concat().replace(' ', "");
        let begins = "edgebench-lite:recordingintolog.eblproductunnamed,stageunnamed";
        assert!(whole.starts_with(begins), "{screen:?}");
        assert!(!whole.contains("left"), "{screen:?}");
        verified(&folder);
    }
}

#[test]
fn no_line_where_there_is_no_terminal_or_it_is_not_wanted() {
    let folder = Folder::new();
    let done = run(&mut folder.record(["--duration=200ms"]));
    assert_eq!(done.err, "edgebench-lite: recording into log.ebl\n");
    assert!(!done.out.contains(['\r', '\x1b']), "{}", done.out);
    for (option, term) in [("--quiet", "xterm"), ("--pss=auto", "dumb")] {
        let folder = Folder::new();
        let mut terminal = Terminal::new(80);
        let mut command = folder.record(["--duration=200ms", option]);
        command.stdout(File::create(folder.file("out")).unwrap());
        // `start` sets TERM, and env(1) sets it anew.
        let mut env = Command::new("env");
        env.arg(format!("TERM={term}")).arg(BINARY);
        env.args(command.get_args()).current_dir(folder.path());
        env.stdout(Stdio::null());
        let mut recorder = terminal.start(&mut env, true);
        assert_eq!(end(&mut recorder), Some(0));
        until("the message", || terminal.seen().ends_with('\n'));
        assert_eq!(
            terminal.seen(),
            "edgebench-lite: recording into log.ebl\r\n"
        );
    }
}

#[test]
fn a_window_made_narrower_gets_a_shorter_line() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(120);
    let mut recorder = on_terminal(&folder, &mut terminal, ["--duration=0"]);
    until("a line", || !drawings(&terminal.seen()).is_empty());
    assert!(drawings(&terminal.seen())[0].len() > 50);
    terminal.resize(30);
    let before = drawings(&terminal.seen()).len();
    // The first of them may have been on its way.
    until("lines", || drawings(&terminal.seen()).len() > before + 1);
    let last = drawings(&terminal.seen()).pop().unwrap();
    assert!(last.len() < 30 && last.contains("until a signal"), "{last}");
    terminal.types(b"\x03");
    assert_eq!(end(&mut recorder), Some(0));
    verified(&folder);
}

fn samples(folder: &Folder) -> usize {
    so_far(&folder.file("log.ebl")).0
}

#[test]
fn a_stopped_terminal_stops_nothing_and_a_signal_ends_the_recording() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(200);
    // Every sample is written out. The line is longer than the message.
    let arguments = ["--duration=1h", "--sync=0"];
    let mut recorder = on_terminal(&folder, &mut terminal, arguments);
    until("a line", || !drawings(&terminal.seen()).is_empty());
    // Ctrl-S.
    terminal.types(b"\x13");
    let before = samples(&folder);
    // More than a second: another line was due.
    until("samples", || samples(&folder) > before + 12);
    let seen = terminal.seen();
    // It says so, and the recording goes on.
    std::fs::remove_file(folder.file("log.ebl")).unwrap();
    until("the log is there again", || {
        let log = std::fs::metadata(folder.file("log.ebl"));
        log.is_ok_and(|log| log.len() > 0) && samples(&folder) > 5
    });
    assert_eq!(terminal.seen(), seen, "the terminal is stopped");
    // A user who types Ctrl-C can type Ctrl-Q.
    send("INT", recorder.id());
    until("the log is whole", || so_far(&folder.file("log.ebl")).1);
    terminal.types(b"\x11");
    assert_eq!(end(&mut recorder), Some(2), "the log was removed");
    let screen = terminal.screen(200);
    let said = "edgebench-lite: log.ebl was removed: a new log begins there";
    assert_eq!(screen[1], said, "{screen:?}");
    assert!(screen[2].starts_with("product "), "{screen:?}");
}

/// As after su(1): the terminal cannot be opened again, so it is polled before each
/// write.
#[test]
fn another_users_terminal_stops_nothing_either() {
    if !can_be_nobody() {
        return;
    }
    let folder = Folder::new();
    let mut terminal = Terminal::new(80);
    let mut command = Command::new(binary_for_all(&folder));
    command.args(["record", "-i", "100ms", "-d", "0", "--sync", "0"]);
    command.args(["--pss", "off", "-o", "log.ebl"]);
    command.current_dir(folder.path()).uid(65534).gid(65534);
    command.stdout(File::create(folder.file("out")).unwrap());
    let mut recorder = terminal.start(&mut command, true);
    until("a line", || !drawings(&terminal.seen()).is_empty());
    terminal.types(b"\x13");
    let before = samples(&folder);
    until("samples", || samples(&folder) > before + 5);
    let seen = terminal.seen();
    let before = samples(&folder);
    until("samples", || samples(&folder) > before + 25);
    assert_eq!(terminal.seen(), seen, "the terminal is stopped");
    terminal.types(b"\x11\x03");
    assert_eq!(end(&mut recorder), Some(0));
    verified(&folder);
}

#[test]
fn a_terminal_that_is_closed_ends_the_recording_with_the_log_whole() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(80);
    let mut command = folder.record(["--duration=0"]);
    command.stdout(File::create(folder.file("out")).unwrap());
    let mut recorder = terminal.start(&mut command, true);
    until("a line", || !drawings(&terminal.seen()).is_empty());
    terminal.hang_up();
    assert_eq!(end(&mut recorder), Some(0));
    let records = folder.cat("log.ebl");
    assert_eq!(records.last().unwrap().at("end").text(), "signal");
    verified(&folder);
}

#[test]
fn a_terminal_that_vanishes_is_not_missed() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(80);
    let mut command = folder.record(["--duration=3s"]);
    command.stdout(File::create(folder.file("out")).unwrap());
    // It is not the terminal of its session: no signal comes.
    let mut recorder = terminal.start(&mut command, false);
    until("a line", || !drawings(&terminal.seen()).is_empty());
    terminal.hang_up();
    assert_eq!(end(&mut recorder), Some(0));
    let records = folder.cat("log.ebl");
    assert_eq!(records.last().unwrap().at("end").text(), "duration");
    let out = std::fs::read_to_string(folder.file("out")).unwrap();
    assert!(out.starts_with("product unnamed"), "{out}");
}

#[test]
fn stopped_and_continued_it_counts_what_it_missed() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(80);
    let mut recorder = on_terminal(&folder, &mut terminal, ["--duration=0"]);
    until("a line", || !drawings(&terminal.seen()).is_empty());
    // What Ctrl-Z comes to; a session of its own has no shell to be stopped for.
    send("STOP", recorder.id());
    let begun = std::time::Instant::now();
    until("some deadlines are over", || {
        begun.elapsed().as_millis() > 1500
    });
    send("CONT", recorder.id());
    until("the line tells", || {
        drawings(&terminal.seen())
            .last()
            .unwrap()
            .contains(" missed")
    });
    terminal.types(b"\x03");
    assert_eq!(end(&mut recorder), Some(0));
    let records = folder.cat("log.ebl");
    let missed = records.last().unwrap().at("missed").number();
    // 15, less those at its ends; more where the machine is busy.
    assert!(missed >= 13, "{missed} of 15");
    verified(&folder);
}

/// A background job leaves the terminal to the shell, and its messages do not stop it
/// (`stty tostop`).
#[test]
fn in_the_background_it_draws_nothing_and_goes_on() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(80);
    let script = "stty tostop; set -m; \"$0\" --proc-root \"$1\" record -i 100ms -d 1200ms \
                  -o log.ebl >out & wait $!; echo status $?";
    let mut command = Command::new("sh");
    command
        .args(["-c", script, BINARY])
        .arg(capture("x86_64-6.18"));
    command
        .current_dir(folder.path())
        .stdout(Stdio::from(terminal.also()));
    let mut shell = terminal.start(&mut command, true);
    end(&mut shell);
    until("the status", || terminal.seen().contains("status"));
    assert_eq!(
        terminal.seen(),
        "edgebench-lite: recording into log.ebl\r\nstatus 0\r\n"
    );
    verified(&folder);
}
