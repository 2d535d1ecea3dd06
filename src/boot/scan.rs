//! What a serial line tells of a start, byte by byte: marks, stamps, the prompt.

use super::holdup::Holdups;
use super::line::{Line, Part, Splitter};
use super::pattern::{Matcher, Pattern};
use super::stamps::{self, Origin};
use super::tree::Start;
use std::collections::VecDeque;

/// So many lines are shown where no prompt came.
const LAST_LINES: usize = 5;
/// The shell writes it behind a login, as if it were a prompt.
const NO_PROMPT: &[u8] = b"Last login: ";
/// U-Boot waits for a key, which stops it.
const AUTOBOOT: &str = "*Hit any key to stop autoboot";

/// Bytes that came, and those of them that are no text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Bytes {
    pub(crate) all: u64,
    pub(crate) no_text: u64,
}

/// What was met, and when, on CLOCK_MONOTONIC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Milestones {
    pub(crate) first_byte_ns: Option<u64>,
    /// The pattern came that it begins with.
    pub(crate) begun_ns: Option<u64>,
    pub(crate) bytes: Bytes,
    /// By the boot loader's stamps.
    pub(crate) reset: Origin,
    /// What kind of reset it says that was.
    pub(crate) start: Option<Start>,
    /// By the kernel's stamps.
    pub(crate) kernel: Origin,
    /// When it started init, by its stamp.
    pub(crate) init_us: Option<u64>,
    /// The kernel before is about to reset the board: the first time, and the last.
    pub(crate) shutdown_ns: Option<u64>,
    pub(crate) restarting_ns: Option<u64>,
    pub(crate) holdups: Holdups,
    pub(crate) prompt_ns: Option<u64>,
    /// A key would stop the boot loader now.
    pub(crate) autoboot: bool,
    /// In the order in which they were asked for.
    pub(crate) marks_ns: Vec<Option<u64>>,
}

impl Milestones {
    /// When the system before had ended, or, where the line does not say so, a boot loader or
    /// a kernel began since then.
    pub(crate) fn restarted_ns(&self, since_ns: u64) -> Option<u64> {
        let kernel = self.kernel.least_ns.filter(|kernel| *kernel > since_ns);
        self.restarting_ns.or(self.reset.least_ns).or(kernel)
    }
}

/// Reads a serial line.
#[derive(Debug)]
pub(crate) struct Scan {
    splitter: Splitter,
    line: Line,
    /// When the line's first byte came.
    began_ns: u64,
    until: Matcher,
    is_login: bool,
    autoboot: Matcher,
    /// Where it begins, until that came.
    begin: Option<Matcher>,
    marks: Vec<Matcher>,
    last: VecDeque<Vec<u8>>,
    pub(crate) milestones: Milestones,
}

impl Scan {
    /// `until` ends it; none: the prompt to log in.
    pub(crate) fn new(until: Option<Pattern>, marks: &[Pattern]) -> Self {
        Self {
            splitter: Splitter::default(),
            line: Line::default(),
            began_ns: 0,
            is_login: until.is_none(),
            begin: None,
            until: Matcher::new(until.unwrap_or_else(Pattern::login)),
            autoboot: Matcher::new(Pattern::of(AUTOBOOT)),
            marks: marks.iter().cloned().map(Matcher::new).collect(),
            last: VecDeque::new(),
            milestones: Milestones {
                marks_ns: vec![None; marks.len()],
                ..Milestones::default()
            },
        }
    }

    /// It begins where that comes.
    pub(crate) fn beginning(self, begin: Option<Pattern>) -> Self {
        Self {
            begin: begin.map(Matcher::new),
            ..self
        }
    }

