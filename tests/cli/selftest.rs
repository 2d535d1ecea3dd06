//! `selftest`: the verdicts on captures, worked out from their files by hand, on
//! made-up trees for what no capture has, and on this machine.

use crate::support::{binary_for_all, can, can_be_nobody, capture, made_up, run, Done, Folder};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

fn of_tree(tree: &Path) -> Done {
    let folder = Folder::new();
    let mut command = folder.edgebench(["--proc-root"]);
    run(command.arg(tree).arg("selftest"))
}

/// Verdict and text of the line with that name.
fn line<'d>(done: &'d Done, name: &str) -> (&'d str, &'d str) {
    let of_name = |line: &&str| line.get(8..).is_some_and(|rest| rest.starts_with(name));
    let mut lines = done.out.lines().filter(of_name);
    let line = lines
        .next()
        .unwrap_or_else(|| panic!("{name}: {}", done.out));
    (line[2..6].trim_end(), line[25..].trim_start())
}

fn lines(done: &Done, expected: &[(&str, &str, &str)]) {
    for (verdict, name, text) in expected {
        assert_eq!(line(done, name), (*verdict, *text), "{name}");
    }
}

const UNSEEN: &str =
    "\nNeeds the machine itself: whole machine, own PSS, ended processes, page size, open files, time \
     since boot, clock, log here, /dev/mem, kernel's log, serial port, roll-back, SYS_PTRACE, \
     DAC_READ_SEARCH, NET_ADMIN, NET_RAW, SYS_ADMIN, \
     SYS_BOOT, IPC_LOCK, SYS_RESOURCE.\n\nCPU, memory and PSS of all processes can be recorded here.\n";

#[test]
fn x86_64() {
    let done = of_tree(&capture("x86_64-6.18"));
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    assert!(done.out.starts_with("Linux 6.18.44, a captured tree\n\n"));
    assert!(done.out.ends_with(UNSEEN), "{}", done.out);
    lines(
        &done,
        &[
            ("ok", "CPU", "2 cores online"),
            ("ok", "memory", "24105 MiB, no swap"),
            ("ok", "processes", "6, and 2 kernel threads"),
            ("ok", "hidepid", "off: /proc shows every user's processes"),
            // 8008 is a zombie.
            ("ok", "PSS of all", "5 of 5 processes"),
            ("ok", "smaps_rollup", "available"),
            ("ok", "PSS is right", "no known fault in Linux 6.18.44"),
            ("ok", "schedstat", "available; idle processes are skipped"),
            (
                "ok",
                "PSI",
                "/proc/pressure: waits for CPU, memory and disk",
            ),
            ("ok", "cgroups", "v1 and v2 side by side"),
            (
                "ok",
                "vmstat",
                "pages reclaimed, swapped and moved; OOM kills",
            ),
            ("ok", "disks", "vda"),
            ("ok", "network", "lo, ifb0, ifb1, eth0"),
            ("no", "temperature", "this kernel shows no thermal zone"),
            ("no", "cpufreq", "this kernel shows no core clocks"),
            ("no", "board", "not named by a device tree"),
        ],
    );
}

#[test]
fn raspberry_pi_with_a_kernel_that_under_reports() {
    let done = of_tree(&capture("aarch64-raspi3b"));
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    assert!(done.out.ends_with(UNSEEN), "{}", done.out);
    lines(
        &done,
        &[
            ("ok", "CPU", "4 cores online"),
            ("ok", "memory", "914 MiB, no swap"),
            ("ok", "processes", "5, and 2 kernel threads"),
            ("ok", "PSS of all", "4 of 4 processes"),
            (
                "part",
                "PSS is right",
                "Linux 6.1.0-56-arm64 may under-report a process whose threads map memory: \
                 fixed in 6.6.34, 6.9.5 and 6.10",
            ),
            ("ok", "memory cgroup", "on"),
            ("ok", "cgroups", "v2"),
            ("part", "disks", "none used since boot"),
            ("ok", "network", "lo"),
            (
                "ok",
                "temperature",
                "25.2 C, from /sys/class/thermal/thermal_zone0/temp",
            ),
            ("ok", "board", "Raspberry Pi 3 Model B"),
        ],
    );
}

