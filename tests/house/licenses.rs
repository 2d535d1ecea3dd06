//! Every crate is under a license that lets it be part of the program, or of its build and
//! tests, as its manifest has it.

use crate::json;
use crate::output_of;

/// SPDX's names of licenses that ask for no more than their own text to come along.
const PERMISSIVE: [&str; 6] = [
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
];

/// Whether an expression leaves a choice of those alone. Crates of old write `/` for OR.
fn is_permissive(expression: &str) -> bool {
    let choices = expression.replace('/', " OR ");
    choices.split(" AND ").all(|part| {
        let part = part.trim();
        let is_whole = part.matches('(').count() == part.matches(')').count();
        let part = part.trim_start_matches('(').trim_end_matches(')');
        is_whole
            && part
                .split(" OR ")
                .any(|one| PERMISSIVE.contains(&one.trim()))
    })
}

#[test]
fn every_crate_may_be_used() {
    // Of boards: those for other systems are in Cargo.lock, and never fetched.
    let arguments = [
        "metadata",
        "--locked",
        "--format-version=1",
        "--filter-platform=aarch64-unknown-linux-musl",
    ];
    let Some(text) = output_of(env!("CARGO"), &arguments) else {
        return;
    };
    let packages = json::parse(text.trim()).at("packages").items().to_vec();
    assert!(packages.len() > 30, "{}", packages.len());
    crate::assert_none(packages.iter().filter_map(|package| {
        let name = package.at("name").text();
        let json::Value::Text(license) = package.at("license") else {
            return Some(format!("{name}: its manifest names no license"));
        };
        (!is_permissive(license)).then(|| format!("{name}: {license}"))
    }));
}

#[test]
fn a_license_that_takes_hold_of_the_program_is_refused() {
    for (expression, is_one) in [
        ("MIT", true),
        ("Apache-2.0 OR MIT", true),
        ("MIT/Apache-2.0", true),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("GPL-3.0-only OR MIT", true),
        ("GPL-3.0-only", false),
        ("MIT AND GPL-2.0-or-later", false),
        ("(MIT OR Apache-2.0) AND MPL-2.0", false),
        // Not what it seems, once it is cut at AND.
        ("(GPL-2.0-only AND LGPL-2.1-only) OR MIT", false),
        ("", false),
    ] {
        assert_eq!(is_permissive(expression), is_one, "{expression}");
    }
}
