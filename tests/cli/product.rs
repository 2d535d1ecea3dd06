//! Which processes the product is: said, or found by its unit.

use crate::support::{made_up, of_kind, run, Folder};

const FOUND: &str = "edgebench-lite: the product is nginx.service; --key, --unit or --cgroup \
                     names other processes";

/// A machine with three processes, one of which is in a unit.
fn tree(folder: &Folder) -> std::path::PathBuf {
    let tree = made_up(folder, 3, 10);
    folder.write("root/proc/2/cgroup", "0::/system.slice/nginx.service\n");
    tree
}

#[test]
fn a_unit_of_the_products_name_is_found() {
    let folder = Folder::new();
    let tree = tree(&folder);
    let mut command = folder.record_tree(&tree);
    command.args(["--duration=100ms", "--output=log.ebl", "--product=nginx"]);
    let done = run(&mut command);
    assert_eq!((done.status, done.complaints()), (Some(0), vec![FOUND]));
    let records = folder.cat("log.ebl");
    let told = of_kind(&records, "product");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].at("option").text(), "unit");
    assert_eq!(told[0].at("pattern").text(), "nginx.service");
    assert!(done.out.contains("\n  this product"), "{}", done.out);
    let done = run(&mut folder.edgebench(["footprint", "log.ebl"]));
    let row = done.out.lines().find(|line| line.contains("nginx.service"));
    assert!(
        row.is_some_and(|row| row.starts_with("  nginx.service (2) ")),
        "{}",
        done.out
    );
    // Installed but not running: a baseline.
    folder.write("root/proc/2/cgroup", "0::/\n");
    folder.write("root/usr/lib/systemd/system/nginx.service", "");
    let mut command = folder.record_tree(&tree);
    command.args(["--duration=100ms", "--output=base.ebl", "--product=nginx"]);
    let done = run(&mut command);
    assert_eq!((done.status, done.complaints()), (Some(0), vec![FOUND]));
    assert!(!done.out.contains("this product"), "{}", done.out);
}

#[test]
fn nothing_is_looked_for_where_it_is_said() {
    let folder = Folder::new();
    let tree = tree(&folder);
    for (product, arguments, keys) in [
        ("nginx", &["--key", "web=nginx:"][..], 1),
        ("nginx", &["--unit=a", "--cgroup=/b", "--key=c=d"], 3),
        ("apache", &[], 0),
        ("k3s", &[], 0),
        ("unnamed", &[], 0),
        ("../nginx", &[], 0),
    ] {
        let mut command = folder.record_tree(&tree);
        command.args(["--duration=100ms", "--output=log.ebl", "--product", product]);
        let done = run(command.args(arguments));
        assert_eq!(
            (done.status, done.complaints()),
            (Some(0), vec![]),
            "{product}"
        );
        let records = folder.cat("log.ebl");
        assert_eq!(of_kind(&records, "product").len(), keys, "{product}");
        std::fs::remove_file(folder.file("log.ebl")).unwrap();
    }
}

#[test]
fn report_takes_what_is_said_now() {
    let folder = Folder::new();
    let tree = tree(&folder);
    let mut command = folder.record_tree(&tree);
    command.args(["--duration=100ms", "--output=log.ebl", "--product=mine"]);
    assert_eq!(run(&mut command).status, Some(0));
    let row = |arguments: &[&str]| {
        let done = run(folder.edgebench(["report", "log.ebl"]).args(arguments));
        assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
        let lines: Vec<&str> = done.out.lines().collect();
        let at = lines
            .iter()
            .position(|line| line.starts_with("  this product"));
        at.map(|at| lines[at].split_whitespace().nth(2).unwrap().to_owned())
    };
    assert_eq!(row(&[]), None);
    // pid 2 is in the unit; comm of all three is the same.
    assert_eq!(row(&["--unit", "nginx"]).as_deref(), Some("1"));
    assert_eq!(row(&["--cgroup", "/system.slice"]).as_deref(), Some("1"));
    assert_eq!(row(&["--unit", "apache"]), None);
    // JSON has it apart from the rows, so that a sum over them does not count it twice.
    let json = ["report", "log.ebl", "--unit=nginx", "--format=json"];
    let done = run(&mut folder.edgebench(json));
    let report = crate::json::parse(done.out.trim_end());
    let run = &report.at("blocks").items()[0].at("runs").items()[0];
    let product = run
        .at("this_product")
        .at("presence")
        .at("processes_at_most");
    assert_eq!(product.number(), 1);
    let rows = run.at("by_memory").items();
    assert_eq!(rows[0].at("name").text(), "made-up");
}
