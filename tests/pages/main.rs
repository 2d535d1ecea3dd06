//! The manual page and the completions are made of what `--help` is made of, and
//! lie in src/pages for who packages them. This holds them to it; with
//! EDGEBENCH_WRITE=1 it writes them.

mod bash;
mod definitions;
mod fish;
mod man;
mod values;
mod zsh;

use definitions::Tool;
use std::fs;
use std::path::Path;

fn is_as_made(name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/pages")
        .join(name);
    if std::env::var_os("EDGEBENCH_WRITE").is_some() {
        fs::write(&path, made).expect("src/pages can be written to");
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    let different = made
        .lines()
        .zip(found.lines())
        .find(|(made, found)| made != found);
    assert!(
        found == made,
        "src/pages/{name} is not what --help says, first in {different:?}: \
         EDGEBENCH_WRITE=1 cargo test --test pages"
    );
}

#[test]
fn the_manual_page_agrees_with_the_help() {
    is_as_made("edgebench-lite.1", &man::page(&Tool::new()));
}

#[test]
fn the_completion_of_bash_agrees_with_the_help() {
    is_as_made("edgebench-lite.bash", &bash::script(&Tool::new()));
}

#[test]
fn the_completion_of_zsh_agrees_with_the_help() {
    is_as_made("edgebench-lite.zsh", &zsh::script(&Tool::new()));
}

#[test]
fn the_completion_of_fish_agrees_with_the_help() {
    is_as_made("edgebench-lite.fish", &fish::script(&Tool::new()));
}