#[test]
fn an_old_kernel_with_most_of_it_switched_off() {
    let done = of_tree(&capture("handmade-4.9"));
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    lines(
        &done,
        &[
            ("ok", "processes", "2, and 1 kernel thread"),
            (
                "part",
                "hidepid",
                "invisible: users other than root cannot see each other's processes",
            ),
            ("ok", "PSS of all", "2 of 2 processes"),
            (
                "part",
                "smaps_rollup",
                "missing (added in Linux 4.14): smaps is read instead, at more CPU time",
            ),
            (
                "part",
                "schedstat",
                "missing, so the stat of every process is read in each sample, at more CPU \
                 time: needs a kernel with CONFIG_SCHED_INFO",
            ),
            (
                "no",
                "PSI",
                "no /proc/pressure: boot with psi=1; else a kernel since 4.20 with CONFIG_PSI",
            ),
            (
                "no",
                "memory cgroup",
                "switched off: boot with cgroup_enable=memory cgroup_memory=1 (k3s needs it)",
            ),
            ("ok", "cgroups", "v1"),
            ("part", "vmstat", "this kernel does not count: oom_kill"),
            ("ok", "disks", "mmcblk0"),
            (
                "ok",
                "temperature",
                "61.2 C, from /sys/class/thermal/thermal_zone0/temp",
            ),
            (
                "ok",
                "cpufreq",
                "requested: 1200 MHz; firmware throttling does not show here",
            ),
            (
                "ok",
                "throttling",
                "/sys/devices/platform/soc/soc:firmware/get_throttled is available (not read)",
            ),
        ],
    );
}

/// The first reader of get_throttled has the kernel warn in its log.
#[test]
fn the_throttling_file_is_not_read() {
    let folder = Folder::new();
    let tree = made_up(&folder, 1, 10);
    // Whoever opened it to read would never come back from read(2), or change it.
    folder.write(
        "root/sys/devices/platform/soc/soc:firmware/get_throttled",
        "",
    );
    let file = tree.join("sys/devices/platform/soc/soc:firmware/get_throttled");
    let log = folder.file("trace");
    let log = log.to_str().unwrap();
    if !can(&["strace", "-o", log, "true"]) {
        return;
    }
    let mut command = Command::new("strace");
    command.args(["-o", log, "-y", "-e", "trace=read,pread64"]);
    command.arg(crate::support::BINARY).arg("--proc-root");
    let done = run(command.arg(&tree).arg("selftest"));
    assert_eq!(line(&done, "throttling").0, "ok");
    let trace = std::fs::read_to_string(log).unwrap();
    assert!(trace.contains("meminfo"), "{trace}");
    assert!(!trace.contains(file.to_str().unwrap()), "{trace}");
}

#[test]
fn what_no_capture_has() {
    let folder = Folder::new();
    let tree = made_up(&folder, 1, 10);
    folder.write("root/proc/1/comm", "systemd\n");
    folder.write("root/proc/1/schedstat", "0 0 0\n");
    folder.write("root/proc/sys/kernel/osrelease", "6.6.31+rpt-rpi-v8\n");
    folder.write(
        "root/proc/device-tree/soc/timer@7e003000/compatible",
        "brcm,bcm2835-system-timer\0",
    );
    // Of a Raspberry Pi 3: 0x7e003000 on the bus is 0x3f003000 to the CPU.
    for (name, cells) in [
        ("#address-cells", &[1_u32][..]),
        ("#size-cells", &[1]),
        ("soc/#address-cells", &[1]),
        ("soc/ranges", &[0x7e00_0000, 0x3f00_0000, 0x0100_0000]),
        ("soc/timer@7e003000/reg", &[0x7e00_3000, 0x1000]),
    ] {
        let bytes: Vec<u8> = cells.iter().flat_map(|cell| cell.to_be_bytes()).collect();
        folder.write(&format!("root/proc/device-tree/{name}"), bytes);
    }
    folder.write("root/sys/class/hwmon/hwmon1/name", "rpi_volt\n");
    folder.write("root/sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n");
    folder.write("root/sys/class/rtc/rtc0/name", "rpi-rtc\n");
    folder.write("root/sys/class/tty/console/active", "tty0 ttyAMA10\n");
    let stat = "7 (agetty) S 1 7 7 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 900 1048576 300 \
                18446744073709551615 4194304 0 0 0 0\n";
    folder.write("root/proc/7/stat", stat);
    let unit = "0::/system.slice/system-serial\\x2dgetty.slice/serial-getty@ttyAMA10.service\n";
    folder.write("root/proc/7/cgroup", unit);
    let rollup = std::fs::read(tree.join("proc/1/smaps_rollup")).unwrap();
    folder.write("root/proc/7/smaps_rollup", rollup);
    let done = of_tree(&tree);
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    lines(
        &done,
        &[
            ("ok", "PSS of all", "2 of 2 processes"),
            (
                "part",
                "PSS is right",
                "Linux 6.6.31+rpt-rpi-v8 may under-report a process whose threads map \
                 memory: fixed in 6.6.34, 6.9.5 and 6.10",
            ),
            (
                "part",
                "schedstat",
                "shows 0 0 0, so the stat of every process is read in each sample, at more CPU \
                 time: boot with delayacct",
            ),
            (
                "part",
                "throttling",
                "low voltage only (rpi_volt): the Raspberry Pi's own kernels show more",
            ),
            ("ok", "RTC", "rtc0"),
            (
                "ok",
                "system timer",
                "boot: the Raspberry Pi's, at 0x3f003000",
            ),
            ("ok", "systemd", "boot: its timestamps of the start"),
            (
                "ok",
                "login prompt",
                "boot: agetty on ttyAMA10; the console is tty0 ttyAMA10",
            ),
        ],
    );
}

