//! What each command opens for writing, and which sockets: by strace(1), nothing that its
//! help does not name.

use crate::situations::{are_possible, Place};
use crate::support::{can, run};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const CALLS: &str = "trace=execve,open,openat,openat2,creat,socket,mkdir,mkdirat,unlink,unlinkat,\
    rmdir,rename,renameat,renameat2,link,linkat,symlink,symlinkat,truncate,mknod,mknodat,mount,\
    chmod,fchmodat,chown,fchownat";

/// A tracer that stops the program at those calls alone. If it stopped at all of them, a slow
/// board would need longer than the program waits for its second process.
const TRACED: &str = "strace -f --seccomp-bpf -qq";

/// What is tried, and what it touches.
struct Case {
    script: &'static str,
    /// A command, and the words of its help that tell of that.
    help: [&'static str; 2],
    /// A log that was not there before is removed again until there is something in it.
    touched: &'static [&'static str],
}

/// What is written there goes nowhere, or to standard error.
const IS_NOTHING: [&str; 2] = ["/dev/null", "/proc/self/fd/2"];
const LOG: &str = "writes log.ebl";
const TASKSTATS: &str = "socket AF_NETLINK NETLINK_GENERIC";

const CASES: &[Case] = &[
    Case {
        script: "record -q -i 100ms -d 200ms -o log.ebl",
        help: ["record", "one socket, on which the kernel tells root of processes that end"],
        touched: &[TASKSTATS, LOG],
    },
    Case {
        script: "record -i 100ms -d 200ms --full --sync 100ms --max-size 256k -o log.ebl",
        help: ["record", "log to write"],
        touched: &[TASKSTATS, LOG],
    },
    Case {
        script: "report given.ebl",
        help: ["report", "Print the summary"],
        touched: &[],
    },
    Case {
        script: "report given.ebl --export t.html",
        help: ["report", "file to write the report to"],
        touched: &["unlink .edgebench-PID.tmp", "writes .edgebench-PID.tmp", "rename .edgebench-PID.tmp", "rename t.html"],
    },
    Case {
        script: "compare given.ebl",
        help: ["compare", "Print the table"],
        touched: &[],
    },
    Case {
        script: "footprint",
        help: ["footprint", "Print who takes the memory"],
        touched: &[],
    },
    Case {
        script: "footprint -o log.ebl",
        help: ["footprint", "log to append the figures to"],
        touched: &[LOG],
    },
    Case {
        script: "log info given.ebl",
        help: ["log info", "log was recorded"],
        touched: &[],
    },
    Case {
        script: "log verify given.ebl",
        help: ["log verify", "Check"],
        touched: &[],
    },
    Case {
        script: "log cat given.ebl",
        help: ["log cat", "Print a whole log"],
        touched: &[],
    },
    Case {
        script: "selftest",
        help: ["selftest", "It opens the socket of record, and changes nothing."],
        touched: &[TASKSTATS],
    },
    Case {
        script: "boot -o log.ebl",
        help: ["boot", "A line that it writes to /dev/kmsg tells the log's clock."],
        touched: &[LOG, "may: writes /dev/kmsg"],
    },
    Case {
        script: "boot restart --finish",
        help: ["boot restart", "write the result of the restart"],
        touched: &[],
    },
    Case {
        script: "boot restart --cancel",
        help: ["boot restart", "forget a restart that was noted"],
        touched: &["unlink /var/lib/edgebench-lite/restart"],
    },
    Case {
        script: "boot restart --now -o log.ebl",
        help: ["boot restart", "file that the restart is noted in"],
        touched: &[
            LOG,
            "unlink log.ebl",
            "writes /var/lib/edgebench-lite/restart.part",
            "rename /var/lib/edgebench-lite/restart.part",
            "rename /var/lib/edgebench-lite/restart",
        ],
    },
    Case {
        script: "boot watch \"$TTY\" --timeout 1s -o log.ebl",
        help: ["boot watch", "Time a board's start on its serial line"],
        touched: &[LOG, "unlink log.ebl", "writes TTY"],
    },
    Case {
        script: "survive ip-change --iface eth0 --to 10.0.0.2/24 --check cmd:true --stable 0 --force -o log.ebl",
        help: ["survive ip-change", "whose oom_score_adj is -900, puts it back even if this one is killed, from /run/edgebench-lite/ip-change."],
        touched: &[
            "may: mkdir /sys/fs/cgroup/edgebench-lite.PID", "may: rmdir /sys/fs/cgroup/edgebench-lite.PID",
            "may: writes /sys/fs/cgroup/edgebench-lite.PID/cgroup.procs", "may: writes /sys/fs/cgroup/cgroup.procs",
            LOG, "mkdir /run/edgebench-lite", "writes /run/edgebench-lite/ip-change", "unlink /run/edgebench-lite/ip-change", "writes /proc/self/oom_score_adj", "socket AF_NETLINK NETLINK_ROUTE", "socket AF_PACKET htons(ETH_P_ARP)"],
    },
    Case {
        script: "survive firewall --peer 127.0.0.1:9 --role agent --check cmd:true --stable 0 -o log.ebl",
        help: ["survive firewall", "by asking a `peer`"],
        touched: &[LOG, "unlink log.ebl", "socket AF_INET IPPROTO_IP"],
    },
    Case {
        script: "peer --tcp 9000 --udp 9000 >said & until [ -s said ]; do sleep 0.1; done; \
                 kill $(cat /proc/$!/task/$!/children); wait",
        help: ["peer", "TCP ports, 8 at most"],
        touched: &["may: socket AF_INET IPPROTO_IP", "may: socket AF_INET6 IPPROTO_IP"],
    },
    Case {
        script: "ramp -q -i 100ms --settle 0 --max 1 --missed 0 -o log.ebl \
                 --undo \"rm -f c{n}\" --ready \"test -e c{n}\" --step \"touch c{n}\"",
        help: ["ramp", "Its own oom_score_adj becomes -999, and it opens the socket of record."],
        touched: &[TASKSTATS, LOG, "writes /proc/self/oom_score_adj"],
    },
    Case {
        script: "bench --check plan",
        help: ["bench", "nothing is started"],
        touched: &[],
    },
    Case {
        script: "bench --status",
        help: ["bench", "tell how far the benchmark is"],
        touched: &[],
    },
];

