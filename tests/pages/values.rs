//! What the value of an option may be, found out from the program itself: it says
//! which words it takes when it is given another.

use super::definitions::{Command, Flag, Tool};
use std::process::{self, Stdio};

#[derive(Debug, PartialEq, Eq)]
pub enum Value {
    Words(Vec<String>),
    File,
    /// Nothing that a shell could guess.
    Free,
}

/// Words that are as good as any other to the program, but usual.
const USUAL: [(&str, &[&str]); 1] = [("stage", &["baseline", "edge", "workload", "ramp"])];

/// # Panics
/// Where the program does not refuse what no program takes.
pub fn value_of(command: &Command, option: &Flag) -> Value {
    if let Some((_, words)) = USUAL
        .iter()
        .find(|(long, _)| option.long == format!("--{long}"))
    {
        for word in *words {
            let told = option.description;
            assert!(told.contains(word), "{}: {told}: {word}", option.long);
        }
        return Value::Words(words.iter().map(|word| (*word).to_owned()).collect());
    }
    let done = process::Command::new(env!("CARGO_BIN_EXE_edgebench-lite"))
        .args(&command.path)
        // Where the first is taken, the second is not: nothing ever runs.
        .args([option.long, "?", "--no-such-option"])
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    assert_eq!(
        done.status.code(),
        Some(2),
        "{} {}",
        command.name(),
        option.long
    );
    let said = String::from_utf8(done.stderr).expect("errors are UTF-8");
    if let Some(words) = words(&said) {
        return Value::Words(words);
    }
    // A file whose suffix is no export type is refused for that alone.
    let taken = said.contains("`--no-such-option`") || said.contains("unknown export type `?`");
    let names_a_file = ["log ", "file ", "directory "];
    match taken
        && names_a_file
            .iter()
            .any(|start| option.description.starts_with(start))
    {
        true => Value::File,
        false => Value::Free,
    }
}

/// The words of "`?` is none of a, b" and the like.
fn words(said: &str) -> Option<Vec<String>> {
    let (_, why) = said.split_once("`?` is ")?;
    let (why, _) = why.split_once(" (see ")?;
    let list = ["none of ", "no known profile: those are ", "not "];
    let list = list.iter().find_map(|start| why.strip_prefix(start))?;
    let words = list.split(", ").map(|word| word.trim_start_matches("and "));
    let is_word = |word: &str| {
        word.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    words
        .map(|word| is_word(word).then(|| word.to_owned()))
        .collect()
}

#[test]
fn words_are_what_the_program_says_that_it_takes() {
    let words = |said: &str| {
        words(&format!(
            "edgebench-lite: --x: {said} (see edgebench-lite --help)\n"
        ))
    };
    let list = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
    assert_eq!(
        words("`?` is none of auto, exact, off"),
        list(&["auto", "exact", "off"])
    );
    assert_eq!(
        words("`?` is no known profile: those are izuma, k3s, and auto"),
        list(&["izuma", "k3s", "auto"])
    );
    assert_eq!(words("`?` is not edge-info"), list(&["edge-info"]));
    assert_eq!(words("`?` is not LABEL=PATTERN, such as app=app.py"), None);
    assert_eq!(words("a time is a number and a unit"), None);
}

/// Whatever option names a file is completed with file names, by all three shells: these
/// go by [`value_of`].
#[test]
fn files_are_completed_behind_what_takes_one() {
    let tool = Tool::new();
    let mut seen = Vec::new();
    for command in &tool.commands {
        let takes_file =
            |long: &str| ["--output", "--export", "--facts", "--key-file"].contains(&long);
        for option in command.options().filter(|option| takes_file(option.long)) {
            let name = format!("{} {}", command.name(), option.long);
            assert_eq!(value_of(command, option), Value::File, "{name}");
            seen.push(name);
        }
    }
    for name in [
        "record --output",
        "boot restart --output",
        "compare --facts",
        "report --export",
    ] {
        assert!(seen.iter().any(|other| other == name), "{name}: {seen:?}");
    }
}

/// The program takes all of an example up to an option that there is not.
#[test]
fn examples_may_be_typed() {
    let tool = Tool::new();
    for command in &tool.commands {
        let name = command.name();
        let lines: Vec<&str> = command.examples().flat_map(str::lines).collect();
        assert!(!lines.is_empty(), "{name} has no example");
        let typed = lines.iter().filter_map(|line| {
            let line = line.strip_prefix("sudo ").unwrap_or(line);
            let line = line.split(" >").next()?;
            line.strip_prefix("edgebench-lite ")
        });
        for words in typed {
            assert!(words.starts_with(&name), "{name}: {words}");
            let done = process::Command::new(env!("CARGO_BIN_EXE_edgebench-lite"))
                .args(words.split(' '))
                .arg("--no-such-option")
                .stdin(Stdio::null())
                .output()
                .expect("the program starts");
            let said = String::from_utf8(done.stderr).expect("errors are UTF-8");
            assert!(said.contains("`--no-such-option`"), "{words}: {said}");
        }
    }
}
