//! Every capture, in every form. The figures were checked with awk over the same
//! files.

use crate::support::{capture, run, Folder};
use std::path::Path;

fn is_as_before(name: &str, tree: &str, arguments: &[&str]) {
    let folder = Folder::new();
    let mut command = folder.edgebench(["--proc-root"]);
    command.arg(capture(tree)).arg("footprint").args(arguments);
    let done = run(&mut command);
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""), "{name}");
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/footprint/golden");
    let path = golden.join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &done.out).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert_eq!(done.out, expected, "{name}");
    for line in done.out.lines().filter(|_| name.ends_with(".txt")) {
        assert!(line.chars().count() <= 80, "{name}: {line}");
    }
}

#[test]
fn captures() {
    for tree in ["x86_64-6.18", "aarch64-raspi3b", "handmade-4.9"] {
        is_as_before(&format!("{tree}.txt"), tree, &[]);
        is_as_before(&format!("{tree}.json"), tree, &["--format=json"]);
        is_as_before(&format!("{tree}-unit.txt"), tree, &["--by=unit"]);
        is_as_before(
            &format!("{tree}-unit.json"),
            tree,
            &["--by=unit", "--format=json"],
        );
        is_as_before(&format!("{tree}-slice.txt"), tree, &["--by=slice"]);
        is_as_before(&format!("{tree}-izuma.txt"), tree, &["--profile=izuma"]);
    }
}
