//! A plan: the benchmark of a product, in the form of [`words`]: a word, its values, `#`
//! begins a comment.

use super::vocabulary::{refusal, Word, VOCABULARY};
use crate::typed::likeness::nearest;
use crate::typed::units::Span;
use crate::typed::words;
use std::fmt;
use std::time::Duration;

/// A line of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) word: &'static Word,
    /// From 1.
    line: usize,
    /// Each value by its keyword, or, without one, by its kind.
    pub(crate) values: Vec<(&'static str, String)>,
}

impl Entry {
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        let mut values = self.values.iter();
        values
            .find(|(other, _)| *other == key)
            .map(|(_, value)| &value[..])
    }

    /// A time, which the parser has seen to be one.
    pub(crate) fn time(&self, key: &str) -> Option<Duration> {
        let span = self.value(key)?.parse::<Span>();
        span.ok().map(|span| span.0)
    }

    pub(crate) fn first(&self) -> &str {
        self.values.first().map_or("", |(_, value)| value)
    }
}

/// As it may be typed.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word.name)?;
        for (key, value) in &self.values {
            if key.starts_with(|c: char| c.is_ascii_lowercase()) {
                write!(f, " {key}")?;
            }
            write!(f, " {}", words::quote(value))?;
        }
        Ok(())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    Line(words::Fault),
    Unknown(String),
    /// It is in an earlier line, too.
    Twice(&'static str, usize),
    Form(&'static Word),
    /// A value that is not what it has to be.
    Value(String, &'static str),
    /// A word that the plan lacks, and what for.
    Lacks(&'static str, &'static str),
    NoStep,
}

/// What is wrong with a plan, and in which line; 0: in none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Error {
    pub(crate) line: usize,
    pub(crate) fault: Fault,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(fault) => fault.fmt(f),
            Self::Unknown(word) => {
                let mut names = VOCABULARY.iter().map(|word| word.name);
                match nearest(word, &mut names) {
                    Some(near) => write!(f, "unknown word `{word}`: is `{near}` meant?"),
                    None => write!(f, "unknown word `{word:.40}` (see bench --help)"),
                }
            }
            Self::Twice(word, line) => write!(f, "`{word}` is in line {line}, too"),
            Self::Form(word) => write!(f, "not of the form `{} {}`", word.name, word.form),
            Self::Value(value, wanted) => write!(f, "`{value}` is not {wanted}"),
            Self::Lacks(word, what) => write!(f, "the plan has no `{word}`, which {what} needs"),
            Self::NoStep => f.write_str("the plan measures nothing: it has no `runs`"),
        }
    }
}

