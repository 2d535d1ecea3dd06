//! The manual page, man(7).

use super::definitions::{repeats, value_name, Command, Flag, Tool};
use argh::Optionality;
use std::fmt::Write;

/// Of the last change that a reader would notice.
const DATE: &str = "2026-11-24";

/// Of a line of the source.
const WIDTH: usize = 78;

const SPELLING: &str = r".PP
Options may be written
.B \-\-name
.I value
or
.BI \-\-name= value\fR.
Behind every command,
.B \-\-help
or
.B \-h
prints what it takes.
";

/// What no definition says.
const END: &str = r".SH FILES
.TP
.I edgebench\-HOST\-PRODUCT\-STAGE\-TIME.ebl
What
.B record
writes to without
.BR \-\-output .
.TP
.IR LOG .old
The older half of a log whose size is limited by
.BR \-\-max\-size .
.TP
.I /var/lib/edgebench\-lite/record.ebl
What
.I edgebench\-lite.service
and
.I /etc/init.d/edgebench\-lite
record at boot, where they were turned on.
.TP
.I /etc/default/edgebench\-lite
For how long and under which names they do.
.SH EXAMPLES
Record 5 minutes of a board without the edge software, and with it:
.PP
.RS 4
.EX
edgebench\-lite record \-\-product k3s \-\-stage baseline \-\-output k3s.ebl
edgebench\-lite record \-\-product k3s \-\-stage edge \-\-output k3s.ebl
.EE
.RE
.PP
Print the summaries of both, on any machine:
.PP
.RS 4
.EX
edgebench\-lite report k3s.ebl
.EE
.RE
.PP
See what the product that runs here takes, every two seconds:
.PP
.RS 4
.EX
edgebench\-lite footprint \-\-watch 2s
.EE
.RE
.PP
Record every boot from now on, under systemd:
.PP
.RS 4
.EX
systemctl enable edgebench\-lite.service
.EE
.RE
.SH SEE ALSO
.BR ps (1),
.BR systemd\-analyze (1),
.BR proc (5),
.BR capabilities (7),
.BR cgroups (7)
";

pub fn page(tool: &Tool) -> String {
    let name = env!("CARGO_PKG_NAME");
    let (about, status) = split_status(tool.description);
    let (title, rest) = about.split_once(": ").expect("a title, and what it does");
    let mut page = String::new();
    let out = &mut page;
    let _ = writeln!(
        out,
        ".\\\" Made from what --help is made of: EDGEBENCH_WRITE=1 cargo test --test pages"
    );
    let _ = writeln!(
        out,
        ".TH {} 1 {DATE} \"{name} {}\" \"User Commands\"",
        name.to_uppercase(),
        env!("CARGO_PKG_VERSION")
    );
    let _ = writeln!(out, ".SH NAME\n{} \\- {}", roff(name), roff(&lower(title)));
    let _ = writeln!(out, ".SH SYNOPSIS");
    for command in &tool.commands {
        synopsis(out, command);
        out.push_str(".br\n");
    }
    for option in &tool.options {
        let _ = writeln!(out, ".B {}\n{}\n.br", roff(name), bold(option.long));
    }
    let _ = writeln!(out, ".B {}\n{}", roff(name), bold("--help"));
    let _ = writeln!(out, ".SH DESCRIPTION\n.B {}", roff(name));
    text(out, &format!("{rest}."));
    out.push_str(SPELLING);
    let _ = writeln!(out, ".SH COMMANDS");
    for command in &tool.commands {
        section(out, command);
    }
    if !tool.options.is_empty() {
        let _ = writeln!(out, ".SS Without a command");
        tool.options.iter().for_each(|option| describe(out, option));
    }
    let _ = writeln!(out, ".SH EXIT STATUS");
    for meaning in status.split("; ") {
        let (number, meaning) = meaning
            .split_once(' ')
            .expect("a number, and what it means");
        let _ = writeln!(out, ".TP\n.B {number}\n{}.", roff(&upper(meaning)));
    }
    page.push_str(END);
    page
}

