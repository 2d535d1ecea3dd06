//! What the machine is short of, and how its board fares.

use crate::tree::{Recording, Seen, Tree};
use edgebench_lite::log::fields::board::{self, feature};
use edgebench_lite::log::fields::{core, cpu, kernel, pressure, storage, vmstat, NOT_OBSERVABLE};
use edgebench_lite::log::record::PssMode;
use std::fs;
use std::path::Path;

fn seen(tree: &Tree) -> Seen {
    Recording::of(tree, PssMode::Exact).next()
}

fn group(seen: &Seen, id: usize, count: usize) -> Vec<Option<u64>> {
    (0..count).map(|field| seen.value(id, field)).collect()
}

fn stall(some: u64, full: u64) -> String {
    format!(
        "some avg10=1.00 avg60=2.00 avg300=3.00 total={some}\n\
         full avg10=4.00 avg60=5.00 avg300=6.00 total={full}\n"
    )
}

#[test]
fn vmstat_and_pressure_land_in_their_fields() {
    let tree = Tree::new();
    tree.write(
        "proc/vmstat",
        "nr_free_pages 1\npgpgin 11\npgpgout 12\npswpin 13\npswpout 14\npgfault 2\n\
         pgmajfault 15\npgsteal_kswapd 100\npgsteal_direct 20\npgsteal_anon 200\n\
         pgsteal_file 30\noom_kill 16\npgmigrate_success 17\nthp_split_page 3\n",
    );
    tree.write("proc/pressure/cpu", stall(21, 22));
    tree.write("proc/pressure/memory", stall(23, 24));
    tree.write("proc/pressure/io", stall(25, 26));
    let seen = seen(&tree);
    for (field, expected) in [
        (vmstat::PGPGIN, 11),
        (vmstat::PGPGOUT, 12),
        (vmstat::PSWPIN, 13),
        (vmstat::PSWPOUT, 14),
        (vmstat::PGMAJFAULT, 15),
        (vmstat::PGSTEAL, 120),
        (vmstat::PGSTEAL_LRU, 230),
        (vmstat::OOM_KILL, 16),
        (vmstat::PGMIGRATE_SUCCESS, 17),
    ] {
        let name = vmstat::NAMES[field];
        assert_eq!(seen.value(vmstat::ID, field), Some(expected), "{name}");
    }
    for (field, expected) in [
        (pressure::CPU_SOME_US, 21),
        (pressure::CPU_FULL_US, 22),
        (pressure::MEMORY_SOME_US, 23),
        (pressure::MEMORY_FULL_US, 24),
        (pressure::IO_SOME_US, 25),
        (pressure::IO_FULL_US, 26),
    ] {
        let name = pressure::NAMES[field];
        assert_eq!(seen.value(pressure::ID, field), Some(expected), "{name}");
    }
    assert_eq!(seen.value(board::ID, board::PSI), Some(feature::ON));
}

/// The file grows in front of what is needed, and behind it.
#[test]
fn vmstat_that_grows_is_read_to_what_is_needed() {
    let tree = Tree::new();
    let mut recording = Recording::of(&tree, PssMode::Exact);
    let text = |n: u64, filler: usize| {
        let filler = "nr_a 1234567890\n".repeat(filler);
        format!("{filler}pgpgin {n}\npgsteal_direct {n}\npgmigrate_success {n}\n{filler}")
    };
    tree.write("proc/vmstat", text(1, 1));
    let mut recording_of = |text: String| {
        tree.write("proc/vmstat", text);
        let seen = recording.next();
        (
            seen.value(vmstat::ID, vmstat::PGPGIN),
            seen.value(vmstat::ID, vmstat::PGMIGRATE_SUCCESS),
        )
    };
    // The sampler above was made before there was a file.
    assert_eq!(recording_of(text(1, 1)), (None, None));

    let mut recording = Recording::of(&tree, PssMode::Exact);
    for (n, filler) in [(1, 1), (9, 1), (u64::MAX - 1, 1), (7, 300), (8, 2), (3, 0)] {
        tree.write("proc/vmstat", text(n, filler));
        let seen = recording.next();
        let found = seen.value(vmstat::ID, vmstat::PGMIGRATE_SUCCESS);
        assert_eq!(found, Some(n), "{filler}");
    }
    // One of the lines that were needed is not there any more.
    tree.write("proc/vmstat", "pgpgin 5\nnr_a 1\n");
    let seen = recording.next();
    assert_eq!(seen.value(vmstat::ID, vmstat::PGPGIN), Some(5));
    assert_eq!(seen.value(vmstat::ID, vmstat::PGMIGRATE_SUCCESS), None);
}

