//! Names that were chosen to do harm.

use crate::json::{self, Value};
use crate::support::{can, made_up, of_kind, run, Folder};
use std::io::Write;
use std::process::{Child, Command, Stdio};

/// A process of this name, that lives until its stdin is closed.
fn named(folder: &Folder, printf: &str) -> Child {
    let ready = folder.file("ready");
    let script = format!("printf '{printf}' > /proc/$$/comm; : > \"$0\"; read x; exit 0");
    let mut command = Command::new("sh");
    let child = command
        .args(["-c", &script])
        .arg(&ready)
        .stdin(Stdio::piped());
    let child = child.spawn().unwrap();
    crate::support::until("the process has its name", || ready.exists());
    std::fs::remove_file(ready).unwrap();
    child
}

#[test]
fn names_come_through_log_cat_as_json() {
    let folder = Folder::new();
    let mut children = [
        named(&folder, "\\n\\033[31m)\\377"),
        named(&folder, "<script>\"\\\\"),
    ];
    let mut command = folder.edgebench(["record", "-i", "100ms", "-d", "100ms"]);
    let done = run(command.args(["--output", "log.ebl"]));
    assert_eq!(done.status, Some(0), "{}", done.err);
    let records = folder.cat("log.ebl");
    let process = |child: &Child| -> Value {
        let samples = of_kind(&records, "sample");
        let last = samples.last().unwrap();
        last.process(u64::from(child.id())).clone()
    };
    let first = process(&children[0]);
    assert_eq!(first.at("comm").text(), "\n\u{1b}[31m)\u{fffd}");
    assert_eq!(first.at("comm_hex").text(), "0a1b5b33316d29ff");
    let second = process(&children[1]);
    assert_eq!(second.at("comm").text(), "<script>\"\\");
    assert!(!second.has("comm_hex"), "it is UTF-8");

    if can(&["python3", "-c", "import json"]) {
        let out = run(&mut folder.edgebench(["log", "cat", "log.ebl"])).out;
        let mut python = Command::new("python3")
            .args([
                "-c",
                "import json,sys\nfor line in sys.stdin: json.loads(line)",
            ])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        python
            .stdin
            .take()
            .unwrap()
            .write_all(out.as_bytes())
            .unwrap();
        assert!(python.wait().unwrap().success());
    }
    for child in &mut children {
        drop(child.stdin.take());
        child.wait().unwrap();
    }
}

/// Lines may be ended; nothing else may reach a terminal.
fn no_controls(text: &str) {
    let bad = text.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(bad, None, "{text:?}");
}

#[test]
fn control_characters_never_reach_the_terminal() {
    let folder = Folder::new();
    let tree = made_up(&folder, 2, 10);
    folder.write("root/proc/sys/kernel/hostname", "host\x1b[2J\u{9b}31m\n");
    folder.write("root/proc/cmdline", "quiet \x07\x1b]0;title\x07\n");
    folder.write("root/proc/device-tree/model", "Board\x1b[31m\0");
    folder.write("root/etc/os-release", "PRETTY_NAME=\"OS\x1b[31m\"\n");
    folder.write(
        "root/proc/2/stat",
        "2 (\x1b[31m\x07\n) S 1 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 9 4096 5 0 1 0 0 0\n",
    );
    folder.write("root/proc/2/cmdline", "\x1b[31m\0\u{9b}31m\0");
    let name = "log\x1b[31m.ebl";
    let mut command = folder.record_tree(&tree);
    let done = run(command.args(["--duration=100ms", "--output", name]));
    assert_eq!(done.status, Some(0), "{}", done.err);
    no_controls(&done.out);
    no_controls(&done.err);
    assert_eq!(
        done.err,
        "edgebench-lite: recording into log\\x1b[31m.ebl\n"
    );
    for arguments in [
        &["log", "info", name][..],
        &["log", "verify", name],
        &["log", "cat", name],
        &["log", "info", "missing\x1b[31m"],
    ] {
        let done = run(&mut folder.edgebench(arguments.iter().copied()));
        no_controls(&done.out);
        no_controls(&done.err);
    }
    let out = run(&mut folder.edgebench(["log", "cat", name])).out;
    let records: Vec<Value> = out.lines().map(json::parse).collect();
    assert_eq!(records[0].at("host").text(), "host\u{1b}[2J\u{9b}31m");
    let identities = of_kind(&records, "identity");
    let two = identities
        .iter()
        .find(|i| i.at("pid").number() == 2)
        .unwrap();
    assert_eq!(two.at("cmdline").text(), "\u{1b}[31m\0\u{9b}31m\0");
}
