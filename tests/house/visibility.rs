//! What only the crate itself uses is `pub(crate)`, so that rustc tells when nothing
//! does. Types are left out: a signature may need one that nobody names.

use crate::code::{code_of, tokens};
use crate::File;
use std::collections::BTreeSet;

/// Functions, constants and fields of `sources` that are `pub`, and that neither the
/// program nor any test names.
pub fn needlessly_public(sources: &[File], tests: &[File]) -> Vec<String> {
    let is_user = |path: &str| path == "src/main.rs" || path.contains("/tests");
    let users = sources.iter().filter(|file| is_user(&file.path));
    let code: Vec<String> = users.chain(tests).map(|f| code_of(&f.text)).collect();
    let used: BTreeSet<&str> = code
        .iter()
        .flat_map(|c| tokens(c))
        .map(|t| t.text)
        .collect();
    let mut wrong = Vec::new();
    for file in sources.iter().filter(|file| !is_user(&file.path)) {
        let code = code_of(&file.text);
        let tokens = tokens(&code);
        for (at, token) in tokens.iter().enumerate() {
            let after = |n: usize| tokens.get(at + n).map_or("", |t| t.text);
            let name = match (after(1), after(2)) {
                ("const" | "unsafe", "fn") => after(3),
                ("fn" | "const" | "static", name) => name,
                (name, ":") => name,
                _ => continue,
            };
            let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
            if token.text == "pub" && is_name && !used.contains(name) {
                let (path, line) = (&file.path, token.line);
                wrong.push(format!("{path}:{line}: {name} can be pub(crate)"));
            }
        }
    }
    wrong
}

#[test]
fn what_no_test_names_is_refused() {
    let file = |path: &str, text: &str| File {
        path: path.to_string(),
        text: text.to_string(),
    };
    let library =
        "pub mod m;\npub struct S {\n    pub shown: u8,\n    pub unseen: u8,\n    inner: u8,\n}\n\
                   pub const fn called() {}\npub fn uncalled() {}\npub(crate) fn own() {}\n\
                   pub const NAMED: u8 = 1;\npub static UNNAMED: u8 = 2;\n";
    let sources = [
        file("src/a.rs", library),
        file("src/main.rs", "fn main() { a::called() }"),
        file("src/a/tests.rs", "use super::NAMED;"),
    ];
    let tests = [file("tests/a.rs", "s.shown; // unseen, uncalled")];
    assert_eq!(
        needlessly_public(&sources, &tests),
        [
            "src/a.rs:4: unseen can be pub(crate)",
            "src/a.rs:8: uncalled can be pub(crate)",
            "src/a.rs:11: UNNAMED can be pub(crate)"
        ]
    );
}
