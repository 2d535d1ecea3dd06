//! Whose memory it is, by the shipped binary, and names in columns.

use crate::support::Folder;
use crate::tree::{footprint, line, machine, put, rollup, Made, MEMINFO};

const K3S: &str = "0::/system.slice/k3s.service\n";
const CONTAINERD: &str = "0::/system.slice/containerd.service\n";

/// Docker beside k3s: its containerd and shim are its own. An editor names a file of
/// Izuma's, and a recorder the product.
#[test]
fn a_neighbour_and_an_editor_are_not_the_product() {
    let folder = Folder::new();
    machine(&folder, MEMINFO);
    let shim = b"/usr/bin/containerd-shim-runc-v2\0-namespace\0moby\0";
    for (pid, comm, cmdline, cgroup) in [
        (10, "k3s-server", &b"/usr/local/bin/k3s server\0"[..], K3S),
        (11, "containerd", b"containerd\0-c\0/x.toml\0", K3S),
        (20, "containerd", b"/usr/bin/containerd\0", CONTAINERD),
        (21, "containerd-shim", shim, CONTAINERD),
        (
            30,
            "nano",
            b"nano\0/wigwag/etc/maestro-config.yaml\0",
            "0::/\n",
        ),
        (
            31,
            "edgebench-lite",
            b"edgebench-lite\0record\0--product\0k3s-server\0",
            "0::/\n",
        ),
    ] {
        put(
            &folder,
            &Made {
                pid,
                comm: comm.as_bytes(),
                cmdline,
                cgroup,
                rollup: Some(rollup(1024, 100, 1024)),
            },
        );
    }
    // What runs is found by itself: k3s alone.
    let done = footprint(&folder, []);
    assert!(
        done.out.starts_with("Key processes of k3s, MiB"),
        "{}",
        done.out
    );
    assert_eq!(line(&done.out, "k3s-server (10)")[0], "1.0");
    assert_eq!(line(&done.out, "containerd (11)")[0], "1.0");
    assert_eq!(line(&done.out, "containerd-shim-runc-v2"), ["absent"]);
    assert_eq!(line(&done.out, "together"), ["2.0"]);
    // What the user says goes before all: of the unit, the name's, the argument's.
    let done = footprint(
        &folder,
        [
            "--unit=k3s",
            "--key=file=maestro-config.yaml",
            "--key=eb=edgebench-lite",
        ],
    );
    assert_eq!(line(&done.out, "k3s.service (10, 11)")[0], "2.0");
    assert_eq!(line(&done.out, "file"), ["absent"]);
    assert_eq!(line(&done.out, "eb"), ["absent"]);
    let done = footprint(&folder, ["--cgroup", "/sys/fs/cgroup/system.slice/"]);
    assert_eq!(line(&done.out, "/system.slice (10, 11, 20, 21)")[0], "4.0");
}

/// The user's key comes first: what it has left a key of the profile without is there.
#[test]
fn what_another_row_has_is_not_absent() {
    let folder = Folder::new();
    machine(&folder, MEMINFO);
    for (pid, comm, cmdline) in [
        (10, "k3s-server", &b"/usr/local/bin/k3s server\0"[..]),
        (11, "containerd", b"/usr/bin/containerd\0"),
        (12, "containerd", b"/usr/bin/containerd\0"),
    ] {
        put(
            &folder,
            &Made {
                pid,
                comm: comm.as_bytes(),
                cmdline,
                cgroup: K3S,
                rollup: Some(rollup(1024, 100, 1024)),
            },
        );
    }
    let chosen = ["--profile=k3s", "--key=mine=containerd"];
    let logged = chosen.into_iter().chain(["--output=log.ebl"]);
    for text in [
        footprint(&folder, logged).out,
        footprint(&folder, ["log.ebl"]).out,
    ] {
        assert_eq!(line(&text, "mine (11, 12)")[0], "2.0", "{text}");
        assert_eq!(line(&text, "containerd (11, 12)"), ["elsewhere"]);
        assert_eq!(line(&text, "traefik"), ["absent"]);
        assert_eq!(line(&text, "together"), ["3.0"]);
    }
    let json = footprint(&folder, chosen.into_iter().chain(["--format=json"])).out;
    let told = r#""label":"containerd","state":"elsewhere","processes":0,"pids":[11,12]"#;
    assert!(json.contains(told), "{json}");
}

/// Each of these characters takes two columns of a terminal.
#[test]
fn wide_names_leave_the_columns_in_line() {
    let folder = Folder::new();
    machine(&folder, MEMINFO);
    let cgroup = "0::/system.slice/\u{65e5}\u{672c}.service\n";
    for (pid, comm) in [(5, "\u{65e5}\u{672c}\u{8a9e}"), (6, "ascii")] {
        put(
            &folder,
            &Made {
                pid,
                comm: comm.as_bytes(),
                cgroup,
                ..Made::default()
            },
        );
    }
    let columns = |line: &str| -> usize {
        let wide = |c: char| if c >= '\u{2e80}' { 2 } else { 1 };
        line.trim_end().chars().map(wide).sum()
    };
    for (arguments, rows) in [(&[][..], 2), (&["--by", "unit"], 1)] {
        let done = footprint(&folder, arguments.iter().copied());
        let widths: Vec<usize> = done.out.lines().take(1 + rows).map(columns).collect();
        assert!(
            widths.iter().all(|width| *width == widths[0]),
            "{}",
            done.out
        );
    }
}
