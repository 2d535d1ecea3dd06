//! Logging in over a serial line and typing a command there, at a pace that login
//! programs keep up with.

/// agetty throws away what comes in its first second.
const BEFORE_NAME_NS: u64 = 2_000_000_000;
/// A shell that has been silent for so long waits for a command.
const QUIET_NS: u64 = 1_500_000_000;
/// A board that says nothing for so long will not any more.
const PATIENCE_NS: u64 = 30_000_000_000;
const ATTEMPTS: u32 = 3;

/// What the line has shown since the last step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// A prompt to log in.
    pub(crate) login_ns: Option<u64>,
    pub(crate) password_ns: Option<u64>,
    pub(crate) last_byte_ns: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing is to be done before then, unless something comes.
    Wait(u64),
    /// An empty line, which brings up a prompt.
    Enter,
    Name,
    Password,
    Command,
    /// The name was given three times, and there is no shell; or nothing was said.
    Refused,
    Silent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It waits for a prompt.
    Prompt,
    /// The name is given.
    Named,
    /// The password is given: the shell begins.
    Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Typist {
    state: State,
    /// Nobody has to log in.
    open: bool,
    since_ns: u64,
    attempts: u32,
}

impl Typist {
    pub(crate) fn new(login: bool, now_ns: u64) -> Self {
        Self {
            state: State::Prompt,
            open: !login,
            since_ns: now_ns,
            attempts: 0,
        }
    }

    /// The next step. Whoever takes one forgets what was seen before it.
    // Only while there are attempts left.
    #[allow(clippy::arithmetic_side_effects)]
    pub(crate) fn step(&mut self, now_ns: u64, seen: &Seen) -> Step {
        if self.open {
            return Step::Command;
        }
        if let (State::Named, Some(_)) = (self.state, seen.password_ns) {
            return self.go(State::Shell, now_ns, Step::Password);
        }
        if let Some(login_ns) = seen.login_ns {
            let due = login_ns.saturating_add(BEFORE_NAME_NS);
            return match () {
                () if self.attempts == ATTEMPTS => Step::Refused,
                () if now_ns < due => Step::Wait(due),
                () => {
                    self.attempts += 1;
                    self.go(State::Named, now_ns, Step::Name)
                }
            };
        }
        let quiet_since = seen
            .last_byte_ns
            .unwrap_or(self.since_ns)
            .max(self.since_ns);
        let due = quiet_since.saturating_add(QUIET_NS);
        let is_quiet = now_ns >= due;
        match self.state {
            _ if now_ns >= self.since_ns.saturating_add(PATIENCE_NS) => Step::Silent,
            // A board that logs in without a password says something of the shell.
            State::Shell | State::Named if is_quiet && seen.last_byte_ns.is_some() => Step::Command,
            State::Prompt if is_quiet && self.attempts < ATTEMPTS => {
                self.attempts += 1;
                self.go(State::Prompt, now_ns, Step::Enter)
            }
            State::Prompt if is_quiet => Step::Silent,
            _ if is_quiet => Step::Wait(now_ns.saturating_add(QUIET_NS)),
            _ => Step::Wait(due),
        }
    }

    fn go(&mut self, state: State, now_ns: u64, step: Step) -> Step {
        // A prompt that comes is another attempt's, and not one of Enter's.
        if state == State::Named && self.state == State::Prompt {
            self.attempts = 1;
        }
        self.state = state;
        self.since_ns = now_ns;
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;

    fn login(at_s: u64) -> Seen {
        Seen {
            login_ns: Some(at_s * S),
            last_byte_ns: Some(at_s * S),
            ..Seen::default()
        }
    }

    fn said(at_s: u64) -> Seen {
        Seen {
            last_byte_ns: Some(at_s * S),
            ..Seen::default()
        }
    }

    const NOTHING: Seen = Seen {
        login_ns: None,
        password_ns: None,
        last_byte_ns: None,
    };

    #[test]
    fn with_a_password() {
        let mut typist = Typist::new(true, 10 * S);
        assert_eq!(typist.step(10 * S, &NOTHING), Step::Wait(11_500_000_000));
        assert_eq!(typist.step(12 * S, &NOTHING), Step::Enter);
        assert_eq!(typist.step(13 * S, &login(12)), Step::Wait(14 * S));
        assert_eq!(typist.step(14 * S, &login(12)), Step::Name);
        let password = Seen {
            password_ns: Some(15 * S),
            ..said(15)
        };
        assert_eq!(typist.step(15 * S, &password), Step::Password);
        assert_eq!(typist.step(16 * S, &said(16)), Step::Wait(17_500_000_000));
        assert_eq!(typist.step(18 * S, &said(16)), Step::Command);
    }

    #[test]
    fn without_a_password_and_without_a_login() {
        let mut typist = Typist::new(true, 0);
        assert_eq!(typist.step(2 * S, &login(0)), Step::Name);
        assert_eq!(typist.step(5 * S, &NOTHING), Step::Wait(6_500_000_000));
        assert_eq!(typist.step(5 * S, &said(3)), Step::Command);
        assert_eq!(Typist::new(false, 7).step(8, &login(0)), Step::Command);
    }

    #[test]
    fn three_times_at_most() {
        let mut typist = Typist::new(true, 0);
        for attempt in 0..3 {
            let at = 10 * attempt;
            assert_eq!(
                typist.step((at + 2) * S, &login(at)),
                Step::Name,
                "{attempt}"
            );
            let password = Seen {
                password_ns: Some((at + 3) * S),
                ..said(at + 3)
            };
            assert_eq!(typist.step((at + 3) * S, &password), Step::Password);
        }
        assert_eq!(typist.step(40 * S, &login(30)), Step::Refused);
    }

    #[test]
    fn a_board_that_says_nothing() {
        let mut typist = Typist::new(true, 0);
        for at in [2, 4, 6] {
            assert_eq!(typist.step(at * S, &NOTHING), Step::Enter);
        }
        assert_eq!(typist.step(8 * S, &NOTHING), Step::Silent);
        let mut typist = Typist::new(true, 0);
        assert_eq!(typist.step(2 * S, &login(0)), Step::Name);
        assert_eq!(typist.step(32 * S, &NOTHING), Step::Silent);
    }
}
