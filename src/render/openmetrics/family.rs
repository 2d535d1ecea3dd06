//! A family of metrics: its name, what it is, and its samples as lines.

use crate::series::Run;
use crate::words::escape::escaped;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write};

/// A figure in the unit of its family.
pub(crate) type Unit = fn(&Run, f64) -> f64;

#[derive(Default)]
pub(crate) struct Family {
    name: &'static str,
    help: &'static str,
    pub(crate) picks: Vec<Pick>,
    pub(crate) samples: Samples,
}

const UNITS: [&str; 5] = ["bytes", "celsius", "hertz", "ratio", "seconds"];

/// Which figures are samples of a family; see [`super::super::data`].
pub(crate) struct Pick {
    /// Subject and figure.
    pub(crate) of: [&'static str; 2],
    /// `*`: every statistic of samples but their count; a label tells them apart.
    pub(crate) statistic: &'static str,
    /// What tells it from the other figures of the family.
    pub(crate) label: (&'static str, &'static str),
    pub(crate) unit: Unit,
}

impl Pick {
    /// The labels that a figure has in the family, if it is one of those picked.
    pub(crate) fn labels<'n>(
        &self,
        of: [&str; 2],
        statistic: &'n str,
    ) -> Option<[(&'n str, &'n [u8]); 2]> {
        let (name, value) = self.label;
        let statistics: (&str, &[u8]) = match self.statistic {
            "*" if statistic != "count" => ("statistic", statistic.as_bytes()),
            only if only == statistic => ("", b""),
            _ => return None,
        };
        (self.of == of).then_some([(name, value.as_bytes()), statistics])
    }
}

/// Their names and values.
pub(crate) type Labels<'l> = [(&'l str, &'l [u8])];

impl Family {
    pub(crate) fn new(name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            help,
            ..Self::default()
        }
    }

    /// Writes it, unless it has no samples.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self {
            name,
            help,
            samples,
            ..
        } = self;
        if samples.all.is_empty() {
            return Ok(());
        }
        writeln!(out, "# HELP edgebench_{name} {help}")?;
        writeln!(out, "# TYPE edgebench_{name} gauge")?;
        let last = name.rsplit('_').next();
        if let Some(unit) = last.filter(|last| UNITS.contains(last)) {
            writeln!(out, "# UNIT edgebench_{name} {unit}")?;
        }
        for (labels, value) in &samples.all {
            let value = rounded(*value);
            writeln!(out, "edgebench_{name}{{{labels}}} {value}")?;
        }
        Ok(())
    }
}

/// The samples of a family: their labels and values.
#[derive(Default)]
pub(crate) struct Samples {
    run: String,
    all: Vec<(String, f64)>,
    /// How many have these labels.
    seen: HashMap<String, u32>,
}

impl Samples {
    /// Those that follow are of the run with these labels.
    pub(crate) fn of_run(&mut self, labels: &str) {
        self.run.clear();
        self.run.push_str(labels);
    }

    /// What has no value, because it was not observable, is left out.
    pub(crate) fn add(&mut self, labels: &Labels<'_>, value: impl Into<Option<f64>>) {
        let Some(value) = value.into().filter(|value| value.is_finite()) else {
            return;
        };
        let own = self::labels(labels);
        let comma = if own.is_empty() { "" } else { "," };
        let labels = format!("{}{comma}{own}", self.run);
        let seen = self.seen.entry(labels.clone()).or_default();
        *seen += 1;
        // Containers in different groups may be called the same; but the same labels
        // twice spoil the whole file.
        let labels = match seen {
            1 => labels,
            nth => format!("{labels},again=\"{nth}\""),
        };
        self.all.push((labels, value));
    }
}

/// Without digits that only come from rounding: 48.3 for 48.30000000000001.
fn rounded(value: f64) -> String {
    // 0 for -0.
    let value = value + 0.0;
    let decimals = decimals(value.abs());
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// Those of 15 significant digits.
fn decimals(value: f64) -> usize {
    let mut decimals = 14;
    let mut least = 10.0;
    while decimals > 0 && value >= least {
        least *= 10.0;
        decimals -= 1;
    }
    let mut most = 1.0;
    while decimals < 300 && value > 0.0 && value < most {
        most /= 10.0;
        decimals += 1;
    }
    decimals
}

/// `a="x",b="y"`.
pub(crate) fn labels(labels: &Labels<'_>) -> String {
    let mut text = String::new();
    for (name, value) in labels.iter().filter(|(_, value)| !value.is_empty()) {
        let comma = if text.is_empty() { "" } else { "," };
        // No control character is left: of what the formats want escaped, these two.
        let value = escaped(value).replace('\\', "\\\\").replace('"', "\\\"");
        // Writing to a String cannot fail.
        let _ = write!(text, "{comma}{name}=\"{value}\"");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_labels() {
        let hostile: [(&str, &[u8]); 4] = [
            ("a", b"x\"y\\z"),
            ("b", b"1\n2\0\xff"),
            ("none", b""),
            ("c", "\u{202e}\u{e4}{},=".as_bytes()),
        ];
        // A backslash twice for the report, and each of these twice for the format.
        let expected = concat!(
            r#"a="x\"y\\\\z","#,
            r#"b="1\\n2\\x00\\xff","#,
            "c=\"\\\\u{202e}\u{e4}{},=\""
        );
        assert_eq!(labels(&hostile), expected);
        assert_eq!(labels(&[]), "");
    }

    #[test]
    fn values_have_15_digits_at_most() {
        assert_eq!(rounded(48.300_000_000_000_01), "48.3");
        assert_eq!(rounded(1.0 / 3.0), "0.333333333333333");
        assert_eq!(rounded(-1.0 / 3e7), "-0.0000000333333333333333");
        assert_eq!(rounded(-0.0), "0");
        assert_eq!(rounded(1_048_576_000.0), "1048576000");
        assert_eq!(rounded(1_700_000_000.123_457), "1700000000.12346");
        assert_eq!(rounded(1e20), "100000000000000000000");
    }

    #[test]
    fn nothing_stands_twice_and_nothing_is_no_number() {
        let mut family = Family::new("x_ratio", "An x.");
        let samples = &mut family.samples;
        samples.of_run("run=\"1\"");
        samples.add(&[], 1.0);
        samples.add(&[], 2.0);
        samples.add(&[("core", b"0")], -0.0);
        samples.add(&[("core", b"1")], f64::NAN);
        samples.add(&[("core", b"2")], None);
        samples.of_run("run=\"2\"");
        samples.add(&[], 0.5);
        let mut text = Vec::new();
        family.write(&mut text).unwrap();
        let expected = "# HELP edgebench_x_ratio An x.\n\
                        # TYPE edgebench_x_ratio gauge\n\
                        # UNIT edgebench_x_ratio ratio\n\
                        edgebench_x_ratio{run=\"1\"} 1\n\
                        edgebench_x_ratio{run=\"1\",again=\"2\"} 2\n\
                        edgebench_x_ratio{run=\"1\",core=\"0\"} 0\n\
                        edgebench_x_ratio{run=\"2\"} 0.5\n";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
        text = Vec::new();
        Family::new("x_ratio", "An x.").write(&mut text).unwrap();
        assert_eq!(text, b"");
    }
}
