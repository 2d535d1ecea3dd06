//! README.md's table of what each command can do for whom, held to what they do.

use crate::json::Value;
use crate::situations::{are_possible, Place, ALL};
use crate::skip::skipped;
use crate::support::{of_kind, with_patience, Done, Folder};

const README: &str = include_str!("../../README.md");

/// A row of the table: the commands, a script that tries them within `$TIME`, and what came
/// of it.
struct Row {
    commands: &'static str,
    script: &'static str,
    outcome: fn(&Place, &Done, &Folder) -> String,
}

const SEES_ALL: &str = "all";
const NOT_OTHERS: &str = "not the memory of others";
const NO_ENDS: &str = "all but short-lived processes";
const INSIDE: &str = "what is in it";
const NOTHING: &str = "no";

const ROWS: [Row; 12] = [
    Row {
        commands: "`record`",
        script: "\"$E\" record -q -i $TIME -d $TIME --pss exact -o log.ebl",
        outcome: recorded,
    },
    Row {
        commands: "`footprint`",
        script: "\"$E\" footprint --key beside=beside",
        outcome: weighed,
    },
    Row {
        commands: "`selftest`",
        script: "\"$E\" selftest",
        outcome: |_, done, _| is_told(done.out.contains("board            "), done),
    },
    Row {
        commands: "`report`, `compare`, `log`",
        script: "cp \"${E%/*}\"/log.ebl . && \"$E\" report log.ebl && \"$E\" compare log.ebl --export t.html && \
                 \"$E\" log info log.ebl && \"$E\" log verify log.ebl && \"$E\" log cat log.ebl",
        outcome: |_, done, _| is_told(done.status == Some(0), done),
    },
    Row {
        commands: "`boot`",
        script: "\"$E\" boot",
        outcome: started,
    },
    Row {
        commands: "`boot watch`",
        // A terminal of root's and of a group, as a serial port is.
        script: "\"$E\" boot watch \"$TTY\" --timeout 1s",
        outcome: |_, done, _| match done.err.contains("or join group") {
            true => "in the port's group".to_owned(),
            false => is_told(done.status == Some(1), done),
        },
    },
    Row {
        commands: "`boot restart`",
        script: "\"$E\" boot restart --now",
        outcome: |_, done, _| is_told(done.status == Some(0), done),
    },
    Row {
        commands: "`survive ip-change`",
        script: "\"$E\" survive ip-change --iface eth0 --to 10.0.0.2/24 --check cmd:true --stable 0 --force",
        outcome: |_, done, _| is_told(done.status == Some(0), done),
    },
    Row {
        commands: "`survive firewall`",
        script: "\"$E\" peer --tcp 9000 --udp 9000 >said & pid=$!; until [ -s said ]; do sleep 0.1; done; \
                 \"$E\" survive firewall --peer 127.0.0.1:9000 --role agent --check cmd:true --stable 0; \
                 status=$?; kill $pid; exit $status",
        outcome: |_, done, _| is_told(done.out.contains("class of the network: open"), done),
    },
    Row {
        commands: "`peer`",
        script: "\"$E\" peer --tcp 80,8080 --udp 53,3478 >said & pid=$!; \
                 until [ -s said ]; do kill -0 $pid || break; sleep 0.1; done; kill $pid; wait $pid; cat said",
        outcome: |_, done, _| match &*done.out {
            out if out.contains("TCP 80, 8080 and UDP 53, 3478") => SEES_ALL.to_owned(),
            out if out.contains("TCP 8080 and UDP 3478") => "ports from 1024 on".to_owned(),
            _ => is_told(false, done),
        },
    },
    Row {
        commands: "`ramp`",
        script: "\"$E\" ramp -q -i 100ms --settle 0 --max 1 --missed 0 -o log.ebl --undo \"rm -f c{n}\" --ready \"test -e c{n}\" \
                 --step \"cat /proc/\\$PPID/oom_score_adj >score; touch c{n}\"",
        outcome: ramped,
    },
    Row {
        commands: "`bench`",
        script: "\"$E\" bench plan",
        outcome: |_, done, _| is_told(done.status == Some(0), done),
    },
];

/// What the one line of an error has where rights are wanting, and not something else.
const IS_DENIAL: [&str; 3] = ["run as root", "ermission denied", "`reboot` failed"];

/// `all`, or `no` where the program says why in its one line.
fn is_told(is_all: bool, done: &Done) -> String {
    match is_all {
        true => SEES_ALL.to_owned(),
        false if done.status == Some(2) && IS_DENIAL.iter().any(|why| done.err.contains(why)) => {
            NOTHING.to_owned()
        }
        false => format!("{done:?}"),
    }
}

fn recorded(place: &Place, done: &Done, own: &Folder) -> String {
    if done.status != Some(0) {
        return is_told(false, done);
    }
    let records = own.cat("log.ebl");
    // The first has time until the next, however many processes there are.
    let first = of_kind(&records, "sample")[0];
    let mut processes = first.at("processes").items().iter();
    let beside = processes.find(|one| one.at("pid").number() == place.beside());
    match beside.map(|beside| beside.at("pss")) {
        None => INSIDE.to_owned(),
        Some(Value::Null) => format!("{NOT_OTHERS}, nor short-lived processes"),
        Some(_) if first.at("recorder").at("exits").number() == 1 => SEES_ALL.to_owned(),
        Some(_) => NO_ENDS.to_owned(),
    }
}

