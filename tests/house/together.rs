//! The modules and functions that `src/together.ld` lays together: a pattern without
//! one would match nothing, and no linker says so.

use std::collections::BTreeMap;

const ROOT: &str = "14edgebench_lite";
const DOTTED: &str = "edgebench_lite..";

/// `["log", "frame", "encode"]` of `3log5frame*6encode*`: each name behind the number of
/// its letters. What stands for a star between a module and a function depends on how
/// names are mangled.
fn counted(pattern: &str) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    for mut rest in pattern.split('*') {
        while !rest.is_empty() {
            let name = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            let len: usize = rest[..rest.len() - name.len()].parse().ok()?;
            names.push(name.get(..len)?);
            rest = &name[len..];
        }
    }
    Some(names)
}

/// What the script says of a module that is not among `texts`, by their paths, or of a
/// type or function that its module has not.
fn astray(script: &str, texts: &BTreeMap<&str, &str>) -> Vec<String> {
    let words = script.split(|c: char| c.is_whitespace() || "()".contains(c));
    let patterns = words.filter(|word| word.starts_with(".text."));
    let wrong = patterns.filter(|word| {
        let names = match (word.split_once(ROOT), word.split_once(DOTTED)) {
            (Some((_, pattern)), _) => counted(pattern),
            (None, Some((_, pattern))) => {
                let pattern = pattern.trim_end_matches('*');
                let names = pattern.trim_end_matches("..").trim_end_matches("$GT$");
                Some(names.split("..").collect())
            }
            (None, None) => return false,
        };
        !names.is_some_and(|names| is_there(&names, texts))
    });
    wrong.map(str::to_owned).collect()
}

/// `["log", "writer", "Writer", "push"]`: a module, and what it has.
fn is_there(names: &[&str], texts: &BTreeMap<&str, &str>) -> bool {
    (1..=names.len()).any(|depth| {
        let (module, inner) = names.split_at(depth);
        let path = format!("src/{}", module.join("/"));
        let files = [format!("{path}.rs"), format!("{path}/mod.rs")];
        let text = files.iter().find_map(|path| texts.get(&**path));
        let declares = |what: &str, name: &str| {
            let found =
                |end: &str| text.is_some_and(|text| text.contains(&format!("{what} {name}{end}")));
            ["(", "<", " "].into_iter().any(found)
        };
        match inner {
            [] => text.is_some(),
            [one] => ["fn", "struct", "trait"]
                .iter()
                .any(|what| declares(what, one)),
            [of, function] => declares("struct", of) && declares("fn", function),
            _ => false,
        }
    })
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
    let frame = "struct Frame {}\nfn encode<T>(of: &T) {}\nfn decoded() {}\n";
    let texts = BTreeMap::from([("src/log/frame.rs", frame), ("src/proc/mod.rs", "")]);
    let script = "*(.text.*14edgebench_lite3log5frame* .text.*14edgebench_lite3log6frames*)\n\
                  *(.text.*14edgebench_lite4proc* .text.*edgebench_lite..proc..* .text.*edgebench_lite..log..*)\n\
                  *(.text.*14edgebench_lite3log9frame* .text.*3nix* .text)\n\
                  *(.text.*14edgebench_lite3log5frame6encode* .text.*14edgebench_lite3log5frame6decode*)\n\
                  *(.text.*14edgebench_lite3log5frame*6encode* .text.*14edgebench_lite3log5frame5Fuame6encode*)\n\
                  *(.text.*14edgebench_lite3log*5frame5Frame* .text.*14edgebench_lite3log5frame*6decode* .text.*edgebench_lite..log..frame..Frame$GT$*)";
    let wrong = [
        ".text.*14edgebench_lite3log6frames*",
        ".text.*edgebench_lite..log..*",
        ".text.*14edgebench_lite3log9frame*",
        ".text.*14edgebench_lite3log5frame6decode*",
        ".text.*14edgebench_lite3log5frame5Fuame6encode*",
        ".text.*14edgebench_lite3log5frame*6decode*",
    ];
    assert_eq!(astray(script, &texts), wrong);
}
