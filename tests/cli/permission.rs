//! Users who may not see everything.

use crate::json::Value;
use crate::support::{
    all_read, binary_for_all, can, can_be_nobody, deadlines, of_kind, run, with_patience, Done,
    Folder,
};
use std::os::unix::process::CommandExt;
use std::process::Command;

const AS_NOBODY: &str = "setpriv --reuid=65534 --regid=65534 --clear-groups";

/// A recording at an interval that is not over before all memory has been looked at.
fn looked_at(folder: &Folder, mut record: impl FnMut(&str) -> Done) -> Done {
    let recorded = |time: &str| {
        let _ = std::fs::remove_file(folder.file("log.ebl"));
        record(time)
    };
    with_patience(recorded, |done| {
        done.status != Some(0) || {
            let records = folder.cat("log.ebl");
            all_read(of_kind(&records, "sample")[0])
        }
    })
}

fn recorded_as_nobody(folder: &Folder, more: &[&str]) -> Done {
    let binary = binary_for_all(folder);
    looked_at(folder, |time| {
        let mut command = Command::new(&binary);
        command.args(["record", "-i", time, "-d", time, "-o", "log.ebl", "--full"]);
        command.args(more).current_dir(folder.path());
        run(command.uid(65534).gid(65534))
    })
}

/// A number of the recorder's account, as the last sample has it.
fn own(records: &[Value], field: &str) -> u64 {
    let samples = of_kind(records, "sample");
    let last = samples.last().unwrap();
    last.at("recorder").at(field).number()
}

/// Text without its line ends, for sentences that take several lines.
fn in_one(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn memory_that_may_not_be_read_is_absent_and_that_is_said_once() {
    if !can_be_nobody() {
        return;
    }
    let folder = Folder::new();
    let done = recorded_as_nobody(&folder, &[]);
    assert_eq!((done.status, done.complaints()), (Some(0), vec![]));
    let records = folder.cat("log.ebl");
    let footer = of_kind(&records, "footer")[0];
    let unreadable = footer.at("unreadable").number();
    assert!(unreadable >= 1, "this test's own process is root's");
    let sample = of_kind(&records, "sample")[0];
    let own_process = sample.process(u64::from(std::process::id()));
    assert_eq!(own_process.at("pss"), &Value::Null);
    assert_eq!(own_process.at("flags").items()[0].text(), "unreadable");
    assert!(
        own_process.at("rss").number() > 0,
        "the resident set may be known"
    );
    assert_eq!((own(&records, "cap_eff"), own(&records, "hidden")), (0, 0));

    let end = "could not be read: run as root, or with CAP_SYS_PTRACE";
    let told = in_one(&done.out);
    // The brief form comes again behind the whole report.
    let (told, _) = told.rsplit_once(" product ").unwrap();
    assert_eq!(told.matches("The memory of ").count(), 1, "{told}");
    assert!(
        told.contains(&format!("{end}.")) && names_unreadable(&folder, told),
        "{told}"
    );
    // Without a summary it goes to standard error.
    let done = recorded_as_nobody(&folder, &["-q"]);
    let said = done.complaints();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("edgebench-lite: the memory of ") && said[0].ends_with(end));
    assert!(names_unreadable(&folder, said[0]), "{said:?}");
}

/// Whether the message names a process whose memory was unreadable in some sample of
/// `log.ebl`: on a busy machine processes come and go.
fn names_unreadable(folder: &Folder, said: &str) -> bool {
    let records = folder.cat("log.ebl");
    let samples = of_kind(&records, "sample");
    let mut all = samples
        .iter()
        .flat_map(|sample| sample.at("processes").items());
    all.any(|process| {
        let flags = process.at("flags").items();
        let (pid, comm) = (process.at("pid").number(), process.at("comm").text());
        flags.iter().any(|flag| flag.text() == "unreadable")
            && said.contains(&format!("`{comm}` ({pid})"))
    })
}

/// Records with the capabilities that `setpriv` gives.
#[track_caller]
fn recorded_with(setpriv: &str) -> Option<(Folder, Done)> {
    let folder = Folder::new();
    if !can(&["sh", "-c", &format!("{setpriv} true")]) {
        return None;
    }
    let binary = binary_for_all(&folder);
    let done = looked_at(&folder, |time| {
        let script = format!("exec {setpriv} \"$0\" record --full -i {time} -d {time} -o log.ebl");
        let mut command = Command::new("sh");
        command.args(["-c", &script]).arg(&binary);
        run(command.current_dir(folder.path()))
    });
    assert_eq!(
        (done.status, done.complaints()),
        (Some(0), vec![]),
        "{setpriv}"
    );
    Some((folder, done))
}

