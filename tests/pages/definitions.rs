//! The commands as `--help` has them, flattened, and what a value may be.

use argh::{CommandInfoWithArgs, FlagInfoKind, Optionality};

pub type Flag = argh::FlagInfo<'static>;
pub type Positional = argh::PositionalInfo<'static>;

/// A command that does something itself, such as `log info`.
pub struct Command {
    pub path: Vec<&'static str>,
    info: CommandInfoWithArgs,
}

impl Command {
    pub fn name(&self) -> String {
        self.path.join(" ")
    }

    pub fn description(&self) -> &'static str {
        self.info.description
    }

    /// Lines that may be typed, or what they consist of.
    pub fn examples(&self) -> impl Iterator<Item = &'static str> {
        self.info.examples.iter().copied()
    }

    /// What the help says behind the options, line by line.
    pub fn notes(&self) -> impl Iterator<Item = &'static str> {
        self.info.notes.iter().copied()
    }

    pub fn options(&self) -> impl Iterator<Item = &'static Flag> {
        shown(&self.info)
    }

    pub fn positionals(&self) -> impl Iterator<Item = &'static Positional> {
        self.info.positionals.iter().filter(|p| !p.hidden)
    }
}

/// A word that stands before others: a command, or a group of them.
pub struct Word {
    /// The words in front of it.
    pub before: Vec<&'static str>,
    pub name: &'static str,
    pub summary: String,
}

pub struct Tool {
    pub description: &'static str,
    pub options: Vec<&'static Flag>,
    pub commands: Vec<Command>,
    pub words: Vec<Word>,
}

impl Tool {
    pub fn new() -> Self {
        let info = edgebench_lite::commands::definitions();
        let mut tool = Self {
            description: info.description,
            options: shown(&info).collect(),
            commands: Vec::new(),
            words: Vec::new(),
        };
        tool.descend(&[], info);
        tool
    }

    fn descend(&mut self, path: &[&'static str], info: CommandInfoWithArgs) {
        if info.commands.is_empty() {
            self.commands.push(Command {
                path: path.to_vec(),
                info,
            });
            return;
        }
        for below in info.commands {
            self.words.push(Word {
                before: path.to_vec(),
                name: below.name,
                summary: summary(below.command.description),
            });
            let mut path = path.to_vec();
            path.push(below.name);
            self.descend(&path, below.command);
        }
    }
}

/// Without those that the help hides, and without --help, which all have.
fn shown(info: &CommandInfoWithArgs) -> impl Iterator<Item = &'static Flag> {
    let flags = info.flags.iter();
    flags.filter(|flag| !flag.hidden && flag.long != "--help")
}

/// What is to be said in one line: up to the first stop behind two words, and
/// without what stands in parentheses.
pub fn summary(description: &str) -> String {
    let mut text = String::new();
    let mut depth = 0;
    for c in description.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            c if depth == 0 => text.push(c),
            _ => {}
        }
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let stops = [". ", "; ", ": "];
    let mut ends = stops
        .iter()
        .flat_map(|stop| text.match_indices(stop))
        .map(|(at, _)| at);
    let end = ends
        .by_ref()
        .filter(|end| text[..*end].matches(' ').count() > 1)
        .min();
    text[..end.unwrap_or(text.len())]
        .trim_end_matches('.')
        .to_owned()
}

pub fn value_name(option: &Flag) -> Option<&'static str> {
    match option.kind {
        FlagInfoKind::Switch => None,
        FlagInfoKind::Option { arg_name } => Some(arg_name),
    }
}

pub fn repeats(optionality: &Optionality) -> bool {
    matches!(optionality, Optionality::Repeating | Optionality::Greedy)
}

#[test]
fn a_summary_says_enough() {
    for (description, expected) in [
        ("Do this and that: so. And so.", "Do this and that"),
        (
            "with --by: time that it takes; 0: none (default: 1s)",
            "with --by: time that it takes",
        ),
        ("text (the default) or json", "text or json"),
        ("Look into logs.", "Look into logs"),
    ] {
        assert_eq!(summary(description), expected);
    }
}
