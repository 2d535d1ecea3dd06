//! The house rules that no compiler checks: which module may use which, the allowed
//! dependencies, where `unsafe` may stand, the length of files and functions, the files
//! at the top. Each rule is a function of plain text, so that tests can show what it
//! refuses.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use code::{code_of, tokens};
use skip::skipped;

mod circles;
mod code;
mod functions;
#[path = "../support/golden.rs"]
mod golden;
#[allow(dead_code)]
#[path = "../cli/json.rs"]
mod json;
mod layering;
mod licenses;
mod readme;
mod recipes;
#[path = "../support/skip.rs"]
mod skip;
mod together;
mod visibility;

const LONGEST_FILE: usize = 400;

/// What the recorder may be built on.
const DIRECT: [&str; 6] = ["argh", "heapless", "libc", "nix", "postcard", "serde"];

/// What those six bring with them.
const TRANSITIVE: [&str; 16] = [
    "argh_derive",
    "argh_shared",
    "bitflags",
    "byteorder",
    "cfg-if",
    "cobs",
    "hash32",
    "proc-macro2",
    "quote",
    "serde_core",
    "serde_derive",
    "stable_deref_trait",
    "syn",
    "thiserror",
    "thiserror-impl",
    "unicode-ident",
];

const TOP_LEVEL: [&str; 9] = [
    "Cargo.lock",
    "Cargo.toml",
    "Cross.toml",
    "LICENSE",
    "README.md",
    "buildroot-pkg",
    "meta-edgebench",
    "src",
    "tests",
];

struct File {
    /// From the top of the repository, with `/`.
    path: String,
    text: String,
}

/// `crate::proc::stat` for `src/proc/stat.rs`, as the names after `crate`.
fn module_path(path: &str) -> Vec<&str> {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut names: Vec<&str> = inside.split('/').collect();
    if matches!(names.last(), Some(&"mod" | &"lib" | &"main")) {
        names.pop();
    }
    names
}

fn unsafety(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files {
        let code = code_of(&file.text);
        let tokens = tokens(&code);
        let root = matches!(file.path.as_str(), "src/lib.rs" | "src/main.rs");
        let denied = tokens.windows(6).position(|w| {
            let texts: Vec<&str> = w.iter().map(|t| t.text).collect();
            matches!(
                texts[..],
                ["#", "!", "[", "deny" | "forbid", "(", "unsafe_code"]
            )
        });
        if root && denied.is_none() {
            wrong.push(format!("{}: no #![deny(unsafe_code)]", file.path));
        }
        if module_path(&file.path).first() == Some(&"system") {
            continue;
        }
        for (at, token) in tokens.iter().enumerate() {
            let allows =
                token.text == "unsafe_code" && !(root && denied.map(|d| d + 5) == Some(at));
            if token.text == "unsafe" || allows {
                wrong.push(format!(
                    "{}:{}: `{}` outside src/system",
                    file.path, token.line, token.text
                ));
            }
        }
    }
    wrong
}

fn too_long(files: &[File]) -> Vec<String> {
    let lengths = files.iter().map(|f| (&f.path, f.text.lines().count()));
    lengths
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(path, lines)| format!("{path}: {lines} lines, {LONGEST_FILE} are allowed"))
        .collect()
}

/// `tree` is what `cargo tree --prefix depth` prints.
fn foreign_crates(tree: &str) -> BTreeSet<String> {
    let mut wrong = BTreeSet::new();
    for line in tree.lines().filter(|l| !l.is_empty()) {
        let name = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let depth = &line[..line.len() - name.len()];
        let name = name.split(' ').next().unwrap_or_default();
        let known = match depth {
            "0" => name == env!("CARGO_PKG_NAME"),
            "1" => DIRECT.contains(&name),
            _ => DIRECT.contains(&name) || TRANSITIVE.contains(&name),
        };
        if !known {
            wrong.insert(format!("{name}, at depth {depth}"));
        }
    }
    wrong
}

/// `listing` is what `git ls-files` prints.
fn strangers(listing: &str) -> BTreeSet<&str> {
    let tops = listing.lines().filter_map(|l| l.split('/').next());
    tops.filter(|top| !top.starts_with('.') && !TOP_LEVEL.contains(top))
        .collect()
}

fn sources() -> Vec<File> {
    rust_in("src")
}

