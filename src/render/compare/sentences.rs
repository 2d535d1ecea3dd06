//! The conclusions of a comparison, as sentences.

use super::super::document::Sentence;
use super::super::findings::Remarks;
use super::words;
use crate::compare::conclusions::{Answers, Compared, Conclusion, Reason};
use crate::compare::pair_comparison::{Change, PairComparison, Test};
use crate::compare::rows::{Kind, Spec};
use crate::compare::{Comparison, Spread};
use crate::series::finding::Grade;
use crate::series::stage::Stage;
use crate::words::columns::shortened_name;
use crate::words::escape::escaped;
use crate::words::figures::counted;

/// Longer names of products have `..` in their middle.
const NAME_WIDTH: usize = 24;

/// The conclusions, below a warning if the comparison is not valid. A page and a picture do
/// not say that the tables have more.
pub(super) fn said(comparison: &Comparison, remarks: &Remarks, drawn: bool) -> Vec<Sentence> {
    let mut all = all(comparison);
    if drawn && comparison.conclusions().last() == Some(&Conclusion::More) {
        all.pop();
    }
    let reasons = remarks.graded(Grade::Invalid).count() as u64;
    if reasons > 0 && !all.is_empty() {
        let reasons = counted(reasons, "reason");
        let warning = Sentence {
            core: "Not valid as a comparison".to_owned(),
            after: format!(" for {reasons}: read why before you use a figure"),
            is_long: true,
            ..Sentence::default()
        };
        all.insert(0, warning);
    }
    all
}

/// The conclusions.
pub(super) fn all(comparison: &Comparison) -> Vec<Sentence> {
    let conclusions = comparison.conclusions().into_iter();
    let sentences = conclusions.map(|conclusion| match conclusion {
        Conclusion::Answers(row) => answers(comparison, row.spec.kind, &Answers::of(row)),
        Conclusion::Differs(product, row) => differs(comparison, product, row),
        Conclusion::Open(product, reason, rows) => open(comparison, product, reason, &rows),
        Conclusion::More => Sentence {
            core: "More comparisons".to_owned(),
            after: " are in the tables".to_owned(),
            is_long: true,
            ..Sentence::default()
        },
    });
    sentences.collect()
}

fn name(comparison: &Comparison, product: usize) -> String {
    let product = comparison.products.get(product);
    product.map_or(String::new(), |of| {
        shortened_name(&escaped(of.name.as_bytes()), NAME_WIDTH)
    })
}

/// The kind of a row in the middle of a sentence; what stands before and behind a
/// difference, where `{}` is the product and the reference; and the words for a lesser and
/// a greater value.
type Phrase = (&'static str, &'static str, &'static str, [&'static str; 2]);

const LESS: [&str; 2] = ["less", "more"];
const SOONER: [&str; 2] = ["sooner", "later"];

fn phrase(kind: Kind) -> Phrase {
    match kind {
        Kind::MemoryConsumed => (
            "memory in use",
            "With {}, ",
            " memory is in use than with {}",
            LESS,
        ),
        Kind::ProductPss => (
            "PSS of the product",
            "The processes of {} use ",
            " memory (PSS) than those of {}",
            LESS,
        ),
        Kind::BootCold => (
            "boot after a cold start",
            "{} boots ",
            " than {} after a cold start",
            SOONER,
        ),
        Kind::BootRestart => (
            "boot after a restart",
            "{} boots ",
            " than {} after a restart",
            SOONER,
        ),
        Kind::Cpu => (
            "CPU in use",
            "With {}, ",
            " CPU is in use than with {}",
            LESS,
        ),
        Kind::DiskUsed => (
            "disk in use",
            "With {}, ",
            " of the disk is in use than with {}",
            LESS,
        ),
        Kind::ApiTime => (
            "API response",
            "The API of {} answers ",
            " than that of {}",
            SOONER,
        ),
        Kind::Containers => (
            "number of containers",
            "{} runs ",
            " containers than {} until the board stops responding",
            ["fewer", "more"],
        ),
        Kind::MemoryTaken => ("memory taken by the edge software", "", "", LESS),
        _ => ("disk taken by the edge software", "", "", LESS),
    }
}

/// The stage of a row of CPU.
fn stage(spec: &Spec) -> &'static str {
    match (spec.kind, &spec.stage) {
        (Kind::Cpu, Some(Stage::Workload)) => " with a container",
        (Kind::Cpu, Some(Stage::Ramp)) => " with more and more containers",
        _ => "",
    }
}

fn differs(comparison: &Comparison, product: usize, (spec, pair): Compared<'_>) -> Sentence {
    let (_, before, after, [less, more]) = phrase(spec.kind);
    let value = pair.difference.value;
    let size = words::apart(spec.kind.unit(), value);
    let word = if value < 0.0 { less } else { more };
    let [before, after] = [(before, product), (after, 0)]
        .map(|(text, product)| text.replace("{}", &name(comparison, product)));
    Sentence {
        before,
        core: format!("{size} {word}"),
        after: after + stage(spec),
        spread: spread(&pair),
        is_long: false,
    }
}

