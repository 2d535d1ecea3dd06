//! Commands by their words: `report` and `compare` of a log that is the input, and options
//! alone.

use super::arguments::{parse, Invocation};
use super::outcome::{Error, PROGRAM};
use super::{Command, Tool};
use crate::fuzzing::{is_clean, json, Bytes};
use nix::sys::memfd::{memfd_create, MFdFlags};
use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;

/// A file in memory, and a name for it.
struct Held(File);

impl Held {
    fn new(bytes: &[u8]) -> Self {
        let fd = memfd_create("log", MFdFlags::MFD_CLOEXEC).expect("there is room");
        let mut file = File::from(fd);
        file.write_all(bytes).expect("there is room");
        Self(file)
    }

    fn name(&self) -> String {
        format!("/proc/self/fd/{}", self.0.as_raw_fd())
    }
}

/// Runs one of the commands that only read, and looks at what it prints.
fn printed(words: &[&str], format: &str) {
    let words = [PROGRAM].into_iter().chain(words.iter().copied());
    let words = words.chain(["--format", format]).map(OsString::from);
    let Ok(Invocation::Run(tool)) = parse::<Tool>(PROGRAM, words) else {
        panic!("the words are understood");
    };
    let mut out = Vec::new();
    let done = match &tool.command {
        Some(Command::Report(report)) => report.run(&mut out),
        Some(Command::Compare(compare)) => compare.run(&mut out),
        _ => panic!("another command"),
    };
    match done {
        Ok(_) => {
            is_clean(&out);
            if format == "json" {
                json::check(&out);
            }
        }
        Err(Error::Failed(why) | Error::Usage(why)) => is_clean(why.as_bytes()),
        Err(Error::BrokenPipe) => panic!("there is no pipe"),
    }
}

const FORMATS: [&str; 7] = ["text", "markdown", "json", "csv", "html", "svg", "prom"];

fn format_of(byte: u8, known: usize) -> &'static str {
    FORMATS[usize::from(byte) % known]
}

pub(crate) fn report(input: &[u8]) {
    let mut input = Bytes(input);
    let [by, format, more, _] = [(); 4].map(|()| input.byte());
    let log = Held::new(input.0);
    let by = ["name", "process", "unit", "slice", "container", "pod"][usize::from(by) % 6];
    let name = log.name();
    let mut words = vec!["report", &name, "--by", by];
    let switches = [
        (1, "--brief"),
        (2, "--runs"),
        (4, "--no-charts"),
        (8, "--key=own=k3s"),
        (16, "--unit=k3s.service"),
        (32, "--cgroup=/system.slice"),
        (64, "--memory=rss"),
        (128, "--top=1000"),
    ];
    words.extend(
        switches
            .iter()
            .filter(|(bit, _)| more & bit != 0)
            .map(|(_, word)| *word),
    );
    printed(&words, format_of(format, 7));
}

/// The log is cut in two, at a frame's end: two logs are compared.
pub(crate) fn compare(input: &[u8]) {
    let mut input = Bytes(input);
    let [at, format, more, _] = [(); 4].map(|()| input.byte());
    let ends = input.0.iter().enumerate().filter(|(_, byte)| **byte == 0);
    let ends: Vec<usize> = ends.map(|(at, _)| at + 1).collect();
    let cut = ends.get(ends.len() * usize::from(at) / 256).copied();
    let (one, other) = input.0.split_at(cut.unwrap_or(0));
    let logs = [one, other].map(Held::new);
    let names = [logs[0].name(), logs[1].name()];
    let mut words = vec!["compare", &names[1]];
    if !one.is_empty() {
        words.push(&names[0]);
    }
    let switches = [
        (1, "--key=own=k3s"),
        (2, "--unit=k3s.service"),
        (4, "--cgroup=/system.slice"),
        (8, "--reference=izuma"),
        (16, "--profile=other=k3s"),
    ];
    words.extend(
        switches
            .iter()
            .filter(|(bit, _)| more & bit != 0)
            .map(|(_, word)| *word),
    );
    printed(&words, format_of(format, 6));
}

pub(crate) fn table_of_facts(text: &[u8]) {
    let facts = Held::new(text);
    let format = format_of(text.iter().fold(0, |sum, byte| sum ^ byte), 6);
    printed(&["compare", "--facts", &facts.name()], format);
}

/// Each line is a word.
pub(crate) fn options(input: &[u8]) {
    let mut input = Bytes(input);
    let width = usize::from(input.byte());
    let words: Vec<String> = input
        .0
        .split(|&byte| byte == b'\n')
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect();
    let all = words.iter().map(OsString::from);
    let argv = std::iter::once(OsString::from(PROGRAM)).chain(all);
    match parse::<Tool>(PROGRAM, argv) {
        Ok(Invocation::Run(Tool { command, .. })) => {
            let understood = match &command {
                Some(Command::Record(record)) => record.understood(),
                Some(Command::Ramp(ramp)) => ramp.understood(),
                _ => Ok(()),
            };
            if let Err(Error::Failed(why) | Error::Usage(why)) = understood {
                is_clean(why.as_bytes());
            }
        }
        Ok(Invocation::Help(help)) => {
            let mut out = Vec::new();
            help.print(width, &mut out).expect("there is room");
            is_clean(&out);
        }
        Err(Error::Failed(why) | Error::Usage(why)) => assert!(!why.is_empty()),
        Err(Error::BrokenPipe) => panic!("there is no pipe"),
    }
}
