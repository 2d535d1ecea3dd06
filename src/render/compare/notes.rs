//! Footnotes: where a value was measured by hand, and how to measure a missing one.

use super::super::ramp;
use super::words::source_of;
use crate::compare::facts::Fact;
use crate::compare::measured::Measured;
use crate::compare::{Comparison, Figure, Missing, Product, Silence, Source};
use crate::log::record::Header;
use crate::products;
use crate::series::stage::Stage;
use crate::words::escape::escaped;
use crate::words::exits::lack;
use crate::words::figures::span;

/// The topic of a footnote; each topic has one.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Topic {
    /// Facts of one source; the parts are their lines.
    Facts {
        file: String,
        source: String,
        elsewhere: Option<String>,
    },
    /// Values that can be typed in; the parts are their keys.
    Keys,
    /// Anything else, in words, without parts.
    Sentence(String),
}

/// The footnotes with their parts, numbered from 1 in the order of their first use.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    all: Vec<(Topic, Vec<String>)>,
}

impl Notes {
    /// The numbers of the footnotes that a figure needs.
    pub(crate) fn of_figure(&mut self, comparison: &Comparison, figure: &Figure) -> Vec<usize> {
        let mut numbers = Vec::new();
        for point in figure.points.iter().chain(&figure.less) {
            match point.source {
                Source::Fact(fact) => {
                    numbers.extend(comparison.facts.get(fact).map(|fact| self.fact(fact)))
                }
                Source::Run { run, .. } => {
                    let run = comparison.runs.get(run);
                    if run.is_some_and(Measured::is_of_footprints) {
                        let sentence = "from footprint --output: no recording of the stage has PSS";
                        let topic = Topic::Sentence(sentence.to_owned());
                        numbers.push(self.number(topic, None));
                    }
                }
                Source::Result { run, result } => {
                    let run = comparison.runs.get(run);
                    let source = run.and_then(|run| {
                        let result = run.results.get(result)?;
                        let ended = ramp::ended_at_cost(result, &run.costs);
                        Some(ended.unwrap_or_else(|| source_of(result)))
                    });
                    if let Some(sentence) = source.filter(|source| !source.is_empty()) {
                        numbers.push(self.number(Topic::Sentence(sentence), None));
                    }
                }
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// The numbers of the footnotes that a missing value needs.
    pub(crate) fn of_missing(
        &mut self,
        comparison: &Comparison,
        product: usize,
        missing: &Missing,
    ) -> Vec<usize> {
        let Some(of) = comparison.products.get(product) else {
            return Vec::new();
        };
        let name = &of.name;
        let sentence = match missing {
            Missing::Fact(key) => return vec![self.number(Topic::Keys, Some(key.clone()))],
            Missing::Parts(parts) => {
                let parts = parts.iter();
                let numbers = parts.flat_map(|part| self.of_missing(comparison, product, part));
                let mut numbers: Vec<usize> = numbers.collect();
                numbers.sort_unstable();
                numbers.dedup();
                return numbers;
            }
            Missing::Stage(stage) => format!("not recorded: {}", recording(name, stage)),
            Missing::Silent(stage, silence) => {
                let command = || reading(of, stage);
                let stage = escaped(stage.name().as_bytes());
                match silence {
                    Silence::NoProfile => unknown_product(name),
                    Silence::NoPss => format!(
                        "no PSS in the runs of stage {stage}: record as root and without --pss off, \
                         or run {}",
                        command()
                    ),
                    Silence::Footprints => format!(
                        "the footprints of stage {stage} lack some of its key processes: as root, \
                         run {}",
                        command()
                    ),
                    Silence::Idle => format!("only the recorder used CPU in stage {stage}"),
                    Silence::Ends(listens) => match lack(*listens) {
                        Some(why) => format!("not told in stage {stage}: {why}"),
                        None => format!(
                            "not in the logs of stage {stage}: the recorder did not ask which processes end"
                        ),
                    },
                    Silence::Unknown => format!("not in the logs of stage {stage}"),
                }
            }
        };
        vec![self.number(Topic::Sentence(sentence), None)]
    }

    fn number(&mut self, topic: Topic, part: Option<String>) -> usize {
        let known = self.all.iter().position(|(other, _)| *other == topic);
        let at = known.unwrap_or(self.all.len());
        if known.is_none() {
            self.all.push((topic, Vec::new()));
        }
        if let Some((_, parts)) = self.all.get_mut(at) {
            parts.extend(part.filter(|part| !parts.contains(part)));
        }
        at + 1
    }

    fn fact(&mut self, fact: &Fact) -> usize {
        let topic = Topic::Facts {
            file: fact.file.clone(),
            source: fact.source.clone(),
            elsewhere: fact.elsewhere.clone(),
        };
        self.number(topic, Some(fact.line.to_string()))
    }

    /// The footnotes, in words.
    pub(crate) fn words(&self) -> Vec<String> {
        let words = |(topic, parts): &(Topic, Vec<String>)| match topic {
            Topic::Sentence(sentence) => sentence.clone(),
            Topic::Keys => {
                let is_missing =
                    |(start, _): &&(&str, &str)| parts.iter().any(|key| key.starts_with(start));
                let commands = COMMANDS.iter().filter(is_missing);
                let commands: String = commands
                    .map(|(_, does)| format!("edgebench-lite {does}; "))
                    .collect();
                format!(
                    "not measured: {commands}values measured by hand come from --facts FILE, a line \
                     PRODUCT KEY VALUE \"SOURCE\" each; KEY is one of {}",
                    parts.join(", ")
                )
            }
            Topic::Facts {
                file,
                source,
                elsewhere,
            } => {
                let elsewhere = match elsewhere {
                    Some(machine) => format!(", on {}", escaped(machine.as_bytes())),
                    None => String::new(),
                };
                let mut lines = parts.clone();
                lines.sort_by_key(|line| line.parse::<u64>().ok());
                let [file, source] = [file, source].map(|text| escaped(text.as_bytes()));
                format!("by hand{elsewhere}: {source} ({file}:{})", lines.join(", "))
            }
        };
        self.all.iter().map(words).collect()
    }
}

/// The beginnings of keys, and the command that measures them.
const COMMANDS: [(&str, &str); 4] = [
    ("boot-", "boot watch times boots"),
    ("api-", "record --probe CMD times the API"),
    ("survive-", "survive ip-change changes the address"),
    ("containers", "ramp counts containers"),
];

fn unknown_product(name: &str) -> String {
    // In `a=b:app=app.py` the label is `a`, and in `a:b:app=app.py` the product.
    let has_separator = name.contains(['=', ':']);
    let name = word(name);
    let other = match has_separator {
        true => format!("--cgroup {name}=PATH"),
        false => format!("--key {name}:LABEL=PROGRAM"),
    };
    format!(
        "unknown product: name its profile with --profile {name}=PROFILE (one of {}) or its \
         processes with --unit {name}=UNIT or {other}; or record it with --unit or --key",
        products::known()
    )
}

/// The command that records a stage of a product.
pub(crate) fn recording(product: &str, stage: &Stage) -> String {
    let (product, stage) = (word(product), word(stage.name()));
    format!("edgebench-lite record --product {product} --stage {stage}")
}

/// The command that makes a run of this kind once more, on another board too.
pub(crate) fn again(header: &Header<String>, duration_us: u64) -> String {
    let mut command = "edgebench-lite record".to_owned();
    for (option, name) in [("product", &header.product), ("stage", &header.stage)] {
        if !name.is_empty() {
            command += &format!(" --{option} {}", word(name));
        }
    }
    let (interval, seconds) = (span(header.interval_us), duration_us.div_ceil(1_000_000));
    command
        + &format!(
            " --interval {} --duration {seconds}s",
            interval.replace(' ', "")
        )
}

/// The command that reads what a product's key processes take in a stage.
pub(crate) fn reading(product: &Product, stage: &Stage) -> String {
    let which = match product.profile {
        Some(profile) => format!("--profile {profile}"),
        None if product.is_defined => "--key LABEL=PROGRAM".to_owned(),
        None => "--profile PROFILE".to_owned(),
    };
    let (name, stage) = (word(&product.name), word(stage.name()));
    format!("edgebench-lite footprint --output FILE {which} --product {name} --stage {stage}")
}

/// A word of a command line, quoted where a shell needs that.
fn word(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:+@=,%".contains(&b);
    let shown = escaped(text.as_bytes());
    match !text.is_empty() && text.bytes().all(plain) {
        true => shown,
        false => format!("'{}'", shown.replace('\'', r"'\''")),
    }
}
