use super::super::MemoryFigures;
use super::*;
use crate::products::{profile, Kind};

fn process(pid: u32, comm: &str, cmdline: &str, pss: u64) -> Process {
    Process {
        pid,
        ppid: 1,
        starttime: 1,
        kernel_thread: false,
        comm: comm.as_bytes().to_vec(),
        cmdline: cmdline.as_bytes().to_vec(),
        cgroup: Vec::new(),
        vsize_kib: 1000,
        stat_rss_kib: 0,
        cpu_ticks: 0,
        memory: ProcessMemory::Known(MemoryFigures {
            pss,
            shared: 1,
            rss: pss + 1,
            swap_pss: 2,
            hugetlb: 3,
            estimated: false,
        }),
    }
}

fn named(rows: &[ProcessRow], label: &str) -> ProcessRow {
    let mut found = rows.iter().filter(|row| row.label == label.as_bytes());
    found.next().unwrap().clone()
}

#[test]
fn instances_are_summed_and_missing_ones_are_absent() {
    let keys = profile("izuma").unwrap().keys();
    let mut denied = process(30, "kubelet", "", 0);
    denied.memory = ProcessMemory::Denied;
    let mut zombie = process(31, "coredns", "", 0);
    zombie.memory = ProcessMemory::None;
    let mut half = process(33, "dockerd", "", 0);
    half.memory = ProcessMemory::Denied;
    let processes = [
        process(20, "edge-core", "", 100),
        process(10, "edge-core", "", 50),
        denied,
        zombie,
        process(32, "dockerd", "", 500),
        half,
        process(40, "bash", "vi\0notes\0", 7),
    ];
    let assigned = assign(&processes, &keys, None);
    assert_eq!(assigned[6], None);
    let rows = rows(&processes, &keys, &assigned);
    let core = named(&rows, "edge-core");
    assert_eq!(core.pids, [10, 20]);
    assert_eq!(
        (core.pss, core.shared, core.rss, core.virt),
        (150, 2, 152, 2000)
    );
    assert_eq!((core.swap_pss, core.state()), (4, State::Known));
    assert_eq!(core.hugetlb, 6);
    assert_eq!(named(&rows, "edge-kubelet").state(), State::Unreadable);
    // Of a zombie there is nothing but a name.
    assert_eq!(named(&rows, "coredns").state(), State::Absent);
    let docker = named(&rows, "docker");
    assert_eq!(
        (docker.state(), docker.pss, docker.is_whole()),
        (State::Known, 500, false)
    );
    assert_eq!(named(&rows, "parsec").state(), State::Absent);
    assert_eq!(total_pss(&rows), (650, false));
}

#[test]
fn no_process_counts_twice() {
    let key = |label, pattern| Key::given(Kind::Pattern, label, pattern);
    let keys = [key("a", "x"), key("b", "xy"), key("c", "z")];
    let processes = [
        process(1, "xy", "xy\0x\0", 10),
        process(2, "z", "z\0xy\0", 20),
        process(3, "q", "q\0/srv/x\0", 40),
        process(4, "q", "q\0xyz\0", 80),
    ];
    // A name goes before an argument, whoever's it is.
    let assigned = assign(&processes, &keys, None);
    assert_eq!(assigned, [Some(1), Some(2), Some(0), None]);
    let found = rows(&processes, &keys, &assigned);
    assert_eq!((found[0].pss, found[1].pss, found[2].pss), (40, 10, 20));
}

#[test]
fn this_program_and_its_callers_are_not_meant() {
    let key = |label, pattern| Key::given(Kind::Pattern, label, pattern);
    let keys = [key("a", "needle"), key("sh", "bash")];
    let run = "edgebench-lite\0footprint\0--key\0a=needle\0";
    let mut sudo = process(3, "sudo", &format!("sudo\0{run}"), 1);
    sudo.ppid = 2;
    let mut own = process(4, "edgebench-lite", run, 1);
    own.ppid = 3;
    let processes = [
        process(1, "init", "", 1),
        process(2, "bash", "bash\0-c\0needle\0", 1),
        sudo,
        own,
        process(5, "other", "needle\0", 1),
    ];
    let assigned = assign(&processes, &keys, Some(4));
    assert_eq!(assigned, [None, Some(1), None, None, Some(0)]);
    // A process that is its own ancestor, as a hostile tree may have it.
    let mut circle = process(4, "x", run, 1);
    circle.ppid = 4;
    assert_eq!(assign(&[circle], &keys, Some(4)), [None]);
}

#[test]
fn kernel_threads_are_no_key_processes() {
    let mut thread = process(9, "k0s", "", 0);
    thread.kernel_thread = true;
    assert!(running(std::slice::from_ref(&thread), None).is_empty());
    assert_eq!(
        assign(&[thread], &profile("k0s").unwrap().keys(), None),
        [None]
    );
}

#[test]
fn products_that_run() {
    let names = |processes: &[Process]| -> Vec<_> {
        running(processes, None).iter().map(|p| p.name).collect()
    };
    assert!(names(&[process(1, "containerd", "", 1)]).is_empty());
    let both = [
        process(1, "k3s-server", "", 1),
        process(2, "edge-proxy", "", 1),
    ];
    assert_eq!(names(&both), ["izuma", "k3s"]);
}

#[test]
fn the_largest_by_name() {
    let mut processes: Vec<_> = (1..=12)
        .map(|pid| process(pid, &format!("p{pid}"), "", u64::from(pid)))
        .collect();
    processes.push(process(20, "p1", "", 100));
    let mut denied = process(21, "secret", "", 0);
    denied.memory = ProcessMemory::Denied;
    processes.push(denied);
    let moment = Snapshot {
        processes,
        ..Snapshot::default()
    };
    let rows = largest(&moment);
    assert_eq!(rows.len(), LARGEST);
    assert_eq!((&rows[0].label[..], rows[0].pss), (&b"p1"[..], 101));
    assert_eq!(rows[0].pids, [1, 20]);
    assert_eq!(rows[9].label, b"p4");
}
