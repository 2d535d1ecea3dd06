//! Names, files and crowds as nobody would wish for.

use crate::json::{self, Value};
use crate::support::Folder;
use crate::tree::{footprint, line, machine, put, rollup, Made, MEMINFO};

#[test]
fn thousands_of_matches_are_summed() {
    let folder = Folder::new();
    machine(&folder, MEMINFO);
    for pid in 1..=3000 {
        let comm = b"worker";
        put(
            &folder,
            &Made {
                pid,
                comm,
                ..Made::default()
            },
        );
    }
    let done = footprint(&folder, ["--key", "crowd=worker"]);
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    // 3000 x 100, 40, 100 and 2048 kB.
    let numbers = line(&done.out, "crowd (1 +2999)");
    assert_eq!(numbers, ["293.0", "117.2", "293.0", "6000.0"]);
    // More than there is: shared pages that a made-up kernel counted wrong.
    assert_eq!(line(&done.out, "key processes, Pss"), ["293.0", "292.97"]);
    let done = footprint(&folder, ["--key", "crowd=worker", "--format", "json"]);
    let row = &json::parse(done.out.trim_end()).at("rows").items()[0].clone();
    assert_eq!(row.at("pids").items().len(), 3000);
    assert_eq!(row.at("pss_kib").number(), 300_000);
}

#[test]
fn no_match_is_absent_and_no_zero() {
    let folder = Folder::new();
    machine(&folder, MEMINFO);
    put(&folder, &Made::default());
    let done = footprint(
        &folder,
        ["--key", "nobody=no such thing", "--profile", "kubeedge"],
    );
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    for label in ["nobody", "edgecore", "cloudcore"] {
        assert_eq!(line(&done.out, label), ["absent"]);
    }
    let done = footprint(&folder, ["--key", "nobody=no such thing", "--format=json"]);
    let row = json::parse(done.out.trim_end()).at("rows").items()[0].clone();
    assert_eq!(row.at("state").text(), "absent");
    assert_eq!(row.at("pss_kib"), &Value::Null);
    assert_eq!(row.at("virtual_kib"), &Value::Null);
}

#[test]
fn the_system_in_percent() {
    let folder = Folder::new();
    machine(&folder, MEMINFO);
    folder.write(
        "root/sys/block/zram0/mm_stat",
        " 4194304 1048576 2097152 0 2097152 0 0 0 0\n",
    );
    folder.write("root/sys/block/zram1/mm_stat", "garbage\n");
    folder.write("root/sys/block/sda/stat", "1 2 3\n");
    put(&folder, &Made::default());
    let done = footprint(&folder, ["--key", "it=made-up"]);
    assert_eq!(
        line(&done.out, "used / total"),
        ["50.0", "/", "100.0", "50.00"]
    );
    assert_eq!(line(&done.out, "key processes, Pss"), ["0.1", "0.10"]);
    assert_eq!(line(&done.out, "true available"), ["50.0", "50.00"]);
    let swap = line(&done.out, "swap used / total");
    assert_eq!(swap[..4], ["10.0", "/", "20.0", "10.00"]);
    assert_eq!(line(&done.out, "zram"), ["2.0", "2.00", "holds", "4.0"]);
}

#[test]
fn who_vanishes_is_in_no_row() {
    let folder = Folder::new();
    machine(&folder, MEMINFO);
    put(&folder, &Made::default());
    // Its memory is gone; there is nothing left of it; it is a name without anything.
    put(
        &folder,
        &Made {
            pid: 2,
            rollup: None,
            ..Made::default()
        },
    );
    let ending = "2 (made-up) R 1 1 1 0 -1 4194304 0 0 0 0 3 4 0 0 20 0 1 0 500 0 0 \
                  18446744073709551615 0 0 0 0 0\n";
    folder.write("root/proc/2/stat", ending);
    folder.write("root/proc/3/cgroup", "0::/\n");
    folder.write("root/proc/4/cmdline", "made-up\0");
    let done = footprint(&folder, ["--key", "it=made-up"]);
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    assert_eq!(line(&done.out, "it (1)")[0], "0.1");
    assert!(
        done.out.contains("3 processes ended while being read."),
        "{}",
        done.out
    );
}

