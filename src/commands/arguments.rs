//! Arguments as people type them, for argh: `--name=value`, `-h`; and its errors in one
//! line.

use super::outcome::Error;
use argh::{EarlyExit, FromArgs};
use std::ffi::OsString;

/// What argv says: run a command, or print its help.
pub(crate) enum Invocation<T> {
    Run(T),
    Help(String),
}

/// # Errors
/// Usage errors, in one line.
pub(crate) fn parse<T: FromArgs>(
    program: &str,
    argv: impl Iterator<Item = OsString>,
) -> Result<Invocation<T>, Error> {
    let mut words = Vec::new();
    for (index, word) in argv.skip(1).enumerate() {
        let word = word.into_string().map_err(|word| {
            Error::usage(format!("argument {} is not UTF-8: {word:?}", index + 1))
        })?;
        split(word, &mut words);
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match T::from_args(&[program], &words) {
        Ok(asked) => Ok(Invocation::Run(asked)),
        Err(EarlyExit {
            output,
            status: Ok(()),
        }) => Ok(Invocation::Help(output)),
        Err(EarlyExit { output, .. }) => Err(Error::usage(plainly(&one_line(&output)))),
    }
}

/// argh takes `--name=value` as two words, and `--help` for `-h`. Words after `--` stay as
/// they are.
fn split(word: String, words: &mut Vec<String>) {
    let is_literal = words.iter().any(|earlier| earlier == "--");
    if is_literal {
        words.push(word);
    } else if word == "-h" {
        words.push("--help".to_owned());
    } else if let Some((name, value)) = word.split_once('=').filter(|(name, _)| is_option(name)) {
        words.push(name.to_owned());
        words.push(value.to_owned());
    } else {
        words.push(word);
    }
}

fn is_option(name: &str) -> bool {
    name.strip_prefix("--").is_some_and(|name| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    })
}

/// Joins the lines of an argh message.
fn one_line(message: &str) -> String {
    let mut line = String::new();
    for part in message.lines().map(str::trim).filter(|p| !p.is_empty()) {
        if !line.is_empty() {
            line.push_str(if line.ends_with(':') { " " } else { "; " });
        }
        line.push_str(part);
    }
    line
}

/// Rewords argh's messages; unknown ones stay as they are.
fn plainly(message: &str) -> String {
    if let Some(word) = message.strip_prefix("Unrecognized argument: ") {
        return format!("unknown argument `{word}`");
    }
    let quoted = |text: &str| text.strip_suffix("'.").map(str::to_owned);
    if let Some(name) = message
        .strip_prefix("No value provided for option '")
        .and_then(quoted)
    {
        return format!("{name} needs a value");
    }
    if let Some((name, why)) = message
        .strip_prefix("Error parsing option '")
        .and_then(|rest| rest.split_once("' with value '"))
        .and_then(|(name, rest)| Some((name, rest.split_once("': ")?.1)))
    {
        return format!("{name}: {why}");
    }
    if let Some(commands) =
        message.strip_prefix("One of the following subcommands must be present: help; ")
    {
        return format!("no command given, of {}", commands.replace("; ", ", "));
    }
    message.to_owned()
}

/// Parses one of several words.
///
/// # Errors
/// The message that lists the words.
pub(crate) fn one_of<T: Copy>(text: &str, known: &[(&str, T)]) -> Result<T, String> {
    let found = known.iter().find(|(name, _)| *name == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let none = if names.len() > 1 { "none of" } else { "not" };
        format!("`{text}` is {none} {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(typed: &[&str]) -> Vec<String> {
        let mut words = Vec::new();
        for word in typed {
            split((*word).to_owned(), &mut words);
        }
        words
    }

    #[test]
    fn options_with_an_equals_sign_are_two_words() {
        assert_eq!(words(&["--duration=5m"]), ["--duration", "5m"]);
        assert_eq!(words(&["--key=A=b=c"]), ["--key", "A=b=c"]);
        assert_eq!(words(&["--product="]), ["--product", ""]);
    }

    #[test]
    fn values_and_literals_stay_whole() {
        assert_eq!(words(&["A=b", "-x=1", "--=1"]), ["A=b", "-x=1", "--=1"]);
        assert_eq!(words(&["--", "--a=b", "-h"]), ["--", "--a=b", "-h"]);
        assert_eq!(words(&["-h"]), ["--help"]);
    }

    #[test]
    fn messages_take_one_line() {
        assert_eq!(
            one_line("Required options not provided:\n    --a\n    --b\n"),
            "Required options not provided: --a; --b"
        );
    }

    #[test]
    fn messages_say_which_option() {
        for (argh, ours) in [
            ("Unrecognized argument: --x", "unknown argument `--x`"),
            ("No value provided for option '--x'.", "--x needs a value"),
            (
                "Error parsing option '--x' with value '7': is odd",
                "--x: is odd",
            ),
            (
                "One of the following subcommands must be present: help; a; b",
                "no command given, of a, b",
            ),
            ("Something new", "Something new"),
        ] {
            assert_eq!(plainly(argh), ours);
        }
    }
}
