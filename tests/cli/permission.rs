//! Users who may not see everything.

use crate::support::{binary_for_all, can, can_be_nobody, deadlines, of_kind, run, Done, Folder};
use std::os::unix::process::CommandExt;
use std::process::Command;

const RECORD: [&str; 7] = ["record", "-i", "100ms", "-d", "200ms", "-o", "log.ebl"];

fn recorded_as_nobody(folder: &Folder) -> Done {
    let mut command = Command::new(binary_for_all(folder));
    command.args(RECORD);
    run(command.current_dir(folder.path()).uid(65534).gid(65534))
}

#[test]
fn memory_that_may_not_be_read_is_absent_and_that_is_said_once() {
    let test = "memory_that_may_not_be_read_is_absent_and_that_is_said_once";
    if !can_be_nobody(test) {
        return;
    }
    let folder = Folder::new();
    let done = recorded_as_nobody(&folder);
    assert_eq!(done.status, Some(0), "{done:?}");
    let records = folder.cat("log.ebl");
    let footer = of_kind(&records, "footer")[0];
    let unreadable = footer.at("unreadable").number();
    assert!(unreadable >= 1, "this test's own process is root's");
    let processes = match unreadable {
        1 => "1 process".to_owned(),
        many => format!("up to {many} processes"),
    };
    let said = format!(
        "edgebench-lite: the memory of {processes} could not be read and is absent: record as \
         root, or with CAP_SYS_PTRACE"
    );
    assert_eq!(done.complaints(), [said]);
    let sample = of_kind(&records, "sample")[0];
    let own = sample.process(u64::from(std::process::id()));
    assert_eq!(own.at("pss"), &crate::json::Value::Null);
    assert_eq!(own.at("flags").items()[0].text(), "unreadable");
    assert!(own.at("rss").number() > 0, "the resident set may be known");
}

/// Records as nobody where /proc is mounted with `hidepid`, with a process of
/// root's beside it.
fn hidden(test: &str, hidepid: &str) -> Option<(Folder, Done)> {
    let folder = Folder::new();
    let mount = format!("mount -t proc -o hidepid={hidepid} none /proc");
    let nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";
    let probe = format!("{mount} && {nobody} true");
    if !can(test, &["unshare", "-mpf", "sh", "-c", &probe]) {
        return None;
    }
    let script = format!(
        "{mount} && {{ sleep 100 & {nobody} \"$0\" record -i 100ms -d 200ms -o log.ebl; \
         status=$?; kill $!; exit $status; }}"
    );
    let mut command = Command::new("unshare");
    command
        .args(["-mpf", "sh", "-c", &script])
        .arg(binary_for_all(&folder));
    let done = run(command.current_dir(folder.path()));
    Some((folder, done))
}

#[test]
fn hidden_processes_are_told_of_in_one_line() {
    for hidepid in ["1", "2"] {
        let test = format!("hidden_processes_are_told_of_in_one_line, hidepid={hidepid}");
        let Some((folder, done)) = hidden(&test, hidepid) else {
            continue;
        };
        assert_eq!(done.status, Some(0), "{done:?}");
        assert_eq!(
            done.complaints(),
            [
                "edgebench-lite: other users' processes are hidden (/proc is mounted with \
                 hidepid) and absent from the log: record as root, or with CAP_SYS_PTRACE"
            ],
            "hidepid={hidepid}"
        );
        let records = folder.cat("log.ebl");
        let samples = of_kind(&records, "sample");
        assert_eq!(deadlines(&records), 3);
        let last = samples.last().unwrap();
        let comms: Vec<&str> = last
            .at("processes")
            .items()
            .iter()
            .map(|process| process.at("comm").text())
            .collect();
        assert!(!comms.contains(&"sleep"), "{comms:?}");
        assert_eq!(comms.len(), 1, "only the recorder itself: {comms:?}");
        assert!(
            last.at("cpu").at("user").number() > 0,
            "the machine is seen"
        );
    }
}
