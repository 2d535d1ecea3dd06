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

/// A line of the result, without its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) verdict: Verdict,
    /// The finding, and the remedy.
    pub(super) text: String,
    /// A benchmark needs it.
    pub(super) needed: bool,
}

impl Check {
    fn new(verdict: Verdict, text: impl Into<String>) -> Self {
        Self {
            verdict,
            text: text.into(),
            needed: false,
        }
    }

    pub(super) fn ok(text: impl Into<String>) -> Self {
        Self::new(Verdict::Ok, text)
    }

    pub(super) fn part(text: impl Into<String>) -> Self {
        Self::new(Verdict::Part, text)
    }

    pub(super) fn no(text: impl Into<String>) -> Self {
        Self::new(Verdict::No, text)
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
    pub(super) sections: Vec<(&'static str, Vec<(&'static str, Check)>)>,
    /// The names of checks that a captured tree does not allow.
    pub(super) unseen: Vec<&'static str>,
}

impl Findings {
    pub(super) fn section(&mut self, title: &'static str) {
        self.sections.push((title, Vec::new()));
    }

    pub(super) fn add(&mut self, name: &'static str, check: Check) {
        if let Some((_, checks)) = self.sections.last_mut() {
            checks.push((name, check));
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
            true => self.add(name, check()),
            false => self.unseen.push(name),
        }
    }

    pub(super) fn lacking(&self) -> Vec<&'static str> {
        let checks = self.sections.iter().flat_map(|(_, checks)| checks);
        let lacking = checks.filter(|(_, check)| check.needed && check.verdict != Verdict::Ok);
        lacking.map(|(name, _)| *name).collect()
    }
}
