//! What kernels other than this machine's show: captures of those that tests/board/kernels
//! has booted, and the same without what older ones do not have yet, by proc(5) and the
//! kernel's history. All expected numbers were read off the files, or summed by awk.

use crate::captures::{identity, numbers, recorded_tree};
use crate::json::Value;
use crate::support::{capture, Folder};
use std::fs;
use std::path::{Path, PathBuf};

/// A shell that holds 8 MB, and the whole machine.
struct Kernel {
    name: &'static str,
    release: &'static str,
    mem_total_kib: u64,
    holder: u64,
    shows: [(&'static str, u64); 11],
    cgroup: &'static str,
    cpu: [(&'static str, u64); 4],
    processes: u64,
    cpu_some_us: u64,
    /// From Linux 5.13 on.
    has_cpu_full: bool,
}

const KERNELS: [Kernel; 3] = [
    Kernel {
        name: "aarch64-5.10",
        release: "5.10.0-32-arm64",
        mem_total_kib: 940_500,
        holder: 111,
        shows: [
            ("pss", 8182),
            ("private", 7940),
            ("shared", 4 + 1300),
            ("rss", 2295),
            ("vsize", 9904),
            ("utime", 75),
            ("stime", 153),
            ("cutime", 281),
            ("cstime", 108),
            ("starttime", 1108),
            ("ppid", 108),
        ],
        cgroup: "/edge-v1",
        cpu: [
            ("user", 399),
            ("system", 1613),
            ("idle", 12_477),
            ("softirq", 54),
        ],
        processes: 531,
        cpu_some_us: 3_874_513,
        has_cpu_full: false,
    },
    Kernel {
        name: "aarch64-6.12",
        release: "6.12.95+deb12-arm64",
        mem_total_kib: 926_828,
        holder: 166,
        shows: [
            ("pss", 8182),
            ("private", 7940),
            ("shared", 4 + 1300),
            ("rss", 2219),
            ("vsize", 9908),
            ("utime", 320),
            ("stime", 10_911),
            ("cutime", 549),
            ("cstime", 13_164),
            ("starttime", 2255),
            ("ppid", 163),
        ],
        cgroup: "/",
        cpu: [
            ("user", 613),
            ("system", 6404),
            ("idle", 26_629),
            ("softirq", 262),
        ],
        processes: 592,
        cpu_some_us: 9_994_835,
        has_cpu_full: true,
    },
    Kernel {
        name: "aarch64-7.3",
        release: "7.3.4+deb13-arm64",
        mem_total_kib: 913_868,
        holder: 127,
        shows: [
            ("pss", 8185),
            ("private", 7940),
            ("shared", 4 + 1300),
            ("rss", 2220),
            ("vsize", 9916),
            ("utime", 212),
            ("stime", 481),
            ("cutime", 636),
            ("cstime", 343),
            ("starttime", 5097),
            ("ppid", 124),
        ],
        cgroup: "/",
        cpu: [
            ("user", 435),
            ("system", 1922),
            ("idle", 19_282),
            ("softirq", 136),
        ],
        processes: 508,
        cpu_some_us: 7_975_982,
        has_cpu_full: true,
    },
];

/// Holds a tree to the kernel it is of, but for PSS and what older ones have not; returns
/// the sample.
fn as_shown(kernel: &Kernel, tree: &Path) -> Value {
    let (header, sample, identities) = recorded_tree(tree, "exact");
    assert_eq!(header.at("release").text(), kernel.release);
    assert_eq!(header.at("board").text(), "Raspberry Pi 3 Model B");
    numbers(
        &header,
        &[("cores", 4), ("mem_total_kib", kernel.mem_total_kib)],
    );
    numbers(sample.at("cpu"), &kernel.cpu);
    numbers(sample.at("kernel"), &[("processes", kernel.processes)]);
    numbers(sample.process(kernel.holder), &kernel.shows[1..]);
    let own = identity(&identities, kernel.holder);
    assert_eq!(own.at("cgroup").text(), kernel.cgroup);
    assert_eq!(own.at("cmdline").text(), "sh\0/tmp/holder\0");
    sample
}

fn has(group: &Value, key: &str) -> bool {
    group.at(key) != &Value::Null
}

#[test]
fn each_that_was_booted() {
    for kernel in &KERNELS {
        let sample = as_shown(kernel, &capture(kernel.name));
        numbers(sample.process(kernel.holder), &kernel.shows[..1]);
        let pressure = sample.at("pressure");
        numbers(
            pressure,
            &[("cpu_some_us", kernel.cpu_some_us), ("io_full_us", 0)],
        );
        assert_eq!(has(pressure, "cpu_full_us"), kernel.has_cpu_full);
        let zeros = ["oom_kill", "pgsteal", "pgsteal_lru"].map(|key| (key, 0));
        numbers(sample.at("vmstat"), &zeros);
    }
}

/// Copies a tree, of each file only the lines that `keeps` says.
fn less(from: &Path, to: &Path, keeps: &dyn Fn(&str, &str) -> bool) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = {
            let entry = entry.unwrap();
            (entry.path(), entry.file_name().into_string().unwrap())
        };
        if path.is_dir() {
            less(&path, &to.join(name), keeps);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let Ok(text) = std::str::from_utf8(&bytes) else {
            fs::write(to.join(name), bytes).unwrap();
            continue;
        };
        let lines: String = text
            .split_inclusive('\n')
            .filter(|line| keeps(&name, line.split([' ', ':']).next().unwrap_or_default()))
            .collect();
        // A file that loses all its lines is not there.
        if !lines.is_empty() || text.is_empty() {
            fs::write(to.join(name), lines).unwrap();
        }
    }
}

/// Whether Linux 4.14 shows a line. Since when others are there: pressure 4.20, the parts of
/// Pss 5.3, FilePmdMapped 5.4, THPeligible 5.0, KReclaimable 4.20, Percpu 5.0, FileHugePages
/// 5.4, the file and anonymous halves of what is reclaimed 5.8.
fn shown_by_4_14(file: &str, key: &str) -> bool {
    match file {
        "cpu" | "io" | "memory" => false,
        "smaps" | "smaps_rollup" => {
            !key.starts_with("Pss_") && !["FilePmdMapped", "THPeligible"].contains(&key)
        }
        "meminfo" => !["KReclaimable", "Percpu", "FileHugePages", "FilePmdMapped"].contains(&key),
        "vmstat" => !["pgsteal_anon", "pgsteal_file", "pgscan_anon", "pgscan_file"].contains(&key),
        _ => true,
    }
}

/// Whether Linux 4.9 does: smaps_rollup came with 4.14, LazyFree with 4.12, oom_kill with 4.13.
fn shown_by_4_9(file: &str, key: &str) -> bool {
    shown_by_4_14(file, key) && file != "smaps_rollup" && key != "LazyFree" && key != "oom_kill"
}

fn older(keeps: &dyn Fn(&str, &str) -> bool) -> (Folder, PathBuf) {
    let folder = Folder::new();
    let tree = folder.file("root");
    less(&capture(KERNELS[0].name), &tree, keeps);
    (folder, tree)
}

#[test]
fn what_4_14_does_not_have_yet_is_absent_and_nothing_else() {
    let (_folder, tree) = older(&shown_by_4_14);
    let sample = as_shown(&KERNELS[0], &tree);
    numbers(sample.process(111), &[("pss", 8182)]);
    assert!(!has(sample.at("pressure"), "cpu_some_us"));
    let vmstat = sample.at("vmstat");
    numbers(vmstat, &[("oom_kill", 0), ("pgsteal", 0)]);
    assert!(!has(vmstat, "pgsteal_lru"));
}

/// Each mapping's Pss is cut to whole KiB there, and the sum is less.
#[test]
fn what_4_9_does_not_have_yet_is_absent_and_nothing_else() {
    let (_folder, tree) = older(&shown_by_4_9);
    let sample = as_shown(&KERNELS[0], &tree);
    numbers(sample.process(111), &[("pss", 8181)]);
    let vmstat = sample.at("vmstat");
    assert!(!has(vmstat, "oom_kill") && !has(vmstat, "pgsteal_lru"));
    assert!(!has(sample.at("pressure"), "memory_some_us"));
}
