//! Values with their units, as people type them.

use super::super::rows::Unit;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct MemoryUnit {
    pub(crate) name: &'static str,
    pub(crate) kib: f64,
}

const fn memory_unit(name: &'static str, kib: f64) -> MemoryUnit {
    MemoryUnit { name, kib }
}

const MEMORY_UNITS: [MemoryUnit; 6] = [
    memory_unit("KiB", 1.0),
    memory_unit("MiB", 1024.0),
    memory_unit("GiB", 1024.0 * 1024.0),
    memory_unit("kB", 1000.0 / 1024.0),
    memory_unit("MB", 1e6 / 1024.0),
    memory_unit("GB", 1e9 / 1024.0),
];

/// How a value was typed, or how one that a command measured is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Notation {
    pub(crate) memory: Option<MemoryUnit>,
    /// Digits after the decimal point.
    pub(crate) decimals: usize,
    /// The value of one in the last digit, in the unit of the row; 0: it was measured.
    pub(crate) step: f64,
}

impl Notation {
    fn new(decimals: usize, step: f64) -> Self {
        Self {
            memory: None,
            decimals,
            step,
        }
    }
}

/// Parses a value into the unit of its row.
pub(crate) fn parse(words: &[&str], unit: Unit) -> Option<(f64, Notation)> {
    match (unit, words) {
        (Unit::Verdict, ["yes"]) => Some((1.0, Notation::new(0, 0.0))),
        (Unit::Verdict, ["no"]) => Some((0.0, Notation::new(0, 0.0))),
        (Unit::Count, [count]) => {
            let (value, decimals, rest) = number(count)?;
            (decimals == 0 && rest.is_empty()).then_some((value, Notation::new(0, 1.0)))
        }
        (Unit::Percent, _) => percent(&words.concat()).filter(|(value, _)| *value <= 100.0),
        // A process may use several cores.
        (Unit::PercentOfCore, _) => percent(&words.concat()),
        (Unit::Kib, _) => memory(&words.concat()),
        (Unit::Seconds, _) => time(&words.concat()),
        (Unit::Verdict | Unit::Count | Unit::PerSecond, _) => None,
    }
}

fn percent(text: &str) -> Option<(f64, Notation)> {
    let (value, decimals, rest) = number(text)?;
    (rest == "%").then_some((value, Notation::new(decimals, tenth(decimals))))
}

fn memory(text: &str) -> Option<(f64, Notation)> {
    let (value, decimals, rest) = number(text)?;
    let memory = MEMORY_UNITS.into_iter().find(|unit| unit.name == rest)?;
    let notation = Notation {
        memory: Some(memory),
        decimals,
        step: tenth(decimals) * memory.kib,
    };
    Some((value * memory.kib, notation))
}

fn time(text: &str) -> Option<(f64, Notation)> {
    let mut rest = text;
    let mut total = 0.0;
    let mut unit = f64::INFINITY;
    let mut notation = None;
    while !rest.is_empty() {
        let (value, decimals, tail) = number(rest)?;
        let letters = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (name, tail) = tail.split_at(letters);
        let seconds = match name {
            "d" => 86_400.0,
            "h" => 3600.0,
            "m" | "min" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            _ => return None,
        };
        // The same unit twice, or a longer one, is a slip of the hand.
        if seconds >= unit {
            return None;
        }
        unit = seconds;
        total += value * seconds;
        notation = Some(Notation::new(decimals, tenth(decimals) * seconds));
        rest = tail;
    }
    Some((total, notation?))
}

// An i32 is negated that is no less than 0.
#[allow(clippy::arithmetic_side_effects)]
fn tenth(decimals: usize) -> f64 {
    10f64.powi(-i32::try_from(decimals).unwrap_or(0))
}

/// A float holds this many digits exactly, and the power of ten that they are divided by,
/// so the quotient is the float next to what was typed: what `parse` gives, which brings a
/// table of 10 kB.
const DIGITS: usize = 15;

/// Parses the number at the beginning of `text`; returns it, its decimals and the rest.
// Lengths of parts of a text; and a number of fifteen digits.
#[allow(clippy::arithmetic_side_effects)]
fn number(text: &str) -> Option<(f64, usize, &str)> {
    let is_numeric = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let end = text.bytes().take_while(is_numeric).count();
    let (number, rest) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let has_empty_fraction = fraction.is_empty() && number.ends_with('.');
    let digits = whole.len() + fraction.len();
    if whole.is_empty() || has_empty_fraction || fraction.contains('.') || digits > DIGITS {
        return None;
    }
    let digits = whole.bytes().chain(fraction.bytes());
    let all = digits.fold(0, |all: u64, digit| all * 10 + u64::from(digit - b'0'));
    let step = 10f64.powi(i32::try_from(fraction.len()).unwrap_or(0));
    Some((all as f64 / step, fraction.len(), rest))
}
