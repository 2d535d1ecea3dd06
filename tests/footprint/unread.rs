//! Memory of others, and processes of others.

use crate::json::{self, Value};
use crate::support::{binary_for_all, can_be_nobody, run, Folder};
use crate::tree::{line, machine, put, Made, MEMINFO};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

#[test]
fn what_may_not_be_read_is_unknown_and_status_2() {
    if !can_be_nobody() {
        return;
    }
    let folder = Folder::new();
    machine(&folder, MEMINFO);
    for (pid, comm) in [
        (1, &b"open"[..]),
        (2, b"secret"),
        (3, b"half"),
        (4, b"half"),
    ] {
        put(
            &folder,
            &Made {
                pid,
                comm,
                ..Made::default()
            },
        );
    }
    for pid in [2, 4] {
        let path = folder.file(&format!("root/proc/{pid}/smaps_rollup"));
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o000)).unwrap();
    }
    let as_nobody = |arguments: &[&str]| {
        let mut command = Command::new(binary_for_all(&folder));
        command
            .args(["--proc-root", "root", "footprint"])
            .args(arguments);
        run(command.current_dir(folder.path()).uid(65534).gid(65534))
    };
    let keys = ["--key=open=open", "--key=secret=secret", "--key=half=half"];
    let done = as_nobody(&keys);
    let said = "edgebench-lite: the memory of 2 processes, such as `secret` (2), could not be \
                read: run as root, or with CAP_SYS_PTRACE\n";
    assert_eq!((done.status, done.err.as_str()), (Some(2), said));
    assert_eq!(line(&done.out, "open (1)")[0], "0.1");
    assert_eq!(line(&done.out, "secret (2)"), ["unknown", "-", "-", "2.0"]);
    assert_eq!(line(&done.out, "half (3, 4)")[0], ">0.1");
    assert_eq!(line(&done.out, "together"), [">0.2"]);
    let done = as_nobody(&["--by=unit"]);
    // 2 x 100 kB and 2 x 50 pages of stat.
    assert_eq!(done.status, Some(2));
    assert_eq!(line(&done.out, "total")[..2], ["4", ">0.2"]);
    let done = as_nobody(&["--key=secret=secret", "--format=json"]);
    let row = json::parse(done.out.trim_end()).at("rows").items()[0].clone();
    assert_eq!(
        (row.at("state").text(), row.at("pss_kib")),
        ("unreadable", &Value::Null)
    );
}

/// What is not seen may take anything.
#[test]
fn of_what_is_hidden_there_is_no_sum() {
    if !can_be_nobody() {
        return;
    }
    let folder = Folder::new();
    machine(&folder, MEMINFO);
    put(&folder, &Made::default());
    let path = folder.file("root/proc/1/stat");
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o000)).unwrap();
    let mut command = Command::new(binary_for_all(&folder));
    command.args(["--proc-root", "root", "footprint", "--key=it=made-up"]);
    let done = run(command.current_dir(folder.path()).uid(65534).gid(65534));
    assert_eq!(done.status, Some(2));
    assert_eq!(line(&done.out, "it"), ["not", "seen"]);
    assert_eq!(line(&done.out, "together"), ["unknown"]);
}
