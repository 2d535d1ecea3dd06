//! What a line of the serial line is held against: text, `*` and `?`, from the line's
//! start on. What follows is free: a prompt has no end of line.

use std::str::FromStr;

/// Most signs of a pattern: the states between them are the bits of one word.
const MOST: usize = 63;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Byte(u8),
    /// `?`
    Any,
    /// A byte of a host's name.
    Name,
}

impl Sign {
    fn is(self, byte: u8) -> bool {
        match self {
            Self::Byte(wanted) => wanted == byte,
            Self::Any => true,
            Self::Name => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'),
        }
    }
}

/// The states of an automaton are how many of the signs have been met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    signs: Vec<Sign>,
    /// States that any byte leaves as they are: `*`.
    stays: u64,
    /// States that a byte of a name leaves as they are.
    stays_in_name: u64,
}

impl Pattern {
    /// A word and ` login: `.
    pub(crate) fn login() -> Self {
        let mut pattern = Self::of("? login: ");
        if let Some(first) = pattern.signs.first_mut() {
            *first = Sign::Name;
        }
        pattern.stays_in_name = 1 << 1;
        pattern
    }

    /// One of [`MOST`] signs at most: what stands behind these is not looked at.
    pub(crate) fn of(text: &str) -> Self {
        let mut pattern = Self {
            signs: Vec::new(),
            stays: 0,
            stays_in_name: 0,
        };
        for &byte in text.as_bytes() {
            match byte {
                _ if pattern.signs.len() > MOST => break,
                b'*' => pattern.stays |= 1 << pattern.signs.len(),
                b'?' => pattern.signs.push(Sign::Any),
                byte => pattern.signs.push(Sign::Byte(byte)),
            }
        }
        pattern
    }
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let pattern = Self::of(text);
        match pattern.signs.len() {
            0 => Err(format!("`{text}` is found in every line")),
            1..=MOST => Ok(pattern),
            _ => Err(format!("a pattern has {MOST} signs at most")),
        }
    }
}

/// A pattern, and how far the line meets it.
#[derive(Debug, Clone)]
pub(crate) struct Matcher {
    pattern: Pattern,
    /// A bit for each state that the line's bytes may have led to.
    states: u64,
}

impl Matcher {
    pub(crate) fn new(pattern: Pattern) -> Self {
        Self { pattern, states: 1 }
    }

    /// Another line begins.
    pub(crate) fn begin(&mut self) {
        self.states = 1;
    }

    /// Takes the line's next byte, and says whether the pattern is met with it. It is
    /// met once in a line.
    // A pattern has 63 signs at most, and as many states and one.
    #[allow(clippy::arithmetic_side_effects)]
    pub(crate) fn is_met_with(&mut self, byte: u8) -> bool {
        if self.states == 0 {
            return false;
        }
        let in_name = match Sign::Name.is(byte) {
            true => self.pattern.stays_in_name,
            false => 0,
        };
        let mut next = self.states & (self.pattern.stays | in_name);
        let signs = self.pattern.signs.iter().enumerate();
        for (state, _) in signs.filter(|(_, sign)| sign.is(byte)) {
            next |= (self.states >> state & 1) << (state + 1);
        }
        let is_met = next >> self.pattern.signs.len() & 1 == 1;
        self.states = match is_met {
            true => 0,
            false => next,
        };
        is_met
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// After how many bytes of the line the pattern is met.
    fn met(pattern: Pattern, line: &[u8]) -> Option<usize> {
        let mut matcher = Matcher::new(pattern);
        let mut met = line.iter().map(|&byte| matcher.is_met_with(byte));
        let first = met.position(|is_met| is_met).map(|at| at + 1);
        assert!(!met.any(|is_met| is_met), "met twice");
        first
    }

    fn given(pattern: &str, line: &str) -> Option<usize> {
        met(pattern.parse().unwrap(), line.as_bytes())
    }

    #[test]
    fn from_the_start_of_the_line() {
        assert_eq!(given("ab", "abc"), Some(2));
        assert_eq!(given("ab", "xab"), None);
        assert_eq!(given("a?c", "abc"), Some(3));
        assert_eq!(given("?", "x"), Some(1));
        assert_eq!(given("*ab", "xxaab"), Some(5));
        assert_eq!(given("a*b*c", "axbxxb c"), Some(8));
        assert_eq!(given("a*", "abc"), Some(1));
        assert_eq!(given("**x", "aax"), Some(3));
        assert_eq!(given("*aab", "aaaab"), Some(5));
        assert_eq!(given("a?*c", "ac"), None);
    }

    #[test]
    fn login_prompts() {
        let login = |line: &str| met(Pattern::login(), line.as_bytes());
        assert_eq!(login("raspberrypi login: "), Some(19));
        assert_eq!(login("rpi-3.lan login: Starting crond: OK"), Some(17));
        // Behind an address, a sentence, nothing.
        for other in [
            "login: ",
            " login: ",
            "my host login: ",
            "pi login:",
            "pi login : ",
        ] {
            assert_eq!(login(other), None, "{other}");
        }
    }

    #[test]
    fn patterns_that_cannot_be() {
        assert_eq!(
            "**".parse::<Pattern>(),
            Err("`**` is found in every line".into())
        );
        assert!("".parse::<Pattern>().is_err());
        assert!("x".repeat(63).parse::<Pattern>().is_ok());
        assert!("x".repeat(64).parse::<Pattern>().is_err());
        assert!(("x".repeat(63) + "*").parse::<Pattern>().is_ok());
    }

    /// The same by trying everything.
    fn plainly(pattern: &[u8], line: &[u8]) -> bool {
        match (pattern.split_first(), line.split_first()) {
            (None, _) => true,
            (Some((b'*', rest)), None) => plainly(rest, line),
            (Some((b'*', rest)), Some((_, behind))) => {
                plainly(rest, line) || plainly(pattern, behind)
            }
            (Some(_), None) => false,
            (Some((sign, rest)), Some((byte, behind))) => {
                (*sign == b'?' || sign == byte) && plainly(rest, behind)
            }
        }
    }

    proptest! {
        #[test]
        fn as_if_everything_were_tried(pattern in "[ab?*]{1,9}", line in "[ab]{0,12}") {
            if let Ok(compiled) = pattern.parse::<Pattern>() {
                let line = line.as_bytes();
                let expected = (1..=line.len())
                    .find(|&len| plainly(pattern.as_bytes(), &line[..len]));
                prop_assert_eq!(met(compiled, line), expected);
            }
        }
    }
}
