//! Facts: values that were measured by hand, or by another tool, as text.
//!
//! A line is a value: `PRODUCT KEY VALUE [on MACHINE] "SOURCE"`, in words parted by
//! blanks. A word with blanks in it stands in quotation marks, in which `\"` is a
//! quotation mark and `\\` a backslash. The source, how the value was got, is always
//! in quotation marks. `#` before a word begins a comment.
//!
//! ```text
//! k3s    boot-cold          38 s              "stopwatch, power to login prompt"
//! k3s    memory-available   656 MB            "edge-info -m"
//! izuma  api-slowest        1m 31s on laptop  "time kubectl get nodes"
//! izuma  top-cpu-with       kubelet 5.3 %     "monitor.py, median"
//! izuma  survive-ip-change  yes               "by hand, see the write-up"
//! ```
//!
//! - Times have units of d, h, m (or min), s and ms, the longer first; memory has
//!   KiB, MiB, GiB (powers of 1024) or kB, MB, GB (powers of 1000); a share is in %; a
//!   count has no unit.
//! - The same key again is another measurement: the table shows the median.
//! - `on MACHINE`: the tool that measured did not run on the board.

mod quantity;
mod words;

pub(crate) use quantity::{MemoryUnit, Typed};

use super::rows::{self, Unit};
use std::fmt;
use words::{split, Word};

/// Values that no row shows by themselves, but that rows are computed from, or that
/// say whether products can be compared.
const BESIDE: [(&str, Beside); 3] = [
    ("memory-total", Beside::MemoryTotal),
    ("memory-available-before", Beside::MemoryAvailableBefore),
    ("swap", Beside::Swap),
];

/// The keys, as a message lists them.
pub(crate) const KEYS: &str = "boot-cold, boot-restart, memory-before, memory-with, free-before, \
    free-with, pss-before, pss-with, memory-total, memory-available-before, memory-available, \
    memory-taken, swap, disk-before, disk-with, disk-taken, top-cpu-before, top-cpu-with, \
    cpu-STAGE-min, cpu-STAGE-median, cpu-STAGE-average, cpu-STAGE-max, api-fastest, api-slowest, \
    survive-ip-change, simple-firewall, complex-firewall, containers";

/// See [`BESIDE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beside {
    MemoryTotal,
    /// MemAvailable without the edge software.
    MemoryAvailableBefore,
    /// The size of all swap.
    Swap,
}

/// What a fact is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    /// The row with this [`rows::Spec::fact`].
    Row(String),
    Beside(Beside),
}

/// A value that somebody typed in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fact {
    pub(crate) product: String,
    pub(crate) key: Key,
    /// In the unit of the row: seconds, KiB, percent, a count; 1 for yes, 0 for no.
    pub(crate) value: f64,
    pub(crate) typed: Typed,
    /// The process that takes most CPU.
    pub(crate) name: Option<String>,
    /// Where the tool ran, if not on the board.
    pub(crate) elsewhere: Option<String>,
    pub(crate) source: String,
    /// The file that it stands in, as it was given, and the line, from 1.
    pub(crate) file: String,
    pub(crate) line: usize,
}

/// Why a line is no fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    NotUtf8,
    Unclosed,
    NoSource,
    TooFew,
    EmptyProduct,
    UnknownKey(String),
    /// What stands there is no such value.
    Value(String, Unit),
}

/// A line that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Error {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) fault: Fault,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        match &self.fault {
            Fault::NotUtf8 => f.write_str("is not UTF-8"),
            Fault::Unclosed => f.write_str("a quotation mark is not closed"),
            Fault::NoSource => f.write_str(
                "has no source: behind the value stands in quotation marks how it was got",
            ),
            Fault::TooFew => f.write_str("is not PRODUCT KEY VALUE \"SOURCE\""),
            Fault::EmptyProduct => f.write_str("names no product"),
            Fault::UnknownKey(key) => {
                write!(f, "`{key}` is no key: those are {KEYS}")
            }
            Fault::Value(value, unit) => write!(
                f,
                "`{value}` is not {}",
                match unit {
                    Unit::Seconds => "a time, such as 38 s, 2m 8s or 850 ms",
                    Unit::Kib => "an amount of memory, such as 97 MB or 199.5 MiB",
                    Unit::Percent => "a share of all cores, such as 2.1 %",
                    Unit::PercentOfCore => "a process and its share, such as kubelet 5.3 %",
                    Unit::Count => "a count, such as 12",
                    Unit::Verdict => "yes or no",
                }
            ),
        }
    }
}

