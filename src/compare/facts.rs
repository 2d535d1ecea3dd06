//! Facts: values measured by hand, or by another tool, as text.
//!
//! Each line is a value: `PRODUCT KEY VALUE [on MACHINE] "SOURCE"`, in the form of
//! [`words`](crate::typed::words). The source, how the value was obtained, is always in
//! quotation marks.
//!
//! ```text
//! k3s    boot-cold          38 s              "stopwatch, power to login prompt"
//! k3s    memory-available   656 MB            "edge-info -m"
//! izuma  api-slowest        1m 31s on laptop  "time kubectl get nodes"
//! izuma  top-cpu-with       kubelet 5.3 %     "monitor.py, median"
//! izuma  survive-ip-change  yes               "by hand, see the write-up"
//! ```
//!
//! - Times have the units d, h, m (or min), s and ms, the longer first; memory KiB, MiB, GiB
//!   (powers of 1024) or kB, MB, GB (powers of 1000); a share %; a count none.
//! - A repeated key is another measurement: the table shows the median.
//! - `on MACHINE`: the measuring tool did not run on the board.

// What is read here others may have written: nothing may be cut, wrap or panic. Where a lint
// is allowed, the comment there gives the bound.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

mod quantity;

pub(crate) use quantity::Notation;

use super::rows::{self, Unit};
use crate::typed::words::{self, Word};
use std::fmt;

/// Keys without a row of their own: rows are computed from them, or they tell whether
/// products can be compared.
const MACHINE_FACTS: [(&str, MachineFact); 3] = [
    ("memory-total", MachineFact::MemoryTotal),
    (
        "memory-available-before",
        MachineFact::MemoryAvailableBefore,
    ),
    ("swap", MachineFact::Swap),
];

/// A fact about the machine's memory; see [`MACHINE_FACTS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MachineFact {
    MemoryTotal,
    /// MemAvailable without the edge software.
    MemoryAvailableBefore,
    Swap,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FactKey {
    /// Of the row with this [`rows::Spec::fact`].
    Row(String),
    Machine(MachineFact),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fact {
    pub(crate) product: String,
    pub(crate) key: FactKey,
    /// In the unit of the row: seconds, KiB, percent, a count; 1 for yes, 0 for no.
    pub(crate) value: f64,
    pub(crate) notation: Notation,
    /// Of a top consumer: the process.
    pub(crate) name: Option<String>,
    /// The machine that the tool ran on, if not the board.
    pub(crate) elsewhere: Option<String>,
    pub(crate) source: String,
    /// As given on the command line; and the line, from 1.
    pub(crate) file: String,
    pub(crate) line: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    Line(words::Fault),
    NoSource,
    TooFew,
    EmptyProduct,
    UnknownKey(String),
    /// Not a value of this unit.
    Value(String, Unit),
}

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
            Fault::Line(fault) => fault.fmt(f),
            Fault::NoSource => f.write_str(
                "no source: end the line with how the value was obtained, in quotation marks",
            ),
            Fault::TooFew => f.write_str("not of the form PRODUCT KEY VALUE \"SOURCE\""),
            Fault::EmptyProduct => f.write_str("the product's name is empty"),
            Fault::UnknownKey(key) => {
                let rows = rows::planned().into_iter().filter_map(|spec| spec.fact);
                let others = MACHINE_FACTS.iter().map(|(name, _)| (*name).to_owned());
                let keys: Vec<String> = rows.chain(others).collect();
                write!(f, "unknown key `{key}`; the keys are {}", keys.join(", "))
            }
            Fault::Value(value, unit) => write!(
                f,
                "`{value}` is not {}",
                match unit {
                    Unit::Seconds => "a time, such as 38 s, 2m 8s or 850 ms",
                    Unit::Kib => "an amount of memory, such as 97 MB or 199.5 MiB",
                    Unit::Percent => "a share of all cores, such as 2.1 %",
                    Unit::PercentOfCore => "a process and its share, such as kubelet 5.3 %",
                    Unit::Count | Unit::PerSecond => "a count, such as 12",
                    Unit::Verdict => "yes or no",
                }
            ),
        }
    }
}

impl std::error::Error for Error {}

/// Parses facts; `file` is the name of the text.
///
/// # Errors
/// The first line that is no fact.
pub(crate) fn parse(file: &str, text: &[u8]) -> Result<Vec<Fact>, Error> {
    let known = rows::planned();
    let mut facts = Vec::new();
    for (line, words) in words::lines(text) {
        let fault = |fault| Error {
            file: file.to_owned(),
            line,
            fault,
        };
        let words = words.map_err(Fault::Line).map_err(fault)?;
        if !words.is_empty() {
            facts.push(fact(&words, &known, (file, line)).map_err(fault)?);
        }
    }
    Ok(facts)
}

fn fact(words: &[Word], known: &[rows::Spec], (file, line): (&str, usize)) -> Result<Fact, Fault> {
    let [product, key, value @ .., source] = words else {
        return Err(Fault::TooFew);
    };
    match source.quoted {
        true if source.text.trim().is_empty() => return Err(Fault::NoSource),
        true if value.is_empty() => return Err(Fault::TooFew),
        true => {}
        false => return Err(Fault::NoSource),
    }
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
    let value: Vec<&str> = value.iter().map(|word| word.text.as_str()).collect();
    let (name, number) = match (unit, &value[..]) {
        (Unit::PercentOfCore, [name, number @ ..]) => (Some((*name).to_owned()), number),
        (_, number) => (None, number),
    };
    let wrong = || Fault::Value(value.join(" "), unit);
    let (value, notation) = quantity::parse(number, unit).ok_or_else(wrong)?;
    Ok(Fact {
        product: product.text.clone(),
        key,
        value,
        notation,
        name,
        elsewhere,
        source: source.text.clone(),
        file: file.to_owned(),
        line,
    })
}

fn key_of(text: &str, known: &[rows::Spec]) -> Result<(FactKey, Unit), Fault> {
    if let Some((_, fact)) = MACHINE_FACTS.iter().find(|(name, _)| *name == text) {
        return Ok((FactKey::Machine(*fact), Unit::Kib));
    }
    let mut known = known.iter();
    match known.find(|spec| spec.fact.as_deref() == Some(text)) {
        Some(spec) => Ok((FactKey::Row(text.to_owned()), spec.kind.unit())),
        None => Err(Fault::UnknownKey(text.to_owned())),
    }
}

impl Fact {
    /// Whether it is a value of the row with this key.
    pub(crate) fn is_row(&self, key: &str) -> bool {
        matches!(&self.key, FactKey::Row(row) if row == key)
    }

    pub(crate) fn is_of_machine(&self, fact: MachineFact) -> bool {
        self.key == FactKey::Machine(fact)
    }

    /// The key, as in the file.
    pub(crate) fn key_name(&self) -> &str {
        match &self.key {
            FactKey::Row(row) => row,
            FactKey::Machine(fact) => {
                let mut all = MACHINE_FACTS.iter();
                let of = all.find(|(_, other)| other == fact);
                of.map_or("", |(name, _)| name)
            }
        }
    }
}

#[cfg(test)]
mod tests;
