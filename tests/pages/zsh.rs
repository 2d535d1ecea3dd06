//! The completion of zsh.

use super::definitions::{repeats, summary, value_name, Command, Flag, Tool};
use super::values::{value_of, Value};
use argh::Optionality;
use std::fmt::Write;

pub fn script(tool: &Tool) -> String {
    let mut script = String::from(
        "#compdef edgebench-lite\n\
         # zsh completion for edgebench-lite. Made from what --help is made of:\n\
         # EDGEBENCH_WRITE=1 cargo test --test pages\n",
    );
    group(&mut script, tool, &[]);
    for command in &tool.commands {
        let _ = writeln!(
            script,
            "\n{}() {{\n    _arguments -s \\",
            function(&command.path)
        );
        command
            .options()
            .for_each(|option| describe(&mut script, command, option));
        for positional in command.positionals() {
            let number = match positional.optionality {
                _ if repeats(&positional.optionality) => "*:",
                Optionality::Optional => "1::",
                _ => "1:",
            };
            let what = quoted(positional.name);
            let _ = writeln!(script, "        '{number}{what}:_files' \\");
        }
        let _ = writeln!(script, "        {HELP}\n}}");
    }
    let _ = writeln!(script, "\n{} \"$@\"", function(&[]));
    script
}

const HELP: &str = "'(- *)'{-h,--help}'[display usage information]'";

/// What chooses among the words that may stand behind `path`.
fn group(out: &mut String, tool: &Tool, path: &[&'static str]) {
    let below = || tool.words.iter().filter(|word| word.before == path);
    let _ = writeln!(out, "\n{}() {{", function(path));
    let _ = writeln!(out, "    local state line\n    local -a words_here=(");
    for word in below() {
        let _ = writeln!(out, "        '{}:{}'", word.name, quoted(&word.summary));
    }
    let _ = writeln!(out, "    )\n    _arguments -C \\");
    if path.is_empty() {
        for option in &tool.options {
            let text = quoted(&summary(option.description));
            let _ = writeln!(out, "        '(- *){}[{text}]' \\", option.long);
        }
    }
    let _ = writeln!(
        out,
        "        {HELP} \\\n        '1: :->command' \\\n        '*:: :->rest'"
    );
    let _ = writeln!(
        out,
        "    case $state in\n        command) _describe command words_here ;;"
    );
    let _ = writeln!(out, "        rest)\n            case $line[1] in");
    for word in below() {
        let inner = [path, &[word.name]].concat();
        let _ = writeln!(
            out,
            "                {}) {} ;;",
            word.name,
            function(&inner)
        );
    }
    let _ = writeln!(out, "            esac\n            ;;\n    esac\n}}");
    for word in below() {
        let inner = [path, &[word.name]].concat();
        if tool.words.iter().any(|word| word.before == inner) {
            group(out, tool, &inner);
        }
    }
}

fn function(path: &[&str]) -> String {
    let words = ["_edgebench-lite"].iter().chain(path);
    words.copied().collect::<Vec<_>>().join("_")
}

fn describe(out: &mut String, command: &Command, option: &Flag) {
    let text = quoted(&summary(option.description));
    let value = value_name(option).map(|name| match value_of(command, option) {
        Value::Words(words) => format!(":{name}:({})", words.join(" ")),
        Value::File => format!(":{name}:_files"),
        Value::Free => format!(":{name}: "),
    });
    let value = value.unwrap_or_default();
    let long = option.long;
    // The sign lets the value stand behind it too.
    let sign = if value.is_empty() { "" } else { "=" };
    // Of two spellings neither may come after the other.
    let spelled = match option.short {
        _ if repeats(&option.optionality) => format!("'*'{long}{sign}"),
        Some(short) => format!("'(-{short} {long})'{{-{short},{long}{sign}}}"),
        None => format!("{long}{sign}"),
    };
    let _ = writeln!(out, "        {spelled}'[{text}]{value}' \\");
}

/// As it may stand between single quotes and in a description.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\'' => out.push_str("'\\''"),
            ':' | '[' | ']' | '\\' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}
