//! What cannot be meant: one line, and status 2.

use crate::support::{run, Folder};

#[test]
fn usage_errors() {
    let folder = Folder::new();
    for (arguments, why) in [
        (
            &["--profile", "k4s"][..],
            "--profile: `k4s` is no known profile: those are izuma, k3s, microk8s, k0s, kubeedge, \
             and auto",
        ),
        (
            &["--key", "x"],
            "--key: `x` is not LABEL=PATTERN, such as app=app.py",
        ),
        (
            &["--key", "x="],
            "--key: `x=` is not LABEL=PATTERN, such as app=app.py",
        ),
        (
            &["--key", "=x"],
            "--key: `=x` is not LABEL=PATTERN, such as app=app.py",
        ),
        (
            &["--by", "user"],
            "--by: `user` is none of unit, slice, container, pod",
        ),
        (&["--compat", "top"], "--compat: `top` is not edge-info"),
        (
            &["--format", "xml"],
            "--format: `xml` is none of text, json",
        ),
        (&["--at", "5s"], "footprint: --at needs a LOG"),
        (&["--watch", "0"], "footprint: --watch: at least 100ms"),
        (
            &["--over", "1s"],
            "footprint: --over needs --by, and takes no LOG",
        ),
        (
            &["--watch", "1s", "x.ebl"],
            "footprint: --watch shows what is now: it takes no LOG",
        ),
        (
            &["--compat", "edge-info", "x.ebl"],
            "footprint: --compat needs smaps, which a LOG does not have",
        ),
        (
            &["--compat", "edge-info", "--by", "unit"],
            "footprint: --compat and --by exclude each other",
        ),
        (
            &["--by", "unit", "--profile", "k3s"],
            "footprint: --by shows every process: it takes no --profile and no --key",
        ),
        (
            &["-o", "x.ebl", "--by", "unit"],
            "footprint: --output records key processes as they are now: it takes no LOG, no --by \
             and no --compat",
        ),
        (
            &["--product", "k3s"],
            "footprint: --product and --stage are for --output",
        ),
        (
            &["-o", "x.ebl", "--product", ""],
            "--product: a name has 1 to 64 bytes and no control characters",
        ),
    ] {
        let mut command = folder.edgebench(["footprint"]);
        let done = run(command.args(arguments));
        assert_eq!(
            (done.status, done.out.as_str()),
            (Some(2), ""),
            "{arguments:?}"
        );
        let said = format!("edgebench-lite: {why} (see edgebench-lite footprint --help)\n");
        assert_eq!(done.err, said, "{arguments:?}");
    }
}

#[test]
fn no_tree_and_no_log() {
    let folder = Folder::new();
    folder.write("empty.ebl", "");
    folder.write("text.ebl", "no log\n");
    for (arguments, why) in [
        (
            &["--proc-root", "nowhere", "footprint"][..],
            "cannot open nowhere/proc: No such file or directory",
        ),
        (
            &["footprint", "nowhere"],
            "cannot read nowhere: No such file or directory",
        ),
        (
            &["footprint", "empty.ebl"],
            "empty.ebl is empty: no sample was written",
        ),
        (
            &["footprint", "text.ebl"],
            "text.ebl is not an edgebench-lite log",
        ),
        (&["footprint", "."], ". is a directory, not a log"),
    ] {
        let done = run(&mut folder.edgebench(arguments.iter().copied()));
        assert_eq!(
            (done.status, done.out.as_str()),
            (Some(2), ""),
            "{arguments:?}"
        );
        assert_eq!(
            done.err,
            format!("edgebench-lite: {why}\n"),
            "{arguments:?}"
        );
    }
}
