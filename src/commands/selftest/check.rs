//! The checks of `selftest`, and the system they look at.

use super::listing::Processes;
use crate::proc::root::Root;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Ok,
    Part,
    No,
}

impl Verdict {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Part => "part",
            Self::No => "no",
        }
    }
}

/// A line of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) verdict: Verdict,
    /// The finding, and the remedy.
    pub(super) text: String,
    /// A benchmark needs it.
    pub(super) needed: bool,
}

impl Check {
    pub(super) fn new(name: &'static str, verdict: Verdict, text: impl Into<String>) -> Self {
        Self {
            name,
            verdict,
            text: text.into(),
            needed: false,
        }
    }

    pub(super) fn ok(name: &'static str, text: impl Into<String>) -> Self {
        Self::new(name, Verdict::Ok, text)
    }

    pub(super) fn part(name: &'static str, text: impl Into<String>) -> Self {
        Self::new(name, Verdict::Part, text)
    }

    pub(super) fn no(name: &'static str, text: impl Into<String>) -> Self {
        Self::new(name, Verdict::No, text)
    }

    pub(super) fn needed(self) -> Self {
        Self {
            needed: true,
            ..self
        }
    }
}

/// The system under test.
pub(super) struct View<'r> {
    pub(super) root: &'r Root,
    pub(super) processes: Processes,
}

impl View<'_> {
    /// A file's text; empty if it cannot be read.
    pub(super) fn file(&self, name: &str) -> Vec<u8> {
        let mut buffer = vec![0; 1 << 16];
        let len = self.root.read(name, &mut buffer).map_or(0, <[u8]>::len);
        buffer.truncate(len);
        buffer
    }

    /// A file's text without the newline or NUL at its end.
    pub(super) fn text(&self, name: &str) -> Vec<u8> {
        let text = self.file(name);
        let end = |byte: &u8| !matches!(byte, b'\n' | b'\0');
        let len = text.iter().rposition(end).map_or(0, |last| last + 1);
        text[..len].to_vec()
    }
}

/// The lines, in sections.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) sections: Vec<(&'static str, Vec<Check>)>,
    /// The names of checks that a captured tree does not allow.
    pub(super) unseen: Vec<&'static str>,
}

impl Findings {
    pub(super) fn section(&mut self, title: &'static str) {
        self.sections.push((title, Vec::new()));
    }

    pub(super) fn add(&mut self, check: Check) {
        if let Some((_, checks)) = self.sections.last_mut() {
            checks.push(check);
        }
    }

    /// Adds a check of the machine itself, which a captured tree does not allow.
    pub(super) fn live(
        &mut self,
        view: &View<'_>,
        name: &'static str,
        check: impl FnOnce() -> Check,
    ) {
        match view.root.is_live() {
            true => self.add(check()),
            false => self.unseen.push(name),
        }
    }

    pub(super) fn lacking(&self) -> Vec<&'static str> {
        let checks = self.sections.iter().flat_map(|(_, checks)| checks);
        let lacking = checks.filter(|check| check.needed && check.verdict != Verdict::Ok);
        lacking.map(|check| check.name).collect()
    }
}