/// The text, and the meanings of the exit status at its end.
fn split_status(description: &str) -> (&str, &str) {
    let (text, status) = description
        .split_once(" Exit status: ")
        .expect("the help tells the exit status");
    (text.trim_end_matches('.'), status.trim_end_matches('.'))
}

fn synopsis(out: &mut String, command: &Command) {
    let _ = writeln!(
        out,
        ".B {} {}",
        roff(env!("CARGO_PKG_NAME")),
        command.name()
    );
    if command.options().next().is_some() {
        let _ = writeln!(out, "[\\fIoption\\fR ...]");
    }
    for positional in command.positionals() {
        let name = format!("\\fI{}\\fR", roff(positional.name));
        let _ = match positional.optionality {
            Optionality::Optional => writeln!(out, "[{name}]"),
            _ if repeats(&positional.optionality) => writeln!(out, "{name} ..."),
            _ => writeln!(out, "{name}"),
        };
    }
}

fn section(out: &mut String, command: &Command) {
    let _ = writeln!(out, ".SS {}", command.name());
    text(out, command.description());
    for positional in command.positionals() {
        let _ = writeln!(out, ".TP\n.I {}", roff(positional.name));
        text(out, positional.description);
    }
    command.options().for_each(|option| describe(out, option));
    for note in command.examples().chain(command.notes()) {
        let _ = writeln!(out, ".PP\n.EX");
        for line in note.replace("{{", "{").replace("}}", "}").lines() {
            let _ = writeln!(out, "{}", roff(line));
        }
        let _ = writeln!(out, ".EE");
    }
}

fn describe(out: &mut String, option: &Flag) {
    let short = option
        .short
        .map(|short| format!("{}, ", bold(&format!("-{short}"))));
    let value = value_name(option).map(|name| format!(" \\fI{}\\fR", roff(name)));
    let _ = writeln!(
        out,
        ".TP\n{}{}{}",
        short.unwrap_or_default(),
        bold(option.long),
        value.unwrap_or_default()
    );
    text(out, option.description);
}

/// Each sentence on a line of its own, as man(7) wants it.
fn text(out: &mut String, text: &str) {
    let text = roff(text).replace(". ", ".\n");
    for sentence in text.lines() {
        let mut length = 0;
        for word in sentence.split(' ') {
            if length > 0 && length + 1 + word.len() > WIDTH {
                out.push('\n');
                length = 0;
            } else if length > 0 {
                out.push(' ');
                length += 1;
            }
            // There a dot would make a request of the word.
            if length == 0 && word.starts_with('.') {
                out.push_str("\\&");
            }
            out.push_str(word);
            length += word.len();
        }
        out.push('\n');
    }
}

fn bold(text: &str) -> String {
    format!("\\fB{}\\fR", roff(text))
}

/// Text as roff takes it: what it would make typographic stays what is typed, and
/// what stands between backticks is bold.
fn roff(text: &str) -> String {
    let mut out = String::new();
    let mut in_code = false;
    for c in text.chars() {
        match c {
            '`' => {
                in_code = !in_code;
                out.push_str(if in_code { "\\fB" } else { "\\fR" });
            }
            '\\' => out.push_str("\\e"),
            '-' => out.push_str("\\-"),
            '\'' => out.push_str("\\(aq"),
            '^' => out.push_str("\\(ha"),
            '~' => out.push_str("\\(ti"),
            c => out.push(c),
        }
    }
    assert!(!in_code, "a backtick without another: {text}");
    out
}

fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

#[test]
fn nothing_that_is_typed_becomes_typography() {
    assert_eq!(
        roff("--a-b 'c' `ok` \\ ~^"),
        "\\-\\-a\\-b \\(aqc\\(aq \\fBok\\fR \\e \\(ti\\(ha"
    );
}

#[test]
fn every_sentence_has_a_line() {
    let mut out = String::new();
    text(&mut out, "One. Two, e.g.: three. (Four.)");
    assert_eq!(out, "One.\nTwo, e.g.: three.\n(Four.)\n");
    let long = "a".repeat(WIDTH);
    let mut out = String::new();
    text(&mut out, &format!("{long} .html"));
    assert_eq!(out, format!("{long}\n\\&.html\n"));
}
