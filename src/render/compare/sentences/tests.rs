//! Sentences, word for word, of values typed in; and no number that the tables lack.

use super::super::write;
use super::all;
use crate::compare::{facts, Comparison};
use crate::render::{Medium, Style};
use proptest::prelude::*;

/// A comparison of these values: product, key, values.
fn comparison(rows: &[(&str, &str, &[String])]) -> Comparison {
    let lines = rows.iter().flat_map(|(product, key, values)| {
        let values = values.iter();
        values.map(move |value| format!("{product} {key} {value} \"clock\"\n"))
    });
    let facts = facts::parse("f", lines.collect::<String>().as_bytes()).unwrap();
    Comparison::new(Vec::new(), facts, None).unwrap()
}

fn texts(comparison: &Comparison) -> Vec<String> {
    let sentences = all(comparison).into_iter();
    sentences.map(|sentence| sentence.text()).collect()
}

fn values(unit: &str, of: &[u32]) -> Vec<String> {
    of.iter().map(|value| format!("{value} {unit}")).collect()
}

fn words(of: &[&str]) -> Vec<String> {
    of.iter().map(|&word| word.to_owned()).collect()
}

/// Two of C(8, 4) = 70 orders part four from four: p is 0.029 of one test. Of the 16
/// quotients the interval has the ends (Mann and Whitney, rank 1: 97.1 %): 26 / 41 = 0.634
/// and 29 / 38 = 0.763; the medians are 27.5 and 39.5: 0.696, and 12 s less.
#[test]
fn a_difference_that_four_runs_decide() {
    let ours = values("s", &[26, 27, 28, 29]);
    let theirs = values("s", &[38, 39, 40, 41]);
    let of = |reference, other| {
        comparison(&[
            ("k3s", "boot-cold", reference),
            ("izuma", "boot-cold", other),
        ])
    };
    assert_eq!(
        texts(&of(&theirs, &ours)),
        ["izuma boots 12 s sooner than k3s after a cold start (0.70 x, 95 % CI 0.63 to 0.76, n 4 each, p 0.029)."]
    );
    // 41 / 26 = 1.577, 38 / 29 = 1.310, 39.5 / 27.5 = 1.436.
    assert_eq!(
        texts(&of(&ours, &theirs)),
        ["izuma boots 12 s later than k3s after a cold start (1.44 x, 95 % CI 1.31 to 1.58, n 4 each, p 0.029)."]
    );
}

/// 26 26 40 40 in either group: nobody is ahead.
#[test]
fn no_difference_is_shown_where_none_is() {
    let same = values("s", &[26, 26, 40, 40]);
    let all = comparison(&[
        ("k3s", "boot-restart", &same),
        ("izuma", "boot-restart", &same),
    ]);
    assert_eq!(
        texts(&all),
        ["No difference shown between izuma and k3s: boot after a restart (+0 s, 1.00 x, p 1.00)."]
    );
}

/// C(8, 3) = 56 orders of five and three would do: two of them are less than 0.05.
#[test]
fn three_runs_decide_nothing() {
    let all = comparison(&[
        ("k3s", "boot-cold", &values("s", &[38, 39, 40])),
        ("izuma", "boot-cold", &values("s", &[26, 27, 28])),
    ]);
    assert_eq!(
        texts(&all),
        ["Not decided with 3 runs of izuma and 3 of k3s (3 and 5 would do): boot after a cold start (-12 s, 0.69 x)."]
    );
}

#[test]
fn what_is_taken_is_not_tested() {
    let all = comparison(&[
        ("k3s", "disk-taken", &values("MiB", &[1000])),
        ("izuma", "disk-taken", &values("MiB", &[105])),
    ]);
    assert_eq!(
        texts(&all),
        ["Not tested, izuma against k3s: disk taken by the edge software (-895.0 MiB)."]
    );
}

