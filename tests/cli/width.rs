//! Every screen on a terminal, within its columns.

use crate::pty::Terminal;
use crate::support::{capture, run, Folder};
use std::process::{Command, Stdio};

/// What a command writes to a terminal of so many columns; 0: unknown.
pub fn on_terminal(columns: u16, command: &mut Command) -> Vec<String> {
    let mut terminal = Terminal::new(columns);
    command.stdout(Stdio::from(terminal.also()));
    command.env_remove("COLUMNS");
    let mut child = terminal.start(command, true);
    child.wait().unwrap();
    terminal.drain();
    let seen = terminal.seen();
    seen.lines().map(str::to_owned).collect()
}

/// Two logs with long names, a good one and a damaged one.
fn logs(folder: &Folder) -> [String; 2] {
    let done = run(folder
        .record(["--duration=200ms", "--product=k3s", "--stage=edge"])
        .arg("-q"));
    assert_eq!(done.status, Some(0), "{}", done.err);
    let good = "a-name-of-a-log-that-is-as-long-as-on-boards.ebl";
    let mut bytes = std::fs::read(folder.file("log.ebl")).unwrap();
    folder.write(good, &bytes);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let bad = format!("damaged-{good}");
    folder.write(&bad, &bytes);
    [good.to_owned(), bad]
}

fn screens(folder: &Folder) -> Vec<Command> {
    let [good, bad] = logs(folder);
    let missing = format!("no-folder-of-that-name-is-to-be-found-here/{good}");
    let mut screens: Vec<Command> = [
        &["--help"][..],
        &["record", "--help"],
        &["report", "--help"],
        &["compare", "--help"],
        &["footprint", "--help"],
        &["selftest", "--help"],
        &["log", "--help"],
        &["log", "verify", "--help"],
        &["log", "info", &good],
        &["log", "info", &bad],
        &["log", "verify", &good],
        &["log", "verify", &bad],
        &["report", &good],
        &["report", &bad],
        &["compare", &good],
        &["footprint", &good],
        &["report", &missing],
        &["record", "--duration=10ms", "--interval=1s"],
        &[
            "record",
            "--no-such-option-is-known-to-this-program-at-all-in-any-version",
        ],
    ]
    .iter()
    .map(|arguments| folder.edgebench(arguments.iter().copied()))
    .collect();
    for command in [
        &["selftest"][..],
        &["footprint"],
        &["footprint", "--by=unit", "--over=0"],
        &["footprint", "--profile=k3s"],
        &["record", "--interval=100ms", "--duration=100ms"],
    ] {
        let mut screen = folder.edgebench(["--proc-root"]);
        screen.arg(capture("x86_64-6.18")).args(command);
        screens.push(screen);
    }
    screens.push(folder.edgebench(["selftest"]));
    screens
}

/// More screens: of several runs and products, of a foreign name, and of each command.
fn more_screens(folder: &Folder) -> Vec<Command> {
    let [good, _] = logs(folder);
    folder.write(
        "hand.facts",
        "k3s boot-cold 38 s \"stopwatch\"\nizuma boot-cold 26 s \"stopwatch\"\n\
         izuma memory-with 300 MiB \"free\"\nizuma survive-ip-change yes \"DHCP\"\n",
    );
    for _ in 0..2 {
        let wide = "record -q --duration=200ms --interval=100ms --product=日本語デー --stage=edge -o wide.ebl";
        let done = run(&mut folder.edgebench(wide.split(' ')));
        assert_eq!(done.status, Some(0), "{}", done.err);
    }
    let plan = run(&mut folder.edgebench(["bench", "--example", "k3s"])).out;
    folder.write("k3s.plan", plan);
    let helps = [
        "boot",
        "boot watch",
        "boot restart",
        "ramp",
        "survive",
        "survive ip-change",
        "survive firewall",
        "peer",
        "bench",
        "log info",
        "log cat",
    ];
    let helps = helps.map(|command| format!("{command} --help"));
    let others = [
        "compare --facts=hand.facts wide.ebl ",
        "report --brief wide.ebl ",
        "report wide.ebl ",
        "report --runs wide.ebl ",
        "log info wide.ebl ",
    ];
    let others = others.map(|command| command.to_owned() + &good);
    let alone = [
        "boot",
        "survive ip-change",
        "survive firewall",
        "ramp",
        "bench --check k3s.plan",
        "bench --status",
    ];
    let all = helps
        .into_iter()
        .chain(others)
        .chain(alone.map(str::to_owned));
    all.map(|line| folder.edgebench(line.split_whitespace()))
        .collect()
}

/// The columns that a terminal gives a character: none to one that is drawn over the one
/// before, two to those of East Asia and to pictures.
fn columns_of(character: char) -> usize {
    match character as u32 {
        0x300..=0x36f | 0x200b..=0x200f | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f
        | 0x2e80..=0x303e
        | 0x3041..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff01..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Whether a line is wider than the terminal. One word that has the line to itself is left
/// whole, so that it can be copied.
fn is_wide(line: &str, columns: usize) -> bool {
    let drawn = line.rsplit('\r').next().unwrap().replace("\x1b[J", "");
    drawn.chars().map(columns_of).sum::<usize>() > columns && drawn.contains(' ')
}

#[test]
fn nothing_is_wider_than_the_terminal() {
    let folder = Folder::new();
    for make in [screens, more_screens] {
        for columns in [80, 60, 40] {
            for mut command in make(&folder) {
                let lines = on_terminal(columns, &mut command);
                let is_long = |line: &&String| is_wide(line, usize::from(columns));
                let long: Vec<_> = lines.iter().filter(is_long).collect();
                assert!(long.is_empty(), "{columns}: {command:?}: {long:#?}");
                assert!(!lines.is_empty(), "{command:?}");
            }
        }
    }
}

/// A word that is longer than a line is left whole, so that it can be copied.
fn too_long(line: &str, columns: usize) -> bool {
    let drawn = line.rsplit('\r').next().unwrap();
    drawn.chars().count() > columns && drawn.trim_start().contains(' ')
}

#[test]
fn a_terminal_that_does_not_say_has_80_columns_for_every_screen() {
    let folder = Folder::new();
    for mut command in screens(&folder) {
        let lines = on_terminal(0, &mut command);
        assert!(!lines.is_empty(), "{command:?}");
        let long: Vec<_> = lines.iter().filter(|line| too_long(line, 80)).collect();
        assert!(long.is_empty(), "{command:?}: {long:#?}");
    }
}

#[test]
fn sentences_take_the_width_of_the_terminal() {
    let folder = Folder::new();
    let [_, bad] = logs(&folder);
    let mut command = folder.edgebench(["log", "verify", &bad]);
    let narrow = on_terminal(72, &mut command);
    assert!(narrow.len() > 2, "{narrow:?}");
    assert!(!narrow.iter().any(|line| too_long(line, 72)), "{narrow:?}");
    let mut command = folder.edgebench(["log", "verify", &bad]);
    let wide = on_terminal(250, &mut command);
    assert_eq!(wide.len(), 2, "{wide:?}");
    // Not on a terminal, each sentence is one line.
    let piped = run(&mut folder.edgebench(["log", "verify", &bad])).out;
    assert_eq!(piped.lines().collect::<Vec<_>>(), wide);
    let mut command = folder.edgebench(["report", "missing.ebl"]);
    let error = on_terminal(40, &mut command);
    assert_eq!(
        error,
        [
            "edgebench-lite: cannot read missing.ebl:",
            "  No such file or directory"
        ]
    );
}
