//! Every capture, in every form. The figures were checked with awk over the same
//! files. To write these anew: `GOLDEN=1 cargo test --test footprint`; then look at the
//! diff.

use crate::golden::are_kept;
use crate::support::{capture, run, Folder};

fn shown(name: &str, tree: &str, arguments: &[&str]) -> String {
    let folder = Folder::new();
    let mut command = folder.edgebench(["--proc-root"]);
    command.arg(capture(tree)).arg("footprint").args(arguments);
    let done = run(&mut command);
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""), "{name}");
    for line in done.out.lines().filter(|_| name.ends_with(".txt")) {
        assert!(line.chars().count() <= 80, "{name}: {line}");
    }
    done.out
}

#[test]
fn captures() {
    let trees = ["x86_64-6.18", "aarch64-raspi3b", "handmade-4.9"];
    let texts = trees.iter().flat_map(|tree| {
        let forms: [(&str, &[&str]); 6] = [
            (".txt", &[]),
            (".json", &["--format=json"]),
            ("-unit.txt", &["--by=unit"]),
            ("-unit.json", &["--by=unit", "--format=json"]),
            ("-slice.txt", &["--by=slice"]),
            ("-izuma.txt", &["--profile=izuma"]),
        ];
        forms.map(|(end, arguments)| {
            let name = format!("{tree}{end}");
            let text = shown(&name, tree, arguments);
            (name, text)
        })
    });
    are_kept("tests/footprint/golden", "GOLDEN", texts);
}