#[test]
fn garbage_is_no_figure() {
    let folder = Folder::new();
    machine(&folder, MEMINFO);
    for (pid, text) in [
        (2, "Rss: 12 kB\nPss: many kB\n"),
        (3, "\0\u{1b}[2J"),
        (4, ""),
        (5, "Rss: 12 kB\nPss: 99999999999999999999 kB\n"),
        (6, "Rss: 12 kB\nPss: 12"),
    ] {
        let rollup = Some(text.to_owned());
        put(
            &folder,
            &Made {
                pid,
                rollup,
                ..Made::default()
            },
        );
    }
    let most = Some(rollup(u64::MAX, 0, 1));
    put(
        &folder,
        &Made {
            pid: 7,
            comm: b"huge",
            rollup: most.clone(),
            ..Made::default()
        },
    );
    put(
        &folder,
        &Made {
            pid: 8,
            comm: b"huge",
            rollup: most,
            ..Made::default()
        },
    );
    folder.write("root/proc/9/stat", "9 (made-up");
    let said = "edgebench-lite: the memory of 8 processes could not be read (no descriptor or \
                memory was left, or the kernel failed): try again\n";
    let done = footprint(&folder, ["--key", "it=made-up", "--key", "huge=huge"]);
    assert_eq!((done.status, done.err.as_str()), (Some(2), said));
    // 5 x 2 MiB of address space.
    assert_eq!(line(&done.out, "it (2 +4)"), ["unknown", "-", "-", "10.0"]);
    // More than the machine has.
    assert_eq!(line(&done.out, "huge (7, 8)")[0], "unknown");
    for by in ["unit", "slice", "container", "pod"] {
        let done = footprint(&folder, ["--by", by]);
        assert_eq!((done.status, done.err.as_str()), (Some(2), said));
    }
}

/// Of a process whose leader has ended the kernel shows memory, address space and
/// command line in its other threads only.
#[test]
fn a_process_whose_leader_has_ended_is_there() {
    let folder = Folder::new();
    machine(&folder, MEMINFO);
    let stat = |pid: u32, state: char, vsize: u64, rss: u64| {
        format!(
            "{pid} (worker) {state} 1 1 1 0 -1 4194304 0 0 0 0 3 4 0 0 20 0 2 0 500 {vsize} {rss} \
             18446744073709551615 4194304 0 0 0 0\n"
        )
    };
    folder.write("root/proc/70/stat", stat(70, 'Z', 0, 0));
    folder.write("root/proc/70/cmdline", "");
    folder.write("root/proc/70/cgroup", "0::/\n");
    folder.write("root/proc/70/task/70/stat", stat(70, 'Z', 0, 0));
    // 96 MiB of address space.
    folder.write(
        "root/proc/70/task/71/stat",
        stat(71, 'S', 100_663_296, 16_384),
    );
    folder.write("root/proc/70/task/71/cmdline", "/opt/app\0--serve\0");
    // 64 MiB.
    let text = rollup(65_536, 0, 65_536);
    folder.write("root/proc/70/task/71/smaps_rollup", text);
    let done = footprint(&folder, ["--key", "app=--serve"]);
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    assert_eq!(line(&done.out, "app (70)"), ["64.0", "0.0", "64.0", "96.0"]);
}

#[test]
fn without_meminfo_there_is_nothing_to_compare_with() {
    let folder = Folder::new();
    for (meminfo, why) in [
        ("", "meminfo:1: field `MemTotal` is missing"),
        (
            "MemTotal: x kB\n",
            "meminfo:1: field `MemTotal` is not a number",
        ),
    ] {
        machine(&folder, meminfo);
        let done = footprint(&folder, []);
        assert_eq!((done.status, done.out.as_str()), (Some(2), ""));
        assert_eq!(done.err, format!("edgebench-lite: root/proc/{why}\n"));
    }
}

