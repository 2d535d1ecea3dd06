//! A made-up `/proc` of which every byte is the same on every machine: the
//! machine's files of a captured board, and processes that are written here.

use super::Failure;
use std::fmt::Write;
use std::io::Write as _;
use std::path::Path;
use std::{fs, io};

const CAPTURE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/captures/aarch64-raspi3b"
);
const MACHINE: [&str; 10] = [
    "stat",
    "meminfo",
    "loadavg",
    "vmstat",
    "diskstats",
    "net/dev",
    "pressure/cpu",
    "pressure/io",
    "pressure/memory",
    "cgroups",
];

/// Writes it below `root`.
pub fn write(root: &Path, processes: u32) -> Result<(), Failure> {
    let failed = |error| format!("{}: {error}", root.display());
    try_write(root, processes).map_err(failed)
}

/// Counts one more fork, which leaves no process behind. A recorder need not believe
/// a count that never moves.
pub fn fork(root: &Path) -> Result<(), Failure> {
    let path = root.join("proc/stat");
    let failed = |error: &io::Error| format!("{}: {error}", path.display());
    let text = fs::read_to_string(&path).map_err(|error| failed(&error))?;
    let more = text.lines().map(|line| match line.split_once(' ') {
        Some(("processes", count)) => {
            format!("processes {}\n", count.parse().unwrap_or(0u64) + 1)
        }
        _ => format!("{line}\n"),
    });
    let text: String = more.collect();
    // In its place, and never empty: the recorder keeps the file open.
    let mut file = fs::OpenOptions::new().write(true).open(&path);
    let file = file.as_mut().map_err(|error| failed(&*error))?;
    file.write_all(text.as_bytes())
        .map_err(|error| failed(&error))
}

fn try_write(root: &Path, processes: u32) -> io::Result<()> {
    let proc = root.join("proc");
    for folder in ["net", "pressure", "self"] {
        fs::create_dir_all(proc.join(folder))?;
    }
    for name in MACHINE {
        match fs::copy(Path::new(CAPTURE).join("proc").join(name), proc.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::write(proc.join("self/smaps_rollup"), rollup(700))?;
    for index in 0..processes {
        process(&proc, index)?;
    }
    Ok(())
}

/// Of ten one is busy: whose schedstat does not tell, so that stat is read each
/// time. Nothing ever changes: what was written is written no more.
fn process(proc: &Path, index: u32) -> io::Result<()> {
    let pid = 1 + 7 * index;
    let folder = proc.join(pid.to_string());
    fs::create_dir(&folder)?;
    let name = match index % 3 {
        0 => "sd-pam".to_owned(),
        1 => format!("svc {index}) R 1"),
        _ => format!("sleeper-{index}"),
    };
    let busy = index % 10 == 0;
    let pages = 300 + 37 * u64::from(index) + if busy { 2000 } else { 0 };
    let schedstat = match busy {
        true => "0 0 0\n".to_owned(),
        false => format!("{} {} {}\n", 1_994_597 + pages, 139_120 + pages, 20 + index),
    };
    let start = 700 + 31 * index;
    let stat = format!(
        "{pid} ({name}) S 1 {pid} {pid} 0 -1 4194560 {pages} 747 3 0 {} {} 5 34 20 0 1 0 {start} \
         {} {pages} 18446744073709551615 187649984430080 187649986207282 281473970566800 0 0 0 0 \
         4 65538 1 0 0 17 {} 0 0 0 0 0 187649986304304 187649986340344 187650587312912 \
         281473970569162 281473970569184 281473970569184 281473970569202 0\n",
        60 + 13 * index,
        19 + 7 * index,
        4096 * (pages + 500),
        index % 4,
    );
    fs::write(folder.join("stat"), stat)?;
    fs::write(folder.join("schedstat"), schedstat)?;
    fs::write(folder.join("smaps_rollup"), rollup(2 * pages))?;
    fs::write(folder.join("comm"), format!("{name}\n"))?;
    fs::write(folder.join("cmdline"), format!("/usr/bin/{name}\0--all\0"))?;
    fs::write(folder.join("cgroup"), format!("0::/edge/{index}.service\n"))?;
    // Something to identify, that differs between programs.
    fs::write(folder.join("exe"), "")
}

fn rollup(kib: u64) -> String {
    let mut text = String::from(
        "00400000-ffffc4078000 ---p 00000000 00:00 0                              [rollup]\n",
    );
    for (name, value) in [
        ("Rss", 2 * kib),
        ("Pss", kib),
        ("Pss_Dirty", kib / 2),
        ("Pss_Anon", kib / 3),
        ("Pss_File", kib / 4),
        ("Pss_Shmem", 0),
        ("Shared_Clean", kib),
        ("Shared_Dirty", kib / 5),
        ("Private_Clean", kib / 8),
        ("Private_Dirty", kib / 2),
        ("Referenced", 2 * kib),
        ("Anonymous", kib / 3),
        ("LazyFree", 0),
        ("AnonHugePages", 0),
        ("ShmemPmdMapped", 0),
        ("FilePmdMapped", 0),
        ("Shared_Hugetlb", 0),
        ("Private_Hugetlb", 0),
        ("Swap", 0),
        ("SwapPss", 0),
        ("Locked", 0),
    ] {
        // A String takes whatever is written to it.
        let _ = writeln!(text, "{:<16}{value:>8} kB", format!("{name}:"));
    }
    text
}