#[test]
fn what_is_needed_and_missing_is_named() {
    for (missing, name, text) in [
        ("proc/stat", "CPU", "/proc/stat: No such file or directory"),
        (
            "proc/meminfo",
            "memory",
            "/proc/meminfo: No such file or directory",
        ),
        (
            "proc/1/smaps_rollup",
            "PSS of all",
            "none: a kernel with CONFIG_PROC_PAGE_MONITOR has smaps_rollup and smaps",
        ),
    ] {
        let folder = Folder::new();
        let tree = made_up(&folder, 1, 10);
        std::fs::remove_file(tree.join(missing)).unwrap();
        let done = of_tree(&tree);
        assert_eq!((done.status, done.err.as_str()), (Some(1), ""), "{missing}");
        assert_eq!(line(&done, name), ("no", text));
        let end = format!("CPU, memory and PSS cannot all be recorded here: see {name}.\n");
        assert!(done.out.ends_with(&end), "{}", done.out);
    }
    let done = of_tree(Path::new("/nowhere"));
    assert_eq!((done.status, done.out.as_str()), (Some(2), ""));
    let why = "edgebench-lite: cannot open /nowhere/proc: No such file or directory\n";
    assert_eq!(done.err, why);
}

#[test]
fn a_proc_of_processes_only() {
    let folder = Folder::new();
    let tree = made_up(&folder, 1, 10);
    for name in ["proc/stat", "proc/meminfo"] {
        std::fs::remove_file(tree.join(name)).unwrap();
    }
    std::fs::create_dir_all(tree.join("proc/self")).unwrap();
    let mounts = "proc /proc proc ro,nosuid,subset=pid 0 0\n";
    std::fs::write(tree.join("proc/self/mounts"), mounts).unwrap();
    let why = "/proc is mounted with subset=pid, and shows processes only: mount it without that \
               (systemd: ProcSubset=all)";
    let done = of_tree(&tree);
    assert_eq!(done.status, Some(1));
    assert_eq!(line(&done, "CPU"), ("no", &*format!("/proc/stat: {why}")));
    assert_eq!(
        line(&done, "memory"),
        ("no", &*format!("/proc/meminfo: {why}"))
    );
    let record = run(&mut folder.record_tree(&tree));
    let root = tree.to_str().unwrap();
    let footprint = run(&mut folder.edgebench(["--proc-root", root, "footprint"]));
    for (done, file) in [(record, "proc/stat"), (footprint, "proc/meminfo")] {
        assert_eq!(done.status, Some(2));
        let message = format!("cannot read {}: {why}\n", tree.join(file).display());
        assert!(done.err.ends_with(&message), "{}", done.err);
    }
}

/// Both lack memory in use, and the remedy is named.
#[test]
fn memory_that_is_not_observable() {
    for (text, expected) in [
        ("MemTotal: 9000 kB\nMemFree: 500 kB\n", "needs Linux 3.14"),
        (
            "MemTotal: 9000 kB\nMemFree: 500 kB\nMemAvailable: 9001 kB\n",
            "record on the host, or with an lxcfs that shows both of the container",
        ),
    ] {
        let folder = Folder::new();
        let tree = made_up(&folder, 1, 10);
        std::fs::write(tree.join("proc/meminfo"), text).unwrap();
        let done = of_tree(&tree);
        assert_eq!(done.status, Some(1), "{done:?}");
        let (verdict, said) = line(&done, "memory");
        assert_eq!(verdict, "no");
        assert!(said.ends_with(expected), "{said}");
    }
}

#[test]
fn names_that_others_chose_do_nothing_to_a_terminal() {
    let folder = Folder::new();
    let tree = made_up(&folder, 1, 10);
    folder.write("root/proc/device-tree/model", "\x1b[2Jboard\0");
    folder.write("root/proc/sys/kernel/osrelease", "6\x07\n");
    let done = of_tree(&tree);
    assert_eq!(line(&done, "board"), ("ok", "\\x1b[2Jboard"));
    assert!(done.out.starts_with("Linux 6\\x07, "), "{}", done.out);
}

