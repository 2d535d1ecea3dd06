//! Within a module no file uses one that uses it, by whatever way round.

use crate::code::{code_of, tokens, Token};
use crate::{module_path, File};
use std::collections::{BTreeMap, BTreeSet};

type Module<'a> = Vec<&'a str>;

/// Walks one path, or one branch of a `use` tree, that begins with `path`; returns
/// where it ended.
fn follow<'a>(
    tokens: &[Token<'a>],
    mut at: usize,
    mut path: Module<'a>,
    found: &mut Vec<Module<'a>>,
) -> usize {
    while let Some(token) = tokens.get(at) {
        match token.text {
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|t| t.text != "}") {
                    at = follow(tokens, at, path.clone(), found);
                    // `as name`
                    while tokens
                        .get(at)
                        .is_some_and(|t| t.text != "," && t.text != "}")
                    {
                        at += 1;
                    }
                    at += usize::from(tokens.get(at).is_some_and(|t| t.text == ","));
                }
                return at + 1;
            }
            "crate" => path.clear(),
            "super" => drop(path.pop()),
            "self" => {}
            name => path.push(name),
        }
        at += 1;
        if tokens.get(at).map(|t| t.text) != Some("::") {
            break;
        }
        at += 1;
    }
    found.push(path);
    at
}

/// The other modules that the code of `own` names.
fn used_by<'a>(
    tokens: &[Token<'a>],
    own: &Module<'a>,
    all: &BTreeSet<Module<'a>>,
) -> BTreeSet<Module<'a>> {
    let mut paths = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let begins = at == 0 || tokens[at - 1].text != "::";
        let goes_on = tokens.get(at + 1).is_some_and(|next| next.text == "::");
        let child = [&own[..], &[token.text]].concat();
        let is_path = matches!(token.text, "crate" | "self" | "super") || all.contains(&child);
        if begins && goes_on && is_path {
            follow(tokens, at, own.clone(), &mut paths);
        }
    }
    let module = |mut path: Module<'a>| {
        while !all.contains(&path) {
            path.pop()?;
        }
        Some(path)
    };
    let modules = paths.into_iter().filter_map(module);
    modules.filter(|module| module != own).collect()
}

pub fn circles(files: &[File]) -> Vec<String> {
    let of = |file: &File| {
        let code = code_of(&file.text);
        // Unit tests may use what the module itself may not.
        let code = code.split("#[cfg(test)]\nmod ").next().unwrap_or("");
        code.to_owned()
    };
    let code: Vec<(Module<'_>, String)> = files
        .iter()
        .map(|file| (module_path(&file.path), of(file)))
        // lib.rs and main.rs only name the modules.
        .filter(|(path, _)| !path.is_empty() && !path.contains(&"tests"))
        .collect();
    let all: BTreeSet<Module<'_>> = code.iter().map(|(path, _)| path.clone()).collect();
    let mut uses: BTreeMap<Module<'_>, BTreeSet<Module<'_>>> = BTreeMap::new();
    for (path, code) in &code {
        uses.insert(path.clone(), used_by(&tokens(code), path, &all));
    }
    // What uses nothing that is left, or is used by nothing, is in no circle.
    loop {
        let left: BTreeSet<_> = uses.keys().cloned().collect();
        uses.retain(|_, used| used.iter().any(|module| left.contains(module)));
        let used: BTreeSet<_> = uses.values().flatten().cloned().collect();
        uses.retain(|module, _| used.contains(module));
        if uses.len() == left.len() {
            break;
        }
    }
    let left: BTreeSet<_> = uses.keys().cloned().collect();
    let said = uses.iter().map(|(path, used)| {
        let used: Vec<String> = used.intersection(&left).map(|m| m.join("::")).collect();
        let (path, used) = (path.join("::"), used.join(" and "));
        format!("{path} uses {used}, which uses it, or something that does")
    });
    said.collect()
}

fn judge(files: &[(&str, &str)]) -> Vec<String> {
    let file = |(path, text): &(&str, &str)| File {
        path: path.to_string(),
        text: text.to_string(),
    };
    circles(&files.iter().map(file).collect::<Vec<_>>())
}

#[test]
fn a_circle_is_found_however_it_is_closed() {
    let text = "use super::svg::Picture;\nuse crate::stats;";
    for svg in [
        "use super::text::write;",
        "use super::{escape, text::{a, b as c}};",
        "use crate::render::{escape as e, text};",
        "fn f() { super::text::write() }",
        "mod parts;\nfn f() { parts::draw() }",
    ] {
        let files = [
            ("src/render/mod.rs", "mod svg;\nmod text;\nmod escape;"),
            ("src/render/escape.rs", "use crate::series::text;"),
            ("src/render/text.rs", text),
            ("src/render/svg.rs", svg),
            ("src/render/svg/parts.rs", "use super::super::text::wide;"),
        ];
        let said = judge(&files).join("\n");
        let expected = "render::text uses render::svg, which uses it, or something that does";
        assert!(said.contains(expected), "{svg}: {said}");
        assert!(!said.contains("escape"), "{svg}: {said}");
    }
}

#[test]
fn one_way_is_no_circle() {
    let files = [
        ("src/render/mod.rs", "mod text;\npub use escape::escaped;"),
        (
            "src/render/text.rs",
            "use super::{escape, Report};\n// use crate::render::html;",
        ),
        ("src/render/html.rs", "use super::text::{self, write};"),
        (
            "src/render/escape.rs",
            "fn f() {}\n#[cfg(test)]\nmod tests {\n    use crate::render::html;\n}",
        ),
    ];
    assert_eq!(judge(&files), [""; 0]);
}
