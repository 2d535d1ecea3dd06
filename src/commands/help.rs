//! `--help`, from what a command declares.

use super::given::needs_command;
use crate::render::style::{hanging, wrapped};
use argh::{CommandInfoWithArgs, FlagInfo, FlagInfoKind, Optionality};
use std::io::{self, Write};

/// The column of the descriptions.
const DESCRIPTIONS: usize = 20;

/// # Errors
/// Those of `out`.
pub(super) fn help(
    name: &str,
    command: &CommandInfoWithArgs,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    hanging(out, width, "Usage: ", &usage(name, command))?;
    writeln!(out)?;
    wrapped(out, width, "", 0, command.description)?;
    let mut section = "Positional Arguments:";
    for positional in command.positionals {
        begin(&mut section, out)?;
        entry(positional.name, positional.description, width, out)?;
    }
    section = "Options:";
    // The first one is --help.
    let flags = command.flags.iter();
    for flag in flags.clone().skip(1).chain(flags.take(1)) {
        if flag.hidden {
            continue;
        }
        begin(&mut section, out)?;
        let name = match flag.short {
            Some(short) => format!("-{short}, {}", flag.long),
            None => flag.long.to_owned(),
        };
        entry(&name, flag.description, width, out)?;
    }
    section = "Commands:";
    for below in &command.commands {
        begin(&mut section, out)?;
        entry(
            below.name,
            first_sentence(below.command.description),
            width,
            out,
        )?;
    }
    for (title, texts) in [("Examples:", command.examples), ("Notes:", command.notes)] {
        section = title;
        for line in texts.iter().flat_map(|text| text.lines()) {
            begin(&mut section, out)?;
            let line = line.replace("{{", "{").replace("}}", "}");
            match line.split_once("  ") {
                _ if line.len() + 2 <= width => writeln!(out, "  {line}")?,
                Some(("", rest)) => entry("", rest.trim_start(), width, out)?,
                Some((name, text)) => entry(name, text.trim_start(), width, out)?,
                None => wrapped(out, width, "  ", 4, &line)?,
            }
        }
    }
    Ok(())
}

/// What a list of commands has room for; the help of the command itself has the rest.
fn first_sentence(description: &str) -> &str {
    let end = description.find(". ").map(|end| end + 1);
    &description[..end.unwrap_or(description.len())]
}

/// Writes the title of a section before its first entry.
fn begin(section: &mut &str, out: &mut dyn Write) -> io::Result<()> {
    match std::mem::take(section) {
        "" => Ok(()),
        title => writeln!(out, "\n{title}"),
    }
}

fn entry(name: &str, description: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut first = format!("  {name:<18}");
    if name.len() >= 18 {
        writeln!(out, "{first}")?;
        first = " ".repeat(DESCRIPTIONS);
    }
    wrapped(out, width, &first, DESCRIPTIONS, description)
}

fn usage(name: &str, command: &CommandInfoWithArgs) -> String {
    let mut usage = name.to_owned();
    for positional in command.positionals {
        usage.push(' ');
        let name = ["<", positional.name, dots(&positional.optionality), ">"].concat();
        push(
            &mut usage,
            &name,
            positional.optionality != Optionality::Required,
        );
    }
    for flag in command.flags.iter().skip(1).filter(|flag| !flag.hidden) {
        usage.push(' ');
        push(
            &mut usage,
            &option(flag),
            flag.optionality != Optionality::Required,
        );
    }
    if !command.commands.is_empty() {
        usage.push(' ');
        push(&mut usage, "<command>", !needs_command(command));
        usage.push_str(" [<args>]");
    }
    usage
}

fn option(flag: &FlagInfo<'_>) -> String {
    let mut option = flag
        .short
        .map_or(flag.long.to_owned(), |short| format!("-{short}"));
    if let FlagInfoKind::Option { arg_name } = flag.kind {
        for part in [" <", arg_name, dots(&flag.optionality), ">"] {
            option.push_str(part);
        }
    }
    option
}

fn dots(optionality: &Optionality) -> &'static str {
    match optionality {
        Optionality::Repeating => "...",
        _ => "",
    }
}

fn push(usage: &mut String, text: &str, is_optional: bool) {
    let [open, close] = match is_optional {
        true => ["[", "]"],
        false => ["", ""],
    };
    for part in [open, text, close] {
        usage.push_str(part);
    }
}
