//! Values with their units, as people type them.

use super::super::rows::Unit;

/// Units of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemoryUnit {
    KiB,
    MiB,
    GiB,
    KB,
    MB,
    GB,
}

impl MemoryUnit {
    const ALL: [Self; 6] = [
        Self::KiB,
        Self::MiB,
        Self::GiB,
        Self::KB,
        Self::MB,
        Self::GB,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::KiB => "KiB",
            Self::MiB => "MiB",
            Self::GiB => "GiB",
            Self::KB => "kB",
            Self::MB => "MB",
            Self::GB => "GB",
        }
    }

    /// How many KiB it is.
    pub(crate) fn kib(self) -> f64 {
        match self {
            Self::KiB => 1.0,
            Self::MiB => 1024.0,
            Self::GiB => 1024.0 * 1024.0,
            Self::KB => 1000.0 / 1024.0,
            Self::MB => 1e6 / 1024.0,
            Self::GB => 1e9 / 1024.0,
        }
    }
}

/// How exactly a value was typed, and in which unit of memory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Typed {
    pub(crate) memory: Option<MemoryUnit>,
    /// Behind the decimal point.
    pub(crate) decimals: usize,
    /// The last digit's worth, in the unit of the row.
    pub(crate) step: f64,
}

/// A value of a row with this unit, in that; `None` where `words` is none.
pub(crate) fn parse(words: &[&str], unit: Unit) -> Option<(f64, Typed)> {
    let typed = |decimals, step| Typed {
        memory: None,
        decimals,
        step,
    };
    match (unit, words) {
        (Unit::Verdict, ["yes"]) => Some((1.0, typed(0, 0.0))),
        (Unit::Verdict, ["no"]) => Some((0.0, typed(0, 0.0))),
        (Unit::Count, [count]) => {
            let (value, decimals, rest) = number(count)?;
            (decimals == 0 && rest.is_empty()).then_some((value, typed(0, 1.0)))
        }
        (Unit::Percent | Unit::PercentOfCore, _) => {
            let text = words.concat();
            let (value, decimals, rest) = number(&text)?;
            // A process may use several cores; nothing uses more than all of them.
            let is_share = rest == "%" && (unit == Unit::PercentOfCore || value <= 100.0);
            is_share.then_some((value, typed(decimals, tenth(decimals))))
        }
        (Unit::Kib, _) => {
            let text = words.concat();
            let (value, decimals, rest) = number(&text)?;
            let memory = MemoryUnit::ALL.into_iter().find(|u| u.name() == rest)?;
            let typed = Typed {
                memory: Some(memory),
                decimals,
                step: tenth(decimals) * memory.kib(),
            };
            Some((value * memory.kib(), typed))
        }
        (Unit::Seconds, _) => {
            let text = words.concat();
            let mut rest = text.as_str();
            let (mut total, mut step, mut places) = (0.0, 0.0, 0);
            let mut last = f64::INFINITY;
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
                // A unit that comes again is a slip of the hand.
                if seconds >= last {
                    return None;
                }
                last = seconds;
                total += value * seconds;
                step = tenth(decimals) * seconds;
                places = decimals;
                rest = tail;
            }
            (step > 0.0).then_some((total, typed(places, step)))
        }
        _ => None,
    }
}

fn tenth(decimals: usize) -> f64 {
    10f64.powi(-i32::try_from(decimals).unwrap_or(0))
}

/// Most digits of a number: so many a float holds.
const DIGITS: usize = 15;

/// The number that `text` begins with, how many decimals it has, and what follows.
fn number(text: &str) -> Option<(f64, usize, &str)> {
    let mut digits: u64 = 0;
    let (mut whole, mut decimals, mut end) = (0, 0, 0);
    let mut point = false;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' if whole + decimals < DIGITS => {
                digits = digits * 10 + u64::from(byte - b'0');
                *(if point { &mut decimals } else { &mut whole }) += 1;
            }
            b'0'..=b'9' => return None,
            b'.' if !point => point = true,
            b'.' => return None,
            _ => break,
        }
        end += 1;
    }
    if whole == 0 || (point && decimals == 0) {
        return None;
    }
    // Both are exact in a float, so that the quotient is the nearest to what was typed.
    let value = digits as f64 / 10f64.powi(i32::try_from(decimals).ok()?);
    Some((value, decimals, text.get(end..)?))
}
