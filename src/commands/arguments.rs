//! argv: the command that it asks for, or its help; and options that are one of several
//! words.

use super::given::Typed;
use super::help::help;
use super::options::Options;
use super::outcome::Error;
use argh::CommandInfoWithArgs;
use std::ffi::OsString;
use std::io::{self, Write};

/// What argv says: run a command, or print its help.
pub(crate) enum Invocation<T> {
    Run(T),
    Help(Help),
}

/// The command whose help is asked for.
pub(crate) struct Help {
    path: Vec<&'static str>,
    command: CommandInfoWithArgs,
}

impl Help {
    /// # Errors
    /// Those of `out`.
    pub(crate) fn print(&self, width: usize, out: &mut dyn Write) -> io::Result<()> {
        help(&self.path.join(" "), &self.command, width, out)
    }
}

/// # Errors
/// Usage errors, in one line.
pub(crate) fn parse<T: Options>(
    program: &'static str,
    argv: impl Iterator<Item = OsString>,
) -> Result<Invocation<T>, Error> {
    let words = words(&mut argv.skip(1))?;
    let mut typed = Typed::new(program, T::get_args_info(), &words);
    let asked = T::typed(&mut typed);
    let help = typed.end().map_err(Error::usage)?;
    Ok(match (help, asked) {
        (None, Some(asked)) => Invocation::Run(asked),
        (path, _) => Invocation::Help(Help {
            path: path.unwrap_or_default(),
            command: typed.command,
        }),
    })
}

fn words(argv: &mut dyn Iterator<Item = OsString>) -> Result<Vec<String>, Error> {
    let mut words = Vec::new();
    for (index, word) in argv.enumerate() {
        let word = word.into_string().map_err(|word| {
            Error::usage(format!("argument {} is not UTF-8: {word:?}", index + 1))
        })?;
        split(word, &mut words);
    }
    Ok(words)
}

/// Makes `--name=value` two words, `-h` `--help`, and `-V` and `version` `--version`. Words after `--` stay as they are.
fn split(word: String, words: &mut Vec<String>) {
    let is_literal = words.iter().any(|earlier| earlier == "--");
    if is_literal {
        words.push(word);
    } else if words.is_empty() && (word == "-V" || word == "version") {
        words.push("--version".to_owned());
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

    crate::commands::options::options! {
        #[allow(dead_code)]
        /// Counts.
        struct Sample {
            /// quietly
            #[argh(switch, short = 'q')]
            quiet: bool,

            /// one number
            #[argh(option, short = 'n')]
            one: Option<u64>,

            /// numbers
            #[argh(option, long = "each")]
            all: Vec<u64>,

            /// one more
            #[argh(option)]
            more: u64 = 7,

            /// where
            #[argh(positional, arg_name = "PLACE")]
            place: String,
        }
    }

    fn sample(typed: &[&str]) -> Result<String, String> {
        let argv = ["tool"].iter().chain(typed).map(OsString::from);
        match parse::<Sample>("tool", argv) {
            Ok(Invocation::Run(asked)) => Ok(format!("{asked:?}")),
            Ok(Invocation::Help(_)) => Ok("help".to_owned()),
            Err(Error::Failed(why) | Error::Usage(why)) => Err(why),
            Err(Error::BrokenPipe) => Err(String::new()),
        }
    }

    #[test]
    fn each_field_has_what_was_typed_for_it() {
        for (typed, expected) in [
            (
                &["here"][..],
                r#"quiet: false, one: None, all: [], more: 7, place: "here""#,
            ),
            (
                &[
                    "--each=2", "-q", "-n", "3", "here", "--each", "1", "--more=9", "-q",
                ],
                r#"quiet: true, one: Some(3), all: [2, 1], more: 9, place: "here""#,
            ),
            (
                &["-qn3", "here"],
                r#"quiet: true, one: Some(3), all: [], more: 7, place: "here""#,
            ),
            (
                &["-qn", "3", "here"],
                r#"quiet: true, one: Some(3), all: [], more: 7, place: "here""#,
            ),
            (
                &["--", "--each=2"],
                r#"quiet: false, one: None, all: [], more: 7, place: "--each=2""#,
            ),
        ] {
            assert_eq!(sample(typed), Ok(format!("Sample {{ {expected} }}")));
        }
    }

    #[test]
    fn help_is_for_what_stands_before_it() {
        for typed in [&["--help"][..], &["-h"], &["help"], &["-q", "--help"]] {
            assert_eq!(sample(typed).as_deref(), Ok("help"), "{typed:?}");
        }
    }

    #[test]
    fn of_several_errors_the_first_is_told() {
        for (typed, expected) in [
            (&[][..], "Required positional arguments not provided: PLACE"),
            (&["here", "there"], "unknown argument `there`"),
            (&["--one", "1", "-n", "2"], "-n: duplicate values provided"),
            (&["here", "--one"], "--one needs a value"),
            (&["--bogus", "--each=x"], "unknown argument `--bogus`"),
            (&["-"], "unknown argument `-`"),
            (&["-qn"], "-qn needs a value"),
            (&["-qx"], "unknown argument `-qx`"),
            (
                &["--mroe=1"],
                "unknown argument `--mroe`: did you mean --more?",
            ),
            (
                &["here", "--more=all"],
                "--more: `all` is not a whole number, or too large",
            ),
            (
                &["--more=y", "--each=x"],
                "--more: `y` is not a whole number, or too large",
            ),
            (
                &["--each=x", "--bogus"],
                "--each: `x` is not a whole number, or too large",
            ),
            (
                &["help", "-q"],
                "Trailing arguments are not allowed after `help`.",
            ),
        ] {
            assert_eq!(sample(typed), Err(expected.to_owned()), "{typed:?}");
        }
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
}