/// The ratio with its spread, the numbers of runs, and p.
fn spread(pair: &PairComparison) -> String {
    let mut all: Vec<String> = pair.ratio.iter().map(|of| times(*of)).collect();
    if let Some(Change { spread, .. }) = pair.ratio {
        let range = match spread {
            Spread::Interval { .. } => "95 % CI ",
            _ => "",
        };
        let ends = words::ends(spread).unwrap_or_default();
        all.push(format!("{range}{}", ends.trim_end_matches([' ', '*'])));
    }
    let (ours, theirs) = pair.n;
    all.push(match ours == theirs {
        true => format!("n {ours} each"),
        false => format!("n {ours} and {theirs}"),
    });
    all.extend(p(pair));
    all.join(", ")
}

fn times(ratio: Change) -> String {
    format!("{} x", words::ratio(ratio.value))
}

fn p(pair: &PairComparison) -> Option<String> {
    match pair.test {
        Test::P { corrected, .. } => Some(format!("p {}", words::p(corrected))),
        Test::TooFew { .. } | Test::Not => None,
    }
}

/// Rows of which no difference can be said.
fn open(
    comparison: &Comparison,
    product: usize,
    reason: Reason,
    rows: &[Compared<'_>],
) -> Sentence {
    let [ours, theirs] = [product, 0].map(|product| name(comparison, product));
    let figures = rows.iter().map(|(spec, pair)| {
        let (label, ..) = phrase(spec.kind);
        let difference = words::difference(spec.kind.unit(), pair.difference.value);
        let ratio = pair.ratio.map(|of| format!(", {}", times(of)));
        let p = p(pair).filter(|_| reason == Reason::NoDifference);
        let p = p.map_or(String::new(), |p| format!(", {p}"));
        let ratio = ratio.unwrap_or_default();
        format!("{label}{} ({difference}{ratio}{p})", stage(spec))
    });
    let figures: Vec<String> = figures.collect();
    let (core, between) = match reason {
        Reason::NoDifference => (
            "No difference shown",
            format!(" between {ours} and {theirs}"),
        ),
        Reason::Untested => ("Not tested", format!(", {ours} against {theirs}")),
        Reason::TooFew { n, enough } => {
            let runs = counted(n.0 as u64, "run");
            let (other, [more, more_of_other]) = (n.1, [enough.0, enough.1]);
            let runs = format!(
                " with {runs} of {ours} and {other} of {theirs} ({more} and {more_of_other} would do)"
            );
            ("Not decided", runs)
        }
    };
    Sentence {
        core: core.to_owned(),
        after: format!("{between}: {}", figures.join(", ")),
        is_long: true,
        ..Sentence::default()
    }
}

/// `izuma survives a new IP address; k3s does not`.
fn answers(comparison: &Comparison, kind: Kind, of: &Answers) -> Sentence {
    let (one, many, what) = match kind {
        Kind::SurviveIpChange => ("survives", "survive", "a new IP address"),
        Kind::SimpleFirewall => ("works", "work", "behind a simple firewall"),
        _ => ("works", "work", "behind a complex firewall"),
    };
    let names = |products: &[usize]| {
        let names = products.iter().map(|product| name(comparison, *product));
        let names: Vec<String> = names.collect();
        match &names[..] {
            [others @ .., last] if !others.is_empty() => {
                format!("{} and {last}", others.join(", "))
            }
            _ => names.concat(),
        }
    };
    let mut clauses: Vec<(String, String)> = Vec::new();
    if !of.yes.is_empty() {
        let verb = if of.yes.len() == 1 { one } else { many };
        clauses.push((names(&of.yes), format!(" {verb} {what}")));
    }
    if !of.no.is_empty() {
        let does = if of.no.len() == 1 { "does" } else { "do" };
        let verb = match clauses.is_empty() {
            true => format!(" {does} not {many} {what}"),
            false => format!(" {does} not"),
        };
        clauses.push((names(&of.no), verb));
    }
    for (product, yes, all) in &of.mixed {
        let verb = match clauses.is_empty() {
            true => format!(" {one} {what} in {yes} of {all} runs"),
            false => format!(" does in {yes} of {all} runs"),
        };
        clauses.push((name(comparison, *product), verb));
    }
    if !of.unknown.is_empty() {
        clauses.push((names(&of.unknown), ": not measured".to_owned()));
    }
    let mut clauses = clauses.into_iter();
    let (name, verb) = clauses.next().unwrap_or_default();
    let (core, after) = match verb.find(what) {
        Some(at) => {
            let (verb, what) = verb.split_at(at);
            (format!("{name}{}", verb.trim_end()), format!(" {what}"))
        }
        None => (name, verb),
    };
    let rest = clauses.map(|(name, verb)| format!("; {name}{verb}"));
    Sentence {
        core,
        after: after + &rest.collect::<String>(),
        ..Sentence::default()
    }
}

#[cfg(test)]
#[path = "sentences/tests.rs"]
mod tests;
