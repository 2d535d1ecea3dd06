//! The modules that `src/together.ld` lays together: a pattern without a module
//! would match nothing, and no linker says so.

use std::collections::BTreeSet;

const ROOT: &str = "14edgebench_lite";
const DOTTED: &str = "edgebench_lite..";

/// `["log", "frame"]` of `3log5frame*`: each name behind the number of its letters.
fn counted(pattern: &str) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    let mut rest = pattern.trim_end_matches('*');
    while !rest.is_empty() {
        let name = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let len: usize = rest[..rest.len() - name.len()].parse().ok()?;
        names.push(name.get(..len)?);
        rest = &name[len..];
    }
    Some(names)
}

/// What the script says of a module that is not among `paths`.
fn astray(script: &str, paths: &BTreeSet<&str>) -> Vec<String> {
    let mut wrong = Vec::new();
    let words = script.split(|c: char| c.is_whitespace() || "()".contains(c));
    for word in words.filter(|word| word.starts_with(".text.")) {
        let names = match (word.split_once(ROOT), word.split_once(DOTTED)) {
            (Some((_, pattern)), _) => counted(pattern),
            (None, Some((_, pattern))) => {
                Some(pattern.trim_end_matches("..*").split("..").collect())
            }
            (None, None) => continue,
        };
        let known = names.is_some_and(|names| {
            let path = format!("src/{}", names.join("/"));
            paths.contains(format!("{path}.rs").as_str())
                || paths.contains(format!("{path}/mod.rs").as_str())
        });
        if !known {
            wrong.push(word.to_owned());
        }
    }
    wrong
}

#[test]
fn what_is_laid_together_is_there() {
    let sources = crate::sources();
    let paths = sources.iter().map(|file| file.path.as_str()).collect();
    let script = include_str!("../../src/together.ld");
    assert!(script.contains(ROOT));
    crate::assert_none(astray(script, &paths));
}

#[test]
fn a_module_that_moved_is_noticed() {
    let paths = BTreeSet::from(["src/log/frame.rs", "src/proc/mod.rs"]);
    let script = "*(.text.*14edgebench_lite3log5frame* .text.*14edgebench_lite3log6frames*)\n\
                  *(.text.*14edgebench_lite4proc* .text.*edgebench_lite..proc..* .text.*edgebench_lite..log..*)\n\
                  *(.text.*14edgebench_lite3log9frame* .text.*3nix* .text)";
    let wrong = [
        ".text.*14edgebench_lite3log6frames*",
        ".text.*edgebench_lite..log..*",
        ".text.*14edgebench_lite3log9frame*",
    ];
    assert_eq!(astray(script, &paths), wrong);
}
