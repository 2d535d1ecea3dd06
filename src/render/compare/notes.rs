//! Footnotes: where a value was measured by hand, and how to measure a missing one.

use super::super::escape::escaped;
use crate::compare::facts::Fact;
use crate::compare::{Comparison, Figure, Missing, Product, Silence, Source};
use crate::products;
use crate::series::stage::Stage;

/// The subject of a footnote; each subject has one.
#[derive(Debug, Clone, PartialEq, Eq)]
enum About {
    /// The facts with this source.
    Facts(Vec<usize>),
    /// The keys that can be typed in.
    Keys(Vec<String>),
    /// Anything else, in words.
    Said(String),
}

/// The footnotes, numbered from 1 in the order of their first use.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    all: Vec<About>,
}

impl Notes {
    /// The numbers of the footnotes that a figure needs.
    pub(crate) fn of_figure(&mut self, comparison: &Comparison, figure: &Figure) -> Vec<usize> {
        let mut numbers = Vec::new();
        for point in figure.points.iter().chain(&figure.less) {
            match point.source {
                Source::Fact(fact) => put(&mut numbers, self.fact(comparison, fact)),
                Source::Run { run, .. } => {
                    let run = comparison.runs.get(run);
                    if run.is_some_and(|run| run.readings.is_some()) {
                        let said = "from footprint --output: no recording of the stage has PSS";
                        put(&mut numbers, self.number(About::Said(said.to_owned())));
                    }
                }
            }
        }
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
        let said = match missing {
            Missing::Fact(key) => return vec![self.key(key)],
            Missing::Parts(parts) => {
                let mut numbers = Vec::new();
                for part in parts {
                    for number in self.of_missing(comparison, product, part) {
                        put(&mut numbers, number);
                    }
                }
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
                    Silence::Unknown => format!("not in the logs of stage {stage}"),
                }
            }
        };
        vec![self.number(About::Said(said))]
    }

    fn number(&mut self, about: About) -> usize {
        if let Some(at) = self.all.iter().position(|other| *other == about) {
            return at + 1;
        }
        self.all.push(about);
        self.all.len()
    }

    fn fact(&mut self, comparison: &Comparison, fact: usize) -> usize {
        let facts = &comparison.facts;
        let same = |other: usize| match (facts.get(other), facts.get(fact)) {
            (Some(a), Some(b)) => {
                (&a.file, &a.source, &a.elsewhere) == (&b.file, &b.source, &b.elsewhere)
            }
            _ => false,
        };
        for (at, about) in self.all.iter_mut().enumerate() {
            if let About::Facts(all) = about {
                if all.first().is_some_and(|first| same(*first)) {
                    all.push(fact);
                    return at + 1;
                }
            }
        }
        self.number(About::Facts(vec![fact]))
    }

    fn key(&mut self, key: &str) -> usize {
        for (at, about) in self.all.iter_mut().enumerate() {
            if let About::Keys(keys) = about {
                if !keys.iter().any(|other| other == key) {
                    keys.push(key.to_owned());
                }
                return at + 1;
            }
        }
        self.number(About::Keys(vec![key.to_owned()]))
    }

    /// The footnotes, in words.
    pub(crate) fn words(&self, comparison: &Comparison) -> Vec<String> {
        let words = |about: &About| {
            match about {
            About::Said(said) => said.clone(),
            About::Keys(keys) => format!(
                "measured by hand only: pass --facts FILE, with a line PRODUCT KEY VALUE \"SOURCE\" \
                 for each value; KEY is one of {}",
                keys.join(", ")
            ),
            About::Facts(facts) => {
                let facts = facts.iter().filter_map(|fact| comparison.facts.get(*fact));
                typed(&facts.collect::<Vec<_>>())
            }
        }
        };
        self.all.iter().map(words).collect()
    }
}

fn unknown_product(name: &str) -> String {
    format!(
        "unknown product: name its profile with --profile {0}=PROFILE (one of {1}) or its processes \
         with --unit {0}=UNIT or --key {0}:LABEL=PROGRAM; or record it with --unit or --key",
        word(name),
        products::known()
    )
}

/// Inserts a number into a sorted list, unless it is there.
fn put(numbers: &mut Vec<usize>, number: usize) {
    let at = numbers.partition_point(|other| *other < number);
    if numbers.get(at) != Some(&number) {
        numbers.insert(at, number);
    }
}

fn typed(facts: &[&Fact]) -> String {
    let Some(first) = facts.first() else {
        return String::new();
    };
    let mut lines = Vec::new();
    for fact in facts {
        put(&mut lines, fact.line);
    }
    let lines: Vec<String> = lines.iter().map(usize::to_string).collect();
    let elsewhere = match &first.elsewhere {
        Some(machine) => format!(", on {}", escaped(machine.as_bytes())),
        None => String::new(),
    };
    format!(
        "by hand{elsewhere}: {} ({}:{})",
        escaped(first.source.as_bytes()),
        escaped(first.file.as_bytes()),
        lines.join(", ")
    )
}

/// The command that records a stage of a product.
pub(crate) fn recording(product: &str, stage: &Stage) -> String {
    let (product, stage) = (word(product), word(stage.name()));
    format!("edgebench-lite record --product {product} --stage {stage}")
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
