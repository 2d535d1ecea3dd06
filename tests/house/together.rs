//! The modules and functions that `src/together.ld` lays together: a pattern without
//! one would match nothing, and no linker says so.

use std::collections::BTreeMap;

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

/// What the script says of a module that is not among `texts`, by their paths, or of a
/// function that its module has not.
fn astray(script: &str, texts: &BTreeMap<&str, &str>) -> Vec<String> {
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
        let module = |names: &[&str]| {
            let path = format!("src/{}", names.join("/"));
            let file = texts.get(format!("{path}.rs").as_str());
            file.or_else(|| texts.get(format!("{path}/mod.rs").as_str()))
        };
        let has = |names: &[&str]| match names.split_last() {
            Some((function, names)) => module(names).is_some_and(|text| {
                text.contains(&format!("fn {function}("))
                    || text.contains(&format!("fn {function}<"))
            }),
            None => false,
        };
        let known = names.is_some_and(|names| module(&names).is_some() || has(&names));
        if !known {
            wrong.push(word.to_owned());
        }
    }
    wrong
}

#[test]
fn what_is_laid_together_is_there() {
    let sources = crate::sources();
    let texts = sources.iter().map(|file| (&*file.path, &*file.text));
    let texts = texts.collect();
    let script = include_str!("../../src/together.ld");
    assert!(script.contains(ROOT));
    crate::assert_none(astray(script, &texts));
}

#[test]
fn a_module_that_moved_is_noticed() {
    let frame = "fn encode<T>(of: &T) {}\nfn decoded() {}\n";
    let texts = BTreeMap::from([("src/log/frame.rs", frame), ("src/proc/mod.rs", "")]);
    let script = "*(.text.*14edgebench_lite3log5frame* .text.*14edgebench_lite3log6frames*)\n\
                  *(.text.*14edgebench_lite4proc* .text.*edgebench_lite..proc..* .text.*edgebench_lite..log..*)\n\
                  *(.text.*14edgebench_lite3log9frame* .text.*3nix* .text)\n\
                  *(.text.*14edgebench_lite3log5frame6encode* .text.*14edgebench_lite3log5frame6decode*)";
    let wrong = [
        ".text.*14edgebench_lite3log6frames*",
        ".text.*edgebench_lite..log..*",
        ".text.*14edgebench_lite3log9frame*",
        ".text.*14edgebench_lite3log5frame6decode*",
    ];
    assert_eq!(astray(script, &texts), wrong);
}
