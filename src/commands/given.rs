//! What was typed for a command, word by word, against what it declares.

use crate::typed::likeness::nearest;
use argh::{CommandInfoWithArgs, FlagInfo, FlagInfoKind, Optionality};

/// A value, or that a switch was given.
struct Given {
    /// The option by its number in the declaration; positionals follow the options.
    option: usize,
    /// The word with its name, or the value of a positional.
    place: usize,
    /// The word with its value, and the byte at which that begins.
    value: (usize, usize),
}

/// What was typed for a command, and how far it has been read.
pub(crate) struct Typed<'a> {
    words: &'a [String],
    /// The first word that nothing has looked at.
    at: usize,
    path: Vec<&'static str>,
    pub(super) command: CommandInfoWithArgs,
    given: Vec<Given>,
    /// The command that follows, by its number.
    below: Option<usize>,
    /// The option that is read next.
    next: usize,
    help: bool,
    /// The first word in argv that is wrong, and why.
    wrong: Option<(usize, String)>,
}

impl<'a> Typed<'a> {
    pub(super) fn new(
        name: &'static str,
        command: CommandInfoWithArgs,
        words: &'a [String],
    ) -> Self {
        let mut typed = Self {
            words,
            at: 0,
            path: vec![name],
            command,
            given: Vec::new(),
            below: None,
            next: 1,
            help: false,
            wrong: None,
        };
        typed.take_words();
        typed
    }

    /// Goes on to the command that was typed behind the options of this one, and tells
    /// its number.
    pub(super) fn enter(&mut self) -> Option<usize> {
        let below = self.below.take().filter(|_| self.wrong.is_none())?;
        let command = self.command.commands.swap_remove(below);
        self.path.push(command.name);
        self.command = command.command;
        self.given.clear();
        self.next = 1;
        self.take_words();
        Some(below)
    }