#[test]
fn names_do_nothing_to_a_terminal() {
    let folder = Folder::new();
    machine(&folder, MEMINFO);
    let comm = b") R 1\x1b[2J\n\xff";
    put(
        &folder,
        &Made {
            comm,
            cmdline: b"\x1b]0;title\x07\0\xc2\x9b\0",
            cgroup: "0::/evil\x1b[31m.slice/a\u{202e}b.service\n",
            ..Made::default()
        },
    );
    for arguments in [
        &["--profile", "auto"][..],
        &["--key", "it=\u{9b}"],
        &["--by", "unit"],
        &["--by", "slice"],
        &["--format", "json"],
        &["--by", "unit", "--format", "json"],
    ] {
        let done = footprint(&folder, arguments.iter().copied());
        assert_eq!(
            (done.status, done.err.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
        let is_bad = |c: &char| c.is_control() && *c != '\n' || *c == '\u{202e}';
        let text_only = !arguments.contains(&"json");
        assert_eq!(
            done.out.chars().find(|c| text_only && is_bad(c)),
            None,
            "{arguments:?}"
        );
        assert!(!done.out.contains('\u{1b}'), "{arguments:?}");
        assert!(!text_only || done.out.contains("made-up") || done.out.contains("0.1"));
    }
    let done = footprint(&folder, []);
    assert_eq!(line(&done.out, r") R 1\x1b[2J\n\xff (1)")[0], "0.1");
    let done = footprint(&folder, ["--by", "unit"]);
    assert_eq!(line(&done.out, r"a\u{202e}b.service")[..2], ["1", "0.1"]);
    // The label is the user's own; it goes to the terminal all the same.
    let done = footprint(&folder, ["--key", "a\u{1b}b=made-up"]);
    assert_eq!(line(&done.out, r"a\x1bb"), ["absent"]);
}

#[test]
fn units_add_up() {
    let folder = Folder::new();
    machine(&folder, MEMINFO);
    let id = "0123456789abcdef".repeat(4);
    let scope = format!("0::/system.slice/docker-{id}.scope\n");
    let v1 = format!(
        "5:memory:/docker/{id}\n1:name=systemd:/docker/{id}\n0::/system.slice/docker.service\n"
    );
    for (pid, cgroup) in [
        (1, "0::/init.scope\n"),
        (2, "0::/system.slice/k3s.service\n"),
        (3, "0::/system.slice/k3s.service\n"),
        (4, scope.as_str()),
        (5, v1.as_str()),
        (6, "garbage\n"),
    ] {
        put(
            &folder,
            &Made {
                pid,
                cgroup,
                ..Made::default()
            },
        );
    }
    folder.write(
        "root/sys/fs/cgroup/system.slice/k3s.service/memory.current",
        "5242880\n",
    );
    folder.write(
        &format!("root/sys/fs/cgroup/memory/docker/{id}/memory.usage_in_bytes"),
        "1048576\n",
    );
    let done = footprint(&folder, ["--by", "unit"]);
    assert_eq!(
        line(&done.out, "k3s.service"),
        ["2", "0.2", "0.2", "-", "5.0"]
    );
    assert_eq!(line(&done.out, "total"), ["6", "0.6", "0.6", "-", "-"]);
    // v1's and v2's containers of one id are two cgroups.
    let done = footprint(&folder, ["--by", "container", "--format", "json"]);
    let rows = json::parse(done.out.trim_end()).at("rows").items().to_vec();
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.at("name").text().to_owned(),
                row.at("processes").number(),
                row.at("charged_kib").clone(),
            )
        })
        .collect();
    let name = "docker 0123456789ab".to_owned();
    assert_eq!(told[0], ("(in no container)".to_owned(), 4, Value::Null));
    assert_eq!((&told[1].0, told[1].1), (&name, 1));
    assert_eq!((&told[2].0, told[2].1), (&name, 1));
    let charged = rows
        .iter()
        .filter(|row| row.at("charged_kib") != &Value::Null);
    assert_eq!(
        charged
            .map(|row| row.at("charged_kib").number())
            .collect::<Vec<_>>(),
        [1024]
    );
}

/// The machine has 102,400 KiB.
#[test]
fn no_process_has_more_than_there_is() {
    for (pss, status) in [(102_400, 0), (102_401, 2)] {
        let folder = Folder::new();
        machine(&folder, MEMINFO);
        put(
            &folder,
            &Made {
                rollup: Some(rollup(pss, 0, pss)),
                ..Made::default()
            },
        );
        let done = footprint(&folder, ["--key", "it=made-up"]);
        assert_eq!(done.status, Some(status), "{}", done.err);
        let shown = line(&done.out, "it (1)")[0];
        assert_eq!(shown == "100.0", status == 0, "{shown}");
    }
}
