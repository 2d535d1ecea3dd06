//! The completion of bash, which needs nothing but bash.

use super::definitions::{value_name, Command, Tool};
use super::values::{value_of, Value};
use std::fmt::Write;

pub fn script(tool: &Tool) -> String {
    let mut script = String::from(START);
    let out = &mut script;
    for word in &tool.words {
        let (before, name) = (word.before.join(" "), word.name);
        let after = [&word.before[..], &[name]].concat().join(" ");
        let _ = writeln!(out, "            '{before}|{name}') command='{after}' ;;");
    }
    out.push_str(VALUES);
    for command in &tool.commands {
        values(out, command);
    }
    out.push_str(WORDS);
    let mut groups: Vec<String> = Vec::new();
    for word in &tool.words {
        let group = word.before.join(" ");
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    for group in groups {
        let below = tool
            .words
            .iter()
            .filter(|word| word.before.join(" ") == group);
        let mut words: Vec<&str> = below.map(|word| word.name).collect();
        if group.is_empty() {
            words.extend(tool.options.iter().map(|option| option.long));
        }
        words.push("--help");
        let _ = writeln!(out, "        '{group}') words='{}' ;;", words.join(" "));
    }
    for command in &tool.commands {
        let mut words: Vec<&str> = command.options().map(|option| option.long).collect();
        words.push("--help");
        let _ = writeln!(
            out,
            "        '{}') words='{}' ;;",
            command.name(),
            words.join(" ")
        );
    }
    out.push_str(FILES);
    let with_files = tool
        .commands
        .iter()
        .filter(|c| c.positionals().next().is_some());
    let names: Vec<String> = with_files.map(|c| format!("'{}'", c.name())).collect();
    let _ = write!(
        out,
        "        {}) compopt -o default ;;\n{END}",
        names.join(" | ")
    );
    script
}

fn values(out: &mut String, command: &Command) {
    let name = command.name();
    for option in command
        .options()
        .filter(|option| value_name(option).is_some())
    {
        let mut spelled = format!("'{name}|{}'", option.long);
        if let Some(short) = option.short {
            let _ = write!(spelled, " | '{name}|-{short}'");
        }
        let _ = match value_of(command, option) {
            Value::Words(words) => {
                writeln!(out, "        {spelled}) words='{}' ;;", words.join(" "))
            }
            Value::File => {
                writeln!(out, "        {spelled})\n            compopt -o default\n            return\n            ;;")
            }
            Value::Free => writeln!(out, "        {spelled}) return ;;"),
        };
    }
}

const START: &str = r#"# shellcheck shell=bash
# bash completion for edgebench-lite. Made from what --help is made of:
# EDGEBENCH_WRITE=1 cargo test --test pages

_edgebench_lite() {
    local current=${COMP_WORDS[COMP_CWORD]} command='' words='' index
    local previous=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    # To bash, --name=value is three words.
    if [[ $current == = ]]; then
        current=
    elif [[ $previous == = ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((index = 1; index < COMP_CWORD; index++)); do
        case "$command|${COMP_WORDS[index]}" in
"#;

const VALUES: &str = r#"        esac
    done

    case "$command|$previous" in
"#;

const WORDS: &str = r#"    esac
    if [[ $words ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
        return
    fi

    case $command in
"#;

const FILES: &str = r#"    esac
    if [[ $current == -* || ! $words =~ ^- ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
        return
    fi
    case $command in
"#;

const END: &str = r#"    esac
}

complete -F _edgebench_lite edgebench-lite
"#;

/// What bash offers for a line that ends where the cursor is.
fn offered(words: &[&str]) -> Option<Vec<String>> {
    let asked = "eval \"$1\" && shift && COMP_WORDS=(\"$@\") && COMP_CWORD=$(($# - 1)) &&
        compopt() { echo \"compopt $*\"; } && _edgebench_lite && printf '%s\\n' \"${COMPREPLY[@]}\"";
    let done = std::process::Command::new("bash")
        .args(["-c", asked, "bash"])
        .arg(script(&Tool::new()))
        .arg("edgebench-lite")
        .args(words)
        .output();
    let Ok(done) = done else {
        crate::skip::skipped("bash is not there");
        return None;
    };
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success() && errors.is_empty(),
        "{words:?}: {errors}"
    );
    let text = String::from_utf8(done.stdout).expect("words are UTF-8");
    Some(
        text.lines()
            .filter(|l| !l.is_empty())
            .map(str::to_owned)
            .collect(),
    )
}

#[test]
fn bash_offers_what_may_stand_there() {
    for (words, expected) in [
        (&["rec"][..], &["record"][..]),
        (&["--v"], &["--version"]),
        (&["log", "v"], &["verify"]),
        (&["record", "--pss", ""], &["auto", "exact", "off"]),
        (&["record", "--pss", "="], &["auto", "exact", "off"]),
        (&["record", "--pss", "=", "e"], &["exact"]),
        (&["record", "-d", ""], &[]),
        (&["record", "-o", ""], &["compopt -o default"]),
        (&["record", "--q"], &["--quiet"]),
        // A value is no command.
        (&["record", "--product", "report", "--du"], &["--duration"]),
        (&["report", "--memory", "r"], &["rss"]),
        (&["report", ""], &["compopt -o default"]),
        (&["log", "info", "x"], &["compopt -o default"]),
        (&["selftest", "-"], &["--help"]),
    ] {
        if let Some(found) = offered(words) {
            assert_eq!(found, expected, "{words:?}");
        }
    }
}