    /// The command whose help is asked for.
    ///
    /// # Errors
    /// What is wrong.
    pub(super) fn end(&mut self) -> Result<Option<Vec<&'static str>>, String> {
        match self.wrong.take() {
            Some((_, why)) => Err(why),
            None => Ok(self.help.then(|| std::mem::take(&mut self.path))),
        }
    }

    /// Notes what is wrong about a word, unless one before it is wrong.
    fn refuse(&mut self, place: usize, why: String) {
        if self
            .wrong
            .as_ref()
            .map_or(true, |(first, _)| place < *first)
        {
            self.wrong = Some((place, why));
        }
    }

    /// Up to the name of a command below this one.
    fn take_words(&mut self) {
        let mut are_literal = false;
        let mut positional = 0;
        while self.wrong.is_none() && self.below.is_none() {
            let Some(word) = self.words.get(self.at) else {
                return self.miss(positional);
            };
            self.at += 1;
            let mut commands = self.command.commands.iter();
            if !are_literal && (word == "--help" || word == "help") {
                self.help = true;
            } else if !are_literal && word == "--" {
                are_literal = true;
            } else if !are_literal && word.starts_with('-') {
                self.take_option(word);
            } else if let Some(below) = commands.position(|below| below.name == word) {
                self.below = Some(below);
            } else {
                self.take_positional(word, &mut positional);
            }
        }
    }

    fn take_option(&mut self, word: &str) {
        let place = self.at - 1;
        if self.help {
            let why = "Trailing arguments are not allowed after `help`.";
            return self.refuse(place, why.to_owned());
        }
        let mut flags = self.command.flags.iter();
        match flags.position(|flag| is_named(flag, word)) {
            Some(option) => self.take(option, place, None),
            None => self.take_letters(word, place),
        }
    }

    /// Switches in one word, such as `-qv`, of which the last may be an option: `-qd 5s`, or
    /// `-qd5s`.
    fn take_letters(&mut self, word: &str, place: usize) {
        let letters = word.strip_prefix('-').unwrap_or_default();
        for (at, letter) in letters.char_indices() {
            let mut flags = self.command.flags.iter();
            let Some(option) = flags.position(|flag| flag.short == Some(letter)) else {
                return self.refuse(place, self.unknown(word));
            };
            let rest = 1 + at + letter.len_utf8();
            let takes_rest = self.takes_value(option);
            self.take(
                option,
                place,
                (takes_rest && rest < word.len()).then_some(rest),
            );
            if takes_rest {
                return;
            }
        }
        if letters.is_empty() {
            self.refuse(place, self.unknown(word));
        }
    }

    fn takes_value(&self, option: usize) -> bool {
        let flag = self.command.flags.get(option);
        flag.is_some_and(|flag| matches!(flag.kind, FlagInfoKind::Option { .. }))
    }

    /// Takes a switch, or an option and its value: the word from the byte `rest` on, or else
    /// the next word.
    fn take(&mut self, option: usize, place: usize, rest: Option<usize>) {
        let mut value = (place, rest.unwrap_or(0));
        if self.takes_value(option) {
            let word = self.words.get(place).map_or("", String::as_str);
            let flag = self.command.flags.get(option);
            let is_repeated =
                flag.is_some_and(|flag| matches!(flag.optionality, Optionality::Repeating));
            if rest.is_none() && self.at == self.words.len() {
                return self.refuse(place, format!("{word} needs a value"));
            }
            if !is_repeated && self.given.iter().any(|given| given.option == option) {
                return self.refuse(place, format!("{word}: duplicate values provided"));
            }
            if rest.is_none() {
                value = (self.at, 0);
                self.at += 1;
            }
        }
        self.given.push(Given {
            option,
            place,
            value,
        });
    }

    fn take_positional(&mut self, word: &str, positional: &mut usize) {
        let place = self.at - 1;
        let positionals = self.command.positionals;
        let Some(declared) = positionals.get(*positional) else {
            return self.refuse(place, self.unknown(word));
        };
        self.given.push(Given {
            option: self.command.flags.len() + *positional,
            place,
            value: (place, 0),
        });
        if !matches!(declared.optionality, Optionality::Repeating) {
            *positional += 1;
        }
    }

    /// Notes what is missing at the end of argv.
    fn miss(&mut self, positional: usize) {
        if self.help {
            return;
        }
        let mut left = self.command.positionals.iter().skip(positional);
        let why = if let Some(missing) = left.find(|left| left.optionality == Optionality::Required)
        {
            let name = missing.name;
            format!("Required positional arguments not provided: {name}")
        } else if needs_command(&self.command) {
            let commands = self.command.commands.iter();
            let names: Vec<_> = commands.map(|below| below.name).collect();
            format!("no command given, of {}", names.join(", "))
        } else {
            return;
        };
        self.refuse(self.at, why);
    }

    /// The next value of an option from the one with the number `from` on, and its place.
    fn value(&self, option: usize, from: &mut usize) -> Option<(usize, &'a str)> {
        let mut given = self.given.iter().enumerate().skip(*from);
        let (index, given) = given.find(|(_, given)| given.option == option)?;
        *from = index + 1;
        let words = self.words;
        let (word, begin) = given.value;
        Some((given.place, words.get(word)?.get(begin..)?))
    }

    fn refuse_value(&mut self, option: usize, place: usize, text: &str, why: &str) {
        // The words of Rust for a number.
        let is_number = ["invalid digit", "cannot parse integer", "number too large"];
        let whole = is_number.iter().any(|begin| why.starts_with(begin));
        let whole = whole.then(|| format!("`{text}` is not a whole number, or too large"));
        let why = whole.as_deref().unwrap_or(why);
        let positional = option.wrapping_sub(self.command.flags.len());
        let named = match self.command.positionals.get(positional) {
            None => self.words.get(place).map_or("", String::as_str),
            Some(positional) => positional.name,
        };
        self.refuse(place, format!("{named}: {why}"));
    }

    fn unknown(&self, word: &str) -> String {
        let flags = self.command.flags.iter().filter(|flag| !flag.hidden);
        let commands = self.command.commands.iter().map(|below| below.name);
        let mut known = flags.map(|flag| flag.long).chain(commands);
        match nearest(word, &mut known) {
            Some(meant) => format!("unknown argument `{word}`: did you mean {meant}?"),
            None => format!("unknown argument `{word}`"),
        }
    }

    /// The option that the next field is about.
    fn next(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    pub(super) fn switch(&mut self) -> bool {
        let option = self.next();
        self.given.iter().any(|given| given.option == option)
    }

    pub(super) fn one<T>(&mut self, read: fn(&str) -> Result<T, String>) -> Option<T> {
        let option = self.next();
        let (place, text) = self.value(option, &mut 0)?;
        read(text)
            .map_err(|why| self.refuse_value(option, place, text, &why))
            .ok()
    }

    pub(super) fn all<T>(&mut self, read: fn(&str) -> Result<T, String>) -> Vec<T> {
        let option = self.next();
        let mut values = Vec::new();
        let mut from = 0;
        while let Some((place, text)) = self.value(option, &mut from) {
            match read(text) {
                Ok(value) => values.push(value),
                Err(why) => self.refuse_value(option, place, text, &why),
            }
        }
        values
    }
}

/// A command that does nothing itself.
pub(super) fn needs_command(command: &CommandInfoWithArgs) -> bool {
    command.flags.len() == 1 && !command.commands.is_empty()
}

fn is_named(flag: &FlagInfo<'_>, word: &str) -> bool {
    let mut short = word.chars();
    flag.long == word
        || (short.next(), short.next(), short.next()) == (Some('-'), flag.short, None)
            && flag.short.is_some()
}