fn rust_in(folder: &str) -> Vec<File> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    let mut folders = vec![top.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("it is readable") {
            let path = entry.expect("it is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let inside = path.strip_prefix(top).expect("it was found there");
                files.push(File {
                    path: inside.to_str().expect("names are UTF-8").replace('\\', "/"),
                    text: fs::read_to_string(&path).expect("sources are UTF-8"),
                });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// What the command prints, or `None` where it cannot be started.
#[track_caller]
fn output_of(program: &str, arguments: &[&str]) -> Option<String> {
    let top = env!("CARGO_MANIFEST_DIR");
    let result = Command::new(program)
        .args(arguments)
        .current_dir(top)
        .output();
    let output = match result {
        Ok(output) => output,
        Err(err) => {
            skipped(&format!("cannot run {program}: {err}"));
            return None;
        }
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {errors}");
    Some(String::from_utf8(output.stdout).expect("names are UTF-8"))
}

fn assert_none<T: AsRef<str>>(wrong: impl IntoIterator<Item = T>) {
    let list: Vec<String> = wrong.into_iter().map(|w| w.as_ref().to_string()).collect();
    assert!(list.is_empty(), "\n{}", list.join("\n"));
}

#[test]
fn modules_use_only_what_stands_above_them() {
    assert_none(layering::layering(&sources()));
}

#[test]
fn files_use_each_other_one_way() {
    assert_none(circles::circles(&sources()));
}

#[test]
fn unsafe_lives_in_system() {
    assert_none(unsafety(&sources()));
}

#[test]
fn only_what_others_use_is_public() {
    assert_none(visibility::needlessly_public(&sources(), &rust_in("tests")));
}

#[test]
fn no_function_is_too_long() {
    assert_none(functions::too_long(&sources()));
}

#[test]
fn no_file_is_too_long() {
    assert_none(too_long(&sources()));
}

/// nix has words of its own: src/system/errno.rs.
#[test]
fn errors_have_the_words_of_the_c_library() {
    let files = sources();
    let wrong = files
        .iter()
        .filter(|file| code_of(&file.text).contains(".desc()"));
    assert_none(wrong.map(|file| &file.path));
}

#[test]
fn run_time_dependencies_are_the_six() {
    let command =
        "tree --edges normal --locked --offline --prefix depth --target aarch64-unknown-linux-musl";
    let arguments: Vec<&str> = command.split(' ').collect();
    if let Some(tree) = output_of(env!("CARGO"), &arguments) {
        assert!(tree.starts_with('0'), "{tree}");
        assert_none(foreign_crates(&tree));
    }
}

#[test]
fn the_top_level_is_as_laid_out() {
    if !Path::new(env!("CARGO_MANIFEST_DIR")).join(".git").exists() {
        return skipped("this is not a git checkout");
    }
    // The checkout may belong to another user.
    if let Some(listing) = output_of("git", &["-c", "safe.directory=*", "ls-files"]) {
        assert_none(strangers(&listing));
    }
}

// ---- what the rules refuse ----

fn file(path: &str, text: &str) -> File {
    File {
        path: path.to_string(),
        text: text.to_string(),
    }
}

#[test]
fn unsafe_elsewhere_is_refused() {
    let deny = "#![deny(unsafe_code)]\n";
    let inner = "// unsafe\nconst A: &str = \"unsafe\";\nfn f() {\n    unsafe { g() }\n}\n";
    let said = unsafety(&[
        file("src/lib.rs", deny),
        file("src/main.rs", "fn main() {}\n"),
        file("src/log/frame.rs", inner),
        file("src/proc/mod.rs", "#![allow(unsafe_code)]\n"),
        file(
            "src/system/mod.rs",
            "#![allow(unsafe_code)]\nunsafe fn f() {}\n",
        ),
    ]);
    let expected = [
        "src/main.rs: no #![deny(unsafe_code)]",
        "src/log/frame.rs:4: `unsafe` outside src/system",
        "src/proc/mod.rs:1: `unsafe_code` outside src/system",
    ];
    assert_eq!(said, expected);
}

#[test]
fn denying_and_then_allowing_is_refused() {
    let text = "#![deny(unsafe_code)]\n#[allow(unsafe_code)]\nmod a;\n";
    let said = unsafety(&[file("src/lib.rs", text)]);
    assert_eq!(said, ["src/lib.rs:2: `unsafe_code` outside src/system"]);
}

#[test]
fn line_401_is_refused() {
    let long = file("src/a.rs", &"\n".repeat(LONGEST_FILE + 1));
    let full = file("src/b.rs", &"\n".repeat(LONGEST_FILE));
    assert_eq!(
        too_long(&[long, full]),
        ["src/a.rs: 401 lines, 400 are allowed"]
    );
}

#[test]
fn a_seventh_dependency_is_refused() {
    let tree = "0edgebench-lite v0.1.0 (/x)\n1serde v1.0.0\n2serde_core v1.0.0\n2log v0.4.0\n1syn v2.0.0\n";
    let wrong: Vec<String> = foreign_crates(tree).into_iter().collect();
    assert_eq!(wrong, ["log, at depth 2", "syn, at depth 1"]);
}

#[test]
fn a_stranger_at_the_top_is_refused() {
    let listing = ".ci/run\n.gitignore\nCargo.toml\ndocs/a.md\nnotes.txt\nsrc/docs/a.rs\n";
    let wrong: Vec<&str> = strangers(listing).into_iter().collect();
    assert_eq!(wrong, ["docs", "notes.txt"]);
}