impl std::error::Error for Error {}

/// What some editors put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads facts; `file` is what the text is called.
///
/// # Errors
/// The first line that cannot be understood.
pub(crate) fn parse(file: &str, text: &[u8]) -> Result<Vec<Fact>, Error> {
    let known = rows::planned();
    let mut facts = Vec::new();
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    for (line, bytes) in (1..).zip(text.split(|byte| *byte == b'\n')) {
        let fault = |fault| Error {
            file: file.to_owned(),
            line,
            fault,
        };
        let text = std::str::from_utf8(bytes).map_err(|_| fault(Fault::NotUtf8))?;
        let words = split(text).ok_or_else(|| fault(Fault::Unclosed))?;
        if words.is_empty() {
            continue;
        }
        let fact = fact(&words, &known).map_err(fault)?;
        facts.push(Fact {
            file: file.to_owned(),
            line,
            ..fact
        });
    }
    Ok(facts)
}

fn fact(words: &[Word], known: &[rows::Spec]) -> Result<Fact, Fault> {
    let (source, words) = match words.split_last() {
        Some((last, _)) if last.quoted && last.text.trim().is_empty() => {
            return Err(Fault::NoSource);
        }
        Some((last, words)) if last.quoted && words.len() >= 3 => (last, words),
        Some((last, words)) if last.quoted && words.len() < 3 => return Err(Fault::TooFew),
        _ if words.len() < 3 => return Err(Fault::TooFew),
        _ => return Err(Fault::NoSource),
    };
    let [product, key, value @ ..] = words else {
        return Err(Fault::TooFew);
    };
    if product.text.is_empty() {
        return Err(Fault::EmptyProduct);
    }
    let (value, elsewhere) = match value {
        [value @ .., on, machine] if on.is("on") && !value.is_empty() => {
            (value, Some(machine.text.clone()))
        }
        _ => (value, None),
    };
    let (key, unit) = key_of(&key.text, known)?;
    let wrong = || {
        let typed: Vec<&str> = value.iter().map(|word| word.text.as_str()).collect();
        Fault::Value(typed.join(" "), unit)
    };
    let (name, value) = match (unit, value) {
        (Unit::PercentOfCore, [name, value @ ..]) => (Some(name.text.clone()), value),
        _ => (None, value),
    };
    let texts: Vec<&str> = value.iter().map(|word| word.text.as_str()).collect();
    let (value, typed) = quantity::parse(&texts, unit).ok_or_else(wrong)?;
    Ok(Fact {
        product: product.text.clone(),
        key,
        value,
        typed,
        name,
        elsewhere,
        source: source.text.clone(),
        file: String::new(),
        line: 0,
    })
}

fn key_of(text: &str, known: &[rows::Spec]) -> Result<(Key, Unit), Fault> {
    if let Some((_, beside)) = BESIDE.iter().find(|(name, _)| *name == text) {
        return Ok((Key::Beside(*beside), Unit::Kib));
    }
    let mut known = known.iter();
    match known.find(|spec| spec.fact.as_deref() == Some(text)) {
        Some(spec) => Ok((Key::Row(text.to_owned()), spec.kind.unit())),
        None => Err(Fault::UnknownKey(text.to_owned())),
    }
}

impl Fact {
    /// It is a value of the row with this key.
    pub(crate) fn is_row(&self, key: &str) -> bool {
        matches!(&self.key, Key::Row(row) if row == key)
    }

    pub(crate) fn is_beside(&self, beside: Beside) -> bool {
        self.key == Key::Beside(beside)
    }

    /// How it is called in the file.
    pub(crate) fn key_name(&self) -> &str {
        match &self.key {
            Key::Row(row) => row,
            Key::Beside(beside) => {
                let mut all = BESIDE.iter();
                all.find(|(_, other)| other == beside)
                    .map_or("", |(name, _)| name)
            }
        }
    }
}

#[cfg(test)]
mod tests;
