//! `--compat edge-info` against figures worked out by hand.

use crate::support::{capture, run, Folder};
use crate::tree::{machine, put, Made};

/// smaps whose lines edge-info adds up to these kB: two mappings, whose page sizes
/// it takes for size.
fn smaps(pss: u64, shared: u64, rss: u64, virt: u64) -> String {
    let size = virt - 4 * 4;
    let (swap_pss, pss_dirty) = (10, 20);
    let pss = pss - swap_pss - pss_dirty;
    format!(
        "00400000-00500000 r-xp 00000000 b3:02 1 /opt/Pss: 9 kB Size: 9 kB\n\
         Size: {size} kB\nKernelPageSize: 4 kB\nMMUPageSize: 4 kB\nRss: {rss} kB\n\
         Pss: {pss} kB\nPss_Dirty: {pss_dirty} kB\nShared_Clean: {shared} kB\n\
         Shared_Dirty: 0 kB\nPrivate_Clean: 0 kB\nSwap: 11 kB\nSwapPss: {swap_pss} kB\n\
         VmFlags: rd ex\n\
         00600000-00600000 rw-p 00000000 00:00 0 [heap]\n\
         Size: 0 kB\nKernelPageSize: 4 kB\nMMUPageSize: 4 kB\nRss: 0 kB\nPss: 0 kB\n\
         Pss_Dirty: 0 kB\nShared_Clean: 0 kB\nShared_Dirty: 0 kB\nSwapPss: 0 kB\n"
    )
}

/// kB that are cut to so many tenths: the least, and the greatest.
fn kb(tenths: u64, greatest: bool) -> u64 {
    match greatest {
        false => (tenths * 1024).div_ceil(10),
        true => ((tenths + 1) * 1024 - 1) / 10,
    }
}

/// The table of the write-up, in tenths.
const WRITE_UP: [(&str, u32, &str, [u64; 4]); 7] = [
    ("edge-core", 592, "edge-core\0", [37, 29, 63, 800]),
    ("edge-proxy", 597, "edge-proxy\0", [365, 14, 379, 12376]),
    (
        "maestro",
        609,
        "maestro\0-config\0/x/maestro-config.yaml\0",
        [186, 10, 196, 13575],
    ),
    ("td-agent-bit", 608, "td-agent-bit\0", [56, 53, 100, 1473]),
    ("kubelet", 605, "kubelet\0", [641, 13, 654, 16040]),
    ("kube-router", 614, "kube-router\0", [453, 9, 462, 13839]),
    ("dockerd", 590, "dockerd\0", [732, 16, 748, 14026]),
];

/// What the write-up shows. Volatile logging is none of a captured tree's.
const SHOWN: &str = "Key Process Memory Information (MB)\n\
    \x20 Stats in megabytes (MB)\tPss\tShared\tRss\tVirtual\n\
    \x20 - edge-core (592):\t\t3.7\t2.9\t6.3\t80.0\n\
    \x20 - edge-proxy (597):\t\t36.5\t1.4\t37.9\t1237.6\n\
    \x20 - maestro (609):\t\t18.6\t1.0\t19.6\t1357.5\n\
    \x20 - fluentbit (608):\t\t5.6\t5.3\t10.0\t147.3\n\
    \x20 - edge-kubelet (605):\t\t64.1\t1.3\t65.4\t1604.0\n\
    \x20 - kube-router (614):\t\t45.3\t.9\t46.2\t1383.9\n\
    \x20 - docker (590):\t\t73.2\t1.6\t74.8\t1402.6\n\
    \n\
    System Memory\n\
    \x20 \t\t\t\tTotals\t\tPercentage\n\
    \x20 - Used/Total:\t\t\t277/933 MB\t29.68%\n\
    \x20 - Key Processes:\t\t247.0 MB\t26.47%\n\
    \x20 - Volatile logging:\t\t? MB\t\t?%\n\
    \x20 - True Available Mem:\t\t656 MB\t\t70.31%\n\n";

#[test]
fn the_write_ups_table_to_the_byte() {
    for greatest in [false, true] {
        let folder = Folder::new();
        // 933.9 MB and 656.9 MiB are cut as well.
        let (total, available) = match greatest {
            false => (933_000, 656 * 1024),
            true => (933_999, 656 * 1024 + 1023),
        };
        let meminfo =
            format!("MemTotal: {total} kB\nMemFree: 1 kB\nMemAvailable: {available} kB\n");
        machine(&folder, &meminfo);
        for (comm, pid, cmdline, tenths) in WRITE_UP {
            put(
                &folder,
                &Made {
                    pid,
                    comm: comm.as_bytes(),
                    cmdline: cmdline.as_bytes(),
                    rollup: None,
                    ..Made::default()
                },
            );
            let [pss, shared, rss, virt] = tenths.map(|tenths| kb(tenths, greatest));
            let text = smaps(pss, shared, rss, virt);
            folder.write(&format!("root/proc/{pid}/smaps"), text);
        }
        let done = crate::tree::footprint(&folder, ["--compat", "edge-info"]);
        assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
        let (shown, said) = done.out.split_at(SHOWN.len().min(done.out.len()));
        assert_eq!(shown, SHOWN);
        assert_eq!(said.lines().count(), 1, "{said}");
        // 7 x 10 kB, 7 x 20 kB.
        assert!(
            said.contains("SwapPss 0.1 and Pss_Dirty 0.1 added"),
            "{said}"
        );
        assert!(
            said.starts_with("Correct, in MiB: key processes 24"),
            "{said}"
        );
        assert!(!said.contains("missing above"), "{said}");
    }
}

#[test]
fn a_capture_by_awk() {
    let folder = Folder::new();
    let mut command = folder.edgebench(["--proc-root"]);
    command.arg(capture("handmade-4.9"));
    let done = run(command.args(["footprint", "--compat=edge-info"]));
    assert_eq!(done.status, Some(0), "{}", done.err);
    // 529, 1060, 1184, 8420 kB; 948012 kB less 803116 kB.
    let expected = "  - edge-core (812):\t\t.5\t1.0\t1.1\t8.2\n\n\
        System Memory\n  \t\t\t\tTotals\t\tPercentage\n\
        \x20 - Used/Total:\t\t\t164/948 MB\t17.29%\n\
        \x20 - Key Processes:\t\t.5 MB\t.05%\n";
    assert!(done.out.contains(expected), "{}", done.out);
    // (948012 - 803116) / 1024.
    assert!(done.out.contains("used 141.5 (above 164)"), "{}", done.out);
}

#[test]
fn what_it_does_not_know_is_said() {
    let folder = Folder::new();
    machine(
        &folder,
        "MemTotal: 933000 kB\nMemFree: 1 kB\nMemAvailable: 671744 kB\n",
    );
    let name = |pid, comm: &'static [u8]| Made {
        pid,
        comm,
        rollup: Some(crate::tree::rollup(51_200, 0, 60_000)),
        ..Made::default()
    };
    put(&folder, &name(7, b"containerd"));
    put(&folder, &name(8, b"parsec"));
    let done = crate::tree::footprint(&folder, ["--compat", "edge-info"]);
    assert!(
        done.out
            .contains("missing above: containerd and parsec 100.0."),
        "{}",
        done.out
    );
    assert!(!done.out.contains("containerd ("), "{}", done.out);
    assert!(
        done.out.contains("Key Processes:\t\t0 MB\t0%\n"),
        "{}",
        done.out
    );
}