#[test]
fn without_psi_vmstat_and_sensors_nothing_of_them_is_0() {
    let seen = seen(&Tree::new());
    assert_eq!(
        group(&seen, vmstat::ID, vmstat::COUNT),
        [None; vmstat::COUNT]
    );
    assert_eq!(
        group(&seen, pressure::ID, pressure::COUNT),
        [None; pressure::COUNT]
    );
    for field in [board::TEMP_MC, board::THROTTLED, board::UNDERVOLTAGE] {
        assert_eq!(
            seen.value(board::ID, field),
            None,
            "{}",
            board::NAMES[field]
        );
    }
    assert_eq!(seen.value(board::ID, board::PSI), Some(feature::ABSENT));
    let memory = seen.value(board::ID, board::MEMORY_CGROUP);
    assert_eq!(memory, Some(feature::ABSENT));
    assert_eq!(seen.machine.cores()[0][core::REQUESTED_KHZ], NOT_OBSERVABLE);
}

/// A file that can be opened and not be read: here a directory stands for it.
#[test]
fn psi_that_is_switched_off() {
    let tree = Tree::new();
    for name in ["cpu", "memory", "io"] {
        fs::create_dir_all(tree.path().join("proc/pressure").join(name)).unwrap();
    }
    let mut recording = Recording::of(&tree, PssMode::Exact);
    let seen = recording.next();
    assert_eq!(seen.value(board::ID, board::PSI), Some(feature::OFF));
    assert_eq!(
        group(&seen, pressure::ID, pressure::COUNT),
        [None; pressure::COUNT]
    );
    // It is not tried again.
    tree.remove("proc/pressure");
    tree.write("proc/pressure/cpu", stall(1, 2));
    let seen = recording.next();
    assert_eq!(seen.value(pressure::ID, pressure::CPU_SOME_US), None);
}

#[test]
fn cpu_pressure_before_5_13_has_no_full_line() {
    let tree = Tree::new();
    let some = "some avg10=0.00 avg60=0.00 avg300=0.00 total=9\n";
    tree.write("proc/pressure/cpu", some);
    let seen = seen(&tree);
    assert_eq!(seen.value(pressure::ID, pressure::CPU_SOME_US), Some(9));
    assert_eq!(seen.value(pressure::ID, pressure::CPU_FULL_US), None);
    assert_eq!(seen.value(pressure::ID, pressure::IO_SOME_US), None);
    assert_eq!(seen.value(board::ID, board::PSI), Some(feature::ON));
}

#[test]
fn optional_files_that_fail_later_do_not_end_the_recording() {
    let tree = Tree::new();
    tree.write("proc/vmstat", "pgpgin 5\npgsteal_direct 1\n");
    tree.write("proc/pressure/io", stall(1, 2));
    tree.write("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n");
    tree.write("sys/class/thermal/thermal_zone0/temp", "40000\n");
    let mut recording = Recording::of(&tree, PssMode::Exact);
    recording.next();
    for name in [
        "proc/vmstat",
        "proc/pressure/io",
        "proc/loadavg",
        "sys/class/thermal/thermal_zone0/temp",
    ] {
        tree.write(name, "pgpgin x\nsome y");
    }
    let mut seen = recording.next();
    assert_eq!(seen.value(vmstat::ID, vmstat::PGPGIN), None);
    assert_eq!(seen.value(pressure::ID, pressure::IO_SOME_US), None);
    assert_eq!(seen.value(kernel::ID, kernel::LOAD1_CENTI), None);
    assert_eq!(seen.value(board::ID, board::TEMP_MC), Some(40000));
    for _ in 0..9 {
        seen = recording.next();
    }
    assert_eq!(seen.value(board::ID, board::TEMP_MC), None);
    assert_eq!(seen.value(cpu::ID, cpu::USER), Some(10));
}

const FIRMWARE: &str = "sys/devices/platform/soc/soc:firmware/get_throttled";

#[test]
fn a_raspberry_pi_that_was_throttled() {
    let tree = Tree::new();
    // In the order of the kernel of a Pi 4: the processor's is not always the first.
    tree.write("sys/class/thermal/thermal_zone0/type", "gpu-thermal\n");
    tree.write("sys/class/thermal/thermal_zone0/temp", "1\n");
    tree.write("sys/class/thermal/thermal_zone1/type", "cpu-thermal\n");
    tree.write("sys/class/thermal/thermal_zone1/temp", "81234\n");
    tree.write(FIRMWARE, "50005\n");
    tree.write("sys/class/hwmon/hwmon0/name", "cpu_thermal\n");
    tree.write("sys/class/hwmon/hwmon1/name", "rpi_volt\n");
    tree.write("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n");
    let seen = seen(&tree);
    assert_eq!(seen.value(board::ID, board::TEMP_MC), Some(81234));
    let throttled = seen.value(board::ID, board::THROTTLED).unwrap();
    assert_eq!(throttled, 0x50005);
    let now = board::throttled::UNDERVOLTAGE | board::throttled::THROTTLED;
    assert_eq!(throttled, now | now << board::throttled::PAST);
    assert_eq!(seen.value(board::ID, board::UNDERVOLTAGE), Some(1));
}

