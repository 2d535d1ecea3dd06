//! The manual page and the completions are made of what `--help` is made of, and
//! lie in src/pages for those who package them. This holds them to it; with
//! EDGEBENCH_WRITE=1 it writes them, and fails: look at the diff.

mod bash;
mod definitions;
mod fish;
#[path = "../support/golden.rs"]
mod golden;
mod man;
#[path = "../support/skip.rs"]
mod skip;
mod values;
mod zsh;

use definitions::Tool;

fn is_as_made(name: &str, made: String) {
    golden::are_kept("src/pages", "EDGEBENCH_WRITE", [(name, made)]);
}

#[test]
fn the_manual_page_agrees_with_the_help() {
    is_as_made("edgebench-lite.1", man::page(&Tool::new()));
}

#[test]
fn the_completion_of_bash_agrees_with_the_help() {
    is_as_made("edgebench-lite.bash", bash::script(&Tool::new()));
}

#[test]
fn the_completion_of_zsh_agrees_with_the_help() {
    is_as_made("edgebench-lite.zsh", zsh::script(&Tool::new()));
}

#[test]
fn the_completion_of_fish_agrees_with_the_help() {
    is_as_made("edgebench-lite.fish", fish::script(&Tool::new()));
}
