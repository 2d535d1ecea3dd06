//! README.md names every module.

use crate::layering::modules_of;

/// The modules of `lib` that no row of a table in `readme` names, and the files of
/// `src` that it names and that are not among `there`.
fn astray(readme: &str, lib: &str, there: impl Fn(&str) -> bool) -> Vec<String> {
    let cells = readme
        .lines()
        .filter_map(|line| line.strip_prefix('|')?.split('|').next());
    let named: Vec<&str> = cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .filter(|name| name.starts_with("src/"))
        .collect();
    let modules = modules_of(lib);
    let absent = modules.iter().filter(|module| {
        let (folder, file) = (format!("src/{module}/"), format!("src/{module}.rs"));
        !named.iter().any(|name| **name == folder || **name == file)
    });
    let gone = named.iter().filter(|name| !there(name));
    absent
        .map(|module| format!("no row names the module {module}"))
        .chain(gone.map(|name| format!("{name} is not there")))
        .collect()
}

#[test]
fn every_module_has_a_row() {
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let (readme, lib) = (
        include_str!("../../README.md"),
        include_str!("../../src/lib.rs"),
    );
    crate::assert_none(astray(readme, lib, |path| top.join(path).exists()));
}

#[test]
fn a_module_without_a_row_and_a_row_without_a_module_are_refused() {
    let readme = "`src/c/`\n| `src/a/`, `src/b.rs` | text `src/c/` |\n| `src/old/` | x |\n| `tests/` | y |\n";
    let lib = "pub mod a;\nmod b;\npub(crate) mod c;\n";
    let said = astray(readme, lib, |path| path != "src/old/");
    assert_eq!(said, ["no row names the module c", "src/old/ is not there"]);
}