    /// Takes the next byte.
    // Bytes are counted, one at a time.
    #[allow(clippy::arithmetic_side_effects)]
    pub(crate) fn take(&mut self, byte: u8, time_ns: u64) {
        self.milestones.first_byte_ns.get_or_insert(time_ns);
        self.milestones.bytes.all += 1;
        // Colours are, and what ends a line.
        let is_text = matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r' | 0x08 | 0x1b);
        self.milestones.bytes.no_text += u64::from(!is_text);
        match self.splitter.part(byte) {
            Part::End => self.end_line(),
            Part::Text(byte) => self.text(byte, time_ns),
            Part::Control => {}
        }
    }

    fn text(&mut self, byte: u8, time_ns: u64) {
        if self.line.text().is_empty() {
            self.began_ns = time_ns;
        }
        self.line.push(byte, time_ns);
        if self.until.is_met_with(byte) && !(self.is_login && self.line.text() == NO_PROMPT) {
            self.milestones.prompt_ns.get_or_insert(time_ns);
        }
        self.milestones.autoboot |= self.autoboot.is_met_with(byte);
        if self
            .begin
            .as_mut()
            .is_some_and(|begin| begin.is_met_with(byte))
        {
            // What came before it is none of this start.
            self.milestones.begun_ns = Some(time_ns);
            self.milestones.prompt_ns = None;
            self.milestones.marks_ns.fill(None);
            self.begin = None;
        }
        for (mark, time) in self.marks.iter_mut().zip(&mut self.milestones.marks_ns) {
            // One of the shutdown may come again in the start.
            let is_early = time.is_none() || *time < self.milestones.restarting_ns;
            if mark.is_met_with(byte) && is_early {
                *time = Some(time_ns);
            }
        }
    }

    /// The line is over, or will be left as it is.
    pub(crate) fn end_line(&mut self) {
        if !self.line.text().is_empty() {
            self.read_line();
            if self.last.len() == LAST_LINES {
                self.last.pop_front();
            }
            self.last.push_back(self.line.text().to_vec());
            self.line.clear();
        }
        let matchers = self.marks.iter_mut();
        let others = [&mut self.until, &mut self.autoboot];
        for matcher in matchers.chain(others).chain(&mut self.begin) {
            matcher.begin();
        }
    }

    fn read_line(&mut self) {
        let (line, milestones) = (&self.line, &mut self.milestones);
        let mut begins = false;
        if let Some((at, stamp_us)) = stamps::mess(line) {
            let time_ns = line.time_ns(at).unwrap_or(self.began_ns);
            begins |= milestones.reset.take(time_ns, stamp_us);
        }
        if let Some(stamp_us) = stamps::stc(line) {
            begins |= milestones.reset.take(self.began_ns, stamp_us);
        }
        milestones.start = stamps::reset(line).or(milestones.start);
        if let Some((at, stamp_us)) = stamps::printk(line) {
            let time_ns = line.time_ns(at).unwrap_or(self.began_ns);
            begins |= milestones.kernel.take(time_ns, stamp_us);
            milestones.autoboot = false;
            if line.find(b" as init process").is_some() {
                milestones.init_us = Some(stamp_us);
            }
        }
        if let Some(at) = line.find(b"reboot: Restarting system") {
            begins = true;
            milestones.restarting_ns = line.time_ns(at);
            milestones.shutdown_ns = milestones.shutdown_ns.or(milestones.restarting_ns);
        }
        if begins {
            // A prompt of the system that ends is none of the one that starts.
            milestones.prompt_ns = None;
        }
        milestones.holdups.take(line, self.began_ns);
    }

    /// The last lines, an unfinished one with them.
    // It keeps a few lines, and one that is unfinished.
    #[allow(clippy::arithmetic_side_effects)]
    pub(crate) fn last_lines(&self) -> impl Iterator<Item = &[u8]> {
        let unfinished = Some(self.line.text()).filter(|text| !text.is_empty());
        let lines = self.last.iter().map(Vec::as_slice).chain(unfinished);
        let over = (self.last.len() + usize::from(unfinished.is_some())).saturating_sub(LAST_LINES);
        lines.skip(over)
    }
}

#[cfg(test)]
#[path = "scan/tests.rs"]
mod tests;
