//! Each module uses only what lib.rs lists before it; `system` uses nothing of ours.

use crate::code::{code_of, tokens, Token};
use crate::{module_path, File};

/// `mod name;` of lib.rs, in its order.
pub fn modules_of(lib: &str) -> Vec<String> {
    let code = code_of(lib);
    let tokens = tokens(&code);
    tokens
        .windows(3)
        .filter(|w| w[0].text == "mod" && w[2].text == ";")
        .map(|w| w[1].text.to_string())
        .collect()
}

/// Names at the crate's root that the file's paths reach, with their lines.
/// `depth` is the file's own distance from that root.
fn names_at_root<'a>(tokens: &[Token<'a>], depth: usize) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    let mut braces = 0;
    // Brace depths at which modules inside this file began.
    let mut inner = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "{" => {
                braces += 1;
                if at >= 2 && tokens[at - 2].text == "mod" {
                    inner.push(braces);
                }
            }
            "}" => {
                if inner.last() == Some(&braces) {
                    inner.pop();
                }
                braces -= 1;
            }
            "crate" | "self" | "super" if at == 0 || tokens[at - 1].text != "::" => {
                follow(tokens, at, depth + inner.len(), &mut found);
            }
            _ => {}
        }
    }
    found
}

/// Walks one path, or one branch of a `use` tree, that starts `level` modules
/// below the root; returns where it ended.
fn follow<'a>(
    tokens: &[Token<'a>],
    mut at: usize,
    mut level: usize,
    found: &mut Vec<(usize, &'a str)>,
) -> usize {
    while let Some(token) = tokens.get(at) {
        match token.text {
            "crate" => level = 0,
            "super" => level = level.saturating_sub(1),
            "self" => {}
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|t| t.text != "}") {
                    at = follow(tokens, at, level, found);
                    // What is left of the branch: the rest of a path, its own braces, `as name`.
                    let mut open = 0;
                    while let Some(t) = tokens.get(at) {
                        match t.text {
                            "{" => open += 1,
                            "}" if open == 0 => break,
                            "}" => open -= 1,
                            "," if open == 0 => break,
                            _ => {}
                        }
                        at += 1;
                    }
                    if tokens.get(at).is_some_and(|t| t.text == ",") {
                        at += 1;
                    }
                }
                return at + 1;
            }
            name => {
                if level == 0 {
                    found.push((token.line, name));
                }
                return at + 1;
            }
        }
        at += 1;
        if tokens.get(at).map(|t| t.text) != Some("::") {
            return at;
        }
        at += 1;
    }
    at
}

pub fn layering(files: &[File]) -> Vec<String> {
    let Some(lib) = files.iter().find(|f| f.path == "src/lib.rs") else {
        return vec!["src/lib.rs is missing".to_string()];
    };
    let order = modules_of(&lib.text);
    let place = |name: &str| order.iter().position(|m| m == name);
    let mut wrong = Vec::new();
    for file in files {
        let path = module_path(&file.path);
        // lib.rs and main.rs, and what no module of the library holds
        let Some((user, mine)) = path.first().and_then(|m| Some((*m, place(m)?))) else {
            continue;
        };
        let code = code_of(&file.text);
        for (line, used) in names_at_root(&tokens(&code), path.len()) {
            let at = format!("{}:{line}", file.path);
            match place(used) {
                _ if used == "*" => wrong.push(format!(
                    "{at}: {user} uses all of the crate: name what it needs"
                )),
                Some(theirs) if theirs > mine => {
                    wrong.push(format!(
                        "{at}: {user} uses {used}, which lib.rs lists after it"
                    ));
                }
                Some(theirs) if user == "system" && theirs != mine => {
                    wrong.push(format!(
                        "{at}: system uses {used}, but may use nothing of ours"
                    ));
                }
                _ => {}
            }
        }
    }
    wrong
}

/// What the rule says of `text` at `path`, beside a lib.rs of four modules.
fn judge(path: &str, text: &str) -> Vec<String> {
    let file = |path: &str, text: &str| File {
        path: path.to_string(),
        text: text.to_string(),
    };
    let lib = "#![deny(unsafe_code)]\npub mod proc;\nmod log; // mod no;\npub mod sampler;\npub mod system;\n";
    layering(&[file("src/lib.rs", lib), file(path, text)])
}

#[test]
fn a_later_module_is_refused_however_it_is_named() {
    for (path, text) in [
        ("src/proc/stat.rs", "use crate::sampler::Sample;"),
        (
            "src/proc/stat.rs",
            "use crate::{\nlog::{Entry, Frame as F},\nsampler};",
        ),
        (
            "src/proc/stat.rs",
            "use crate::{proc::{a, b::{c}}, sampler as s};",
        ),
        ("src/proc/stat.rs", "use super::super::sampler::Sample;"),
        ("src/proc/stat.rs", "use super::{super::sampler, text};"),
        ("src/proc/stat.rs", "use self::super::super::sampler;"),
        ("src/proc/mod.rs", "use super::sampler;"),
        ("src/proc.rs", "pub(super) use super::{self, sampler::*};"),
        ("src/proc.rs", "fn f() -> crate::sampler::Sample { x }"),
        (
            "src/proc.rs",
            "macro_rules! m { () => { $crate::sampler::f() } }",
        ),
        (
            "src/proc.rs",
            "mod tests { mod deep { use super::super::super::sampler; } }",
        ),
        (
            "src/proc.rs",
            "mod tests { fn f() {} }\nuse super::sampler;",
        ),
    ] {
        let said = judge(path, text).join("\n");
        let end = ": proc uses sampler, which lib.rs lists after it";
        assert!(said.contains(end), "{text}: {said}");
    }
}

#[test]
fn the_message_names_file_and_line() {
    let said = judge(
        "src/log/frame.rs",
        "//! crate::sampler\n\nuse crate::sampler;\n",
    );
    let expected = "src/log/frame.rs:3: log uses sampler, which lib.rs lists after it";
    assert_eq!(said, [expected]);
}

#[test]
fn system_may_use_nothing_of_ours() {
    let said = judge(
        "src/system/clock.rs",
        "use super::signal;\nuse crate::proc::Root;\n",
    );
    let expected = "src/system/clock.rs:2: system uses proc, but may use nothing of ours";
    assert_eq!(said, [expected]);
}

#[test]
fn all_of_the_crate_is_refused() {
    let said = judge("src/log/frame.rs", "use crate::*;");
    let expected = "src/log/frame.rs:1: log uses all of the crate: name what it needs";
    assert_eq!(said, [expected]);
}

#[test]
fn what_the_rule_allows() {
    for (path, text) in [
        (
            "src/sampler/mod.rs",
            "use crate::{log::{self, sampler}, proc};",
        ),
        (
            "src/proc/stat.rs",
            "use crate::proc::sampler; use super::{text, sampler};",
        ),
        (
            "src/proc/stat.rs",
            "pub(crate) fn f(&self) { self.sampler() }",
        ),
        (
            "src/proc/stat.rs",
            "/// [`crate::sampler`]\nconst A: &str = \"crate::sampler\";",
        ),
        (
            "src/proc/stat.rs",
            "mod tests { use super::super::sampler; use super::*; }",
        ),
        (
            "src/proc/stat.rs",
            "use other::sampler; use sampler::Sample;",
        ),
        (
            "src/system/serial.rs",
            "use crate::system::clock; use super::signal;",
        ),
        (
            "src/main.rs",
            "use crate::sampler; use edgebench_lite::proc;",
        ),
    ] {
        assert_eq!(judge(path, text), [""; 0], "{text}");
    }
}
