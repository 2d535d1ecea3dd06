//! Recording from captured trees, and reading back what is in their files. All
//! expected numbers were read off the files by eye; see tests/captures/README.md.

use crate::json::Value;
use crate::support::{all_read, capture, of_kind, run, until, Folder};
use std::path::Path;

/// The header and the last sample of a short recording: how many there are is up to
/// the machine, which may be too busy for each deadline.
fn recorded(name: &str, pss: &str) -> (Value, Value, Vec<Value>) {
    recorded_tree(&capture(name), pss)
}

/// Recorded again where the interval was over before all memory had been read.
pub fn recorded_tree(tree: &Path, pss: &str) -> (Value, Value, Vec<Value>) {
    let mut recorded = None;
    until("all memory is read", || {
        let (_, sample, _) = recorded.insert(recorded_once(tree, pss));
        pss == "off" || all_read(sample)
    });
    recorded.unwrap()
}

fn recorded_once(tree: &Path, pss: &str) -> (Value, Value, Vec<Value>) {
    let folder = Folder::new();
    let mut command = folder.record_tree(tree);
    let done = run(command.args(["--duration=200ms", "--output=log.ebl", "--pss", pss]));
    assert_eq!(
        (done.status, done.complaints()),
        (Some(0), vec![]),
        "{}",
        tree.display()
    );
    let records = folder.cat("log.ebl");
    let header = records[0].clone();
    let sample = (*of_kind(&records, "sample").last().unwrap()).clone();
    let identities = of_kind(&records, "identity");
    (header, sample, identities.into_iter().cloned().collect())
}

pub fn numbers(object: &Value, expected: &[(&str, u64)]) {
    for (key, number) in expected {
        assert_eq!(object.at(key).number(), *number, "{key}");
    }
}

fn pids(sample: &Value) -> Vec<u64> {
    let processes = sample.at("processes").items();
    let mut pids: Vec<u64> = processes.iter().map(|p| p.at("pid").number()).collect();
    pids.sort_unstable();
    pids
}

pub fn identity(identities: &[Value], pid: u64) -> &Value {
    let mut of_pid = identities.iter().filter(|i| i.at("pid").number() == pid);
    of_pid.next().unwrap()
}

#[test]
fn x86_64() {
    let (header, sample, identities) = recorded("x86_64-6.18", "exact");
    assert_eq!(header.at("host").text(), "capture");
    numbers(
        &header,
        &[
            ("cores", 2),
            ("mem_total_kib", 24_684_092),
            ("swap_total_kib", 0),
        ],
    );
    let cpu = [
        ("user", 46831),
        ("nice", 0),
        ("system", 7898),
        ("idle", 236_186),
        ("iowait", 1934),
        ("irq", 0),
        ("softirq", 406),
        ("steal", 4126),
    ];
    numbers(sample.at("cpu"), &cpu);
    numbers(
        &sample.at("cores").items()[1],
        &[
            ("user", 25714),
            ("idle", 114_081),
            ("steal", 2101),
            ("online", 1),
        ],
    );
    numbers(
        sample.at("memory"),
        &[
            ("MemFree", 23_644_212),
            ("MemAvailable", 24_261_436),
            ("Buffers", 4828),
        ],
    );
    numbers(
        sample.at("kernel"),
        &[
            ("ctxt", 773_481),
            ("processes", 8027),
            ("procs_running", 2),
            ("load1_centi", 25),
            ("load5_centi", 46),
            ("load15_centi", 38),
            ("entities", 110),
        ],
    );
    assert_eq!(pids(&sample), [2, 23, 8005, 8006, 8007, 8008, 8009, 8010]);

    let sleep = sample.process(8005);
    numbers(
        sleep,
        &[
            ("starttime", 148_175),
            ("rss", 348),
            ("pss", 243),
            ("private", 96),
            ("shared", 1392),
            ("pss_age", 0),
            ("num_threads", 1),
            ("vsize", 2500),
            ("majflt", 1),
            ("ppid", 7964),
            ("utime", 0),
        ],
    );
    let own = identity(&identities, 8005);
    assert_eq!(own.at("cmdline").text(), "/bin/sleep\x00100000\0");
    assert_eq!(own.at("cgroup").text(), "/session/1");

    let odd = sample.process(8007);
    assert_eq!(odd.at("comm").text(), "a) R 1 (b\n\u{fffd}");
    assert_eq!(odd.at("comm_hex").text(), "6129205220312028620aff");
    numbers(
        odd,
        &[("pss", 381), ("private", 116 + 116), ("shared", 1516)],
    );

    let threads = sample.process(8009);
    numbers(threads, &[("num_threads", 17), ("rss", 162), ("pss", 828)]);

    let worker = sample.process(23);
    assert_eq!(worker.at("comm").text(), "kworker/1:0-mm_percpu_wq");
    assert_eq!(worker.at("flags").items()[0].text(), "kernel_thread");
    assert_eq!(worker.at("pss"), &Value::Null);
    numbers(worker, &[("stime", 55), ("ppid", 2)]);

    let zombie = sample.process(8008);
    assert_eq!(zombie.at("pss"), &Value::Null);
    assert_eq!(zombie.at("flags").items(), []);
    numbers(zombie, &[("ppid", 8006), ("rss", 0)]);
}

