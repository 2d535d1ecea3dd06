//! Made-up machines.

use crate::support::{run, Done, Folder};
use std::path::PathBuf;

/// A process of a made-up machine.
pub struct Made<'a> {
    pub pid: u32,
    pub comm: &'a [u8],
    pub cmdline: &'a [u8],
    pub cgroup: &'a str,
    /// Text of smaps_rollup; where there is none, there is no such file.
    pub rollup: Option<String>,
}

impl Default for Made<'_> {
    fn default() -> Self {
        Self {
            pid: 1,
            comm: b"made-up",
            cmdline: b"",
            cgroup: "0::/\n",
            rollup: Some(rollup(100, 40, 60)),
        }
    }
}

/// smaps_rollup of a process: KiB.
pub fn rollup(pss: u64, shared: u64, private: u64) -> String {
    let rss = shared + private;
    format!(
        "400000-500000 ---p 00000000 00:00 0 [rollup]\nRss: {rss} kB\nPss: {pss} kB\n\
         Shared_Clean: {shared} kB\nShared_Dirty: 0 kB\nPrivate_Clean: 0 kB\n\
         Private_Dirty: {private} kB\nSwap: 0 kB\nSwapPss: 0 kB\n"
    )
}

pub fn machine(folder: &Folder, meminfo: &str) -> PathBuf {
    folder.write("root/proc/meminfo", meminfo);
    folder.write(
        "root/proc/stat",
        "cpu  1 2 3 4 5 6 7 8 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\nctxt 1\nbtime 1\nprocesses 1\n\
         procs_running 1\nprocs_blocked 0\n",
    );
    folder.write("root/proc/loadavg", "0.00 0.00 0.00 1/1 1\n");
    folder.file("root")
}

pub const MEMINFO: &str = "MemTotal: 102400 kB\nMemFree: 1 kB\nMemAvailable: 51200 kB\n\
    SwapTotal: 20480 kB\nSwapFree: 10240 kB\n";

/// Writes a process; its address space is 2 MiB, its stat says 50 pages.
pub fn put(folder: &Folder, made: &Made<'_>) {
    let pid = made.pid;
    let mut stat = format!("{pid} (").into_bytes();
    stat.extend_from_slice(made.comm);
    let rest = ") S 1 1 1 0 -1 4194304 0 0 0 0 3 4 0 0 20 0 1 0 500 2097152 50 \
                18446744073709551615 4194304 0 0 0 0\n";
    stat.extend_from_slice(rest.as_bytes());
    folder.write(&format!("root/proc/{pid}/stat"), stat);
    folder.write(&format!("root/proc/{pid}/cmdline"), made.cmdline);
    folder.write(&format!("root/proc/{pid}/cgroup"), made.cgroup);
    if let Some(rollup) = &made.rollup {
        folder.write(&format!("root/proc/{pid}/smaps_rollup"), rollup);
    }
}

/// `footprint` of the tree at `root` in the folder.
pub fn footprint<'a>(folder: &Folder, arguments: impl IntoIterator<Item = &'a str>) -> Done {
    let mut command = folder.edgebench(["--proc-root", "root", "footprint"]);
    run(command.args(arguments))
}

/// The numbers of a line that begins with `name`, blanks apart.
pub fn line<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let mut lines = text.lines().map(str::trim_start);
    let found = lines.find_map(|line| line.strip_prefix(name));
    let rest = found.unwrap_or_else(|| panic!("no line `{name}` in:\n{text}"));
    rest.split_whitespace().collect()
}