#[test]
fn the_firmware_device_of_other_pis_and_kernels() {
    for path in [
        "sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled",
        "sys/devices/platform/soc/soc:bus/raspberrypi-firmware/get_throttled",
    ] {
        let tree = Tree::new();
        tree.write("sys/devices/platform/soc/3f202000.mmc/uevent", "");
        tree.write(path, "0\n");
        let throttled = seen(&tree).value(board::ID, board::THROTTLED);
        assert_eq!(throttled, Some(0), "{path}");
    }
    let tree = Tree::new();
    tree.write("sys/devices/platform/soc/other/get_throttled", "1\n");
    assert_eq!(seen(&tree).value(board::ID, board::THROTTLED), None);
}

/// The first to read the file has the kernel warn of it in its log.
#[test]
fn a_kernel_that_panics_on_warnings_is_not_asked() {
    let tree = Tree::new();
    tree.write(FIRMWARE, "50005\n");
    tree.write("proc/sys/kernel/panic_on_warn", "1\n");
    assert_eq!(seen(&tree).value(board::ID, board::THROTTLED), None);
    tree.write("proc/sys/kernel/panic_on_warn", "0\n");
    assert_eq!(
        seen(&tree).value(board::ID, board::THROTTLED),
        Some(0x50005)
    );
}

#[test]
fn a_board_in_the_cold() {
    for (text, expected) in [("-5500\n", -5500i64), ("-200\n", -200), ("0\n", 0)] {
        let tree = Tree::new();
        tree.write("sys/class/thermal/thermal_zone0/type", "acpitz\n");
        tree.write("sys/class/thermal/thermal_zone0/temp", text);
        let temp = seen(&tree).value(board::ID, board::TEMP_MC);
        assert_eq!(temp, Some(expected as u64), "{text}");
    }
}

#[test]
fn clocks_of_two_domains() {
    const DIR: &str = "sys/devices/system/cpu/cpufreq";
    let cores = |online: &[u32]| -> String {
        let each = online
            .iter()
            .map(|n| format!("cpu{n} 1 0 0 0 0 0 0 0 0 0\n"));
        format!("cpu  1 0 0 0 0 0 0 0 0 0\n{}", each.collect::<String>())
    };
    let mut tree = Tree::new();
    tree.cores(&cores(&[0, 1, 4, 5]));
    tree.write(&format!("{DIR}/policy0/scaling_cur_freq"), "600000\n");
    tree.write(&format!("{DIR}/policy0/related_cpus"), "0 1\n");
    tree.write(&format!("{DIR}/policy4/scaling_cur_freq"), "1800000\n");
    tree.write(&format!("{DIR}/policy4/related_cpus"), "4 5 300\n");
    tree.write(&format!("{DIR}/ondemand/up_threshold"), "95\n");
    let mut recording = Recording::of(&tree, PssMode::Exact);
    let clocks = |seen: &Seen| -> Vec<u64> {
        let cores = seen.machine.cores().iter();
        cores.map(|core| core[core::REQUESTED_KHZ]).collect()
    };
    const NONE: u64 = NOT_OBSERVABLE;
    let seen = recording.next();
    assert_eq!(clocks(&seen), [600000, 600000, 0, 0, 1800000, 1800000]);

    tree.write(&format!("{DIR}/policy0/scaling_cur_freq"), "<unknown>\n");
    tree.write(&format!("{DIR}/policy4/scaling_cur_freq"), "1500000\n");
    tree.cores(&cores(&[0, 1, 4]));
    for _ in 1..10 {
        recording.next();
    }
    let seen = recording.next();
    assert_eq!(clocks(&seen), [NONE, NONE, 0, 0, 1500000, NONE]);
}

