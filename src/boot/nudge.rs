//! The Enter key, which brings up a prompt that came before anybody read: when it is
//! pressed, and how long the prompt that answers was there.

use super::scan::Milestones;

/// A prompt that comes later than this after a key does not answer it.
const ANSWER_NS: u64 = 1_000_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Nudges {
    /// 0: never.
    pub(crate) every_ns: u64,
    /// After the start.
    pub(crate) after_ns: u64,
    last_ns: Option<u64>,
    /// The one before it, or the last byte that came before the first.
    before_ns: Option<u64>,
}

impl Nudges {
    pub(crate) fn new(every_ns: u64, after_ns: u64) -> Self {
        Self {
            every_ns,
            after_ns,
            last_ns: None,
            before_ns: None,
        }
    }

    /// When the key is to be pressed next; never while that stops the boot loader, nor
    /// once the prompt is there.
    pub(crate) fn due_ns(&self, start_ns: u64, milestones: &Milestones) -> Option<u64> {
        if self.every_ns == 0 || milestones.autoboot || milestones.prompt_ns.is_some() {
            return None;
        }
        // A system that goes down has prompts, too.
        let start_ns = milestones.restarting_ns.unwrap_or(0).max(start_ns);
        let first = start_ns.saturating_add(self.after_ns);
        let next = self.last_ns.map(|last| last.saturating_add(self.every_ns));
        Some(next.unwrap_or(first).max(first))
    }

    /// It was pressed.
    pub(crate) fn pressed(&mut self, now_ns: u64, last_byte_ns: Option<u64>) {
        self.before_ns = self.last_ns.or(last_byte_ns);
        self.last_ns = Some(now_ns);
    }

    /// Since when a prompt may have been there that came at `prompt_ns`: the key before
    /// the one that it answers brought up none.
    pub(crate) fn since_ns(&self, prompt_ns: u64) -> u64 {
        let answers = |pressed: u64| {
            let within = pressed..=pressed.saturating_add(ANSWER_NS);
            within.contains(&prompt_ns)
        };
        match self.last_ns.filter(|last| answers(*last)) {
            Some(last) => self.before_ns.unwrap_or(last).min(prompt_ns),
            None => prompt_ns,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;

    #[test]
    fn not_before_its_time_and_not_into_the_boot_loader() {
        let mut nudges = Nudges::new(S, 20 * S);
        let mut milestones = Milestones::default();
        assert_eq!(nudges.due_ns(5 * S, &milestones), Some(25 * S));
        nudges.pressed(25 * S, Some(11 * S));
        assert_eq!(nudges.due_ns(5 * S, &milestones), Some(26 * S));
        milestones.autoboot = true;
        assert_eq!(nudges.due_ns(5 * S, &milestones), None);
        milestones.autoboot = false;
        // The shutdown took 60 s.
        milestones.restarting_ns = Some(65 * S);
        assert_eq!(nudges.due_ns(5 * S, &milestones), Some(85 * S));
        milestones.prompt_ns = Some(70 * S);
        assert_eq!(nudges.due_ns(5 * S, &milestones), None);
        assert_eq!(
            Nudges::new(0, 20 * S).due_ns(0, &Milestones::default()),
            None
        );
    }

    #[test]
    fn a_prompt_that_answers_was_there_before() {
        let mut nudges = Nudges::new(S, 20 * S);
        assert_eq!(nudges.since_ns(19 * S), 19 * S);
        nudges.pressed(20 * S, Some(11 * S));
        // Nothing had come since 11 s.
        assert_eq!(nudges.since_ns(20 * S + 5), 11 * S);
        nudges.pressed(21 * S, Some(11 * S));
        assert_eq!(nudges.since_ns(21 * S + 5), 20 * S);
        // Too late for an answer.
        assert_eq!(nudges.since_ns(22 * S + 1), 22 * S + 1);
        let mut alone = Nudges::new(S, 0);
        alone.pressed(S, None);
        assert_eq!(alone.since_ns(S + 7), S);
    }
}