#[test]
fn aarch64() {
    let (header, sample, identities) = recorded("aarch64-raspi3b", "exact");
    assert_eq!(header.at("board").text(), "Raspberry Pi 3 Model B");
    assert_eq!(header.at("release").text(), "6.1.0-56-arm64");
    numbers(&header, &[("cores", 4), ("mem_total_kib", 936_104)]);
    numbers(
        sample.at("cpu"),
        &[
            ("user", 99),
            ("system", 384),
            ("idle", 2287),
            ("softirq", 7),
        ],
    );
    let cores = sample.at("cores").items();
    assert_eq!(cores.len(), 4);
    numbers(
        &cores[3],
        &[("user", 5), ("system", 77), ("idle", 610), ("online", 1)],
    );
    numbers(
        sample.at("memory"),
        &[
            ("MemFree", 900_560),
            ("MemAvailable", 871_136),
            ("SReclaimable", 8732),
        ],
    );
    assert_eq!(pids(&sample), [1, 2, 110, 117, 118, 119, 121]);
    numbers(
        sample.process(1),
        &[
            ("utime", 6),
            ("stime", 193),
            ("cutime", 5),
            ("cstime", 34),
            ("starttime", 7),
            ("rss", 327),
            ("pss", 292),
            ("private", 68),
            ("shared", 1368),
        ],
    );
    numbers(sample.process(117), &[("rss", 1), ("pss", 223)]);
    let core = identity(&identities, 117);
    assert_eq!(core.at("cgroup").text(), "/edge.slice/edge-core.service");
    assert_eq!(sample.process(121).at("pss"), &Value::Null);
}

#[test]
fn an_old_kernel_without_smaps_rollup_schedstat_and_pressure() {
    let (header, sample, identities) = recorded("handmade-4.9", "exact");
    numbers(&header, &[("mem_total_kib", 948_012)]);
    numbers(
        sample.at("cpu"),
        &[
            ("user", 4000),
            ("nice", 20),
            ("system", 1500),
            ("idle", 94_000),
            ("iowait", 300),
        ],
    );
    let core = sample.process(812);
    // The sums over the blocks of smaps, by awk.
    numbers(
        core,
        &[
            ("pss", 517),
            ("private", 84 + 40 + 2048),
            ("shared", 1060),
            ("swap", 16),
            ("swap_pss", 12),
            ("utime", 250),
            ("stime", 130),
            ("majflt", 7),
            ("num_threads", 5),
            ("starttime", 1800),
            ("rss", 296),
            ("vsize", 4292),
            // Negative in the file.
            ("cutime", 0),
            ("cstime", 0),
        ],
    );
    let own = identity(&identities, 812);
    assert_eq!(
        own.at("cmdline").text(),
        "/opt/edge/edge-core\0--config\0/etc/edge core.conf\0"
    );
    assert_eq!(own.at("cgroup").text(), "/system.slice/edge-core.service");
}

#[test]
fn without_pss_the_rest_is_the_same() {
    for name in ["x86_64-6.18", "aarch64-raspi3b", "handmade-4.9"] {
        let (header, exact, _) = recorded(name, "exact");
        assert_eq!(header.at("pss").text(), "exact");
        let (header, off, _) = recorded(name, "off");
        assert_eq!(header.at("pss").text(), "off");
        assert_eq!(pids(&exact), pids(&off), "{name}");
        for pid in pids(&off) {
            let (exact, off) = (exact.process(pid), off.process(pid));
            assert_eq!(off.at("pss"), &Value::Null, "{name} {pid}");
            for key in ["comm", "rss", "utime", "stime", "starttime", "ppid"] {
                assert_eq!(off.at(key), exact.at(key), "{name} {pid} {key}");
            }
        }
    }
}