#[test]
fn memory_cgroups() {
    const CGROUPS: &str = "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t2\t9\t1\n";
    let state = |files: &[(&str, String)]| {
        let tree = Tree::new();
        for (name, text) in files {
            tree.write(name, text);
        }
        seen(&tree).value(board::ID, board::MEMORY_CGROUP)
    };
    let cgroups = |line: &str| ("proc/cgroups", format!("{CGROUPS}{line}"));
    let unified = |dir: &'static str, text: &str| (dir, text.to_owned());
    assert_eq!(state(&[cgroups("memory\t0\t9\t1\n")]), Some(feature::ON));
    // What a Raspberry Pi's firmware does, unless it is told cgroup_enable=memory.
    assert_eq!(state(&[cgroups("memory\t0\t9\t0\n")]), Some(feature::OFF));
    assert_eq!(state(&[cgroups("")]), Some(feature::ABSENT));
    // Since 6.15 /proc/cgroups lists what cgroup v1 has.
    let v2 = unified("sys/fs/cgroup/cgroup.controllers", "cpu io memory pids\n");
    assert_eq!(state(&[cgroups(""), v2]), Some(feature::ON));
    let hybrid = unified("sys/fs/cgroup/unified/cgroup.controllers", "memory\n");
    assert_eq!(state(&[hybrid]), Some(feature::ON));
    let without = unified("sys/fs/cgroup/cgroup.controllers", "cpu io pids\n");
    let off = cgroups("memory\t0\t9\t0\n");
    assert_eq!(state(&[off, without]), Some(feature::OFF));
}

fn captured(name: &str) -> Seen {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    Recording::of_path(&path.join(name), PssMode::Off).next()
}

#[test]
fn captures() {
    let pi = captured("aarch64-raspi3b");
    let group = |seen: &Seen| group(seen, board::ID, board::TEMP_DROPPED);
    assert_eq!(
        group(&pi),
        [
            Some(25178),
            None,
            None,
            Some(feature::ON),
            Some(feature::ON)
        ]
    );
    assert_eq!(pi.devices, [], "lo did nothing");

    let x86 = captured("x86_64-6.18");
    // No /proc/cgroups was copied.
    let expected = [None, None, None, Some(feature::ON), Some(feature::ABSENT)];
    assert_eq!(group(&x86), expected);
    let names: Vec<_> = x86.devices.iter().map(|d| d.2.as_str()).collect();
    assert_eq!(names, ["vda", "lo", "eth0"]);
    assert_eq!(x86.device("vda").unwrap().1[..2], [7576258, 7791776]);
    let eth0 = [408414204, 399568, 9489, 4940, 0, 0, 0, 0];
    assert_eq!(x86.device("eth0").unwrap().1, eth0);
    let reclaimed = x86.value(vmstat::ID, vmstat::PGSTEAL_LRU);
    assert_eq!(reclaimed, Some(22038));
    let stalled = x86.value(pressure::ID, pressure::IO_FULL_US);
    assert_eq!(stalled, Some(11411644));

    let old = captured("handmade-4.9");
    let (psi, memory) = (Some(feature::ABSENT), Some(feature::OFF));
    assert_eq!(group(&old), [Some(61234), Some(0x50005), None, psi, memory]);
    assert_eq!(old.machine.cores()[1][core::REQUESTED_KHZ], 1_200_000);
    assert_eq!(old.value(vmstat::ID, vmstat::OOM_KILL), None);
    assert_eq!(old.value(vmstat::ID, vmstat::PGMAJFAULT), Some(1900));
    assert_eq!(old.device("mmcblk0").unwrap().1[..2], [362440, 128016]);
}

/// Of a tree that is not this machine nothing can be said but where the log lies.
#[test]
fn storage_of_a_tree() {
    let tree = Tree::new();
    let mut recording = Recording::of(&tree, PssMode::Exact);
    recording
        .sampler()
        .log_at(Path::new("/proc/no-such-directory/log.ebl"));
    let seen = recording.next();
    assert_eq!(
        group(&seen, storage::ID, storage::COUNT),
        [None; storage::COUNT]
    );

    let mut recording = Recording::of(&tree, PssMode::Exact);
    recording.sampler().log_at(&tree.path().join("log.ebl"));
    let seen = recording.next();
    let total = seen.value(storage::ID, storage::LOG_TOTAL_KIB).unwrap();
    let used = seen.value(storage::ID, storage::LOG_USED_KIB).unwrap();
    let available = seen.value(storage::ID, storage::LOG_AVAILABLE_KIB).unwrap();
    assert!(0 < used && used + available <= total);
    for field in [
        storage::ROOT_TOTAL_KIB,
        storage::ROOT_USED_KIB,
        storage::ROOT_DISK,
        storage::LOG_DISK,
    ] {
        let name = storage::NAMES[field];
        assert_eq!(seen.value(storage::ID, field), None, "{name}");
    }
}
