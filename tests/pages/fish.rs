//! The completion of fish.

use super::definitions::{summary, value_name, Command, Flag, Tool};
use super::values::{value_of, Value};
use std::fmt::Write;

pub fn script(tool: &Tool) -> String {
    let mut script = String::from(
        "# fish completion for edgebench-lite. Made from what --help is made of:\n\
         # EDGEBENCH_WRITE=1 cargo test --test pages\n\n\
         complete -c edgebench-lite -f\n\
         complete -c edgebench-lite -s h -l help -d 'display usage information'\n",
    );
    let out = &mut script;
    for option in &tool.options {
        let text = quoted(&summary(option.description));
        let long = long(option);
        let _ = writeln!(
            out,
            "complete -c edgebench-lite -n __fish_use_subcommand -l {long} -d {text}"
        );
    }
    for word in &tool.words {
        let beside = tool
            .words
            .iter()
            .filter(|other| other.before == word.before);
        let beside: Vec<&str> = beside.map(|other| other.name).collect();
        let mut here = seen(&word.before);
        here.push(format!(
            "not __fish_seen_subcommand_from {}",
            beside.join(" ")
        ));
        let _ = writeln!(
            out,
            "complete -c edgebench-lite -n '{}' -a {} -d {}",
            here.join("; and "),
            word.name,
            quoted(&word.summary)
        );
    }
    for command in &tool.commands {
        let _ = writeln!(out);
        let start = format!(
            "complete -c edgebench-lite -n '{}'",
            seen(&command.path).join("; and ")
        );
        if command.positionals().next().is_some() {
            let _ = writeln!(out, "{start} -F");
        }
        command
            .options()
            .for_each(|option| describe(out, &start, command, option));
    }
    script
}

fn seen(path: &[&str]) -> Vec<String> {
    path.iter()
        .map(|word| format!("__fish_seen_subcommand_from {word}"))
        .collect()
}

fn describe(out: &mut String, start: &str, command: &Command, option: &Flag) {
    let short = option
        .short
        .map(|short| format!(" -s {short}"))
        .unwrap_or_default();
    let value = value_name(option).map(|_| match value_of(command, option) {
        Value::Words(words) => format!(" -x -a '{}'", words.join(" ")),
        Value::File => " -r -F".to_owned(),
        Value::Free => " -x".to_owned(),
    });
    let text = quoted(&summary(option.description));
    let _ = writeln!(
        out,
        "{start}{short} -l {}{} -d {text}",
        long(option),
        value.unwrap_or_default()
    );
}

fn long(option: &Flag) -> &'static str {
    option.long.trim_start_matches("--")
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