impl Plan {
    /// # Errors
    /// The first fault.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, Error> {
        let mut plan = Self {
            entries: Vec::new(),
        };
        for (line, words) in words::lines(text) {
            let added = words.map_err(Fault::Line).and_then(|words| {
                let words: Vec<&str> = words.iter().map(|word| &word.text[..]).collect();
                match words.split_first() {
                    Some((name, values)) => plan.add(line, name, values),
                    None => Ok(()),
                }
            });
            added.map_err(|fault| Error { line, fault })?;
        }
        match plan.lack() {
            Some(fault) => Err(Error { line: 0, fault }),
            None => Ok(plan),
        }
    }

    fn add(&mut self, line: usize, name: &str, values: &[&str]) -> Result<(), Fault> {
        let word = VOCABULARY.iter().find(|word| word.name == name);
        let word = word.ok_or_else(|| Fault::Unknown(name.to_owned()))?;
        let entry = Entry {
            word,
            line,
            values: values_of(word, values)?,
        };
        let is_same = |other: &&Entry| {
            other.word == word
                && (!word.repeats || (word.name == "runs" && other.first() == entry.first()))
        };
        if let Some(other) = self.entries.iter().find(is_same) {
            return Err(Fault::Twice(word.name, other.line));
        }
        self.entries.push(entry);
        Ok(())
    }

    fn lack(&self) -> Option<Fault> {
        let measuring = ["runs", "ramp", "ip-change", "firewall", "restarts"];
        if !measuring.iter().any(|word| self.entry(word).is_some()) {
            return Some(Fault::NoStep);
        }
        let with_software = self.entries.iter().any(|entry| {
            measuring.contains(&entry.word.name) && entry.value("STAGE") != Some("baseline")
        });
        let has_workload = self.runs("workload").is_some();
        let has_ramp = self.entry("ramp").is_some();
        let needed = [
            ("product", "every log", true),
            ("directory", "every log", true),
            ("start", "the edge software", with_software),
            ("ready", "the edge software", with_software),
            ("stop", "the edge software", with_software),
            ("deploy", "stage workload", has_workload),
            ("remove", "stage workload", has_workload),
            ("ramp-ready", "the ramp", has_ramp),
            ("ramp-undo", "the ramp", has_ramp),
        ];
        let mut needed = needed.into_iter();
        let lacks = needed.find(|(word, _, is_needed)| *is_needed && self.entry(word).is_none());
        lacks.map(|(word, what, _)| Fault::Lacks(word, what))
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The line of a word that does not repeat.
    pub(crate) fn entry(&self, word: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.word.name == word)
    }

    /// The first value of a word, or nothing.
    pub(crate) fn text(&self, word: &str) -> &str {
        self.entry(word).map_or("", Entry::first)
    }

    /// The number that is a word's first value.
    pub(crate) fn number(&self, word: &str) -> Option<u64> {
        self.entry(word)?.first().parse().ok()
    }

    pub(crate) fn runs(&self, stage: &str) -> Option<&Entry> {
        let mut runs = self.entries.iter();
        runs.find(|entry| entry.value("STAGE") == Some(stage))
    }

    /// Whether the board is restarted before each run.
    pub(crate) fn boots(&self) -> bool {
        self.text("fresh") == "boot"
    }

    /// Whether the board is restarted at all.
    pub(crate) fn restarts(&self) -> bool {
        self.boots() || self.entry("restarts").is_some()
    }

    /// The first line that this plan has and `other` lacks.
    pub(crate) fn differs_from<'p>(&'p self, other: &Self) -> Option<&'p Entry> {
        let is_there = |entry: &&Entry| {
            let mut others = other.entries.iter();
            !others.any(|other| (other.word, &other.values) == (entry.word, &entry.values))
        };
        self.entries.iter().find(is_there)
    }
}

/// The values of a line, by the form of its word.
fn values_of(word: &'static Word, values: &[&str]) -> Result<Vec<(&'static str, String)>, Fault> {
    let mut found: Vec<(&'static str, String)> = Vec::new();
    let mut rest = values.iter();
    // A keyword may stand as often as the form has it.
    let most = |key: &str| {
        word.form
            .split([' ', '['])
            .filter(|part| *part == key)
            .count()
    };
    let mut take = |key: &'static str, kind: &str, value: &str| match refusal(kind, value) {
        Some(wanted) => Err(Fault::Value(value.to_owned(), wanted)),
        // A run of no time would not end; what is waited for may need no time.
        None if kind == "TIME" && !matches!(key, "TIME" | "settle") && is_zero(value) => {
            Err(Fault::Value(value.to_owned(), "longer than 0"))
        }
        None if found.iter().filter(|(other, _)| *other == key).count() >= most(key) => {
            Err(Fault::Form(word))
        }
        None => {
            found.push((key, value.to_owned()));
            Ok(())
        }
    };
    let required = word.form.split('[').next().unwrap_or("").trim_end();
    let mut keyword = None;
    for part in required.split(' ') {
        let value = rest.next().ok_or(Fault::Form(word))?;
        if is_keyword(part) {
            keyword = Some(part);
            if *value != part {
                return Err(Fault::Form(word));
            }
        } else {
            take(keyword.take().unwrap_or(part), part, value)?;
        }
    }
    while let Some(key) = rest.next() {
        let mut groups = word.form.split('[').skip(1);
        let pair = groups.find_map(|group| {
            let (name, kind) = group.trim_end().trim_end_matches(']').split_once(' ')?;
            (name == *key).then_some((name, kind))
        });
        let ((name, kind), value) = pair.zip(rest.next()).ok_or(Fault::Form(word))?;
        take(name, kind, value)?;
    }
    Ok(found)
}

fn is_zero(time: &str) -> bool {
    time.parse::<Span>().is_ok_and(|span| span.0.is_zero())
}

fn is_keyword(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_lowercase())
}

#[cfg(test)]
#[path = "plan/tests.rs"]
mod tests;