/// Each call of the program's own, not of what it starts, that writes or opens a socket.
fn touched(trace: &str, own: &Path, port: Option<&str>) -> BTreeSet<String> {
    let mut programs: BTreeMap<&str, usize> = BTreeMap::new();
    let mut found = BTreeSet::new();
    let first = trace.split(' ').next().unwrap_or_default();
    for line in trace.lines() {
        let Some((pid, call)) = line.split_once(' ') else {
            continue;
        };
        if call.contains("execve") && call.ends_with("= 0") {
            *programs.entry(pid).or_default() += 1;
        }
        let Some((name, arguments)) = call.trim_start().split_once('(') else {
            continue;
        };
        // The first program is the one that is tried.
        if programs.get(pid).copied().unwrap_or_default() > usize::from(pid == first) {
            continue;
        }
        let texts: Vec<String> = arguments
            .split('"')
            .skip(1)
            .step_by(2)
            .map(|path| shown(path, own, port))
            .collect();
        let name = match name.trim_end_matches('2') {
            "unlinkat" if arguments.contains("AT_REMOVEDIR") => "rmdir",
            "creat" => "creat",
            // Under the name with `at`, as arm64 has no other.
            name => name.strip_suffix("at").unwrap_or(name),
        };
        // The end of the call, or of its beginning where another one comes between.
        let inside = match arguments.rsplit_once(" = ") {
            Some((inside, _)) => inside.trim_end().strip_suffix(')').unwrap_or(inside),
            None => arguments.split(" <").next().unwrap_or(arguments),
        };
        let words: Vec<&str> = inside.split(", ").collect();
        let is_writing = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"];
        match name {
            "execve" => {}
            "socket" => drop(found.insert(format!("socket {} {}", words[0], words[2]))),
            "open" => {
                if is_writing.iter().any(|flag| arguments.contains(flag))
                    && !IS_NOTHING.contains(&&*texts[0])
                {
                    found.insert(format!("writes {}", texts[0]));
                }
            }
            _ => found.extend(texts.iter().map(|path| format!("{name} {path}"))),
        }
    }
    found
}

/// A path as every run has it: without its folder, and with PID for the process.
fn shown(path: &str, own: &Path, port: Option<&str>) -> String {
    if port.is_some_and(|port| port == path) {
        return "TTY".to_owned();
    }
    let own = format!("{}/", own.display());
    let path = path.strip_prefix(&own).unwrap_or(path);
    let is_digit = |c: char| c.is_ascii_digit();
    let named = [".edgebench-", "/sys/fs/cgroup/edgebench-lite."];
    let of = named
        .iter()
        .find_map(|of| Some((of, path.strip_prefix(of)?)));
    match of {
        Some((of, rest)) => format!("{of}PID{}", rest.trim_start_matches(is_digit)),
        None => path.to_owned(),
    }
}

fn in_one(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn nothing_is_written_and_no_socket_opened_that_the_help_does_not_tell_of() {
    let trace = format!("{TRACED} -e {CALLS} true");
    if !are_possible() || !can(&["sh", "-c", &trace]) {
        return;
    }
    let place = Place::new();
    let made = place.tried("", "\"$E\" record -q -i 100ms -d 200ms -o log.ebl");
    std::fs::copy(made.1.file("log.ebl"), place.folder.file("log.ebl")).unwrap();
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let tried: Vec<_> = CASES
            .iter()
            .map(|case| scope.spawn(|| missed(&place, case)))
            .collect();
        tried
            .into_iter()
            .filter_map(|one| one.join().unwrap())
            .collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What of a case is not so.
fn missed(place: &Place, case: &Case) -> Option<String> {
    let given = "cp \"${E%/*}\"/log.ebl given.ebl; echo $TTY >tty";
    let whole = format!(
        "{given}; {TRACED} -o trace -e {CALLS} \"$E\" {}",
        case.script
    );
    let (done, own) = place.tried("", &whole);
    let text = |name: &str| std::fs::read_to_string(own.file(name)).unwrap();
    let port = text("tty").trim().to_owned();
    let port = (!port.is_empty()).then_some(&*port);
    let mut found = touched(&text("trace"), own.path(), port);
    let may = |one: &str| {
        case.touched
            .iter()
            .any(|may| may.strip_prefix("may: ") == Some(one))
    };
    let sure = case.touched.iter().filter(|one| !one.starts_with("may: "));
    let expected: BTreeSet<String> = sure.map(|&one| one.to_owned()).collect();
    found.retain(|one| !may(one));
    if found != expected {
        return Some(format!("{}: {found:?}, {done:?}", case.script));
    }
    let [command, words] = case.help;
    let mut asked = place.folder.edgebench(command.split(' '));
    let help = in_one(&run(asked.arg("--help")).out);
    (!help.contains(words)).then(|| format!("{command} --help does not say `{words}`"))
}