#[test]
fn answers_come_first_and_in_one_sentence_each() {
    let [yes, no, both] = [&["yes"][..], &["no"], &["yes", "no", "yes"]].map(words);
    let one = values("s", &[9]);
    let all = comparison(&[
        ("k3s", "boot-cold", &one),
        ("izuma", "boot-cold", &one),
        ("k3s", "complex-firewall", &no),
        ("izuma", "complex-firewall", &both),
        ("k3s", "simple-firewall", &no),
        ("izuma", "simple-firewall", &no),
        ("k3s", "survive-ip-change", &no),
        ("izuma", "survive-ip-change", &yes),
        ("k0s", "survive-ip-change", &yes),
    ]);
    let said = texts(&all);
    assert_eq!(
        said[..3],
        [
            "izuma and k0s survive a new IP address; k3s does not.",
            "k3s and izuma do not work behind a simple firewall; k0s: not measured.",
            "k3s does not work behind a complex firewall; izuma does in 2 of 3 runs; k0s: not measured.",
        ]
    );
    assert!(said[3].starts_with("Not decided with 1 run of izuma and 1 of k3s"));
}

/// Five products with two rows that differ from the first: three answers, then eight
/// differences.
#[test]
fn there_are_eight_sentences_at_most() {
    let products = ["a", "b", "c", "d", "e"];
    let cold: Vec<Vec<String>> = (0..5)
        .map(|at| values("s", &[10, 11, 12, 13, 14, 15, 16, 17].map(|s| s + at * 20)))
        .collect();
    let yes = words(&["yes"]);
    let mut rows: Vec<(&str, &str, &[String])> = Vec::new();
    for (product, cold) in products.iter().zip(&cold) {
        for key in ["boot-restart", "boot-cold"] {
            rows.push((product, key, cold));
        }
        rows.push((product, "simple-firewall", &yes));
    }
    let said = texts(&comparison(&rows));
    assert_eq!(said.len(), 8);
    assert_eq!(said[0], "a, b, c, d and e work behind a simple firewall.");
    assert!(said[1].starts_with("b boots 20 s later than a after a cold start (2.48 x"));
    assert!(said[5].starts_with("b boots 20 s later than a after a restart"));
    assert_eq!(said[7], "More comparisons are in the tables.");
}

/// The numbers in a text: digits, with a fraction.
fn numbers(text: &str) -> Vec<&str> {
    let parts = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    let parts = parts.map(|part| part.trim_matches('.'));
    parts.filter(|part| !part.is_empty()).collect()
}

const KEYS: [(&str, &str); 6] = [
    ("boot-cold", "s"),
    ("memory-with", "MiB"),
    ("pss-with", "MiB"),
    ("cpu-workload-median", "%"),
    ("disk-taken", "MiB"),
    ("containers", ""),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Names without digits, so that each number is one of a figure.
    #[test]
    fn every_number_stands_in_the_tables(
        of in prop::collection::vec((0usize..3, 0usize..6, 1u32..90, 1u32..9, 1usize..9), 2..12),
    ) {
        let rows: Vec<(&str, &str, Vec<String>)> = of
            .iter()
            .map(|&(product, key, first, step, runs)| {
                let (key, unit) = KEYS[key];
                let all: Vec<u32> = (0..runs as u32).map(|at| first + at * step % 10).collect();
                (["alpha", "beta", "gamma"][product], key, values(unit, &all))
            })
            .collect();
        let rows: Vec<_> = rows.iter().map(|(p, k, v)| (*p, *k, &v[..])).collect();
        let comparison = comparison(&rows);
        let style = Style { width: usize::MAX, unicode: false, charts: false };
        let mut out = Vec::new();
        write(&mut out, &comparison, Medium::Text(style)).unwrap();
        let text = String::from_utf8(out).unwrap();
        let tables = text.split_once("\nBoot time").unwrap().1;
        let tables = tables.split_once("\n[1]").unwrap().0;
        let there = numbers(tables);
        for sentence in texts(&comparison) {
            prop_assert!(text.contains(&sentence));
            for number in numbers(&sentence.replace("95 % CI", "")) {
                prop_assert!(there.contains(&number), "{number}: {sentence}\n{text}");
            }
        }
    }
}