#[test]
fn this_machine() {
    let folder = Folder::new();
    let done = run(&mut folder.edgebench(["selftest"]));
    assert_eq!(done.err, "");
    assert_eq!(line(&done, "own PSS").0, "ok");
    let (verdict, text) = line(&done, "page size");
    assert!(verdict == "ok" && text.ends_with(" KiB"), "{text}");
    let here = folder.path().to_str().unwrap();
    assert!(line(&done, "log here").1.starts_with(here), "{}", done.out);
    assert!(!done.out.contains("Needs the machine itself"));
    // A cgroup may hold it here.
    match line(&done, "roll-back") {
        ("ok", text) => assert_eq!(
            text,
            "survive ip-change: by a process that no cgroup takes with it"
        ),
        (_, text) => assert!(
            text.starts_with("survive ip-change: cannot leave the cgroup /"),
            "{text}"
        ),
    }
    // Whether it is all there depends on the machine, and the last line must agree.
    let all = "CPU, memory and PSS of all processes can be recorded here.\n";
    let status = if done.out.ends_with(all) { 0 } else { 1 };
    assert_eq!(done.status, Some(status), "{}", done.out);
}

#[test]
fn a_user_without_privileges_is_told_to_be_root() {
    if !can_be_nobody() {
        return;
    }
    let folder = Folder::new();
    let mut command = Command::new(binary_for_all(&folder));
    command.arg("selftest").current_dir(folder.path());
    let done = run(command.uid(65534).gid(65534));
    assert_eq!((done.status, done.err.as_str()), (Some(1), ""));
    let (verdict, text) = line(&done, "PSS of all");
    assert_eq!(verdict, "no");
    assert!(
        text.ends_with(": run as root, or with CAP_SYS_PTRACE"),
        "{text}"
    );
    assert_eq!(line(&done, "own PSS").0, "ok");
    let ptrace = ("no", "record, footprint: other users' memory; run as root");
    assert_eq!(line(&done, "SYS_PTRACE"), ptrace);
    assert!(done.out.ends_with("see PSS of all.\n"), "{}", done.out);
}

/// A container, and /proc mounted with `hidepid` in it.
#[test]
fn what_a_container_hides() {
    let folder = Folder::new();
    let nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";
    let mount = format!("mount -t proc -o hidepid=2 none /proc && {nobody}");
    let probe = format!("{mount} true");
    if !can(&["unshare", "-mpf", "sh", "-c", &probe]) {
        return;
    }
    let mut command = Command::new("unshare");
    let script = format!("{mount} \"$0\" selftest; exit $?");
    command.args(["-mpf", "sh", "-c", &script]);
    command.arg(binary_for_all(&folder));
    let done = run(command.current_dir(folder.path()));
    assert_eq!((done.status, done.err.as_str()), (Some(1), ""));
    let (verdict, text) = line(&done, "whole machine");
    assert_eq!(verdict, "no");
    assert!(text.starts_with("a PID namespace, such as a container's; process 1 cannot be seen"));
    let hidden = "invisible: run as root, or with CAP_SYS_PTRACE, or mount -o \
                  remount,hidepid=0 /proc";
    assert_eq!(line(&done, "hidepid"), ("no", hidden));
    let (verdict, text) = line(&done, "processes");
    assert_eq!(verdict, "no");
    assert!(
        text.starts_with("1; those of other users are hidden"),
        "{text}"
    );
    let end = "be recorded here: see processes, whole machine.\n";
    assert!(done.out.ends_with(end), "{}", done.out);
}

/// The unit, the init script, or nothing that goes on with a benchmark after a restart.
#[test]
fn what_resumes_a_benchmark() {
    let folder = Folder::new();
    let tree = made_up(&folder, 1, 1);
    let hand = "bench --resume is run by hand";
    let resumption = |expected: (&str, &str)| {
        let done = of_tree(&tree);
        let text = done.out.replace("\n                         ", " ");
        let done = Done { out: text, ..done };
        assert_eq!(line(&done, "resumption"), expected);
    };
    let script = format!("/etc/init.d/edgebench-lite is not installed: {hand}");
    resumption(("no", &script));
    std::fs::create_dir_all(tree.join("etc/init.d")).unwrap();
    std::fs::write(tree.join("etc/init.d/S99edgebench-lite"), "").unwrap();
    resumption(("ok", "bench: after a restart, by the init script"));
    std::fs::create_dir_all(tree.join("run/systemd/system")).unwrap();
    let unit = format!("edgebench-lite-bench.service is not installed: {hand}");
    resumption(("no", &unit));
    std::fs::create_dir_all(tree.join("etc/systemd/system")).unwrap();
    let unit = "edgebench-lite-bench.service";
    std::fs::write(tree.join("etc/systemd/system").join(unit), "").unwrap();
    resumption(("ok", &format!("bench: after a restart, by {unit}")));
}