/// Of the kernel's log, which is not read where it is for those alone who may.
fn started(_: &Place, done: &Done, _: &Folder) -> String {
    let words: Vec<&str> = done.out.split_whitespace().collect();
    let said = words.join(" ");
    let root = "/dev/kmsg: Operation not permitted; run as root";
    let contained = "/dev/kmsg: Operation not permitted; kernel lockdown, or a container";
    match said.contains(root) || said.contains(contained) {
        true => "systemd's part".to_owned(),
        false => is_told(
            said.contains("the kernel's log") || said.contains("init "),
            done,
        ),
    }
}

fn weighed(_: &Place, done: &Done, _: &Folder) -> String {
    let says = |text| done.out.contains(text);
    let enclosed = "Processes outside this container or PID namespace are not included.";
    match done.status {
        Some(2) if says("  beside (") && says(" unknown ") => NOT_OTHERS.to_owned(),
        Some(0) if says("beside                    absent") && says(enclosed) => INSIDE.to_owned(),
        Some(0) if !says("absent") && !says(enclosed) => SEES_ALL.to_owned(),
        _ => format!("{done:?}"),
    }
}

fn ramped(_: &Place, done: &Done, own: &Folder) -> String {
    match std::fs::read_to_string(own.file("score")).as_deref() {
        Ok("-999\n") if done.status == Some(0) => SEES_ALL.to_owned(),
        Ok(_) if done.status == Some(0) => "killed no later than others".to_owned(),
        _ => format!("{done:?}"),
    }
}

/// Whether this machine's own root has CAP_SYS_RESOURCE, 24, which a container's has not.
fn may_adjust() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let mut lines = status.lines();
    let effective = lines.find_map(|line| line.strip_prefix("CapEff:\t"));
    u64::from_str_radix(effective.unwrap(), 16).unwrap() >> 24 & 1 == 1
}

#[test]
fn a_user_is_told_to_be_root_not_of_a_lockdown() {
    if !are_possible() {
        return;
    }
    let (_, before) = ALL[1];
    for script in ["\"$E\" boot", "\"$E\" selftest"] {
        let (done, _) = Place::new().tried(before, script);
        let words: Vec<&str> = done.out.split_whitespace().collect();
        let said = words.join(" ");
        // Where dmesg_restrict is 0, every user may read it.
        if said.contains("/dev/kmsg:") {
            assert!(
                said.contains("/dev/kmsg: Operation not permitted; run as root"),
                "{said}"
            );
        }
    }
}

/// The cells of README's row.
fn cells(commands: &str) -> Vec<&'static str> {
    let begin = format!("| {commands} | ").replace("  ", " ");
    let is_it =
        |line: &&str| line.starts_with(&begin) && line.matches('|').count() == ALL.len() + 2;
    let row = README.lines().find(is_it).unwrap_or_default();
    let cells = row.trim_matches('|').split('|').skip(1);
    cells.map(str::trim).collect()
}

#[test]
fn the_readme_has_what_each_can_do() {
    if !are_possible() {
        return;
    }
    assert_eq!(cells(""), ALL.map(|(title, _)| title));
    let place = Place::new();
    let made = place.tried(
        "",
        "\"$E\" record -q -i 100ms -d 200ms -o log.ebl; chmod 644 log.ebl",
    );
    std::fs::copy(made.1.file("log.ebl"), place.folder.file("log.ebl")).unwrap();
    let rows: Vec<(&str, [String; 4])> = std::thread::scope(|scope| {
        let place = &place;
        let tried = ROWS.map(|row| {
            let mut cells = cells(row.commands).into_iter();
            let each = ALL.map(|(_, before)| {
                let (outcome, cell) = (row.outcome, cells.next());
                // What nobody answered in time may be answered once the others are over.
                let tried = move |time: &str| {
                    let (done, own) = place.tried(before, &row.script.replace("$TIME", time));
                    outcome(place, &done, &own)
                };
                let is_so = move |found: &String| Some(&**found) == cell || found == NO_ENDS;
                scope.spawn(move || with_patience(tried, is_so))
            });
            (row.commands, each)
        });
        tried
            .map(|(commands, each)| (commands, each.map(|one| one.join().unwrap())))
            .into()
    });
    let mut wrong = Vec::new();
    for (commands, mut found) in rows {
        if commands == "`record`" && found[0] == NO_ENDS {
            return skipped("the kernel does not tell of processes that end");
        }
        // The kernel lets nobody else make a process hard to kill.
        if commands == "`ramp`" && !may_adjust() {
            cells(commands)[0].clone_into(&mut found[0]);
        }
        if cells(commands) != found {
            wrong.push(format!("| {commands} | {} |", found.join(" | ")));
        }
    }
    assert!(
        wrong.is_empty(),
        "not as README.md says:\n{}",
        wrong.join("\n")
    );
}