#[test]
fn root_without_the_capability_is_not_told_to_be_root() {
    let setpriv = "setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace";
    let Some((folder, done)) = recorded_with(setpriv) else {
        return;
    };
    let records = folder.cat("log.ebl");
    assert_eq!(own(&records, "cap_eff") >> 19 & 1, 0);
    let told = in_one(&done.out);
    let said = "could not be read: this root lacks CAP_SYS_PTRACE, as in a container: add it.";
    assert!(told.contains(said), "{told}");
}

#[test]
fn nobody_with_the_capability_sees_everything() {
    let setpriv = format!("{AS_NOBODY} --inh-caps=+sys_ptrace --ambient-caps=+sys_ptrace");
    let Some((folder, done)) = recorded_with(&setpriv) else {
        return;
    };
    let records = folder.cat("log.ebl");
    assert_eq!(own(&records, "cap_eff"), 1 << 19);
    assert_eq!(of_kind(&records, "header")[0].at("euid").number(), 65534);
    assert!(!in_one(&done.out).contains("run as root"), "{}", done.out);
}

/// Runs a command as nobody where /proc is mounted with `hidepid`, with a process of
/// root's beside it.
#[track_caller]
fn hidden(hidepid: &str, folder: &Folder, arguments: &str) -> Option<Done> {
    let mount = format!("mount -t proc -o hidepid={hidepid} none /proc");
    let probe = format!("{mount} && {AS_NOBODY} true");
    if !can(&["unshare", "-mpf", "sh", "-c", &probe]) {
        return None;
    }
    let script = format!(
        "{mount} && {{ sleep 100 & {AS_NOBODY} \"$0\" {arguments}; status=$?; kill $!; \
         exit $status; }}"
    );
    let mut command = Command::new("unshare");
    command
        .args(["-mpf", "sh", "-c", &script])
        .arg(binary_for_all(folder));
    Some(run(command.current_dir(folder.path())))
}

/// The end of the warning about hidden processes.
const HIDDEN: &str =
    "users' processes are hidden (/proc is mounted with hidepid) and not included: run as root, \
     or with CAP_SYS_PTRACE";

#[test]
fn hidden_processes_are_told_of_wherever_the_log_is_read() {
    for hidepid in ["1", "2", "4"] {
        let folder = Folder::new();
        let record = "record --full -i 100ms -d 200ms -o log.ebl";
        let Some(done) = hidden(hidepid, &folder, record) else {
            continue;
        };
        assert_eq!(
            (done.status, done.complaints()),
            (Some(0), vec![]),
            "{hidepid}"
        );
        let warning = format!("caution: Other {HIDDEN}.");
        assert_eq!(
            in_one(&done.out).matches(&warning).count(),
            1,
            "{}",
            done.out
        );
        let records = folder.cat("log.ebl");
        assert_eq!(own(&records, "hidden"), 1, "{hidepid}");
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
        // The commands that read the log.
        let of = |arguments: &[&str]| run(&mut folder.edgebench(arguments.iter().copied()));
        assert!(in_one(&of(&["report", "log.ebl"]).out).contains(&warning));
        let json = of(&["report", "--format=json", "log.ebl"]).out;
        assert!(json.contains("\"processes-hidden\""), "{json}");
        let metrics = of(&["report", "--format=prom", "log.ebl"]).out;
        assert!(
            metrics.contains("finding=\"processes-hidden\""),
            "{metrics}"
        );
        let info = in_one(&of(&["log", "info", "log.ebl"]).out);
        assert!(info.contains(&format!("not seen other {HIDDEN}")), "{info}");
        let compared = in_one(&of(&["compare", "log.ebl"]).out);
        assert!(compared.contains(HIDDEN), "{compared}");
        let footprint = of(&["footprint", "log.ebl"]);
        let said = format!("edgebench-lite: other {HIDDEN}\n");
        assert_eq!((footprint.status, &footprint.err), (Some(2), &said));
        // With --quiet, and of a live footprint, it goes to standard error.
        let quiet = hidden(hidepid, &folder, "record -q -i 100ms -d 100ms -o q.ebl");
        assert_eq!(quiet.unwrap().complaints(), [said.trim_end()]);
        for footprint in [
            "footprint",
            "footprint --key=sh=sh",
            "footprint --by=unit --over=0",
        ] {
            let done = hidden(hidepid, &folder, footprint).unwrap();
            assert_eq!((done.status, &done.err), (Some(2), &said), "{footprint}");
        }
    }
}
